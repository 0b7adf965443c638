"""Exchanges written into an answer: its case, its articles, the number of its nouns and verbs stay right."""

from __future__ import annotations

import re

from tldr_data.answering.kinds import NUMBERS
from tldr_data.objects import singular_forms
from tldr_data.perturb.grammar import article, like, plural
from tldr_data.perturb.sites import Change
from tldr_data.perturb.vqa.exchanges import Exchange, Said

_TO_MANY, _TO_ONE = {"is": "are", "there's": "there are"}, {"are": "is"}


def written(said: Said, exchange: Exchange, new: str) -> tuple[Change, ...] | None:
    """The changes that write one choice at its place; None where the grammar cannot be kept."""
    error = trimmed(said, exchange.first, exchange.last, new)
    grammar = _number_changes(said, exchange, new) if exchange.counts else []
    return None if grammar is None else tuple(sorted([error, *grammar, *article_changes(said, error)]))


def trimmed(said: Said, first: int, last: int, new: str) -> Change:
    """The edit without the words that both phrases begin or end with."""
    old, fresh = list(said.lowers[first : last + 1]), new.split(" ")
    while len(old) > 1 and len(fresh) > 1 and old[0] == fresh[0]:
        old, fresh, first = old[1:], fresh[1:], first + 1
    while len(old) > 1 and len(fresh) > 1 and old[-1] == fresh[-1]:
        old, fresh, last = old[:-1], fresh[:-1], last - 1
    start, end = said.words[first].start, said.words[last].end
    return Change(start, end, like(said.answer[start:end], " ".join(fresh)))


def article_changes(said: Said, error: Change) -> list[Change]:
    """ "a" or "an" right before the changed words, where their first sound changed."""
    before = next((word for word in reversed(said.words) if word.end <= error.start), None)
    if before is None or before.lower not in ("a", "an") or not re.match(r"\w", error.replacement):
        return []
    wanted = article(error.replacement)
    kept = said.answer[before.start : before.end]
    return [] if before.lower == wanted else [Change(before.start, before.end, like(kept, wanted), True)]


def _number_changes(said: Said, exchange: Exchange, new: str) -> list[Change] | None:
    """Noun and verb after another number; None where they cannot be told."""
    old = said.lowers[exchange.first]
    was_one, is_one = (NUMBERS.get(word, word) in (1, "1") for word in (old, new))
    if was_one == is_one:
        return []
    changes: list[Change] = []
    for at, word in enumerate(said.words[: exchange.first]):
        forms = _TO_MANY if was_one else _TO_ONE
        if word.lower in forms:
            text = said.answer[word.start : word.end]
            changes.append(Change(word.start, word.end, like(text, forms[word.lower]), True))
        elif word.lower not in ("there", "it", "they", "the", "i", "see", "are", "is") or at > 2:
            return None
    return _noun_changes(said, exchange.last + 1, was_one, changes)


def _noun_changes(said: Said, after: int, was_one: bool, changes: list[Change]) -> list[Change] | None:
    following = said.words[after:]
    if not following:
        return changes
    if len(following) > 1:
        return None
    noun = following[0].lower
    form = plural(noun) if was_one else singular_forms().get(noun)
    if form is None or form == noun:
        return None
    kept = said.answer[following[0].start : following[0].end]
    return [*changes, Change(following[0].start, following[0].end, like(kept, form), True)]
