"""How buildings, vehicles, toys and other outdoor things are drawn."""

from __future__ import annotations

from tldr_data.sources.scenes.figures_home import INK, WHITE, WOOD, plain
from tldr_data.sources.scenes.pen import Pen
from tldr_data.sources.scenes.surfaces import RGB, Paint, shade

PANE: RGB = (176, 216, 238)
STEEL: RGB = (120, 124, 134)


def house(pen: Pen, fill: Paint, form: str) -> None:
    roof = Paint("plain", fill.second, fill.second)
    body = fill if fill.finish in ("brick", "wooden", "stone") else plain(fill)
    pen.rect(0.72, 0.06, 0.83, 0.35, (170, 110, 90))
    pen.rect(0.1, 0.4, 0.9, 1, body)
    pen.poly(((0.0, 0.44), (0.26, 0.04), (0.74, 0.0), (1.0, 0.44)), roof)
    pen.rect(0.43, 0.64, 0.58, 1, (130, 88, 58))
    for x in (0.18, 0.65):
        pen.rect(x, 0.54, x + 0.17, 0.76, PANE)
        pen.line(((x + 0.085, 0.54), (x + 0.085, 0.76)), WHITE, 0.02)


def barn(pen: Pen, fill: Paint, form: str) -> None:
    pen.poly(((0.06, 0.42), (0.5, 0.1), (0.94, 0.42), (0.94, 1), (0.06, 1)), fill)
    pen.poly(
        (
            (0.0, 0.42),
            (0.2, 0.1),
            (0.5, 0.0),
            (0.8, 0.1),
            (1, 0.42),
            (0.92, 0.46),
            (0.76, 0.2),
            (0.5, 0.1),
            (0.24, 0.2),
            (0.08, 0.46),
        ),
        STEEL,
    )
    pen.rect(0.32, 0.56, 0.68, 1, plain(fill, 0.8))
    for a, b in (((0.32, 0.56), (0.68, 1)), ((0.68, 0.56), (0.32, 1))):
        pen.line((a, b), WHITE, 0.03)
    pen.rect(0.42, 0.26, 0.58, 0.42, WHITE)


def lighthouse(pen: Pen, fill: Paint, form: str) -> None:
    pen.poly(((0.26, 0.26), (0.74, 0.26), (0.94, 1), (0.06, 1)), fill)
    pen.rect(0.3, 0.12, 0.7, 0.26, (252, 226, 130))
    pen.rect(0.16, 0.24, 0.84, 0.29, INK)
    pen.poly(((0.24, 0.13), (0.5, 0.0), (0.76, 0.13)), (200, 66, 60) if fill.main[0] < 180 else (70, 74, 90))
    pen.rect(0.4, 0.86, 0.6, 1, INK)


def windmill(pen: Pen, fill: Paint, form: str) -> None:
    pen.poly(((0.36, 0.34), (0.64, 0.34), (0.76, 1), (0.24, 1)), fill)
    pen.poly(((0.32, 0.36), (0.5, 0.2), (0.68, 0.36)), STEEL)
    pen.rect(0.44, 0.8, 0.56, 1, (120, 80, 54))
    for x, y in ((0.04, 0.04), (0.96, 0.04), (0.08, 0.62), (0.92, 0.62)):
        pen.line(((0.5, 0.33), (x, y)), (120, 84, 60), 0.05)
        mx, my = (x + 0.5) / 2, (y + 0.33) / 2
        pen.line(((mx, my), (x, y)), WHITE, 0.1)
        pen.line(((mx, my), (x, y)), (120, 84, 60), 0.02)


def bench(pen: Pen, fill: Paint, form: str) -> None:
    for x in (0.08, 0.86):
        pen.rect(x, 0.0, x + 0.06, 1, STEEL)
    for y in (0.02, 0.2):
        pen.rect(0, y, 1, y + 0.14, fill)
    pen.poly(((0.04, 0.46), (0.96, 0.46), (1, 0.62), (0, 0.62)), fill)


def fence(pen: Pen, fill: Paint, form: str) -> None:
    for y in (0.3, 0.68):
        pen.rect(0, y, 1, y + 0.12, plain(fill, 0.9))
    n = max(4, round(pen.width / pen.height * 2.4))
    for i in range(n):
        x = (i + 0.2) / n
        w = 0.55 / n
        pen.poly(((x, 0.16), (x + w / 2, 0.0), (x + w, 0.16), (x + w, 1), (x, 1)), fill)


