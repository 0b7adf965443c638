import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tldr_data.errors import InputError
from tldr_data.sources import json_stream as module
from tldr_data.sources.json_stream import entries, values

TEXTS = st.lists(st.text(st.sampled_from('a"\\\ud83d\ude00\U0001f600'), max_size=5), max_size=6)


@given(texts=TEXTS, block=st.sampled_from([19, 24, 40, 1 << 20]))
def test_nothing_is_lost_whatever_half_characters_are_escaped_and_however_the_file_is_cut(
    tmp_path_factory: pytest.TempPathFactory, texts: list[str], block: int
) -> None:
    path = tmp_path_factory.getbasetemp() / "stream.json"
    path.write_text(json.dumps({"data": texts}), encoding="ascii")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "BLOCK", block)
        read = list(values(path, "data.item", "text"))
    assert read == json.loads(path.read_text(encoding="ascii"))["data"]


def test_the_last_bytes_count_where_the_file_fills_its_blocks(tmp_path: Path) -> None:
    path = tmp_path / "stream.json"
    path.write_text(json.dumps({"data": ["", "\ud83d"]}), encoding="ascii")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "BLOCK", path.stat().st_size)
        assert list(values(path, "data.item", "text")) == ["", "\ud83d"]


def test_a_whole_escaped_character_is_no_reason_for_the_slow_parser(tmp_path: Path) -> None:
    path = tmp_path / "stream.json"
    path.write_text(json.dumps(["\U0001f600" * 40, "cup"]), encoding="ascii")
    with pytest.MonkeyPatch.context() as patch, path.open("rb") as file:
        for block in range(19, 60):
            patch.setattr(module, "BLOCK", block)
            assert not module._has_lone_surrogate(file), block


def test_keys_that_stand_twice_come_twice_and_a_break_is_told_after_what_stands_before_it(tmp_path: Path) -> None:
    path = tmp_path / "stream.json"
    path.write_text('\ufeff{"a": 1.5, "a": 2, "b": ', encoding="utf-8")
    stream = entries(path, "row")
    assert [next(stream), next(stream)] == [("a", 1.5), ("a", 2)]
    with pytest.raises(InputError, match=r"stream\.json: JSON is broken or cut off after row 2: "):
        next(stream)
