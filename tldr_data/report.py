"""The web page of a build: counts, tables, and rows with their images to be looked at by a person."""

from __future__ import annotations

import hashlib
import heapq
import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from tldr_data.atomic import write_text
from tldr_data.dataset import (
    CLEAN,
    IMAGES,
    REJECTED,
    Row,
    load_manifest,
    read_rows,
    read_stored,
    row_folders,
    shards,
)
from tldr_data.errors import InputError
from tldr_data.example import SPLITS
from tldr_data.images import thumbnail
from tldr_data.marks import Piece, pieces_of
from tldr_data.resources import resource_dir
from tldr_data.yields import percent

MAX_ROWS = 200
MAX_REJECTED = 10
"""Rejected rows shown for each folder and reason."""
THUMBNAIL_SIDE = 192


class ShownRow(NamedTuple):
    """One row of the page."""

    row: Row
    split: str
    image: str | None
    """Data URI."""
    pieces: list[Piece]


def write_report(directory: Path) -> Path:
    """Make ``report.html`` of a finished build anew, and return its path.

    Raises:
        InputError: it is no finished build, or its files cannot be read.
        BuildError: the page cannot be written.
    """
    from jinja2 import TemplateError

    page, manifest = directory / "report.html", load_manifest(directory)
    try:
        html = render_report(directory, manifest)
    except (TemplateError, ValueError) as error:
        raise InputError(f"{directory / 'manifest.json'}: its counts cannot be shown: {error}") from error
    write_text(page, html)
    return page


def render_report(directory: Path, manifest: Mapping[str, Any]) -> str:
    """The page, all in one file."""
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(resource_dir("cards")),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        autoescape=True,
    )
    folders = [folder for folder in row_folders(manifest) if folder != CLEAN] or [CLEAN]
    share = -(-MAX_ROWS // len(folders))
    chosen = [row for folder in folders for row in _choose(directory, folder, share)][:MAX_ROWS]
    images = thumbnails(directory, {row["image_id"] for _, row in chosen}, THUMBNAIL_SIDE)
    shown = [ShownRow(row, split, images.get(row["image_id"]), pieces_of(row)) for split, row in chosen]
    return environment.get_template("report.html.jinja").render(
        manifest=manifest,
        splits=SPLITS,
        percent=percent,
        shown=shown,
        rejected=list(_rejected(directory, manifest)),
    )


def _choose(directory: Path, folder: str, count: int) -> list[tuple[str, Row]]:
    """Rows that stand for a folder: those of the smallest hash, so that nobody picked them and all see the same."""

    def keys() -> Iterator[tuple[str, str, str, Row]]:
        for split, row in read_rows(directory, folder):
            yield hashlib.sha256(row["id"].encode()).hexdigest(), row["id"], split, row

    return [(split, row) for _, _, split, row in heapq.nsmallest(count, keys(), key=lambda key: key[:2])]


def thumbnails(directory: Path, wanted: set[str | None], side: int) -> dict[str | None, str]:
    """Data URIs by image id, of at most ``side`` pixels a side.

    Raises:
        InputError: a file or an image cannot be read.
    """
    found: dict[str | None, str] = {}
    for split in SPLITS:
        for path in shards(directory, IMAGES, split):
            for stored in read_stored(path, ["image_id", "image"]):
                if stored["image_id"] in wanted:
                    found[stored["image_id"]] = _thumbnail(path, stored, side)
    return found


def _thumbnail(path: Path, stored: Row, side: int) -> str:
    try:
        return thumbnail(stored["image"]["bytes"], side)
    except Exception as error:  # Pillow's decoders raise SyntaxError, struct.error, EOFError and more on broken files
        raise InputError(f"{path}: image {stored['image_id']} cannot be read: {type(error).__name__}") from error


def _rejected(directory: Path, manifest: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, list[Row]]]]:
    """The first rejected rows of each folder and reason."""
    for folder in manifest["rejected"]:
        reasons: dict[str, list[Row]] = defaultdict(list)
        path = directory / REJECTED / f"{folder}.jsonl"
        try:
            with path.open("rb") as file:
                for record in map(json.loads, file):
                    if len(kept := reasons[record["reason"]]) < MAX_REJECTED:
                        kept.append({**record, "pieces": pieces_of(record) if record.get("response") else []})
        except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise InputError(f"{path}: cannot be read: {type(error).__name__}: {error}") from error
        yield folder, dict(reasons)
