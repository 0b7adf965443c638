"""The request log: nothing that was answered is lost, whoever dies, whatever is full."""

import errno
import inspect
import json
import os
import random
import subprocess
import sys
import time
from itertools import count
from pathlib import Path

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import tldr_data
from tldr_data.errors import BuildError, InputError
from tldr_data.llms import log as log_module
from tldr_data.llms.log import RequestLog, read_log, write_published
from tldr_data.llms.request import Answer, Message, Request


def request(number: int, model: str = "tiny@1") -> Request:
    return Request(model=model, messages=(Message("user", f"Ändere Satz {number} “so”"),), max_tokens=9)


def answer(number: int, failure: str | None = None) -> Answer:
    return Answer(text=f"Satz {number}\n", input_tokens=10, output_tokens=number, failure=failure)


def fill(path: Path, *numbers: int) -> None:
    with RequestLog(path) as log:
        for number in numbers:
            log.append(request(number), answer(number))


def held(path: Path, numbers: range) -> list[int]:
    with RequestLog(path, writable=False) as log:
        return [number for number in numbers if log.get(request(number).key) == answer(number)]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "work" / "requests.jsonl"


def test_what_was_appended_is_found_at_once_and_later(path: Path) -> None:
    with RequestLog(path) as log:
        assert log.get(request(1).key) is None
        log.append(request(1), answer(1))
        assert log.get(request(1).key) == answer(1)
        assert len(log) == 1
    with RequestLog(path) as log:
        assert (len(log), log.models, log.damaged) == (1, {"tiny@1"}, 0)
        assert log.get(request(1).key) == answer(1)
        assert log.get(request(2).key) is None


def test_a_line_says_key_request_and_answer(path: Path) -> None:
    fill(path, 3)
    assert [json.loads(line) for line in path.read_bytes().splitlines()] == [
        {"key": request(3).key, "request": request(3).to_json(), "answer": answer(3).to_json()}
    ]


def test_the_last_answer_to_a_request_counts_and_every_one_was_paid(path: Path) -> None:
    with RequestLog(path) as log:
        for text in ("first", "second"):
            log.append(request(0), Answer(text=text, input_tokens=100, output_tokens=7))
            assert log.get(request(0).key) == Answer(text=text, input_tokens=100, output_tokens=7)
        log.append(request(1, "other"), answer(1))
        assert log.spent == (0, 0)
    with RequestLog(path) as log:
        found = log.get(request(0).key)
        assert found is not None
        assert found.text == "second"
        assert (log.spent, log.models, len(log)) == ((210, 15), {"tiny@1", "other"}, 2)
        log.append(request(2), answer(2))
        assert log.spent == (210, 15)


def test_failures_are_kept_unless_they_are_to_be_forgotten(path: Path) -> None:
    with RequestLog(path) as log:
        log.append(request(1), answer(1, failure="timeout"))
        log.append(request(2), answer(2))
        log.append(request(2), answer(2, failure="server_error"))
    with RequestLog(path) as log:
        assert log.get(request(1).key) == answer(1, failure="timeout")
        assert log.get(request(2).key) == answer(2, failure="server_error")
    with RequestLog(path, forget_failures=True) as log:
        assert log.get(request(1).key) is None
        assert log.get(request(2).key) == answer(2)
        assert log.spent == (30, 5)
        log.append(request(3), answer(3, failure="timeout"))
        assert log.get(request(3).key) == answer(3, failure="timeout")


def test_a_log_torn_at_any_byte_loses_the_torn_line_alone(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "fsync", lambda file: None)  # a thousand times would take seconds
    fill(path, 1, 2, 3)
    whole = path.read_bytes()
    begin = whole.rindex(b"\n", 0, -1) + 1
    for size in range(begin, len(whole) + 1):
        path.write_bytes(whole[:size])
        kept = [1, 2, 3] if size >= len(whole) - 1 else [1, 2]
        assert held(path, range(5)) == kept
        assert path.stat().st_size == size, "only reading must change nothing"
        fill(path, 4)
        assert held(path, range(5)) == [*kept, 4]
        with RequestLog(path) as log:
            assert log.damaged == 0
        assert all(orjson.loads(line) for line in path.read_bytes().splitlines())


