"""Any server of OpenAI's chat-completions API: ``vllm serve``, hosted ones."""

from __future__ import annotations

import asyncio
import math
import os
import time
from collections import OrderedDict
from dataclasses import replace
from email.utils import parsedate_to_datetime
from io import BytesIO
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

import aiohttp
import orjson
from yarl import URL

from tldr_data.errors import BuildError, UsageError
from tldr_data.llms.access import Key, checked_address
from tldr_data.llms.chat import answer_of, asked_name, body_of, parse, unknown_parameter
from tldr_data.llms.pacing import Outcome, Pace
from tldr_data.llms.request import Answer, Request

BASE_URL = "https://api.openai.com/v1"

# All in seconds.
TIMEOUT = 600.0  # of one request, from the first byte sent to the last one read
CONNECT = 10.0
STALL = 60.0  # between two pieces of a body; how long the first takes is the model's affair
KEEP_ALIVE = 4.0  # uvicorn closes after 5: who reuses a connection later than that races with it
BACKOFF, MOST_BACKOFF = 1.0, 32.0
MOST_RETRY_AFTER = 120.0
PROBE, MOST_PROBE = 1.0, 30.0
DEAD_AFTER = 300.0

RETRIES = 6
FAILED_IN_A_ROW = 256
"""So many requests that failed for good, with no answer between them, and it is the server that fails."""
REMEMBERED = 4096
"""Answers in which a repeated one is looked for."""
MOST_BYTES = 1 << 24
MOST_TEXT = 4000


class Trouble(NamedTuple):
    """Why a request has no answer yet."""

    reason: str
    text: str
    wait: float = 0.0  # what the server asked for
    throttled: bool = False
    final: bool = False
    unreachable: bool = False


class Reply(NamedTuple):
    """What came over the wire."""

    status: int
    retry_after: str | None
    raw: bytes


