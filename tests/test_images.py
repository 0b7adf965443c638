import io
from pathlib import Path

import pytest
from PIL import Image

from tldr_data.errors import RowError
from tldr_data.images import measure, thumbnail


def encoded(image: Image.Image, format: str = "PNG", **options: object) -> bytes:
    out = io.BytesIO()
    image.save(out, format, **options)
    return out.getvalue()


def gradient(width: int = 64, height: int = 48) -> Image.Image:
    return Image.linear_gradient("L").resize((width, height)).convert("RGB")


def test_size_and_bytes_are_those_of_the_file(tmp_path: Path) -> None:
    data = encoded(gradient())
    (tmp_path / "a.png").write_bytes(data)
    facts = measure(tmp_path / "a.png", "row")
    assert (facts.width, facts.height, facts.data) == (64, 48, data)
    assert measure(data, "row") == facts


def test_equal_pixels_have_one_hash_whatever_the_encoding() -> None:
    image = gradient()
    first, second = measure(encoded(image), "row"), measure(encoded(image, "BMP"), "row")
    assert first.pixels == second.pixels
    assert first.digest != second.digest
    image.putpixel((0, 0), (1, 2, 3))
    assert measure(encoded(image), "row").pixels != first.pixels


def test_the_same_pixels_in_another_shape_are_another_image() -> None:
    black = [measure(encoded(Image.new("RGB", size)), "row").pixels for size in ((4, 9), (9, 4))]
    assert black[0] != black[1]


def test_near_images_have_near_perceptual_hashes() -> None:
    def bits(image: Image.Image, **options: object) -> int:
        return int(measure(encoded(image, **options), "row").phash, 16)

    image = Image.effect_mandelbrot((96, 64), (-2.2, -1.3, 0.9, 1.1), 100).convert("RGB")
    assert (bits(image) ^ bits(image, format="JPEG", quality=40)).bit_count() <= 4
    assert (bits(image) ^ bits(image.resize((41, 27)))).bit_count() <= 4
    assert (bits(image) ^ bits(image.rotate(180))).bit_count() > 16


def test_the_noise_of_an_encoder_does_not_decide_about_flat_pictures() -> None:
    def phash(image: Image.Image, **options: object) -> int:
        return int(measure(encoded(image, **options), "row").phash, 16)

    for image in (gradient().rotate(90), Image.new("RGB", (64, 48), (90, 120, 150))):
        assert (phash(image) ^ phash(image, format="JPEG", quality=30)).bit_count() <= 2


def test_what_is_transparent_shows_white() -> None:
    hidden = Image.merge("RGBA", (*gradient().split(), Image.new("L", (64, 48), 0)))
    assert measure(encoded(hidden), "row").phash == measure(encoded(Image.new("RGB", (8, 8), "white")), "row").phash


@pytest.mark.parametrize("data", [b"", b"no image", encoded(gradient())[:90]], ids=["empty", "text", "cut off"])
def test_a_broken_image_is_named(data: bytes) -> None:
    with pytest.raises(RowError, match=r"^made/1: the image cannot be read: ") as caught:
        measure(data, "made/1")
    assert caught.value.reason == "unreadable_image"
    assert "\n" not in caught.value.message


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(RowError, match="FileNotFoundError"):
        measure(tmp_path / "none.png", "made/1")


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGBA", "LA", "CMYK", "I;16"])
def test_every_mode_is_measured_and_shown(mode: str) -> None:
    data = encoded(gradient().convert("L").convert(mode) if mode != "I;16" else Image.new(mode, (9, 9)), "TIFF")
    assert len(measure(data, "row").phash) == 16
    assert thumbnail(data, 16).startswith("data:image/jpeg;base64,")


def test_pictures_of_16_bits_are_told_apart() -> None:
    from PIL import Image

    pictures = []
    for step in (1, 7):
        image = Image.new("I;16", (32, 32))
        image.putdata([(n * step * 40) % 65536 for n in range(32 * 32)])
        out = io.BytesIO()
        image.save(out, "PNG")
        pictures.append(measure(out.getvalue(), "row"))
    assert pictures[0].pixels != pictures[1].pixels


def test_too_large_a_picture_is_one_line_before_it_is_decoded() -> None:
    from PIL import Image

    out = io.BytesIO()
    Image.new("1", (10_000, 10_000)).save(out, "PNG")
    with pytest.raises(RowError, match=r"10000 x 10000 pixels: allowed are 64,000,000") as error:
        measure(out.getvalue(), "row 7")
    assert error.value.reason == "unreadable_image"


def test_what_is_no_image_is_told_in_the_same_words_every_time() -> None:
    told = set()
    for _ in range(2):
        with pytest.raises(RowError) as error:
            measure(b"no image", "row 7")
        told.add(str(error.value))
    assert len(told) == 1
