"""Rows that are left out when a build is put together, though nothing speaks against them by themselves."""

import json
import random
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tldr_data.building.plan import Plan, SourcePlan
from tldr_data.check import find_faults
from tldr_data.dataset import read_rows
from tldr_data.manifest import load_manifest
from tldr_data.pipeline import build

TAXONOMY = """
name: looks
definition: d
origin: o
subtypes:
  colour: {definition: d, rule: adjective, groups: [[red, blue, green]]}
  material: {definition: d, rule: adjective, swaps: {wooden: [glass]}, max_share: 0.25}
"""


def plan_of(folder: Path, texts: list[str], **more: Any) -> Plan:
    rows = [{"id": f"r{n}", "response": text, "license": "cc0-1.0"} for n, text in enumerate(texts)]
    (folder / "rows.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    (folder / "looks.yaml").write_text(TAXONOMY, encoding="utf-8")
    return Plan(
        taxonomies=(str(folder / "looks.yaml"),),
        out=folder / "out",
        sources=(SourcePlan("jsonl", folder / "rows.jsonl"),),
        chunk_rows=16,
        **more,
    )


def rejected(plan: Plan) -> list[dict[str, Any]]:
    path = plan.out / "rejected" / "looks.jsonl"
    return [json.loads(line) for line in path.read_bytes().splitlines()] if path.is_file() else []


@pytest.fixture
def texts() -> list[str]:
    rng = random.Random("texts")
    coloured = [f"There is a {rng.choice(('red', 'blue', 'green'))} thing, number {n}." for n in range(120)]
    return [*coloured, *(f"There is a wooden thing, number {n}." for n in range(60))]


def test_a_subtype_keeps_its_share(tmp_path: Path, texts: list[str]) -> None:
    plan = plan_of(tmp_path, texts)
    manifest = build(plan)
    kept = [row["subtype"] for _, row in read_rows(plan.out, "looks")]
    assert kept.count("colour") == 120
    assert kept.count("material") == 40
    left = rejected(plan)
    assert {(row["reason"], row["subtype"]) for row in left} == {("over_share", "material")}
    counts = manifest["taxonomies"]["looks"]
    assert (counts["accepted"], counts["left_out"], counts["yield"]) == (160, 20, 1.0)
    assert not list(find_faults(plan.out))


def test_what_the_probe_is_sure_of_goes_and_the_rest_is_harder(tmp_path: Path, texts: list[str]) -> None:
    # "glass" stands in no true text: the probe knows it by itself
    first = build(plan_of(tmp_path, texts))
    plan = plan_of(tmp_path, texts, max_guessability=0.7, resume="never")
    # another recipe into another folder
    again = build(replace(plan, out=tmp_path / "strict"))
    kept = [row["subtype"] for _, row in read_rows(tmp_path / "strict", "looks")]
    assert "material" not in kept
    assert kept.count("colour") > 60
    assert again["rejected"]["looks"]["guessable"] >= 60
    assert again["shortcuts"]["words"]["auc"] < first["shortcuts"]["words"]["auc"]
    assert again["taxonomies"]["looks"]["yield"] == 1.0


def test_the_same_rows_are_chosen_whatever_the_chunks(tmp_path: Path, texts: list[str]) -> None:
    hashes = set()
    for size in (7, 64):
        folder = tmp_path / str(size)
        folder.mkdir()
        plan = plan_of(folder, texts, max_guessability=0.75)
        hashes.add(build(replace(plan, chunk_rows=size))["content_hash"])
    assert len(hashes) == 1


def test_a_target_is_met_with_more_of_each_text_whatever_the_workers(
    captions_file: Path, tmp_path: Path, make_plan: Callable[..., Plan], contents: Callable[[Path], dict[str, bytes]]
) -> None:
    for workers in (1, 2):
        build(make_plan(captions_file, tmp_path / str(workers), limit=30, target=45, chunk_rows=4, workers=workers))
    assert contents(tmp_path / "1") == contents(tmp_path / "2")
    manifest = load_manifest(tmp_path / "1")
    assert list(find_faults(tmp_path / "1")) == []
    assert manifest["taxonomies"]["attribute"]["accepted"] == 45
    assert manifest["taxonomies"]["attribute"]["sites"] <= 30 < manifest["taxonomies"]["attribute"]["tried"]


def test_a_target_that_cannot_be_met_is_said_and_one_that_is_met_early_ends_the_build(
    captions_file: Path, tmp_path: Path, make_plan: Callable[..., Plan]
) -> None:
    out = tmp_path / "out"
    build(make_plan(captions_file, out, limit=4, target=1000, chunk_rows=4))
    manifest = load_manifest(out)
    assert manifest["short"] == {name: 1000 - of["accepted"] for name, of in manifest["taxonomies"].items()}
    build(make_plan(captions_file, tmp_path / "early", target=2, chunk_rows=1))
    early = load_manifest(tmp_path / "early")
    assert {of["accepted"] for of in early["taxonomies"].values()} == {2}
    assert sum(early["rows"]["clean"].values()) < 60
