"""The lines of a request log: what they hold, and how they are read."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path
from types import NoneType
from typing import IO, Any, NamedTuple

import orjson

from tldr_data.errors import InputError
from tldr_data.llms.request import Answer, Request

FIELDS = ("text", "finish", "input_tokens", "output_tokens", "probabilities", "failure")
"""Of an answer."""
TYPES = {(str, str, int, int, shares, failure) for shares in (dict, NoneType) for failure in (str, NoneType)}
"""What those of a sound one are."""


class Record(NamedTuple):
    """A line of a log."""

    key: str
    request: dict[str, Any]
    answer: Answer


def line_of(request: Request, answer: Answer) -> bytes:
    """The line to write."""
    record = {"key": request.key, "request": request.to_json(), "answer": answer.to_json()}
    try:
        return orjson.dumps(record, option=orjson.OPT_APPEND_NEWLINE)
    except orjson.JSONEncodeError:
        # half a surrogate pair in an answer, which orjson neither writes nor reads
        return json.dumps(record, separators=(",", ":")).encode() + b"\n"


def record_of(line: bytes | None) -> Record | None:
    """What a line says; None where it is no record."""
    if line is None:
        return None
    try:
        fields = _parse(line)
        key, request, answer = fields["key"], fields["request"], fields["answer"]
        values = {name: answer[name] for name in FIELDS}
        is_key = len(key) == 32 and bytes.fromhex(key).hex() == key
        if not is_key or not isinstance(request["model"], str) or tuple(map(type, values.values())) not in TYPES:
            return None
    except (ValueError, TypeError, KeyError, RecursionError):
        return None
    return Record(key, request, Answer(**values))


def _parse(line: bytes) -> Any:
    try:
        return orjson.loads(line)
    except orjson.JSONDecodeError:
        if b"\\ud" not in line:
            raise
        return json.loads(line)


def read_lines(path: Path) -> Iterator[bytes]:
    """The lines of a ``.jsonl`` or ``.jsonl.zst``.

    Raises:
        InputError: it cannot be read.
    """
    try:
        with _unpacked(path) as file:
            yield from file
    except OSError as error:
        raise cannot_read(path, error) from error


def _unpacked(path: Path) -> IO[bytes]:
    if path.suffix != ".zst":
        return path.open("rb")
    from pyarrow import input_stream

    return io.BufferedReader(input_stream(str(path), compression="zstd"), 1 << 20)


def cannot_read(path: Path, error: OSError) -> InputError:
    """The one line that a user sees."""
    return InputError(f"cannot read {path}: {error.strerror or error}; expected a request log")
