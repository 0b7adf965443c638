import io
import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tldr_data.building.plan import Plan, SourcePlan
from tldr_data.pipeline import build

COLOURS = ("red", "blue", "green", "yellow", "white", "black")
ANIMALS = ("dog", "cat", "horse", "sheep", "bird")
THINGS = ("table", "bench", "car", "tree", "box")


def png(colour: str, side: int) -> bytes:
    from PIL import Image, ImageDraw

    image = Image.new("RGB", (side, side), "white")
    drawing = ImageDraw.Draw(image)
    drawing.ellipse((2, 2, side // 2, side - 3), fill=colour)
    rng = random.Random(side)
    for _ in range(8):  # so that no image shows the same as another one of another size
        left, top = rng.randrange(side - 4), rng.randrange(side - 4)
        drawing.rectangle((left, top, left + side // 4, top + side // 4), fill=rng.choice(COLOURS))
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def write_captions(folder: Path, count: int, **extra: dict[str, Any]) -> Path:
    """Made-up captions with images, two of each image; ``extra`` changes rows by number: ``r7={"license": ""}``."""
    (folder / "images").mkdir(parents=True)
    path = folder / "captions.jsonl"
    with path.open("w", encoding="utf-8", newline="\n") as file:
        for number in range(count):
            place = f"of Villa{number} near Mount{number}"  # so that no two captions say nearly the same
            colour, animal, thing = (names[number // 2 % len(names)] for names in (COLOURS, ANIMALS, THINGS))
            image = folder / "images" / f"{number // 2}.png"
            image.write_bytes(png(colour, 16 + number // 2))
            row = {
                "id": f"made/{number}",
                "group": f"made/{number // 2}",
                "image": f"images/{image.name}",
                "license": "CC0-1.0",
                "response": (
                    f"Two small {colour} {animal}s are standing to the left of a wooden {thing} {place}.",
                    f"A {thing} with three {animal}s below it. A {colour} ball lies in front of the {thing} {place}.",
                )[number % 2],
            }
            file.write(json.dumps({**row, **extra.get(f"r{number}", {})}) + "\n")
    return path


@pytest.fixture
def captions(tmp_path: Path) -> Callable[..., Path]:
    """Writes made-up captions and returns their file."""

    def write(count: int = 40, **extra: dict[str, Any]) -> Path:
        return write_captions(tmp_path / "input", count, **extra)

    return write


def plan_of(path: Path, out: Path, **changes: Any) -> Plan:
    settings: dict[str, Any] = {"taxonomies": ("spatial", "attribute"), "seed": 1, "chunk_rows": 10}
    source = SourcePlan(changes.pop("source", "jsonl"), path)
    return Plan(sources=(source,), out=out, **{**settings, **changes})


@pytest.fixture
def make_plan() -> Callable[..., Plan]:
    return plan_of


@pytest.fixture(scope="session")
def captions_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """120 captions that many tests only read."""
    return write_captions(tmp_path_factory.mktemp("captions") / "input", 120)


@pytest.fixture(scope="session")
def built(captions_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished build of them, only to be read."""
    out = tmp_path_factory.mktemp("built") / "spatial+attribute"
    build(plan_of(captions_file, out))
    return out


@pytest.fixture
def contents() -> Callable[[Path], dict[str, bytes]]:
    """All files below a folder: name -> bytes."""

    def read(folder: Path) -> dict[str, bytes]:
        files = (path for path in sorted(folder.rglob("*")) if path.is_file())
        return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}

    return read
