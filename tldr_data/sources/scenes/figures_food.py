"""How food is drawn, and what it is served in."""

from __future__ import annotations

from tldr_data.sources.scenes.figures_home import LEAF, WHITE, plain
from tldr_data.sources.scenes.pen import Pen
from tldr_data.sources.scenes.surfaces import Paint, shade


def cup(pen: Pen, fill: Paint, form: str) -> None:
    pen.ring(0.78, 0.46, 0.24, shade(fill.main, 0.75), 0.1)
    pen.poly(((0.0, 0.08), (0.76, 0.08), (0.66, 0.97), (0.1, 0.97)), fill)
    pen.oval(0.0, 0.0, 0.76, 0.18, plain(fill, 0.8))


def glass(pen: Pen, fill: Paint, form: str) -> None:
    pen.poly(((0.02, 0.05), (0.98, 0.05), (0.84, 0.99), (0.16, 0.99)), fill)
    pen.poly(((0.07, 0.4), (0.93, 0.4), (0.82, 0.94), (0.18, 0.94)), (248, 190, 90), line=False)
    pen.oval(0.02, 0.0, 0.98, 0.12, Paint("glass", (214, 236, 242), WHITE))


def bowl(pen: Pen, fill: Paint, form: str) -> None:
    pen.rect(0.34, 0.88, 0.66, 1, plain(fill, 0.85))
    pen.blob(((0.0, 0.1), (0.1, 0.55), (0.3, 0.92), (0.7, 0.92), (0.9, 0.55), (1.0, 0.1), (0.5, 0.16)), fill)


def bowl_back(pen: Pen, fill: Paint, form: str) -> None:
    pen.oval(0.0, 0.0, 1, 0.24, plain(fill, 0.7))


def plate(pen: Pen, fill: Paint, form: str) -> None:
    pen.oval(0, 0.1, 1, 1, plain(fill, 0.8))
    pen.oval(0, 0, 1, 0.86, fill)
    pen.oval(0.2, 0.2, 0.8, 0.66, plain(fill, 1.12))


def teapot(pen: Pen, fill: Paint, form: str) -> None:
    pen.ring(0.8, 0.52, 0.26, shade(fill.main, 0.75), 0.08)
    pen.poly(((0.2, 0.75), (0.0, 0.3), (0.1, 0.28), (0.34, 0.5)), plain(fill))
    pen.blob(((0.16, 0.6), (0.3, 0.27), (0.66, 0.27), (0.8, 0.6), (0.66, 0.97), (0.3, 0.97)), fill)
    pen.oval(0.3, 0.16, 0.66, 0.34, plain(fill, 0.88))
    pen.dot(0.48, 0.11, 0.11, plain(fill), line=True)


def bottle(pen: Pen, fill: Paint, form: str) -> None:
    pen.poly(((0.34, 0.08), (0.66, 0.08), (0.66, 0.3), (1, 0.46), (1, 1), (0, 1), (0, 0.46), (0.34, 0.3)), fill)
    pen.rect(0.3, 0.0, 0.7, 0.1, (190, 150, 100))
    pen.rect(0.0, 0.58, 1.0, 0.82, (250, 244, 226))


def jar(pen: Pen, fill: Paint, form: str) -> None:
    pen.round_rect(0.0, 0.14, 1, 1, fill, round_by=0.25)
    pen.round_rect(0.06, 0.0, 0.94, 0.18, (196, 160, 90), round_by=0.4)


def apple(pen: Pen, fill: Paint, form: str) -> None:
    pen.blob(
        (
            (0.5, 0.26),
            (0.75, 0.16),
            (0.99, 0.42),
            (0.85, 0.85),
            (0.6, 0.99),
            (0.5, 0.95),
            (0.4, 0.99),
            (0.15, 0.85),
            (0.01, 0.42),
            (0.25, 0.16),
        ),
        fill,
    )
    pen.line(((0.5, 0.28), (0.54, 0.05)), (110, 76, 48), 0.08)
    pen.blob(((0.54, 0.2), (0.66, 0.0), (0.86, 0.02), (0.74, 0.18)), LEAF)
    pen.glaze(0.18, 0.3, 0.36, 0.55, WHITE, 120)


def pear(pen: Pen, fill: Paint, form: str) -> None:
    pen.line(((0.5, 0.16), (0.58, 0.02)), (110, 76, 48), 0.1)
    pen.blob(
        ((0.38, 0.16), (0.62, 0.16), (0.7, 0.44), (0.99, 0.74), (0.75, 0.99), (0.25, 0.99), (0.01, 0.74), (0.3, 0.44)),
        fill,
    )
    pen.glaze(0.2, 0.55, 0.36, 0.8, WHITE, 110)


def peach(pen: Pen, fill: Paint, form: str) -> None:
    pen.oval(0, 0.04, 1, 1, fill)
    pen.blob(((0.5, 0.14), (0.6, 0.0), (0.8, 0.04), (0.7, 0.16)), LEAF)
    pen.glaze(0.18, 0.22, 0.38, 0.46, WHITE, 120)


def lemon(pen: Pen, fill: Paint, form: str) -> None:
    pen.blob(
        (
            (0, 0.5),
            (0.12, 0.36),
            (0.35, 0.04),
            (0.65, 0.04),
            (0.88, 0.36),
            (1, 0.5),
            (0.88, 0.64),
            (0.65, 0.96),
            (0.35, 0.96),
            (0.12, 0.64),
        ),
        fill,
    )
    pen.glaze(0.26, 0.2, 0.5, 0.4, WHITE, 120)


def banana(pen: Pen, fill: Paint, form: str) -> None:
    pen.blob(
        (
            (0.02, 0.3),
            (0.1, 0.22),
            (0.3, 0.56),
            (0.66, 0.56),
            (0.88, 0.04),
            (0.99, 0.08),
            (0.92, 0.62),
            (0.62, 0.98),
            (0.26, 0.9),
        ),
        fill,
    )
    pen.line(((0.91, 0.1), (0.95, 0.02)), (110, 84, 44), 0.14)


def cake(pen: Pen, fill: Paint, form: str) -> None:
    pen.oval(0, 0.8, 1, 1, WHITE)
    pen.rect(0.08, 0.42, 0.92, 0.9, (240, 206, 150))
    pen.blob(
        (
            (0.05, 0.36),
            (0.5, 0.26),
            (0.95, 0.36),
            (0.93, 0.66),
            (0.82, 0.5),
            (0.66, 0.7),
            (0.5, 0.52),
            (0.34, 0.7),
            (0.18, 0.5),
            (0.07, 0.66),
        ),
        fill,
    )
    pen.dot(0.5, 0.16, 0.15, (212, 48, 58), line=True)
