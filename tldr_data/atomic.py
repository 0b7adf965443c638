"""Files that are either whole or not there: written beside their place, flushed to the disk, then renamed."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any

from tldr_data.errors import BuildError


@contextmanager
def whole_file(path: Path, *, durable: bool = True) -> Iterator[IO[bytes]]:
    """A binary file that appears at ``path`` only when the block ends without an error, with the mode of the old one.

    Unless ``durable`` it may be lost in a power cut: waiting for the disk takes a tenth of ``tldr-data label``'s time.

    Raises:
        BuildError: the file system does not take it (full, read-only, no permission).
    """
    temporary = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with temporary.open("wb") as file:
            if path.exists():
                shutil.copymode(path, temporary)
            yield file
            if durable:
                file.flush()
                os.fsync(file.fileno())
        os.replace(temporary, path)
    except OSError as error:
        if durable:
            raise cannot_write(path, error) from error
        raise BuildError(f"cannot write {path}: {error.strerror or error}") from error
    finally:
        _remove_quietly(temporary)


@contextmanager
def synced_file(path: Path) -> Iterator[IO[bytes]]:
    """A binary file to append to; on the disk when the block ends without an error, closed in any case.

    Raises:
        BuildError: the file system does not take it.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        file = path.open("ab")
    except OSError as error:
        raise cannot_write(path, error) from error
    try:
        yield file
        file.flush()
        os.fsync(file.fileno())
        file.close()
    except OSError as error:
        raise cannot_write(path, error) from error
    finally:
        # after a failed write, closing writes the buffer once more, and fails once more
        with suppress(OSError):
            file.close()


def write_json(path: Path, value: Any) -> None:
    """Write indented JSON, keys in the order given, all or nothing."""
    text = json.dumps(value, ensure_ascii=False, indent=2) + "\n"
    with whole_file(path) as file:
        file.write(text.encode())


def write_text(path: Path, text: str) -> None:
    """Write UTF-8 text, all or nothing; what is no valid Unicode becomes "?"."""
    with whole_file(path) as file:
        file.write(text.encode(errors="replace"))


def move(source: Path, target: Path) -> None:
    """Put a finished file in its place, over what may stand there.

    Raises:
        BuildError: the file system does not take it.
    """
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        os.replace(source, target)
    except OSError as error:
        raise cannot_write(target, error) from error


def remove_tree(folder: Path) -> None:
    """Remove a folder and all that is in it; none there is fine.

    Raises:
        BuildError: the file system does not let it go.
    """
    try:
        if folder.is_dir():
            shutil.rmtree(folder)
    except OSError as error:
        raise cannot_write(folder, error) from error


def sync_folder(folder: Path) -> None:
    """Make the renames inside a folder outlast a power cut, where the platform lets a folder be opened."""
    if os.name != "posix":
        return
    try:
        descriptor = os.open(folder, os.O_RDONLY)
    except OSError:
        return
    try:
        os.fsync(descriptor)
    except OSError as error:
        raise cannot_write(folder, error) from error
    finally:
        os.close(descriptor)


def file_digest(path: Path) -> str:
    """SHA-256 of a file's bytes, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def cannot_write(path: Path, error: OSError) -> BuildError:
    """The one line that a user sees when the disk is full, read-only or not theirs."""
    cause = error.strerror or str(error)
    return BuildError(f"cannot write {path}: {cause}; what is done is kept, and the same command continues")


def _remove_quietly(path: Path) -> None:
    """A left-over temporary file does no harm: on a file system that just failed, removing it may fail too."""
    try:
        path.unlink(missing_ok=True)
    except OSError:
        return
