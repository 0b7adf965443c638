import json
import pickle
from pathlib import Path
from typing import Any

import pytest

from tldr_data.errors import InputError, RowError, UsageError
from tldr_data.example import Example, ImageTerms
from tldr_data.facts import Facts, Relation, Thing
from tldr_data.sources import open_source, read
from tldr_data.sources.visual_genome import VisualGenome

SHARED = Path(__file__).parents[2] / ".." / "shared" / "data" / "visual_genome"

REGIONS_FILE, QUESTIONS_FILE = "region_descriptions.json", "question_answers.json"


def region(number: int, phrase: Any) -> dict[str, Any]:
    return {"region_id": number, "image_id": 7, "phrase": phrase, "x": 1, "y": 1, "width": 9, "height": 9}


REGIONS = [
    {"id": 7, "regions": [region(1, "a red cup \n"), region(2, "A red  cup."), region(3, 'the [big] "table" }')]},
    {"id": 8, "regions": [region(4, "green tree")]},
]
IMAGES = [
    {"image_id": 8, "width": 20, "height": 10, "coco_id": 55, "url": "https://x/VG_100K_2/8.jpg"},
    {"image_id": 7, "width": 100, "height": 50, "coco_id": None, "url": "https://x/VG_100K/7.jpg"},
    *({"image_id": number, "coco_id": None, "url": ""} for number in (1, 2, 3, 4, 5, 6, 9, 10)),
]
CUP = {"object_id": 1, "names": ["Cup ", "mug"], "x": 10, "y": 10, "w": 20, "h": 5}
TABLE = {"object_id": 2, "names": ["table"], "x": 0, "y": 15, "w": 90, "h": 30}
OBJECTS = [{"image_id": 8, "objects": []}, {"image_id": 7, "objects": [CUP, TABLE, {"object_id": 3, "names": []}]}]
ATTRIBUTES = [{"attributes": [{**CUP, "attributes": ["Red", 5]}], "image_id": 7}]
RELATIONSHIPS = [
    {
        "image_id": 7,
        "relationships": [
            {"predicate": "ON", "subject": {**CUP, "name": "cup"}, "object": {**TABLE, "name": "table"}},
            {"predicate": "admiring", "subject": CUP, "object": TABLE},
            {"predicate": "on", "subject": CUP},
        ],
    }
]


def question(number: int, asked: Any, answer: Any) -> dict[str, Any]:
    return {"qa_id": number, "image_id": 7, "question": asked, "answer": answer, "a_objects": [], "q_objects": []}


QUESTIONS = [
    {"id": 8, "qas": [question(20, "What is green?", "A tree.")]},
    {"id": 7, "qas": [
        question(21, " What color is the cup? ", "Red. "),
        question(22, "What color is  the cup", "red"),
        question(23, "What color is the cup?", "Crimson."),
        question(24, "How many cups are there?", "One."),
        question(25, "Where is the cup?", "On table."),
    ]},
    {"id": 9, "qas": [question(26, "Who is there?", "Nobody.")]},
]  # fmt: skip


def write(folder: Path, **changed: Any) -> Path:
    files = {
        "region_descriptions": REGIONS, "image_data": IMAGES, "objects": OBJECTS, "attributes": ATTRIBUTES,
        "relationships": RELATIONSHIPS,
    } | changed  # fmt: skip
    for name, content in files.items():
        if content is not None:
            text = content if isinstance(content, str) else json.dumps(content)
            (folder / f"{name}.json").write_text(text, encoding="utf-8")
    return folder


def asked(folder: Path, questions: Any = QUESTIONS, **changed: Any) -> Path:
    """A folder with questions beside the rest."""
    return write(folder, question_answers=questions, **changed)


def made(path: Path, limit: int | None = None) -> list[Example | RowError]:
    return list(read(open_source("visual_genome", path=path, seed=0, limit=limit)))


def clean(path: Path) -> list[Example]:
    return [row for row in made(path) if isinstance(row, Example)]


