"""Each question is asked once, whoever asks it, and whoever of them goes away."""

import asyncio
import gc
import sys
from collections.abc import Awaitable, Callable, Iterator
from itertools import count
from pathlib import Path

import pytest

from tldr_data.errors import BuildError, UsageError
from tldr_data.llms.asker import Asker, Usage
from tldr_data.llms.budget import Budget, BudgetSpent, parse_budget
from tldr_data.llms.log import RequestLog
from tldr_data.llms.request import Answer, Message, Request


def request(number: int) -> Request:
    return Request(model="tiny@1", messages=(Message("user", f"Satz {number}"),), max_tokens=9)


def answer(number: int, failure: str | None = None) -> Answer:
    return Answer(text=f"answer {number}", input_tokens=10, output_tokens=3, failure=failure)


class Model:
    """Answers what it is asked, in the order asked, once it is let."""

    model = "tiny@1"

    def __init__(self, reply: Callable[[int], Answer] = answer) -> None:
        self.reply = reply
        self.may_answer = asyncio.Event()
        self.may_answer.set()
        self.asked: list[int] = []
        self.given_up: list[int] = []

    async def answer(self, request: Request) -> Answer:
        number = int(request.messages[0].content.split()[1])
        self.asked.append(number)
        try:
            await self.may_answer.wait()
        except asyncio.CancelledError:
            # as a client that closes its connection in order
            await asyncio.sleep(0)
            self.given_up.append(number)
            raise
        return self.reply(number)

    async def close(self) -> None:
        pass


@pytest.fixture
def log(tmp_path: Path) -> Iterator[RequestLog]:
    with RequestLog(tmp_path / "requests.jsonl") as log:
        yield log


def run(work: Awaitable[None]) -> None:
    """Run to the end, with every complaint of the event loop an error."""

    async def watched() -> None:
        complaints: list[object] = []
        asyncio.get_running_loop().set_exception_handler(lambda loop, context: complaints.append(context))
        async with asyncio.timeout(120):
            await work
        await asyncio.sleep(0)
        assert complaints == []

    asyncio.run(watched())


async def turns(number: int = 5) -> None:
    """Let the others go on."""
    for _ in range(number):
        await asyncio.sleep(0)


def test_what_is_answered_is_in_the_log_and_never_asked_again(log: RequestLog, tmp_path: Path) -> None:
    async def first() -> None:
        model = Model()
        asker = Asker(model, log)
        for _ in range(2):
            for number in range(3):
                assert await asker.ask(request(number)) == answer(number)
        assert model.asked == [0, 1, 2]
        assert asker.usage == Usage(asked=3, reused=3, failed=0, input_tokens=30, output_tokens=9, in_flight=0)

    async def second() -> None:
        model = Model()
        asker = Asker(model, log)
        assert await asker.ask(request(1)) == answer(1)
        assert (model.asked, asker.usage) == ([], Usage(reused=1))

    run(first())
    run(second())


def test_failures_are_answers_like_others(log: RequestLog) -> None:
    async def work() -> None:
        model = Model(lambda number: answer(number, failure="timeout"))
        asker = Asker(model, log)
        assert await asker.ask(request(0)) == await asker.ask(request(0)) == answer(0, failure="timeout")
        assert (asker.usage.asked, asker.usage.failed, asker.usage.reused) == (1, 1, 1)

    run(work())


def test_the_same_question_at_the_same_time_is_asked_once(log: RequestLog) -> None:
    async def work() -> None:
        model = Model()
        model.may_answer.clear()
        asker = Asker(model, log)
        waiting = [asyncio.create_task(asker.ask(request(number % 2))) for number in range(20)]
        await turns()
        assert (model.asked, asker.usage.in_flight) == ([0, 1], 2)
        model.may_answer.set()
        assert await asyncio.gather(*waiting) == [answer(number % 2) for number in range(20)]
        assert model.asked == [0, 1]
        assert (asker.usage.asked, asker.usage.reused, asker.usage.in_flight) == (2, 18, 0)

    run(work())


@pytest.mark.parametrize("gone", [(0,), (1,), (0, 1)])
def test_an_asker_that_goes_away_takes_nothing_from_the_others(log: RequestLog, gone: tuple[int, ...]) -> None:
    async def work() -> None:
        model = Model()
        model.may_answer.clear()
        asker = Asker(model, log, Budget(parse_budget("1Mtok"), None))
        waiting = [asyncio.create_task(asker.ask(request(7))) for _ in range(3)]
        await turns()
        for number in gone:
            waiting[number].cancel()
        await turns()
        model.may_answer.set()
        results = await asyncio.gather(*waiting, return_exceptions=True)
        for number, result in enumerate(results):
            assert isinstance(result, asyncio.CancelledError) if number in gone else result == answer(7)
        assert (model.asked, model.given_up) == ([7], [])

    run(work())


def test_a_question_that_nobody_waits_for_is_given_up_and_may_be_asked_anew(log: RequestLog) -> None:
    async def work() -> None:
        model = Model()
        model.may_answer.clear()
        budget = Budget(parse_budget("1Mtok"), None)
        asker = Asker(model, log, budget)
        waiting = [asyncio.create_task(asker.ask(request(7))) for _ in range(3)]
        await turns()
        for task in waiting:
            task.cancel()
        # while the old one is still ending; were it asked next to it, the budget would object
        anew = asyncio.create_task(asker.ask(request(7)))
        await asyncio.wait(waiting)
        await turns()
        assert (model.asked, model.given_up, asker.usage.in_flight) == ([7, 7], [7], 1)
        model.may_answer.set()
        assert await anew == answer(7)
        assert (asker.usage, budget.spent_tokens) == (Usage(asked=1, input_tokens=10, output_tokens=3), 13)

    run(work())


