"""The published record: its Parquet schema, its canonical JSON, and reading it back (docs/data-format.md).

A row here is a dict of plain values in the order of ``FIELDS``, with names where the Parquet file holds the number of
a ClassLabel, and without the image.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

from tldr_data.errors import InputError
from tldr_data.example import KINDS, SPLITS, TASKS, VERDICTS, Edit, Example, Span
from tldr_data.labels import label_words
from tldr_data.licences import with_model_terms

if TYPE_CHECKING:
    import pyarrow as pa

Row = dict[str, Any]


AUDIT = "audit.json"
"""What people found who audited the build; written after it."""
VERSIONS = "versions.json"
"""What changed from version to version; written when one is compared or pushed."""
REQUESTS = "requests.jsonl"
"""What a model was asked and answered; published with ``.zst`` behind it."""
CLEAN, PARAPHRASE, IMAGES, REJECTED = "clean", "paraphrase", "images", "rejected"
CLASS_LABELS: dict[str, tuple[str, ...]] = {"task": TASKS, "kind": KINDS, "verdict": VERDICTS}

_STRING = {"dtype": "string", "_type": "Value"}
_INT = {"dtype": "int32", "_type": "Value"}
_IMAGE = {"_type": "Image"}
_SPANS = {"feature": {"start": _INT, "end": _INT, "replaced": _STRING}, "_type": "List"}

# As `datasets` writes features into a Parquet file; a test holds the two against each other.
FIELDS: dict[str, dict[str, Any]] = {
    "id": _STRING,
    "group": _STRING,
    "image_id": _STRING,
    "image": _IMAGE,
    "task": {"names": list(TASKS), "_type": "ClassLabel"},
    "prompt": _STRING,
    "response": _STRING,
    "reference": _STRING,
    "kind": {"names": list(KINDS), "_type": "ClassLabel"},
    "taxonomy": _STRING,
    "subtype": _STRING,
    "edits": {"feature": {"start": _INT, "end": _INT, "replacement": _STRING}, "_type": "List"},
    "errors": _SPANS,
    "collateral": _SPANS,
    "words": {"feature": _STRING, "_type": "List"},
    "labels": {"feature": {"dtype": "int8", "_type": "Value"}, "_type": "List"},
    "verdict": {"names": list(VERDICTS), "_type": "ClassLabel"},
    "evidence": _STRING,
    "perturber": _STRING,
    "model": _STRING,
    "request": _STRING,
    "source": _STRING,
    "license": _STRING,
    "attribution": _STRING,
}
NULLABLE = frozenset("image_id reference taxonomy subtype evidence perturber model request".split())
"""Strings that a row may be without."""
IMAGE_FIELDS: dict[str, dict[str, Any]] = {
    "image_id": _STRING,
    "image": _IMAGE,
    "width": _INT,
    "height": _INT,
    "phash": _STRING,
    "pixels": _STRING,
    "url": _STRING,
    "source": _STRING,
    "license": _STRING,
    "attribution": _STRING,
}


@cache
def schema_of(folder: str) -> pa.Schema:
    """The full declared schema of every Parquet file in a folder."""
    import pyarrow as pa

    fields = IMAGE_FIELDS if folder == IMAGES else FIELDS
    metadata = {"huggingface": json.dumps({"info": {"features": fields}})}
    return pa.schema([(name, _arrow_type(feature)) for name, feature in fields.items()], metadata=metadata)


def _arrow_type(feature: Mapping[str, Any]) -> pa.DataType:
    import pyarrow as pa

    match feature.get("_type"):
        case "Value":
            return pa.type_for_alias(feature["dtype"])
        case "ClassLabel":
            return pa.int64()
        case "Image":
            return pa.struct([("bytes", pa.binary()), ("path", pa.string())])
        case "List":
            return pa.list_(_arrow_type(feature["feature"]))
        case _:
            return pa.struct([(name, _arrow_type(inner)) for name, inner in feature.items()])


def folder_of(example: Example) -> str:
    """The folder that holds an example's row."""
    if example.kind == "perturbed":
        assert example.taxonomy is not None
        return example.taxonomy
    return CLEAN if example.kind == "clean" else PARAPHRASE


