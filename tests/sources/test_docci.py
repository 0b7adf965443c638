import json
import pickle
from pathlib import Path

import pytest

from tldr_data.errors import InputError, RowError
from tldr_data.example import Example
from tldr_data.sources import open_source, read
from tldr_data.sources.docci import Docci

ROW = {
    "example_id": "test_00731",
    "split": "test",
    "image_file": "test_00731.jpg",
    "description": "A white toilet in an alcove. \n",
}
SHARED = Path(__file__).parents[2] / ".." / "shared" / "data" / "docci"


def write(folder: Path, *rows: object) -> Path:
    path = folder / "docci_descriptions.jsonlines"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def examples(path: Path, limit: int | None = None) -> list[Example | RowError]:
    return list(read(open_source("docci", path=path, seed=0, limit=limit)))


def only(path: Path) -> Example:
    (example,) = examples(path)
    assert isinstance(example, Example), example
    return example


def test_a_row_becomes_a_clean_example(tmp_path: Path) -> None:
    example = only(write(tmp_path, ROW))
    assert (example.id, example.group, example.image_id) == ("docci/test_00731",) * 3
    assert example.response == "A white toilet in an alcove."
    assert (example.kind, example.split, example.image) == ("clean", "test", None)
    assert (example.source, example.license) == ("docci", "CC-BY-4.0")
    assert "DOCCI" in example.attribution


@pytest.mark.parametrize(
    ("official", "ours"),
    [("train", "train"), ("test", "test"), ("qual_dev", "validation"), ("qual_test", "test"), (None, None)],
)
def test_official_splits(tmp_path: Path, official: str | None, ours: str | None) -> None:
    assert only(write(tmp_path, ROW | {"split": official})).split == ours


@pytest.mark.parametrize("place", [".", "images"])
def test_images_are_found(tmp_path: Path, place: str) -> None:
    (tmp_path / place).mkdir(exist_ok=True)
    (tmp_path / place / "test_00731.jpg").write_bytes(b"pixels")
    image = only(write(tmp_path, ROW)).image
    assert isinstance(image, Path)
    assert image.read_bytes() == b"pixels"


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"description": None}, "missing_description"),
        ({"description": ""}, "empty_description"),
        ({"description": ["A cup."]}, "wrong_type"),
        ({"description": "\udc80"}, "lone_surrogate"),
        ({"description": "word " * 100_000}, "too_long"),
        ({"example_id": None}, "missing_id"),
        ({"example_id": ""}, "missing_id"),
        ({"image_file": 3}, "wrong_type"),
        ({"split": "dev"}, "unknown_split"),
    ],
)
def test_an_odd_row_is_told_and_stops_nothing(tmp_path: Path, change: dict[str, object], expected: str) -> None:
    odd, after = examples(write(tmp_path, ROW | change, ROW))
    assert isinstance(after, Example)
    assert isinstance(odd, RowError)
    assert odd.reason == expected
    assert str(odd).startswith("docci_descriptions.jsonlines line 1: ")
    assert "\n" not in str(odd)


def test_the_folder_stands_for_its_file(tmp_path: Path) -> None:
    write(tmp_path, ROW)
    (tmp_path / "other.jsonl").write_text("{}", encoding="utf-8")
    assert only(tmp_path).id == "docci/test_00731"


def test_a_folder_without_it(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"docci_descriptions\*\.jsonlines"):
        examples(tmp_path)


def test_limit(tmp_path: Path) -> None:
    path = write(tmp_path, *(ROW | {"example_id": str(n)} for n in range(4)))
    assert len(examples(path, limit=2)) == 2


def test_rows_and_the_source_travel_to_other_processes(tmp_path: Path) -> None:
    source = Docci(path=write(tmp_path, ROW), seed=0, limit=None)
    row, there = pickle.loads(pickle.dumps((next(source.rows()), source)))
    assert list(there.examples(row)) == list(read(source))


@pytest.mark.skipif(not SHARED.is_dir(), reason="the shared sample of DOCCI is not here")
def test_the_shared_sample_is_read_whole() -> None:
    made = examples(SHARED)
    assert len(made) == 100
    assert all(isinstance(e, Example) and e.split == "test" for e in made)
