"""Is a build whole and right? Everything is computed again from the files, and each fault is one line."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tldr_data.atomic import file_digest
from tldr_data.building.first_seen import FirstSeen
from tldr_data.card import configs
from tldr_data.dataset import (
    IMAGES,
    ContentHash,
    Row,
    canonical,
    example_of,
    folder_of,
    load_manifest,
    named_row,
    read_stored,
    row_folders,
    row_of,
    schema_of,
    shards,
)
from tldr_data.errors import InputError, RowError
from tldr_data.example import SPLITS, Example, derived_id
from tldr_data.images import measure


def find_faults(directory: Path) -> Iterator[str]:
    """Every fault of a build, as it is found; none if it is whole. Memory does not grow with the rows.

    Raises:
        InputError: it is no finished build: there is nothing to check against.
    """
    manifest = load_manifest(directory)
    for key in ("rows", "files", "content_hash", "taxonomies"):
        if key not in manifest:
            yield f"manifest.json: {key} is missing"
            return
    yield from _file_faults(directory, manifest)
    yield from _card_faults(directory, manifest)
    with FirstSeen() as seen:
        rows = _RowChecker(seen)
        # images and clean rows come first, so that what refers to them can be held against them
        for folder in (IMAGES, *row_folders(manifest)):
            yield from _folder_faults(directory, folder, manifest, rows)
    if rows.content.hexdigest() != manifest["content_hash"]:
        yield f"content hash is {rows.content.hexdigest()}, the manifest says {manifest['content_hash']}"


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
    except (OSError, IndexError, ValueError, yaml.YAMLError) as error:
        yield f"README.md: its YAML head cannot be read: {str(error).splitlines()[0]}"
        return
    if not isinstance(head, dict) or head.get("configs") != configs(manifest):
        yield "README.md: its configs are not those of the build"
    elif not head.get("license"):
        yield "README.md: names no license"


def _folder_faults(directory: Path, folder: str, manifest: dict[str, Any], rows: _RowChecker) -> Iterator[str]:
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
    if not found.equals(declared) or found.metadata != declared.metadata:
        yield f"{name}: its schema is not the declared one"


class _RowChecker:
    """Looks at rows one by one; what must agree between them is remembered in ``seen``."""

    def __init__(self, seen: FirstSeen) -> None:
        self.content = ContentHash()
        self._seen = seen
        self._count = 0

    def faults(self, stored: Row, folder: str, split: str) -> Iterator[str]:
        """What is wrong with one stored row."""
        return self._image_faults(stored, split) if folder == IMAGES else self._row_faults(stored, folder, split)

    def _image_faults(self, stored: Row, split: str) -> Iterator[str]:
        image_id = stored["image_id"]
        try:
            facts = measure(stored["image"]["bytes"], image_id)
        except (RowError, TypeError) as error:
            yield str(error)
            return
        self.content.add_image(split, stored, facts.pixels)
        if self._repeated("image row", image_id):
            yield f"{image_id}: image is stored twice"
        if not self._seen.claim("image split", image_id, split):
            yield f"{image_id}: image is in two splits"
        self._seen.claim("image", image_id, facts.digest)
        if (facts.width, facts.height, facts.phash) != (stored["width"], stored["height"], stored["phash"]):
            yield f"{image_id}: width, height or phash is not that of the image"
        if not (stored["license"] or "").strip():
            yield f"{image_id}: license is empty"

    def _row_faults(self, stored: Row, folder: str, split: str) -> Iterator[str]:
        """Its invariants and labels, its id, and its place."""
        try:
            row = named_row(stored)
            self.content.add_row(split, canonical(row))
            example = example_of(row)
            rebuilt = row_of(example)
        except (RowError, InputError, TypeError, AttributeError) as error:
            yield f"{stored['id']}: {error}"
            return
        wrong = [name for name in ("words", "labels") if rebuilt[name] != row[name]]
        yield from (f"{row['id']}: {name} are not those of its spans" for name in wrong)
        if folder_of(example) != folder:
            yield f"{row['id']}: belongs into {folder_of(example)}"
        if not (row["license"] or "").strip():
            yield f"{row['id']}: license is empty"
        yield from self._id_faults(example)
        yield from self._split_faults(stored, split)

    def _id_faults(self, example: Example) -> Iterator[str]:
        if self._repeated("id", example.id):
            yield f"{example.id}: id is there twice"
        if example.reference is None:
            self._seen.claim("reference", example.id, example.response)
            return
        reference_id, _, made = example.id.rpartition("#")
        name = made.rpartition(".")[0]
        if example.id != derived_id(reference_id, name, example.reference, example.edits):
            yield f"{example.id}: id is not that of its reference and edits"
        if not self._seen.claim("reference", reference_id, example.reference):
            yield f"{example.id}: its reference is not the text of {reference_id}"

    def _split_faults(self, stored: Row, split: str) -> Iterator[str]:
        """No group and no image in two splits; an embedded image is that of config ``images``."""
        if not self._seen.claim("group", stored["group"], split):
            yield f"{stored['id']}: group {stored['group']} is in two splits"
        image_id = stored["image_id"]
        if image_id is not None and not self._seen.claim("image split", image_id, split):
            yield f"{stored['id']}: image {image_id} is in two splits"
        data = (stored["image"] or {}).get("bytes")
        if data is not None and not self._seen.claim("image", image_id, hashlib.sha256(data).hexdigest()):
            yield f"{stored['id']}: its image is not that of {image_id}"

    def _repeated(self, kind: str, key: str) -> bool:
        self._count += 1
        return not self._seen.claim(kind, key, str(self._count))
