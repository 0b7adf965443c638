"""Whether a response still says elsewhere what an edit took away: it contradicts itself, and betrays the edit."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from tldr_data.example import Span
from tldr_data.meaning import WORD, Unit, agree, is_action, units

DEFINITE = frozenset("the this these those both".split())
PLACES = frozenset("left right top bottom front back side middle center corner upper lower far".split())
"""Several places of one picture bear these names: no contradiction."""
NEW_THING = frozenset("a an another other others one some".split())
MOST_EDITS = 20
"""A response with more of them was written anew: what stands for what cannot be told."""
_KNOWN_THING = re.compile(rf"(?<![^\W_])(?:{'|'.join(sorted(DEFINITE))})(?![^\W_])")
_RUN = re.compile(r"[^\s,.;:!?()]+(?: +[^\s,.;:!?()]+)*")


class Mention(NamedTuple):
    """Words that may be a noun phrase: "the small red cup", perhaps with a verb that no lexicon knows as one."""

    determiners: frozenset[str]
    words: tuple[Unit, ...]


def contradicts_itself(response: str, errors: Sequence[Span]) -> bool:
    """Whether another mention keeps what was replaced.

    Either an attribute or number of the same noun ("A blue cup ... the red cup", once "A red cup"), or the noun itself
    in a definite mention ("A cat ... the dog", once "A dog"). What an edit writes again was exchanged, not lost.

    >>> text = "A blue cup and a plate. The red cup is full."
    >>> contradicts_itself(text, [Span(2, 6, "red")])
    True
    """
    if len(errors) > MOST_EDITS:
        return False
    written = frozenset[str]().union(*(u.senses for span in errors for u in units(response[span.start : span.end])))
    for span in errors:
        lost = [unit for unit in units(span.replaced) if unit.role == "content" and unit.lemma not in PLACES]
        lost = [unit for unit in lost if unit.senses.isdisjoint(written)]
        around = [part.lower() for part in (response[: span.start], response[span.end :])]
        around = [part for part in around if _KNOWN_THING.search(part)]
        if not lost or not around:
            continue
        head = _head_after(response[span.end : span.end + 80]) if lost[-1].modifies else lost[-1]
        if head and any(_still_says(mention, lost, head) for part in around for mention in _mentions(part)):
            return True
    return False


def _head_after(text: str) -> Unit | None:
    """The noun that an attribute before this text belongs to."""
    unit = next((unit for unit in units(text) if not unit.modifies), None)
    return unit if unit and unit.role == "content" else None


def _still_says(mention: Mention, lost: Sequence[Unit], head: Unit) -> bool:
    """Whether a definite mention of the head says one of the lost things; a lost head itself needs no more."""
    if mention.determiners & NEW_THING or not mention.determiners & DEFINITE:
        return False
    place = next((at for at, unit in enumerate(mention.words) if unit.lemma == head.lemma), None)
    if place is None:
        return False
    said = [*mention.words[:place], *(units("two") if "both" in mention.determiners else ())]
    return head is lost[-1] or any(agree(unit, other) for unit in lost for other in said)


def _mentions(text: str) -> Iterator[Mention]:
    """Noun phrases of a lower-case text, as far as word order shows them: up to a preposition, a verb or a mark."""
    for run in _RUN.finditer(text):
        determiners: set[str] = set()
        found: list[Unit] = []
        for word in [*WORD.findall(run.group()), "of"]:
            unit = next(iter(units(word)), None)
            if unit is not None and unit.role == "content" and not (is_action(unit) and found):
                found.append(unit)
                continue
            if found:
                yield Mention(frozenset(determiners), tuple(found))
                determiners, found = set(), []
            if unit is None:
                determiners.add(word)
            else:
                determiners = set()
