"""What stands in which relation: everything that is true (for the facts), and what is plain to see (for the words)."""

from __future__ import annotations

import math

from tldr_data.facts import Box, Facts, Relation, Sign, Thing
from tldr_data.sources.scenes.scene import HEIGHT, WIDTH, Item, Rect, Scene, around

_ALL_KNOWN = frozenset({"objects", "attributes", "counts", "relations", "signs"})
_NEARER = 5.0
"""Pixels between two feet from which on one thing counts as nearer than the other."""


def facts_of(scene: Scene) -> Facts:
    """Everything that is drawn, with its box, and all relations of depth, contact and containment.

    What may fairly be called true is listed, so that what is not listed is plainly false: a dog on the lawn is "on" and
    "inside" (in) the grass; whatever stands nearer than a thing to which it is close is "in front of" it.
    """
    things = _backdrops(scene)
    first = len(things)
    things += [_thing(item) for item in scene.items]
    relations = _settled(scene, first)
    index = {id(item): first + number for number, item in enumerate(scene.items)}
    for item in scene.items:
        for part in item.kind.parts:
            attributes = tuple((item.second or item.color) if a == "*" else a for a in part.attributes)
            boxes = [_inner(cell, part.box, item.flip) for cell in item.cells]
            things.append(
                Thing(part.name, attributes, None, part.number * item.count, _pixels(around(boxes)), item.background)
            )
            relations.append(Relation(len(things) - 1, "on", index[id(item)]))
            if item.kind.trim.startswith("in "):
                relations.append(Relation(index[id(item)], "inside", len(things) - 1))
    relations += _depths(scene, first)
    signs = tuple(Sign(item.text, index[id(item)]) for item in scene.items if item.text)
    return Facts(tuple(things), tuple(dict.fromkeys(relations)), signs, _ALL_KNOWN, (WIDTH, HEIGHT))


def attributes_of(item: Item) -> tuple[str, ...]:
    """Adjectives that are true of a thing, its state first."""
    own = "" if item.kind.trim and not item.kind.second else item.color
    words = [item.form, own, item.second if item.finish in ("striped", "spotted", "checkered") else "", item.finish]
    if item.finish == "glass":
        words[1] = "transparent"
    return tuple(w for w in words if w and w != "plain")


def _backdrops(scene: Scene) -> list[Thing]:
    setting = scene.setting
    whole, shore, horizon = (0, 0, WIDTH, HEIGHT), round(scene.shore), round(scene.horizon)
    place = Thing(setting.name, (scene.mood,) if scene.mood else (), None, 1, whole, True)
    sky = {"sunny": ("blue", "sunny"), "cloudy": ("gray", "cloudy"), "starry": ("dark", "blue", "starry")}
    attributes = (scene.wall,) if setting.behind == "wall" else sky[scene.mood]
    things = [place, Thing(setting.behind, attributes, None, 1, (0, 0, WIDTH, horizon), True)]
    things.append(Thing(setting.ground, _GROUND[setting.ground], None, 1, (0, shore, WIDTH, HEIGHT), True))
    if setting.water:
        things.append(Thing(setting.water, ("blue",), None, 1, (0, horizon, WIDTH, shore), True))
    if scene.hills:
        color = "white" if setting.ground == "snow" else "green"
        things.append(Thing("hill", (color,), None, scene.hills, _pixels(around(scene.hill_boxes())), True))
    return things


_GROUND = {
    "grass": ("green",),
    "sand": ("yellow",),
    "snow": ("white",),
    "road": ("gray",),
    "floor": ("wooden", "brown"),
    "counter": ("wooden", "brown"),
    "desk": ("wooden", "brown"),
    "pier": ("wooden", "brown"),
}


def _thing(item: Item) -> Thing:
    return Thing(item.name, attributes_of(item), item.size, item.count, _pixels(item.box), item.background)


def _settled(scene: Scene, first: int) -> list[Relation]:
    """What everything is on, in and under. 0 is the place, 1 the sky or wall, 2 the ground, 3 the water or hills."""
    sky = scene.setting.behind == "sky"
    relations = [Relation(0, "under", 1)] if sky else []
    index = {id(item): first + number for number, item in enumerate(scene.items)}
    for item in scene.items:
        me = index[id(item)]
        relations += [Relation(me, "inside", 0), Relation(me, "on", 0)]
        if item.host:
            relations.append(Relation(me, item.hold, index[id(item.host)]))
        if item.zone == "sky":
            relations.append(Relation(me, "inside", 1))
            continue
        if item.zone == "wall":
            relations += [] if item.host else [Relation(me, "on", 1)]
            continue
        relations.append(Relation(me, "under" if sky else "in front of", 1))
        if scene.hills:
            relations.append(Relation(me, "in front of", 3))
        if item.zone == "water":
            relations += [Relation(me, "on", 3), Relation(me, "inside", 3)]
        elif _touches_ground(item) and (item.zone == "ground" or not scene.setting.water):
            relations += [Relation(me, "on", 2), Relation(me, "inside", 2)]
        if scene.setting.water and item.zone == "ground":
            relations.append(Relation(me, "in front of", 3))
        elif scene.setting.water and item.zone == "far":
            relations.append(Relation(me, "behind", 3))
    return relations


