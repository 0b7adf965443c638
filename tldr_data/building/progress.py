"""How far a build is: a bar on a terminal, a plain line now and then elsewhere. All of it goes to stderr."""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from tldr_data.building.chunks import ChunkReport

if TYPE_CHECKING:
    from rich.progress import Progress

PLAIN_SECONDS = 10.0
MAX_BAD_ROWS = 5


class BuildProgress:
    """Counts what chunks report and shows it."""

    def __init__(self, total: int | None, bar: Progress | None) -> None:
        self.rows = 0
        self.kept: Counter[str] = Counter()
        self.bad = 0
        self._total = total
        self._bar = bar
        self._task = bar.add_task("building", total=total, status="") if bar else None
        self._start = self._told = time.monotonic()
        self._done_before = 0

    def add(self, report: ChunkReport) -> None:
        """Count a finished chunk."""
        self.rows += report.rows
        self.kept.update(report.kept)
        for message in report.bad_rows[: max(0, MAX_BAD_ROWS - self.bad)]:
            self.say(f"skipped: {message}")
        self.bad += report.bad_count
        self._show()

    def skip(self, rows: int) -> None:
        """Count source rows that an earlier run of the same command did."""
        self.rows += rows
        self._done_before += rows
        self._show()

    def say(self, line: str) -> None:
        """Print a line without breaking the bar."""
        if self._bar:
            self._bar.console.print(line, markup=False, highlight=False, soft_wrap=True)
        else:
            print(line, file=sys.stderr, flush=True)

    def _status(self) -> str:
        rate = (self.rows - self._done_before) / max(time.monotonic() - self._start, 1e-6)
        kept = ", ".join(f"{count:,} {folder}" for folder, count in sorted(self.kept.items()))
        return f"{rate:,.0f} rows/s; {kept or 'nothing kept yet'}"

    def _show(self) -> None:
        if self._bar and self._task is not None:
            self._bar.update(self._task, completed=self.rows, status=self._status())
        elif time.monotonic() - self._told >= PLAIN_SECONDS:
            self._told = time.monotonic()
            of = f" of {self._total:,}" if self._total else ""
            self.say(f"building: {self.rows:,}{of} source rows, {self._status()}")


@contextmanager
def build_progress(total: int | None) -> Iterator[BuildProgress]:
    """The progress of one build; ``total`` is the number of source rows where it is known."""
    if not sys.stderr.isatty():
        yield BuildProgress(total, None)
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    status = TextColumn("{task.fields[status]}")
    columns = ("{task.description}", BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), status)
    with Progress(*columns, console=Console(stderr=True)) as bar:
        yield BuildProgress(total, bar)
