"""How animals are drawn."""

from __future__ import annotations

from tldr_data.sources.scenes.figures_home import INK, WHITE
from tldr_data.sources.scenes.figures_nature import BEAK
from tldr_data.sources.scenes.pen import Pen
from tldr_data.sources.scenes.surfaces import Paint, shade


def cat(pen: Pen, fill: Paint, form: str) -> None:
    if form == "sleeping":
        pen.blob(((0, 0.75), (0.08, 0.35), (0.45, 0.03), (0.85, 0.22), (1, 0.7), (0.85, 0.98), (0.15, 0.98)), fill)
        pen.poly(((0.06, 0.56), (0.08, 0.16), (0.2, 0.42)), fill)
        pen.poly(((0.24, 0.42), (0.36, 0.16), (0.38, 0.56)), fill)
        pen.oval(0.03, 0.38, 0.42, 0.95, fill)
        pen.curve((0.09, 0.66), (0.13, 0.74), (0.18, 0.66), INK, 0.04)
        pen.curve((0.26, 0.66), (0.31, 0.74), (0.36, 0.66), INK, 0.04)
        pen.oval(0.2, 0.74, 0.25, 0.8, (236, 130, 140), line=False)
        pen.curve((0.95, 0.7), (0.8, 1.0), (0.45, 0.9), shade(fill.main, 0.7), 0.09)
        return
    pen.curve((0.72, 0.9), (1.12, 0.9), (0.92, 0.5), shade(fill.main, 0.62), 0.15)
    pen.curve((0.72, 0.9), (1.12, 0.9), (0.92, 0.5), fill.main, 0.1)
    pen.blob(((0.2, 0.97), (0.22, 0.6), (0.4, 0.4), (0.62, 0.45), (0.78, 0.75), (0.76, 0.97)), fill)
    pen.poly(((0.07, 0.26), (0.06, 0.0), (0.3, 0.12)), fill)
    pen.poly(((0.43, 0.12), (0.66, 0.0), (0.66, 0.26)), fill)
    pen.oval(0.03, 0.08, 0.7, 0.54, fill)
    for x in (0.23, 0.49):
        pen.oval(x - 0.055, 0.24, x + 0.055, 0.36, WHITE)
        pen.oval(x - 0.03, 0.26, x + 0.03, 0.36, INK, line=False)
    pen.poly(((0.32, 0.38), (0.4, 0.38), (0.36, 0.42)), (236, 130, 140), line=False)
    pen.line(((0.28, 0.44), (0.33, 0.47), (0.36, 0.43), (0.39, 0.47), (0.44, 0.44)), shade(fill.main, 0.45), 0.02)
    pen.line(((0.4, 0.7), (0.4, 0.97)), shade(fill.main, 0.62), 0.03)


def dog(pen: Pen, fill: Paint, form: str) -> None:
    dark = shade(fill.main, 0.68)
    if form == "sitting":
        pen.curve((0.75, 0.88), (1.05, 0.85), (0.97, 0.6), fill.main, 0.1)
        pen.blob(((0.25, 0.97), (0.3, 0.5), (0.5, 0.38), (0.72, 0.55), (0.86, 0.8), (0.84, 0.98)), fill)
        pen.round_rect(0.3, 0.66, 0.44, 0.99, fill, round_by=0.5)
        head, ear = (0.08, 0.04, 0.66, 0.5), (0.5, 0.06, 0.7, 0.44)
    else:
        for x in (0.3, 0.42, 0.7, 0.82):
            pen.round_rect(x, 0.65, x + 0.1, 1, fill if x in (0.3, 0.82) else Paint("plain", dark, dark), round_by=0.4)
        pen.curve((0.9, 0.5), (1.02, 0.42), (0.97, 0.14), dark, 0.1)
        pen.round_rect(0.24, 0.42, 0.95, 0.8, fill, round_by=0.8)
        head, ear = (0.06, 0.04, 0.44, 0.56), (0.34, 0.06, 0.5, 0.5)
    pen.oval(*head, fill)
    x0, y0, x1, y1 = head
    w, h = x1 - x0, y1 - y0
    pen.oval(
        max(0.0, x0 - 0.1 * w), y0 + 0.5 * h, x0 + 0.5 * w, y0 + 0.96 * h, Paint("plain", shade(fill.main, 1.5), dark)
    )
    pen.oval(max(0.0, x0 - 0.1 * w), y0 + 0.5 * h, x0 + 0.12 * w, y0 + 0.7 * h, INK, line=False)
    pen.oval(x0 + 0.36 * w, y0 + 0.28 * h, x0 + 0.48 * w, y0 + 0.44 * h, INK, line=False)
    pen.oval(*ear, Paint("plain", dark, dark))
    pen.rect(x0 + 0.5 * w, y1 - 0.04, x1 - 0.02, y1 + 0.05, (210, 60, 60))


