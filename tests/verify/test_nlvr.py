"""NLVR's language against scenes made by hand, against counting, and against the labels that people gave."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tldr_data.errors import RowError
from tldr_data.example import Edit, Example, Span
from tldr_data.facts import CLAIMS, Facts, Thing
from tldr_data.sources.nlvr import Nlvr
from tldr_data.verify import verify
from tldr_data.verify.nlvr import judge_sentence

SHARED = Path(__file__).parents[2] / ".." / "shared" / "data" / "nlvr"
SIZES = {"small": 10, "medium": 20, "large": 30}
Shape = tuple[str, str, str, int, int]


def facts(*boxes: list[Shape]) -> Facts:
    """Boxes of (size, colour, shape, x, y)."""
    things = [Thing("box", ("gray",), box=(150 * n, 0, 150 * n + 100, 100)) for n in range(len(boxes))]
    for n, shapes in enumerate(boxes):
        for size, colour, shape, x, y in shapes:
            box = (150 * n + x, y, 150 * n + x + SIZES[size], y + SIZES[size])
            things.append(Thing(shape, (colour,), size, box=box))
    return Facts(tuple(things), exhaustive=frozenset(CLAIMS), canvas=(400, 100), idiom="nlvr")


def tower(*colours: str) -> list[Shape]:
    """A tower, from the bottom up."""
    return [("medium", colour, "square", 40, 80 - 21 * level) for level, colour in enumerate(colours)]


TOWERS = facts(tower("yellow", "blue", "blue", "black"), tower("black"), tower("yellow", "black"))
LOOSE = facts(
    [("small", "black", "circle", 0, 50), ("large", "yellow", "triangle", 40, 40)],
    [("medium", "blue", "square", 80, 80), ("small", "blue", "circle", 50, 89)],
    [],
)
TRUE = {
    "There is a tower with four blocks.": TOWERS,
    "there are exactly two towers with a yellow block at the base": TOWERS,
    "There is a blue block above a yellow block.": TOWERS,
    "There is a blue block above a blue block.": TOWERS,
    "ll 3 towers have at least 1 black block": TOWERS,
    "There is a tower with a yellow block, two blue blocks and a black block.": TOWERS,
    "The top of the four block tower is black.": TOWERS,
    "There is no tower with exactly three blocks.": TOWERS,
    "At least two of the towers have yellow bases.": TOWERS,
    "There is a black tower with only one block.": TOWERS,
    "There is 1 tower with blocks of all 3 colours": TOWERS,
    "There is a tower with no blue blocks and a black block at the top": TOWERS,
    "There is a black block as the top of a tower with at least four blocks.": TOWERS,
    "There is a tower with only yellow and black blocks": TOWERS,
    "There is a square touching a corner": LOOSE,
    "Exactly one of the grey boxes contains a blue item touching the bottom": LOOSE,
    "There is a box with only blue items": LOOSE,
    "there is one black circle touching the left wall": LOOSE,
    "None of the triangles are touching a wall": LOOSE,
    "There is a large yellow triangle and at least one small black circle": LOOSE,
    "There are two blue items": LOOSE,
}
FALSE = {
    "There is a tower with five blocks.": TOWERS,
    "There is a tower with three blocks.": TOWERS,
    "There is a red block as the base of a tower.": TOWERS,
    "There is a yellow block above a black block.": TOWERS,
    "The base of the four block tower is blue.": TOWERS,
    "There are three towers with a yellow block at the base": TOWERS,
    "Each tower has a blue block": TOWERS,
    "There is no blue block.": TOWERS,
    "There is a fountain with four blocks.": TOWERS,
    'There is a tower marked "ACME" with four blocks.': TOWERS,
    "There is a tower with a yellow block at the top": TOWERS,
    "There are more than two black circles": LOOSE,
    "there is a yellow triangle touching the edge": LOOSE,
    "There is a star.": LOOSE,
    "All boxes contain a blue item": LOOSE,
}
OPEN = {
    "There are two black blocks.": "there are three: exactly or at least?",
    "There are exactly two towers with a yellow block below a black block.": "right below, or anywhere?",
    "There is a crimson-ish block.": "not a word of the grammar",
    "There is a navy block.": "a blue one?",
    "There is a tower with a black block that I like.": "words are left over",
    "There is a tall tower.": "how tall?",
    "": "says nothing",
}  # fmt: skip


@pytest.mark.parametrize("text", TRUE)
def test_true_sentences(text: str) -> None:
    assert judge_sentence(text, TRUE[text]).value is True


@pytest.mark.parametrize("text", FALSE)
def test_false_sentences(text: str) -> None:
    assert judge_sentence(text, FALSE[text]).value is False


@pytest.mark.parametrize("text", OPEN)
def test_what_people_would_not_agree_on_is_open(text: str) -> None:
    assert judge_sentence(text, TOWERS).value is None


def test_almost_touching_is_open() -> None:
    assert judge_sentence("There is a small blue circle touching the bottom", LOOSE).value is None


def test_counting_before_and_after_a_clause_must_agree() -> None:
    text = "There is a tower with only one block which is {}"
    assert judge_sentence(text.format("black"), facts(tower("black"), tower("blue", "blue"))).value is True
    assert judge_sentence(text.format("blue"), facts(tower("black"), tower("blue", "black"))).value is None


def test_evidence_is_the_count_in_the_words_of_the_sentence() -> None:
    assert judge_sentence("There is a Red block.", TOWERS).evidence == "Red block: 0"


COLOURS = ("black", "blue", "yellow")
SHAPES = ("circle", "square", "triangle")
PLACE = st.integers(0, 70)
SHAPE = st.tuples(st.sampled_from(list(SIZES)), st.sampled_from(COLOURS), st.sampled_from(SHAPES), PLACE, PLACE)
SAID = {"exactly": int.__eq__, "at least": int.__ge__, "at most": int.__le__, "more than": int.__gt__}


@given(st.lists(st.lists(SHAPE, min_size=2, max_size=6), min_size=3, max_size=3), st.data())
def test_counts_are_those_of_counting(boxes: list[list[Shape]], data: st.DataObject) -> None:
    colour, shape = data.draw(st.sampled_from(COLOURS)), data.draw(st.sampled_from(SHAPES))
    said, number = data.draw(st.sampled_from(list(SAID))), data.draw(st.integers(0, 6))
    counts = [sum(c == colour and s == shape for _, c, s, _, _ in box) for box in boxes]
    text = f"There are {said} {number} {colour} {shape}s"
    scene = facts(*boxes)
    assert judge_sentence(text, scene).value is SAID[said](sum(counts), number)
    right = sum(SAID[said](count, number) for count in counts)
    text = f"There are exactly {right} boxes with {said} {number} {colour} {shape}s."
    assert judge_sentence(text, scene).value is True


WORDS = 'there is a no the tower box block blue of with that top at least 2 " , touching'.split()


@given(st.text(max_size=60) | st.lists(st.sampled_from(WORDS), max_size=12).map(" ".join))
def test_no_text_makes_it_fail(text: str) -> None:
    assert judge_sentence(text, TOWERS).value in (True, False, None)


def edited(reference: str, old: str, new: str) -> Example:
    start = reference.index(old)
    edits = (Edit(start, start + len(old), new),)
    return Example(
        id="nlvr/dev-1-0#counting.000000", response=reference.replace(old, new, 1), reference=reference,
        kind="perturbed", edits=edits, source="nlvr", license="CC-BY-4.0", attribution="", group="nlvr/dev-1",
        errors=(Span(start, start + len(new), old),), facts=TOWERS,
    )  # fmt: skip


def test_an_edit_is_proved_only_if_the_reference_is_true_and_the_edit_false() -> None:
    found = verify(edited("There is a tower with four blocks.", "four", "six"))
    assert found == ("proved", "tower with six blocks: 0", None)
    assert verify(edited("There is a black block.", "black", "blue")).reason == "not_contradicted"
    assert verify(edited("There is a tower with six blocks.", "six", "seven")).reason == "not_contradicted"
    assert verify(edited("There is a glorious block.", "glorious", "red")).reason == "not_contradicted"


@pytest.mark.skipif(not SHARED.is_dir(), reason="real data is not there")
def test_every_decided_sentence_agrees_with_its_label() -> None:
    source = Nlvr(path=SHARED, seed=0, limit=None)
    decided = agreed = 0
    lines = list(source.rows())
    for line in lines:
        label = json.loads(line.data)["label"]
        line = line._replace(data=line.data.replace(b'"label": "false"', b'"label": "true"'))
        (row,) = source.examples(line)
        assert not isinstance(row, RowError)
        assert row.facts is not None
        value = judge_sentence(row.response, row.facts).value
        decided += value is not None
        agreed += value is (label == "true")
    assert len(lines) == 200
    assert decided >= 150
    assert agreed == decided
