"""`tldr-data check REPO@VERSION` finds what somebody has changed in the files on the Hub."""

import hashlib
import io
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from tldr_data.cli import app
from tldr_data.dataset import schema_of
from tldr_data.publishing.push import PushPlan, push
from tldr_data.versions import Version

REPO = "user/false-words"
CLEAN, MADE = "clean/train-00000-of-00001.parquet", "spatial/train-00000-of-00001.parquet"
Files = dict[str, bytes]
Rows = list[dict[str, Any]]


def rows_of(files: Files, name: str) -> Rows:
    found: Rows = pq.read_table(io.BytesIO(files[name])).to_pylist()
    return found


def with_rows(files: Files, name: str, rows: Rows) -> Files:
    written = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(rows, schema=schema_of(name.split("/")[0])), written)
    return {**files, name: written.getvalue()}


def with_row(files: Files, name: str, change: Callable[[dict[str, Any]], dict[str, Any]]) -> Files:
    rows = rows_of(files, name)
    return with_rows(files, name, [{**rows[0], **change(rows[0])}, *rows[1:]])


def flipped_byte(files: Files) -> Files:
    data = bytearray(files[CLEAN])
    data[len(data) // 3] ^= 1
    return {**files, CLEAN: bytes(data)}


def swapped_label(files: Files) -> Files:
    return with_row(files, MADE, lambda row: {"labels": [1 - label if label >= 0 else 0 for label in row["labels"]]})


def shifted_span(files: Files) -> Files:
    def shift(row: dict[str, Any]) -> dict[str, Any]:
        return {"errors": [{**span, "start": span["start"] - 1, "end": span["end"] - 1} for span in row["errors"]]}

    return with_row(files, MADE, shift)


def other_pixels(files: Files) -> Files:
    rows = rows_of(files, CLEAN)
    other = next(row["image"] for row in rows if row["image"] != rows[0]["image"])
    return with_rows(files, CLEAN, [{**rows[0], "image": other}, *rows[1:]])


def missing_shard(files: Files) -> Files:
    return {name: data for name, data in files.items() if name != CLEAN}


def added_shard(files: Files) -> Files:
    return {**files, "clean/train-00001-of-00001.parquet": files[CLEAN]}


def train_row_in_test(files: Files) -> Files:
    rows = rows_of(files, CLEAN)
    there = CLEAN.replace("train", "test")
    files = with_rows(files, there, [*(rows_of(files, there) if there in files else []), rows[0]])
    return with_rows(files, CLEAN, rows[1:])


def row_without_license(files: Files) -> Files:
    return with_row(files, CLEAN, lambda row: {"license": ""})


def other_license(files: Files) -> Files:
    return with_row(files, CLEAN, lambda row: {"license": "MIT"})


def card_of_other_files(files: Files) -> Files:
    return {**files, "README.md": files["README.md"].replace(b"clean/train-*", b"other/train-*")}


def honest_hashes(files: Files) -> Files:
    """The manifest as somebody leaves it who changes the hashes of files as well."""
    manifest = json.loads(files["manifest.json"])
    for name, entry in list(manifest["files"].items()):
        if name not in files:
            del manifest["files"][name]
        else:
            entry |= {"bytes": len(files[name]), "sha256": hashlib.sha256(files[name]).hexdigest()}
    for name in files:
        if name.endswith(".parquet") and name not in manifest["files"]:
            manifest["files"][name] = {"bytes": len(files[name]), "sha256": hashlib.sha256(files[name]).hexdigest()}
    return {**files, "manifest.json": json.dumps(manifest).encode()}


@pytest.fixture
def hub_files(hub: Any, second: Path) -> Files:
    push(PushPlan(directory=second, repository=REPO, version=Version(1, 0, 0)))
    return dict(hub.files(REPO, "v1.0.0"))


CHANGES = [
    (flipped_byte, "SHA-256 differs", "clean"),
    (swapped_label, "SHA-256 differs|bytes, the manifest says", "labels are not those of its spans"),
    (shifted_span, "SHA-256 differs|bytes, the manifest says", "span"),
    (other_pixels, "SHA-256 differs|bytes, the manifest says", "its image is not that of"),
    (missing_shard, "is missing", "train has 0 rows, the manifest says"),
    (added_shard, "is not in the manifest", "rows, the manifest says"),
    (train_row_in_test, "SHA-256 differs|bytes, the manifest says", "group .* is in two splits"),
    (row_without_license, "SHA-256 differs|bytes, the manifest says", "license is empty"),
    (other_license, "SHA-256 differs|bytes, the manifest says", "content hash is"),
    (card_of_other_files, "configs are not those", "configs are not those"),
]


@pytest.mark.parametrize("rehashed", [False, True])
@pytest.mark.parametrize(("change", "by_hash", "by_rows"), CHANGES, ids=[change.__name__ for change, *_ in CHANGES])
def test_a_change_is_found(
    change: Callable[[Files], Files], by_hash: str, by_rows: str, rehashed: bool, hub: Any, hub_files: Files
) -> None:
    changed = change(hub_files)
    changed = honest_hashes(changed) if rehashed else changed
    commit = hub.commit(REPO, "refs/heads/main", changed, "changed")
    hub.repositories[REPO].refs["refs/tags/v1.0.0"] = commit
    done = CliRunner().invoke(app, ["check", f"{REPO}@1.0.0"])
    assert done.exit_code == 1, done.output
    expected = by_rows if rehashed else by_hash
    assert any(re.search(expected, line) for line in done.stdout.splitlines()), done.stdout


def test_json_is_one_line(hub: Any, hub_files: Files) -> None:
    done = CliRunner().invoke(app, ["check", f"{REPO}@1.0.0", "--json"])
    assert (done.exit_code, done.stdout.count("\n")) == (0, 1)
    assert json.loads(done.stdout)["ok"] is True
    hub.commit(REPO, "refs/heads/main", missing_shard(hub_files), "changed")
    done = CliRunner().invoke(app, ["check", f"{REPO}@main", "--json"])
    assert (done.exit_code, done.stdout.count("\n")) == (1, 1)
    assert json.loads(done.stdout)["faults"]
