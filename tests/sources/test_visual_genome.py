import json
import pickle
from pathlib import Path
from typing import Any

import pytest

from tldr_data.errors import InputError, RowError, UsageError
from tldr_data.example import Example
from tldr_data.facts import Facts, Relation, Thing
from tldr_data.sources import open_source, read

SHARED = Path(__file__).parents[2] / ".." / "shared" / "data" / "visual_genome"


def region(number: int, phrase: Any) -> dict[str, Any]:
    return {"region_id": number, "image_id": 7, "phrase": phrase, "x": 1, "y": 1, "width": 9, "height": 9}


REGIONS = [
    {"id": 7, "regions": [region(1, "a red cup \n"), region(2, "A red  cup."), region(3, 'the [big] "table" }')]},
    {"id": 8, "regions": [region(4, "green tree")]},
]
IMAGES = [
    {"image_id": 8, "width": 20, "height": 10, "coco_id": 55, "url": "https://x/VG_100K_2/8.jpg"},
    {"image_id": 7, "width": 100, "height": 50, "coco_id": None, "url": "https://x/VG_100K/7.jpg"},
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
        ("a cup", "no_image_id"),
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
    assert [next(rows) for _ in range(3)]
    with pytest.raises(InputError, match="cut off after item 1"):
        next(rows)


@pytest.mark.parametrize("content", ["", "{}", "[1, 2", "no json", "[]"])
def test_another_file_is_refused_in_one_line(tmp_path: Path, content: str) -> None:
    with pytest.raises(InputError, match=r"region_descriptions\.json"):
        made(write(tmp_path, region_descriptions=content))


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


@pytest.mark.skipif(not SHARED.is_dir(), reason="real data is not there")
def test_real_files() -> None:
    rows = clean(SHARED)
    assert len({row.id for row in rows}) == len(rows) == 1200
    assert {row.group for row in rows} == {f"visual_genome/{number}" for number in range(1, 6)}
    assert {row.image_id for row in rows if row.image is None} == {"visual_genome/3"}
    assert all(row.facts and row.facts.things and row.facts.canvas for row in rows)
    assert len(clean(SHARED / "v1.0")) > 1000
