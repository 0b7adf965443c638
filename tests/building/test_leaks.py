"""Duplicates that were planted between images, texts and questions: a build keeps them together or leaves them out, and
``check`` finds every one that got past it."""

import io
import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageDraw, ImageFilter

from tldr_data.building import links, settle
from tldr_data.building.plan import Plan, SourcePlan
from tldr_data.check import Check, find_faults
from tldr_data.dataset import read_rows
from tldr_data.manifest import load_manifest
from tldr_data.pipeline import build

Save = Callable[[Image.Image], bytes]


def photo(number: int) -> Image.Image:
    """A picture with soft shapes and noise, unlike every other."""
    rng = random.Random(number)
    image = Image.new("RGB", (160, 120), tuple(rng.randrange(256) for _ in range(3)))
    drawing = ImageDraw.Draw(image)
    for _ in range(14):
        left, top = rng.randrange(140), rng.randrange(100)
        box = (left, top, left + rng.randrange(10, 80), top + rng.randrange(10, 60))
        drawing.ellipse(box, fill=tuple(rng.randrange(256) for _ in range(3)))
    return image.filter(ImageFilter.GaussianBlur(1))


def encoded(image: Image.Image, form: str, **options: Any) -> bytes:
    out = io.BytesIO()
    image.save(out, form, **options)
    return out.getvalue()


def text_of(number: int) -> str:
    """A caption unlike every other."""
    rng = random.Random(f"text/{number}")
    words = [
        f"{rng.choice('bdgklmprst')}{rng.choice('aeiou')}{rng.choice('lmnrst')}o{rng.randrange(100)}" for _ in "12345"
    ]
    return f"A red car is left of a {' '.join(words)} house."


PLANTED: dict[str, Save] = {
    "same bytes": lambda image: encoded(image, "PNG"),
    "encoded again": lambda image: encoded(image, "JPEG", quality=60),
    "smaller": lambda image: encoded(image.resize((80, 60)), "PNG"),
    "larger and encoded": lambda image: encoded(image.resize((320, 240)), "WEBP", quality=80),
}


def write_rows(folder: Path, rows: list[dict[str, Any]], name: str = "rows.jsonl") -> Path:
    folder.mkdir(exist_ok=True)
    lines = [json.dumps({"license": "CC0-1.0", **row}) for row in rows]
    (folder / name).write_text("\n".join(lines), encoding="utf-8")
    return folder / name


def plan_of(path: Path, out: Path, **changes: Any) -> Plan:
    settings: dict[str, Any] = {"taxonomies": ("spatial", "attribute"), "chunk_rows": 7}
    return Plan(sources=(SourcePlan("jsonl", path),), out=out, **{**settings, **changes})


def planted_images(folder: Path) -> Path:
    """Ten pictures under two ids each, for each way to plant one, and forty that stand alone."""
    folder.mkdir()
    rows, number = [], 0
    for save in [*PLANTED.values(), None, None]:
        for _ in range(10):
            number += 1
            image = photo(number)
            twins = [encoded(image, "PNG"), *([save(image)] if save else [])]
            for twin, data in enumerate(twins):
                name = f"{number}-{twin}"
                (folder / f"{name}.img").write_bytes(data)
                rows.append(
                    {"id": name, "group": name, "image": f"{name}.img", "response": text_of(10 * number + twin)}
                )
    return write_rows(folder, rows)


def test_the_same_picture_under_two_ids_is_one_group(tmp_path: Path) -> None:
    out = tmp_path / "out"
    manifest = build(plan_of(planted_images(tmp_path / "images"), out))
    homes: dict[str, set[tuple[str, str]]] = {}
    for split, row in read_rows(out, "clean"):
        homes.setdefault(row["id"].partition("-")[0], set()).add((split, row["group"]))
    assert len(homes) == 60
    assert all(len(found) == 1 for found in homes.values())
    assert len({group for found in homes.values() for _, group in found}) == 60
    assert manifest["linked"]["same_image"] + manifest["linked"]["near_image"] == 40
    assert list(find_faults(out)) == []


