from __future__ import annotations

import asyncio
import multiprocessing
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import orjson
import pytest

from tldr_data.errors import BuildError, UsageError
from tldr_data.llms.request import Answer, Message, Request
from tldr_data.llms.vllm import Vllm

MODEL = os.environ.get("TLDR_DATA_TEST_MODEL", "")
HAS_VLLM = find_spec("vllm") is not None
COLOUR = {
    "type": "object",
    "properties": {"colour": {"enum": ["red", "dark green", "blue"]}, "sure": {"type": "boolean"}},
    "required": ["colour", "sure"],
    "additionalProperties": False,
}
STORY = "A red cup stands on a small table beside the window of a kitchen with white walls. " * 20

real = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore"),  # of vLLM's own imports
    pytest.mark.skipif(not HAS_VLLM, reason="vLLM is not installed"),
    pytest.mark.skipif(
        not MODEL, reason="TLDR_DATA_TEST_MODEL names no model folder (tests/llms/smollm2.py makes one)"
    ),
]


def needs_vllm(test):  # type: ignore[no-untyped-def]
    for mark in real:
        test = mark(test)
    return test


@pytest.fixture(scope="module")
def llm() -> Iterator[Vllm]:
    llm = Vllm(model=MODEL, base_url=None, requests=Path("unused"))
    yield llm
    asyncio.run(llm.close())


def request(text: str, max_tokens: int = 16, **shape: object) -> Request:
    return Request(model="m", messages=(Message("user", text),), max_tokens=max_tokens, **shape)  # type: ignore[arg-type]


def ask(llm: Vllm, *requests: Request) -> list[Answer]:
    async def all_of_them() -> list[Answer]:
        return await asyncio.gather(*map(llm.answer, requests))

    return asyncio.run(all_of_them())


def engines() -> list[int]:
    return [child.pid or 0 for child in multiprocessing.active_children() if child.name.startswith("EngineCore")]


@pytest.mark.skipif(HAS_VLLM, reason="vLLM is installed")
def test_without_vllm_the_way_to_install_it_is_said() -> None:
    with pytest.raises(UsageError, match=r"pip install 'tldr-data\[vllm\]'"):
        Vllm(model="org/model", base_url=None, requests=Path("unused"))


def test_a_model_is_needed_and_no_address() -> None:
    with pytest.raises(UsageError, match="--model"):
        Vllm(model=None, base_url=None, requests=Path("unused"))
    with pytest.raises(UsageError, match="--base-url"):
        Vllm(model="org/model", base_url="http://localhost", requests=Path("unused"))


@needs_vllm
def test_an_answer_says_why_it_ended_and_what_it_cost(llm: Vllm) -> None:
    (cut,) = ask(llm, request("Tell me a long story.", max_tokens=5))
    assert (cut.finish, cut.output_tokens, cut.failure) == ("length", 5, None)
    assert cut.text
    assert cut.input_tokens > 5
    assert llm.model.startswith(f"{Path(MODEL).resolve().name}@")


@needs_vllm
def test_a_schema_holds_without_a_blank_outside_of_strings(llm: Vllm) -> None:
    words = "lemon tomato sky grass snow coal sea leaf rose night".split()
    asked = [request(f"Which colour is a {word}?", 24, schema=COLOUR, temperature=0.7) for word in words]
    for answer in ask(llm, *asked):
        assert answer.finish == "stop"
        content = orjson.loads(answer.text)
        assert orjson.dumps(content).decode() == answer.text
        assert content["colour"] in ("red", "dark green", "blue")


@needs_vllm
def test_of_choices_the_likelier_one_is_taken(llm: Vllm) -> None:
    questions = ["Is the sky blue?", "Is a cat a fruit?", "Can stones fly?", "Is water wet?", "Is snow black?"]
    for answer in ask(llm, *(request(f"{text} Say yes or no.", choices=("yes", "no")) for text in questions)):
        assert answer.probabilities is not None
        assert sum(answer.probabilities.values()) == pytest.approx(1)
        assert answer.text == max(answer.probabilities, key=lambda choice: (answer.probabilities or {})[choice])


@needs_vllm
def test_choices_of_several_tokens_are_told_apart(llm: Vllm) -> None:
    choices = ("left of", "left side", "right of")
    (answer,) = ask(llm, request("Where is the cup?", choices=choices))
    assert answer.text in choices
    assert answer.probabilities is not None
    assert all(0 < answer.probabilities[choice] < 1 for choice in choices)
    assert sum(answer.probabilities.values()) == pytest.approx(1)


