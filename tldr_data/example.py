"""The record: one row of image, prompt, response and labels (docs/data-format.md).

All offsets are Unicode code points, half-open: of edits into ``reference``, of spans into ``response``.
"""

from __future__ import annotations

import hashlib
import itertools
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NamedTuple

from tldr_data.errors import RowError
from tldr_data.facts import Facts

Task = Literal["caption", "vqa"]
Kind = Literal["clean", "perturbed", "paraphrase"]
Verdict = Literal["none", "proved", "judged", "unverified"]

TASKS: tuple[Task, ...] = ("caption", "vqa")
KINDS: tuple[Kind, ...] = ("clean", "perturbed", "paraphrase")
VERDICTS: tuple[Verdict, ...] = ("none", "proved", "judged", "unverified")
SPLITS = ("train", "validation", "test")


class Edit(NamedTuple):
    """One replacement inside a reference: ``reference[start:end]`` becomes ``replacement``."""

    start: int
    end: int
    replacement: str


class Span(NamedTuple):
    """Characters ``response[start:end]``, and what stood there in the reference ("" if inserted)."""

    start: int
    end: int
    replaced: str


class ImageTerms(NamedTuple):
    """What a source knows of an image itself, where that is not what it says of the text."""

    license: str
    attribution: str
    url: str | None = None
    """Where the source says that the image lies."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """One row. Checked when made: a wrong one cannot exist.

    Raises:
        RowError: the edits do not give the response, or a span is not inside what an edit wrote.
    """

    id: str
    response: str
    source: str
    license: str
    attribution: str
    group: str
    image_id: str | None = None
    image: bytes | Path | None = None
    """Encoded image (PNG, JPEG, ...) or the file that holds it."""
    image_terms: ImageTerms | None = None
    """None: licence and attribution of the row are those of its image. Published in config ``images``."""
    task: Task = "caption"
    prompt: str = ""
    reference: str | None = None
    kind: Kind = "clean"
    taxonomy: str | None = None
    subtype: str | None = None
    edits: tuple[Edit, ...] = ()
    errors: tuple[Span, ...] = ()
    collateral: tuple[Span, ...] = ()
    verdict: Verdict = "none"
    evidence: str | None = None
    perturber: str | None = None
    model: str | None = None
    request: str | None = None
    split: str | None = None
    """Official split, where the source has one."""
    facts: Facts | None = None
    """What is known of the image; used to verify, not published."""
    pairs: tuple[tuple[str, str], ...] = ()
    """Questions with their answers that the response was merged from; a model may merge them better. Not published."""
    accepted: tuple[str, ...] = ()
    """Other answers to the prompt that people gave or the source allows: none of them is false. Not published."""

    def __post_init__(self) -> None:
        if not self.response.strip():
            raise RowError("empty_response", f"{self.id}: response is empty")
        _check_text(self.id, self.response)
        if self.kind == "clean":
            if self.reference is not None or self.edits or self.errors or self.collateral:
                raise RowError("clean_with_edits", f"{self.id}: a clean row has no reference, edits or spans")
            return
        if self.reference is None:
            raise RowError("no_reference", f"{self.id}: a {self.kind} row needs a reference")
        if apply_edits(self.reference, self.edits) != self.response:
            raise RowError("edits_do_not_apply", f"{self.id}: edits applied to the reference do not give the response")
        check_spans(self.response, self.errors, self.collateral, written_spans(self.edits))
        if self.kind == "paraphrase" and self.errors:
            raise RowError("paraphrase_with_errors", f"{self.id}: a paraphrase has no false words")


def apply_edits(reference: str, edits: Iterable[Edit]) -> str:
    """The response that sorted, disjoint edits make of a reference.

    Raises:
        RowError: an edit lies outside the reference, or two of them overlap.

    >>> apply_edits("A red cup", [Edit(2, 5, "blue")])
    'A blue cup'
    """
    parts: list[str] = []
    position = 0
    for edit in edits:
        if not position <= edit.start <= edit.end <= len(reference):
            raise RowError("bad_edit", f"edit {tuple(edit)} overlaps another or lies outside 0..{len(reference)}")
        parts += (reference[position : edit.start], edit.replacement)
        position = edit.end
    parts.append(reference[position:])
    return "".join(parts)


def written_spans(edits: Iterable[Edit]) -> list[tuple[int, int]]:
    """Where in the response each edit's replacement stands.

    >>> written_spans([Edit(0, 1, "The"), Edit(2, 5, "blue")])
    [(0, 3), (4, 8)]
    """
    spans: list[tuple[int, int]] = []
    shift = 0
    for edit in edits:
        start = edit.start + shift
        spans.append((start, start + len(edit.replacement)))
        shift += len(edit.replacement) - (edit.end - edit.start)
    return spans


def check_spans(
    response: str, errors: Sequence[Span], collateral: Sequence[Span], written: Sequence[tuple[int, int]]
) -> None:
    """The invariants of spans (docs/data-format.md).

    Raises:
        RowError: spans overlap, are unsorted, empty, edged by whitespace, or outside what an edit wrote.
    """
    for name, spans in (("errors", errors), ("collateral", collateral)):
        if any(a.end > b.start for a, b in itertools.pairwise(spans)):
            raise RowError("bad_span", f"{name} are not sorted and disjoint: {[tuple(s) for s in spans]}")
    position = 0
    for span in sorted((*errors, *collateral)):
        text = response[span.start : span.end]
        if span.start < position or not text or text != text.strip() or len(text) != span.end - span.start:
            raise RowError("bad_span", f"span {tuple(span)} is empty, overlaps, or is edged by whitespace: {text!r}")
        if not any(start <= span.start and span.end <= end for start, end in written):
            raise RowError("bad_span", f"span {tuple(span)} lies outside what the edits wrote")
        position = span.end


def _check_text(row: str, text: str) -> None:
    """A lone surrogate cannot be written as UTF-8: such a text never came from a well-formed file."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        raise RowError(
            "lone_surrogate", f"{row}: the text holds a lone surrogate, which is not valid Unicode"
        ) from None


_AS_JSON = json.JSONEncoder(ensure_ascii=False)


def derived_id(reference_id: str, name: str, reference: str, edits: Sequence[Edit]) -> str:
    """Id of what was made of a reference: it means the same text in every version of a dataset.

    >>> derived_id("docci/test_1", "spatial", "A cup", [Edit(2, 5, "pot")])
    'docci/test_1#spatial.dddfcb'
    """
    content = _AS_JSON.encode([reference, [list(e) for e in edits]])
    return f"{reference_id}#{name}.{hashlib.sha256(content.encode()).hexdigest()[:6]}"