def car(pen: Pen, fill: Paint, form: str) -> None:
    pen.blob(((0.16, 0.5), (0.3, 0.06), (0.66, 0.02), (0.86, 0.5)), fill)
    pen.poly(((0.26, 0.44), (0.34, 0.14), (0.5, 0.12), (0.5, 0.44)), PANE)
    pen.poly(((0.54, 0.44), (0.54, 0.12), (0.65, 0.13), (0.77, 0.44)), PANE)
    pen.round_rect(0.0, 0.42, 1, 0.84, fill, round_by=0.5)
    pen.oval(0.01, 0.52, 0.07, 0.66, (252, 232, 150))
    _wheels(pen, (0.22, 0.78), 0.82, 0.17)


def bus(pen: Pen, fill: Paint, form: str) -> None:
    pen.round_rect(0, 0, 1, 0.88, fill, round_by=0.2)
    for x in (0.05, 0.24, 0.43, 0.62):
        pen.rect(x, 0.14, x + 0.15, 0.46, PANE)
    pen.rect(0.81, 0.14, 0.95, 0.84, PANE)
    pen.rect(0.0, 0.58, 0.81, 0.64, plain(fill, 1.4), line=False)
    _wheels(pen, (0.2, 0.72), 0.86, 0.14)


def truck(pen: Pen, fill: Paint, form: str) -> None:
    pen.rect(0.34, 0.0, 1, 0.82, plain(fill, 1.25))
    pen.poly(((0.0, 0.84), (0.0, 0.5), (0.08, 0.2), (0.33, 0.2), (0.33, 0.84)), fill)
    pen.poly(((0.05, 0.48), (0.11, 0.27), (0.24, 0.27), (0.24, 0.48)), PANE)
    _wheels(pen, (0.18, 0.62, 0.84), 0.84, 0.16)


def tractor(pen: Pen, fill: Paint, form: str) -> None:
    pen.rect(0.46, 0.04, 0.84, 0.5, PANE)
    pen.rect(0.42, 0.0, 0.88, 0.08, fill)
    pen.rect(0.16, 0.1, 0.21, 0.4, INK)
    pen.round_rect(0.0, 0.36, 0.6, 0.74, fill, round_by=0.3)
    pen.rect(0.5, 0.44, 0.9, 0.7, fill)
    _wheels(pen, (0.15,), 0.84, 0.16)
    _wheels(pen, (0.73,), 0.71, 0.28)


def _wheels(pen: Pen, places: tuple[float, ...], y: float, radius: float) -> None:
    radius = min(radius, (1 - y) * pen.height / min(pen.width, pen.height))
    for x in places:
        pen.dot(x, y, radius, (56, 54, 60), line=True)
        pen.dot(x, y, radius * 0.45, (206, 206, 210))


def bicycle(pen: Pen, fill: Paint, form: str) -> None:
    for x in (0.205, 0.795):
        pen.ring(x, 0.67, 0.33, INK, 0.06)
        pen.ring(x, 0.67, 0.05, STEEL, 0.05)
    frame = fill.main
    pen.line(((0.205, 0.67), (0.34, 0.3), (0.68, 0.3), (0.48, 0.7), (0.205, 0.67)), frame, 0.07)
    pen.line(((0.48, 0.7), (0.34, 0.3), (0.32, 0.18)), frame, 0.07)
    pen.line(((0.795, 0.67), (0.66, 0.1), (0.74, 0.04)), frame, 0.07)
    pen.round_rect(0.24, 0.12, 0.42, 0.2, INK, round_by=0.5)
    pen.round_rect(0.6, 0.0, 0.78, 0.08, INK, round_by=0.5)


def street_lamp(pen: Pen, fill: Paint, form: str) -> None:
    pen.rect(0.43, 0.2, 0.57, 1, fill)
    pen.rect(0.26, 0.94, 0.74, 1, fill)
    pen.poly(((0.12, 0.06), (0.88, 0.06), (0.7, 0.22), (0.3, 0.22)), (252, 230, 140))
    pen.poly(((0.0, 0.07), (0.5, 0.0), (1, 0.07)), fill)


def mailbox(pen: Pen, fill: Paint, form: str) -> None:
    pen.rect(0.42, 0.5, 0.58, 1, (140, 98, 66))
    pen.round_rect(0, 0, 1, 0.52, fill, round_by=0.4)
    pen.rect(0.2, 0.24, 0.8, 0.32, plain(fill, 0.6))


def tent(pen: Pen, fill: Paint, form: str) -> None:
    pen.poly(((0.0, 1), (0.5, 0.0), (1, 1)), fill)
    pen.poly(((0.34, 1), (0.5, 0.3), (0.66, 1)), plain(fill, 0.55))


