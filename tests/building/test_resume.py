import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

import tldr_data
import tldr_data.pipeline
from tldr_data.building.plan import Plan
from tldr_data.check import find_faults
from tldr_data.errors import InputError, UsageError
from tldr_data.manifest import load_manifest
from tldr_data.pipeline import build

MakePlan = Callable[..., Plan]
Contents = Callable[[Path], dict[str, bytes]]
KILL = getattr(signal, "SIGKILL", signal.SIGTERM)

BUILD = """
import os, sys
from pathlib import Path
sys.path.insert(0, {root})
from tldr_data.pipeline import build
from tldr_data.building.plan import Plan, SourcePlan

def main(path, out, workers, chunk_rows, death):
    calls = 0
    def dying(function):
        def call(*arguments):
            nonlocal calls
            calls += 1
            if calls == death:
                os.kill(os.getpid(), {kill})
            return function(*arguments)
        return call
    os.replace, os.fsync = dying(os.replace), dying(os.fsync)
    build(Plan(taxonomies=("spatial", "attribute"), sources=(SourcePlan("jsonl", Path(path)),), out=Path(out), seed=1,
               workers=workers, chunk_rows=chunk_rows))
    print(calls)

if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], *map(int, sys.argv[3:]))
"""


@pytest.fixture(scope="module")
def script(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Builds in a process of its own that kills itself at its n-th fsync or rename; 0 is never."""
    path = tmp_path_factory.mktemp("script") / "build_script.py"
    root = str(Path(tldr_data.__file__).parents[1])
    path.write_text(BUILD.replace("{kill}", str(int(KILL))).replace("{root}", repr(root)), encoding="utf-8")
    return path


def command(script: Path, path: Path, out: Path, workers: int = 1, chunk_rows: int = 40, death: int = 0) -> list[str]:
    return [sys.executable, str(script), str(path), str(out), str(workers), str(chunk_rows), str(death)]


@pytest.fixture(scope="module")
def moments(script: Path, captions_file: Path, tmp_path_factory: pytest.TempPathFactory) -> int:
    """How often a whole build makes something lasting."""
    out = tmp_path_factory.mktemp("whole") / "out"
    whole = subprocess.run(command(script, captions_file, out), check=True, capture_output=True, text=True)
    return int(whole.stdout)


# 3 chunks; about 30 moments at which something becomes lasting: in the first and the last chunk, while merging, and
# between the moves of the finished files
@pytest.mark.parametrize("share", [0.05, 0.3, 0.5, 0.8, 0.93, 0.99])
def test_killed_at_any_moment_the_same_command_ends_with_the_same_bytes(
    share: float, moments: int, built: Path, captions_file: Path, tmp_path: Path, script: Path, contents: Contents
) -> None:
    out = tmp_path / "out"
    # the very last of them comes after the manifest
    death = 1 + int(share * (moments - 2))
    killed = subprocess.run(command(script, captions_file, out, death=death), capture_output=True)
    assert killed.returncode not in (0, 1)
    with pytest.raises(InputError, match=r"unfinished build|no such folder"):
        list(find_faults(out))
    subprocess.run(command(script, captions_file, out), check=True, capture_output=True)
    assert contents(out) == contents(built)


def test_killed_between_the_manifest_and_the_end_it_is_whole(
    built: Path,
    captions_file: Path,
    tmp_path: Path,
    make_plan: MakePlan,
    contents: Contents,
    monkeypatch: pytest.MonkeyPatch,
) -> None:

    with monkeypatch.context() as patch:
        patch.setattr(tldr_data.pipeline, "clear_work", interrupt)
        with pytest.raises(KeyboardInterrupt):
            build(make_plan(captions_file, tmp_path / "out"))
    assert (tmp_path / "out" / ".work").is_dir()
    assert list(find_faults(tmp_path / "out")) == []
    build(make_plan(captions_file, tmp_path / "out"))
    assert contents(tmp_path / "out") == contents(built)


def interrupt(*_: object) -> None:
    raise KeyboardInterrupt


def stop_at_work(folder: Path) -> None:
    if folder.name == ".work":
        raise KeyboardInterrupt


@pytest.mark.slow
def test_killed_at_random_times_with_two_workers(
    built: Path, captions_file: Path, tmp_path: Path, script: Path, contents: Contents
) -> None:
    rng = random.Random(5)
    out = tmp_path / "out"
    for _ in range(5):
        process = subprocess.Popen(
            command(script, captions_file, out, workers=2, chunk_rows=6),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        time.sleep(rng.uniform(0.4, 3.5))
        os.kill(process.pid, KILL)
        process.wait()
    subprocess.run(command(script, captions_file, out, workers=2, chunk_rows=6), check=True, capture_output=True)
    assert contents(out) == contents(built)


@pytest.mark.skipif(not hasattr(os, "killpg"), reason="looks at processes the POSIX way")
def test_workers_die_with_a_killed_parent(captions_file: Path, tmp_path: Path, script: Path) -> None:
    process = subprocess.Popen(
        command(script, captions_file, tmp_path / "out", workers=2, chunk_rows=2),
        start_new_session=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    deadline = time.monotonic() + 60
    while not list(tmp_path.glob("out/.work/chunks/*/done.json")) and time.monotonic() < deadline:
        time.sleep(0.02)
    os.kill(process.pid, KILL)
    process.wait()
    while time.monotonic() < deadline:
        try:
            os.killpg(process.pid, 0)
        except ProcessLookupError:
            return
        time.sleep(0.05)
    os.killpg(process.pid, KILL)
    pytest.fail("workers outlived their parent")


def test_done_chunks_are_not_made_again(
    captions_file: Path, tmp_path: Path, make_plan: MakePlan, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tldr_data.building.chunks import ChunkBuilder
    from tldr_data.building.parts import ChunkReport, Job

    made: list[int] = []
    build_chunk = ChunkBuilder.build

    async def stopping(self: ChunkBuilder, job: Job) -> ChunkReport:
        if len(made) == 5:
            made.append(-1)
            raise KeyboardInterrupt
        made.append(int(job.folder.name.removeprefix("1-")))
        return await build_chunk(self, job)

    monkeypatch.setattr(ChunkBuilder, "build", stopping)
    with pytest.raises(KeyboardInterrupt):
        build(make_plan(captions_file, tmp_path / "out"))
    build(make_plan(captions_file, tmp_path / "out", resume="require"))
    assert made == [0, 1, 2, 3, 4, -1, 5, 6, 7, 8, 9, 10, 11]


def test_a_chunk_without_its_marker_is_made_again(
    built: Path,
    captions_file: Path,
    tmp_path: Path,
    make_plan: MakePlan,
    contents: Contents,
    monkeypatch: pytest.MonkeyPatch,
) -> None:

    plan = make_plan(captions_file, tmp_path / "out")
    with monkeypatch.context() as patch:
        patch.setattr(tldr_data.pipeline, "_merge", interrupt)
        with pytest.raises(KeyboardInterrupt):
            build(plan)
    chunk = plan.work / "chunks" / "1-000004"
    (chunk / "done.json").unlink()
    (chunk / "rows" / "clean.arrow").write_bytes((chunk / "rows" / "clean.arrow").read_bytes()[:100])
    (chunk / "done.json.77.tmp").write_text("[", encoding="utf-8")
    build(plan)
    assert contents(plan.out) == contents(built)


@pytest.mark.parametrize(
    ("changes", "difference"),
    [
        ({"seed": 2}, "seed is 1 there, 2 here"),
        ({"limit": 5}, "limit is None there, 5 here"),
        ({"taxonomies": ("spatial",)}, "taxonomies: attribute is .* there, None here"),
        ({"embed_images": "no"}, "embed_images is auto there, no here"),
    ],
)
@pytest.mark.parametrize("resume", ["auto", "never", "require"])
def test_the_folder_of_another_build_is_left_alone(
    resume: str,
    changes: dict[str, object],
    difference: str,
    built: Path,
    captions_file: Path,
    make_plan: MakePlan,
    contents: Contents,
) -> None:
    before = contents(built)
    with pytest.raises(UsageError, match=f"holds another build \\({difference}\\)"):
        build(make_plan(captions_file, built, **{**changes, "resume": resume}))
    assert contents(built) == before


def test_other_input_is_another_build(built: Path, captions_file: Path, tmp_path: Path, make_plan: MakePlan) -> None:
    (tmp_path / "input").mkdir()
    (tmp_path / "input" / "images").symlink_to(captions_file.parent / "images")
    copy = tmp_path / "input" / captions_file.name
    copy.write_bytes(captions_file.read_bytes().replace(b"ball", b"cube"))
    with pytest.raises(UsageError, match="sources is"):
        build(make_plan(copy, built))


def test_a_build_inside_its_own_input_is_found_again(captions: Callable[[int], Path], make_plan: MakePlan) -> None:
    folder = captions(6).parent
    plan = make_plan(folder, folder / "out" / "built")
    assert build(plan) == build(plan)


def test_a_folder_with_other_files_is_left_alone(captions_file: Path, tmp_path: Path, make_plan: MakePlan) -> None:
    (tmp_path / "thesis.tex").write_text("years of work", encoding="utf-8")
    with pytest.raises(UsageError, match="is not empty and holds no build"):
        build(make_plan(captions_file, tmp_path, resume="never"))
    with pytest.raises(UsageError, match="is a file"):
        build(make_plan(captions_file, tmp_path / "thesis.tex"))
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.tex"]


def test_require_needs_something_to_continue(captions_file: Path, tmp_path: Path, make_plan: MakePlan) -> None:
    with pytest.raises(UsageError, match="nothing to continue"):
        build(make_plan(captions_file, tmp_path / "out", resume="require"))
    assert not (tmp_path / "out").exists()


def test_never_starts_anew(
    built: Path, captions_file: Path, tmp_path: Path, make_plan: MakePlan, contents: Contents
) -> None:
    out = tmp_path / "out"
    build(make_plan(captions_file, out))
    (out / "clean" / "train-00001-of-00002.parquet").write_bytes(b"stale")
    (out / "README.md").write_text("gone", encoding="utf-8")
    build(make_plan(captions_file, out))
    assert (out / "README.md").read_text(encoding="utf-8") == "gone"
    build(make_plan(captions_file, out, resume="never"))
    assert contents(out) == contents(built)
    assert load_manifest(out) == load_manifest(built)
