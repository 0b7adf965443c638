"""Where an edit is possible, and what may be written there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from tldr_data.perturb.parse import Parsed, Phrase
from tldr_data.taxonomy import Subtype


class Change(NamedTuple):
    """One replacement in a reference; ``collateral`` where only the grammar asks for it."""

    start: int
    end: int
    replacement: str
    collateral: bool = False


Choice = str | tuple[Change, ...]
"""Words that may stand at a site, or all that is written, where it is written in several places or beside the site."""


class Site(NamedTuple):
    """Tokens ``first..last`` inclusive of a text, what may be made of them, and the noun phrase that they belong to."""

    first: int
    last: int
    choices: tuple[Choice, ...]
    phrase: Phrase | None
    also: tuple[Site, ...] = ()
    """Of a swap: the other places, each with the one choice that is written there."""


class Match(NamedTuple):
    """One term of a lexicon, found at tokens ``first..last``."""

    first: int
    last: int
    term: str


def matches(parsed: Parsed, subtype: Subtype) -> Iterator[Match]:
    """Occurrences of a subtype's terms, the longest at each place, not inside one another."""
    terms, lowers, end = subtype.terms, parsed.lowers, 0
    for i in sorted(i for word in terms.keys() & parsed.places.keys() for i in parsed.places[word]):
        if i < end:
            continue
        for words in terms[lowers[i]]:
            if lowers[i : i + len(words)] == words:
                yield Match(i, i + len(words) - 1, " ".join(words))
                end = i + len(words)
                break
