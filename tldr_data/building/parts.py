"""The files of one chunk of source rows, and whether they are whole.

.work/chunks/1-000007/
    rows/clean.arrow, rows/spatial.arrow, ...    rows that may be published
    entries.arrow                                what is known of each clean example
    rejected/clean.jsonl, ...                    what was thrown away, with its reason
    images.arrow                                 each different image once, and what was measured of it
    done.json                                    size and SHA-256 of each of these, and the requests that were made;
                                                 written last: without it, or where it does not fit the others, nothing
                                                 counts
"""

from __future__ import annotations

import json
from collections import defaultdict
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import IO, Any, NamedTuple

from tldr_data.atomic import cannot_write, file_digest, sync_folder, synced_file, whole_file
from tldr_data.building.entries import Entry, write_entries
from tldr_data.building.image_parts import ImagePart, image_part
from tldr_data.building.perturbers import Most, Tried
from tldr_data.building.row_parts import part_row, write_part
from tldr_data.dataset import REJECTED, Row, canonical, folder_of, row_of
from tldr_data.errors import RowError
from tldr_data.example import Example
from tldr_data.images import ImageFacts
from tldr_data.taxonomy import Taxonomy

SOURCE = "source"
"""Where raw rows that gave no example are kept: rejected/source.jsonl."""


class Checked(NamedTuple):
    """A clean example that may be published, its entry, and its image."""

    example: Example
    entry: Entry
    image: ImageFacts | None

    def add_site(self, taxonomy: Taxonomy) -> None:
        """Note that the text has a site of a taxonomy."""
        if taxonomy.name not in self.entry.sites:
            self.entry.sites.append(taxonomy.name)


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
    unanswered: int = 0
    """Images and questions without a response."""
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
        """Of all clean examples, and of all that was made of them."""
        self.entries: list[Entry] = []
        self.requests: list[str] = []
        self.unasked = 0
        self.unanswered = 0
        self.rejected = 0
        self.bad_rows: list[str] = []
        self.bad_count = 0
        self._kept: defaultdict[str, list[Row]] = defaultdict(list)
        self._places: dict[str, int] = {}
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
        for folder, rows in self._kept.items():
            write_part(self.folder, folder, rows)
        write_entries(self.folder, self.entries)
        done = {"parts": _parts(self.folder), "requests": self.requests, "report": self.report}
        # the marker last, when all else is on the disk
        with whole_file(self.folder / "done.json") as file:
            file.write(json.dumps(done).encode())
        sync_folder(self.folder)

    @property
    def report(self) -> ChunkReport:
        """What there is to report of what was written so far."""
        kept = {folder: len(rows) for folder, rows in self._kept.items()}
        return ChunkReport(self.rows, kept, self.rejected, self.bad_rows, self.bad_count, self.unasked, self.unanswered)

    def add(self, entry: Entry, tried: Tried) -> None:
        """Write all that was made of a reference."""
        entry.sites = [name for name, number in sorted(tried.sites.items()) for _ in range(number)]
        self.requests += tried.requests
        self.unasked += tried.unasked
        for outcome in tried.outcomes:
            if outcome.reason is None and outcome.example.id not in self.ids:
                self.keep(outcome.example, entry)
            else:
                self.reject(outcome.folder, outcome.example, outcome.reason or "duplicate_id", outcome.message)

    def add_entry(self, entry: Entry) -> None:
        """Take down a clean example."""
        self.ids.add(entry.id)
        self._places[entry.id] = len(self.entries)
        self.entries.append(entry)

    def keep_clean(self, checked: Checked) -> None:
        """Write a clean row and its image."""
        if checked.image is not None:
            self.add_image(checked.image)
        self.add_entry(checked.entry)
        self.keep(checked.example, checked.entry)

    def keep(self, example: Example, entry: Entry) -> None:
        """Write a row that may be published."""
        self._kept[folder_of(example)].append(part_row(row_of(example), self._places[entry.id]))
        self.ids.add(example.id)
        entry.rows += 1

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


def reference_id(row: Row) -> str:
    """Id of the clean row that this row was made of; its own if it is clean."""
    own_id: str = row["id"]
    return own_id if row["kind"] == "clean" else own_id.rpartition("#")[0]


def rejected_record(row: Row, reason: str, message: str) -> Row:
    """A line of rejected/: the row as it would have been, without labels, and why it is not."""
    record = {name: value for name, value in row.items() if name not in ("words", "labels")}
    return {"reason": reason, "message": message, **record}
