"""One build at a time in one folder, told by a lock that the system lets go when its holder dies, however it dies."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from tldr_data.atomic import cannot_write
from tldr_data.errors import UsageError

LOCK = "lock"
"""Its name inside the folder of the work."""


@contextmanager
def only_build(work: Path) -> Iterator[None]:
    """Hold the lock of a folder of work; when the block ends without an error, the lock and an empty folder go.

    Raises:
        UsageError: another process holds it.
        BuildError: the folder cannot be written.
    """
    path = work / LOCK
    try:
        work.mkdir(parents=True, exist_ok=True)
        file = path.open("ab")
    except OSError as error:
        raise cannot_write(path, error) from error
    with file:
        # between opening and locking, its holder may have ended and removed it: then the lock is on a file without name
        if not _locked(file) or not path.exists() or not os.path.samestat(os.fstat(file.fileno()), path.stat()):
            raise UsageError(
                f"{work.parent}: another build is writing into it; wait for its end, or give another --out"
            )
        yield
        if sys.platform != "win32":
            # while it is held, so that nobody's new lock is removed
            path.unlink(missing_ok=True)
    with suppress(OSError):
        if sys.platform == "win32":
            # no open file can be removed there, neither ours nor that of the next holder
            path.unlink(missing_ok=True)
        work.rmdir()


def _locked(file: IO[bytes]) -> bool:
    """Whether the file is ours now; also where the file system knows no locks."""
    try:
        if sys.platform == "win32":
            import msvcrt

            file.seek(0)
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        return False
    except OSError:
        return True
    return True
