import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from tldr_data.building import merge, shards
from tldr_data.building.plan import Plan, SourcePlan
from tldr_data.check import find_faults
from tldr_data.dataset import read_rows, read_stored
from tldr_data.errors import BuildError, InputError, UsageError
from tldr_data.labels import BAD
from tldr_data.manifest import load_manifest
from tldr_data.pipeline import build

Captions = Callable[..., Path]
MakePlan = Callable[..., Plan]
Contents = Callable[[Path], dict[str, bytes]]


def rows_of(out: Path, folder: str) -> list[dict[str, Any]]:
    return [row for _, row in read_rows(out, folder)]


def rejected(out: Path, name: str) -> list[dict[str, Any]]:
    path = out / "rejected" / f"{name}.jsonl"
    return [json.loads(line) for line in path.read_bytes().splitlines()] if path.exists() else []


def test_every_reference_is_there_once_and_gives_at_most_one_row_a_taxonomy(built: Path) -> None:
    clean = {row["id"]: row for row in rows_of(built, "clean")}
    assert len(clean) == 120
    for taxonomy in ("spatial", "attribute"):
        rows = rows_of(built, taxonomy)
        references = [row["id"].partition("#")[0] for row in rows]
        assert len(rows) > 60
        assert len(set(references)) == len(references)
        for row, reference in zip(rows, references, strict=True):
            assert row["reference"] == clean[reference]["response"] != row["response"]
            assert row["taxonomy"] == taxonomy
            assert BAD in row["labels"]


def test_rows_come_in_the_order_of_the_source(built: Path) -> None:
    for folder in ("clean", "spatial"):
        for split in ("train", "test"):
            numbers = [int(row["id"].split("/")[1].split("#")[0]) for _, row in read_rows(built, folder, [split])]
            assert numbers == sorted(numbers)


def test_a_finished_build_has_no_fault_and_no_left_over(built: Path) -> None:
    assert list(find_faults(built)) == []
    assert {path.name for path in built.iterdir()} <= {
        "README.md", "croissant.json", "manifest.json", "report.html", "clean", "images", "spatial", "attribute",
        "paraphrase", "rejected", "plots",
    }  # fmt: skip


@pytest.mark.parametrize("changes", [{"chunk_rows": 7}, {"chunk_rows": 1000}, {"workers": 2, "chunk_rows": 30}])
def test_neither_chunks_nor_workers_change_a_byte(
    changes: dict[str, int], built: Path, captions_file: Path, tmp_path: Path, make_plan: MakePlan, contents: Contents
) -> None:
    build(make_plan(captions_file, tmp_path / "out", **changes))
    assert contents(tmp_path / "out") == contents(built)


def test_the_order_of_taxonomies_changes_nothing(
    built: Path, captions_file: Path, tmp_path: Path, make_plan: MakePlan, contents: Contents
) -> None:
    build(make_plan(captions_file, tmp_path / "out", taxonomies=("attribute", "spatial")))
    assert contents(tmp_path / "out") == contents(built)


def test_the_same_file_elsewhere_is_the_same_build(
    built: Path, captions_file: Path, tmp_path: Path, make_plan: MakePlan
) -> None:
    (tmp_path / "copy").symlink_to(captions_file.parent)
    manifest = build(make_plan(tmp_path / "copy" / captions_file.name, built))
    assert manifest == load_manifest(built)


def test_another_seed_is_another_content(built: Path, captions_file: Path, tmp_path: Path, make_plan: MakePlan) -> None:
    other = build(make_plan(captions_file, tmp_path / "out", seed=2))
    assert other["content_hash"] != load_manifest(built)["content_hash"]


def test_limit_takes_the_first_rows(captions_file: Path, tmp_path: Path, make_plan: MakePlan) -> None:
    build(make_plan(captions_file, tmp_path / "out", limit=13))
    ids = {int(row["id"].split("/")[1]) for row in rows_of(tmp_path / "out", "clean")}
    assert ids == set(range(13))


