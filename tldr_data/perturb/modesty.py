"""Whether what a model changed is no more than was asked for. Rules change one thing by themselves."""

from __future__ import annotations

from tldr_data.example import Example
from tldr_data.labels import words
from tldr_data.perturb.parse import parse
from tldr_data.perturb.rules.text import told_texts
from tldr_data.taxonomy import Taxonomy

MOST_PLACES, MOST_SWAPPED = 2, 4
"""Places where false words may stand, and the same where things change places. The paper's rewrites were to make one or
two very small changes; a weak model writes half a caption anew, and every word of that would count as an error."""
MOST_WORDS = 8
"""False words at one place: an inserted "with the words \"HELLO WORLD\" on the front" has as many."""


def is_sprawling(candidate: Example, taxonomy: Taxonomy) -> bool:
    """Whether a candidate has more false words than one small change writes."""
    swaps = any(subtype.rule == "swap" for subtype in taxonomy.subtypes.values())
    sizes = [len(words(candidate.response[span.start : span.end])) for span in candidate.errors]
    return len(sizes) > (MOST_SWAPPED if swaps else MOST_PLACES) or max(sizes, default=0) > MOST_WORDS


def is_of_writing(candidate: Example) -> bool:
    """Whether every false word belongs to written text that the response tells of."""
    told = told_texts(parse(candidate.response))
    return all(any(span.start < text.end and text.start < span.end for text in told) for span in candidate.errors)
