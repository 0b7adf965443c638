"""Every request that was answered, with its answer, in one file of JSON lines: nothing is asked, or paid for, twice."""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager, nullcontext, suppress
from pathlib import Path
from threading import Event, Lock, Thread
from typing import IO, Any

from tldr_data.atomic import cannot_write, sync_folder, whole_file
from tldr_data.errors import BuildError
from tldr_data.llms.places import Place, Places, no_room
from tldr_data.llms.records import Record, cannot_read, line_of, read_lines, record_of
from tldr_data.llms.request import Answer, Request

SYNC_SECONDS = 1.0
BLOCK_BYTES = 1 << 22
"""How much of a published log is compressed at a time."""


class RequestLog:
    """Answers by the key of their request, ``{"key", "request", "answer"}`` a line; the last line of a key counts.

    Memory stays flat: where a key's line stands is kept in a temporary SQLite file. Any number of threads and processes
    may append to one log; ``get`` knows what others append once this one has appended behind it.
    """

    def __init__(self, path: Path, *, writable: bool = True, forget_failures: bool = False) -> None:
        """Open and index it, and unless it is only read, cut off the half line that a killed writer left.

        A ``.zst`` is only ever read. With ``forget_failures`` what failed for good so far counts as never asked.

        Raises:
            InputError: it cannot be read.
            BuildError: it cannot be written, or there is no room for temporary files.
        """
        self._path = path
        self._writable = writable and path.suffix != ".zst"
        self._mutex, self._sync_mutex, self._closing = Lock(), Lock(), Event()
        self._unsynced = False
        self._sync_error: OSError | None = None
        self._end = 0
        """Where the last line that is indexed ends."""
        self.damaged = 0
        """Lines that are no record: they stay where they are."""
        self.models: set[str] = set()
        """The models of all requests that were there at opening."""
        self.spent = (0, 0)
        """Input and output tokens of all that was there at opening: also of what failed, and of each asking anew."""
        with ExitStack() as stack:
            file = stack.enter_context(_open(path) if self._writable else _open_to_read(path))
            self._file = file.fileno()
            self._lock_file = self._file
            if sys.platform == "win32" and self._writable:
                self._lock_file = stack.enter_context(_sidecar(path))
            self._index = Places()
            stack.callback(self._index.close)
            self._index_all(forget_failures)
            if self._writable:
                thread = Thread(target=self._keep_synced, name="request-log", daemon=True)
                thread.start()
                stack.callback(self._stop, thread)
            self._open = stack.pop_all()

    def __enter__(self) -> RequestLog:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __len__(self) -> int:
        """How many requests have an answer."""
        return self._index.size()

    def get(self, key: str) -> Answer | None:
        """The answer to the request with this key, if there is one.

        Raises:
            InputError: the file cannot be read any more.
        """
        record = record_of(self._line(key))
        return record.answer if record and record.key == key else None

    def append(self, request: Request, answer: Answer) -> None:
        """Write an answer down: once this returns, no killing of the process loses it.

        Raises:
            BuildError: the file system does not take it, or did not keep what was written before.
            ValueError: the log was only opened for reading.
        """
        if not self._writable:
            raise ValueError(f"{self._path} was only opened for reading")
        line = line_of(request, answer)
        with self._mutex:
            try:
                if self._sync_error is not None:
                    raise self._sync_error
                with _locked(self._lock_file):
                    if os.fstat(self._file).st_size != self._end:
                        self._index.put(self._new_places())
                    self._write(line)
            except OSError as error:
                raise cannot_write(self._path, error) from error
            self._index.put([(bytes.fromhex(request.key), self._end, len(line))])
            self._end += len(line)
            self._unsynced = True

    def sync(self) -> None:
        """Wait until what was appended would outlast a power cut.

        Raises:
            BuildError: it would not; nor does this log take anything more.
        """
        with self._sync_mutex:
            if self._unsynced:
                self._unsynced = False
                try:
                    os.fsync(self._file)
                except OSError as error:
                    # asked again, the system may say that all is well, though it threw away what it could not write
                    self._sync_error = error
            if self._sync_error is not None:
                raise cannot_write(self._path, self._sync_error) from self._sync_error

    def close(self) -> None:
        """Sync, and let go of the file."""
        self._open.close()

    def lines_of(self, keys: Iterable[str]) -> Iterator[bytes]:
        """The line of each key, in the order given, once where a key comes again.

        Raises:
            BuildError: there is none.
        """
        self._index.forget_claims()
        for key in keys:
            if self._index.claim(bytes.fromhex(key)):
                line = self._line(key)
                if line is None:
                    raise BuildError(f"{self._path} lacks the request {key}: was it changed since the build began?")
                yield line.rstrip() + b"\n"

    def _line(self, key: str) -> bytes | None:
        with self._mutex:
            place = self._index.place(bytes.fromhex(key))
            if place is None:
                return None
            try:
                os.lseek(self._file, place[0], os.SEEK_SET)
                return os.read(self._file, place[1])
            except OSError as error:
                raise cannot_read(self._path, error) from error

    def _index_all(self, forget_failures: bool) -> None:
        try:
            with _locked(self._lock_file) if self._writable else nullcontext():
                self._index.put(self._first_places(forget_failures))
        except OSError as error:
            raise (cannot_write if self._writable else cannot_read)(self._path, error) from error

    def _first_places(self, forget_failures: bool) -> Iterator[Place]:
        input_tokens = output_tokens = 0
        for start, length, record in self._new_records():
            self.models.add(record.request["model"])
            input_tokens += record.answer.input_tokens
            output_tokens += record.answer.output_tokens
            if record.answer.failure is None or not forget_failures:
                yield bytes.fromhex(record.key), start, length
        self.spent = (input_tokens, output_tokens)

    def _new_places(self) -> Iterator[Place]:
        for start, length, record in self._new_records():
            yield bytes.fromhex(record.key), start, length

    def _new_records(self) -> Iterator[tuple[int, int, Record]]:
        """Where what is not indexed yet stands, and what it is; a last line without its end is mended or cut off."""
        with open(self._file, "rb", BLOCK_BYTES, closefd=False) as file:
            file.seek(self._end)
            for line in file:
                record, is_ended = record_of(line), line.endswith(b"\n")
                if self._writable and not is_ended:
                    if record is None:
                        os.ftruncate(self._file, self._end)
                        return
                    os.write(self._file, b"\n")
                start, self._end = self._end, self._end + len(line) + (not is_ended)
                if record is None:
                    self.damaged += 1
                else:
                    yield start, len(line), record
                if not is_ended:
                    return

    def _write(self, line: bytes) -> None:
        rest = memoryview(line)
        try:
            while rest:
                rest = rest[os.write(self._file, rest) :]
        except OSError:
            # a full disk takes a part
            with suppress(OSError):
                os.ftruncate(self._file, self._end)
            raise

    def _keep_synced(self) -> None:
        while not self._closing.wait(SYNC_SECONDS):
            # the next to append hears of it
            with suppress(BuildError):
                self.sync()

    def _stop(self, thread: Thread) -> None:
        self._closing.set()
        thread.join()
        self.sync()


