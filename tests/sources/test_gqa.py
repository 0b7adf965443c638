import json
import pickle
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from tldr_data.errors import InputError, RowError, UsageError
from tldr_data.example import Example
from tldr_data.facts import Facts, Relation, Thing
from tldr_data.sources import Made, Unanswered, open_source, read

SHARED = Path(__file__).parents[2] / ".." / "shared" / "data" / "vqa" / "gqa"


def question(text: Any, image: Any, answer: Any = None, sentence: Any = None) -> dict[str, Any]:
    asked = {
        "semantic": [{"operation": "select", "dependencies": [], "argument": "cup (1)"}],
        "entailed": ["202218648"], "equivalent": ["202218649"], "question": text, "imageId": image, "isBalanced": True,
        "groups": {"global": None, "local": "14-cup"}, "semanticStr": "select: cup (1)",
        "annotations": {"answer": {"0": "12"}, "question": {}, "fullAnswer": {}},
        "types": {"detailed": "relS", "semantic": "rel", "structural": "query"},
    }  # fmt: skip
    return asked | ({} if answer is None else {"answer": answer, "fullAnswer": sentence})


QUESTIONS = {
    "1001": question("What is on the table?", "7", "cup", "The cup is on the table."),
    "1002": question("Is it red?", "n8", "yes", "Yes, it is red."),
    "1003": question("What is left of it?", "9", "tree", "The tree is left of it."),
}
GRAPHS = {
    "7": {
        "width": 100, "height": 50, "location": "kitchen", "weather": "none",
        "objects": {
            "11": {"name": "cup", "x": 10, "y": 10, "w": 20, "h": 5, "attributes": ["Red", "small"],
                   "relations": [{"object": "12", "name": "on"}, {"object": "12", "name": "admiring"},
                                 {"object": "12", "name": "to the left of"}, {"object": "99", "name": "on"}]},
            "12": {"name": "table", "x": 0, "y": 15, "w": 90, "h": 30, "attributes": [], "relations": []},
        },
    },
    "70": {"width": 9, "height": 9, "objects": {}},
}  # fmt: skip


def write(folder: Path, questions: Any = QUESTIONS, graphs: Any = GRAPHS, name: str = "train_balanced") -> Path:
    (folder / "questions1.2").mkdir(parents=True, exist_ok=True)
    (folder / "sceneGraphs").mkdir(exist_ok=True)
    text = questions if isinstance(questions, str) else json.dumps(questions, indent=1)
    (folder / "questions1.2" / f"{name}_questions.json").write_text(text, encoding="utf-8")
    if graphs is not None:
        text = graphs if isinstance(graphs, str) else json.dumps(graphs)
        (folder / "sceneGraphs" / "train_sceneGraphs.json").write_text(text, encoding="utf-8")
    return folder


def made(path: Path, limit: int | None = None) -> list[Made]:
    return list(read(open_source("gqa", path=path, seed=0, limit=limit)))


def clean(path: Path) -> list[Example]:
    return [row for row in made(path) if isinstance(row, Example)]


def test_a_question_is_a_row_with_the_scene_graph_of_its_image(tmp_path: Path) -> None:
    write(tmp_path)
    (tmp_path / "images").mkdir()
    (tmp_path / "images" / "7.jpg").write_bytes(b"pixels")
    first, second, third = clean(tmp_path)
    assert (first.id, first.task, first.prompt, first.response) == ("gqa/1001", "vqa", "What is on the table?", "cup")
    assert first.accepted == ("The cup is on the table.",)
    assert (first.source, first.license, first.split) == ("gqa", "CC-BY-4.0", None)
    assert [row.image_id for row in (first, second, third)] == ["visual_genome/7", "gqa/n8", "visual_genome/9"]
    assert [row.group for row in (first, second, third)] == ["visual_genome/7", "gqa/n8", "visual_genome/9"]
    assert isinstance(first.image, Path)
    assert first.facts == Facts(
        (Thing("cup", ("red", "small"), box=(10, 10, 30, 15)), Thing("table", box=(0, 15, 90, 45))),
        (Relation(0, "on", 1), Relation(0, "left of", 1)),
        canvas=(100, 50),
    )
    assert second.facts is None
    assert third.facts is None


def test_images_have_one_group_across_sources_where_it_is_known(tmp_path: Path) -> None:
    images = [{"image_id": 7, "coco_id": 55, "url": "http://x/7"}, {"image_id": 9, "coco_id": None, "flickr_id": 4}]
    (write(tmp_path) / "image_data.json").write_text(json.dumps(images), encoding="utf-8")
    assert [row.group for row in clean(tmp_path)] == ["coco/55", "gqa/n8", "flickr/4"]
    assert [row.image_id for row in clean(tmp_path)] == ["visual_genome/7", "gqa/n8", "visual_genome/9"]
    terms = [row.image_terms for row in clean(tmp_path) if row.image_terms]
    assert [found.url for found in terms] == ["http://x/7", None, None]
    assert [found.license for found in terms] == ["unknown"] * 3
    assert ["coco/55" in found.attribution for found in terms] == [True, False, False]
    (tmp_path / "image_data.json").write_text(json.dumps(GRAPHS), encoding="utf-8")
    with pytest.raises(InputError, match=r"image_data\.json: .*seems to be GQA scene graphs"):
        made(tmp_path)


