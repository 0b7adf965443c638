"""Source ``hf`` against a server on this machine that answers as the Hub does."""

import io
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow
COMMIT = "a" * 40
FILE = "data/train.parquet"
READ = """
import json, sys
from pathlib import Path
from tldr_data.errors import InputError
from tldr_data.sources import open_source, read
source = open_source("hf", path=Path(sys.argv[1]), seed=0, limit=None, options=json.loads(sys.argv[2]))
try:
    print(source.identity())
    for row in read(source):
        print(row.response, row.license, row.attribution, sep="|")
except InputError as error:
    print(error)
"""


def table() -> bytes:
    import pyarrow
    import pyarrow.parquet

    out = io.BytesIO()
    pyarrow.parquet.write_table(pyarrow.table({"caption": ["A cup.", "A pot."]}), out)
    return out.getvalue()


class Hub(BaseHTTPRequestHandler):
    data = b""

    def do_GET(self) -> None:
        path = self.path.split("?")[0]
        if "/gone" in path or "/gated" in path:
            gone = "/gone" in path
            self._send(404 if gone else 403, b"{}", {"X-Error-Code": "RepoNotFound" if gone else "GatedRepo"})
        elif "/tree/" in path:
            entry = {"type": "file", "path": FILE, "size": len(self.data), "oid": "b" * 40}
            folder = {"type": "directory", "path": "data", "size": 0, "oid": "c" * 40}
            self._send(200, json.dumps([entry if path.endswith("/data") else folder]).encode())
        elif path.startswith("/api/datasets/user/set"):
            card = {"license": "cc-by-4.0"}
            info = {"id": "user/set", "sha": COMMIT, "cardData": card, "tags": [], "siblings": [{"rfilename": FILE}]}
            self._send(200, json.dumps(info).encode())
        elif path.endswith(FILE):
            self._send_range()
        else:
            self._send(404, b"{}", {"X-Error-Code": "EntryNotFound"})

    do_HEAD = do_GET

    def _send_range(self) -> None:
        wanted = self.headers.get("Range")
        if wanted is None:
            self._send(200, self.data)
            return
        first, last = wanted.removeprefix("bytes=").split("-")
        end = min(int(last or len(self.data)), len(self.data) - 1)
        shown = {"Content-Range": f"bytes {first}-{end}/{len(self.data)}"}
        self._send(206, self.data[int(first) : end + 1], shown)

    def _send(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        told = {"ETag": '"x"', "X-Repo-Commit": COMMIT, "Content-Length": str(len(body))}
        for key, value in (told | (headers or {})).items():
            self.send_header(key, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture(scope="module")
def hub() -> Iterator[str]:
    Hub.data = table()
    with ThreadingHTTPServer(("127.0.0.1", 0), Hub) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def read(endpoint: str, home: Path, place: str, columns: dict[str, str], **more: str) -> list[str]:
    """What is read, line by line; the Hub's client takes its address from the environment when it is loaded."""
    told = {"HF_ENDPOINT": endpoint, "HF_HOME": str(home), "HF_HUB_DISABLE_TELEMETRY": "1", "HF_TOKEN": ""}
    command = [sys.executable, "-c", READ, place, json.dumps({"columns": columns})]
    done = subprocess.run(
        command, env={**os.environ, **told, **more}, cwd=Path(__file__).parents[2], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_a_dataset_is_read_at_one_commit_with_the_licence_of_its_card(hub: str, tmp_path: Path) -> None:
    assert read(hub, tmp_path, "user/set", {"response": "caption"}) == [
        f"user/set@{COMMIT}",
        "A cup.|cc-by-4.0|https://huggingface.co/datasets/user/set",
        "A pot.|cc-by-4.0|https://huggingface.co/datasets/user/set",
    ]


@pytest.mark.parametrize(
    ("place", "message"),
    [
        ("user/gone", "user/gone: no such file or folder here, and no such dataset on the Hub that you may see"),
        ("user/gated", "user/gated: is gated: ask for access on its page on the Hub, then log in (hf auth login)"),
    ],
)
def test_what_may_not_be_read_is_told_in_one_line(hub: str, tmp_path: Path, place: str, message: str) -> None:
    assert read(hub, tmp_path, place, {"response": "caption"}) == [message]


def test_without_the_hub_that_is_told_in_one_line(tmp_path: Path) -> None:
    (offline,) = read("http://127.0.0.1:9", tmp_path, "user/set", {"response": "caption"}, HF_HUB_OFFLINE="1")
    assert offline == "user/set: no such file or folder here, and the Hub is not asked: HF_HUB_OFFLINE is set"
    (unreached,) = read("http://127.0.0.1:9", tmp_path, "user/set", {"response": "caption"})
    assert unreached.startswith("user/set: no such file or folder here, and the Hub cannot be reached: ")