def test_every_region_is_a_row_joined_by_image_whatever_the_order_of_the_files(tmp_path: Path) -> None:
    (tmp_path / "VG_100K").mkdir()
    (tmp_path / "VG_100K" / "7.jpg").write_bytes(b"pixels")
    rows = clean(write(tmp_path))
    assert [(row.id, row.response) for row in rows] == [
        ("visual_genome/7/r1", "a red cup"),
        ("visual_genome/7/r3", 'the [big] "table" }'),
        ("visual_genome/8/r4", "green tree"),
    ]
    assert [row.group for row in rows] == ["visual_genome/7", "visual_genome/7", "coco/55"]
    assert [row.image_id for row in rows] == ["visual_genome/7", "visual_genome/7", "visual_genome/8"]
    assert [row.image and row.image.name for row in rows if not isinstance(row.image, bytes)] == [
        "7.jpg",
        "7.jpg",
        None,
    ]
    assert {(row.license, row.task, row.split) for row in rows} == {("CC-BY-4.0", "caption", None)}
    assert all("Krishna" in row.attribution for row in rows)
    terms, whose = [row.image_terms for row in rows], "under the terms of its Flickr photographer"
    assert terms[0] == ImageTerms("unknown", f"photograph, {whose}: {IMAGES[1]['url']}", "https://x/VG_100K/7.jpg")
    assert terms[2] == ImageTerms("unknown", f"photograph coco/55, {whose}: {IMAGES[0]['url']}", IMAGES[0]["url"])


def test_annotation_becomes_facts_that_are_exhaustive_for_nothing(tmp_path: Path) -> None:
    first, _, last = clean(write(tmp_path))
    assert first.facts == Facts(
        (
            Thing("cup", ("red",), box=(10, 10, 30, 15), aliases=("mug",)),
            Thing("table", box=(0, 15, 90, 45)),
        ),
        (Relation(0, "on", 1),),
        canvas=(100, 50),
        texts=("a red cup", "A red  cup.", 'the [big] "table" }'),
    )
    assert last.facts == Facts((), canvas=(20, 10), texts=("green tree",))


def test_release_without_annotation_has_no_facts(tmp_path: Path) -> None:
    rows = clean(write(tmp_path, objects=None, attributes=None, relationships=None))
    assert [row.facts for row in rows] == [None, None, None]


def test_what_was_said_of_the_image_before_is_reported_and_left_out(tmp_path: Path) -> None:
    reasons = [row.reason for row in made(write(tmp_path)) if isinstance(row, RowError)]
    assert reasons == ["repeated_phrase"]


@pytest.mark.parametrize(
    ("regions", "reason"),
    [
        (["a cup"], "not_an_object"),
        ([region(1, None)], "missing_phrase"),
        ([region(1, "  ")], "empty_phrase"),
        ([region(1, 5)], "wrong_type"),
        ([{"phrase": "a cup"}], "missing_id"),
        ("a cup", "no_list"),
    ],
)
def test_odd_rows_are_reported_and_the_rest_is_read(tmp_path: Path, regions: Any, reason: str) -> None:
    rows = made(write(tmp_path, region_descriptions=[{"id": 9, "regions": regions}, *REGIONS]))
    assert isinstance(rows[0], RowError)
    assert rows[0].reason == reason
    assert sum(isinstance(row, Example) for row in rows) == 3


def test_one_broken_entry_costs_one_image(tmp_path: Path) -> None:
    broken = '[{"id": 1, "regions": [nonsense]}, ' + json.dumps(REGIONS)[1:]
    rows = made(write(tmp_path, region_descriptions=broken))
    assert [row.reason for row in rows if isinstance(row, RowError)] == ["broken_json", "repeated_phrase"]


def test_file_cut_off_gives_what_stands_before_and_then_stops(tmp_path: Path) -> None:
    source = open_source("visual_genome", path=write(tmp_path, region_descriptions=json.dumps(REGIONS)[:-60]),
                         seed=0, limit=None)  # fmt: skip
    rows = source.rows()
    assert next(rows)
    with pytest.raises(InputError, match="cut off after item 1"):
        next(rows)


@pytest.mark.parametrize("content", ["", "{}", "[1, 2", "no json", "[]"])
def test_another_file_is_refused_in_one_line(tmp_path: Path, content: str) -> None:
    with pytest.raises(InputError, match=r"region_descriptions\.json"):
        made(write(tmp_path, region_descriptions=content))


