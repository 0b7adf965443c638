import json
import pickle
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tldr_data.errors import InputError, RowError, UsageError
from tldr_data.example import Example, ImageTerms
from tldr_data.sources import Made, Unanswered, open_source, read
from tldr_data.sources.files import Line
from tldr_data.sources.jsonl import Jsonl


def write(folder: Path, *lines: object) -> Path:
    """A file of JSON lines; text and bytes go in as they are."""
    path = folder / "rows.jsonl"
    raw = [line if isinstance(line, bytes) else json.dumps(line).encode() for line in lines]
    path.write_bytes(b"\n".join(raw) + b"\n")
    return path


def examples(path: Path, limit: int | None = None) -> list[Made]:
    return list(read(open_source("jsonl", path=path, seed=0, limit=limit)))


def only(path: Path) -> Example:
    (example,) = examples(path)
    assert isinstance(example, Example)
    return example


def reason(path: Path) -> str:
    (error,) = examples(path)
    assert isinstance(error, RowError)
    assert "\n" not in str(error)
    assert "rows.jsonl line 1" in str(error)
    return error.reason


def test_every_documented_key_arrives(tmp_path: Path) -> None:
    (tmp_path / "images").mkdir()
    (tmp_path / "images" / "cup.png").write_bytes(b"pixels")
    row = {
        "id": "mine/1",
        "image": "images/cup.png",
        "prompt": "What is on the table?",
        "response": "A red cup.",
        "group": "mine/kitchen",
        "license": "CC0-1.0",
        "attribution": "me",
        "image_license": "CC-BY-2.0",
        "image_attribution": "a photographer",
        "image_url": "https://x/cup.png",
        "task": "vqa",
        "facts": {"objects": [{"name": "cup", "attributes": ["red"], "count": 1, "box": [0, 0, 5, 5]}]},
    }
    example = only(write(tmp_path, row))
    assert (example.id, example.group, example.task) == ("mine/1", "mine/kitchen", "vqa")
    assert (example.prompt, example.response) == ("What is on the table?", "A red cup.")
    assert (example.source, example.license, example.attribution) == ("jsonl", "CC0-1.0", "me")
    assert example.image == tmp_path / "images" / "cup.png"
    assert example.image_terms == ImageTerms("CC-BY-2.0", "a photographer", "https://x/cup.png")
    assert example.facts is not None
    assert example.facts.things[0].attributes == ("red",)
    assert example.kind == "clean"


def test_what_is_not_said_of_an_image_is_as_of_its_row(tmp_path: Path) -> None:
    (tmp_path / "cup.png").write_bytes(b"pixels")
    row = {"response": "A cup.", "image": "cup.png", "license": "CC0-1.0", "attribution": "me"}
    assert only(write(tmp_path, row)).image_terms is None
    assert only(write(tmp_path, {**row, "image_url": "u"})).image_terms == ImageTerms("CC0-1.0", "me", "u")
    assert only(write(tmp_path, {**row, "image_license": "mine"})).image_terms == ImageTerms("mine", "me")
    assert reason(write(tmp_path, {**row, "image_url": 5})) == "wrong_type"


def test_a_row_with_nothing_but_a_response_is_enough(tmp_path: Path) -> None:
    example = only(write(tmp_path, {"response": " A cup. \n"}))
    assert example.response == " A cup. \n", "the user's text is not touched"
    assert example.license == "unknown"
    assert example.group == example.id


