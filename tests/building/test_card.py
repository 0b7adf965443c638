"""The card of real builds: what it says is so, and what it tells people to run works."""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from tldr_data.building.plan import Plan, SourcePlan
from tldr_data.card import render_card, write_card
from tldr_data.card.rebuilding import build_command, sources_file
from tldr_data.card.shown_row import row_json, shown_row
from tldr_data.check import find_faults
from tldr_data.dataset import read_rows
from tldr_data.errors import InputError
from tldr_data.manifest import load_manifest
from tldr_data.pipeline import build
from tldr_data.yields import percent

NOTHING = {"added": 0, "removed": 0, "relabelled": 0, "moved": 0, "changed": 0}
VERSIONS = {
    "repository": "maria/boxes",
    "versions": [
        {
            "version": "1.1.0",
            "since": "1.0.0",
            "content_hash": "00",
            "rows": {"spatial": {**NOTHING, "added": 1234, "moved": 7}},
            "schema": ["column url was added"],
        },
        {"version": "1.0.0", "since": None, "content_hash": "01", "rows": {}, "schema": []},
    ],
}
AUDIT = {
    "auditors": 1,
    "answered": 50,
    "taxonomies": {"spatial": {"n": 30, "good": 29, "natural": 28, "rest_true": 27}},
    "clean": {"made": {"n": 20, "wrong": 1}},
    "paraphrase": {},
    "agreement": None,
}


@pytest.fixture
def copy(built: Path, tmp_path: Path) -> Path:
    """A finished build that may be changed."""
    return Path(shutil.copytree(built, tmp_path / "copy"))


def head_of(card: str) -> dict[str, Any]:
    parsed: dict[str, Any] = yaml.safe_load(card.split("---\n")[1])
    return parsed


def first_screen(card: str) -> str:
    return card.split("## What a row looks like")[0]


# In a process of its own: `datasets` reads the environment when it is imported, and warns of things that are not ours.
LOAD = """
import sys
from datasets import concatenate_datasets, interleave_datasets, load_dataset
from datasets.exceptions import DatasetGenerationError
from datasets.utils.info_utils import NonMatchingSplitsSizesError

told, untold, torn, other, cache = sys.argv[1:]
for config in ("all", "attribute", "spatial", "images"):
    with_card, without = (load_dataset(out, config, cache_dir=f"{cache}/{out == told}") for out in (told, untold))
    for split, rows in with_card.items():
        assert rows.features == without[split].features
        assert rows.info.splits[split].num_bytes == without[split].info.splits[split].num_bytes
        info = without[split].info
        print(config, split, rows.num_rows, info.splits[split].num_bytes, info.download_size)
    streamed = load_dataset(told, config, streaming=True)["train"]
    assert streamed.features == with_card["train"].features
    assert list(next(iter(streamed))) == list(with_card["train"][0])
one, two = (load_dataset(out, "spatial", split="train", cache_dir=cache) for out in (told, other))
assert len(concatenate_datasets([one, two])) == len(one) + len(two)
assert len(interleave_datasets([one, two], stopping_strategy="all_exhausted")) >= 2 * min(len(one), len(two))
try:
    load_dataset(torn, "spatial", cache_dir=f"{cache}/torn")
except NonMatchingSplitsSizesError:
    print("torn")
"""


@pytest.mark.slow
def test_datasets_takes_the_card_at_its_word(
    built: Path, copy: Path, tmp_path: Path, captions: Callable[..., Path], make_plan: Callable[..., Plan]
) -> None:
    torn = Path(shutil.copytree(built, tmp_path / "torn"))
    next(torn.glob("paraphrase/train-*.parquet")).unlink()
    text = (copy / "README.md").read_text(encoding="utf-8")
    infos = head_of(text)["dataset_info"]
    head = {key: value for key, value in head_of(text).items() if key != "dataset_info"}
    (copy / "README.md").write_text(f"---\n{yaml.safe_dump(head)}---\n", encoding="utf-8")
    build(make_plan(captions(20), tmp_path / "other", embed_images="no"))
    environment = {**os.environ, "HF_HUB_OFFLINE": "1", "HF_DATASETS_OFFLINE": "1", "HF_HOME": str(tmp_path / "home")}
    folders = [str(built), str(copy), str(torn), str(tmp_path / "other"), str(tmp_path / "cache")]
    command = [sys.executable, "-c", LOAD, *folders]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", env=environment)
    assert done.returncode == 0, done.stderr
    told = [
        f"{info['config_name']} {split['name']} {split['num_examples']} {split['num_bytes']} {info['download_size']}"
        for info in infos
        for split in info["splits"]
    ]
    assert done.stdout.splitlines() == [*told, "torn"]
    assert all(info["dataset_size"] == sum(split["num_bytes"] for split in info["splits"]) for info in infos)


