"""vLLM's own OpenAI server with a real model, asked over HTTP."""

from __future__ import annotations

import asyncio
import os
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

import orjson
import pytest

from tldr_data.errors import UsageError
from tldr_data.llms.openai import OpenAI
from tldr_data.llms.request import Answer, Message, Request

MODEL = os.environ.get("TLDR_DATA_TEST_MODEL", "")
EDITS = {
    "type": "object",
    "properties": {"original": {"type": "string", "maxLength": 12}, "replacement": {"enum": ["red", "blue", "two"]}},
    "required": ["original", "replacement"],
    "additionalProperties": False,
}

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(find_spec("vllm") is None, reason="vLLM is not installed"),
    pytest.mark.skipif(
        not MODEL, reason="TLDR_DATA_TEST_MODEL names no model folder (tests/llms/smollm2.py makes one)"
    ),
]


def request(text: str, max_tokens: int = 16, **shape: object) -> Request:
    return Request(model="tiny", messages=(Message("user", text),), max_tokens=max_tokens, **shape)  # type: ignore[arg-type]


def ask(vllm_server: str, *requests: Request, model: str = "tiny") -> list[Answer]:
    async def all_of_them() -> list[Answer]:
        llm = OpenAI(model=model, base_url=vllm_server, requests=Path("unused"))
        try:
            return await asyncio.gather(*map(llm.answer, requests))
        finally:
            await llm.close()

    return asyncio.run(all_of_them())


def test_many_at_once_keep_to_the_schema(vllm_server: str) -> None:
    asked = [request(f"Change one thing of: {n} dogs.", 32, schema=EDITS, temperature=0.7) for n in range(64)]
    answers = ask(vllm_server, *asked)
    assert len(answers) == 64
    assert all(answer.failure is None for answer in answers)
    whole = [orjson.loads(answer.text) for answer in answers if answer.finish == "stop"]
    assert len(whole) > 32
    assert all(content["replacement"] in ("red", "blue", "two") for content in whole)


def test_of_choices_the_likelier_one_is_taken(vllm_server: str) -> None:
    questions = ["Is the sky blue?", "Is a cat a fruit?", "Can stones fly?", "Is water wet?", "Is snow black?"]
    for answer in ask(vllm_server, *(request(f"{text} Say yes or no.", choices=("yes", "no")) for text in questions)):
        assert answer.text in ("yes", "no")
        assert answer.probabilities is not None
        assert sum(answer.probabilities.values()) == pytest.approx(1)
        assert answer.probabilities[answer.text] >= 0.5


def test_an_answer_that_was_cut_says_so(vllm_server: str) -> None:
    (cut,) = ask(vllm_server, request("Tell me a long story.", max_tokens=5))
    assert (cut.finish, cut.output_tokens, cut.failure) == ("length", 5, None)
    assert cut.input_tokens > 5


def test_what_the_server_refuses_of_one_request_fails_alone(vllm_server: str) -> None:
    long, good = ask(vllm_server, request("word " * 20_000), request("Say hello."))
    assert (long.failure, good.failure) == ("bad_request", None)
    assert "context length" in long.text


def test_a_model_that_is_not_served_is_said_at_once(vllm_server: str) -> None:
    with pytest.raises(UsageError, match="missing"):
        ask(vllm_server, replace(request("Say hello."), model="missing"), model="missing")
