import json
import pickle
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from tldr_data.errors import InputError, RowError, UsageError
from tldr_data.example import Example, ImageTerms
from tldr_data.sources import Made, Unanswered, open_source, read

SHARED = Path(__file__).parents[2] / ".." / "shared" / "data" / "textvqa"


def question(number: int, answers: Any = None, **changed: Any) -> dict[str, Any]:
    asked = {
        "question": "what is the brand?", "image_id": "0054c91397f2fe05", "image_classes": ["Belt", "Mobile phone"],
        "flickr_original_url": "https://farm6.example/1_o.jpg", "flickr_300k_url": "https://c4.example/1_z.jpg",
        "image_width": 1024, "image_height": 730, "question_tokens": ["what", "is", "the", "brand"],
        "question_id": number, "set_name": "val",
    }  # fmt: skip
    return asked | ({} if answers is None else {"answers": answers}) | changed


NOKIA = ["nokia", "nokia ", "toshiba", "nokia", "the nokia"]


def write(folder: Path, *questions: Any, name: str = "TextVQA_0.5.1_val.json") -> Path:
    content = {"dataset_type": "val", "dataset_name": "textvqa", "dataset_version": "0.5.1", "data": list(questions)}
    (folder / name).write_text(json.dumps(content), encoding="utf-8")
    return folder


def made(path: Path, limit: int | None = None) -> list[Made]:
    return list(read(open_source("textvqa", path=path, seed=0, limit=limit)))


def only(path: Path) -> Example:
    (row,) = made(path)
    assert isinstance(row, Example)
    return row


def test_the_answer_of_most_people_is_the_response_and_all_others_are_accepted(tmp_path: Path) -> None:
    images = tmp_path / "train_val_images" / "train_images"
    images.mkdir(parents=True)
    (images / "0054c91397f2fe05.jpg").write_bytes(b"pixels")
    row = only(write(tmp_path, question(3, NOKIA)))
    assert (row.id, row.task, row.prompt, row.response) == ("textvqa/3", "vqa", "what is the brand?", "nokia")
    assert row.accepted == ("toshiba", "the nokia")
    assert (row.group, row.image_id) == ("openimages/0054c91397f2fe05",) * 2
    assert (row.source, row.license, row.split) == ("textvqa", "CC-BY-4.0", "validation")
    assert row.attribution.endswith("https://farm6.example/1_o.jpg")
    assert row.image == images / "0054c91397f2fe05.jpg"
    url = "https://farm6.example/1_o.jpg"
    assert row.image_terms == ImageTerms("CC-BY-2.0", f"image of Open Images, CC BY 2.0: {url}", url)
    assert row.facts is None


def test_of_equally_frequent_answers_the_first_is_taken(tmp_path: Path) -> None:
    row = only(write(tmp_path, question(3, ["a", "b", "c", "c", "b"])))
    assert (row.response, row.accepted) == ("b", ("a", "c"))


def test_the_test_set_has_no_response(tmp_path: Path) -> None:
    (row,) = made(write(tmp_path, question(5, set_name="test"), name="TextVQA_0.5.1_test.json"))
    assert isinstance(row, Unanswered)
    assert (row.id, row.split, row.task, row.prompt) == ("textvqa/5", "test", "vqa", "what is the brand?")


@pytest.mark.parametrize(
    ("asked", "reason"),
    [
        ("a question", "not_an_object"),
        (None, "not_an_object"),
        (question(3, ["a", "b", "c"]), "no_agreed_answer"),
        (question(3, []), "missing_answer"),
        (question(3, ["", " "]), "missing_answer"),
        (question(3, ["unanswerable", "unanswerable", "a"]), "not_answerable"),
        (question(3, ["answering does not require reading text in the image"] * 3), "not_answerable"),
        (question(3, "nokia"), "wrong_type"),
        (question(3, ["\ud800", "\ud800"]), "lone_surrogate"),
        (question(3, NOKIA, question=None), "missing_question"),
        (question(3, NOKIA, image_id=None), "missing_id"),
        (question(3, NOKIA, question_id=None), "missing_id"),
        (question(3, NOKIA, set_name="dev"), "unknown_split"),
        (question(3, NOKIA, flickr_original_url=5), "wrong_type"),
    ],
)
def test_odd_rows_are_told_and_stop_nothing(tmp_path: Path, asked: Any, reason: str) -> None:
    rows = made(write(tmp_path, question(1, NOKIA), asked, question(2, NOKIA)))
    assert [type(row) for row in rows] == [Example, RowError, Example]
    assert isinstance(rows[1], RowError)
    assert rows[1].reason == reason
    assert str(rows[1]).startswith("TextVQA_0.5.1_val.json question 2: ")
    assert "\n" not in str(rows[1])


def test_a_cut_file_gives_what_stands_before_the_cut(tmp_path: Path) -> None:
    path = write(tmp_path, *(question(n, NOKIA) for n in range(600))) / "TextVQA_0.5.1_val.json"
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    rows = read(open_source("textvqa", path=path, seed=0, limit=None))
    assert all(isinstance(row, Example) for row in islice(rows, 250))
    with pytest.raises(InputError, match=r"JSON is broken or cut off after question [23]\d\d"):
        list(rows)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "is empty"),
        ("no json", "broken"),
        ("[]", "has no TextVQA questions"),
        ('{"data": []}', "has no TextVQA questions"),
        ('{"questions": [{"question_id": 1}]}', "it seems to be VQA questions"),
    ],
)
def test_another_file_is_refused_in_one_line(tmp_path: Path, content: str, message: str) -> None:
    (tmp_path / "TextVQA_x.json").write_text(content, encoding="utf-8")
    with pytest.raises(InputError, match=rf"TextVQA_x\.json: .*{message}") as caught:
        made(tmp_path)
    assert "\n" not in str(caught.value)


def test_a_path_is_needed(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="'textvqa' needs --path"):
        open_source("textvqa", path=None, seed=0, limit=None)
    with pytest.raises(InputError, match=r"TextVQA_\*\.json"):
        open_source("textvqa", path=tmp_path, seed=0, limit=None)


def test_limit_counts_questions_and_rows_travel_between_processes(tmp_path: Path) -> None:
    write(tmp_path, question(1, NOKIA), question(2, NOKIA), question(3))
    assert len(made(tmp_path, limit=2)) == 2
    source = open_source("textvqa", path=tmp_path, seed=0, limit=None)
    rows, there = pickle.loads(pickle.dumps((list(source.rows()), source)))
    assert [row for raw in rows for row in there.examples(raw)] == made(tmp_path)


@pytest.mark.skipif(not SHARED.is_dir(), reason="real data is not there")
def test_real_files() -> None:
    rows = made(SHARED)
    answered = [row for row in rows if isinstance(row, Example)]
    assert [row.response for row in answered[:5]] == ["nokia", "lape", "ec", "simon clancy", "virgin"]
    assert [row.split for row in answered] == ["train"] * 5 + ["validation"] * 5
    assert sum(isinstance(row, Unanswered) for row in rows) == 5
    assert all(isinstance(row.image, Path) for row in rows if not isinstance(row, RowError))
