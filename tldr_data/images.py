"""What is taken from an image once: its size, a hash of its pixels, a perceptual hash, a thumbnail."""

from __future__ import annotations

import base64
import hashlib
import io
import math
import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from tldr_data.errors import RowError

if TYPE_CHECKING:
    from PIL.Image import Image


_STRIP = 256
"""Rows of pixels."""
_SCALE = 1 << 14
_FAINT = 8 * 16 * _SCALE**2
"""What a wave of a quarter of a grey level gives."""


MOST_PIXELS = 64_000_000
"""Of an image: decoded, it takes up to 256 MB."""


class ImageFacts(NamedTuple):
    """An image as it is stored (``data`` is the encoded file, untouched) and what was measured of it."""

    data: bytes
    digest: str
    """SHA-256 of ``data``, hex."""
    width: int
    height: int
    pixels: str
    """SHA-256 of size, mode and decoded pixels, hex."""
    phash: str
    """64-bit hash of the picture's coarse shapes, 16 hex digits: versions of one picture differ in few bits."""


def measure(image: bytes | Path, name: str) -> ImageFacts:
    """Decode an image once and measure it.

    Raises:
        RowError: reason ``unreadable_image``; ``name`` is the row that it belongs to.
    """
    with _read_for(name):
        data = image if isinstance(image, bytes) else image.read_bytes()
        decoded = _decode(data)
    digest = hashlib.sha256(data).hexdigest()
    return ImageFacts(data, digest, decoded.width, decoded.height, _pixels(decoded), _perceptual_hash(decoded))


def shrunk(data: bytes, side: int, name: str) -> Image:
    """The picture squeezed to side x side pixels, RGB, as it is shown; a large JPEG is not decoded in full.

    Raises:
        RowError: as of ``measure``.
    """
    from PIL import Image as pillow
    from PIL import ImageOps

    with _read_for(name):
        image = _decode(data, (4 * side, 4 * side))
        image = on_white(ImageOps.exif_transpose(image))
        return image.resize((side, side), pillow.Resampling.LANCZOS)


@contextmanager
def _read_for(name: str) -> Iterator[None]:
    try:
        yield
    except Exception as error:  # Pillow's decoders raise SyntaxError, struct.error, EOFError and more on broken files
        # Pillow names the object that it reads from, by its place in memory
        cause = re.sub(r" ?<[^>]* at 0x[0-9a-f]+>", "", f"{type(error).__name__}: {error}".splitlines()[0])
        raise RowError("unreadable_image", f"{name}: the image cannot be read: {cause}") from error


def thumbnail(data: bytes, side: int) -> str:
    """A JPEG of at most ``side`` pixels a side, as it is shown, as a data URI."""
    from PIL import ImageOps

    image = on_white(ImageOps.exif_transpose(_decode(data, (2 * side, 2 * side))))
    image.thumbnail((side, side))
    out = io.BytesIO()
    image.save(out, "JPEG", quality=80)
    return f"data:image/jpeg;base64,{base64.b64encode(out.getvalue()).decode()}"


def _decode(data: bytes, enough: tuple[int, int] | None = None) -> Image:
    """RGB, or RGBA where the image has transparency, so that equal pictures have equal pixels.

    ``enough``: a JPEG may come smaller than it is, but not smaller than this.
    """
    from PIL import Image as pillow

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", pillow.DecompressionBombWarning)  # our own limit is below Pillow's
        image = pillow.open(io.BytesIO(data))
    with image:
        if image.width * image.height > MOST_PIXELS:
            raise ValueError(f"it has {image.width} x {image.height} pixels: allowed are {MOST_PIXELS:,} in all")
        if enough:
            image.draft(None, enough)
        mode = "RGBA" if "A" in image.getbands() or "transparency" in image.info else "RGB"
        image.load()
        if image.mode.startswith("I"):  # 16 bits a pixel, which converting would clip to 8
            return image.convert("I").point(lambda value: value * (1 / 256)).convert("L").convert(mode)
        return image if image.mode == mode else image.convert(mode)


def _pixels(image: Image) -> str:
    """Strip by strip: the pixels of a large image need not be in memory twice."""
    digest = hashlib.sha256(f"{image.width}x{image.height} {image.mode}\n".encode())
    for top in range(0, image.height, _STRIP):
        digest.update(image.crop((0, top, image.width, min(top + _STRIP, image.height))).tobytes())
    return digest.hexdigest()


def _perceptual_hash(image: Image) -> str:
    """Of the 64 lowest frequencies (cosine transform of a 32 x 32 grey picture): which are well above their median?

    In whole numbers, so that every machine rounds alike. "Well", so that the noise of an encoder does not decide about
    the frequencies that a flat picture lacks.
    """
    from PIL import Image as pillow

    grey = on_white(image).convert("L").resize((32, 32), pillow.Resampling.LANCZOS)
    frequencies = _frequencies(grey.tobytes())
    median = sorted(frequencies)[31:33]
    bits = 0
    for frequency in frequencies:
        bits = bits << 1 | (2 * (frequency - _FAINT) > sum(median))
    return f"{bits:016x}"


def _frequencies(grey: bytes) -> list[int]:
    """The 8 x 8 lowest of 32 x 32 pixels, row by row."""
    import numpy as np

    pixels = np.frombuffer(grey, dtype=np.uint8).reshape(32, 32).astype(np.int64)
    waves = np.array(_waves(), dtype=np.int64)
    lowest: list[int] = (waves @ pixels @ waves.T).ravel().tolist()
    return lowest


@cache
def _waves() -> list[list[int]]:
    """Eight orthogonal cosines at 32 places, times _SCALE."""
    return [
        [
            round((0.5**0.5 if wave == 0 else 1.0) * math.cos(math.pi * wave * (2 * place + 1) / 64) * _SCALE)
            for place in range(32)
        ]
        for wave in range(8)
    ]


def on_white(image: Image) -> Image:
    """RGB; what is transparent shows white, as where it is copied into a format without transparency."""
    from PIL import Image as pillow

    if image.mode != "RGBA":
        return image.convert("RGB")
    white = pillow.new("RGBA", image.size, "white")
    return pillow.alpha_composite(white, image).convert("RGB")
