"""Texts with random edits whose false words are known by construction.

Real captions where the folder ``shared`` lies beside the repository, otherwise sentences from a small word list.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from tldr_data.agreement import agreement
from tldr_data.labels import WORD

SHARED = Path(__file__).parents[1] / ".." / "shared" / "data"

_NOUNS = (
    "dog cat cup ball table chair tree car house bird boat lamp book shirt fence window bottle horse sign plate".split()
)
_ADJECTIVES = "red blue green small large wooden round white striped shiny old black metal tall plastic".split()
_RELATIONS = "left of,right of,above,below,behind,in front of,next to,on top of,inside,near".split(",")
_NUMBERS = "one two three four five six seven eight nine 2 3 4 12 12:00 3.5 1,000".split()
_FORMS = (
    ("is", "are"),
    ("was", "were"),
    ("has", "have"),
    ("this", "these"),
    ("that", "those"),
    ("its", "their"),
    ("a", "an"),
)
_PARTNER = {x: y for pair in _FORMS for x, y in (pair, pair[::-1])}


class Pair(NamedTuple):
    """``errors`` and ``collateral`` are (start, end) in the response; adjacent words are one span."""

    reference: str
    response: str
    errors: list[tuple[int, int]]
    collateral: list[tuple[int, int]]
    kinds: list[str]


class _Change(NamedTuple):
    """Words ``start:end`` of the reference are written anew; ``status`` is error, collateral or neither."""

    start: int
    end: int
    text: str
    status: str


def docci_texts() -> list[str]:
    path = SHARED / "docci" / "docci_descriptions.sample.jsonlines"
    if not path.exists():
        return made_texts(100, 10)
    return [json.loads(line)["description"] for line in path.read_text(encoding="utf-8").splitlines()]


def coco_texts() -> list[str]:
    path = SHARED / "coco_captions" / "captions_val2014_sample.json"
    if not path.exists():
        return made_texts(3000, 1)
    return [row["caption"] for row in json.loads(path.read_text(encoding="utf-8"))["annotations"]]


def made_texts(count: int, sentences: int) -> list[str]:
    rng = random.Random("made texts")

    def phrase() -> str:
        return f"{rng.choice(['a', 'the', *_NUMBERS[:9]])} {rng.choice(_ADJECTIVES)} {rng.choice(_NOUNS)}"

    def sentence() -> str:
        return f"{phrase().capitalize()} is {rng.choice(_RELATIONS)} {phrase()}, and it has {phrase()}."

    return [" ".join(sentence() for _ in range(sentences)) for _ in range(count)]


def fixed_length(texts: list[str], words: int, rng: random.Random) -> str:
    """A text of that many words, put together from whole texts."""
    chunks: list[str] = []
    while len(chunks) < words:
        chunks += rng.choice(texts).split()
    return " ".join(chunks[:words])


def random_pair(reference: str, texts: list[str], count: int, rng: random.Random) -> Pair | None:
    """``count`` edits of random kinds, at least one untouched word apart; None if the text has no room for them."""
    spans = [match.span() for match in WORD.finditer(reference)]
    changes: list[_Change] = []
    kinds = []
    for _ in range(count):
        name = rng.choice(list(_KINDS))
        made = _KINDS[name](reference, spans, texts, rng)
        if made is None or any(_near(one, other) for one in made for other in changes):
            return None
        changes += made
        kinds.append(name)
    return _apply(reference, spans, sorted(changes), kinds)


def _near(one: _Change, other: _Change) -> bool:
    return one.start <= other.end and other.start <= one.end


def _apply(reference: str, spans: list[tuple[int, int]], changes: list[_Change], kinds: list[str]) -> Pair | None:
    parts: list[str] = []
    marked: dict[str, list[tuple[int, int]]] = {"error": [], "collateral": [], "neither": []}
    position = length = 0
    for change in changes:
        start, end, text = _place(reference, spans, change)
        before = reference[position:start]
        written = text.strip()
        parts += [before, text]
        at = length + len(before) + (len(text) - len(text.lstrip()))
        if written:
            marked[change.status].append((at, at + len(written)))
        length += len(before) + len(text)
        position = end
    response = "".join(parts) + reference[position:]
    if not response.strip():
        return None
    return Pair(reference, response, marked["error"], marked["collateral"], kinds)


def _place(reference: str, spans: list[tuple[int, int]], change: _Change) -> tuple[int, int, str]:
    """Characters to replace, and by what, with the one space that an insertion adds and a deletion takes."""
    if change.start < change.end:
        start, end = spans[change.start][0], spans[change.end - 1][1]
        if not change.text and end < len(reference) and reference[end] == " ":
            end += 1
        return start, end, change.text
    start = spans[change.start][0]
    return start, start, change.text + " "


def _keys(text: str) -> list[str]:
    return [match[0].lower() for match in WORD.finditer(text)]


def _unlike(old: str, new: str) -> bool:
    """Whether two phrases share no word, nor one that differs in number only."""
    return not any(x == y or agreement(x, y) for x in _keys(old) for y in _keys(new))


def _phrase(texts: list[str], size: int, rng: random.Random) -> str | None:
    """``size`` words that stand together in some text, without sentence ends between them."""
    text = rng.choice(texts)
    spans = [match.span() for match in WORD.finditer(text)]
    if len(spans) < size:
        return None
    first = rng.randrange(len(spans) - size + 1)
    phrase = text[spans[first][0] : spans[first + size - 1][1]]
    return phrase if not set(phrase) & set(".!?;:\n") else None


def _old(reference: str, spans: list[tuple[int, int]], start: int, end: int) -> str:
    return reference[spans[start][0] : spans[end - 1][1]]


def _rewrite(size: int, new_size: int) -> Callable[..., list[_Change] | None]:
    def make(
        reference: str, spans: list[tuple[int, int]], texts: list[str], rng: random.Random
    ) -> list[_Change] | None:
        if len(spans) < size + 2:
            return None
        start = rng.randrange(len(spans) - size)
        new = _phrase(texts, new_size, rng)
        old = _old(reference, spans, start, start + size)
        if not new or not _unlike(old, new) or set(old) & set(".!?\n"):
            return None
        return [_Change(start, start + size, new, "error")]

    return make


def _insert(reference: str, spans: list[tuple[int, int]], texts: list[str], rng: random.Random) -> list[_Change] | None:
    new = _phrase(texts, rng.randint(1, 4), rng)
    start = rng.randrange(len(spans)) if spans else 0
    return [_Change(start, start, new, "error")] if new and spans else None


def _delete(reference: str, spans: list[tuple[int, int]], texts: list[str], rng: random.Random) -> list[_Change] | None:
    size = rng.randint(1, 2)
    if len(spans) < size + 3:
        return None
    start = rng.randrange(1, len(spans) - size - 1)
    return [_Change(start, start + size, "", "neither")]


def _swap(reference: str, spans: list[tuple[int, int]], texts: list[str], rng: random.Random) -> list[_Change] | None:
    sizes, between = (rng.randint(1, 4), rng.randint(1, 4)), rng.randint(1, 6)
    room = len(spans) - sum(sizes) - between
    if room <= 0:
        return None
    first = rng.randrange(room)
    second = first + sizes[0] + between
    one, other = (_old(reference, spans, first, first + sizes[0]), _old(reference, spans, second, second + sizes[1]))
    if not _unlike(one, other) or set(one + other) & set(".!?,;:\n"):
        return None
    return [
        _Change(first, first + sizes[0], other, "error"),
        _Change(second, second + sizes[1], one, "error"),
    ]


def _number(reference: str, spans: list[tuple[int, int]], texts: list[str], rng: random.Random) -> list[_Change] | None:
    places = [k for k, (start, end) in enumerate(spans) if reference[start:end].lower() in _NUMBERS]
    if not places:
        return None
    place = rng.choice(places)
    old, new = _old(reference, spans, place, place + 1).lower(), rng.choice(_NUMBERS)
    return [_Change(place, place + 1, new, "error")] if new != old else None


def _agreeing(
    reference: str, spans: list[tuple[int, int]], texts: list[str], rng: random.Random
) -> list[_Change] | None:
    """One word replaced, and a word or two behind it one that changes only to agree."""
    places = [k for k, (start, end) in enumerate(spans) if k and _other_form(reference[start:end])]
    if not places:
        return None
    place = rng.choice(places)
    error = place - rng.randint(1, min(3, place))
    new, old = _phrase(texts, 1, rng), _old(reference, spans, error, error + 1)
    between = reference[spans[error][1] : spans[place][0]]
    if not new or not _unlike(old, new) or set(between) & set(".!?\n"):
        return None
    form = _other_form(_old(reference, spans, place, place + 1))
    return [_Change(error, error + 1, new, "error"), _Change(place, place + 1, form, "collateral")]


def _case(reference: str, spans: list[tuple[int, int]], texts: list[str], rng: random.Random) -> list[_Change] | None:
    """A word in capitals: an edit, and no error."""
    if not spans:
        return None
    place = rng.randrange(len(spans))
    word = _old(reference, spans, place, place + 1)
    return [_Change(place, place + 1, word.upper(), "neither")] if word.isascii() and not word.isupper() else None


def _other_form(word: str) -> str:
    if word in _PARTNER:
        return _PARTNER[word]
    if word in _NOUNS:
        return word + "s"
    return word[:-1] if word.endswith("s") and word[:-1] in _NOUNS else ""


_KINDS: dict[str, Callable[..., list[_Change] | None]] = {
    "replace": _rewrite(1, 1),
    "one by two": _rewrite(1, 2),
    "several": _rewrite(3, 2),
    "long": _rewrite(4, 4),
    "insert": _insert,
    "delete": _delete,
    "swap": _swap,
    "number": _number,
    "agreement": _agreeing,
    "case": _case,
}
