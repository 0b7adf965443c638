"""A question to a model with everything that shapes its answer, and the answer."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal, NamedTuple

import orjson


class Message(NamedTuple):
    """One turn of a conversation."""

    role: Literal["system", "user", "assistant"]
    content: str


@dataclass(frozen=True, kw_only=True)
class Request:
    """One question. Two requests with the same ``key`` have the same answer, and are asked once."""

    model: str
    """``name@revision``, or a name alone where no revision is known."""
    messages: tuple[Message, ...]
    max_tokens: int
    temperature: float = 0.0
    seed: int = 0
    ask: int = 0
    """Number of the same question asked anew, for another answer."""
    schema: Mapping[str, Any] | None = None
    """JSON schema of the answer."""
    choices: tuple[str, ...] = ()
    """The answer is one of these; how likely each is comes back where the engine tells."""
    images: tuple[bytes, ...] = ()
    """Encoded images (PNG, JPEG), shown before the text of the last message."""

    @cached_property
    def key(self) -> str:
        """32 hex digits of a SHA-256 over all of it."""
        return key_of(self.to_json())

    def to_json(self) -> dict[str, Any]:
        """All fields; images by their SHA-256."""
        return {
            "model": self.model,
            "messages": [{"role": message.role, "content": message.content} for message in self.messages],
            "max_tokens": self.max_tokens,
            "temperature": self.temperature,
            "seed": self.seed,
            "ask": self.ask,
            "schema": self.schema,
            "choices": list(self.choices),
            "images": [hashlib.sha256(image).hexdigest() for image in self.images],
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came back."""

    text: str
    """As the model wrote it; where ``failure`` is set, what the server said instead."""
    finish: str = "stop"
    """Why the model stopped, in the words of the API: ``stop``, ``length``, ``content_filter``, ..."""
    input_tokens: int = 0
    output_tokens: int = 0
    probabilities: Mapping[str, float] | None = None
    """Of each choice, summing to 1, where the engine gives log-probabilities."""
    failure: str | None = None
    """Why no answer could be had, as a reason of rejected/ (``timeout``, ``server_error``, ...), once every retry is
    used up. Such an answer is as final as any other: it is logged, and a replay gives it again."""

    def to_json(self) -> dict[str, Any]:
        """All fields."""
        return {
            "text": self.text,
            "finish": self.finish,
            "input_tokens": self.input_tokens,
            "output_tokens": self.output_tokens,
            "probabilities": None if self.probabilities is None else dict(self.probabilities),
            "failure": self.failure,
        }


def key_of(request: Mapping[str, Any]) -> str:
    """The key of a request as JSON."""
    return hashlib.sha256(orjson.dumps(request, option=orjson.OPT_SORT_KEYS)).hexdigest()[:32]
