"""Builds through a real engine with a real, weak model: offline, and served over HTTP (`make test-vllm`)."""

import json
import os
import signal
import subprocess
import sys
import time
from importlib.util import find_spec
from pathlib import Path

import pytest

from tldr_data.check import find_faults
from tldr_data.dataset import read_rows, read_stored, shards
from tldr_data.llms.log import read_log
from tldr_data.manifest import load_manifest

ROOT = Path(__file__).parents[2]
MODEL = os.environ.get("TLDR_DATA_TEST_MODEL", "")
KILL = getattr(signal, "SIGKILL", signal.SIGTERM)
CAPTIONS = [
    "A red bus stands to the left of two small white houses.",
    "Three brown dogs sleep on a wooden bench under a tree.",
    "A sign that says \"STOP\" hangs above the open door of a small shop.",
    "Two women in blue coats walk in front of a parked yellow car while a boy on a red bicycle waits at the corner of "
    "the street, where a black cat sits on a low brick wall beside a row of green plants in clay pots.",
]  # fmt: skip
REAL = ROOT.parent / "shared" / "data" / "docci"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(find_spec("vllm") is None, reason="vLLM is not installed"),
    pytest.mark.skipif(
        not MODEL, reason="TLDR_DATA_TEST_MODEL names no model folder (tests/llms/smollm2.py makes one)"
    ),
]


@pytest.fixture
def captions(tmp_path: Path) -> Path:
    path = tmp_path / "captions.jsonl"
    path.write_text("".join(json.dumps({"response": text}) + "\n" for text in CAPTIONS), encoding="utf-8")
    return path


def command(out: Path, *arguments: str) -> list[str]:
    return [
        *(sys.executable, "-m", "tldr_data.cli", "build", "--taxonomy", "attribute", "--taxonomy", "counting"),
        *("--perturber", "llm", "--out", str(out), *arguments),
    ]


def run(out: Path, *arguments: str) -> None:
    done = subprocess.run(command(out, *arguments), cwd=ROOT, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stderr[-2000:]
    assert list(find_faults(out)) == []
    for taxonomy in ("attribute", "counting"):
        for path in (path for split in ("train", "validation", "test") for path in shards(out, taxonomy, split)):
            for row in read_stored(path):
                assert applied(row["reference"], row["edits"]) == row["response"]


def applied(text: str, edits: list[dict[str, int | str]]) -> str:
    for edit in reversed(edits):
        text = f"{text[: int(edit['start'])]}{edit['replacement']}{text[int(edit['end']) :]}"
    return text


def replay(out: Path, again: Path, *arguments: str) -> None:
    run(again, "--llm", "replay", "--requests", str(out / "requests.jsonl.zst"), *arguments)
    assert load_manifest(again)["content_hash"] == load_manifest(out)["content_hash"]


def test_scenes_through_the_offline_engine(tmp_path: Path) -> None:
    run(tmp_path / "out", "--source", "scenes", "--limit", "6", "--judge", "none", "--llm", "vllm", "--model", MODEL)
    manifest = load_manifest(tmp_path / "out")
    questions = [row for _, row in read_rows(tmp_path / "out", "clean") if row["task"] == "vqa"]
    assert questions
    assert manifest["llm"]["requests"] == 12 + len(questions)
    assert manifest["llm"]["failed"] == 0
    replay(tmp_path / "out", tmp_path / "again", "--source", "scenes", "--limit", "6", "--judge", "none")


@pytest.mark.skipif(not REAL.is_dir(), reason="there are no real captions beside the checkout")
def test_real_captions_through_the_offline_engine(tmp_path: Path) -> None:
    source = ("--source", "docci", "--path", str(REAL), "--limit", "6", "--judge", "none")
    run(tmp_path / "out", *source, "--llm", "vllm", "--model", MODEL)
    asked = [request for _, request, _ in read_log(tmp_path / "out" / "requests.jsonl.zst")]
    assert all(request["schema"] for request in asked)
    replay(tmp_path / "out", tmp_path / "again", *source)


def test_through_a_server_killed_and_continued(captions: Path, vllm_server: str, tmp_path: Path) -> None:
    """A live engine may answer otherwise in other company: what counts is the log that both runs left."""
    out, source = tmp_path / "out", ("--source", "jsonl", "--path", str(captions))
    served = (*source, "--llm", "openai", "--model", "tiny", "--base-url", vllm_server)
    log = out / ".work" / "requests.jsonl"
    with subprocess.Popen(command(out, *served), cwd=ROOT, stderr=subprocess.DEVNULL) as process:
        while process.poll() is None and not (log.is_file() and log.read_bytes().count(b"\n") >= 8):
            time.sleep(0.05)
        os.kill(process.pid, KILL)
    before = log.read_bytes()
    assert before.count(b"\n") >= 8
    run(out, *served)
    manifest = load_manifest(out)
    assert manifest["llm"]["judge"]["n"] > 20
    kept = {key for key, _, _ in read_log(out / "requests.jsonl.zst")}
    assert {json.loads(line)["key"] for line in before.splitlines()} <= kept
    replay(out, tmp_path / "again", *source)
