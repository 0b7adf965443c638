"""What `mlcroissant` makes of a build."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tldr_data.atomic import file_digest
from tldr_data.building.plan import Plan
from tldr_data.card import write_card
from tldr_data.dataset import CLASS_LABELS, FIELDS, IMAGE_FIELDS, read_rows, read_stored, shards
from tldr_data.example import SPLITS
from tldr_data.manifest import load_manifest
from tldr_data.pipeline import build

mlc = pytest.importorskip("mlcroissant")
pytestmark = pytest.mark.filterwarnings("ignore")  # of others' packages

VERSIONS = {
    "repository": "maria/boxes",
    "versions": [
        {
            "version": "1.0.0",
            "since": None,
            "content_hash": "00",
            "rows": {},
            "schema": [],
        }
    ],
}
UNKNOWN_DATE = "datePublished"


def jsonld(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "croissant.json").read_text(encoding="utf-8"))
    return found


def opened(folder: Path, **mapping: Path) -> Any:
    return mlc.Dataset(str(folder / "croissant.json"), mapping=mapping)


def texts(value: Any) -> Any:
    """Texts are bytes there."""
    if isinstance(value, bytes):
        return value.decode()
    if isinstance(value, list):
        return [texts(item) for item in value]
    return {name.rpartition("/")[2]: texts(item) for name, item in value.items()} if isinstance(value, dict) else value


def records(dataset: Any, config: str, **filters: str) -> list[dict[str, Any]]:
    wanted = {f"{config}/{name}": value for name, value in filters.items()} or None
    return [texts(record) for record in dataset.records(config, wanted)]


def test_a_build_is_valid_and_what_is_not_known_is_only_its_date(built: Path) -> None:
    issues = opened(built).metadata.ctx.issues
    assert not issues.errors
    assert [warning for warning in issues.warnings if UNKNOWN_DATE not in warning] == []


def test_there_is_a_record_set_of_every_config_with_every_column(built: Path) -> None:
    sets = {each["@id"]: [field["name"] for field in each["field"]] for each in jsonld(built)["recordSet"]}
    columns = ["split", *FIELDS]
    assert sets.pop("splits") == ["name"]
    assert sets == {"all": columns, "attribute": columns, "spatial": columns, "images": ["split", *IMAGE_FIELDS]}


def test_rows_are_read_with_images_and_spans(built: Path) -> None:
    found = {record["id"]: record for record in records(opened(built), "spatial")}
    expected = [pair for folder in ("clean", "paraphrase", "spatial") for pair in read_rows(built, folder)]
    assert len(found) == len(expected)
    for split, row in expected:
        numbered = {**row, **{name: names.index(row[name]) for name, names in CLASS_LABELS.items()}}
        record = found[row["id"]]
        assert record.pop("image").convert("RGB").getpixel((0, 0)) == (255, 255, 255)
        assert record == {"split": split, **numbered}


def test_images_are_read_once_each(built: Path) -> None:
    found = {record["image_id"]: record for record in records(opened(built), "images")}
    stored = [row for split in SPLITS for path in shards(built, "images", split) for row in read_stored(path)]
    assert len(found) == len(stored)
    for row in stored:
        assert found[row["image_id"]]["image"].size == (row["width"], row["height"])


@pytest.mark.parametrize("config", ["all", "images"])
def test_a_split_is_read_alone(built: Path, config: str) -> None:
    rows = load_manifest(built)["rows"]
    folders = [folder for folder in rows if (folder == "images") == (config == "images")]
    found = records(opened(built), config, split="test")
    assert len(found) == sum(rows[folder].get("test", 0) for folder in folders) > 0
    assert {record["split"] for record in found} == {"test"}


def test_every_file_is_named_with_its_size_and_hash(built: Path) -> None:
    files = {each["@id"]: each for each in jsonld(built)["distribution"] if each["@type"] == "cr:FileObject"}
    assert set(files) == set(load_manifest(built)["files"])
    for name, each in files.items():
        assert each["contentUrl"] == name
        assert each["contentSize"] == f"{(built / name).stat().st_size} B"
        assert each["sha256"] == file_digest(built / name)


def test_rows_without_images_are_read(
    captions: Callable[..., Path], tmp_path: Path, make_plan: Callable[..., Plan]
) -> None:
    build(make_plan(captions(20), tmp_path / "out", embed_images="no"))
    found = records(opened(tmp_path / "out"), "all")
    assert {record["image"] for record in found} == {None}
    assert len(records(opened(tmp_path / "out"), "images")) == 10


def test_a_published_version_has_the_hubs_addresses_and_is_read_from_a_copy(built: Path, tmp_path: Path) -> None:
    copy = Path(shutil.copytree(built, tmp_path / "copy"))
    (copy / "versions.json").write_text(json.dumps(VERSIONS), encoding="utf-8")
    write_card(copy, load_manifest(copy))
    found, dataset = jsonld(copy), opened(copy, repository=copy)
    issues = dataset.metadata.ctx.issues
    assert not issues.errors
    assert all("datePublished" in warning for warning in issues.warnings), "only the Hub knows when"
    assert (found["name"], found["version"]) == ("boxes", "1.0.0")
    address = "https://huggingface.co/datasets/maria/boxes/resolve/v1.0.0/"
    urls = {each["@id"]: each["contentUrl"] for each in found["distribution"] if "contentUrl" in each}
    assert urls.pop("repository") == "https://huggingface.co/datasets/maria/boxes/tree/refs%2Ftags%2Fv1.0.0"
    assert urls == {name: f"{address}{name}" for name in load_manifest(copy)["files"]}
    assert len(records(dataset, "spatial", split="test")) == len(records(opened(built), "spatial", split="test"))


def test_what_an_audit_found_is_told(built: Path, tmp_path: Path) -> None:
    copy = Path(shutil.copytree(built, tmp_path / "copy"))
    good = {"n": 30, "good": 29, "natural": 28, "rest_true": 27}
    found = {"auditors": 1, "answered": 30, "taxonomies": {"spatial": good}, "clean": {}, "paraphrase": {}}
    (copy / "audit.json").write_text(json.dumps({**found, "agreement": None}), encoding="utf-8")
    write_card(copy, load_manifest(copy))
    assert "spatial: good 96.7% (" in jsonld(copy)["rai:dataAnnotationAnalysis"]
    assert not opened(copy).metadata.ctx.issues.errors
