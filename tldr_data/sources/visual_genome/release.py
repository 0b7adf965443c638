"""The files of a Visual Genome release, joined by image: one row holds all that is said of an image, unparsed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any, NamedTuple

from tldr_data.errors import InputError, RowError, UsageError
from tldr_data.example import ImageTerms
from tldr_data.sources.fields import UNKNOWN_LICENSE, known_text
from tldr_data.sources.json_items import parse_item
from tldr_data.sources.visual_genome.join import (
    ANNOTATIONS,
    IMAGES,
    LISTS,
    NO_ID,
    QUESTIONS,
    REGIONS,
    Companion,
    Entry,
    entries,
)

READ = (REGIONS, QUESTIONS)
"""Files that examples are made of."""


class Row(NamedTuple):
    """One image: its entry in each file, as the bytes that stand there, parsed by whoever makes the examples."""

    where: str
    image_id: int
    entries: Mapping[str, bytes]
    room: int | None = None
    """How many regions and pairs may still be given; None: all."""


class Image(NamedTuple):
    """Everything that the files say of one image."""

    image_id: int
    lists: Mapping[str, list[Any]]
    """Of each file that has the image, its list."""
    data: Mapping[str, Any]


class Release:
    """The files that a path means: a folder, or its ``region_descriptions.json`` or ``question_answers.json`` alone.

    Raises:
        UsageError: there is no path.
        InputError: nothing is there, or neither of the two files.
    """

    def __init__(self, path: Path | None) -> None:
        self.read = _read_files(path)
        self.folder = next(iter(self.read.values())).parent
        self.images = next((f for f in (self.folder / IMAGES, self.folder.parent / IMAGES) if f.is_file()), None)
        others = {name: self.folder / name for name in (*READ, *ANNOTATIONS) if name not in self.read}
        self.others = {name: file for name, file in others.items() if file.is_file()}

    @property
    def annotated(self) -> tuple[str, ...]:
        """The annotation files that there are."""
        return tuple(name for name in ANNOTATIONS if name in self.others)

    def rows(self) -> Iterator[Row | RowError]:
        """The images in the order of the first file that is read, then those that only the second one has.

        Raises:
            InputError: a file cannot be read, is another one than its name says, or breaks off: then after the images
                before.
        """
        if self.images is None:
            raise InputError(
                f"{self.folder}: {IMAGES} is missing; it says which images are of COCO, so that no split leaks"
            )
        (name, path), *second = self.read.items()
        with ExitStack() as stack:
            files = {**dict(second), IMAGES: self.images, **self.others}
            joined = {other: stack.enter_context(Companion(file, other)) for other, file in files.items()}
            seen: set[int] = set()
            for entry in entries(path, name):
                yield _row(name, entry, joined, seen)
            if not seen:
                raise InputError(f"{path}: has no images")
            for later, _ in second:
                for entry in joined.pop(later).rest():
                    yield _row(later, entry, joined, seen)


def image_of(row: Row) -> Image:
    """The entries of a row, parsed.

    Raises:
        RowError: one of them is broken (``broken_json``) or has no list (``no_list``).
    """
    parsed = {name: _parsed(row, name, data) for name, data in row.entries.items()}
    lists = {name: parsed[name].get(LISTS[name]) for name in LISTS if name in parsed}
    for name, value in lists.items():
        if name in READ and not isinstance(value, list):
            raise RowError("no_list", f"{name} image {row.image_id}: {LISTS[name]} is not a list")
    kept = {name: value for name, value in lists.items() if isinstance(value, list)}
    return Image(row.image_id, kept, parsed.get(IMAGES, {}))


def photograph_terms(group: str | None, data: Mapping[str, Any]) -> ImageTerms:
    """What is known of a photograph, ``data`` being its entry in image_data.json; its licence nobody noted."""
    url = known_text(data, "url")
    name = f"photograph {group}" if group else "photograph"
    attribution = f"{name}, under the terms of its Flickr photographer{f': {url}' if url else ''}"
    return ImageTerms(UNKNOWN_LICENSE, attribution, url)


def _row(name: str, entry: Entry, joined: Mapping[str, Companion], seen: set[int]) -> Row | RowError:
    where = f"{name} item {entry.number}"
    if entry.image_id == NO_ID:
        return RowError("no_image_id", f"{where}: is broken, or has no number of an image")
    if entry.image_id in seen:
        return RowError("repeated_image", f"{where}: image {entry.image_id} stands there twice")
    seen.add(entry.image_id)
    found = {other: data for other, file in joined.items() if (data := file.take(entry.image_id)) is not None}
    return Row(where, entry.image_id, {name: entry.data, **found})


def _parsed(row: Row, name: str, data: bytes) -> dict[str, Any]:
    try:
        entry = parse_item(data)
    except (ValueError, RecursionError) as error:
        raise RowError("broken_json", f"{name} image {row.image_id}: broken JSON: {str(error)[:80]}") from None
    return entry if isinstance(entry, dict) else {}


def _read_files(path: Path | None) -> dict[str, Path]:
    names = " or ".join(READ)
    if path is None:
        raise UsageError(f"source 'visual_genome' needs --path: the folder with {names}, or one of the two")
    if path.is_file():
        return {QUESTIONS if "question" in path.name else REGIONS: path}
    if not path.is_dir():
        raise InputError(f"{path}: no such file or folder")
    if not (found := {name: path / name for name in READ if (path / name).is_file()}):
        raise InputError(f"{path}: the folder has no file named {names}")
    return found
