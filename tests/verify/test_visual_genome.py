"""What a photograph's incomplete annotation can prove, and what it cannot."""

from __future__ import annotations

from pathlib import Path

import pytest

from tldr_data.errors import RowError
from tldr_data.example import Edit, Example, Span
from tldr_data.facts import Facts, Relation, Thing
from tldr_data.sources.visual_genome import VisualGenome
from tldr_data.verify import verify, weigh

SHARED = Path(__file__).parents[2] / ".." / "shared" / "data" / "visual_genome"
THINGS = (
    Thing("couch", ("purple", "cloth"), box=(100, 200, 360, 380), aliases=("futon",)),
    Thing("white pillow", box=(180, 220, 290, 300)),
    Thing("statue", ("black", "tall"), box=(520, 60, 560, 210)),
    Thing("table", ("wooden", "empty"), box=(410, 240, 630, 430)),
    Thing("mug", ("red", "white"), box=(420, 300, 450, 340)),
    Thing("men", box=(0, 100, 90, 400)),
    Thing("dog", (), box=(10, 300, 60, 400)),
    Thing("dog", ("brown",), box=(200, 380, 280, 470)),
    Thing("cabinet", ("wooden",), box=(0, 200, 100, 400)),
    Thing("cabinet", ("wood",), box=(540, 200, 640, 400)),
    Thing("cabinets", ("wooden", "brick-red, not painted"), box=(0, 200, 640, 400)),
    Thing("bicycle", ("blue",), box=(300, 20, 310, 30)),
    Thing("bicycle", ("blue",), box=(320, 20, 330, 30)),
    Thing("car", ("red",), box=(400, 20, 440, 50)),
    Thing("jug", box=(300, 400, 340, 440)),
    Thing("rug", box=(250, 420, 400, 470)),
    Thing("tray", box=(290, 430, 350, 450)),
    Thing("teddy bear", box=(130, 220, 170, 260)),
    Thing("plate", ("green",), box=(450, 400, 480, 420)),
    Thing("bowl", ("blue",), box=(490, 400, 520, 420)),
)
RELATIONS = (
    Relation(1, "on", 0), Relation(2, "behind", 3), Relation(14, "on", 15), Relation(14, "on", 16),
)  # fmt: skip
TEXTS = (
    "a purple futon", "two cabinets in a room", "both cabinets are empty", "two bicycles far away", "men talking",
    "a green cushion", "the statue in front of the window", "a leather couch",
)  # fmt: skip
PHOTO = Facts(THINGS, RELATIONS, canvas=(640, 480), texts=TEXTS)


def truths(text: str, facts: Facts = PHOTO) -> set[bool | None]:
    return {item.truth for item in weigh(text, facts)}


@pytest.mark.parametrize(
    ("text", "evidence"),
    [
        ("a yellow couch", "couch: purple, cloth (says yellow)"),
        ("the futon is green", "couch: purple, cloth (says green)"),
        ("a blue pillow", "pillow: white (says blue)"),
        ("a metal table", "table: wooden, empty (says metal)"),
        ("the table is full", "table: wooden, empty (says full)"),
        ("a pillow under the couch", "pillow is on couch (says under)"),
        ("the statue is in front of the table", "statue is behind table (says in front of)"),
        ("the statue is to the left of the couch", "statue is right of couch (says left of)"),
        ("the statue is on the left side of the picture", "statue is at the top right (says left)"),
        ("three cabinets", "count of cabinets: 2 (says 3)"),
        ("a red plate", "plate: green (says red); bowl: blue (says red)"),
        ("the statue is not above the table", "statue above table"),
        ("the pillow is not on the couch", "pillow on couch"),
        ("the table is not empty", "table: wooden, empty (says empty)"),
        ("There is no couch.", "there is a couch"),
        ("the couch is not purple", "couch: purple, cloth (says purple)"),
    ],
)
def test_what_the_annotation_excludes_is_false(text: str, evidence: str) -> None:
    assert evidence in [item.evidence for item in weigh(text, PHOTO) if item.truth is False]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("a cat on a bed", "absence proves nothing"),
        ("a pink couch", "near purple"),
        ("a green pillow", "a text speaks of a green cushion"),
        ("a blue mug", "of two colours a third may be missing"),
        ("a black dog", "one of the dogs has no colour"),
        ("a blue car", "photographs hold more cars than are noted"),
        ("four bicycles", "too small for all of them to have been seen"),
        ("three men", "nobody counted them"),
        ("one cabinet", "one of the two"),
        ("a small couch", "sizes are a matter of opinion"),
        ("the statue is far from the couch", "so are distances"),
        ("a man without a mug", "he may have none"),
        ("no man holds a mug", "there may be none that does"),
        ("the statue is behind the couch", "depth is not in boxes"),
        ("the statue is in front of the window", "another text says so"),
        ('a sign that says "STOP"', "what is written was not noted"),
        ("only three cabinets", "nobody noted that there are no more"),
        ("a metal cabinet", "where there are two, a third may be overlooked"),
        ("the mug is not red", "it is white too"),
        ("the couch is not cloth", "a text calls it leather"),
        ("the statue is not tall", "a matter of opinion"),
        ("the statue is not behind the table", "so is depth"),
        ("the dog is not brown", "one of the dogs may not be"),
        ("the jug is not on the rug", "it was noted on the tray too"),
        ("the jug is under the rug", "it was noted on the tray too"),
        ("there is no bear", "it is a teddy bear"),
        ("there is no blue plate", "what is blue is a bowl"),
    ],
)
def test_what_may_be_true_is_left_open(text: str, why: str) -> None:
    assert False not in truths(text), why


