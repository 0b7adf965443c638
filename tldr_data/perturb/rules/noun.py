"""What a thing is: nouns of the object lexicon."""

from __future__ import annotations

from collections.abc import Iterator

from tldr_data.objects import kinds_of, siblings
from tldr_data.perturb.grammar import plural
from tldr_data.perturb.nouns import head_noun, is_plural, is_wanted, same_thing
from tldr_data.perturb.parse import Parsed
from tldr_data.perturb.sites import Site
from tldr_data.taxonomy import Subtype


def noun_sites(parsed: Parsed, subtype: Subtype) -> Iterator[Site]:
    """Nouns of the object lexicon that head a noun phrase, exchanged for a sibling in the same number."""
    for phrase in parsed.phrases:
        first, noun = head_noun(parsed, phrase)
        if (
            noun not in siblings()
            or not kinds_of()[noun] & set(subtype.kinds)
            or not is_wanted(parsed, subtype, phrase)
        ):
            continue
        if first > phrase.first and parsed.tag(first - 1).startswith("NN"):
            continue  # "tennis ball": another noun before it makes a word that the lexicon does not know
        if parsed.lower(phrase.head + 1) == "of":
            continue  # "a plate of pizza" is an amount
        others = tuple(other for other in siblings()[noun] if not same_thing(noun, other))
        yield Site(
            first, phrase.head, tuple(map(plural, others)) if is_plural(parsed, phrase, noun) else others, phrase
        )
