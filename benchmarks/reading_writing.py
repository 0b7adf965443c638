"""What our writing and reading of published rows cost beside bare pyarrow, on the same rows and with the same codec.

    python benchmarks/reading_writing.py [--rows 50000] [--repeats 5]

Writing: an Arrow table of rows, in pieces as a merge has them, by ``ShardWriter`` and by ``pyarrow.parquet``. Reading:
rows as dicts by ``dataset.read_rows``, and by pyarrow into a table and dicts; the table alone is shown too. All take
turns; each figure is the median.
"""

from __future__ import annotations

import argparse
import random
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from made_up_captions import caption
from made_up_scene import scene_of

from tldr_data.building.shards import ROW_GROUP_ROWS, ShardWriter
from tldr_data.dataset import FIELDS, read_rows, row_of, schema_of, stored_row
from tldr_data.example import Edit, Example, Span

FOLDER, SPLIT = "attribute", "train"
PIECE = 64
"""Rows of one chunk."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=50_000)
    parser.add_argument("--repeats", type=int, default=5)
    options = parser.parse_args()
    stored = [stored_row(row_of(example), None) for example in perturbed(options.rows)]
    table = pa.Table.from_pylist(stored, schema=schema_of(FOLDER))
    with tempfile.TemporaryDirectory() as folder:
        ours, bare = Path(folder) / "ours", Path(folder) / "bare"
        bare.mkdir()
        measured = timed(
            {
                "our writing": lambda: write_ours(table, ours),
                "bare writing": lambda: write_bare(table, bare),
                "our reading": lambda: sum(1 for _ in read_rows(ours, FOLDER)),
                "bare reading, rows": lambda: len(read_bare(ours).to_pylist()),
                "bare reading, table": lambda: len(read_bare(ours)),
            },
            options.repeats,
        )
    print(f"{options.rows:,} rows, {table.nbytes / 10**6:.0f} MB in memory, median of {options.repeats}")
    for name, seconds in measured.items():
        print(f"{name:20} {seconds:7.3f} s  {options.rows / seconds:12,.0f} rows/s")
    print(f"writing: {measured['our writing'] / measured['bare writing']:.2f} times bare")
    print(f"reading: {measured['our reading'] / measured['bare reading, rows']:.2f} times bare, as rows", end="; ")
    print(f"{measured['our reading'] / measured['bare reading, table']:.2f} times a table that no row is taken from")


def perturbed(count: int) -> Iterator[Example]:
    """Rows as a build publishes them: a caption, and one word of it changed."""
    for number in range(count):
        rng = random.Random(f"rows/{number}")
        reference = caption(scene_of(0, number), rng)
        at = reference.index(" ") + 1
        word = reference[at:].partition(" ")[0]
        edit, name = Edit(at, at + len(word), "striped"), f"captions/{number}"
        yield Example(
            id=f"{name}#{FOLDER}.{rng.randrange(16**6):06x}",
            response=reference[:at] + edit.replacement + reference[edit.end :],
            reference=reference,
            source="jsonl",
            license="CC0-1.0",
            attribution="",
            group=name,
            kind="perturbed",
            taxonomy=FOLDER,
            subtype="colour",
            edits=(edit,),
            errors=(Span(at, at + len(edit.replacement), word),),
            verdict="unverified",
            perturber="adjective",
        )


def timed(ways: dict[str, Callable[[], object]], repeats: int) -> dict[str, float]:
    """Median seconds of each way; they take turns, so that other work on the machine troubles all alike."""
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(repeats):
        for name, way in ways.items():
            begin = time.perf_counter()
            way()
            seconds[name].append(time.perf_counter() - begin)
    return {name: statistics.median(found) for name, found in seconds.items()}


def write_ours(table: pa.Table, folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    with ShardWriter(folder, FOLDER, SPLIT) as writer:
        for at in range(0, len(table), PIECE):
            writer.add(table.slice(at, PIECE))
        writer.close()


def write_bare(table: pa.Table, folder: Path) -> None:
    pq.write_table(table, folder / "rows.parquet", compression="zstd", row_group_size=ROW_GROUP_ROWS)


def read_bare(folder: Path) -> pa.Table:
    columns = [name for name in FIELDS if name != "image"]
    return pa.concat_tables(pq.read_table(path, columns=columns) for path in sorted((folder / FOLDER).iterdir()))


if __name__ == "__main__":
    main()
