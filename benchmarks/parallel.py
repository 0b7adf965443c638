"""What two workers gain over one, beside what two bare processes of the same function gain, in the same run.

    python benchmarks/parallel.py [--captions 192] [--repeats 3]

The function makes chunks of made-up captions by the rules of all taxonomies. Once the build's own workers run it, in
order and within its window; once one and two bare processes, each with every second chunk and nothing between them.
All take turns, in fresh processes; each figure is the median. The clock starts when every process has made a chunk that
does not count, as what it loads before its first takes seconds, and stops when the last chunk is done.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import multiprocessing
import random
import statistics
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from itertools import islice
from multiprocessing.synchronize import Barrier
from pathlib import Path

from made_up_captions import caption
from made_up_scene import scene_of

from tldr_data.building.parts import Job
from tldr_data.building.plan import Plan, SourcePlan
from tldr_data.building.usages import write_usages
from tldr_data.building.workers import in_order, make_builder, sources_of, submitting

CHUNK = 16
PATIENCE = 600.0
"""Seconds in which all processes must be ready: one that failed never is."""
WORKERS = 2
"""As many as the machine must have cores for this to say anything."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--captions", type=int, default=192)
    parser.add_argument("--repeats", type=int, default=3)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        plan = plan_of(Path(folder), options.captions + WORKERS * CHUNK)
        seconds: dict[str, list[float]] = {}
        for repeat in range(options.repeats):
            for count in (1, WORKERS):
                for name, way in (("of our workers", time_ours), ("bare processes", time_bare)):
                    taken = afresh(way, plan, count, Path(folder) / f"{way.__name__}-{repeat}-{count}")
                    seconds.setdefault(f"{count} {name}", []).append(taken)
    median = {name: statistics.median(found) for name, found in seconds.items()}
    for name, each in median.items():
        print(f"{name:18} {each:8.2f} s  {options.captions / each:8.1f} captions/s")
    ours, bare = (median[f"1 {name}"] / median[f"{WORKERS} {name}"] for name in ("of our workers", "bare processes"))
    print(f"speed-up: {ours:.2f} with our workers, {bare:.2f} with bare processes: {ours / bare:.2f} of it")


def plan_of(folder: Path, captions: int) -> Plan:
    """A build of made-up captions, with what it counts of them before the first chunk."""
    file = folder / "captions.jsonl"
    texts = [caption(scene_of(0, number), random.Random(f"texts/{number}")) for number in range(captions)]
    lines = [json.dumps({"id": f"captions/{number}", "response": text}) for number, text in enumerate(texts)]
    file.write_text("\n".join(lines), encoding="utf-8")
    # chunks are small here, so that each process gets many
    plan = Plan(taxonomies=("all",), out=folder / "out", sources=(SourcePlan("jsonl", file),), chunk_rows=CHUNK)
    plan.work.mkdir(parents=True)
    write_usages(*sources_of(plan), plan.work)
    return plan


def jobs_of(plan: Plan, folder: Path) -> tuple[list[Job], list[Job]]:
    """The chunks of a plan, to be made into a folder: one for each process to warm up with, and the rest."""
    source, taxonomies = sources_of(plan)
    most, rows = dict.fromkeys((taxonomy.name for taxonomy in taxonomies), 1), source.rows()
    chunks = iter(lambda: list(islice(rows, plan.chunk_rows)), [])
    jobs = [Job(folder / str(number), chunk, most) for number, chunk in enumerate(chunks)]
    return jobs[:WORKERS], jobs[WORKERS:]


def afresh(way: Callable[[Plan, int, Path], float], plan: Plan, count: int, folder: Path) -> float:
    """Seconds, in a process that has seen none of the captions yet: what it remembers would help one side only."""
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        return pool.submit(way, plan, count, folder).result()


def time_ours(plan: Plan, workers: int, folder: Path) -> float:
    """As a build makes chunks: with one worker in this process, with more in others."""
    plan, (warm, jobs) = replace(plan, workers=workers), jobs_of(plan, folder)
    with submitting(plan, make_builder(plan, *sources_of(plan)), None) as submit:
        # each process takes one, as loading what a builder needs is slower than taking it
        for future in [submit(job) for job in warm[:workers]]:
            future.result()
        begin = time.perf_counter()
        made = sum(report.rows for _, report in in_order(iter(jobs), submit, plan.window))
        seconds = time.perf_counter() - begin
    assert made == sum(len(job.rows) for job in jobs)
    return seconds


def time_bare(plan: Plan, count: int, folder: Path) -> float:
    """Each process makes its share of the chunks, and hears of nothing but the start."""
    context = multiprocessing.get_context("spawn")
    ready = context.Barrier(count + 1)
    processes = [context.Process(target=make_share, args=(plan, folder, n, count, ready)) for n in range(count)]
    for process in processes:
        process.start()
    ready.wait(PATIENCE)
    begin = time.perf_counter()
    for process in processes:
        process.join()
    assert not any(process.exitcode for process in processes)
    return time.perf_counter() - begin


def make_share(plan: Plan, folder: Path, first: int, count: int, ready: Barrier) -> None:
    """Make every ``count``-th chunk from ``first`` on, when all are ready."""
    builder, (warm, jobs) = make_builder(plan, *sources_of(plan)), jobs_of(plan, folder)
    asyncio.run(builder.build(warm[first]))
    ready.wait()
    for job in jobs[first::count]:
        asyncio.run(builder.build(job))


if __name__ == "__main__":
    main()
