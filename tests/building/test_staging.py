"""What of a build is published: images that their licence keeps from being passed on stay behind, and nothing else."""

import base64
import io
import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tldr_data.building.plan import Plan
from tldr_data.check import Check, find_faults
from tldr_data.dataset import read_stored
from tldr_data.manifest import load_manifest
from tldr_data.pipeline import build
from tldr_data.publishing.staging import stage

Captions = Callable[..., Path]
MakePlan = Callable[..., Plan]
Contents = Callable[[Path], dict[str, bytes]]
OURS, THEIRS = "CC-BY-4.0", "CC-BY-NC-ND-2.0"
COUNT = 40


def is_theirs(image_id: str, out: Path) -> bool:
    return {row["image_id"]: row["license"] == THEIRS for row in rows(out, "images")}[image_id]


def rows(out: Path, folder: str) -> list[dict[str, Any]]:
    return [row for path in sorted((out / folder).glob("*.parquet")) for row in read_stored(path)]


@pytest.fixture
def mixed(captions: Captions) -> Path:
    """Captions of 20 images, of which every third is of a licence that allows no changed copies."""
    said = {
        f"r{number}": {
            "image_license": THEIRS if number // 2 % 3 == 0 else OURS,
            "image_attribution": f"photographer {number // 2}",
            "image_url": f"https://example.org/{number // 2}.png",
        }
        for number in range(COUNT)
    }
    return captions(COUNT, **said)


def made(path: Path, out: Path, make_plan: MakePlan, **changes: Any) -> Path:
    build(make_plan(path, out, **changes))
    return out


def test_images_have_their_own_licence_and_address(mixed: Path, tmp_path: Path, make_plan: MakePlan) -> None:
    out = made(mixed, tmp_path / "out", make_plan)
    found = rows(out, "images")
    assert {row["license"] for row in rows(out, "clean")} == {"CC0-1.0"}
    assert {row["license"] for row in found} == {OURS, THEIRS}
    for row in found:
        number = row["url"].removeprefix("https://example.org/").removesuffix(".png")
        assert row["attribution"] == f"photographer {number}"
        assert row["source"] == "jsonl"
        assert row["image"]["path"] is None
    assert load_manifest(out)["image_licenses"] == [
        {"source": "jsonl", "license": OURS, "images": 13}, {"source": "jsonl", "license": THEIRS, "images": 7},
    ]  # fmt: skip
    assert list(find_faults(out)) == []


@pytest.mark.parametrize("embed", ["yes", "no"])
def test_withheld_bytes_stay_behind_and_all_else_is_there(
    embed: str, mixed: Path, tmp_path: Path, make_plan: MakePlan, contents: Contents
) -> None:
    out = made(mixed, tmp_path / "out", make_plan, embed_images=embed)
    before = contents(out)
    files = stage(out, tmp_path / "staged")
    assert contents(out) == before
    assert {name: path for name, path in files.items() if path != tmp_path / "staged" / name} == {}
    assert set(files) == set(before)
    manifest, old = load_manifest(tmp_path / "staged"), load_manifest(out)
    assert manifest["images_withheld"] == {THEIRS: 7}
    assert manifest["content_hash"] == old["content_hash"]
    assert list(manifest["files"]) == list(old["files"])
    for folder in ("images", "clean", "spatial"):
        pairs = list(zip(rows(out, folder), rows(tmp_path / "staged", folder), strict=True))
        for full, row in pairs:
            assert {**row, "image": None} == {**full, "image": None}
            assert row["image"] == (None if is_theirs(row["image_id"], out) else full["image"])
        some = folder == "images" or embed == "yes"
        assert {row["image"] is None for _, row in pairs} == ({True, False} if some else {True})
    check = Check(tmp_path / "staged")
    assert list(check.faults()) == []
    assert any(leak.found == 7 and "without their bytes" in leak.name for leak in check.leaks)


def test_staging_twice_gives_the_same_bytes(
    mixed: Path, tmp_path: Path, make_plan: MakePlan, contents: Contents
) -> None:
    out = made(mixed, tmp_path / "out", make_plan)
    stage(out, tmp_path / "one")
    stage(out, tmp_path / "two")
    stage(out, tmp_path / "two")
    assert contents(tmp_path / "one") == contents(tmp_path / "two")
    again = stage(tmp_path / "one", tmp_path / "three")
    assert not (tmp_path / "three").exists()
    assert again["manifest.json"] == tmp_path / "one" / "manifest.json"


