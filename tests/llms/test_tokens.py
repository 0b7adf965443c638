import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tldr_data.errors import BuildError
from tldr_data.llms.request import Message, Request
from tldr_data.llms.tokens import Counter, input_tokens, token_counter

WORDS = Counter("words", True, lambda text: len(text.split()))


class Server(ThreadingHTTPServer):
    """Counts a token a word, as vLLM does; ``mood`` says how it goes wrong."""

    mood = "well"
    bodies: list[dict[str, object]]


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.bodies.append({**body, "path": self.path, "key": self.headers.get("Authorization")})
        mood = self.server.mood
        if mood == "redirect":
            self.send_response(302)
            self.send_header("Location", "/v1/elsewhere")
        else:
            self.send_response(404 if mood == "missing" else 200)
        count: object = {"text": "3", "yes": True, "negative": -1, "zero": 0}.get(
            mood, len(str(body["prompt"]).split())
        )
        content = {"html": b"<html>", "list": b"[1]", "empty": b""}.get(mood, json.dumps({"count": count}).encode())
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def do_GET(self) -> None:
        self.server.bodies.append({"path": self.path})
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b'{"count": 3}')

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[Server]:
    with Server(("127.0.0.1", 0), Handler) as served:
        served.bodies = []
        thread = threading.Thread(target=served.serve_forever, args=(0.01,))
        thread.start()
        yield served
        served.shutdown()
        thread.join()


def address(server: Server) -> str:
    return f"http://127.0.0.1:{server.server_port}/v1"


def test_without_a_tokenizer_it_is_a_range() -> None:
    counter = token_counter(None, None)
    assert not counter.exact
    assert counter.count("a" * 420) == 100
    low, high = counter.between("a" * 420)
    assert (low, high) == pytest.approx((80, 135))
    assert WORDS.between("two words") == (2, 2)


def test_a_server_is_asked_once_a_text(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")  # this machine is never asked by way of a proxy
    counter = token_counter("tiny@main", address(server))
    assert counter.exact
    assert counter.count("one two three") == 3
    assert server.bodies[-1] == {
        "prompt": "one two three", "add_special_tokens": False, "model": "tiny", "path": "/tokenize", "key": None,
    }  # fmt: skip


@pytest.mark.parametrize("mood", ["missing", "redirect", "html", "list", "empty", "text", "yes", "negative", "zero"])
def test_what_does_not_count_is_not_used(server: Server, mood: str) -> None:
    server.mood = mood
    assert not token_counter("tiny", address(server)).exact
    assert [body["path"] for body in server.bodies] == ["/tokenize"]


def test_a_server_that_stops_counting_is_said(server: Server) -> None:
    counter = token_counter("tiny", address(server))
    server.mood = "missing"
    with pytest.raises(BuildError, match=r"/tokenize does not count tokens: HTTPError: .*404"):
        counter.count("a cat")


@pytest.mark.parametrize("base_url", ["http://127.0.0.1:9/v1", "no address", "http://[::1", ""])
def test_an_address_that_is_no_server_is_not_used(base_url: str) -> None:
    assert not token_counter(None, base_url).exact


def test_a_file_is_no_server(tmp_path: Path) -> None:
    (tmp_path / "tokenize").write_text('{"count": 3}', encoding="utf-8")
    assert not token_counter(None, f"{tmp_path.as_uri()}/v1").exact


def written_tokenizer(folder: Path) -> Path:
    tokenizers = pytest.importorskip("tokenizers")
    vocabulary = {word: number for number, word in enumerate(["[UNK]", "a", "red", "cat", "[BOS]"])}
    tokenizer = tokenizers.Tokenizer(tokenizers.models.WordLevel(vocabulary, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = tokenizers.pre_tokenizers.Whitespace()
    tokenizer.post_processor = tokenizers.processors.TemplateProcessing(
        single="[BOS] $A", special_tokens=[("[BOS]", 4)]
    )
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer.save(str(folder / "tokenizer.json"))
    return folder


def test_the_models_own_tokenizer_is_used(tmp_path: Path, server: Server) -> None:
    folder = written_tokenizer(tmp_path / "model@home")
    for name in (str(folder), f"{folder}@main"):
        counter = token_counter(name, address(server))
        assert counter.exact
        assert counter.count("a red, red cat.") == 6  # no special tokens
    assert not server.bodies


def test_the_hubs_cache_is_looked_into(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path))
    repository = tmp_path / "models--some--model"
    written_tokenizer(repository / "snapshots" / "abc")
    (repository / "refs").mkdir()
    (repository / "refs" / "main").write_text("abc", encoding="utf-8")
    assert token_counter("some/model", None).count("a red cat") == 3
    assert token_counter("some/model@abc", None).exact
    assert not token_counter("some/model@other", None).exact
    assert not token_counter("other/model", None).exact
    assert not token_counter("no//name at all", None).exact


def test_a_broken_tokenizer_is_not_used(tmp_path: Path) -> None:
    pytest.importorskip("tokenizers")
    (tmp_path / "tokenizer.json").write_text("{", encoding="utf-8")
    assert not token_counter(str(tmp_path), None).exact


def test_a_request_is_its_messages_its_images_and_what_stands_around() -> None:
    messages = (Message("system", "be very brief"), Message("user", "a cat"))
    request = Request(model="m", messages=messages, max_tokens=9)
    assert input_tokens(WORDS, request) == (5 + 2 * 3 + 3, 5 + 2 * 8 + 40)
    seen = Request(model="m", messages=messages, max_tokens=9, images=(b"x",))
    assert input_tokens(WORDS, seen) == (14 + 64, 61 + 3_000)
