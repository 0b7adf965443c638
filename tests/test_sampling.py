from collections import Counter
from random import Random
from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tldr_data.example import SPLITS
from tldr_data.sampling import choose, kind_of, most_held_out, split_of


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


def test_the_papers_split_has_no_validation() -> None:
    counts = Counter(split_of(f"made/{n}", 0, "paper") for n in range(20_000))
    assert 0.79 < counts["train"] / 20_000 < 0.81
    assert set(counts) == {"train", "test"}


def asked(counts: dict[tuple[str, str], int], images: int) -> tuple[Any, Any, Any]:
    """So many questions of each wording, spread over images in turn."""
    pairs = [pair for pair, number in counts.items() for _ in range(number)]
    kinds = np.array([kind_of(*pair) for pair in pairs], np.int64)
    return kinds, np.arange(len(pairs), dtype=np.uint64) % images, np.arange(len(pairs), dtype=np.uint64) * 7919 % 10007


COLOUR, COUNT, PLACE = ("What color is it?", "Red."), ("How many dogs are there?", "Two."), ("Where is it?", "Left.")


def test_a_sample_has_as_many_of_each_kind_as_there_are() -> None:
    kinds, images, keys = asked({COLOUR: 3000, COUNT: 400, PLACE: 50}, 100)
    chosen = kinds[choose(kinds, images, keys, 600)]
    assert Counter(chosen.tolist()) == {kind_of(*COLOUR): 275, kind_of(*COUNT): 275, kind_of(*PLACE): 50}


def test_no_image_gives_a_second_question_of_a_kind_before_all_gave_one() -> None:
    kinds, images, keys = asked({COLOUR: 1000}, 300)
    taken = Counter(images[choose(kinds, images, keys, 300)].tolist())
    assert len(taken) == 300


@given(st.integers(0, 400), st.randoms(use_true_random=False))
def test_a_sample_has_its_size_and_does_not_hang_on_the_order(size: int, random: Random) -> None:
    kinds, images, keys = asked({COLOUR: 200, COUNT: 90, PLACE: 10}, 40)
    order = list(range(300))
    random.shuffle(order)
    chosen = set(keys[choose(kinds, images, keys, size)].tolist())
    assert len(chosen) == min(size, 300)
    assert set(keys[order][choose(kinds[order], images[order], keys[order], size)].tolist()) == chosen


def test_of_official_splits_the_one_that_is_held_out_wins() -> None:
    assert [most_held_out(splits) for splits in ({"train"}, {"train", "validation"}, set(SPLITS))] == [
        "train",
        "validation",
        "test",
    ]
