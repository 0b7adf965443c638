"""What a text can say of a picture, as plain data."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

from tldr_data.verify.nouns import Mention, Place, Spans

Kind = Literal["exists", "absent", "described", "placed", "related", "reads", "unknown"]


@dataclass(frozen=True, slots=True)
class Assertion:
    """One reading: ``word`` is the adjective, relation or written text, ``object`` the second thing of a relation.

    An ``absent`` one with a ``word`` denies only some of them ("no man wears a hat", "a man without a hat").
    """

    kind: Kind
    subject: Mention | None = None
    word: str = ""
    object: Mention | None = None
    place: Place = frozenset()
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Claim:
    """What some words of a text say. ``spans``: those words; ``doubtful``: an unknown word may change the meaning."""

    spans: Spans
    readings: tuple[Assertion, ...]
    doubtful: bool = False


def each_meaning(readings: Iterable[Assertion]) -> tuple[Assertion, ...]:
    """The readings with every pronoun replaced by each of the things that it may be."""
    return tuple(
        replace(reading, subject=subject, object=thing)
        for reading in readings
        for subject in _meanings(reading.subject)
        for thing in _meanings(reading.object)
        if subject is None or subject is not thing
    )


def _meanings(mention: Mention | None) -> tuple[Mention | None, ...]:
    return (mention.refers or (mention,)) if mention else (None,)


_DIRECTIONS = {"left": "left of", "right": "right of", "top": "above", "bottom": "below"}


def from_others(said: Assertion, others: Iterable[Mention]) -> list[Assertion]:
    """A place read as a relation: "to the left" may mean left of what was spoken of before."""
    words = [_DIRECTIONS[part] for part in sorted(said.place) if part in _DIRECTIONS]
    return [replace(said, kind="related", word=word, object=m, place=frozenset()) for word in words for m in others]
