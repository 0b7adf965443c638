"""Are two encoded images one picture? The second comparison, of pixels, and all pairs that pass it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from tldr_data.duplicates.groups import Groups
from tldr_data.duplicates.hashes import Hashes, near_distinct
from tldr_data.images import shrunk

Look: TypeAlias = NDArray[np.uint8]

SIDE = 32
_MOST_MEAN = 10
"""Grey levels by which two versions of one picture differ on the average, at most."""
_MOST_LIGHT = 10
"""How many times the average the worst 2 x 2 place may differ in light: encoders err all over."""
_MOST_COLOR = 7.5
"""The same of colour alone, of 4 x 4 places: encoders store it coarser."""
_UNSEEN = 0.5
"""Grey levels that nobody sees: added to the average, so that two good copies need not be equal to the bit."""
_GREY = 8
"""A picture whose channels differ by less everywhere is grey: only its light is compared."""


_LIGHT = np.array([[0.299], [0.587], [0.114]])
"""What red, green and blue give to the light of a grey copy."""


def look(data: bytes, name: str) -> Look:
    """SIDE x SIDE x 3 (3 KB): the picture squeezed small, whatever its shape.

    Raises:
        RowError: reason ``unreadable_image``; ``name`` is the row that it belongs to.
    """
    return np.asarray(shrunk(data, SIDE, name))


def same_look(first: Look, second: Look) -> bool:
    """Whether two looks are of one picture: nothing differs much, and no place much more than all of it does.

    A change of brightness or contrast of the whole is taken out first.
    """
    one, other = first.astype(np.float64), second.astype(np.float64)
    if _is_grey(first) or _is_grey(second):
        one, other = one @ _LIGHT, other @ _LIGHT
    difference = _alike_in_light(one, other) - other
    light = difference @ _LIGHT if difference.shape[2] == 3 else difference
    mean = np.abs(difference).mean()
    scale = mean + _UNSEEN
    is_even = _worst(light, 2) <= _MOST_LIGHT * scale and _worst(difference - light, 4) <= _MOST_COLOR * scale
    return bool(mean <= _MOST_MEAN and is_even)


def _worst(difference: NDArray[np.float64], side: int) -> float:
    """The largest average over a square of that side."""
    places = SIDE - side + 1
    shifts = [(down, right) for down in range(side) for right in range(side)]
    total = sum(difference[down : down + places, right : right + places] for down, right in shifts)
    return float(np.abs(total).max()) / side**2


def _is_grey(pixels: Look) -> bool:
    return int((pixels.max(axis=2) - pixels.min(axis=2)).max()) < _GREY


def _alike_in_light(one: NDArray[np.float64], other: NDArray[np.float64]) -> NDArray[np.float64]:
    """``one`` with the brightness and contrast of ``other``, as far as a slight change of them goes."""
    deviation, wanted = one - one.mean(), other - other.mean()
    spread = (deviation**2).sum()
    gain = (
        np.clip((deviation * wanted).sum() / spread, 0.75, 1.33) if spread > one.size else 1.0
    )  # none to be told in a plain one
    raised = np.clip(other.mean() - gain * one.mean(), -16, 16)
    return np.asarray(gain * one + raised)


def same_picture(first: bytes, second: bytes) -> bool:
    """Whether two encoded images are one picture, encoded again or scaled.

    Raises:
        RowError: reason ``unreadable_image``.
    """
    return same_look(look(first, "the first image"), look(second, "the second image"))


def same_pairs(hashes: Hashes, same: Callable[[int, int], bool]) -> Iterator[tuple[int, int]]:
    """Pairs of rows (of perceptual hashes) that ``same`` says are one picture: enough of them to link all that are.

    A row is compared with one row of each different picture of its hash, then these across near hashes: many equal
    pictures cost one comparison each. ``same`` is not asked about rows that are linked already.
    """
    groups = Groups[int]()
    distinct, inverse = np.unique(hashes, return_inverse=True)
    different: list[list[int]] = [[] for _ in distinct]
    for row, place in enumerate(inverse.reshape(-1).tolist()):
        twin = next((other for other in different[place] if same(other, row)), None)
        if twin is None:
            different[place].append(row)
        else:
            groups.join(twin, row)
            yield twin, row
    for left, right in near_distinct(distinct):
        for place, near in zip(left.tolist(), right.tolist(), strict=True):
            for one in different[place]:
                for other in different[near]:
                    if not groups.together(one, other) and same(one, other):
                        groups.join(one, other)
                        yield min(one, other), max(one, other)