@needs_vllm
def test_asked_anew_a_question_brings_another_answer(llm: Vllm) -> None:
    first, second = ask(llm, *(request("Write a poem.", temperature=1.0, ask=number) for number in (0, 1)))
    assert first.text != second.text


@needs_vllm
def test_bad_requests_fail_alone(llm: Vllm) -> None:
    bad = [
        request("word " * 20_000),
        request("Say hello.", schema={"type": "nonsense"}),
        request("What is this?", images=(b"\x89PNG\r\n",)),
        Request(model="m", messages=(), max_tokens=4),
    ]
    good = [request(f"Say {word}.", 4) for word in ("hello", "good morning", "good night")]
    answers = ask(llm, good[0], bad[0], bad[1], good[1], bad[2], bad[3], good[2])
    assert [answer.failure for answer in answers] == [
        None, "bad_request", "bad_request", None, "bad_request", "bad_request", None
    ]  # fmt: skip
    assert "maximum context length" in answers[1].text
    assert "nonsense" in answers[2].text
    assert "not a multimodal model" in answers[4].text


@needs_vllm
def test_what_was_asked_about_one_caption_is_computed_once(llm: Vllm) -> None:
    before = llm.cache.cached_tokens
    first, *others = ask(llm, *(request(f"{STORY} Change number {number}.", 2) for number in range(8)))
    ask(llm, request(f"{STORY} Change it all.", 2))
    assert first.input_tokens > 300
    assert llm.cache.cached_tokens - before > first.input_tokens // 2
    assert len(others) == 7


@needs_vllm
def test_a_killed_engine_is_started_anew_and_asked_again(llm: Vllm) -> None:
    async def kill_in_flight() -> list[Answer]:
        await llm.answer(request("Say hello.", 1))
        asked = [asyncio.ensure_future(llm.answer(request(f"Tell me about {n}.", 12))) for n in range(40)]
        await asyncio.wait(asked, timeout=1.0)
        assert not all(answer.done() for answer in asked)
        os.kill(engines()[0], signal.SIGKILL)
        return await asyncio.gather(*asked)

    answers = asyncio.run(kill_in_flight())
    assert len(answers) == 40
    assert all(answer.failure is None and answer.output_tokens for answer in answers)


# The last one for this engine: it does not come back.
@needs_vllm
def test_an_engine_that_does_not_come_back_ends_the_build(llm: Vllm) -> None:
    async def kill_twice() -> None:
        await llm.answer(request("Say hello.", 1))
        first = engines()[0]
        asked = asyncio.ensure_future(llm.answer(request("Tell me a story.", 2000)))
        os.kill(first, signal.SIGKILL)
        while not (new := [engine for engine in engines() if engine != first]):
            await asyncio.sleep(0.05)
        os.kill(new[0], signal.SIGKILL)
        await asked

    with pytest.raises(BuildError, match="VLLM_LOGGING_LEVEL"):
        asyncio.run(kill_twice())
    with pytest.raises(BuildError, match="VLLM_LOGGING_LEVEL"):
        ask(llm, request("Say hello."))
    asyncio.run(llm.close())
    assert not engines()


SCRIPT = """
import asyncio
from pathlib import Path
from tldr_data.llms.request import Message, Request
from tldr_data.llms.vllm import Vllm

async def main(llm):
    try:
        await llm.answer(Request(model="m", messages=(Message("user", "Say hello."),), max_tokens=1))
        print("answered", flush=True)
        await llm.answer(Request(model="m", messages=(Message("user", "Tell a story."),), max_tokens=4000))
    finally:
        await llm.close()

if __name__ == "__main__":
    asyncio.run(main(Vllm(model=MODEL, base_url=None, requests=Path("unused"))))
"""


@needs_vllm
@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGKILL])
def test_no_engine_outlives_the_process_that_started_it(end: signal.Signals, tmp_path: Path) -> None:
    import psutil

    script = tmp_path / "script.py"
    script.write_text(SCRIPT.replace("MODEL", repr(MODEL)), encoding="utf-8")
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    command = [sys.executable, str(script)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment, start_new_session=True) as run:
        assert run.stdout is not None
        assert run.stdout.readline() == "answered\n"
        started = psutil.Process(run.pid).children(recursive=True)
        assert any("EngineCore" in process.name() for process in started)
        time.sleep(1)  # the guard has looked by then
        os.killpg(run.pid, end)
        # an engine that is just computing looks up only after its step: minutes where the machine does much else
        assert run.wait(300) in (-end, 128 + end)
    _, alive = psutil.wait_procs(started, timeout=120)
    assert not alive
