import asyncio
import importlib.util
import os
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Coroutine, Iterator, Sequence
from contextlib import asynccontextmanager
from email.utils import formatdate
from pathlib import Path
from time import monotonic, time
from types import ModuleType
from typing import Any

import orjson
import pytest

from tldr_data.errors import BuildError, TldrError, UsageError
from tldr_data.llms import openai, pacing
from tldr_data.llms.chat import answer_of, body_of, choice_probabilities
from tldr_data.llms.openai import RETRIES, OpenAI, retry_after
from tldr_data.llms.request import Answer, Message, Request

SERVER = Path(__file__).with_name("server.py")
SCHEMA = {"type": "object", "properties": {"edits": {"type": "array"}}}
KEY = "sk-secret/Key+17"


def load_server() -> ModuleType:
    spec = importlib.util.spec_from_file_location("llm_server", SERVER)
    assert spec
    assert spec.loader
    module = sys.modules[spec.name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


server = load_server()


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Milliseconds for seconds, and no key, proxy or address of whoever runs the tests."""
    for name in ("BACKOFF", "MOST_BACKOFF", "PROBE", "MOST_PROBE"):
        monkeypatch.setattr(openai, name, getattr(openai, name) / 1000)
    monkeypatch.setattr(pacing, "REST_S", 0.002)
    monkeypatch.setattr(pacing, "MOST_REST_S", 0.01)
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    monkeypatch.delenv("OPENAI_BASE_URL", raising=False)


def question(number: int, **fields: Any) -> Request:
    caption = f"A man and {('two', 'three', 'four')[number % 3]} red dogs stand left of bench {number}."
    messages = (Message("system", "What to change (counting): numbers"), Message("user", caption))
    return Request(**{"model": "tiny@main", "messages": messages, "max_tokens": 64, "schema": SCHEMA, **fields})


def body_hash(request: Request) -> str:
    return str(server.sha256(orjson.dumps(body_of(request))).hexdigest())


def undisturbed(request: Request, mode: str = "") -> Answer:
    """What a server that behaves answers."""
    answer = answer_of(server.completion(body_of(request), body_hash(request), mode), request)
    assert answer is not None
    return answer


@asynccontextmanager
async def client(url: str, model: str = "tiny@main") -> AsyncIterator[OpenAI]:
    llm = OpenAI(model, url)
    try:
        yield llm
    finally:
        await llm.close()


async def ask_all(url: str, requests: Sequence[Request]) -> list[Answer]:
    async with client(url) as llm:
        return await asyncio.gather(*map(llm.answer, requests))


def asked(requests: Sequence[Request], **settings: Any) -> tuple[list[Answer], Any]:
    """The answers of a server with these settings, and its state."""

    async def main() -> tuple[list[Answer], Any]:
        async with server.serving(**settings) as (url, state):
            return await ask_all(url, requests), state

    return asyncio.run(main())


def outcome(request: Request, **settings: Any) -> Answer:
    return asked([request], **settings)[0][0]


def run(main: Coroutine[Any, Any, None]) -> None:
    asyncio.run(main)


QUESTIONS = [question(number) for number in range(120)]


def met(plan: str, request: Request) -> bool:
    """Whether the plan does something to the first asking of a request."""
    return bool(server.fault_of(plan, body_hash(request), 1))


def test_a_server_that_behaves_is_asked_once_for_each_and_answers_as_it_should() -> None:
    answers, state = asked(QUESTIONS)
    assert answers == [undisturbed(request) for request in QUESTIONS]
    assert set(state.counts.values()) == {1}
    assert state.counts.total() == len(QUESTIONS)
    assert answers[0].input_tokens > answers[0].output_tokens > 0
    assert orjson.loads(answers[0].text)["edits"][0]["original"] == "two"


@pytest.mark.parametrize(
    "mode", ["429", "429-after", "500", "502", "503", "truncated", "wrong", "html", "reset", "short"]
)
def test_what_passes_is_asked_again_and_nothing_is_lost_or_doubled(mode: str) -> None:
    plan = f"{mode}:2@0.4"
    answers, state = asked(QUESTIONS, plan=plan, after="0.01")
    assert answers == [undisturbed(request) for request in QUESTIONS]
    met_by = [met(plan, request) for request in QUESTIONS]
    assert 20 < sum(met_by) < 100
    expected = [3 if meets else 1 for meets in met_by]
    assert [state.counts[body_hash(request)[:16]] for request in QUESTIONS] == expected


@pytest.mark.parametrize("mode", ["hang", "stall"])
def test_a_server_that_falls_silent_is_asked_again(mode: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(openai, "STALL" if mode == "stall" else "TIMEOUT", 1.0)
    plan = f"{mode}@0.2"
    answers, state = asked(QUESTIONS[:50], plan=plan)
    assert answers == [undisturbed(request) for request in QUESTIONS[:50]]
    assert state.counts.total() == 50 + sum(met(plan, request) for request in QUESTIONS[:50])


@pytest.mark.parametrize("mode", ["late", "padded", "drip"])
def test_odd_answers_that_are_whole_are_taken_at_once(mode: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(openai, "STALL", 1.0)
    answers, state = asked(QUESTIONS, plan=f"{mode}@0.5")
    assert answers == [undisturbed(request) for request in QUESTIONS]
    assert set(state.counts.values()) == {1}


@pytest.mark.parametrize("latency", [0.0, 0.02])
def test_an_answer_that_is_sent_twice_is_not_taken_for_the_next(latency: float) -> None:
    answers, state = asked(QUESTIONS, plan="duplicate:always@0.5", latency=latency)
    assert answers == [undisturbed(request) for request in QUESTIONS]
    assert max(state.counts.values()) <= 2


def test_equal_ids_of_different_answers_tell_nothing() -> None:
    answers, state = asked([*QUESTIONS, *QUESTIONS], plan="padded@1")
    assert answers == 2 * [undisturbed(request) for request in QUESTIONS]
    assert set(state.counts.values()) == {2}


@pytest.mark.parametrize(("mode", "finish"), [("length", "length"), ("wrong-schema", "stop")])
def test_what_the_model_does_wrong_is_an_answer(mode: str, finish: str) -> None:
    answers, state = asked(QUESTIONS[:20], plan=f"{mode}@1")
    assert answers == [undisturbed(request, mode) for request in QUESTIONS[:20]]
    assert {(answer.finish, answer.failure) for answer in answers} == {(finish, None)}
    assert set(state.counts.values()) == {1}


@pytest.mark.parametrize(
    ("mode", "reason"),
    [
        ("429", "rate_limited"),
        ("500", "server_error"),
        ("503", "server_error"),
        ("truncated", "bad_response"),
        ("wrong", "bad_response"),
        ("html", "bad_response"),
        ("reset", "connection_lost"),
        ("short", "connection_lost"),
    ],
)
def test_what_does_not_pass_ends_as_a_failure_after_some_retries(mode: str, reason: str) -> None:
    plan = f"{mode}:always@0.1"
    answers, state = asked(QUESTIONS, plan=plan)
    for request, answer in zip(QUESTIONS, answers, strict=True):
        times = state.counts[body_hash(request)[:16]]
        if met(plan, request):
            assert (answer.failure, times) == (reason, RETRIES + 1)
        else:
            assert (answer, times) == (undisturbed(request), 1)
    assert sum(answer.failure is not None for answer in answers) > 5


def test_a_request_that_hangs_for_ever_ends_as_a_timeout(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(openai, "TIMEOUT", 0.2)
    answers, state = asked(QUESTIONS[:4], plan="hang:always")
    assert [answer.failure for answer in answers] == ["timeout"] * 4
    assert set(state.counts.values()) == {RETRIES + 1}


def test_a_bad_request_is_asked_once_and_its_raw_answer_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    answers, state = asked(QUESTIONS[:3], plan="echo:always")
    assert {answer.failure for answer in answers} == {"bad_request"}
    assert all("cannot do that for Bearer ***" in answer.text for answer in answers)
    assert set(state.counts.values()) == {1}


def test_a_server_that_fails_everything_stops_the_build(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(openai, "FAILED_IN_A_ROW", 20)
    with pytest.raises(BuildError, match=r"failed the last 20 requests \(server_error.*not now.*same command"):
        asked(QUESTIONS, plan="500:always")


def test_so_many_as_the_server_allows_are_in_flight_in_the_end() -> None:
    many = [question(number) for number in range(300)]
    answers, state = asked(many, allow=10, latency=0.01)
    assert answers == [undisturbed(request) for request in many]
    assert state.counts.total() <= 2 * len(many)


@pytest.mark.parametrize("mode", ["429-after", "500-after"])
def test_retry_after_is_waited_for(mode: str) -> None:
    begin = monotonic()
    answers, state = asked(QUESTIONS[:8], plan=f"{mode}@1", after="0.7")
    assert monotonic() - begin >= 0.7
    assert {answer.failure for answer in answers} == {None}
    assert set(state.counts.values()) == {2}


def test_retry_after_of_a_refusal_holds_all_requests() -> None:
    plan = "429-after@0.5"
    refused = next(request for request in QUESTIONS if met(plan, request))
    other = next(request for request in QUESTIONS if not met(plan, request))

    async def main() -> None:
        async with server.serving(plan=plan, after="1") as (url, state), client(url) as llm:
            first = asyncio.ensure_future(llm.answer(refused))
            while not state.counts:
                await asyncio.sleep(0.01)
            await asyncio.sleep(0.2)
            second = asyncio.ensure_future(llm.answer(other))
            await asyncio.sleep(0.3)
            assert state.counts.total() == 1
            assert [answer.failure for answer in await asyncio.gather(first, second)] == [None, None]

    run(main())


def test_retry_after_as_a_date_is_waited_for() -> None:
    begin = monotonic()
    assert outcome(question(0), plan="429-date@1").failure is None
    assert monotonic() - begin >= 0.9  # the date is two seconds ahead, cut to whole seconds


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        (None, 0),
        ("", 0),
        ("3", 3),
        ("0.5", 0.5),
        ("-4", 0),
        ("99999", openai.MOST_RETRY_AFTER),
        ("inf", 0),
        ("nan", 0),
        ("soon", 0),
        ("Wed, 21 Oct 2015 07:28:00 GMT", 0),
        ("Fri, 31 Dec 9999 23:59:59 GMT", openai.MOST_RETRY_AFTER),
        ("Fri, 99 Foo 2026 99:99:99 GMT", 0),
    ],
)
def test_retry_after_in_every_form(header: str | None, seconds: float) -> None:
    assert retry_after(header) == seconds


def test_retry_after_as_a_date_is_counted_from_now() -> None:
    assert retry_after(formatdate(time() + 60, usegmt=True)) == pytest.approx(60, abs=5)


@pytest.mark.parametrize(
    "lacks", ["seed", "temperature", "max_tokens", "response_format", "logprobs", "seed,max_tokens"]
)
def test_a_parameter_that_the_server_does_not_know_is_left_out_from_then_on(lacks: str) -> None:
    fields: dict[str, Any] = {"schema": None, "choices": ("yes", "no")} if lacks == "logprobs" else {}
    requests = [question(number, **fields) for number in range(10)]

    async def main() -> None:
        async with server.serving(lacks=lacks) as (url, state), client(url) as llm:
            assert (await llm.answer(requests[0])).failure is None
            assert state.counts.total() == 2 + lacks.count(",")
            for request in requests[1:]:
                assert (await llm.answer(request)).failure is None
            assert state.counts.total() == len(requests) + 1 + lacks.count(",")

    run(main())


def test_a_parameter_that_an_error_only_mentions_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    error = server.error
    monkeypatch.setattr(server, "error", lambda status, said: error(status, f"{said} Use max_tokens, temperature."))

    async def main() -> None:
        async with server.serving(lacks="seed") as (url, _), client(url) as llm:
            assert (await llm.answer(question(0))).failure is None
            assert llm._unknown == {"seed"}

    run(main())


def test_max_tokens_gets_its_newer_name() -> None:
    body = body_of(question(0), without=["max_tokens"])
    assert body["max_completion_tokens"] == 64
    assert "max_tokens" not in body


def test_a_bad_request_teaches_nothing_about_parameters() -> None:
    """Its error may name some all the same: it may repeat the request."""
    request = question(0, messages=(Message("user", "with its seed, at room temperature"),))

    async def main() -> None:
        async with server.serving(plan="echo:always") as (url, state), client(url) as llm:
            assert (await llm.answer(request)).failure == "bad_request"
            assert state.counts.total() == 3  # without the one, without the other
            assert (await llm.answer(request)).failure == "bad_request"
            assert state.counts.total() == 6

    run(main())


@pytest.mark.parametrize("owner", ["us", "vllm"])
def test_choices_come_with_their_probabilities(owner: str) -> None:
    requests = [question(number, schema=None, choices=("yes", "no")) for number in range(20)]
    answers, _ = asked(requests, owner=owner)
    for answer in answers:
        assert answer.probabilities is not None
        assert sum(answer.probabilities.values()) == pytest.approx(1)
        assert max(answer.probabilities, key=answer.probabilities.__getitem__) == answer.text
    assert {answer.text for answer in answers} == {"yes", "no"}


def test_only_vllm_is_told_the_choices() -> None:
    request = question(0, schema=None, choices=("yes", "no"))
    assert body_of(request, vllm=True)["structured_outputs"] == {"choice": ["yes", "no"]}
    assert "structured_outputs" not in body_of(request)


@pytest.mark.parametrize(
    ("tokens", "expected"),
    [
        ([], None),
        ([("maybe", -0.1)], None),
        ([("", -0.1), (" ", -0.1)], None),
        ([("Yes", 0.0), ("YES ", 0.0), ("n", 0.0), ("no", 0.0)], {"yes": 0.5, "no": 0.5}),
        ([("yes", -9999.0), ("no", 0.0)], {"yes": 0.0, "no": 1.0}),
        ([("yes", -9999.0)], None),
    ],
)
def test_choice_probabilities(tokens: list[tuple[str, float]], expected: dict[str, float] | None) -> None:
    assert choice_probabilities(tokens, ("yes", "no")) == expected


def test_a_token_that_begins_two_choices_counts_for_neither() -> None:
    assert choice_probabilities([("n", 0.0), ("no", 0.0), ("not", -1.0)], ("no", "not sure")) == {
        "no": 0.0,
        "not sure": 1.0,
    }


@pytest.mark.parametrize(
    "logprobs", [None, {}, {"content": None}, {"content": [{}]}, {"content": [{"token": "yes"}]}, 3]
)
def test_without_usable_logprobs_there_are_no_probabilities(logprobs: Any) -> None:
    choice = {"message": {"content": "yes"}, "logprobs": logprobs}
    answer = answer_of({"choices": [choice]}, question(0, choices=("yes", "no")))
    assert answer == Answer(text="yes")


@pytest.mark.parametrize(
    "content",
    [None, [], 3, {}, {"choices": []}, {"choices": [3]}, {"choices": {}}, {"choices": [{"message": {"content": 3}}]}]
    + [{"choices": [{"message": {"content": "x"}}], "usage": usage} for usage in ([3], {"prompt_tokens": "many"})],
)
def test_what_is_no_answer_of_this_api_is_none(content: Any) -> None:
    assert answer_of(content, question(0)) is None


def test_an_answer_without_content_is_empty_or_its_refusal() -> None:
    for message, text in (({"content": None}, ""), ({}, ""), ({"content": None, "refusal": "no!"}, "no!")):
        assert answer_of({"choices": [{"message": message, "finish_reason": None}]}, question(0)) == Answer(text=text)


def test_images_stand_before_the_text_of_the_last_user_message() -> None:
    messages = (Message("user", "first"), Message("assistant", "ok"), Message("user", "what is this?"))
    content = body_of(question(0, messages=messages, images=(b"\x89PNG1", b"\xff\xd8\xff2")))["messages"]
    assert content[0] == {"role": "user", "content": "first"}
    assert [part["type"] for part in content[2]["content"]] == ["image_url", "image_url", "text"]
    assert content[2]["content"][0]["image_url"]["url"] == "data:image/png;base64,iVBORzE="
    assert content[2]["content"][1]["image_url"]["url"].startswith("data:image/jpeg;base64,")


def test_large_images_are_sent_whole() -> None:
    request = question(0, images=(b"\x89PNG" + bytes(3_000_000),))
    assert outcome(request) == undisturbed(request)


def test_every_ask_has_a_seed_of_its_own() -> None:
    bodies = [body_of(question(0, seed=seed, ask=ask)) for seed in range(3) for ask in range(3)]
    assert len({body["seed"] for body in bodies}) == 9
    assert bodies[0] == body_of(question(0, seed=0, ask=0))


def test_the_server_is_asked_for_the_name_without_its_revision() -> None:
    assert body_of(question(0))["model"] == "tiny"
    assert outcome(question(0, model="tiny")).failure is None


def test_an_unknown_model_is_a_wrong_call() -> None:
    with pytest.raises(UsageError, match=r"'tiny'.*`large` does not exist.*it serves tiny"):
        outcome(question(0, model="large@main"))


def test_a_key_is_sent_and_never_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    assert outcome(question(0), key=KEY).failure is None
    with pytest.raises(UsageError, match=r"refuses the key in OPENAI_API_KEY.*incorrect API key provided") as caught:
        outcome(question(0), key="another")
    assert KEY not in repr(caught.getrepr(showlocals=False, style="long"))
    assert KEY not in repr(OpenAI("tiny")) + str(caught.value)


def test_without_a_key_none_is_sent() -> None:
    with pytest.raises(UsageError, match="OPENAI_API_KEY"):
        outcome(question(0), key=KEY)


def test_a_model_that_says_the_key_is_not_quoted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    request = question(0, schema=None, messages=(Message("user", f"the words {KEY} and nothing"),))
    assert outcome(request).text == "the words *** and nothing"


def test_a_key_that_is_a_mere_word_changes_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "EMPTY")
    request = question(0, schema=None, messages=(Message("user", "a box that says EMPTY"),))
    assert outcome(request).text == "a box that says EMPTY"


@pytest.mark.parametrize("key", ["two words", "line\nbreak", "schlüssel"])
def test_what_can_be_no_key_is_refused_without_saying_it(key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", key)
    with pytest.raises(UsageError, match="OPENAI_API_KEY") as caught:
        OpenAI("tiny")
    assert key not in str(caught.value)


@pytest.mark.parametrize(
    "url", ["localhost:8000", "ftp://here/v1", "http://", "http://here:x/v1", "http://me:pw@here/v1"]
)
def test_an_address_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(UsageError, match="--base-url") as caught:
        OpenAI("tiny", url)
    assert "pw" not in str(caught.value)


def test_an_address_of_no_such_server_is_a_wrong_call() -> None:
    async def main() -> None:
        async with server.serving() as (url, _), client(url.replace("/v1", "/v2")) as llm:
            await llm.answer(question(0))

    with pytest.raises(UsageError, match="HTTP 404"):
        run(main())


def test_a_model_must_be_named() -> None:
    with pytest.raises(UsageError, match="--model"):
        OpenAI(None)


def test_the_address_comes_from_the_environment_where_none_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    async def main() -> None:
        async with server.serving() as (url, state):
            monkeypatch.setenv("OPENAI_BASE_URL", url)
            llm = OpenAI("tiny")
            await llm.answer(question(0))
            await llm.close()
            assert state.counts.total() == 1

    run(main())


def test_a_query_of_the_address_is_sent_along() -> None:
    async def main() -> None:
        async with server.serving() as (url, _), client(f"{url}?plan=length") as llm:
            assert (await llm.answer(question(0))).finish == "length"

    run(main())


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def test_a_server_that_comes_back_is_waited_for() -> None:
    port = free_port()

    async def main() -> None:
        async with client(f"http://127.0.0.1:{port}/v1") as llm:
            tasks = [asyncio.ensure_future(llm.answer(request)) for request in QUESTIONS[:100]]
            await asyncio.sleep(0.2)
            async with server.serving(port, latency=0.02) as (_, first):
                await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            await asyncio.sleep(0.2)
            async with server.serving(port) as (_, second):
                answers = await asyncio.gather(*tasks)
            assert answers == [undisturbed(request) for request in QUESTIONS[:100]]
            assert 0 < second.counts.total() <= 100 - 1
            assert max((first.counts + second.counts).values()) <= 2

    run(main())


def test_a_server_that_stays_away_stops_the_build(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(openai, "DEAD_AFTER", 0.3)
    port = free_port()

    async def main() -> None:
        async with client(f"http://127.0.0.1:{port}/v1?api-key=hidden") as llm:
            outcomes = await asyncio.gather(*map(llm.answer, QUESTIONS), return_exceptions=True)
            assert {type(each) for each in outcomes} == {BuildError}
            assert f"http://127.0.0.1:{port}/v1 does not answer" in str(outcomes[0])
            assert "start it again and give the same command" in str(outcomes[-1])
            assert "hidden" not in str(outcomes)

    run(main())


@pytest.mark.parametrize(
    ("status", "error"), [(402, BuildError), (401, UsageError), (403, UsageError), (307, UsageError)]
)
def test_what_means_all_requests_stops_them_all(
    status: int, error: type[TldrError], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(server.REFUSALS, "500", status)
    with pytest.raises(error, match=f"HTTP {status}"):
        outcome(question(0), plan="500:always")


def test_a_refusal_of_one_request_among_answered_ones_is_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """Some hosts moderate what is asked, with 403."""
    monkeypatch.setitem(server.REFUSALS, "500", 403)
    plan = "500:always@0.2"

    async def main() -> None:
        async with server.serving(plan=plan) as (url, _), client(url) as llm:
            await llm.answer(next(request for request in QUESTIONS if not met(plan, request)))
            for request in QUESTIONS[:40]:
                answer = await llm.answer(request)
                assert answer.failure == ("bad_request" if met(plan, request) else None)

    run(main())


@pytest.fixture
def instant() -> Iterator[str]:
    """The base URL of a server in a process of its own."""
    command = [sys.executable, str(SERVER), "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        yield process.stdout.readline().strip()
        process.kill()


MEMORY = """
import asyncio, resource, sys
from tldr_data.llms.openai import OpenAI
from tldr_data.llms.request import Message, Request

def resident():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * resource.getpagesize() / 1e6

async def main(url):
    llm = OpenAI("tiny", url)
    numbers = iter(range(100_000))
    async def worker():
        for number in numbers:
            messages = (Message("user", f"{number} red dogs"),)
            answer = await llm.answer(Request(model="tiny", messages=messages, max_tokens=9, schema={}))
            assert answer.text == '{"edits":[{"original":"red","occurrence":1,"replacement":"blue"}]}', answer
            if number in (20_000, 99_999):
                print(resident(), flush=True)
    await asyncio.gather(*(worker() for _ in range(256)))
    await llm.close()

asyncio.run(main(sys.argv[1]))
"""


@pytest.mark.slow
@pytest.mark.skipif(not os.path.exists("/proc/self/statm"), reason="no /proc")
def test_memory_is_flat_over_a_hundred_thousand_requests(instant: str) -> None:
    run = subprocess.run([sys.executable, "-c", MEMORY, instant], check=True, capture_output=True, text=True)
    before, after = map(float, run.stdout.split())
    assert after - before < 4
