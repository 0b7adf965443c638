"""How plants, things of the sky and things of the beach and the snow are drawn."""

from __future__ import annotations

import math

from tldr_data.sources.scenes.pen import Pen
from tldr_data.sources.scenes.surfaces import RGB, Paint, shade

INK: RGB = (46, 42, 48)
TRUNK: RGB = (140, 98, 66)
LEAF: RGB = (86, 158, 82)
BEAK: RGB = (240, 150, 50)
WHITE: RGB = (252, 251, 247)


def starfish(pen: Pen, fill: Paint, form: str) -> None:
    star(pen, fill, form)
    for i in range(5):
        angle = math.tau * i / 5 - math.pi / 2
        pen.dot(0.5 + 0.22 * math.cos(angle), 0.53 + 0.22 * math.sin(angle), 0.03, shade(fill.main, 1.6))


def star(pen: Pen, fill: Paint, form: str) -> None:
    points = []
    for i in range(10):
        radius = 0.525 if i % 2 == 0 else 0.25
        angle = math.tau * i / 10 - math.pi / 2
        points.append((0.5 + radius * math.cos(angle), 0.53 + radius * math.sin(angle)))
    pen.poly(points, fill)


def tree(pen: Pen, fill: Paint, form: str) -> None:
    pen.poly(((0.43, 0.55), (0.57, 0.55), (0.6, 1), (0.4, 1)), TRUNK)
    pen.line(((0.5, 0.75), (0.66, 0.58)), TRUNK, 0.05)
    crown = ((0.24, 0.44), (0.76, 0.44), (0.3, 0.22), (0.7, 0.22), (0.5, 0.18), (0.5, 0.46))
    for x, y in crown:
        pen.oval(x - 0.24, y - 0.18, x + 0.24, y + 0.2, fill)
    pen.oval(0.14, 0.12, 0.86, 0.56, fill, line=False)
    light = Paint("plain", shade(fill.main, 1.16), fill.main)
    for x, y in ((0.36, 0.2), (0.6, 0.14), (0.66, 0.34), (0.3, 0.42)):
        pen.oval(x - 0.1, y - 0.05, x + 0.1, y + 0.05, light, line=False)


def fir_tree(pen: Pen, fill: Paint, form: str) -> None:
    pen.rect(0.43, 0.84, 0.57, 1, TRUNK)
    for top, width in ((0.46, 0.5), (0.23, 0.4), (0.0, 0.29)):
        pen.poly(((0.5, top), (0.5 + width, top + 0.42), (0.5, top + 0.38), (0.5 - width, top + 0.42)), fill)


def palm_tree(pen: Pen, fill: Paint, form: str) -> None:
    pen.curve((0.42, 0.95), (0.36, 0.55), (0.52, 0.25), shade(TRUNK, 0.7), 0.14)
    pen.curve((0.42, 0.95), (0.36, 0.55), (0.52, 0.25), shade(TRUNK, 1.2), 0.1)
    for tip, bend in (((0.0, 0.42), (0.2, 0.1)), ((0.08, 0.04), (0.3, -0.12)), ((1.0, 0.42), (0.8, 0.1))):
        pen.poly(_frond(tip, bend), fill)
    for tip, bend in (((0.94, 0.03), (0.7, -0.12)), ((0.28, 0.52), (0.38, 0.2)), ((0.76, 0.52), (0.68, 0.2))):
        pen.poly(_frond(tip, bend), fill)
    for x in (0.47, 0.57):
        pen.dot(x, 0.27, 0.06, (122, 84, 54), line=True)


def _frond(tip: tuple[float, float], bend: tuple[float, float]) -> list[tuple[float, float]]:
    (tx, ty), (bx, by) = tip, bend
    x, y = 0.52, 0.24
    upper = [
        ((1 - t) ** 2 * x + 2 * t * (1 - t) * bx + t * t * tx, (1 - t) ** 2 * y + 2 * t * (1 - t) * by + t * t * ty)
        for t in (0, 0.25, 0.5, 0.75, 1)
    ]
    lower = [(px, py + 0.09 * (1 - abs(2 * i / 4 - 1))) for i, (px, py) in enumerate(upper)]
    return upper + lower[::-1][1:-1]