def test_an_error_reaches_all_who_wait_and_the_next_one_asks_again(log: RequestLog) -> None:
    def gone(number: int) -> Answer:
        raise BuildError("the server is gone")

    async def work() -> None:
        model = Model(gone)
        budget = Budget(parse_budget("1Mtok"), None)
        asker = Asker(model, log, budget)
        results = await asyncio.gather(*(asker.ask(request(1)) for _ in range(3)), return_exceptions=True)
        assert [str(result) for result in results] == ["the server is gone"] * 3
        assert (model.asked, len(log), asker.usage, budget.spent_tokens) == ([1], 0, Usage(), 0)
        model.reply = answer
        assert await asker.ask(request(1)) == answer(1)

    run(work())


def test_an_error_after_all_who_asked_have_gone_disturbs_nobody(log: RequestLog) -> None:
    class Stubborn(Model):
        async def answer(self, request: Request) -> Answer:
            try:
                return await super().answer(request)
            except asyncio.CancelledError:
                raise BuildError("the connection broke while it was closed") from None

    async def work() -> None:
        model = Stubborn()
        model.may_answer.clear()
        asker = Asker(model, log)
        task = asyncio.create_task(asker.ask(request(1)))
        await turns()
        task.cancel()
        await turns(10)
        assert (task.cancelled(), model.given_up, asker.usage.in_flight) == (True, [1], 0)
        model.may_answer.set()
        assert await asker.ask(request(1)) == answer(1)

    run(work())


def test_a_log_that_cannot_be_written_stops_the_asking(log: RequestLog, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(request: Request, answer: Answer) -> None:
        raise BuildError("cannot write: no space left")

    async def work() -> None:
        budget = Budget(parse_budget("1Mtok"), None)
        asker = Asker(Model(), log, budget)
        with monkeypatch.context() as patch:
            patch.setattr(log, "append", full)
            with pytest.raises(BuildError, match="no space left"):
                await asker.ask(request(1))
        assert (budget.spent_tokens, asker.usage.in_flight) == (13, 0), "it was paid for all the same"
        assert await asker.ask(request(1)) == answer(1)

    run(work())


def room_for(number: int) -> Budget:
    """A budget that lets that many requests be in flight at once."""
    probe = Budget(parse_budget("1Mtok"), None)
    probe.reserve(request(0))
    return Budget(parse_budget(f"{number * probe._set_aside}tok"), None)


def test_what_does_not_fit_the_budget_waits_for_what_is_in_flight(log: RequestLog) -> None:
    async def work() -> None:
        model = Model()
        model.may_answer.clear()
        budget = room_for(2)
        asker = Asker(model, log, budget)
        tasks = [asyncio.create_task(asker.ask(request(number))) for number in range(9)]
        await turns()
        assert model.asked == [0, 1]
        assert not any(task.done() for task in tasks)
        model.may_answer.set()
        results = await asyncio.gather(*tasks, return_exceptions=True)
        spent = [isinstance(result, BudgetSpent) for result in results]
        # the answers cost less than what was set aside for them, so that more than two fit
        assert 2 < len(model.asked) < 9
        assert spent == [number not in model.asked for number in range(9)]
        assert len(log) == len(model.asked)
        assert budget.limit is not None
        assert budget.spent_tokens == 13 * len(model.asked) <= budget.limit.amount
        assert await asker.ask(request(0)) == answer(0), "what the log holds costs nothing"

    run(work())


def test_a_budget_with_room_for_nothing_is_spent_at_once(log: RequestLog) -> None:
    async def work() -> None:
        model = Model()
        asker = Asker(model, log, Budget(parse_budget("1tok"), None))
        for _ in range(2):
            with pytest.raises(BudgetSpent):
                await asker.ask(request(1))
        assert (model.asked, asker.usage) == ([], Usage())

    run(work())


def test_who_waits_for_the_budget_goes_on_when_what_is_in_flight_fails(log: RequestLog) -> None:
    def refuse(number: int) -> Answer:
        if number == 0:
            raise UsageError("the key is refused")
        return answer(number)

    async def work() -> None:
        asker = Asker(Model(refuse), log, room_for(1))
        results = await asyncio.gather(*(asker.ask(request(number)) for number in range(2)), return_exceptions=True)
        assert str(results[0]) == "the key is refused"
        assert results[1] == answer(1)

    run(work())


class _Nothing(list[int]):
    """Remembers nothing."""

    def append(self, number: int) -> None:
        pass


@pytest.mark.parametrize("requests", [4_000, pytest.param(100_000, marks=pytest.mark.slow)])
def test_memory_does_not_grow_with_the_requests(log: RequestLog, requests: int) -> None:
    numbers = count()

    async def work() -> None:
        model = Model()
        model.asked = _Nothing()
        asker = Asker(model, log, Budget(parse_budget("100Mtok"), None))

        async def ask(until: int) -> None:
            while (number := next(numbers)) < until:
                await asker.ask(request(number))

        async def ask_many(until: int) -> int:
            async with asyncio.TaskGroup() as group:
                for _ in range(64):
                    group.create_task(ask(until))
            gc.collect()
            return sys.getallocatedblocks()

        early = await ask_many(requests // 4)
        late = await ask_many(requests)
        assert asker.usage.asked >= requests - 64
        # one thing kept of each request would be 3,000 of them, or 75,000
        assert late - early < 1_000

    run(work())
