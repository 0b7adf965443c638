"""The web page of a build: counts, charts, and rows with their images to be looked at by a person."""

from __future__ import annotations

import hashlib
import heapq
import json
from collections import Counter, defaultdict, deque
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from tldr_data.atomic import write_text
from tldr_data.dataset import (
    CLEAN,
    IMAGES,
    PARAPHRASE,
    REJECTED,
    Row,
    read_batches,
    read_places,
    read_rows,
    read_stored,
    shards,
)
from tldr_data.errors import InputError
from tldr_data.example import KINDS, SPLITS, TASKS, Edit, written_spans
from tldr_data.images import thumbnail
from tldr_data.manifest import load_audit, load_manifest, row_folders
from tldr_data.marks import Piece, pieces_of
from tldr_data.profile import TENTHS, Bars, Profile, histogram, quantile
from tldr_data.resources import template
from tldr_data.yields import LEFT_OUT, auc, percent

MAX_ROWS = 200
MAX_REJECTED = 10
"""Rejected rows shown for each folder and reason."""
LISTED = 15
"""Lines of a table of words."""
THUMBNAIL_SIDE = 192
PROFILED = ("task", "kind", "subtype", "words", "response", "reference", "edits", "errors")
"""Columns that a profile is counted from."""


class ShownRow(NamedTuple):
    """One row of the page."""

    row: Row
    split: str
    image: str | None
    """Data URI."""
    pieces: list[Piece]


class SubtypeYield(NamedTuple):
    """What became of the candidates of one subtype."""

    taxonomy: str
    subtype: str
    kept: int
    fit: int
    """Kept, or left out for no fault of their own."""
    tried: int
    rejected: Mapping[str, int]


def write_report(directory: Path) -> Path:
    """Make ``report.html`` of a finished build anew, and return its path.

    Raises:
        InputError: it is no finished build, or its files cannot be read.
        BuildError: the page cannot be written.
    """
    from jinja2 import TemplateError

    page, manifest = directory / "report.html", load_manifest(directory)
    try:
        html = render_report(directory, manifest)
    except (TemplateError, ValueError, TypeError) as error:
        raise InputError(
            f"{directory / 'manifest.json'}: its counts, or those of audit.json, cannot be shown: {error}"
        ) from error
    write_text(page, html)
    return page


def render_report(directory: Path, manifest: Mapping[str, Any]) -> str:
    """The page, all in one file. Each folder is read once."""

    try:
        profiles, shown = _look(directory, row_folders(manifest))
    except (TypeError, AttributeError):  # a null where there must be none: reading all rows as rows says which
        for folder in row_folders(manifest):
            deque(read_rows(directory, folder), maxlen=0)
        raise
    return template("cards", "report.html.jinja").render(
        manifest=manifest,
        audit=load_audit(directory),
        splits=SPLITS,
        percent=percent,
        auc=auc,
        quantile=quantile,
        subtypes=list(_subtypes(manifest)),
        profiles=profiles,
        lengths=_lengths(profiles, list(manifest["taxonomies"])),
        charts={name: _charts(profile) for name, profile in profiles.items() if profile.errors},
        listed=LISTED,
        shown=shown,
        rejected=list(_rejected(directory, manifest)),
    )


