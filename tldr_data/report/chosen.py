"""Which rows the page shows: references chosen by hash, each with all that was made of it and all that was rejected."""

from __future__ import annotations

import hashlib
import heapq
import json
import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import orjson

from tldr_data.dataset import CLEAN, REJECTED, Row, read_batches, read_places, shards
from tldr_data.errors import InputError
from tldr_data.example import SPLITS, TASKS
from tldr_data.manifest import row_folders

MAX_ROWS = 900
"""Rows that the page shows of references chosen by hash; what is rare comes on top."""
CAPTION_SHARE = 2 / 3
"""Of them, where there are questions too."""
MAX_UNTOUCHED = 30
"""References of which nothing was made and nothing rejected."""
FEWEST_KEPT = 10
"""Rows of each folder, if it has so many, and of each reason ``FEWEST_REJECTED``: chosen by hash too."""
FEWEST_REJECTED = 3
KEPT = ""
"""Stands for a reason where a row was kept."""
_SURROGATE = re.compile("[\ud800-\udfff]")

Kind = tuple[str, str]
"""Folder, and reason or ``KEPT``."""


class Shown(NamedTuple):
    """A row of the page, or a line of rejected/."""

    folder: str
    reason: str
    """``KEPT``, or why it was rejected."""
    split: str | None
    """Of rejected lines unknown."""
    row: Row


@dataclass(slots=True)
class _Pool:
    """References of the smallest hashes so far, and what there is of each; the others are forgotten."""

    most: int
    found: dict[str, tuple[bytes, Counter[Kind]]] = field(default_factory=dict)
    limit: bytes = b"\xff" * 33
    """No reference of this hash or above it is among the smallest."""

    def add(self, reference: str, key: bytes, kind: Kind) -> None:
        if key >= self.limit:
            return
        if reference not in self.found:
            self.found[reference] = key, Counter()
            if len(self.found) > 2 * self.most:
                self._shrink()
        if reference in self.found:
            self.found[reference][1][kind] += 1

    def _shrink(self) -> None:
        kept = heapq.nsmallest(self.most, self.found.items(), key=lambda item: item[1][0])
        self.found, self.limit = dict(kept), kept[-1][1][0] + b"\0"

    def smallest(self) -> Iterator[tuple[str, Counter[Kind]]]:
        for reference, (_, kinds) in sorted(self.found.items(), key=lambda item: item[1][0]):
            yield reference, kinds


@dataclass(slots=True)
class _Survey:
    """All ids of a build, looked through once; memory does not grow with their number."""

    pools: dict[str, _Pool] = field(default_factory=lambda: {task: _Pool(MAX_ROWS) for task in TASKS})
    """Task -> references of which something was made, or rejected."""
    clean: _Pool = field(default_factory=lambda: _Pool(8 * MAX_UNTOUCHED))
    rare: dict[Kind, _Pool] = field(default_factory=dict)
    """Kind -> references that have one."""

    def add(self, task: str, row_id: str, kind: Kind) -> None:
        """Count in a row, or a rejected one."""
        reference = reference_of(row_id, kind)
        key = _key(reference)
        if kind == (CLEAN, KEPT):
            self.clean.add(reference, key, kind)
            return
        if kind[0] != CLEAN:
            self.pools[task].add(reference, key, kind)
        if kind not in self.rare:
            self.rare[kind] = _Pool(_fewest(kind))
        self.rare[kind].add(reference, key, kind)

    def references(self) -> list[str]:
        """Those that are shown, in the order of their hashes."""
        chosen, counted = self._by_hash()
        for kind, pool in self.rare.items():
            missing = _fewest(kind) - counted[kind]
            for reference, kinds in pool.smallest():
                if missing <= 0:
                    break
                missing -= kinds[kind] * (reference not in chosen)
                chosen.add(reference)
        touched = {reference for pool in self.pools.values() for reference in pool.found}
        bare = [reference for reference, _ in self.clean.smallest() if reference not in touched][:MAX_UNTOUCHED]
        return sorted({*chosen, *bare}, key=_key)

    def _by_hash(self) -> tuple[set[str], Counter[Kind]]:
        """References until the page is full, and what there is of them."""
        shares = {"caption": CAPTION_SHARE, "vqa": 1 - CAPTION_SHARE}
        is_mixed = all(pool.found for pool in self.pools.values())
        chosen, counted = set[str](), Counter[Kind]()
        for task, pool in self.pools.items():
            room = MAX_ROWS * (shares[task] if is_mixed else 1.0)
            for reference, kinds in pool.smallest():
                if room <= 0:
                    break
                room -= 1 + kinds.total()
                chosen.add(reference)
                counted.update(kinds)
        return chosen, counted


