"""Two versions held against each other."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tldr_data.building.plan import Plan
from tldr_data.compare import Change, compare
from tldr_data.dataset import schema_of
from tldr_data.errors import InputError
from tldr_data.pipeline import build
from tldr_data.versions import Version, versions_of

Rows = list[dict[str, Any]]


@pytest.fixture(scope="module")
def old(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("old") / "out"
    build(Plan(taxonomies=("spatial",), out=out, limit=12))
    return out


@pytest.fixture
def changed(old: Path, tmp_path: Path) -> Callable[..., Path]:
    """A copy with the rows of a folder changed, and its manifest no longer that of the old one."""
    new = Path(shutil.copytree(old, tmp_path / "new"))

    def change(change_rows: Callable[[Rows], Rows], folder: str = "spatial", split: str = "train") -> Path:
        path = new / folder / f"{split}-00000-of-00001.parquet"
        rows = change_rows(pq.read_table(path).to_pylist())
        pq.write_table(pa.Table.from_pylist(rows, schema=schema_of(folder)), path)
        manifest = json.loads((new / "manifest.json").read_text(encoding="utf-8"))
        manifest["content"][f"{folder}/{split}"] = "changed"
        (new / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
        return new

    return change


def test_the_same_is_the_same(old: Path) -> None:
    found = compare(old, old)
    assert (found.rows, found.schema, found.step) == ({}, [], "patch")
    assert found.lines() == ["no row and no column has changed"]


def test_rows_that_go_and_come(old: Path, changed: Callable[..., Path]) -> None:
    new = changed(lambda rows: rows[2:])
    gone = compare(old, new)
    assert gone.rows == {"spatial": Change(removed=2)}
    assert gone.step == "major"
    assert len(gone.ids["spatial"]["removed"]) == 2
    come = compare(new, old)
    assert come.rows == {"spatial": Change(added=2)}
    assert come.step == "minor"
    assert come.ids["spatial"]["added"] == gone.ids["spatial"]["removed"]


@pytest.mark.parametrize(
    ("column", "value", "kind", "step"),
    [
        ("labels", [1], "relabelled", "major"),
        ("response", "Another text.", "relabelled", "major"),
        ("errors", [], "relabelled", "major"),
        ("verdict", 2, "changed", "minor"),
        ("evidence", "another fact", "changed", "minor"),
        ("license", "CC-BY-4.0", "changed", "minor"),
    ],
)
def test_rows_that_say_something_else(
    column: str, value: Any, kind: str, step: str, old: Path, changed: Callable[..., Path]
) -> None:
    found = compare(old, changed(lambda rows: [{**rows[0], column: value}, *rows[1:]]))
    assert found.rows == {"spatial": Change(**{kind: 1})}
    assert found.step == step


def test_a_row_in_another_split(old: Path, changed: Callable[..., Path]) -> None:
    moved: Rows = []
    changed(lambda rows: (moved.append(rows[0]), rows[1:])[1])  # type: ignore[func-returns-value]
    new = changed(lambda rows: [*rows, *moved], split="test")
    found = compare(old, new)
    assert found.rows == {"spatial": Change(moved=1)}
    assert found.ids["spatial"]["moved"] == [moved[0]["id"]]
    assert found.step == "major"


def test_only_the_picture_of_an_image_row_counts_as_said(old: Path, changed: Callable[..., Path]) -> None:
    new = changed(lambda rows: [{**rows[0], "pixels": "other"}, *rows[1:]], folder="images")
    assert compare(old, new).rows == {"images": Change(relabelled=1)}


def test_columns_and_configs(old: Path, tmp_path: Path) -> None:
    new = tmp_path / "new"
    build(Plan(taxonomies=("spatial", "counting"), out=new, limit=12))
    for path in old.glob("clean/*.parquet"):
        pq.write_table(pq.read_table(path).drop_columns(["evidence"]), new / "clean" / path.name)
    found = compare(old, new)
    assert "config counting was added" in found.schema
    assert found.step == "major"
    assert compare(new, old).schema[0] == "config counting was removed"


def test_what_a_change_asks_for() -> None:
    assert [str(Version(1, 2, 3).next(step)) for step in ("major", "minor", "patch")] == ["2.0.0", "1.3.0", "1.2.4"]  # type: ignore[arg-type]
    assert [str(Version(0, 2, 3).next(step)) for step in ("major", "minor", "patch")] == ["0.3.0", "0.2.4", "0.2.4"]  # type: ignore[arg-type]
    assert [str(each) for each in versions_of(["v2.0.0", "v10.0.0", "main", "1.0.0", "v1.0"])] == ["2.0.0", "10.0.0"]


def test_images_that_only_one_of_them_has(old: Path, tmp_path: Path) -> None:
    new = Path(shutil.copytree(old, tmp_path / "new"))
    shutil.rmtree(new / "images")
    manifest = json.loads((new / "manifest.json").read_text(encoding="utf-8"))
    gone = sum(manifest["rows"].pop("images").values())
    manifest["content"] = {name: value for name, value in manifest["content"].items() if not name.startswith("images")}
    (new / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    assert compare(old, new).rows == {"images": Change(removed=gone)}
    assert compare(new, old).rows == {"images": Change(added=gone)}
    assert len(compare(new, old).ids["images"]["added"]) == 5
    assert compare(old, new).schema == ["config images was removed"]


@pytest.mark.parametrize("key", ["id", None])
def test_a_row_that_is_there_twice_is_told(key: str | None, old: Path, changed: Callable[..., Path]) -> None:
    new = changed(lambda rows: [{**row, "id": key and rows[0]["id"]} for row in rows])
    with pytest.raises(InputError, match=r"new: spatial has ids twice"):
        compare(old, new)


def test_an_id_of_another_type_is_told(old: Path, changed: Callable[..., Path]) -> None:
    new = changed(lambda rows: rows)
    path = new / "spatial" / "train-00000-of-00001.parquet"
    table = pq.read_table(path)
    numbers = table.set_column(0, pa.field("id", pa.int64()), pa.array(range(len(table))))
    pq.write_table(numbers, path)
    with pytest.raises(InputError, match=r"spatial: column id"):
        compare(old, new)


def test_a_column_of_another_type_is_told_and_the_rest_is_compared(old: Path, changed: Callable[..., Path]) -> None:
    new = changed(lambda rows: [{**rows[0], "license": "MIT"}, *rows[1:]])
    for folder in ("clean", "paraphrase", "spatial"):
        for path in (new / folder).glob("*.parquet"):
            table = pq.read_table(path)
            place = table.schema.get_field_index("evidence")
            none = pa.nulls(len(table), pa.int32())
            told = table.schema.with_metadata(table.schema.metadata)
            table = table.set_column(place, pa.field("evidence", pa.int32()), none).replace_schema_metadata(
                told.metadata
            )
            pq.write_table(table, path)
    found = compare(old, new)
    assert found.schema == ["column evidence of rows was string, is int32"]
    assert found.rows == {"spatial": Change(changed=1)}


@pytest.mark.parametrize("key", ["content", "rows", "files"])
def test_a_manifest_that_lacks_something_is_told(key: str, old: Path, tmp_path: Path) -> None:
    new = Path(shutil.copytree(old, tmp_path / "new"))
    manifest = json.loads((new / "manifest.json").read_text(encoding="utf-8"))
    del manifest[key]
    (new / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    with pytest.raises(InputError, match=rf"{key}: Field required"):
        compare(new, old)
