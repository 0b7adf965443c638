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

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from rapidfuzz.distance import LCSseq

from tldr_data.coherence import contradicts_itself
from tldr_data.diff import diff
from tldr_data.errors import RowError
from tldr_data.example import Span
from tldr_data.jsonl import BadRows, answer_row, open_streams, text_field, write_answers
from tldr_data.labels import words
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

_NO_LETTER = re.compile(r"[\W_](?!(?<=\d[.,:\-])(?=\d))")
_MAY_BE_SYMBOL = re.compile(r"[#$%&+<=>@]|[^\x00-\x7f]")
"""Of ASCII no other mark is a word."""

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
    if not _replaces_symbols(reference, response) and is_paraphrase(reference, response):
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
    if (name is not None and not isinstance(name, str)) or name == "all":
        raise RowError("bad_taxonomy", f"taxonomy is {str(name)[:40]!r}; allowed: one name, one path, or null")
    reason = find_reason(text_field(row, "reference"), text_field(row, "response"), _taxonomy(name) if name else None)
    return {"keep": reason is None, "reason": reason}


def filter_line(line: bytes) -> tuple[bytes, str | None]:
    """One line of JSON in, one line out, and what is wrong with the row."""
    return answer_row(line, ("keep", "reason", "error"), filter_row, {"keep": False, "reason": None})


def filter_file(input: Path | None, output: Path | None) -> BadRows:
    """Filter a JSONL file, row by row; None or ``-`` is standard input or output.

    Every row comes back in its place with ``keep`` and ``reason``, a bad one with ``error`` and ``keep`` false.

    Raises:
        InputError: the input cannot be read.
        UsageError: the output is a folder.
        BuildError: the output cannot be written.
    """
    with open_streams(input, output) as (lines, out):
        return write_answers(lines, out, filter_line)


def _is_drift(old: Sequence[str], new: Sequence[str]) -> bool:
    longest, kept = max(len(old), len(new)), LCSseq.similarity(old, new)
    return longest - kept > MOST_FREELY_CHANGED and kept < LEAST_KEPT_SHARE * longest


@lru_cache(maxsize=64)
def _taxonomy(name: str) -> Taxonomy:
    return load_taxonomy(name)


def _replaces_symbols(reference: str, response: str) -> bool:
    """Whether signs or emoji, which no lexicon knows, gave way to others, or emoji were added."""
    old, new = _symbols(reference), _symbols(response)
    return old != new and (len(old) == len(new) or any(symbol >= "\u2190" for symbol in set(new) - set(old)))


@lru_cache(maxsize=32)  # of one reference several responses are judged, one after another
def _symbols(text: str) -> tuple[str, ...]:
    if not _MAY_BE_SYMBOL.search(text):
        return ()
    found = [word for word in words(text) if not any(map(str.isalnum, word))]
    return tuple(word.replace("\ufe0e", "").replace("\ufe0f", "") for word in found)


@lru_cache(maxsize=32)
def _letters(text: str) -> str:
    """What is left without case, punctuation and white space; a text of nothing else stays as it is.

    Symbols such as emoji stand behind the rest. Digits keep their signs and points apart: "1.5" is not "15".
    """
    return "".join([_NO_LETTER.sub("", text), *_symbols(text)]).casefold() or text.strip()
