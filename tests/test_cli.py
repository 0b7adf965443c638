"""The command line from outside: exit statuses, one line for what is wrong, and what goes where."""

import io
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tldr_data import __version__, cli
from tldr_data.errors import BuildError, InputError, RowError, UsageError

CAPTION = {"response": "Two small red dogs are standing to the left of a wooden table.", "license": "CC0-1.0"}


def run(*arguments: str | Path, input: str = "") -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tldr_data.cli", *map(str, arguments)]
    return subprocess.run(command, input=input, capture_output=True, text=True, encoding="utf-8")


@pytest.fixture
def captions(tmp_path: Path) -> Path:
    path = tmp_path / "captions.jsonl"
    texts = (CAPTION["response"].replace("table", f"table of Villa{n} near Mount{n}") for n in range(30))
    rows = ({**CAPTION, "response": text, "id": f"made/{n}", "group": f"made/{n}"} for n, text in enumerate(texts))
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def in_process(monkeypatch: pytest.MonkeyPatch, *arguments: str | Path) -> int:
    """Exit status of ``main``, without the cost of a process."""
    monkeypatch.setattr(sys, "argv", ["tldr-data", *map(str, arguments)])
    with pytest.raises(SystemExit) as stopped:
        cli.main()
    assert isinstance(stopped.value.code, int)
    return stopped.value.code


