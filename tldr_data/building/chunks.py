"""One chunk of source rows made into parts on the disk, by whichever process.

.work/chunks/000007/
    clean.jsonl, spatial.jsonl, ...    canonical JSON rows that may be published
    rejected/clean.jsonl, ...          what was thrown away, with its reason
    images.arrow                       each different image once, and what was measured of it
    done.json                          size and SHA-256 of each of these, and one entry for each clean example; written
                                       last: without it, or where it does not fit the others, nothing counts
"""

from __future__ import annotations

import json
from collections import Counter
from contextlib import ExitStack
from dataclasses import replace
from functools import cached_property
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import IO, Any, NamedTuple

from tldr_data.atomic import cannot_write, file_digest, remove_tree, sync_folder, synced_file, whole_file
from tldr_data.building.image_parts import ImagePart, image_part
from tldr_data.building.usages import read_usages
from tldr_data.dataset import CLEAN, PARAPHRASE, REJECTED, canonical, folder_of, row_of
from tldr_data.errors import RowError
from tldr_data.example import SPLITS, Example
from tldr_data.filters import find_duplicate, find_reason
from tldr_data.images import ImageFacts, measure
from tldr_data.perturb import Usages, perturb, reword
from tldr_data.sampling import share_of, split_of_example
from tldr_data.sources import Source
from tldr_data.taxonomy import Taxonomy
from tldr_data.verify import verify

TRIES = 4
"""Candidates that are looked at for one reference and taxonomy."""
SOURCE = "source"
"""Where raw rows that gave no example are kept: rejected/source.jsonl."""


Entry = dict[str, Any]
"""What done.json says of one clean example: id and kept; if kept also task, split, group, image_id, rows (it and what
was made of it), made (ids of the latter), sites (taxonomies that have one in it), and of its image digest and bytes."""


class ChunkReport(NamedTuple):
    """What the parent process hears of a finished chunk."""

    rows: int
    kept: dict[str, int]
    """Folder -> rows."""
    rejected: int
    bad_rows: list[str]
    """Messages of the first raw rows that could not be used, and their number."""
    bad_count: int


def chunk_folder(work: Path, number: int) -> Path:
    """Where the parts of chunk ``number`` lie."""
    return work / "chunks" / f"{number:06d}"


def is_done(folder: Path) -> bool:
    """Whether a chunk's parts are all there and as they were written."""
    try:
        return bool(json.loads((folder / "done.json").read_bytes())["parts"] == _parts(folder))
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return False


def read_entries(folder: Path) -> list[Entry]:
    """What done.json says of the clean examples of a chunk that is done."""
    entries: list[Entry] = json.loads((folder / "done.json").read_bytes())["entries"]
    return entries


def _parts(folder: Path) -> dict[str, list[Any]]:
    """Size and SHA-256 of every file of a chunk but done.json, by its name."""
    files = (path for path in sorted(folder.rglob("*")) if path.is_file() and not path.name.startswith("done.json"))
    return {path.relative_to(folder).as_posix(): [path.stat().st_size, file_digest(path)] for path in files}


