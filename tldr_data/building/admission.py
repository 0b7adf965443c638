"""Whether an example is fit to be published, whatever it was made from."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from tldr_data.errors import RowError
from tldr_data.example import SPLITS, Example
from tldr_data.filters import find_duplicate, find_reason
from tldr_data.perturb.modesty import is_of_writing, is_sprawling
from tldr_data.taxonomy import Taxonomy
from tldr_data.verify import verify

_DERIVED = re.compile(r"#[^#]*\.[0-9a-f]{6}$")
"""The end of what ``derived_id`` gives."""


def check_fields(example: Example) -> None:
    """What a source may get wrong beside the text.

    Raises:
        RowError: there is no licence, the split or the id cannot be, or a field is not valid Unicode and so cannot be
            written to Parquet.
    """
    if example.split not in (None, *SPLITS):
        raise RowError("unknown_split", f"{example.id}: split is {example.split!r}: allowed are {', '.join(SPLITS)}")
    if _DERIVED.search(example.id):
        raise RowError("reserved_id", f"{example.id}: an id that ends so is kept for what is made of a row")
    if not example.license.strip():
        raise RowError("no_license", f"{example.id}: the license is empty")
    fields = ("id", "group", "image_id", "prompt", "source", "license", "attribution")
    written = {name: getattr(example, name) for name in fields}
    if terms := example.image_terms:
        if not terms.license.strip():
            raise RowError("no_license", f"{example.id}: the license of the image is empty")
        written |= {f"{name} of the image": value for name, value in terms._asdict().items()}
    if bad := next((name for name, value in written.items() if not _is_unicode(value)), None):
        raise RowError("lone_surrogate", f"{example.id}: {bad} holds a lone surrogate, which is not valid Unicode")


def _is_unicode(text: str | None) -> bool:
    return text is None or not any("\ud800" <= char <= "\udfff" for char in text)


def admit(
    candidate: Example, taxonomy: Taxonomy, siblings: set[str], rivals: Sequence[Taxonomy] = ()
) -> tuple[Example, str | None]:
    """The candidate with its verdict, and the reason to throw it away or None.

    With ``rivals``, words that no lexicon knows are not yet outside the taxonomy: only those that a rival claims are.
    """
    if reason := find_duplicate(candidate.response, siblings) or _find_reason(candidate, taxonomy, rivals):
        return candidate, reason
    finding = verify(candidate)
    judged = replace(candidate, verdict=finding.verdict, evidence=finding.evidence)
    return judged, finding.reason or (None if _is_unicode(finding.evidence) else "lone_surrogate")


def _find_reason(candidate: Example, taxonomy: Taxonomy, rivals: Sequence[Taxonomy]) -> str | None:
    assert candidate.reference is not None
    if candidate.model is not None:
        if is_sprawling(candidate, taxonomy):
            return "drift"
        if taxonomy.is_of_writing and not is_of_writing(candidate):
            return "wrong_taxonomy"
    reason = find_reason(candidate.reference, candidate.response, taxonomy, candidate.errors)
    if reason == "wrong_taxonomy" and rivals and not any(_claims(rival, candidate) for rival in rivals):
        return find_reason(candidate.reference, candidate.response, None, candidate.errors)
    return reason


def _claims(taxonomy: Taxonomy, candidate: Example) -> bool:
    """Whether all that a candidate changed stands in the lexicon of a taxonomy; any words may be written text."""
    changes = [(span.replaced, candidate.response[span.start : span.end]) for span in candidate.errors]
    return not taxonomy.has_writing and all(taxonomy.admits(old, new) for old, new in changes)
