"""What is judged: rows of a dataset, or of a test set of others, those of one image together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from baselines.outside import read_outside
from baselines.rows import check_images, column, first_places, image_numbers, rows_at, sample, table_of

Row = dict[str, Any]


class Responses(NamedTuple):
    """N rows with the columns of ``baselines.data.encode``."""

    name: str
    images: NDArray[np.int64]
    """(N,) number of each row's image; rows of one image are neighbours."""
    at: Callable[[Sequence[int]], list[Row]]
    """The rows at some places."""


def dataset_responses(place: str, split: str = "test", limit: int | None = None) -> Responses:
    """A split of a built dataset, a folder or REPO@VERSION; ``limit`` responses of it, whole image groups first.

    Raises what ``baselines.rows.table_of`` raises, and InputError where a row has no image.
    """
    table = table_of(place, "all", split)
    check_images(place, table)
    images = image_numbers(table)
    chosen = np.array(sample(column(table, "group").to_pylist(), limit), np.int64)
    chosen = chosen[np.argsort(first_places(images[chosen])[images[chosen]], kind="stable")]

    return Responses(
        f"{split} of {place}", images[chosen], lambda places: rows_at(table, chosen[list(places)].tolist())
    )


def outside_responses(form: str, path: Path, images: Path, limit: int | None = None) -> tuple[Responses, str | None]:
    """A test set of others (``baselines.outside``), and what is to be told of rows that cannot be used."""
    found = read_outside(form, path, images)
    rows = [found.rows[place] for place in sample([row["group"] for row in found.rows], limit)]
    numbers = np.unique([row["image_id"] for row in rows], return_inverse=True)[1]
    order = np.argsort(numbers, kind="stable")
    told = f"{path}: {len(found.refused)} rows are left out, the first: {found.refused[0]}" if found.refused else None
    return Responses(f"{form} {path.name}", numbers[order], lambda places: [rows[order[at]] for at in places]), told
