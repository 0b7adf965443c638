"""``tldr-data label``: rows of JSON with two texts in, the same rows with edits, spans, words and labels out.

Rows are streamed. Order and count are kept: a row that cannot be used comes back with ``error``.
"""

from __future__ import annotations

import multiprocessing
from codecs import BOM_UTF8
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from itertools import islice
from pathlib import Path
from typing import IO, Any

import orjson

from tldr_data.diff import deleted_at, diff
from tldr_data.errors import RowError
from tldr_data.jsonl import broken_row, open_streams, parse_row, row_line, text_field
from tldr_data.labels import label_words

_ADDED = ("edits", "errors", "collateral", "words", "labels", "error")
_CHUNK = 250
"""Rows that a worker process gets at a time: some 50 ms of work, so that handing them over costs little."""


def label_row(reference: str, response: str) -> dict[str, Any]:
    """``edits``, ``errors``, ``collateral``, ``words`` and ``labels`` of two texts (docs/labels.md).

    >>> label_row("A red cup", "A blue cup")["errors"]
    [{'start': 2, 'end': 6, 'replaced': 'red'}]
    >>> label_row("A red cup", "A cup")["labels"]
    [-100, -100]
    """
    edits, errors, collateral = diff(reference, response)
    words, labels = label_words(response, errors, collateral, deleted_at(reference, edits))
    return {
        "edits": [{"start": edit.start, "end": edit.end, "replacement": edit.replacement} for edit in edits],
        "errors": [{"start": span.start, "end": span.end, "replaced": span.replaced} for span in errors],
        "collateral": [{"start": span.start, "end": span.end, "replaced": span.replaced} for span in collateral],
        "words": words,
        "labels": labels,
    }


def label_line(line: bytes) -> tuple[bytes, bool]:
    """One line of JSON in, one line out, and whether the row was good."""
    line = line.removeprefix(BOM_UTF8).strip()
    try:
        row = parse_row(line)
    except RowError as error:
        return row_line(broken_row(line, error)), False
    try:
        added = label_row(text_field(row, "reference"), text_field(row, "response"))
    except RowError as error:
        return row_line({**row, "error": str(error)}), False
    if row.keys().isdisjoint(_ADDED):
        # The row's own text is kept: faster than writing it again, and no number in it can change.
        return b"%s, %s\n" % (line[:-1].rstrip(), orjson.dumps(added)[1:]), True
    return row_line({name: value for name, value in row.items() if name not in _ADDED} | added), True


def label_jsonl(lines: Iterable[bytes], out: IO[bytes]) -> int:
    """Label lines one by one; returns how many rows were bad."""
    bad = 0
    for line in lines:
        labelled, good = label_line(line)
        out.write(labelled)
        bad += not good
    return bad


def label_file(input: Path | None, output: Path | None, workers: int) -> int:
    """Label a JSONL file; None or ``-`` is standard input or output. Returns how many rows were bad.

    Memory does not grow with the file, whatever the number of worker processes. An output file appears only when
    it is whole.

    Raises:
        InputError: the input cannot be read.
        BuildError: the output cannot be written.
    """
    with open_streams(input, output) as (lines, out):
        return label_jsonl(lines, out) if workers <= 1 else _label_in_processes(lines, out, workers)


def _label_in_processes(lines: Iterator[bytes], out: IO[bytes], workers: int) -> int:
    """In order, this process being one of the workers, and with a fixed number of chunks in memory."""
    bad = 0
    running: deque[Future[tuple[bytes, int]]] = deque()
    with ProcessPoolExecutor(workers - 1, multiprocessing.get_context("spawn")) as pool:
        while True:
            chunk = list(islice(lines, _CHUNK))
            if chunk:
                busy = sum(not future.done() for future in running) >= 2 * (workers - 1)
                running.append(_done(_label_chunk(chunk)) if busy else pool.submit(_label_chunk, chunk))
            while running and (running[0].done() or not chunk or len(running) > 4 * workers):
                labelled, bad_in_chunk = running.popleft().result()
                out.write(labelled)
                bad += bad_in_chunk
            if not chunk:
                return bad


def _done(result: tuple[bytes, int]) -> Future[tuple[bytes, int]]:
    future: Future[tuple[bytes, int]] = Future()
    future.set_result(result)
    return future


def _label_chunk(lines: list[bytes]) -> tuple[bytes, int]:
    labelled = [label_line(line) for line in lines]
    return b"".join(line for line, _ in labelled), sum(not good for _, good in labelled)