def test_sizes_that_nobody_knows_are_left_out(built: Path) -> None:
    manifest = load_manifest(built)
    del manifest["files"]["images/train-00000-of-00001.parquet"]["arrow_bytes"]
    infos = {info["config_name"]: info for info in head_of(render_card(built, manifest))["dataset_info"]}
    assert "splits" not in infos["images"]
    assert "dataset_size" not in infos["images"]
    assert infos["images"]["features"]
    assert infos["spatial"]["splits"]


def test_a_card_that_makes_datasets_read_otherwise_is_a_fault(copy: Path) -> None:
    path = copy / "README.md"
    text = path.read_text(encoding="utf-8")
    changes = {
        "'0': caption\n          '1': vqa": "'0': vqa\n          '1': caption",
        "num_examples: ": "num_examples: 1",
        "dataset_info:\n": "dataset_info: 5\nelse:\n",
    }
    for before, after in changes.items():
        assert before in text
        path.write_text(text.replace(before, after, 1), encoding="utf-8")
        assert "README.md: its dataset_info is not that of the build" in list(find_faults(copy)), before
    head = {key: value for key, value in head_of(text).items() if key != "dataset_info"}
    path.write_text(f"---\n{yaml.safe_dump(head)}---\n", encoding="utf-8")
    assert list(find_faults(copy)) == []


def test_the_row_that_is_shown_is_one_of_the_dataset(built: Path) -> None:
    card = (built / "README.md").read_text(encoding="utf-8")
    shown = json.loads(card.split("```json\n")[1].split("```")[0])
    row = next(row for _, row in read_rows(built, shown["taxonomy"]) if row["id"] == shown["id"])
    quoted = next(line for line in card.splitlines() if line.startswith("> "))
    errors = [row["response"][span["start"] : span["end"]] for span in row["errors"]]
    assert re.findall("<b>(.*?)</b>", quoted) == errors
    assert re.findall("<s>(.*?)</s>", quoted) == [span["replaced"] for span in row["errors"] if span["replaced"]]
    untouched = re.sub(r" <s>.*?</s>|</?[bi]>", "", quoted.removeprefix("> "))
    assert untouched.replace("\\", "") == row["response"]
    assert 0 in shown["labels"]
    assert shown["image"] == "..."


def test_long_texts_are_cut_around_what_is_false(built: Path) -> None:
    row = shown_row(built, load_manifest(built))
    assert row
    row = {**row, "response": "a " * 100, "words": ["a"] * 100, "labels": [1] * 50 + [0] + [1] * 49}
    shown = json.loads(row_json(row))
    assert shown["response"].endswith("...")
    assert shown["labels"] == ["...", 1, 1, 1, 0, 1, 1, 1, 1, "..."]
    assert len(shown["words"]) == len(shown["labels"])


