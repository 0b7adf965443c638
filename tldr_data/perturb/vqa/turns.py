"""Yes for no and no for yes, and what is said after it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from tldr_data.answering.kinds import NUMBERS
from tldr_data.answering.lexicon import answers, split
from tldr_data.perturb.grammar import article, like
from tldr_data.perturb.sites import Change
from tldr_data.perturb.vqa.exchanges import Exchange, Said, colours, places, states
from tldr_data.perturb.vqa.wording import written
from tldr_data.taxonomy import Taxonomy, load_taxonomy

Turn = tuple[str, str, tuple[Change, ...]]
"""Taxonomy, subtype, changes."""

_WRITING = re.compile(r"\b(?:say|says|read|reads|written|writing|words?|letters?|text|spell|spells|label|labell?ed)\b")
_PLACE = re.compile(
    r"\b(?:left|right|above|below|behind|in front of|under|inside|outside|on top of|next to|beside|near)\b"
)
_THERE = re.compile(r"(?:is|are|was|were) there\b|(?:can|do|could) (?:you|we|i) see\b")
_TOLD_THERE = re.compile(r"there (is|are) (an?|no|one|some|two|three|four|several|many)\b", re.IGNORECASE)


def turned(said: Said, taxonomies: Sequence[Taxonomy]) -> Iterator[Turn]:
    """What makes an answer that opens with yes or no say the other, in the taxonomy that the question belongs to."""
    if not said.words or said.lowers[0] not in ("yes", "no"):
        return
    old = said.words[0]
    turn = Change(old.start, old.end, like(said.answer[old.start : old.end], "no" if old.lower == "yes" else "yes"))
    if len(said.words) == 1:
        for taxonomy, subtype in homes(said.question, taxonomies):
            yield taxonomy.name, subtype, (turn,)
        return
    if found := _TOLD_THERE.search(said.answer):
        yield from _told_there(said, turn, found, taxonomies)
    else:
        yield from _told(said, turn, taxonomies)


def _told_there(said: Said, turn: Change, found: re.Match[str], taxonomies: Sequence[Taxonomy]) -> Iterator[Turn]:
    """ "Yes, there is a dog": what is there is said to be missing, or the other way round."""
    home = next((t for t in taxonomies if {"absence", "answer"} <= set(t.subtypes)), None)
    after = split(said.answer[found.end() :])
    if home is None or not after or not answers().mixed.isdisjoint(word.lower for word in after):
        return
    many = found[1].lower() == "are"
    new = "no" if found[2].lower() != "no" else ("some" if many else article(after[0].lower))
    yield home.name, "absence", (turn, Change(found.start(2), found.end(2), new))


def _told(said: Said, turn: Change, taxonomies: Sequence[Taxonomy]) -> Iterator[Turn]:
    """ "No, the cup is red": what is said is made false, and "no" with it where the question asked just that."""
    rest = said._replace(question="", kind="other")
    asked = {word.lower for word in split(said.question)}
    for finder in (colours, places, states):
        for taxonomy in taxonomies:
            for exchange in finder(rest, taxonomy):
                yield from _both(said, turn, taxonomy, exchange, asked)


def _both(said: Said, turn: Change, taxonomy: Taxonomy, exchange: Exchange, asked: set[str]) -> Iterator[Turn]:
    for new in exchange.choices:
        changes = written(said, exchange, new)
        if changes is None or turn.end > changes[0].start:
            continue
        fresh = {word.lower for word in split(new)} - set(said.lowers)
        if said.lowers[0] == "no" and fresh <= asked:
            yield taxonomy.name, exchange.subtype, (turn, *changes)
        elif said.lowers[0] == "no":
            yield taxonomy.name, exchange.subtype, changes
        elif not fresh <= asked:
            yield taxonomy.name, exchange.subtype, (turn, *changes)


def homes(question: str, taxonomies: Sequence[Taxonomy]) -> Iterator[tuple[Taxonomy, str]]:
    """The taxonomies that what a question asks belongs to, the likeliest first."""
    asked = question.lower()
    wanted = _matter(asked)
    for name in (wanted, "counterfactual"):
        for taxonomy in taxonomies:
            if taxonomy.name == name and taxonomy.admits("yes", "no"):
                yield taxonomy, next((s for s, sub in taxonomy.subtypes.items() if sub.rule == "answer"), "word")
                return


def _matter(asked: str) -> str:
    if _WRITING.search(asked):
        return "text"
    words = [word.lower for word in split(asked)]
    if not answers().colours.isdisjoint(words) or "color" in words or "colour" in words:
        return "attribute"
    if any(word in NUMBERS or word.isdecimal() for word in words):
        return "counting"
    if _THERE.match(asked):
        return "object"
    if re.search(
        r"\b(?:left|right|above|below|behind|in front of|under|inside|outside|on top of|next to|beside|near)\b", asked
    ):
        return "spatial"
    looks = load_taxonomy("attribute").subtypes.values()
    return "attribute" if words and any(words[-1] in subtype.words for subtype in looks) else "counterfactual"
