"""A caption from the questions of an image and their answers, by templates: nothing is said that no answer says.

Statements on one thing that do not agree are left out, all of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from tldr_data.sources.visual_genome.phrases import head, singular
from tldr_data.sources.visual_genome.statements import Statement, statement

FEWEST = 3
"""Sentences, below which it is no paragraph."""


def merged_caption(pairs: Sequence[tuple[str, str]]) -> str | None:
    """One paragraph from the questions of an image with their answers; None where fewer than three sentences come out.

    >>> merged_caption((("What color is the couch?", "Purple."), ("How many chairs are there?", "Two."),
    ...                 ("What does the sign say?", "WALK.")))
    'The couch is purple. There are two chairs. The sign says "WALK".'
    """
    statements = [made for question, answer in pairs if (made := statement(question, answer))]
    sentences: dict[frozenset[str], str] = {}
    for said in _agreeing(statements):
        if said.sentence:
            sentences.setdefault(_told(said.sentence), said.sentence)
    return " ".join(sentences.values()) if len(sentences) >= FEWEST else None


def _agreeing(statements: Sequence[Statement]) -> Iterator[Statement]:
    """Each thing once: of one kind of statement on things of one name, the first if they all agree.

    If they do not, only those on things of different owners ("the man's shirt"), each of whom has one answer.
    """
    by_name: dict[tuple[str, str], list[Statement]] = {}
    for said in statements:
        by_name.setdefault(_name(said), []).append(said)
    for said in statements:
        others = by_name[_name(said)]
        if said.kind not in _MANY and len({other.value for other in others}) > 1:
            others = [other for other in others if _owner_of(other) == _owner_of(said)]
            if not _owner_of(said) or len({other.value for other in others}) > 1:
                continue
        if next((other for other in others if other.sentence and _same(said, other)), None) is said:
            yield said


def _name(said: Statement) -> tuple[str, str]:
    name = head(said.thing)
    return said.kind, singular(name) or name


def _owner_of(said: Statement) -> str:
    return said.thing.partition("'s ")[0] if "'s " in said.thing else ""


def _told(sentence: str) -> frozenset[str]:
    """What two sentences share that tell the same: "There are books on a shelf", "The books are on the shelf"."""
    words = re.findall(r"[\w']+", sentence.lower())
    return frozenset(singular(word) or word for word in words) - {"a", "an", "the", "there", "is", "are"}


def _same(one: Statement, other: Statement) -> bool:
    return one.kind not in _MANY or (one.thing, one.value) == (other.thing, other.value)


_MANY = frozenset(("there", "held"))
"""Of these, a second answer contradicts nothing: a desk bears many things."""
