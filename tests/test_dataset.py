import json
import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tldr_data.dataset import (
    FIELDS,
    IMAGE_FIELDS,
    ContentHash,
    canonical,
    example_of,
    named_row,
    row_of,
    schema_of,
    stored_row,
)
from tldr_data.errors import InputError
from tldr_data.example import Edit, Example, Span
from tldr_data.labels import BAD, GOOD, IGNORE
from tldr_data.manifest import load_manifest

CLEAN = Example(
    id="made/1", response="A red cup is here.", source="made", license="CC0-1.0", attribution="", group="made/1"
)
PERTURBED = Example(
    id="made/1#counting.1a2b3c",
    response="Two blue cups are here.",
    reference="A red cup is here.",
    kind="perturbed",
    taxonomy="counting",
    subtype="number",
    edits=(Edit(0, 12, "Two blue cups are"),),
    errors=(Span(0, 3, "A"), Span(4, 8, "red")),
    collateral=(Span(9, 13, "cup"), Span(14, 17, "is")),
    verdict="proved",
    evidence="count of cup is 1",
    source="made",
    license="CC0-1.0",
    attribution="nobody",
    group="made/1",
    image_id="made/1",
)


@pytest.mark.parametrize("example", [CLEAN, PERTURBED], ids=["clean", "perturbed"])
def test_a_row_gives_back_its_example(example: Example) -> None:
    row = row_of(example)
    assert example_of(row) == example
    assert named_row(stored_row(row, b"image")) == row
    assert json.loads(canonical(row)) == row


def test_labels_follow_from_the_spans() -> None:
    row = row_of(PERTURBED)
    assert row["words"][:5] == ["Two", "blue", "cups", "are", "here"]
    assert row["labels"][:5] == [BAD, BAD, IGNORE, IGNORE, GOOD]


def test_the_row_has_every_declared_column_and_no_other() -> None:
    assert [*row_of(CLEAN)] == [name for name in FIELDS if name != "image"]
    assert set(stored_row(row_of(CLEAN), None)) == set(FIELDS)


def test_an_unknown_class_number_is_refused() -> None:
    stored = stored_row(row_of(CLEAN), None)
    with pytest.raises(InputError, match="kind is 7: allowed are 0 to 2"):
        named_row({**stored, "kind": 7})


@pytest.mark.parametrize(("folder", "fields"), [("clean", FIELDS), ("images", IMAGE_FIELDS)])
def test_the_schema_is_what_datasets_would_write(folder: str, fields: dict[str, object]) -> None:
    datasets = pytest.importorskip("datasets")
    features = datasets.Features.from_arrow_schema(schema_of(folder))
    assert list(features) == list(fields)
    written = features.arrow_schema
    assert schema_of(folder).equals(written)
    assert json.loads(schema_of(folder).metadata[b"huggingface"]) == json.loads(written.metadata[b"huggingface"])


@given(st.lists(st.binary(), max_size=8), st.integers())
def test_the_content_hash_does_not_hang_on_order_or_cutting(rows: list[bytes], seed: int) -> None:
    whole = ContentHash()
    for row in rows:
        whole.add_row("train", "g", row)
    random.Random(seed).shuffle(rows)
    cut = random.Random(seed).randint(0, len(rows))
    parts = ContentHash(), ContentHash()
    for place, row in enumerate(rows):
        parts[place < cut].add_row("train", "g", row)
    parts[0].add_all(parts[1])
    assert parts[0].hexdigest() == whole.hexdigest()


@pytest.mark.parametrize("other", [("train", b"{}", b"{}"), ("test", b"{}"), ("train", b"[]")])
def test_the_content_hash_sees_what_differs(other: tuple[str, bytes]) -> None:
    hashes = []
    for split, *rows in (("train", b"{}"), other):
        content = ContentHash()
        for row in rows:
            content.add_row(split, "g", row)
        hashes.append(content.hexdigest())
    assert hashes[0] != hashes[1]


def test_a_folder_without_a_manifest_is_no_build(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"no manifest\.json"):
        load_manifest(tmp_path)
    (tmp_path / ".work").mkdir()
    with pytest.raises(InputError, match="unfinished build"):
        load_manifest(tmp_path)
    with pytest.raises(InputError, match="no such folder"):
        load_manifest(tmp_path / "nowhere")
