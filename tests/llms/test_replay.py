"""A log answers in the place of a model, and says what it cannot answer."""

import asyncio
import re
from pathlib import Path

import pytest

from tldr_data.errors import BuildError, InputError, UsageError
from tldr_data.llms import open_llm
from tldr_data.llms.asker import Asker
from tldr_data.llms.log import RequestLog, write_published
from tldr_data.llms.replay import Replay
from tldr_data.llms.request import Answer, Message, Request


def request(number: int, model: str = "tiny@1") -> Request:
    return Request(model=model, messages=(Message("user", f"Satz {number}"),), max_tokens=9)


def write(path: Path, *models: str) -> Path:
    with RequestLog(path) as log:
        for number, model in enumerate(models):
            log.append(request(number, model), Answer(text=f"{number}", failure="timeout" if number == 1 else None))
    return path


def replay(path: Path, model: str | None = None) -> Replay:
    return Replay(model=model, base_url=None, requests=path)


def publish(path: Path, models: tuple[str, ...]) -> Path:
    with RequestLog(path) as log:
        keys = [request(number, model).key for number, model in enumerate(models)]
        write_published(log, keys, path.with_suffix(".jsonl.zst"))
    return path.with_suffix(".jsonl.zst")


@pytest.mark.parametrize("published", [False, True])
def test_every_answer_of_the_log_is_given_again(tmp_path: Path, published: bool) -> None:
    models = ("tiny@1",) * 3
    path = write(tmp_path / "requests.jsonl", *models)
    path = publish(path, models) if published else path
    before = path.read_bytes()

    async def work() -> None:
        llm = open_llm("replay", model=None, base_url=None, requests=path)
        assert llm.model == "tiny@1"
        assert await llm.answer(request(0)) == Answer(text="0")
        assert await llm.answer(request(1)) == Answer(text="1", failure="timeout")
        with RequestLog(tmp_path / "again.jsonl") as log:
            asker = Asker(llm, log)
            for number in range(3):
                assert (await asker.ask(request(number))).text == f"{number}"
            assert len(log) == 3
        await llm.close()

    asyncio.run(work())
    assert path.read_bytes() == before
    if not published:
        assert (tmp_path / "again.jsonl").read_bytes() == before


@pytest.mark.parametrize(
    ("model", "chosen"),
    [("a/b@1", "a/b@1"), ("a/b@2", "a/b@2"), ("c", "c"), ("d", "d@1")],
)
def test_the_model_is_the_one_that_is_named(tmp_path: Path, model: str, chosen: str) -> None:
    path = write(tmp_path / "requests.jsonl", "a/b@1", "a/b@2", "c", "c@1", "d@1", "dd@1")
    llm = replay(path, model)
    assert llm.model == chosen
    asyncio.run(llm.close())


@pytest.mark.parametrize(
    ("model", "problem"),
    [
        (None, "--model is needed: {path} holds answers of a/b@1, a/b@2, c"),
        ("a/b", "no single model is --model a/b: {path} holds answers of a/b@1, a/b@2, c"),
        ("a/b@3", "no single model is --model a/b@3: {path} holds answers of a/b@1, a/b@2, c"),
    ],
)
def test_a_log_of_several_models_needs_one_to_be_named(tmp_path: Path, model: str | None, problem: str) -> None:
    path = write(tmp_path / "requests.jsonl", "a/b@1", "c", "a/b@2")
    with pytest.raises(UsageError, match=f"^--llm replay: {re.escape(problem.format(path=path))}$"):
        replay(path, model)


def test_an_empty_log_and_a_missing_one_are_wrong_usage(tmp_path: Path) -> None:
    path = write(tmp_path / "requests.jsonl")
    for model in (None, "tiny@1"):
        with pytest.raises(UsageError, match=r"holds no answers$"):
            replay(path, model)
    for missing in (tmp_path / "none.jsonl.zst", tmp_path):
        with pytest.raises(UsageError, match=f"no request log {re.escape(str(missing))};"):
            replay(missing)


def test_a_file_that_cannot_be_unpacked_is_a_wrong_input(tmp_path: Path) -> None:
    path = tmp_path / "requests.jsonl.zst"
    path.write_bytes(b"no zstd")
    with pytest.raises(InputError, match="cannot read"):
        replay(path)


def test_what_the_log_lacks_is_told_with_what_differs(tmp_path: Path) -> None:
    path = write(tmp_path / "requests.jsonl", "tiny@1", "tiny@1")

    def refusal(asked: Request) -> str:
        async def work() -> None:
            llm = replay(path)
            try:
                await llm.answer(asked)
            finally:
                await llm.close()

        with pytest.raises(BuildError) as caught:
            asyncio.run(work())
        return str(caught.value)

    begin = f"{path} holds no answer to request "
    other, new = request(0, "huge@9"), request(7)
    assert refusal(other) == f"{begin}{other.key} of huge@9; it holds answers of tiny@1"
    assert refusal(new) == (
        f"{begin}{new.key} of tiny@1: input, options, prompts or version are not those that it was written with"
    )
    with path.open("ab") as file:
        file.write(b"half a line\n")
    assert refusal(new) == f"{begin}{new.key} of tiny@1; 1 of its lines are damaged"
