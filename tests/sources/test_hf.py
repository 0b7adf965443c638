import io
import json
import pickle
from pathlib import Path
from typing import Any

import pytest

from tldr_data.errors import InputError, RowError, UsageError
from tldr_data.example import Example, ImageTerms
from tldr_data.sources import Made, Unanswered, open_source, read
from tldr_data.sources.hf_images import image_content
from tldr_data.sources.hf_rows import place_of

COLUMNS = {"image": "img", "response": "caption", "license": "=CC0-1.0"}


def png(colour: str) -> bytes:
    from PIL import Image

    out = io.BytesIO()
    Image.new("RGB", (4, 4), colour).save(out, "PNG")
    return out.getvalue()


def parquet(path: Path, columns: dict[str, list[Any]]) -> Path:
    import pyarrow
    import pyarrow.parquet

    pyarrow.parquet.write_table(pyarrow.table(columns), path)
    return path


def two(folder: Path) -> Path:
    """Two images, of which one has a caption."""
    images = [{"bytes": png("red"), "path": "a.png"}, {"bytes": png("blue"), "path": None}]
    return parquet(folder / "train.parquet", {"img": images, "caption": ["A red square.", None], "n": [1, 2]})


def made(path: Path, limit: int | None = None, **options: Any) -> list[Made]:
    return list(read(open_source("hf", path=path, seed=0, limit=limit, options=options)))


def refused(path: Path, **options: Any) -> str:
    with pytest.raises(InputError) as caught:
        made(path, **options)
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize("whole", [True, False])
def test_columns_become_fields_and_images_stay_as_they_are_stored(tmp_path: Path, whole: bool) -> None:
    file = two(tmp_path)
    first, second = made(tmp_path if whole else file, columns=COLUMNS)
    assert isinstance(first, Example)
    assert (first.response, first.image, first.license) == ("A red square.", png("red"), "CC0-1.0")
    assert (first.source, first.task, first.attribution) == ("hf", "caption", (tmp_path if whole else file).name)
    assert first.group == first.image_id
    assert isinstance(second, Unanswered)
    assert second.image == png("blue")
    assert second.image_id != first.image_id
    assert len({first.id, second.id}) == 2


def test_without_columns_those_of_our_names_are_taken(tmp_path: Path) -> None:
    row = {
        "id": 7, "response": "red", "prompt": "What colour?", "task": "vqa", "license": "CC0-1.0", "group": "g",
        "attribution": "me", "split": "test", "accepted": ["dark red"], "other": 5, "image_license": "CC-BY-2.0",
    }  # fmt: skip
    (tmp_path / "rows.jsonl").write_text(json.dumps(row) + "\n", encoding="utf-8")
    (only,) = made(tmp_path / "rows.jsonl")
    assert isinstance(only, Example)
    assert (only.id, only.prompt, only.task, only.group, only.split) == ("7", "What colour?", "vqa", "g", "test")
    assert (only.accepted, only.attribution, only.image) == (("dark red",), "me", None)
    assert only.image_terms == ImageTerms("CC-BY-2.0", "me")


def test_an_id_is_of_the_content_not_of_the_place(tmp_path: Path) -> None:
    there = made(two(tmp_path), columns=COLUMNS)
    (tmp_path / "b").mkdir()
    again = made(two(tmp_path / "b"), columns=COLUMNS)
    assert [row.id for row in there if not isinstance(row, RowError)] == [
        row.id for row in again if not isinstance(row, RowError)
    ]