def test_questions_of_the_test_sets_have_no_response(tmp_path: Path) -> None:
    asked = {"1": {"question": "Is it red?", "imageId": "n5", "isBalanced": True}}
    (row,) = made(write(tmp_path, asked, None, "test_balanced"))
    assert isinstance(row, Unanswered)
    assert (row.id, row.prompt, row.task, row.group) == ("gqa/1", "Is it red?", "vqa", "gqa/n5")


def test_a_folder_gives_the_balanced_questions_or_else_all(tmp_path: Path) -> None:
    parts = tmp_path / "questions1.2" / "train_all_questions"
    parts.mkdir(parents=True)
    for number, (key, asked) in enumerate(QUESTIONS.items()):
        (parts / f"train_all_questions_{number}.json").write_text(json.dumps({key: asked}), encoding="utf-8")
    assert [row.id for row in clean(parts)] == ["gqa/1001", "gqa/1002", "gqa/1003"]
    write(tmp_path, {"5": QUESTIONS["1001"]}, name="val_balanced")
    write(tmp_path, {"6": QUESTIONS["1001"]}, name="val_all")
    assert [row.id for row in clean(tmp_path)] == ["gqa/5"]
    assert clean(parts)[0].facts is not None, "scene graphs are found two folders up"


@pytest.mark.parametrize(
    ("asked", "reason"),
    [
        ("a question", "not_an_object"),
        (question(None, "7", "cup"), "missing_question"),
        (question("Is it?", None, "cup"), "missing_id"),
        (question("Is it?", "7", 5), "wrong_type"),
        (question("Is it?", "7", " "), "empty_answer"),
        (question("Is it?", "7", "cup", 5), "wrong_type"),
    ],
)
def test_odd_rows_are_told_and_stop_nothing(tmp_path: Path, asked: Any, reason: str) -> None:
    rows = made(write(tmp_path, {"1001": QUESTIONS["1001"], "5": asked, "1002": QUESTIONS["1002"]}))
    assert [type(row) for row in rows] == [Example, RowError, Example]
    assert isinstance(rows[1], RowError)
    assert rows[1].reason == reason
    assert str(rows[1]).startswith("train_balanced_questions.json question 5: ")


def test_ids_that_stand_twice_come_twice(tmp_path: Path) -> None:
    text = json.dumps(QUESTIONS)
    twice = text[:-1] + ", " + text[1:]
    assert [row.id for row in clean(write(tmp_path, twice))] == [f"gqa/{n}" for n in (1001, 1002, 1003)] * 2


def test_a_broken_scene_graph_costs_the_questions_on_it(tmp_path: Path) -> None:
    graphs = json.dumps(GRAPHS).replace('"kitchen"', "kitchen")
    rows = made(write(tmp_path, graphs=graphs))
    assert [row.reason for row in rows if isinstance(row, RowError)] == ["broken_json"]
    assert len(rows) == 3


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (json.dumps(GRAPHS)[:-30], "cut off"),
        ("", "has no GQA scene graphs"),
        (json.dumps(QUESTIONS), "it seems to be GQA questions"),
        ('[{"image_id": 7, "objects": []}]', "it seems to be Visual Genome's objects"),
    ],
)
def test_scene_graphs_that_cannot_be_used_are_refused(tmp_path: Path, content: str, message: str) -> None:
    with pytest.raises(InputError, match=rf"train_sceneGraphs\.json: .*{message}"):
        made(write(tmp_path, graphs=content))


def test_a_cut_file_gives_what_stands_before_the_cut(tmp_path: Path) -> None:
    text = json.dumps({str(n): question(f"Is it number {n}?", "7", "yes", "Yes.") for n in range(500)})
    rows = read(open_source("gqa", path=write(tmp_path, text[: len(text) // 2]), seed=0, limit=None))
    assert all(isinstance(row, Example) for row in islice(rows, 200))
    with pytest.raises(InputError, match=r"train_balanced_questions\.json: JSON is broken or cut off after question 2"):
        list(rows)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "is empty"),
        ("no json", "broken"),
        ("[]", "has no GQA questions"),
        ("{}", "has no GQA questions"),
        (json.dumps(GRAPHS), "it seems to be GQA scene graphs"),
        ('{"annotations": [{"question_id": 5}]}', "it seems to be VQA annotations"),
        ('[{"id": 1, "regions": []}]', r"it seems to be Visual Genome's region_descriptions\.json"),
    ],
)
def test_another_file_is_refused_in_one_line(tmp_path: Path, content: str, message: str) -> None:
    with pytest.raises(InputError, match=rf"train_balanced_questions\.json: .*{message}") as caught:
        made(write(tmp_path, content))
    assert "\n" not in str(caught.value)


def test_a_path_is_needed(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="'gqa' needs --path"):
        open_source("gqa", path=None, seed=0, limit=None)
    with pytest.raises(InputError, match="questions"):
        open_source("gqa", path=tmp_path, seed=0, limit=None)


def test_limit_counts_questions_and_rows_travel_between_processes(tmp_path: Path) -> None:
    write(tmp_path)
    assert len(made(tmp_path, limit=2)) == 2
    source = open_source("gqa", path=tmp_path, seed=0, limit=None)
    rows, there = pickle.loads(pickle.dumps((list(source.rows()), source)))
    assert [row for raw in rows for row in there.examples(raw)] == made(tmp_path)


@pytest.mark.skipif(not SHARED.is_dir(), reason="real data is not there")
def test_real_files() -> None:
    rows = clean(SHARED / "question_dir")
    assert [row.response for row in rows] == ["picture", "yes"]
    assert rows[1].accepted == ("Yes, the table is wooden and round.",)
    assert all(isinstance(row.image, Path) for row in rows)
