import random

from hypothesis import given
from hypothesis import strategies as st

from tldr_data.duplicates.groups import Groups, linked

PAIRS = st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)))


@given(PAIRS, st.randoms(use_true_random=False))
def test_the_order_of_the_pairs_changes_nothing(pairs: list[tuple[int, int]], rng: random.Random) -> None:
    turned = [pair[::-1] for pair in rng.sample(pairs, len(pairs))]
    assert linked(pairs) == linked(turned)


@given(PAIRS)
def test_every_member_has_the_smallest_name_that_can_be_reached(pairs: list[tuple[int, int]]) -> None:
    name = {member: member for pair in pairs for member in pair}
    for _ in name:
        for one, other in pairs:
            name[one] = name[other] = min(name[one], name[other])
    assert linked(pairs) == {member: smallest for member, smallest in name.items() if member != smallest}


def test_names_are_compared_as_text() -> None:
    groups = Groups[str]()
    assert groups.join("vg/10", "vg/9")
    assert groups.join("coco/7", "vg/9")
    assert not groups.join("vg/10", "coco/7")
    assert groups.members() == {"vg/10": "coco/7", "vg/9": "coco/7"}
    assert groups.together("vg/10", "vg/9")
    assert not groups.together("vg/10", "vg/11")


def test_a_long_chain_is_no_deep_recursion_and_no_long_way() -> None:
    chain = ((number, number - 1) for number in range(200_000, 0, -1))
    assert set(linked(chain).values()) == {0}
