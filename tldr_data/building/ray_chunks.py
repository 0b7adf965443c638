"""Chunks as jobs for workers on other machines: shards of raw rows, and what makes a chunk of one.

.work/rows/
    1-000007.rows       raw rows of a chunk, pickled
    1-000007.asks       requests that the chunk lacks the answers to, pickled
    1-000007.answers    lines of the request log that the chunk is made with
"""

from __future__ import annotations

import asyncio
import os
import pickle
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from functools import cached_property
from itertools import count, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import uuid4

from tldr_data.atomic import move, remove_tree, whole_file
from tldr_data.building.chunks import ChunkBuilder
from tldr_data.building.parts import ChunkReport, Job, chunk_folder, done_report
from tldr_data.building.perturbers import Most
from tldr_data.building.plan import Plan
from tldr_data.building.workers import make_builder, sources_of
from tldr_data.errors import BuildError
from tldr_data.llms.request import Answer, Request
from tldr_data.sources import Source
from tldr_data.taxonomy import Taxonomy

if TYPE_CHECKING:
    from tldr_data.building.asked import Asked
    from tldr_data.llms.asker import Asker

ROWS = "rows"
ATTEMPTS = "attempts"
DEATHS = 5
"""Of workers over one chunk: then it is the chunk that they die of."""


class Shard(NamedTuple):
    """A chunk to be made, as workers hear of it."""

    folder: Path
    rows: Path
    """The file that holds its raw rows; what it asks and was answered lies beside it."""
    most: Most

    @property
    def asks(self) -> Path:
        """Requests that it lacks the answers to; none lacks nothing."""
        return self.rows.with_suffix(".asks")

    @property
    def answers(self) -> Path:
        """What it was answered."""
        return self.rows.with_suffix(".answers")

    def remove(self) -> None:
        """Let go of what the chunk was made of."""
        for path in (self.rows, self.asks, self.answers):
            path.unlink(missing_ok=True)


def write_shards(plan: Plan, source: Source, most: Most) -> Iterator[tuple[Shard, ChunkReport | None]]:
    """All chunks of a source, with what those that an earlier run made have to report, and rows for the others.

    Raises:
        BuildError: the disk does not take them.
    """
    rows = source.rows()
    for number in count():
        if not (chunk := list(islice(rows, plan.chunk_rows))):
            return
        folder = chunk_folder(plan.work, 1, number)
        shard = Shard(folder, plan.work / ROWS / f"{folder.name}.rows", most)
        report = done_report(folder)
        if report is None and not shard.rows.is_file():
            write_pickle(shard.rows, chunk)
        yield shard, report


def write_pickle(path: Path, value: Any) -> None:
    """Write what only this build reads.

    Raises:
        BuildError: the disk does not take it.
    """
    from pyarrow import Codec

    with whole_file(path, durable=False) as file:
        file.write(Codec("zstd").compress(pickle.dumps(value), asbytes=True))


def read_pickle(path: Path) -> Any:
    """What ``write_pickle`` wrote."""
    from pyarrow import input_stream

    with input_stream(str(path), compression="zstd") as file:
        return pickle.loads(file.read())


class ChunkMaker:
    """Makes chunks in a worker, which loads what it needs with the first one."""

    def __init__(self, plan: Plan, model: str | None = None, threshold: float | None = None) -> None:
        """
        Args:
            plan: with paths that every worker understands.
            model: ``name@revision`` where a model perturbs.
            threshold: of the caption judge.
        """
        # addresses may hold keys, and who makes chunks asks nobody
        llm = plan.llm and replace(plan.llm, base_url=None, requests=None, prices=None)
        self.plan = replace(plan, llm=llm)
        self.model = model
        self.threshold = threshold
        self._asked: Asked | None = None

    def __call__(self, shard: Shard) -> ChunkReport:
        """Make a chunk. It comes into its place as a whole: a worker that was thought dead may be making it, too.

        Raises:
            BuildError: the disk does not take it, or it killed too many workers.
        """
        report = done_report(shard.folder)
        if report is not None:
            return report._replace(is_new=True)
        attempt = self._attempt(shard.folder.name)
        job = Job(attempt, read_pickle(shard.rows), shard.most)
        report = self._answered(job, shard) if self.plan.llm else asyncio.run(self._builder.build(job))
        try:
            remove_tree(shard.folder)
            move(attempt, shard.folder)
        except BuildError:
            if done_report(shard.folder) is None:
                raise
            remove_tree(attempt)
        return report

    def _attempt(self, name: str) -> Path:
        """A folder of this process alone; those who died have left theirs."""
        folder = self.plan.work / ATTEMPTS
        left = len(list(folder.glob(f"{name}.*")))
        if left >= DEATHS:
            raise BuildError(
                f"{left} worker processes died over chunk {name} (out of memory, or killed); "
                "what is done is kept, and the same command continues"
            )
        return folder / f"{name}.{os.getpid()}.{uuid4().hex}"

    def _answered(self, job: Job, shard: Shard) -> ChunkReport:
        """Make a chunk of the answers that are there, and write down what else it asks."""
        from tldr_data.llms.asker import Asker
        from tldr_data.llms.log import RequestLog

        assert self.model
        noting = Noting(self.model)
        shard.answers.touch()
        with closing(RequestLog(shard.answers, writable=False)) as log:
            builder = make_builder(self.plan, *self._loaded, self._perturber(Asker(noting, log)))
            report = asyncio.run(builder.build(job))
        write_pickle(shard.asks, noting.asked)
        return report

    def _perturber(self, asker: Asker) -> Asked:
        """One for all chunks: what it loads takes time."""
        from tldr_data.building.asked import Asked
        from tldr_data.entailment import Entailment

        if self._asked is None:
            llm = self.plan.llm
            assert llm
            self._asked = Asked(
                asker,
                self._loaded[1],
                ask=llm.ask,
                seed=self.plan.seed,
                judges=llm.judges,
                threshold=self.threshold,
                entailment=Entailment(llm.nli) if llm.nli else None,
            )
        self._asked.asker = asker
        return self._asked

    @cached_property
    def _loaded(self) -> tuple[Source, list[Taxonomy]]:
        return sources_of(self.plan)

    @cached_property
    def _builder(self) -> ChunkBuilder:
        return make_builder(self.plan, *self._loaded)


class Noting:
    """A model that answers nothing, and remembers what it was asked."""

    def __init__(self, model: str) -> None:
        self.model = model
        self.asked: list[Request] = []

    async def answer(self, request: Request) -> Answer:
        """
        Raises:
            BudgetSpent: always. Who asks goes on without an answer, as where nothing is left to pay for it.
        """
        from tldr_data.llms.budget import BudgetSpent

        self.asked.append(request)
        raise BudgetSpent("not answered yet", in_flight=False)

    async def close(self) -> None:
        """Nothing is open."""
