"""Where things are: relations and places answered from boxes and from the relations that the facts list.

Answers are True, False or None (the facts leave it open). Thresholds leave a gap between true and false, so that
neither a sentence nor its opposite is decided where people would disagree.
"""

from __future__ import annotations

from math import hypot

from tldr_data.facts import Box, Facts, Thing

_OPPOSITE = {"left of": "right of", "above": "below", "in front of": "behind"}
OPPOSITE = _OPPOSITE | {value: key for key, value in _OPPOSITE.items()}
_SPREAD = frozenset(
    "grass lawn meadow field sand snow water sky street road ground floor sea lake pond garden air mud farm beach park"
    " camp playground harbor island yard hill".split()
)
"""What things are "in" and "on" alike."""

NEAR, FAR = 0.15, 0.35
"""Gaps between boxes, as shares of the picture's width."""
LOW, HIGH = 0.42, 0.58
"""Before and after the middle, as shares of the width or height."""


def related(facts: Facts, subject: int, relation: str, thing: int) -> bool | None:
    """Whether ``things[subject] relation things[thing]``."""
    given = {r.predicate for r in facts.relations if (r.subject, r.object) == (subject, thing)}
    back = {r.predicate for r in facts.relations if (r.subject, r.object) == (thing, subject)}
    one, two = facts.things[subject], facts.things[thing]
    complete = "relations" in facts.exhaustive
    match relation:
        case "left of" | "right of" | "above" | "below":
            return _directed(relation, given, back, _compare(relation, one.box, two.box, clearly=not complete))
        case "in front of" | "behind":
            return _depth(relation, given, back, complete, one, two)
        case "beside" | "near" | "far from":
            return _distance(relation, given | back, _gap(facts, one, two) if complete else None)
        case "on" | "inside":
            return _support(relation, given, back, complete, two)
        case "under":
            return _under(given, back, complete, one.box, two.box)
        case "at":
            return True if given & {"inside", "on"} else related(facts, subject, "near", thing)
        case "outside":
            return False if "inside" in given else True if complete else None
        case _:
            return None


def _directed(relation: str, given: set[str], back: set[str], boxes: bool | None) -> bool | None:
    other = OPPOSITE[relation]
    if relation in given or other in back:
        return True
    if other in given or relation in back:
        return False
    if relation in ("above", "below") and boxes is None:
        upper, lower = (given, back) if relation == "above" else (back, given)
        if "on" in lower or "under" in upper:
            return False
        if "under" in lower:
            return True
    return boxes


def _compare(relation: str, one: Box | None, two: Box | None, *, clearly: bool = False) -> bool | None:
    """Boxes that are disjoint on the axis, or whose centres are apart by more than half of their mean extent.

    ``clearly``: only the former; boxes that people drew around what they see of a thing are no better.
    """
    if one is None or two is None:
        return None
    if relation in ("right of", "below"):
        return _compare(OPPOSITE[relation], two, one, clearly=clearly)
    axis = 0 if relation == "left of" else 1
    apart = (two[axis] + two[axis + 2] - one[axis] - one[axis + 2]) / 2
    extent = (one[axis + 2] - one[axis] + two[axis + 2] - two[axis]) / 2
    disjoint = one[axis + 2] <= two[axis] or two[axis + 2] <= one[axis]
    return apart > 0 if disjoint or (abs(apart) > extent / 2 and not clearly) else None


def _depth(relation: str, given: set[str], back: set[str], complete: bool, one: Thing, two: Thing) -> bool | None:
    other = OPPOSITE[relation]
    if relation in given or other in back:
        return True
    if other in given or relation in back:
        return False
    further = (one, two) if relation == "behind" else (two, one)
    if not complete or (further[0].background and not further[1].background):
        return None
    return False


def _distance(relation: str, links: set[str], gap: float | None) -> bool | None:
    touching = bool(links & {"on", "inside", "under"})
    if relation == "far from":
        return False if touching or "next to" in links else _above(gap, FAR, NEAR)
    if "next to" in links:
        return True
    if touching:
        return False if relation == "beside" else None
    far = _above(gap, FAR, NEAR)
    return None if far is None else not far