DAMAGE = {
    "half a line": b'{"key":"0123',
    "nothing": b"",
    "no JSON": b"\xff\x00 oops",
    "no record": b'["key"]',
    "no key": b'{"key":"xyz","request":{"model":"m"},"answer":{}}',
    "an answer without text": orjson.dumps({"key": "0" * 32, "request": {"model": "m"}, "answer": {"finish": "stop"}}),
    "a text that is a number": orjson.dumps(
        {"key": "0" * 32, "request": {"model": "m"}, "answer": {**answer(1).to_json(), "text": 1}}
    ),
    "deep": b"[" * 100_000 + b'"\\ud800"',
}


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE)
def test_a_damaged_line_is_counted_and_harms_no_other(path: Path, damage: bytes) -> None:
    fill(path, 1, 2)
    first, second = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(first + damage + b"\n" + second)
    with RequestLog(path) as log:
        assert log.damaged == 1
        assert log.models == {"tiny@1"}
        assert len(log) == 2
    assert held(path, range(4)) == [1, 2]
    assert [key for key, *_ in read_log(path)] == [request(1).key, request(2).key]
    assert path.read_bytes() == first + damage + b"\n" + second


def test_lines_written_by_others_may_look_different(path: Path) -> None:
    path.parent.mkdir()
    fields = {"answer": {**answer(1).to_json(), "more": 1}, "request": request(1).to_json(), "key": request(1).key}
    path.write_text(json.dumps(fields, indent=None) + "\r\n" + json.dumps({**fields, "key": "0" * 32}), "utf-8")
    assert held(path, range(3)) == [1]
    with RequestLog(path) as log:
        assert log.get("0" * 32) == answer(1)
        assert b"\r" not in b"".join(log.lines_of([request(1).key]))


def test_a_line_that_changed_behind_the_index_is_not_an_answer(path: Path) -> None:
    fill(path, 1, 2)
    with RequestLog(path) as log:
        first, second = path.read_bytes().splitlines(keepends=True)
        path.write_bytes(second + first)
        assert log.get(request(1).key) is None


EXAMPLES = count()
ANSWERS = st.builds(
    Answer,
    text=st.text(st.characters(exclude_categories=())),
    finish=st.text(max_size=8),
    input_tokens=st.integers(0, 2**53),
    output_tokens=st.integers(0, 2**53),
    probabilities=st.none() | st.dictionaries(st.text(), st.floats(0, 1)),
    failure=st.none() | st.text(),
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
@given(answers=st.lists(ANSWERS, min_size=1, max_size=5))
def test_any_answer_comes_back_as_it_was(tmp_path: Path, answers: list[Answer]) -> None:
    path = tmp_path / f"{next(EXAMPLES)}.jsonl"
    with RequestLog(path) as log:
        for number, given_answer in enumerate(answers):
            log.append(request(number), given_answer)
        assert [log.get(request(number).key) for number in range(len(answers))] == answers
        write_published(log, [request(number).key for number in range(len(answers))], path.with_suffix(".jsonl.zst"))
    with RequestLog(path.with_suffix(".jsonl.zst")) as log:
        assert log.damaged == 0
        assert [log.get(request(number).key) for number in range(len(answers))] == answers
    for file in (path, path.with_suffix(".jsonl.zst")):
        assert list(read_log(file)) == [
            (request(number).key, request(number).to_json(), given_answer)
            for number, given_answer in enumerate(answers)
        ]


PRELUDE = f"""
import sys
from pathlib import Path
from tldr_data.errors import BuildError
from tldr_data.llms.log import RequestLog
from tldr_data.llms.request import Answer, Message, Request

{inspect.getsource(request)}
{inspect.getsource(answer)}
"""


def run(program: str, *arguments: object) -> subprocess.Popen[bytes]:
    environment = {**os.environ, "PYTHONPATH": str(Path(tldr_data.__file__).parents[1])}
    command = [sys.executable, "-c", PRELUDE + program, *map(str, arguments)]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment)


APPEND = """
with RequestLog(Path(sys.argv[1])) as log:
    print("ready", flush=True)
    input()
    for number in range(*map(int, sys.argv[2:])):
        log.append(request(number), answer(number))
        assert log.get(request(number).key) == answer(number)
"""
WRITERS, EACH = 4, 500