def test_pictures_that_got_past_the_build_are_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out = tmp_path / "out"
    with monkeypatch.context() as patch:
        patch.setattr(links, "SAME", ())
        patch.setattr(links, "picture_pairs", lambda *_: iter(()))
        build(plan_of(planted_images(tmp_path / "images"), out))
    homes: dict[str, set[str]] = {}
    for split, row in read_rows(out, "clean"):
        homes.setdefault(row["id"].partition("-")[0], set()).add(split)
    torn = {name for name, splits in homes.items() if len(splits) > 1}
    assert len(torn) > 5
    checking = Check(out)
    faults = "\n".join(checking.faults())
    assert all("jsonl/" in line or "content" in line for line in faults.splitlines())
    leaking = {leak.name: leak.leaking for leak in checking.leaks}
    # the first ten have one image id each, as theirs is the hash of the file
    same_file = {name for name in torn if int(name) <= 10}
    assert leaking["images of equal pixels"] + leaking["images that show the same"] == len(torn - same_file)
    assert (leaking["images"] > 0) == bool(same_file)


def test_different_scenes_are_never_merged(tmp_path: Path) -> None:
    manifest = build(Plan(taxonomies=("spatial",), out=tmp_path / "out", limit=40))
    assert manifest["linked"] == {"same_image": 0, "near_image": 0, "near_text": 0}
    assert len({row["group"] for _, row in read_rows(tmp_path / "out", "clean")}) == 40


def told_twice(folder: Path) -> Path:
    """Thirty texts twice, with another full stop, and thirty short ones that may be said of many images."""
    rows = [
        {"id": f"{n}-{twin}", "response": text_of(n).replace(".", "!" if twin else ".")}
        for n in range(30)
        for twin in (0, 1)
    ]
    return write_rows(folder, [*rows, *({"id": f"s{n}", "response": "A red car."} for n in range(30))])


def test_of_a_text_in_two_splits_only_the_one_that_is_held_out_stays(tmp_path: Path) -> None:
    out = tmp_path / "out"
    manifest = build(plan_of(told_twice(tmp_path / "in"), out))
    homes: dict[str, set[str]] = {}
    for split, row in read_rows(out, "clean"):
        homes.setdefault(row["id"].partition("-")[0], set()).add(split)
    assert all(len(splits) == 1 for name, splits in homes.items())
    assert len(homes) == 60
    assert manifest["rejected"]["clean"]["near_text"] > 3
    assert manifest["unusable"] == {}
    assert list(find_faults(out)) == []


def test_texts_that_got_past_the_build_are_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out = tmp_path / "out"
    with monkeypatch.context() as patch:
        patch.setattr(settle, "near_text_entries", lambda *_: iter(()))
        build(plan_of(told_twice(tmp_path / "in"), out))
    faults = [fault for fault in find_faults(out) if "says nearly the same as" in fault]
    assert len(faults) > 3


def test_a_question_is_there_once_in_its_group_whatever_the_source(tmp_path: Path) -> None:
    asked = {"task": "vqa", "group": "coco/7", "prompt": "What color is the car?"}
    first = write_rows(tmp_path / "a", [{**asked, "id": "a", "response": "Red."}])
    second = write_rows(
        tmp_path / "b",
        [
            {**asked, "id": "b", "prompt": "what color is car ?", "response": "red"},
            {**asked, "id": "c", "response": "Blue."},
            {**asked, "id": "d", "response": "Red.", "group": "coco/8"},
        ],
    )
    sources = (SourcePlan("jsonl", first), SourcePlan("jsonl", second))
    manifest = build(Plan(taxonomies=("attribute",), sources=sources, out=tmp_path / "out"))
    assert manifest["rejected"]["clean"] == {"repeated_pair": 1}
    assert {row["id"] for _, row in read_rows(tmp_path / "out", "clean")} == {"a", "c", "d"}
    assert list(find_faults(tmp_path / "out")) == []


