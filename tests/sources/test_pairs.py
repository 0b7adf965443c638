"""Scenes drawn again for an edit of their caption: what changes, and that nothing else does."""

import io
import random
import re
from dataclasses import replace
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageChops

from tldr_data.building.pairs import counterpart
from tldr_data.example import Edit, Example, Span, apply_edits, written_spans
from tldr_data.sources import Redrawn
from tldr_data.sources.scenes import EasyScenes, Scenes
from tldr_data.sources.scenes.layout import make_scene
from tldr_data.sources.scenes.variants import is_drawable, put, variant
from tldr_data.verify import verify, weigh

COLOURS = ("red", "blue", "green", "yellow", "purple")
NUMBERS = ("two", "three", "four", "five", "six")


def caption_of(row: int, *, easy: bool = False) -> Example:
    made = next(iter((EasyScenes if easy else Scenes)(path=None, seed=0, limit=None).examples(row)))
    assert isinstance(made, Example)
    return made


def edited(example: Example, *changes: tuple[str, str]) -> Example | None:
    """The caption with the first of each of the old words changed; None where one of them is not there."""
    found = [re.search(rf"\b{old}\b", example.response) for old, _ in changes]
    edits = tuple(sorted(Edit(*match.span(), new) for match, (_, new) in zip(found, changes, strict=True) if match))
    if len(edits) < len(changes) or any(a.end > b.start for a, b in combinations(edits, 2)):
        return None
    spans = zip(written_spans(edits), edits, strict=True)
    return replace(
        example,
        id=f"{example.id}#made.000000",
        response=apply_edits(example.response, edits),
        reference=example.response,
        kind="perturbed",
        taxonomy="made",
        subtype="made",
        edits=edits,
        errors=tuple(Span(*written, example.response[edit.start : edit.end]) for written, edit in spans),
        verdict="unverified",
        perturber="rules/made.made",
    )


def proposals(row: int, perturbed: Example, *, easy: bool = False) -> list[Redrawn]:
    return list((EasyScenes if easy else Scenes)(path=None, seed=0, limit=None).redrawn(row, perturbed))


def edits_of(count: int, words: tuple[str, ...], *, easy: bool = False) -> list[tuple[int, Example, Example]]:
    """(row, caption, perturbed) of the first rows, one word of each exchanged for another of the list."""
    found = []
    for row in range(count):
        example = caption_of(row, easy=easy)
        said = [word for word in words if re.search(rf"\b{word}\b", example.response)]
        free = [word for word in words if word not in said]
        perturbed = edited(example, (said[0], free[0])) if said and free else None
        if perturbed and verify(perturbed).verdict == "proved":
            found.append((row, example, perturbed))
    return found


@given(st.integers(0, 10_000))
@settings(max_examples=40, deadline=None)
def test_every_scene_as_it_was_made_is_drawable(seed: int) -> None:
    assert is_drawable(make_scene(random.Random(seed)))


def test_what_overlaps_or_leaves_the_picture_is_not_drawable() -> None:
    scene = make_scene(random.Random(1))
    a, b = [number for number, item in enumerate(scene.items) if item.zone == "ground" and not item.host][:2]
    onto = variant(scene, a)
    put(onto, (scene.items[b].box[0] + scene.items[b].box[2]) / 2, scene.items[b].box[3])
    out = variant(scene, a)
    put(out, 2, scene.items[a].box[3])
    assert not is_drawable(onto.scene)
    assert not is_drawable(out.scene)
    assert is_drawable(scene), "a variant shares nothing with its scene"


@pytest.mark.parametrize("easy", [False, True])
@pytest.mark.parametrize("words", [COLOURS, NUMBERS], ids=["colours", "numbers"])
def test_most_edits_have_an_image_of_which_they_are_true(words: tuple[str, ...], easy: bool) -> None:
    made = edits_of(24, words, easy=easy)
    found = [counterpart(example, perturbed, proposals(row, perturbed, easy=easy)) for row, example, perturbed in made]
    assert len(made) >= 8
    assert sum(each is not None for each in found) >= 0.5 * len(made)
    for (_, example, perturbed), each in zip(made, found, strict=True):
        if each is None:
            continue
        assert each.clean.facts is not None
        assert (each.clean.response, each.perturbed.response) == (perturbed.response, example.response)
        assert all(claim.truth for claim in weigh(perturbed.response, each.clean.facts))
        assert verify(each.perturbed).verdict == "proved"
        assert [span.replaced for span in each.perturbed.errors] == [
            perturbed.response[span.start : span.end] for span in perturbed.errors
        ]


