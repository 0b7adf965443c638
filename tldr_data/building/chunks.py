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
import random
from collections import Counter
from contextlib import ExitStack
from dataclasses import replace
from functools import cached_property
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import IO, Any, NamedTuple

from tldr_data.atomic import cannot_write, file_digest, remove_tree, sync_folder, synced_file, whole_file
from tldr_data.building.admission import check_fields, judge_candidate
from tldr_data.building.image_parts import ImagePart, image_part
from tldr_data.building.pairs import NO_IMAGE, Counterpart, counterpart
from tldr_data.building.usages import read_usages
from tldr_data.dataset import CLEAN, PARAPHRASE, REJECTED, canonical, folder_of, row_of
from tldr_data.errors import RowError
from tldr_data.example import SPLITS, Example
from tldr_data.filters import find_duplicate
from tldr_data.images import ImageFacts, measure
from tldr_data.perturb import Usages, perturb, reword
from tldr_data.sampling import share_of, split_of_example
from tldr_data.sources import Redrawing, Source
from tldr_data.taxonomy import Taxonomy
from tldr_data.verify import verify

TRIES = 4
"""Candidates that are looked at for one reference and taxonomy."""
PAIR_TRIES = 8
"""The same in a build of pairs: not every edit has a second image."""
SOURCE = "source"
"""Where raw rows that gave no example are kept: rejected/source.jsonl."""


Entry = dict[str, Any]
"""What done.json says of one clean example: id and kept; if kept also task, split, group, image_id, rows (it and what
was made of it), made (ids of the latter), sites (taxonomies that have one in it), and of its image digest and bytes."""


class Checked(NamedTuple):
    """A clean example that may be published, its entry, and its image."""

    example: Example
    entry: Entry
    image: ImageFacts | None

    def add_site(self, taxonomy: Taxonomy) -> None:
        """Note that the text has a site of a taxonomy."""
        sites: list[str] = self.entry.setdefault("sites", [])
        if taxonomy.name not in sites:
            sites.append(taxonomy.name)


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
        self, source: Source, taxonomies: list[Taxonomy], *, seed: int, paraphrase_ratio: float, pairs: bool, work: Path
    ) -> None:
        self.source = source
        self.taxonomies = taxonomies
        self.seed = seed
        self.paraphrase_ratio = paraphrase_ratio
        self.pairs = pairs
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
                        self._example(row, made, parts)
        return ChunkReport(len(rows), dict(parts.kept), parts.rejected, parts.bad_rows, parts.bad_count)

    def _example(self, row: Any, example: Example, parts: ChunkParts) -> None:
        """Check a clean example and keep it with what is made of it; in pairs, keep it only with a second image."""
        try:
            if self.pairs and example.task != "caption":
                return
            if (checked := self._check(example, parts)) is None:
                return
            if self.pairs:
                self._quadruple(row, checked, parts)
                return
            parts.keep_clean(checked)
            if example.task == "caption":
                self._reword(checked, parts)
                # no edit is made twice: what asks for marked things chooses first, the others have more sites
                for taxonomy in sorted(self.taxonomies, key=lambda taxonomy: not taxonomy.is_marked):
                    self._perturb(checked, taxonomy, parts)
        except Exception as error:
            error.add_note(f"while building from {example.id}")
            raise

    def _check(self, example: Example, parts: ChunkParts) -> Checked | None:
        """What is to be written of a clean example; None if it is not fit to be published."""
        entry: Entry = {"id": example.id, "kept": False}
        try:
            if example.id in parts.ids:
                raise RowError("duplicate_id", f"{example.id}: an earlier row has this id")
            parts.ids.add(example.id)
            parts.entries.append(entry)
            check_fields(example)
            entry["split"] = self._split(example)
            finding = verify(example)
            if finding.reason:
                raise RowError(finding.reason, f"{example.id}: {finding.evidence or finding.reason}")
            image = None if example.image is None else measure(example.image, example.id)
        except RowError as error:
            parts.reject(CLEAN, example, error.reason, error.message)
            return None
        # an image without an id of its own is named after the row: rows are joined to images by it
        image_id = example.image_id or (example.id if image else None)
        return Checked(replace(example, image_id=image_id), entry, image)

    def _split(self, example: Example) -> str:
        split = split_of_example(example, self.seed)
        if split not in SPLITS:
            raise RowError("unknown_split", f"{example.id}: split is {split!r}: allowed are {', '.join(SPLITS)}")
        return split

    def _reword(self, checked: Checked, parts: ChunkParts) -> None:
        """Keep the first paraphrase that its facts allow, if the reference is one of those that get one."""
        reference = checked.example
        if share_of(reference.id, self.seed) >= self.paraphrase_ratio:
            return
        for candidate in islice(reword(reference, self.seed), TRIES):
            finding = verify(candidate)
            reason = finding.reason or find_duplicate(candidate.response, [reference.response])
            if reason is None:
                parts.keep(candidate, checked.entry)
                return
            parts.reject(PARAPHRASE, candidate, reason, finding.evidence or "")

    def _quadruple(self, row: Any, checked: Checked, parts: ChunkParts) -> None:
        """Keep a caption with one perturbed row, and the same two texts with an image of which the second is true."""
        example, entry = checked.example, checked.entry
        taxonomies = list(self.taxonomies)
        random.Random(f"{self.seed}/{example.id}/pairs").shuffle(taxonomies)
        for taxonomy in taxonomies:
            for candidate in islice(perturb(example, taxonomy, self.seed, self.usages[taxonomy.name]), PAIR_TRIES):
                checked.add_site(taxonomy)
                judged, reason = judge_candidate(candidate, taxonomy, {example.response})
                other = None if reason else self._counterpart(row, example, judged, taxonomy)
                if other and (second := self._check(other.clean, parts)):
                    parts.keep_clean(checked)
                    parts.keep(judged, entry)
                    second.add_site(taxonomy)
                    parts.keep_clean(second)
                    parts.keep(other.perturbed, second.entry)
                    return
                parts.reject(taxonomy.name, judged, reason or NO_IMAGE, "")
        parts.reject(CLEAN, example, NO_IMAGE, f"{example.id}: no image fits a text made of it")

    def _counterpart(self, row: Any, example: Example, judged: Example, taxonomy: Taxonomy) -> Counterpart | None:
        """The second image, if the filters let the first text pass as an edit of the second."""
        assert isinstance(self.source, Redrawing)
        found = counterpart(example, judged, self.source.redrawn(row, judged))
        if found and judge_candidate(found.perturbed, taxonomy, {found.clean.response})[1] is None:
            return found
        return None

    def _perturb(self, checked: Checked, taxonomy: Taxonomy, parts: ChunkParts) -> None:
        """Keep the first candidate that nothing speaks against; every one before it goes to rejected/."""
        candidates = perturb(checked.example, taxonomy, self.seed, self.usages[taxonomy.name])
        for candidate in islice(candidates, TRIES):
            checked.add_site(taxonomy)
            judged, reason = judge_candidate(candidate, taxonomy, parts.responses)
            if reason is None:
                parts.keep(judged, checked.entry)
                return
            parts.reject(taxonomy.name, judged, reason, "")


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

    def keep_clean(self, checked: Checked) -> None:
        """Write a clean row and its image, and fill in its entry."""
        example, entry, image = checked
        if image is not None:
            self.add_image(image)
            entry |= {"digest": image.digest, "bytes": len(image.data)}
        entry |= {"kept": True, "task": example.task, "group": example.group, "image_id": example.image_id}
        entry |= {"rows": 0, "made": []}
        entry.setdefault("sites", [])
        self.keep(example, entry)

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
