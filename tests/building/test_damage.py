"""Folders that were damaged, shared or left half-way: nothing is lost, and nobody's file is."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import tldr_data.pipeline
from tldr_data.building import recipe
from tldr_data.building.lock import only_build
from tldr_data.building.plan import Plan
from tldr_data.building.recipe import path_digest
from tldr_data.check import find_faults
from tldr_data.dataset import read_rows
from tldr_data.errors import BuildError, UsageError
from tldr_data.pipeline import build

Captions = Callable[..., Path]
MakePlan = Callable[..., Plan]
Contents = Callable[[Path], dict[str, bytes]]


def interrupt(*_: object) -> None:
    raise KeyboardInterrupt


def stop(plan: Plan, monkeypatch: pytest.MonkeyPatch, module: object, name: str) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(module, name, interrupt)
        with pytest.raises(KeyboardInterrupt):
            build(plan)


HOLD = "import sys, pathlib, tldr_data.building.lock as lock\nwith lock.only_build(pathlib.Path(sys.argv[1])):\n"
HOLD += "    print('held', flush=True)\n    input()"


def test_a_second_build_is_refused_until_the_first_is_gone(
    captions: Captions, tmp_path: Path, make_plan: MakePlan
) -> None:
    plan = make_plan(captions(4), tmp_path / "out")
    environment = {**os.environ, "PYTHONPATH": str(Path(tldr_data.__file__).parents[1])}
    command = [sys.executable, "-c", HOLD, str(plan.work)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment) as holder:
        assert holder.stdout is not None
        holder.stdout.readline()
        with pytest.raises(UsageError, match="another build is writing into it"):
            build(plan)
        holder.kill()
    build(plan)
    assert not plan.work.exists()


def test_a_lock_leaves_nothing_behind(tmp_path: Path) -> None:
    with only_build(tmp_path / ".work"), pytest.raises(UsageError), only_build(tmp_path / ".work"):
        pass
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", ["rows/clean.arrow", "entries.arrow", "images.arrow", "done.json"])
@pytest.mark.parametrize("keep", [None, 0, 100, -1])
def test_a_damaged_chunk_is_made_again(
    name: str,
    keep: int | None,
    built: Path,
    captions_file: Path,
    tmp_path: Path,
    make_plan: MakePlan,
    contents: Contents,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    plan = make_plan(captions_file, tmp_path / "out", chunk_rows=60)
    stop(plan, monkeypatch, tldr_data.pipeline, "_merge")
    part = plan.work / "chunks" / "1-000001" / name
    data = part.read_bytes()
    if keep is None:
        part.unlink()
    else:
        part.write_bytes(data[:keep] if keep >= 0 else data[:50] + bytes([data[50] ^ 1]) + data[51:])
    build(plan)
    assert contents(plan.out) == contents(built)


@pytest.mark.parametrize("name", ["write_json", "clear_work", "clear_folder"])
def test_never_killed_at_any_moment_is_known_as_ours(
    name: str, captions: Captions, tmp_path: Path, make_plan: MakePlan, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = captions(6)
    build(make_plan(path, tmp_path / "out"))
    never = make_plan(path, tmp_path / "out", resume="never")
    stop(never, monkeypatch, recipe, name)
    (never.out / "manifest.json").unlink()
    if name == "clear_folder":
        build(make_plan(path, tmp_path / "out"))
        assert list(find_faults(never.out)) == []


def test_never_leaves_the_files_of_others(captions: Captions, tmp_path: Path, make_plan: MakePlan) -> None:
    path = captions(6)
    build(make_plan(path, tmp_path / "out"))
    notes = tmp_path / "out" / "clean" / "notes.txt"
    notes.write_text("mine", encoding="utf-8")
    build(make_plan(path, tmp_path / "out", resume="never"))
    assert notes.read_text(encoding="utf-8") == "mine"


def test_the_work_of_another_tool_is_left_alone(captions: Captions, tmp_path: Path, make_plan: MakePlan) -> None:
    theirs = tmp_path / "out" / ".work" / "notes.txt"
    theirs.parent.mkdir(parents=True)
    theirs.write_text("mine", encoding="utf-8")
    with pytest.raises(UsageError, match="holds no build"):
        build(make_plan(captions(4), tmp_path / "out", resume="never"))
    assert theirs.is_file()


@pytest.mark.parametrize("first", ["", '{"response": ""}\n'])
def test_a_failed_first_try_does_not_stand_in_the_way(
    first: str, captions: Captions, tmp_path: Path, make_plan: MakePlan
) -> None:
    path = captions(4)
    text = path.read_text(encoding="utf-8")
    path.write_text(first, encoding="utf-8")
    with pytest.raises(BuildError, match="no row"):
        build(make_plan(path, tmp_path / "out"))
    path.write_text(text, encoding="utf-8")
    build(make_plan(path, tmp_path / "out"))


def test_finished_chunks_of_another_recipe_are_kept(
    captions: Captions, tmp_path: Path, make_plan: MakePlan, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = captions(4)
    stop(make_plan(path, tmp_path / "out"), monkeypatch, tldr_data.pipeline, "_merge")
    with pytest.raises(UsageError, match=r"give another --out, or remove .*\.work$"):
        build(make_plan(path, tmp_path / "out", seed=2))


def test_a_finished_build_that_lost_a_file_is_not_called_done(
    captions: Captions, tmp_path: Path, make_plan: MakePlan
) -> None:
    path = captions(6)
    build(make_plan(path, tmp_path / "out"))
    shard = sorted((tmp_path / "out" / "clean").glob("*.parquet"))[0]
    shard.unlink()
    with pytest.raises(BuildError, match=f"{shard.name}: is missing or damaged; --resume never"):
        build(make_plan(path, tmp_path / "out"))
    build(make_plan(path, tmp_path / "out", resume="never"))
    assert list(find_faults(tmp_path / "out")) == []


@pytest.mark.parametrize("chunk_rows", [1, 100])
@pytest.mark.parametrize("place", ["r0", "r11"])
def test_an_id_that_ends_as_a_derived_one_is_refused(
    place: str, chunk_rows: int, captions: Captions, tmp_path: Path, make_plan: MakePlan
) -> None:
    assert build(make_plan(captions(12), tmp_path / "first"))["unusable"] == {}
    taken = next(row["id"] for _, row in read_rows(tmp_path / "first", "spatial") if row["id"].startswith("made/2#"))
    path = tmp_path / "input" / "captions.jsonl"
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    rows[int(place[1:])]["id"] = taken
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    manifest = build(make_plan(path, tmp_path / "out", chunk_rows=chunk_rows))
    assert manifest["unusable"] == {"reserved_id": 1}
    assert list(find_faults(tmp_path / "out")) == []


def test_only_what_sources_read_is_part_of_the_recipe(captions: Captions, tmp_path: Path, make_plan: MakePlan) -> None:
    path = captions(4)
    before = path_digest(path.parent, tmp_path / "out")
    (path.parent / "run.log").write_text("begun", encoding="utf-8")
    build(make_plan(path, path.parent / "earlier"))
    assert path_digest(path.parent, tmp_path / "out") == before
    (path.parent / "more.jsonl").write_text("{}", encoding="utf-8")
    assert path_digest(path.parent, tmp_path / "out") != before
