"""What any other detector says of responses, as predictions for the toolkit's words.

One JSON object a line, of which other keys are ignored. Either the spans that it calls false, in code points of the
response, half-open, each with P(BAD) or, without ``score``, 1; words outside of them have P(BAD) = 0. Or P(BAD) of the
whole response, of a detector that says no more:

    {"id": "scenes/0-000012#spatial.3f9a1c", "spans": [{"start": 2, "end": 5, "score": 0.9}]}
    {"id": "scenes/0-000012#spatial.3f9a1c", "score": 0.9}
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from baselines.predictions import Scored
from tldr_data.dataset import CLASS_LABELS
from tldr_data.errors import InputError, RowError
from tldr_data.example import Span
from tldr_data.jsonl import parse_row
from tldr_data.labels import BAD, GOOD, IGNORE, WORD, project


class Detection(NamedTuple):
    """What is said of one response: spans with P(BAD) of each, or None and P(BAD) of the response."""

    where: str
    """File and line, for messages."""
    spans: list[tuple[int, int, float]] | None
    score: float


def read_detections(path: Path) -> dict[str, Detection]:
    """Detections by the id of their response; blank lines are passed over.

    Raises:
        InputError: the file cannot be read, a line is of neither form, not of the form of the first, or of an id that
            an earlier line has.
    """
    try:
        lines = path.read_bytes().split(b"\n")
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}") from None
    found: dict[str, Detection] = {}
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        id, detection = _detection(line, f"{path}, line {number}")
        if id in found:
            raise InputError(f"{detection.where}: id {id!r} stands in {found[id].where} already: one line for each")
        first = next(iter(found.values()), detection)
        if (detection.spans is None) != (first.spans is None):
            raise InputError(f"{detection.where}: of another form than {first.where}: all have spans, or all a score")
        found[id] = detection
    return found


def scored(path: Path, rows: Iterable[Mapping[str, Any]]) -> list[Scored]:
    """Rows of a dataset with the scores that a file of detections gives, in the order of the rows.

    The unit is the word (docs/labels.md), whose P(GOOD) is 1 less the highest P(BAD) of the spans that share a
    character with it. Of a detector that scores whole responses it is the response, BAD if any word is: there figures
    of responses mean something, and those of tokens, sentences and characters nothing.

    Raises:
        InputError: as ``read_detections``; or a row has no line, a line is of no row, or a span lies outside its
            response.
    """
    detections = read_detections(path)
    found, missing = [], []
    for row in rows:
        if row["id"] in detections:
            found.append(_scored(row, detections.pop(row["id"])))
        else:
            missing.append(row["id"])
    if missing:
        total = len(found) + len(missing)
        raise InputError(f"{path}: {len(missing)} of {total} rows have no line, {missing[0]!r} first: all need one")
    if detections:
        id, first = next(iter(detections.items()))
        raise InputError(f"{first.where}: no row has the id {id!r}, and {len(detections) - 1} more lines are of no row")
    return found


def _scored(row: Mapping[str, Any], detection: Detection) -> Scored:
    response = row["response"]
    errors, collateral = ([Span(**span) for span in row[name]] for name in ("errors", "collateral"))
    offsets = [match.span() for match in WORD.finditer(response)]
    labels = project(response, errors, collateral, offsets)
    scores = [1 - score for score in _word_scores(row, detection, offsets)]
    if detection.spans is None:
        whole = BAD if BAD in labels else GOOD if GOOD in labels else IGNORE
        offsets, labels, scores = [(0, len(response))], [whole], [1 - detection.score]
    return Scored(
        id=row["id"],
        group=row["group"],
        kind=CLASS_LABELS["kind"][row["kind"]],
        taxonomy=row["taxonomy"],
        response=response,
        offsets=offsets,
        scores=scores,
        labels=labels,
        errors=[(span.start, span.end) for span in errors],
        collateral=[(span.start, span.end) for span in collateral],
    )


def _word_scores(row: Mapping[str, Any], detection: Detection, offsets: Iterable[tuple[int, int]]) -> list[float]:
    """P(BAD) of each word."""
    spans, length = detection.spans or [], len(row["response"])
    for start, end, _ in spans:
        if end > length:
            raise InputError(f"{detection.where}: span ({start}, {end}) of {row['id']!r}: allowed are 0 to {length}")
    return [
        max((score for start, end, score in spans if start < word_end and word_start < end), default=0.0)
        for word_start, word_end in offsets
    ]


def _detection(line: bytes, where: str) -> tuple[str, Detection]:
    try:
        row = parse_row(line.strip())
    except RowError as error:
        raise InputError(f"{where}: {error}") from None
    if not isinstance(row.get("id"), str):
        raise InputError(f"{where}: id is {row.get('id')!r}; allowed: a string")
    if ("spans" in row) == ("score" in row):
        raise InputError(f"{where}: has {', '.join(row)}; expected id and either spans or score")
    if "score" in row:
        return row["id"], Detection(where, None, _probability(row["score"], where))
    if not isinstance(row["spans"], list):
        raise InputError(f"{where}: spans is {str(row['spans'])[:40]!r}; allowed: a list")
    return row["id"], Detection(where, [_span(span, where) for span in row["spans"]], 1.0)


def _span(span: Any, where: str) -> tuple[int, int, float]:
    start, end = (span.get("start"), span.get("end")) if isinstance(span, dict) else (None, None)
    # True is an int to Python, too
    if not (type(start) is int and type(end) is int and 0 <= start < end):
        raise InputError(f"{where}: span {str(span)[:60]}; allowed: start and end in code points, 0 <= start < end")
    return start, end, _probability(span.get("score", 1.0), where)


def _probability(score: Any, where: str) -> float:
    if isinstance(score, bool) or not isinstance(score, int | float) or not 0 <= score <= 1:
        raise InputError(f"{where}: score is {str(score)[:40]}; allowed: P(BAD), 0..1")
    return float(score)
