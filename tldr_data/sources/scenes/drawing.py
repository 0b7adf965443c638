"""A scene as an image: backdrop, shadows and every thing from back to front, drawn at twice the size."""

from __future__ import annotations

import io
import random
from collections.abc import Callable
from functools import cache

from PIL import Image, ImageDraw

from tldr_data.sources.scenes import figures_animals, figures_food, figures_home, figures_nature, figures_outdoors
from tldr_data.sources.scenes.backdrops import draw_backdrop
from tldr_data.sources.scenes.inscriptions import LETTER, PANELS, letter_height
from tldr_data.sources.scenes.pen import Pen, built_in_font
from tldr_data.sources.scenes.scene import Item, Rect, Scene
from tldr_data.sources.scenes.surfaces import COLORS, Paint, paint

ZOOM = 2
"""Everything is drawn this much larger and then averaged down, which makes edges smooth."""

Figure = Callable[[Pen, Paint, str], None]

_SHADOWLESS = ("rug", "starfish", "plate", "pencil")


def draw_scene(scene: Scene, rng: random.Random) -> Image.Image:
    """The scene as an RGB image of 384 x 288 pixels."""
    image = draw_backdrop(scene, rng, ZOOM)
    for item in sorted(scene.items, key=_order):
        if item.hold == "inside":
            continue
        draw_item(image, item)
        for load in scene.items:
            if load.host is item and load.hold == "inside":
                draw_item(image, load)
                if item.name != "fish bowl":
                    _draw_cells(image, item, "front")
    return image.reduce(ZOOM)


def encode(image: Image.Image) -> bytes:
    """The image as PNG bytes."""
    data = io.BytesIO()
    image.save(data, "PNG", compress_level=3)
    return data.getvalue()


def _order(item: Item) -> tuple[float, float, float]:
    layer = {"sky": 0, "wall": 0, "far": 1, "water": 1}.get(item.zone, 2)
    return layer, item.depth if layer else 0, 0 if item.host is None else 1 if item.hold == "under" else 2


def draw_item(image: Image.Image, item: Item) -> None:
    """One thing, or all of its equal ones, with their shadows; what is inside it comes after, then its front again."""
    if item.zone == "ground" and item.name not in _SHADOWLESS and item.hold in ("", "under", "on"):
        for cell in item.cells:
            _shadow(image, cell, 0.5 if item.hold == "on" else 1.0)
    if item.kind.opening and item.name in ("basket", "box", "bucket", "boat", "bowl"):
        _draw_cells(image, item, "back")
    _draw_cells(image, item, "front")


def _shadow(image: Image.Image, cell: Rect, strength: float) -> None:
    left, _, right, bottom = (v * ZOOM for v in cell)
    width = right - left
    thick = min(0.16 * width + 4, 16)
    draw = ImageDraw.Draw(image, "RGBA")
    for spread, alpha in ((0.06, 26), (0.0, 30), (-0.08, 34)):
        reach = spread * width
        draw.ellipse(
            (left - reach, bottom - thick * 0.62 - reach * 0.2, right + reach, bottom + thick * 0.55 + reach * 0.2),
            fill=(30, 26, 50, int(alpha * strength)),
        )


def _draw_cells(image: Image.Image, item: Item, side: str) -> None:
    fill = paint(item.color, item.second, item.finish)
    for left, top, right, bottom in item.cells:
        box = (left * ZOOM, top * ZOOM, right * ZOOM, bottom * ZOOM)
        stroke = 2 if bottom - top < 34 else 3
        pen = Pen(image, box, stroke=stroke, flip=item.flip)
        if item.name == "sign":
            _draw_sign(pen, fill, item)
        else:
            _figure(item.name, side)(pen, fill, item.form)
        if item.name in PANELS and item.text and side == "front":
            _write(pen, item)


@cache
def _figure(name: str, side: str) -> Figure:
    """The function that draws a kind, or the back or the front of a container."""
    word = name.replace(" ", "_")
    for module in (figures_animals, figures_food, figures_home, figures_nature, figures_outdoors):
        for candidate in (f"{word}_{side}", word):
            if hasattr(module, candidate):
                figure: Figure = getattr(module, candidate)
                return figure
    raise KeyError(name)


def _write(pen: Pen, item: Item) -> None:
    """A label with what is written on a thing that is no sign."""
    panel, text = PANELS[item.name], item.text
    height = letter_height(item, text) * ZOOM
    x = 1 - panel.x if item.flip else panel.x
    pen = Pen(pen.image, (pen.left, pen.top, pen.left + pen.width, pen.top + pen.height), stroke=1)
    across = (len(text) * LETTER + 0.6) * height / 2 / pen.width
    down = 0.65 * height / pen.height
    label = (x - across, panel.y - down, x + across, panel.y + down)
    pen.round_rect(*label, COLORS["white"], round_by=0.2)
    ink, font = COLORS["black"], built_in_font(round(height))
    pen.draw.text(pen.at(x, panel.y), text, fill=ink, font=font, anchor="mm", stroke_width=1, stroke_fill=ink)


def _draw_sign(pen: Pen, fill: Paint, item: Item) -> None:
    on_wall = item.zone == "wall"
    (figures_outdoors.sign_on_wall if on_wall else figures_outdoors.sign_on_post)(pen, fill, "")
    board = 1.0 if on_wall else 0.56
    words = item.text
    lines = words.split(" ") if len(words) > 9 and words.count(" ") == 1 else [words]
    ink = COLORS["black"] if sum(fill.main) > 420 else COLORS["white"]
    longest = max(built_in_font(15 * ZOOM).getlength(line) for line in lines)
    font = built_in_font(int(15 * ZOOM * min(1.0, 0.94 * pen.width / longest)))
    for number, line in enumerate(lines):
        y = (
            board
            * (number + 0.5 + (0.12 if len(lines) == 2 and number == 0 else -0.12 if len(lines) == 2 else 0))
            / len(lines)
        )
        pen.draw.text(pen.at(0.5, y), line, fill=ink, font=font, anchor="mm", stroke_width=1, stroke_fill=ink)
