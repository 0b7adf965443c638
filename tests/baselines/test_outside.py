"""Others' test sets, written here in their formats, as rows of ours."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from baselines.detections import scored
from baselines.metrics import evaluate
from baselines.outside import Outside, read_outside
from baselines.predictions import gather
from tldr_data.dataset import CLASS_LABELS
from tldr_data.errors import InputError, UsageError
from tldr_data.example import Span
from tldr_data.labels import BAD, GOOD, IGNORE, project

COLUMNS = set("id group image_id image prompt response kind taxonomy errors collateral words labels".split())
ROOM = "A room with a café table. Two blue chairs stand there, which makes it cosy. Well, perhaps."


def segment(text: str, label: str) -> dict[str, Any]:
    start = ROOM.index(text)
    return {"start": start, "end": start + len(text), "text": text, "label": label}


def mhal(*annotations: Any, **fields: Any) -> dict[str, Any]:
    made = {"image": "COCO_val2014_000000000042.jpg", "question": "<image>\nWhat is it?", "response": ROOM}
    return made | {"annotations": list(annotations)} | fields


SEGMENTS = [
    segment("A room with a café table.", "ACCURATE"),
    segment(" Two blue", "INACCURATE"),
    segment("chairs stand there", "ACCURATE"),
    segment(", which makes it cosy.", "ANALYSIS"),
]


def read(form: str, content: Any, folder: Path, *images: str) -> Outside:
    for name in images:
        (folder / "images" / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / "images" / name).write_bytes(b"")
    path = folder / "set.json"
    lines = "\n".join(map(json.dumps, content)) if form == "jsonl" else json.dumps(content)
    path.write_text(lines, encoding="utf-8")
    return read_outside(form, path, folder / "images")


def labelled(row: dict[str, Any]) -> dict[str, int]:
    return dict(zip(row["words"], row["labels"], strict=True))


def test_mhal_detect_labels_what_people_judged_and_nothing_else(tmp_path: Path) -> None:
    (row,), refused = read("mhal-detect", [mhal(*SEGMENTS)], tmp_path, "val2014/COCO_val2014_000000000042.jpg")
    assert refused == []
    assert set(row) == COLUMNS
    assert (row["id"], row["group"], row["image_id"]) == ("set/0", "coco/42", "coco/42")
    file = tmp_path / "images" / "val2014" / "COCO_val2014_000000000042.jpg"
    assert row["image"] == {"bytes": None, "path": str(file)}
    assert (row["prompt"], row["taxonomy"]) == ("What is it?", None)
    assert CLASS_LABELS["kind"][row["kind"]] == "perturbed"
    found = labelled(row)
    assert {word for word, label in found.items() if label == BAD} == {"Two", "blue"}
    ignored = {word for word, label in found.items() if label == IGNORE}
    assert ignored == set("which makes it cosy Well perhaps".split())
    point = row["response"].index(". Two")
    errors, collateral = ([Span(**span) for span in row[name]] for name in ("errors", "collateral"))
    assert project(ROOM, errors, collateral, [(point, point + 1)]) == [GOOD]


def test_where_segments_overlap_the_worse_counts(tmp_path: Path) -> None:
    overlapping = [segment("table. Two blue", "INACCURATE"), segment("café table", "UNSURE"), *SEGMENTS[:1]]
    (row,), _ = read("mhal-detect", [mhal(*overlapping)], tmp_path, "COCO_val2014_000000000042.jpg")
    found = labelled(row)
    assert [found[word] for word in "room café table Two blue chairs".split()] == [
        *(GOOD, IGNORE, BAD, BAD, BAD, IGNORE)
    ]


@pytest.mark.parametrize(
    ("annotations", "said"),
    [
        ([segment("room", "Wrong")], "label 'Wrong'; allowed: ACCURATE, INACCURATE, ANALYSIS, UNSURE"),
        ([segment("room", "ACCURATE") | {"label": ["ACCURATE"]}], "unknown_label"),
        (["room"], "label 'room'"),
        ([segment("room", "ACCURATE") | {"text": "rooms"}], "'rooms' does not stand at 2:6"),
        ([segment("room", "ACCURATE") | {"end": 2000}], r"span \(2, 2000\); allowed are 0 to 90"),
        ([segment("room", "ACCURATE") | {"start": "2"}], "bad_span"),
    ],
)
def test_a_row_that_does_not_fit_its_labels_is_refused_alone(annotations: Any, said: str, tmp_path: Path) -> None:
    rows, refused = read(
        "mhal-detect", [mhal(*annotations), mhal(*SEGMENTS)], tmp_path, "COCO_val2014_000000000042.jpg"
    )
    assert [row["id"] for row in rows] == ["set/1"]
    (error,) = refused
    assert re.search(said, f"{error.reason}: {error}")


CAPTION = "A brown dog lies on the red sofa at night."


def part(text: str, index: str | None = None, name: str | None = None) -> dict[str, str]:
    start = CAPTION.index(text)
    return {"name": name or text, "char_index": index or f"{start}:{start + len(text)}"}


def halloc(annotations: Any, **fields: Any) -> dict[str, Any]:
    made = {"id": "vqa_1", "image_id": "2345", "prompt": "<image> Describe it.", "hallucinated_text": CAPTION}
    return made | {"source_text": "A dog.", "annotations": annotations} | fields


def test_halloc_marks_every_part_of_an_error_and_the_rest_is_true(tmp_path: Path) -> None:
    kinds: dict[str, Any] = {"object": [], "scene": [{"scene": part("at night", name="At night.")}]}
    items = [
        halloc({"attribute": [{"entity": part("dog"), "value": part("brown")}], "object": []}, id=7),
        halloc(kinds | {"object": [{"entity": part("sofa")}]}, image_id="COCO_train2014_000000000009.jpg"),
        halloc({}, id="none"),
        halloc({"other": [{"x": part("A", "0")}]}, id="one"),
    ]
    rows, refused = read("halloc", items, tmp_path, "VG_100K_2/2345.jpg", "train2014/COCO_train2014_000000000009.jpg")
    assert refused == []
    assert all(set(row) == COLUMNS for row in rows)
    assert [row["id"] for row in rows] == ["7", "vqa_1", "none", "one"]
    bad = [[word for word, label in labelled(row).items() if label == BAD] for row in rows]
    assert bad == [["brown", "dog"], ["sofa", "at", "night"], [], ["A"]]
    assert all(IGNORE not in row["labels"] for row in rows)
    assert [row["taxonomy"] for row in rows] == ["attribute", "several", None, "other"]
    assert [CLASS_LABELS["kind"][row["kind"]] for row in rows] == ["perturbed", "perturbed", "clean", "perturbed"]
    assert [row["group"] for row in rows[:2]] == ["visual_genome/2345", "coco/9"]
    assert rows[0]["prompt"] == "Describe it."
    assert rows[0]["image"]["path"].endswith("VG_100K_2/2345.jpg")


@pytest.mark.parametrize(
    ("annotations", "reason"),
    [
        ([], "no_annotations"),
        ({"object": 3}, "no_object"),
        ({"object": ["dog"]}, "bad_char_index"),
        ({"object": [{"entity": {"name": "dog"}}]}, "bad_char_index"),
        ({"object": [{"entity": part("dog", "8-11")}]}, "bad_char_index"),
        ({"object": [{"entity": part("dog", "8:99")}]}, "bad_span"),
        ({"object": [{"entity": part("dog", "9:12")}]}, "text_elsewhere"),
    ],
)
def test_a_row_of_halloc_that_does_not_fit_is_refused(annotations: Any, reason: str, tmp_path: Path) -> None:
    rows, refused = read("halloc", [halloc({}, id="right"), halloc(annotations)], tmp_path, "2345.jpg")
    assert [row["id"] for row in rows] == ["right"]
    assert [error.reason for error in refused] == [reason]
    assert "item 1" in str(refused[0])


def test_words_and_labels_of_your_own(tmp_path: Path) -> None:
    items: list[dict[str, Any]] = [
        {"image": "a.png", "words": ["Two", "red", "dogs,", "asleep"], "labels": [0, 1, 1, -100]},
        {
            "image": "a.png",
            "response": "The dog's left-hand bowl!",
            "labels": [1, 0, 1, 1],
            "prompt": "What?",
            "id": "x",
        },
        {
            "image": "b/c.png",
            "response": "It isn't: a cup!",
            "words": ["It", "is", "n't:", "a", "cup"],
            "labels": [1, 1, 0, 1, 1],
        },
    ]
    items[0]["id"] = items[2]["id"] = None
    rows, refused = read("jsonl", items, tmp_path, "a.png", "b/c.png")
    assert refused == []
    assert [row["response"] for row in rows] == ["Two red dogs, asleep", *(item["response"] for item in items[1:])]
    assert [row["labels"] for row in rows] == [
        *([BAD, GOOD, GOOD, IGNORE], [GOOD, BAD, GOOD, GOOD], [GOOD, BAD, GOOD, GOOD]),
    ]
    assert [row["id"] for row in rows] == ["set/1", "x", "set/3"]
    assert [(row["prompt"], row["group"]) for row in rows] == [("", "a.png"), ("What?", "a.png"), ("", "b/c.png")]


@pytest.mark.parametrize(
    ("item", "reason"),
    [
        ({"labels": [1]}, "missing_response"),
        ({"response": "A dog", "labels": [1]}, "wrong_number"),
        ({"response": "A dog"}, "no_labels"),
        ({"words": ["A", ""], "labels": [1, 1]}, "bad_word"),
        ({"words": ["A", "cat"], "response": "A dog", "labels": [1, 1]}, "text_elsewhere"),
        ({"words": ["A", "dog"], "response": "A red dog", "labels": [1, 1]}, "text_elsewhere"),
        ({"words": ["A", "red"], "response": "A red dog", "labels": [1, 1]}, "text_elsewhere"),
        ({"words": ["A"], "response": 3, "labels": [1]}, "wrong_type"),
        ({"response": "A dog", "labels": [1, 2]}, "unknown_label"),
        ({"response": "A dog", "labels": [1, True]}, "unknown_label"),
        ({"response": "A dog", "labels": [1, 1], "image": None}, "missing_image"),
        ({"response": "A dog", "labels": [1, 1], "id": "right"}, "duplicate_id"),
    ],
)
def test_a_line_that_is_no_row_is_refused(item: dict[str, Any], reason: str, tmp_path: Path) -> None:
    right = {"id": "right", "image": "a.png", "response": "A cup", "labels": [1, 0]}
    rows, refused = read("jsonl", [right, {"image": "a.png", **item}], tmp_path, "a.png")
    assert [row["id"] for row in rows] == ["right"]
    assert [error.reason for error in refused] == [reason]


def test_what_is_wrong_with_all_of_it_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"lacks the image of 2 of 2 rows, 'COCO_\S+' of 'set/0' first"):
        read("mhal-detect", [mhal(), mhal()], tmp_path, "other.jpg")
    with pytest.raises(InputError, match=r"lacks the image of 1 of 1 rows"):
        read("jsonl", [{"image": 300 * "a", "response": "A cup", "labels": [1, 0]}], tmp_path)
    with pytest.raises(InputError, match=r"no usable row; .*item 0: response is missing"):
        read("mhal-detect", [{"image": "a"}], tmp_path)
    with pytest.raises(InputError, match="one array of objects"):
        read("halloc", {"a": 1}, tmp_path)
    path = tmp_path / "set.json"
    path.write_text("[{")
    with pytest.raises(InputError, match="broken JSON"):
        read_outside("halloc", path, tmp_path)
    with pytest.raises(InputError, match="cannot be read"):
        read_outside("halloc", tmp_path / "none.json", tmp_path)
    with pytest.raises(InputError, match="no such folder of images"):
        read_outside("halloc", path, tmp_path / "none")
    with pytest.raises(UsageError, match="allowed are mhal-detect, halloc, jsonl"):
        read_outside("coco", path, tmp_path)


def test_rows_are_scored_and_encoded_as_ours_are(tmp_path: Path) -> None:
    rows, _ = read("mhal-detect", [mhal(*SEGMENTS)], tmp_path, "COCO_val2014_000000000042.jpg")
    path = tmp_path / "said.jsonl"
    path.write_text(json.dumps({"id": "set/0", "spans": [{"start": ROOM.index("Two"), "end": ROOM.index(" chairs")}]}))
    (found,) = scored(path, rows)
    assert list(found.labels) == rows[0]["labels"]
    assert [score == 0 for score in found.scores] == [label == BAD for label in found.labels]
    evaluation = evaluate(gather([found]), number=10)
    assert evaluation.figures["ap_neg"].value == 1
    assert evaluation.taxonomies == {}
    pytest.importorskip("torch")
    pytest.importorskip("transformers")
    from baselines.data import encode
    from baselines.scratch import tokenizer_of

    (encoded,) = encode(rows, tokenizer_of([ROOM] * 9))
    bad = [ROOM[slice(*span)] for span, label in zip(encoded.spans, encoded.labels, strict=True) if label == BAD]
    assert "".join(bad).strip() == "Two blue"
    assert set(encoded.labels) == {GOOD, BAD, IGNORE}
    assert encoded.kind == "perturbed"
