"""How furniture, food and small household things are drawn."""

from __future__ import annotations

from tldr_data.sources.scenes.pen import Pen
from tldr_data.sources.scenes.surfaces import RGB, Paint, shade

INK: RGB = (46, 42, 48)
WOOD = Paint("wooden", (178, 124, 76), (146, 98, 60))
WHITE: RGB = (252, 251, 247)
LEAF: RGB = (86, 158, 82)


def plain(fill: Paint, factor: float = 1.0) -> Paint:
    """The same colour without pattern, darker or lighter."""
    return Paint("plain", shade(fill.main, factor), fill.second)


def table(pen: Pen, fill: Paint, form: str) -> None:
    if form == "round":
        pen.poly(((0.46, 0.15), (0.54, 0.15), (0.56, 0.9), (0.44, 0.9)), plain(fill, 0.85))
        pen.oval(0.3, 0.86, 0.7, 1, plain(fill, 0.85))
        pen.oval(0, 0.0, 1, 0.26, plain(fill, 0.8))
        pen.oval(0, 0.0, 1, 0.2, fill)
        return
    for x in (0.12, 0.8):
        pen.rect(x, 0.15, x + 0.06, 0.86, plain(fill, 0.7))
    for x in (0.03, 0.9):
        pen.rect(x, 0.2, x + 0.07, 1, plain(fill, 0.88))
    pen.rect(0.0, 0.16, 1, 0.28, plain(fill, 0.85))
    pen.poly(((0.06, 0.0), (0.94, 0.0), (1, 0.18), (0, 0.18)), fill)


def chair(pen: Pen, fill: Paint, form: str) -> None:
    for x in (0.08, 0.8):
        pen.rect(x, 0.0, x + 0.12, 0.96, plain(fill, 0.85))
    pen.round_rect(0.1, 0.03, 0.9, 0.2, fill)
    pen.round_rect(0.1, 0.27, 0.9, 0.4, fill)
    for x in (0.0, 0.86):
        pen.rect(x, 0.62, x + 0.14, 1, plain(fill, 0.95))
    pen.poly(((0.1, 0.52), (0.9, 0.52), (1, 0.66), (0, 0.66)), fill)


def sofa(pen: Pen, fill: Paint, form: str) -> None:
    for x in (0.08, 0.86):
        pen.rect(x, 0.88, x + 0.05, 1, INK)
    pen.round_rect(0.08, 0.0, 0.92, 0.7, fill, round_by=0.25)
    pen.round_rect(0.12, 0.46, 0.5, 0.78, plain(fill, 1.1))
    pen.round_rect(0.5, 0.46, 0.88, 0.78, plain(fill, 1.1))
    pen.rect(0.1, 0.74, 0.9, 0.92, fill)
    pen.round_rect(0.0, 0.32, 0.14, 0.94, plain(fill, 0.92), round_by=0.5)
    pen.round_rect(0.86, 0.32, 1.0, 0.94, plain(fill, 0.92), round_by=0.5)


def armchair(pen: Pen, fill: Paint, form: str) -> None:
    for x in (0.12, 0.8):
        pen.rect(x, 0.88, x + 0.08, 1, INK)
    pen.round_rect(0.14, 0.0, 0.86, 0.75, fill, round_by=0.4)
    pen.round_rect(0.2, 0.5, 0.8, 0.78, plain(fill, 1.1))
    pen.rect(0.14, 0.74, 0.86, 0.92, fill)
    pen.round_rect(0.0, 0.36, 0.22, 0.94, plain(fill, 0.92), round_by=0.5)
    pen.round_rect(0.78, 0.36, 1.0, 0.94, plain(fill, 0.92), round_by=0.5)


