"""Small pictures for pages, of some images of a build, and the addresses of those that it does not hold."""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set
from pathlib import Path

from tldr_data.dataset import IMAGES, Row, read_batches, shards
from tldr_data.errors import InputError
from tldr_data.example import SPLITS
from tldr_data.images import thumbnail


def thumbnails(directory: Path, wanted: Set[str | None], side: int) -> dict[str | None, str]:
    """Data URIs by image id, of at most ``side`` pixels a side; none of an image that was not published.

    Of the files only the row groups that hold one of the images are read.

    Raises:
        InputError: a file or an image cannot be read.
    """
    return {
        stored["image_id"]: _thumbnail(path, stored, side)
        for path in _paths(directory)
        for stored in _stored(path, ["image_id", "image"], wanted)
        if _is_here(stored)
    }


def addresses(directory: Path, wanted: Set[str | None]) -> dict[str, str]:
    """Where images lie that were not published, by image id, as far as their sources say so on the web.

    Raises:
        InputError: a file cannot be read.
    """
    return {
        stored["image_id"]: stored["url"]
        for path in _paths(directory)
        for stored in _stored(path, ["image_id", "url"], wanted)
        if (stored["url"] or "").startswith(("https://", "http://"))
    }


def _paths(directory: Path) -> Iterator[Path]:
    return (path for split in SPLITS for path in shards(directory, IMAGES, split))


def _is_here(stored: Row) -> bool:
    return bool(stored["image"] and stored["image"]["bytes"])


def _stored(path: Path, columns: Sequence[str], wanted: Set[str | None]) -> Iterator[Row]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    ids = [row_id for batch in read_batches(path, ["image_id"]) for row_id in batch.column(0).to_pylist()]
    try:
        with pq.ParquetFile(path) as file:
            begin = 0
            for number in range(file.num_row_groups):
                end = begin + file.metadata.row_group(number).num_rows
                places = [place for place, row_id in enumerate(ids[begin:end]) if row_id in wanted]
                begin = end
                if places:
                    yield from file.read_row_group(number, list(columns)).take(places).to_pylist()
    except (pa.ArrowException, OSError) as error:
        raise InputError(f"{path}: cannot be read: {str(error).splitlines()[0]}") from error


def _thumbnail(path: Path, stored: Row, side: int) -> str:
    try:
        return thumbnail(stored["image"]["bytes"], side)
    except Exception as error:  # Pillow's decoders raise SyntaxError, struct.error, EOFError and more on broken files
        raise InputError(f"{path}: image {stored['image_id']} cannot be read: {type(error).__name__}") from error
