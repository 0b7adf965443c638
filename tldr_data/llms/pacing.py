"""How many requests are in flight at a time."""

from __future__ import annotations

import asyncio
import math
from collections import deque
from typing import Literal, NamedTuple

START = 64
MOST = 256
REST_S = 0.5
MOST_REST_S = 30.0
STAGE = 256
"""Fewest answers that a throughput is taken over: with fewer, chance decides."""
HOLD = 16
"""Windows without growth after growth has brought nothing."""

Outcome = Literal["answered", "throttled", "failed"]


class Ticket(NamedTuple):
    """A turn: which one, and when it began."""

    number: int
    sent: float


class Pace:
    """A limit that begins where most servers are well used, and learns from what comes back.

    - It starts at its full value: a slow ramp costs more than a refused burst does.
    - Refused (429, 503): half of it. A burst counts once: what was sent before the cut says nothing about the limit
      after it. A cut after which nothing was answered before the next makes everybody rest, twice as long each time,
      so that a server that refuses all is not asked a thousand times a second.
    - Answered: one more for each full window (as many answers as the limit), but only while somebody waits for a turn.
    - By Little's law throughput is what is in flight over the latency. While growth lifts the throughput, the server
      had room. When an eighth more in flight does not bring at least a sixteenth more answers a second, requests only
      queue there: back to where that began, and no growth for some windows.
    """

    def __init__(self, start: int = START, most: int = MOST) -> None:
        self.limit = start
        self.in_flight = 0
        self._most = most
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._given = 0  # tickets; they tell which requests were sent before a cut
        self._cut_at = 0
        self._barren = 0  # cuts in a row without an answer between them
        self._paused_until = -math.inf
        self._alarm: asyncio.TimerHandle | None = None
        self._hold = 0
        self._last_rate = 0.0  # answers a second of the stage before this one, and the limit that it began with
        self._last_limit = start
        self._stage_from = 0  # what was sent before belongs to another limit
        self._first_limit = start
        self._window = self._answers = self._limits = 0  # answers since it last grew, in the stage; sum of limits
        self._seconds = 0.0

    async def enter(self, *, again: bool = False) -> Ticket:
        """Wait for a turn; the ticket to ``leave`` with. ``again``: ahead of requests that were never sent."""
        if self.in_flight < self.limit and not self._waiting and self._paused_until == -math.inf:
            self.in_flight += 1
        else:
            await self._queue(again)
        self._given += 1
        return Ticket(self._given, _now())

    def leave(self, ticket: Ticket, outcome: Outcome) -> None:
        """Give the turn back, and say how it went."""
        self.in_flight -= 1
        if outcome == "answered":
            self._barren = 0
        if ticket.number > self._cut_at:
            if outcome == "answered":
                self._count(ticket)
            elif outcome == "throttled":
                self._cut()
        self._wake()

    def pause(self, seconds: float) -> None:
        """Nobody enters for so long; infinite until ``resume``."""
        now = _now()
        if now + seconds > self._paused_until:
            self._paused_until = now + seconds
            self._begin_stage()
            self._wake()

    def resume(self) -> None:
        """End every pause."""
        self._paused_until = -math.inf
        self._wake()

    async def _queue(self, again: bool) -> None:
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        (self._waiting.appendleft if again else self._waiting.append)(turn)
        self._wake()
        try:
            await turn
        except asyncio.CancelledError:
            if not turn.cancelled():  # the turn was given at the same moment: to the next
                self.in_flight -= 1
                self._wake()
            raise

    def _wake(self) -> None:
        if self._paused_until > -math.inf:
            now = _now()
            if now < self._paused_until:
                self._set_alarm(self._paused_until)
                return
            self._paused_until = -math.inf
        while self._waiting and self.in_flight < self.limit:
            turn = self._waiting.popleft()
            if not turn.done():
                self.in_flight += 1
                turn.set_result(None)

    def _set_alarm(self, when: float) -> None:
        if self._alarm is not None:
            self._alarm.cancel()
        self._alarm = None if math.isinf(when) else asyncio.get_running_loop().call_at(when, self._wake)

    def _cut(self) -> None:
        self._cut_at = self._given
        self.limit = max(1, self.limit // 2)
        self._hold = 0
        self._last_rate = 0.0
        self._begin_stage()
        if self._barren:
            self.pause(min(MOST_REST_S, REST_S * 2.0 ** (self._barren - 1)))
        self._barren += 1

    def _count(self, ticket: Ticket) -> None:
        if not self._waiting:  # the limit holds nobody back: nothing can be learned about it
            self._begin_stage()
        elif ticket.number > self._stage_from:
            self._window += 1
            self._answers += 1
            self._limits += self.limit
            self._seconds += _now() - ticket.sent
            if self._window >= self.limit:
                self._window = 0
                self._grow()

    def _grow(self) -> None:
        if self._hold:
            self._hold -= 1
            if not self._hold:
                self._begin_stage()
        elif self.limit < self._most:
            self.limit += 1
            if self._answers >= STAGE and self.limit >= self._first_limit * 9 / 8:
                self._end_stage()

    def _end_stage(self) -> None:
        rate = self._limits / max(self._seconds, 1e-9)  # mean limit over mean latency
        if rate < self._last_rate * 17 / 16:
            self.limit = self._last_limit
            self._hold = HOLD
            self._last_rate = 0.0
        else:
            self._last_rate, self._last_limit = rate, self._first_limit
        self._begin_stage()

    def _begin_stage(self) -> None:
        self._stage_from = self._given
        self._first_limit = self.limit
        self._window = self._answers = self._limits = 0
        self._seconds = 0.0


def _now() -> float:
    return asyncio.get_running_loop().time()
