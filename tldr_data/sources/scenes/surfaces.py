"""What surfaces look like: the named colours, patterns and materials."""

from __future__ import annotations

from typing import NamedTuple

from PIL import Image, ImageDraw

RGB = tuple[int, int, int]

COLORS: dict[str, RGB] = {
    "red": (213, 62, 58),
    "orange": (242, 140, 48),
    "yellow": (249, 211, 72),
    "green": (74, 153, 84),
    "blue": (62, 116, 202),
    "purple": (136, 90, 180),
    "pink": (243, 148, 180),
    "brown": (150, 100, 62),
    "black": (54, 52, 60),
    "white": (250, 248, 243),
    "gray": (152, 156, 164),
}

MATERIAL_COLORS: dict[str, str] = {
    "metal": "gray",
    "brick": "red",
    "stone": "gray",
    "wicker": "brown",
    "straw": "yellow",
    "cardboard": "brown",
}
"""Materials that come in one colour only."""

_MATERIAL_TONES: dict[str, RGB] = {
    "metal": (172, 178, 188),
    "brick": (190, 92, 74),
    "stone": (164, 164, 166),
    "wicker": (190, 142, 88),
    "straw": (235, 205, 120),
    "cardboard": (198, 158, 112),
    "glass": (196, 226, 234),
}


class Paint(NamedTuple):
    """How a surface is filled: ``finish`` is plain, a pattern (striped, spotted, checkered) or a material."""

    finish: str
    main: RGB
    second: RGB

    @property
    def opacity(self) -> int:
        """0..255: glass lets what is behind it shine through."""
        return 150 if self.finish == "glass" else 255


def paint(color: str, second: str | None, finish: str) -> Paint:
    """Paint of named colours."""
    main = _MATERIAL_TONES.get(finish, COLORS[color])
    if finish == "wooden" and color == "brown":
        main = (178, 124, 76)
    return Paint(finish, main, COLORS[second] if second else shade(main, 0.8))


def shade(color: RGB, factor: float) -> RGB:
    """Darker below 1, lighter above (1 + a goes the share ``a`` of the way to white)."""
    r, g, b = color
    if factor <= 1:
        return int(r * factor), int(g * factor), int(b * factor)
    rest = factor - 1
    return int(r + (255 - r) * rest), int(g + (255 - g) * rest), int(b + (255 - b) * rest)


def texture(fill: Paint, size: tuple[int, int]) -> Image.Image:
    """An RGB image of the given size that shows the surface."""
    tile = Image.new("RGB", size, fill.main)
    draw = ImageDraw.Draw(tile)
    {
        "striped": _stripes,
        "spotted": _spots,
        "checkered": _checks,
        "wooden": _planks,
        "metal": _metal,
        "brick": _bricks,
        "stone": _bricks,
        "wicker": _weave,
        "straw": _straw,
        "cardboard": _tape,
        "glass": _shine,
    }[fill.finish](draw, size, fill)
    return tile


def _stripes(draw: ImageDraw.ImageDraw, size: tuple[int, int], fill: Paint) -> None:
    width, height = size
    step = max(8.0, min(width, height) / 3.4)
    x = step * 0.4
    while x < width + height:
        draw.polygon(
            ((x, 0), (x + step / 2, 0), (x + step / 2 - height * 0.3, height), (x - height * 0.3, height)), fill.second
        )
        x += step


def _spots(draw: ImageDraw.ImageDraw, size: tuple[int, int], fill: Paint) -> None:
    width, height = size
    step = max(9.0, min(width, height) / 3.2)
    radius = step * 0.27
    for row in range(int(height / step) + 2):
        for column in range(int(width / step) + 2):
            x = (column + 0.5 * (row % 2)) * step + step * 0.15
            y = row * step + step * 0.25
            draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill.second)


def _checks(draw: ImageDraw.ImageDraw, size: tuple[int, int], fill: Paint) -> None:
    width, height = size
    step = max(6.0, min(width, height) / 4)
    for row in range(int(height / step) + 1):
        for column in range(row % 2, int(width / step) + 1, 2):
            draw.rectangle((column * step, row * step, (column + 1) * step, (row + 1) * step), fill.second)


def _planks(draw: ImageDraw.ImageDraw, size: tuple[int, int], fill: Paint) -> None:
    width, height = size
    dark, light = shade(fill.main, 0.82), shade(fill.main, 1.14)
    step = max(7, height // 4) if height < 90 else 20
    for number, y in enumerate(range(0, height, step)):
        draw.line((0, y, width, y), fill=dark, width=2)
        x = (number * 37) % max(12, width)
        draw.line((x * 0.4, y + step * 0.45, x * 0.4 + width * 0.3, y + step * 0.45), fill=dark, width=1)
        draw.line((x * 0.7, y + step * 0.7, x * 0.7 + width * 0.25, y + step * 0.7), fill=light, width=1)


def _metal(draw: ImageDraw.ImageDraw, size: tuple[int, int], fill: Paint) -> None:
    width, height = size
    for x in range(width):
        position = x / max(1, width - 1)
        draw.line(
            (x, 0, x, height), fill=shade(fill.main, 1.65 - 2.6 * abs(position - 0.3) if position < 0.6 else 0.86)
        )


def _bricks(draw: ImageDraw.ImageDraw, size: tuple[int, int], fill: Paint) -> None:
    width, height = size
    mortar = shade(fill.main, 1.4) if fill.finish == "brick" else shade(fill.main, 0.8)
    step = 9 if fill.finish == "brick" else 16
    for row, y in enumerate(range(0, height, step)):
        draw.line((0, y, width, y), fill=mortar, width=1 + (fill.finish == "stone"))
        for x in range((row % 2) * step, width, step * 2):
            draw.line((x, y, x, y + step), fill=mortar, width=1 + (fill.finish == "stone"))


def _weave(draw: ImageDraw.ImageDraw, size: tuple[int, int], fill: Paint) -> None:
    width, height = size
    dark, light = shade(fill.main, 0.78), shade(fill.main, 1.22)
    for row, y in enumerate(range(0, height, 6)):
        for x in range((row % 2) * 6 - 6, width, 12):
            draw.line((x, y + 3, x + 7, y + 3), fill=dark, width=3)
            draw.line((x + 1, y + 1, x + 5, y + 1), fill=light, width=1)


def _straw(draw: ImageDraw.ImageDraw, size: tuple[int, int], fill: Paint) -> None:
    width, height = size
    for number, y in enumerate(range(0, height + width, 5)):
        tone = shade(fill.main, (0.85, 1.25, 0.93)[number % 3])
        draw.line((0, y, width, y - width * 0.12), fill=tone, width=1)


def _tape(draw: ImageDraw.ImageDraw, size: tuple[int, int], fill: Paint) -> None:
    width, height = size
    draw.rectangle((width * 0.43, 0, width * 0.57, height), fill=shade(fill.main, 1.3))


def _shine(draw: ImageDraw.ImageDraw, size: tuple[int, int], fill: Paint) -> None:
    width, height = size
    white = shade(fill.main, 1.7)
    draw.polygon(((width * 0.12, 0), (width * 0.3, 0), (width * 0.2, height), (width * 0.06, height)), fill=white)
