"""Rows of a built dataset, here or on the Hub, for whatever reads them; needs no torch."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from tldr_data.errors import InputError, UsageError
from tldr_data.loading import load
from tldr_data.manifest import load_manifest

if TYPE_CHECKING:
    import datasets

_COLUMNS = "id group image_id image task prompt response kind taxonomy errors collateral words labels".split()


def manifest_of(place: str) -> dict[str, Any]:
    """Of a dataset in a folder, or of REPO@VERSION."""
    from tldr_data.hub.opening import open_dataset

    return load_manifest(open_dataset(place, ["manifest.json"]))


def has_split(place: str, split: str) -> bool:
    """Whether a dataset has any row of it: without an official split and with ``--splits paper`` none is validation."""
    return any(counts.get(split) for counts in manifest_of(place)["rows"].values())


def table_of(place: str, taxonomy: str, split: str) -> datasets.Dataset:
    """The columns that a model or an evaluation reads, of a folder of a build or REPO@VERSION; images undecoded.

    Raises:
        UsageError: the dataset has no such taxonomy or split.
        InputError: the place is neither, or was built by another version of tldr-data.
        HubError: the Hub has no such dataset or version, or does not answer.
    """
    from datasets import Image

    name, _, version = place.rpartition("@")
    if Path(place).is_dir():
        found = load(place, taxonomy=taxonomy, split=split)
    elif name:
        found = load(name, version=version, taxonomy=taxonomy, split=split)
    else:
        raise InputError(f"{place}: neither a folder nor REPO@VERSION, as in user/name@1.0.0")
    return found.select_columns(_COLUMNS).cast_column("image", Image(decode=False))


def sample(groups: Sequence[str], limit: int | None) -> list[int]:
    """Places of ``limit`` rows, ascending, by the group of every row: the same for everyone; None is all.

    Groups are taken whole (but the last), so that what was made of a reference stays beside it, in the order of their
    SHA-256: the first of a dataset would be of one kind. A larger limit adds rows and takes none away.

    Raises:
        UsageError: the limit is below 1.

    >>> sample(["a", "b", "c", "b", "a"], 3)
    [1, 2, 3]
    """
    if limit is not None and limit < 1:
        raise UsageError(f"--limit is {limit}; allowed: 1 or more")
    digests = {group: hashlib.sha256(group.encode()).digest() for group in set(groups)}
    ranked = sorted(range(len(groups)), key=lambda place: (digests[groups[place]], place))
    return sorted(ranked[:limit])


def column(table: datasets.Dataset, name: str) -> Any:
    """One column as Arrow has it."""
    return table.select_columns([name]).with_format("arrow")[:][name]


def check_images(place: str, table: datasets.Dataset) -> None:
    """Raises InputError where a row has none: now, not after hours; what an address answers is seen only then."""
    missing = np.flatnonzero(column(table, "image").is_null().to_numpy())
    if len(missing):
        first = table[int(missing[0])]["id"]
        raise InputError(f"{place}: {len(missing)} of {len(table)} rows have no image, {first} first: all need one")


def image_numbers(table: datasets.Dataset) -> NDArray[np.int64]:
    """(N,) the number of each row's image; a row whose image has no name has one of its own."""
    ids = column(table, "image_id").combine_chunks().dictionary_encode()
    numbers = np.array(ids.indices.fill_null(-1).to_numpy(), dtype=np.int64)
    unnamed = numbers < 0
    numbers[unnamed] = len(ids.dictionary) + np.arange(unnamed.sum())
    return numbers


def first_places(images: NDArray[np.int64]) -> NDArray[np.int64]:
    """For each image number the place of its first row, 0 where it has none."""
    places = np.zeros(int(images.max(initial=-1)) + 1, np.int64)
    numbers, first = np.unique(images, return_index=True)
    places[numbers] = first
    return places


def rows_at(table: datasets.Dataset, places: Sequence[int]) -> list[dict[str, Any]]:
    """Some rows as the dataset has them, images undecoded."""
    columns = table[list(places)]
    return [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]
