"""What `tldr_data.load` makes of datasets that others published, and of a Hub that moves or is away."""

import hashlib
import io
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image

import tldr_data
from tldr_data.building.plan import Plan
from tldr_data.dataset import schema_of
from tldr_data.errors import HubError, InputError
from tldr_data.pipeline import build
from tldr_data.publishing.push import PushPlan, push
from tldr_data.versions import Version

REPO = "user/false-words"
SHARD = "images/train-00000-of-00001.parquet"


@pytest.fixture(scope="module")
def built_apart(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A build whose rows embed no images."""
    out = tmp_path_factory.mktemp("apart") / "out"
    build(Plan(taxonomies=("spatial",), out=out, limit=8, embed_images="no"))
    return out


@pytest.fixture
def apart(built_apart: Path, hub: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """It, published; the cache of `datasets` is this test's own."""
    monkeypatch.setattr("datasets.config.HF_DATASETS_CACHE", tmp_path / "datasets")
    push(PushPlan(directory=built_apart, repository=REPO, version=Version(1, 0, 0)))
    return built_apart


def with_images(hub: Any, **changes: Any) -> list[dict[str, Any]]:
    """The images on the Hub, with some columns changed in all of them."""
    rows = pq.read_table(io.BytesIO(hub.files(REPO)[SHARD])).to_pylist()
    rows = [{**row, **changes} for row in rows]
    written = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(rows, schema=schema_of("images")), written)
    hub.commit(REPO, "refs/heads/main", {**hub.files(REPO), SHARD: written.getvalue()}, "changed")
    return rows


@pytest.fixture
def pictures() -> Iterator[str]:
    """The address of a server of one red picture."""
    picture = io.BytesIO()
    Image.new("RGB", (7, 5), "red").save(picture, "PNG")

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Length", str(len(picture.getvalue())))
            self.end_headers()
            if self.command == "GET":
                self.wfile.write(picture.getvalue())

        do_HEAD = do_GET

        def log_message(self, format: str, *arguments: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}/a.png"
    server.shutdown()
    server.server_close()


def test_no_file_is_written_where_a_dataset_says(apart: Path, hub: Any, tmp_path: Path) -> None:
    with_images(hub, pixels="../../escaped")
    rows = tldr_data.load(REPO)
    assert rows[0]["image"].size[0] > 0
    assert not list(tmp_path.rglob("escaped"))


def test_a_dataset_cannot_put_its_image_in_the_place_of_another_ones(apart: Path, hub: Any) -> None:
    truth = [image.tobytes() for image in tldr_data.load(REPO, version="1.0.0")["image"]]
    other = io.BytesIO()
    Image.new("RGB", (3, 3)).save(other, "PNG")
    pixels = pq.read_table(io.BytesIO(hub.files(REPO)[SHARD]))["pixels"][0].as_py()
    with_images(hub, image={"bytes": other.getvalue(), "path": None}, pixels=pixels)
    assert {image.size for image in tldr_data.load(REPO)["image"]} == {(3, 3)}
    assert [image.tobytes() for image in tldr_data.load(REPO, version="1.0.0")["image"]] == truth


def test_an_image_that_is_published_as_an_address_is_fetched(apart: Path, hub: Any, pictures: str) -> None:
    with_images(hub, image=None, url=pictures)
    rows = tldr_data.load(REPO)
    assert rows[0]["image"].size == (7, 5)
    assert rows[0]["image"].convert("RGB").getpixel((1, 1)) == (255, 0, 0)


@pytest.mark.parametrize("address", ["file://{path}", "{path}", "zip://a.png::{path}"])
def test_an_address_names_no_file_of_this_machine(address: str, apart: Path, hub: Any, tmp_path: Path) -> None:
    Image.new("RGB", (2, 2)).save(tmp_path / "mine.png")
    with_images(hub, image=None, url=address.format(path=tmp_path / "mine.png"))
    assert tldr_data.load(REPO)[0]["image"] is None


def test_builds_concatenate_and_interleave(apart: Path, first: Path) -> None:
    from datasets import concatenate_datasets, interleave_datasets

    pair = [tldr_data.load(REPO), tldr_data.load(first)]
    assert pair[0].features == pair[1].features
    whole = concatenate_datasets(pair)
    assert len(whole) == len(pair[0]) + len(pair[1])
    assert all(image.size[0] > 0 for image in whole["image"])
    assert len(interleave_datasets(pair)) >= 2 * min(map(len, pair))
    assert [row["id"] for row in whole.select([0, len(whole) - 1])] == [pair[0][0]["id"], pair[1][-1]["id"]]
    assert len(whole[[0, 3, 1]]["labels"]) == 3


def test_what_is_loaded_is_one_commit_though_main_moves(
    apart: Path, second: Path, hub: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = set(tldr_data.load(REPO)["id"])
    fetch = tldr_data.loading.fetch  # type: ignore[attr-defined]

    def fetch_and_move(*arguments: Any) -> Path:
        found: Path = fetch(*arguments)
        monkeypatch.setattr("tldr_data.loading.fetch", fetch)
        push(PushPlan(directory=second, repository=REPO, version=Version(2, 0, 0)))
        return found

    monkeypatch.setattr("tldr_data.loading.fetch", fetch_and_move)
    assert set(tldr_data.load(REPO)["id"]) == ids
    assert set(tldr_data.load(REPO)["id"]) != ids


def test_what_was_loaded_loads_again_without_the_hub(apart: Path, hub: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = tldr_data.load(REPO, version="1.0.0", split="test")
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    assert tldr_data.load(REPO, version="1.0.0", split="test")["id"] == rows["id"]
    for split, version in (("train", "1.0.0"), ("test", "2.0.0")):
        with pytest.raises(HubError, match="HF_HUB_OFFLINE is set"):
            tldr_data.load(REPO, version=version, split=split)


def test_a_shard_that_is_missing_is_told(apart: Path, hub: Any) -> None:
    files = {
        name: data for name, data in hub.files(REPO).items() if not name.startswith(("clean/", "spatial/", "para"))
    }
    hub.commit(REPO, "refs/heads/main", files, "lost")
    with pytest.raises(
        InputError, match=rf"{REPO}: lacks clean/train-00000-of-00001.parquet, which its manifest lists"
    ):
        tldr_data.load(REPO)


def test_what_is_no_dataset_of_ours_is_told(apart: Path, hub: Any) -> None:
    hub.create("user/other", private=False)
    with pytest.raises(InputError, match=r"user/other@main: no manifest.json"):
        tldr_data.load("user/other")
    hub.commit("user/other", "refs/heads/main", {"manifest.json": b"{}"}, "theirs")
    with pytest.raises(InputError, match=r"user/other@main/manifest.json: its format is None"):
        tldr_data.load("user/other")


def test_images_are_stored_by_their_bytes(apart: Path, tmp_path: Path) -> None:
    tldr_data.load(REPO)
    for path in (tmp_path / "datasets" / "joined_images").iterdir():
        assert path.name == hashlib.sha256(path.read_bytes()).hexdigest()
    assert json.loads((apart / "manifest.json").read_text(encoding="utf-8"))["images_embedded"] is False