def bed(pen: Pen, fill: Paint, form: str) -> None:
    pen.round_rect(0.0, 0.0, 0.09, 1, WOOD, round_by=0.4)
    pen.round_rect(0.92, 0.35, 1, 1, WOOD, round_by=0.4)
    pen.rect(0.05, 0.68, 0.96, 0.86, WOOD)
    pen.round_rect(0.08, 0.42, 0.94, 0.72, WHITE)
    pen.round_rect(0.1, 0.26, 0.34, 0.5, WHITE, round_by=0.5)
    pen.round_rect(0.36, 0.38, 0.95, 0.74, fill)


def lamp(pen: Pen, fill: Paint, form: str) -> None:
    pen.rect(0.46, 0.4, 0.54, 0.92, (196, 160, 90))
    pen.oval(0.24, 0.86, 0.76, 1, (196, 160, 90))
    pen.poly(((0.24, 0.0), (0.76, 0.0), (1, 0.5), (0, 0.5)), fill)


def vase(pen: Pen, fill: Paint, form: str) -> None:
    pen.blob(
        ((0.34, 0.03), (0.66, 0.03), (0.62, 0.2), (0.97, 0.55), (0.75, 0.98), (0.25, 0.98), (0.03, 0.55), (0.38, 0.2)),
        fill,
    )
    pen.oval(0.28, 0.0, 0.72, 0.1, plain(fill, 0.75))


def candle(pen: Pen, fill: Paint, form: str) -> None:
    pen.blob(((0.5, 0.0), (0.8, 0.2), (0.5, 0.34), (0.2, 0.2)), (252, 184, 60))
    pen.rect(0.1, 0.34, 0.9, 1, fill)
    pen.line(((0.5, 0.28), (0.5, 0.36)), INK, 0.12)


def book(pen: Pen, fill: Paint, form: str) -> None:
    if form == "open":
        pen.poly(((0, 0.2), (0.5, 0.36), (1, 0.2), (1, 0.86), (0.5, 1), (0, 0.86)), fill)
        pen.blob(((0.04, 0.12), (0.3, 0.06), (0.5, 0.22), (0.5, 0.92), (0.28, 0.76), (0.04, 0.8)), WHITE)
        pen.blob(((0.96, 0.12), (0.7, 0.06), (0.5, 0.22), (0.5, 0.92), (0.72, 0.76), (0.96, 0.8)), WHITE)
        for y in (0.32, 0.46, 0.6):
            pen.line(((0.12, y - 0.02), (0.42, y + 0.06)), (170, 170, 176), 0.03)
            pen.line(((0.88, y - 0.02), (0.58, y + 0.06)), (170, 170, 176), 0.03)
        return
    pen.round_rect(0, 0, 1, 1, fill, round_by=0.1)
    pen.rect(0.82, 0.1, 1, 0.9, WHITE)
    pen.line(((0.16, 0.02), (0.16, 0.98)), shade(fill.main, 0.6), 0.08)


def pencil(pen: Pen, fill: Paint, form: str) -> None:
    pen.rect(0.14, 0.05, 0.86, 0.95, fill)
    pen.poly(((0.14, 0.05), (0.0, 0.5), (0.14, 0.95)), (240, 206, 160))
    pen.rect(0.86, 0.05, 1, 0.95, (240, 150, 160))


def clock(pen: Pen, fill: Paint, form: str) -> None:
    if form == "square":
        pen.round_rect(0, 0, 1, 1, fill, round_by=0.2)
        pen.rect(0.14, 0.14, 0.86, 0.86, plain(fill, 1.86))
    else:
        pen.oval(0, 0, 1, 1, fill)
        pen.oval(0.12, 0.12, 0.88, 0.88, plain(fill, 1.86))
    for x, y in ((0.5, 0.2), (0.8, 0.5), (0.5, 0.8), (0.2, 0.5)):
        pen.dot(x, y, 0.035, INK)
    pen.line(((0.5, 0.27), (0.5, 0.5), (0.68, 0.6)), INK, 0.05)