def campfire(pen: Pen, fill: Paint, form: str) -> None:
    pen.blob(((0.5, 0.0), (0.72, 0.35), (0.84, 0.6), (0.66, 0.86), (0.34, 0.86), (0.16, 0.6), (0.34, 0.4)), fill)
    pen.blob(((0.5, 0.34), (0.64, 0.6), (0.58, 0.84), (0.42, 0.84), (0.36, 0.6)), (253, 216, 90), line=False)
    pen.line(((0.06, 0.94), (0.94, 0.8)), (120, 80, 54), 0.13)
    pen.line(((0.06, 0.8), (0.94, 0.94)), (140, 96, 64), 0.13)


def sailboat(pen: Pen, fill: Paint, form: str) -> None:
    pen.rect(0.48, 0.0, 0.52, 0.74, (130, 90, 60), line=False)
    pen.poly(((0.55, 0.02), (0.55, 0.68), (0.98, 0.68)), WHITE)
    pen.poly(((0.45, 0.14), (0.45, 0.68), (0.1, 0.68)), WHITE)
    pen.poly(((0.0, 0.74), (1, 0.74), (0.84, 1), (0.16, 1)), fill)


def boat(pen: Pen, fill: Paint, form: str) -> None:
    pen.blob(
        ((0.0, 0.1), (0.3, 0.28), (0.7, 0.28), (1.0, 0.1), (0.88, 0.86), (0.7, 0.98), (0.3, 0.98), (0.12, 0.86)), fill
    )
    pen.line(((0.03, 0.24), (0.3, 0.38), (0.7, 0.38), (0.97, 0.24)), shade(fill.main, 1.6), 0.08)


def boat_back(pen: Pen, fill: Paint, form: str) -> None:
    pen.blob(((0.0, 0.08), (0.3, 0.0), (0.7, 0.0), (1, 0.08), (0.7, 0.34), (0.3, 0.34)), plain(fill, 0.6))


def bucket(pen: Pen, fill: Paint, form: str) -> None:
    pen.poly(((0.0, 0.3), (1, 0.3), (0.82, 1), (0.18, 1)), fill)


def bucket_back(pen: Pen, fill: Paint, form: str) -> None:
    pen.curve((0.04, 0.3), (0.5, -0.28), (0.96, 0.3), STEEL, 0.06)
    pen.oval(0.0, 0.2, 1, 0.42, plain(fill, 0.6))


def barrel(pen: Pen, fill: Paint, form: str) -> None:
    pen.blob(((0.14, 0.05), (0.86, 0.05), (0.99, 0.5), (0.86, 0.95), (0.14, 0.95), (0.01, 0.5)), fill)
    pen.oval(0.14, 0.0, 0.86, 0.16, plain(fill, 0.8))
    for y in (0.28, 0.74):
        pen.rect(0.05, y, 0.95, y + 0.08, STEEL)


def umbrella(pen: Pen, fill: Paint, form: str) -> None:
    pen.rect(0.48, 0.08, 0.52, 1, (240, 236, 226))
    pen.poly(
        (
            (0.0, 0.42),
            (0.08, 0.2),
            (0.26, 0.07),
            (0.5, 0.02),
            (0.74, 0.07),
            (0.92, 0.2),
            (1, 0.42),
            (0.75, 0.36),
            (0.5, 0.42),
            (0.25, 0.36),
        ),
        fill,
    )
    pen.oval(0.47, 0.0, 0.53, 0.05, INK)


def surfboard(pen: Pen, fill: Paint, form: str) -> None:
    pen.blob(((0.5, 0.0), (0.86, 0.14), (1.0, 0.55), (0.8, 0.97), (0.2, 0.97), (0.0, 0.55), (0.14, 0.14)), fill)
    pen.line(((0.5, 0.06), (0.5, 0.92)), shade(fill.main, 0.6), 0.05)


def ball(pen: Pen, fill: Paint, form: str) -> None:
    pen.oval(0, 0, 1, 1, fill)
    pen.glaze(0.16, 0.12, 0.42, 0.38, WHITE, 110)


def kite(pen: Pen, fill: Paint, form: str) -> None:
    pen.curve((0.5, 0.7), (0.8, 0.82), (0.45, 0.98), shade(fill.main, 0.6), 0.03)
    for x, y in ((0.6, 0.82), (0.55, 0.93)):
        pen.poly(
            ((x - 0.1, y - 0.03), (x + 0.1, y + 0.03), (x + 0.1, y - 0.03), (x - 0.1, y + 0.03)), plain(fill, 0.85)
        )
    pen.poly(((0.5, 0.0), (1, 0.28), (0.5, 0.72), (0, 0.28)), fill)
    pen.line(((0.5, 0.0), (0.5, 0.72)), shade(fill.main, 0.6), 0.025)
    pen.line(((0.0, 0.28), (1, 0.28)), shade(fill.main, 0.6), 0.025)


