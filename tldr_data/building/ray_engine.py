"""The chunks of a build made on a Ray cluster, whose nodes all see the output folder.

Rules make a chunk at once. Where a model perturbs, every chunk is made with the answers that there are, what it lacks
is asked for all chunks together, and it is made again: so judges are asked in the second turn, and in the third.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from importlib.util import find_spec
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING

from tldr_data.atomic import remove_tree, whole_file
from tldr_data.building.parts import ChunkReport
from tldr_data.building.plan import Plan
from tldr_data.building.progress import BuildProgress
from tldr_data.building.ray_chunks import ATTEMPTS, ChunkMaker, Shard, read_pickle, write_pickle, write_shards
from tldr_data.building.ray_cluster import run_jobs
from tldr_data.building.rounds import Made
from tldr_data.errors import BuildError, UsageError
from tldr_data.llms.request import Answer, Request
from tldr_data.sources import Source
from tldr_data.taxonomy import Taxonomy

if TYPE_CHECKING:
    from tldr_data.building.asking import Asking

CHUNKS_AT_ONCE = 4
"""Of each worker where there is a budget: when it is spent, only the last ones are left half asked."""
REQUESTS_AT_ONCE = 256
"""In one file of those that are to be asked, which go together to what asks."""
TO_ASK = "to_ask"


def check_ray(plan: Plan) -> None:
    """
    Raises:
        UsageError: Ray is not installed, or the plan asks for what only one machine can do.
    """
    if find_spec("ray") is None:
        raise UsageError("--engine ray needs Ray: pip install 'tldr-data[ray]'")
    if plan.target is not None:
        raise UsageError("--target looks at the chunks one after the other: it goes without --engine ray")
    if plan.llm and plan.llm.backend == "vllm":
        if plan.llm.budget:
            raise UsageError("--budget would start engines again and again: --llm vllm --engine ray goes without it")
        if plan.llm.judges == "image":
            raise UsageError(
                "--judge image goes with --llm openai or without --engine ray: Ray's vLLM is shown no image"
            )


def ask_known_pairs(plan: Plan, taxonomies: list[Taxonomy], model: str) -> None:
    """Have engines of the cluster judge what a build asks first, so that none starts in this process.

    Raises:
        UsageError: no node can run the engine.
        BuildError: the cluster is gone, or the log cannot be written.
    """
    from tldr_data.building.asking import known_requests, log_path
    from tldr_data.building.ray_llms import ask
    from tldr_data.llms.log import RequestLog

    if not plan.llm or plan.llm.backend != "vllm" or plan.llm.judges == "none":
        return
    with RequestLog(log_path(plan), forget_failures=plan.resume == "never") as log:
        lacking = [request for request in known_requests(taxonomies, model) if log.get(request.key) is None]
        if lacking:
            file = _written(lacking, plan.work.resolve() / TO_ASK / "judge")
            for request, answer in ask(plan.llm, [file]):
                log.append(request, answer)


def make_chunks_on_ray(
    plan: Plan, source: Source, taxonomies: list[str], workers: int, progress: BuildProgress, asked: Asking | None
) -> Made:
    """Make all chunks that are not there yet, inside ``cluster``.

    Raises:
        BuildError: workers died again and again, the disk does not take the chunks, or the model is gone.
    """
    plan = _absolute(plan)
    remove_tree(plan.work / ATTEMPTS)
    shards = write_shards(plan, source, dict.fromkeys(taxonomies, 1))
    maker = ChunkMaker(plan, asked and asked.perturber.asker.model, asked and asked.perturber.threshold)
    chunks: list[Path] = []
    unasked = 0
    group = CHUNKS_AT_ONCE * workers if asked and asked.budget.limit else None
    while not unasked and (found := list(islice(shards, group))):
        chunks += [shard.folder for shard, _ in found]
        for _, report in found:
            if report:
                progress.add(report)
        missing = [shard for shard, report in found if not report]
        made = _in_turns(plan, asked, maker, missing, workers) if asked else _at_once(maker, missing, workers)
        for shard, report in made:
            unasked += report.unasked
            progress.add(report)
            shard.remove()
    return Made(chunks, unasked)


def _absolute(plan: Plan) -> Plan:
    """The same for processes that run in other folders."""
    taxonomies = (str(Path(name).resolve()) if Path(name).is_file() else name for name in plan.taxonomies)
    sources = (
        replace(each, path=each.path.resolve() if each.path and each.path.exists() else each.path)
        for each in plan.sources
    )
    return replace(plan, out=plan.out.resolve(), sources=tuple(sources), taxonomies=tuple(taxonomies))


def _at_once(maker: ChunkMaker, shards: Sequence[Shard], workers: int) -> Iterator[tuple[Shard, ChunkReport]]:
    return zip(shards, run_jobs(maker, shards, workers), strict=True)


def _in_turns(
    plan: Plan, asked: Asking, maker: ChunkMaker, shards: Sequence[Shard], workers: int
) -> Iterator[tuple[Shard, ChunkReport]]:
    """Chunks as they lack no answer any more, or cannot get any."""
    is_spent = False
    while shards:
        lacking = []
        for shard, report in _at_once(maker, shards, workers):
            if report.unasked and not is_spent:
                lacking.append(shard)
            else:
                yield shard, report
        shards = lacking
        if lacking:
            is_spent = not _answer(plan, asked, lacking)
            for shard in lacking:
                if not _hand_out(asked, shard) and not is_spent:
                    raise BuildError(f"not every request of chunk {shard.folder.name} was answered")


def _hand_out(asked: Asking, shard: Shard) -> bool:
    """Give a chunk the answers that it lacked, all at once: what judges are asked hangs on them together.

    Returns:
        Whether these are all.
    """
    from tldr_data.llms.records import line_of

    known, is_whole = shard.answers.read_bytes(), True
    with whole_file(shard.answers, durable=False) as file:
        file.write(known)
        for request in read_pickle(shard.asks):
            if answer := asked.log.get(request.key):
                file.write(line_of(request, answer))
            else:
                is_whole = False
    return is_whole


def _answer(plan: Plan, asked: Asking, shards: Sequence[Shard]) -> bool:
    """Ask what chunks lack, each request once, and log the answers; False where the budget is spent."""
    from tldr_data.building.ray_llms import ask

    assert plan.llm
    requests = _lacking(asked, shards)
    if plan.llm.backend == "replay":  # from a log that lies here
        for request in requests:
            asyncio.run_coroutine_threadsafe(asked.perturber.asker.ask(request), asked.loop).result()
        return True
    is_spent = False
    while not is_spent and (first := next(requests, None)):
        remove_tree(plan.work / TO_ASK)
        files, requests, is_spent = _affordable(asked, chain([first], requests), plan.work / TO_ASK)
        for request, answer in ask(plan.llm, files):
            _keep(asked, request, answer)
    remove_tree(plan.work / TO_ASK)
    asked.log.sync()
    return not is_spent


def _lacking(asked: Asking, shards: Sequence[Shard]) -> Iterator[Request]:
    """What no answer is known to, once each."""
    from tldr_data.llms.places import Places

    with closing(Places()) as seen:
        for shard in shards:
            for request in read_pickle(shard.asks):
                if asked.log.get(request.key) is None and seen.claim(bytes.fromhex(request.key)):
                    yield request


def _affordable(asked: Asking, requests: Iterator[Request], folder: Path) -> tuple[list[Path], Iterator[Request], bool]:
    """Files of the requests that the budget is sure to pay for, those after them, and whether it is spent."""
    from tldr_data.llms.budget import BudgetSpent

    files: list[Path] = []
    batch: list[Request] = []
    rest: Iterator[Request] = iter(())
    is_spent = False
    for request in requests:
        try:
            if asked.budget.limit:
                asked.budget.reserve(request)
        except BudgetSpent as spent:
            rest, is_spent = chain([request], requests), not spent.in_flight
            break
        if len(batch) == REQUESTS_AT_ONCE:
            files.append(_written(batch, folder / f"{len(files):07d}"))
            batch = []
        batch.append(request)
    if batch:
        files.append(_written(batch, folder / f"{len(files):07d}"))
    return files, rest, is_spent


def _written(requests: list[Request], path: Path) -> Path:
    write_pickle(path, requests)
    return path


def _keep(asked: Asking, request: Request, answer: Answer) -> None:
    """Count what an answer cost, and write it down."""
    if asked.budget.limit is None:
        asked.budget.reserve(request)
    asked.budget.settle(request, answer)
    asked.perturber.asker.usage.count(answer)
    asked.log.append(request, answer)