def test_an_image_that_image_data_lacks_may_be_of_coco(tmp_path: Path) -> None:
    found = made(write(tmp_path, image_data=IMAGES[1:]))
    assert {error.reason for error in found if isinstance(error, RowError)} >= {"no_image_data"}
    assert all(row.image_id != "visual_genome/8" for row in found if isinstance(row, Example))


def test_without_image_data_groups_would_be_wrong(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"image_data\.json is missing"):
        made(write(tmp_path, image_data=None))


def test_a_path_is_needed(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="visual_genome"):
        open_source("visual_genome", path=None, seed=0, limit=None)
    with pytest.raises(InputError, match=r"region_descriptions\.json"):
        open_source("visual_genome", path=tmp_path, seed=0, limit=None)


def test_limit_counts_regions_and_rows_travel_between_processes(tmp_path: Path) -> None:
    write(tmp_path)
    assert len(made(tmp_path, limit=2)) == 2
    source = open_source("visual_genome", path=tmp_path, seed=0, limit=None)
    rows = list(source.rows())
    again = [example for row in pickle.loads(pickle.dumps(rows)) for example in source.examples(row)]
    assert list(map(str, again)) == list(map(str, read(source)))


def test_release_one_calls_ids_otherwise(tmp_path: Path) -> None:
    regions = [{"id": 7, "regions": [{"id": 1, "image": 7, "phrase": "a red cup"}]}]
    attributes = [{"id": 7, "attributes": [
        {"id": 1, "object_names": ["cup"], "attributes": ["red"], "x": 1, "y": 1, "w": 2, "h": 2},
    ]}]  # fmt: skip
    relationships = [{"id": 7, "relationships": [
        {"id": 5, "predicate": "on", "subject": {"id": 1, "name": "cup"}, "object": {"id": 2, "name": "table"}},
    ]}]  # fmt: skip
    (row,) = clean(write(tmp_path, region_descriptions=regions, objects=None, attributes=attributes,
                         relationships=relationships))  # fmt: skip
    assert row.id == "visual_genome/7/r1"
    assert row.facts is not None
    assert [thing.name for thing in row.facts.things] == ["cup", "table"]
    assert row.facts.relations == (Relation(0, "on", 1),)


def test_an_image_gives_its_regions_and_then_its_questions(tmp_path: Path) -> None:
    rows = clean(asked(tmp_path))
    assert [row.id.removeprefix("visual_genome/") for row in rows] == [
        *("7/r1", "7/r3", "7/q21", "7/q23", "7/q24", "7/q25"), *("8/r4", "8/q20"), "9/q26",
    ]  # fmt: skip
    assert [(row.task, row.prompt, row.response) for row in rows if row.id.endswith(("r1", "q21"))] == [
        ("caption", "", "a red cup"),
        ("vqa", "What color is the cup?", "Red."),
    ]
    assert {row.id: row.group for row in rows if row.task == "vqa"}["visual_genome/8/q20"] == "coco/55"
    assert sum(1 for row in open_source("visual_genome", path=tmp_path, seed=0, limit=None).rows()) == 3


def test_other_answers_to_a_question_are_accepted_and_all_pairs_are_facts(tmp_path: Path) -> None:
    rows = {row.id: row for row in clean(asked(tmp_path))}
    first = rows["visual_genome/7/q21"]
    assert first.accepted == ("Crimson.",)
    assert rows["visual_genome/7/q24"].accepted == ()
    assert first.facts
    assert first.facts.pairs == (
        ("What color is the cup?", "Red."),
        ("What color is the cup?", "Crimson."),
        ("How many cups are there?", "One."),
        ("Where is the cup?", "On table."),
    )
    assert first.facts.texts == ("a red cup", "A red  cup.", 'the [big] "table" }')
    assert rows["visual_genome/7/r1"].facts == first.facts


def test_without_annotation_answers_are_facts_of_questions_and_captions_have_none(tmp_path: Path) -> None:
    rows = clean(asked(tmp_path, objects=None, attributes=None, relationships=None))
    assert {row.task for row in rows if row.facts is None} == {"caption"}
    assert all(row.facts and row.facts.pairs and not row.facts.things for row in rows if row.task == "vqa")


