"""Parts of chunks put together, in the order of the source, into the files that are published.

Each folder is written by itself, in whichever process, and looks into no row but those that are thrown away.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from tldr_data.atomic import file_digest, whole_file
from tldr_data.building.entries import read_entries
from tldr_data.building.image_parts import StoredImages, stored_images
from tldr_data.building.parts import SOURCE, rejected_record
from tldr_data.building.row_parts import DIGEST, ENTRY, read_part
from tldr_data.building.selection import left_out
from tldr_data.building.settle import Settled, read_settled
from tldr_data.building.shards import ShardWriter, arrow_bytes
from tldr_data.dataset import (
    CLEAN,
    IMAGES,
    PARAPHRASE,
    REJECTED,
    REQUESTS,
    ContentHash,
    Row,
    canonical,
    image_digest,
    named_row,
    schema_of,
)
from tldr_data.example import SPLITS
from tldr_data.yields import Tally

if TYPE_CHECKING:
    import pyarrow as pa

    from tldr_data.llms.log import RequestLog

Map = Callable[[Callable[["Job"], "Written"], Iterable["Job"]], Iterator["Written"]]
EMBED_LIMIT = 5 * 10**9
"""Bytes of images, counted once for each row, from which on ``--embed-images auto`` leaves them out of the rows."""

SAID = ("url", "source", "license", "attribution")
"""What a source says of an image; the rest is measured."""
DROP_MESSAGES = {
    "duplicate_id": "an earlier row has this id",
    "group_in_two_splits": "its group, or one whose image shows the same, belongs to another split",
    "near_text": "a text that is held out says nearly the same",
    "image_id_reused": "an earlier row has another image under this image_id",
    "repeated_pair": "an earlier row asks and answers the same about this image",
    "guessable": "a text-only probe is surer of its false words than --max-guessability allows",
    "over_share": "there are more rows of its subtype than max_share allows",
    "over_target": "there are as many rows of its taxonomy as --target asks for",
}


class Job(NamedTuple):
    """A folder to be written."""

    folder: str
    chunks: Sequence[Path]
    work: Path
    staged: Path
    embedded: bool


class Written(NamedTuple):
    """What writing a folder leaves behind, beside its files."""

    tally: Tally
    content: ContentHash
    files: dict[str, dict[str, Any]]
    """Path relative to the staged folder -> bytes and sha256, of Parquet files arrow_bytes too."""
    hashes: dict[str, str]
    """``folder/split`` -> content hash of its rows."""


class Merged(NamedTuple):
    """What merging leaves behind, beside the files in its folder."""

    tally: Tally
    content: ContentHash
    files: dict[str, dict[str, Any]]
    hashes: dict[str, str]
    embedded: bool


def merge(chunks: Sequence[Path], work: Path, taxonomies: Sequence[str], embed: str, map: Map) -> Merged:
    """Write all that is published of the rows into ``work/final``; ``embed`` is ``auto``, ``yes`` or ``no``.

    Raises:
        BuildError: the disk does not take it.
    """
    tally, size = _survey(chunks, work)
    embedded = embed == "yes" or (embed == "auto" and size < EMBED_LIMIT)
    folders = (CLEAN, *taxonomies, PARAPHRASE, IMAGES, SOURCE)
    jobs = {folder: Job(folder, chunks, work, work / "final", embedded) for folder in folders}
    written = dict(zip(folders, map(write_folder, jobs.values()), strict=True))
    merged = Merged(tally, ContentHash(), {}, {}, embedded)
    for folder in (CLEAN, PARAPHRASE, *taxonomies, IMAGES, SOURCE):
        merged.tally.add_all(written[folder].tally)
        merged.content.add_all(written[folder].content)
        merged.files.update(written[folder].files)
        merged.hashes.update(written[folder].hashes)
    return merged


def _survey(chunks: Sequence[Path], work: Path) -> tuple[Tally, int]:
    """References and their sites, and the bytes that images would take inside the rows."""
    tally, size = Tally(), 0
    for chunk in chunks:
        kept = read_entries(chunk).filter(read_settled(work / "settled", chunk).keep)
        for task, sites in zip(kept.column("task").to_pylist(), kept.column("sites").to_pylist(), strict=True):
            tally.add_reference(task, sites)
        sizes = zip(kept.column("rows").to_pylist(), kept.column("image_bytes").to_pylist(), strict=True)
        size += sum(rows * each for rows, each in sizes)
    return tally, size


def write_folder(job: Job) -> Written:
    """Write the Parquet files of one folder, and what was rejected for it. Memory does not grow with the rows.

    Raises:
        BuildError: the disk does not take it.
    """
    written = Written(Tally(), ContentHash(), {}, {})
    if job.folder == IMAGES:
        _write_shards(job, _images(job, written.tally), written)
        return written
    if job.folder != SOURCE:
        _write_shards(job, _rows(job, written.tally), written)
    _write_rejected(job, written)
    return written


def write_requests(staged: Path, log: RequestLog, keys: Iterable[str]) -> tuple[dict[str, int], dict[str, Any]]:
    """Write what the model was asked for this build, once each; counts, and its entry of ``files``."""
    from tldr_data.llms.log import read_log, write_published

    path = staged / f"{REQUESTS}.zst"
    write_published(log, keys, path)
    counts = dict.fromkeys(("requests", "failed", "input_tokens", "output_tokens"), 0)
    for _, _, answer in read_log(path):
        counts["requests"] += 1
        counts["failed"] += answer.failure is not None
        counts["input_tokens"] += answer.input_tokens
        counts["output_tokens"] += answer.output_tokens
    return counts, {path.name: file_entry(path)}


class _Batch(NamedTuple):
    """Rows of one split, as they are published, with the digest that the content hash counts each by."""

    split: str
    table: pa.Table
    digests: list[tuple[str, bytes]]
    """Of rows: group and ``row_digest``. Of images: "" and ``image_digest``."""


def _write_shards(job: Job, batches: Iterator[_Batch], written: Written) -> None:
    with ExitStack() as stack:
        writers = {split: stack.enter_context(ShardWriter(job.staged, job.folder, split)) for split in SPLITS}
        hashes = {split: ContentHash() for split in SPLITS}
        for split, table, digests in batches:
            writers[split].add(table)
            for group, digest in digests:
                hashes[split].add_row(split, group, digest)
        for split, writer in writers.items():
            for path in writer.close():
                written.files[path.relative_to(job.staged).as_posix()] = shard_entry(path)
            written.content.add_all(hashes[split])
            if writer.rows:
                written.hashes[f"{job.folder}/{split}"] = hashes[split].hexdigest()
        written.tally.rows[job.folder] = {split: writer.rows for split, writer in writers.items() if writer.rows}


def _rows(job: Job, tally: Tally) -> Iterator[_Batch]:
    """The rows of a folder, chunk by chunk, split by split."""
    for chunk in job.chunks:
        part = read_part(chunk, job.folder)
        if part is None:
            continue
        settled = read_settled(job.work / "settled", chunk)
        kept = part.filter(_stays(part, settled, left_out(job.work, chunk)))
        entry = kept.column(ENTRY)
        kept = kept.set_column(kept.schema.get_field_index("group"), "group", settled.group.take(entry))
        tally.add_table(job.folder, kept)
        split = settled.split.take(entry)
        with stored_images(chunk / "images.arrow" if job.embedded else None) as images:
            encoded = read_entries(chunk).column("image") if job.embedded else None
            for code, name in enumerate(SPLITS):
                table = kept.filter(_equals(split, code))
                if len(table):
                    yield _Batch(name, _published(table, encoded, images), _digests(table))


def _stays(part: pa.Table, settled: Settled, left: dict[str, str]) -> Any:
    import pyarrow as pa
    import pyarrow.compute as pc

    keep = settled.keep.take(part.column(ENTRY))
    return pc.and_not(keep, pc.is_in(part.column("id"), pa.array(left, pa.string()))) if left else keep


def _equals(codes: Any, code: int) -> Any:
    import pyarrow.compute as pc

    return pc.equal(codes, code)


def _digests(table: pa.Table) -> list[tuple[str, bytes]]:
    return list(zip(table.column("group").to_pylist(), table.column(DIGEST).to_pylist(), strict=True))


def _published(table: pa.Table, encoded: Any, images: StoredImages) -> pa.Table:
    """The rows with their image or null, in the declared order."""
    import pyarrow as pa

    schema = schema_of(CLEAN)
    column = pa.nulls(len(table), schema.field("image").type)
    if encoded is not None:
        digests = encoded.take(table.column(ENTRY)).to_pylist()
        values = [None if digest is None else {"bytes": images.data(digest), "path": None} for digest in digests]
        column = pa.array(values, schema.field("image").type)
    table = table.append_column("image", column).select(schema.names)
    return table.cast(schema)


def _images(job: Job, tally: Tally) -> Iterator[_Batch]:
    """Every image of a published row, once; what is said of it is what the row said that brought it."""
    import pyarrow as pa

    for chunk in job.chunks:
        settled = read_settled(job.work / "settled", chunk)
        bringing = [place for place, brings in enumerate(settled.brings.to_pylist()) if brings]
        if not bringing:
            continue
        columns = ["image", "image_id", *(f"image_{name}" for name in SAID)]
        entries = read_entries(chunk).select(columns).take(bringing).to_pylist()
        with stored_images(chunk / "images.arrow") as images:
            for place, entry in zip(bringing, entries, strict=True):
                image = _image(entry, images)
                tally.add_image(image)
                table = pa.Table.from_pylist([image], schema=schema_of(IMAGES))
                yield _Batch(SPLITS[settled.split[place].as_py()], table, [("", image_digest(image))])


def _image(entry: Row, images: StoredImages) -> Row:
    """What config ``images`` holds of the image of an entry."""
    facts = images.facts(entry["image"])
    return {
        "image_id": entry["image_id"],
        "image": {"bytes": facts.data, "path": None},
        "width": facts.width,
        "height": facts.height,
        "phash": facts.phash,
        "pixels": facts.pixels,
        **{name: entry[f"image_{name}"] for name in SAID},
    }


def _write_rejected(job: Job, written: Written) -> None:
    """Write ``rejected/<folder>.jsonl``, unless nothing was rejected."""
    name = f"{REJECTED}/{job.folder}.jsonl"
    records = (record for chunk in job.chunks for record in _rejected(job, chunk))
    first = next(records, None)
    if first is None:
        return
    with whole_file(job.staged / name) as file:
        for record in chain([first], records):
            file.write(canonical(record) + b"\n")
            written.tally.add_rejected(job.folder, record)
    written.files[name] = file_entry(job.staged / name)


def _rejected(job: Job, chunk: Path) -> Iterator[Row]:
    """What was thrown away of a chunk when it was made, and now. What was made of a dropped row is not told of."""
    path = chunk / REJECTED / f"{job.folder}.jsonl"
    dropped = _dropped(job.work, chunk) if job.folder != SOURCE else {}
    if path.is_file():
        with path.open("rb") as file:
            for record in map(json.loads, file):
                if job.folder in (SOURCE, CLEAN) or record["id"].rpartition("#")[0] not in dropped:
                    yield record
    left = dropped if job.folder == CLEAN else left_out(job.work, chunk)
    part = read_part(chunk, job.folder) if left and job.folder != SOURCE else None
    if part is not None:
        for row in part.filter(_is_in(part.column("id"), left)).to_pylist():
            if job.folder == CLEAN or row["id"].rpartition("#")[0] not in dropped:
                reason = left[row["id"]]
                row = named_row({name: row[name] for name in schema_of(CLEAN).names if name != "image"})
                yield rejected_record(row, reason, f"{row['id']}: {DROP_MESSAGES[reason]}")


def _is_in(column: Any, names: Iterable[str]) -> Any:
    import pyarrow as pa
    import pyarrow.compute as pc

    return pc.is_in(column, pa.array(list(names), pa.string()))


def _dropped(work: Path, chunk: Path) -> dict[str, str]:
    """Ids of the chunk's clean examples that are dropped with all that was made of them, and why."""
    settled = read_settled(work / "settled", chunk)
    reasons = settled.reason
    if reasons.null_count == len(reasons):
        return {}
    ids = read_entries(chunk).column("id")
    return {ids[place].as_py(): reason for place, reason in enumerate(reasons.to_pylist()) if reason}


def file_entry(path: Path) -> dict[str, Any]:
    """What the manifest says of a file."""
    return {"bytes": path.stat().st_size, "sha256": file_digest(path)}


def shard_entry(path: Path) -> dict[str, Any]:
    """What the manifest says of a Parquet file."""
    return {**file_entry(path), "arrow_bytes": arrow_bytes(path)}
