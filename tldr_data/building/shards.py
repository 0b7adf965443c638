"""Parquet files of one folder and split, cut so that they load and stream well and come out the same every time."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import IO, TYPE_CHECKING

from tldr_data.atomic import cannot_write, move
from tldr_data.dataset import schema_of

if TYPE_CHECKING:
    import pyarrow as pa
    import pyarrow.parquet as pq

SHARD_BYTES = 500 * 10**6
# Readers of the Hub refuse row groups of some 300 MB; `datasets` itself stays under 100 MB.
ROW_GROUP_BYTES = 32 * 10**6
ROW_GROUP_ROWS = 2**15


class ShardWriter:
    """Writes ``<split>-00000-of-0000N.parquet`` into a folder; the names are given by ``close``, when N is known.

    Raises (all methods):
        BuildError: the disk does not take it.
    """

    def __init__(self, directory: Path, folder: str, split: str) -> None:
        self.directory = directory / folder
        self.split = split
        self.rows = 0
        self._schema = schema_of(folder)
        self._waiting: list[pa.Table] = []
        self._waiting_rows = self._waiting_bytes = 0
        self._written = 0
        self._shards = 0
        self._file: IO[bytes] | None = None
        self._writer: pq.ParquetWriter | None = None

    def __enter__(self) -> ShardWriter:
        return self

    def __exit__(
        self, error_type: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file is not None:
            # not closed, so something failed: what was written is not used
            with suppress(OSError):
                self._file.close()

    def add(self, table: pa.Table) -> None:
        """Append rows of the folder's schema."""
        self.rows += len(table)
        size = table.nbytes
        while self._waiting_rows + len(table) > ROW_GROUP_ROWS or self._waiting_bytes + size > ROW_GROUP_BYTES:
            fits = min(ROW_GROUP_ROWS - self._waiting_rows, _rows_within(table, ROW_GROUP_BYTES - self._waiting_bytes))
            if not self._waiting:
                fits = max(fits, 1)
            first, table = table.slice(0, fits), table.slice(fits)
            self._wait_for(first, first.nbytes)
            self._flush()
            size = table.nbytes
        self._wait_for(table, size)

    def _wait_for(self, table: pa.Table, size: int) -> None:
        if len(table):
            self._waiting.append(table)
            self._waiting_rows += len(table)
            self._waiting_bytes += size

    def close(self) -> list[Path]:
        """Finish, and return the files in order."""
        self._flush()
        self._close_shard()
        names = [f"{self.split}-{n:05d}-of-{self._shards:05d}.parquet" for n in range(self._shards)]
        for number, name in enumerate(names):
            move(self._temporary(number), self.directory / name)
        return [self.directory / name for name in names]

    def _temporary(self, number: int) -> Path:
        return self.directory / f"{self.split}-{number:05d}.tmp"

    def _flush(self) -> None:
        """Write what waits as one row group."""
        import pyarrow as pa

        if not self._waiting:
            return
        if self._written and self._written + self._waiting_bytes > SHARD_BYTES:
            self._close_shard()
        try:
            writer = self._writer or self._open()
            # one piece, so that the bytes do not hang on how the rows came
            writer.write_table(pa.concat_tables(self._waiting).combine_chunks())
        except OSError as error:
            raise cannot_write(self._temporary(self._shards), error) from error
        self._written += self._waiting_bytes
        self._waiting, self._waiting_rows, self._waiting_bytes = [], 0, 0

    def _open(self) -> pq.ParquetWriter:
        self.directory.mkdir(parents=True, exist_ok=True)
        self._file = self._temporary(self._shards).open("wb")
        self._writer = parquet_writer(self._file, self._schema)
        return self._writer

    def _close_shard(self) -> None:
        if self._writer is None or self._file is None:
            return
        try:
            self._writer.close()
            self._file.flush()
            os.fsync(self._file.fileno())
            self._file.close()
        except OSError as error:
            raise cannot_write(self._temporary(self._shards), error) from error
        self._writer, self._file, self._written = None, None, 0
        self._shards += 1


def parquet_writer(file: IO[bytes], schema: pa.Schema) -> pq.ParquetWriter:
    """A writer as all published files have it."""
    import pyarrow.parquet as pq

    # content-defined pages: a later version that changes few rows uploads few bytes
    return pq.ParquetWriter(file, schema, compression="zstd", write_page_index=True, use_content_defined_chunking=True)


def arrow_bytes(path: Path) -> int:
    """Bytes that the rows of a Parquet file have in Arrow, as `datasets` counts them: one row group at a time."""
    import pyarrow.parquet as pq

    with pq.ParquetFile(path) as file:
        return sum(file.read_row_group(number).nbytes for number in range(file.num_row_groups))


def _rows_within(table: pa.Table, room: int) -> int:
    """The largest number of first rows that take no more bytes."""
    low, high = 0, len(table)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if table.slice(0, middle).nbytes <= room else (low, middle - 1)
    return low
