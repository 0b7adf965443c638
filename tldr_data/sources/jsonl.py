"""Source ``jsonl``: your own rows, one JSON object on each line.

    {"response": "A red cup on a table.", "image": "images/cup.png", "license": "CC0-1.0"}

``response`` is the true text; a row with an ``image`` (a path, relative to the file's folder) may be without it: then
the image is to be captioned, or an answer to be scored. Optional: ``id``, ``prompt``, ``accepted`` (other right
answers), ``group``, ``license``, ``attribution``, ``image_license``, ``image_attribution``, ``image_url``, ``task``,
``facts`` (docs/data-format.md). Other keys are left alone.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from tldr_data.errors import RowError
from tldr_data.example import Example
from tldr_data.facts import Facts
from tldr_data.sources import Made, Unanswered
from tldr_data.sources.fields import (
    UNKNOWN_LICENSE,
    id_field,
    image_digest,
    image_terms,
    task_field,
    text_field,
    text_list,
    true_text,
)
from tldr_data.sources.files import Line, input_files, is_file, parse_line, read_lines
from tldr_data.sources.given_facts import read_facts


class Jsonl:
    """Rows of a file, or of all ``*.jsonl`` of a folder."""

    def __init__(self, *, path: Path | None, seed: int, limit: int | None) -> None:
        self.files = input_files("jsonl", path, ("*.jsonl",))
        self.folder = self.files[0].parent
        self.limit = limit

    def rows(self) -> Iterator[Line]:
        return islice((line for file in self.files for line in read_lines(file)), self.limit)

    def examples(self, row: Line) -> Iterator[Made]:
        try:
            yield self._made(parse_line(row), row.where)
        except RowError as error:
            yield error

    def _made(self, row: dict[str, Any], where: str) -> Example | Unanswered:
        image = self._image(row, where)
        response = None if image and row.get("response") is None else true_text(row, "response", where)
        prompt = text_field(row, "prompt", where) or ""
        image_id = f"jsonl/{image_digest(image, where)}" if image else None
        own_id = id_field(row, "id", where)
        key = own_id or f"jsonl/{_digest(json.dumps([image_id, prompt, response]).encode())}"
        licence = text_field(row, "license", where) or UNKNOWN_LICENSE
        attribution = text_field(row, "attribution", where) or ""
        shared: dict[str, Any] = {
            "id": key,
            "source": "jsonl",
            "license": licence,
            "attribution": attribution,
            "group": id_field(row, "group", where) or image_id or key,
            "image_id": image_id,
            "image": image,
            "image_terms": image_terms(row, licence, attribution, where),
            "task": task_field(row, where),
            "prompt": prompt,
        }
        if response is None:
            return Unanswered(**shared)
        accepted = text_list(row, "accepted", where)
        return Example(**shared, response=response, accepted=accepted, facts=_facts(row, where))

    def _image(self, row: dict[str, Any], where: str) -> Path | None:
        name = text_field(row, "image", where)
        if not name:
            return None
        path = self.folder / name
        if not is_file(path):
            raise RowError("missing_image", f"{where}: no image file {name[:200]!r} in {self.folder}")
        return path


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:16]


def _facts(row: dict[str, Any], where: str) -> Facts | None:
    if row.get("facts") is None:
        return None
    try:
        return read_facts(row["facts"])
    except ValueError as error:
        raise RowError("bad_facts", f"{where}: facts: {error}") from None