def test_build_show_report_check(captions: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    built = run(
        "build",
        "--taxonomy",
        "spatial",
        "--source",
        "jsonl",
        "--path",
        captions,
        "--out",
        out,
        "--workers",
        1,
        "--json",
    )
    assert built.returncode == 0, built.stderr
    summary = json.loads(built.stdout)
    assert summary["out"] == str(out)
    assert sum(summary["rows"]["clean"].values()) == 30
    assert f"done: {out}" in built.stderr
    assert "spatial: site in 100.0% (88.6 to 100.0, n = 30) of references" in built.stderr
    assert "\x1b" not in built.stderr

    shown = run("show", out, "--taxonomy", "spatial", "--limit", 2)
    assert shown.returncode == 0
    assert shown.stdout.count("{was: ") == 2
    assert shown.stderr == ""
    assert run("report", out).stdout == f"{out / 'report.html'}\n"
    checked = run("check", out, "--json")
    found = json.loads(checked.stdout)
    assert (checked.returncode, found["ok"], found["faults"]) == (0, True, [])
    assert {leak["leaking"] for leak in found["leaks"]} == {0}
    (out / "manifest.json").unlink()
    for command in ("check", "show", "report"):
        failed = run(command, out)
        assert failed.returncode == 1
        assert failed.stdout == ""
        assert failed.stderr == f"tldr-data: {out}: no manifest.json, so this is no finished build\n"


def test_faults_are_lines_on_stdout_and_exit_status_1(captions: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert run("build", "--taxonomy", "spatial", "--source", "jsonl", "--path", captions, "--out", out).returncode == 0
    (out / "rejected").mkdir(exist_ok=True)
    for path in (out / "clean").iterdir():
        path.unlink()
    checked = run("check", out)
    assert checked.returncode == 1
    lines = checked.stdout.splitlines()
    assert any(line.endswith(": is missing") for line in lines)
    assert checked.stderr.splitlines()[-1] == f"{out}: {len(lines)} faults"
    assert "groups: 30 found, 0 leaking" in checked.stderr


@pytest.mark.parametrize(
    ("arguments", "status", "told"),
    [
        (["build"], 2, "Missing option '--taxonomy'"),
        (["build", "--taxonomy", "spatail"], 2, "spatail"),
        (["build", "--taxonomy", "spatial", "--source", "cocoa"], 2, "unknown source 'cocoa': allowed are scenes"),
        (["build", "--taxonomy", "spatial", "--source", "jsonl"], 2, "needs --path"),
        (["build", "--taxonomy", "spatial", "--perturber", "llm"], 2, "--perturber llm and --llm"),
        (["build", "--taxonomy", "spatial", "--workers", "0"], 2, "--workers"),
        (["build", "--taxonomy", "spatial", "--resume", "maybe"], 2, "'auto', 'never', 'require'"),
        (["build", "--taxonomy", "spatial", "--source", "jsonl", "--path", "nowhere"], 1, "nowhere"),
        (["burn"], 2, "burn"),
        (["show", "nowhere"], 1, "nowhere: no such folder"),
        (["label", "nowhere.jsonl"], 1, "nowhere.jsonl: no such file"),
        (["filter", "nowhere.jsonl"], 1, "nowhere.jsonl: no such file"),
        (["label", "."], 1, ".: is a folder; expected a file of JSON lines"),
        (["taxonomies", "spatail"], 2, "spatail"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_a_wrong_call_is_one_line(
    arguments: list[str],
    status: int,
    told: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    assert in_process(monkeypatch, *arguments) == status
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1
    assert err.startswith("tldr-data: ")
    assert told in err
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("error", "status", "line"),
    [
        (UsageError("no"), 2, "tldr-data: no\n"),
        (InputError("no\nsuch file"), 1, "tldr-data: no such file\n"),
        (RowError("odd", "row 1: odd"), 1, "tldr-data: row 1: odd\n"),
        (BuildError("stopped"), 1, "tldr-data: stopped\n"),
        (PermissionError(13, "Permission denied", "a.jsonl"), 1, "tldr-data: a.jsonl: Permission denied\n"),
        (OSError(28, "No space left on device"), 1, "tldr-data: No space left on device\n"),
        (RecursionError(), 1, "tldr-data: the input is nested too deeply\n"),
    ],
)
def test_what_goes_wrong_is_one_line(
    error: Exception, status: int, line: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr("tldr_data.report.write_report", fail)
    assert in_process(monkeypatch, "report", ".") == status
    assert capsys.readouterr().err == line


def test_faults_of_ours_are_not_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("tldr_data.report.write_report", fail)
    monkeypatch.setattr(sys, "argv", ["tldr-data", "report", "."])
    with pytest.raises(ZeroDivisionError):
        cli.main()


@pytest.mark.skipif(sys.platform == "win32", reason="Ctrl-C is no signal to send there")
@pytest.mark.parametrize("workers", [1, 2])
def test_ctrl_c_is_130_and_the_same_command_continues(workers: int, tmp_path: Path) -> None:
    path, out = tmp_path / "captions.jsonl", tmp_path / "out"
    with path.open("w", encoding="utf-8") as file:
        for number in range(20_000):
            file.write(json.dumps({**CAPTION, "id": f"made/{number}"}) + "\n")
    command = [sys.executable, "-m", "tldr_data.cli", "build", "--taxonomy", "spatial", "--source", "jsonl"]
    command += ["--path", str(path), "--out", str(out), "--workers", str(workers)]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, encoding="utf-8", start_new_session=True)
    deadline = time.monotonic() + 60
    while not list(out.glob(".work/chunks/*/done.json")) and time.monotonic() < deadline:
        time.sleep(0.05)
    os.killpg(process.pid, signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert err.splitlines()[-1].startswith("tldr-data: stopped;")
    assert "the same command continues" in err
    assert "Traceback" not in err
    assert list(out.glob(".work/chunks/*/done.json"))


@pytest.mark.skipif(sys.platform == "win32", reason="pipes end otherwise there")
def test_a_closed_pipe_is_no_traceback() -> None:
    command = f"'{sys.executable}' -m tldr_data.cli taxonomies attribute | head -1"
    done = subprocess.run(command, shell=True, capture_output=True, text=True, encoding="utf-8")
    assert done.stderr == ""


def test_taxonomies(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert in_process(monkeypatch, "taxonomies") == 0
    names = [line.split("\t")[0] for line in capsys.readouterr().out.splitlines()]
    assert {"spatial", "counting", "attribute", "small_object"} <= set(names)
    assert in_process(monkeypatch, "taxonomies", "--json") == 0
    assert [taxonomy["name"] for taxonomy in json.loads(capsys.readouterr().out)] == names
    assert in_process(monkeypatch, "taxonomies", "spatial") == 0
    assert capsys.readouterr().out.startswith("name: spatial\n")


def test_version_and_help(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert in_process(monkeypatch, "--version") == 0
    assert capsys.readouterr().out == f"{__version__}\n"
    assert in_process(monkeypatch) == 0
    help_text = capsys.readouterr().out
    assert all(
        command in help_text for command in ("build", "label", "filter", "show", "report", "check", "taxonomies")
    )


def test_build_has_the_options_of_the_design_and_no_other(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert in_process(monkeypatch, "build", "--help") == 0
    options = [
        word for line in capsys.readouterr().out.splitlines() for word in line.split()[:1] if word.startswith("--")
    ]
    assert options == [
        "--taxonomy", "--source", "--path", "--perturber", "--llm", "--model", "--base-url", "--ask", "--judge",
        "--nli", "--requests", "--budget", "--prices", "--target", "--dry-run", "--limit", "--questions",
        "--seed", "--splits", "--held-out", "--out", "--resume", "--workers", "--engine", "--embed-images",
        "--paraphrase-ratio", "--max-guessability", "--pairs", "--config", "--from-manifest", "--json", "--help",
    ]  # fmt: skip


def test_label_and_filter_read_stdin_and_tell_bad_rows() -> None:
    row = json.dumps({"reference": "A red cup.", "response": "A blue cup."})
    for command in ("label", "filter"):
        done = run(command, "-", input=f"{row}\n{{broken\n")
        assert done.returncode == 1
        assert len(done.stdout.splitlines()) == 2
        assert done.stderr.startswith("tldr-data: 1 row came back with an error, the first: broken JSON")
        assert done.stderr.count("\n") == 1
        assert run(command, "-", input=f"{row}\n").returncode == 0


@pytest.mark.skipif(sys.platform == "win32", reason="another shell")
@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ("label - <&-", "standard input is closed; expected an open file or pipe"),
        ("filter - >&-", "standard output is closed; expected an open file or pipe"),
        ("show . >&-", "standard output is closed; expected an open file or pipe"),
    ],
)
def test_closed_streams_are_one_line(arguments: str, told: str) -> None:
    command = f"'{sys.executable}' -m tldr_data.cli {arguments}"
    done = subprocess.run(command, shell=True, capture_output=True, text=True, encoding="utf-8")
    assert (done.returncode, done.stderr) == (1, f"tldr-data: {told}\n")


@pytest.mark.skipif(sys.platform == "win32", reason="no such path there")
def test_label_reads_a_pipe() -> None:
    assert "reference is missing" in run("label", "/dev/stdin", input="{}\n").stdout


def test_only_a_stopped_build_continues(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("tldr_data.label.label_file", stop)
    assert in_process(monkeypatch, "label", "-") == 130
    assert capsys.readouterr().err == "tldr-data: stopped\n"


@pytest.mark.parametrize("stream", ["ascii", "utf-8"])
def test_what_cannot_be_printed_is_escaped(stream: str, monkeypatch: pytest.MonkeyPatch) -> None:
    printed = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(printed, stream, write_through=True))
    monkeypatch.setattr("tldr_data.report.write_report", lambda _: "a \ud800")
    assert in_process(monkeypatch, "report", ".") == 0
    assert printed.getvalue().split() == [b"a", rb"\ud800"]


def test_odd_source_rows_stop_nothing_and_are_told_in_the_exit_status(captions: Path, tmp_path: Path) -> None:
    path = tmp_path / "odd.jsonl"
    path.write_text(captions.read_text(encoding="utf-8") + '{"response": "A broken\n', encoding="utf-8")
    done = run("build", "--taxonomy", "spatial", "--source", "jsonl", "--path", path, "--out", tmp_path / "out")
    assert done.returncode == 1
    assert run("check", tmp_path / "out").returncode == 0
    assert len((tmp_path / "out" / "rejected" / "source.jsonl").read_text(encoding="utf-8").splitlines()) == 1