def painting(pen: Pen, fill: Paint, form: str) -> None:
    pen.rect(0, 0, 1, 1, fill)
    pen.rect(0.1, 0.13, 0.9, 0.87, (236, 226, 206))
    pen.blob(
        ((0.12, 0.66), (0.35, 0.4), (0.6, 0.62), (0.88, 0.46), (0.88, 0.86), (0.12, 0.86)), (128, 168, 160), line=False
    )
    pen.oval(0.58, 0.2, 0.74, 0.42, (238, 150, 96), line=False)


def window(pen: Pen, fill: Paint, form: str) -> None:
    pane = (176, 216, 238)
    if form == "round":
        pen.oval(0, 0, 1, 1, fill)
        pen.oval(0.1, 0.1, 0.9, 0.9, pane)
    else:
        pen.rect(0, 0, 1, 1, fill)
        pen.rect(0.08, 0.08, 0.92, 0.9, pane)
    pen.glaze_poly(((0.25, 0.14), (0.42, 0.14), (0.26, 0.6), (0.14, 0.6)), WHITE, 110)
    pen.line(((0.5, 0.08), (0.5, 0.92)), fill.main, 0.06)
    pen.line(((0.08, 0.5), (0.92, 0.5)), fill.main, 0.06)


def shelf(pen: Pen, fill: Paint, form: str) -> None:
    for x in (0.12, 0.84):
        pen.poly(((x, 0.4), (x + 0.04, 0.4), (x + 0.04, 1), (x, 0.8)), plain(fill, 0.7))
    pen.rect(0, 0, 1, 0.5, fill)


def rug(pen: Pen, fill: Paint, form: str) -> None:
    if form == "round":
        pen.oval(0, 0, 1, 1, fill)
        pen.oval(0.12, 0.12, 0.88, 0.88, plain(fill, 1.3))
        pen.oval(0.2, 0.2, 0.8, 0.8, fill)
        return
    pen.poly(((0.08, 0), (0.92, 0), (1, 1), (0, 1)), fill)


def fish_bowl(pen: Pen, fill: Paint, form: str) -> None:
    water = (140, 200, 232)
    pen.blob(
        ((0.28, 0.04), (0.72, 0.04), (0.98, 0.45), (0.8, 0.97), (0.2, 0.97), (0.02, 0.45)),
        Paint("glass", (214, 238, 246), WHITE),
    )
    pen.blob(((0.06, 0.32), (0.94, 0.32), (0.96, 0.5), (0.78, 0.94), (0.22, 0.94), (0.04, 0.5)), water, line=False)
    pen.oval(0.22, 0.0, 0.78, 0.12, (214, 238, 246))
    pen.glaze(0.12, 0.3, 0.24, 0.6, WHITE, 130)


def teddy_bear(pen: Pen, fill: Paint, form: str) -> None:
    light = plain(fill, 1.4)
    for x in (0.22, 0.78):
        pen.oval(x - 0.15, 0.0, x + 0.15, 0.22, fill)
        pen.oval(x - 0.22, 0.78, x + 0.2, 1, fill)
        pen.oval(x - 0.2, 0.48, x + 0.18, 0.68, fill)
    pen.oval(0.2, 0.4, 0.8, 0.96, fill)
    pen.oval(0.32, 0.54, 0.68, 0.86, light, line=False)
    pen.oval(0.14, 0.04, 0.86, 0.5, fill)
    pen.oval(0.34, 0.26, 0.66, 0.46, light)
    for x in (0.36, 0.64):
        pen.dot(x, 0.22, 0.045, INK)
    pen.oval(0.44, 0.28, 0.56, 0.34, INK, line=False)


def guitar(pen: Pen, fill: Paint, form: str) -> None:
    pen.rect(0.44, 0.08, 0.56, 0.6, (110, 76, 50))
    pen.round_rect(0.38, 0.0, 0.62, 0.1, (110, 76, 50))
    pen.blob(
        ((0.3, 0.46), (0.7, 0.46), (0.74, 0.62), (0.99, 0.8), (0.8, 0.98), (0.2, 0.98), (0.01, 0.8), (0.26, 0.62)), fill
    )
    pen.oval(0.36, 0.6, 0.64, 0.72, INK)
    pen.rect(0.34, 0.84, 0.66, 0.88, INK)


