"""Which rows that may be published are left out all the same: errors that are guessable without the image, more of
a subtype than its share of the taxonomy, more of a taxonomy than was asked for."""

from __future__ import annotations

import hashlib
import json
from array import array
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from itertools import accumulate
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from tldr_data.atomic import write_json
from tldr_data.building.entries import read_entries
from tldr_data.building.row_parts import ENTRY, read_part
from tldr_data.building.settle import read_settled
from tldr_data.dataset import CLEAN, Row, named_row, schema_of
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

if TYPE_CHECKING:
    import pyarrow as pa

MOST_ROWS = 30_000
"""Rows that the probe looks at: all of some image groups."""

Leave = Callable[[Row], str | None]
"""The reason to leave a row out, or None."""


class Limits(NamedTuple):
    """What rows must keep to, all together."""

    max_guessability: float | None
    target: int | None
    """Rows of a taxonomy."""
    capped: bool
    """Whether no subtype may have more rows than its ``max_share``."""


def select(chunks: Sequence[Path], taxonomies: list[Taxonomy], work: Path, limits: Limits) -> dict[str, Any]:
    """Choose which rows are left out, for ``left_out`` to tell.

    Returns what the probe found in the rows that stay, as the manifest holds it.
    """
    return _Selection(chunks, taxonomies, work).run(limits)


class _Selection:
    """Decides with all rows in view; what it leaves out is kept on the disk, so that memory does not grow with it."""

    def __init__(self, chunks: Sequence[Path], taxonomies: list[Taxonomy], work: Path) -> None:
        self.chunks = chunks
        self.taxonomies = taxonomies
        self.work = work

    def run(self, limits: Limits) -> dict[str, Any]:
        max_guessability, target, capped = limits
        sample = self._sample()
        if max_guessability is not None:
            self._leave_out(_names(self.taxonomies), _guessable(word_instances(sample), max_guessability))
        for taxonomy in self.taxonomies if capped else ():
            for subtype in (name for name, found in taxonomy.subtypes.items() if found.max_share < 1):
                self._cap(taxonomy, subtype)
        if target is not None:
            seen: Counter[str] = Counter()
            self._leave_out(_names(self.taxonomies), lambda row: _over(row, seen, target), ["id", "taxonomy"])
        if max_guessability is not None or target is not None:
            sample = self._sample()
        return _shortcuts(sample, self.taxonomies)

    def _staying(self, chunk: Path, folder: str) -> pa.Table | None:
        """The rows of a part that are neither dropped nor left out, with the group that they have now."""
        import pyarrow as pa
        import pyarrow.compute as pc

        part = read_part(chunk, folder)
        if part is None:
            return None
        settled = read_settled(self.work / "settled", chunk)
        left = pa.array(left_out(self.work, chunk), pa.string())
        part = part.filter(pc.and_not(settled.keep.take(part.column(ENTRY)), pc.is_in(part.column("id"), left)))
        groups = settled.group.take(part.column(ENTRY))
        return part.set_column(part.schema.get_field_index("group"), "group", groups)

    def _sample(self) -> list[Row]:
        """All rows of some groups, those of the smallest hash, so that nobody picked them."""
        sizes: Counter[int] = Counter()
        for chunk in self.chunks:
            settled = read_settled(self.work / "settled", chunk)
            rows = read_entries(chunk).column("rows").to_pylist()
            for group, keep, number in zip(settled.group.to_pylist(), settled.keep.to_pylist(), rows, strict=True):
                if keep:
                    sizes[_place(group)] += number
        totals = accumulate(sizes[place] for place in sorted(sizes))
        chosen = {place for place, total in zip(sorted(sizes), totals, strict=True) if total <= MOST_ROWS}
        sample = [row for chunk in self.chunks for row in self._rows_of(chunk, chosen)]
        return sorted(sample, key=lambda row: str(row["id"]))

    def _rows_of(self, chunk: Path, chosen: set[int]) -> Iterator[Row]:
        import pyarrow as pa

        groups = read_settled(self.work / "settled", chunk).group.to_pylist()
        mask = pa.array([_place(group) in chosen for group in groups], pa.bool_())
        if not mask.true_count:
            return
        for folder in (CLEAN, *_names(self.taxonomies)):
            part = self._staying(chunk, folder)
            if part is not None:
                yield from map(_named, part.filter(mask.take(part.column(ENTRY))).to_pylist())

    def _leave_out(self, folders: list[str], leave: Leave, columns: list[str] | None = None) -> None:
        for chunk in self.chunks:
            found: dict[str, str] = {}
            for folder in folders:
                part = self._staying(chunk, folder)
                for row in [] if part is None else (part.select(columns) if columns else part).to_pylist():
                    if reason := leave(row):
                        found[row["id"]] = reason
            if found:
                write_json(_path(self.work, chunk), {**left_out(self.work, chunk), **found})

    def _cap(self, taxonomy: Taxonomy, subtype: str) -> None:
        """Leave out rows of a subtype, those of the largest hash first, until it has no more than its share."""
        places, others = array("Q"), 0
        for chunk in self.chunks:
            part = self._staying(chunk, taxonomy.name)
            for row in [] if part is None else part.select(["id", "subtype"]).to_pylist():
                if row["subtype"] == subtype:
                    places.append(_place(row["id"]))
                else:
                    others += 1
        share = taxonomy.subtypes[subtype].max_share
        room = int(others * share / (1 - share))
        if len(places) > room:
            first = sorted(places)[room]
            self._leave_out(
                [taxonomy.name],
                lambda row: "over_share" if row["subtype"] == subtype and _place(row["id"]) >= first else None,
                ["id", "subtype"],
            )


def left_out(work: Path, chunk: Path) -> dict[str, str]:
    """Id -> reason, of the rows of one chunk that may be published and are not."""
    path = _path(work, chunk)
    found: dict[str, str] = json.loads(path.read_bytes()) if path.is_file() else {}
    return found


def _path(work: Path, chunk: Path) -> Path:
    return work / "left_out" / f"{chunk.name}.json"


def _names(taxonomies: Sequence[Taxonomy]) -> list[str]:
    return [taxonomy.name for taxonomy in taxonomies]


def _named(row: Row) -> Row:
    return named_row({name: row[name] for name in schema_of(CLEAN).names if name != "image"})


def _over(row: Row, seen: Counter[str], target: int) -> str | None:
    """Of each taxonomy the first rows stay, in the order of the source."""
    seen[row["taxonomy"]] += 1
    return "over_target" if seen[row["taxonomy"]] > target else None


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


@lru_cache(4096)
def _place(name: str) -> int:
    """A number below 2**64 that hangs on the name alone."""
    return int.from_bytes(hashlib.sha256(f"place/{name}".encode()).digest()[:8], "big")
