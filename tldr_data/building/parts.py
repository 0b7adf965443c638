"""The files of one chunk of source rows, and whether they are whole.

.work/chunks/1-000007/
    clean.jsonl, spatial.jsonl, ...    canonical JSON rows that may be published
    rejected/clean.jsonl, ...          what was thrown away, with its reason
    images.arrow                       each different image once, and what was measured of it
    done.json                          size and SHA-256 of each of these, one entry for each clean example, the requests
                                       that were made; written last: without it, or where it does not fit the others,
                                       nothing counts
"""

from __future__ import annotations

import json
from collections import Counter
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import IO, Any, NamedTuple

from tldr_data.atomic import cannot_write, file_digest, sync_folder, synced_file, whole_file
from tldr_data.building.image_parts import ImagePart, image_part
from tldr_data.building.perturbers import Most, Tried
from tldr_data.dataset import REJECTED, canonical, folder_of, row_of
from tldr_data.errors import RowError
from tldr_data.example import Example
from tldr_data.images import ImageFacts
from tldr_data.taxonomy import Taxonomy

SOURCE = "source"
"""Where raw rows that gave no example are kept: rejected/source.jsonl."""

Entry = dict[str, Any]
"""What done.json says of one clean example: id and kept; if kept also task, split, group, image_id, rows (it and what
was made of it), made (ids of the latter), sites (taxonomy that has one in it -> rows tried), and of its image digest
and bytes."""


class Checked(NamedTuple):
    """A clean example that may be published, its entry, and its image."""

    example: Example
    entry: Entry
    image: ImageFacts | None

    def add_site(self, taxonomy: Taxonomy) -> None:
        """Note that the text has a site of a taxonomy."""
        self.entry.setdefault("sites", {})[taxonomy.name] = 1


class ChunkReport(NamedTuple):
    """What the parent process hears of a finished chunk."""

    rows: int
    kept: dict[str, int]
    """Folder -> rows."""
    rejected: int
    bad_rows: list[str]
    """Messages of the first raw rows that could not be used, and their number."""
    bad_count: int
    unasked: int
    """Requests that were not made because the budget was spent."""
    is_new: bool = True
    """Whether it was made now, and not by an earlier run of the same command."""


class Job(NamedTuple):
    """A chunk to be made."""

    folder: Path
    rows: list[Any]
    most: Most


def chunk_folder(work: Path, round: int, number: int) -> Path:
    """Where the parts of chunk ``number`` of a round lie."""
    return work / "chunks" / f"{round}-{number:06d}"


def done_report(folder: Path) -> ChunkReport | None:
    """What a finished chunk has to report; None where its parts are not all there and as they were written.

    A chunk that the budget cut short is not finished.
    """
    try:
        done = json.loads((folder / "done.json").read_bytes())
        report = ChunkReport(*done["report"])
        return report._replace(is_new=False) if done["parts"] == _parts(folder) and not report.unasked else None
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None


def read_requests(folder: Path) -> list[str]:
    """Keys of the requests that a finished chunk was made with, in order."""
    keys: list[str] = json.loads((folder / "done.json").read_bytes())["requests"]
    return keys


def read_entries(folder: Path) -> list[Entry]:
    """What done.json says of the clean examples of a chunk that is done."""
    entries: list[Entry] = json.loads((folder / "done.json").read_bytes())["entries"]
    return entries


def _parts(folder: Path) -> dict[str, list[Any]]:
    """Size and SHA-256 of every file of a chunk but done.json, by its name."""
    files = (path for path in sorted(folder.rglob("*")) if path.is_file() and not path.name.startswith("done.json"))
    return {path.relative_to(folder).as_posix(): [path.stat().st_size, file_digest(path)] for path in files}


class ChunkParts:
    """The open files of one chunk; as a context it makes the chunk whole when left without an error."""

    def __init__(self, folder: Path, rows: int) -> None:
        self.folder = folder
        self.rows = rows
        self.ids: set[str] = set()
        self.entries: list[Entry] = []
        self.requests: list[str] = []
        self.unasked = 0
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
        done = {
            "parts": _parts(self.folder),
            "entries": self.entries,
            "requests": self.requests,
            "report": self.report,
        }
        # the marker last, when all else is on the disk
        with whole_file(self.folder / "done.json") as file:
            file.write(json.dumps(done).encode())
        sync_folder(self.folder)

    @property
    def report(self) -> ChunkReport:
        """What there is to report of what was written so far."""
        return ChunkReport(self.rows, dict(self.kept), self.rejected, self.bad_rows, self.bad_count, self.unasked)

    def add(self, entry: Entry, tried: Tried) -> None:
        """Write all that was made of a reference."""
        entry["sites"] = tried.sites
        self.requests += tried.requests
        self.unasked += tried.unasked
        for outcome in tried.outcomes:
            if outcome.reason is None:
                self.keep(outcome.example, entry)
            else:
                self.reject(outcome.folder, outcome.example, outcome.reason, outcome.message)

    def keep_clean(self, checked: Checked) -> None:
        """Write a clean row and its image, and fill in its entry."""
        example, entry, image = checked
        if image is not None:
            self.add_image(image)
            entry |= {"digest": image.digest, "bytes": len(image.data)}
        entry |= {"kept": True, "task": example.task, "group": example.group, "image_id": example.image_id}
        entry |= {"rows": 0, "made": []}
        entry.setdefault("sites", {})
        self.keep(example, entry)

    def keep(self, example: Example, entry: Entry) -> None:
        """Write a row that may be published."""
        folder = folder_of(example)
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
