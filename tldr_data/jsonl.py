"""Rows of JSON lines in and out, as the commands ``label`` and ``filter`` read and write them."""

from __future__ import annotations

import json
import sys
from codecs import BOM_UTF8
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import IO, Any

import orjson

from tldr_data.atomic import whole_file
from tldr_data.errors import InputError, RowError


@contextmanager
def open_streams(input: Path | None, output: Path | None) -> Iterator[tuple[Iterator[bytes], IO[bytes]]]:
    """Lines of a file and the file to write, which appears only when it is whole; None or ``-`` is standard input
    or output.

    Raises:
        InputError: the input cannot be read.
        BuildError: the output cannot be written.
    """
    standard = output is None or str(output) == "-"
    written = nullcontext(sys.stdout.buffer) if output is None or standard else whole_file(output, durable=False)
    with _open_lines(input) as lines, written as out:
        yield lines, out
        out.flush()


@contextmanager
def _open_lines(path: Path | None) -> Iterator[Iterator[bytes]]:
    if path is None or str(path) == "-":
        yield iter(sys.stdin.buffer)
        return
    try:
        file = open(path, "rb")  # noqa: SIM115  # closed below; an error inside the block is not one of opening
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror}; expected a file of JSON lines") from error
    with file:
        yield _read_lines(path, file)


def _read_lines(path: Path, file: IO[bytes]) -> Iterator[bytes]:
    try:
        yield from file
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror}; expected a file of JSON lines") from error


def parse_row(line: bytes) -> dict[str, Any]:
    """The JSON object of one line.

    Raises:
        RowError: it is empty, broken, not UTF-8, or not an object.
    """
    line = line.removeprefix(BOM_UTF8).strip()
    if not line:
        raise RowError("empty_line", "the line is empty; allowed: a JSON object")
    try:
        row = orjson.loads(line)
    except orjson.JSONDecodeError:
        row = _parse_leniently(line)
    if not isinstance(row, dict):
        raise RowError("not_an_object", f"the line is a JSON {type(row).__name__}; allowed: an object")
    return row


def _parse_leniently(line: bytes) -> Any:
    """What orjson refuses and JSON allows: integers of more than 64 bits, escapes of lone surrogates."""
    try:
        return _decode(line.decode())
    except UnicodeDecodeError as error:
        raise RowError("not_utf8", f"not UTF-8: {error}") from None
    except (ValueError, RecursionError) as error:
        raise RowError("broken_json", f"broken JSON: {error}; allowed: a JSON object") from None


def text_field(row: dict[str, Any], field: str) -> str:
    """A field that must hold a text.

    Raises:
        RowError: it is missing, not a string, empty, or not valid Unicode.
    """
    if field not in row:
        raise RowError(f"no_{field}", f"{field} is missing; allowed: a string that is not empty")
    value = row[field]
    if not isinstance(value, str):
        raise RowError(f"bad_{field}", f"{field} is {str(value)[:40]!r}; allowed: a string that is not empty")
    if not value or value.isspace():
        raise RowError(f"empty_{field}", f"{field} is empty; allowed: a string that is not empty")
    if not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError as error:
            found = f"U+{ord(value[error.start]):04X}"
            raise RowError(
                "lone_surrogate", f"{field} holds the lone surrogate {found} at {error.start}; allowed: valid Unicode"
            ) from None
    return value


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


_decode = json.JSONDecoder(parse_constant=_no_constant).decode


def broken_row(line: bytes, error: Exception) -> dict[str, Any]:
    """What stands for a line that is no JSON object: the line itself and what is wrong with it."""
    return {"line": line.removeprefix(BOM_UTF8).strip().decode("utf-8", "backslashreplace"), "error": str(error)}


def row_line(row: dict[str, Any]) -> bytes:
    """One line of JSON."""
    try:
        return f"{json.dumps(row, ensure_ascii=False)}\n".encode()
    except UnicodeEncodeError:
        # A lone surrogate cannot be written as UTF-8, but as the escape that it was read from.
        return f"{json.dumps(row)}\n".encode()
