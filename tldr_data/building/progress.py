"""How far a build is: a bar on a terminal, a plain line now and then elsewhere. All of it goes to stderr."""

from __future__ import annotations

import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from tldr_data.building.parts import ChunkReport

if TYPE_CHECKING:
    from rich.live import Live
    from rich.progress import Progress, TaskID

    from tldr_data.llms.asker import Usage
    from tldr_data.llms.budget import Budget

PLAIN_SECONDS = 10.0
PANEL_SECONDS = 0.5
"""Between two looks at what a model was asked: a chunk may take minutes to answer."""
MAX_BAD_ROWS = 5


class BuildProgress:
    """Counts what chunks report and shows it."""

    def __init__(self, total: int | None, panel: tuple[Live, Progress] | None) -> None:
        self.rows = 0
        self.kept: Counter[str] = Counter()
        self.bad = 0
        self.unanswered = 0
        self._total = total
        self._panel = panel
        self._task = panel[1].add_task("building", total=total) if panel else None
        self._begin = self._start = self._told = time.monotonic()
        self._done_before = 0
        self._usage: Usage | None = None
        self._budget: Budget | None = None
        self._lock = threading.Lock()
        self._is_over = threading.Event()

    def add(self, report: ChunkReport) -> None:
        """Count a finished chunk."""
        with self._lock:
            self.rows += report.rows
            self._done_before += 0 if report.is_new else report.rows
            self.kept.update(report.kept)
            self.unanswered += report.unanswered
        if report.is_new:
            for message in report.bad_rows[: max(0, MAX_BAD_ROWS - self.bad)]:
                self.say(f"skipped: {message}")
            self.bad += report.bad_count
        self._show()

    def begin_round(self, why: str) -> None:
        """The source is gone through once more, with all counts from nought."""
        with self._lock:
            self.rows = self._done_before = self.unanswered = 0
            self.kept.clear()
            self._start = time.monotonic()
        self.say(why)

    def watch(self, usage: Usage, budget: Budget) -> None:
        """Show what a model is asked, too, and go on showing it while it is waited for."""
        self._usage, self._budget = usage, budget
        threading.Thread(target=self._keep_showing, daemon=True).start()

    def end(self) -> None:
        """Show no more."""
        self._is_over.set()

    def say(self, line: str) -> None:
        """Print a line without breaking the bar."""
        if self._panel:
            self._panel[0].console.print(line, markup=False, highlight=False, soft_wrap=True)
        else:
            print(line, file=sys.stderr, flush=True)

    def _keep_showing(self) -> None:
        while not self._is_over.wait(PANEL_SECONDS):
            self._show()

    def _status(self) -> list[str]:
        """How fast it is and when it ends, what was kept, what was asked."""
        rate = (self.rows - self._done_before) / max(time.monotonic() - self._start, 1e-6)
        kept = ", ".join(f"{count:,} {folder}" for folder, count in sorted(self.kept.items()))
        left = f", {_duration((self._total - self.rows) / rate)} left" if self._total and rate else ""
        asked = [self._asked()] if self._usage else []
        return [f"{rate:,.{0 if rate >= 10 else 1}f} rows/s{left}", kept or "nothing kept yet", *asked]

    def _asked(self) -> str:
        usage, budget = self._usage, self._budget
        assert usage
        assert budget
        tokens = (usage.input_tokens + usage.output_tokens) / max(time.monotonic() - self._begin, 1e-6)
        failed = f", {usage.failed:,} failed" if usage.failed else ""
        reused = f", {usage.reused:,} known" if usage.reused else ""
        return (
            f"{usage.asked:,} answers{reused}{failed}, {usage.in_flight} in flight; "
            f"{tokens:,.0f} tokens/s, {budget.line()}"
        )

    def _show(self) -> None:
        with self._lock:
            if self._panel and self._task is not None:
                _draw(*self._panel, self._task, self.rows, self._status())
            elif time.monotonic() - self._told >= PLAIN_SECONDS:
                self._told = time.monotonic()
                of = f" of {self._total:,}" if self._total else ""
                self.say(f"building: {self.rows:,}{of} source rows, {'; '.join(self._status())}")


def _draw(live: Live, bar: Progress, task: TaskID, rows: int, status: list[str]) -> None:
    from rich.console import Group
    from rich.text import Text

    bar.update(task, completed=rows)
    live.update(Group(bar, Text("\n".join(f"  {line}" for line in status))))


def _duration(seconds: float) -> str:
    """
    >>> _duration(42), _duration(4200)
    ('0:42', '1:10:00')
    """
    hours, rest = divmod(round(seconds), 3600)
    minutes, seconds = divmod(rest, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"


@contextmanager
def build_progress(total: int | None) -> Iterator[BuildProgress]:
    """The progress of one build; ``total`` is the number of source rows where it is known."""
    if not sys.stderr.isatty():
        progress = BuildProgress(total, None)
        try:
            yield progress
        finally:
            progress.end()
        return
    from rich.console import Console
    from rich.live import Live
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeElapsedColumn

    console = Console(stderr=True)
    bar = Progress("{task.description}", BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), console=console)
    with Live(bar, console=console) as live:
        progress = BuildProgress(total, (live, bar))
        try:
            yield progress
        finally:
            progress.end()
