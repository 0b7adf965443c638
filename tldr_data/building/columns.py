"""Columns of numbers on the disk, so that memory holds one or two of them at a time, however many rows there are."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import numpy as np

from tldr_data.errors import BuildError


class Columns:
    """Columns of 64-bit numbers that are appended to and then read.

    Raises (all methods):
        BuildError: there is no room for temporary files.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._files: dict[str, IO[bytes]] = {}

    def add(self, columns: Mapping[str, Any]) -> None:
        """Append arrays to the columns of their names."""
        try:
            for name, values in columns.items():
                if name not in self._files:
                    self._files[name] = (self._folder / name).open("w+b")
                self._files[name].write(values.tobytes())
        except OSError as error:
            raise BuildError(f"cannot write temporary files: {error.strerror or error}") from error

    def read(self, name: str) -> Any:
        """A whole column; empty where nothing was added."""
        if name not in self._files:
            return np.zeros(0, np.uint64)
        self._files[name].flush()
        return np.fromfile(self._folder / name, np.uint64)

    def close(self) -> None:
        """Let go of the files."""
        for file in self._files.values():
            file.close()


@contextmanager
def temporary_columns() -> Iterator[Columns]:
    """Columns that vanish when the block ends."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        columns = Columns(Path(folder))
        try:
            yield columns
        finally:
            columns.close()


def is_later(*keys: Any) -> Any:
    """Whether the same keys stand before, for each place of arrays of one length.

    >>> is_later(np.array([7, 8, 7])).tolist()
    [False, False, True]
    """
    order = np.lexsort(keys)  # stable: of equals the first stands first
    later = np.zeros(len(order), bool)
    equal = [key[order][1:] == key[order][:-1] for key in keys]
    later[order[1:][np.logical_and.reduce(equal)]] = True
    return later


def differs(keys: Any, values: Any) -> Any:
    """Whether the first place of the same key has another value.

    >>> differs(np.array([7, 8, 7]), np.array([1, 1, 2])).tolist()
    [False, False, True]
    """
    _, first, inverse = np.unique(keys, return_index=True, return_inverse=True)
    found: Any = values != values[first][inverse]
    return found