class OpenAI:
    """Asks a server over HTTP. The key comes from ``OPENAI_API_KEY``, the address, unless given, from
    ``OPENAI_BASE_URL``; ``requests`` is not read."""

    def __init__(self, model: str | None, base_url: str | None = None, requests: Path | None = None) -> None:
        if not model:
            raise UsageError("--llm openai needs --model: the name that the server knows the model by")
        self.model = model
        self._key = Key()
        base = base_url or os.environ.get("OPENAI_BASE_URL") or BASE_URL
        self._shown = checked_address(base)
        url = URL(base)
        self._chat_url = url.with_path(url.path.rstrip("/") + "/chat/completions").with_query(url.query)
        self._models_url = url.with_path(url.path.rstrip("/") + "/models").with_query(url.query)
        self._pace = Pace()
        self._sessions: list[aiohttp.ClientSession] = []
        self._greeting: asyncio.Task[bool] | None = None
        self._revival: asyncio.Task[None] | None = None
        self._gone = ""
        self._vllm = False
        self._unknown: set[str] = set()  # parameters that the server does not know
        self._models: list[str] = []
        self._answered = False
        self._failed = 0  # requests since the last answer
        # of answers: id, then hashes of request and answer; None where ids tell nothing
        self._seen: OrderedDict[str, tuple[int, int]] | None = OrderedDict()

    async def answer(self, request: Request) -> Answer:
        """As ``LLM.answer``."""
        await self._open()
        reply = await self._turn(request, again=False)
        for attempt in range(RETRIES):
            if isinstance(reply, Answer) or reply.final:
                break
            await asyncio.sleep(_backoff(request, attempt, reply))
            reply = await self._turn(request, again=True)
        if isinstance(reply, Answer):
            self._answered = True
            self._failed = 0
            return reply
        if not reply.final:
            self._count_failure(reply)
        return Answer(text=reply.text, finish="error", failure=reply.reason)

    async def close(self) -> None:
        """As ``LLM.close``."""
        tasks = [task for task in (self._greeting, self._revival) if task is not None and not task.done()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for session in self._sessions:
            await session.close()

    async def _open(self) -> None:
        if self._greeting is None:
            self._connect(keep_alive=True)
            self._greeting = asyncio.ensure_future(self._greet())
        if not self._greeting.done():
            await asyncio.shield(self._greeting)

    def _connect(self, *, keep_alive: bool) -> None:
        reuse: dict[str, Any] = {"keepalive_timeout": KEEP_ALIVE} if keep_alive else {"force_close": True}
        session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0, ttl_dns_cache=60, **reuse),
            timeout=aiohttp.ClientTimeout(total=TIMEOUT, sock_connect=CONNECT),
            headers={"Content-Type": "application/json", **self._key.headers},
            cookie_jar=aiohttp.DummyCookieJar(),
        )
        self._sessions.append(session)

    async def _greet(self) -> bool:
        """Whether anything answers there; learns on the way whether it is vLLM."""
        try:
            timeout = aiohttp.ClientTimeout(total=CONNECT)
            async with self._sessions[-1].get(self._models_url, timeout=timeout, allow_redirects=False) as response:
                content = parse(await response.read())
                models = content.get("data") if isinstance(content, dict) else None
                models = models if isinstance(models, list) else []
                models = [model for model in models if isinstance(model, dict)]
                self._vllm = any(model.get("owned_by") == "vllm" for model in models)
                self._models = [self._text(str(model.get("id"))) for model in models[:9]]
                return response.status not in (502, 503, 504)  # a gateway with nothing behind it
        except (aiohttp.ClientError, OSError):
            return False

    async def _turn(self, request: Request, *, again: bool) -> Answer | Trouble:
        ticket = await self._pace.enter(again=again)
        outcome: Outcome = "failed"
        try:
            if self._gone:
                raise BuildError(self._gone)
            reply = await self._ask(request)
            if isinstance(reply, Answer):
                outcome = "answered"
                return reply
            if reply.throttled:
                outcome = "throttled"
                self._pace.pause(reply.wait)
            if reply.unreachable:
                self._revive(reply)
        finally:
            self._pace.leave(ticket, outcome)
        if self._revival is not None:
            await asyncio.shield(self._revival)
        if self._gone:
            raise BuildError(self._gone)
        return reply

    def _revive(self, trouble: Trouble) -> None:
        """Stop everything while one probe looks whether the server comes back."""
        if self._revival is None:
            self._pace.pause(math.inf)
            self._revival = asyncio.ensure_future(self._probe(trouble))

    async def _probe(self, trouble: Trouble) -> None:
        begun, wait = time.monotonic(), PROBE
        try:
            while not await self._greet():
                if time.monotonic() - begun + wait > DEAD_AFTER:
                    self._gone = (
                        f"the server {self._shown} does not answer ({trouble.text}), and did not come back in "
                        f"{DEAD_AFTER:.0f} seconds: start it again and give the same command"
                    )
                    break
                await asyncio.sleep(wait)
                wait = min(2 * wait, MOST_PROBE)
        finally:
            self._revival = None
            self._pace.resume()

    async def _ask(self, request: Request) -> Answer | Trouble:
        """One try, in which a parameter that the server does not know is left out, and a repeated answer asked anew."""
        without: list[str] = []
        tried: set[str] = set()
        said = b""
        doubted = False
        while True:
            body = body_of(request, vllm=self._vllm, without=[*self._unknown, *without])
            session = self._sessions[-1]
            payload = orjson.dumps(body)
            reply = await self._post(session, payload)
            if isinstance(reply, Trouble):
                return reply
            if reply.status in (400, 422):
                if without and reply.raw == said:
                    without.pop()  # this one was not what it complained about
                name = unknown_parameter(self._text(reply.raw), body, tried)
                if name is not None:
                    tried.add(name)
                    without.append(name)
                    said = reply.raw
                    continue
            if reply.status != 200:
                return self._trouble(reply)
            self._unknown.update(without)
            content = parse(reply.raw)
            answer = answer_of(content, request)
            if answer is None:
                return Trouble("bad_response", self._text(reply.raw))
            if not doubted and session is self._sessions[0] and self._repeated(content.get("id"), payload, reply.raw):
                doubted = True
                if session is self._sessions[-1]:
                    self._connect(keep_alive=False)
                continue
            if self._key.in_answer(answer.text):
                return replace(answer, text=self._key.strip(answer.text))
            return answer

    async def _post(self, session: aiohttp.ClientSession, payload: bytes) -> Reply | Trouble:
        # aiohttp warns of large bodies as bytes: it would send them in one piece, and all others would wait
        data = payload if len(payload) < 1 << 20 else BytesIO(payload)
        try:
            async with session.post(self._chat_url, data=data, allow_redirects=False) as response:
                raw = await _read(response)
                return Reply(response.status, response.headers.get("Retry-After"), raw)
        except aiohttp.ClientSSLError as error:
            raise UsageError(f"no secure connection to {self._shown}: {self._text(str(error))}") from None
        except aiohttp.ConnectionTimeoutError:  # its words hold the whole address
            return Trouble("connection_lost", "no connection in time", unreachable=True)
        except aiohttp.ClientConnectorError as error:
            return Trouble("connection_lost", self._text(str(error)), unreachable=True)
        except TimeoutError as error:
            return Trouble("timeout", self._text(str(error)) or "no answer in time")
        except aiohttp.ClientResponseError as error:
            return Trouble("bad_response", self._text(error.message))
        except (aiohttp.ClientError, OSError) as error:
            return Trouble("connection_lost", self._text(str(error)) or type(error).__name__)

    def _trouble(self, reply: Reply) -> Trouble:
        """What an answer other than 200 means.

        Raises:
            UsageError, BuildError: the server means all of our requests.
        """
        status, text = reply.status, self._text(reply.raw)
        wait = retry_after(reply.retry_after)
        said = f"(HTTP {status}): {_one_line(text)}"
        # once answers have come, 403 is about what this one request says: some hosts moderate
        if status == 401 or (status == 403 and not self._answered):
            raise UsageError(f"{self._shown} refuses the key in OPENAI_API_KEY {said}")
        if status in (404, 405, 410) or status < 400:
            served = f"; it serves {', '.join(self._models)}" if self._models else ""
            raise UsageError(
                f"{self._shown} has no model {asked_name(self.model)!r}, or is no such server {said}{served}"
            )
        if status == 402 or "insufficient_quota" in text:
            raise BuildError(f"the account at {self._shown} is used up {said}")
        if status == 429:
            return Trouble("rate_limited", text, wait, throttled=True)
        if status >= 500:
            return Trouble("server_error", text, wait, throttled=status == 503)
        if status in (408, 409, 425):
            return Trouble("timeout" if status == 408 else "server_error", text, wait)
        return Trouble("bad_request", text, final=True)

    def _repeated(self, identity: Any, payload: bytes, raw: bytes) -> bool:
        """Whether this is word for word the answer to another request: it was sent twice, and now taken for ours.

        On this connection every further answer would be one too late: from now on each request has its own. A server
        that gives one id to different answers is believed: there ids tell nothing.
        """
        if self._seen is None or not identity or not isinstance(identity, str):
            return False
        asked, said = hash(payload), hash(raw)
        known_asked, known_said = self._seen.setdefault(identity, (asked, said))
        if len(self._seen) > REMEMBERED:
            self._seen.popitem(last=False)
        if known_said != said:
            self._seen = None
        return known_said == said and known_asked != asked

    def _count_failure(self, trouble: Trouble) -> None:
        self._failed += 1
        if self._failed >= FAILED_IN_A_ROW:
            text = _one_line(trouble.text)
            self._gone = (
                f"the server {self._shown} failed the last {self._failed} requests ({trouble.reason}: {text}): "
                "see to it and give the same command"
            )
            raise BuildError(self._gone)

    def _text(self, said: bytes | str) -> str:
        """What a server says, without the key."""
        text = said if isinstance(said, str) else said.decode(errors="replace")
        return self._key.strip(text)[:MOST_TEXT]


