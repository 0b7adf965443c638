"""What is known of each clean example of a chunk, for all that only the whole build shows: one row of entries.arrow."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from tldr_data.building.row_parts import read_table, write_table
from tldr_data.duplicates.texts import pair_key, text_bands
from tldr_data.example import Example, ImageTerms
from tldr_data.facts import Facts
from tldr_data.images import ImageFacts
from tldr_data.sources import DRAWN

if TYPE_CHECKING:
    import pyarrow as pa

FILE = "entries.arrow"


@dataclass(slots=True)
class Entry:
    """One clean example; what follows ``kept`` is known only of those that may be published.

    Keys are 64-bit hashes, 0 where there is nothing: a build is settled by arrays of them.
    """

    id: str
    kept: bool = False
    task: str = ""
    group: str = ""
    image_id: str | None = None
    split: str | None = None
    """Official split, where the source has one."""
    image: str | None = None
    """SHA-256 of the encoded image."""
    phash: str | None = None
    """None for drawn images, which are told apart by their facts."""
    image_bytes: int = 0
    """Of the encoded image."""
    image_source: str | None = None
    image_license: str | None = None
    """Of the image, which need not be the row's; this and the next two only where there is an image."""
    image_attribution: str | None = None
    image_url: str | None = None
    rows: int = 0
    """This one and what was made of it."""
    sites: list[str] = field(default_factory=list)
    """Taxonomies that have a site in it, each as often as a row was tried."""
    id_key: int = 0
    group_key: int = 0
    image_key: int = 0
    digest_key: int = 0
    pixels_key: int = 0
    """Of the decoded pixels."""
    drawn_key: int = 0
    """Of the facts that an image was drawn from."""
    pair_key: int = 0
    """Of a question with its answer, as ``pair_key`` reads them."""
    bands: bytes | None = None
    """Of a text of 8 words or more, by which those near it are found."""


def entry_of(example: Example, image: ImageFacts | None) -> Entry:
    """The entry of an example that may be published."""
    drawn = example.source in DRAWN
    is_pair = example.task == "vqa"
    terms = example.image_terms or ImageTerms(example.license, example.attribution)
    return Entry(
        example.id,
        True,
        example.task,
        example.group,
        example.image_id,
        example.split,
        image=image.digest if image else None,
        phash=image.phash if image and not drawn else None,
        image_bytes=len(image.data) if image else 0,
        image_source=example.source if image else None,
        image_license=terms.license if image else None,
        image_attribution=terms.attribution if image else None,
        image_url=terms.url if image else None,
        id_key=key64(example.id),
        group_key=key64(example.group),
        image_key=key64(example.image_id) if example.image_id is not None else 0,
        digest_key=key64(image.digest) if image else 0,
        pixels_key=key64(image.pixels) if image else 0,
        drawn_key=_facts_key(example.facts) if drawn and example.facts else 0,
        pair_key=pair_key(example.prompt, example.response) if is_pair else 0,
        bands=None if drawn else _bands(example.response),
    )


def rejected_entry(example_id: str) -> Entry:
    """An example that was thrown away only takes up its id."""
    return Entry(example_id.encode(errors="replace").decode(), id_key=key64(example_id))


def _bands(text: str) -> bytes | None:
    bands = text_bands(text)
    return None if bands is None else bands.tobytes()


def _facts_key(facts: Facts) -> int:
    return key64(repr((facts.things, facts.relations, facts.signs)))


def key64(text: str) -> int:
    """A hash from 1 to 2**64 - 1."""
    return int.from_bytes(hashlib.blake2b(text.encode(errors="surrogatepass"), digest_size=8).digest(), "big") or 1


def write_entries(chunk: Path, entries: list[Entry]) -> None:
    """Write the entries of a chunk.

    Raises:
        BuildError: the disk does not take it.
    """
    import pyarrow as pa

    schema = entry_schema()
    columns = [pa.array([getattr(entry, name) for entry in entries], schema.field(name).type) for name in schema.names]
    write_table(chunk / FILE, pa.Table.from_arrays(columns, schema=schema))


def read_entries(chunk: Path) -> pa.Table:
    """The entries of a chunk that is done, in the order of its rows."""
    return read_table(chunk / FILE)


@cache
def entry_schema() -> pa.Schema:
    """The fields of ``Entry``."""
    import pyarrow as pa

    text, key = pa.string(), pa.uint64()
    shared = pa.dictionary(pa.int32(), text)  # the same for all questions about an image
    types = {
        "kept": pa.bool_(),
        "image_bytes": pa.int64(),
        "rows": pa.int32(),
        "sites": pa.list_(text),
        "bands": pa.binary(),
        **dict.fromkeys(("image_source", "image_license", "image_attribution", "image_url"), shared),
        **dict.fromkeys(("id_key", "group_key", "image_key", "digest_key", "pixels_key", "drawn_key", "pair_key"), key),
    }
    return pa.schema([(name, types.get(name, text)) for name in Entry.__dataclass_fields__])
