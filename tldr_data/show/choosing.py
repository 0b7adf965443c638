"""Which rows are shown: in order, one of each folder in turn, or a random choice of which no other row is read."""

from __future__ import annotations

import random
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, islice
from pathlib import Path

from tldr_data.dataset import CLEAN, FIELDS, Row, named_row, read_places, read_stored, shards
from tldr_data.errors import InputError, UsageError
from tldr_data.example import SPLITS
from tldr_data.hub.opening import open_dataset
from tldr_data.manifest import load_manifest, row_folders

FEW = 10
"""Rows, where nobody says how many."""
AT_ONCE = 2048
"""Random rows that are fetched together: a part of a file is read once for all of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What rows somebody wants to see."""

    taxonomy: str | None = None
    """A taxonomy, or clean, or paraphrase; None: all but the clean ones."""
    split: str | None = None
    seed: int | None = None
    """Of a random choice, in which each row is as likely as any other; None: the first ones."""
    limit: int | None = None


def chosen_rows(place: str, wanted: Wanted) -> Iterator[tuple[str, Row]]:
    """(split, row) of the rows that are wanted, without images; of a dataset on the Hub only their folders are fetched.

    Memory does not grow with the number of rows that there are.

    Raises:
        UsageError: there are none.
        InputError: it is no finished build, or a file cannot be read.
    """
    folders = _folders(place, wanted)
    splits = SPLITS if wanted.split is None else (wanted.split,)
    patterns = [f"{folder}/{split}-*.parquet" for folder in folders for split in splits]
    directory = open_dataset(place, ["manifest.json", *patterns])
    if wanted.seed is None:
        return islice(_in_turn([_rows(directory, folder, splits) for folder in folders]), wanted.limit)
    files = [(split, path) for folder in folders for split in splits for path in shards(directory, folder, split)]
    return _at_random(files, wanted.seed, wanted.limit)


def _folders(place: str, wanted: Wanted) -> list[str]:
    """The folders that hold what is wanted."""
    manifest = load_manifest(open_dataset(place, ["manifest.json"]))
    folders = row_folders(manifest)
    if wanted.taxonomy is not None and wanted.taxonomy not in folders:
        raise UsageError(f"{place} has no rows of {wanted.taxonomy!r}: it has {', '.join(folders)}")
    if wanted.taxonomy is not None:
        folders = [wanted.taxonomy]
    else:
        folders = [folder for folder in folders if folder != CLEAN] or folders
    found = [folder for folder in folders if wanted.split is None or manifest["rows"][folder].get(wanted.split)]
    if not found:
        there = {split for folder in folders for split, rows in manifest["rows"][folder].items() if rows}
        listed = ", ".join(split for split in SPLITS if split in there)
        raise UsageError(f"{place} has no rows of {', '.join(folders)} in {wanted.split}: it has some in {listed}")
    return found


def _rows(directory: Path, folder: str, splits: Sequence[str]) -> Iterator[tuple[str, Row]]:
    """Read a few at a time: mostly only the first ones are looked at."""
    columns = [name for name in FIELDS if name != "image"]
    for split in splits:
        for path in shards(directory, folder, split):
            for stored in read_stored(path, columns):
                try:
                    yield split, named_row(stored)
                except InputError as error:
                    raise InputError(f"{path}: row {stored.get('id')}: {error}") from error


def _in_turn(streams: list[Iterator[tuple[str, Row]]]) -> Iterator[tuple[str, Row]]:
    """One row of each in turn, until all are at their end."""
    while streams:
        for stream in tuple(streams):
            row = next(stream, None)
            if row is None:
                streams.remove(stream)
            else:
                yield row


def _at_random(files: list[tuple[str, Path]], seed: int, limit: int | None) -> Iterator[tuple[str, Row]]:
    """Rows of some files in random order, found by the numbers of rows that the files say they have."""
    ends = list(accumulate(_row_count(path) for _, path in files))
    total = ends[-1] if ends else 0
    drawn = random.Random(seed).sample(range(total), total if limit is None else min(limit, total))
    for begin in range(0, len(drawn), AT_ONCE):
        places = drawn[begin : begin + AT_ONCE]
        found = _rows_at(sorted(places), files, ends)
        yield from map(found.__getitem__, places)


def _row_count(path: Path) -> int:
    """As the file's footer says."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        return int(pq.read_metadata(path).num_rows)
    except (pa.ArrowException, OSError) as error:
        raise InputError(f"{path}: cannot be read: {str(error).splitlines()[0]}") from error


def _rows_at(places: list[int], files: list[tuple[str, Path]], ends: list[int]) -> dict[int, tuple[str, Row]]:
    """Place, counted through all files -> split and row."""
    found: dict[int, tuple[str, Row]] = {}
    for number, (split, path) in enumerate(files):
        begin = ends[number - 1] if number else 0
        inside = [place for place in places if bisect_right(ends, place) == number]
        rows = read_places(path, [place - begin for place in inside]) if inside else iter(())
        for place in inside:
            found[place] = split, next(rows)
    return found
