"""Adjectives: what a text says elsewhere of the same thing's colour, and colours that one animal may have."""

import pytest

from tldr_data.perturb import alternatives
from tldr_data.taxonomy import load_taxonomy

TAXONOMY = load_taxonomy("attribute")


def written(text: str) -> set[str]:
    """Every word that some choice writes in the place of another."""
    return {change.replacement for each in alternatives(text, TAXONOMY) for change in each.changes}


@pytest.mark.parametrize(
    ("text", "never", "still"),
    [
        ("A boat is on green water. The boat is long. The water is dark.", {"white", "yellow"}, "red"),
        ("A brown shirt hangs there. It has a seam. The bright shirt is dry.", {"black"}, "blue"),
        ("A gray kitten sleeps.", {"blue"}, "red"),
        ("A gray cart stands there.", {"red cart"}, "blue"),
        ("A dark green oak leaf lies there.", {"dark red"}, "blue"),
        ("A white fox sleeps.", {"red"}, "blue"),
        ("A white poster hangs there. The poster has black text.", {"black"}, "blue"),
        ("A white poster hangs there. It has red letters. A black cat sits.", {"red"}, "black"),
        (
            "A post has a black sign on it. From top to bottom: a logo; a white horizontal bar; small red text.",
            {"white", "red"},
            "blue",
        ),
        (
            "A black stair leads up. A man sits. A goat rests. A one in white typography. It is on the stair.",
            {"black"},
            "blue",
        ),
        ("A cat has white legs. The cat is gray with brown patches.", {"gray"}, "red"),
        ("The bulb is yellow.", {"black", "gray", "brown"}, "red"),
        ("Several brown, dried leaves lie there.", {"green"}, "blue"),
        ("A lush green field lies there.", {"white", "blue"}, "yellow"),
        ("The sky has a blue color. The sky has a whitish tint.", {"white"}, "red"),
    ],
)
def test_a_colour_that_may_be_true_is_never_written(text: str, never: set[str], still: str) -> None:
    found = written(text)
    assert not never & found
    assert still in found


@pytest.mark.parametrize(
    "text",
    [
        "The tent has a beige brown trim.",
        "A white van is parked there. There is another white truck.",
        "An aged curb lies there. The old curb is long.",
        "Bulbs that shine yellow hang there.",
        "A gold statue of metal stands there.",
    ],
)
def test_a_colour_told_beside_another_or_again_is_left(text: str) -> None:
    assert not written(text)
