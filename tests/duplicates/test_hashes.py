import time
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tldr_data.duplicates.hashes import NEAR, near_pairs

HASH = st.integers(0, 2**64 - 1)


def near(first: int, second: int) -> bool:
    return (first ^ second).bit_count() <= NEAR


def found(hashes: list[int]) -> list[tuple[int, int]]:
    return list(near_pairs(np.array(hashes, dtype=np.uint64)))


@settings(deadline=None)
@given(HASH, st.lists(st.sets(st.integers(0, 63), max_size=8), max_size=30), st.lists(HASH, max_size=10))
def test_every_near_pair_of_different_hashes_comes_once(first: int, flips: list[set[int]], others: list[int]) -> None:
    hashes = sorted({first ^ sum(1 << bit for bit in bits) for bits in flips} | set(others), key=lambda one: one % 1009)
    expected = {(i, j) for i, j in combinations(range(len(hashes)), 2) if near(hashes[i], hashes[j])}
    pairs = found(hashes)
    assert set(pairs) == expected
    assert len(pairs) == len(expected)


def test_equal_hashes_are_paired_with_their_first() -> None:
    assert sorted(found([5, 2**63 - 1, 5, 5, 4])) == [(0, 2), (0, 3), (0, 4)]


@pytest.mark.parametrize("hashes", [[], [7]])
def test_where_there_is_no_pair(hashes: list[int]) -> None:
    assert found(hashes) == []


def test_the_number_of_equal_hashes_does_not_matter() -> None:
    began = time.process_time()
    assert sum(1 for _ in near_pairs(np.zeros(300_000, dtype=np.uint64))) == 299_999
    assert time.process_time() - began < 5


def test_planted_pairs_are_found_among_many() -> None:
    rng = np.random.default_rng(0)
    hashes = rng.integers(0, 2**64, 6000, dtype=np.uint64)
    flips = np.array(
        [sum(1 << int(bit) for bit in rng.choice(64, NEAR, replace=False)) for _ in range(1000)], dtype=np.uint64
    )
    hashes[5000:] = hashes[:1000] ^ flips
    assert {(row, row + 5000) for row in range(1000)} <= set(near_pairs(hashes))
