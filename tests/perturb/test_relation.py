"""Relations and places: what is exchanged, what is left alone, and what the rest of a text forbids."""

import pytest

from tldr_data.example import apply_edits
from tldr_data.perturb import alternatives
from tldr_data.taxonomy import load_taxonomy

TAXONOMY = load_taxonomy("spatial")


def responses(text: str) -> set[str]:
    """Every text that some choice at some site gives."""
    return {apply_edits(text, found.edits) for found in alternatives(text, TAXONOMY)}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Behind the shed are two goats.", "In front of the shed are two goats."),
        ("A stone is in front of it.", "A stone is behind it."),
        ("In the middle is a blue vase.", "On the left is a blue vase."),
        ("A desk with a lamp on it.", "A desk with a lamp under it."),
        ("A desk that has a lamp on it.", "A desk that has a lamp next to it."),
        ("An angled down view of a pond, made up of tiles.", "An angled up view of a pond, made up of tiles."),
        ("A cart is in the lower left corner.", "A cart is in the upper right corner."),
        ("The roof is red and there is a beam at the top.", "The roof is red and there is a beam at the bottom."),
    ],
)
def test_written(text: str, expected: str) -> None:
    assert expected in responses(text)


@pytest.mark.parametrize(
    "text",
    [
        "The inside of the box is blue.",
        "Two men lie in bed.",
        "The beans are in the same bowl as the peas.",
        "A frog is in and next to the pond.",
        "A cake lies on a plate of glass.",
        "A light shines from the top left.",
        "A man follows a goat behind a nun.",
        "Three huts stand there. One is behind the barn, some of them are on the left.",
        "Below the window on the roots are two stars.",
        "The goats stand side by side in a field.",
        "A hut has land on the right. On the right side are two squares of views of land.",
        "A muffin hangs there with a cherry on top.",
        "Two plates lie there, a bun on a plate.",
        "Bread is being toasted on the stove.",
    ],
)
def test_left_alone(text: str) -> None:
    assert not responses(text)


@pytest.mark.parametrize(
    "text",
    [
        "A goat is to the left of a barn. The barn is to the right of the goat.",
        "A goat is on the left. It looks to the left of the barn.",
        "A goat is on the left, in the left corner.",
        "A hut is to the left of the other hut. The hut to the left is full.",
        "A cup stands on the desk. The cup on the desk is full.",
    ],
)
def test_a_place_told_of_again_is_left(text: str) -> None:
    assert not responses(text)


def test_a_pronoun_that_may_stand_for_two_things_is_left() -> None:
    assert "A vase in a shop with a rose outside it." not in responses("A vase in a shop with a rose in it.")


def test_the_middle_has_no_height() -> None:
    text = "In the middle is a vase, a cup is at the top."
    assert not {each for each in responses(text) if "In the middle" not in each and "the left" not in each} - {
        text.replace("In the middle", "On the right"), text.replace("In the middle", "On the right side"),
    }  # fmt: skip


def test_an_area_is_no_other_area() -> None:
    text = "A section of a trunk. An area of bushes is to the right of the trunk."
    assert "A section of a trunk. An area of bushes is to the left of the trunk." in responses(text)


def test_the_places_of_other_things_do_not_count() -> None:
    text = "To the left of the canoe is a hut. The lamp of the pier is on the right."
    assert "To the right of the canoe is a hut. The lamp of the pier is on the right." in responses(text)


def test_what_is_on_one_thing_is_not_put_on_another() -> None:
    text = "A man sits on the ground next to a bench."
    assert "A man sits on the ground on a bench." not in responses(text)


def test_the_same_word_of_another_thing_in_the_sentence_counts() -> None:
    text = "A goat is on the left, and a cow is on the right."
    assert not {"A goat is on the right, and a cow is on the right."} & responses(text)
    assert "A goat is behind a barn, and a cow is behind a hut." not in responses(
        "A goat is in front of a barn, and a cow is behind a hut."
    )


def test_words_after_glued_quotation_marks_are_the_captions_own() -> None:
    assert 'It says,"GO". To the right is a hut.' in responses('It says,"GO". To the left is a hut.')
    assert 'It reads "GO." To the right is a hut.' in responses('It reads "GO." To the left is a hut.')
    assert not responses('It says,"to the left".')
