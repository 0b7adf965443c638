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
