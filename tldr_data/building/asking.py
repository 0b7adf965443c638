"""A model ready to be asked for a build: its backend, the log of what it answered, the budget, the calibrated judge."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from tldr_data.atomic import whole_file
from tldr_data.building.asked import Asked
from tldr_data.building.plan import LlmPlan, Plan
from tldr_data.building.workers import running_loop
from tldr_data.dataset import REQUESTS
from tldr_data.entailment import Entailment
from tldr_data.errors import BuildError
from tldr_data.llms import LLM, open_llm
from tldr_data.llms.asker import Asker
from tldr_data.llms.budget import Budget, parse_budget
from tldr_data.llms.log import RequestLog
from tldr_data.llms.prices import FREE, Price, is_loopback, load_prices, price_of
from tldr_data.llms.records import read_lines
from tldr_data.llms.replay import Replay
from tldr_data.llms.request import Request
from tldr_data.resources import resource_dir
from tldr_data.taxonomy import Taxonomy
from tldr_data.verify.calibration import Calibration, calibrate, known_pairs
from tldr_data.verify.judge import caption_judge_request

T = TypeVar("T")


class Asking(NamedTuple):
    """A model that can be asked until the block that opened it ends."""

    perturber: Asked
    loop: asyncio.AbstractEventLoop
    log: RequestLog
    budget: Budget
    calibration: Calibration | None
    known: list[str]
    """Keys of the requests by which the judge was calibrated."""


def keep_requests(plan: Plan) -> None:
    """Take the answers of a finished build in the same folder into the work: they were paid for.

    Raises:
        BuildError: the disk does not take them.
    """
    published, own = plan.out / f"{REQUESTS}.zst", plan.work / REQUESTS
    if published.is_file() and not own.is_file():
        with whole_file(own) as file:
            file.writelines(read_lines(published))


@contextmanager
def asking(plan: Plan, llm: LLM, taxonomies: list[Taxonomy]) -> Iterator[Asking]:
    """Open the log, make the budget known, and find out how far the judge can be trusted.

    Raises:
        UsageError: the budget or the prices cannot be used.
        BuildError: the budget is spent before anything was made.
    """
    assert plan.llm is not None
    with closing(RequestLog(log_path(plan), forget_failures=plan.resume == "never")) as log, running_loop() as loop:
        budget = _budget(plan.llm, llm.model, log)
        asker = Asker(llm, log, budget)
        try:
            calibration: Calibration | None = None
            known: list[str] = []
            if plan.llm.judges != "none":
                calibration, known = _run(_calibrated(asker, taxonomies), loop)
            threshold = calibration.threshold if calibration else None
            perturber = Asked(
                asker,
                taxonomies,
                ask=plan.llm.ask,
                seed=plan.seed,
                judges=plan.llm.judges,
                threshold=threshold,
                entailment=Entailment(plan.llm.nli) if plan.llm.nli else None,
            )
            yield Asking(perturber, loop, log, budget, calibration, known)
        except BuildError as error:
            raise BuildError(f"{error}; {len(log):,} answers are kept") from error
        finally:
            _run(llm.close(), loop)


def asked_templates(plan: LlmPlan, *, merges: bool) -> dict[str, str]:
    """Name -> text of the templates in ``prompts/`` that these settings ask with, of captions and of answers.

    ``merges``: whether a source has the model merge answers into captions.
    """
    kinds = ("edits", "rewrite") if plan.ask == "auto" else (plan.ask,)
    text_judges = ("judge_caption", "judge_answer")
    judges = {"none": (), "text": text_judges, "image": (*text_judges, "judge_image")}[plan.judges]
    names = ("instructions", *kinds, "answer", *(("caption",) if merges else ()), *judges)
    return {name: (resource_dir("prompts") / f"{name}.jinja").read_text(encoding="utf-8") for name in names}


def log_path(plan: Plan) -> Path:
    """A log that is replayed is never written to."""
    assert plan.llm is not None
    given = None if plan.llm.backend == "replay" else plan.llm.requests
    return given or plan.work / REQUESTS


@contextmanager
def open_model(plan: LlmPlan) -> Iterator[LLM]:
    """The model that a plan asks, with its connections closed when the block ends.

    Raises:
        UsageError, InputError: it cannot be asked.
    """
    llm = open_llm(plan.backend, model=plan.model, base_url=plan.base_url, requests=plan.requests)
    if plan.is_cut and isinstance(llm, Replay):
        llm.is_cut = True
    try:
        yield llm
    finally:
        asyncio.run(llm.close())


def price_for(plan: LlmPlan, model: str) -> Price | None:
    """What a plan's model costs; None where nobody knows.

    Raises:
        InputError: the file of prices cannot be used.
    """
    price = price_of(model, load_prices(plan.prices))
    is_own = plan.backend != "openai" or (plan.base_url is not None and is_loopback(plan.base_url))
    return FREE if is_own else price


def _budget(plan: LlmPlan, model: str, log: RequestLog) -> Budget:
    limit = None if plan.budget is None else parse_budget(plan.budget)
    # a log that others write to does not tell what this build spent
    return Budget(limit, price_for(plan, model), spent=(0, 0) if plan.requests else log.spent)


def known_requests(taxonomies: list[Taxonomy], model: str) -> list[Request]:
    """What a judge is asked of pairs whose answer is known."""
    return [caption_judge_request(pair.candidate, pair.taxonomy, model=model) for pair in known_pairs(taxonomies)]


async def _calibrated(asker: Asker, taxonomies: list[Taxonomy]) -> tuple[Calibration | None, list[str]]:
    """Ask the judge about pairs whose answer is known."""
    requests = known_requests(taxonomies, asker.model)
    answers = await asyncio.gather(*map(asker.ask, requests))
    return calibrate(known_pairs(taxonomies), answers), [request.key for request in requests]


def _run(work: Coroutine[Any, Any, T], loop: asyncio.AbstractEventLoop) -> T:
    return asyncio.run_coroutine_threadsafe(work, loop).result()
