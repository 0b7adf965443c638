"""Asking a model for false phrases: a server of ours answers, refuses, talks and fails; a stopped run goes on."""

from __future__ import annotations

import base64
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from baselines import prompting
from baselines.detections import scored
from baselines.prompting import SCHEMA, ask, line_of, main, request_of
from baselines.rows import table_of
from tldr_data.building.plan import Plan
from tldr_data.errors import InputError, UsageError
from tldr_data.labels import WORD
from tldr_data.llms import open_llm, openai
from tldr_data.llms.request import Answer
from tldr_data.pipeline import build

Body = dict[str, Any]
TEXT = "A red cup, two dogs and a red ball.\n\nThe red cup is left of a redder door."


@contextmanager
def serving(say: Callable[[Body], str | int | Body]) -> Iterator[tuple[str, list[Body]]]:
    """A server that answers a body with a text, a whole message or a status; its base URL and what it was asked."""
    asked: list[Body] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._send(200, {"data": []})

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            asked.append(body)
            said = say(body)
            if isinstance(said, int):
                return self._send(said, {"error": {"message": f"no, {self.headers['Authorization']}"}})
            message = said if isinstance(said, dict) else {"message": {"content": said}, "finish_reason": "stop"}
            return self._send(200, {"choices": [message], "usage": {}})

        def _send(self, status: int, content: Body) -> None:
            with suppress(OSError):  # whoever asked may be gone
                self.send_response(status)
                self.end_headers()
                self.wfile.write(json.dumps(content).encode())

        def log_message(self, *_: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/v1", asked
        finally:
            server.shutdown()


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("BACKOFF", "MOST_BACKOFF", "PROBE", "MOST_PROBE", "DEAD_AFTER"):
        monkeypatch.setattr(openai, name, getattr(openai, name) / 1000)
    monkeypatch.setattr("datasets.config.HF_DATASETS_CACHE", tmp_path / "datasets")
    monkeypatch.delenv("OPENAI_BASE_URL", raising=False)
    monkeypatch.setenv("OPENAI_API_KEY", "sk-not-to-be-told")


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("built") / "out"
    build(Plan(taxonomies=("counting",), out=out, limit=40))
    return out


def row(id: str = "a", response: str = TEXT, prompt: str = "", image: Any = None) -> dict[str, Any]:
    image = image or {"bytes": b"\x89PNG" + id.encode(), "path": None}
    return {"id": id, "response": response, "prompt": prompt, "image": image}


def said(*phrases: tuple[str, int]) -> str:
    return json.dumps({"phrases": [{"phrase": phrase, "occurrence": nth} for phrase, nth in phrases]})


def line(text: str, response: str = TEXT, **fields: Any) -> dict[str, Any]:
    one = row(response=response)
    made = line_of(one, request_of(one, "m"), Answer(text=text, **fields))
    assert made.pop("request") == request_of(one, "m").key
    return made


def spans(*bounds: tuple[int, int]) -> list[dict[str, int]]:
    return [{"start": start, "end": end} for start, end in bounds]


def test_a_model_is_shown_image_prompt_and_response() -> None:
    request = request_of(row(prompt="What is there?"), "m")
    assert request.messages[-1].content == f"Asked: What is there?\nText: {TEXT}"
    assert request_of(row(), "m").messages[-1].content == f"Text: {TEXT}"
    assert request.images == (b"\x89PNGa",)
    assert request.schema == SCHEMA
    assert prompting._read('{"phrases":[]}') == []
    assert "only" in request.messages[0].content


def test_the_schema_and_the_model_that_validates_allow_the_same() -> None:
    ours = prompting._Phrases.model_json_schema()
    array = SCHEMA["properties"]["phrases"]
    assert array["maxItems"] == ours["properties"]["phrases"]["maxItems"]
    for name, shown in array["items"]["properties"].items():
        found = ours["$defs"]["_Phrase"]["properties"][name]
        assert shown == {key: value for key, value in found.items() if key != "title"}


def test_phrases_stand_where_their_words_and_their_occurrence_say() -> None:
    text = said(("red cup", 2), (" two dogs ", 7), ("redder", 1), ("red cup", 2))
    assert line(text) == {"id": "a", "spans": spans((11, 19), (41, 48), (62, 68))}
    assert [TEXT[start:end] for start, end in ((11, 19), (41, 48))] == ["two dogs", "red cup"]
    assert line(f"<think>hm {{</think>\n```json\n{said(('dogs', 1))}\n```") == {"id": "a", "spans": spans((15, 19))}


def test_what_does_not_stand_there_is_listed_and_not_guessed() -> None:
    text = said(("two cats", 1), ("Red cup", 1), ("red cup", 3), ("dog", 1), ("dogs", 1))
    unanchored = ["two cats", "Red cup", "red cup", "dog"]
    assert line(text) == {"id": "a", "spans": spans((15, 19)), "unanchored": unanchored}


@pytest.mark.parametrize(
    ("text", "fields", "reason"),
    [
        ("I'm sorry, I can't help with that.", {}, "not_json"),
        ('{"phrases": [', {}, "not_json"),
        ('{"phrases": "red"}', {}, "wrong_schema"),
        ('{"phrases": [{"phrase": "red"}]}', {}, "wrong_schema"),
        (said(("red cup", 1)), {"finish": "length"}, "truncated"),
        ("", {"finish": "content_filter"}, "content_filter"),
    ],
)
def test_an_answer_that_is_none_calls_nothing_false_and_says_why(text: str, fields: Any, reason: str) -> None:
    assert line(text, **fields) == {"id": "a", "spans": [], "failure": reason}


def numbers(body: Body) -> str:
    """Every number that the text holds is false."""
    shown = body["messages"][-1]["content"]
    assert base64.b64decode(shown[0]["image_url"]["url"].partition(",")[2]).startswith(b"\x89PNG")
    found = re.findall(r"\b(?:one|two|three|four|five|six)\b", shown[1]["text"].partition("Text: ")[2], re.IGNORECASE)
    return said(*((word, found[: place + 1].count(word)) for place, word in enumerate(found)))


def test_a_dataset_is_asked_about_and_scored(built: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "new" / "out.jsonl"
    rows = list(table_of(str(built), "all", "test"))
    with serving(numbers) as (url, asked):
        command = [str(built), "--model", "m", "--base-url", url, "-o", str(out)]
        assert main([*command, "--limit", "3"]) == 0
        assert len(asked) == len(out.read_text().splitlines()) == 3
        assert main(command) == 0
        assert main(command) == 0
    assert len(asked) == len(rows) > 3
    assert asked[0]["response_format"]["json_schema"]["schema"] == SCHEMA
    assert (asked[0]["model"], asked[0]["temperature"]) == ("m", 0.0)
    for one in scored(out, rows):
        called = [one.response[start:end] for (start, end), s in zip(one.offsets, one.scores, strict=True) if s == 0]
        assert called == [w for w in WORD.findall(one.response) if w.lower() in "one two three four five six".split()]
    assert f"{len(rows)} of {len(rows)} rows, 0 failed" in capsys.readouterr().err


def test_what_fails_is_asked_again_the_next_time_and_what_is_useless_is_not(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [row(str(number), f"Cup {number}.") for number in range(6)]
    refusal = {"message": {"content": None, "refusal": "I cannot."}, "finish_reason": "stop"}
    plan: dict[str, Any] = {"0": 400, "1": 500, "2": refusal, "3": '{"phrases', "4": said(("Pot", 1)), "5": said()}
    out = tmp_path / "out.jsonl"

    def asking() -> tuple[prompting.Told, list[Body]]:
        with serving(lambda body: plan[re.search(r"\d", body["messages"][-1]["content"][1]["text"])[0]]) as (
            url,
            asked,
        ):  # type: ignore[index]
            llm = open_llm("openai", model="m", base_url=url, requests=None)
            return ask([one["id"] for one in rows], rows.__getitem__, llm, out), asked

    told, _ = asking()
    assert [text[:1] for text in sorted(told.failed)] == ["0", "1"]
    assert sorted(told.unusable) == ["2: not_json", "3: not_json"]
    assert told.unanchored == ["4: 'Pot'"]
    prompting._report(told)
    shown = capsys.readouterr().err
    assert "phrases that do not stand in their response, and are left out: 1, first 4: 'Pot'" in shown
    assert "sk-not" not in shown + out.read_text()
    plan["0"] = plan["1"] = said(("Cup", 1))
    again, asked = asking()
    assert len(asked) == 2
    assert (again.failed, sorted(again.unusable), again.unanchored, again.answered) == (
        *([], ["2: not_json", "3: not_json"], ["4: 'Pot'"], 6),
    )


def test_a_killed_run_loses_half_a_line_and_another_question_is_refused(tmp_path: Path) -> None:
    rows = [row(str(number)) for number in range(4)]
    out = tmp_path / "out.jsonl"
    ids = [one["id"] for one in rows]
    with serving(lambda _: said()) as (url, asked):

        def asking(model: str = "m") -> prompting.Told:
            return ask(ids, rows.__getitem__, open_llm("openai", model=model, base_url=url, requests=None), out)

        asking()
        whole = out.read_bytes()
        out.write_bytes(whole[:-10])
        assert asking().answered == 4
        assert len(asked) == 5
        assert sorted(out.read_bytes().splitlines()) == sorted(whole.splitlines())
        with pytest.raises(UsageError, match="'0' is answered for another model, prompt or image"):
            asking("other")
        out.write_text('{"id": "0", "spans": []}\n')
        with pytest.raises(InputError, match="line 1: not written by this command"):
            asking()
    assert len(asked) == 5


def test_a_model_of_which_nothing_can_be_used_is_no_success(built: Path, tmp_path: Path, capsys: Any) -> None:
    with serving(lambda _: "I see no image.") as (url, _):
        command = [str(built), "--model", "m", "--base-url", url, "-o", str(tmp_path / "out.jsonl"), "--limit", "2"]
        assert main(command) == 1
    assert "nothing of the response is called false: 2, first" in capsys.readouterr().err


def test_a_run_is_stopped_by_hand_and_goes_on(built: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.jsonl"

    def slowly(_: Body) -> str:
        if len(asked) > 5:
            time.sleep(5)
        return said()

    with serving(slowly) as (url, asked):
        command = [sys.executable, "-m", "baselines.prompting", str(built), "--model", "m", "-o", str(out)]
        environment = os.environ | {"HF_DATASETS_CACHE": str(tmp_path / "cache")}
        # a shell's background job ignores interrupts, and so would what it starts
        signal.signal(signal.SIGINT, signal.default_int_handler)
        process = subprocess.Popen(
            [*command, "--base-url", url, "--split", "train"],
            env=environment,
            cwd=Path(__file__).parents[2],
            stderr=subprocess.PIPE,
            text=True,
        )
        while not (out.exists() and out.stat().st_size):
            assert process.poll() is None
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        shown = process.communicate(timeout=60)[1]
        assert process.returncode == 130
        assert shown.splitlines()[-1] == "stopped: the same command continues"
        assert "Traceback" not in shown
    kept = out.read_text().splitlines()
    assert 0 < len(kept) <= len(asked)
    with serving(lambda _: said()) as (url, again):
        assert main([str(built), "--model", "m", "--base-url", url, "--split", "train", "-o", str(out)]) == 0
    ids = [json.loads(text)["id"] for text in out.read_text().splitlines()]
    assert len(ids) == len(set(ids)) == len(kept) + len(again)


def test_what_is_wrong_with_all_of_it_is_one_line(built: Path, tmp_path: Path, capsys: Any) -> None:
    out = tmp_path / "out.jsonl"
    with serving(lambda _: 401) as (url, _):
        assert main([str(built), "--model", "m", "--base-url", url, "-o", str(out)]) == 2
        assert main([str(built), "--model", "m", "--base-url", url, "-o", str(out), "--limit", "0"]) == 2
        assert main([str(tmp_path), "--model", "m", "--base-url", url, "-o", str(out)]) == 1
        assert main([str(built), "--model", "m", "--base-url", url, "-o", str(tmp_path)]) == 1
    assert main([str(built), "--model", "m", "--base-url", "http://127.0.0.1:1/v1", "-o", str(out)]) == 1
    errors = [text for text in capsys.readouterr().err.splitlines() if text.startswith("error: ")]
    assert len(errors) == 5
    assert "refuses the key" in errors[0]
    assert "sk-not" not in "".join(errors)
    assert "did not come back" in errors[-1]


@pytest.mark.parametrize("image", [{"bytes": None, "path": None}, {"bytes": None, "path": "https://x.org/1.jpg"}])
def test_an_image_that_is_not_here_is_named(image: Any) -> None:
    with pytest.raises(InputError, match=r"a: its image is .*; every row needs one that is here"):
        request_of(row(image=image), "m")


def test_an_image_may_be_a_file(tmp_path: Path) -> None:
    path = tmp_path / "1.png"
    with pytest.raises(InputError, match="cannot be read"):
        request_of(row(image={"bytes": None, "path": str(path)}), "m")
    path.write_bytes(b"\x89PNGa")
    assert request_of(row(image={"bytes": None, "path": str(path)}), "m").key == request_of(row(), "m").key
