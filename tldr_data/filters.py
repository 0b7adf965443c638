"""What may stay: every pair that must go is given one named reason (docs/labels.md).

no_op              equal up to case, punctuation and white space
paraphrase         the meaning is kept
no_error_span      the response has no false word: text was only taken away, or agreement repaired
drift              too much changed: a rewrite, not an edit
wrong_taxonomy     an error lies outside the taxonomy
incoherent         what was replaced is still said of the same thing elsewhere
duplicate_sibling  the same response was already made of this reference
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from rapidfuzz.distance import LCSseq

from tldr_data.coherence import contradicts_itself
from tldr_data.diff import diff
from tldr_data.errors import RowError, TldrError
from tldr_data.example import Span
from tldr_data.jsonl import broken_row, open_streams, parse_row, row_line, text_field
from tldr_data.meaning import split_words
from tldr_data.paraphrase import is_paraphrase
from tldr_data.taxonomy import Taxonomy, load_taxonomy

REASONS = (
    "no_op",
    "paraphrase",
    "no_error_span",
    "drift",
    "wrong_taxonomy",
    "incoherent",
    "duplicate_sibling",
)
LEAST_KEPT_SHARE = 0.25
"""Of the words of the longer text, in order. Of SugarCrepe's 7,511 validated edits one in a thousand keeps fewer."""

MOST_FREELY_CHANGED = 5
"""Words: fewer are no drift, however short the text ("A cup", "Two cups")."""


def find_reason(
    reference: str, response: str, taxonomy: Taxonomy | None = None, errors: Sequence[Span] | None = None
) -> str | None:
    """Why a pair must not be kept, or None if it may.

    Without ``errors`` (spans of false characters in the response) they are found by a word diff.

    >>> find_reason("A cat on a couch", "A cat on a sofa"), find_reason("A cat on a couch", "A cat under a couch")
    ('paraphrase', None)
    """
    old, new = split_words(reference), split_words(response)
    if old == new and _letters(reference) == _letters(response):
        return "no_op"
    if is_paraphrase(reference, response):
        return "paraphrase"
    if _is_drift(old, new):
        return "drift"
    spans = diff(reference, response).errors if errors is None else errors
    if not spans:
        return "no_error_span"
    if taxonomy and not all(taxonomy.admits(span.replaced, response[span.start : span.end]) for span in spans):
        return "wrong_taxonomy"
    return "incoherent" if contradicts_itself(response, spans) else None


def find_duplicate(response: str, accepted: Iterable[str]) -> str | None:
    """``duplicate_sibling`` if one of the responses accepted for the same reference differs by no letter or digit.

    >>> find_duplicate("Two cups!", ["One cup.", "two cups"])
    'duplicate_sibling'
    """
    letters = _letters(response)
    return "duplicate_sibling" if any(_letters(other) == letters for other in accepted) else None


def filter_row(row: dict[str, Any]) -> dict[str, Any]:
    """``keep`` and ``reason`` for a row with ``reference``, ``response`` and perhaps ``taxonomy``.

    Raises:
        TldrError: a text is missing or not a text, or the taxonomy is unknown.
    """
    name = row.get("taxonomy")
    if name is not None and not isinstance(name, str):
        raise RowError("bad_taxonomy", f"taxonomy is {str(name)[:40]!r}; allowed: a name, a path, or null")
    reason = find_reason(text_field(row, "reference"), text_field(row, "response"), _taxonomy(name) if name else None)
    return {"keep": reason is None, "reason": reason}


def filter_line(line: bytes) -> tuple[bytes, bool]:
    """One line of JSON in, one line out, and whether the row was good."""
    try:
        row = parse_row(line)
    except RowError as error:
        return row_line({"keep": False, "reason": None} | broken_row(line, error)), False
    row.pop("error", None)
    try:
        return row_line(row | filter_row(row)), True
    except TldrError as error:
        return row_line(row | {"keep": False, "reason": None, "error": str(error)}), False


def filter_file(input: Path | None, output: Path | None) -> int:
    """Filter a JSONL file, row by row; None or ``-`` is standard input or output. Returns how many rows were bad.

    Every row comes back in its place with ``keep`` and ``reason``, a bad one with ``error`` and ``keep`` false.

    Raises:
        InputError: the input cannot be read.
        BuildError: the output cannot be written.
    """
    bad = 0
    with open_streams(input, output) as (lines, out):
        for line in lines:
            written, good = filter_line(line)
            out.write(written)
            bad += not good
    return bad


def _is_drift(old: Sequence[str], new: Sequence[str]) -> bool:
    longest, kept = max(len(old), len(new)), LCSseq.similarity(old, new)
    return longest - kept > MOST_FREELY_CHANGED and kept < LEAST_KEPT_SHARE * longest


@lru_cache(maxsize=64)
def _taxonomy(name: str) -> Taxonomy:
    return load_taxonomy(name)


def _letters(text: str) -> str:
    """What is left without case, punctuation and white space; a text of nothing else stays as it is.

    Digits keep their signs and points apart: "1.5" is not "15".
    """
    parts = [
        character
        for at, character in enumerate(text)
        if character.isalnum() or (character in ".,-:" and _between_digits(text, at))
    ]
    return "".join(parts).casefold() or text.strip()


def _between_digits(text: str, at: int) -> bool:
    return 0 < at < len(text) - 1 and text[at - 1].isdigit() and text[at + 1].isdigit()
