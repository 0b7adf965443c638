"""An OpenAI-compatible server that answers at once, by itself: ``python benchmarks/llm_server.py [--delay 0.2]``.

Prints its address. Every answer is valid for the JSON schema that was asked for, and depends on the request only; an
edit takes a common noun, or else the longest word, of the last line, which is where prompts put the caption.
``GET /stats`` tells what was asked since the start. It is one ``asyncio.Protocol`` because it shares the machine with
the client that is measured.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import re
import time
from typing import Any

import orjson

WORD = re.compile(r"(?<![\w'’-])[A-Za-z]+(?![\w'’-])")
IN_PROMPT = re.compile(r"<response_schema>\n(.*)\n</response_schema>", re.DOTALL)
"""Where data-designer puts the schema."""
NOUN = re.compile(r"(?<![\w'’-])(?:man|woman|boy|girl|dog|cat|horse|bus|train|table|car|plate|bird)(?![\w'’-])")
REPLACEMENT = "zebra"
MODEL = "instant"
PROBE_BYTES = 1000
"""Clients try a server out with shorter requests than that: they are answered, and not counted."""
HEAD = b"HTTP/1.1 %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"


class Stats:
    """What was asked so far."""

    def __init__(self) -> None:
        self.arrivals: list[float] = []
        self.bodies: set[int] = set()
        self.waiting = 0
        self.most_waiting = 0

    def to_json(self) -> dict[str, Any]:
        """Requests, how many differ, most at the same time, and the seconds from the first to the last arrival."""
        seconds = self.arrivals[-1] - self.arrivals[0] if self.arrivals else 0.0
        numbers = {"requests": len(self.arrivals), "distinct": len(self.bodies), "most_at_once": self.most_waiting}
        return {**numbers, "seconds": seconds}


class Connection(asyncio.Protocol):
    """One client's connection, kept alive unless it asks otherwise; one request at a time."""

    def __init__(self, stats: Stats, delay: float) -> None:
        self.stats = stats
        self.delay = delay
        self.received = b""
        self.closes = False
        self.transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.received += data
        while (end := self.received.find(b"\r\n\r\n")) >= 0:
            head = self.received[:end].lower()
            at = head.find(b"content-length:")
            length = int(head[at + 15 :].split(b"\r\n", 1)[0]) if at >= 0 else 0
            if len(self.received) < end + 4 + length:
                return
            body = self.received[end + 4 : end + 4 + length]
            self.received = self.received[end + 4 + length :]
            self.closes = b"connection: close" in head
            self.answer(head.split(b" ", 2)[1], body)

    def answer(self, path: bytes, body: bytes) -> None:
        """Write the response, after the delay where it is a completion."""
        if path.endswith(b"/chat/completions"):
            request = orjson.loads(body)
            if len(body) >= PROBE_BYTES:
                self.stats.arrivals.append(time.monotonic())
                self.stats.bodies.add(hash(body))
            if not request["messages"]:
                self.write(b"400 Bad Request", b'{"error": {"message": "no messages"}}')
            elif self.delay:
                self.stats.waiting += 1
                self.stats.most_waiting = max(self.stats.most_waiting, self.stats.waiting)
                answer = complete(request, len(self.stats.arrivals))
                asyncio.get_running_loop().call_later(self.delay, self.write_late, answer)
            else:
                self.write(b"200 OK", complete(request, len(self.stats.arrivals)))
        elif path == b"/stats":
            self.write(b"200 OK", orjson.dumps(self.stats.to_json()))
        elif path.endswith(b"/models"):
            models = {"object": "list", "data": [{"id": MODEL, "object": "model", "created": 0, "owned_by": "x"}]}
            self.write(b"200 OK", orjson.dumps(models))
        else:
            self.write(b"404 Not Found", b'{"error": {"message": "no such path"}}')

    def write_late(self, body: bytes) -> None:
        self.stats.waiting -= 1
        self.write(b"200 OK", body)

    def write(self, status: bytes, body: bytes) -> None:
        """One whole response, unless the client has gone."""
        if self.transport is None or self.transport.is_closing():
            return
        self.transport.write(HEAD % (status, len(body)) + body)
        if self.closes:
            self.transport.close()


def complete(request: dict[str, Any], number: int) -> bytes:
    """The chat completion of a request: as a call of the tool where one is given, otherwise as text."""
    words = read_text(request["messages"][-1]).rstrip().rsplit("\n", 1)[-1]
    word = max(NOUN.findall(words)[:1] or WORD.findall(words) or ["word"], key=len)
    content = json.dumps(value_of(asked_schema(request), "", word))
    message: dict[str, Any] = {"role": "assistant", "content": content}
    if "tools" in request:
        call = {"name": request["tools"][0]["function"]["name"], "arguments": content}
        message = {**message, "content": None, "tool_calls": [{"id": "0", "type": "function", "function": call}]}
    return orjson.dumps(
        {
            "id": f"chatcmpl-{number}",
            "object": "chat.completion",
            "created": 0,
            "model": request["model"],
            "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
            "usage": {"prompt_tokens": 400, "completion_tokens": 40, "total_tokens": 440},
        }
    )


def read_text(message: dict[str, Any]) -> str:
    """The text of a message, whether it is one string or in parts."""
    content = message["content"]
    return content if isinstance(content, str) else "\n".join(part.get("text", "") for part in content)


def asked_schema(request: dict[str, Any]) -> dict[str, Any]:
    """The JSON schema of the answer, wherever the client put it; a plain string without one."""
    if (wanted := request.get("response_format")) and "json_schema" in wanted:
        found: dict[str, Any] = wanted["json_schema"]["schema"]
    elif "tools" in request:
        found = request["tools"][0]["function"]["parameters"]
    else:
        text = read_text(request["messages"][-1])
        found = json.loads(match[1]) if (match := IN_PROMPT.search(text)) else {"type": "string"}
    return found


def value_of(schema: dict[str, Any], name: str, word: str, root: dict[str, Any] | None = None) -> Any:
    """The smallest value that a schema allows which still holds an item of each list; ``word`` is what is edited."""
    root = root or schema
    if "$ref" in schema:
        return value_of(root["$defs"][schema["$ref"].rsplit("/", 1)[-1]], name, word, root)
    for choices in ("anyOf", "oneOf", "allOf"):
        if choices in schema:
            return value_of(schema[choices][0], name, word, root)
    if "const" in schema or "enum" in schema:
        return schema.get("const", schema.get("enum", [None])[0])
    kind = schema.get("type", "object")
    if kind == "object":
        return {key: value_of(each, key, word, root) for key, each in schema.get("properties", {}).items()}
    if kind == "array":
        return [value_of(schema["items"], name, word, root)]
    simple = {"integer": 1, "number": 1, "boolean": True, "null": None, "string": REPLACEMENT}
    return word if name == "original" else simple[kind]


async def serve(port: int, delay: float) -> None:
    """Answer until killed."""
    stats = Stats()
    server = await asyncio.get_running_loop().create_server(lambda: Connection(stats, delay), "127.0.0.1", port)
    print(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1", flush=True)
    await server.serve_forever()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--delay", type=float, default=0.0, help="seconds that an answer takes")
    options = parser.parse_args()
    asyncio.run(serve(options.port, options.delay))


if __name__ == "__main__":
    main()
