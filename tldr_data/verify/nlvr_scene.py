"""NLVR's pictures as its sentences see them: boxes with loose shapes in them, or towers of blocks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from tldr_data.facts import Facts

Answer = bool | None
"""True, False, or None where people would not agree."""


@dataclass(frozen=True, slots=True)
class Item:
    """A shape: ``size`` in pixels; ``walls`` of its box that it touches, and ``almost`` touches, so that people differ.

    ``level``: its place in its tower, counted from 0, of ``height`` blocks; ``box``: the number of its box.
    """

    shape: str
    colour: str
    size: int
    walls: frozenset[str]
    almost: frozenset[str]
    level: int
    height: int
    box: int


@dataclass(frozen=True, slots=True)
class Box:
    """One of the gray boxes, which is also what its tower is called by; ``items`` from the bottom up."""

    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Scene:
    """All boxes; ``towers`` tells whether the shapes are blocks stacked into one tower in each."""

    boxes: tuple[Box, ...]
    towers: bool


_SIDES = ("left", "top", "right", "bottom")
_ALMOST = 2
"""Pixels."""
SIZES = {"small": 10, "medium": 20, "large": 30}


@lru_cache(maxsize=64)
def scene_of(facts: Facts) -> Scene:
    """The scene behind the facts: gray boxes, and the shapes that lie in them."""
    frames = [thing.box for thing in facts.things if thing.name == "box" and thing.box]
    inside = [
        [
            thing
            for thing in facts.things
            if thing.name != "box" and thing.box and frame[0] <= thing.box[0] and thing.box[2] <= frame[2]
        ]
        for frame in frames
    ]
    columns = [{thing.box[0] for thing in things if thing.box} for things in inside]
    towers = all(len(column) == 1 for column in columns) and all(
        thing.size == "medium" and thing.name == "square" for things in inside for thing in things
    )
    boxes = []
    for number, (frame, things) in enumerate(zip(frames, inside, strict=True)):
        items = []
        placed = sorted(((thing, thing.box) for thing in things if thing.box), key=lambda pair: -pair[1][3])
        for level, (thing, box) in enumerate(placed):
            gaps = {side: abs(a - b) for side, a, b in zip(_SIDES, frame, box, strict=True)}
            walls = frozenset(side for side, gap in gaps.items() if gap == 0)
            almost = frozenset(side for side, gap in gaps.items() if 0 < gap <= _ALMOST)
            size = SIZES[thing.size or "medium"]
            items.append(Item(thing.name, thing.attributes[0], size, walls, almost, level, len(things), number))
        boxes.append(Box(tuple(items)))
    return Scene(tuple(boxes), towers)


# Answers where something is not decided


def negation(answer: Answer) -> Answer:
    """Not: open if it is open."""
    return None if answer is None else not answer


def every(*answers: Answer) -> Answer:
    """All of them."""
    return False if False in answers else None if None in answers else True


def agreed(*readings: Answer) -> Answer:
    """The answer in which all ways to read the words agree."""
    return readings[0] if len(set(readings)) == 1 else None


Quantifier = Callable[[int, int, int], Answer]
"""From the least and the largest possible count of what fits, and the number of all, to whether so many are right."""


def exactly(number: int) -> Quantifier:
    """So many, no more and no less."""
    return lambda least, most, _: False if not least <= number <= most else True if least == most else None


def at_least(number: int) -> Quantifier:
    """So many, or more."""
    return lambda least, most, _: True if least >= number else False if most < number else None


def at_most(number: int) -> Quantifier:
    """So many, or fewer."""
    return lambda least, most, total: negation(at_least(number + 1)(least, most, total))


def bare(number: int) -> Quantifier:
    """ "two": people disagree about whether three are two."""
    return lambda *counts: agreed(exactly(number)(*counts), at_least(number)(*counts))


def all_of(least: int, most: int, total: int) -> Answer:
    """Each of them; of none nobody would say so."""
    return None if not total else True if least == total else False if most < total else None