def laptop(pen: Pen, fill: Paint, form: str) -> None:
    pen.round_rect(0.1, 0, 0.9, 0.76, fill, round_by=0.1)
    pen.rect(0.15, 0.06, 0.85, 0.68, (120, 190, 226))
    pen.poly(((0.1, 0.76), (0.9, 0.76), (1, 1), (0, 1)), plain(fill, 0.9))


def globe(pen: Pen, fill: Paint, form: str) -> None:
    pen.rect(0.45, 0.74, 0.55, 0.94, (150, 104, 62))
    pen.oval(0.2, 0.9, 0.8, 1, (150, 104, 62))
    pen.oval(0.0, 0.0, 1, 0.78, fill)
    pen.blob(((0.2, 0.16), (0.48, 0.1), (0.5, 0.34), (0.34, 0.5), (0.2, 0.36)), (126, 190, 116), line=False)
    pen.blob(((0.62, 0.36), (0.84, 0.3), (0.84, 0.5), (0.68, 0.6)), (126, 190, 116), line=False)


def hat(pen: Pen, fill: Paint, form: str) -> None:
    pen.oval(0, 0.66, 1, 1, fill)
    pen.blob(((0.22, 0.82), (0.26, 0.14), (0.5, 0.0), (0.74, 0.14), (0.78, 0.82), (0.5, 0.9)), fill)
    pen.poly(((0.22, 0.6), (0.78, 0.6), (0.78, 0.8), (0.5, 0.88), (0.22, 0.8)), plain(fill, 0.62))


def drum(pen: Pen, fill: Paint, form: str) -> None:
    pen.poly(((0, 0.2), (1, 0.2), (1, 0.82), (0.5, 1), (0, 0.82)), fill)
    pen.line(((0, 0.24), (0.25, 0.9), (0.5, 0.3), (0.75, 0.9), (1, 0.24)), WHITE, 0.04)
    pen.oval(0, 0, 1, 0.4, (246, 236, 214))


def gift(pen: Pen, fill: Paint, form: str) -> None:
    ribbon = (250, 211, 92) if fill.main[2] > 70 or fill.main[1] < 120 else (213, 62, 58)
    pen.blob(((0.5, 0.24), (0.2, 0.28), (0.24, 0.02), (0.44, 0.06)), ribbon)
    pen.blob(((0.5, 0.24), (0.8, 0.28), (0.76, 0.02), (0.56, 0.06)), ribbon)
    pen.rect(0.05, 0.4, 0.95, 1, fill)
    pen.rect(0, 0.22, 1, 0.44, fill)
    pen.rect(0.42, 0.22, 0.58, 1, ribbon)


def box_front(pen: Pen, fill: Paint, form: str) -> None:
    pen.rect(0.0, 0.2, 1, 1, fill)


def box_back(pen: Pen, fill: Paint, form: str) -> None:
    pen.poly(((0.0, 0.2), (0.1, 0.0), (0.9, 0.0), (1, 0.2)), plain(fill, 0.6))


def basket(pen: Pen, fill: Paint, form: str) -> None:
    pen.poly(((0.0, 0.3), (1, 0.3), (0.88, 1), (0.12, 1)), fill)
    pen.round_rect(0, 0.24, 1, 0.38, plain(fill, 0.9), round_by=0.5)


def basket_back(pen: Pen, fill: Paint, form: str) -> None:
    pen.oval(0.02, 0.16, 0.98, 0.42, plain(fill, 0.55))
    pen.curve((0.05, 0.3), (0.5, -0.3), (0.95, 0.3), shade(fill.main, 0.62), 0.09)
    pen.curve((0.05, 0.3), (0.5, -0.3), (0.95, 0.3), fill.main, 0.05)
