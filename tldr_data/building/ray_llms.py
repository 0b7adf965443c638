"""Requests answered by the LLM processors of Ray Data: its HTTP stage, its vLLM engine.

Rows go through Arrow, which gives all of them the same fields; so whatever has a form of its own goes as one string.
"""

from __future__ import annotations

import asyncio
import json
import os
import pickle
from base64 import b64decode, b64encode
from collections.abc import Iterator, Mapping
from functools import cache, partial
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, NamedTuple

from tldr_data.building.plan import LlmPlan
from tldr_data.building.ray_chunks import read_pickle
from tldr_data.building.ray_cluster import failed
from tldr_data.errors import TldrError
from tldr_data.llms.access import checked_address
from tldr_data.llms.request import Answer, Request

if TYPE_CHECKING:
    from tldr_data.llms.openai import OpenAI

SMALL = 0.01
"""Processors that a stage claims which mostly waits."""
BATCH = 64


def ask(plan: LlmPlan, files: list[Path]) -> Iterator[tuple[Request, Answer]]:
    """The answers to the requests in files, as they come, inside ``cluster``.

    Raises:
        UsageError: the backend refuses all of our requests.
        BuildError: it, or the cluster, is gone.
    """
    import ray
    from ray.exceptions import RayError

    rows = ray.data.from_items([{"file": str(path)} for path in files]).flat_map(_requests_in, num_cpus=SMALL)
    process = _over_http(plan) if plan.backend == "openai" else _by_vllm(plan)
    answered = process(rows)
    # an answer that waits for its turn is lost if this process dies meanwhile
    answered.context.execution_options.preserve_order = False
    try:
        for row in answered.iter_rows():
            answer = _answer_in(row)
            if isinstance(answer, TldrError):
                raise answer
            yield pickle.loads(row["request"]), answer
    except RayError as error:
        raise failed(error) from error


def _answer_in(row: dict[str, Any]) -> Answer | TldrError:
    """Rows that the engine could do nothing with come without an answer."""
    pickled = row.get("answer")
    if pickled:
        answer: Answer | TldrError = pickle.loads(pickled)
        return answer
    return Answer(text=str(row.get("__inference_error__")), failure="bad_request")


def _by_vllm(plan: LlmPlan) -> Any:
    from tldr_data.building.ray_vllm import vllm_processor
    from tldr_data.llms.revision import find_model

    assert plan.model
    return vllm_processor(find_model(plan.model))


def _requests_in(row: dict[str, Any]) -> list[dict[str, bytes]]:
    return [{"request": pickle.dumps(request)} for request in read_pickle(Path(row["file"]))]


def _over_http(plan: LlmPlan) -> Any:
    """Ray's HTTP stage, with our own client in it: it knows when to ask again, and how fast, and what servers lack."""
    from ray.data.llm import HttpRequestProcessorConfig, build_processor

    from tldr_data.llms.openai import BASE_URL

    assert plan.model
    address = plan.base_url or os.environ.get("OPENAI_BASE_URL") or BASE_URL
    config = HttpRequestProcessorConfig(
        url=checked_address(address),  # for show: the client has its own
        batch_size=BATCH,
        concurrency=1,  # a server is asked at one pace
        http_request_stage={"num_cpus": SMALL},
        session_factory=partial(Session, plan.model, plan.base_url),
    )
    return build_processor(
        config,
        preprocess=_payload,
        postprocess=lambda row: {"request": row["request"], "answer": row["http_response"]["answer"]},
        preprocess_map_kwargs={"num_cpus": SMALL},
        postprocess_map_kwargs={"num_cpus": SMALL},
    )


def _payload(row: dict[str, Any]) -> dict[str, Any]:
    """What the stage sends: as JSON, in which there are no bytes."""
    return {"payload": {"request": b64encode(row["request"]).decode()}}


class Session:
    """Takes the place of an aiohttp session: what is posted is a request, and what comes back its answer."""

    def __init__(self, model: str, base_url: str | None) -> None:
        self._client = _client(model, base_url)

    async def __aenter__(self) -> Session:
        return self

    async def __aexit__(
        self, error_type: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """The client outlives a batch: its pace and its connections are for all of them."""

    def post(self, url: str, *, headers: Mapping[str, str], data: str) -> asyncio.Task[Reply]:
        """Ask at once: the stage itself waits for one answer after the other."""
        return asyncio.create_task(self._answer(pickle.loads(b64decode(json.loads(data)["request"]))))

    async def _answer(self, request: Request) -> Reply:
        try:
            return Reply(await self._client.answer(request))
        except TldrError as error:
            return Reply(error)


class Reply(NamedTuple):
    """What the stage takes for a response."""

    answer: Answer | TldrError
    status: int = 200

    async def __aenter__(self) -> Reply:
        return self

    async def __aexit__(self, *_: object) -> None:
        """Nothing is open."""

    async def json(self) -> dict[str, bytes]:
        """The answer, or why all questions are in vain."""
        return {"answer": pickle.dumps(self.answer)}


@cache
def _client(model: str, base_url: str | None) -> OpenAI:
    """One for each process, as its pace is; the key is that of the environment which the process runs in."""
    from tldr_data.llms.openai import OpenAI

    return OpenAI(model, base_url)
