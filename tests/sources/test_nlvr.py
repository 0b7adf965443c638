import json
from pathlib import Path
from typing import Any

import pytest

from tldr_data.errors import InputError, RowError, UsageError
from tldr_data.example import Example
from tldr_data.facts import CLAIMS, Relation, Thing
from tldr_data.sources import open_source, read

SHARED = Path(__file__).parents[2] / ".." / "shared" / "data" / "nlvr"
SHAPES = [
    [{"x_loc": 40, "y_loc": 80, "size": 20, "type": "square", "color": "#0099ff"}],
    [],
    [{"x_loc": 90, "y_loc": 0, "size": 10, "type": "circle", "color": "Black"}],
]
ROW = {
    "sentence": "There is a blue square. ", "label": "true", "identifier": "12-3", "directory": "4",
    "structured_rep": SHAPES, "evals": {"r0": "true"},
}  # fmt: skip


def write(folder: Path, *rows: Any, name: str = "dev.json") -> Path:
    (folder / name).write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return folder


def made(path: Path, limit: int | None = None) -> list[Example | RowError]:
    return list(read(open_source("nlvr", path=path, seed=0, limit=limit)))


def only(path: Path) -> Example:
    (row,) = made(path)
    assert isinstance(row, Example)
    return row


def test_a_sentence_is_a_row_and_its_drawing_complete_facts(tmp_path: Path) -> None:
    row = only(write(tmp_path, ROW))
    assert (row.id, row.image_id, row.group) == ("nlvr/dev-12-3", "nlvr/dev-12-3", "nlvr/dev-12")
    assert (row.response, row.split, row.license) == ("There is a blue square.", "validation", "CC-BY-4.0")
    assert row.facts is not None
    assert row.facts.things[3:] == (
        Thing("square", ("blue",), "medium", box=(40, 80, 60, 100)),
        Thing("circle", ("black",), "small", box=(390, 0, 400, 10)),
    )
    assert row.facts.relations == (Relation(3, "inside", 0), Relation(4, "inside", 2))
    assert (row.facts.exhaustive, row.facts.canvas) == (frozenset(CLAIMS), (400, 100))


@pytest.mark.parametrize("place", ["images/4/dev-12-3-0.png", "images/dev-12-3-0.png", "dev-12-3-0.png"])
def test_images_are_found_in_the_official_folders_or_loose(tmp_path: Path, place: str) -> None:
    (tmp_path / place).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / place).write_bytes(b"pixels")
    assert only(write(tmp_path, ROW)).image == tmp_path / place


def test_only_sentences_labelled_true_are_references(tmp_path: Path) -> None:
    rows = made(write(tmp_path, ROW, ROW | {"label": "false"}, ROW | {"label": "maybe"}))
    assert [row.reason for row in rows if isinstance(row, RowError)] == ["labelled_false", "unknown_label"]


@pytest.mark.parametrize("name", ["train.json", "test.json", "mine.jsonl"])
def test_official_splits_come_from_the_file(tmp_path: Path, name: str) -> None:
    row = only(write(tmp_path, ROW, name=name))
    assert row.split == {"train.json": "train", "test.json": "test"}.get(name)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"structured_rep": None}, "bad_facts"),
        ({"structured_rep": []}, "bad_facts"),
        ({"structured_rep": [[{"type": "square"}]]}, "bad_facts"),
        ({"structured_rep": [[SHAPES[0][0] | {"color": "Pink"}]]}, "bad_facts"),
        ({"sentence": " "}, "empty_sentence"),
        ({"identifier": None}, "missing_id"),
    ],
)
def test_odd_rows_are_reported(tmp_path: Path, change: dict[str, Any], reason: str) -> None:
    rows = made(write(tmp_path, ROW | change, ROW))
    assert isinstance(rows[0], RowError)
    assert rows[0].reason == reason
    assert isinstance(rows[1], Example)


def test_path_and_limit(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="nlvr"):
        open_source("nlvr", path=None, seed=0, limit=None)
    with pytest.raises(InputError):
        open_source("nlvr", path=tmp_path, seed=0, limit=None)
    assert len(made(write(tmp_path, ROW, ROW, ROW), limit=2)) == 2


@pytest.mark.skipif(not SHARED.is_dir(), reason="real data is not there")
def test_real_files() -> None:
    rows = [row for row in made(SHARED) if isinstance(row, Example)]
    assert len({row.id for row in rows}) == len(rows) == 112
    assert all(
        isinstance(row.image, Path) and row.image.name == f"{row.id.removeprefix('nlvr/')}-0.png" for row in rows
    )