def test_images_lie_once_and_in_the_rows(built: Path) -> None:
    images = {
        row["image_id"]: row["image"]["bytes"] for path in sorted(built.glob("images/*")) for row in read_stored(path)
    }
    assert len(images) == 60
    for path in sorted(built.glob("spatial/*.parquet")):
        for row in read_stored(path):
            assert row["image"]["bytes"] == images[row["image_id"]]


@pytest.mark.parametrize(
    ("embed", "limit", "embedded"), [("no", 10**9, False), ("auto", 100, False), ("yes", 100, True)]
)
def test_images_stay_out_of_the_rows_on_request_or_when_they_are_too_many(
    embed: str,
    limit: int,
    embedded: bool,
    captions: Captions,
    tmp_path: Path,
    make_plan: MakePlan,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(merge, "EMBED_LIMIT", limit)
    manifest = build(make_plan(captions(12), tmp_path / "out", embed_images=embed))
    assert manifest["images_embedded"] is embedded
    stored = [row for path in (tmp_path / "out").glob("clean/*.parquet") for row in read_stored(path)]
    assert len(stored) == 12
    assert all((row["image"] is not None) is embedded for row in stored)
    assert list(find_faults(tmp_path / "out")) == []


def test_embedding_does_not_change_the_content(captions: Captions, tmp_path: Path, make_plan: MakePlan) -> None:
    path = captions(12)
    hashes = {build(make_plan(path, tmp_path / e, embed_images=e))["content_hash"] for e in ("yes", "no")}
    assert len(hashes) == 1


def test_shards_and_row_groups_are_cut_by_size(
    captions: Captions, tmp_path: Path, make_plan: MakePlan, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = captions(60)
    whole = build(make_plan(path, tmp_path / "whole"))
    monkeypatch.setattr(shards, "SHARD_BYTES", 20_000)
    monkeypatch.setattr(shards, "ROW_GROUP_BYTES", 6_000)
    cut = build(make_plan(path, tmp_path / "cut"))
    assert cut["content_hash"] == whole["content_hash"]
    names = sorted(path.name for path in (tmp_path / "cut" / "clean").glob("train-*"))
    assert len(names) > 1
    assert names == [f"train-{n:05d}-of-{len(names):05d}.parquet" for n in range(len(names))]
    metadata = pq.ParquetFile(tmp_path / "cut" / "clean" / names[0]).metadata
    assert metadata.num_row_groups > 1
    assert metadata.row_group(0).column(0).has_column_index
    assert rows_of(tmp_path / "cut", "clean") == rows_of(tmp_path / "whole", "clean")
    assert list(find_faults(tmp_path / "cut")) == []


def test_odd_rows_are_kept_with_their_reason_and_stop_nothing(
    captions: Captions, tmp_path: Path, make_plan: MakePlan, capsys: pytest.CaptureFixture[str]
) -> None:
    broken_image = {"image": "images/broken.png"}
    path = captions(40, r3={"id": "made/1"}, r14={"response": " "}, r35={"id": "made/1"}, r20=broken_image)
    (path.parent / "images" / "broken.png").write_bytes(b"no image")
    text = path.read_text(encoding="utf-8").splitlines()
    text[8] = text[8][:-9]
    text[30] = "[" * 5000
    path.write_text("\n".join(text), encoding="utf-8")
    out = tmp_path / "out"
    manifest = build(make_plan(path, out))
    assert len(rows_of(out, "clean")) == 34
    assert manifest["rejected"]["clean"] == {"duplicate_id": 2, "unreadable_image": 1}
    assert manifest["rejected"]["source"] == {"broken_json": 2, "empty_response": 1}
    assert sorted(record["id"] for record in rejected(out, "clean")) == ["made/1", "made/1", "made/20"]
    assert all(record["message"] for record in rejected(out, "source"))
    assert capsys.readouterr().err.count("skipped: ") == 3
    assert list(find_faults(out)) == []
    # the third made/1 lies in another chunk, and everything made of it went with it
    assert not any(row["response"] == json.loads(text[35])["response"] for row in rows_of(out, "clean"))


def test_lone_surrogates_anywhere_stop_nothing(captions: Captions, tmp_path: Path, make_plan: MakePlan) -> None:
    facts = {
        "objects": [{"name": "dog\ud800", "attributes": ["red\ud800", "red"], "count": 2}],
        "exhaustive": ["objects"],
    }
    odd = {"r0": {"facts": facts}, "r2": {"id": "made/\ud800"}, "r4": {"response": "A \udfff cup."}}
    path = captions(10, **odd, r6={"license": "\ud800"}, r8={"group": "\ud800", "prompt": "\ud800"})
    build(make_plan(path, tmp_path / "out"))
    assert list(find_faults(tmp_path / "out")) == []
    assert (tmp_path / "out" / "report.html").is_file()
    assert not {"made/4", "made/6", "made/8"} & {row["id"] for row in rows_of(tmp_path / "out", "clean")}


def test_surrogates_that_a_source_lets_through_are_rejected(
    captions: Captions, tmp_path: Path, make_plan: MakePlan, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tldr_data.building import admission, chunks
    from tldr_data.sources.jsonl import Jsonl
    from tldr_data.verify import Finding

    examples = Jsonl.examples

    def careless(self: Jsonl, row: Any) -> Any:
        for number, example in enumerate(examples(self, row)):
            odd = {"made/2": {"id": "\ud800"}, "made/4": {"group": "\ud800"}, "made/6": {"attribution": "\ud800"}}
            yield replace(example, **odd.get(example.id, {})) if number == 0 else example

    monkeypatch.setattr(Jsonl, "examples", careless)
    for module in (admission, chunks):
        monkeypatch.setattr(module, "verify", lambda example: Finding("proved", "\ud800" if example.edits else None))
    manifest = build(make_plan(captions(10), tmp_path / "out", chunk_rows=3))
    assert manifest["rejected"]["clean"] == {"lone_surrogate": 3}
    assert set(manifest["rejected"]["spatial"]) == {"lone_surrogate"}
    assert len(rows_of(tmp_path / "out", "clean")) == 7
    assert list(find_faults(tmp_path / "out")) == []


def test_many_odd_rows_are_told_five_times_then_counted(
    captions: Captions, tmp_path: Path, make_plan: MakePlan, capsys: pytest.CaptureFixture[str]
) -> None:
    build(make_plan(captions(40, **{f"r{n}": {"response": ""} for n in range(20)}), tmp_path / "out"))
    lines = [line for line in capsys.readouterr().err.splitlines() if line.startswith("skipped: ")]
    assert len(lines) == 6
    assert lines[-1].startswith("skipped: 20 source rows in all")


@pytest.mark.parametrize("chunk_rows", [4, 100])
def test_a_group_never_lies_in_two_splits(
    chunk_rows: int, captions: Captions, tmp_path: Path, make_plan: MakePlan, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tldr_data.sources.jsonl import Jsonl

    examples = Jsonl.examples

    def with_official_splits(self: Jsonl, row: Any) -> Any:
        for example in examples(self, row):
            yield replace(example, split="test" if example.id in ("made/4", "made/7") else "train")

    monkeypatch.setattr(Jsonl, "examples", with_official_splits)
    manifest = build(make_plan(captions(8), tmp_path / "out", chunk_rows=chunk_rows))
    # what is held out stays: of the groups of made/4 and made/7 the rows of train go
    assert manifest["rejected"]["clean"] == {"group_in_two_splits": 2}
    assert [record["id"] for record in rejected(tmp_path / "out", "clean")] == ["made/5", "made/6"]
    assert list(find_faults(tmp_path / "out")) == []


def test_a_question_gets_one_wrong_answer_in_the_taxonomy_of_its_change(
    captions: Captions, tmp_path: Path, make_plan: MakePlan
) -> None:
    asked = {"task": "vqa", "prompt": "What color is the car?", "response": "Red."}
    path = captions(10, **{f"r{2 * n}": {**asked, "prompt": f"What color is car {n}?"} for n in range(5)})
    manifest = build(make_plan(path, tmp_path / "out"))
    assert len(rows_of(tmp_path / "out", "clean")) == 10
    assert manifest["taxonomies"]["spatial"]["references"] == 5
    assert all(row["task"] == "caption" for row in rows_of(tmp_path / "out", "spatial"))
    answers = [row for row in rows_of(tmp_path / "out", "attribute") if row["task"] == "vqa"]
    assert len(answers) == 5
    assert all(row["labels"] == [BAD] and row["prompt"].startswith("What color") for row in answers)


def test_false_clean_rows_are_rejected(
    captions: Captions, tmp_path: Path, make_plan: MakePlan, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tldr_data.building import admission, chunks
    from tldr_data.verify import Finding

    def finds_fault(example: Any) -> Finding:
        false = example.kind == "clean" and example.id == "made/3"
        return Finding("none" if example.kind == "clean" else "proved", "fact", "contradicts_facts" if false else None)

    for module in (admission, chunks):
        monkeypatch.setattr(module, "verify", finds_fault)
    manifest = build(make_plan(captions(8), tmp_path / "out"))
    assert manifest["rejected"]["clean"] == {"contradicts_facts": 1}
    assert manifest["taxonomies"]["spatial"]["verdicts"] == {"proved": manifest["taxonomies"]["spatial"]["accepted"]}
    assert all(row["evidence"] == "fact" for row in rows_of(tmp_path / "out", "spatial"))
    assert {row["verdict"] for row in rows_of(tmp_path / "out", "clean")} == {"none"}


def test_candidates_are_tried_in_order_and_at_most_four(
    captions: Captions, tmp_path: Path, make_plan: MakePlan, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tldr_data.building import admission

    asked: list[str] = []

    def all_but_one_bad(reference: str, response: str, taxonomy: Any, errors: Any) -> str | None:
        asked.append(response)
        return None if reference.startswith("A bench") and len(asked) % 3 == 0 else "drift"

    monkeypatch.setattr(admission, "find_reason", all_but_one_bad)
    manifest = build(make_plan(captions(4), tmp_path / "out", taxonomies=("attribute",)))
    counts = manifest["taxonomies"]["attribute"]
    assert counts["sites"] == 4
    assert counts["accepted"] + counts["rejected"]["drift"] == len(asked)
    assert len(rejected(tmp_path / "out", "attribute")) == counts["rejected"]["drift"]
    tries = [record["reference"] for record in rejected(tmp_path / "out", "attribute")]
    assert max(tries.count(reference) for reference in tries) <= 2 * 4


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"taxonomies": ("spatail",)}, "spatail"),
        ({"sources": (SourcePlan("cocoa"),)}, "unknown source 'cocoa': allowed are scenes"),
        ({"sources": (SourcePlan("jsonl"),)}, "needs --path"),
        ({"sources": (SourcePlan("jsonl", Path("x"), (("columns", {}),)),)}, "has no option 'columns'"),
    ],
)
def test_a_wrong_call_begins_nothing(
    changes: dict[str, Any], message: str, captions_file: Path, tmp_path: Path, make_plan: MakePlan
) -> None:
    with pytest.raises(UsageError, match=message):
        build(replace(make_plan(captions_file, tmp_path / "out"), **changes))
    assert not (tmp_path / "out").exists()


def test_a_missing_input_begins_nothing(tmp_path: Path, make_plan: MakePlan) -> None:
    with pytest.raises(InputError, match="no such file"):
        build(make_plan(tmp_path / "none.jsonl", tmp_path / "out"))
    assert not (tmp_path / "out").exists()


def test_an_input_without_any_usable_row_is_an_error(captions: Captions, tmp_path: Path, make_plan: MakePlan) -> None:
    path = captions(2, r0={"response": ""}, r1={"response": ""})
    with pytest.raises(BuildError, match="no row was fit"):
        build(make_plan(path, tmp_path / "out"))
    assert not (tmp_path / "out" / "manifest.json").exists()
