"""Scenes in which one thing is elsewhere."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from itertools import permutations

from tldr_data.sources.scenes.exchange import Exchange
from tldr_data.sources.scenes.geometry import gap, plain_relations, shared
from tldr_data.sources.scenes.placing import unit_size
from tldr_data.sources.scenes.scene import HEIGHT, WIDTH, Item, Scene
from tldr_data.sources.scenes.variants import (
    Variant,
    centre,
    depth_scale,
    is_drawable,
    loads,
    put,
    variant,
)

_PREDICATES = (
    (r"\bleft\b", "left of"),
    (r"\bright\b", "right of"),
    (r"\bin front\b", "in front of"),
    (r"\bbehind\b", "behind"),
    (r"\b(above|over)\b", "above"),
    (r"\bbelow\b", "below"),
    (r"\b(under|beneath|underneath)\b", "under"),
    (r"\b(next to|beside|near|close to|by|outside)\b", "next to"),
    (r"\b(on|atop)\b", "on"),
    (r"\b(in|inside)\b", "inside"),
)
_OF_THE_PICTURE = re.compile(r"\s*(side|corner|half|edge|part)\b|\s*of the (picture|image|scene|drawing)\b|(?!\s*of\b)")
_PARTS = (
    ("left", "left"),
    ("right", "right"),
    ("top", "top"),
    ("upper", "top"),
    ("bottom", "bottom"),
    ("lower", "bottom"),
    ("middle", "middle"),
    ("center", "middle"),
)
_STEP = 8
_LEVELS = (0.12, 0.25, 0.4, 0.55, 0.7, 0.82, 0.95)
_SMALL = {"tiny": 0.5, "small": 0.65}


def new_places(scene: Scene, exchange: Exchange, rng: random.Random) -> Iterator[Scene]:
    """Every way to move one thing of the sentence to where the new words say that it is."""
    named = [number for number, item in enumerate(scene.items) if exchange.names(item.name)]
    yield from _near_and_far(scene, named, exchange, rng)
    if (predicate := _predicate(exchange.new)) is None and not _corner(exchange.new):
        return
    yield from _moved(scene, named, exchange)
    for number in named:
        if scene.items[number].host and predicate in ("next to", "behind", "in front of"):
            yield from _unloaded(scene, number, predicate)
    if predicate in ("on", "under", "inside"):
        for number in named:
            for host in named:
                yield from _loaded(scene, number, host, predicate)


def _predicate(words: str) -> str | None:
    return next((name for pattern, name in _PREDICATES if re.search(pattern, words, re.IGNORECASE)), None)


# left and right, top and bottom, in front and behind


def _moved(scene: Scene, named: list[int], exchange: Exchange) -> Iterator[Scene]:
    """One thing moved to where the new words hold plainly; the shortest way first."""
    predicate = _predicate(exchange.new)
    in_picture = predicate in ("left of", "right of") and _OF_THE_PICTURE.match(exchange.after) is not None
    corner = _corner(exchange.new) if in_picture or predicate not in ("left of", "right of") else ()
    if predicate is None and not corner:
        return
    pairs = [pair for pair in permutations(named, 2) if _held(scene, *pair, _predicate(exchange.old))]
    if not corner:
        yield from _exchanged(scene, pairs, str(predicate))
    for _, number, x, base in sorted(_spots(scene, named if corner else sorted({n for pair in pairs for n in pair}))):
        changed = variant(scene, number)
        put(changed, x, base, depth_scale(scene, scene.items[number], base))
        items = changed.scene.items
        plain = any(number in (a, b) and _plainly(items[a], str(predicate), items[b]) for a, b in pairs)
        if (_in_corner(changed.item, corner) if corner else plain) and is_drawable(changed.scene):
            yield changed.scene


def _exchanged(scene: Scene, pairs: list[tuple[int, int]], predicate: str) -> Iterator[Scene]:
    """Two things in each other's places, or each on its own line."""
    for a, b in pairs:
        one, two = scene.items[a], scene.items[b]
        if one.host or two.host or one.zone != two.zone:
            continue
        (x, base), (other_x, other_base) = centre(one), centre(two)
        for first, second in ((base, other_base), (other_base, base)):
            changed = variant(scene, a)
            put(changed, other_x, first, depth_scale(scene, one, first))
            other = Variant(changed.scene, changed.scene.items[b])
            put(other, x, second, depth_scale(scene, two, second))
            if _plainly(changed.item, predicate, other.item) and is_drawable(changed.scene):
                yield changed.scene


