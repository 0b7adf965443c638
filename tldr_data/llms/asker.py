"""Asking a model: each question once, within the budget, and never again what the log holds the answer to."""

from __future__ import annotations

import asyncio
from asyncio import Task
from dataclasses import dataclass

from tldr_data.llms import LLM
from tldr_data.llms.budget import Budget, BudgetSpent
from tldr_data.llms.log import RequestLog
from tldr_data.llms.request import Answer, Request


@dataclass(slots=True)
class Usage:
    """What was asked so far, for the panel."""

    asked: int = 0
    """Requests that the model answered, those included that failed for good."""
    reused: int = 0
    """Answers that came from the log, or from the same request in flight."""
    failed: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    in_flight: int = 0

    def count(self, answer: Answer) -> None:
        """Add an answer of the model."""
        self.asked += 1
        self.failed += answer.failure is not None
        self.input_tokens += answer.input_tokens
        self.output_tokens += answer.output_tokens


@dataclass(slots=True, eq=False)
class _Question:
    """A request in flight, and how many wait for its answer."""

    task: Task[Answer]
    waiting: int = 0


class Asker:
    """Answers requests from the log, and asks the model for what the log lacks. For use in one event loop."""

    def __init__(self, llm: LLM, log: RequestLog, budget: Budget | None = None) -> None:
        self.usage = Usage()
        self._llm = llm
        self._log = log
        self._budget = budget
        self._questions: dict[str, _Question] = {}
        self._answered = asyncio.Event()

    @property
    def model(self) -> str:
        """``name@revision`` of the model that is asked."""
        return self._llm.model

    async def sync(self) -> None:
        """Wait until every answer so far would outlast a power cut.

        Raises:
            BuildError: it would not.
        """
        await asyncio.to_thread(self._log.sync)

    async def ask(self, request: Request) -> Answer:
        """The answer, which is in the log by then.

        Whoever asks the same meanwhile gets the same answer, or the same error. An asker that is cancelled takes
        nothing from the others: the question is given up only when nobody waits for it any more.

        Raises:
            BudgetSpent: the request could pass the budget, also once all that is in flight is answered.
            UsageError: the backend refuses all of our requests.
            BuildError: the backend is gone, or the log cannot be written.
        """
        while True:
            kept = self._log.get(request.key)
            if kept is not None:
                self.usage.reused += 1
                return kept
            question = self._questions.get(request.key)
            if question is None or not question.task.cancelling():
                break
            # given up by those who asked it before, but not at its end yet
            await asyncio.wait([question.task])
        is_new = question is None
        answer = await self._wait_for(question or self._begin(request))
        self.usage.reused += not is_new
        return answer

    def _begin(self, request: Request) -> _Question:
        question = self._questions[request.key] = _Question(asyncio.create_task(self._answer(request)))

        def end(task: Task[Answer]) -> None:
            del self._questions[request.key]
            if not task.cancelled():
                task.exception()  # looked at, also where all who asked are gone

        question.task.add_done_callback(end)
        return question

    async def _wait_for(self, question: _Question) -> Answer:
        question.waiting += 1
        try:
            return await asyncio.shield(question.task)
        finally:
            question.waiting -= 1
            if not question.waiting:
                question.task.cancel()

    async def _answer(self, request: Request) -> Answer:
        await self._reserve(request)
        self.usage.in_flight += 1
        try:
            answer = await self._ask_model(request)
            self._log.append(request, answer)
        finally:
            self.usage.in_flight -= 1
            # who waits for room in the budget looks again
            self._answered.set()
            self._answered.clear()
        return answer

    async def _ask_model(self, request: Request) -> Answer:
        try:
            answer = await self._llm.answer(request)
        except BaseException:
            if self._budget is not None:
                self._budget.release(request)
            raise
        if self._budget is not None:
            self._budget.settle(request, answer)
        self.usage.count(answer)
        return answer

    async def _reserve(self, request: Request) -> None:
        while self._budget is not None:
            try:
                return self._budget.reserve(request)
            except BudgetSpent as spent:
                if not spent.in_flight or not self.usage.in_flight:
                    raise
            await self._answered.wait()
