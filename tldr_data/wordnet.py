"""Synonyms and broader terms of the visible world: ``lexicons/wordnet.txt``, made by benchmarks/derive_wordnet.py."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from tldr_data.resources import resource_dir

MOST_NARROWER = 8


class WordNet(NamedTuple):
    """The file, made ready to look up. A sense is a letter (n, v, a, r) and a number."""

    senses: dict[str, list[str]]
    """Word or phrase in its base form -> its usual senses."""
    broader: dict[str, tuple[str, ...]]
    """Sense -> the next broader ones, or the one that an adjective is similar to."""
    irregular: dict[str, str]


@lru_cache(maxsize=1)
def wordnet() -> WordNet:
    """The shipped extract, read once."""
    senses: dict[str, list[str]] = {}
    broader: dict[str, tuple[str, ...]] = {}
    irregular: dict[str, str] = {}
    for line in (resource_dir("lexicons") / "wordnet.txt").read_text(encoding="utf-8").splitlines():
        key, _, rest = line.partition("\t")
        if key.startswith("~"):
            irregular[key[1:]] = rest
        elif not key.startswith("#"):
            words, _, above = rest.partition("\t")
            if above:
                broader[key] = tuple(above.split(" "))
            for word in words.split(","):
                senses.setdefault(word, []).append(key)
    return WordNet(senses, broader, irregular)


@lru_cache(maxsize=1)
def _crowded() -> frozenset[str]:
    """Senses with many narrower ones: a vehicle may be anything, a jacket is a coat."""
    counts = Counter(above for keys in wordnet().broader.values() for above in keys)
    return frozenset(sense for sense, count in counts.items() if count > MOST_NARROWER)


def near_senses(sense: str) -> Iterator[str]:
    """The next broader senses that have few narrower ones, or the one that an adjective is similar to."""
    for above in wordnet().broader.get(sense, ()):
        if above not in _crowded() or above.startswith("a."):
            yield above


@lru_cache(maxsize=65536)
def broader_senses(sense: str) -> frozenset[str]:
    """Every sense that is broader, however far: "corgi" -> those of "dog", "animal", "organism"."""
    above = wordnet().broader.get(sense, ())
    return frozenset(above).union(*map(broader_senses, above))
