"""Chunks made by several processes, a bounded number at a time."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from multiprocessing.connection import wait as wait_for_sentinel
from typing import Any

from tldr_data.building.chunks import ChunkBuilder, ChunkReport
from tldr_data.building.recipe import Plan
from tldr_data.errors import BuildError, UsageError
from tldr_data.sources import Redrawing, Source, open_source, redrawing_sources
from tldr_data.taxonomy import load_taxonomies

_builder: ChunkBuilder | None = None
"""One for each worker process: what it loads takes seconds."""


def make_builder(plan: Plan) -> ChunkBuilder:
    """All that is needed to make chunks of a plan.

    Raises:
        UsageError, InputError: the source or a taxonomy cannot be used.
    """
    source = open_source(plan.source, path=plan.path, seed=plan.seed, limit=plan.limit)
    # sorted, so that the order on the command line changes nothing
    taxonomies = sorted(load_taxonomies(list(plan.taxonomies)), key=lambda taxonomy: taxonomy.name)
    if plan.pairs:
        _check_pairs(plan, source)
    return ChunkBuilder(
        source,
        taxonomies,
        seed=plan.seed,
        paraphrase_ratio=plan.paraphrase_ratio,
        pairs=plan.pairs,
        work=plan.work,
    )


def _check_pairs(plan: Plan, source: Source) -> None:
    if not isinstance(source, Redrawing):
        allowed = ", ".join(redrawing_sources())
        raise UsageError(f"source {plan.source!r} cannot be redrawn: --pairs needs one of {allowed}")
    if plan.max_guessability is not None:
        raise UsageError("--max-guessability would tear quadruples apart: --pairs goes without it")


def build_chunks(plan: Plan, chunks: Iterable[tuple[int, list[Any]]]) -> Iterator[ChunkReport]:
    """Make all chunks in ``plan.workers`` processes and report each as it is done, in any order.

    At most two chunks a worker are held, so memory stays flat however long the source is.

    Raises:
        BuildError: the disk does not take it, or a worker died.
    """
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(plan.workers, context, _start_worker, (plan,)) as pool:
        running: set[Future[ChunkReport]] = set()
        try:
            for number, rows in chunks:
                running.add(pool.submit(_build_chunk, number, rows))
                if len(running) >= 2 * plan.workers:
                    done, running = wait(running, return_when=FIRST_COMPLETED)
                    yield from (future.result() for future in done)
            while running:
                done, running = wait(running, return_when=FIRST_COMPLETED)
                yield from (future.result() for future in done)
        except BrokenProcessPool as error:
            raise BuildError(
                "a worker process died (out of memory, or killed); what is done is kept, and the same command continues"
            ) from error
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


def _start_worker(plan: Plan) -> None:
    global _builder
    # Ctrl-C reaches the whole process group: the parent alone decides, and what is in flight is finished
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_die_with_parent, daemon=True).start()
    _builder = make_builder(plan)


def _die_with_parent() -> None:
    """A killed parent leaves its workers waiting for ever: they hold both ends of its queue."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait_for_sentinel([parent.sentinel])
        os._exit(1)


def _build_chunk(number: int, rows: list[Any]) -> ChunkReport:
    assert _builder is not None
    return _builder.build(number, rows)
