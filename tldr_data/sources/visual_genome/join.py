"""The entries of one file of a release, by image: whichever order the files list the images in.

As long as a file lists the images in the order in which they are asked for, it is read forward, once. At the first
image that is not the next one, the rest of the file is scanned and from then on entries are read from where they
stand: all that is held in memory is a table of 25 bytes an image.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple

import numpy as np

from tldr_data.errors import InputError
from tldr_data.sources.json_items import check_end, json_items, parse_item, read_item

REGIONS, QUESTIONS, IMAGES = "region_descriptions.json", "question_answers.json", "image_data.json"
ANNOTATIONS = ("objects.json", "attributes.json", "relationships.json")
"""Files that say what is in the images; any of them may be missing."""
LISTS = {REGIONS: "regions", QUESTIONS: "qas", **{name: name.removesuffix(".json") for name in ANNOTATIONS}}
"""What a file has for each image."""
NO_ID = -1
_IDS = {"image_id", "id"}


class Entry(NamedTuple):
    """What a file says of one image, unparsed; ``number`` is its place among the items, from 1."""

    number: int
    image_id: int
    """``NO_ID`` where it has none."""
    start: int
    data: bytes


def entries(path: Path, name: str) -> Iterator[Entry]:
    """The entries of the file at ``path``, which is to be of the kind that is officially called ``name``.

    Raises:
        InputError: the file cannot be read, is of another kind, or breaks off: then after the entries before.
    """
    for number, item in enumerate(json_items(path), 1):
        outline = _outline(item.outline)
        if number == 1:
            _check_kind(path, name, outline)
        yield Entry(number, _image_id(outline), item.start, item.data)


class Companion:
    """A file whose entries are asked for by image, each at most once."""

    def __init__(self, path: Path, name: str) -> None:
        check_end(path)
        self._entries = entries(path, name)
        self._file = path.open("rb")
        self._ids, self._starts, self._sizes, self._taken = array("q"), array("q"), array("q"), bytearray()
        self._order: np.ndarray[Any, np.dtype[np.int64]] | None = None
        """Of the table, by id; None as long as the file is read forward."""

    def __enter__(self) -> Companion:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._entries.close()  # type: ignore[attr-defined]
        self._file.close()

    def take(self, image_id: int) -> bytes | None:
        """The entry of an image, the first if there are more; None if it has none.

        Raises:
            InputError: as of ``entries``.
        """
        if self._order is None and (entry := self._next()) and entry.image_id == image_id:
            self._taken[-1] = True
            return entry.data
        if self._order is None:
            self._order = self._indexed()
        place = int(np.searchsorted(self._sorted, image_id))
        if place == len(self._sorted) or self._sorted[place] != image_id:
            return None
        index = int(self._order[place])
        self._taken[index] = True
        return read_item(self._file, self._starts[index], self._sizes[index])

    def rest(self) -> Iterator[Entry]:
        """The entries that nobody took, in the order of the file."""
        for index, taken in enumerate(self._taken):
            if not taken:
                start = self._starts[index]
                yield Entry(index + 1, self._ids[index], start, read_item(self._file, start, self._sizes[index]))
        yield from self._entries

    def _next(self) -> Entry | None:
        """The next entry that names its image; every one that is passed goes into the table."""
        for entry in self._entries:
            self._ids.append(entry.image_id)
            self._starts.append(entry.start)
            self._sizes.append(len(entry.data))
            self._taken.append(False)
            if entry.image_id != NO_ID:
                return entry
        return None

    def _indexed(self) -> np.ndarray[Any, np.dtype[np.int64]]:
        while self._next():
            pass
        ids = np.frombuffer(self._ids, dtype=np.int64)
        order = np.argsort(ids, kind="stable")
        self._sorted = ids[order]
        return order


def _outline(data: bytes) -> dict[str, Any]:
    """An item without its lists, {} if it is broken or something else."""
    try:
        outline = parse_item(data)
    except (ValueError, RecursionError):
        return {}
    return outline if isinstance(outline, dict) else {}


def _image_id(outline: dict[str, Any]) -> int:
    """An entry's image, ``image_id`` or (regions, questions, release 1.0) ``id``."""
    value = outline.get("image_id" if "image_id" in outline else "id")
    if isinstance(value, str) and value.isdecimal() and len(value) < 19:
        value = int(value)
    return value if type(value) is int and 0 <= value < 1 << 63 else NO_ID


def _check_kind(path: Path, name: str, first: dict[str, Any]) -> None:
    """Tell a wrong file once, by its first item, instead of as many bad entries as it has."""
    wanted = LISTS.get(name, "width")
    if wanted in first or not first.keys() - _IDS:
        return
    seems = next((file for file, key in (*LISTS.items(), (IMAGES, "width")) if key in first), None)
    if seems or name in LISTS:
        keys = ", ".join(sorted(first)[:6])
        guess = f": it seems to be {seems}" if seems else ""
        raise InputError(f"{path}: is no {name}, whose items have {wanted!r}; the first item has {keys}{guess}")
