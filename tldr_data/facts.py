"""What is known to be true of an image: the scene graph that falsity is proved from.

Boxes are pixels ``(left, top, right, bottom)``, half-open, origin in the image's top left corner.
"""

from __future__ import annotations

from dataclasses import dataclass

Box = tuple[int, int, int, int]
SIZES = ("tiny", "small", "medium", "large")
CLAIMS = ("objects", "attributes", "counts", "relations", "signs")
"""What facts can be exhaustive for."""


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
    aliases: tuple[str, ...] = ()
    """Other names that it was given."""


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
    texts: tuple[str, ...] = ()
    """Other true sentences on the image: what they say is never taken for false."""
    pairs: tuple[tuple[str, str], ...] = ()
    """Questions about the image with their right answers."""
    idiom: str = ""
    """``nlvr`` where the texts are of NLVR's own language ("a tower with a blue block at the base")."""
