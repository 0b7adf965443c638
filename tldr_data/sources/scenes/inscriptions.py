"""What is written on things that are no signs: on boxes, barrels, boats, buses."""

from __future__ import annotations

import random
from typing import NamedTuple

from tldr_data.sources.scenes.mentions import Mentions
from tldr_data.sources.scenes.scene import Item, Scene
from tldr_data.sources.scenes.words import plural

_SMALLEST, _LARGEST = 7, 15
"""Heights of letters in pixels: what is smaller cannot be read."""
LETTER = 0.68
"""Width of a letter as a share of its height, on average."""


class Panel(NamedTuple):
    """Where a kind of thing bears writing: centre and size in its unit square; and the texts that it may bear."""

    x: float
    y: float
    width: float
    height: float
    texts: tuple[str, ...]


_CONTENTS = ("TOYS", "FLOUR", "APPLES", "BOOKS", "TOOLS", "SUGAR", "HONEY", "SEEDS", "TEA", "FRAGILE", "KITCHEN")
_CUPS = ("BOSS", "LOVE", "HELLO", "HUG ME", "MONDAY")
PANELS: dict[str, Panel] = {
    "basket": Panel(0.5, 0.64, 0.8, 0.36, _CONTENTS),
    "cup": Panel(0.4, 0.55, 0.62, 0.5, _CUPS),
    "teapot": Panel(0.5, 0.62, 0.5, 0.4, _CUPS),
    "jar": Panel(0.5, 0.62, 0.84, 0.4, _CONTENTS),
    "vase": Panel(0.5, 0.62, 0.7, 0.3, ("HOME", "LOVE", "JOY", "HELLO")),
    "box": Panel(0.5, 0.62, 0.9, 0.44, _CONTENTS),
    "barrel": Panel(0.5, 0.52, 0.86, 0.3, _CONTENTS),
    "chest": Panel(0.5, 0.7, 0.86, 0.36, _CONTENTS),
    "bucket": Panel(0.5, 0.66, 0.72, 0.32, _CONTENTS),
    "boat": Panel(0.5, 0.66, 0.7, 0.34, ("ALBATROSS", "AURORA", "SEA BREEZE", "LUCKY LADY", "BLUE PEARL")),
    "sled": Panel(0.5, 0.2, 0.7, 0.4, ("BLAZE", "ROCKET", "STORM", "ORION", "NOVA")),
    "mailbox": Panel(0.5, 0.39, 0.9, 0.2, ("HOME", "LOVE", "JOY", "HELLO")),
    "bench": Panel(0.5, 0.22, 0.6, 0.26, ("LOVE", "HOPE", "ANNA", "LILY", "FOREVER")),
    "bus": Panel(0.5, 0.66, 0.62, 0.18, ("CITY LINK", "METRO LINK", "COAST LINE", "VALLEY LINE", "BLUE ARROW")),
    "truck": Panel(0.4, 0.4, 0.5, 0.22, ("BLUE ARROW", "CITY MOVERS", "ALPINE FOODS", "FAST FREIGHT", "KESTREL")),
}


def inscribe(scene: Scene, rng: random.Random) -> bool:
    """Write something on one thing of the scene that has room for it; whether there is such a thing."""
    fitting = [item for item in scene.items if _may_bear(scene, item)]
    rng.shuffle(fitting)
    for item in fitting:
        texts = [text for text in PANELS[item.name].texts if is_legible(scene, item, text)]
        texts = [text for text in texts if not names_one(scene, text)]
        if texts:
            item.text = rng.choice(texts)
            return True
    return False


def names_one(scene: Scene, text: str) -> bool:
    """Whether a text names something in the scene: who reads of it would not know which is meant."""
    return any(text.lower() in (item.name, plural(item.name)) for item in scene.items)


def _may_bear(scene: Scene, item: Item) -> bool:
    if item.name not in PANELS or item.count > 1 or item.host or item.background or item.zone != "ground":
        return False
    hidden = any(other.before is item or (other.host is item and other.hold == "under") for other in scene.items)
    return not hidden and sum(other.name == item.name for other in scene.items) == 1


def is_legible(scene: Scene, item: Item, text: str) -> bool:
    """Whether a text on a thing is large enough, and not hidden by what lies on it (what is inside is behind it)."""
    panel, (left, top, right, bottom) = PANELS[item.name], item.cells[0]
    x = left + (1 - panel.x if item.flip else panel.x) * (right - left)
    y = top + panel.y * (bottom - top)
    height = letter_height(item, text)
    across, down = (len(text) * LETTER + 0.6) * height / 2, 0.65 * height
    loads = [other.box for other in scene.items if other.host is item and other.hold != "inside"]
    hidden = any(a < x + across and x - across < c and b < y + down and y - down < d for a, b, c, d in loads)
    return height >= _SMALLEST and not hidden


def letter_height(item: Item, text: str) -> float:
    """Pixels that letters may be high so that the text fits its panel."""
    panel = PANELS[item.name]
    left, top, right, bottom = item.cells[0]
    across = (right - left) * panel.width / (len(text) * LETTER + 0.6)
    return min(across, (bottom - top) * panel.height / 1.3, _LARGEST)


def written_on(item: Item, mentions: Mentions, rng: random.Random) -> str:
    """A sentence that tells what is written on a thing."""
    known = mentions.knows(item)
    name, quoted = mentions.name(item), f'"{item.text}"'
    word = "words" if " " in item.text else "word"
    if known:
        return rng.choice((inscribed(item, name), inscribed(item, name), f"{name} says {quoted}"))
    return rng.choice(
        (
            f"there is {name} that says {quoted}",
            f"there is {name} with the {word} {quoted} on it",
            f"there is {name} labeled {quoted}",
            inscribed(item, name),
        )
    )


def inscribed(item: Item, name: str) -> str:
    """``the word "OPEN" is written on a sign``."""
    many = " " in item.text
    return f'the {"words" if many else "word"} "{item.text}" {"are" if many else "is"} written on {name}'
