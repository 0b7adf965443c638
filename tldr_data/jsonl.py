"""Rows of JSON lines in and out, as the commands ``label`` and ``filter`` read and write them."""

from __future__ import annotations

import json
import os
import re
import sys
from codecs import BOM_UTF8
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import IO, Any, NamedTuple, TextIO

import orjson

from tldr_data.atomic import whole_file
from tldr_data.errors import BuildError, InputError, RowError, TldrError, UsageError


class BadRows(NamedTuple):
    """How many rows came back with ``error``, and what the first of them says."""

    number: int
    first: str


@contextmanager
def open_streams(input: Path | None, output: Path | None) -> Iterator[tuple[Iterator[bytes], IO[bytes]]]:
    """Lines of a file and the file to write; None or ``-`` is standard input or output.

    A plain file appears only when it is whole, where a link points and with the mode of the old one; a device or a
    pipe is written into.

    Raises:
        InputError: the input cannot be read, or standard input or output is closed.
        UsageError: the output is a folder.
        BuildError: the output cannot be written.
    """
    standard = output is None or str(output) == "-"
    written = nullcontext(open_stream(sys.stdout, "output")) if output is None or standard else _open_output(output)
    with _open_lines(input) as lines, written as out:
        yield lines, out
        out.flush()


def open_stream(stream: TextIO | None, name: str) -> IO[bytes]:
    """The bytes of standard input or output.

    Raises:
        InputError: it was closed before the start.
    """
    if stream is None:
        raise InputError(f"standard {name} is closed; expected an open file or pipe")
    return stream.buffer


@contextmanager
def _open_output(path: Path) -> Iterator[IO[bytes]]:
    if path.is_dir():
        raise UsageError(f"cannot write {path}: it is a folder; allowed: a file")
    if path.exists() and not path.is_file():
        try:
            with path.open("wb") as file:
                yield file
        except OSError as error:
            raise BuildError(f"cannot write {path}: {error.strerror or error}") from error
    else:
        with whole_file(Path(os.path.realpath(path)), durable=False) as file:
            yield file


@contextmanager
def _open_lines(path: Path | None) -> Iterator[Iterator[bytes]]:
    if path is None or str(path) == "-":
        yield _read_lines("standard input", open_stream(sys.stdin, "input"))
        return
    try:
        file = open(path, "rb")  # noqa: SIM115  # closed below; an error inside the block is not one of opening
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror}; expected a file of JSON lines") from error
    with file:
        yield _read_lines(path, file)


def _read_lines(path: Path | str, file: IO[bytes]) -> Iterator[bytes]:
    try:
        yield from file
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror}; expected a file of JSON lines") from error


def write_answers(
    lines: Iterable[bytes], out: IO[bytes], answer: Callable[[bytes], tuple[bytes, str | None]]
) -> BadRows:
    """Write what ``answer`` gives for each line: a line, and what is wrong with the row."""
    number, first = 0, ""
    for line in lines:
        written, error = answer(line)
        out.write(written)
        if error is not None:
            number, first = number + 1, first or error
    return BadRows(number, first)


def answer_row(
    line: bytes, names: Collection[str], work: Callable[[dict[str, Any]], dict[str, Any]], if_bad: dict[str, Any]
) -> tuple[bytes, str | None]:
    """The line of a row with the fields that ``work`` makes of it, and what is wrong with the row.

    ``names`` are all fields that may be added: those of the row that are called so go. A bad row gets ``if_bad`` and
    ``error``. What else the row holds is kept as it is written, so that no number in it can change.
    """
    line = line.removeprefix(BOM_UTF8).strip()
    try:
        row = parse_row(line)
        try:
            added, error = work(row), None
        except TldrError as bad:
            added, error = if_bad | {"error": str(bad)}, str(bad)
        if row and row.keys().isdisjoint(names):
            return b"%s, %s\n" % (line[:-1].rstrip(), orjson.dumps(added)[1:]), error
        kept = [text for name, text in _members(line.decode()) if name not in (names if error is None else added)]
        return f"{{{', '.join([*kept, orjson.dumps(added)[1:-1].decode()])}}}\n".encode(), error
    except RowError as bad:
        return row_line(if_bad | broken_row(line, bad)), str(bad)


def _members(text: str) -> Iterator[tuple[str, str]]:
    """The names of a JSON object, each with its name and value as they are written."""
    try:
        at = _between(text, 1)
        while text[at] != "}":
            start = at
            name, at = _as_written(text, at)
            _, at = _as_written(text, _between(text, at))
            yield name, text[start:at]
            at = _between(text, at)
    except RecursionError as error:
        raise RowError("broken_json", f"broken JSON: {error}; allowed: a JSON object") from None


def _between(text: str, at: int) -> int:
    """Where the next name or value of a JSON object begins, or its closing brace stands."""
    match = _BETWEEN.match(text, at)
    return match.end() if match else at


def parse_row(line: bytes) -> dict[str, Any]:
    """The JSON object of one line, which has no white space around it.

    Raises:
        RowError: it is empty, broken, not UTF-8, or not an object.
    """
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


_decode = json.JSONDecoder(parse_int=float, parse_constant=_no_constant).decode
_as_written = json.JSONDecoder(parse_int=str, parse_float=str).raw_decode
_BETWEEN = re.compile(r"[ \t\r\n]*[:,]?[ \t\r\n]*")


def broken_row(line: bytes, error: Exception) -> dict[str, Any]:
    """What stands for a line that is no JSON object: the line itself and what is wrong with it."""
    return {"line": line.decode("utf-8", "backslashreplace"), "error": str(error)}


def row_line(row: dict[str, Any]) -> bytes:
    """One line of JSON."""
    return orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE)