def test_the_command_on_the_card_builds_the_same_again(
    captions: Callable[..., Path], tmp_path: Path, make_plan: Callable[..., Plan], monkeypatch: pytest.MonkeyPatch
) -> None:
    own = tmp_path / "own.yaml"
    own.write_text(
        "name: own\ndefinition: tables for benches\norigin: made up\nsubtypes:\n"
        "  furniture: {definition: another, rule: noun, groups: [[table, bench]]}\n",
        encoding="utf-8",
    )
    path, held_out = captions(30), tmp_path / "held.txt"
    held_out.write_text("7\n", encoding="utf-8")
    settings: dict[str, Any] = {
        "paraphrase_ratio": 0.25,
        "held_out": held_out,
        "splits": "paper",
        "seed": 3,
        "limit": 20,
    }
    first = build(make_plan(path, tmp_path / "first", taxonomies=("spatial",), **settings))
    card = (tmp_path / "first" / "README.md").read_text(encoding="utf-8")
    command = card.split("```bash\n")[1].split("```")[0].replace("\\\n", " ").replace("PATH", str(path))
    monkeypatch.chdir(tmp_path / "first")
    arguments = [*shlex.split(command)[1:], "--workers", "1", "--out", str(tmp_path / "again")]
    monkeypatch.setattr(sys, "argv", ["tldr-data", *arguments])
    from tldr_data.cli import main

    with pytest.raises(SystemExit) as ended:
        main()
    assert not ended.value.code
    assert load_manifest(tmp_path / "again")["content_hash"] == first["content_hash"]
    assert "--limit 20" in command
    assert "--seed 3" in command


def test_what_a_command_line_cannot_say_of_a_source_stands_in_a_file(built: Path) -> None:
    manifest = load_manifest(built)
    hub = {"name": "hf", "path": "maria/dogs@3f9a1c", "columns": {"response": "text"}}
    manifest["recipe"]["sources"] = [hub, {"name": "docci", "path": "0" * 64}]
    assert "--config sources.yaml" in build_command(manifest)
    assert "--source" not in build_command(manifest)
    assert yaml.safe_load(sources_file(manifest) or "") == {
        "sources": [hub, {"name": "docci", "path": "PATH"}],
    }
    head = head_of(card := render_card(built, manifest))
    assert head["source_datasets"] == ["google/docci", "maria/dogs"]
    assert head["language_creators"] == ["found", "machine-generated"]
    assert "| Texts from | maria/dogs, docci |" in card


def test_own_taxonomies_that_were_published_are_named_by_their_file(built: Path) -> None:
    manifest = load_manifest(built)
    manifest["files"]["taxonomies/spatial.yaml"] = {"bytes": 1, "sha256": "00"}
    assert "--taxonomy taxonomies/spatial.yaml" in build_command(manifest)
    assert "--taxonomy attribute" in build_command(manifest)


def test_every_taxonomy_and_subtype_is_defined(built: Path) -> None:
    manifest, card = load_manifest(built), (built / "README.md").read_text(encoding="utf-8")
    for name, told in manifest["definitions"].items():
        assert f"**{name}**: {told['definition'][:40]}" in card
        for subtype, counts in manifest["taxonomies"][name]["subtypes"].items():
            line = rf"\| {subtype} \| {re.escape(told['subtypes'][subtype])} \| {counts['accepted']} \|"
            assert re.search(line, card), line


def test_the_first_screen_says_what_and_how_many_and_how_true(built: Path, copy: Path) -> None:
    top, manifest = first_screen((built / "README.md").read_text(encoding="utf-8")), load_manifest(built)
    wrong = sum(counts["accepted"] for counts in manifest["taxonomies"].values())
    assert f"| Rows | {wrong} with an error, {sum(manifest['rows']['clean'].values())} true" in top
    assert f"n = {wrong})" in top
    assert "| Labels right | not audited by people yet |" in top
    assert "load_dataset(" in top
    assert "Built with Llama" not in top
    (copy / "audit.json").write_text(json.dumps(AUDIT), encoding="utf-8")
    write_card(copy, load_manifest(copy))
    audited = (copy / "README.md").read_text(encoding="utf-8")
    assert f"spatial {percent(29, 30)}, judged blind by people" in first_screen(audited)
    assert percent(28, 30) in audited
    assert "No people have audited" not in audited
    assert list(find_faults(copy)) == []


def test_only_plots_that_are_there_are_shown(copy: Path) -> None:
    shutil.rmtree(copy / "plots")
    assert "![" not in render_card(copy, load_manifest(copy))
    (copy / "plots").mkdir()
    for name in ("yield", "words", "unheard_of"):
        (copy / "plots" / f"{name}.png").write_bytes(b"")
    pictures = re.findall(r"!\[(.+)\]\(plots/(\w+)\.png\)", render_card(copy, load_manifest(copy)))
    assert [name for _, name in pictures] == ["yield", "words"]