def _fewest(kind: Kind) -> int:
    return FEWEST_REJECTED if kind[1] else FEWEST_KEPT


def choose(directory: Path, manifest: Mapping[str, Any]) -> list[Shown]:
    """The rows to be shown, of one reference after another; those of the source that gave no row at the end.

    Raises:
        InputError: a file cannot be read.
    """
    survey = _Survey()
    for folder in row_folders(manifest):
        for path, _ in _files(directory, folder):
            for batch in read_batches(path, ["id", "task"]):
                for row_id, task in zip(*(column.to_pylist() for column in batch.columns), strict=True):
                    survey.add(TASKS[task], row_id, (folder, KEPT))
    unreadable: list[Shown] = []
    for folder in manifest["rejected"]:
        for record in read_rejected(directory, folder):
            if "id" in record:
                survey.add(record["task"], record["id"], (folder, record["reason"]))
            elif sum(each.reason == record["reason"] for each in unreadable) < FEWEST_REJECTED:
                unreadable.append(Shown(folder, record["reason"], None, record))
    order = {reference: number for number, reference in enumerate(survey.references())}
    shown = [*_kept(directory, row_folders(manifest), order), *_rejected(directory, manifest["rejected"], order)]
    return [*sorted(shown, key=lambda each: _place(each, order)), *unreadable]


def _place(shown: Shown, order: Mapping[str, int]) -> tuple[int, bool, str, str]:
    reference = reference_of(shown.row["id"], (shown.folder, shown.reason))
    return order[reference], bool(shown.reason), shown.folder if shown.folder != CLEAN else "", shown.row["id"]


def reference_of(row_id: str, kind: Kind) -> str:
    """Id of the clean row that a row was made of; its own if it is clean."""
    return row_id if kind[0] == CLEAN else row_id.rpartition("#")[0]


def _kept(directory: Path, folders: Iterable[str], wanted: Collection[str]) -> Iterator[Shown]:
    import pyarrow as pa
    import pyarrow.compute as pc

    # ids of rejected rows may hold half of a surrogate pair, those of kept ones never
    names = pa.array([name for name in wanted if not _SURROGATE.search(name)], pa.string())
    for folder in folders:
        for path, split in _files(directory, folder):
            places: list[int] = []
            begin = 0
            for batch in read_batches(path, ["id"]):
                ids = batch.column(0)
                made_of = ids if folder == CLEAN else pc.replace_substring_regex(ids, r"#[^#]*$", "")
                places += (pc.indices_nonzero(pc.is_in(made_of, names)).to_numpy() + begin).tolist()
                begin += len(batch)
            for row in read_places(path, places) if places else ():
                yield Shown(folder, KEPT, split, row)


def _rejected(directory: Path, folders: Iterable[str], wanted: Collection[str]) -> Iterator[Shown]:
    for folder in folders:
        for record in read_rejected(directory, folder):
            kind = folder, record["reason"]
            if "id" in record and reference_of(record["id"], kind) in wanted:
                yield Shown(*kind, None, record)


def read_rejected(directory: Path, folder: str) -> Iterator[Row]:
    """The lines of ``rejected/<folder>.jsonl``.

    Raises:
        InputError: the file cannot be read, or a line is none of a build.
    """
    path = directory / REJECTED / f"{folder}.jsonl"
    try:
        with path.open("rb") as file:
            for line in file:
                record = _parsed(line)
                if not isinstance(record["reason"], str) or ("id" in record and record["task"] not in TASKS):
                    raise ValueError("a line is not what a build writes")
                yield record
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise InputError(f"{path}: cannot be read: {type(error).__name__}: {error}") from error


def _parsed(line: bytes) -> Row:
    try:
        return orjson.loads(line)  # type: ignore[no-any-return]
    except orjson.JSONDecodeError:  # half of a surrogate pair, which orjson does not read
        return json.loads(line)  # type: ignore[no-any-return]


def _files(directory: Path, folder: str) -> Iterator[tuple[Path, str]]:
    for split in SPLITS:
        for path in shards(directory, folder, split):
            yield path, split


def _key(reference: str) -> bytes:
    """Nobody picks by it, and all see the same."""
    return hashlib.sha256(reference.encode(errors="replace")).digest()
