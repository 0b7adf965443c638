"""Parts of chunks put together, in the order of the source, into the files that are published."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from tldr_data.atomic import file_digest, whole_file, write_json
from tldr_data.building.first_seen import FirstSeen
from tldr_data.building.image_parts import StoredImages, stored_images
from tldr_data.building.parts import SOURCE, Entry, read_entries, reference_id, rejected_record
from tldr_data.building.selection import Selection
from tldr_data.building.shards import ShardWriter
from tldr_data.dataset import (
    CLEAN,
    IMAGES,
    PARAPHRASE,
    REJECTED,
    REQUESTS,
    ContentHash,
    Row,
    canonical,
    stored_row,
)
from tldr_data.example import SPLITS
from tldr_data.taxonomy import Taxonomy
from tldr_data.yields import Tally

if TYPE_CHECKING:
    from tldr_data.llms.log import RequestLog

EMBED_LIMIT = 5 * 10**9
"""Bytes of images, counted once for each row, from which on ``--embed-images auto`` leaves them out of the rows."""

DROP_MESSAGES = {
    "duplicate_id": "an earlier row has this id, or the id of a row made of this one",
    "group_in_two_splits": "earlier rows put its group or its image into another split",
    "image_id_reused": "an earlier row has another image under this image_id",
    "guessable": "a text-only probe is surer of its false words than --max-guessability allows",
    "over_share": "there are more rows of its subtype than max_share allows",
    "over_target": "there are as many rows of its taxonomy as --target asks for",
}


class Merged(NamedTuple):
    """What merging leaves behind, beside the files in its folder."""

    tally: Tally
    content: ContentHash
    files: dict[str, dict[str, Any]]
    """Path relative to the folder -> bytes and sha256."""
    hashes: dict[str, str]
    """``folder/split`` -> content hash of its rows."""
    embedded: bool
    shortcuts: dict[str, Any]
    """What the text-only probe found."""


class Merge:
    """One pass over all chunks for each folder, so that memory grows neither with rows nor with folders.

    Raises (all public methods):
        BuildError: the disk does not take it.
    """

    def __init__(self, chunks: list[Path], staged: Path, taxonomies: list[Taxonomy]) -> None:
        self.chunks = chunks
        self.staged = staged
        self.folders = [CLEAN, PARAPHRASE, *(taxonomy.name for taxonomy in taxonomies)]
        self.tally = Tally()
        self.content = ContentHash()
        self.files: dict[str, dict[str, Any]] = {}
        self.hashes: dict[str, str] = {}
        self._drops = staged.parent / "drops"
        self._selection = Selection(chunks, taxonomies, staged.parent, self._dropped)

    def run(self, embed: str, max_guessability: float | None, *, capped: bool, target: int | None) -> Merged:
        """Write rows, images and what was rejected; ``embed`` is ``auto``, ``yes`` or ``no``.

        ``capped``: no subtype may have more rows than its ``max_share``; ``target``: no taxonomy more than so many.
        """
        size = self.survey()
        shortcuts = self._selection.run(max_guessability, capped=capped, target=target)
        embedded = embed == "yes" or (embed == "auto" and size < EMBED_LIMIT)
        for folder in self.folders:
            self.write_rows(folder, embedded)
        self.write_images()
        for folder in (SOURCE, *self.folders):
            self.write_rejected(folder)
        return Merged(self.tally, self.content, self.files, self.hashes, embedded, shortcuts)

    def survey(self) -> int:
        """Find what only the whole build shows: repeated ids, groups in two splits.

        Returns the bytes that images would take inside the rows.
        """
        size = 0
        with FirstSeen() as seen:
            for chunk in self.chunks:
                drops: dict[str, str] = {}
                for entry in read_entries(chunk):
                    if reason := _conflict(entry, chunk.name, seen):
                        drops[entry["id"]] = reason
                    elif entry["kept"]:
                        size += entry["rows"] * entry.get("bytes", 0)
                        self.tally.references += entry["task"] == "caption"
                        self.tally.add_sites(entry["sites"])
                if drops:
                    write_json(self._drops / f"{chunk.name}.json", drops)
        return size

    def write_rows(self, folder: str, embedded: bool) -> None:
        """Write the Parquet files of one folder."""
        with self._writers(folder) as (writers, hashes):
            for chunk in self.chunks:
                entries = {entry["id"]: entry for entry in read_entries(chunk)}
                drops = self._dropped(chunk) | self._selection.left_out(chunk)
                with stored_images(chunk / "images.arrow") as images:
                    for line, row in _lines(chunk / f"{folder}.jsonl"):
                        entry = entries[reference_id(row)]
                        if entry["id"] in drops or row["id"] in drops:
                            continue
                        split, image = entry["split"], _embedded_image(entry, images) if embedded else None
                        writers[split].add(stored_row(row, image), len(line) + len(image or b""))
                        hashes[split].add_row(split, line)
                        self.tally.add_row(folder, row)

    def write_images(self) -> None:
        """Write config ``images``: every image of a published row, once."""
        with self._writers(IMAGES) as (writers, hashes), FirstSeen() as seen:
            for chunk in self.chunks:
                entries = {entry["id"]: entry for entry in read_entries(chunk)}
                drops = self._dropped(chunk)
                with stored_images(chunk / "images.arrow") as images:
                    for _, row in _lines(chunk / f"{CLEAN}.jsonl"):
                        entry = entries[row["id"]]
                        if row["id"] in drops or "digest" not in entry:
                            continue
                        if seen.claim("image", row["image_id"], f"{chunk.name}/{row['id']}"):
                            _write_image(entry, row, images, writers, hashes)

    def write_requests(self, log: RequestLog, keys: Iterable[str]) -> dict[str, int]:
        """Write what the model was asked for this build, once each, and count it."""
        from tldr_data.llms.log import read_log, write_published

        path = self.staged / f"{REQUESTS}.zst"
        write_published(log, keys, path)
        self.files[path.name] = _file_entry(path)
        counts = dict.fromkeys(("requests", "failed", "input_tokens", "output_tokens"), 0)
        for _, _, answer in read_log(path):
            counts["requests"] += 1
            counts["failed"] += answer.failure is not None
            counts["input_tokens"] += answer.input_tokens
            counts["output_tokens"] += answer.output_tokens
        return counts

    def write_rejected(self, folder: str) -> None:
        """Write ``rejected/<folder>.jsonl``, unless nothing was rejected."""
        name = f"{REJECTED}/{folder}.jsonl"
        records = self._rejected(folder)
        first = next(records, None)
        if first is None:
            return
        with whole_file(self.staged / name) as file:
            for record in chain([first], records):
                file.write(canonical(record) + b"\n")
                self.tally.add_rejected(folder, record)
        self.files[name] = _file_entry(self.staged / name)

    def _rejected(self, folder: str) -> Iterator[Row]:
        for chunk in self.chunks:
            drops = self._dropped(chunk)
            for _, record in _lines(chunk / REJECTED / f"{folder}.jsonl"):
                if folder in (SOURCE, CLEAN) or reference_id(record) not in drops:
                    yield record
            left = drops if folder == CLEAN else self._selection.left_out(chunk)
            if left:
                for _, row in _lines(chunk / f"{folder}.jsonl"):
                    if (reason := left.get(row["id"])) and (folder == CLEAN or reference_id(row) not in drops):
                        yield rejected_record(row, reason, f"{row['id']}: {DROP_MESSAGES[reason]}")

    @contextmanager
    def _writers(self, folder: str) -> Iterator[tuple[dict[str, ShardWriter], dict[str, ContentHash]]]:
        """A writer and a hash for each split of a folder; what they wrote is noted when the block ends well."""
        with ExitStack() as stack:
            writers = {split: stack.enter_context(ShardWriter(self.staged, folder, split)) for split in SPLITS}
            hashes = {split: ContentHash() for split in SPLITS}
            yield writers, hashes
            for split, writer in writers.items():
                for path in writer.close():
                    self.files[path.relative_to(self.staged).as_posix()] = _file_entry(path)
                self.content.add_all(hashes[split])
                if writer.rows:
                    self.hashes[f"{folder}/{split}"] = hashes[split].hexdigest()
            self.tally.rows[folder] = {split: writer.rows for split, writer in writers.items() if writer.rows}

    def _dropped(self, chunk: Path) -> dict[str, str]:
        """Ids of the chunk's clean examples that are dropped with all that was made of them, and why."""
        path = self._drops / f"{chunk.name}.json"
        dropped: dict[str, str] = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
        return dropped


