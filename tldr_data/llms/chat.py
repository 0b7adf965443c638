"""The JSON of chat completions, as servers of OpenAI's API speak it: a request to a body, a body to an answer."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Collection, Iterable, Mapping
from math import exp
from typing import Any

import orjson

from tldr_data.llms.request import Answer, Request

TOP_LOGPROBS = 20
FEWER_LOGPROBS = 5
# What a server may not know, in the order in which it is left out when an error names several.
DISPENSABLE = (
    "max_tokens",
    "seed",
    "temperature",
    "top_logprobs",
    "logprobs",
    "response_format",
    "structured_outputs",
)
MAGIC = {b"\x89PNG": "png", b"\xff\xd8\xff": "jpeg", b"GIF8": "gif", b"RIFF": "webp"}


def asked_name(model: str) -> str:
    """What a server calls the model: what stands before the revision.

    >>> asked_name("org/model@main"), asked_name("@cf/org/model")
    ('org/model', '@cf/org/model')
    """
    return model.rpartition("@")[0] or model


def body_of(request: Request, *, vllm: bool = False, without: Iterable[str] = ()) -> dict[str, Any]:
    """What is sent; ``without`` names parameters that the server does not know."""
    body: dict[str, Any] = {
        "model": asked_name(request.model),
        "messages": _messages_of(request),
        "max_tokens": request.max_tokens,
        "temperature": request.temperature,
        # requests of one seed may draw the same random numbers, and choose alike; the key has seed and ask in it
        "seed": int(request.key[:7], 16),
    }
    if request.schema is not None:
        schema = {"name": "answer", "strict": True, "schema": request.schema}
        body["response_format"] = {"type": "json_schema", "json_schema": schema}
    if request.choices:
        body["logprobs"] = True
        body["top_logprobs"] = TOP_LOGPROBS
        if vllm:
            body["structured_outputs"] = {"choice": list(request.choices)}
    for name in without:
        _leave_out(body, name)
    return body


def _leave_out(body: dict[str, Any], name: str) -> None:
    value = body.pop(name, None)
    if value is None:
        return
    if name == "max_tokens":
        body["max_completion_tokens"] = value
    elif name == "top_logprobs":
        body["top_logprobs"] = FEWER_LOGPROBS
    elif name == "logprobs":
        body.pop("top_logprobs", None)


def _messages_of(request: Request) -> list[dict[str, Any]]:
    messages: list[dict[str, Any]] = [{"role": role, "content": content} for role, content in request.messages]
    if request.images:
        shown = next(message for message in reversed(messages) if message["role"] == "user")
        shown["content"] = [*map(_image_part, request.images), {"type": "text", "text": shown["content"]}]
    return messages


def _image_part(image: bytes) -> dict[str, Any]:
    kind = next((kind for magic, kind in MAGIC.items() if image.startswith(magic)), "png")
    return {"type": "image_url", "image_url": {"url": f"data:image/{kind};base64,{b64encode(image).decode()}"}}


def unknown_parameter(text: str, body: Mapping[str, Any], tried: Collection[str]) -> str | None:
    """Which parameter of ``body`` an error complains about, if it names one that was not ``tried`` yet."""
    names = [name for name in DISPENSABLE if name in body and name not in tried and re.search(rf"\b{name}\b", text)]
    field = re.search(r'"(?:param|loc)":\s*(?:null|"[^"]*"|\[[^\]]*\])', text)
    said = [name for name in names if field and re.search(rf"\b{name}\b", field[0])]
    return next(iter(said or names), None)


def answer_of(content: Any, request: Request) -> Answer | None:
    """The answer in a parsed body; None where this is no answer of this API."""
    try:
        choice = content["choices"][0]
        text = choice["message"].get("content")
        if text is None:
            text = choice["message"].get("refusal") or ""
        finish = choice.get("finish_reason") or "stop"
        usage = content.get("usage") or {}
        tokens = [int(usage.get(name) or 0) for name in ("prompt_tokens", "completion_tokens")]
    except (AttributeError, KeyError, IndexError, TypeError, ValueError):
        return None
    if not (isinstance(text, str) and isinstance(finish, str)):
        return None
    probabilities = choice_probabilities(_first_token(choice), request.choices) if request.choices else None
    return Answer(
        text=text, finish=finish, input_tokens=tokens[0], output_tokens=tokens[1], probabilities=probabilities
    )


def _first_token(choice: Mapping[str, Any]) -> list[tuple[str, float]]:
    """Candidates of the first token that is not blank, with their log-probabilities."""
    try:
        for position in choice["logprobs"]["content"]:
            if position["token"].strip():
                return [(token["token"], float(token["logprob"])) for token in position["top_logprobs"]]
    except (AttributeError, KeyError, TypeError, ValueError):
        pass
    return []


def choice_probabilities(tokens: Iterable[tuple[str, float]], choices: Collection[str]) -> dict[str, float] | None:
    """How likely each choice is, by the tokens that begin this choice and no other; None where no token does.

    >>> likely = choice_probabilities([("Yes", -0.5), (" y", -2.0), ("No", -1.5), ("maybe", -3.0)], ("yes", "no"))
    >>> {choice: round(share, 3) for choice, share in likely.items()}
    {'yes': 0.769, 'no': 0.231}
    """
    mass = dict.fromkeys(choices, 0.0)
    for token, logprob in tokens:
        begun = token.strip().casefold()
        meant = [choice for choice in choices if begun and choice.casefold().startswith(begun)]
        if len(meant) == 1:
            mass[meant[0]] += exp(min(logprob, 0.0))
    total = sum(mass.values())
    return {choice: share / total for choice, share in mass.items()} if total > 0 else None


def parse(raw: bytes) -> Any:
    """The JSON of a body; None where it is none."""
    try:
        return orjson.loads(raw)
    except orjson.JSONDecodeError:
        return None
