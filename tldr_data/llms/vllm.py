"""LLM ``vllm``: vLLM's engine, offline, in processes of its own beside this one."""

from __future__ import annotations

import asyncio
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from threading import Lock, Thread

from tldr_data.errors import BuildError, TldrError, UsageError
from tldr_data.llms.request import Answer, Request
from tldr_data.llms.revision import find_model
from tldr_data.llms.vllm_engine import Engine, EngineDead, PrefixCache, Processes, one_line

DEATHS = 3
"""Of engines while one request was asked: then it is the request that they die of."""
ONE_AT_A_TIME = Lock()
"""Engines start one after the other: whose children appear meanwhile is then clear."""
MORE = "VLLM_LOGGING_LEVEL=INFO shows what it did"


class Vllm:
    """Answers from an engine that starts with the first request.

    The engine is fed from an event loop in a thread of its own, so that it never waits for what the caller does between
    two answers. Requests reach it in the order in which they are asked.
    """

    def __init__(self, *, model: str | None, base_url: str | None, requests: Path) -> None:
        if model is None:
            raise UsageError("--llm vllm needs --model: a folder, or a name on the Hub")
        if base_url is not None:
            raise UsageError("--base-url goes with --llm openai; --llm vllm runs the model itself")
        if find_spec("vllm") is None:
            raise UsageError("--llm vllm needs vLLM: pip install 'tldr-data[vllm]'")
        self.cache = PrefixCache()
        self._model = find_model(model)
        self._engine: Engine | None = None
        self._starting: Processes | None = None
        self._gone: TldrError | None = None
        self._starts = 0
        self._deaths = 0
        """In a row, without an answer in between."""

    @property
    def model(self) -> str:
        return self._model.name

    async def answer(self, request: Request) -> Answer:
        """The answer to one request.

        Raises:
            UsageError: the engine does not start with this model on this machine.
            BuildError: the engine died again after it was started anew, without one answer in between.
        """
        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(self._ask(request), self._loop))

    async def close(self) -> None:
        """End the engine and all of its processes, also where it is still starting."""
        self._gone = self._gone or BuildError("the engine was closed")
        if "_loop" not in vars(self):
            return
        ended = asyncio.run_coroutine_threadsafe(self._end(), self._loop)
        while not ended.done():
            if self._starting is not None:
                self._starting.kill_started()
            await asyncio.sleep(0.05)
        self._loop.call_soon_threadsafe(self._loop.stop)
        del self._loop

    @cached_property
    def _loop(self) -> asyncio.AbstractEventLoop:
        loop = asyncio.new_event_loop()

        def run() -> None:
            loop.run_forever()
            loop.close()

        Thread(target=run, name="vllm", daemon=True).start()
        return loop

    async def _ask(self, request: Request) -> Answer:
        for _ in range(DEATHS):
            engine = self._running()
            try:
                answer = await engine.answer(request)
            except EngineDead as death:
                self._bury(engine, death)
            else:
                if answer.failure is None:
                    self._deaths = 0
                return answer
        return Answer(text=f"the engine died {DEATHS} times while this was asked", failure="server_error")

    def _running(self) -> Engine:
        """The engine. Starting one blocks this thread, which has nothing to do without it."""
        if self._gone is not None:
            raise self._gone
        if self._engine is None:
            with ONE_AT_A_TIME:
                self._engine = self._start()
        return self._engine

    def _start(self) -> Engine:
        self._starts += 1
        self._starting = Processes()
        try:
            return Engine(self._model, self.cache, self._starting)
        except Exception as error:
            self._starting.end()
            self._gone = self._gone or self._no_start(error)
            raise self._gone from error
        finally:
            self._starting = None

    def _no_start(self, error: Exception) -> TldrError:
        if isinstance(error, UsageError):
            return error
        message = f"vLLM does not start with --model {self._model.path}: {one_line(error)} ({MORE})"
        return UsageError(message) if self._starts == 1 else BuildError(message)

    def _bury(self, engine: Engine, death: EngineDead) -> None:
        if self._engine is not engine:
            return  # another request has seen it first
        self._engine = None
        self._deaths += 1
        engine.stop()
        if self._deaths > 1:
            self._gone = BuildError(f"vLLM's engine died again after it was started anew: {death} ({MORE})")

    async def _end(self) -> None:
        if self._engine is not None:
            self._engine.stop()
            self._engine = None
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