def balloon(pen: Pen, fill: Paint, form: str) -> None:
    pen.line(((0.3, 0.6), (0.42, 0.86)), INK, 0.02)
    pen.line(((0.7, 0.6), (0.58, 0.86)), INK, 0.02)
    pen.blob(((0.5, 0.0), (0.9, 0.14), (1, 0.38), (0.68, 0.72), (0.32, 0.72), (0.0, 0.38), (0.1, 0.14)), fill)
    pen.rect(0.38, 0.84, 0.62, 1, (176, 124, 76))


def airplane(pen: Pen, fill: Paint, form: str) -> None:
    pen.poly(((0.78, 0.42), (0.9, 0.0), (1, 0.0), (0.94, 0.5)), fill)
    pen.blob(((0.0, 0.56), (0.12, 0.36), (0.6, 0.34), (0.96, 0.42), (0.92, 0.6), (0.4, 0.76), (0.1, 0.72)), fill)
    pen.poly(((0.38, 0.56), (0.58, 0.56), (0.76, 1), (0.66, 1)), plain(fill, 0.75))
    for x in (0.22, 0.32, 0.42, 0.52, 0.62):
        pen.dot(x, 0.48, 0.07, PANE)


def sled(pen: Pen, fill: Paint, form: str) -> None:
    pen.line(((0.04, 0.3), (0.02, 0.7), (0.12, 0.95), (0.98, 0.95)), STEEL, 0.1)
    for x in (0.26, 0.74):
        pen.rect(x, 0.3, x + 0.06, 0.92, (140, 98, 66))
    pen.round_rect(0.1, 0.0, 1, 0.34, fill)


def hay_bale(pen: Pen, fill: Paint, form: str) -> None:
    pen.round_rect(0, 0, 1, 1, fill, round_by=0.2)
    for x in (0.28, 0.7):
        pen.line(((x, 0.02), (x, 0.98)), (170, 110, 70), 0.05)


def watering_can(pen: Pen, fill: Paint, form: str) -> None:
    pen.ring(0.78, 0.5, 0.28, shade(fill.main, 0.7), 0.09)
    pen.line(((0.34, 0.85), (0.06, 0.2)), shade(fill.main, 0.8), 0.12)
    pen.oval(0.0, 0.06, 0.16, 0.26, plain(fill, 0.8))
    pen.curve((0.36, 0.2), (0.55, -0.2), (0.74, 0.2), shade(fill.main, 0.7), 0.08)
    pen.rect(0.3, 0.2, 0.78, 1, fill)


def lifebuoy(pen: Pen, fill: Paint, form: str) -> None:
    pen.oval(0, 0, 1, 1, plain(fill))
    for pts in (
        ((0.4, 0), (0.6, 0), (0.56, 0.3), (0.44, 0.3)),
        ((0.4, 1), (0.6, 1), (0.56, 0.7), (0.44, 0.7)),
        ((0, 0.4), (0, 0.6), (0.3, 0.56), (0.3, 0.44)),
        ((1, 0.4), (1, 0.6), (0.7, 0.56), (0.7, 0.44)),
    ):
        pen.poly(pts, WHITE, line=False)
    pen.oval(0.27, 0.27, 0.73, 0.73, (120, 112, 108))


def anchor(pen: Pen, fill: Paint, form: str) -> None:
    tone = fill.main
    pen.ring(0.5, 0.12, 0.14, tone, 0.07)
    pen.line(((0.5, 0.22), (0.5, 0.95)), tone, 0.11)
    pen.line(((0.24, 0.34), (0.76, 0.34)), tone, 0.1)
    pen.curve((0.08, 0.62), (0.14, 0.98), (0.5, 0.95), tone, 0.11)
    pen.curve((0.92, 0.62), (0.86, 0.98), (0.5, 0.95), tone, 0.11)
    pen.poly(((0.0, 0.68), (0.06, 0.52), (0.2, 0.66)), tone)
    pen.poly(((1.0, 0.68), (0.94, 0.52), (0.8, 0.66)), tone)


def sign_on_post(pen: Pen, fill: Paint, form: str) -> None:
    for x in (0.22, 0.72):
        pen.rect(x, 0.4, x + 0.06, 1, (140, 98, 66))
    pen.round_rect(0, 0, 1, 0.56, fill, round_by=0.15)


def sign_on_wall(pen: Pen, fill: Paint, form: str) -> None:
    pen.round_rect(0, 0, 1, 1, fill, round_by=0.15)


def chest(pen: Pen, fill: Paint, form: str) -> None:
    pen.round_rect(0, 0, 1, 0.6, fill, round_by=0.4)
    pen.rect(0, 0.42, 1, 1, WOOD if fill.finish == "wooden" else fill)
    pen.rect(0.42, 0.36, 0.58, 0.58, (250, 211, 92))