def test_an_image_without_a_response_is_to_be_captioned_or_scored(tmp_path: Path) -> None:
    (tmp_path / "cup.png").write_bytes(b"pixels")
    question = {"image": "cup.png", "response": None, "prompt": "What is it?", "task": "vqa", "license": "CC0-1.0"}
    bare, asked, told = examples(write(tmp_path, {"image": "cup.png"}, question, {"image": "cup.png", "response": ""}))
    assert isinstance(bare, Unanswered)
    assert isinstance(asked, Unanswered)
    assert bare.image == tmp_path / "cup.png"
    assert (bare.task, bare.prompt, bare.license, bare.source) == ("caption", "", "unknown", "jsonl")
    assert (asked.task, asked.prompt, asked.license) == ("vqa", "What is it?", "CC0-1.0")
    assert bare.group == asked.group == bare.image_id
    assert len({bare.id, asked.id}) == 2
    assert isinstance(told, RowError)
    assert told.reason == "empty_response"


def test_other_right_answers_are_taken(tmp_path: Path) -> None:
    assert only(write(tmp_path, {"response": "A cup.", "accepted": ["A mug.", " "]})).accepted == ("A mug.",)


def test_an_id_is_of_the_content_not_of_the_place(tmp_path: Path) -> None:
    first, second = {"response": "A cup."}, {"response": "A pot."}
    ids = [e.id for e in examples(write(tmp_path, first, second)) if isinstance(e, Example)]
    turned = [e.id for e in examples(write(tmp_path, second, b"", first)) if isinstance(e, Example)]
    assert ids == turned[::-1]
    assert len(set(ids)) == 2


def test_one_image_under_two_names_is_one_group(tmp_path: Path) -> None:
    for name in ("a.png", "b.png"):
        (tmp_path / name).write_bytes(b"same pixels")
    rows = examples(write(tmp_path, {"response": "A.", "image": "a.png"}, {"response": "B.", "image": "b.png"}))
    assert len({e.group for e in rows if isinstance(e, Example)}) == 1


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (b'{"response": "cut', "broken_json"),
        (b'{"response": ' + b"[" * 100_000, "broken_json"),
        (b'{"response": "A cup.", "n": ' + b"9" * 5000 + b"}", "broken_json"),
        (b'{"response": "caf\xe9"}', "bad_encoding"),
        (b'"A cup."', "not_an_object"),
        ({"text": "A cup."}, "missing_response"),
        ({"response": None}, "missing_response"),
        ({"response": " \n"}, "empty_response"),
        ({"response": 7}, "wrong_type"),
        ({"response": "A cup.", "prompt": ["x"]}, "wrong_type"),
        ({"response": "A cup.", "id": True}, "wrong_type"),
        ({"response": "A \ud800 cup."}, "lone_surrogate"),
        ({"response": "A cup.", "id": "\udfff"}, "lone_surrogate"),
        ({"response": "cup " * 20_001}, "too_long"),
        ({"response": "杯" * 200_001}, "too_long"),
        ({"response": "A cup.", "image": "gone.png"}, "missing_image"),
        ({"response": "A cup.", "image": "n" * 5000}, "missing_image"),
        ({"response": "A cup.", "image": "a\0b"}, "missing_image"),
        ({"response": "A cup.", "task": "poem"}, "unknown_task"),
        ({"response": "A cup.", "accepted": "A mug."}, "wrong_type"),
        ({"response": "A cup.", "accepted": ["A mug.", 7]}, "wrong_type"),
        ({"prompt": "What is it?"}, "missing_response"),
        ({"response": "A cup.", "facts": [1]}, "bad_facts"),
        ({"response": "A cup.", "facts": {"objects": [{"count": 2}]}}, "bad_facts"),
        ({"response": "A cup.", "facts": {"objects": "cup"}}, "bad_facts"),
        ({"response": "A cup.", "facts": {"objects": [{"name": "cup", "attributes": "red"}]}}, "bad_facts"),
        ({"response": "A cup.", "facts": {"objects": [{"name": "cup", "size": ["small"]}]}}, "bad_facts"),
        ({"response": "A cup.", "facts": {"objects": [{"name": "cup", "count": 2.9}]}}, "bad_facts"),
        ({"response": "A cup.", "facts": {"objects": [{"name": ""}]}}, "bad_facts"),
        ({"response": "A cup.", "facts": {"objects": [{"name": "cup", "box": [5, 0, 0, 5]}]}}, "bad_facts"),
        ({"response": "A cup.", "facts": {"exhaustive": ["object"]}}, "bad_facts"),
        ({"response": "A cup.", "facts": {"relations": [{"subject": 0, "predicate": "on", "object": 0}]}}, "bad_facts"),
        ({"response": "A cup.", "facts": {"objects": [{"name": "cup", "count": 1e999}]}}, "bad_facts"),
    ],
)
def test_an_odd_row_is_told_by_reason_and_line(tmp_path: Path, line: object, expected: str) -> None:
    assert reason(write(tmp_path, line)) == expected


