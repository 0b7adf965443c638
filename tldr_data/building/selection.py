"""Which rows that may be published are left out all the same: errors that are guessable without the image, more of
a subtype than its share of the taxonomy, more of a taxonomy than was asked for."""

from __future__ import annotations

import hashlib
import json
from array import array
from collections import Counter
from collections.abc import Callable, Container, Iterable, Iterator
from itertools import accumulate
from pathlib import Path
from typing import Any

from tldr_data.atomic import write_json
from tldr_data.building.parts import read_entries, reference_id
from tldr_data.dataset import CLEAN, Row
from tldr_data.probe import (
    FOLDS,
    Guess,
    Instance,
    Probe,
    bad_words,
    by_taxonomy,
    fold_of,
    guess,
    site_instances,
    text_instances,
    word_instances,
)
from tldr_data.taxonomy import Taxonomy

MOST_ROWS = 30_000
"""Rows that the probe looks at: all of some image groups."""

Leave = Callable[[Row], str | None]
"""The reason to leave a row out, or None."""


class Selection:
    """Decides with all rows in view; what it leaves out is kept on the disk, so that memory does not grow with it."""

    def __init__(
        self, chunks: list[Path], taxonomies: list[Taxonomy], work: Path, drops: Callable[[Path], Container[str]]
    ) -> None:
        self.chunks = chunks
        self.taxonomies = taxonomies
        self.folder = work / "left_out"
        self._dropped = drops

    def run(self, max_guessability: float | None, *, capped: bool, target: int | None) -> dict[str, Any]:
        """Choose, and return what the probe found in the rows that stay, as the manifest holds it."""
        sample = self._sample()
        if max_guessability is not None:
            self._leave_out(_guessable(word_instances(sample), max_guessability))
        for taxonomy in self.taxonomies if capped else ():
            for subtype in (name for name, found in taxonomy.subtypes.items() if found.max_share < 1):
                self._cap(taxonomy, subtype)
        if target is not None:
            seen: Counter[str] = Counter()
            self._leave_out(lambda row: _over(row, seen, target))
        if max_guessability is not None or target is not None:
            sample = self._sample()
        return _shortcuts(sample, self.taxonomies)

    def left_out(self, chunk: Path) -> dict[str, str]:
        """Id -> reason, of the rows of one chunk."""
        path = self.folder / f"{chunk.name}.json"
        found: dict[str, str] = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
        return found

    def _rows(self, chunk: Path, folders: Iterable[str]) -> Iterator[Row]:
        dropped, left_out = self._dropped(chunk), self.left_out(chunk)
        for folder in folders:
            for row in read_part(chunk, folder):
                if reference_id(row) not in dropped and row["id"] not in left_out:
                    yield row

    def _sample(self) -> list[Row]:
        """All rows of some groups, those of the smallest hash, so that nobody picked them."""
        sizes: Counter[int] = Counter()
        for chunk in self.chunks:
            for entry in read_entries(chunk):
                if entry["kept"]:
                    sizes[_place(entry["group"])] += entry["rows"]
        totals = accumulate(sizes[place] for place in sorted(sizes))
        chosen = {place for place, total in zip(sorted(sizes), totals, strict=True) if total <= MOST_ROWS}
        folders = [CLEAN, *(taxonomy.name for taxonomy in self.taxonomies)]
        rows = (row for chunk in self.chunks for row in self._rows(chunk, folders) if _place(row["group"]) in chosen)
        return sorted(rows, key=lambda row: str(row["id"]))

    def _leave_out(self, leave: Leave) -> None:
        names = [taxonomy.name for taxonomy in self.taxonomies]
        for chunk in self.chunks:
            found = {row["id"]: reason for row in self._rows(chunk, names) if (reason := leave(row))}
            if found:
                write_json(self.folder / f"{chunk.name}.json", {**self.left_out(chunk), **found})

    def _cap(self, taxonomy: Taxonomy, subtype: str) -> None:
        """Leave out rows of a subtype, those of the largest hash first, until it has no more than its share."""
        rows = (row for chunk in self.chunks for row in self._rows(chunk, [taxonomy.name]))
        places, others = array("Q"), 0
        for row in rows:
            if row["subtype"] == subtype:
                places.append(_place(row["id"]))
            else:
                others += 1
        share = taxonomy.subtypes[subtype].max_share
        room = int(others * share / (1 - share))
        if len(places) > room:
            first = sorted(places)[room]
            self._leave_out(
                lambda row: "over_share" if row["subtype"] == subtype and _place(row["id"]) >= first else None
            )


def _over(row: Row, seen: Counter[str], target: int) -> str | None:
    """Of each taxonomy the first rows stay, in the order of the source."""
    seen[row["taxonomy"]] += 1
    return "over_target" if seen[row["taxonomy"]] > target else None


def read_part(chunk: Path, folder: str) -> Iterator[Row]:
    """Rows of one part of a chunk; none where there is no part."""
    path = chunk / f"{folder}.jsonl"
    if path.is_file():
        with path.open("rb") as file:
            yield from map(json.loads, file)


def _guessable(instances: list[Instance], most: float) -> Leave:
    """Leaves out rows of which the probe, from text alone, calls any false word false with more than that certainty."""
    labels = {(instance.label, fold_of(instance.group) == fold) for instance in instances for fold in range(FOLDS)}
    if len(labels) < 4:
        return lambda row: None
    probe = Probe(instances)
    return lambda row: "guessable" if max(probe.scores(bad_words(row)), default=0.0) > most else None


def _shortcuts(sample: list[Row], taxonomies: list[Taxonomy]) -> dict[str, Any]:
    words = word_instances(sample)
    return {
        "words": _figures(guess(words)),
        "sites": _figures(guess(site_instances(sample, taxonomies))),
        "texts": _figures(guess(text_instances(sample))),
        "taxonomies": {name: _figures(found) for name, found in by_taxonomy(words).items()},
    }


def _figures(found: Guess | None) -> dict[str, Any] | None:
    return found and {name: round(value, 4) for name, value in found._asdict().items()}


def _place(name: str) -> int:
    """A number below 2**64 that hangs on the name alone."""
    return int.from_bytes(hashlib.sha256(f"place/{name}".encode()).digest()[:8], "big")
