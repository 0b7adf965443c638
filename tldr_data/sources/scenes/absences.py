"""What is not so: things that a scene might hold but does not, and what is not true of those that it holds."""

from __future__ import annotations

import random

from tldr_data.sources.scenes.kinds import KINDS
from tldr_data.sources.scenes.placing import look_of
from tldr_data.sources.scenes.scene import Item, Scene
from tldr_data.sources.scenes.settings import FAMILIES
from tldr_data.sources.scenes.surfaces import COLORS

_SIZES = {"far": ("small", "large"), "ground": (None, None, None, None, "large", "small")}
_OPPOSITE = {
    "left of": "right of",
    "right of": "left of",
    "in front of": "behind",
    "behind": "in front of",
    "on": "under",
    "under": "on",
    "inside": "under",
    "above": "below",
    "below": "above",
}


def absent_things(scene: Scene) -> list[str]:
    """Names of what would fit into the scene but is not there, nor anything that could pass for it."""
    return _absent(scene, scene.setting.missed)


def _absent(scene: Scene, names: tuple[str, ...]) -> list[str]:
    there = {FAMILIES.get(item.name, item.name) for item in scene.items}
    return [name for name in dict.fromkeys(names) if FAMILIES.get(name, name) not in there]


def ghost(scene: Scene, rng: random.Random, zone: str) -> Item | None:
    """A thing that could be in a zone of the scene (``ground``, ``far``, ``high``) and is not, with a look of its own.

    It is told of as a thing that is there would be, so that only the picture shows what "no" is true of.
    """
    setting = scene.setting
    names = {
        "ground": (*setting.anchors, *setting.hosts, *setting.animals, *setting.many, *setting.many),
        "far": setting.far,
        "high": setting.high,
    }[zone]
    absent = _absent(scene, names)
    if not absent:
        return None
    kind = KINDS[rng.choice(absent)]
    look = look_of(scene, rng, kind, "")
    if look is None:
        return None
    count = rng.choice((1, 2, 3)) if kind.name in setting.many or (zone == "far" and kind.height < 60) else 1
    size = rng.choice(_SIZES.get(zone, (None,)))
    item = Item(kind, [(0.0, 0.0, 1.0, 1.0)] * count, zone, 0.0, *look, size=size, background=zone == "far")
    item.form = rng.choice(kind.forms)
    return item


def false_relation(predicate: str) -> str:
    """What two things that stand in a relation do not stand in; "" where that is not sure."""
    return _OPPOSITE.get(predicate, "")


def wrong_color(item: Item, rng: random.Random) -> str:
    """A colour that a thing does not have."""
    return rng.choice([color for color in COLORS if color not in (item.color, item.second)])