def bush(pen: Pen, fill: Paint, form: str) -> None:
    for x, y in ((0.2, 0.62), (0.8, 0.62), (0.36, 0.4), (0.64, 0.4), (0.5, 0.62)):
        pen.oval(x - 0.2, y - 0.4 if y < 0.5 else y - 0.36, x + 0.2, 1, fill)
    pen.oval(0.1, 0.45, 0.9, 0.97, fill, line=False)
    for x, y in ((0.3, 0.4), (0.55, 0.28), (0.74, 0.5)):
        pen.oval(x - 0.07, y - 0.06, x + 0.07, y + 0.06, shade(fill.main, 1.18), line=False)


def flower(pen: Pen, fill: Paint, form: str) -> None:
    pen.curve((0.5, 0.4), (0.44, 0.7), (0.5, 0.99), (70, 136, 72), 0.12)
    pen.blob(((0.5, 0.9), (0.68, 0.62), (0.98, 0.6), (0.8, 0.82)), LEAF)
    for i in range(6):
        angle = math.tau * i / 6
        x, y = 0.5 + 0.27 * math.cos(angle), 0.26 + 0.15 * math.sin(angle)
        pen.oval(x - 0.22, y - 0.11, x + 0.22, y + 0.11, fill)
    pen.oval(0.32, 0.17, 0.68, 0.35, (250, 206, 70) if fill.main[2] > 90 or fill.main[1] < 100 else (140, 90, 50))


def tulip(pen: Pen, fill: Paint, form: str) -> None:
    pen.line(((0.5, 0.35), (0.5, 0.99)), (70, 136, 72), 0.13)
    pen.blob(((0.5, 0.97), (0.05, 0.75), (0.02, 0.5), (0.3, 0.7)), LEAF)
    pen.blob(((0.5, 0.97), (0.95, 0.75), (0.98, 0.5), (0.7, 0.7)), LEAF)
    pen.poly(
        (
            (0.12, 0.02),
            (0.32, 0.16),
            (0.5, 0.0),
            (0.68, 0.16),
            (0.88, 0.02),
            (0.86, 0.32),
            (0.66, 0.46),
            (0.34, 0.46),
            (0.14, 0.32),
        ),
        fill,
    )


def mushroom(pen: Pen, fill: Paint, form: str) -> None:
    pen.blob(((0.36, 0.4), (0.64, 0.4), (0.68, 0.97), (0.32, 0.97)), (244, 232, 208))
    pen.blob(((0.0, 0.5), (0.14, 0.14), (0.5, 0.0), (0.86, 0.14), (1.0, 0.5), (0.5, 0.58)), fill)


def pumpkin(pen: Pen, fill: Paint, form: str) -> None:
    pen.line(((0.5, 0.2), (0.56, 0.03)), (90, 130, 66), 0.12)
    for x in (0.2, 0.8, 0.35, 0.65, 0.5):
        pen.oval(x - 0.2, 0.16, x + 0.2, 1, fill)


def cactus(pen: Pen, fill: Paint, form: str) -> None:
    pot = Paint("plain", (206, 112, 74), INK)
    pen.round_rect(0.08, 0.3, 0.3, 0.56, fill, round_by=0.5)
    pen.round_rect(0.72, 0.22, 0.94, 0.5, fill, round_by=0.5)
    pen.rect(0.2, 0.42, 0.8, 0.54, fill)
    pen.round_rect(0.34, 0.01, 0.68, 0.8, fill, round_by=0.5)
    pen.poly(((0.14, 0.68), (0.86, 0.68), (0.74, 1), (0.26, 1)), pot)


