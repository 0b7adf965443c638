"""Looking ahead in a sentence: where lists of noun phrases end and where clauses begin; what pronouns stand for."""

from __future__ import annotations

from collections.abc import Sequence

from tldr_data.verify.assertions import Assertion
from tldr_data.verify.nouns import Mention
from tldr_data.verify.phrases import Phrase

NOUNS = ("mention", "pronoun")
JOINTS = ("mark", "and", "or")
Mentions = tuple[Mention, ...]
MANY = 12
"""Things that a word may stand for before nobody can tell any more which it is."""


def kind_at(phrases: Sequence[Phrase], at: int) -> str:
    """Kind of the phrase at ``at``; "" after the end."""
    return phrases[at].kind if at < len(phrases) else ""


def after_joints(phrases: Sequence[Phrase], at: int) -> int:
    """First index from ``at`` that holds neither a comma nor a conjunction."""
    while kind_at(phrases, at) in JOINTS:
        at += 1
    return at


def clause_follows(phrases: Sequence[Phrase], at: int) -> bool:
    """Whether the noun phrases at ``at`` are the subject of what comes after them.

    In "are a cup and two plates, and a ball lies" the ball is, the plates are not.
    """
    while kind_at(phrases, at) in (*NOUNS, *JOINTS):
        at += 1
        if kind_at(phrases, at) == "mark" and kind_at(phrases, at + 1) in ("and", "or"):
            return False
    return at < len(phrases) and phrases[at - 1].kind in NOUNS


def clause_begins(phrases: Sequence[Phrase], at: int) -> bool:
    """Whether what comes after a comma or "and" has a subject of its own.

    So has ", on the left is a cup", but not ", next to a cup".
    """
    begin = at
    while True:
        kind = kind_at(phrases, at)
        if kind in (*NOUNS, "no", "there"):
            return True
        if kind == "place":
            at += 1
        elif kind == "relation":
            at = _after_objects(phrases, at + 1)
        else:
            break
    if at == begin:
        return False
    if kind == "mark":
        return kind_at(phrases, at + 1) in ("mention", "there")
    return kind in ("verb", "participle")


def _after_objects(phrases: Sequence[Phrase], at: int) -> int:
    """Index after the noun phrases that a relation relates to."""
    while kind_at(phrases, at) in NOUNS:
        at += 1
        if kind_at(phrases, at) != "and" or kind_at(phrases, at + 1) != "mention":
            return at
        at += 1
    return at


def stand_for(pronoun: Phrase, groups: Sequence[tuple[Mention, ...]]) -> tuple[Mention, ...]:
    """The things that a pronoun means: one that may be any of several for "it", the members of one group for "they".

    ``groups`` are the noun phrases said together before it, the likeliest first.
    """
    if pronoun.value == "they" or pronoun.value == "them":
        many = [g for g in groups if len(g) > 1 or any(m.plural or (m.number or 0) > 1 for m in g)] or list(groups)
        group = many[0] if many and len(many[0]) <= MANY else ()
        return tuple(Mention("they", pronoun.spans, refers=m.refers or (m,)) for m in group)
    every = [mention for group in groups for mention in group]
    single = [m for m in every if not m.plural and m.number in (None, 1)] or every
    meant = [known for mention in single for known in (mention.refers or (mention,))]
    refers = tuple(dict.fromkeys(meant))
    return (Mention("it", pronoun.spans, refers=refers if len(refers) <= MANY else (), doubts=("it",)),)


def nowhere(mention: Mention, where: Sequence[tuple[Phrase, Mentions]]) -> list[Assertion]:
    """ "On the left, there is no dog": one reading for each place; if none is there, none is there and elsewhere."""
    placed = [Assertion("placed", mention, place=phrase.place, negated=True) for phrase, things in where if not things]
    return placed + [
        Assertion("related", mention, phrase.value, thing, negated=True) for phrase, things in where for thing in things
    ]