def duck(pen: Pen, fill: Paint, form: str) -> None:
    pen.blob(((0.22, 0.55), (0.45, 0.5), (0.75, 0.55), (0.99, 0.38), (0.92, 0.85), (0.6, 0.99), (0.28, 0.9)), fill)
    pen.oval(0.12, 0.02, 0.5, 0.5, fill)
    pen.poly(((0.18, 0.22), (0.0, 0.3), (0.17, 0.38)), BEAK)
    pen.dot(0.26, 0.2, 0.06, INK)
    pen.blob(((0.48, 0.65), (0.65, 0.6), (0.84, 0.62), (0.7, 0.84)), Paint("plain", shade(fill.main, 0.88), fill.main))


def bird(pen: Pen, fill: Paint, form: str) -> None:
    pen.blob(((0.16, 0.66), (0.4, 0.5), (0.72, 0.6), (0.98, 0.55), (0.75, 0.86), (0.4, 0.92)), fill)
    pen.poly(((0.16, 0.6), (0.0, 0.7), (0.17, 0.76)), BEAK)
    pen.blob(((0.38, 0.64), (0.5, 0.2), (0.8, 0.02), (0.66, 0.62)), Paint("plain", shade(fill.main, 0.8), fill.main))
    pen.dot(0.24, 0.64, 0.05, INK)


def rabbit(pen: Pen, fill: Paint, form: str) -> None:
    pen.oval(0.1, 0.0, 0.27, 0.46, fill)
    pen.oval(0.33, 0.0, 0.5, 0.46, fill)
    pen.oval(0.83, 0.72, 1.0, 0.9, Paint("plain", WHITE, WHITE))
    pen.blob(((0.2, 0.97), (0.25, 0.6), (0.55, 0.48), (0.88, 0.65), (0.92, 0.97)), fill)
    pen.oval(0.02, 0.28, 0.58, 0.68, fill)
    pen.dot(0.22, 0.44, 0.045, INK)
    pen.dot(0.4, 0.44, 0.045, INK)
    pen.oval(0.27, 0.5, 0.34, 0.55, (236, 130, 140), line=False)


def cow(pen: Pen, fill: Paint, form: str) -> None:
    for x in (0.27, 0.4, 0.72, 0.85):
        pen.rect(x, 0.66, x + 0.09, 1, Paint("plain", shade(fill.main, 0.9), fill.main))
    pen.curve((0.96, 0.3), (1.02, 0.5), (0.98, 0.72), INK, 0.04)
    pen.round_rect(0.22, 0.22, 0.97, 0.76, fill, round_by=0.5)
    pen.oval(0.02, 0.06, 0.12, 0.2, fill)
    pen.oval(0.28, 0.06, 0.38, 0.2, fill)
    pen.round_rect(0.07, 0.02, 0.33, 0.5, fill, round_by=0.6)
    pen.oval(0.05, 0.32, 0.35, 0.54, (244, 178, 178))
    pen.dot(0.14, 0.2, 0.04, INK)
    pen.dot(0.26, 0.2, 0.04, INK)


def sheep(pen: Pen, fill: Paint, form: str) -> None:
    for x in (0.34, 0.72):
        pen.rect(x, 0.7, x + 0.1, 1, INK)
    for x, y in ((0.3, 0.3), (0.55, 0.12), (0.78, 0.3), (0.82, 0.55), (0.58, 0.64), (0.34, 0.6)):
        pen.oval(x - 0.18, y - 0.12, x + 0.18, y + 0.24, fill)
    pen.oval(0.28, 0.15, 0.86, 0.78, fill, line=False)
    pen.oval(0.0, 0.2, 0.3, 0.62, (74, 68, 72))
    pen.dot(0.1, 0.36, 0.045, WHITE)
    pen.oval(0.1, 0.08, 0.36, 0.3, fill)


def hen(pen: Pen, fill: Paint, form: str) -> None:
    pen.line(((0.45, 0.8), (0.45, 0.99), (0.36, 0.99)), BEAK, 0.05)
    pen.line(((0.6, 0.8), (0.6, 0.99), (0.51, 0.99)), BEAK, 0.05)
    pen.blob(
        ((0.12, 0.2), (0.3, 0.14), (0.4, 0.4), (0.7, 0.46), (0.96, 0.2), (0.95, 0.65), (0.55, 0.9), (0.2, 0.7)), fill
    )
    for x in (0.16, 0.24, 0.32):
        pen.oval(x - 0.06, 0.01, x + 0.06, 0.18, (214, 54, 52))
    pen.oval(0.1, 0.1, 0.38, 0.4, fill)
    pen.poly(((0.13, 0.22), (0.0, 0.28), (0.13, 0.33)), BEAK)
    pen.dot(0.22, 0.22, 0.045, INK)
    pen.blob(((0.4, 0.55), (0.62, 0.5), (0.82, 0.5), (0.6, 0.78)), Paint("plain", shade(fill.main, 0.85), fill.main))