def row_of(example: Example) -> Row:
    """The published row of an example: labels made from its spans, and what the licence of its model asks for."""
    words, labels = label_words(example.response, example.errors, example.collateral)
    license, attribution = with_model_terms(example.license, example.attribution, example.model)
    derived = {
        "edits": [edit._asdict() for edit in example.edits],
        "errors": [span._asdict() for span in example.errors],
        "collateral": [span._asdict() for span in example.collateral],
        "words": list(words),
        "labels": list(labels),
        "license": license,
        "attribution": attribution,
    }
    return {name: derived[name] if name in derived else getattr(example, name) for name in FIELDS if name != "image"}


def example_of(row: Mapping[str, Any]) -> Example:
    """The example that a row was made of; what is not published (facts, official split) is absent.

    Raises:
        RowError: an invariant of Example does not hold.
    """
    plain = {name: row[name] for name in FIELDS if name not in ("image", "words", "labels")}
    plain["edits"] = tuple(Edit(**edit) for edit in row["edits"])
    plain["errors"] = tuple(Span(**span) for span in row["errors"])
    plain["collateral"] = tuple(Span(**span) for span in row["collateral"])
    return Example(**plain)


def stored_row(row: Row, image: bytes | None) -> Row:
    """What Parquet holds of a row: numbers for names, and the image or null."""
    numbers = {name: names.index(row[name]) for name, names in CLASS_LABELS.items()}
    return {**row, **numbers, "image": None if image is None else {"bytes": image, "path": None}}


def named_row(stored: Row) -> Row:
    """The reverse of ``stored_row``; the image is left out.

    Raises:
        InputError: a column is missing, or holds what the schema or docs/data-format.md does not allow.
    """
    row = {name: value for name, value in stored.items() if name != "image"}
    _check_types(row)
    for name, names in CLASS_LABELS.items():
        if not isinstance(number := row.get(name), int) or not 0 <= number < len(names):
            raise InputError(f"{name} is {number!r}: allowed are 0 to {len(names) - 1}")
        row[name] = names[number]
    return row


def _check_types(row: Row) -> None:
    for name, feature in FIELDS.items():
        if name in CLASS_LABELS or name == "image":
            continue
        value = row.get(name)
        if feature["_type"] == "List":
            inner = feature["feature"]
            items = value if isinstance(value, list) else [None]
            right = all(_is_value(item, inner) if "_type" in inner else _is_struct(item, inner) for item in items)
        else:
            right = _is_value(value, feature) or (value is None and name in NULLABLE)
        if not right:
            raise InputError(f"{name} is {str(value)[:80]}")


def _is_struct(item: Any, inner: Mapping[str, Any]) -> bool:
    return isinstance(item, dict) and all(_is_value(item.get(name), feature) for name, feature in inner.items())


def _is_value(value: Any, feature: Mapping[str, Any]) -> bool:
    return isinstance(value, str if feature["dtype"] == "string" else int)


def canonical(value: Mapping[str, Any]) -> bytes:
    """One line of JSON that depends on nothing but the values; a lone surrogate stands as its JSON escape.

    >>> canonical({"b": 1, "a": "é"}).decode()
    '{"a":"é","b":1}'
    """
    try:
        return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
    except TypeError:  # a lone surrogate, or a number beyond 64 bits: the same bytes, five times as slow
        return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode(
            errors="backslashreplace"
        )


def row_digest(row: Row) -> bytes:
    """SHA-256 of a row's canonical JSON without its group, which is known only when all rows are."""
    return hashlib.sha256(canonical({name: value for name, value in row.items() if name != "group"})).digest()


def image_digest(image: Mapping[str, Any]) -> bytes:
    """SHA-256 of the canonical JSON of a row of config ``images``, whose ``pixels`` stand for the image."""
    named = {name: image[name] for name in IMAGE_FIELDS if name not in ("image", "phash")}
    return hashlib.sha256(canonical(named)).digest()


