"""How things are named in a text: the first time, later, and when two of them share a name."""

from __future__ import annotations

import random

from tldr_data.sources.scenes.scene import Item, Scene
from tldr_data.sources.scenes.words import NUMBERS, agree, joined, plural, with_article

_UNREMARKABLE = {
    "sun",
    "star",
    "cloud",
    "peach",
    "lemon",
    "banana",
    "pumpkin",
    "tree",
    "fir tree",
    "palm tree",
    "bush",
    "cactus",
    "campfire",
    "snowman",
    "globe",
    "hay bale",
    "glass",
    "penguin",
}
"""Things whose colour goes without saying."""
_MATERIALS = ("metal", "glass", "brick", "wicker", "straw", "cardboard")
"""Finishes that come in their own colour, which is not told."""
_SHAPES = ("round", "square", "rectangular")


class Mentions:
    """Who has been spoken of so far, and with which adjectives."""

    def __init__(self, scene: Scene, rng: random.Random) -> None:
        self.scene = scene
        self.rng = rng
        self.seen: list[Item] = []
        self.uncolored: list[Item] = []
        """Things already named, their colour not: a later sentence may tell it."""
        self.listing = False
        """Whether more will follow after "and", which "without" would seem to deny too."""

    def knows(self, item: Item) -> bool:
        return any(other is item for other in self.seen)

    def shares_name(self, item: Item) -> bool:
        return sum(other.name == item.name for other in self.scene.items) > 1

    def name(self, item: Item, *, pair: bool = False) -> str:
        """The noun phrase for a thing at this point of the text; ``pair`` lets two be "a pair of"."""
        if self.knows(item):
            return self.again(item)
        self.seen.append(item)
        return self.new(item, pair=pair)

    def again(self, item: Item) -> str:
        """``the cups``, or ``the red cups`` where there are others."""
        words = self._adjectives(item, bare=True)
        noun = item.name if item.count == 1 else plural(item.name)
        return " ".join(["the", *words, noun])

    def missing(self, ghost: Item) -> str:
        """``no large red and white ball``: told as it would be if it were there."""
        uncolored, words = len(self.uncolored), self._adjectives(ghost, bare=False)
        del self.uncolored[uncolored:]
        return " ".join(["no", *words, ghost.name if ghost.count == 1 else plural(ghost.name)])

    def new(self, item: Item, *, pair: bool = False) -> str:
        """``a large red and white ball``, ``three small wooden boxes``, ``the sun``."""
        if item.name in ("sun", "moon") and item.form != "crescent":
            return f"the {item.form} {item.name}" if item.form and self.rng.random() < 0.4 else f"the {item.name}"
        phrase = self.described(item)
        if item.count == 1:
            small = item.zone == "ground" and item.name != "sign" and not item.kind.top
            lone = self.rng.random() < (0.3 if self.shares_name(item) else 0.08 * small)
            return f"{self.rng.choice(('one', 'a single'))} {phrase}" if lone else with_article(phrase)
        if pair and item.count == 2 and self.rng.random() < 0.4:
            return f"a pair of {phrase}"
        return f"{'exactly ' if self.rng.random() < 0.04 else ''}{NUMBERS[item.count]} {phrase}"

    def described(self, item: Item) -> str:
        """``large red and white ball``: all but how many."""
        words = self._adjectives(item, bare=False)
        after = self._after(item, words)
        return " ".join([*words, item.name if item.count == 1 else plural(item.name)]) + after

    def _after(self, item: Item, words: list[str]) -> str:
        if item.kind.trim and item.count == 1 and (self.rng.random() < 0.8 or self.shares_name(item)):
            lacks = self._lacked(item) if self.rng.random() < 0.45 and not self.listing else ""
            return lacks or " " + item.kind.trim.format(with_article(item.second or item.color))
        if item.finish in words and item.finish in ("glass", "wicker", "metal", "straw") and self.rng.random() < 0.15:
            words.remove(item.finish)
            return f" made of {item.finish}"
        return ""

    def _lacked(self, item: Item) -> str:
        """`` without a red roof``, where no roof of the scene is red."""
        if not item.kind.trim.startswith("with ") or self.shares_name(item):
            return ""
        part = item.kind.trim.rpartition(" ")[2]
        items = self.scene.items
        there = {color for other in items if part in other.kind.trim for color in (other.second, other.color)}
        there |= {word for other in items for p in other.kind.parts if p.name == part for word in p.attributes}
        others = [c for c in item.kind.second or item.kind.colors if c not in there]
        if not others:
            return ""
        color = self.rng.choice(others)
        return self.rng.choice((f" with no {color} {part}", f" without {with_article(color)} {part}"))

    def _adjectives(self, item: Item, *, bare: bool) -> list[str]:
        """Size, state, shape, colour, pattern, material, in this order; ``bare``: only what tells it from others."""
        if bare:
            return [self._color(item)] if self.shares_name(item) else []
        chance = self.rng.random
        words = []
        if item.size and chance() < (0.97 if item.background else 0.75):
            words.append(item.size)
        if item.form in ("sleeping", "open", "crescent") or (item.form in _SHAPES and chance() < 0.4):
            words.append(item.form)
        if self._tells_color(item):
            words.append(self._color(item))
        made_of = item.finish in (*_MATERIALS, "wooden") and item.finish not in words
        if made_of and item.name != "glass" and chance() < 0.7:
            words.append(item.finish)
        return words

    def _tells_color(self, item: Item) -> bool:
        """Whether to name the colour now; if not, and it is of interest, it may be told later."""
        if item.kind.trim and not item.kind.second:
            return False
        if self.shares_name(item) or self.rng.random() < (0.12 if item.name in _UNREMARKABLE else 0.8):
            return True
        if item.name not in _UNREMARKABLE and item.finish not in _MATERIALS:
            self.uncolored.append(item)
        return False

    def _color(self, item: Item) -> str:
        if item.finish in _MATERIALS:
            return item.finish
        if item.finish in ("striped", "spotted", "checkered") and item.second:
            if self.shares_name(item):
                return f"{item.color} and {item.second} {item.finish}"
            return self.rng.choice(
                (
                    f"{item.color} and {item.second} {item.finish}",
                    f"{item.finish} {item.color} and {item.second}",
                    f"{item.color} and {item.second}",
                    f"{item.finish} {item.color}",
                )
            )
        return item.color