def test_one_file_is_read_alone_and_the_other_one_still_tells_what_is_true(tmp_path: Path) -> None:
    questions = clean(asked(tmp_path) / QUESTIONS_FILE)
    assert {row.task for row in questions} == {"vqa"}
    assert [row.image_id for row in questions][:2] == ["visual_genome/8", "visual_genome/7"]
    assert questions[0].facts
    assert questions[0].facts.texts == ("green tree",)
    regions = clean(tmp_path / REGIONS_FILE)
    assert {row.task for row in regions} == {"caption"}
    assert regions[0].facts
    assert len(regions[0].facts.pairs) == 4
    (tmp_path / REGIONS_FILE).unlink()
    assert [row.id for row in clean(tmp_path)] == [row.id for row in questions]


@pytest.mark.parametrize("order", [(7, 8, 9), (9, 8, 7), (8, 7, 9)])
def test_the_order_of_the_second_file_changes_nothing(tmp_path: Path, order: tuple[int, ...]) -> None:
    expected = list(map(str, made(asked(tmp_path))))
    listed = [next(entry for entry in QUESTIONS if entry["id"] == number) for number in order]
    assert list(map(str, made(asked(tmp_path, listed)))) == expected


@pytest.mark.parametrize(
    ("pair", "reason"),
    [
        (question(1, "What?", None), "missing_answer"),
        (question(1, "What?", " "), "empty_answer"),
        (question(1, "What?", ["a", "b"]), "wrong_type"),
        (question(1, None, "A cup."), "missing_question"),
        (question(1, "", "A cup."), "empty_question"),
        ({"question": "What?", "answer": "A cup."}, "missing_id"),
        ({**question(1, "What?", "A cup."), "qa_id": 1.5}, "wrong_type"),
        (question(1, "What?", "\ud800"), "lone_surrogate"),
        ("What?", "not_an_object"),
    ],
)
def test_odd_pairs_are_reported_and_say_where_they_stand(tmp_path: Path, pair: Any, reason: str) -> None:
    rows = made(asked(tmp_path, [{"id": 5, "qas": [question(9, "Is it?", "Yes."), pair]}]) / QUESTIONS_FILE)
    assert [row.reason for row in rows if isinstance(row, RowError)] == [reason]
    assert "question_answers.json image 5 question 2: " in str(rows[1])


def test_a_repeated_pair_is_reported(tmp_path: Path) -> None:
    errors = [row for row in made(asked(tmp_path) / QUESTIONS_FILE) if isinstance(row, RowError)]
    assert [error.reason for error in errors] == ["repeated_pair"]
    assert "'red'" in str(errors[0])


@pytest.mark.parametrize(
    ("questions", "reason"),
    [
        ([*QUESTIONS, {"id": 8, "qas": [question(30, "Who?", "A man.")]}], "repeated_image"),
        ([*QUESTIONS, {"qas": [question(30, "Who?", "A man.")]}], "no_image_id"),
        ([*QUESTIONS, {"id": 10, "qas": None}], "no_list"),
    ],
)
def test_odd_images_are_reported_whichever_file_they_stand_in(tmp_path: Path, questions: Any, reason: str) -> None:
    asked(tmp_path, questions)
    for path in (tmp_path, tmp_path / QUESTIONS_FILE):
        errors = [row.reason for row in made(path) if isinstance(row, RowError)]
        assert [name for name in errors if not name.startswith("repeated_p")] == [reason]
        assert sum(row.task == "vqa" for row in clean(path)) == 6


def test_limit_counts_regions_and_questions_and_cuts_inside_an_image(tmp_path: Path) -> None:
    everything = list(map(str, made(asked(tmp_path))))
    assert len(everything) == 11
    for limit in range(12):
        assert list(map(str, made(tmp_path, limit=limit))) == everything[:limit]


