"""The rows of a chunk on the disk, an Arrow file for each folder: as in Parquet later, but for group and image.

So putting a million rows together copies columns, and looks into no row.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from tldr_data.atomic import cannot_write, synced_file
from tldr_data.dataset import CLEAN, Row, row_digest, schema_of, stored_row

if TYPE_CHECKING:
    import pyarrow as pa

ENTRY, DIGEST = "entry", "digest"
"""Columns beside the published ones: number of the reference in its chunk, and ``row_digest``."""


def part_row(row: Row, entry: int) -> Row:
    """What a part holds of a row."""
    stored = stored_row(row, None)
    del stored["image"]
    return {**stored, ENTRY: entry, DIGEST: row_digest(row)}


def write_part(chunk: Path, folder: str, rows: Iterable[Row]) -> None:
    """Write the part of one folder.

    Raises:
        BuildError: the disk does not take it.
    """
    write_table(_path(chunk, folder), _table(rows, part_schema()))


def write_table(path: Path, table: pa.Table) -> None:
    """Write a table as an Arrow file that is on the disk when this returns.

    Raises:
        BuildError: the disk does not take it.
    """
    with synced_file(path) as file:
        _write(path, file, table)


def write_unsynced(path: Path, table: pa.Table) -> None:
    """Write a table that is made anew wherever it may not be whole: waiting for the disk would be for nothing.

    Raises:
        BuildError: the disk does not take it.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as file:
            _write(path, file, table)
    except OSError as error:
        raise cannot_write(path, error) from error


def read_part(chunk: Path, folder: str, columns: list[str] | None = None) -> pa.Table | None:
    """The part of one folder, mapped and not copied; None where the chunk has none."""
    path = _path(chunk, folder)
    if not path.is_file():
        return None
    table = read_table(path)
    return table if columns is None else table.select(columns)


def read_table(path: Path) -> pa.Table:
    """A table that ``write_table`` wrote."""
    import pyarrow as pa

    with pa.memory_map(str(path)) as source:
        return pa.ipc.open_file(source).read_all()


def _write(path: Path, file: IO[bytes], table: pa.Table) -> None:
    import pyarrow as pa

    try:
        with pa.ipc.new_file(file, table.schema) as writer:
            writer.write_table(table)
    except OSError as error:
        raise cannot_write(path, error) from error


@cache
def part_schema() -> pa.Schema:
    """The published columns without the image, and the two of a part."""
    import pyarrow as pa

    published = [field for field in schema_of(CLEAN) if field.name != "image"]
    return pa.schema([*published, pa.field(ENTRY, pa.int32()), pa.field(DIGEST, pa.binary(32))])


def _table(rows: Iterable[dict[str, Any]], schema: pa.Schema) -> pa.Table:
    """Rows as a table; faster than ``Table.from_pylist``, and a column that a row lacks is an error."""
    import pyarrow as pa

    rows = list(rows)
    columns = [pa.array([row[field.name] for row in rows], field.type) for field in schema]
    return pa.Table.from_arrays(columns, schema=schema)


def _path(chunk: Path, folder: str) -> Path:
    return chunk / "rows" / f"{folder}.arrow"