def color_words(item: Item) -> str:
    """The colour as a predicate: ``red``, ``red and white``."""
    return f"{item.color} and {item.second}" if item.finish in ("striped", "spotted", "checkered") else item.color


def posture(item: Item) -> str:
    """``sits``, ``lies``, ``flies`` ...: what a thing does where it is."""
    if item.form == "standing":
        return "stands"
    if item.name == "fish" and not item.host:
        return "lies"
    return item.kind.verb


def verb_of(item: Item, rng: random.Random, *, plain: float = 0.5) -> str:
    """Its posture or, with the chance ``plain``, "is", agreeing with its number."""
    verb = posture(item)
    if item.form == "sleeping":
        verb = rng.choice(("sleeps", "lies"))
    elif item.hold == "inside" and item.name not in ("dog", "cat", "rabbit", "fish"):
        verb = "is"
    elif item.name in ("car", "bus", "truck", "tractor", "bicycle"):
        verb = rng.choice(("is parked", "stands"))
    elif verb == "lies" and rng.random() < 0.3:
        verb = "rests"
    return agree("is" if rng.random() < plain else verb, item.count)


def denied(verb: str) -> str:
    """
    >>> denied("are"), denied("is parked"), denied("sits"), denied("lie")
    ('are not', 'is not parked', 'does not sit', 'do not lie')
    """
    first, _, rest = verb.partition(" ")
    if first in ("is", "are"):
        return f"{first} not {rest}".strip()
    base = agree(verb, 2) if verb.endswith("s") else verb
    return f"{'does' if base != verb else 'do'} not {base}"


def list_of(items: list[Item], mentions: Mentions, *, pair: bool = False) -> str:
    """``a cup, two pears and a jar``; no verb may follow where there is a pair."""
    mentions.listing = len(items) > 1
    words = joined([mentions.name(item, pair=pair) for item in items])
    mentions.listing = False
    return words


_PARTICIPLES = {
    "sits": "sitting",
    "stands": "standing",
    "lies": "lying",
    "grows": "growing",
    "floats": "floating",
    "flies": "flying",
    "hangs": "hanging",
    "swims": "swimming",
}


def participle_of(item: Item, rng: random.Random) -> str:
    """Such as " sitting" after "there is a dog", or nothing."""
    verb = posture(item)
    if rng.random() < 0.5 or verb not in _PARTICIPLES or (item.hold == "inside" and verb != "swims"):
        return ""
    return " sleeping" if item.form == "sleeping" and rng.random() < 0.5 else f" {_PARTICIPLES[verb]}"