class ContentHash:
    """Hash of a set of rows in which their order, and their cutting into files, does not matter."""

    def __init__(self) -> None:
        self._sum = 0

    def add_row(self, split: str, group: str, digest: bytes) -> None:
        """Count in one row, by its ``row_digest``; one of config ``images`` by its ``image_digest``, in group ""."""
        self._add(b"row/" + split.encode() + b"/" + digest + group.encode())

    def add_all(self, other: ContentHash) -> None:
        """Count in everything of another hash."""
        self._sum = (self._sum + other._sum) % 2**256

    def _add(self, content: bytes) -> None:
        self._sum = (self._sum + int.from_bytes(hashlib.sha256(content).digest(), "big")) % 2**256

    def hexdigest(self) -> str:
        """64 hex digits."""
        return f"{self._sum:064x}"


def shards(directory: Path, folder: str, split: str) -> list[Path]:
    """The Parquet files of one folder and split, in order; none where it has no rows."""
    return sorted((directory / folder).glob(f"{split}-*-of-*.parquet"))


def read_stored(path: Path, columns: Iterable[str] | None = None) -> Iterator[Row]:
    """Rows of one Parquet file as stored, a few at a time.

    Raises:
        InputError: the file cannot be read, or a column is missing.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(path) as file:
            for batch in file.iter_batches(batch_size=64, columns=None if columns is None else list(columns)):
                yield from batch.to_pylist()
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: cannot be read: {str(error).splitlines()[0]}") from error


def row_groups(path: Path) -> int:
    """Number of row groups of a Parquet file.

    Raises:
        InputError: it cannot be read.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        return int(pq.read_metadata(path).num_row_groups)
    except (pa.ArrowException, OSError) as error:
        raise InputError(f"{path}: cannot be read: {str(error).splitlines()[0]}") from error


def read_batches(path: Path, columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
    """Some columns of one Parquet file as stored, some thousand rows at a time.

    Raises:
        InputError: the file cannot be read, or a column is missing.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(path) as file:
            yield from file.iter_batches(batch_size=8192, columns=list(columns))
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: cannot be read: {str(error).splitlines()[0]}") from error


def read_places(path: Path, places: Sequence[int]) -> Iterator[Row]:
    """The rows of one Parquet file, without images, that stand at some places, ascending.

    Raises:
        InputError: the file cannot be read.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    columns = [name for name in FIELDS if name != "image"]
    try:
        with pq.ParquetFile(path) as file:
            begin = 0
            for number in range(file.num_row_groups):
                end = begin + file.metadata.row_group(number).num_rows
                if wanted := [place - begin for place in places if begin <= place < end]:
                    yield from map(named_row, file.read_row_group(number, columns).take(wanted).to_pylist())
                begin = end
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: cannot be read: {str(error).splitlines()[0]}") from error


def read_row_group(path: Path, number: int) -> Iterator[Row]:
    """Rows of one row group of a Parquet file as stored.

    Raises:
        InputError: it cannot be read.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(path) as file:
            for batch in file.iter_batches(batch_size=1024, row_groups=[number]):
                yield from batch.to_pylist()
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: cannot be read: {str(error).splitlines()[0]}") from error


def read_rows(directory: Path, folder: str, splits: Iterable[str] = SPLITS) -> Iterator[tuple[str, Row]]:
    """(split, row) of every row of a folder, in order, without images; memory does not grow with their number.

    Raises:
        InputError: a file cannot be read.
    """
    columns = [name for name in FIELDS if name != "image"]
    for split in splits:
        for path in shards(directory, folder, split):
            for stored in (row for batch in read_batches(path, columns) for row in batch.to_pylist()):
                try:
                    row = named_row(stored)
                except InputError as error:
                    raise InputError(f"{path}: row {stored.get('id')}: {error}") from error
                yield split, row
