import io
import sys
from pathlib import Path

import pytest

import tldr_data.show
from tldr_data.marks import Piece, pieces_of
from tldr_data.show import plain_text, show

ROW = {
    "response": "Two blue cups are here",
    "errors": [{"start": 0, "end": 3, "replaced": "A"}, {"start": 4, "end": 8, "replaced": ""}],
    "collateral": [{"start": 9, "end": 13, "replaced": "cup"}, {"start": 14, "end": 17, "replaced": "is"}],
}


def test_pieces_give_the_response_back() -> None:
    pieces = pieces_of(ROW)
    assert "".join(piece.text for piece in pieces) == ROW["response"]
    assert [piece for piece in pieces if piece.mark == "error"] == [Piece("Two", "error", "A"), Piece("blue", "error")]


def test_plain_marks() -> None:
    assert plain_text(pieces_of(ROW)) == "[Two]{was: A} [blue]{inserted} (cups) (are) here"


def test_control_characters_do_not_reach_the_terminal() -> None:
    assert (
        plain_text([Piece("red\x1b[31m", "plain"), Piece("\x07", "error", "\x1b")])
        == "red\ufffd[31m[\ufffd]{was: \ufffd}"
    )


def test_rows_reach_an_output_of_few_characters(monkeypatch: pytest.MonkeyPatch) -> None:
    row: dict[str, object] = {
        "id": "a",
        "kind": "clean",
        "taxonomy": None,
        "subtype": None,
        "verdict": "none",
        "evidence": None,
    }
    row |= {"response": "A sign: \u4e00", "errors": [], "collateral": []}
    monkeypatch.setattr(tldr_data.show, "_folders", lambda *_: ["clean"])
    monkeypatch.setattr(tldr_data.show, "read_rows", lambda *_: iter([("train", row)]))
    for as_json in (False, True):
        out = io.TextIOWrapper(io.BytesIO(), encoding="latin-1")
        monkeypatch.setattr(sys, "stdout", out)
        show(Path("out"), None, 1, as_json)
        out.flush()
        out.buffer.seek(0)
        assert b"\\u4e00" in out.buffer.read()
