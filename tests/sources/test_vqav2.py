import json
import pickle
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from tldr_data.errors import InputError, RowError, UsageError
from tldr_data.example import Example
from tldr_data.sources import Made, Unanswered, open_source, read

SHARED = Path(__file__).parents[2] / ".." / "shared" / "data" / "vqa" / "vqav2"
HEAD = {
    "info": {"description": "This is v2.0 of the VQA dataset.", "version": "2.0", "year": 2017},
    "task_type": "Open-Ended",
    "data_type": "mscoco",
    "license": {"url": "http://creativecommons.org/licenses/by/4.0/", "name": "Creative Commons"},
}
QUESTIONS = "v2_OpenEnded_mscoco_val2014_questions.json"
ANNOTATIONS = "v2_mscoco_val2014_annotations.json"


def question(number: int, text: Any, image: Any = 42) -> dict[str, Any]:
    return {"image_id": image, "question": text, "question_id": number}


def annotation(number: int, *answers: str, official: str | None = None, image: int = 42) -> dict[str, Any]:
    said = [
        {"answer": answer, "answer_confidence": "maybe" if n % 2 else "yes", "answer_id": n}
        for n, answer in enumerate(answers, 1)
    ]
    return {
        "question_type": "what is", "multiple_choice_answer": official or answers[0], "answers": said,
        "image_id": image, "answer_type": "other", "question_id": number,
    }  # fmt: skip


ASKED = [question(42000, "What is it? "), question(42001, "Is it red?"), question(7000, "How many are there?", 7)]
ANSWERED = [
    annotation(42000, "net", "net", "netting", "mesh", "net"),
    annotation(42001, "yes", "yes"),
    annotation(7000, "2", "2", "3", image=7),
]


def write(folder: Path, questions: Any = ASKED, annotations: Any = ANSWERED, subset: str = "val2014") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    content = {**HEAD, "data_subtype": "val2014", "questions": questions}
    (folder / QUESTIONS).write_text(json.dumps(content), encoding="utf-8")
    if annotations is not None:
        # the official annotations name what they are after the annotations too
        told = {"info": HEAD["info"], "data_subtype": subset, "annotations": annotations, "data_type": "mscoco"}
        (folder / ANNOTATIONS).write_text(json.dumps(told), encoding="utf-8")
    return folder


def made(path: Path, limit: int | None = None) -> list[Made]:
    return list(read(open_source("vqav2", path=path, seed=0, limit=limit)))


def clean(path: Path) -> list[Example]:
    return [row for row in made(path) if isinstance(row, Example)]


def test_questions_are_joined_with_what_people_answered(tmp_path: Path) -> None:
    (tmp_path / "val2014").mkdir()
    (tmp_path / "val2014" / "COCO_val2014_000000000042.jpg").write_bytes(b"pixels")
    first, second, third = clean(write(tmp_path))
    assert (first.id, first.task, first.prompt, first.response) == ("vqav2/42000", "vqa", "What is it?", "net")
    assert first.accepted == ("netting", "mesh")
    assert [row.group for row in (first, second, third)] == ["coco/42", "coco/42", "coco/7"]
    assert [row.image_id for row in (first, second, third)] == ["coco/42", "coco/42", "coco/7"]
    assert isinstance(first.image, Path)
    assert third.image is None
    assert first.image_terms
    assert (first.image_terms.license, first.image_terms.url) == ("unknown", None)
    assert first.facts is not None
    assert first.facts.pairs == (("Is it red?", "yes"),)
    assert first.facts.exhaustive == frozenset()
    assert second.facts is not None
    assert second.facts.pairs == (("What is it?", "net"),)
    assert third.facts is None
    assert {(row.source, row.license, row.split) for row in (first, third)} == {("vqav2", "CC-BY-4.0", None)}


@pytest.mark.parametrize("order", [[2, 1, 0], [1, 2, 0], [0, 2, 1]])
def test_annotations_in_another_order_are_found(tmp_path: Path, order: list[int]) -> None:
    there = {row.id: row for row in clean(write(tmp_path / "a"))}
    turned = clean(write(tmp_path / "b", annotations=[ANSWERED[number] for number in order]))
    assert {row.id: row for row in turned} == there


def test_a_question_that_nobody_answered_is_told(tmp_path: Path) -> None:
    rows = made(write(tmp_path, annotations=[ANSWERED[0], ANSWERED[2]]))
    assert [row.reason for row in rows if isinstance(row, RowError)] == ["missing_answer"]
    assert "question 2" in str(rows[1])
    assert [row.response for row in rows if isinstance(row, Example)] == ["net", "2"]


def test_the_official_folders_are_searched(tmp_path: Path) -> None:
    write(tmp_path)
    for folder, name in (("Questions", QUESTIONS), ("Annotations", ANNOTATIONS)):
        (tmp_path / folder).mkdir()
        (tmp_path / name).rename(tmp_path / folder / name)
    images = tmp_path / "Images" / "mscoco" / "val2014"
    images.mkdir(parents=True)
    (images / "COCO_val2014_000000000007.jpg").write_bytes(b"pixels")
    assert [bool(row.image) for row in clean(tmp_path)] == [False, False, True]


def test_without_annotations_rows_have_no_response(tmp_path: Path) -> None:
    path = write(tmp_path, annotations=None) / QUESTIONS
    content = json.loads(path.read_text(encoding="utf-8")) | {"data_subtype": "test-dev2015"}
    path.unlink()
    (tmp_path / "v2_OpenEnded_mscoco_test-dev2015_questions.json").write_text(json.dumps(content), encoding="utf-8")
    (tmp_path / "test2015").mkdir()
    (tmp_path / "test2015" / "COCO_test2015_000000000042.jpg").write_bytes(b"pixels")
    rows = made(tmp_path)
    assert [type(row) for row in rows] == [Unanswered] * 3
    assert isinstance(rows[0], Unanswered)
    assert (rows[0].id, rows[0].prompt, rows[0].task, rows[0].group) == ("vqav2/42000", "What is it?", "vqa", "coco/42")
    assert rows[0].image is not None


