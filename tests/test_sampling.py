from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from tldr_data.example import SPLITS, Example
from tldr_data.sampling import split_of, split_of_example


@given(st.text(), st.integers())
def test_the_split_hangs_on_group_and_seed_alone(group: str, seed: int) -> None:
    assert split_of(group, seed) == split_of(group, seed)
    assert split_of(group, seed) in SPLITS


def test_shares_are_80_10_10() -> None:
    counts = Counter(split_of(f"made/{n}", 0) for n in range(20_000))
    assert 0.79 < counts["train"] / 20_000 < 0.81
    assert 0.09 < counts["validation"] / 20_000 < 0.11


def test_another_seed_is_another_split() -> None:
    groups = [f"made/{n}" for n in range(1000)]
    moved = sum(split_of(group, 0) != split_of(group, 1) for group in groups)
    assert 250 < moved < 450  # 34% where splits are independent


def test_an_official_split_overrides() -> None:
    row = {"id": "a", "response": "A cup.", "source": "s", "license": "l", "attribution": "", "group": "g"}
    for split in SPLITS:
        assert split_of_example(Example(**row, split=split), 0) == split
    assert split_of_example(Example(**row), 0) == split_of("g", 0)
