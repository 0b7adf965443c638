"""What is published comes back: by `tldr_data.load`, by plain `datasets`, streamed, with its images."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tldr_data.building.plan import Plan
from tldr_data.dataset import read_rows
from tldr_data.pipeline import build
from tldr_data.publishing.push import PushPlan, push
from tldr_data.versions import Version

REPO = "user/false-words"
# In processes of their own: `datasets` reads the environment when it is imported.
PLAIN = """
import json, sys
from datasets import load_dataset

place, revision, config, streaming = json.loads(sys.argv[1])
rows = load_dataset(place, config, revision=revision, split="train", streaming=streaming)
for row in rows:
    row["image"] = row["image"] and list(row["image"].convert("RGB").getpixel((5, 5))) + list(row["image"].size)
    print(json.dumps(row))
print(json.dumps(str(rows.features)))
"""
OURS = """
import json, sys
import tldr_data

place, version, taxonomy, split = json.loads(sys.argv[1])
rows = tldr_data.load(place, version=version, taxonomy=taxonomy, split=split)
assert type(rows).__name__ == "Dataset"
for row in rows:
    row["image"] = row["image"] and list(row["image"].convert("RGB").getpixel((5, 5))) + list(row["image"].size)
    print(json.dumps(row))
print(json.dumps(str(rows.features)))
"""


def run(code: str, arguments: list[Any], environment: dict[str, str]) -> tuple[list[dict[str, Any]], str]:
    """The rows that a process prints, and their features."""
    command = [sys.executable, "-c", code, json.dumps(arguments)]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", env=environment)
    assert done.returncode == 0, done.stderr[-3000:]
    *rows, features = map(json.loads, done.stdout.splitlines())
    return rows, features


def expected(directory: Path, *folders: str) -> list[tuple[str, list[int], list[Any]]]:
    return [
        (row["id"], row["labels"], row["errors"])
        for folder in folders
        for _, row in read_rows(directory, folder, ["train"])
    ]


def said(rows: list[dict[str, Any]]) -> list[tuple[str, list[int], list[Any]]]:
    return [(row["id"], row["labels"], row["errors"]) for row in rows]


def published(directory: Path, major: int = 1) -> None:
    push(PushPlan(directory=directory, repository=REPO, version=Version(major, 0, 0)))


@pytest.mark.slow
def test_what_was_pushed_loads_the_same_everywhere(hub: Any, second: Path, environment: dict[str, str]) -> None:
    published(second)
    ours = expected(second, "clean", "paraphrase", "spatial")
    local, features = run(PLAIN, [str(second), None, "spatial", False], environment)
    assert said(local) == ours
    assert all(row["image"] for row in local)
    assert run(PLAIN, [REPO, "v1.0.0", "spatial", False], environment) == (local, features)
    assert run(PLAIN, [REPO, "v1.0.0", "spatial", True], environment) == (local, features)
    assert run(OURS, [REPO, "1.0.0", "spatial", "train"], environment) == (local, features)
    assert run(OURS, [str(second), None, "all", "train"], environment)[0] == local


@pytest.mark.slow
def test_both_tags_load(hub: Any, first: Path, second: Path, environment: dict[str, str]) -> None:
    published(first)
    published(second, 2)
    for directory, version in ((first, "1.0.0"), (second, "2.0.0")):
        rows, _ = run(OURS, [REPO, version, "all", "train"], environment)
        assert said(rows) == expected(directory, "clean", "paraphrase", "spatial")


@pytest.mark.slow
def test_images_that_no_row_embeds_are_joined(hub: Any, tmp_path: Path, environment: dict[str, str]) -> None:
    embedded, apart = tmp_path / "embedded", tmp_path / "apart"
    for out, embed in ((embedded, "yes"), (apart, "no")):
        build(Plan(taxonomies=("spatial",), out=out, limit=6, embed_images=embed))  # type: ignore[arg-type]
    published(apart)
    whole = run(OURS, [str(embedded), None, "all", "train"], environment)
    assert all(row["image"] for row in whole[0])
    assert run(OURS, [str(apart), None, "all", "train"], environment) == whole
    assert run(OURS, [REPO, "1.0.0", "all", "train"], environment) == whole


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ([None, "colour", "train"], "taxonomy 'colour': there are all, spatial"),
        ([None, "spatial", "dev"], "split 'dev': there are train"),
        (["1.0.0", "spatial", "train"], "is a folder here, which has no version '1.0.0'"),
    ],
)
def test_what_is_not_there_is_told(arguments: list[Any], told: str, first: Path, environment: dict[str, str]) -> None:
    command = [sys.executable, "-c", OURS, json.dumps([str(first), *arguments])]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", env=environment)
    assert done.returncode != 0
    assert told in done.stderr
