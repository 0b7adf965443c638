"""Rows that are left out when a build is put together, though nothing speaks against them by themselves."""

import json
import random
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tldr_data.building.recipe import Plan
from tldr_data.check import find_faults
from tldr_data.dataset import read_rows
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
        source="jsonl",
        path=folder / "rows.jsonl",
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
