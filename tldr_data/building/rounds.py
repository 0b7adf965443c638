"""Which chunks are made: a source once, and where a target asks for more rows, again with more of each text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import Future
from itertools import count, islice
from pathlib import Path
from typing import NamedTuple

from tldr_data.building.parts import ChunkReport, Job, chunk_folder, done_report
from tldr_data.building.perturbers import TRIES
from tldr_data.building.plan import Plan
from tldr_data.building.progress import BuildProgress
from tldr_data.building.workers import Submit, in_order
from tldr_data.sources import Source


class Made(NamedTuple):
    """The chunks that are to be merged."""

    chunks: list[Path]
    unasked: int
    """Requests that were not made because the budget was spent; with any, the build stopped there."""


def make_chunks(plan: Plan, source: Source, taxonomies: list[str], submit: Submit, progress: BuildProgress) -> Made:
    """Make all chunks that are not there yet.

    With ``plan.target`` a round ends as soon as every taxonomy has so many rows; if the source ends before, the next
    round takes up to one more row from each text for the taxonomies that are short, until that yields nothing.
    """
    most = dict.fromkeys(taxonomies, 1)
    before: Counter[str] = Counter()
    for round in count(1):
        made, accepted = _round(plan, source, round, most, submit, progress)
        short = [name for name in taxonomies if plan.target is not None and accepted[name] < plan.target]
        gains = any(accepted[name] > before[name] for name in short)
        if made.unasked or not gains or round == TRIES:
            return made
        most = {name: most[name] + (name in short) for name in taxonomies}
        before = accepted
        progress.begin_round(f"short of {plan.target:,}: {', '.join(f'{accepted[n]:,} {n}' for n in short)}; once more")
    raise AssertionError


def _round(
    plan: Plan, source: Source, round: int, most: dict[str, int], submit: Submit, progress: BuildProgress
) -> tuple[Made, Counter[str]]:
    """All chunks of one round, and the rows of each folder in them."""
    accepted: Counter[str] = Counter()
    chunks: list[Path] = []
    unasked = 0

    def jobs() -> Iterator[Job]:
        rows = source.rows()
        for number in count():
            wanted = {name: n for name, n in most.items() if plan.target is None or accepted[name] < plan.target}
            if not wanted or unasked or not (chunk := list(islice(rows, plan.chunk_rows))):
                return
            yield Job(chunk_folder(plan.work, round, number), chunk, wanted)

    for job, report in in_order(jobs(), lambda job: _done(job) or submit(job), plan.window):
        chunks.append(job.folder)
        accepted.update(report.kept)
        unasked += report.unasked
        progress.add(report)
    return Made(chunks, unasked), accepted


def _done(job: Job) -> Future[ChunkReport] | None:
    """The report of a chunk that an earlier run of the same command made."""
    report = done_report(job.folder)
    if report is None:
        return None
    future: Future[ChunkReport] = Future()
    future.set_result(report)
    return future
