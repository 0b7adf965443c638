"""Builds by the workers of a Ray cluster on this machine: the same content as by one process."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from tldr_data.building.parts import ChunkReport
from tldr_data.building.plan import LlmPlan, Plan, SourcePlan
from tldr_data.building.progress import BuildProgress
from tldr_data.building.ray_cluster import cluster, run_jobs
from tldr_data.check import find_faults
from tldr_data.errors import BuildError, InputError, UsageError
from tldr_data.manifest import load_manifest
from tldr_data.pipeline import build

ROOT = Path(__file__).parents[2]
SERVER = ROOT / "tests" / "llms" / "server.py"
pytest.importorskip("ray", reason="needs the extra ray")
psutil = pytest.importorskip("psutil")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform == "win32", reason="kills as POSIX does"),
    # Ray warns of its own settings, and leaves the files of its processes' output open
    pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning"),
]


def scenes_plan(out: Path, **changes: object) -> Plan:
    plan = Plan(taxonomies=("spatial", "attribute"), out=out, limit=60, chunk_rows=6, workers=2)
    return replace(plan, **changes)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def local_hash(tmp_path_factory: pytest.TempPathFactory) -> str:
    content: str = build(scenes_plan(tmp_path_factory.mktemp("local") / "out", workers=1))["content_hash"]
    return content


def await_attempt(work: Path, patience_s: float = 120) -> Path:
    """A chunk that is being made: its folder, named after the process."""
    end = time.monotonic() + patience_s
    while time.monotonic() < end:
        for attempt in (work / "attempts").glob("*"):
            return attempt
        time.sleep(0.001)
    raise AssertionError("no chunk was begun")


def kill_one_worker(work: Path, killed: list[str]) -> None:
    """Stop a worker, see that it is in the middle of a chunk, kill it."""
    while True:
        attempt = await_attempt(work)
        pid = int(attempt.name.split(".")[1])
        os.kill(pid, signal.SIGSTOP)
        time.sleep(0.05)
        if attempt.exists():
            os.kill(pid, signal.SIGKILL)
            killed.append(attempt.name)
            return
        os.kill(pid, signal.SIGCONT)


def test_workers_of_a_cluster_make_what_one_process_makes(tmp_path: Path, local_hash: str) -> None:
    manifest = build(scenes_plan(tmp_path / "out", engine="ray"))
    assert manifest["content_hash"] == local_hash
    assert list(find_faults(tmp_path / "out")) == []
    assert not (tmp_path / "out" / ".work" / "rows").exists()


def test_a_worker_that_is_killed_in_the_middle_changes_nothing(tmp_path: Path, local_hash: str) -> None:
    killed: list[str] = []
    plan = scenes_plan(tmp_path / "out", engine="ray")
    killer = threading.Thread(target=kill_one_worker, args=(plan.work, killed))
    killer.start()
    manifest = build(plan)
    killer.join()
    assert killed
    assert manifest["content_hash"] == local_hash
    assert manifest["rows"] == load_manifest(tmp_path / "out")["rows"]


COMMAND = """
import sys
from pathlib import Path
from tldr_data.building.plan import Plan
from tldr_data.pipeline import build
build(Plan(taxonomies=("spatial", "attribute"), out=Path(sys.argv[1]), limit=60, chunk_rows=6, workers=2, engine="ray"))
"""


def test_a_killed_build_takes_its_workers_with_it_and_is_continued(
    tmp_path: Path, local_hash: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = scenes_plan(tmp_path / "out", engine="ray")
    driver = subprocess.Popen([sys.executable, "-c", COMMAND, str(plan.out)], cwd=ROOT)
    while len(list((plan.work / "chunks").glob("*/done.json"))) < 2 and driver.poll() is None:
        time.sleep(0.01)
    # Ray's agents, which only look on, follow when they notice
    children = psutil.Process(driver.pid).children(recursive=True)
    started = [child for child in children if "Agent" not in child.name()]
    assert started
    driver.kill()
    driver.wait()
    _, alive = psutil.wait_procs(started, timeout=60)
    assert alive == []
    assert not (plan.out / "manifest.json").exists()
    reports: list[ChunkReport] = []
    monkeypatch.setattr(BuildProgress, "add", lambda self, report: reports.append(report))
    assert build(plan)["content_hash"] == local_hash
    assert sum(not report.is_new for report in reports) >= 2
    assert sum(report.rows for report in reports) == 60


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


def asked_plan(path: Path, out: Path, url: str, **changes: object) -> Plan:
    llm = LlmPlan(backend="openai", model="tiny", base_url=url)
    names = ("spatial", "attribute", "counting")
    settings = {"sources": (SourcePlan("jsonl", path),), "limit": 24, "chunk_rows": 4, "taxonomies": names, "llm": llm}
    return scenes_plan(out, **{**settings, **changes})


def test_what_a_model_wrote_is_the_same_over_the_http_stage(
    tmp_path: Path, captions_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = "sk-secret-of-the-test"
    monkeypatch.setenv("OPENAI_API_KEY", key)
    with server("--key", key) as url:
        local = build(asked_plan(captions_file, tmp_path / "local", url))
        manifest = build(asked_plan(captions_file, tmp_path / "ray", url, engine="ray"))
    assert manifest["content_hash"] == local["content_hash"]
    assert manifest["llm"]["requests"] == local["llm"]["requests"]
    assert (tmp_path / "ray" / "requests.jsonl.zst").is_file()
    assert list(find_faults(tmp_path / "ray")) == []
    found = [path for path in tmp_path.rglob("*") if path.is_file() and key.encode() in path.read_bytes()]
    assert found == []


def test_a_budget_is_never_passed_and_a_larger_one_continues(tmp_path: Path, captions_file: Path) -> None:
    with server() as url:
        whole = build(asked_plan(captions_file, tmp_path / "whole", url))
        tokens = whole["llm"]["input_tokens"] + whole["llm"]["output_tokens"]
        plan = asked_plan(captions_file, tmp_path / "out", url, engine="ray", workers=1)
        assert plan.llm
        first = build(replace(plan, llm=replace(plan.llm, budget=f"{tokens * 3 // 4}tok")))
        assert first["stopped"]["unasked"] > 0
        assert tokens / 2 < first["llm"]["input_tokens"] + first["llm"]["output_tokens"] <= tokens * 3 / 4
        assert build(plan)["content_hash"] == whole["content_hash"]
        with urllib.request.urlopen(url.removesuffix("/v1") + "/counts") as answer:
            asked = json.loads(answer.read())["by_body"]
    assert max(asked.values()) == 2  # by either build


def half(number: int) -> float:
    return 1 / (number - 7)


def test_jobs_give_their_results_in_order_and_their_errors_in_one_line() -> None:
    with cluster(2) as workers:
        assert workers == 2
        assert list(run_jobs(float, range(5), workers)) == [0, 1, 2, 3, 4]
        assert list(run_jobs(float, [], workers)) == []
        with pytest.raises(BuildError, match=r"^ZeroDivisionError: "):
            list(run_jobs(half, range(10), workers))
        with pytest.raises(InputError, match="missing"):
            list(run_jobs(refuse, ["missing"], workers))


def refuse(name: str) -> None:
    raise InputError(f"{name} cannot be read")


def test_a_target_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="--target"):
        build(scenes_plan(tmp_path / "out", engine="ray", target=5))
