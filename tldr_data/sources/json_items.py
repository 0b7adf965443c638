"""The items of a file that is one long JSON array, one at a time: files of gigabytes that are a single line.

The file is cut at its brackets, found in whole blocks by numpy, and nothing is parsed: an item is handed on as it
stands, to be parsed by whoever needs it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any, NamedTuple

import numpy as np
import orjson

from tldr_data.errors import InputError

BLOCK = 1 << 20
LONGEST = 1 << 26
"""Bytes of one item (or of none), beyond which a file is no JSON of this kind."""
_QUOTE, _CLOSES = ord('"'), 4  # the bit that "]" and "}" have and "[" and "{" have not
_MARKS = bytes(character in b'"[]{}' for character in range(256))


class Item(NamedTuple):
    """What stands at byte ``start`` of the file; ``outline`` is the item with its lists and objects emptied."""

    start: int
    data: bytes
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


def check_end(path: Path) -> None:
    """See at once whether a file is cut off or empty, before hours are spent on what comes before its end.

    Raises:
        InputError: it is, or it cannot be read.
    """
    try:
        with path.open("rb") as file:
            size = file.seek(0, 2)
            file.seek(max(0, size - BLOCK))
            end = file.read().rstrip()
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror or error}") from error
    if not end.endswith(b"]"):
        raise InputError(f"{path}: {'JSON is broken or cut off' if end else 'the file is empty'}")


def parse_item(data: bytes) -> Any:
    """An item as an object of Python; integers of more than 64 bits become floats.

    Raises:
        ValueError: it is no JSON, or no UTF-8.
        RecursionError: it is nested beyond what Python takes.
    """
    try:
        return orjson.loads(data)
    except orjson.JSONDecodeError:
        # It may be an escape of half a surrogate pair, which JSON allows.
        return json.loads(data.decode("utf-8"))


def read_item(file: IO[bytes], start: int, size: int) -> bytes:
    """The item that stands there."""
    file.seek(start)
    return file.read(size)


def _items(path: Path, file: IO[bytes]) -> Iterator[Item]:
    count = base = 0
    closed = False
    held = b""  # from byte `base` of the file on: of the item that is not whole yet
    cuts: list[int] = []  # where in the file the pieces of its outline begin and end, in turn
    for block, brackets in _blocks(file):
        held += block
        for at, depth, opens in brackets:
            if depth < 1 and (closed or held[: at + 1 - base].removeprefix(b"\xef\xbb\xbf").strip() != b"["):
                raise InputError(f"{path}: is not one JSON array of objects")
            if depth == 1 and opens:
                cuts = [at]
            elif depth > 1:
                cuts.append(at + 1 if opens or depth == 2 else at)
            closed = depth == 1 and not opens
            if depth == 2 and not opens:
                count += 1
                yield _item(held, base, cuts)
                cuts = []
        keep = cuts[0] if cuts else base + len(held) if count else base
        held, base = held[keep - base :], keep
        if len(held) > LONGEST:
            raise InputError(f"{path}: is not one JSON array of objects, or item {count + 1} is beyond {LONGEST} bytes")
    if not closed:
        what = f"JSON is broken or cut off after item {count}" if base or held else "the file is empty"
        raise InputError(f"{path}: {what}")


def _item(held: bytes, base: int, cuts: list[int]) -> Item:
    pieces = [held[start - base : end - base] for start, end in zip(cuts[::2], cuts[1::2], strict=True)]
    return Item(cuts[0], held[cuts[0] - base : cuts[-1] - base], b"".join(pieces))


def _blocks(file: IO[bytes]) -> Iterator[tuple[bytes, Iterator[tuple[int, int, bool]]]]:
    """The file in blocks, and the brackets of each that stand outside of strings and no deeper than an item's own.

    Of each bracket: its place in the file, how many are open around it (itself not counted where it opens, counted
    where it closes), whether it opens.
    """
    at = depth = in_string = 0
    escape = b""
    while block := file.read(BLOCK):
        block, escape = escape + block, b""
        if (len(block) - len(block.rstrip(b"\\"))) % 2:
            block, escape = block[:-1], b"\\"
        plain = _without_escapes(block)
        places = np.flatnonzero(np.frombuffer(plain.translate(_MARKS), dtype=bool))
        marks = np.frombuffer(plain, dtype=np.uint8)[places]
        quotes = marks == _QUOTE
        inside = np.bitwise_xor.accumulate(quotes.view(np.uint8)) ^ in_string
        outside = np.flatnonzero(~quotes)
        outside = outside[inside[outside] == 0]
        places, marks = places[outside], marks[outside]
        opens = (marks & _CLOSES) == 0
        after = depth + np.cumsum(np.where(opens, 1, -1))
        around = np.where(opens, after - 1, after + 1)
        shallow = around <= np.where(opens, 2, 3)
        found = (at + places[shallow]).tolist(), around[shallow].tolist(), opens[shallow].tolist()
        yield block, zip(*found, strict=True)
        in_string = int(inside[-1]) if len(inside) else in_string
        depth = int(after[-1]) if len(after) else depth
        at += len(block)


def _without_escapes(block: bytes) -> bytearray:
    """The same bytes, with a blank for each backslash and for what it escapes."""
    plain = bytearray(block)
    at = plain.find(b"\\")
    while at >= 0:
        plain[at : at + 2] = b"  "
        at = plain.find(b"\\", at + 2)
    return plain
