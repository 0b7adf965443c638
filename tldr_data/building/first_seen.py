"""Remember what a key stood for when it was first seen, for any number of keys in little memory."""

from __future__ import annotations

import hashlib
import sqlite3
from types import TracebackType

from tldr_data.errors import BuildError


class FirstSeen:
    """A table in a temporary SQLite file that vanishes with the process.

    >>> with FirstSeen() as seen:
    ...     [seen.claim("group", "coco/1", split) for split in ("train", "train", "test")]
    [True, True, False]
    """

    def __init__(self) -> None:
        self._db = sqlite3.connect("", isolation_level=None)
        self._db.execute("PRAGMA journal_mode = OFF")
        self._db.execute("PRAGMA synchronous = OFF")
        self._db.execute("CREATE TABLE seen (key BLOB PRIMARY KEY, value TEXT) WITHOUT ROWID")

    def claim(self, kind: str, key: str, value: str) -> bool:
        """Whether ``key`` stands for ``value``, which it does if nobody claimed it before.

        Raises:
            BuildError: there is no room for temporary files.
        """
        try:
            added = self._db.execute("INSERT OR IGNORE INTO seen VALUES (?, ?)", (_digest(kind, key), value)).rowcount
        except sqlite3.Error as error:
            raise BuildError(f"cannot write temporary files: {error}; what is done is kept") from error
        return bool(added) or self.value(kind, key) == value

    def value(self, kind: str, key: str) -> str | None:
        """What ``key`` stands for; None if nobody claimed it."""
        found = self._db.execute("SELECT value FROM seen WHERE key = ?", (_digest(kind, key),)).fetchone()
        return found[0] if found else None

    def __enter__(self) -> FirstSeen:
        return self

    def __exit__(
        self, error_type: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._db.close()


def _digest(kind: str, key: str) -> bytes:
    return hashlib.sha256(f"{kind}/{key}".encode(errors="surrogatepass")).digest()[:16]
