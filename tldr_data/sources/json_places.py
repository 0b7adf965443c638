"""Where in a JSON file its objects stand, so that files of gigabytes can be joined without being held.

The file is cut at its brackets and nothing is parsed, so that finding an object costs little and it can be read again
later from where it stands.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import IO, NamedTuple

from tldr_data.errors import InputError

BLOCK = 1 << 20
LONGEST = 1 << 26
"""Bytes without a bracket, after which a file is no JSON of this kind."""
_TEXT = rb'[^"\[\]{}]++|"(?:[^"\\]++|\\.)*+"'
_FLAT = rb"\[(?:%b)*+\]|\{(?:%b|\[(?:%b)*+\])*+\}" % (_TEXT, _TEXT, _TEXT)
_BRACKET = re.compile(rb"(?:%b)*+[\[\]{}]" % _TEXT, re.DOTALL)
# Where nothing inside matters, whole objects at once.
_DEEP_BRACKET = re.compile(rb"(?:%b|%b)*+[\[\]{}]" % (_TEXT, _FLAT), re.DOTALL)
_OPENING = b"[{"
_KEYED = re.compile(rb'"((?:[^"\\]|\\.)*)"\s*:\s*[\[{]\Z', re.DOTALL)
"""The end of the text before a bracket, where that opens the value of a key."""


class Place(NamedTuple):
    """Bytes ``start`` to ``start + size`` of a file."""

    start: int
    size: int

    def read(self, file: IO[bytes]) -> bytes:
        """What stands there."""
        file.seek(self.start)
        return file.read(self.size)


def places_by_number(path: Path, key: str, number: str) -> dict[str, Place]:
    """Where the objects of the list at ``key`` stand, by the whole number that each has at ``number``; of two, the
    first. The number may stand anywhere in its object but inside another object or list.

    Raises:
        InputError: the file cannot be read, is something else, or breaks off.
    """
    wanted = re.compile(rb'"%b"\s*:\s*(\d+)' % re.escape(number.encode()))
    places: dict[str, Place] = {}
    start, inside, outside_lists = 0, False, b""
    for depth, end, piece in _pieces(path, 4):
        opening = piece[-1:] in _OPENING
        if depth == 1:
            inside = piece.endswith(b"[") and _key_of(piece) == key
        elif not inside:
            continue
        elif depth == 2 and opening:
            start, outside_lists = end - 1, b""
        elif depth == 3:
            outside_lists += piece
            if not opening and (match := wanted.search(outside_lists)):
                places.setdefault(match[1].decode(), Place(start, end - start))
    return places


def places_by_key(path: Path) -> dict[str, Place]:
    """Where the objects stand that the object in a file holds, by their keys; of two, the first.

    Raises:
        InputError: as of ``places_by_number``.
    """
    places: dict[str, Place] = {}
    key: str | None = None
    start = 0
    for depth, end, piece in _pieces(path, 2):
        opening = piece[-1:] in _OPENING
        if depth == 1 and opening:
            start, key = end - 1, _key_of(piece) if piece.endswith(b"{") else None
        elif depth == 2 and not opening and key is not None:
            places.setdefault(key, Place(start, end - start))
    return places


def _key_of(piece: bytes) -> str | None:
    """The key whose value is opened at the end of a piece of text; None if there is none."""
    match = _KEYED.search(piece)
    try:
        return str(json.loads(b'"%b"' % match[1])) if match else None
    except ValueError:
        return None


def _pieces(path: Path, deep: int) -> Iterator[tuple[int, int, bytes]]:
    """Every bracket with the text before it: how deep it stands, where in the file it ends, both as they are.

    From depth ``deep`` on, whole objects without others in them are passed over.
    """
    depth, at, rest = 0, 0, b""
    try:
        with path.open("rb") as file:
            while block := file.read(BLOCK):
                rest, done = rest + block, 0
                while match := (_BRACKET if depth < deep else _DEEP_BRACKET).match(rest, done):
                    done = match.end()
                    yield depth, at + done, match[0]
                    depth += 1 if match[0][-1:] in _OPENING else -1
                at, rest = at + done, rest[done:]
                if len(rest) > LONGEST:
                    raise InputError(f"{path}: is not JSON: no bracket in {len(rest)} bytes")
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror or error}") from error
    if depth:
        raise InputError(f"{path}: JSON is broken or cut off")