def _above(value: float | None, high: float, low: float) -> bool | None:
    if value is None or low <= value <= high:
        return None
    return value > high


def _gap(facts: Facts, *things: Thing) -> float | None:
    """Distance between the nearest points of two boxes, as a share of the picture's width.

    None where one of them fills the picture from side to side: nothing is beside it, and nothing far.
    """
    one, two = (thing.box for thing in things)
    if one is None or two is None or facts.canvas is None:
        return None
    if any(box[2] - box[0] >= 0.9 * facts.canvas[0] for box in (one, two)):
        return None
    across = max(two[0] - one[2], one[0] - two[2], 0)
    down = max(two[1] - one[3], one[1] - two[3], 0)
    return hypot(across, down) / facts.canvas[0]


def _support(relation: str, given: set[str], back: set[str], complete: bool, two: Thing) -> bool | None:
    other = "inside" if relation == "on" else "on"
    if relation in given or (other in given and two.name.split(" ")[-1] in _SPREAD):
        return True
    if complete or relation in back or "under" in given:
        return False
    return None


def _under(given: set[str], back: set[str], complete: bool, one: Box | None, two: Box | None) -> bool | None:
    if "under" in given or "on" in back:
        return True
    if "on" in given or "under" in back or "inside" in given:
        return False
    if not complete:
        return False if "above" in given or "below" in back else None
    overlap = one is None or two is None or (one[0] < two[2] and two[0] < one[2])
    return None if overlap and _compare("below", one, two) is not False else False


def on_another(facts: Facts, subject: int, thing: int) -> bool:
    """Whether a thing is noted on or in yet another ground, of another name, that has nothing to do with this one.

    A book on a shelf may well be on the wall on which the shelf is.
    """
    held = {(r.subject, r.object) for r in facts.relations if r.predicate in ("on", "inside")}
    names = {(facts.things[one].name, facts.things[two].name) for one, two in held}
    own = facts.things[thing].name
    others = {facts.things[two].name for one, two in held if one == subject} - {own}
    return any((own, other) not in names and (other, own) not in names for other in others)


_CENTRAL, _WIDE = 0.065, 0.45
"""Shares of the picture: what is no farther from its middle, and not wider, is on neither side."""


def placed(facts: Facts, index: int, part: str) -> bool | None:
    """Whether a thing is in a part of the picture: ``left``, ``top``, ``middle``, ``background``, ..."""
    thing = facts.things[index]
    if part in ("foreground", "background"):
        if not thing.background and "objects" not in facts.exhaustive:
            return None
        return thing.background == (part == "background")
    if thing.box is None or facts.canvas is None:
        return None
    if "objects" not in facts.exhaustive:
        return _wholly(thing.box, facts.canvas, part)
    across = (thing.box[0] + thing.box[2]) / 2 / facts.canvas[0]
    down = (thing.box[1] + thing.box[3]) / 2 / facts.canvas[1]
    if part == "middle":
        if LOW <= across <= HIGH:
            return True
        return False if abs(across - 0.5) > 0.15 else None
    axis = 0 if part in ("left", "right") else 1
    value = (across, down)[axis]
    if LOW <= value <= HIGH:
        narrow = thing.box[axis + 2] - thing.box[axis] < _WIDE * facts.canvas[axis]
        return False if narrow and abs(value - 0.5) <= _CENTRAL else None
    return (value < LOW) == (part in ("left", "top"))


def _wholly(box: Box, canvas: tuple[int, int], part: str) -> bool | None:
    """Whether a box lies in one half of the picture with all of it; nothing else is sure of what people drew."""
    axis = 0 if part in ("left", "right") else 1
    first, last = box[axis] / canvas[axis], box[axis + 2] / canvas[axis]
    if part == "middle" or (first < 0.5 < last):
        return None
    return (last <= 0.5) == (part in ("left", "top"))


def where(facts: Facts, index: int) -> str:
    """Where a thing is, in words: for evidence."""
    parts = ("top", "bottom", "left", "right", "middle", "background", "foreground")
    found = [part for part in parts if placed(facts, index, part)]
    return " ".join(found) or "somewhere"