def test_a_photograph_keeps_its_group_under_every_id_that_it_has(tmp_path: Path) -> None:
    images = [
        {"image_id": 7, "width": 9, "height": 9, "coco_id": None, "flickr_id": 77},
        {"image_id": 8, "width": 9, "height": 9, "coco_id": 55, "flickr_id": 88},
        {"image_id": 9, "width": 9, "height": 9, "coco_id": None, "flickr_id": None},
    ]
    groups = {row.image_id: row.group for row in clean(asked(tmp_path, image_data=images))}
    assert list(groups.values()) == ["flickr/77", "coco/55", "visual_genome/9"]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("question_answers", REGIONS, "seems to be region_descriptions.json"),
        ("region_descriptions", QUESTIONS, "seems to be question_answers.json"),
        ("objects", ATTRIBUTES, "seems to be attributes.json"),
        ("relationships", OBJECTS, "seems to be objects.json"),
        ("image_data", OBJECTS, "seems to be objects.json"),
        ("attributes", IMAGES, "seems to be image_data.json"),
        ("question_answers", [{"image_id": 7, "caption": "a cup"}], "the first item has caption, image_id"),
    ],
)
def test_a_wrong_file_is_named_with_what_it_seems_to_be(tmp_path: Path, name: str, content: Any, message: str) -> None:
    with pytest.raises(InputError, match=rf"{name}\.json: .*{message}"):
        made(asked(tmp_path, **({"questions": content} if name == "question_answers" else {name: content})))


@pytest.mark.parametrize("name", ["question_answers", "image_data", "objects", "attributes", "relationships"])
@pytest.mark.parametrize("kept", [0, 0.7], ids=["empty", "cut off"])
def test_a_file_to_be_joined_that_is_cut_off_is_told_before_anything_is_read(
    tmp_path: Path, name: str, kept: float
) -> None:
    path = asked(tmp_path) / f"{name}.json"
    path.write_bytes(path.read_bytes()[: int(kept * path.stat().st_size)])
    with pytest.raises(InputError, match=rf"{name}\.json: "):
        next(open_source("visual_genome", path=tmp_path, seed=0, limit=None).rows())


def test_questions_cut_off_give_what_stands_before(tmp_path: Path) -> None:
    path = asked(tmp_path) / QUESTIONS_FILE
    path.write_bytes(path.read_bytes()[:-30])
    rows = open_source("visual_genome", path=path, seed=0, limit=None).rows()
    assert [next(rows).image_id for _ in range(2)] == [8, 7]
    with pytest.raises(InputError, match=r"question_answers\.json: .*cut off after item 2"):
        next(rows)


def test_a_merged_caption_comes_last_and_only_where_it_was_wanted(tmp_path: Path) -> None:
    questions = [{"id": 7, "qas": [
        question(1, "What color is the cup?", "Red."),
        question(2, "How many cups are there?", "One."),
        question(3, "Where is the cup?", "On table."),
    ]}, QUESTIONS[0]]  # fmt: skip
    path = asked(tmp_path, questions)
    ids = [row.id for row in clean(path)]
    source = VisualGenome(path=path, seed=0, limit=None, merged=True)
    rows = [row for row in read(source) if isinstance(row, Example)]
    (caption,) = [row for row in rows if row.id not in ids]
    assert caption.id == "visual_genome/7/merged"
    assert caption.task == "caption"
    assert caption.response == "The cup is red. There is one cup. The cup is on the table."
    assert [row.id for row in rows if row.image_id == "visual_genome/7"][-1] == caption.id


@pytest.mark.skipif(not SHARED.is_dir(), reason="real data is not there")
def test_real_files() -> None:
    rows = clean(SHARED / REGIONS_FILE)
    assert len({row.id for row in rows}) == len(rows) == 1200
    assert {row.group for row in rows} == {f"visual_genome/{number}" for number in range(1, 6)}
    assert {row.image_id for row in rows if row.image is None} == {"visual_genome/3"}
    assert all(row.facts and row.facts.things and row.facts.canvas for row in rows)
    assert len(clean(SHARED / "v1.0")) > 1000


@pytest.mark.skipif(not SHARED.is_dir(), reason="real data is not there")
def test_every_real_question_is_read() -> None:
    rows = made(SHARED / QUESTIONS_FILE)
    errors = [row.reason for row in rows if isinstance(row, RowError)]
    assert len(rows) == 721
    assert errors == ["repeated_pair"] * 103
    assert len(clean(SHARED)) == 1200 + 721 - len(errors)
