"""Easy scenes drawn again: changed as an edit of their caption says, and in nothing else."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from functools import partial
from itertools import combinations, islice, starmap
from typing import Any

from tldr_data.example import Example
from tldr_data.facts import Box
from tldr_data.sources import Redrawn
from tldr_data.sources.scenes.drawing import encode
from tldr_data.sources.scenes.easy import COLOR_NAMES, SHAPES, SIZE, Group, draw_easy_scene, easy_facts, make_easy_scene
from tldr_data.sources.scenes.exchange import COUNTS, Exchange, exchanges
from tldr_data.sources.scenes.words import plural

Groups = tuple[Group, ...]

_NOUNS = {form: shape for shape in SHAPES for form in (shape, plural(shape))}
_PLACES = re.compile(r"\b(left|right|above|below|under|beneath|underneath|over|on|top|bottom)\b", re.IGNORECASE)
_MOST = 64
_MARGIN = 2


def redrawn_easy_scenes(rng: random.Random, perturbed: Example) -> Iterator[Redrawn]:
    """Images of changed scenes; ``rng`` is in the state from which the first scene was made."""
    groups = make_easy_scene(rng)
    state = rng.getstate()
    if any(not span.replaced for span in perturbed.errors):
        return
    found = iter([groups])
    for exchange in exchanges(perturbed):
        found = islice(_variants(found, exchange), _MOST)
    for changed in found:
        if changed != groups and _is_drawable(changed):
            yield Redrawn(easy_facts(changed), partial(_drawn, changed, state))


def _drawn(groups: Groups, state: tuple[Any, ...]) -> bytes:
    rng = random.Random()
    rng.setstate(state)
    return encode(draw_easy_scene(groups, rng))


def _variants(found: Iterator[Groups], exchange: Exchange) -> Iterator[Groups]:
    for groups in found:
        yield from _ways(groups, exchange)


def _ways(groups: Groups, exchange: Exchange) -> Iterator[Groups]:
    """Every way to change one group, or the places of two, as the new words say."""
    for number, group in enumerate(groups):
        for changed in _changed(group, exchange):
            yield (*groups[:number], changed, *groups[number + 1 :])
    if _PLACES.search(exchange.new):
        yield from _exchanged(groups)
    if exchange.words[1] == "no":
        yield from (tuple(g for g in groups if g.shape != shape) for shape in {g.shape for g in groups})
    if exchange.words[0] == "no":
        yield from _with_more(groups, exchange)


def _changed(group: Group, exchange: Exchange) -> Iterator[Group]:
    old, new = exchange.words
    if group.color == old and new in COLOR_NAMES:
        yield Group(group.shape, new, group.cells)
    if group.shape == _NOUNS.get(old) and new in _NOUNS:
        yield Group(_NOUNS[new], group.color, group.cells)
    if group.count == COUNTS.get(old) and new in COUNTS:
        yield from (Group(group.shape, group.color, cells) for cells in _rows(group, COUNTS[new]))


def _rows(group: Group, count: int) -> Iterator[tuple[Box, ...]]:
    """Boxes of ``count`` shapes in a row along the strip of the old ones, or across it."""
    left, top, right, bottom = group.box
    for side in (group.cells[0][2] - group.cells[0][0], 11, 9):
        step = side + 3
        length = step * count - 3
        if length > SIZE - 2 * _MARGIN:
            continue
        middles = (left + right) // 2, (top + bottom) // 2
        first = [min(max(_MARGIN, middle - length // 2), SIZE - _MARGIN - length) for middle in middles]
        x, y = (middle - side // 2 for middle in middles)
        yield tuple((x, first[1] + step * i, x + side, first[1] + step * i + side) for i in range(count))
        yield tuple((first[0] + step * i, y, first[0] + step * i + side, y + side) for i in range(count))


def _exchanged(groups: Groups) -> Iterator[Groups]:
    """Two groups in each other's places; first only along one axis."""
    for i, j in combinations(range(len(groups)), 2):
        for axes in ((0,), (1,), (0, 1)):
            moved = list(groups)
            moved[i], moved[j] = _placed(groups[i], groups[j], axes), _placed(groups[j], groups[i], axes)
            yield tuple(moved)


def _placed(group: Group, other: Group, axes: tuple[int, ...]) -> Group:
    """The group with its middle where the other's is."""
    shift = [0, 0]
    for axis in axes:
        extent = group.box[axis + 2] - group.box[axis]
        first = (other.box[axis] + other.box[axis + 2] - extent) // 2
        shift[axis] = min(max(_MARGIN, first), SIZE - _MARGIN - extent) - group.box[axis]
    x, y = shift
    return Group(group.shape, group.color, tuple((a + x, b + y, c + x, d + y) for a, b, c, d in group.cells))


def _with_more(groups: Groups, exchange: Exchange) -> Iterator[Groups]:
    """A group of what was said to be missing, wherever there is room."""
    color = next(color for color in COLOR_NAMES if not any(group.color == color for group in groups))
    for shape in (shape for shape in SHAPES if exchange.names(shape)):
        for x, y in ((x, y) for y in range(_MARGIN, SIZE - 12, 5) for x in range(_MARGIN, SIZE - 12, 5)):
            for count in (1, 2):
                cells = tuple((x + 13 * i, y, x + 13 * i + 10, y + 10) for i in range(count))
                more = (*groups, Group(shape, color, cells))
                if _is_drawable(more):
                    yield more


def _is_drawable(groups: Groups) -> bool:
    """Whether all lies inside the image, nothing touches, and no two groups are called the same."""
    names = {(group.shape, group.color) for group in groups}
    inside = all(min(group.box) >= _MARGIN and max(group.box) <= SIZE - 1 for group in groups)
    return bool(groups) and inside and len(names) == len(groups) and not any(starmap(_touch, combinations(groups, 2)))


def _touch(one: Group, two: Group) -> bool:
    a, b = one.box, two.box
    return a[0] < b[2] + 2 and b[0] < a[2] + 2 and a[1] < b[3] + 2 and b[1] < a[3] + 2
