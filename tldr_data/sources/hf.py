"""Source ``hf``: a dataset of the Hugging Face Hub, or a local one, through ``datasets``.

    path: user/name, user/name@revision, or a folder or file (Parquet, JSON, CSV, Arrow, image folder, save_to_disk)
    columns: {"response": "caption", "image": "img", "license": "=CC-BY-4.0"}

``columns`` says for each of our fields which column it is taken from, or after "=" what it is in every row. Without
``columns`` every field is taken from the column of its own name, where there is one. Rows are streamed.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

from tldr_data.errors import InputError, RowError, UsageError
from tldr_data.example import SPLITS, Example
from tldr_data.sources import Made, Unanswered
from tldr_data.sources.fields import (
    id_field,
    image_digest,
    image_terms,
    task_field,
    text_field,
    text_list,
    true_text,
)
from tldr_data.sources.hf_images import image_content
from tldr_data.sources.hf_rows import Place, Table, open_table, place_of

FIELDS = (
    *("id", "image", "prompt", "response", "accepted", "task", "group", "split", "license", "attribution"),
    *("image_license", "image_attribution", "image_url"),
)
CONSTANT = ("prompt", "task", "group", "split", "license", "attribution", "image_license", "image_attribution")
"""Fields that may be the same in every row."""


class Row(NamedTuple):
    """One row: the values of our fields, as ``datasets`` gives them."""

    where: str
    base: str
    """Folder or repository that the paths of images are relative to."""
    fields: dict[str, Any]


class HuggingFace:
    """Rows of one split of a dataset, in its order."""

    def __init__(
        self,
        *,
        path: Path | None,
        seed: int,
        limit: int | None,
        columns: Mapping[str, str] | None = None,
        config: str | None = None,
        hf_split: str | None = None,
    ) -> None:
        """``config`` is the dataset's, where it has several; ``hf_split`` its split.

        Raises:
            UsageError: there is no path, or ``columns`` names a field that there is not.
            InputError: the path is neither there nor the name of a repository.
        """
        if path is None:
            raise UsageError("source 'hf' needs --path: user/name of a dataset on the Hub, or a local folder or file")
        self.place = place_of(path)
        self.columns = None if columns is None else _checked(columns)
        self.config, self.hf_split, self.limit = config, hf_split, limit

    def identity(self) -> str | None:
        """``user/name@commit`` of a dataset on the Hub, which says what is in it; None of a local one.

        Raises:
            InputError: the Hub does not tell.
        """
        return f"{self.place.name}@{self.place.commit()}" if self.place.is_hub else None

    def rows(self) -> Iterator[Row]:
        table = open_table(self.place, self.config, self.hf_split)
        columns = _mapping(self.place, table, self.columns)
        constants = {field: column[1:] for field, column in columns.items() if column.startswith("=")}
        if "license" not in columns:
            constants["license"] = _licence(self.place, table)
        taken = {field: column for field, column in columns.items() if not column.startswith("=")}
        for number, row in enumerate(islice(table.rows(sorted(set(taken.values()))), self.limit), 1):
            fields = {field: row.get(column) for field, column in taken.items()}
            yield Row(f"{self.place.label} row {number}", table.base, constants | fields)

    def examples(self, row: Row) -> Iterator[Made]:
        try:
            yield self._made(row)
        except RowError as error:
            yield error

    def _made(self, row: Row) -> Example | Unanswered:
        fields, where = row.fields, row.where
        image = image_content(fields.get("image"), row.base, where)
        unanswered = image is not None and fields.get("response") is None
        response = None if unanswered else true_text(fields, "response", where)
        prompt = text_field(fields, "prompt", where) or ""
        image_id = f"hf/{image_digest(image, where)}" if image is not None else None
        content = json.dumps([image_id, prompt, response]).encode("utf-8", "surrogatepass")
        own_id = id_field(fields, "id", where) or f"hf/{hashlib.sha256(content).hexdigest()[:16]}"
        licence = text_field(fields, "license", where)
        if not licence:
            raise RowError("no_license", f"{where}: license is missing")
        attribution = text_field(fields, "attribution", where) or self.place.attribution
        shared: dict[str, Any] = {
            "id": own_id,
            "source": "hf",
            "license": licence,
            "attribution": attribution,
            "group": id_field(fields, "group", where) or image_id or own_id,
            "image_id": image_id,
            "image": image,
            "image_terms": image_terms(fields, licence, attribution, where),
            "task": task_field(fields, where),
            "prompt": prompt,
            "split": _split(fields, where),
        }
        if response is None:
            return Unanswered(**shared)
        return Example(**shared, response=response, accepted=text_list(fields, "accepted", where))


def _checked(columns: Mapping[str, str]) -> dict[str, str]:
    if not isinstance(columns, Mapping):
        raise UsageError(f"columns of source 'hf' is {columns!r}: a mapping of fields to columns is needed")
    for field, column in columns.items():
        if field not in FIELDS:
            raise UsageError(f"columns of source 'hf': unknown field {field!r}: allowed are {', '.join(FIELDS)}")
        if not isinstance(column, str) or not column:
            raise UsageError(f"columns of source 'hf': {field} is {column!r}: the name of a column is needed")
        if column.startswith("=") and field not in CONSTANT:
            raise UsageError(f"columns of source 'hf': {field} cannot be the same in every row: {column!r}")
    return dict(columns)


def _mapping(place: Place, table: Table, columns: Mapping[str, str] | None) -> dict[str, str]:
    """Our field -> the column it is taken from, or "=" and its value.

    Raises:
        InputError: a column is not there, or there is neither an image nor a response.
    """
    there = ", ".join(table.columns) or "none"
    if columns is None:
        columns = {field: field for field in FIELDS if field in table.columns}
    for field, column in columns.items():
        if not column.startswith("=") and column not in table.columns:
            raise InputError(f"{place.name}: has no column {column!r} for {field}: its columns are {there}")
    if not {"image", "response"} & set(columns):
        raise InputError(f"{place.name}: neither image nor response is mapped to a column: its columns are {there}")
    return dict(columns)


def _licence(place: Place, table: Table) -> str:
    if licence := table.licence or place.licence():
        return licence
    raise InputError(
        f"{place.name}: names no licence: map license to a column, or to what it is in every row, as in '=CC-BY-4.0'"
    )


def _split(fields: Mapping[str, Any], where: str) -> str | None:
    name = text_field(fields, "split", where)
    if name is not None and name not in SPLITS:
        raise RowError("unknown_split", f"{where}: split is {name[:80]!r}: allowed are {', '.join(SPLITS)}")
    return name
