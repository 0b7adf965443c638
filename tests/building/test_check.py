import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tldr_data.atomic import file_digest
from tldr_data.check import find_faults
from tldr_data.errors import InputError
from tldr_data.manifest import load_manifest
from tldr_data.report import write_report
from tldr_data.show import show
from tldr_data.show.choosing import Wanted

Change = Callable[[list[dict[str, Any]]], object]


@pytest.fixture
def copy(built: Path, tmp_path: Path) -> Path:
    """A finished build that may be spoilt."""
    return Path(shutil.copytree(built, tmp_path / "copy"))


def shard(out: Path, folder: str) -> Path:
    return sorted((out / folder).glob("train-*.parquet"))[0]


def spoil(out: Path, folder: str, change: Change) -> None:
    """Change rows of a shard, and its bytes and SHA-256 in the manifest, so that only the content tells."""
    path = shard(out, folder)
    table = pq.read_table(path)
    rows = table.to_pylist()
    change(rows)
    pq.write_table(pa.Table.from_pylist(rows, schema=table.schema), path)
    manifest = json.loads((out / "manifest.json").read_text(encoding="utf-8"))
    name = path.relative_to(out).as_posix()
    manifest["files"][name] = {"bytes": path.stat().st_size, "sha256": file_digest(path)}
    (out / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")


def faults(out: Path) -> str:
    return "\n".join(find_faults(out))


def swap_label(rows: list[dict[str, Any]]) -> None:
    rows[0]["labels"][0] ^= 1


def move_span(rows: list[dict[str, Any]]) -> None:
    rows[0]["errors"][0]["start"] -= 1


@pytest.mark.parametrize(
    ("folder", "change", "told"),
    [
        ("spatial", swap_label, "labels are not those of its spans"),
        ("spatial", lambda rows: rows[0].update(response="Two dogs."), "edits applied to the reference do not give"),
        ("spatial", move_span, "span"),
        ("spatial", lambda rows: rows[0].update(license=" "), "license is empty"),
        ("spatial", lambda rows: rows[0].update(license=None), "license is None"),
        ("spatial", lambda rows: rows[0].update(id=rows[1]["id"]), "id is there twice"),
        (
            "spatial",
            lambda rows: rows[0].update(id="made/1#spatial.000000"),
            "id is not that of its reference and edits",
        ),
        ("spatial", lambda rows: rows[0].update(taxonomy="counting"), "belongs into counting"),
        ("spatial", lambda rows: rows[0].update(verdict=9), "verdict is 9: allowed are 0 to 3"),
        ("spatial", lambda rows: rows[0].update(image={"bytes": b"other"}), "its image is not that of"),
        ("spatial", lambda rows: rows.pop(), "rows, the manifest says"),
        ("spatial", lambda rows: rows[0].update(evidence="because"), "content hash is"),
        ("clean", lambda rows: rows[0].update(response=rows[0]["response"] + "!"), "its reference is not the text of"),
        ("clean", lambda rows: rows[0].update(response=" "), "response is empty"),
        ("clean", lambda rows: rows.pop(0), "no clean row is named"),
        ("clean", lambda rows: rows[0].update(id=None), "id is None"),
        ("clean", lambda rows: rows[0].update(response=None), "response is None"),
        ("clean", lambda rows: rows[0].update(taxonomy="spatial"), "a clean row has no taxonomy"),
        ("clean", lambda rows: rows[0].update(verdict=1, evidence="x"), "a clean row has verdict none, not proved"),
        ("clean", lambda rows: rows[0].update(group=""), "group is empty"),
        ("clean", lambda rows: rows[0].update(source=" "), "source is empty"),
        ("clean", lambda rows: rows[0].update(id="a\x1b[31m\nb", group=""), "a\ufffd[31m b: "),
        ("spatial", lambda rows: rows[0].update(id=None), "id is None"),
        ("spatial", lambda rows: rows[0].update(taxonomy=None), "a perturbed row needs taxonomy"),
        ("spatial", lambda rows: rows[0].update(subtype=None), "a perturbed row needs subtype"),
        ("spatial", lambda rows: rows[0].update(perturber=""), "a perturbed row needs perturber"),
        ("spatial", lambda rows: rows[0].update(verdict=0), "a perturbed row has no verdict none"),
        ("spatial", lambda rows: rows[0].update(verdict=1), "verdict proved needs evidence"),
        ("spatial", lambda rows: rows[0]["errors"][0].update(replaced="xyz"), "'xyz' did not stand where"),
        ("spatial", lambda rows: rows[0]["errors"][0].update(start=None), "errors is "),
        ("spatial", lambda rows: rows.append(rows[0]), "is the second row of taxonomy spatial made of made/"),
        ("spatial", lambda rows: rows[0].update(image=None), "is not embedded"),
        ("spatial", lambda rows: rows[0].update(model="Llama-3.1-8B"), "license CC0-1.0 lacks that of its model"),
        ("spatial", lambda rows: rows[0].update(image_id="other"), "its image is not that of other in config images"),
        ("spatial", lambda rows: rows.pop(), "accepted of spatial is not that of the rows"),
        ("images", lambda rows: rows.pop(0), "in config images"),
        ("images", lambda rows: rows[0].update(width=1), "width is not that of the image"),
        ("images", lambda rows: rows[0].update(pixels="0" * 64), "pixels is not that of the image"),
        ("images", lambda rows: rows[0].update(pixels=None), "pixels is missing"),
        (
            "images",
            lambda rows: rows[0].update(image=None),
            "images without their bytes, by licence, are {'CC0-1.0': 1}",
        ),
        ("images", lambda rows: rows[0].update(license="CC-BY-4.0"), "image_licenses are not those of the rows"),
        ("images", lambda rows: rows[0]["image"].update(bytes=b"no image"), "the image cannot be read"),
        ("images", lambda rows: rows[0].update(license=""), "license is empty"),
        ("images", lambda rows: rows.append(rows[0]), "image is stored twice"),
    ],
)
def test_what_is_wrong_in_a_row_is_told(folder: str, change: Change, told: str, copy: Path) -> None:
    spoil(copy, folder, change)
    assert told in faults(copy)


def test_every_fault_is_one_line_and_names_its_file(copy: Path) -> None:
    spoil(copy, "spatial", swap_label)
    fault, of_split, content = find_faults(copy)
    assert fault.startswith(f"spatial/{shard(copy, 'spatial').name}: made/")
    assert of_split.startswith("spatial/train: content hash is ")
    assert content.startswith("content hash is ")


def test_a_group_in_two_splits_is_told(copy: Path) -> None:
    (test,) = sorted((copy / "clean").glob("test-*.parquet"))
    group = pq.read_table(test, columns=["group"]).to_pylist()[0]["group"]
    spoil(copy, "clean", lambda rows: rows[0].update(group=group))
    assert f"group {group} is in two splits" in faults(copy)


def test_a_changed_file_is_told(copy: Path) -> None:
    path = shard(copy, "spatial")
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    assert f"spatial/{path.name}: its content has changed" in faults(copy)


def test_missing_cut_and_foreign_files_are_told(copy: Path) -> None:
    spatial, clean = shard(copy, "spatial"), shard(copy, "clean")
    spatial.unlink()
    clean.write_bytes(clean.read_bytes()[:1000])
    shutil.copy(shard(copy, "attribute"), copy / "attribute" / "train-00001-of-00002.parquet")
    told = faults(copy)
    assert f"spatial/{spatial.name}: is missing" in told
    assert f"clean/{clean.name}: has 1,000 bytes" in told
    assert "clean" in told
    assert "cannot be read" in told
    assert "attribute/train-00001-of-00002.parquet: is not in the manifest" in told


def test_another_schema_is_told(copy: Path) -> None:
    path = shard(copy, "spatial")
    table = pq.read_table(path)
    pq.write_table(table.replace_schema_metadata(None), path)
    assert "its schema is not the declared one" in faults(copy)
    pq.write_table(table.drop_columns(["labels"]), path)
    assert "column labels is missing" in faults(copy)


def test_the_text_of_a_card_may_be_edited_but_not_its_configs(copy: Path) -> None:
    card = copy / "README.md"
    text = card.read_text(encoding="utf-8")
    card.write_text(text + "\nMade for a course.\n", encoding="utf-8")
    assert faults(copy) == ""
    card.write_text(text.replace("config_name: spatial", "config_name: space"), encoding="utf-8")
    assert "configs are not those of the build" in faults(copy)
    card.write_text("no head", encoding="utf-8")
    assert "YAML head cannot be read" in faults(copy)


def test_a_reference_in_another_split_is_told(copy: Path) -> None:
    (test,) = sorted((copy / "spatial").glob("test-*.parquet"))
    moved = pq.read_table(test).to_pylist()[0]
    spoil(copy, "spatial", lambda rows: rows.append(moved))
    assert "is in split train, its reference in test" in faults(copy)


def test_a_card_nested_too_deeply_is_told(copy: Path) -> None:
    (copy / "README.md").write_text("---\n" + "[" * 50_000 + "\n---\n", encoding="utf-8")
    assert "YAML head cannot be read" in faults(copy)


def test_counts_of_the_manifest_are_held_against_the_rows(copy: Path) -> None:
    manifest = json.loads((copy / "manifest.json").read_text(encoding="utf-8"))
    manifest["licenses"][0]["rows"] += 1
    manifest["rejected"]["spatial"] = {"drift": 10_000}
    (copy / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    assert "licenses are not those of the rows" in faults(copy)
    assert "rejected are not those of the rows" in faults(copy)


WRONG: list[Any] = [
    None,
    5,
    [],
    {},
    *({key: 5} for key in ("rows", "files", "taxonomies", "rejected", "licenses", "recipe")),
]


@pytest.mark.parametrize("wrong", WRONG, ids=str)
def test_a_damaged_manifest_is_one_line_everywhere(wrong: Any, copy: Path) -> None:
    path = copy / "manifest.json"
    whole = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps({**whole, **wrong} if isinstance(wrong, dict) and wrong else wrong), encoding="utf-8")
    refused_everywhere(copy)


def test_a_build_of_another_format_is_told(copy: Path) -> None:
    manifest = load_manifest(copy)
    (copy / "manifest.json").write_text(json.dumps({**manifest, "format": 999}), encoding="utf-8")
    with pytest.raises(InputError, match=r"its format is 999, this version of tldr-data reads \d+: use the version"):
        load_manifest(copy)


def test_a_manifest_nested_too_deeply_is_one_line_everywhere(copy: Path) -> None:
    (copy / "manifest.json").write_text("[" * 100_000, encoding="utf-8")
    refused_everywhere(copy)


def refused_everywhere(out: Path) -> None:
    for read in (faults, write_report, lambda out: show(str(out), Wanted(limit=3), False)):
        with pytest.raises(InputError, match=r"^.*manifest\.json: .*$"):
            read(out)


@pytest.mark.parametrize("name", ["id", "response"])
def test_a_row_with_a_null_is_one_line_in_show_and_report(name: str, copy: Path) -> None:
    spoil(copy, "spatial", lambda rows: [row.update({name: None}) for row in rows])
    for read in (write_report, lambda out: show(str(out), Wanted(limit=3), False)):
        with pytest.raises(InputError, match=f"{name} is None"):
            read(copy)


def test_broken_images_and_rejected_rows_are_one_line_in_the_report(copy: Path) -> None:
    path = copy / "manifest.json"
    whole = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps({**whole, "rejected": {"spatial": {"drift": 1}}}), encoding="utf-8")
    rejected = copy / "rejected" / "spatial.jsonl"
    rejected.parent.mkdir(exist_ok=True)
    rejected.write_text("5\n", encoding="utf-8")
    with pytest.raises(InputError, match=rejected.name):
        write_report(copy)
    path.write_text(json.dumps(whole), encoding="utf-8")
    spoil(copy, "images", lambda rows: [row["image"].update(bytes=b"no image") for row in rows])
    with pytest.raises(InputError, match="cannot be read: UnidentifiedImageError"):
        write_report(copy)
