"""Attributes swapped between two things: where they may be, and what is written."""

import pytest

from tldr_data.example import Example, apply_edits
from tldr_data.perturb import alternatives, perturb
from tldr_data.taxonomy import load_taxonomy

BINDING = load_taxonomy("binding")


def responses(reference: str) -> set[str]:
    return {apply_edits(reference, found.edits) for found in alternatives(reference, BINDING)}


def test_every_pair_is_offered_once() -> None:
    assert responses("A red mug, a blue plate and a yellow spoon.") == {
        "A blue mug, a red plate and a yellow spoon.",
        "A yellow mug, a blue plate and a red spoon.",
        "A red mug, a yellow plate and a blue spoon.",
    }


def test_both_attributes_are_bad_and_their_articles_collateral() -> None:
    reference = Example(
        id="a/1", response="An orange tie and a blue vest.", source="a", license="CC0-1.0", attribution="", group="1"
    )
    (example,) = perturb(reference, BINDING, seed=0)
    assert example.response == "A blue tie and an orange vest."
    assert [(example.response[s.start : s.end], s.replaced) for s in example.errors] == [
        ("blue", "orange"), ("orange", "blue"),
    ]  # fmt: skip
    assert [example.response[s.start : s.end] for s in example.collateral] == ["A", "an"]


def test_swapping_twice_gives_the_reference() -> None:
    reference = "A woman in a green coat walks past a white van."
    (there,) = responses(reference)
    assert responses(there) == {reference}


def test_case_follows_the_place() -> None:
    assert responses("Red tulips stand in a blue jar.") == {"Blue tulips stand in a red jar."}


def test_a_thing_named_again_is_changed_there_too() -> None:
    reference = "A red kayak lies beside a yellow tent. The red kayak is wet."
    assert responses(reference) == {"A yellow kayak lies beside a red tent. The yellow kayak is wet."}


def test_new_things_of_the_same_name_are_told_apart_but_not_known_ones() -> None:
    text = "A dark red van is near a green tent. {} red van is old."
    assert "A green van is near a dark red tent. A red van is old." in responses(text.format("A"))
    assert not responses(text.format("The"))


def test_another_of_the_same_name_stays_where_both_adjectives_exclude_it() -> None:
    reference = "A white pony and a black pony stand beside a blue cart."
    assert responses(reference) == {
        "A blue pony and a black pony stand beside a white cart.",
        "A white pony and a blue pony stand beside a black cart.",
    }
    assert not responses("A white pony and a blue pony stand beside a blue cart.")


def test_a_surface_never_gets_the_colour_of_its_writing() -> None:
    assert responses("A white poster beside a red stoop. A notice has red text.") == {
        "A red poster beside a red stoop. A notice has white text."
    }
    assert responses("A white poster beside a black stoop. The poster has black text.") == {
        "A black poster beside a black stoop. The poster has white text."
    }


def test_a_marking_never_gets_the_colour_of_what_bears_it() -> None:
    assert responses("A white cat with black patches beside a red wall.") == {
        "A red cat with black patches beside a white wall.",
        "A white cat with red patches beside a black wall.",
    }
    assert not responses("A blue sky with white clouds above a white road.")


def test_dry_grass_may_swap_with_green_bushes() -> None:
    assert responses("Tall dry grass beside green bushes.") == {"Tall green grass beside dry bushes."}


def test_predicates_and_colours_without_a_noun() -> None:
    assert responses("The hull of the boat is red and the mast is white.") == {
        "The hull of the boat is white and the mast is red."
    }
    assert responses("A girl in yellow plays on a black piano.") == {"A girl in black plays on a yellow piano."}
    assert responses("A red door stands beside a pole which is mostly green.") == {
        "A green door stands beside a pole which is mostly red."
    }


@pytest.mark.parametrize(
    "reference",
    [
        "A red cup stands alone.",
        "A red cup and a red plate.",
        "A red sofa beside a blue couch.",
        "A copper pig beside a black stoop.",
        "A silver statue beside a black stoop.",
        "A tall tree beside a small rock.",
        "A blue oak leaf beside a red mug.",
        "A brown dog and a white fence. The animal is brown.",
        "A red car and a blue truck. It is blue at the back.",
        "A white jeep beside a red tent. Another white jeep stands there.",
        "A red and white ball on a blue mat.",
        "A red boat beside a blue-striped tent.",
        'A "red" label on a blue bottle.',
        "The Red Sea behind a blue parasol.",
        "A silver spoon beside a gray napkin.",
        "The top is white and the cup is red.",
        "An oak table beside a red chair.",
        "Two yellow apples rest on a mat. Two red apples lie there.",
    ],
)
def test_left_alone(reference: str) -> None:
    assert not responses(reference)
