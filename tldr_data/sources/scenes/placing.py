"""Finds room for things, and a look that sets them off from what is around them."""

from __future__ import annotations

import random

from tldr_data.sources.scenes.kinds import Kind
from tldr_data.sources.scenes.scene import HEIGHT, WIDTH, Item, Rect, Scene, around
from tldr_data.sources.scenes.settings import FAMILIES
from tldr_data.sources.scenes.surfaces import MATERIAL_COLORS

_GROUND_COLOR = {
    "grass": "green",
    "sand": "yellow",
    "snow": "white",
    "road": "gray",
    "sky": "blue",
    "water": "blue",
    "floor": "brown",
    "desk": "brown",
    "pier": "brown",
    "counter": "brown",
}
_OF_ANY_SIZE = ("ball", "box", "basket", "hat", "dog", "cat", "gift", "vase", "plant", "drum", "cup")
"""Kinds that are now and then drawn larger or smaller than usual."""


def place(
    scene: Scene, rng: random.Random, kind: Kind, count: int, zone: str, band: tuple[float, float], *, avoid: str = ""
) -> Item | None:
    """Put ``count`` things where nothing is yet; ``band`` is the range of their upper or lower edge in the zone."""
    look = look_of(scene, rng, kind, avoid)
    if look is None:
        return None
    grow, size = 1.0, None
    if zone == "ground" and kind.name in _OF_ANY_SIZE:
        grow, size = rng.choice(((1.0, None), (1.0, None), (1.0, None), (1.35, "large"), (0.72, "small")))
    if zone in ("far", "water") and rng.random() < 0.5:
        grow = 1.4 if kind.name == "mountain" else 1.8
    for _ in range(40):
        base, w, h = _standing(scene, rng, kind, zone, band)
        cells = _cells(rng, count, w * grow, h * grow, base, zone)
        left, _, right, _ = around(cells)
        shift = rng.uniform(4, WIDTH - 4 - (right - left)) - left
        cells = [(a + shift, b, c + shift, d) for a, b, c, d in cells]
        if scene.free(around(cells)) and (zone != "wall" or cells[0][3] < scene.horizon - 8):
            item = Item(kind, cells, "ground" if zone == "sign" else zone, max(c[3] for c in cells), *look, size=size)
            _finish(rng, item, max(w, h), grow > 1)
            scene.items.append(item)
            return item
    return None


def _finish(rng: random.Random, item: Item, extent: float, grown: bool) -> None:
    """Decide what the place decides: how large it looks, how deep it lies, which way it turns."""
    item.flip = item.kind.turns and rng.random() < 0.5
    item.form = rng.choice(item.kind.forms)
    if item.zone in ("far", "water"):
        item.size = "large" if grown else "tiny" if extent < 26 else "small"
    elif item.zone == "ground" and item.box[3] - item.box[1] > 0.42 * HEIGHT and item.count == 1:
        item.size = "large"
    if item.zone in ("sky", "wall"):
        item.depth = 0.0


def _standing(
    scene: Scene, rng: random.Random, kind: Kind, zone: str, band: tuple[float, float]
) -> tuple[float, float, float]:
    """Lower edge, width and height of one thing of a kind somewhere in a zone."""
    if zone in ("sky", "wall"):
        height = kind.height
        return rng.uniform(*band) * HEIGHT + height, height * kind.aspect, height
    if zone == "far":
        base = scene.horizon + (1 if scene.setting.water or kind.name == "mountain" else rng.uniform(2, 9))
    elif zone == "water":
        base = rng.uniform(scene.horizon + 8, scene.shore - 6)
    else:
        base = scene.shore + rng.uniform(*band) * (HEIGHT - 6 - scene.shore)
    if zone == "sign":
        return base, kind.height * kind.aspect, kind.height
    return base, *unit_size(scene, kind, base)


def unit_size(scene: Scene, kind: Kind, base: float) -> tuple[float, float]:
    """Width and height of one thing of a kind whose foot is at the given line: farther is smaller."""
    nearness = min(1.0, max(0.0, (base - scene.horizon) / (HEIGHT * 0.96 - scene.horizon)))
    farthest = 0.2 if scene.setting.behind == "sky" else 0.8
    scale = (farthest + (1 - farthest) * nearness**0.62) * scene.setting.near
    return kind.height * kind.aspect * scale, kind.height * scale


def _cells(rng: random.Random, count: int, w: float, h: float, base: float, zone: str) -> list[Rect]:
    """Boxes of equal things in one row, or in two where they are many; none touches another."""
    columns = count if count <= 4 else -(-count // 2)
    gap = max(4.0, 0.3 * w) * (2.2 if zone == "sky" else 1)
    squeeze = min(1.0, max(0.55, 168 / (columns * (w + gap))))
    w, h, gap = w * squeeze, h * squeeze, gap * squeeze
    cells = []
    for number in range(count):
        row, column = divmod(number, columns)
        x = column * (w + gap) + (0.3 * (w + gap) if row else 0) + rng.uniform(0, 0.2) * gap
        jitter = 5 if zone == "sky" else 3 if zone in ("ground", "sign") and count > 1 else 0
        y = base - (count > columns) * (h + 4 + jitter) + row * (h + 4 + jitter) - rng.uniform(0, 1) * jitter
        cells.append((x, y - h, x + w, y))
    return cells


def look_of(scene: Scene, rng: random.Random, kind: Kind, avoid: str) -> tuple[str, str | None, str] | None:
    """Colour, second colour and finish, different from the surroundings and from things of the same name.

    None where that cannot be, or where something is there that could pass for this kind.
    """
    finish = rng.choice(kind.finishes)
    ground = _GROUND_COLOR.get(scene.setting.ground, "")
    family = FAMILIES.get(kind.name)
    if family and any(item.name != kind.name and FAMILIES.get(item.name) == family for item in scene.items):
        return None
    same = [item for item in scene.items if item.name == kind.name]
    if same and kind.trim and not kind.second:
        return None
    taken = {color for item in same for color in (item.color, item.second)}
    if MATERIAL_COLORS.get(finish):
        return None if MATERIAL_COLORS[finish] in taken else (MATERIAL_COLORS[finish], None, finish)
    colors = [c for c in kind.colors if c not in taken]
    colors = [c for c in colors if c not in (avoid, ground)] or ([] if same else list(kind.colors))
    if finish == "wooden" and len(kind.colors) > 2 and rng.random() < 0.4 and "brown" in colors:
        colors = ["brown"]
    if not colors:
        return None
    color = rng.choice(colors)
    second = None
    if finish in ("striped", "spotted", "checkered"):
        second = "white" if color != "white" else rng.choice(("red", "blue", "black"))
        if kind.name == "cow":
            second = "black" if color == "white" else "white"
    elif kind.second:
        second = rng.choice([c for c in kind.second if c != color])
    return None if any(item.color == second for item in same) else (color, second, finish)
