"""A chunk as a worker of a cluster makes it, here without one."""

import shutil
from pathlib import Path

import pytest

from tldr_data.building.parts import done_report
from tldr_data.building.plan import LlmPlan, Plan
from tldr_data.building.ray_chunks import DEATHS, ChunkMaker, Shard, write_shards
from tldr_data.building.ray_engine import check_ray
from tldr_data.building.usages import write_usages
from tldr_data.building.workers import sources_of
from tldr_data.errors import BuildError, UsageError


def a_plan(out: Path) -> Plan:
    return Plan(taxonomies=("attribute",), out=out, limit=6, chunk_rows=3)


def shards_of(plan: Plan) -> list[Shard]:
    source, taxonomies = sources_of(plan)
    write_usages(source, taxonomies, plan.work)
    return [shard for shard, report in write_shards(plan, source, {"attribute": 1}) if report is None]


def test_a_chunk_comes_into_its_place_as_a_whole(tmp_path: Path) -> None:
    plan = a_plan(tmp_path / "out")
    shards = shards_of(plan)
    assert len(shards) == 2
    report = ChunkMaker(plan)(shards[0])
    assert (report.rows, report.is_new) == (3, True)
    assert done_report(shards[0].folder) is not None
    assert list((plan.work / "attempts").iterdir()) == []
    assert shards_of(plan) == shards[1:]


def test_a_chunk_that_is_there_is_not_made_again(tmp_path: Path) -> None:
    plan = a_plan(tmp_path / "out")
    shard = shards_of(plan)[0]
    report = ChunkMaker(plan)(shard)
    shard.rows.unlink()
    assert ChunkMaker(plan)(shard) == report
    (shard.folder / "entries.arrow").unlink()
    with pytest.raises(FileNotFoundError):
        ChunkMaker(plan)(shard)


def test_a_half_chunk_is_replaced(tmp_path: Path) -> None:
    plan = a_plan(tmp_path / "out")
    shard = shards_of(plan)[0]
    shard.folder.mkdir(parents=True)
    (shard.folder / "entries.arrow").write_text("half")
    report = ChunkMaker(plan)(shard)
    assert done_report(shard.folder) == report._replace(is_new=False)


def test_a_chunk_that_workers_die_of_stops_the_build(tmp_path: Path) -> None:
    plan = a_plan(tmp_path / "out")
    shard = shards_of(plan)[0]
    for number in range(DEATHS):
        (plan.work / "attempts" / f"{shard.folder.name}.{number}.x").mkdir(parents=True)
    with pytest.raises(BuildError, match="5 worker processes died over chunk 1-000000"):
        ChunkMaker(plan)(shard)
    shutil.rmtree(plan.work / "attempts")
    assert ChunkMaker(plan)(shard).rows == 3


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"target": 5}, "--target"),
        ({"llm": LlmPlan(backend="vllm", budget="5Mtok")}, "--budget"),
        ({"llm": LlmPlan(backend="vllm", judges="image")}, "--judge image"),
    ],
)
def test_what_a_cluster_cannot_do_is_refused(
    changes: dict[str, object], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dataclasses import replace

    from tldr_data.building import ray_engine

    plan = replace(a_plan(tmp_path), **changes)  # type: ignore[arg-type]
    monkeypatch.setattr(ray_engine, "find_spec", lambda name: "there")
    check_ray(a_plan(tmp_path))
    with pytest.raises(UsageError, match=said):
        check_ray(plan)
    monkeypatch.setattr(ray_engine, "find_spec", lambda name: None)
    with pytest.raises(UsageError, match=r"pip install 'tldr-data\[ray\]'"):
        check_ray(plan)
