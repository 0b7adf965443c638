"""Builds of counterfactual pairs: text alone is worth nothing, and all else holds as for any build."""

import json
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

import pytest

from tldr_data.building.plan import Plan, SourcePlan
from tldr_data.check import find_faults
from tldr_data.dataset import Row, read_rows
from tldr_data.errors import UsageError
from tldr_data.pipeline import build

NAMES = ("attribute", "counting", "spatial")
COLOURS = """
name: colours
definition: d
origin: o
subtypes:
  drawn: {definition: d, rule: adjective, swaps: {blue: [green], green: [blue], red: [blue]}}
  not_drawn: {definition: d, rule: adjective, swaps: {yellow: [gray], purple: [gray]}}
"""


def plan_of(out: Path, **changes: Any) -> Plan:
    settings: dict[str, Any] = {"taxonomies": NAMES, "limit": 24, "seed": 3, "pairs": True}
    settings["sources"] = (SourcePlan("scenes-easy"),)
    return Plan(out=out, **{**settings, **changes})


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("pairs") / "out"
    build(plan_of(out))
    return out


def rows_of(out: Path, names: tuple[str, ...] = NAMES) -> list[tuple[str, Row]]:
    return [pair for name in ("clean", *names) for pair in read_rows(out, name)]


def test_every_text_stands_once_as_true_and_once_as_false(built: Path) -> None:
    of_text: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for _, row in rows_of(built):
        of_text[row["group"], row["response"]].append(row)
    assert len(of_text) >= 2 * 16
    for true, false in (sorted(rows, key=lambda row: str(row["kind"])) for rows in of_text.values()):
        assert (true["kind"], false["kind"]) == ("clean", "perturbed")
        assert true["image_id"] != false["image_id"]
        assert true["words"] == false["words"]
        assert false["errors"]
        assert false["verdict"] == "proved"


def test_every_word_that_an_edit_wrote_is_the_one_that_its_other_half_replaced(built: Path) -> None:
    wrote = Counter(
        (row["group"], row["response"][e["start"] : e["end"]]) for _, row in rows_of(built) for e in row["errors"]
    )
    replaced = Counter((row["group"], e["replaced"]) for _, row in rows_of(built) for e in row["errors"])
    assert wrote == replaced


def test_four_rows_and_two_images_belong_together_in_one_split(built: Path) -> None:
    groups: dict[str, list[tuple[str, Row]]] = defaultdict(list)
    for split, row in rows_of(built):
        groups[row["group"]].append((split, row))
    assert {len(rows) for rows in groups.values()} == {4}
    for rows in groups.values():
        assert len({split for split, _ in rows}) == 1
        assert len({row["image_id"] for _, row in rows}) == 2
        assert len({row["taxonomy"] for _, row in rows if row["taxonomy"]}) == 1
        assert {row["task"] for _, row in rows} == {"caption"}
    manifest = json.loads((built / "manifest.json").read_text(encoding="utf-8"))
    assert sum(manifest["rows"]["images"].values()) == 2 * len(groups)


def test_such_a_build_is_whole(built: Path) -> None:
    assert list(find_faults(built)) == []


def test_its_content_hangs_on_nothing_but_what_was_asked_for(built: Path, tmp_path: Path) -> None:
    again = build(plan_of(tmp_path / "again", chunk_rows=7, taxonomies=tuple(reversed(NAMES))))
    assert again["content_hash"] == json.loads((built / "manifest.json").read_text(encoding="utf-8"))["content_hash"]


def test_a_caption_without_a_second_image_is_left_out_and_counted(tmp_path: Path) -> None:
    (tmp_path / "colours.yaml").write_text(COLOURS, encoding="utf-8")
    plan = plan_of(tmp_path / "out", taxonomies=(str(tmp_path / "colours.yaml"),))
    manifest = build(plan)
    lines = (plan.out / "rejected" / "clean.jsonl").read_text(encoding="utf-8").splitlines()
    left = {record["id"] for record in map(json.loads, lines) if record["reason"] == "no_counterfactual_image"}
    kept = {row["group"] for _, row in read_rows(plan.out, "clean")}
    assert left
    assert kept
    assert not left & kept
    assert len(left | kept) == 24
    assert manifest["unusable"] == {}
    assert {row["subtype"] for _, row in read_rows(plan.out, "colours")} == {"drawn"}


def test_only_what_is_drawn_can_be_drawn_again(captions_file: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError) as error:
        build(plan_of(tmp_path / "out", sources=(SourcePlan("jsonl", captions_file),)))
    assert str(error.value) == "source 'jsonl' cannot be redrawn: --pairs needs one of scenes, scenes-easy"


def test_no_row_of_a_quadruple_can_be_left_out_as_guessable(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="--pairs goes without it"):
        build(plan_of(tmp_path / "out", max_guessability=0.6))
