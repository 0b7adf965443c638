"""Scenes in which one thing looks other than before, or is another, or is there in another number."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from tldr_data.sources.scenes.exchange import COUNTS, Exchange
from tldr_data.sources.scenes.kinds import KINDS, Kind
from tldr_data.sources.scenes.placing import unit_size
from tldr_data.sources.scenes.scene import Item, Rect, Scene
from tldr_data.sources.scenes.surfaces import COLORS, MATERIAL_COLORS
from tldr_data.sources.scenes.variants import (
    NOUNS,
    Variant,
    is_drawable,
    loads,
    row,
    set_cells,
    slid,
    variant,
    zoomed,
)

PATTERNS = ("striped", "spotted", "checkered")
SIZES = {"tiny": 0.5, "small": 0.7, "little": 0.7, "medium": 1.0, "large": 1.35, "big": 1.35, "huge": 1.6}
SIZE_NAMES = {"little": "small", "big": "large", "huge": "large"}
_LETTER, _LINE, _POST_BOARD = 10.2, 17.0, 0.56
"""Pixels that a letter and a line of a sign take, and the share of a sign on a post that is its board."""


def new_looks(scene: Scene, exchange: Exchange) -> Iterator[Scene]:
    """Every way to make one thing of the sentence look, count or read as the new words say."""
    for number, item in enumerate(scene.items):
        if item.text:
            yield from _relettered(scene, number, exchange)
        if exchange.names(item.name):
            ways = (_recolored, _refinished, _reshaped, _resized, _renamed, _recounted)
            yield from chain.from_iterable(way(scene, number, exchange) for way in ways)


def is_paintable(kind: Kind, color: str) -> bool:
    """Whether the colour shows: what comes in one colour only is drawn in it."""
    return color in kind.colors or len(kind.colors) > 1


def _recolored(scene: Scene, number: int, exchange: Exchange) -> Iterator[Scene]:
    old, new = exchange.words
    item = scene.items[number]
    if new not in COLORS or item.finish in MATERIAL_COLORS or item.finish == "glass":
        return
    if item.color == old and new != item.second and is_paintable(item.kind, new):
        changed = variant(scene, number)
        changed.item.color = new
        yield changed.scene
    if item.second == old and new != item.color:
        changed = variant(scene, number)
        changed.item.second = new
        yield changed.scene


def _refinished(scene: Scene, number: int, exchange: Exchange) -> Iterator[Scene]:
    """Another pattern, or another material."""
    old, new = exchange.words
    item = scene.items[number]
    if item.finish != old:
        return
    changed = variant(scene, number)
    if old in PATTERNS and new in PATTERNS:
        changed.item.finish = new
        yield changed.scene
    elif new in (*MATERIAL_COLORS, "wooden", "glass") and old not in PATTERNS:
        changed.item.finish, changed.item.color = new, MATERIAL_COLORS.get(new, item.color)
        yield changed.scene


def _reshaped(scene: Scene, number: int, exchange: Exchange) -> Iterator[Scene]:
    old, new = exchange.words
    item = scene.items[number]
    if item.form == old and new in item.kind.forms:
        changed = variant(scene, number)
        changed.item.form = new
        yield changed.scene


def _resized(scene: Scene, number: int, exchange: Exchange) -> Iterator[Scene]:
    old, new = exchange.words
    item = scene.items[number]
    if item.size != SIZE_NAMES.get(old, old) or old not in SIZES or new not in SIZES:
        return
    scale = SIZES[new] / SIZES[old]
    for factor in (scale, scale**0.7):
        changed = zoomed(scene, number, factor)
        changed.item.size = SIZE_NAMES.get(new, new)
        yield from slid(changed)


def _renamed(scene: Scene, number: int, exchange: Exchange) -> Iterator[Scene]:
    """Another kind of thing on the same spot, in the same colours where it can have them, else in its own."""
    old, new = (NOUNS.get(word) for word in exchange.words)
    item = scene.items[number]
    if old != item.name or new not in KINDS or item.text or loads(scene, item):
        return
    kind = KINDS[new]
    for color, second, finish in _looks(item, kind):
        changed = variant(scene, number)
        thing = changed.item
        thing.kind, thing.color, thing.second, thing.finish = kind, color, second, finish
        thing.form = item.form if item.form in kind.forms else kind.forms[0]
        thing.flip = item.flip and kind.turns
        _fit(changed, item.kind)
        yield from slid(changed)


def _looks(item: Item, kind: Kind) -> Iterator[tuple[str, str | None, str]]:
    finish = item.finish if item.finish in kind.finishes else kind.finishes[0]
    patterned = finish in PATTERNS
    if is_paintable(kind, item.color):
        color = MATERIAL_COLORS.get(finish, item.color)
        yield color, (item.second if patterned else _roof(kind, color)), finish
    plain = next((f for f in kind.finishes if f not in PATTERNS), None)
    if plain is not None:
        for color in kind.colors[:2]:
            yield MATERIAL_COLORS.get(plain, color), _roof(kind, color), plain


def _roof(kind: Kind, color: str) -> str | None:
    """The colour of its second surface, if it has one."""
    return next((other for other in kind.second if other != color), None)


def _fit(changed: Variant, old: Kind) -> None:
    """Cells of the kind's own proportions on the feet of the old ones."""
    item, scene = changed.item, changed.scene
    cells: list[Rect] = []
    for left, top, right, bottom in item.cells:
        if item.zone in ("sky", "wall"):
            scale = (bottom - top) / old.height
            width, height = scale * item.kind.height * item.kind.aspect, scale * item.kind.height
        else:
            scale = (bottom - top) / unit_size(scene, old, bottom)[1]
            width, height = (scale * side for side in unit_size(scene, item.kind, bottom))
        middle = (left + right) / 2
        cells.append((middle - width / 2, bottom - height, middle + width / 2, bottom))
    set_cells(item, cells)