def test_a_folder_of_images_is_read_with_what_is_said_of_them(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(png("red"))
    told = {"file_name": "a.png", "text": "A red square."}
    (tmp_path / "metadata.jsonl").write_text(json.dumps(told) + "\n", encoding="utf-8")
    (row,) = made(tmp_path, columns={"image": "image", "response": "text", "license": "=CC0-1.0"})
    assert isinstance(row, Example)
    assert (row.response, row.image) == ("A red square.", (tmp_path / "a.png").resolve())


def test_what_save_to_disk_wrote_is_read_and_class_numbers_become_names(tmp_path: Path) -> None:
    from datasets import ClassLabel, Dataset, DatasetDict, Features, Value

    features = Features({"response": Value("string"), "task": ClassLabel(names=["caption", "vqa"])})
    part = Dataset.from_dict({"response": ["A cup."], "task": [1]}, features=features)
    part.save_to_disk(tmp_path / "one")
    DatasetDict(train=part, test=part).save_to_disk(tmp_path / "many")
    columns = {"response": "response", "task": "task", "license": "=CC0-1.0"}
    (row,) = made(tmp_path / "one", columns=columns)
    assert isinstance(row, Example)
    assert row.task == "vqa"
    assert made(tmp_path / "many", columns=columns, hf_split="test") == [row.__class__(**_with(row, "many"))]
    assert "has the splits train, test: name one with hf_split" in refused(tmp_path / "many", columns=columns)
    assert "has no split 'dev': its splits are train, test" in refused(
        tmp_path / "many", columns=columns, hf_split="dev"
    )


def _with(row: Example, attribution: str) -> dict[str, Any]:
    return {name: getattr(row, name) for name in row.__slots__} | {"attribution": attribution}


def test_images_may_be_files_of_the_dataset_and_of_nothing_else(tmp_path: Path) -> None:
    inner = tmp_path / "set"
    inner.mkdir()
    (tmp_path / "secret.png").write_bytes(png("green"))
    (inner / "a.png").write_bytes(png("red"))
    names = ["a.png", "../secret.png", str(tmp_path / "secret.png"), "gone.png", "a\0b", "http://x.example/a.png"]
    rows = made(parquet(inner / "train.parquet", {"image": names, "license": ["CC0-1.0"] * 6}))
    assert isinstance(rows[0], Unanswered)
    assert rows[0].image == (inner / "a.png").resolve()
    assert [row.reason for row in rows[1:] if isinstance(row, RowError)] == ["missing_image"] * 5


@pytest.mark.parametrize("name", ["/etc/passwd", "file:///etc/passwd", "../x.png", "hf://datasets/other/set@1/x.png"])
def test_a_dataset_of_the_hub_names_no_file_outside(name: str) -> None:
    with pytest.raises(RowError, match="row 1: image"):
        image_content({"bytes": None, "path": name}, "hf://datasets/user/name@abc", "row 1")


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ({"response": None, "license": "CC0-1.0"}, "missing_response"),
        ({"response": " ", "license": "CC0-1.0"}, "empty_response"),
        ({"response": "A cup.", "license": None}, "no_license"),
        ({"response": "A cup.", "license": "CC0-1.0", "task": "poem"}, "unknown_task"),
        ({"response": "A cup.", "license": "CC0-1.0", "split": "dev"}, "unknown_split"),
        ({"response": "A cup.", "license": "CC0-1.0", "accepted": "A mug."}, "wrong_type"),
        ({"response": "A cup.", "license": "CC0-1.0", "image": 5}, "wrong_type"),
        ({"response": 5, "license": "CC0-1.0"}, "wrong_type"),
    ],
)
def test_odd_rows_are_told_and_stop_nothing(tmp_path: Path, row: dict[str, Any], reason: str) -> None:
    path = parquet(tmp_path / "x.parquet", {key: [value] for key, value in row.items()})
    (told,) = made(path)
    assert isinstance(told, RowError)
    assert told.reason == reason
    assert str(told).startswith("x.parquet row 1: ")


def test_columns_that_are_not_there_are_told_with_those_that_are(tmp_path: Path) -> None:
    path = two(tmp_path)
    assert "has no column 'captoin' for response: its columns are img, caption, n" in refused(
        path, columns={"response": "captoin", "license": "=CC0-1.0"}
    )
    assert "neither image nor response is mapped to a column: its columns are img, caption, n" in refused(path)
    assert "names no licence" in refused(path, columns={"response": "caption"})


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"text": "caption"}, "unknown field 'text': allowed are id, image"),
        ({"response": ""}, "the name of a column is needed"),
        ({"response": 5}, "the name of a column is needed"),
        ({"response": "=A cup."}, "response cannot be the same in every row"),
    ],
)
def test_columns_that_mean_nothing_are_refused(tmp_path: Path, columns: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        open_source("hf", path=tmp_path, seed=0, limit=None, options={"columns": columns})
    with pytest.raises(UsageError, match="source 'hf' has no option 'colunms': allowed are columns, config, hf_split"):
        open_source("hf", path=tmp_path, seed=0, limit=None, options={"colunms": {}})


def test_files_that_cannot_be_read_are_told_in_one_line(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    whole = two(tmp_path).read_bytes()
    (tmp_path / "cut.parquet").write_bytes(whole[:-20])
    (tmp_path / "empty.parquet").write_bytes(b"")
    (tmp_path / "broken.json").write_text('{"response": "A cup.", "lic', encoding="utf-8")
    (tmp_path / "notes.txt").write_text("hello", encoding="utf-8")
    assert "cut.parquet: cannot be opened: " in refused(tmp_path / "cut.parquet")
    assert "empty.parquet: is empty" in refused(tmp_path / "empty.parquet")
    assert "broken.json: cannot be opened: " in refused(tmp_path / "broken.json")
    assert "allowed are .parquet, .json" in refused(tmp_path / "notes.txt")
    (tmp_path / "nothing").mkdir()
    assert "nothing: cannot be opened: " in refused(tmp_path / "nothing")
    assert capfd.readouterr().err == ""
    assert caplog.messages == []


def test_a_path_is_what_is_on_this_disk_or_else_a_repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert place_of(Path("user/name@v1.0")) == place_of(Path("user") / "name@v1.0")
    there = place_of(Path("user/name@v1.0"))
    assert (there.name, there.revision, there.is_hub) == ("user/name", "v1.0", True)
    assert there.attribution == "https://huggingface.co/datasets/user/name"
    (tmp_path / "user" / "name").mkdir(parents=True)
    assert not place_of(Path("user/name")).is_hub
    with pytest.raises(InputError, match="no such file or folder, and no dataset's name on the Hub"):
        place_of(tmp_path / "gone" / "deeper" / "rows.parquet")
    with pytest.raises(UsageError, match="'hf' needs --path"):
        open_source("hf", path=None, seed=0, limit=None)


def test_limit_counts_rows_and_rows_travel_between_processes(tmp_path: Path) -> None:
    path = two(tmp_path)
    assert len(made(path, limit=1, columns=COLUMNS)) == 1
    source = open_source("hf", path=path, seed=0, limit=None, options={"columns": COLUMNS})
    rows, there = pickle.loads(pickle.dumps((list(source.rows()), source)))
    assert [row for raw in rows for row in there.examples(raw)] == made(path, columns=COLUMNS)
