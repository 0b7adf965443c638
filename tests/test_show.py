import io
import json
import os
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

import tldr_data.show
from tldr_data.building.plan import Plan
from tldr_data.dataset import read_rows
from tldr_data.errors import UsageError
from tldr_data.marks import Piece, pieces_of
from tldr_data.pipeline import build
from tldr_data.show import plain_text, show
from tldr_data.show.choosing import Wanted, chosen_rows
from tldr_data.show.coloured import FALSE, TRUE, _row, marked

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


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small dataset, only to be read."""
    out = tmp_path_factory.mktemp("show") / "out"
    build(Plan(taxonomies=("spatial", "counting"), out=out, limit=8, splits="paper"))
    return out


def ids(place: Path, **wanted: Any) -> list[str]:
    return [row["id"] for _, row in chosen_rows(str(place), Wanted(**wanted))]


def test_rows_reach_an_output_of_few_characters(monkeypatch: pytest.MonkeyPatch) -> None:
    row = dict.fromkeys(("taxonomy", "subtype", "evidence")) | {"id": "a", "kind": "clean", "verdict": "none"}
    row |= {"response": "A sign: \u4e00", "errors": [], "collateral": []}
    monkeypatch.setattr(tldr_data.show, "chosen_rows", lambda *_: iter([("train", row)]))
    for as_json in (False, True):
        out = io.TextIOWrapper(io.BytesIO(), encoding="latin-1")
        monkeypatch.setattr(sys, "stdout", out)
        show("out", Wanted(), as_json)
        out.flush()
        out.buffer.seek(0)
        assert b"\\u4e00" in out.buffer.read()


def test_a_choice_is_of_the_rows_asked_for(built: Path) -> None:
    every = {folder: [row["id"] for _, row in read_rows(built, folder)] for folder in ("clean", "spatial", "counting")}
    assert ids(built, taxonomy="clean") == every["clean"]
    assert ids(built, taxonomy="clean", split="test") == [row["id"] for _, row in read_rows(built, "clean", ["test"])]
    assert {*every["spatial"], *every["counting"]} < set(ids(built))
    assert not set(every["clean"]) & set(ids(built))
    with pytest.raises(UsageError, match="has no rows of spatial in validation: it has some in train, test"):
        chosen_rows(str(built), Wanted(taxonomy="spatial", split="validation"))
    with pytest.raises(UsageError, match="has no rows of 'colour': it has clean, "):
        chosen_rows(str(built), Wanted(taxonomy="colour"))


def test_of_a_dataset_on_the_hub_only_what_is_shown_is_fetched(built: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fetched: list[list[str]] = []
    monkeypatch.setattr(
        tldr_data.show.choosing, "open_dataset", lambda place, patterns: fetched.append(patterns) or built
    )
    wanted = Wanted(taxonomy="spatial", split="test")
    assert all(row["taxonomy"] == "spatial" for _, row in chosen_rows("user/set@1.0.0", wanted))
    assert fetched == [["manifest.json"], ["manifest.json", "spatial/test-*.parquet"]]


def test_a_random_choice_is_a_matter_of_its_seed(built: Path) -> None:
    whole = ids(built, taxonomy="spatial")
    one, other = (ids(built, taxonomy="spatial", seed=seed, limit=8) for seed in (1, 2))
    assert one == ids(built, taxonomy="spatial", seed=1, limit=8)
    assert one != other
    assert len(set(one)) == 8
    assert sorted(ids(built, taxonomy="spatial", seed=3)) == sorted(whole)


def test_each_row_is_as_likely_as_any(built: Path) -> None:
    """Also those of the smaller split: 3 of so many rows are drawn 250 times."""
    rows = ids(built, taxonomy="counting")
    drawn = Counter(id for seed in range(250) for id in ids(built, taxonomy="counting", seed=seed, limit=3))
    expected = 3 * 250 / len(rows)
    assert set(drawn) == set(rows)
    assert all(abs(n - expected) < 5 * expected**0.5 for n in drawn.values())


def test_a_random_choice_reads_no_more_than_it_needs(built: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []
    real = tldr_data.show.choosing.read_places
    monkeypatch.setattr(
        tldr_data.show.choosing, "read_places", lambda path, places: read.append(path.name) or real(path, places)
    )
    assert len(ids(built, taxonomy="clean", seed=0, limit=1)) == 1
    assert len(read) == 1


def drawn_as(row: dict[str, Any], **console: Any) -> str:
    out = io.StringIO()
    to = Console(
        file=out, force_terminal=True, **{"width": 60, "color_system": "truecolor", "no_color": False, **console}
    )
    to.print(_row(1, "train", row, is_plain=to.no_color))
    return out.getvalue()


def test_false_words_stand_beside_the_true_ones() -> None:
    line = marked(pieces_of(ROW))
    assert line.plain == "A Two blue cups are here"
    assert [(line.plain[span.start : span.end], span.style) for span in line.spans][:3] == [
        ("A", TRUE),
        ("Two", FALSE),
        ("blue", FALSE),
    ]


def test_a_row_says_all_that_is_known_of_it_in_any_width(built: Path) -> None:
    _, row = next(read_rows(built, "spatial"))
    for width in (30, 60, 200):
        lines = drawn_as(row, color_system=None, width=width).splitlines()
        assert max(map(len, lines)) <= width
        said = "".join("".join(lines).split())
        for value in (f"spatial/{row['subtype']}", "train", row["prompt"], row["image_id"], row["evidence"], row["id"]):
            assert "".join(value.split()) in said
    assert "\x1b[9;32m" in drawn_as(row)


def test_without_colour_the_marks_are_characters(built: Path) -> None:
    _, row = next(read_rows(built, "spatial"))
    assert "{was: " in " ".join(drawn_as(row, no_color=True).split())
    hostile = row | {"prompt": "\x1b[2J", "evidence": "\x07", "id": "[bold]a[/]:smile:"}
    shown = drawn_as(hostile, color_system=None)
    assert "\x1b[2J" not in shown
    assert "\x07" not in shown
    assert "[bold]a[/]:smile:" in shown


def on_a_terminal(*arguments: str | Path, keys: bytes = b"", **environment: str) -> tuple[int, str]:
    """Exit status and output of ``show`` on a terminal of 24 lines; keys are pressed once rows are there."""
    pty = pytest.importorskip("pty")
    main, other = pty.openpty()
    command = [sys.executable, "-m", "tldr_data.cli", "show", *map(str, arguments)]
    settings = {"TERM": "xterm-256color", "LINES": "24", "COLUMNS": "80", "LANG": "C.UTF-8", "PYTHONUTF8": "1"}
    kept = {name: value for name, value in os.environ.items() if name not in ("PAGER", "LESS", "NO_COLOR", "COLORTERM")}
    with subprocess.Popen(
        command, stdin=other, stdout=other, stderr=other, env=kept | settings | environment
    ) as process:
        os.close(other)
        output = b""
        try:
            while part := os.read(main, 65536):
                output += part
                if b"verdict" in output and keys:
                    time.sleep(0.2)
                    os.write(main, keys)
                    keys = b""
        except OSError:  # how Linux says that nobody writes any more
            pass
        os.close(main)
        return process.wait(60), output.decode()


def pager(folder: Path, code: str) -> str:
    """A command that reads what is paged."""
    path = folder / "pager.py"
    path.write_text(f"import sys\n{code}\n", encoding="utf-8")
    return f"'{sys.executable}' '{path}'"


def test_on_a_terminal_all_rows_go_through_the_pager(built: Path, tmp_path: Path) -> None:
    count = pager(tmp_path, "print('paged:', sum('verdict' in line for line in sys.stdin))")
    assert on_a_terminal(built, PAGER=count) == (0, f"paged: {len(ids(built))}\r\n")
    assert on_a_terminal(built, "--random", PAGER=count) == (0, "paged: 10\r\n")
    assert on_a_terminal(built, "--limit", "3", PAGER=count) == (0, "paged: 3\r\n")


def test_a_reader_who_has_seen_enough_ends_it(built: Path, tmp_path: Path) -> None:
    few = pager(tmp_path, "print('first:', 'false' in sys.stdin.readline())")
    assert on_a_terminal(built, PAGER=few) == (0, "first: True\r\n")


@pytest.mark.skipif(os.name == "nt" or not any(Path(p, "less").exists() for p in os.get_exec_path()), reason="no less")
def test_less_shows_a_page_and_q_ends_it(built: Path) -> None:
    status, output = on_a_terminal(built, keys=b"q", LESS="-i")
    assert status == 0
    assert "\x1b[1;31mfalse" in output
    assert output.count("verdict") < 8
    assert len(ids(built)) > 20


@pytest.mark.parametrize("environment", [{"PAGER": ""}, {"PAGER": "cat"}, {"PAGER": "/nowhere/less"}, {"PAGER": "'"}])
def test_without_a_pager_rows_are_printed(environment: dict[str, str], built: Path) -> None:
    status, output = on_a_terminal(built, "--limit", "2", **environment)
    assert (status, output.count("verdict")) == (0, 2)
    assert "\x1b[1;31m" in output


@pytest.mark.parametrize("environment", [{"NO_COLOR": "1"}, {"TERM": "dumb"}])
def test_a_terminal_without_colours_gets_characters(environment: dict[str, str], built: Path) -> None:
    status, output = on_a_terminal(built, "--taxonomy", "spatial", "--limit", "2", PAGER="", **environment)
    assert status == 0
    assert "31m" not in output
    assert output.count("{was: ") >= 1


def test_json_is_never_paged(built: Path) -> None:
    status, output = on_a_terminal(built, "--json", PAGER="false")
    assert status == 0
    assert len([json.loads(line) for line in output.splitlines()]) == 10