@pytest.mark.parametrize(
    ("asked", "answered", "reason"),
    [
        ("a question", annotation(42001, "yes"), "not_an_object"),
        (None, annotation(42001, "yes"), "not_an_object"),
        (question(42001, "Is it?"), None, "missing_answer"),
        (question(42001, None), annotation(42001, "yes"), "missing_question"),
        (question(42001, 5), annotation(42001, "yes"), "wrong_type"),
        (question(42001, "Is it?", None), annotation(42001, "yes"), "missing_id"),
        ({"question": "Is it?", "image_id": 42}, annotation(42001, "yes"), "missing_id"),
        (question(42001, "Is it?"), annotation(42001, "a", "b", "c"), "no_agreed_answer"),
        (question(42001, "Is it?"), annotation(42001, "Not sure", "Not sure"), "not_answerable"),
        (question(42001, "Is it?"), {"question_id": 42001, "answers": []}, "missing_answer"),
        (question(42001, "Is it?"), {"question_id": 42001, "answers": "yes"}, "missing_answer"),
        (question(42001, "Is it?"), {"question_id": 42001, "multiple_choice_answer": 5}, "wrong_type"),
    ],
)
def test_odd_rows_are_told_and_stop_nothing(tmp_path: Path, asked: Any, answered: Any, reason: str) -> None:
    rows = made(write(tmp_path, [ASKED[0], asked, ASKED[2]], [ANSWERED[0], answered, ANSWERED[2]]))
    assert isinstance(rows[1], RowError)
    assert (rows[1].reason, "\n" in str(rows[1])) == (reason, False)
    assert str(rows[1]).startswith(f"{QUESTIONS} question 2: ") or reason == "missing_id"
    first, _, third = rows
    assert isinstance(first, Example)
    assert isinstance(third, Example)
    assert first.facts is None, "what is not right is no fact"


def test_without_an_official_answer_the_most_frequent_is_taken(tmp_path: Path) -> None:
    bare = {key: value for key, value in ANSWERED[0].items() if key in ("question_id", "answers")}
    (row,) = clean(write(tmp_path, ASKED[:1], [bare]))
    assert (row.response, row.accepted) == ("net", ("netting", "mesh"))


def test_a_question_that_stands_twice_comes_twice(tmp_path: Path) -> None:
    rows = clean(write(tmp_path, [ASKED[0], ASKED[0], ASKED[1]], ANSWERED[:2]))
    assert [row.id for row in rows] == ["vqav2/42000", "vqav2/42000", "vqav2/42001"]


@pytest.mark.parametrize("cut", [QUESTIONS, ANNOTATIONS])
def test_a_cut_file_gives_what_stands_before_the_cut(tmp_path: Path, cut: str) -> None:
    questions = [question(1000 + n, f"Is it number {n}?", n) for n in range(3000)]
    write(tmp_path, questions, [annotation(1000 + n, "yes", image=n) for n in range(3000)])
    path = tmp_path / cut
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 2 // 3])
    rows = read(open_source("vqav2", path=tmp_path, seed=0, limit=None))
    assert all(isinstance(row, Example) for row in islice(rows, 1500))
    with pytest.raises(InputError, match=rf"{cut}: JSON is broken or cut off after (question|annotation) \d+"):
        list(rows)


def test_the_wrong_file_is_named(tmp_path: Path) -> None:
    write(tmp_path)
    with pytest.raises(InputError, match="has no VQA questions; it seems to be VQA annotations"):
        made(tmp_path / ANNOTATIONS)
    (tmp_path / ANNOTATIONS).write_bytes((tmp_path / QUESTIONS).read_bytes())
    with pytest.raises(InputError, match="has no VQA annotations; it seems to be VQA questions"):
        made(tmp_path)


def test_answers_to_other_questions_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"has the answers to train2014, and the questions are of val2014"):
        made(write(tmp_path, subset="train2014"))


@pytest.mark.parametrize("content", ["", "no json", "[]", "{}", '{"questions": []}', '{"questions": {}}'])
def test_another_file_is_refused_in_one_line(tmp_path: Path, content: str) -> None:
    (tmp_path / "questions.json").write_text(content, encoding="utf-8")
    with pytest.raises(InputError, match=r"questions\.json: ") as caught:
        made(tmp_path)
    assert "\n" not in str(caught.value)


def test_a_path_is_needed(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="'vqav2' needs --path"):
        open_source("vqav2", path=None, seed=0, limit=None)
    with pytest.raises(InputError, match="questions"):
        open_source("vqav2", path=tmp_path, seed=0, limit=None)


def test_limit_counts_questions_and_rows_travel_between_processes(tmp_path: Path) -> None:
    write(tmp_path)
    assert len(made(tmp_path, limit=2)) == 2
    source = open_source("vqav2", path=tmp_path, seed=0, limit=None)
    rows, there = pickle.loads(pickle.dumps((list(source.rows()), source)))
    assert [row for raw in rows for row in there.examples(raw)] == made(tmp_path)


@pytest.mark.skipif(not SHARED.is_dir(), reason="real data is not there")
def test_real_files() -> None:
    rows = clean(SHARED)
    assert [row.response for row in rows] == ["net", "pitcher", "orange"]
    assert all(isinstance(row.image, Path) for row in rows)
