"""Truth on drawn scenes: build, then hold every published text against the facts of its scene.

    python benchmarks/truth.py [--limit 2000]

Every clean text must be true claim by claim; of every perturbed one the claims that hold a BAD word must be false, and
all others true. Prints the counts per folder and each exception; exit status 1 if there is one.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from tldr_data.example import Example
from tldr_data.facts import Facts
from tldr_data.sources import open_source, read
from tldr_data.verify import weigh

Row = dict[str, Any]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--limit", type=int, default=2000)
    limit = parser.parse_args().limit
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "scenes"
        command = [sys.executable, "-m", "tldr_data.cli", "build", "--taxonomy", "all", "--embed-images", "no"]
        subprocess.run([*command, "--limit", str(limit), "--out", str(out)], check=True)
        facts = {
            item.image_id: item.facts
            for item in read(open_source("scenes", path=None, seed=0, limit=limit))
            if isinstance(item, Example) and item.task == "caption" and item.facts
        }
        return report(out, facts)


def report(out: Path, facts: dict[str | None, Facts]) -> int:
    """Print what was found; 1 if any text is not what its labels say."""
    counts: Counter[str] = Counter()
    wrong: Counter[str] = Counter()
    for folder, row in rows(out):
        counts[folder] += 1
        if fault := fault_of(row, facts[row["image_id"]]):
            wrong[folder] += 1
            print(f"{row['id']}: {fault}\n    {row['response']}")
    for folder, n in sorted(counts.items()):
        print(f"{folder}: {n} texts, {wrong[folder]} exceptions")
    return int(bool(wrong))


def rows(out: Path) -> Iterator[tuple[str, Row]]:
    """Every published row and its folder."""
    columns = ["id", "image_id", "task", "prompt", "response", "reference", "errors", "collateral", "verdict"]
    for path in sorted(out.glob("*/*.parquet")):
        if path.parent.name != "images":
            for row in pq.read_table(path, columns=columns).to_pylist():
                yield path.parent.name, row


def fault_of(row: Row, facts: Facts) -> str | None:
    """What is not as the row's labels say, or None."""
    weighed = weigh(row["response"], facts, row["prompt"] if row["task"] != 0 else "")
    errors = [(span["start"], span["end"]) for span in row["errors"]]
    edited = errors + [(span["start"], span["end"]) for span in row["collateral"]]
    for item in weighed:
        if item.truth is not True and not touch(item.reach, edited):
            return f"not true: {item.evidence or 'undecided'}"
    for error in errors:
        if not any(item.truth is False and touch(item.spans, [error]) for item in weighed):
            return f"not false: {row['response'][slice(*error)]!r}"
    return "no claim was found" if not weighed else None


def touch(spans: Any, edited: list[tuple[int, int]]) -> bool:
    """Whether a claim has a character in common with an edited span."""
    return any(start < end_of and start_of < end for start, end in spans for start_of, end_of in edited)


if __name__ == "__main__":
    sys.exit(main())
