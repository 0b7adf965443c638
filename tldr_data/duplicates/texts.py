"""Texts that are the same or nearly: normal form, hashes that near texts share, and the comparison of two."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterator
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from rensa import RMinHash

Bands: TypeAlias = NDArray[np.uint64]

MIN_WORDS = 8
"""Shorter texts are no duplicates of each other: too many pictures are truly described by the same few words."""
SIMILAR = 0.75
"""Jaccard similarity of the word pairs of two texts, from which they count as the same."""
BANDS = 17
"""Columns of ``text_bands``: one of the whole text, 16 of four minima each."""

_MINIMA = 4
_SEED = 5
_MIX = np.uint64(0x9E3779B97F4A7C15)
_NEIGHBOURS = 8
_APOSTROPHE = re.compile(r"['’ʼ`]")
_WORD = re.compile(r"[^\W_]+")
_ARTICLES = frozenset({"a", "an", "the"})


def normalised(text: str) -> str:
    """Its words in one case, with single spaces and without punctuation.

    >>> normalised("The man's T-shirt,  twice!")
    'the mans t shirt twice'
    """
    folded = unicodedata.normalize("NFKC", text).casefold()
    return " ".join(_WORD.findall(_APOSTROPHE.sub("", folded)))


def pair_key(question: str, answer: str) -> int:
    """64 bits, equal for pairs that differ only in case, punctuation, articles and white space; the same anywhere.

    >>> pair_key("What is on the table?", "A cup.") == pair_key("what is on table", "cup")
    True
    """
    return _hash64("\n".join(_without_articles(text) for text in (question, answer)))


def _without_articles(text: str) -> str:
    """Where nothing would be left ("A" names a letter, "?!" is on a sign), the text itself."""
    kept = [word for word in normalised(text).split() if word not in _ARTICLES]
    return " ".join(kept) or " ".join(text.casefold().split())


def _hash64(text: str) -> int:
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "little")


def text_bands(text: str) -> Bands | None:
    """BANDS hashes; near texts share at least one of them. None for a text of fewer than MIN_WORDS words.

    The first is of the whole normalised text, so that texts equal in it are always found. Each of the others is of four
    minima of hashed word pairs: two texts share one with probability 1 - (1 - s^4)^16 if their similarity is s.
    """
    words = normalised(text).split()
    if len(words) < MIN_WORDS:
        return None
    sketch = RMinHash(num_perm=_MINIMA * (BANDS - 1), seed=_SEED)
    sketch.update(sorted(_shingles(words)))
    minima = np.array(sketch.digest(), dtype=np.uint64).reshape(-1, _MINIMA)
    bands = np.empty(BANDS, dtype=np.uint64)
    bands[0] = _hash64(" ".join(words))
    bands[1:] = minima[:, 0]
    for column in range(1, _MINIMA):
        bands[1:] = (bands[1:] ^ bands[1:] >> np.uint64(29)) * _MIX + minima[:, column]
    return bands


def _shingles(words: list[str]) -> set[str]:
    """Word pairs; a mark at either end makes the first and the last word count as much as the others."""
    return {f"{one} {other}" for one, other in zip(["", *words], [*words, ""], strict=True)}


def similarity(first: str, second: str) -> float:
    """Jaccard similarity of the word pairs of two texts, 0..1."""
    one, other = _shingles(normalised(first).split()), _shingles(normalised(second).split())
    return len(one & other) / len(one | other)


def same_text(first: str, second: str) -> bool:
    return similarity(first, second) >= SIMILAR


def near_texts(bands: Bands) -> Iterator[tuple[int, int]]:
    """Candidate pairs of rows (first < second) of an array of n texts x BANDS; a pair may come more than once.

    One column is in memory at a time. Of texts with the same normal form the first row stands for all: the others are
    paired with it alone. Of different texts that share a hash, each is paired with the first and the eight before it.
    """
    exact = np.asarray(bands[:, 0])
    _, first, inverse = np.unique(exact, return_index=True, return_inverse=True)
    follows = first[inverse.reshape(-1)]
    later = np.flatnonzero(follows != np.arange(len(exact)))
    yield from zip(follows[later].tolist(), later.tolist(), strict=True)
    rows = np.sort(first)
    for column in range(1, bands.shape[1]):
        yield from _within_buckets(np.asarray(bands[:, column])[rows], rows)


def _within_buckets(keys: Bands, rows: NDArray[np.intp]) -> Iterator[tuple[int, int]]:
    order = np.argsort(keys, kind="stable")
    keys, rows = keys[order], rows[order]
    begins = np.flatnonzero(np.r_[True, keys[1:] != keys[:-1]]) if len(keys) else np.empty(0, dtype=np.intp)
    head = np.repeat(begins, np.diff(np.r_[begins, len(keys)]))
    places = np.arange(len(keys))
    for back in range(1, _NEIGHBOURS + 1):
        at = places[places - head >= back]
        yield from zip(rows[at - back].tolist(), rows[at].tolist(), strict=True)
    at = places[places - head > _NEIGHBOURS]
    yield from zip(rows[head[at]].tolist(), rows[at].tolist(), strict=True)
