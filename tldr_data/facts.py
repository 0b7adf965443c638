"""What is known to be true of an image: the scene graph that falsity is proved from.

Boxes are pixels ``(left, top, right, bottom)``, half-open, origin in the image's top left corner.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

Box = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class Thing:
    """One object, or ``count`` equal objects that are spoken of together ("three balls")."""

    name: str
    """Singular noun: ``ball``, ``picnic basket``."""
    attributes: tuple[str, ...] = ()
    """Adjectives as a caption would say them: colour, material, pattern, shape, state."""
    size: str | None = None
    """``tiny``, ``small``, ``medium`` or ``large``; None where nobody said."""
    count: int = 1
    box: Box | None = None
    """Around all ``count`` of them."""
    background: bool = False


@dataclass(frozen=True, slots=True)
class Relation:
    """``things[subject] predicate things[object]``: one of ``tldr_data.facts.PREDICATES``."""

    subject: int
    predicate: str
    object: int


@dataclass(frozen=True, slots=True)
class Sign:
    """Written text that can be read in the image; ``thing`` is what carries it."""

    text: str
    thing: int


PREDICATES = (
    "left of",
    "right of",
    "above",
    "below",
    "in front of",
    "behind",
    "on",
    "under",
    "inside",
    "next to",
)


@dataclass(frozen=True, slots=True)
class Facts:
    """All that is known of one image.

    Horizontal and vertical relations follow from the boxes; those of depth, contact and containment ("in front of",
    "on", "inside") only from ``relations``. ``exhaustive`` names the claims for which the annotation is complete,
    so that absence from it proves something:
    any of ``objects``, ``attributes``, ``counts``, ``relations``, ``signs``. Drawn scenes are exhaustive for all.
    """

    things: tuple[Thing, ...]
    relations: tuple[Relation, ...] = ()
    signs: tuple[Sign, ...] = ()
    exhaustive: frozenset[str] = frozenset()
    canvas: tuple[int, int] | None = None
    """Width and height of the image in pixels."""


def facts_from_json(data: dict[str, Any]) -> Facts:
    """Facts of a JSON object with ``objects``, ``relations``, ``signs`` and ``exhaustive`` (docs/data-format.md).

    Raises:
        KeyError, TypeError, ValueError: something is missing or of the wrong type.
    """
    things = tuple(
        Thing(
            name=str(item["name"]),
            attributes=tuple(str(a) for a in item.get("attributes", ())),
            size=item.get("size"),
            count=int(item.get("count", 1)),
            box=_box(item.get("box")),
            background=bool(item.get("background", False)),
        )
        for item in data.get("objects", ())
    )
    relations = tuple(
        Relation(int(item["subject"]), str(item["predicate"]), int(item["object"]))
        for item in data.get("relations", ())
    )
    signs = tuple(Sign(str(item["text"]), int(item["object"])) for item in data.get("signs", ()))
    for index in [i for r in relations for i in (r.subject, r.object)] + [s.thing for s in signs]:
        if not 0 <= index < len(things):
            raise ValueError(f"facts name object {index}, of {len(things)} objects")
    canvas = data.get("canvas")
    size = (int(canvas[0]), int(canvas[1])) if canvas else None
    return Facts(things, relations, signs, frozenset(data.get("exhaustive", ())), size)


def _box(value: Any) -> Box | None:
    if value is None:
        return None
    left, top, right, bottom = (int(v) for v in value)
    return left, top, right, bottom
