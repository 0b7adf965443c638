"""``tldr-data label``: rows of JSON with two texts in, the same rows with edits, spans, words and labels out.

Rows are streamed. Order and count are kept: a row that cannot be used comes back with ``error``.
"""

from __future__ import annotations

import multiprocessing
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from io import BytesIO
from itertools import islice
from pathlib import Path
from typing import IO, Any

from tldr_data.diff import deleted_at, diff
from tldr_data.jsonl import BadRows, answer_row, open_streams, text_field, write_answers
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


def label_line(line: bytes) -> tuple[bytes, str | None]:
    """One line of JSON in, one line out, and what is wrong with the row."""
    return answer_row(
        line, _ADDED, lambda row: label_row(text_field(row, "reference"), text_field(row, "response")), {}
    )


def label_jsonl(lines: Iterable[bytes], out: IO[bytes]) -> BadRows:
    """Label lines one by one."""
    return write_answers(lines, out, label_line)


def label_file(input: Path | None, output: Path | None, workers: int) -> BadRows:
    """Label a JSONL file; None or ``-`` is standard input or output.

    Memory does not grow with the file, whatever the number of worker processes. An output file appears only when
    it is whole.

    Raises:
        InputError: the input cannot be read.
        UsageError: the output is a folder.
        BuildError: the output cannot be written.
    """
    with open_streams(input, output) as (lines, out):
        return label_jsonl(lines, out) if workers <= 1 else _label_in_processes(lines, out, workers)


def _label_in_processes(lines: Iterator[bytes], out: IO[bytes], workers: int) -> BadRows:
    """In order, this process being one of the workers, and with a fixed number of chunks in memory."""
    number, first = 0, ""
    running: deque[Future[tuple[bytes, BadRows]]] = deque()
    with ProcessPoolExecutor(workers - 1, multiprocessing.get_context("spawn")) as pool:
        while True:
            chunk = list(islice(lines, _CHUNK))
            if chunk:
                busy = sum(not future.done() for future in running) >= 2 * (workers - 1)
                running.append(_done(_label_chunk(chunk)) if busy else pool.submit(_label_chunk, chunk))
            while running and (running[0].done() or not chunk or len(running) > 4 * workers):
                labelled, bad = running.popleft().result()
                out.write(labelled)
                number, first = number + bad.number, first or bad.first
            if not chunk:
                return BadRows(number, first)


def _done(result: tuple[bytes, BadRows]) -> Future[tuple[bytes, BadRows]]:
    future: Future[tuple[bytes, BadRows]] = Future()
    future.set_result(result)
    return future


def _label_chunk(lines: list[bytes]) -> tuple[bytes, BadRows]:
    out = BytesIO()
    bad = label_jsonl(lines, out)
    return out.getvalue(), bad