def _look(directory: Path, folders: list[str]) -> tuple[dict[str, Profile], dict[str, list[ShownRow]]]:
    """Counts of every folder, and rows that stand for it; clean ones only where there are no others."""
    made = [*(name for name in folders if name not in (CLEAN, PARAPHRASE)), *({PARAPHRASE} & {*folders})]
    profiles = {folder: _profile(directory, folder) for folder in folders}
    share = -(-MAX_ROWS // len(made or folders))
    chosen: dict[str, list[tuple[str, Row]]] = {}
    for folder in [*made, *({CLEAN} & {*folders})]:
        if folder != CLEAN or not made:
            chosen[folder] = _choose(directory, folder, share)
    image_ids = {row["image_id"] for rows in chosen.values() for _, row in rows}
    images = thumbnails(directory, image_ids, THUMBNAIL_SIDE)
    return profiles, {
        folder: [ShownRow(row, split, images.get(row["image_id"]), _pieces(row)) for split, row in rows]
        for folder, rows in chosen.items()
    }


def _choose(directory: Path, folder: str, count: int) -> list[tuple[str, Row]]:
    """Rows that stand for a folder: those of the smallest hash, so that nobody picked them and all see the same."""

    def keys() -> Iterator[tuple[str, str, str, Path, int]]:
        for split in SPLITS:
            for path in shards(directory, folder, split):
                ids = (row_id for batch in read_batches(path, ["id"]) for row_id in batch.column(0).to_pylist())
                for place, row_id in enumerate(ids):
                    yield hashlib.sha256(row_id.encode()).hexdigest(), row_id, split, path, place

    chosen = heapq.nsmallest(count, keys(), key=lambda key: key[:2])
    rows: dict[str, tuple[str, Row]] = {}
    for path, split in dict.fromkeys((path, split) for _, _, split, path, _ in chosen):
        places = sorted(place for _, _, _, of, place in chosen if of == path)
        rows |= {row["id"]: (split, row) for row in read_places(path, places)}
    return [rows[row_id] for _, row_id, _, _, _ in chosen]


def _profile(directory: Path, folder: str) -> Profile:
    """The captions of a folder, counted."""
    import pyarrow.compute as pc

    profile = Profile()
    for path in (path for split in SPLITS for path in shards(directory, folder, split)):
        for batch in read_batches(path, PROFILED):
            captions = batch.filter(pc.equal(batch.column("task"), TASKS.index("caption")))
            for row in captions.to_pylist():
                profile.add({**row, "task": "caption", "kind": KINDS[row["kind"]]})
    return profile


def _pieces(row: Row) -> list[Piece]:
    """The text with its marks; what a paraphrase wrote anew is marked as changes that left every word true."""
    if row["kind"] != "paraphrase":
        return pieces_of(row)
    edits, reference = [Edit(**edit) for edit in row["edits"]], row["reference"] or ""
    written = [
        {"start": start, "end": end, "replaced": reference[edit.start : edit.end]}
        for edit, (start, end) in zip(edits, written_spans(edits), strict=True)
    ]
    return pieces_of({**row, "collateral": written})


def _subtypes(manifest: Mapping[str, Any]) -> Iterator[SubtypeYield]:
    for name, counts in manifest["taxonomies"].items():
        for subtype, found in counts["subtypes"].items():
            kept, rejected = found["accepted"], found["rejected"]
            fit = kept + sum(rejected.get(reason, 0) for reason in LEFT_OUT)
            yield SubtypeYield(name, subtype, kept, fit, kept + sum(rejected.values()), rejected)


def _lengths(profiles: Mapping[str, Profile], taxonomies: list[str]) -> Bars:
    """Words of clean captions beside those of perturbed ones."""
    counts = {"clean": profiles[CLEAN].lengths} if CLEAN in profiles else {}
    perturbed = sum((profiles[name].lengths for name in taxonomies if name in profiles), Counter[int]())
    return histogram({name: lengths for name, lengths in {**counts, "perturbed": perturbed}.items() if lengths})


def _charts(profile: Profile) -> dict[str, Bars]:
    """Of a taxonomy's errors: how long they are, and where they stand."""
    tenths = tuple(profile.tenths[number] for number in range(TENTHS))
    return {
        "words": histogram({"errors": profile.error_lengths}),
        "place": Bars(tuple(str(number + 1) for number in range(TENTHS)), {"errors": tenths}),
    }


def thumbnails(directory: Path, wanted: set[str | None], side: int) -> dict[str | None, str]:
    """Data URIs by image id, of at most ``side`` pixels a side; none of an image whose bytes are withheld.

    Raises:
        InputError: a file or an image cannot be read.
    """
    found: dict[str | None, str] = {}
    for split in SPLITS:
        for path in shards(directory, IMAGES, split):
            for stored in read_stored(path, ["image_id", "image"]):
                if stored["image_id"] in wanted and stored["image"]:
                    found[stored["image_id"]] = _thumbnail(path, stored, side)
    return found


def _thumbnail(path: Path, stored: Row, side: int) -> str:
    try:
        return thumbnail(stored["image"]["bytes"], side)
    except Exception as error:  # Pillow's decoders raise SyntaxError, struct.error, EOFError and more on broken files
        raise InputError(f"{path}: image {stored['image_id']} cannot be read: {type(error).__name__}") from error


def _rejected(directory: Path, manifest: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, list[Row]]]]:
    """The first rejected rows of each folder and reason."""
    for folder in manifest["rejected"]:
        reasons: dict[str, list[Row]] = defaultdict(list)
        path = directory / REJECTED / f"{folder}.jsonl"
        try:
            with path.open("rb") as file:
                for record in map(json.loads, file):
                    if len(kept := reasons[record["reason"]]) < MAX_REJECTED:
                        kept.append({**record, "pieces": _pieces(record) if record.get("response") else []})
        except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise InputError(f"{path}: cannot be read: {type(error).__name__}: {error}") from error
        yield folder, dict(reasons)
