import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tldr_data.errors import InputError
from tldr_data.sources import json_items as module
from tldr_data.sources.json_items import json_items, parse_item, read_item

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(1 << 63), (1 << 63) - 1)
    | st.text(max_size=6)
    | st.sampled_from(['"', "\\", "]}", '\\"[']),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=12,
)
OBJECTS = st.lists(st.dictionaries(st.text(max_size=3), VALUES, max_size=4), max_size=5)


@given(OBJECTS, st.booleans(), st.sampled_from([1, 7, 1 << 20]), st.sampled_from([None, 1]))
def test_items_are_found_and_read_back_however_the_file_is_cut(
    tmp_path_factory: pytest.TempPathFactory, objects: list[dict[str, Any]], ascii: bool, block: int, indent: int | None
) -> None:
    path = tmp_path_factory.mktemp("items") / "items.json"
    path.write_text(json.dumps(objects, ensure_ascii=ascii, indent=indent), encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "BLOCK", block)
        items = list(json_items(path))
    assert [parse_item(item.data) for item in items] == objects
    with path.open("rb") as file:
        assert [read_item(file, item.start, len(item.data)) for item in items] == [item.data for item in items]
    emptied = [{key: type(v)() if isinstance(v, list | dict) else v for key, v in o.items()} for o in objects]
    assert [json.loads(item.outline) for item in items] == emptied


@pytest.mark.parametrize("text", ["", "{}", '[{"a": 1}', '[{"a": [1}', '[{"a": 1}] []', "7"])
def test_what_is_no_array_is_told_in_one_line(tmp_path: Path, text: str) -> None:
    path = tmp_path / "items.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=r"items\.json: .+"):
        list(json_items(path))


def test_a_byte_order_mark_is_no_fault(tmp_path: Path) -> None:
    path = tmp_path / "items.json"
    path.write_bytes(b'\xef\xbb\xbf [{"a": 1}]')
    assert [item.outline for item in json_items(path)] == [b'{"a": 1}']
