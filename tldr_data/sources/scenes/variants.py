"""Copies of a scene in which one thing is elsewhere or otherwise, and whether such a copy can be drawn."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import NamedTuple

from tldr_data.sources.scenes.inscriptions import PANELS, is_legible
from tldr_data.sources.scenes.kinds import KINDS
from tldr_data.sources.scenes.placing import unit_size
from tldr_data.sources.scenes.scene import HEIGHT, WIDTH, Item, Rect, Scene
from tldr_data.sources.scenes.settings import FAMILIES
from tldr_data.sources.scenes.words import plural

NOUNS = {form: name for name in KINDS for form in (name, plural(name))}
"""Every word for a kind of thing -> its name."""
_STEP = 12
_EDGE = 4.0


class Variant(NamedTuple):
    """A copy of a scene, and the thing in it that is about to change."""

    scene: Scene
    item: Item


def variant(scene: Scene, number: int) -> Variant:
    """A copy that shares nothing with the scene but kinds and setting."""
    copied = copy.copy(scene)
    copied.items = [copy.copy(item) for item in scene.items]
    place = {id(item): new for item, new in zip(scene.items, copied.items, strict=True)}
    for item in copied.items:
        item.host = place.get(id(item.host))
        item.before = place.get(id(item.before))
        item.cells = list(item.cells)
    return Variant(copied, copied.items[number])


def set_cells(item: Item, cells: Sequence[Rect]) -> None:
    """Give an item other boxes."""
    item.cells = list(cells)
    item.__post_init__()


def centre(item: Item) -> tuple[float, float]:
    """The middle of its feet."""
    return (item.box[0] + item.box[2]) / 2, max(cell[3] for cell in item.cells)


def loads(scene: Scene, item: Item) -> list[Item]:
    """What is on, in or under it."""
    return [other for other in scene.items if other.host is item]


def row(item: Item, count: int) -> list[Rect]:
    """Boxes of ``count`` things as large as the first one, in one row or in two, around the same middle."""
    left, top, right, _ = item.cells[0]
    width, height = right - left, item.cells[0][3] - top
    gap = max(4.0, 0.3 * width)
    columns = count if count <= 4 or item.host else -(-count // 2)
    middle, base = centre(item)
    cells = []
    for number in range(count):
        row, column = divmod(number, columns)
        x = middle + (column - (columns - 1) / 2) * (width + gap) + (0.3 * (width + gap) if row else 0)
        y = base - (count > columns) * (height + 5) + row * (height + 5)
        cells.append((x - width / 2, y - height, x + width / 2, y))
    return cells


def put(changed: Variant, x: float, base: float, scale: float = 1.0) -> None:
    """Move the thing with all that it carries, so that the middle of its feet is at (x, base)."""
    scene, item = changed
    old_x, old_base = centre(item)
    group = [item, *loads(scene, item)]
    for each in group:
        boxes = [
            (
                x + (a - old_x) * scale,
                base + (b - old_base) * scale,
                x + (c - old_x) * scale,
                base + (d - old_base) * scale,
            )
            for a, b, c, d in each.cells
        ]
        if each.hidden_below is not None:
            each.hidden_below = base + (each.hidden_below - old_base) * scale
        set_cells(each, boxes)
        if item.zone not in ("sky", "wall"):
            each.depth += base - old_base
    if abs(x - old_x) > 1 or abs(base - old_base) > 1:
        _forget_fronts(scene, item)


def _forget_fronts(scene: Scene, item: Item) -> None:
    """What has moved is no longer in front of anything on purpose, nor anything in front of it."""
    item.before = None
    for other in scene.items:
        if other.before is item:
            other.before = None


def zoomed(scene: Scene, number: int, scale: float) -> Variant:
    """A copy with the thing larger or smaller on the same feet."""
    changed = variant(scene, number)
    put(changed, *centre(changed.item), scale)
    return changed


def depth_scale(scene: Scene, item: Item, base: float) -> float:
    """How much larger it is drawn when its feet are at ``base``: farther is smaller, but for signs."""
    if item.zone in ("sky", "wall") or item.name == "sign":
        return 1.0
    return unit_size(scene, item.kind, base)[1] / unit_size(scene, item.kind, centre(item)[1])[1]


def slid(changed: Variant) -> Iterator[Scene]:
    """The copy as it is, then with the thing moved sideways, the shortest way first."""
    x, base = centre(changed.item)
    width = changed.item.box[2] - changed.item.box[0]
    low, high = (_EDGE + width / 2, WIDTH - _EDGE - width / 2)
    if changed.item.host:
        host = changed.item.host.box
        low, high = host[0] + width / 2, host[2] - width / 2
    number = next(i for i, item in enumerate(changed.scene.items) if item is changed.item)
    places = [low + _STEP * i for i in range(int((high - low) // _STEP) + 1)] if high > low else []
    for place in (x, *sorted(places, key=lambda place: abs(place - x))):
        moved = variant(changed.scene, number)
        if abs(place - x) > 1:
            put(moved, place, base)
        if is_drawable(moved.scene):
            yield moved.scene
            return


def is_drawable(scene: Scene) -> bool:
    """Whether all lies inside the picture, hides nothing unless it means to, and passes for nothing else."""
    return all(_has_room(scene, item) for item in scene.items) and not any(
        _alike(a, b) for a, b in combinations(scene.items, 2)
    )


def _has_room(scene: Scene, item: Item) -> bool:
    related = [item.host, item.before, *(o for o in scene.items if o.host is item or o.before is item)]
    inside = item.box[0] > 2 and item.box[1] > 2 and item.box[2] < WIDTH - 2 and item.box[3] < HEIGHT - 2
    if item.name in PANELS and item.text and not is_legible(scene, item, item.text):
        return False
    return inside and scene.free(item.box, ignore=[item, *(other for other in related if other)])


def _alike(a: Item, b: Item) -> bool:
    if a.name == b.name:
        return (a.color, a.second) == (b.color, b.second)
    family = FAMILIES.get(a.name)
    return family is not None and family == FAMILIES.get(b.name)