def test_shards_keep_their_names_and_cut_and_schema(
    mixed: Path, tmp_path: Path, make_plan: MakePlan, monkeypatch: pytest.MonkeyPatch
) -> None:
    import pyarrow.parquet as pq

    from tldr_data.building import shards

    monkeypatch.setattr(shards, "SHARD_BYTES", 20_000)
    monkeypatch.setattr(shards, "ROW_GROUP_BYTES", 6_000)
    out = made(mixed, tmp_path / "out", make_plan)
    files = stage(out, tmp_path / "staged")
    names = [name for name in files if name.endswith(".parquet")]
    assert len([name for name in names if name.startswith("clean/train")]) > 1
    for name in names:
        old, new = pq.ParquetFile(out / name), pq.ParquetFile(files[name])
        assert pq.read_schema(files[name]).equals(pq.read_schema(out / name), check_metadata=True)
        groups = range(old.num_row_groups)
        assert new.num_row_groups == old.num_row_groups
        assert all(new.metadata.row_group(n).num_rows == old.metadata.row_group(n).num_rows for n in groups)


def test_the_published_page_shows_no_withheld_image(mixed: Path, tmp_path: Path, make_plan: MakePlan) -> None:
    out = made(mixed, tmp_path / "out", make_plan)
    theirs = {
        (row["width"], row["height"]) for row in rows(out, "images") if row["license"] == THEIRS
    }  # every image has another size
    page = stage(out, tmp_path / "staged")["report.html"].read_text(encoding="utf-8")
    assert sizes((out / "report.html").read_text(encoding="utf-8")) & theirs
    assert sizes(page)
    assert not sizes(page) & theirs
    (address, *_) = (row["url"] for row in rows(out, "images") if row["license"] == THEIRS)
    assert address in page
    assert address not in (out / "report.html").read_text(encoding="utf-8")


def sizes(page: str) -> set[tuple[int, int]]:
    found = re.findall(r"data:image/\w+;base64,([\w+/=]+)", page)
    return {Image.open(io.BytesIO(base64.b64decode(data))).size for data in found}


def test_a_build_without_withheld_images_is_published_as_it_is(built: Path, tmp_path: Path) -> None:
    (built / "notes.txt").write_text("mine", encoding="utf-8")
    files = stage(built, tmp_path / "staged")
    (built / "notes.txt").unlink()
    assert not (tmp_path / "staged").exists()
    assert {name: built / name for name in files} == files
    pages = {"manifest.json", "README.md", "croissant.json", "report.html"}
    plots = {f"plots/{path.name}" for path in built.glob("plots/*.png")}
    assert plots
    assert {*load_manifest(built)["files"], *pages, *plots} == set(files)


def test_what_is_published_beside_the_rows(captions: Captions, tmp_path: Path, make_plan: MakePlan) -> None:
    out = made(captions(12), tmp_path / "out", make_plan)
    shutil.rmtree(out / "plots")
    named = ("audit.json", "versions.json", "croissant.json", "plots/yield.png")
    for name in (*named, "plots/yield.txt", "audit/sheet.csv", ".work/recipe.json"):
        (out / name).parent.mkdir(exist_ok=True)
        (out / name).write_text("{}", encoding="utf-8")
    assert set(named) == set(stage(out, tmp_path / "staged")) - set(load_manifest(out)["files"]) - {
        "manifest.json", "README.md", "report.html",
    }  # fmt: skip


def test_a_link_is_a_copy_where_there_are_no_links(
    mixed: Path, tmp_path: Path, make_plan: MakePlan, monkeypatch: pytest.MonkeyPatch, contents: Contents
) -> None:
    out = made(mixed, tmp_path / "out", make_plan)
    stage(out, tmp_path / "linked")

    def no_link(*_: Any) -> None:
        raise OSError(1, "Operation not permitted")

    monkeypatch.setattr("os.link", no_link)
    stage(out, tmp_path / "copied")
    assert contents(tmp_path / "linked") == contents(tmp_path / "copied")


def test_rejected_texts_count_with_their_licence(captions: Captions, tmp_path: Path, make_plan: MakePlan) -> None:
    path = captions(12, r3={"id": "made/2", "license": "proprietary"})
    out = made(path, tmp_path / "out", make_plan)
    rejected = load_manifest(out)["rejected_licenses"]
    assert {"source": "jsonl", "license": "proprietary", "rows": 1} in rejected
    assert list(find_faults(out)) == []
    manifest = json.loads((out / "manifest.json").read_text(encoding="utf-8"))
    manifest["rejected_licenses"] = []
    (out / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    assert any("rejected_licenses are not those of the rows" in fault for fault in find_faults(out))


@pytest.mark.parametrize("streaming", [False, True])
def test_datasets_loads_what_is_staged(streaming: bool, mixed: Path, tmp_path: Path, make_plan: MakePlan) -> None:
    from datasets import load_dataset

    stage(made(mixed, tmp_path / "out", make_plan), tmp_path / "staged")
    for config in ("all", "images"):
        loaded = load_dataset(str(tmp_path / "staged"), config, streaming=streaming, cache_dir=str(tmp_path / "cache"))
        shown = [row["image"] for split in loaded.values() for row in split]
        assert {None if image is None else image.mode for image in shown} == {None, "RGB"}
