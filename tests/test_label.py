"""Rows of JSON in, labelled rows out: order, count, bad rows, streams and processes."""

import io
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tldr_data.errors import BuildError, InputError, UsageError
from tldr_data.label import label_file, label_jsonl, label_line

GOOD_ROW = {"id": 7, "reference": "A red cup", "response": "A blue cup"}


def _labelled(line: bytes) -> tuple[dict[str, Any], bool]:
    written, error = label_line(line)
    assert written.endswith(b"\n")
    assert written.count(b"\n") == 1
    return json.loads(written), error is None


def test_row_keeps_its_fields_and_gets_five_more() -> None:
    row, good = _labelled(json.dumps(GOOD_ROW).encode())
    assert good
    assert row == GOOD_ROW | {
        "edits": [{"start": 2, "end": 5, "replacement": "blue"}],
        "errors": [{"start": 2, "end": 6, "replaced": "red"}],
        "collateral": [],
        "words": ["A", "blue", "cup"],
        "labels": [1, 0, 1],
    }


def test_numbers_of_the_row_are_written_as_they_were_read() -> None:
    text = '{"big": 123456789012345678901234567890, "f": 1.50, "reference": "a cup", "response": "a cup" }'
    written, error = label_line(text.encode() + b"\r\n")
    assert error is None
    assert written.startswith(text.encode()[:-2])
    assert json.loads(written)["labels"] == [1, 1]


def test_values_of_a_row_written_anew_are_as_they_were_read() -> None:
    kept = '"a": 12345678901234567890123, "b": 1e999, "c": [1.50, "\\ud800"], "d": ' + "9" * 5000
    text = f'{{ "labels" : [9] ,{kept}, "reference":"a cup", "response":"a cup","error":"old" }}'
    written, error = label_line(text.encode())
    assert error is None
    assert written.startswith(f'{{{kept}, "reference":"a cup", "response":"a cup", "edits"'.encode())
    assert json.loads(written, parse_int=float)["labels"] == [1, 1]
    written, error = label_line(f'{{"error": 1, {kept}}}'.encode())
    assert error == "reference is missing; allowed: a string that is not empty"
    assert written.startswith(f'{{{kept}, "error":'.encode())


def test_fields_of_our_names_are_written_anew() -> None:
    row, good = _labelled(json.dumps(GOOD_ROW | {"labels": [9], "error": "old", "n": 1.5}).encode())
    assert good
    assert row["labels"] == [1, 0, 1]
    assert row["n"] == 1.5
    assert "error" not in row


@pytest.mark.parametrize(
    ("line", "error"),
    [
        (b"", "the line is empty"),
        (b"   ", "the line is empty"),
        (b"{", "broken JSON"),
        (b'{"reference": NaN, "response": "a"}', "NaN is not JSON"),
        (b"[" * 100_000, "broken JSON"),
        (b"[1]", "the line is a JSON list; allowed: an object"),
        (b'"text"', "the line is a JSON str"),
        (b'{"reference": "\xff", "response": "a"}', "not UTF-8"),
    ],
)
def test_line_that_is_no_row_comes_back_as_it_was(line: bytes, error: str) -> None:
    row, good = _labelled(line + b"\n")
    assert not good
    assert error in row["error"]
    assert "\n" not in row["error"]
    assert row["line"] == line.strip().decode("utf-8", "backslashreplace")


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"reference": None}, "reference is 'None'; allowed: a string"),
        ({"response": 3}, "response is '3'; allowed: a string"),
        ({"response": ""}, "response is empty"),
        ({"reference": " \n"}, "reference is empty"),
        ({"response": "a \ud800 cup"}, "response holds the lone surrogate U+D800 at 2"),
    ],
)
def test_bad_field_is_named_and_the_row_kept(changed: dict[str, Any], error: str) -> None:
    row, good = _labelled(json.dumps(GOOD_ROW | changed).encode())
    assert not good
    assert row.pop("error").startswith(error)
    assert row == GOOD_ROW | changed


def test_missing_field_is_named() -> None:
    assert _labelled(b'{"response": "a"}')[0]["error"] == "reference is missing; allowed: a string that is not empty"


def test_order_and_count_are_kept_and_bad_rows_counted() -> None:
    lines = [
        b'{"id": 1, "reference": "a", "response": "b"}\n',
        b"\n",
        b"{\n",
        b'{"id": 4, "reference": "a", "response": "a"}',
    ]
    out = io.BytesIO()
    assert label_jsonl(lines, out) == (2, "the line is empty; allowed: a JSON object")
    rows = [json.loads(line) for line in out.getvalue().splitlines()]
    assert [row.get("id") for row in rows] == [1, None, None, 4]
    assert ["error" in row for row in rows] == [False, True, True, False]


