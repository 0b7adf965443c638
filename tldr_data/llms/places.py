"""Where in a request log the line of each request stands, for any number of requests in little memory."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable

from tldr_data.errors import BuildError

Place = tuple[bytes, int, int]
"""A key, where its line begins, and how long it is."""


class Places:
    """Places of lines in a temporary SQLite file, one transaction that no one else sees and that never ends."""

    def __init__(self) -> None:
        self._db = sqlite3.connect("", isolation_level=None, check_same_thread=False)
        self._db.execute("PRAGMA journal_mode = OFF")
        self._db.execute("PRAGMA cache_size = -16000")
        self._db.execute("CREATE TABLE place (key BLOB PRIMARY KEY, start INTEGER, length INTEGER) WITHOUT ROWID")
        self._db.execute("CREATE TABLE claimed (key BLOB PRIMARY KEY) WITHOUT ROWID")
        self._db.execute("BEGIN")

    def put(self, places: Iterable[Place]) -> None:
        """Remember where lines stand, in the place of what was known of their keys.

        Raises:
            BuildError: there is no room for temporary files.
        """
        try:
            self._db.executemany("INSERT OR REPLACE INTO place VALUES (?, ?, ?)", places)
        except sqlite3.Error as error:
            raise no_room(error) from error

    def place(self, key: bytes) -> tuple[int, int] | None:
        """Where a key's line begins and how long it is, if there is one."""
        found: tuple[int, int] | None = self._db.execute(
            "SELECT start, length FROM place WHERE key = ?", (key,)
        ).fetchone()
        return found

    def size(self) -> int:
        """How many keys there are."""
        number: int = self._db.execute("SELECT count(*) FROM place").fetchone()[0]
        return number

    def claim(self, key: bytes) -> bool:
        """Whether this is the first time that the key is claimed.

        Raises:
            BuildError: there is no room for temporary files.
        """
        try:
            return self._db.execute("INSERT OR IGNORE INTO claimed VALUES (?)", (key,)).rowcount > 0
        except sqlite3.Error as error:
            raise no_room(error) from error

    def forget_claims(self) -> None:
        """No key was claimed yet."""
        self._db.execute("DELETE FROM claimed")

    def close(self) -> None:
        """Let go of the file, which vanishes."""
        self._db.close()


def no_room(error: Exception) -> BuildError:
    """The one line that a user sees."""
    return BuildError(f"cannot write temporary files: {error}; what is done is kept")
