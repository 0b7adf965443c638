"""Counterfactual pairs: a second image of which the perturbed text is true, and the first text false.

With the image I, its caption T, the perturbed text T' and the redrawn image I', four rows belong together: (I, T) and
(I', T') are true, (I, T') and (I', T) are false in the words that the edit exchanges. Each text stands once as true and
once as false, so that a model that does not look at the image can tell nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import NamedTuple

from tldr_data.example import Edit, Example, Span, derived_id, written_spans
from tldr_data.sources import Redrawn
from tldr_data.verify import verify, weigh

NO_IMAGE = "no_counterfactual_image"
"""Reason: the source has no second image that fits."""
_EDGES = ', "“”'
"""No span begins or ends on these."""


class Counterpart(NamedTuple):
    """What the second image is in."""

    clean: Example
    """(I', T')"""
    perturbed: Example
    """(I', T), proved."""


def counterpart(example: Example, perturbed: Example, proposals: Iterable[Redrawn]) -> Counterpart | None:
    """The first proposed image of which all that ``perturbed`` says is true, and ``example`` false where the edit was.

    None where there is no such image, or the edit only puts words in: undone it writes none that could be false.
    """
    inverse = _inverse_edits(perturbed)
    spans = _inverse_spans(perturbed, inverse)
    if not spans[0] or len(spans[0]) + len(spans[1]) < len(inverse):
        return None
    for redrawn in proposals:
        if not all(item.truth for item in weigh(perturbed.response, redrawn.facts)):
            continue
        clean = _clean(example, perturbed, redrawn)
        opposite = _opposite(clean, perturbed, inverse, spans)
        finding = verify(opposite)
        image = redrawn.draw() if finding.verdict == "proved" else example.image
        if image != example.image:
            proved = replace(opposite, image=image, verdict=finding.verdict, evidence=finding.evidence)
            return Counterpart(replace(clean, image=image), proved)
    return None


def _clean(example: Example, perturbed: Example, redrawn: Redrawn) -> Example:
    name = f"{example.id}/{perturbed.id.rpartition('#')[2]}"
    return replace(example, id=name, response=perturbed.response, image_id=name, image=None, facts=redrawn.facts)


def _opposite(
    clean: Example, perturbed: Example, edits: tuple[Edit, ...], spans: tuple[tuple[Span, ...], tuple[Span, ...]]
) -> Example:
    """The first text, made of the second by the inverse edits."""
    return replace(
        perturbed,
        id=derived_id(clean.id, str(perturbed.taxonomy), clean.response, edits),
        response=str(perturbed.reference),
        reference=clean.response,
        edits=edits,
        errors=spans[0],
        collateral=spans[1],
        image_id=clean.image_id,
        image=None,
        facts=clean.facts,
    )


def _inverse_edits(perturbed: Example) -> tuple[Edit, ...]:
    """In offsets of the perturbed text: what makes the reference of it again."""
    reference, written = str(perturbed.reference), written_spans(perturbed.edits)
    return tuple(
        Edit(*span, reference[edit.start : edit.end]) for edit, span in zip(perturbed.edits, written, strict=True)
    )


def _inverse_spans(perturbed: Example, inverse: tuple[Edit, ...]) -> tuple[tuple[Span, ...], tuple[Span, ...]]:
    """Errors and collateral of the inverse edits: the words that stood where the edits wrote."""
    found: tuple[list[Span], list[Span]] = [], []
    for edit, (start, _) in zip(inverse, written_spans(inverse), strict=True):
        words = edit.replacement.strip(_EDGES)
        if words:
            first = start + edit.replacement.find(words)
            span = Span(first, first + len(words), perturbed.response[edit.start : edit.end].strip())
            is_error = any(edit.start <= error.start and error.end <= edit.end for error in perturbed.errors)
            found[0 if is_error else 1].append(span)
    return tuple(found[0]), tuple(found[1])
