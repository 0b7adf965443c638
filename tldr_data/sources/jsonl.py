"""Source ``jsonl``: your own rows, one JSON object on each line.

    {"response": "A red cup on a table.", "image": "images/cup.png", "license": "CC0-1.0"}

``response`` is the true text and must be there. Optional: ``id``, ``image`` (a path, relative to the file's folder),
``prompt``, ``group``, ``license``, ``attribution``, ``task``, ``facts`` (docs/data-format.md). Other keys are
left alone.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from tldr_data.errors import RowError
from tldr_data.example import TASKS, Example, Task
from tldr_data.facts import Facts
from tldr_data.sources.fields import id_field, text_field, true_text
from tldr_data.sources.files import Line, input_files, is_file, parse_line, read_lines
from tldr_data.sources.given_facts import read_facts

UNKNOWN_LICENSE = "unknown"


class Jsonl:
    """Rows of a file, or of all ``*.jsonl`` of a folder."""

    def __init__(self, *, path: Path | None, seed: int, limit: int | None) -> None:
        self.files = input_files("jsonl", path, ("*.jsonl",))
        self.folder = self.files[0].parent
        self.limit = limit

    def rows(self) -> Iterator[Line]:
        return islice((line for file in self.files for line in read_lines(file)), self.limit)

    def examples(self, row: Line) -> Iterator[Example | RowError]:
        try:
            yield self._example(parse_line(row), row.where)
        except RowError as error:
            yield error

    def _example(self, row: dict[str, Any], where: str) -> Example:
        response = true_text(row, "response", where)
        prompt = text_field(row, "prompt", where) or ""
        image = self._image(row, where)
        image_id = f"jsonl/{_digest(_content(image, where))}" if image else None
        own_id = id_field(row, "id", where)
        key = own_id or f"jsonl/{_digest(json.dumps([image_id, prompt, response]).encode())}"
        return Example(
            id=key,
            response=response,
            source="jsonl",
            license=text_field(row, "license", where) or UNKNOWN_LICENSE,
            attribution=text_field(row, "attribution", where) or "",
            group=id_field(row, "group", where) or image_id or key,
            image_id=image_id,
            image=image,
            task=_task(row, where),
            prompt=prompt,
            facts=_facts(row, where),
        )

    def _image(self, row: dict[str, Any], where: str) -> Path | None:
        name = text_field(row, "image", where)
        if not name:
            return None
        path = self.folder / name
        if not is_file(path):
            raise RowError("missing_image", f"{where}: no image file {name[:200]!r} in {self.folder}")
        return path


def _content(image: Path, where: str) -> bytes:
    try:
        return image.read_bytes()
    except OSError as error:
        detail = error.strerror or error
        raise RowError("unreadable_image", f"{where}: image {image} cannot be read: {detail}") from None


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:16]


def _task(row: dict[str, Any], where: str) -> Task:
    value = text_field(row, "task", where) or "caption"
    for task in TASKS:
        if value == task:
            return task
    raise RowError("unknown_task", f"{where}: task is {value[:80]!r}: allowed are {', '.join(TASKS)}")


def _facts(row: dict[str, Any], where: str) -> Facts | None:
    if row.get("facts") is None:
        return None
    try:
        return read_facts(row["facts"])
    except ValueError as error:
        raise RowError("bad_facts", f"{where}: facts: {error}") from None