def _touches_ground(item: Item) -> bool:
    return item.host is None or item.hold == "under" or item.host.name == "rug"


def _depths(scene: Scene, first: int) -> list[Relation]:
    relations = []
    for i, a in enumerate(scene.items):
        for j, b in enumerate(scene.items):
            if a.depth > b.depth + _NEARER and gap(a.box, b.box, 0) < 0.15 * WIDTH:
                relations.append(Relation(first + i, "in front of", first + j))
    return relations


def gap(a: Rect, b: Rect, axis: int) -> float:
    """Pixels between two boxes along an axis (0: x, 1: y); negative where they overlap."""
    return max(a[axis], b[axis]) - min(a[axis + 2], b[axis + 2])


def shared(a: Rect, b: Rect) -> float:
    """How much of the narrower box's width the two share, 0..1."""
    return max(0.0, -gap(a, b, 0)) / min(a[2] - a[0], b[2] - b[0])


def middle(box: Rect) -> tuple[float, float]:
    """Centre of a box as shares of the scene's width and height."""
    return (box[0] + box[2]) / 2 / WIDTH, (box[1] + box[3]) / 2 / HEIGHT


def plain_relations(a: Item, b: Item) -> list[str]:
    """Predicates of ``tldr_data.facts.PREDICATES`` that anyone would see to hold between two things."""
    found: list[str] = []
    if a.host is b:
        return [a.hold]
    if b.host is a or a is b:
        return []
    free = a.zone == b.zone == "ground" and not a.host and not b.host
    if a.before is b or (free and _stands_before(a, b)):
        found.append("in front of")
    if b.before is a or (free and _stands_before(b, a)):
        found.append("behind")
    together = free or (a.host is b.host and a.host is not None and a.hold == b.hold)
    apart = gap(a.box, b.box, 0)
    if together and 0 <= apart <= 24 and abs(a.depth - b.depth) <= 14:
        found.append("next to")
    (ax, ay), (bx, by) = middle(a.box), middle(b.box)
    level = together or a.zone == b.zone
    if level and apart >= 8 and abs(ax - bx) >= 0.12 and abs(ay - by) <= 0.3:
        found.append("left of" if ax < bx else "right of")
    if (
        a.zone in ("sky", "wall")
        and not a.host
        and shared(a.box, b.box) >= 0.5
        and b.box[1] - a.box[3] >= 4
        and b.box[1] < 0.6 * HEIGHT
    ):
        found.append("above")
    if (
        b.zone in ("sky", "wall")
        and not b.host
        and shared(a.box, b.box) >= 0.5
        and a.box[1] - b.box[3] >= 4
        and a.box[1] < 0.6 * HEIGHT
    ):
        found.append("below")
    return found


def _is_high(a: Item, b: Item) -> bool:
    """Whether "a is above b" is worth saying: b is large, or up there itself."""
    below = b.box[1] - a.box[3]
    return below >= 4 and (b.zone != "ground" or b.box[3] - b.box[1] > 50)


def _stands_before(a: Item, b: Item) -> bool:
    return shared(a.box, b.box) >= 0.5 and a.depth - b.depth >= 14 and gap(a.box, b.box, 1) < 24


def picture_place(item: Item) -> list[str]:
    """Phrases that say where in the picture a thing is, none of them borderline."""
    x, y = middle(item.box)
    side = "left" if x < 0.35 else "right" if x > 0.65 else ""
    phrases = [f"on the {side} side of the {{picture}}", f"on the {side}"] if side else []
    if 0.44 < x < 0.56 and 0.3 < y < 0.75 and item.box[2] - item.box[0] < 0.4 * WIDTH:
        phrases.append("in the middle of the {picture}")
    if y < 0.24 and (x < 0.22 or x > 0.78):
        phrases.append(f"in the upper {side} corner")
    if item.zone == "ground" and not item.host and item.box[3] > 0.86 * HEIGHT:
        phrases += ["in the foreground"] * 3
        if y > 0.8 and (x < 0.22 or x > 0.78):
            phrases.append(f"in the lower {side} corner")
    if y > 0.86 and item.zone == "ground" and not item.host:
        phrases.append("at the bottom of the {picture}")
    if y < 0.22:
        phrases.append("at the top of the {picture}")
    return phrases


def _inner(cell: Rect, unit: Rect, flip: bool) -> Rect:
    width, height = cell[2] - cell[0], cell[3] - cell[1]
    left, right = (1 - unit[2], 1 - unit[0]) if flip else (unit[0], unit[2])
    return cell[0] + left * width, cell[1] + unit[1] * height, cell[0] + right * width, cell[1] + unit[3] * height


def _pixels(box: Rect) -> Box:
    return math.floor(box[0]), math.floor(box[1]), math.ceil(box[2]), math.ceil(box[3])