def _held(scene: Scene, a: int, b: int, predicate: str | None) -> bool:
    """Whether the old words may have been said of two things in this order."""
    one, two = scene.items[a], scene.items[b]
    match predicate:
        case "left of" | "right of":
            return (centre(one)[0] < centre(two)[0]) == (predicate == "left of")
        case "in front of" | "behind":
            return (one.depth > two.depth) == (predicate == "in front of")
        case "above" | "below":
            return (one.box[1] < two.box[1]) == (predicate == "above")
        case "on" | "inside" | "under":
            return one.host is two
        case _:
            return True


def _spots(scene: Scene, named: list[int]) -> Iterator[tuple[float, int, float, float]]:
    """(cost, number of the thing, x, base) of places where each thing could stand."""
    for number in named:
        item = scene.items[number]
        x0, base0 = centre(item)
        low, high = (item.host.box[0], item.host.box[2]) if item.host else (0.0, float(WIDTH))
        xs = [x0, *(low + _STEP * i for i in range(int((high - low) / _STEP) + 1))]
        for base in (base0, *_bases(scene, item)):
            for x in xs:
                cost = abs(x - x0) + 2 * abs(base - base0)
                if cost > 1:
                    yield cost, number, x, base


def _bases(scene: Scene, item: Item) -> list[float]:
    if item.host or item.zone in ("far", "water"):
        return []
    height = item.box[3] - item.box[1]
    if item.zone in ("sky", "wall"):
        room = scene.horizon - 12 - height
        return [4 + height + level * room for level in _LEVELS] if room > 0 else []
    return [scene.shore + level * (HEIGHT - 6 - scene.shore) for level in _LEVELS]


def _plainly(a: Item, predicate: str, b: Item) -> bool:
    """Whether anyone would see that ``a predicate b``."""
    return predicate in plain_relations(a, b) or _beyond(a, b, predicate)


def _beyond(a: Item, b: Item, predicate: str) -> bool:
    """Behind a tall thing, and seen beside it; in front of it the same."""
    if predicate == "in front of":
        a, b = b, a
    elif predicate != "behind":
        return False
    near = shared(a.box, b.box) > 0 or gap(a.box, b.box, 0) <= 14
    return a.zone == b.zone == "ground" and not a.host and not b.host and near and b.depth - a.depth >= 14


def _corner(words: str) -> tuple[str, ...]:
    """The parts of the picture that words name: ``("top", "left")``."""
    return tuple(part for word, part in _PARTS if re.search(rf"\b{word}\b", words, re.IGNORECASE))


def _in_corner(item: Item, corner: tuple[str, ...]) -> bool:
    x = (item.box[0] + item.box[2]) / 2 / WIDTH
    y = (item.box[1] + item.box[3]) / 2 / HEIGHT
    places = {"left": x < 0.35, "right": x > 0.65, "top": y < 0.25, "bottom": y > 0.75}
    places["middle"] = 0.45 < x < 0.55 and 0.28 < y < 0.72
    return all(places[part] for part in corner)


# on, in, under


def _unloaded(scene: Scene, number: int, predicate: str) -> Iterator[Scene]:
    """What lay on, in or under a thing stands on the ground beside, behind or in front of it."""
    item = scene.items[number]
    host = item.host
    if host is None or host.zone != "ground":
        return
    for base in (host.depth, host.depth - 18, host.depth + 18):
        for x in sorted(range(20, WIDTH - 20, 8), key=lambda x: abs(x - centre(item)[0])):
            changed = variant(scene, number)
            free, old = changed.item, changed.item.host
            assert old is not None
            free.host, free.hold, free.hidden_below, free.depth = None, "", None, centre(free)[1]
            put(changed, float(x), base, depth_scale(scene, free, base) if item.hold != "inside" else 1.0)
            free.depth = base
            if _plainly(free, predicate, old) and is_drawable(changed.scene):
                yield changed.scene
                break


