"""One row of a build held against what docs/data-format.md promises of it alone; what other rows must agree with
becomes keys."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from tldr_data.building.entries import key64
from tldr_data.dataset import (
    CLEAN,
    IMAGE_FIELDS,
    IMAGES,
    ContentHash,
    Row,
    example_of,
    folder_of,
    image_digest,
    named_row,
    read_row_group,
    row_digest,
    row_of,
)
from tldr_data.duplicates.texts import pair_key, text_bands
from tldr_data.errors import InputError, RowError
from tldr_data.example import Example, derived_id, written_spans
from tldr_data.images import measure
from tldr_data.sources import DRAWN
from tldr_data.yields import Tally

KEYS = ("id", "reference", "text", "made", "response", "group", "image", "digest", "pixels", "request", "pair")
"""64-bit hashes; 0 where a row has no such thing.

id, group, image (its id), request; ``reference``: id of the clean row that it was made of, its own if it is clean;
``text``: of its reference, or of itself if it is clean; ``made``: reference and taxonomy, of perturbed rows;
``response``: reference and response, of what was made; ``digest`` of the encoded image, ``pixels`` of the decoded one;
``pair``: question and answer of clean VQA rows.
"""


IMAGE_ROW, CLEAN_ROW, MADE_ROW, BROKEN_ROW = range(4)
"""``kind`` of a row."""


MEASURED = ("width", "height", "phash", "pixels")
"""Columns of config ``images`` that follow from the image."""


class Part(NamedTuple):
    """A row group of a Parquet file, as ``manifest.json`` names the file."""

    directory: Path
    name: str
    folder: str
    split: str
    number: int


class Checked(NamedTuple):
    """What was found in one row group."""

    part: Part
    rows: int
    faults: list[str]
    tally: Tally
    content: ContentHash
    keys: dict[str, Any]
    """Name of ``KEYS`` -> array, and of ``kind`` and ``drawn``."""
    texts: dict[int, bytes]
    """Row of the group -> bands of a long clean text."""
    phashes: dict[int, int]


def check_part(part: Part) -> Checked:
    """Look at every row of a row group.

    Raises:
        InputError: it cannot be read.
    """
    found = Checked(part, 0, [], Tally(), ContentHash(), {}, {}, {})
    rows: list[dict[str, int]] = []
    for number, stored in enumerate(read_row_group(part.directory / part.name, part.number)):
        rows.append(keys := dict.fromkeys((*KEYS, "kind", "drawn"), 0))
        faults = _image_faults if part.folder == IMAGES else _row_faults
        found.faults.extend(f"{part.name}: {fault}" for fault in faults(stored, number, keys, found))
    columns = {name: np.array([row[name] for row in rows], np.uint64) for name in (*KEYS, "kind", "drawn")}
    return found._replace(rows=len(rows), keys=columns)


def _image_faults(stored: Row, number: int, keys: dict[str, int], found: Checked) -> Iterator[str]:
    image_id = stored["image_id"]
    if missing := [name for name in IMAGE_FIELDS if stored[name] is None and name not in ("image", "url")]:
        yield f"{image_id}: {', '.join(missing)} is missing"
        return
    yield from (f"{image_id}: {name} is empty" for name in ("source", "license") if not stored[name].strip())
    found.tally.add_image(stored)
    found.content.add_row(found.part.split, "", image_digest(stored))
    keys |= {"image": key64(image_id), "pixels": key64(stored["pixels"])}
    if stored["image"] is None:  # its licence does not let it be passed on
        return
    try:
        facts = measure(stored["image"]["bytes"], image_id)
    except (RowError, TypeError) as error:
        yield str(error)
        return
    keys |= {"digest": key64(facts.digest), "pixels": key64(facts.pixels)}
    found.phashes[number] = int(facts.phash, 16)
    yield from (
        f"{image_id}: {name} is not that of the image" for name in MEASURED if getattr(facts, name) != stored[name]
    )


def _row_faults(stored: Row, number: int, keys: dict[str, int], found: Checked) -> Iterator[str]:
    """Its invariants and labels, its id, and its place."""
    folder = found.part.folder
    keys["kind"] = CLEAN_ROW if folder == CLEAN else MADE_ROW
    try:
        row = named_row(stored)
        found.content.add_row(found.part.split, row["group"], row_digest(row))
        example = example_of(row)
        rebuilt = row_of(example)
    except InputError as error:
        keys["kind"] = BROKEN_ROW
        yield f"{stored['id']}: {error}"
        return
    found.tally.add_row(folder, row)
    keys |= {**_keys(example), "drawn": int(example.source in DRAWN)}
    if example.kind == "clean" and example.source not in DRAWN and (bands := text_bands(example.response)) is not None:
        found.texts[number] = bands.tobytes()
    if data := (stored["image"] or {}).get("bytes"):
        keys["digest"] = key64(hashlib.sha256(data).hexdigest())
    wrong = [name for name in ("words", "labels") if rebuilt[name] != row[name]]
    yield from (f"{row['id']}: {name} are not those of its spans" for name in wrong)
    if rebuilt["license"] != row["license"]:
        yield f"{row['id']}: license {row['license']} lacks that of its model, {row['model']}"
    if (example.kind != "perturbed" or example.taxonomy) and folder_of(example) != folder:
        yield f"{row['id']}: belongs into {folder_of(example)}"
    yield from (f"{row['id']}: {name} is empty" for name in ("group", "source", "license") if not row[name].strip())
    yield from (f"{row['id']}: {fault}" for fault in _kind_faults(example))


def _keys(example: Example) -> dict[str, int]:
    own = {
        "id": key64(example.id),
        "group": key64(example.group),
        "image": key64(example.image_id) if example.image_id is not None else 0,
        "request": key64(example.request) if example.request else 0,
    }
    if example.reference is None:
        pair = pair_key(example.prompt, example.response) if example.task == "vqa" else 0
        return {**own, "reference": own["id"], "text": key64(example.response), "pair": pair}
    reference_id = example.id.rpartition("#")[0]
    made = key64(f"{reference_id}#{example.taxonomy}") if example.kind == "perturbed" else 0
    return {
        **own,
        "reference": key64(reference_id),
        "text": key64(example.reference),
        "made": made,
        "response": key64(f"{reference_id}#{example.response}"),
    }


def _kind_faults(example: Example) -> Iterator[str]:
    """What must be there, or must not, because of its kind."""
    if example.reference is not None:
        reference_id, _, made = example.id.rpartition("#")
        name = made.rpartition(".")[0]
        if example.id != derived_id(reference_id, name, example.reference, example.edits):
            yield "id is not that of its reference and edits"
        if example.kind == "perturbed" and name != example.taxonomy:
            yield f"id names another taxonomy than {example.taxonomy}"
    if example.kind == "clean":
        # a caption that a model merged from questions has its model and request
        names = ("taxonomy", "subtype", "evidence", "perturber")
        yield from (f"a clean row has no {name}" for name in names if getattr(example, name) is not None)
        if example.verdict != "none":
            yield f"a clean row has verdict none, not {example.verdict}"
    if example.kind == "perturbed":
        # what a model wrote is of a subtype only where a lexicon tells which; its request must be known
        own = ("model", "request") if example.model else ("subtype",)
        needed = ("taxonomy", "perturber", "errors", "edits", *own)
        yield from (f"a perturbed row needs {name}" for name in needed if not getattr(example, name))
        if example.verdict == "none":
            yield "a perturbed row has no verdict none"
    if example.verdict == "proved" and not example.evidence:
        yield "verdict proved needs evidence"
    written = list(zip(example.edits, written_spans(example.edits), strict=True))
    for span in (*example.errors, *example.collateral):
        edit = next(edit for edit, (start, end) in written if start <= span.start and span.end <= end)
        if span.replaced not in (example.reference or "")[edit.start : edit.end]:
            yield f"{span.replaced!r} did not stand where span {span.start} to {span.end} is"
