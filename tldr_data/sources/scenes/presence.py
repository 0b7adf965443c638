"""Scenes in which what was there is gone, or what was missing is there."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from itertools import product

from tldr_data.sources.scenes.exchange import Exchange
from tldr_data.sources.scenes.kinds import KINDS, Kind
from tldr_data.sources.scenes.placing import look_of, unit_size
from tldr_data.sources.scenes.scene import HEIGHT, WIDTH, Item, Scene
from tldr_data.sources.scenes.variants import NOUNS, is_drawable, row, set_cells, variant

_NONE = ("no", "not a", "not any", "none")
_SOME = {"a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "some": 3, "several": 4}


def present_or_absent(scene: Scene, exchange: Exchange, rng: random.Random) -> Iterator[Scene]:
    """Scenes without what the new words deny, or with what the old ones denied."""
    old, new = exchange.words
    if new in _NONE:
        yield from _without(scene, exchange)
    if old in _NONE and new in _SOME:
        yield from _with(scene, exchange, _SOME[new], rng)


def _without(scene: Scene, exchange: Exchange) -> Iterator[Scene]:
    """All things of one name taken away."""
    for name in dict.fromkeys(item.name for item in scene.items if exchange.names(item.name)):
        gone = [item for item in scene.items if item.name == name]
        if any(other.host in gone for other in scene.items):
            continue
        changed = variant(scene, 0).scene
        changed.items = [item for item in changed.items if item.name != name]
        for item in changed.items:
            item.before = None if item.before and item.before.name == name else item.before
        yield changed


def _with(scene: Scene, exchange: Exchange, number: int, rng: random.Random) -> Iterator[Scene]:
    """What was said to be missing put in."""
    for noun, name in NOUNS.items():
        if not re.search(rf"\b{noun}\b", exchange.sentence, re.IGNORECASE) or any(i.name == name for i in scene.items):
            continue
        yield from _brought_in(scene, KINDS[name], number if noun == name else max(number, 2), rng)


def _brought_in(scene: Scene, kind: Kind, count: int, rng: random.Random) -> Iterator[Scene]:
    """So many of a kind that is not there, wherever there is room."""
    zone, bases = _home(scene, kind)
    spots = [(base, float(x)) for base in bases for x in range(20, WIDTH - 20, 12)]
    for shrunk, (base, x) in product((1.0, 0.8, 0.65), rng.sample(spots, len(spots))):
        look = look_of(scene, rng, kind, "")
        if look is None:
            continue
        width, height = (
            (kind.height * kind.aspect, kind.height) if zone in ("sky", "wall") else unit_size(scene, kind, base)
        )
        cell = (x - shrunk * width / 2, base - shrunk * height, x + shrunk * width / 2, base)
        item = Item(kind, [cell], zone, 0.0 if zone in ("sky", "wall") else base, *look, form=kind.forms[0])
        set_cells(item, row(item, count))
        changed = variant(scene, 0).scene
        changed.items.append(item)
        if is_drawable(changed):
            yield changed
            return


def _home(scene: Scene, kind: Kind) -> tuple[str, list[float]]:
    """The zone that a kind belongs into, and where its feet may be there."""
    if kind.name in scene.setting.high or kind.name in ("sun", "moon", "cloud", "star"):
        high = "sky" if scene.setting.behind == "sky" else "wall"
        return high, [share * scene.horizon + kind.height for share in (0.05, 0.15, 0.3)]
    if kind.verb == "floats" and scene.setting.water:
        return "water", [scene.horizon + 10, scene.shore - 8]
    return "ground", [scene.shore + level * (HEIGHT - 6 - scene.shore) for level in (0.3, 0.5, 0.7, 0.85, 0.96)]
