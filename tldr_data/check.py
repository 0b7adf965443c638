"""Is a build whole and right? Everything is computed again from the files, and each fault is one line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tldr_data.atomic import file_digest
from tldr_data.building.check_rows import RowChecker
from tldr_data.building.first_seen import FirstSeen
from tldr_data.card import configs
from tldr_data.dataset import (
    CLEAN,
    IMAGES,
    REJECTED,
    REQUESTS,
    load_manifest,
    read_stored,
    row_folders,
    schema_of,
    shards,
)
from tldr_data.errors import InputError
from tldr_data.example import SPLITS
from tldr_data.show import printable
from tldr_data.yields import Tally


def find_faults(directory: Path) -> Iterator[str]:
    """Every fault of a build, as it is found, in one line without control characters; none if it is whole.

    Memory does not grow with the rows.

    Raises:
        InputError: it is no finished build: there is nothing to check against.
    """
    for fault in _find_faults(directory, load_manifest(directory)):
        yield printable(fault).replace("\n", " ")


def _find_faults(directory: Path, manifest: dict[str, Any]) -> Iterator[str]:
    yield from _file_faults(directory, manifest)
    yield from _card_faults(directory, manifest)
    with FirstSeen() as seen:
        if manifest["llm"]:
            yield from _log_faults(directory, manifest, seen)
        rows = RowChecker(seen, manifest["images_embedded"], manifest["recipe"]["target"] is None)
        # images and clean rows come first, so that what refers to them can be held against them
        for folder in (IMAGES, *sorted(row_folders(manifest), key=lambda folder: folder != CLEAN)):
            yield from _folder_faults(directory, folder, manifest, rows)
    yield from _rejected_faults(directory, manifest, rows.tally)
    yield from _count_faults(manifest, rows.tally)
    if rows.content.hexdigest() != manifest["content_hash"]:
        yield f"content hash is {rows.content.hexdigest()}, the manifest says {manifest['content_hash']}"


def _log_faults(directory: Path, manifest: dict[str, Any], seen: FirstSeen) -> Iterator[str]:
    """Remembers the requests that are in the log, and holds each key against its request."""
    from tldr_data.llms.log import read_log
    from tldr_data.llms.request import key_of

    name, count = f"{REQUESTS}.zst", 0
    try:
        for key, request, _ in read_log(directory / name):
            count += 1
            seen.claim("request", key, "")
            if key_of(request) != key:
                yield f"{name}: {key} is not the key of its request"
    except InputError as error:
        yield str(error)
    if count != manifest["llm"]["requests"]:
        yield f"{name}: has {count:,} requests, the manifest says {manifest['llm']['requests']:,}"


def _rejected_faults(directory: Path, manifest: dict[str, Any], tally: Tally) -> Iterator[str]:
    """Counts what was thrown away."""
    for folder in manifest["rejected"]:
        name = f"{REJECTED}/{folder}.jsonl"
        try:
            with (directory / name).open("rb") as file:
                for record in map(json.loads, file):
                    tally.add_rejected(folder, record)
        except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            yield f"{name}: cannot be read: {type(error).__name__}: {error}"


def _count_faults(manifest: dict[str, Any], tally: Tally) -> Iterator[str]:
    """Counts of the manifest that are not those of the rows; how many sites there were, no row tells."""
    found = tally.to_json(manifest["taxonomies"])
    for key in ("licenses", "rejected"):
        if found[key] != manifest[key]:
            yield f"manifest.json: {key} are not those of the rows: {found[key]}"
    for name, counts in manifest["taxonomies"].items():
        for key in ("accepted", "verdicts"):
            if counts[key] != found["taxonomies"][name][key]:
                yield f"manifest.json: {key} of {name} is not that of the rows: {found['taxonomies'][name][key]}"


def _file_faults(directory: Path, manifest: dict[str, Any]) -> Iterator[str]:
    """Files that are missing, changed, or not of the build but where `datasets` would load them."""
    for name, expected in manifest["files"].items():
        path = directory / name
        if not path.is_file():
            yield f"{name}: is missing"
        elif (size := path.stat().st_size) != expected["bytes"]:
            yield f"{name}: has {size:,} bytes, the manifest says {expected['bytes']:,}"
        elif file_digest(path) != expected["sha256"]:
            yield f"{name}: its content has changed (SHA-256 differs from the manifest)"
    for path in sorted(directory.glob("*/*.parquet")):
        name = path.relative_to(directory).as_posix()
        if name not in manifest["files"]:
            yield f"{name}: is not in the manifest"


def _card_faults(directory: Path, manifest: dict[str, Any]) -> Iterator[str]:
    """The text of a card may be edited; its configs decide what `datasets` loads."""
    import yaml

    path = directory / "README.md"
    try:
        head = yaml.safe_load(path.read_text(encoding="utf-8").split("---\n")[1])
    except (OSError, IndexError, ValueError, RecursionError, yaml.YAMLError) as error:
        yield f"README.md: its YAML head cannot be read: {str(error).splitlines()[0]}"
        return
    if not isinstance(head, dict) or head.get("configs") != configs(manifest):
        yield "README.md: its configs are not those of the build"
    elif not head.get("license"):
        yield "README.md: names no license"


def _folder_faults(directory: Path, folder: str, manifest: dict[str, Any], rows: RowChecker) -> Iterator[str]:
    """Faults of every file and row of a folder."""
    for split in SPLITS:
        count = 0
        for path in shards(directory, folder, split):
            name = path.relative_to(directory).as_posix()
            try:
                yield from _schema_faults(path, name, folder)
                for stored in read_stored(path):
                    count += 1
                    yield from (f"{name}: {fault}" for fault in rows.faults(stored, folder, split))
            except InputError as error:
                yield str(error)
        rows.tally.rows.setdefault(folder, {})[split] = count
        expected = manifest["rows"].get(folder, {}).get(split, 0)
        if count != expected:
            yield f"{folder}: {split} has {count:,} rows, the manifest says {expected:,}"


def _schema_faults(path: Path, name: str, folder: str) -> Iterator[str]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        found = pq.read_schema(path)
    except (pa.ArrowException, OSError) as error:
        raise InputError(f"{name}: cannot be read: {str(error).splitlines()[0]}") from error
    if missing := set(schema_of(folder).names) - set(found.names):
        raise InputError(f"{name}: column {', '.join(sorted(missing))} is missing")
    declared = schema_of(folder)
    if not found.equals(declared):
        raise InputError(f"{name}: its schema is not the declared one")
    if found.metadata != declared.metadata:
        yield f"{name}: its schema is not the declared one"