def test_many_processes_append_to_one_log(path: Path) -> None:
    writers = [run(APPEND, path, EACH * writer, EACH * (writer + 1)) for writer in range(WRITERS)]
    for writer in writers:
        assert writer.stdout is not None
        assert writer.stdout.readline().startswith(b"ready")
    for writer in writers:
        assert writer.stdin is not None
        writer.stdin.write(b"\n")
        writer.stdin.flush()
    for writer in writers:
        writer.communicate()
        assert writer.returncode == 0
    everything = range(WRITERS * EACH)
    assert held(path, everything) == list(everything)
    lines = path.read_bytes().splitlines()
    assert len(lines) == WRITERS * EACH
    writers_in_order = [orjson.loads(line)["answer"]["output_tokens"] // EACH for line in lines]
    assert writers_in_order != sorted(writers_in_order), "they wrote one after the other: nothing was shown"


def test_what_others_append_is_known_once_something_was_appended_behind_it(path: Path) -> None:
    with RequestLog(path) as one, RequestLog(path) as other:
        other.append(request(1), answer(1))
        assert one.get(request(1).key) is None
        one.append(request(2), answer(2))
        assert [one.get(request(number).key) for number in (1, 2)] == [answer(1), answer(2)]
        assert (len(one), one.spent) == (2, (0, 0))


def test_a_half_line_of_a_writer_that_died_spoils_nothing_of_those_who_live(path: Path) -> None:
    with RequestLog(path) as log:
        for number, torn in enumerate((b'{"key":"', b"x", b'{"key":"' + b"0" * 5000)):
            with path.open("ab") as dead:
                dead.write(torn)
            log.append(request(number), answer(number))
            assert log.get(request(number).key) == answer(number)
    with RequestLog(path) as log:
        assert (len(log), log.damaged) == (3, 0)


CONFIRM = """
with RequestLog(Path(sys.argv[1])) as log:
    for number in range(int(sys.argv[2]), 10**9):
        log.append(request(number), answer(number))
        print(number, flush=True)
"""


def test_whatever_was_confirmed_before_a_kill_is_found(path: Path) -> None:
    confirmed: list[int] = []
    for trial in range(8):
        begin = trial * 1_000_000
        with run(CONFIRM, path, begin) as writer:
            assert writer.stdout is not None
            first = writer.stdout.readline()
            time.sleep(random.Random(f"kill/{trial}").random() * 0.1)
            writer.kill()
            lines = (first + writer.stdout.read()).splitlines(keepends=True)
        said = [int(line) for line in lines if line.endswith(b"\n")]
        assert said
        assert held(path, range(begin, said[-1] + 1)) == said
        confirmed += said
    with RequestLog(path) as log:
        assert log.damaged == 0
        assert all(log.get(request(number).key) == answer(number) for number in confirmed)
        # at most the one that each writer was killed in was not confirmed
        assert 0 <= len(log) - len(confirmed) <= 8


def fail(*_: object) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


class Disk:
    """Takes some bytes, then no more."""

    def __init__(self, room: int) -> None:
        self.room = room
        self.write = os.write

    def __call__(self, file: int, data: memoryview) -> int:
        taken = min(len(data), self.room)
        if not taken:
            fail()
        self.room -= taken
        return self.write(file, data[:taken])


@pytest.mark.parametrize("can_cut", [True, False])
def test_a_full_disk_is_one_line_and_what_it_took_of_a_line_does_no_harm(
    path: Path, monkeypatch: pytest.MonkeyPatch, can_cut: bool
) -> None:
    with RequestLog(path) as log:
        log.append(request(1), answer(1))
        for room in (0, 1, 100, 250):
            with monkeypatch.context() as patch:
                patch.setattr(os, "write", Disk(room))
                if not can_cut:
                    patch.setattr(os, "ftruncate", fail)
                with pytest.raises(BuildError, match=rf"^cannot write .*requests.jsonl: {os.strerror(errno.ENOSPC)}; "):
                    log.append(request(2), answer(2))
            if can_cut:
                assert path.read_bytes().endswith(b"}\n")
            assert log.get(request(2).key) is None
            log.append(request(3 + room), answer(3 + room))
    assert held(path, range(300)) == [1, 3, 4, 103, 253]
    with RequestLog(path) as log:
        assert log.damaged == 0


@pytest.mark.parametrize(("cut", "function"), [(1, "write"), (2, "ftruncate")])
def test_a_tail_that_cannot_be_mended_is_one_line(
    path: Path, monkeypatch: pytest.MonkeyPatch, cut: int, function: str
) -> None:
    fill(path, 1, 2)
    torn = path.read_bytes()[:-cut]
    path.write_bytes(torn)
    with monkeypatch.context() as patch:
        patch.setattr(os, function, fail)
        with pytest.raises(BuildError, match="cannot write"):
            RequestLog(path)
    assert path.read_bytes() == torn
    assert held(path, range(4)) == ([1, 2] if cut == 1 else [1])


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no file size limit to set")
def test_a_real_limit_of_the_system_is_one_line(path: Path) -> None:
    program = """
import resource
resource.setrlimit(resource.RLIMIT_FSIZE, (5000, 5000))
with RequestLog(Path(sys.argv[1])) as log:
    for number in range(100):
        try:
            log.append(request(number), answer(number))
        except BuildError as error:
            print(number, error)
            break
"""
    with run(program, path) as writer:
        out, _ = writer.communicate()
    number, _, line = out.decode().partition(" ")
    assert line.startswith(f"cannot write {path}: {os.strerror(errno.EFBIG)}")
    assert "\n" not in line.strip()
    assert 5 < int(number) < 30
    assert held(path, range(100)) == list(range(int(number)))
    assert path.read_bytes().endswith(b"}\n")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no file size limit to set")
def test_no_room_to_unpack_a_published_log_is_one_line(path: Path) -> None:
    fill(path, *range(100))
    published = path.with_suffix(".jsonl.zst")
    with RequestLog(path) as log:
        write_published(log, [request(number).key for number in range(100)], published)
    program = """
import resource
resource.setrlimit(resource.RLIMIT_FSIZE, (5000, 5000))
try:
    RequestLog(Path(sys.argv[1]))
except BuildError as error:
    print(error)
"""
    with run(program, published) as reader:
        out, _ = reader.communicate()
    assert out.decode().startswith("cannot write temporary files: ")
    assert len(out.splitlines()) == 1


@pytest.fixture
def synced(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """When the system was told to write to the disk."""
    times: list[float] = []
    fsync = os.fsync

    def watched(file: int) -> None:
        fsync(file)
        times.append(time.monotonic())

    monkeypatch.setattr(os, "fsync", watched)
    return times


def test_the_disk_is_waited_for_when_it_is_asked_for_and_once_in_a_while(
    path: Path, synced: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log_module, "SYNC_SECONDS", 0.2)
    with RequestLog(path) as log:
        synced.clear()
        log.sync()
        assert not synced, "there was nothing to write"
        log.append(request(1), answer(1))
        log.sync()
        log.sync()
        assert len(synced) == 1
        end = time.monotonic() + 1
        number = 2
        while time.monotonic() < end:
            log.append(request(number), answer(number))
            number += 1
            time.sleep(0.001)
        assert 2 <= len(synced) - 1 <= 6
        log.sync()
        synced.clear()
        time.sleep(0.5)
        assert not synced, "nothing was written meanwhile"
        log.append(request(0), answer(0))
    assert len(synced) == 1, "closing syncs"


def test_what_the_disk_did_not_keep_is_never_passed_over(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_module, "SYNC_SECONDS", 0.01)
    log = RequestLog(path)

    def go_on() -> None:
        end = time.monotonic() + 10
        while time.monotonic() < end:
            log.append(request(1), answer(1))
            time.sleep(0.01)

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", fail)
        # in the background, a moment later
        with pytest.raises(BuildError, match="cannot write"):
            go_on()
    # the next fsync of a system that threw the data away says that all is well
    with pytest.raises(BuildError, match="cannot write"):
        log.sync()
    with pytest.raises(BuildError, match="cannot write"):
        log.close()


def test_publishing_gives_the_same_bytes_for_the_same_answers(tmp_path: Path) -> None:
    keys = [request(number).key for number in (4, 2, 4, 7, 2)]
    packed = []
    for trial, order in enumerate(((2, 4, 7, 1), (7, 1, 4, 2))):
        folder = tmp_path / str(trial)
        fill(folder / "requests.jsonl", *order)
        with RequestLog(folder / "requests.jsonl") as log:
            for name in ("a.jsonl.zst", "b.jsonl.zst"):
                write_published(log, iter(keys), folder / name)
                packed.append((folder / name).read_bytes())
    assert len(set(packed)) == 1
    published = tmp_path / "0" / "a.jsonl.zst"
    assert [key for key, *_ in read_log(published)] == [request(number).key for number in (4, 2, 7)]
    assert held(published, range(9)) == [2, 4, 7]
    # what is read from the published log gives it again
    with RequestLog(published) as log:
        write_published(log, keys, tmp_path / "again.jsonl.zst")
    assert (tmp_path / "again.jsonl.zst").read_bytes() == packed[0]


def test_publishing_many_blocks_loses_nothing(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(path, *range(200))
    everything = [request(number).key for number in range(200)]
    monkeypatch.setattr(log_module, "BLOCK_BYTES", 1000)
    published = path.with_suffix(".jsonl.zst")
    with RequestLog(path) as log:
        write_published(log, everything, published)
    assert [key for key, *_ in read_log(published)] == everything
    assert list(read_log(published)) == list(read_log(path))


def test_a_published_log_without_a_request_can_be_read(path: Path) -> None:
    published = path.with_suffix(".jsonl.zst")
    with RequestLog(path) as log:
        write_published(log, [], published)
    assert published.stat().st_size > 0
    assert list(read_log(published)) == []
    with RequestLog(published) as log:
        assert (len(log), log.spent, log.models) == (0, (0, 0), set())


def test_publishing_what_the_log_lacks_is_an_error_and_leaves_no_file(path: Path) -> None:
    fill(path, 1)
    with RequestLog(path) as log, pytest.raises(BuildError, match=f"lacks the request {request(2).key}"):
        write_published(log, [request(1).key, request(2).key], path.with_suffix(".jsonl.zst"))
    assert [file.name for file in path.parent.iterdir() if file.suffix != ".lock"] == [path.name]


def test_a_published_log_is_only_read(path: Path) -> None:
    fill(path, 1)
    published = path.with_suffix(".jsonl.zst")
    with RequestLog(path) as log:
        write_published(log, [request(1).key], published)
    before = published.read_bytes()
    for file in (published, path):
        with RequestLog(file, writable=False) as log, pytest.raises(ValueError, match="only opened for reading"):
            log.append(request(2), answer(2))
    assert published.read_bytes() == before
    assert held(path, range(3)) == [1]


@pytest.mark.parametrize("content", [b"no zstd at all", None], ids=["junk", "cut"])
def test_a_published_log_that_is_not_whole_is_one_line(path: Path, content: bytes | None) -> None:
    fill(path, *range(50))
    published = path.with_suffix(".jsonl.zst")
    with RequestLog(path) as log:
        write_published(log, [request(number).key for number in range(50)], published)
    published.write_bytes(published.read_bytes()[:-20] if content is None else content)
    with pytest.raises(InputError, match=r"^cannot read .*requests.jsonl.zst: .*; expected a request log$"):
        RequestLog(published)
    with pytest.raises(InputError, match="expected a request log"):
        list(read_log(published))


def test_what_cannot_be_opened_is_one_line(tmp_path: Path) -> None:
    for name in ("none.jsonl", "none.jsonl.zst"):
        with pytest.raises(InputError, match=f"cannot read .*{name}: "):
            RequestLog(tmp_path / name, writable=False)
        with pytest.raises(InputError, match=f"cannot read .*{name}: "):
            list(read_log(tmp_path / name))
    with pytest.raises(BuildError, match="cannot write"):
        RequestLog(tmp_path)
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(BuildError, match="cannot write"):
        RequestLog(tmp_path / "file" / "requests.jsonl")


GROW = """
import resource
def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
def grow(log, numbers):
    for number in numbers:
        log.append(request(number), answer(number))
with RequestLog(Path(sys.argv[1])) as log:
    grow(log, range(2000))
    first = peak()
    grow(log, range(2000, 32000))
    print(peak() - first)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="the peak is measured with the module resource")
def test_memory_does_not_grow_with_the_log(path: Path) -> None:
    with run(GROW, path) as process:
        out, _ = process.communicate()
    kilobytes = int(out) // (1024 if sys.platform == "darwin" else 1)
    # 30,000 keys and places in a dictionary take some 7 MB
    assert kilobytes < 4_000
