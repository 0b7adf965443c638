"""Pairs of 64-bit hashes that differ in few bits, without comparing each with each."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Hashes: TypeAlias = NDArray[np.uint64]
Rows: TypeAlias = NDArray[np.intp]

NEAR = 10
"""Bits in which the perceptual hashes of two versions of one picture may differ (docs/decisions.md has the figures)."""

_BANDS = ((0, 11), (11, 11), (22, 11), (33, 11), (44, 10), (54, 10))
"""First bit and width of each. Hashes that differ in at most 11 bits differ in at most one bit of one of six bands."""

_AT_ONCE = 1 << 22
"""Pairs that are held in memory at a time."""


def near_pairs(hashes: Hashes) -> Iterator[tuple[int, int]]:
    """Rows (first < second) whose hashes differ in at most NEAR bits, every such pair of different hashes once.

    Of equal hashes the first row stands for all: the others are paired with it alone, so that very many equal ones
    (blank pictures) cost no more than one pass.
    """
    distinct, first, inverse = np.unique(hashes, return_index=True, return_inverse=True)
    follows = first[inverse.reshape(-1)]
    later = np.flatnonzero(follows != np.arange(len(hashes)))
    yield from zip(follows[later].tolist(), later.tolist(), strict=True)
    for left, right in near_distinct(distinct):
        one, other = first[left], first[right]
        yield from zip(np.minimum(one, other).tolist(), np.maximum(one, other).tolist(), strict=True)


def near_distinct(hashes: Hashes) -> Iterator[tuple[Rows, Rows]]:
    """Pairs of rows, in arrays, whose hashes differ in at most NEAR bits; no hash may occur twice."""
    for number, (shift, width) in enumerate(_BANDS):
        for left, right in _one_bit_apart(_band(hashes, shift, width), width):
            differing = hashes[left] ^ hashes[right]
            near = np.flatnonzero(np.bitwise_count(differing) <= NEAR)
            found = near[~_found_before(differing[near], number)]
            if len(found):
                yield left[found], right[found]


def _band(values: Hashes, shift: int, width: int) -> Hashes:
    return values >> np.uint64(shift) & np.uint64((1 << width) - 1)


def _found_before(differing: Hashes, number: int) -> NDArray[np.bool_]:
    """Whether an earlier band has already brought the two together."""
    before = np.zeros(len(differing), dtype=bool)
    for shift, width in _BANDS[:number]:
        before |= np.bitwise_count(_band(differing, shift, width)) <= 1
    return before


def _one_bit_apart(keys: Hashes, width: int) -> Iterator[tuple[Rows, Rows]]:
    """Every pair of rows once whose keys are equal or differ in one bit."""
    order = np.argsort(keys, kind="stable")
    ordered = keys[order].astype(np.intp)
    start = np.searchsorted(ordered, np.arange((1 << width) + 1))
    places = np.arange(len(order))
    for left, right in _expanded(places, places + 1, start[ordered + 1]):
        yield order[left], order[right]
    for bit in range(width):
        low = places[ordered >> bit & 1 == 0]  # its partner has the bit: so each pair comes once
        partner = ordered[low] | 1 << bit
        for left, right in _expanded(low, start[partner], start[partner + 1]):
            yield order[left], order[right]


def _expanded(rows: Rows, begin: Rows, end: Rows) -> Iterator[tuple[Rows, Rows]]:
    """Each row with every place from its begin to its end, some millions of pairs at a time."""
    total = np.cumsum(end - begin)
    at = 0
    while at < len(rows):
        done = total[at - 1] if at else 0
        stop = max(at + 1, int(np.searchsorted(total, done + _AT_ONCE, side="right")))
        counts = end[at:stop] - begin[at:stop]
        before = np.cumsum(counts) - counts
        within = np.arange(int(counts.sum())) - np.repeat(before, counts)
        yield np.repeat(rows[at:stop], counts), np.repeat(begin[at:stop], counts) + within
        at = stop
