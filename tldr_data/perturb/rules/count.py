"""How many there are: numbers and singular articles."""

from __future__ import annotations

from collections.abc import Iterator

from tldr_data.objects import kinds_of
from tldr_data.perturb.nouns import head_noun, is_wanted
from tldr_data.perturb.parse import Parsed, Phrase
from tldr_data.perturb.sites import Match, Site, matches
from tldr_data.taxonomy import Subtype

# "By", "with" or "of" many things after these is no matter of number ("covered with many windows").
_FULL = frozenset(
    "covered filled surrounded lined crowded packed littered made full loaded "
    "consisting stuffed topped decorated some most".split()
)
_MORE = frozenset("so as too how very not about approximately around over nearly almost least than or more".split())


def count_sites(parsed: Parsed, subtype: Subtype) -> Iterator[Site]:
    """Numbers and singular articles before a countable noun."""
    for match in matches(parsed, subtype):
        phrase = parsed.phrase_of(match.last)
        if match.term.endswith(" of"):
            phrase = parsed.phrase_of(match.last + 1)
        phrase = phrase and _whole(parsed, phrase)
        if phrase is None or match.last >= phrase.head or not is_wanted(parsed, subtype, phrase):
            continue
        if (match.first != phrase.first and phrase.first <= match.first) or _is_inexact(parsed, match, phrase):
            continue  # "the two dogs" speaks of dogs that were counted before
        if subtype.kinds and not kinds_of().get(head_noun(parsed, phrase)[1], frozenset()) & set(subtype.kinds):
            continue
        yield Site(match.first, match.last, subtype.exchanges[match.term], phrase)


def _whole(parsed: Parsed, phrase: Phrase) -> Phrase:
    """ "A medium-sized tree", "a square shaped hole": the phrase is more than what the parser takes for it."""
    hole = parsed.phrase_of(phrase.head + 2)
    if parsed.lower(phrase.head + 1) == "shaped" and hole is not None and hole.first == phrase.head + 2:
        return Phrase(phrase.first, hole.head, hole.plural)
    after = parsed.phrase_of(phrase.head + 3)
    if parsed.lower(phrase.head + 1) != "-" or not parsed.lower(phrase.head + 2).endswith("ed") or after is None:
        return phrase
    return Phrase(phrase.first, after.head, after.plural) if after.first == phrase.head + 3 else phrase


def _is_inexact(parsed: Parsed, match: Match, phrase: Phrase) -> bool:
    """ "About two dogs", "two more dogs", "filled with many books": the number is no claim of its own."""
    before, after = parsed.lower(match.first - 1), parsed.lower(match.last + 1)
    if [parsed.lower(phrase.head + k) for k in (1, 2, 3)] == ["in", "the", "shape"]:
        return True  # "a cutout in the shape of letters"
    if before in _MORE or after in ("more", "or", "to", "and") or parsed.tag(match.first - 1) == "CD":
        return True
    return before in ("with", "by", "of") and parsed.lower(match.first - 2) in _FULL
