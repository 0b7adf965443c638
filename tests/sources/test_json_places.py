import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tldr_data.errors import InputError
from tldr_data.sources import json_places as module
from tldr_data.sources.json_places import places_by_key, places_by_number

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=6) | st.sampled_from(['"', "\\", "]}", '\\"[{']),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=12,
)
OBJECTS = st.dictionaries(st.text(max_size=4), st.dictionaries(st.text(max_size=3), VALUES, max_size=4), max_size=5)
LAYOUT = {"ascii": st.booleans(), "block": st.sampled_from([1, 7, 1 << 20]), "indent": st.sampled_from([None, 1])}


def write(factory: pytest.TempPathFactory, content: Any, ascii: bool, indent: int | None) -> Path:
    path = factory.getbasetemp() / "places.json"
    path.write_text(json.dumps(content, ensure_ascii=ascii, indent=indent), encoding="utf-8")
    return path


@given(objects=OBJECTS, **LAYOUT)
def test_objects_are_found_by_their_keys_however_the_file_is_cut(
    tmp_path_factory: pytest.TempPathFactory, objects: dict[str, Any], ascii: bool, block: int, indent: int | None
) -> None:
    path = write(tmp_path_factory, objects, ascii, indent)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "BLOCK", block)
        places = places_by_key(path)
    with path.open("rb") as file:
        assert {key: json.loads(place.read(file)) for key, place in places.items()} == objects


@given(head=VALUES, objects=st.lists(st.dictionaries(st.text(max_size=3), VALUES, max_size=4), max_size=5), **LAYOUT)
def test_objects_of_a_list_are_found_by_their_numbers_however_the_file_is_cut(
    tmp_path_factory: pytest.TempPathFactory, head: Any, objects: list[Any], ascii: bool, block: int, indent: int | None
) -> None:
    numbered = [{**each, "inner": {"my_id": 99}, "my_id": number, "z": [each]} for number, each in enumerate(objects)]
    path = write(tmp_path_factory, {"head": head, "rows": numbered, "more": numbered}, ascii, indent)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "BLOCK", block)
        places = places_by_number(path, "rows", "my_id")
    with path.open("rb") as file:
        assert {key: json.loads(place.read(file)) for key, place in places.items()} == {
            str(number): each for number, each in enumerate(numbered)
        }


def test_of_two_the_first_is_taken(tmp_path: Path) -> None:
    path = tmp_path / "places.json"
    path.write_text('{"a": {"n": 1}, "a": {"n": 2}}', encoding="utf-8")
    with path.open("rb") as file:
        assert json.loads(places_by_key(path)["a"].read(file)) == {"n": 1}


@pytest.mark.parametrize("text", ['{"a": {"b": 1}', '{"a": {"b": [1', '{"rows": [{"my_id": 1}]'])
def test_a_file_that_breaks_off_is_told_in_one_line(tmp_path: Path, text: str) -> None:
    path = tmp_path / "places.json"
    path.write_text(text, encoding="utf-8")
    for find in (places_by_key, lambda file: places_by_number(file, "rows", "my_id")):
        with pytest.raises(InputError, match=r"places\.json: JSON is broken or cut off"):
            find(path)
