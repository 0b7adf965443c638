"""The blind audit: what the sheet shows and hides, and what becomes of the answers."""

import csv
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tldr_data.audit import QUESTIONS, item_number, read_answers, summary_lines, write_sheet
from tldr_data.building.plan import Plan, SourcePlan
from tldr_data.check import find_faults
from tldr_data.dataset import read_rows
from tldr_data.errors import InputError, UsageError
from tldr_data.pipeline import build


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("audit") / "out"
    build(Plan(taxonomies=("attribute", "spatial"), out=out, sources=(SourcePlan("scenes-easy"),), limit=40))
    return out


def lines_of(directory: Path, per_taxonomy: int = 8) -> list[dict[str, str]]:
    page = write_sheet(directory, per_taxonomy)
    with page.with_suffix(".csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def kinds_of(directory: Path, lines: list[dict[str, str]]) -> dict[str, str]:
    """Item -> kind; the text that it shows is that of the row, an answer behind its question."""
    rows = {
        item_number(row["id"]): row
        for name in ("clean", "paraphrase", "attribute", "spatial")
        for _, row in read_rows(directory, name)
    }
    for line in lines:
        row = rows[line["item"]]
        asked = f"{row['prompt']} " if row["task"] == "vqa" else ""
        assert line["text"].replace("[[", "").replace("]]", "") == asked + row["response"]
    return {line["item"]: rows[line["item"]]["kind"] for line in lines}


def answer(path: Path, lines: list[dict[str, str]], give: Callable[[dict[str, str]], dict[str, str]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(lines[0]))
        writer.writeheader()
        writer.writerows({**line, **give(line)} for line in lines)
    return path


def right(kinds: dict[str, str]) -> Callable[[dict[str, str]], dict[str, str]]:
    def give(line: dict[str, str]) -> dict[str, str]:
        false = "yes" if kinds[line["item"]] == "perturbed" else "no"
        return {"false": false, "fits": "y", "rest_true": "yes", "natural": "Yes"}

    return give


def test_the_sheet_mixes_changed_and_unchanged_rows_and_tells_them_apart_by_nothing(built: Path) -> None:
    lines = lines_of(built)
    kinds = kinds_of(built, lines)
    found = [kinds[line["item"]] for line in lines]
    assert (found.count("perturbed"), found.count("clean"), found.count("paraphrase")) == (16, 8, 8)
    assert found != sorted(found)
    assert found != sorted(found, reverse=True)
    assert all("[[" in line["text"] and "]]" in line["text"] for line in lines)
    sheet = (built / "audit" / "sheet.html").read_text(encoding="utf-8")
    assert sheet.count("data:image/jpeg") == len(lines)
    told = [
        word for word in ("perturbed", "#spatial", "#paraphrase", "#attribute", "was:", "scenes-easy/") if word in sheet
    ]
    assert told == []


def test_the_same_build_gives_the_same_sheet(built: Path) -> None:
    write_sheet(built, 8)
    first = (built / "audit" / "sheet.html").read_bytes()
    write_sheet(built, 8)
    assert (built / "audit" / "sheet.html").read_bytes() == first


def test_answers_become_figures_on_the_card_and_the_build_stays_whole(built: Path, tmp_path: Path) -> None:
    lines = lines_of(built)
    kinds = kinds_of(built, lines)
    one = next(line["item"] for line in lines if kinds[line["item"]] == "perturbed" and line["taxonomy"] == "spatial")
    other = next(line["item"] for line in lines if kinds[line["item"]] == "clean")

    def give(line: dict[str, str]) -> dict[str, str]:
        wrong = {one: {"false": "unsure"}, other: {"rest_true": "no"}}
        return {**right(kinds)(line), **wrong.get(line["item"], {})}

    found = read_answers(built, [answer(tmp_path / "a.csv", lines, give)])
    assert found["taxonomies"]["attribute"]["good"] == found["taxonomies"]["attribute"]["n"] == 8
    assert found["taxonomies"]["spatial"] == {"n": 8, "good": 7, "false": 7, "fits": 8, "rest_true": 8, "natural": 8}
    assert found["clean"] == {"scenes-easy": {"n": 8, "wrong": 1, "natural": 8}}
    assert found["agreement"] is None
    assert "| spatial | 87.5% (52.9 to 97.8, n = 8) |" in (built / "README.md").read_text(encoding="utf-8")
    assert any(line.startswith("spatial: good 87.5%") for line in summary_lines(found))
    assert not list(find_faults(built))
    assert json.loads((built / "audit.json").read_text(encoding="utf-8")) == found


def test_two_auditors_agree_as_far_as_they_do(built: Path, tmp_path: Path) -> None:
    lines = lines_of(built)
    kinds = kinds_of(built, lines)
    first = answer(tmp_path / "a.csv", lines, right(kinds))
    never = answer(tmp_path / "b.csv", lines, lambda line: {**right(kinds)(line), "false": "no"})
    found = read_answers(built, [first, never])
    assert found["agreement"] == {"n": 32, "same": 16, "kappa": 0.0}
    assert found["taxonomies"]["spatial"]["good"] == 0
    assert read_answers(built, [first, first])["agreement"]["kappa"] == 1.0


def test_what_nobody_answered_counts_nowhere(built: Path, tmp_path: Path) -> None:
    lines = lines_of(built)
    found = read_answers(built, [answer(tmp_path / "a.csv", lines, lambda line: {})])
    assert found["answered"] == 0
    with pytest.raises(UsageError, match="no item is answered"):
        summary_lines(found)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("item,taxonomy\n", "column 'false' is missing"),
        ("item,false,fits,rest_true,natural\nabc,maybe,,,\n", "line 2: false is 'maybe': allowed are yes, no, unsure"),
        ("item,false,fits,rest_true,natural\nabc,yes,,,\n", "item abc is of no row"),
    ],
)
def test_a_sheet_that_is_none_is_told(built: Path, tmp_path: Path, text: str, told: str) -> None:
    path = tmp_path / "sheet.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=told):
        read_answers(built, [path])


def test_every_question_of_the_page_is_a_column(built: Path) -> None:
    assert set(QUESTIONS) < set(lines_of(built)[0])
    assert all(
        question in (built / "audit" / "sheet.html").read_text(encoding="utf-8") for question in QUESTIONS.values()
    )
