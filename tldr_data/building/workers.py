"""Where chunks are made: in this process, in several, or in a loop that waits for a model's answers to many."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from functools import partial
from multiprocessing.connection import wait as wait_for_sentinel
from typing import Any

from tldr_data.building.chunks import ChunkBuilder
from tldr_data.building.parts import ChunkReport, Job
from tldr_data.building.perturbers import Perturber, Rules
from tldr_data.building.plan import Plan
from tldr_data.building.questions import Questions
from tldr_data.errors import BuildError, UsageError
from tldr_data.sources import Redrawing, Source, open_source, redrawing_sources
from tldr_data.sources.several import Several
from tldr_data.taxonomy import Taxonomy, load_taxonomies

Map = Callable[[Callable[[Any], Any], Iterable[Any]], Iterator[Any]]
Submit = Callable[[Job], "Future[ChunkReport]"]

_builder: ChunkBuilder | None = None
"""One for each worker process: what it loads takes seconds."""


def sources_of(plan: Plan) -> tuple[Source, list[Taxonomy]]:
    """The source and the taxonomies of a plan.

    Raises:
        UsageError, InputError: one of them cannot be used.
    """
    opened: list[Source] = [
        open_source(each.name, path=each.path, seed=plan.seed, limit=plan.limit, options=dict(each.options))
        for each in plan.sources
    ]
    source: Source = opened[0] if len(opened) == 1 else Several(opened)
    # sorted, so that the order on the command line changes nothing
    taxonomies = sorted(load_taxonomies(list(plan.taxonomies)), key=lambda taxonomy: taxonomy.name)
    if plan.pairs:
        _check_pairs(plan, source)
    return source, taxonomies


def make_builder(
    plan: Plan, source: Source, taxonomies: list[Taxonomy], perturber: Perturber | None = None
) -> ChunkBuilder:
    """All that is needed to make chunks of a plan; by rules, unless another perturber is given."""
    return ChunkBuilder(
        source,
        taxonomies,
        perturber or Rules(taxonomies, plan.seed, plan.work),
        seed=plan.seed,
        paraphrase_ratio=plan.paraphrase_ratio,
        pairs=plan.pairs,
        questions=None if plan.questions is None else Questions(plan.work),
    )


def _check_pairs(plan: Plan, source: Source) -> None:
    if not isinstance(source, Redrawing):
        allowed = ", ".join(redrawing_sources())
        raise UsageError(f"source {plan.source_names} cannot be redrawn: --pairs needs one of {allowed}")
    for option, value in (("--max-guessability", plan.max_guessability), ("--target", plan.target)):
        if value is not None:
            raise UsageError(f"{option} would tear quadruples apart: --pairs goes without it")
    if plan.llm:
        raise UsageError("--pairs redraws what rules changed: it goes without --perturber llm")


def in_order(jobs: Iterator[Job], submit: Submit, window: int) -> Iterator[tuple[Job, ChunkReport]]:
    """Submit jobs and give their reports in the same order.

    A job is asked for only when the report of the one ``window`` before it was given. So memory stays flat, and what is
    decided at that moment hangs on the reports before it alone, however fast each of them came.
    """
    running: deque[tuple[Job, Future[ChunkReport]]] = deque()
    try:
        while (job := next(jobs, None)) is not None:
            running.append((job, submit(job)))
            if len(running) == window:
                first, future = running.popleft()
                yield first, future.result()
        while running:
            first, future = running.popleft()
            yield first, future.result()
    finally:
        for _, future in running:
            future.cancel()


@contextmanager
def submitting(plan: Plan, builder: ChunkBuilder, loop: asyncio.AbstractEventLoop | None) -> Iterator[Submit]:
    """What makes chunks: a loop where many wait for answers at once, several processes, or this one.

    Raises:
        BuildError: a worker process died.
    """
    if loop:
        yield lambda job: asyncio.run_coroutine_threadsafe(builder.build(job), loop)
    elif plan.workers == 1:
        yield partial(_build_here, builder)
    else:
        with _processes(plan.workers, _start_worker, plan) as pool:
            yield lambda job: pool.submit(_build_chunk, job)


@contextmanager
def in_processes(workers: int) -> Iterator[Map]:
    """``map`` in so many processes; each piece of work has its own, so that the memory it took is given back.

    Raises:
        BuildError: a process died.
    """
    if workers == 1:
        yield map
    else:
        with _processes(workers, _obey_parent, most_tasks=1) as pool:
            yield pool.map


def _build_here(builder: ChunkBuilder, job: Job) -> Future[ChunkReport]:
    future: Future[ChunkReport] = Future()
    future.set_result(_build_now(builder, job))
    return future


def _build_now(builder: ChunkBuilder, job: Job) -> ChunkReport:
    """By rules nothing is ever waited for, so no event loop is needed, which would swallow a Ctrl-C near its end."""
    coroutine = builder.build(job)
    try:
        coroutine.send(None)
    except StopIteration as done:
        report: ChunkReport = done.value
        return report
    raise AssertionError("rules wait for nothing")


@contextmanager
def _processes(
    workers: int, start: Callable[..., None], *arguments: Any, most_tasks: int | None = None
) -> Iterator[ProcessPoolExecutor]:
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, context, start, arguments, max_tasks_per_child=most_tasks) as pool:
        try:
            yield pool
        except BrokenProcessPool as error:
            raise BuildError(
                "a worker process died (out of memory, or killed); what is done is kept, and the same command continues"
            ) from error
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


@contextmanager
def running_loop() -> Iterator[asyncio.AbstractEventLoop]:
    """An event loop in a thread of its own; what still runs in it when the block ends is cancelled."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        yield loop
    finally:
        asyncio.run_coroutine_threadsafe(_cancel_all(), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


async def _cancel_all() -> None:
    tasks = asyncio.all_tasks() - {asyncio.current_task()}
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def _obey_parent() -> None:
    # Ctrl-C reaches the whole process group: the parent alone decides, and what is in flight is finished
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_die_with_parent, daemon=True).start()


def _start_worker(plan: Plan) -> None:
    global _builder
    _obey_parent()
    _builder = make_builder(plan, *sources_of(plan))


def _die_with_parent() -> None:
    """A killed parent leaves its workers waiting for ever: they hold both ends of its queue."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait_for_sentinel([parent.sentinel])
        os._exit(1)


def _build_chunk(job: Job) -> ChunkReport:
    assert _builder is not None
    return _build_now(_builder, job)
