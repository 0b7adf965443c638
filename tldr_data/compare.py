"""Two versions of a dataset held against each other, row by row, by their ids."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from tldr_data.atomic import write_json
from tldr_data.configs import configs
from tldr_data.dataset import IMAGES, VERSIONS, read_batches, shards
from tldr_data.errors import InputError
from tldr_data.example import SPLITS
from tldr_data.manifest import load_manifest, load_versions
from tldr_data.versions import Step

if TYPE_CHECKING:
    import polars as pl
    import pyarrow as pa

KINDS = ("added", "removed", "relabelled", "moved", "changed")
"""What may have become of a row: of those that are in both versions each counts once, as the first that it is."""
BREAKING = frozenset({"removed", "relabelled", "moved"})
SAID = ("response", "words", "labels", "errors", "collateral", "pixels")
"""Columns by which a row says what is true and what is false: where they differ, it is relabelled."""
NAMED = 5
"""Ids that are told of each kind in each folder."""


class Change(NamedTuple):
    """What became of the rows of one folder."""

    added: int = 0
    removed: int = 0
    relabelled: int = 0
    """The same id, another text or other labels."""
    moved: int = 0
    """The same in another split."""
    changed: int = 0
    """The same but for other columns: verdict, evidence, licence, ..."""


class Comparison(NamedTuple):
    """What one version has that another has not."""

    rows: dict[str, Change]
    """Folder -> change; folders in which nothing changed are left out."""
    ids: dict[str, dict[str, list[str]]]
    """Folder -> kind of ``KINDS`` -> some ids, in alphabetical order."""
    schema: list[str]
    """What changed in columns, configs and class labels, one line each."""
    breaks_schema: bool

    @property
    def step(self) -> Step:
        """By how much a version must rise that has these changes."""
        if self.breaks_schema or any(getattr(change, kind) for change in self.rows.values() for kind in BREAKING):
            return "major"
        return "minor" if self.rows or self.schema else "patch"

    def lines(self) -> list[str]:
        """As people read it."""
        lines = []
        for folder, change in self.rows.items():
            counts = ", ".join(f"{number:,} {kind}" for kind, number in change._asdict().items() if number)
            lines.append(f"{folder}: {counts}")
        return [*lines, *self.schema] or ["no row and no column has changed"]

    def named_lines(self) -> list[str]:
        """Some ids of each kind in each folder."""
        lines = []
        for folder, kinds in self.ids.items():
            for kind, named in kinds.items():
                more = ", ..." if getattr(self.rows[folder], kind) > len(named) else ""
                lines += [f"{folder}, {kind}: {', '.join(named)}{more}"] if named else []
        return lines


def compare(old: Path, new: Path) -> Comparison:
    """What ``new`` has changed of ``old``; both are folders of finished builds.

    Memory holds 32 bytes for each row of one folder of both.

    Raises:
        InputError: one of them is no finished build, or a file cannot be read.
    """
    before, after = load_manifest(old), load_manifest(new)
    schema, breaks = _schema_changes(old, new, before, after)
    rows: dict[str, Change] = {}
    ids: dict[str, dict[str, list[str]]] = {}
    differing = differing_folders(before, after)
    for folder in (folder for folder in dict.fromkeys((*before["rows"], *after["rows"])) if folder in differing):
        found = _folder_changes(old, new, folder)
        change = Change(**{kind: len(keys) for kind, keys in found.items()})
        if any(change):
            rows[folder] = change
            ids[folder] = {kind: _ids(old if kind == "removed" else new, folder, keys) for kind, keys in found.items()}
    return Comparison(rows, ids, schema, breaks)


def differing_folders(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """Folders in which two builds differ, by the content hashes of their manifests: only these need to be read."""
    hashes = [manifest["content"] for manifest in (before, after)]
    names = sorted(name for name in {*hashes[0], *hashes[1]} if hashes[0].get(name) != hashes[1].get(name))
    return list(dict.fromkeys(name.split("/")[0] for name in names))


def write_versions(directory: Path, repository: str, entry: Mapping[str, Any], history: list[Any]) -> None:
    """Write ``versions.json``, from which the card has its changelog: a version and those before it, newest first.

    Raises:
        BuildError: it cannot be written.
    """
    write_json(directory / VERSIONS, {"repository": repository, "versions": [entry, *history]})


def version_entry(version: str, since: str | None, comparison: Comparison | None, content_hash: str) -> dict[str, Any]:
    """What ``versions.json`` says of one version; the first has nothing that it was compared with."""
    return {
        "version": version,
        "since": since,
        "content_hash": content_hash,
        "rows": {folder: change._asdict() for folder, change in comparison.rows.items()} if comparison else {},
        "schema": comparison.schema if comparison else [],
    }


def history_of(directory: Path) -> list[Any]:
    """The versions that a published dataset tells of itself; none where it tells nothing.

    Raises:
        InputError: the file is damaged.
    """
    found = load_versions(directory)
    return found["versions"] if found else []


def _schema_changes(
    old: Path, new: Path, before: Mapping[str, Any], after: Mapping[str, Any]
) -> tuple[list[str], bool]:
    """One line for each change, and whether one of them breaks what reads the old version."""
    gone: list[str] = []
    come: list[str] = []
    names = [{config["config_name"] for config in configs(manifest)} for manifest in (before, after)]
    gone += [f"config {name} was removed" for name in sorted(names[0] - names[1])]
    come += [f"config {name} was added" for name in sorted(names[1] - names[0])]
    for what, folders in (("rows", _row_folders), ("images", _image_folders)):
        columns = [_columns(place, folders(manifest)) for place, manifest in ((old, before), (new, after))]
        if not all(columns):
            continue
        for name in dict.fromkeys((*columns[0], *columns[1])):
            if name not in columns[1]:
                gone.append(f"column {name} of {what} was removed")
            elif name not in columns[0]:
                come.append(f"column {name} of {what} was added")
            elif columns[0][name] != columns[1][name]:
                gone.append(f"column {name} of {what} was {columns[0][name]}, is {columns[1][name]}")
    return gone + come, bool(gone)


def _row_folders(manifest: Mapping[str, Any]) -> list[str]:
    return [folder for folder in manifest["rows"] if folder != IMAGES]


def _image_folders(manifest: Mapping[str, Any]) -> list[str]:
    return [folder for folder in manifest["rows"] if folder == IMAGES]


def _columns(directory: Path, folders: list[str]) -> dict[str, str]:
    """Column -> its feature, in words, of the first file there is; none without one."""
    for path in (path for folder in folders for split in SPLITS for path in shards(directory, folder, split)):
        return _features(path)
    return {}


def _features(path: Path) -> dict[str, str]:
    import json

    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        schema = pq.read_schema(path)
        told = json.loads((schema.metadata or {}).get(b"huggingface", b"{}"))["info"]["features"]
        return {name: _feature(told.get(name), str(schema.field(name).type)) for name in schema.names}
    except (pa.ArrowException, OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise InputError(f"{path}: its features cannot be read: {type(error).__name__}") from error


def _feature(told: Any, stored: str) -> str:
    """
    >>> _feature({"names": ["a", "b"], "_type": "ClassLabel"}, "int64")
    'ClassLabel(a, b)'
    """
    if isinstance(told, dict) and told.get("_type") == "ClassLabel":
        return f"ClassLabel({', '.join(told['names'])})"
    return stored


def _folder_changes(old: Path, new: Path, folder: str) -> dict[str, list[int]]:
    """Kind of ``KINDS`` -> keys of the rows."""
    import polars as pl

    columns = _common_columns(old, new, folder)
    before, after = _rows(old, folder, columns), _rows(new, folder, columns)
    both = before.join(after, on="id", suffix="_new")
    said, split, other = (pl.col(name) != pl.col(f"{name}_new") for name in ("said", "split", "other"))
    return {
        "added": after.join(before, on="id", how="anti")["id"].to_list(),
        "removed": before.join(after, on="id", how="anti")["id"].to_list(),
        "relabelled": both.filter(said)["id"].to_list(),
        "moved": both.filter(~said & split)["id"].to_list(),
        "changed": both.filter(~said & ~split & other)["id"].to_list(),
    }


def _common_columns(old: Path, new: Path, folder: str) -> list[str]:
    """Columns of the same type in both, of which one may lack the folder; the image is known by its ``pixels``."""
    before, after, key = _columns(old, [folder]), _columns(new, [folder]), _key(folder)
    found = [
        name for name, type in (before or after).items() if name != "image" and (after or before).get(name) == type
    ]
    if key not in found:
        raise InputError(f"{new}: {folder}: column {key} is not that of {old}, so no row can be told from another")
    return found


def _key(folder: str) -> str:
    """The column that names a row."""
    return "image_id" if folder == IMAGES else "id"


def _rows(directory: Path, folder: str, columns: list[str]) -> pl.DataFrame:
    """Of each row 64-bit hashes: its id, what it says, its split, and all other columns."""
    import polars as pl

    names = ("id", "said", "split", "other")
    found = [pl.DataFrame(schema=dict.fromkeys(names, pl.UInt64))]
    for number, split in enumerate(SPLITS):
        for path in shards(directory, folder, split):
            found += [_hashes(batch, folder, number) for batch in read_batches(path, columns)]
    whole = pl.concat(found, rechunk=True)
    if whole["id"].n_unique() < len(whole):
        raise InputError(f"{directory}: {folder} has ids twice; `tldr-data check` says which")
    return whole


def _hashes(batch: pa.RecordBatch, folder: str, split: int) -> pl.DataFrame:
    import polars as pl

    frame = pl.DataFrame(batch)
    key = _key(folder)
    said = [key, *(name for name in SAID if name in frame.columns)]
    other = sorted(set(frame.columns) - {*said}) or [key]
    return frame.select(
        pl.col(key).hash().alias("id"),
        pl.struct(said).hash().alias("said"),
        pl.lit(split, pl.UInt64).alias("split"),
        pl.struct(other).hash().alias("other"),
    )


def _ids(directory: Path, folder: str, keys: list[int]) -> list[str]:
    """The ids behind some of the keys."""
    import polars as pl

    wanted = pl.Series(sorted(keys)[:NAMED], dtype=pl.UInt64)
    found: list[str] = []
    for batch in _id_batches(directory, folder) if keys else ():
        ids = pl.DataFrame(batch).to_series()
        found += ids.filter(ids.hash().is_in(wanted.implode())).to_list()
        if len(found) >= len(wanted):
            break
    return sorted(found)


def _id_batches(directory: Path, folder: str) -> Iterator[pa.RecordBatch]:
    for path in (path for split in SPLITS for path in shards(directory, folder, split)):
        yield from read_batches(path, [_key(folder)])