def test_line_separators_inside_a_text_do_not_cut_the_row() -> None:
    row = {"reference": "a\u2028red\x85cup", "response": "a\u2028blue\x85cup"}
    out = io.BytesIO()
    assert label_jsonl(io.BytesIO(json.dumps(row, ensure_ascii=False).encode() + b"\n"), out).number == 0
    assert json.loads(out.getvalue())["words"] == ["a", "blue", "cup"]


def test_processes_write_what_one_process_writes(tmp_path: Path) -> None:
    source = tmp_path / "in.jsonl"
    rows = [json.dumps(GOOD_ROW | {"id": number}) if number % 100 else "{" for number in range(1700)]
    source.write_text("\n".join(rows), encoding="utf-8")
    bad = label_file(source, tmp_path / "one.jsonl", 1)
    assert bad.number == 17
    assert label_file(source, tmp_path / "two.jsonl", 2) == bad
    written = (tmp_path / "one.jsonl").read_bytes()
    assert (tmp_path / "two.jsonl").read_bytes() == written
    assert [json.loads(line).get("id") for line in written.splitlines()] == [
        n if n % 100 else None for n in range(1700)
    ]


def test_output_may_be_the_input(tmp_path: Path) -> None:
    file = tmp_path / "rows.jsonl"
    file.write_text(json.dumps(GOOD_ROW) + "\n", encoding="utf-8")
    assert label_file(file, file, 1).number == 0
    assert json.loads(file.read_text(encoding="utf-8"))["labels"] == [1, 0, 1]


@pytest.mark.skipif(sys.platform == "win32", reason="links and pipes are others there")
def test_output_into_a_link_a_mode_or_a_pipe(tmp_path: Path) -> None:
    (tmp_path / "in.jsonl").write_text(json.dumps(GOOD_ROW), encoding="utf-8")
    target, link, pipe = tmp_path / "target", tmp_path / "link", tmp_path / "pipe"
    target.touch(mode=0o640)
    target.chmod(0o604)
    link.symlink_to(target)
    label_file(tmp_path / "in.jsonl", link, 1)
    assert link.is_symlink()
    assert target.stat().st_mode & 0o777 == 0o604
    assert target.stat().st_size
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDWR | os.O_NONBLOCK)
    label_file(tmp_path / "in.jsonl", pipe, 1)
    assert os.read(reader, 10_000) == target.read_bytes()
    os.close(reader)
    assert pipe.is_fifo()


@pytest.mark.parametrize("output", ["", "."])
def test_a_folder_is_no_output(output: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "in.jsonl").write_text(json.dumps(GOOD_ROW), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError, match="is a folder"):
        label_file(tmp_path / "in.jsonl", Path(output), 1)


def test_empty_file_gives_an_empty_file(tmp_path: Path) -> None:
    (tmp_path / "in.jsonl").write_bytes(b"")
    assert label_file(tmp_path / "in.jsonl", tmp_path / "out.jsonl", 2).number == 0
    assert (tmp_path / "out.jsonl").read_bytes() == b""


def test_what_cannot_be_read_or_written_is_named_and_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"cannot read .*nothing\.jsonl"):
        label_file(tmp_path / "nothing.jsonl", tmp_path / "out.jsonl", 1)
    (tmp_path / "in.jsonl").write_text(json.dumps(GOOD_ROW), encoding="utf-8")
    with pytest.raises(BuildError, match="cannot write"):
        label_file(tmp_path / "in.jsonl", tmp_path / "in.jsonl" / "out.jsonl", 1)
    assert [path.name for path in tmp_path.iterdir()] == ["in.jsonl"]


def test_standard_input_and_output() -> None:
    code = "from tldr_data.label import label_file; raise SystemExit(label_file(None, None, 1).number)"
    run = subprocess.run(
        [sys.executable, "-c", code],
        input=json.dumps(GOOD_ROW).encode() + b"\n{\n",
        capture_output=True,
        check=False,
        cwd=Path(__file__).parents[1],
    )
    assert run.returncode == 1
    assert [json.loads(line).get("labels") for line in run.stdout.splitlines()] == [[1, 0, 1], None]


def test_start_up_is_light() -> None:
    code = "import sys, tldr_data.label; print(*sorted({name.split('.')[0] for name in sys.modules}))"
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, check=True, text=True, cwd=Path(__file__).parents[1]
    )
    assert not {"numpy", "polars", "pyarrow", "spacy", "datasets", "pydantic", "difflib"} & set(run.stdout.split())