def test_one_thing_noted_twice_is_one_thing() -> None:
    twice = Facts((Thing("cup", ("red",), box=(0, 0, 50, 50)), Thing("cup", (), box=(2, 2, 52, 52))))
    assert truths("a blue cup", twice) == {False}
    apart = Facts((Thing("cup", ("red",), box=(0, 0, 50, 50)), Thing("cup", (), box=(60, 2, 110, 52))))
    assert truths("a blue cup", apart) == {None}
    above = Facts((Thing("floor", ("wooden",), box=(0, 0, 50, 50)), Thing("carpet", ("gray",), box=(2, 12, 50, 50))))
    assert truths("the carpet is green", above) != {True}


def test_a_denied_relation_is_false_only_of_every_thing_of_the_very_names() -> None:
    things = (Thing("pillow"), Thing("couch"), Thing("chair"), Thing("stool"), Thing("stool"), Thing("cat"))
    relations = (Relation(0, "on", 1), Relation(5, "on", 3))
    assert truths("the pillow is not on the couch", Facts(things, relations)) == {True, False}
    assert False not in truths("the pillow is not on the chair", Facts(things, relations))
    assert False not in truths("the cat is not on the stool", Facts(things, relations))
    assert False in truths("the cat is not on the stool", Facts(things, (*relations, Relation(5, "on", 4))))


def test_a_thing_on_a_thing_that_is_on_another_is_not_in_doubt() -> None:
    things = (Thing("book"), Thing("shelf"), Thing("wall"))
    both = (Relation(0, "on", 1), Relation(0, "on", 2))
    assert False not in truths("the book is not on the shelf", Facts(things, both))
    assert False in truths("the book is not on the shelf", Facts(things, (*both, Relation(1, "on", 2))))


def perturbed(reference: str, old: str, new: str) -> Example:
    start = reference.index(old)
    edits = (Edit(start, start + len(old), new),)
    return Example(
        id="visual_genome/1/r1#attribute.000000", response=reference.replace(old, new, 1), reference=reference,
        kind="perturbed", edits=edits, source="visual_genome", license="CC-BY-4.0", attribution="",
        group="visual_genome/1", errors=(Span(start, start + len(new), old),), facts=PHOTO,
    )  # fmt: skip


def test_an_edit_is_kept_only_if_the_annotation_excludes_it() -> None:
    found = verify(perturbed("white pillow on the couch", "white", "blue"))
    assert found == ("proved", "pillow: white (says blue)", None)
    assert verify(perturbed("a red and white mug", "red", "blue")).reason == "not_contradicted"
    assert verify(perturbed("dog on the floor", "dog", "cat")).reason == "not_contradicted"


@pytest.mark.skipif(not SHARED.is_dir(), reason="real data is not there")
def test_what_people_said_of_real_photographs_is_hardly_ever_contradicted() -> None:
    source = VisualGenome(path=SHARED / "region_descriptions.json", seed=0, limit=None)
    made = [example for row in source.rows() for example in source.examples(row)]
    clean = [example for example in made if not isinstance(example, RowError)]
    assert len(clean) == 1200
    assert sum(verify(example).reason is not None for example in clean) <= 2
