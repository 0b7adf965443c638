"""What is taken from an image once: its size, a hash of its pixels, a perceptual hash, a thumbnail."""

from __future__ import annotations

import base64
import hashlib
import io
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from tldr_data.errors import RowError

if TYPE_CHECKING:
    from PIL.Image import Image


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
    """64-bit difference hash, hex: near images differ in few bits."""


def measure(image: bytes | Path, name: str) -> ImageFacts:
    """Decode an image once and measure it.

    Raises:
        RowError: reason ``unreadable_image``; ``name`` is the row that it belongs to.
    """
    try:
        data = image if isinstance(image, bytes) else image.read_bytes()
        decoded = _decode(data)
    except Exception as error:  # Pillow's decoders raise SyntaxError, struct.error, EOFError and more on broken files
        cause = f"{type(error).__name__}: {error}".splitlines()[0]
        raise RowError("unreadable_image", f"{name}: the image cannot be read: {cause}") from error
    digest = hashlib.sha256(data).hexdigest()
    return ImageFacts(data, digest, decoded.width, decoded.height, _pixels(decoded), _difference_hash(decoded))


def thumbnail(data: bytes, side: int) -> str:
    """A JPEG of at most ``side`` pixels a side, as a data URI."""
    image = _decode(data).convert("RGB")
    image.thumbnail((side, side))
    out = io.BytesIO()
    image.save(out, "JPEG", quality=80)
    return f"data:image/jpeg;base64,{base64.b64encode(out.getvalue()).decode()}"


def _decode(data: bytes) -> Image:
    """RGB, or RGBA where the image has transparency, so that equal pictures have equal pixels."""
    from PIL import Image as pillow

    with pillow.open(io.BytesIO(data)) as image:
        transparent = "A" in image.getbands() or "transparency" in image.info
        return image.convert("RGBA" if transparent else "RGB")


def _pixels(image: Image) -> str:
    head = f"{image.width}x{image.height} {image.mode}\n".encode()
    return hashlib.sha256(head + image.tobytes()).hexdigest()


def _difference_hash(image: Image) -> str:
    """Of a 9 x 8 grey picture: is each pixel darker than its right neighbour?"""
    from PIL import Image as pillow

    grey = image.convert("RGB").convert("L").resize((9, 8), pillow.Resampling.BILINEAR).tobytes()
    bits = 0
    for row in range(8):
        for column in range(8):
            bits = bits << 1 | (grey[row * 9 + column] < grey[row * 9 + column + 1])
    return f"{bits:016x}"