def test_a_published_version_is_loaded_cited_and_told_of(copy: Path) -> None:
    (copy / "versions.json").write_text(json.dumps(VERSIONS), encoding="utf-8")
    write_card(copy, load_manifest(copy))
    card = (copy / "README.md").read_text(encoding="utf-8")
    top = first_screen(card)
    assert 'load_dataset("maria/boxes", "attribute", split="train", revision="v1.1.0")' in top
    assert 'tldr_data.load("maria/boxes", version="1.1.0", taxonomy="attribute")' in top
    assert "`tldr-data check maria/boxes@1.1.0`" in top
    assert "@misc{maria-boxes," in card
    assert "version = {1.1.0}" in card
    told = card.split("## Versions")[1]
    assert "| spatial | 1,234 | 0 | 0 | 7 | 0 |" in told
    assert "- column url was added" in told
    assert told.index("### 1.1.0 (since 1.0.0)") < told.index("### 1.0.0")
    assert "PATH_OR_REPOSITORY" not in card
    assert list(find_faults(copy)) == []


@pytest.mark.parametrize(
    "found",
    [[], {"repository": "maria/boxes"}, {**VERSIONS, "versions": []}, {**VERSIONS, "repository": 5}],
)
def test_damaged_versions_are_one_line(found: object, copy: Path) -> None:
    (copy / "versions.json").write_text(json.dumps(found), encoding="utf-8")
    with pytest.raises(InputError, match=r"versions\.json: "):
        render_card(copy, load_manifest(copy))


def test_the_rule_of_a_licence_stands_on_top(built: Path) -> None:
    manifest = load_manifest(built)
    manifest["licenses"] = [{"source": "made", "license": "CC-BY-4.0 AND llama3.1", "rows": 1}]
    manifest["image_licenses"] = []
    card = render_card(built, manifest)
    assert "**Built with Llama: " in first_screen(card)
    assert head_of(card)["license"] == ["cc-by-4.0", "llama3.1"]


def test_images_that_are_withheld_are_told_of(built: Path) -> None:
    manifest = load_manifest(built)
    manifest["image_licenses"] = [
        {"source": "made", "license": "CC-BY-NC-4.0", "images": 40},
        {"source": "made", "license": "All rights reserved", "images": 1200},
    ]
    manifest["images_withheld"] = {"All rights reserved": 1200}
    card = render_card(built, manifest)
    assert head_of(card)["license"] == ["cc-by-nc-4.0", "cc0-1.0"]
    assert "1,200 images are not here but only their addresses" in card
    assert "| made | All rights reserved | 1,200 |" in card


def test_texts_of_others_cannot_break_the_card(built: Path) -> None:
    manifest = load_manifest(built)
    hostile = "a | b\n\n# c <script>d</script> `e` [f](g) *h*"
    manifest["licenses"] = [{"source": hostile, "license": hostile, "rows": 1}]
    manifest["attributions"] = [hostile]
    manifest["definitions"]["spatial"].update(definition=hostile, subtypes=dict.fromkeys(["horizontal"], hostile))
    body = render_card(built, manifest).split("\n---\n", 1)[1]
    assert "<script" not in body.replace("\\<", "")
    assert "\n# c" not in body
    for block in re.findall(r"(?:^\|.*\n)+", body, flags=re.MULTILINE):
        assert len({len(re.findall(r"(?<!\\)\|", row)) for row in block.splitlines()}) == 1


def test_the_card_can_be_made_anew(copy: Path) -> None:
    before = [(copy / name).read_bytes() for name in ("README.md", "croissant.json")]
    write_card(copy, load_manifest(copy))
    assert [(copy / name).read_bytes() for name in ("README.md", "croissant.json")] == before


def test_questions_and_drawings_are_told_of(tmp_path: Path) -> None:
    build(Plan(taxonomies=("spatial",), out=tmp_path / "out", sources=(SourcePlan("scenes"),), limit=6))
    card = (tmp_path / "out" / "README.md").read_text(encoding="utf-8")
    head = head_of(card)
    assert "visual-question-answering" in head["task_categories"]
    assert head["language_creators"] == ["machine-generated"]
    assert head["source_datasets"] == ["original"]
    assert "The images are drawn" in card
