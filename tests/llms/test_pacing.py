import asyncio
import random
import selectors
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from tldr_data.llms.pacing import HOLD, MOST, START, Pace


class VirtualLoop(asyncio.SelectorEventLoop):
    """A loop in which waiting takes no time: its clock jumps to the next alarm."""

    def __init__(self) -> None:
        self.now = 0.0
        loop = self

        class Selector(selectors.SelectSelector):
            def select(self, timeout: float | None = None) -> list[Any]:
                assert timeout is not None, "everybody waits for nothing"
                loop.now += timeout
                return []

        super().__init__(Selector())

    def time(self) -> float:
        return self.now


def run(main: Coroutine[Any, Any, Any]) -> Any:
    loop = VirtualLoop()
    try:
        return loop.run_until_complete(main)
    finally:
        loop.close()


class Simulated:
    """A server in virtual time: ``allow`` in flight at most, ``latency`` by what is in flight; and its clients."""

    def __init__(self, pace: Pace, latency: Callable[[int], float], allow: int = 10**6) -> None:
        self.pace, self.latency, self.allow = pace, latency, allow
        self.in_flight = self.refused = self.answered = 0
        self.limits: list[int] = []
        self.chance = random.Random(0)

    async def ask(self) -> None:
        """One request, until it is answered."""
        again = False
        while True:
            ticket = await self.pace.enter(again=again)
            if self.in_flight >= self.allow:
                self.refused += 1
                await asyncio.sleep(0.001)
                self.pace.leave(ticket, "throttled")
                await asyncio.sleep(self.chance.uniform(0.5, 1))
                again = True
                continue
            self.in_flight += 1
            await asyncio.sleep(self.latency(self.in_flight) * self.chance.uniform(0.8, 1.2))
            self.in_flight -= 1
            self.answered += 1
            self.limits.append(self.pace.limit)
            self.pace.leave(ticket, "answered")
            return

    async def serve(self, requests: int, at_once: int = 400) -> float:
        """Ask so many; the seconds it took."""
        left = iter(range(requests))
        begun = asyncio.get_running_loop().time()

        async def worker() -> None:
            for _ in left:
                await self.ask()

        await asyncio.gather(*(worker() for _ in range(at_once)))
        return asyncio.get_running_loop().time() - begun


def test_a_server_without_limits_is_used_from_the_first_moment_and_more_and_more() -> None:
    server = Simulated(Pace(), latency=lambda _: 0.2)
    seconds = run(server.serve(20_000))
    assert min(server.limits) == START
    assert server.limits[5_000] > START + 20
    assert server.limits[-1] > 3 * START
    assert 20_000 / seconds >= 1.5 * START / 0.2


def test_the_limit_ends_somewhere() -> None:
    server = Simulated(Pace(start=MOST - 3), latency=lambda _: 0.2)
    run(server.serve(5_000))
    assert max(server.limits) == MOST


@pytest.mark.parametrize("allow", [1, 10, 40, 100])
def test_a_server_that_allows_so_many_gets_about_so_many(allow: int) -> None:
    server = Simulated(Pace(), latency=lambda _: 0.2, allow=allow)
    run(server.serve(200 + 100 * allow))
    settled = server.limits[len(server.limits) // 2 :]
    assert max(settled) <= allow + 1
    assert sum(settled) / len(settled) >= 0.65 * allow
    assert server.refused <= 0.25 * server.answered + 500  # that many at the very first: 400 ask at once


@pytest.mark.parametrize("served", [16, 64])
def test_a_server_that_only_queues_gets_no_more_for_it(served: int) -> None:
    server = Simulated(Pace(), latency=lambda in_flight: 0.2 * max(1, in_flight / served))
    run(server.serve(20_000))
    assert max(server.limits) <= START * 1.3
    assert sum(server.limits) / len(server.limits) <= START * 1.09


def test_growth_stops_where_the_server_is_full() -> None:
    server = Simulated(Pace(), latency=lambda in_flight: 0.2 * max(1, in_flight / 128))
    seconds = run(server.serve(40_000))
    assert max(server.limits) <= 180
    assert 40_000 / seconds >= 0.85 * 128 / 0.2


def test_a_burst_counts_once_and_the_limit_recovers() -> None:
    async def burst() -> None:
        pace = Pace()
        server = Simulated(pace, latency=lambda _: 0.2)
        tickets = [await pace.enter() for _ in range(START)]
        for ticket in tickets:
            pace.leave(ticket, "throttled")
        assert pace.limit == START // 2
        later = await pace.enter()
        pace.leave(later, "throttled")
        assert pace.limit == START // 4
        await server.serve(6_000)
        assert pace.limit > START

    run(burst())


def test_a_server_that_refuses_all_is_asked_ever_more_rarely() -> None:
    server = Simulated(Pace(), latency=lambda _: 0.2, allow=0)

    async def for_ten_minutes() -> None:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(600):
                await server.serve(1_000)

    run(for_ten_minutes())
    assert server.refused < START * 2 + 40


def test_a_pause_holds_everybody_and_the_longest_counts() -> None:
    async def paused() -> None:
        pace, clock = Pace(), asyncio.get_running_loop()
        pace.pause(5)
        pace.pause(2)
        ticket = await pace.enter()
        assert clock.time() == pytest.approx(5)
        pace.leave(ticket, "answered")
        await pace.enter()
        assert clock.time() == pytest.approx(5)

    run(paused())


def test_a_pause_without_end_lasts_until_resume() -> None:
    async def paused() -> None:
        pace = Pace()
        pace.pause(float("inf"))
        waiting = asyncio.ensure_future(pace.enter())
        await asyncio.sleep(10_000)
        assert not waiting.done()
        pace.resume()
        await waiting

    run(paused())


def test_turns_come_in_order_and_retries_first() -> None:
    async def queue() -> None:
        pace, order = Pace(start=1), []

        async def ask(name: str, again: bool = False) -> None:
            ticket = await pace.enter(again=again)
            order.append(name)
            await asyncio.sleep(1)
            pace.leave(ticket, "failed")

        await asyncio.gather(ask("first"), ask("second"), ask("third"), ask("retry", again=True))
        assert order == ["first", "retry", "second", "third"]

    run(queue())


@pytest.mark.parametrize("given", [False, True])
def test_who_gives_up_waiting_takes_no_turn_along(given: bool) -> None:
    """Also when the turn was given in the same moment."""

    async def queue() -> None:
        pace = Pace(start=1)
        ticket = await pace.enter()
        waiting, other = asyncio.ensure_future(pace.enter()), asyncio.ensure_future(pace.enter())
        await asyncio.sleep(1)
        if given:
            pace.leave(ticket, "failed")
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
        if not given:
            pace.leave(ticket, "failed")
        await other
        assert pace.in_flight == 1

    run(queue())


def test_too_few_requests_teach_nothing() -> None:
    server = Simulated(Pace(), latency=lambda _: 0.2)
    run(server.serve(20_000, at_once=20))
    assert server.limits[-1] == START


def test_failures_change_nothing() -> None:
    async def failing() -> None:
        pace = Pace()
        for _ in range(HOLD * START):
            pace.leave(await pace.enter(), "failed")
        assert (pace.limit, pace.in_flight) == (START, 0)

    run(failing())
