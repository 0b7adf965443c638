"""One row of a build held against what docs/data-format.md promises, and against the rows before it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from tldr_data.building.first_seen import FirstSeen
from tldr_data.dataset import (
    IMAGES,
    ContentHash,
    Row,
    canonical,
    example_of,
    folder_of,
    named_row,
    row_of,
)
from tldr_data.errors import InputError, RowError
from tldr_data.example import Example, derived_id, written_spans
from tldr_data.images import measure
from tldr_data.yields import Tally


class RowChecker:
    """Looks at rows one by one; what must agree between them is remembered in ``seen``."""

    def __init__(self, seen: FirstSeen, embedded: bool, most_one: bool) -> None:
        self.content = ContentHash()
        self.tally = Tally()
        self._seen = seen
        self._embedded = embedded
        self._most_one = most_one
        """Whether a reference gives at most one row of each taxonomy: only a target asks for more."""
        self._count = 0

    def faults(self, stored: Row, folder: str, split: str) -> Iterator[str]:
        """What is wrong with one stored row."""
        return self._image_faults(stored, split) if folder == IMAGES else self._row_faults(stored, folder, split)

    def _image_faults(self, stored: Row, split: str) -> Iterator[str]:
        image_id = stored["image_id"]
        if image_id is None:
            yield "image_id is None"
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
        except InputError as error:
            yield f"{stored['id']}: {error}"
            return
        self.tally.add_row(folder, row)
        wrong = [name for name in ("words", "labels") if rebuilt[name] != row[name]]
        yield from (f"{row['id']}: {name} are not those of its spans" for name in wrong)
        if (example.kind != "perturbed" or example.taxonomy) and folder_of(example) != folder:
            yield f"{row['id']}: belongs into {folder_of(example)}"
        yield from (f"{row['id']}: {name} is empty" for name in ("group", "source", "license") if not row[name].strip())
        yield from (f"{row['id']}: {fault}" for fault in _kind_faults(example))
        if example.request and self._seen.value("request", example.request) is None:
            yield f"{row['id']}: request {example.request} is not in the request log"
        yield from self._id_faults(example, split)
        yield from self._split_faults(stored, split)

    def _id_faults(self, example: Example, split: str) -> Iterator[str]:
        """Its id, and what it says of the clean row that this one was made of."""
        if self._repeated("id", example.id):
            yield f"{example.id}: id is there twice"
        if example.reference is None:
            self._seen.claim("reference", example.id, f"{split} {_digest(example.response)}")
            return
        reference_id, _, made = example.id.rpartition("#")
        name = made.rpartition(".")[0]
        if example.id != derived_id(reference_id, name, example.reference, example.edits):
            yield f"{example.id}: id is not that of its reference and edits"
        if example.kind == "perturbed" and name != example.taxonomy:
            yield f"{example.id}: id names another taxonomy than {example.taxonomy}"
        made_of = f"{reference_id}#{example.taxonomy}"
        if self._most_one and example.kind == "perturbed" and self._repeated("made", made_of):
            yield f"{example.id}: is the second row of taxonomy {example.taxonomy} made of {reference_id}"
        if self._repeated("text", f"{reference_id}#{_digest(example.response)}"):
            yield f"{example.id}: another row made of {reference_id} has the same text"
        home, _, text = (self._seen.value("reference", reference_id) or "").partition(" ")
        if not home:
            yield f"{example.id}: no clean row is named {reference_id}"
        elif text != _digest(example.reference):
            yield f"{example.id}: its reference is not the text of {reference_id}"
        elif home != split:
            yield f"{example.id}: is in split {split}, its reference in {home}"

    def _split_faults(self, stored: Row, split: str) -> Iterator[str]:
        """No group and no image in two splits; an embedded image is that of config ``images``."""
        if not self._seen.claim("group", stored["group"], split):
            yield f"{stored['id']}: group {stored['group']} is in two splits"
        image_id = stored["image_id"]
        if image_id is not None and not self._seen.claim("image split", image_id, split):
            yield f"{stored['id']}: image {image_id} is in two splits"
        data = (stored["image"] or {}).get("bytes")
        known = None if image_id is None else self._seen.value("image", image_id)
        if data is not None and hashlib.sha256(data).hexdigest() != known:
            yield f"{stored['id']}: its image is not that of {image_id} in config images"
        if data is None and known and self._embedded:
            yield f"{stored['id']}: image {image_id} is not embedded, the manifest says that images are"

    def _repeated(self, kind: str, key: str) -> bool:
        self._count += 1
        return not self._seen.claim(kind, key, str(self._count))


def _kind_faults(example: Example) -> Iterator[str]:
    """What must be there, or must not, because of its kind."""
    if example.kind == "clean":
        names = ("taxonomy", "subtype", "evidence", "perturber", "model", "request")
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


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