class ChunkBuilder:
    """Makes chunks: holds what all of them need, loaded once in each process."""

    def __init__(
        self, source: Source, taxonomies: list[Taxonomy], *, seed: int, paraphrase_ratio: float, work: Path
    ) -> None:
        self.source = source
        self.taxonomies = taxonomies
        self.seed = seed
        self.paraphrase_ratio = paraphrase_ratio
        self.work = work

    @cached_property
    def usages(self) -> dict[str, Usages]:
        """How the source uses the words of each taxonomy."""
        return read_usages(self.work)

    def build(self, number: int, rows: list[Any]) -> ChunkReport:
        """Make one chunk and write it; what an earlier, killed attempt left of it is replaced.

        Raises:
            BuildError: the disk does not take it.
        """
        folder = chunk_folder(self.work, number)
        remove_tree(folder)
        with ChunkParts(folder) as parts:
            for row in rows:
                for made in self.source.examples(row):
                    if isinstance(made, RowError):
                        parts.reject_raw(made)
                    else:
                        self._example(made, parts)
        return ChunkReport(len(rows), dict(parts.kept), parts.rejected, parts.bad_rows, parts.bad_count)

    def _example(self, example: Example, parts: ChunkParts) -> None:
        """Check a clean example, keep it, and make at most one perturbed row of it for each taxonomy."""
        try:
            if (entry := self._keep_clean(example, parts)) and example.task == "caption":
                reference = replace(example, image_id=entry["image_id"])
                self._reword(reference, entry, parts)
                for taxonomy in self.taxonomies:
                    self._perturb(reference, taxonomy, entry, parts)
        except Exception as error:
            error.add_note(f"while building from {example.id}")
            raise

    def _keep_clean(self, example: Example, parts: ChunkParts) -> Entry | None:
        """Write a clean row and return its entry in done.json; None if it is not fit to be published."""
        entry: Entry = {"id": example.id, "kept": False}
        try:
            if example.id in parts.ids:
                raise RowError("duplicate_id", f"{example.id}: an earlier row has this id")
            parts.ids.add(example.id)
            parts.entries.append(entry)
            _check_fields(example)
            entry["split"] = self._split(example)
            finding = verify(example)
            if finding.reason:
                raise RowError(finding.reason, f"{example.id}: {finding.evidence or finding.reason}")
            image = None if example.image is None else measure(example.image, example.id)
        except RowError as error:
            parts.reject(CLEAN, example, error.reason, error.message)
            return None
        if image is not None:
            parts.add_image(image)
            entry |= {"digest": image.digest, "bytes": len(image.data)}
        # an image without an id of its own is named after the row: rows are joined to images by it
        image_id = example.image_id or (example.id if image else None)
        entry |= {"kept": True, "task": example.task, "group": example.group, "image_id": image_id}
        entry |= {"rows": 0, "made": [], "sites": []}
        parts.keep(replace(example, image_id=image_id), entry)
        return entry

    def _split(self, example: Example) -> str:
        split = split_of_example(example, self.seed)
        if split not in SPLITS:
            raise RowError("unknown_split", f"{example.id}: split is {split!r}: allowed are {', '.join(SPLITS)}")
        return split

    def _reword(self, reference: Example, entry: Entry, parts: ChunkParts) -> None:
        """Keep the first paraphrase that its facts allow, if the reference is one of those that get one."""
        if share_of(reference.id, self.seed) >= self.paraphrase_ratio:
            return
        for candidate in islice(reword(reference, self.seed), TRIES):
            finding = verify(candidate)
            reason = finding.reason or find_duplicate(candidate.response, [reference.response])
            if reason is None:
                parts.keep(candidate, entry)
                return
            parts.reject(PARAPHRASE, candidate, reason, finding.evidence or "")

    def _perturb(self, reference: Example, taxonomy: Taxonomy, entry: Entry, parts: ChunkParts) -> None:
        """Keep the first candidate that nothing speaks against; every one before it goes to rejected/."""
        for candidate in islice(perturb(reference, taxonomy, self.seed, self.usages[taxonomy.name]), TRIES):
            if taxonomy.name not in entry["sites"]:
                entry["sites"].append(taxonomy.name)
            judged, reason = _judge(candidate, taxonomy, parts.responses)
            if reason is None:
                parts.keep(judged, entry)
                return
            parts.reject(taxonomy.name, judged, reason, "")


def _check_fields(example: Example) -> None:
    """What a source may get wrong beside the text.

    Raises:
        RowError: there is no licence, or a field is not valid Unicode and so cannot be written to Parquet.
    """
    if not example.license.strip():
        raise RowError("no_license", f"{example.id}: the license is empty")
    fields = ("id", "group", "image_id", "prompt", "source", "license", "attribution")
    if bad := next((name for name in fields if not _is_unicode(getattr(example, name))), None):
        raise RowError("lone_surrogate", f"{example.id}: {bad} holds a lone surrogate, which is not valid Unicode")