def _conflict(entry: Entry, chunk: str, seen: FirstSeen) -> str | None:
    """Why a clean example cannot stand beside those before it, or None. What was rejected only takes up its id."""
    # of two clean rows of one id in one chunk the second has no entry
    owner = f"{chunk}/{entry['id']!a}"
    if not all(seen.claim("id", key, owner) for key in (entry["id"], *entry.get("made", ()))):
        return "duplicate_id" if entry["kept"] else None
    if not entry["kept"]:
        return None
    image_id = entry["image_id"]
    if image_id is not None and not seen.claim("image", image_id, entry.get("digest", "")):
        return "image_id_reused"
    keys = [("group", entry["group"]), *([("image split", image_id)] if image_id is not None else [])]
    if not all(seen.claim(kind, key, entry["split"]) for kind, key in keys):
        return "group_in_two_splits"
    return None


def _lines(path: Path) -> Iterator[tuple[bytes, Row]]:
    """Each line of a part, as it stands and parsed; none where there is no part."""
    if path.is_file():
        with path.open("rb") as file:
            for line in file:
                yield line.rstrip(b"\n"), json.loads(line)


def _embedded_image(entry: Entry, images: StoredImages) -> bytes | None:
    return images.data(entry["digest"]) if "digest" in entry else None


def _write_image(
    entry: Entry, row: Row, images: StoredImages, writers: dict[str, ShardWriter], hashes: dict[str, ContentHash]
) -> None:
    """One row of config ``images``, licence and attribution taken from the row that brought it."""
    facts, split = images.facts(entry["digest"]), entry["split"]
    image = {
        "image_id": row["image_id"],
        "image": {"bytes": facts.data, "path": None},
        "width": facts.width,
        "height": facts.height,
        "phash": facts.phash,
        "license": row["license"],
        "attribution": row["attribution"],
    }
    writers[split].add(image, len(facts.data) + 200)
    hashes[split].add_image(split, image, facts.pixels)


def _file_entry(path: Path) -> dict[str, Any]:
    return {"bytes": path.stat().st_size, "sha256": file_digest(path)}