def _loaded(scene: Scene, number: int, host_number: int, hold: str) -> Iterator[Scene]:
    """A thing put on, into or under another one that can carry it."""
    item, host = scene.items[number], scene.items[host_number]
    area = {"on": host.kind.top, "inside": host.kind.opening, "under": host.kind.gap}[hold]
    if item is host or host.host or area is None or (item.host is host and item.hold == hold) or loads(scene, item):
        return
    left, right = (host.box[0] + share * (host.box[2] - host.box[0]) for share in area[:2])
    level = host.box[1] + area[2] * (host.box[3] - host.box[1])
    width, height = item.box[2] - item.box[0], item.box[3] - item.box[1]
    room = host.box[3] - 9 - level if hold == "under" else height
    scale = min(1.0, room / height, (right - left) / width)
    width, height = scale * width, scale * height
    base = {"on": level + 1, "under": host.box[3] - 3, "inside": level + 0.2 * height}[hold]
    if scale < 0.5 or (hold == "inside" and height < 16):
        return
    for x in (left + width / 2 + (right - left - width) * share for share in (0.5, 0.0, 1.0, 0.25, 0.75)):
        changed = variant(scene, number)
        load, carrier = changed.item, changed.scene.items[host_number]
        load.host, load.hold, load.hidden_below, load.zone = carrier, hold, None, carrier.zone
        put(changed, x, base, scale)
        load.depth = carrier.depth
        if hold == "inside":
            load.hidden_below = level + 2
            load.__post_init__()
        if is_drawable(changed.scene):
            yield changed.scene


# foreground and background


def _near_and_far(scene: Scene, named: list[int], exchange: Exchange, rng: random.Random) -> Iterator[Scene]:
    old, new = exchange.words
    if "foreground" in new and "background" in old:
        far = [number for number in named if scene.items[number].background]
        yield from _brought_near(scene, far, rng) if far else ()
    elif "background" in new and "foreground" in old:
        for number in named:
            item = scene.items[number]
            if item.zone == "ground" and not item.host and not item.background and not loads(scene, item):
                yield from _taken_far(scene, number, rng)


def _brought_near(scene: Scene, far: list[int], rng: random.Random) -> Iterator[Scene]:
    """All of them on the ground in front; what was called small stays so, for where it is."""
    for shrunk in (1.0, 0.8, 0.65):
        found: Scene | None = scene
        for number in far:
            found = found and _near(found, number, shrunk, rng)
        if found:
            yield found


def _near(scene: Scene, number: int, shrunk: float, rng: random.Random) -> Scene | None:
    spots = [(level, x) for level in (0.95, 0.85, 0.75) for x in range(16, WIDTH - 16, 8)]
    for level, x in rng.sample(spots, len(spots)):
        changed = variant(scene, number)
        item = changed.item
        base = scene.shore + level * (HEIGHT - 6 - scene.shore)
        height = unit_size(scene, item.kind, base)[1] * _SMALL.get(item.size or "", 1.0) * shrunk
        item.host, item.hold, item.zone, item.background = None, "", "ground", False
        put(changed, float(x), base, height / (item.cells[0][3] - item.cells[0][1]))
        item.depth = base
        if is_drawable(changed.scene):
            return changed.scene
    return None


def _taken_far(scene: Scene, number: int, rng: random.Random) -> Iterator[Scene]:
    """To the horizon or, in a room, onto the shelf."""
    shelf = next((i for i, item in enumerate(scene.items) if item.name == "shelf"), None)
    if scene.setting.behind == "wall" and shelf is None:
        return
    for x in rng.sample(range(16, WIDTH - 16, 8), 40):
        changed = variant(scene, number)
        item = changed.item
        item.background, item.zone = True, "far"
        if shelf is not None:
            item.host, item.hold, item.zone = changed.scene.items[shelf], "on", "wall"
        _shrink(changed, float(x))
        if is_drawable(changed.scene):
            yield changed.scene
            return


def _shrink(changed: Variant, x: float) -> None:
    scene, item = changed
    height = item.cells[0][3] - item.cells[0][1]
    if item.host:
        put(changed, x, item.host.box[1] + 1, 17 / height)
        item.size, item.depth = "tiny", item.host.depth
        return
    base = scene.horizon + (1 if scene.setting.water else 5)
    put(changed, x, base, max(unit_size(scene, item.kind, base)[1], 12) / height)
    item.size, item.depth = ("tiny" if item.box[3] - item.box[1] < 26 else "small"), base
