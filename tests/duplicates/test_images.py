import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageEnhance

from tldr_data.duplicates.hashes import NEAR
from tldr_data.duplicates.images import same_pairs, same_picture
from tldr_data.errors import RowError
from tldr_data.images import measure

PHOTOS = sorted((Path(__file__).parents[2] / ".." / "shared" / "data").glob("*/**/*.jpg"))


def encoded(image: Image.Image, format: str = "PNG", **options: object) -> bytes:
    out = io.BytesIO()
    image.save(out, format, **options)
    return out.getvalue()


def scaled(image: Image.Image, factor: float) -> Image.Image:
    return image.resize((round(image.width * factor), round(image.height * factor)))


def picture(seed: int = 0) -> Image.Image:
    """Soft hills of colour, and some plain things on them."""
    rng = np.random.default_rng(seed)
    image = Image.fromarray(rng.integers(0, 256, (5, 6, 3), dtype=np.uint8)).resize(
        (320, 240), Image.Resampling.BICUBIC
    )
    draw = ImageDraw.Draw(image)
    for _ in range(8):
        x, y, *color = (int(number) for number in rng.integers((0, 0, 0, 0, 0), (280, 200, 256, 256, 256)))
        draw.ellipse((x, y, x + 40, y + 40), tuple(color))
    return image


VERSIONS: dict[str, Callable[[Image.Image], bytes]] = {
    "png": encoded,
    "jpeg 30": lambda image: encoded(image, "JPEG", quality=30),
    "jpeg 95": lambda image: encoded(image, "JPEG", quality=95),
    "webp": lambda image: encoded(image, "WEBP", quality=50),
    "quarter": lambda image: encoded(scaled(image, 0.25)),
    "double": lambda image: encoded(scaled(image, 2)),
    "half, jpeg 30": lambda image: encoded(scaled(image, 0.5), "JPEG", quality=30),
    "lighter": lambda image: encoded(ImageEnhance.Brightness(image).enhance(1.06), "JPEG", quality=80),
    "flatter": lambda image: encoded(ImageEnhance.Contrast(image).enhance(0.9), "JPEG", quality=80),
    "grey": lambda image: encoded(image.convert("L"), "JPEG", quality=80),
}


def is_found(first: bytes, second: bytes) -> bool:
    bits = int(measure(first, "a").phash, 16) ^ int(measure(second, "b").phash, 16)
    return bits.bit_count() <= NEAR and same_picture(first, second) and same_picture(second, first)


@pytest.mark.parametrize("version", VERSIONS)
def test_a_version_of_a_picture_is_found(version: str) -> None:
    for seed in range(4):
        assert is_found(encoded(picture(seed)), VERSIONS[version](picture(seed)))


@pytest.mark.skipif(not PHOTOS, reason="no photos here")
@pytest.mark.parametrize("version", VERSIONS)
def test_a_version_of_a_photo_is_found(version: str) -> None:
    for path in PHOTOS[::7]:
        data = path.read_bytes()
        assert is_found(data, VERSIONS[version](Image.open(io.BytesIO(data)).convert("RGB"))), path.name


def test_other_pictures_are_told_apart() -> None:
    pictures = [encoded(picture(seed)) for seed in range(8)]
    assert not any(same_picture(one, other) for one in pictures for other in pictures if one is not other)


@pytest.mark.parametrize("color", ["red", "white", "black"])
def test_one_small_thing_more_makes_another_picture(color: str) -> None:
    changed = picture()
    ImageDraw.Draw(changed).rectangle((150, 100, 170, 120), color)
    assert not same_picture(encoded(picture()), encoded(changed))
    assert not same_picture(encoded(picture()), encoded(changed, "JPEG", quality=75))


def test_plain_pictures_of_other_colors_are_told_apart() -> None:
    plain = [encoded(Image.new("RGB", (40, 30), color)) for color in ("black", "red", "blue", "white", "gray")]
    assert not any(same_picture(one, other) for one in plain for other in plain if one is not other)
    assert same_picture(plain[0], encoded(Image.new("L", (400, 20))))


def test_a_picture_turned_by_its_tag_is_as_it_is_shown() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    assert same_picture(encoded(picture().rotate(90, expand=True), exif=exif), encoded(picture()))


@pytest.mark.parametrize("data", [b"", b"no image", encoded(picture())[:200]], ids=["empty", "text", "cut off"])
def test_a_broken_image_is_told(data: bytes) -> None:
    with pytest.raises(RowError, match=r"^the second image: the image cannot be read: ") as caught:
        same_picture(encoded(picture()), data)
    assert caught.value.reason == "unreadable_image"


def test_different_pictures_of_one_hash_do_not_hide_each_other() -> None:
    kinds = "abbbac"
    found = list(same_pairs(np.zeros(6, dtype=np.uint64), lambda one, other: kinds[one] == kinds[other]))
    assert found == [(1, 2), (1, 3), (0, 4)]


def test_pictures_of_near_hashes_are_linked_and_asked_about_once() -> None:
    asked: list[tuple[int, int]] = []

    def same(one: int, other: int) -> bool:
        asked.append((one, other))
        return True

    assert len(list(same_pairs(np.array([7, 3, 1, 2**64 - 1, 7], dtype=np.uint64), same))) == 3
    assert len(asked) == 3
