"""Easy scenes: one to three kinds of plain shapes on a light ground, 64 pixels wide, and a sentence or two."""

from __future__ import annotations

import random
from dataclasses import dataclass

from PIL import Image

from tldr_data.facts import Box, Facts, Thing
from tldr_data.sources.scenes.figures_nature import star
from tldr_data.sources.scenes.pen import Pen
from tldr_data.sources.scenes.questions import QA
from tldr_data.sources.scenes.surfaces import COLORS, Paint
from tldr_data.sources.scenes.words import NUMBERS, agree, plural, sentence, with_article

SIZE = 64
_ZOOM = 4
SHAPES = ("circle", "square", "triangle", "star", "diamond")
COLOR_NAMES = ("red", "orange", "yellow", "green", "blue", "purple", "black")
_BACKS = ((255, 255, 255), (246, 240, 228), (232, 240, 246))


@dataclass(frozen=True, slots=True)
class Group:
    """Equal shapes; ``cells`` are their boxes."""

    shape: str
    color: str
    cells: tuple[Box, ...]

    @property
    def box(self) -> Box:
        lefts, tops, rights, bottoms = zip(*self.cells, strict=True)
        return min(lefts), min(tops), max(rights), max(bottoms)

    @property
    def count(self) -> int:
        return len(self.cells)


def make_easy_scene(rng: random.Random) -> tuple[Group, ...]:
    """One to three groups side by side or one above the other; no two are called the same."""
    number = rng.choice((1, 2, 2, 2, 3))
    upright = rng.random() < 0.5
    names: list[tuple[str, str]] = []
    while len(names) < number:
        name = (rng.choice(SHAPES), rng.choice(COLOR_NAMES))
        if not any(name[1] == other[1] or (name[0] == other[0] and rng.random() < 0.7) for other in names):
            names.append(name)
    return tuple(Group(shape, color, _cells(rng, slot, number, upright)) for slot, (shape, color) in enumerate(names))


