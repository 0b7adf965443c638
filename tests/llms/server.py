"""A server of chat completions that answers by rules, and misbehaves as told: the peer of the tests.

    python tests/llms/server.py --port 0 --plan "500:2@0.3,hang@0.1"      # prints its base URL

Every answer is a pure function of the request's body. Settings come from the flags, and for a single client from the
query of its base URL (``http://127.0.0.1:PORT/v1?plan=drip@1&latency=0.2``). A plan is a list of ``MODE:TIMES@SHARE``:
so large a share of the requests, chosen by the hash of the body, meets the mode for its first TIMES (1; ``always``).
GET /counts tells how often each body was asked.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import math
import random
import re
import socket
import struct
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, fields
from email.utils import formatdate
from functools import lru_cache
from hashlib import sha256
from time import time
from typing import Any

import orjson
from aiohttp import web

# What contradicts what, by taxonomy; each pair both ways.
COLOURS = "red blue, green yellow, black white, brown pink, orange purple, gray silver, grey golden"
PAIRS = {
    "counting": "two four, three five, one six, seven nine, eight ten",
    "spatial": "left right, above below, top bottom, inside outside, behind beside, under over, on beneath, in near",
    "attribute": f"{COLOURS}, large small, big little, young old, wooden metal, open closed, long short",
    "object": "dog cat, man woman, boy girl, car truck, bus train, horse cow, table bench, pizza cake, bird squirrel",
    "counterfactual": "with without, is isn't, are aren't",
}
PAIRS["binding"], PAIRS["small object"] = COLOURS, PAIRS["object"]
SWAPS = {
    name: {one: other for pair in pairs.split(", ") for one, other in (pair.split(), pair.split()[::-1])}
    for name, pairs in PAIRS.items()
}
ALL = {word: other for swaps in SWAPS.values() for word, other in swaps.items()}
WORD = re.compile(r"[\w']+")
TAXONOMY = re.compile(r"What to change \(([\w ]+)\)")
REFUSALS = {"429": 429, "429-after": 429, "429-date": 429, "500": 500, "500-after": 500, "502": 502, "503": 503}


@dataclass(frozen=True)
class Settings:
    """How the server behaves."""

    plan: str = ""
    latency: float = 0.0
    """Seconds that every answer takes."""
    after: str = "0.1"
    """What Retry-After says."""
    allow: int = 0
    """Requests in flight, above which it answers 429; 0 is any number."""
    lacks: str = ""
    """Parameters that it does not know, with commas."""
    key: str = ""
    """The only key that it accepts."""
    owner: str = "us"
    """Who owns its model: ``vllm`` is what vLLM says."""


def edits_of(caption: str, instructions: str, seed: int) -> list[dict[str, Any]]:
    """One edit that contradicts the caption, in the taxonomy that the instructions name where it has such a word."""
    named = TAXONOMY.search(instructions)
    tables = [SWAPS.get(named[1], {}), ALL] if named else [ALL]
    words = [match[0] for match in WORD.finditer(caption)]
    for swaps in tables:
        if sites := [place for place, word in enumerate(words) if word.lower() in swaps]:
            place = sites[seed % len(sites)]
            other = swaps[words[place].lower()]
            other = other.capitalize() if words[place][0].isupper() else other
            occurrence = words[: place + 1].count(words[place])
            return [{"original": words[place], "occurrence": occurrence, "replacement": other}]
    return []


def rewritten(caption: str, edits: list[dict[str, Any]]) -> str:
    """The caption with its edits."""
    for edit in edits:
        matches = [match for match in WORD.finditer(caption) if match[0] == edit["original"]]
        match = matches[edit["occurrence"] - 1]
        caption = caption[: match.start()] + edit["replacement"] + caption[match.end() :]
    return caption


def spoken(content: Any) -> str:
    """The text of a message, whose content may be parts."""
    return content if isinstance(content, str) else "".join(part.get("text", "") for part in content)


def model_output(body: Mapping[str, Any], digest: str) -> tuple[str, list[dict[str, Any]] | None]:
    """What the model says, and the candidates of its first token for a choice."""
    texts = {message["role"]: spoken(message["content"]) for message in body["messages"]}
    caption, instructions = texts["user"], texts.get("system", "")
    choices = body.get("structured_outputs", {}).get("choice") or (["yes", "no"] if body.get("logprobs") else [])
    if choices:
        first = (int(digest[8:12], 16) + 1) / 65538
        rest = (1 - first) / max(1, len(choices) - 1)
        odds = dict(zip(choices, [first, *[rest] * (len(choices) - 1)], strict=True))
        top = [{"token": choice.title(), "logprob": math.log(odds[choice]), "bytes": None} for choice in choices]
        return max(odds, key=lambda choice: odds[choice]), top
    edits = edits_of(caption, instructions, body.get("seed", 0))
    if "response_format" in body:
        return orjson.dumps({"edits": edits}).decode(), None
    return rewritten(caption, edits), None


def completion(body: Mapping[str, Any], digest: str, mode: str) -> dict[str, Any]:
    """The answer's body."""
    text, top = model_output(body, digest)
    finish = "stop"
    if mode == "length":
        text, finish = text[: len(text) // 2], "length"
    elif mode == "wrong-schema":
        text = '{"changes": 3}'
    choice: dict[str, Any] = {"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": finish}
    if top and body.get("logprobs"):
        choice["logprobs"] = {"content": [{"token": text, "logprob": 0.0, "top_logprobs": top}]}
    asked = sum(len(spoken(message["content"]).split()) for message in body["messages"])
    usage = {"prompt_tokens": asked, "completion_tokens": len(text.split())}
    identity = "chatcmpl-0" if mode == "padded" else f"chatcmpl-{digest}"
    choices = [choice, {**choice, "index": 1}] if mode == "padded" else [choice]
    return {"id": identity, "object": "chat.completion", "model": body["model"], "choices": choices, "usage": usage}


@lru_cache
def settings_of(query: str, default: Settings) -> Settings:
    """The settings with what a query string changes of them."""
    from yarl import URL

    given = URL(f"?{query}").query
    names = {field.name: type(field.default) for field in fields(Settings)}
    return Settings(**{name: kind(given.get(name, getattr(default, name))) for name, kind in names.items()})


@lru_cache
def faults_of(plan: str) -> list[tuple[str, float, float]]:
    """Mode, times and the upper end of its share in 0..1."""
    faults, end = [], 0.0
    for each in filter(None, plan.split(",")):
        mode, times, share = re.fullmatch(r"([\w-]+)(?::(\d+|always))?(?:@([\d.]+))?", each).groups()  # type: ignore[union-attr]
        end += float(share or 1)
        faults.append((mode, math.inf if times == "always" else float(times or 1), end))
    return faults


def fault_of(plan: str, digest: str, asked: int) -> str:
    """The mode of a request that is asked for the ``asked``-th time; what the model itself does wrong stays."""
    place = int(digest[:8], 16) / 2**32
    for mode, times, end in faults_of(plan):
        if place < end:
            return mode if asked <= times or mode in ("length", "wrong-schema", "padded", "late", "drip") else ""
    return ""


class Server:
    """The state of a server: its settings and what it was asked."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.counts: Counter[str] = Counter()
        self.in_flight = self.most_in_flight = 0

    def app(self) -> web.Application:
        app = web.Application(client_max_size=1 << 28)
        app.router.add_post("/v1/chat/completions", self.chat)
        app.router.add_get("/v1/models", self.models)
        app.router.add_get("/counts", self.told)
        return app

    async def told(self, request: web.Request) -> web.Response:
        counts = {"total": self.counts.total(), "most_in_flight": self.most_in_flight, "by_body": self.counts}
        return web.Response(body=orjson.dumps(counts), content_type="application/json")

    async def models(self, request: web.Request) -> web.Response:
        settings = settings_of(request.query_string, self.settings)
        listed = {"object": "list", "data": [{"id": "tiny", "object": "model", "owned_by": settings.owner}]}
        return web.Response(body=orjson.dumps(listed), content_type="application/json")

    async def chat(self, request: web.Request) -> web.StreamResponse:
        settings = settings_of(request.query_string, self.settings)
        raw = await request.read()
        digest = sha256(raw).hexdigest()
        self.counts[digest[:16]] += 1
        self.in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight)
        try:
            return await self.reply(request, settings, raw, digest)
        finally:
            self.in_flight -= 1

    async def reply(self, request: web.Request, settings: Settings, raw: bytes, digest: str) -> web.StreamResponse:
        if settings.allow and self.in_flight > settings.allow:
            return error(429, "too many requests")
        shown = request.headers.get("Authorization", "")
        if settings.key and shown != f"Bearer {settings.key}":
            return error(401, f"incorrect API key provided: {shown}")
        body = orjson.loads(raw)
        for name in filter(None, settings.lacks.split(",")):
            if name in body:
                return error(400, f"Unsupported parameter: '{name}' is not supported with this model.")
        if body["model"] != "tiny":
            return error(404, f"The model `{body['model']}` does not exist.")
        if settings.latency:
            await asyncio.sleep(settings.latency)
        mode = fault_of(settings.plan, digest, self.counts[digest[:16]])
        if mode in REFUSALS:
            dated = formatdate(time() + 2, usegmt=True)
            after = {"429-after": settings.after, "500-after": settings.after, "429-date": dated}.get(mode)
            return error(REFUSALS[mode], "not now", {"Retry-After": after} if after else {})
        content = orjson.dumps(completion(body, digest, mode))
        if mode in MISBEHAVIOUR:
            return await MISBEHAVIOUR[mode](request, content)
        return web.Response(body=content, content_type="application/json")


def error(status: int, message: str, headers: Mapping[str, str] | None = None) -> web.Response:
    content = orjson.dumps({"error": {"message": message, "type": "error", "code": status}})
    return web.Response(status=status, body=content, content_type="application/json", headers=headers or {})


async def hang(request: web.Request, content: bytes) -> web.StreamResponse:
    await asyncio.sleep(3600)
    raise AssertionError("nobody waits so long")


async def echo(request: web.Request, content: bytes) -> web.StreamResponse:
    asked = spoken(orjson.loads(await request.read())["messages"][-1]["content"])
    return error(400, f"cannot do that for {request.headers.get('Authorization')}: {asked}")


async def truncated(request: web.Request, content: bytes) -> web.StreamResponse:
    return web.Response(body=content[: len(content) // 2], content_type="application/json")


async def wrong(request: web.Request, content: bytes) -> web.StreamResponse:
    return web.Response(body=b'{"object": "list", "data": [], "id": "chatcmpl-1"}', content_type="application/json")


async def html(request: web.Request, content: bytes) -> web.StreamResponse:
    return web.Response(text="<html>It works!</html>", content_type="text/html")


async def late(request: web.Request, content: bytes) -> web.StreamResponse:
    await asyncio.sleep(random.Random(content).uniform(0, 0.05))
    return web.Response(body=content, content_type="application/json")


async def padded(request: web.Request, content: bytes) -> web.StreamResponse:
    return web.Response(body=b"\n" * 512 + content + b" " * 4096, content_type="application/json")


async def duplicate(request: web.Request, content: bytes) -> web.StreamResponse:
    head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(content)}\r\n\r\n"
    if request.transport:
        asyncio.get_running_loop().call_later(0.005, request.transport.write, head.encode() + content)
    return web.Response(body=content, content_type="application/json")


async def drip(request: web.Request, content: bytes) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Type": "application/json", "Content-Length": str(len(content))})
    await response.prepare(request)
    for start in range(0, len(content), 40):
        await response.write(content[start : start + 40])
        await asyncio.sleep(0.01)
    return response


async def short(request: web.Request, content: bytes) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Type": "application/json", "Content-Length": str(len(content))})
    await response.prepare(request)
    await response.write(content[: len(content) // 2])
    response.force_close()
    if request.transport:
        request.transport.close()
    return response


async def stall(request: web.Request, content: bytes) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Type": "application/json", "Content-Length": str(len(content))})
    await response.prepare(request)
    await response.write(content[: len(content) // 2])
    return await hang(request, content)


async def reset(request: web.Request, content: bytes) -> web.StreamResponse:
    if request.transport:
        connection = request.transport.get_extra_info("socket")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        request.transport.abort()
    raise web.HTTPInternalServerError


MISBEHAVIOUR: dict[str, Callable[[web.Request, bytes], Awaitable[web.StreamResponse]]] = {
    each.__name__: each
    for each in (hang, echo, truncated, wrong, html, late, padded, duplicate, drip, short, stall, reset)
}


@contextlib.asynccontextmanager
async def serving(port: int = 0, **settings: Any) -> AsyncIterator[tuple[str, Server]]:
    """A server in the running loop: its base URL and its state."""
    server = Server(Settings(**settings))
    runner = web.AppRunner(server.app(), access_log=None, handler_cancellation=True, shutdown_timeout=0.01)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", port, backlog=1024, reuse_address=True)
        await site.start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/v1", server
    finally:
        await runner.cleanup()


async def serve(port: int, settings: Mapping[str, Any]) -> None:
    async with serving(port, **settings) as (url, _):
        print(url, flush=True)
        await asyncio.Event().wait()


def main() -> None:
    parser = argparse.ArgumentParser(description="An OpenAI-compatible server that answers by rules.")
    parser.add_argument("--port", type=int, default=0)
    for field in fields(Settings):
        parser.add_argument(f"--{field.name}", type=type(field.default), default=field.default)
    settings = vars(parser.parse_args())
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(serve(settings.pop("port"), settings))


if __name__ == "__main__":
    main()
