"""Builds that ask a model: the project's own server answers, by rules, and misbehaves as told."""

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

import tldr_data.llms.openai
from tldr_data import licences
from tldr_data.building.entries import entry_of
from tldr_data.building.plan import LlmPlan, Plan, SourcePlan
from tldr_data.check import find_faults
from tldr_data.dataset import read_stored, row_of, shards
from tldr_data.errors import BuildError, UsageError
from tldr_data.example import Example
from tldr_data.images import ImageFacts
from tldr_data.llms.log import read_log
from tldr_data.llms.records import read_lines
from tldr_data.manifest import load_manifest
from tldr_data.pipeline import build

ROOT = Path(__file__).parents[2]
SERVER = ROOT / "tests" / "llms" / "server.py"
KILL = getattr(signal, "SIGKILL", signal.SIGTERM)
KILLS = int(os.environ.get("TLDR_DATA_TEST_KILLS", "5"))
MOST_IN_FLIGHT = 256


@contextmanager
def server(*arguments: str) -> Iterator[str]:
    """The base URL of a server in a process of its own."""
    command = [sys.executable, str(SERVER), "--port", "0", *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        try:
            yield process.stdout.readline().strip()
        finally:
            process.kill()


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """A server that behaves."""
    with server() as address:
        yield address


@pytest.fixture(autouse=True)
def no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    monkeypatch.delenv("OPENAI_BASE_URL", raising=False)
    for name in ("BACKOFF", "MOST_BACKOFF", "PROBE", "MOST_PROBE"):
        monkeypatch.setattr(tldr_data.llms.openai, name, getattr(tldr_data.llms.openai, name) / 100)


def asked_plan(path: Path, out: Path, url: str, **changes: Any) -> Plan:
    names = ("spatial", "attribute", "counting")
    settings: dict[str, Any] = {"taxonomies": names, "chunk_rows": 4, "limit": 24}
    llm = {
        name: changes.pop(name)
        for name in ("backend", "model", "ask", "judges", "requests", "budget")
        if name in changes
    }
    asked = LlmPlan(**{"backend": "openai", "model": "tiny", "base_url": url, **llm})
    return Plan(sources=(SourcePlan("jsonl", path),), out=out, llm=asked, **{**settings, **changes})


def counts(url: str) -> dict[str, Any]:
    with urllib.request.urlopen(url.removesuffix("/v1") + "/counts") as answer:
        found: dict[str, Any] = json.loads(answer.read())
        return found


@pytest.fixture(scope="module")
def asked(captions_file: Path, url: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished build, only to be read."""
    out = tmp_path_factory.mktemp("asked") / "out"
    build(asked_plan(captions_file, out, url))
    return out


def test_what_a_model_wrote_is_a_dataset_like_any_other(asked: Path) -> None:
    manifest = load_manifest(asked)
    assert list(find_faults(asked)) == []
    assert manifest["taxonomies"]["attribute"]["accepted"] > 0
    assert manifest["taxonomies"]["attribute"]["verdicts"] == {
        "judged": manifest["taxonomies"]["attribute"]["accepted"]
    }
    assert manifest["llm"]["requests"] > 24 * 3
    assert manifest["llm"]["judge"]["n"] > 20


def test_every_row_names_its_request_and_its_judge(asked: Path) -> None:
    log = {key: (request, answer) for key, request, answer in read_log(asked / "requests.jsonl.zst")}
    rows = [row for path in shards(asked, "attribute", "train") for row in read_stored(path)]
    assert rows
    for row in rows:
        request, _ = log[row["request"]]
        assert request["messages"][-1]["content"] == row["reference"]
        assert (row["model"], row["perturber"]) == ("tiny", "prompts/rewrite")
        assert "judge_caption by tiny: yes" in row["evidence"]
        assert row["evidence"].rpartition("[")[2].strip("]") in log


def test_what_a_llama_wrote_carries_its_licence(
    captions_file: Path, url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(licences, "llama_license", {"tiny": "llama3.1"}.get)
    build(asked_plan(captions_file, tmp_path / "out", url))
    assert list(find_faults(tmp_path / "out")) == []
    stored = {folder: [r for p in shards(tmp_path / "out", folder, "train") for r in read_stored(p)]
              for folder in ("clean", "attribute", "images")}  # fmt: skip
    assert {row["license"] for row in stored["clean"] + stored["images"]} == {"CC0-1.0"}
    assert {row["license"] for row in stored["attribute"]} == {"CC0-1.0 AND llama3.1"}
    assert all("Built with Llama: " in row["attribution"] for row in stored["attribute"])
    manifest, card = load_manifest(tmp_path / "out"), (tmp_path / "out" / "README.md").read_text(encoding="utf-8")
    assert licences.text_refusals(manifest, private=False) == []
    assert "**Built with Llama: " in card
    assert "- llama3.1\n" in card


def test_the_image_of_a_text_that_a_model_merged_is_not_the_models() -> None:
    merged = Example(
        id="a", response="A cup.", source="s", license="CC-BY-4.0", attribution="us", group="a", model="Llama-3.1-8B"
    )
    image = ImageFacts(b"", "0" * 64, 1, 1, "1" * 64, "0" * 16)
    assert row_of(merged)["license"] == "CC-BY-4.0 AND llama3.1"
    assert entry_of(merged, image).image_license == "CC-BY-4.0"
    assert entry_of(merged, None).image_license is None


def test_the_card_tells_what_the_model_was_asked(asked: Path) -> None:
    manifest, card = load_manifest(asked), (asked / "README.md").read_text(encoding="utf-8")
    prompts = manifest["llm"]["prompts"]
    assert [*prompts] == ["instructions", "edits", "rewrite", "answer", "judge_caption", "judge_answer"]
    for name, text in prompts.items():
        assert text == (ROOT / "prompts" / f"{name}.jinja").read_text(encoding="utf-8")
        # there are no questions in it, so nobody was asked about answers
        assert (f"`prompts/{name}.jinja`" in card) is (text.strip() in card) is (not name.endswith("answer"))
    assert "a language model, `tiny`" in card.split("## What a row looks like")[0]
    for told in manifest["definitions"].values():
        assert " ".join(told["instructions"].split())[:60] in card
    replay = "--perturber llm --llm replay --requests requests.jsonl.zst"
    assert replay in card
    assert "--ask auto --judge text" in card


def test_a_log_that_is_not_that_of_the_rows_is_a_fault(asked: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(asked, copy)
    lines = [line for line in read_lines(copy / "requests.jsonl.zst") if b'"user","content":"Two small red' not in line]
    with pa.output_stream(copy / "requests.jsonl.zst", compression="zstd") as file:
        file.write(b"".join(lines).replace(b'"temperature":0.7', b'"temperature":0.2', 1))
    faults = "\n".join(find_faults(copy))
    assert "is not in the request log" in faults
    assert "is not the key of its request" in faults
    assert "requests, the manifest says" in faults


def test_a_replay_of_the_log_gives_the_same_bytes_and_asks_nobody(
    asked: Path, captions_file: Path, url: str, tmp_path: Path, contents: Callable[[Path], dict[str, bytes]]
) -> None:
    before = counts(url)["total"]
    log = asked / "requests.jsonl.zst"
    build(asked_plan(captions_file, tmp_path / "out", url, backend="replay", requests=log, model=None))
    assert contents(tmp_path / "out") == contents(asked)
    assert counts(url)["total"] == before


def test_a_replay_of_other_questions_is_refused(asked: Path, captions_file: Path, url: str, tmp_path: Path) -> None:
    log = asked / "requests.jsonl.zst"
    plan = asked_plan(captions_file, tmp_path / "out", url, backend="replay", requests=log, seed=5)
    with pytest.raises(BuildError, match="holds no answer to request"):
        build(plan)
    with pytest.raises(UsageError, match="--llm replay needs --requests"):
        build(asked_plan(captions_file, tmp_path / "out", url, backend="replay"))


def test_nothing_is_asked_twice(captions_file: Path, tmp_path: Path) -> None:
    with server() as url:
        plan = asked_plan(captions_file, tmp_path / "out", url)
        build(plan)
        once = counts(url)
        assert max(once["by_body"].values()) == 1
        build(plan)
        # to be built anew costs nothing: its own log answers, also where another folder is built from it
        build(asked_plan(captions_file, tmp_path / "out", url, resume="never"))
        for out in ("a", "b"):
            build(asked_plan(captions_file, tmp_path / out, url, requests=tmp_path / "shared.jsonl"))
        assert counts(url)["total"] == 2 * once["total"]


@pytest.mark.parametrize(
    "plan",
    ["429:2@0.4", "429-after:1@0.3", "500:2@0.4,503:1@0.3", "reset:2@0.4", "truncated:2@0.5", "wrong:1@0.5", "late@1",
     "duplicate@1", "padded@1", "drip@0.3"],
)  # fmt: skip
def test_what_passes_changes_nothing(plan: str, asked: Path, captions_file: Path, tmp_path: Path) -> None:
    with server("--plan", plan, "--after", "0.01") as url:
        build(asked_plan(captions_file, tmp_path / "out", url))
    assert load_manifest(tmp_path / "out")["content_hash"] == load_manifest(asked)["content_hash"]


@pytest.mark.parametrize(
    ("plan", "reasons"),
    [
        ("500:always@0.3", {"server_error", "judge_server_error"}),
        ("reset:always@0.3", {"connection_lost", "judge_connection_lost"}),
        ("length@0.3", {"truncated"}),
        ("wrong-schema@0.3", {"wrong_schema"}),
    ],
)
def test_what_does_not_pass_is_a_rejected_row(
    plan: str, reasons: set[str], captions_file: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    with server("--plan", plan) as url:
        build(asked_plan(captions_file, out, url, ask="edits"))
    assert list(find_faults(out)) == []
    manifest = load_manifest(out)
    found: Counter[str] = Counter()
    for name, of_taxonomy in manifest["taxonomies"].items():
        records = [json.loads(line) for line in (out / "rejected" / f"{name}.jsonl").read_text("utf-8").splitlines()]
        assert of_taxonomy["accepted"] + len(records) == 24
        found.update(record["reason"] for record in records)
        for record in records:
            assert record["request"]
            assert record["message"] or record["reason"] not in reasons
    assert set(found) & reasons
    # what failed is not asked again, unless the build is begun anew; what a model answered stands
    with server() as url:
        build(asked_plan(captions_file, out, url, ask="edits"))
        assert counts(url)["total"] == 0
        build(asked_plan(captions_file, out, url, ask="edits", resume="never"))
        assert (0 < counts(url)["total"] <= 2 * manifest["llm"]["failed"]) is ("always" in plan)


def test_a_budget_ends_a_build_that_a_larger_one_continues(captions_file: Path, tmp_path: Path) -> None:
    out, whole = tmp_path / "out", tmp_path / "whole"
    with server() as url:
        build(asked_plan(captions_file, out, url, budget="60ktok", limit=60))
        first = load_manifest(out)
        assert list(find_faults(out)) == []
        assert first["stopped"]["unasked"] > 0
        assert 0 < first["llm"]["input_tokens"] + first["llm"]["output_tokens"] <= 60_000
        assert 0 < sum(first["rows"]["clean"].values()) < 60
        build(asked_plan(captions_file, out, url, budget="10Mtok", limit=60))
        assert max(counts(url)["by_body"].values()) == 1
        second = load_manifest(out)
        assert second["stopped"] is None
        build(asked_plan(captions_file, whole, url, limit=60))
    assert second["content_hash"] == load_manifest(whole)["content_hash"]
    assert not (out / ".work").exists()


def test_a_budget_is_counted_over_all_runs_of_a_build(captions_file: Path, tmp_path: Path) -> None:
    with server() as url:
        for _ in range(3):
            build(asked_plan(captions_file, tmp_path / "out", url, budget="60ktok"))
        total = counts(url)["total"]
    manifest = load_manifest(tmp_path / "out")
    assert manifest["llm"]["input_tokens"] + manifest["llm"]["output_tokens"] <= 60_000
    assert total == manifest["llm"]["requests"]


def test_a_target_is_met_by_asking_again_for_other_answers(captions_file: Path, url: str, tmp_path: Path) -> None:
    out = tmp_path / "out"
    build(asked_plan(captions_file, out, url, judges="none", target=6))
    manifest = load_manifest(out)
    assert list(find_faults(out)) == []
    reached = {name: counts["accepted"] for name, counts in manifest["taxonomies"].items()}
    assert reached == {name: 6 - manifest["short"].get(name, 0) for name in reached}
    assert 6 in reached.values()
    assert load_manifest(out)["recipe"]["target"] == 6


def test_a_server_that_is_gone_stops_the_build_and_loses_nothing(
    asked: Path, captions_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tldr_data.llms.openai, "DEAD_AFTER", 0.2)
    out = tmp_path / "out"
    with server("--latency", "0.05") as url:
        port = url.split(":")[2].removesuffix("/v1")
        build(asked_plan(captions_file, out, url, budget="40ktok"))
        done = counts(url)["total"]
    with pytest.raises(BuildError, match=rf"does not answer .* {done} answers are kept"):
        build(asked_plan(captions_file, out, url))
    with server("--port", port) as again:
        build(asked_plan(captions_file, out, again))
        assert load_manifest(out)["content_hash"] == load_manifest(asked)["content_hash"]
        assert counts(again)["total"] == load_manifest(asked)["llm"]["requests"] - done


BUILD = """
import sys
from pathlib import Path
sys.path[:0] = [{root}, {tests}]
from test_asked_builds import asked_plan
from tldr_data.pipeline import build
build(asked_plan(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]))
"""


@pytest.mark.slow
def test_killed_at_random_moments_it_asks_again_only_what_was_in_flight(
    asked: Path, captions_file: Path, tmp_path: Path
) -> None:
    """``TLDR_DATA_TEST_KILLS=50`` kills it more often."""
    rng = random.Random(1)
    script = BUILD.replace("{root}", repr(str(ROOT))).replace("{tests}", repr(str(Path(__file__).parent)))
    command = [sys.executable, "-c", script, str(captions_file)]
    wanted, kills, whole = load_manifest(asked)["content_hash"], 0, None
    with server("--latency", "0.03") as url:
        for attempt in count():
            if kills >= KILLS:
                break
            out = tmp_path / str(attempt)
            asked_before = counts(url)["total"]
            repeated = 0
            while not (out / "manifest.json").is_file():
                lines = log_lines(out)
                asked_now = counts(url)["total"]
                begin = time.monotonic()
                with subprocess.Popen([*command, str(out), url], stderr=subprocess.DEVNULL) as process:
                    try:
                        # the first one is not disturbed, to know how long it takes
                        process.wait(None if whole is None else rng.uniform(0.2, 1.05) * whole)
                    except subprocess.TimeoutExpired:
                        os.kill(process.pid, KILL)
                        kills += 1
                whole = whole or time.monotonic() - begin
                if not (out / "manifest.json").is_file():
                    lost = counts(url)["total"] - asked_now - (log_lines(out) - lines)
                    assert 0 <= lost <= MOST_IN_FLIGHT
                    repeated += lost
            manifest = load_manifest(out)
            assert manifest["content_hash"] == wanted
            assert counts(url)["total"] - asked_before == manifest["llm"]["requests"] + repeated


def log_lines(out: Path) -> int:
    log = out / ".work" / "requests.jsonl"
    return log.read_bytes().count(b"\n") if log.is_file() else 0