def retry_after(header: str | None) -> float:
    """Seconds that a ``Retry-After`` asks for, a number or a date; 0 where it is missing or means nothing."""
    if not header:
        return 0.0
    try:
        seconds = float(header)
    except ValueError:
        try:
            seconds = parsedate_to_datetime(header).timestamp() - time.time()
        except ValueError:
            return 0.0
    return min(max(seconds, 0.0), MOST_RETRY_AFTER) if math.isfinite(seconds) else 0.0


async def _read(response: aiohttp.ClientResponse) -> bytes:
    """The body; a part of it where it is larger than any answer."""
    content, pieces, size = response.content, [], 0
    while not content.is_eof() and size < MOST_BYTES:
        async with asyncio.timeout(STALL):
            pieces.append(await content.readany())
        size += len(pieces[-1])
    pieces.append(content.read_nowait(-1))
    return b"".join(pieces)


def _backoff(request: Request, attempt: int, trouble: Trouble) -> float:
    """Longer each time, and not the same for two requests, nor at random: a run can be repeated."""
    longest = min(BACKOFF * 2.0**attempt, MOST_BACKOFF)
    return max(trouble.wait, longest * Random(f"{request.key}/{attempt}").uniform(0.5, 1.0))


def _one_line(text: str) -> str:
    """What a server said, short enough for a message."""
    return " ".join(text.split())[:300]