def read_log(path: Path) -> Iterator[tuple[str, dict[str, Any], Answer]]:
    """Key, request and answer of each record of a ``.jsonl`` or ``.jsonl.zst``; other lines are passed over.

    Raises:
        InputError: it cannot be read.
    """
    for line in read_lines(path):
        record = record_of(line)
        if record is not None:
            yield record.key, record.request, record.answer


def write_published(log: RequestLog, keys: Iterable[str], path: Path) -> None:
    """Write the records of some keys as ``.jsonl.zst``, each once, in the order given.

    The same records give the same bytes.

    Raises:
        BuildError: the log lacks one of them, or the file cannot be written.
    """
    from pyarrow import Codec

    codec = Codec("zstd", compression_level=9)
    with whole_file(path) as file:
        for block in _blocks(log.lines_of(keys)):
            file.write(codec.compress(block, asbytes=True))


@contextmanager
def _open(path: Path) -> Iterator[IO[bytes]]:
    is_new = not path.exists()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        file = path.open("a+b", buffering=0)
    except OSError as error:
        raise cannot_write(path, error) from error
    with file:
        if is_new:
            sync_folder(path.parent)
        yield file


@contextmanager
def _open_to_read(path: Path) -> Iterator[IO[bytes]]:
    if path.suffix != ".zst":
        try:
            file = path.open("rb", buffering=0)
        except OSError as error:
            raise cannot_read(path, error) from error
        with file:
            yield file
        return
    try:
        with tempfile.TemporaryFile() as unpacked:
            unpacked.writelines(read_lines(path))
            unpacked.flush()
            yield unpacked
    except OSError as error:
        raise no_room(error) from error


@contextmanager
def _sidecar(path: Path) -> Iterator[int]:
    """A file to lock instead of the log: on Windows nobody else could read what is locked."""
    with path.with_name(f"{path.name}.lock").open("ab") as file:
        yield file.fileno()


@contextmanager
def _locked(file: int) -> Iterator[None]:
    """Hold a file's lock; on a file system that knows none, writers are as safe as its appending is."""
    if sys.platform == "win32":
        import msvcrt

        os.lseek(file, 0, os.SEEK_SET)
        while True:
            try:
                msvcrt.locking(file, msvcrt.LK_NBLCK, 1)
                break
            except PermissionError:
                time.sleep(0.001)
        try:
            yield
        finally:
            msvcrt.locking(file, msvcrt.LK_UNLCK, 1)
    else:
        import fcntl

        with suppress(OSError):
            fcntl.flock(file, fcntl.LOCK_EX)
        try:
            yield
        finally:
            with suppress(OSError):
                fcntl.flock(file, fcntl.LOCK_UN)


def _blocks(lines: Iterable[bytes]) -> Iterator[bytes]:
    """Lines joined until they are long enough; the last block may be empty, so that there is one."""
    block = bytearray()
    for line in lines:
        block += line
        if len(block) >= BLOCK_BYTES:
            yield bytes(block)
            block.clear()
    yield bytes(block)