def genome(folder: Path) -> Path:
    """A Visual Genome of forty images, the odd ones of them images of COCO."""
    folder.mkdir()
    images, questions = [], []
    for n in range(1, 41):
        coco_id = 1000 + n if n % 2 else None
        images.append({"image_id": n, "width": 9, "height": 9, "coco_id": coco_id, "flickr_id": None, "url": ""})
        pair = {"image_id": n, "qa_id": n, "question": f"What color is car {n}?", "answer": "Red."}
        questions.append({"id": n, "qas": [{**pair, "a_objects": [], "q_objects": []}]})
    (folder / "image_data.json").write_text(json.dumps(images), encoding="utf-8")
    (folder / "question_answers.json").write_text(json.dumps(questions), encoding="utf-8")
    return folder


def test_images_of_a_benchmark_stay_out_of_train_in_every_source(tmp_path: Path) -> None:
    listed = tmp_path / "val2014.txt"
    listed.write_text("1001\nCOCO_val2014_000000001003.jpg\n\n1039\n77\n", encoding="utf-8")
    captions = write_rows(tmp_path / "c", [{"id": "x", "group": "coco/1003", "response": text_of(1)}])
    sources = (SourcePlan("visual_genome", genome(tmp_path / "vg")), SourcePlan("jsonl", captions))
    out = tmp_path / "out"
    build(Plan(taxonomies=("attribute",), sources=sources, out=out, held_out=listed))
    homes: dict[str, set[str]] = {}
    for split, row in read_rows(out, "clean"):
        homes.setdefault(row["group"], set()).add(split)
    assert all(homes[f"coco/{number}"] == {"test"} for number in (1001, 1003, 1039))
    assert {"train"} in homes.values()
    assert (out / "held_out.txt").read_text(encoding="utf-8") == "77\n1001\n1003\n1039\n"
    checking = Check(out)
    assert list(checking.faults()) == []
    assert next(leak for leak in checking.leaks if leak.name == "rows of held-out images").found >= 4
    train = next(group for group, splits in homes.items() if splits == {"train"} and group.startswith("coco/"))
    (out / "held_out.txt").write_text(train.removeprefix("coco/") + "\n", encoding="utf-8")
    assert any(f"{train} is held out, and stands in train" in fault for fault in find_faults(out))


def test_an_official_split_of_a_duplicate_wins_over_the_hash(tmp_path: Path) -> None:
    folder = tmp_path / "images"
    folder.mkdir()
    (folder / "a.png").write_bytes(encoded(photo(1), "PNG"))
    (folder / "b.jpg").write_bytes(encoded(photo(1), "JPEG", quality=80))
    description = {"example_id": "test_1", "split": "test", "image_file": "a.png", "description": text_of(1)}
    docci = tmp_path / "docci_descriptions.jsonlines"
    docci.write_text(json.dumps(description), encoding="utf-8")
    own = write_rows(tmp_path, [{"id": "mine", "image": "images/b.jpg", "response": text_of(2)}], "own.jsonl")
    for seed in range(3):
        sources = (SourcePlan("jsonl", own), SourcePlan("docci", docci))
        out = tmp_path / str(seed)
        build(Plan(taxonomies=("spatial",), sources=sources, out=out, seed=seed))
        assert {split for split, _ in read_rows(out, "clean")} == {"test"}
        assert load_manifest(out)["rows"]["clean"] == {"test": 2}


def test_the_leaks_do_not_hang_on_chunks_or_workers(tmp_path: Path) -> None:
    path = planted_images(tmp_path / "images")
    hashes = {
        build(plan_of(path, tmp_path / f"{size}-{workers}", chunk_rows=size, workers=workers))["content_hash"]
        for size, workers in ((3, 1), (50, 2))
    }
    assert len(hashes) == 1
