"""Relations between two things, and places in the picture."""

from __future__ import annotations

from collections.abc import Iterator

from tldr_data.perturb.nouns import FRAME, singular
from tldr_data.perturb.parse import DETERMINERS, Parsed
from tldr_data.perturb.sites import Site, matches
from tldr_data.taxonomy import Subtype


def relation_sites(parsed: Parsed, subtype: Subtype) -> Iterator[Site]:
    """Prepositions between two things: a noun phrase follows at once ("above the door")."""
    for match in matches(parsed, subtype):
        phrase = parsed.phrase_of(match.last + 1)
        if phrase is None or phrase.first != match.last + 1 or match.first == 0:
            continue
        if parsed.lower(match.first - 1) in DETERMINERS:
            continue  # "the inside of the box" is a part, not a relation
        head = singular(parsed, phrase)
        if (subtype.heads and head not in subtype.heads) or head in subtype.not_heads or head in FRAME:
            continue
        yield Site(match.first, match.last, subtype.exchanges[match.term], None)


def place_sites(parsed: Parsed, subtype: Subtype) -> Iterator[Site]:
    """Where in the picture something is, or which way it faces: "on the left", "in the background"."""
    for match in matches(parsed, subtype):
        yield Site(match.first, match.last, subtype.exchanges[match.term], None)