def penguin(pen: Pen, fill: Paint, form: str) -> None:
    pen.oval(0.14, 0.92, 0.46, 1, BEAK)
    pen.oval(0.54, 0.92, 0.86, 1, BEAK)
    pen.blob(
        ((0.1, 0.9), (0.02, 0.45), (0.24, 0.05), (0.5, 0.0), (0.76, 0.05), (0.98, 0.45), (0.9, 0.9), (0.5, 0.97)), fill
    )
    pen.oval(0.2, 0.3, 0.8, 0.94, WHITE)
    pen.oval(0.2, 0.12, 0.8, 0.44, WHITE, line=False)
    pen.dot(0.36, 0.24, 0.06, INK)
    pen.dot(0.64, 0.24, 0.06, INK)
    pen.poly(((0.38, 0.3), (0.62, 0.3), (0.5, 0.4)), BEAK)


def crab(pen: Pen, fill: Paint, form: str) -> None:
    for side in (0.0, 1.0):
        for leg in (0.62, 0.76, 0.88):
            pen.line(
                ((0.5, 0.6), (abs(side - 0.08), leg), (abs(side - 0.14), leg + 0.12)), shade(fill.main, 0.75), 0.05
            )
        pen.line(((0.5, 0.6), (abs(side - 0.12), 0.4)), shade(fill.main, 0.75), 0.08)
        pen.oval(abs(side - 0.0) if not side else 0.74, 0.02, 0.26 if not side else 1.0, 0.44, fill)
        pen.poly(
            ((abs(side - 0.07), 0.0), (abs(side - 0.19), 0.0), (abs(side - 0.13), 0.22)),
            shade(fill.main, 1.6),
            line=False,
        )
    pen.oval(0.2, 0.4, 0.8, 0.95, fill)
    for x in (0.4, 0.6):
        pen.dot(x, 0.5, 0.1, WHITE, line=True)
        pen.dot(x, 0.52, 0.05, INK)


def turtle(pen: Pen, fill: Paint, form: str) -> None:
    skin = (150, 190, 110)
    for x in (0.24, 0.62):
        pen.oval(x, 0.68, x + 0.2, 1, skin)
    pen.oval(0.0, 0.34, 0.28, 0.72, skin)
    pen.dot(0.09, 0.48, 0.05, INK)
    pen.poly(((0.9, 0.76), (1, 0.9), (0.82, 0.86)), skin)
    pen.blob(((0.16, 0.78), (0.26, 0.25), (0.55, 0.01), (0.84, 0.25), (0.94, 0.78), (0.55, 0.86)), fill)
    for x, y in ((0.42, 0.4), (0.66, 0.4), (0.54, 0.62)):
        pen.oval(x - 0.08, y - 0.1, x + 0.08, y + 0.1, shade(fill.main, 0.75), line=False)


def snail(pen: Pen, fill: Paint, form: str) -> None:
    skin = (226, 196, 150)
    pen.line(((0.12, 0.5), (0.03, 0.15)), shade(skin, 0.7), 0.05)
    pen.line(((0.18, 0.5), (0.2, 0.12)), shade(skin, 0.7), 0.05)
    pen.blob(((0.03, 0.55), (0.12, 0.4), (0.24, 0.5), (0.34, 0.8), (0.99, 0.93), (0.9, 0.99), (0.2, 0.99)), skin)
    pen.oval(0.27, 0.02, 0.9, 0.9, fill)
    pen.ring(0.585, 0.46, 0.26, shade(fill.main, 0.65), 0.05)
    pen.ring(0.585, 0.46, 0.12, shade(fill.main, 0.65), 0.05)
    pen.dot(0.12, 0.56, 0.04, INK)


def butterfly(pen: Pen, fill: Paint, form: str) -> None:
    for sign in (-1, 1):
        pen.blob(
            [(0.5 + sign * x, y) for x, y in ((0.02, 0.5), (0.16, 0.1), (0.42, 0.02), (0.48, 0.3), (0.3, 0.55))], fill
        )
        pen.blob(
            [(0.5 + sign * x, y) for x, y in ((0.02, 0.5), (0.3, 0.55), (0.36, 0.8), (0.2, 0.97), (0.06, 0.75))], fill
        )
        pen.dot(0.5 + sign * 0.3, 0.26, 0.07, shade(fill.main, 1.6))
        pen.line(((0.5, 0.25), (0.5 + sign * 0.12, 0.02)), INK, 0.03)
    pen.oval(0.45, 0.2, 0.55, 0.85, INK)


def fish(pen: Pen, fill: Paint, form: str) -> None:
    pen.poly(((0.7, 0.5), (1, 0.1), (0.94, 0.5), (1, 0.92)), fill)
    pen.poly(((0.35, 0.2), (0.5, 0.0), (0.62, 0.25)), Paint("plain", shade(fill.main, 0.85), fill.main))
    pen.blob(((0.0, 0.52), (0.2, 0.2), (0.5, 0.12), (0.8, 0.45), (0.8, 0.56), (0.5, 0.94), (0.2, 0.86)), fill)
    pen.dot(0.18, 0.42, 0.09, WHITE, line=True)
    pen.dot(0.17, 0.43, 0.05, INK)
