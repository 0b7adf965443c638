"""The items of a file that is one long JSON array, by their place in it: files of gigabytes that must be joined.

The file is cut at its brackets and nothing is parsed, so that finding an item costs little and it can be read again
later from where it stands.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any, NamedTuple

from tldr_data.errors import InputError

BLOCK = 1 << 20
LONGEST = 1 << 28
"""Bytes without a bracket, after which a file is no JSON of this kind."""
_TEXT = rb'[^"\[\]{}]++|"(?:[^"\\]++|\\.)*+"'
_FLAT = rb"\[(?:%b)*+\]|\{(?:%b|\[(?:%b)*+\])*+\}" % (_TEXT, _TEXT, _TEXT)
_BRACKET = re.compile(rb"(?:%b)*+[\[\]{}]" % _TEXT, re.DOTALL)
# Where nothing inside matters, whole objects at once.
_DEEP_BRACKET = re.compile(rb"(?:%b|%b)*+[\[\]{}]" % (_TEXT, _FLAT), re.DOTALL)
_OPENING = b"[{"


class Item(NamedTuple):
    """Bytes ``start`` to ``start + size`` of the file; ``outline`` is the item with its lists and objects emptied."""

    start: int
    size: int
    outline: bytes


def json_items(path: Path) -> Iterator[Item]:
    """The objects in the array that a file holds, in order.

    Raises:
        InputError: it cannot be read, is something else, or breaks off: then after the items before the break.
    """
    try:
        with path.open("rb") as file:
            yield from _items(path, file)
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror or error}") from error


def _items(path: Path, file: IO[bytes]) -> Iterator[Item]:
    depth = start = count = 0
    outline: list[bytes] = []
    for depth, end, piece in _pieces(path, file):
        opening = piece[-1:] in _OPENING
        if depth == 0 and (count or piece.removeprefix(b"\xef\xbb\xbf").strip() != b"["):
            raise InputError(f"{path}: is not one JSON array of objects")
        if depth == 1 and opening:
            start, outline = end - 1, [b"{"]
        elif depth == 2 or (depth == 3 and not opening):
            outline.append(piece if depth == 2 else piece[-1:])
        if depth == 2 and not opening:
            count += 1
            yield Item(start, end - start, b"".join(outline))
    if depth != 1:
        raise InputError(f"{path}: JSON is broken or cut off after item {count}")


def _pieces(path: Path, file: IO[bytes]) -> Iterator[tuple[int, int, bytes]]:
    """Every bracket with the text before it: how deep it stands, where in the file it ends, both as they are."""
    depth, at, rest = 0, 0, b""
    while block := file.read(BLOCK):
        rest, done = rest + block, 0
        while match := (_BRACKET if depth < 3 else _DEEP_BRACKET).match(rest, done):
            done = match.end()
            yield depth, at + done, match[0]
            depth += 1 if match[0][-1:] in _OPENING else -1
        at, rest = at + done, rest[done:]
        if len(rest) > LONGEST:
            raise InputError(f"{path}: is not JSON: no bracket in {len(rest)} bytes")


def read_item(file: IO[bytes], start: int, size: int) -> Any:
    """The item that stands there.

    Raises:
        ValueError: it is no JSON, or no UTF-8.
    """
    file.seek(start)
    return json.loads(file.read(size).decode("utf-8"))
