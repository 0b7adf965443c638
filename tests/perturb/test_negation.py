"""Denials: what they reach, where they would be odd or might be true, and that only the written words are BAD."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tldr_data.example import Example, apply_edits
from tldr_data.perturb import alternatives, perturb
from tldr_data.taxonomy import load_taxonomy

COUNTERFACTUAL = load_taxonomy("counterfactual")


def denials(text: str) -> set[str]:
    return {apply_edits(text, found.edits) for found in alternatives(text, COUNTERFACTUAL)}


@pytest.mark.parametrize(
    ("text", "response"),
    [
        ("In the yard, a tall goat is eating hay.", "In the yard, a tall goat is not eating hay."),
        ("The goat is brown and it's looking up.", "The goat is brown and it's not looking up."),
        ("The barn is red and has a tin roof.", "The barn is red and does not have a tin roof."),
        ("The yard is dark and the sky is blue.", "The yard is dark and the sky is not blue."),
        ("A goat that is tied to a post.", "A goat that is not tied to a post."),
        ("The lid of the jar lies beside it.", "The lid of the jar does not lie beside it."),
        ("Two carts stand in a shed that has been painted.", "Two carts stand in a shed that has not been painted."),
        ("A goat on a rock, looking at the sea.", "A goat on a rock, not looking at the sea."),
        ("A bell made of brass.", "A bell not made of brass."),
        ("A couple of geese are brown.", "No geese are brown."),
        ("In the yard, several geese can be seen.", "In the yard, no geese can be seen."),
        ("A table with a vase on it.", "A table with no vase on it."),
        (
            "The jug is white, and the drawing was made in red.",
            "The jug is not white, and the drawing was made in red.",
        ),
        ("The shelf is old and dusty.", "The shelf is not old or dusty."),
        ("The post carries a roof that is old and red.", "The post does not carry a roof that is old and red."),
        ("Behind the shed is a cart.", "Behind the shed is no cart."),
        ("The cup is full, with a spoon beside it.", "The cup is full, with no spoon beside it."),
        ("Behind the shed are green trees.", "Behind the shed are no green trees."),
        ("The water is green, reflecting the rocks.", "The water is green, not reflecting the rocks."),
        ("A shelf with a jug and a bowl.", "A shelf without a jug or a bowl."),
    ],
)
def test_denied(text: str, response: str) -> None:
    assert response in denials(text)


@pytest.mark.parametrize(
    "text",
    [
        "Many geese are not white.",
        "A tooth brush.",
        "One of the doors is open.",
        "Each door is open.",
        "There is a goat that is asleep.",
        "A tree is casting a shadow. Two trees are near.",
        "Goats graze.",
        "A man wearing glasses in order to read.",
        "Part of the roof is visible.",
        "Is the lamp lit?",
        "A washing machine.",
        "The lamp is not old.",
        "The wall is not only tall but also thick.",
        "A girl is going to pitch the ball.",  # not to be seen
        "While the shed is dark, the yard is not.",
        "The path has been cut, leaving a gap.",
        "The bale is split revealing the hay.",
        "The barn is partially visible.",
        "The barn has one.",
        "The barn has",
        "It is a photo.",
        'The words "a goat is brown" in red.',
    ],
)
def test_left_alone(text: str) -> None:
    assert not denials(text)


@pytest.mark.parametrize(
    ("text", "response"),
    [
        ("There is a goat in the yard. It is brown.", "There is no goat in the yard. It is brown."),
        ("A yard with three carts. One is green.", "A yard with no carts. One is green."),
        ("There is a goat in the yard. The animal is brown.", "There is no goat in the yard. The animal is brown."),
        ("There is a cart in the yard. The wheel is red.", "There is no cart in the yard. The wheel is red."),
        ("A man with a goat. The goat is brown.", "A man without a goat. The goat is brown."),
        ("The door is open. The open door is red.", "The door is not open. The open door is red."),
        ("The shed has a lamp. The lamp is lit.", "The shed does not have a lamp. The lamp is lit."),
        ("A boy with a kite with a tail, a drum and a flute.", "A boy with a kite with no tail, a drum and a flute."),
        ("A man with two hats.", "A man without two hats."),
        ("The man with a hat is tall.", "The man without a hat is tall."),
        ("There are no geese or ducks.", "There are some geese or ducks."),
        ("A jar filled with honey.", "A jar filled without honey."),
        ("Two geese are swimming.", "Two geese are not swimming."),  # two others may not be
        ("A chair making machine is old.", "A chair not making machine is old."),
        ("Some geese are white.", "Some geese are not white."),  # others are not
        (
            "The rim is outlined in red, above the red outlining.",
            "The rim is not outlined in red, above the red outlining.",
        ),
        ("A woman with a tooth brush.", "A woman with a tooth do not brush."),
        ("A kite lies on the sand. A crab is near.", "A kite does not lie on the sand. A crab is near."),
        ("A distant town is seen. Ten houses are red.", "No distant town is seen. Ten houses are red."),
        ("Sunlight is hitting the trunk. A shadow is near.", "Sunlight is not hitting the trunk. A shadow is near."),
        ("The goat is brown and has horns.", "The goat is not brown and has horns."),
        ("The jar is framed in red. The frame is thin.", "The jar is not framed in red. The frame is thin."),
        ("A pair of geese is asleep.", "No geese is asleep."),
        ("The goat that is second to the right is brown.", "The goat that is not second to the right is brown."),
        ("There is a cart that is a truck that is red.", "There is a cart that is a truck that is not red."),
        ("The goats are dry--whereas the cart is red.", "The goats are dry--whereas the cart is not red."),
        ("A clock held by a glass covering.", "A clock held by a glass not covering."),
        ("A man holding a plate eating a pear.", "A man holding no plate eating a pear."),
        ("A goat shakes its bell.", "No goat shakes its bell."),
        ("A lamp is shining. A goat sleeps.", "A lamp is not shining. A goat sleeps."),
        ("The pump is idle, docked in a port.", "The pump is not idle, docked in a port."),
        ("Partially visible on the left is a cart.", "Partially visible on the left is not a cart."),
        ("It is on a tin shelf. A dent is in the tin.", "It is not on a tin shelf. A dent is in the tin."),
        ("The water rises and pours into a jug.", "The water rises and does not pour into a jug."),
        ("A tower composed of blocks placed on a wall.", "A tower composed of blocks not placed on a wall."),
        ("There is a goat on a rock and a cart.", "There is no goat on a rock and a cart."),
    ],
)
def test_what_would_contradict_the_rest_or_be_odd_is_not_written(text: str, response: str) -> None:
    assert response not in denials(text)


def test_only_the_written_words_are_bad() -> None:
    text = "The goat sits on a cart."
    example = Example(id="t/1", response=text, source="t", license="CC0-1.0", attribution="", group="t/1")
    row = next(row for row in perturb(example, COUNTERFACTUAL, 0) if "does" in row.response)
    assert [row.response[span.start : span.end] for span in row.errors] == ["does not"]
    assert [row.response[span.start : span.end] for span in row.collateral] == ["sit"]
    assert [span.replaced for span in (*row.errors, *row.collateral)] == ["", "sits"]


@pytest.mark.parametrize("word", ["no", "with", "without", "A", "not", "cannot", "clearly"])
def test_words_of_denial_are_also_taken_back(word: str) -> None:
    texts = (
        "A goat without a bell.", "A goat with a bell.", "No cart is visible.", "There is a cart.",
        "The goat is old.", "The horns can be seen.", "The horns cannot be seen.",
    )  # fmt: skip
    written = {c.replacement.strip() for t in texts for p in alternatives(t, COUNTERFACTUAL) for c in p.changes}
    assert word in written


@given(
    st.lists(
        st.sampled_from(
            "A a the goat goats is are has have with without no not sitting sits sit and , . that it can be seen "
            "cannot there There in yard two open going of".split()
        ),
        min_size=1,
        max_size=25,
    )
)
def test_no_text_gives_a_deletion_or_a_wrong_span(words: list[str]) -> None:
    text = " ".join(words)
    example = Example(id="t/1", response=text, source="t", license="CC0-1.0", attribution="", group="t/1")
    for row in perturb(example, COUNTERFACTUAL, 0):
        assert row.errors  # Example checks edits and spans itself
        assert all(edit.replacement.strip() for edit in row.edits)
        assert "  " not in row.response
