"""What was published is built again from the Hub alone: the manifest, the request log, and sources by their commit."""

import io
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image

from tldr_data.manifest import load_manifest

ROOT = Path(__file__).parents[2]
REPO = "user/false-words"
COLOURS = ("red", "blue", "green", "yellow", "white", "black")


def picture(number: int) -> bytes:
    written = io.BytesIO()
    image = Image.new("RGB", (20 + number, 16), COLOURS[number % len(COLOURS)])
    image.paste((number * 9 % 255, 40, 200), (number % 9, 3, 12, 9 + number % 5))
    image.save(written, "PNG")
    return written.getvalue()


def captions(count: int = 16) -> list[dict[str, Any]]:
    """Rows of which every third image is of a licence that allows no changed copies."""
    return [
        {
            "id": f"made/{number}",
            "response": f"Two {COLOURS[number % 6]} dogs of Villa{number} stand to the left of a table near {number}.",
            "license": "CC0-1.0",
            "image_license": ("CC-BY-4.0", "CC-BY-4.0", "CC-BY-NC-ND-2.0")[number % 3],
            "image_url": f"https://example.org/{number}.png",
        }
        for number in range(count)
    ]


@pytest.fixture
def captions_file(tmp_path: Path) -> Path:
    path = tmp_path / "captions.jsonl"
    rows = [{**row, "image": f"{number}.png"} for number, row in enumerate(captions())]
    for number, row in enumerate(rows):
        (tmp_path / row["image"]).write_bytes(picture(number))
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def cli(environment: dict[str, str], *arguments: str | Path) -> str:
    """Stderr of a command that is done well."""
    command = [sys.executable, "-m", "tldr_data.cli", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", env=environment, cwd=ROOT)
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stderr


def built_again(environment: dict[str, str], out: Path, *paths: str | Path) -> None:
    """Build, push, check on the Hub, and build again from what is there."""
    cli(environment, "push", out, REPO, "--version", "1.0.0")
    cli(environment, "check", f"{REPO}@1.0.0")
    again = out.parent / "again"
    told = cli(environment, "build", "--from-manifest", f"{REPO}@1.0.0", *paths, "--out", again)
    assert f"the content is that of {REPO}@1.0.0" in told
    assert "%|" not in told, "no progress bars where nobody looks"
    assert load_manifest(again)["content_hash"] == load_manifest(out)["content_hash"]
    cli(environment, "check", again)


@pytest.mark.slow
def test_what_was_published_without_some_images(
    hub: Any, captions_file: Path, tmp_path: Path, environment: dict[str, str]
) -> None:
    out = tmp_path / "out"
    given = ("--source", "jsonl", "--path", captions_file)
    cli(environment, "build", "--taxonomy", "spatial", *given, "--out", out)
    built_again(environment, out, "--path", captions_file)
    assert json.loads(hub.files(REPO)["manifest.json"])["images_withheld"] == {"CC-BY-NC-ND-2.0": 5}
    assert load_manifest(tmp_path / "again").get("images_withheld") is None


@pytest.mark.slow
def test_a_source_on_the_hub_by_its_commit(hub: Any, tmp_path: Path, environment: dict[str, str]) -> None:
    table = pa.Table.from_pylist([{**row, "image": picture(number)} for number, row in enumerate(captions())])
    written = io.BytesIO()
    pq.write_table(table, written)
    hub.create("user/captions", private=False)
    commit = hub.commit("user/captions", "refs/heads/main", {"data/train.parquet": written.getvalue()}, "captions")
    out = tmp_path / "out"
    cli(environment, "build", "--taxonomy", "spatial", "--source", "hf", "--path", "user/captions", "--out", out)
    assert load_manifest(out)["recipe"]["sources"][0]["path"] == f"user/captions@{commit}"
    fewer = io.BytesIO()
    pq.write_table(table.slice(0, 3), fewer)
    hub.commit("user/captions", "refs/heads/main", {"data/train.parquet": fewer.getvalue()}, "fewer")
    built_again(environment, out)


@pytest.mark.slow
def test_what_a_model_wrote(
    hub: Any, model_server: str, captions_file: Path, tmp_path: Path, environment: dict[str, str]
) -> None:
    out = tmp_path / "out"
    asked = ("--perturber", "llm", "--llm", "openai", "--model", "tiny", "--base-url", model_server)
    given = ("--source", "jsonl", "--path", captions_file)
    cli(environment, "build", "--taxonomy", "attribute", *given, *asked, "--out", out)
    assert load_manifest(out)["llm"]["requests"] > 0
    built_again(environment, out, "--path", captions_file)
