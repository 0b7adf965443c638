"""Scenes in which what was there is gone, or what was missing is there."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from itertools import islice, product
from typing import NamedTuple

from tldr_data.sources.scenes.exchange import Exchange
from tldr_data.sources.scenes.kinds import KINDS, Kind
from tldr_data.sources.scenes.looks import PATTERNS, SIZE_NAMES, SIZES, is_paintable
from tldr_data.sources.scenes.placing import look_of, unit_size
from tldr_data.sources.scenes.scene import HEIGHT, WIDTH, Item, Scene
from tldr_data.sources.scenes.surfaces import COLORS, MATERIAL_COLORS
from tldr_data.sources.scenes.variants import NOUNS, is_drawable, row, set_cells, variant

_NONE = ("no", "not a", "not any", "none")
_SOME = {"a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "some": 3, "several": 4}
_PLACES = 12
"""Places that are proposed for a thing that is put in."""
_FAR_SIZES = {"large": 1.8}
"""How much larger than usual a thing at the horizon is drawn."""


class _Told(NamedTuple):
    """What the words before a noun say of the thing's look; empty where they say nothing."""

    colors: list[str]
    finish: str
    form: str
    size: str


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
    """What was said to be missing put in, looking as it was said to look."""
    far = "background" in exchange.sentence and scene.setting.behind == "sky"
    for noun, name in NOUNS.items():
        said = re.search(rf"((?:\w+ ){{0,6}})\b{noun}\b", exchange.sentence, re.IGNORECASE)
        if not said or any(item.name == name for item in scene.items):
            continue
        kind = KINDS[name]
        count = number if noun == name else max(number, 2)
        yield from islice(_brought_in(scene, _told(said[1], kind), kind, count, far, rng), _PLACES)


def _told(words: str, kind: Kind) -> _Told:
    said = re.split(r"\b(?:no|not|a|an|any)\b", words.lower())[-1].split()
    colors = [word for word in said if word in COLORS]
    finish, form, size = (
        next((word for word in said if word in known), "") for known in (kind.finishes, kind.forms, SIZES)
    )
    return _Told(colors, finish, form, SIZE_NAMES.get(size, size))


def _brought_in(scene: Scene, told: _Told, kind: Kind, count: int, far: bool, rng: random.Random) -> Iterator[Scene]:
    """So many of a kind that is not there, wherever there is room."""
    zone, bases = _home(scene, kind, far)
    sizes = _FAR_SIZES if far else SIZES
    spots = [(base, float(x)) for base in bases for x in range(20, WIDTH - 20, 12)]
    for shrunk, (base, x) in product((1.0, 0.8, 0.65), rng.sample(spots, len(spots))):
        look = _look(scene, told, kind, rng)
        if look is None:
            continue
        high = zone in ("sky", "wall")
        width, height = (kind.height * kind.aspect, kind.height) if high else unit_size(scene, kind, base)
        scale = shrunk * sizes.get(told.size, 1.0)
        cell = (x - scale * width / 2, base - scale * height, x + scale * width / 2, base)
        item = Item(kind, [cell], zone, 0.0 if high else base, *look, form=told.form or kind.forms[0])
        item.size, item.background = told.size or ("small" if far else None), zone == "far"
        set_cells(item, row(item, count))
        changed = variant(scene, 0).scene
        changed.items.append(item)
        if is_drawable(changed):
            yield changed


def _look(scene: Scene, told: _Told, kind: Kind, rng: random.Random) -> tuple[str, str | None, str] | None:
    """Colour, second colour and finish as told; what is not told is chosen."""
    look = look_of(scene, rng, kind, "")
    if look is None or not (told.colors or told.finish):
        return look
    finish = told.finish or (look[2] if look[2] not in MATERIAL_COLORS else "plain")
    color = MATERIAL_COLORS.get(finish) or (told.colors or [look[0]])[0]
    if finish not in kind.finishes or not (finish in MATERIAL_COLORS or is_paintable(kind, color)):
        return None
    if finish not in PATTERNS:
        return color, (None if look[1] == color or look[2] in PATTERNS else look[1]), finish
    return color, next((other for other in (*told.colors[1:], "white", "black") if other != color), None), finish


def _home(scene: Scene, kind: Kind, far: bool) -> tuple[str, list[float]]:
    """The zone that a kind belongs into, and where its feet may be there."""
    if kind.name in scene.setting.high or kind.name in ("sun", "moon", "cloud", "star"):
        high = "sky" if scene.setting.behind == "sky" else "wall"
        return high, [share * scene.horizon + kind.height for share in (0.05, 0.15, 0.3)]
    if kind.verb == "floats" and scene.setting.water:
        return "water", [scene.horizon + 10, scene.shore - 8]
    if far:
        return "far", [scene.horizon + (1 if scene.setting.water else 5)]
    return "ground", [scene.shore + level * (HEIGHT - 6 - scene.shore) for level in (0.3, 0.5, 0.7, 0.85, 0.96)]
