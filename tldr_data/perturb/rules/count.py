"""How many there are: numbers and singular articles."""

from __future__ import annotations

from collections.abc import Iterator

from tldr_data.objects import kinds_of
from tldr_data.perturb.nouns import head_noun, is_wanted
from tldr_data.perturb.parse import Parsed
from tldr_data.perturb.sites import Site, matches
from tldr_data.taxonomy import Subtype


def count_sites(parsed: Parsed, subtype: Subtype) -> Iterator[Site]:
    """Numbers and singular articles before a countable noun."""
    for match in matches(parsed, subtype):
        phrase = parsed.phrase_of(match.last)
        if match.term.endswith(" of"):
            phrase = parsed.phrase_of(match.last + 1)
        if phrase is None or match.last >= phrase.head or not is_wanted(parsed, subtype, phrase):
            continue
        if match.first != phrase.first and phrase.first <= match.first:
            continue  # "the two dogs" speaks of dogs that were counted before
        if subtype.kinds and not kinds_of().get(head_noun(parsed, phrase)[1], frozenset()) & set(subtype.kinds):
            continue
        yield Site(match.first, match.last, subtype.exchanges[match.term], phrase)
