"""A pen that draws smooth outlined shapes in the unit square of one object.

Coordinates run from (0, 0), the upper left of the object's box, to (1, 1), its lower right, so that a figure fills its
box whatever the box's size. A flipped pen mirrors left and right.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache

from PIL import Image, ImageDraw, ImageFont

from tldr_data.sources.scenes.surfaces import RGB, Paint, shade, texture

Point = tuple[float, float]
Fill = RGB | Paint

_CIRCLE = tuple((math.cos(i * math.tau / 40), math.sin(i * math.tau / 40)) for i in range(40))


class Pen:
    """Draws into ``box`` (floats, pixels of ``image``); ``stroke`` is the outline's width in those pixels."""

    def __init__(
        self, image: Image.Image, box: tuple[float, float, float, float], *, stroke: int = 3, flip: bool = False
    ) -> None:
        self.image = image
        self.draw = ImageDraw.Draw(image)
        self.left, self.top = box[0], box[1]
        self.width, self.height = box[2] - box[0], box[3] - box[1]
        self.stroke = stroke
        self.flip = flip

    def at(self, x: float, y: float) -> Point:
        """Pixel of a point of the unit square."""
        if self.flip:
            x = 1 - x
        return self.left + x * self.width, self.top + y * self.height

    def poly(self, points: Sequence[Point], fill: Fill, *, line: bool = True) -> None:
        """A closed polygon, with an outline in a darker shade of its fill."""
        self._shape([self.at(x, y) for x, y in points], fill, line)

    def rect(self, x0: float, y0: float, x1: float, y1: float, fill: Fill, *, line: bool = True) -> None:
        """An upright rectangle."""
        self.poly(((x0, y0), (x1, y0), (x1, y1), (x0, y1)), fill, line=line)

    def round_rect(self, x0: float, y0: float, x1: float, y1: float, fill: Fill, *, round_by: float = 0.3) -> None:
        """A rectangle with round corners; ``round_by`` is the radius as a share of its shorter side."""
        (left, top), (right, bottom) = self.at(x0, y0), self.at(x1, y1)
        left, right = min(left, right), max(left, right)
        radius = min(right - left, bottom - top) * round_by
        corners = (
            (right - radius, bottom - radius),
            (left + radius, bottom - radius),
            (left + radius, top + radius),
            (right - radius, top + radius),
        )
        points = [
            (cx + radius * _CIRCLE[(quarter * 10 + step) % 40][0], cy + radius * _CIRCLE[(quarter * 10 + step) % 40][1])
            for quarter, (cx, cy) in enumerate(corners)
            for step in range(0, 11, 2)
        ]
        self._shape(points, fill, True)

    def oval(self, x0: float, y0: float, x1: float, y1: float, fill: Fill, *, line: bool = True) -> None:
        """An ellipse in the given rectangle."""
        cx, cy, rx, ry = (x0 + x1) / 2, (y0 + y1) / 2, (x1 - x0) / 2, (y1 - y0) / 2
        self.poly([(cx + rx * c, cy + ry * s) for c, s in _CIRCLE], fill, line=line)

    def dot(self, x: float, y: float, radius: float, fill: Fill, *, line: bool = False) -> None:
        """A true circle around a point; the radius is a share of the box's shorter side."""
        cx, cy = self.at(x, y)
        r = radius * min(self.width, self.height)
        self._shape([(cx + r * c, cy + r * s) for c, s in _CIRCLE], fill, line)

    def ring(self, x: float, y: float, radius: float, color: RGB, width: float) -> None:
        """A true circle's outline; radius and width are shares of the box's shorter side."""
        cx, cy = self.at(x, y)
        unit = min(self.width, self.height)
        r = radius * unit
        self.draw.ellipse((cx - r, cy - r, cx + r, cy + r), outline=color, width=max(1, round(width * unit)))

    def blob(self, points: Sequence[Point], fill: Fill, *, line: bool = True) -> None:
        """A closed smooth curve through the points (Catmull-Rom)."""
        self.poly(_smooth(points), fill, line=line)

    def line(self, points: Sequence[Point], color: RGB, width: float) -> None:
        """An open line with round ends; ``width`` is a share of the box's shorter side."""
        pixels = [self.at(x, y) for x, y in points]
        thick = max(1, round(width * min(self.width, self.height)))
        self.draw.line(pixels, fill=color, width=thick, joint="curve")
        if thick > 3:
            r = thick / 2 - 0.5
            for x, y in (pixels[0], pixels[-1]):
                self.draw.ellipse((x - r, y - r, x + r, y + r), fill=color)

    def curve(self, start: Point, bend: Point, end: Point, color: RGB, width: float) -> None:
        """A line from start to end that leans towards ``bend``."""
        steps = [i / 8 for i in range(9)]
        points = [
            (
                (1 - t) ** 2 * start[0] + 2 * t * (1 - t) * bend[0] + t * t * end[0],
                (1 - t) ** 2 * start[1] + 2 * t * (1 - t) * bend[1] + t * t * end[1],
            )
            for t in steps
        ]
        self.line(points, color, width)

    def glaze(self, x0: float, y0: float, x1: float, y1: float, color: RGB, alpha: int) -> None:
        """A see-through ellipse: a shadow, a shine, a pane."""
        (left, top), (right, bottom) = self.at(x0, y0), self.at(x1, y1)
        box = (min(left, right), top, max(left, right), bottom)
        ImageDraw.Draw(self.image, "RGBA").ellipse(box, fill=(*color, alpha))

    def glaze_poly(self, points: Sequence[Point], color: RGB, alpha: int) -> None:
        """A see-through polygon."""
        ImageDraw.Draw(self.image, "RGBA").polygon([self.at(x, y) for x, y in points], fill=(*color, alpha))

    def text(self, words: str, x: float, y: float, size: float, color: RGB) -> None:
        """Words centred on a point, never mirrored; ``size`` is a share of the box's height."""
        font = built_in_font(max(8, round(size * self.height)))
        self.draw.text(self.at(x, y), words, fill=color, font=font, anchor="mm")

    def _shape(self, points: list[Point], fill: Fill, line: bool) -> None:
        if not isinstance(fill, Paint):
            self.draw.polygon(points, fill=fill)
            color = fill
        elif fill.finish == "plain":
            self.draw.polygon(points, fill=fill.main)
            color = fill.main
        else:
            self._textured(points, fill)
            color = fill.main
        if line:
            self.draw.line([*points, points[0], points[1]], fill=shade(color, 0.6), width=self.stroke)

    def _textured(self, points: list[Point], paint: Paint) -> None:
        left, top = math.floor(min(x for x, _ in points)), math.floor(min(y for _, y in points))
        size = (
            math.ceil(max(x for x, _ in points)) - left + 1,
            math.ceil(max(y for _, y in points)) - top + 1,
        )
        mask = Image.new("L", size)
        ImageDraw.Draw(mask).polygon([(x - left, y - top) for x, y in points], fill=paint.opacity)
        self.image.paste(texture(paint, size), (left, top), mask)


def _smooth(points: Sequence[Point]) -> list[Point]:
    """Points of the closed Catmull-Rom curve through the given ones."""
    n = len(points)
    curve: list[Point] = []
    for i in range(n):
        (ax, ay), (bx, by), (cx, cy), (dx, dy) = (points[(i + k - 1) % n] for k in range(4))
        for step in range(6):
            t = step / 6
            wa, wb = -0.5 * t + t * t - 0.5 * t**3, 1 - 2.5 * t * t + 1.5 * t**3
            wc, wd = 0.5 * t + 2 * t * t - 1.5 * t**3, -0.5 * t * t + 0.5 * t**3
            curve.append((wa * ax + wb * bx + wc * cx + wd * dx, wa * ay + wb * by + wc * cy + wd * dy))
    return curve


@lru_cache(maxsize=64)
def built_in_font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """Pillow's own font: the same letters on every machine."""
    return ImageFont.load_default(size=size)