def _recounted(scene: Scene, number: int, exchange: Exchange) -> Iterator[Scene]:
    """More or fewer of it, side by side around the middle of the old ones, or where there is room."""
    item = scene.items[number]
    old, new = (COUNTS.get(word) for word in exchange.words)
    if old != item.count or new is None or new == old or item.text or loads(scene, item):
        return
    for cells in _more_or_fewer(item, new):
        changed = variant(scene, number)
        set_cells(changed.item, cells)
        if is_drawable(changed.scene):
            yield changed.scene
    changed = variant(scene, number)
    set_cells(changed.item, row(item, new))
    yield from slid(changed)


def _more_or_fewer(item: Item, count: int) -> Iterator[list[Rect]]:
    """The old boxes without some, or with some more beside the last or the first."""
    if count < item.count:
        yield item.cells[:count]
        return
    more = count - item.count
    for left, top, right, bottom, way in ((*item.cells[-1], 1), (*item.cells[0], -1)):
        step = way * ((right - left) + max(4.0, 0.3 * (right - left)))
        yield [*item.cells, *((left + step * i, top, right + step * i, bottom) for i in range(1, more + 1))]


def _relettered(scene: Scene, number: int, exchange: Exchange) -> Iterator[Scene]:
    """Other words on the same thing; a sign is as wide as they need."""
    item = scene.items[number]
    if exchange.old not in item.text:
        return
    changed = variant(scene, number)
    changed.item.text = item.text.replace(exchange.old, exchange.new, 1)
    if item.name == "sign":
        _fit_board(changed.item, item.text)
        yield from slid(changed)
    elif is_drawable(changed.scene):
        yield changed.scene


def _fit_board(sign: Item, old: str) -> None:
    """As wide and as high as the new words need, on the same foot."""
    lines, before = _lines(sign.text), _lines(old)
    wider = (max(map(len, lines)) - max(map(len, before))) * _LETTER
    higher = (len(lines) - len(before)) * _LINE / (1.0 if sign.zone == "wall" else _POST_BOARD)
    left, top, right, bottom = sign.cells[0]
    wider = max(wider, 54 - (right - left))
    set_cells(sign, [(left - wider / 2, top - higher, right + wider / 2, bottom)])


def _lines(words: str) -> list[str]:
    return words.split(" ") if len(words) > 9 and words.count(" ") == 1 else [words]