def plant(pen: Pen, fill: Paint, form: str) -> None:
    for tip in ((0.02, 0.3), (0.2, 0.08), (0.5, 0.0), (0.8, 0.08), (0.98, 0.3)):
        pen.blob(
            (
                (0.5, 0.7),
                ((tip[0] + 0.5) / 2 - 0.1, (tip[1] + 0.5) / 2),
                tip,
                ((tip[0] + 0.5) / 2 + 0.1, (tip[1] + 0.62) / 2),
            ),
            LEAF,
        )
    pen.poly(((0.2, 0.64), (0.8, 0.64), (0.7, 1), (0.3, 1)), fill)
    pen.rect(0.15, 0.58, 0.85, 0.68, fill)


def sun(pen: Pen, fill: Paint, form: str) -> None:
    for i in range(12):
        angle = math.tau * i / 12
        c, s = math.cos(angle), math.sin(angle)
        pen.line(((0.5 + 0.38 * c, 0.5 + 0.38 * s), (0.5 + 0.47 * c, 0.5 + 0.47 * s)), (250, 196, 70), 0.06)
    pen.oval(0.17, 0.17, 0.83, 0.83, fill)


def moon(pen: Pen, fill: Paint, form: str) -> None:
    if form == "full":
        pen.oval(0, 0, 1, 1, fill)
        for x, y, r in ((0.35, 0.35, 0.1), (0.65, 0.55, 0.13), (0.4, 0.72, 0.07)):
            pen.dot(x, y, r, shade(fill.main, 0.9))
        return
    turn = [math.radians(60 + 240 * i / 20) for i in range(21)]
    outer = [(0.667 + 0.667 * math.cos(a), 0.5 + 0.5 * math.sin(a)) for a in turn]
    x, y = outer[0]
    inner = [(x - 0.5 * math.sin(math.pi * i / 12), y + (1 - 2 * y) * i / 12) for i in range(1, 12)]
    pen.poly(outer + inner[::-1], fill)


def cloud(pen: Pen, fill: Paint, form: str) -> None:
    for x, y, r in ((0.2, 0.66, 0.19), (0.42, 0.4, 0.24), (0.66, 0.46, 0.2), (0.83, 0.68, 0.16)):
        pen.oval(x - r, y - r * 1.62, x + r, min(0.99, y + r * 1.62), fill)
    pen.round_rect(0.1, 0.55, 0.92, 0.98, fill, round_by=0.5)
    pen.oval(0.12, 0.3, 0.88, 0.94, fill, line=False)


def mountain(pen: Pen, fill: Paint, form: str) -> None:
    pen.poly(((0, 1), (0.3, 0.42), (0.4, 0.5), (0.6, 0.0), (1, 1)), fill)
    pen.poly(((0.6, 0.0), (0.7, 0.28), (0.62, 0.22), (0.55, 0.32), (0.5, 0.25)), WHITE)


def snowman(pen: Pen, fill: Paint, form: str) -> None:
    pen.line(((0.3, 0.52), (0.01, 0.36)), TRUNK, 0.05)
    pen.line(((0.7, 0.52), (0.99, 0.36)), TRUNK, 0.05)
    pen.oval(0.12, 0.58, 0.88, 1, fill)
    pen.oval(0.22, 0.32, 0.78, 0.68, fill)
    pen.oval(0.3, 0.1, 0.7, 0.4, fill)
    pen.rect(0.22, 0.12, 0.78, 0.16, INK)
    pen.rect(0.34, 0.0, 0.66, 0.13, INK)
    for x in (0.42, 0.58):
        pen.dot(x, 0.22, 0.04, INK)
    pen.poly(((0.5, 0.25), (0.3, 0.29), (0.5, 0.3)), BEAK)
    for y in (0.44, 0.52, 0.6):
        pen.dot(0.5, y, 0.035, INK)
