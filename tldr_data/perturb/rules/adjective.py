"""What a thing looks like: adjectives before a noun or after a form of "be"."""

from __future__ import annotations

from collections.abc import Iterator

from tldr_data.perturb.nouns import SHADES, is_wanted
from tldr_data.perturb.parse import BE, Parsed, Phrase
from tldr_data.perturb.sites import Match, Site, matches
from tldr_data.taxonomy import Subtype


def adjective_sites(parsed: Parsed, subtype: Subtype) -> Iterator[Site]:
    """Adjectives before a noun ("a red cup") or after a form of "be" ("the cup is red")."""
    for match in matches(parsed, subtype):
        if parsed.lower(match.first - 1) in SHADES or parsed.tag(match.last + 1) in ("VBN", "VBD", "VBG"):
            continue  # "pastel yellow", "small tiled stall"
        phrase = parsed.phrase_of(match.last)
        if phrase is not None and match.last < phrase.head:
            if parsed.phrase_of(match.first) == phrase and is_wanted(parsed, subtype, phrase):
                yield Site(match.first, match.last, subtype.exchanges[match.term], phrase)
        elif _is_predicate(parsed, match) and not subtype.markers:
            subject = _subject_before(parsed, match.first)
            if subject is not None and is_wanted(parsed, subtype, subject):
                yield Site(match.first, match.last, subtype.exchanges[match.term], subject)


def _is_predicate(parsed: Parsed, match: Match) -> bool:
    """ "The cup is red.", not "it is red and white striped" and not "the wall is brick red"."""
    before, after = parsed.lower(match.first - 1), parsed.tag(match.last + 1)
    return before in BE and (after in ("", ".", ",", "IN", "CC") or parsed.lower(match.last + 1) == "while")


def _subject_before(parsed: Parsed, token: int) -> Phrase | None:
    """The noun phrase that ends at the verb before a predicate."""
    phrase = parsed.phrase_of(token - 2)
    return phrase if phrase is not None and phrase.head == token - 2 else None
