"""What lies behind the things: sky or wall, water, and the ground."""

from __future__ import annotations

import random

from PIL import Image, ImageDraw

from tldr_data.sources.scenes.scene import HEIGHT, WIDTH, Scene
from tldr_data.sources.scenes.surfaces import RGB, shade

_SKIES: dict[str, tuple[RGB, RGB]] = {
    "sunny": ((124, 188, 240), (224, 242, 250)),
    "cloudy": ((168, 184, 200), (224, 230, 234)),
    "starry": ((28, 36, 80), (88, 92, 148)),
}
_WALLS: dict[str, tuple[RGB, RGB]] = {
    "yellow": ((252, 234, 182), (246, 222, 162)),
    "green": ((210, 230, 202), (192, 218, 186)),
    "blue": ((202, 224, 240), (184, 210, 232)),
    "pink": ((250, 216, 214), (244, 200, 200)),
}
_GROUNDS: dict[str, tuple[RGB, RGB]] = {
    "grass": ((154, 206, 112), (112, 176, 88)),
    "sand": ((250, 230, 176), (238, 208, 146)),
    "road": ((176, 178, 186), (146, 148, 158)),
    "pier": ((206, 168, 124), (178, 136, 96)),
    "snow": ((242, 247, 252), (222, 232, 244)),
    "floor": ((214, 170, 122), (192, 144, 98)),
    "counter": ((204, 162, 116), (184, 138, 94)),
    "desk": ((190, 142, 98), (166, 118, 78)),
}
_WATER: tuple[RGB, RGB] = (120, 184, 218), (70, 142, 196)


def draw_backdrop(scene: Scene, rng: random.Random, zoom: int) -> Image.Image:
    """An RGB image, ``zoom`` times the scene's size, with everything but the things."""
    size = WIDTH * zoom, HEIGHT * zoom
    horizon, shore = round(scene.horizon * zoom), round(scene.shore * zoom)
    night = scene.mood == "starry"
    upper = _SKIES[scene.mood] if scene.setting.behind == "sky" else _WALLS[scene.wall]
    ramp = Image.new("RGB", (1, size[1]))
    ramp.paste(_gradient(*upper, horizon), (0, 0))
    if scene.setting.water:
        ramp.paste(_gradient(*_dim(_WATER, night), shore - horizon), (0, horizon))
    ramp.paste(_gradient(*_dim(_GROUNDS[scene.setting.ground], night), size[1] - shore), (0, shore))
    image = ramp.resize(size, Image.Resampling.NEAREST)
    draw = ImageDraw.Draw(image)
    if scene.hills:
        _hills(draw, scene, zoom)
        image.paste(ramp.crop((0, shore, 1, size[1])).resize((size[0], size[1] - shore)), (0, shore))
    if scene.setting.water:
        _waves(draw, rng, horizon, shore, size[0], night)
    _grounds(draw, rng, scene, shore, size)
    return image


def _dim(colors: tuple[RGB, RGB], night: bool) -> tuple[RGB, RGB]:
    if not night:
        return colors
    upper, lower = ((int(r * 0.55), int(g * 0.6), int(b * 0.75)) for r, g, b in colors)
    return upper, lower


def _gradient(upper: RGB, lower: RGB, height: int) -> Image.Image:
    column = Image.new("RGB", (1, height))
    last = max(1, height - 1)
    column.putdata(
        [
            (
                upper[0] + (lower[0] - upper[0]) * y // last,
                upper[1] + (lower[1] - upper[1]) * y // last,
                upper[2] + (lower[2] - upper[2]) * y // last,
            )
            for y in range(height)
        ]
    )
    return column


def _hills(draw: ImageDraw.ImageDraw, scene: Scene, zoom: int) -> None:
    tone = (236, 242, 250) if scene.setting.ground == "snow" else (150, 196, 128)
    for left, top, right, bottom in scene.hill_boxes():
        box = (left * zoom, top * zoom, right * zoom, (2 * bottom - top) * zoom)
        draw.ellipse(box, fill=tone, outline=shade(tone, 0.86), width=3)


def _waves(draw: ImageDraw.ImageDraw, rng: random.Random, top: int, bottom: int, width: int, night: bool) -> None:
    tone = (120, 140, 190) if night else (176, 218, 238)
    for _ in range(26):
        x, y, length = rng.randrange(width), rng.randrange(top + 6, bottom - 6), rng.randrange(14, 46)
        draw.line((x, y, x + length, y), fill=tone, width=2)
    draw.line((0, bottom - 2, width, bottom - 2), fill=(214, 236, 244) if not night else tone, width=5)


def _grounds(draw: ImageDraw.ImageDraw, rng: random.Random, scene: Scene, top: int, size: tuple[int, int]) -> None:
    ground = scene.setting.ground
    upper, lower = _dim(_GROUNDS[ground], scene.mood == "starry")
    if ground in ("floor", "pier"):
        _boards(draw, rng, top, size, shade(lower, 0.86))
    elif ground in ("counter", "desk"):
        draw.rectangle((0, top, size[0], top + 8), fill=shade(upper, 1.3))
        _grain(draw, rng, top + 14, size, shade(lower, 0.92))
    elif ground == "road":
        draw.rectangle((0, top, size[0], top + 26), fill=(206, 204, 200))
        draw.line((0, top + 26, size[0], top + 26), fill=(120, 122, 130), width=4)
    else:
        _tufts(draw, rng, top, size, shade(lower, 0.86 if ground != "snow" else 0.95), ground)
    if scene.setting.behind == "wall":
        if ground == "floor":
            draw.rectangle((0, top - 14, size[0], top), fill=(250, 246, 238))
        draw.line((0, top, size[0], top), fill=shade(lower, 0.7), width=3)


def _boards(draw: ImageDraw.ImageDraw, rng: random.Random, top: int, size: tuple[int, int], tone: RGB) -> None:
    y, step = float(top), 16.0
    while y < size[1]:
        draw.line((0, y, size[0], y), fill=tone, width=2)
        for x in range(rng.randrange(30, 220), size[0], 240):
            draw.line((x, y, x, y + step), fill=tone, width=2)
        y += step
        step *= 1.25


def _grain(draw: ImageDraw.ImageDraw, rng: random.Random, top: int, size: tuple[int, int], tone: RGB) -> None:
    for _ in range(30):
        x, y, length = rng.randrange(size[0]), rng.randrange(top, size[1]), rng.randrange(40, 170)
        draw.line((x, y, x + length, y + rng.randrange(-2, 3)), fill=tone, width=2)


def _tufts(
    draw: ImageDraw.ImageDraw, rng: random.Random, top: int, size: tuple[int, int], tone: RGB, ground: str
) -> None:
    for _ in range(60):
        x, y = rng.randrange(size[0]), rng.randrange(top + 8, size[1])
        reach = 3 + 5 * (y - top) / (size[1] - top)
        if ground == "grass":
            draw.line((x - reach * 0.5, y - reach, x, y), fill=tone, width=2)
            draw.line((x + reach * 0.5, y - reach, x, y), fill=tone, width=2)
        else:
            draw.ellipse((x, y, x + reach * 0.7, y + reach * 0.4), fill=tone)