def _is_unicode(text: str | None) -> bool:
    return text is None or not any("\ud800" <= char <= "\udfff" for char in text)


def _judge(candidate: Example, taxonomy: Taxonomy, siblings: set[str]) -> tuple[Example, str | None]:
    """The candidate with its verdict, and the reason to throw it away or None."""
    assert candidate.reference is not None
    if reason := find_duplicate(candidate.response, siblings):
        return candidate, reason
    if reason := find_reason(candidate.reference, candidate.response, taxonomy, candidate.errors):
        return candidate, reason
    finding = verify(candidate)
    judged = replace(candidate, verdict=finding.verdict, evidence=finding.evidence)
    return judged, finding.reason or (None if _is_unicode(finding.evidence) else "lone_surrogate")


class ChunkParts:
    """The open files of one chunk; as a context it makes the chunk whole when left without an error."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.ids: set[str] = set()
        self.responses: set[str] = set()
        """What was made of the example in hand: a second taxonomy must not make the same text."""
        self.entries: list[Entry] = []
        self.kept: Counter[str] = Counter()
        self.rejected = 0
        self.bad_rows: list[str] = []
        self.bad_count = 0
        self._files: dict[str, IO[bytes]] = {}
        self._images: ImagePart | None = None
        self._digests: set[str] = set()
        self._open = ExitStack()

    def __enter__(self) -> ChunkParts:
        return self

    def __exit__(
        self, error_type: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open.__exit__(error_type, error, trace)
        if error_type is not None:
            return
        # the marker last, when all else is on the disk
        with whole_file(self.folder / "done.json") as file:
            file.write(json.dumps({"parts": _parts(self.folder), "entries": self.entries}).encode())
        sync_folder(self.folder)

    def keep(self, example: Example, entry: Entry) -> None:
        """Write a row that may be published."""
        folder = folder_of(example)
        if example.kind == "clean":
            self.responses.clear()
        self.responses.add(example.response)
        self._write(f"{folder}.jsonl", canonical(row_of(example)))
        self.kept[folder] += 1
        entry["rows"] += 1
        if example.id != entry["id"]:
            entry["made"].append(example.id)

    def reject(self, folder: str, example: Example, reason: str, message: str) -> None:
        """Write an example that was thrown away, with its reason."""
        self._write(f"{REJECTED}/{folder}.jsonl", canonical(rejected_record(row_of(example), reason, message)))
        self.rejected += 1

    def reject_raw(self, error: RowError) -> None:
        """Write down a raw row that gave no example."""
        self._write(f"{REJECTED}/{SOURCE}.jsonl", canonical({"reason": error.reason, "message": error.message}))
        self.bad_count += 1
        if len(self.bad_rows) < 5:
            self.bad_rows.append(error.message)

    def add_image(self, image: ImageFacts) -> None:
        """Write an image, unless the chunk has it."""
        if image.digest in self._digests:
            return
        self._digests.add(image.digest)
        if self._images is None:
            self._images = self._open.enter_context(image_part(self.folder / "images.arrow"))
        self._images.write(image)

    def _write(self, name: str, line: bytes) -> None:
        if name not in self._files:
            self._files[name] = self._open.enter_context(synced_file(self.folder / name))
        try:
            self._files[name].write(line + b"\n")
        except OSError as error:
            raise cannot_write(self.folder / name, error) from error


def reference_id(row: dict[str, Any]) -> str:
    """Id of the clean row that this row was made of; its own if it is clean."""
    own_id: str = row["id"]
    return own_id if row["kind"] == "clean" else own_id.rpartition("#")[0]


def rejected_record(row: dict[str, Any], reason: str, message: str) -> dict[str, Any]:
    """A line of rejected/: the row as it would have been, without labels, and why it is not."""
    record = {name: value for name, value in row.items() if name not in ("words", "labels")}
    return {"reason": reason, "message": message, **record}
