"""How many tokens a text has: by the model's own tokenizer where it can be had, else within a stated range."""

from __future__ import annotations

import http.client
import importlib
import json
import math
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from tldr_data.errors import BuildError
from tldr_data.llms.prices import is_loopback
from tldr_data.llms.request import Request

CHARACTERS = 4.2
"""Characters to a token, where no tokenizer is at hand. Measured with SmolLM2's: our requests 3.8 to 4.2 on average and
3.7 to 4.8 each (100 DOCCI and 300 COCO captions, all taxonomies, both ways to ask); bare captions 4.4 to 4.6."""
SPREAD = (0.8, 1.35)
"""What an estimate is multiplied by for its low and high end: 5.25 to 3.1 characters to a token. Vendors say of their
newer tokenizers that they make 30% more of the same text."""
MESSAGE_TOKENS = (3, 8)
"""What a chat template writes around one message."""
REQUEST_TOKENS = (3, 40)
"""What it writes around all of them: the start of the answer; a default system message, as Llama's with the date."""
IMAGE_TOKENS = (64, 3_000)
"""Of one image: the fewest and the most that common vision models make of it at their usual sizes."""
_TIMEOUT = 10.0
_LARGEST_ANSWER = 2**24


@dataclass(frozen=True)
class Counter:
    """Counts the tokens of a text."""

    origin: str
    """How it counts, for people."""
    exact: bool
    count: Callable[[str], int]

    def between(self, text: str) -> tuple[float, float]:
        """At least and at most so many tokens: the same number twice where the count is exact."""
        tokens = self.count(text)
        return (tokens, tokens) if self.exact else (tokens * SPREAD[0], tokens * SPREAD[1])


def token_counter(model: str | None, base_url: str | None) -> Counter:
    """The best there is for a model: its ``tokenizer.json`` (a folder's, or in the Hub's cache; nothing is downloaded),
    else a vLLM server's ``/tokenize``, else characters. What does not work at once is not used.

    Args:
        model: a folder, or a name, with ``@revision`` or without.
        base_url: of an OpenAI-compatible server, as ``http://127.0.0.1:8000/v1``. No other address is asked, and no
            key is sent.

    ``count`` of what comes back raises BuildError where a server that counted before does so no more.
    """
    counter = None if model is None else _by_file(model)
    if counter is None and base_url is not None:
        counter = _by_server(model, base_url)
    return counter or Counter(f"estimated, {CHARACTERS} characters to a token", False, _by_characters)


def input_tokens(counter: Counter, request: Request) -> tuple[float, float]:
    """At least and at most so many tokens of a request's input, with what a chat template adds and with its images.

    A schema is left out: servers that constrain an answer by it do not show it to the model.
    """
    texts = [counter.between(message.content) for message in request.messages]
    low, high = (
        sum(text[end] for text in texts)
        + len(texts) * MESSAGE_TOKENS[end]
        + REQUEST_TOKENS[end]
        + len(request.images) * IMAGE_TOKENS[end]
        for end in (0, 1)
    )
    return low, high


def _by_characters(text: str) -> int:
    """
    >>> _by_characters("a dog"), _by_characters("")
    (2, 0)
    """
    return math.ceil(len(text) / CHARACTERS)


def _name(model: str) -> tuple[str, str | None]:
    """
    >>> _name("some/model@abc"), _name("some/model")
    (('some/model', 'abc'), ('some/model', None))
    """
    name, at, revision = model.rpartition("@")
    return (name, revision) if at else (model, None)


def _by_file(model: str) -> Counter | None:
    name, revision = _name(model)
    folder = next((path for path in (Path(model), Path(name)) if path.is_dir()), None)
    file = folder / "tokenizer.json" if folder else _cached(name, revision)
    if file is None or not file.is_file():
        return None
    try:
        # It comes with vllm and with transformers, not with this package; mypy may not find it either.
        tokenizer: Any = importlib.import_module("tokenizers").Tokenizer.from_file(str(file))
    except Exception:  # it raises bare Exceptions on a file that it cannot use
        return None
    return Counter(
        "the model's tokenizer", True, lambda text: len(tokenizer.encode(text, add_special_tokens=False).ids)
    )


def _cached(name: str, revision: str | None) -> Path | None:
    """Where an earlier download put the tokenizer."""
    from huggingface_hub import try_to_load_from_cache
    from huggingface_hub.errors import HFValidationError

    try:
        found = try_to_load_from_cache(name, "tokenizer.json", revision=revision)
    except HFValidationError:  # a name that the Hub cannot have
        return None
    return Path(found) if isinstance(found, str) else None


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: object) -> None:
        return None


def _by_server(model: str | None, base_url: str) -> Counter | None:
    root = base_url.rstrip("/").removesuffix("/v1")
    if not root.startswith(("http://", "https://")):  # urllib would open files too
        return None
    proxies = [urllib.request.ProxyHandler({})] if is_loopback(root) else []
    ask = partial(_asked, urllib.request.build_opener(_NoRedirect, *proxies), f"{root}/tokenize", model)
    try:
        ask("a cat")
    except BuildError:
        return None
    return Counter(f"{root}/tokenize", True, ask)


def _asked(opener: urllib.request.OpenerDirector, address: str, model: str | None, text: str) -> int:
    body: dict[str, Any] = {"prompt": text, "add_special_tokens": False}
    if model is not None:
        body["model"] = _name(model)[0]
    try:
        request = urllib.request.Request(address, json.dumps(body).encode(), {"Content-Type": "application/json"})
        with opener.open(request, timeout=_TIMEOUT) as answer:
            count = json.loads(answer.read(_LARGEST_ANSWER))["count"]
    except (OSError, http.client.HTTPException, ValueError, KeyError, TypeError) as error:
        raise BuildError(f"{address} does not count tokens: {type(error).__name__}: {error}") from None
    if type(count) is not int or count < bool(text):
        raise BuildError(f"{address} does not count tokens: it says {count!r}")
    return count
