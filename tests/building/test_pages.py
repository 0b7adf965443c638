"""The card and the rows in a terminal, of a real build."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from tldr_data.card import COLUMNS, render_card
from tldr_data.dataset import FIELDS
from tldr_data.errors import UsageError
from tldr_data.manifest import load_manifest
from tldr_data.show import show
from tldr_data.show.choosing import Wanted


def head(card: str) -> dict[str, Any]:
    parsed: dict[str, Any] = yaml.safe_load(card.split("---\n")[1])
    return parsed


def test_the_head_of_the_card_is_what_the_hub_asks_for(built: Path) -> None:
    card = head((built / "README.md").read_text(encoding="utf-8"))
    assert card["license"] == ["cc0-1.0"]
    assert card["language"] == ["en"]
    assert card["size_categories"] == ["n<1K"]
    names = [config["config_name"] for config in card["configs"]]
    assert names == ["all", "attribute", "spatial", "images"]
    assert [config.get("default", False) for config in card["configs"]] == [True, False, False, False]


def test_config_all_lists_every_folder_once(built: Path) -> None:
    card = head((built / "README.md").read_text(encoding="utf-8"))
    files = {entry["split"]: entry["path"] for entry in card["configs"][0]["data_files"]}
    folders = ("clean", "paraphrase", "attribute", "spatial")
    assert files["train"] == [f"{folder}/train-*.parquet" for folder in folders]


def test_every_pattern_of_the_card_finds_files(built: Path) -> None:
    for config in head((built / "README.md").read_text(encoding="utf-8"))["configs"]:
        for entry in config["data_files"]:
            assert all(list(built.glob(pattern)) for pattern in entry["path"])


@pytest.mark.parametrize(
    ("licenses", "expected"),
    [
        (["CC BY 4.0", "cc0-1.0"], {"license": ["cc-by-4.0", "cc0-1.0"]}),
        (
            ["CC-BY-4.0", "Flickr terms"],
            {"license": ["cc-by-4.0", "other"], "license_name": "Flickr terms", "license_link": "README.md#licences"},
        ),
    ],
)
def test_licences_are_those_of_the_rows(licenses: list[str], expected: dict[str, Any], built: Path) -> None:
    manifest = load_manifest(built)
    manifest["licenses"] = [{"source": "made", "license": name, "rows": 1} for name in licenses]
    manifest["image_licenses"] = []
    card = head(render_card(built, manifest))
    assert {key: card[key] for key in card if key.startswith("license")} == expected


def test_the_card_tells_counts_yields_and_reasons(built: Path) -> None:
    manifest = load_manifest(built)
    manifest["rejected"] = {"spatial": {"drift": 1234}}
    card = render_card(built, manifest)
    counts = manifest["taxonomies"]["spatial"]
    assert "| clean |" in card
    assert f"n = {counts['references']})" in card
    assert f"n = {counts['sites']})" in card
    assert "| spatial | drift | 1,234 |" in card
    assert manifest["content_hash"] in card
    assert all(f"| {name} |" in card for name in FIELDS)
    assert [*COLUMNS] == [*FIELDS]


def test_tables_of_the_card_are_whole(built: Path) -> None:
    blocks = re.findall(r"(?:^\|.*\n)+", (built / "README.md").read_text(encoding="utf-8"), flags=re.MULTILINE)
    assert len(blocks) >= 6
    for block in blocks:
        rows = block.splitlines()
        assert len(rows) > 2
        assert {row.count("|") for row in rows} == {rows[0].count("|")}


def test_plain_rows(built: Path, capsys: pytest.CaptureFixture[str]) -> None:
    show(str(built), Wanted(taxonomy="spatial", limit=3), as_json=False)
    out = capsys.readouterr().out
    assert out.count("{was: ") >= 3
    assert "[right]{was: left}" in out
    assert "\x1b" not in out
    assert out.count("spatial/") == 3


def test_rows_as_json(built: Path, capsys: pytest.CaptureFixture[str]) -> None:
    show(str(built), Wanted(taxonomy="clean", limit=5), as_json=True)
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [row["kind"] for row in rows] == ["clean"] * 5
    assert all(row["split"] in ("train", "validation", "test") for row in rows)


def test_all_taxonomies_take_turns(built: Path, capsys: pytest.CaptureFixture[str]) -> None:
    show(str(built), Wanted(limit=4), as_json=True)
    names = [json.loads(line)["taxonomy"] for line in capsys.readouterr().out.splitlines()]
    assert names == [None, "attribute", "spatial", None]  # a paraphrase has no taxonomy


def test_an_unknown_taxonomy_is_a_wrong_call(built: Path) -> None:
    with pytest.raises(UsageError, match="has no rows of 'colours': it has clean, paraphrase, attribute, spatial"):
        show(str(built), Wanted(taxonomy="colours"), as_json=False)