def test_only_what_the_edit_says_is_drawn_otherwise() -> None:
    for row, example, perturbed in edits_of(12, COLOURS):
        each = counterpart(example, perturbed, proposals(row, perturbed))
        if each is None:
            continue
        assert example.facts
        assert each.clean.facts
        old, new = example.facts.things, each.clean.facts.things
        changed = [a.box for a, b in zip(old, new, strict=True) if a != b]
        assert {thing.box for thing in old} == {thing.box for thing in new}
        first, second = (Image.open(io.BytesIO(e.image)) for e in (example, each.clean))  # type: ignore[arg-type]
        left, top, right, bottom = ImageChops.difference(first, second).getbbox() or pytest.fail("the same image")
        assert left >= min(box[0] for box in changed if box) - 2
        assert right <= max(box[2] for box in changed if box) + 2
        assert top >= min(box[1] for box in changed if box) - 2
        assert bottom <= max(box[3] for box in changed if box) + 2


def test_what_lies_on_a_label_is_not_drawable() -> None:
    for seed in range(200):
        scene = make_scene(random.Random(seed))
        loads = [item for item in scene.items if item.hold == "on" and item.host and item.host.name == "bench"]
        if loads and loads[0].host and loads[0].box[3] - loads[0].box[1] > 20:
            assert is_drawable(scene)
            loads[0].host.text = "FOREVER AND EVER"
            assert not is_drawable(scene)
            return
    pytest.fail("nothing lies on a bench")


def test_what_was_missing_is_put_in_as_it_was_told() -> None:
    told = re.compile(r"\b(No|no) (\w+) (\w+) (?:can|is|stands?|in)\b")
    found = 0
    for row in range(80):
        example = caption_of(row)
        said = told.search(example.response)
        if not said or said[2] not in COLOURS or re.search(rf"\b{said[1]}\b", example.response[: said.start()]):
            continue
        perturbed = edited(example, (said[1], "A" if said[1] == "No" else "a"))
        for made in proposals(row, perturbed) if perturbed else []:
            new = [thing for thing in made.facts.things if thing.name == said[3]]
            assert all(said[2] in thing.attributes for thing in new)
            found += bool(new)
    assert found >= 5


@pytest.mark.parametrize("easy", [False, True])
def test_proposals_are_the_same_every_time(easy: bool) -> None:
    number = 0
    for row, _, perturbed in edits_of(8, NUMBERS, easy=easy):
        first, second = proposals(row, perturbed, easy=easy), proposals(row, perturbed, easy=easy)
        assert [(made.facts, made.draw()) for made in first] == [(made.facts, made.draw()) for made in second]
        number += len(first)
    assert number


def test_two_things_exchange_their_colours() -> None:
    example = caption_of(0, easy=True)
    for row in range(60):
        example = caption_of(row, easy=True)
        said = [word for word in COLOURS if re.search(rf"\b{word}\b", example.response)]
        if len(said) == 2 and (swapped := edited(example, (said[0], said[1]), (said[1], said[0]))):
            each = counterpart(example, swapped, proposals(row, swapped, easy=True))
            assert each is not None
            assert len(each.perturbed.errors) == 2
            return
    pytest.fail("no caption names two colours")


def test_words_that_were_only_put_in_have_no_second_image() -> None:
    example = caption_of(0)
    at = example.response.index(" ") + 1
    edits = (Edit(at, at, "not "),)
    perturbed = replace(
        example,
        id=f"{example.id}#made.000000",
        response=apply_edits(example.response, edits),
        reference=example.response,
        kind="perturbed",
        taxonomy="made",
        edits=edits,
        errors=(Span(at, at + 3, ""),),
    )
    assert proposals(0, perturbed) == []
    assert counterpart(example, perturbed, [Redrawn(example.facts, bytes)]) is None  # type: ignore[arg-type]


def test_an_image_of_which_the_text_is_not_true_is_refused() -> None:
    row, example, perturbed = edits_of(8, COLOURS, easy=True)[0]
    assert example.facts
    assert counterpart(example, perturbed, [Redrawn(example.facts, lambda: b"another image")]) is None
    assert counterpart(example, perturbed, proposals(row, perturbed, easy=True)) is not None
