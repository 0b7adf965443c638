"""Written text of ``lexicons/writing.yaml``: what stands on signs, shirts and boats, and how a caption says so."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

from pydantic import BaseModel, ConfigDict

from tldr_data.resources import read_yaml

_SMALL = frozenset("a an the of to in on for and at".split())
"""Words that a title writes small, except at its beginning."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Bearer(_Strict):
    """Things of one kind that may bear writing."""

    things: tuple[str, ...]
    texts: tuple[str, ...]
    """Kinds of text that fit them."""
    says: tuple[str, ...]
    """After "that" or "which": ``reads {text}``."""
    shows: tuple[str, ...]
    """After "with", "which has": ``the {word} {text} on {it}``."""
    short: tuple[str, ...]
    """After the thing, where more is said of its place: ``reading {text}``."""


class Writing(_Strict):
    """``lexicons/writing.yaml``."""

    origin: str
    texts: dict[str, tuple[str, ...]]
    any: tuple[str, ...]
    words: tuple[tuple[str, ...], ...]
    bearers: dict[str, Bearer]


class Inscriptions(NamedTuple):
    """All that may be inserted after a thing that bears writing, with the blank or comma before it."""

    phrases: tuple[str, ...]
    """`` with the word "EXIT" on it``, `` that reads "EXIT"``."""
    short: tuple[str, ...]
    """The same where a place follows: no pronoun at the end."""
    clauses: tuple[str, ...]
    """``, which has the word "EXIT" on it``."""
    inner_clauses: tuple[str, ...]
    """The same with a comma behind, where a verb follows."""


@cache
def writing() -> Writing:
    """The lexicon of written text."""
    return Writing.model_validate(read_yaml("lexicons", "writing.yaml"))


@cache
def bearer_of() -> dict[str, Bearer]:
    """Singular noun -> how it bears writing."""
    return {thing: bearer for bearer in writing().bearers.values() for thing in bearer.things}


@cache
def rows_of() -> dict[str, frozenset[str]]:
    """Text -> the other texts of its rows, lower case."""
    found: dict[str, frozenset[str]] = {}
    for row in writing().texts.values():
        for text in row:
            found[text] = found.get(text, frozenset()) | frozenset(row) - {text}
    return found


@cache
def word_rows_of() -> dict[str, frozenset[str]]:
    """Word of a text -> the words that may stand in its place."""
    found: dict[str, frozenset[str]] = {}
    for row in writing().words:
        for word in row:
            found[word] = found.get(word, frozenset()) | frozenset(row) - {word}
    return found


@cache
def texts_of(kinds: tuple[str, ...]) -> tuple[str, ...]:
    """All texts of some kinds."""
    return tuple(dict.fromkeys(text for kind in kinds for text in writing().texts[kind]))


@cache
def inscriptions(thing: str, plural: bool) -> Inscriptions:
    """What may be written behind a thing that bears writing, in the number of the thing.

    >>> ', which reads "WET PAINT"' in inscriptions("sign", False).clauses
    True
    """
    bearer = bearer_of()[thing]
    says, shows, short = (_fill(forms, bearer, plural) for forms in (bearer.says, bearer.shows, bearer.short))
    have = "have" if plural else "has"
    clauses = (*(f", which {have} {form}" for form in shows), *(f", which {form}" for form in says))
    return Inscriptions(
        phrases=(*(f" with {form}" for form in shows), *(f" that {form}" for form in says)),
        short=tuple(f" {form}" for form in short),
        clauses=clauses,
        inner_clauses=tuple(f"{clause}," for clause in clauses),
    )


def _fill(forms: tuple[str, ...], bearer: Bearer, plural: bool) -> tuple[str, ...]:
    number = {"s": "s", "it": "it", "its": "its", "p": ""}
    if plural:
        number = {"s": "", "it": "them", "its": "their", "p": "s"}
    return tuple(
        form.format(text=f'"{shown}"', word="words" if " " in text else "word", **number)
        for form in forms
        for text in texts_of(bearer.texts)
        for shown in (text.upper(), titled(text))
    )


def titled(text: str) -> str:
    """A text as a title.

    >>> titled("lost and found"), titled("the silent river"), titled("ming's kitchen")
    ('Lost and Found', 'The Silent River', "Ming's Kitchen")
    """
    words = text.split(" ")
    return " ".join(word if i and word in _SMALL else word[:1].upper() + word[1:] for i, word in enumerate(words))