def test_20_000_words_are_taken(tmp_path: Path) -> None:
    assert isinstance(only(write(tmp_path, {"response": "cup " * 20_000})), Example)


def test_an_odd_row_stops_nothing(tmp_path: Path) -> None:
    path = write(tmp_path, {"response": "A cup."}, b"{broken", b"", b"   ", {"response": "A pot."})
    kinds = [type(e).__name__ for e in examples(path)]
    assert kinds == ["Example", "RowError", "Example"]
    error = examples(path)[1]
    assert "line 2" in str(error)


def test_windows_files_are_read(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_bytes(b'\xef\xbb\xbf{"response": "A cup."}\r\n{"response": "A pot."}\r\n')
    assert [e.response for e in examples(path) if isinstance(e, Example)] == ["A cup.", "A pot."]


def test_limit_counts_rows(tmp_path: Path) -> None:
    path = write(tmp_path, *({"response": f"{n} cups."} for n in range(5)))
    assert len(examples(path, limit=3)) == 3


def test_a_folder_gives_all_its_files_in_order(tmp_path: Path) -> None:
    for name in ("b.jsonl", "a.jsonl", "c.txt"):
        (tmp_path / name).write_text(json.dumps({"response": name}), encoding="utf-8")
    assert [e.response for e in examples(tmp_path) if isinstance(e, Example)] == ["a.jsonl", "b.jsonl"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b'[\n{"response": "A cup."}\n]', "one object on each line"),
        (b'{\n "response": "A cup."\n}', "one object on each line"),
        (b"PAR1\0\0\0", "binary"),
        ('{"response": "A cup."}'.encode("utf-16"), "binary"),
        (b"\x1f\x8b\x08rest", "binary"),
    ],
)
def test_a_file_of_another_format_is_told_once(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_bytes(content)
    with pytest.raises(InputError, match=message):
        examples(path)


def test_no_path_and_no_file(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="needs --path"):
        open_source("jsonl", path=None, seed=0, limit=None)
    with pytest.raises(InputError, match="no such file or folder"):
        open_source("jsonl", path=tmp_path / "gone.jsonl", seed=0, limit=None)
    with pytest.raises(InputError, match=r"no file named \*\.jsonl"):
        open_source("jsonl", path=tmp_path, seed=0, limit=None)


def test_rows_and_the_source_travel_to_other_processes(tmp_path: Path) -> None:
    source = Jsonl(path=write(tmp_path, {"response": "A cup."}), seed=0, limit=None)
    row, there = pickle.loads(pickle.dumps((next(source.rows()), source)))
    assert list(there.examples(row)) == list(read(source))


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
KEYS = st.sampled_from(
    "id image prompt response accepted group license task attribution image_license image_url facts".split()
)


@given(row=st.dictionaries(KEYS, JSON))
def test_no_row_is_fatal_or_silent(row: dict[str, object]) -> None:
    source = Jsonl(path=Path(__file__), seed=0, limit=None)
    (made,) = source.examples(Line("rows.jsonl", 1, json.dumps(row).encode()))
    if isinstance(made, Example):
        assert made.response == row["response"]
    elif isinstance(made, RowError):
        assert made.reason.replace("_", "").isalpha()
        assert str(made).startswith("rows.jsonl line 1: ")