def _cells(rng: random.Random, slot: int, slots: int, upright: bool) -> tuple[Box, ...]:
    """Boxes of one to three shapes in a strip of the image; ``upright`` strips stand side by side."""
    strip = SIZE // slots
    count = rng.choice((1, 1, 2, 3))
    side = rng.randint(9, min(16, strip - 5)) if count > 1 else rng.randint(10, min(22, strip - 5))
    across = strip * slot + rng.randint(2, strip - side - 2)
    step = side + rng.randint(2, max(2, (SIZE - 4) // count - side))
    along = rng.randint(2, SIZE - 2 - (step * (count - 1) + side))
    corners = [(across, along + step * i) if upright else (along + step * i, across) for i in range(count)]
    return tuple((x, y, x + side, y + side) for x, y in corners)


def draw_easy_scene(groups: tuple[Group, ...], rng: random.Random) -> Image.Image:
    """The shapes as an RGB image of 64 x 64 pixels."""
    image = Image.new("RGB", (SIZE * _ZOOM, SIZE * _ZOOM), rng.choice(_BACKS))
    for group in groups:
        fill = Paint("plain", COLORS[group.color], COLORS[group.color])
        for cell in group.cells:
            left, top, right, bottom = (float(v * _ZOOM) for v in cell)
            _draw(Pen(image, (left, top, right, bottom), stroke=3), group.shape, fill)
    return image.reduce(_ZOOM)


def _draw(pen: Pen, shape: str, fill: Paint) -> None:
    if shape == "circle":
        pen.oval(0, 0, 1, 1, fill)
    elif shape == "square":
        pen.rect(0, 0, 1, 1, fill)
    elif shape == "triangle":
        pen.poly(((0.5, 0), (1, 1), (0, 1)), fill)
    elif shape == "diamond":
        pen.poly(((0.5, 0), (1, 0.5), (0.5, 1), (0, 0.5)), fill)
    else:
        star(pen, fill, "")


def easy_facts(groups: tuple[Group, ...]) -> Facts:
    """All that is drawn; horizontal and vertical relations follow from the boxes."""
    things = tuple(Thing(g.shape, (g.color,), None, g.count, g.box) for g in groups)
    known = frozenset({"objects", "attributes", "counts", "relations", "signs"})
    return Facts(things, exhaustive=known, canvas=(SIZE, SIZE))


def easy_caption(groups: tuple[Group, ...], rng: random.Random) -> str:
    """One or two sentences."""
    if len(groups) == 1:
        return sentence(_alone(groups[0], rng))
    order = rng.sample(groups, len(groups))
    texts = [_related(order[0], order[1], groups, rng, known=False)]
    if len(order) == 3:
        texts.append(_related(order[2], rng.choice(order[:2]), groups, rng, known=True))
    elif rng.random() < 0.25:
        missing = rng.choice([s for s in SHAPES if s not in {g.shape for g in groups}])
        texts.append(rng.choice((f"there is no {missing}", f"there are no {plural(missing)}")) + " in the image")
    return " ".join(sentence(text) for text in texts)


def _some(group: Group) -> str:
    if group.count == 1:
        return with_article(f"{group.color} {group.shape}")
    return f"{NUMBERS[group.count]} {group.color} {plural(group.shape)}"


def _the(group: Group, groups: tuple[Group, ...]) -> str:
    noun = group.shape if group.count == 1 else plural(group.shape)
    shared = sum(g.shape == group.shape for g in groups) > 1
    return f"the {group.color} {noun}" if shared else f"the {noun}"


def _alone(group: Group, rng: random.Random) -> str:
    be = agree("is", group.count)
    return rng.choice(
        (f"there {be} {_some(group)}", f"the image shows {_some(group)}", f"there {be} {_some(group)} in the image")
    )


def _predicate(a: Group, b: Group) -> str:
    """Where ``a`` is, seen from ``b``: along the axis on which their boxes lie farther apart."""
    gaps = [max(a.box[k], b.box[k]) - min(a.box[k + 2], b.box[k + 2]) for k in (0, 1)]
    axis = 0 if gaps[0] >= gaps[1] else 1
    words = (("to the left of", "to the right of"), ("above", "below"))[axis]
    return words[0] if a.box[axis] < b.box[axis] else words[1]


def _related(a: Group, b: Group, groups: tuple[Group, ...], rng: random.Random, *, known: bool) -> str:
    other = _the(b, groups) if known else _some(b)
    where, be = _predicate(a, b), agree("is", a.count)
    return rng.choice(
        (
            f"{_some(a)} {be} {where} {other}",
            f"there {be} {_some(a)} {where} {other}",
            f"{where} {other} {be} {_some(a)}",
        )
    )


def easy_questions(groups: tuple[Group, ...], rng: random.Random) -> list[QA]:
    """Four questions: how many, what color, is there, and where or another of these."""
    found = [ask(groups, rng) for ask in (_count, _color, _is_there, _where if len(groups) > 1 else _is_there)]
    rng.shuffle(found)
    return found


def _count(groups: tuple[Group, ...], rng: random.Random) -> QA:
    group = rng.choice(groups)
    total = sum(g.count for g in groups if g.shape == group.shape)
    nouns = plural(group.shape)
    full = f"There {agree('is', total)} {NUMBERS[total]} {group.shape if total == 1 else nouns}."
    return QA(f"How many {nouns} are there?", rng.choice((f"{NUMBERS[total].capitalize()}.", full)))


def _color(groups: tuple[Group, ...], rng: random.Random) -> QA:
    alone = [g for g in groups if sum(o.shape == g.shape for o in groups) == 1]
    if not alone:
        return _is_there(groups, rng)
    group = rng.choice(alone)
    the, be = _the(group, groups), agree("is", group.count)
    return QA(
        f"What color {be} {the}?", rng.choice((f"{group.color.capitalize()}.", sentence(f"{the} {be} {group.color}")))
    )


def _is_there(groups: tuple[Group, ...], rng: random.Random) -> QA:
    missing = [s for s in SHAPES if s not in {g.shape for g in groups}]
    if rng.random() < 0.5:
        shape = rng.choice(missing)
        return QA(f"Is there {with_article(shape)}?", rng.choice(("No.", f"No, there is no {shape}.")))
    group = rng.choice(groups)
    asked = with_article(group.shape)
    full = f"Yes, there {agree('is', group.count)} {_some(group)}."
    return QA(f"Is there {asked}?", rng.choice(("Yes.", full)))


def _where(groups: tuple[Group, ...], rng: random.Random) -> QA:
    a, b = rng.sample(groups, 2)
    fact = f"{_the(a, groups)} {agree('is', a.count)} {_predicate(a, b)} {_the(b, groups)}"
    return QA(
        f"Where {agree('is', a.count)} {_the(a, groups)}?",
        sentence(rng.choice((fact, f"{_predicate(a, b)} {_the(b, groups)}"))),
    )
