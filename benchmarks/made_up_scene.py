"""One small invented scene for each picture: what all questions and the caption of the picture are made from."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from functools import cache

from made_up_settings import SETTINGS, Setting
from made_up_words import (
    BACKGROUND_COLOURS,
    BACKGROUND_OTHER,
    BIG,
    COUNTS,
    GARMENT_COLOURS,
    GARMENTS,
    GROUNDS,
    HAIR,
    HELD,
    KINDS,
    NUMBERS,
    PAIRS,
    PATTERNS,
    PEOPLE,
    SHAPES,
    SMALL,
    TOP_MATERIALS,
    TOPS,
    UNCOUNTED,
    WALLS,
    WOODEN,
    WOODS,
    words,
)

VEHICLES = frozenset(("car", "boat", "plane", "train"))
IRREGULAR = {
    **{"person": "people", "man": "men", "woman": "women", "child": "children", "goose": "geese", "mouse": "mice"},
    **{"knife": "knives", "shelf": "shelves", "scarf": "scarves", "calf": "calves", "cactus": "cacti"},
    **{"sheep": "sheep", "deer": "deer", "mango": "mangoes", "tomato": "tomatoes"},
}


@dataclass(slots=True)
class Thing:
    """Things of one sort: how many there are, how they look, and where they are."""

    noun: str
    colour: str = ""
    count: int = 1
    material: str = ""
    look: str = ""
    """Its size or shape."""
    pattern: str = ""
    verb: str = "stands"
    place: str = ""
    """The word before what it is at: on, next to."""
    at: Thing | None = None
    kind: str = ""

    @property
    def be(self) -> str:
        return "is" if self.count == 1 else "are"

    @property
    def name(self) -> str:
        return self.noun if self.count == 1 else plural(self.noun)

    @property
    def pronoun(self) -> str:
        return "it" if self.count == 1 else "they"

    @property
    def where(self) -> str:
        """``on the table``."""
        assert self.at is not None
        return f"{self.place} the {self.at.noun}"


@dataclass(slots=True)
class Person:
    """The people of a picture, who all do and wear the same."""

    thing: Thing
    doing: str
    why: str
    garment: Thing
    pair: Thing
    held: str
    hair: str


@dataclass(slots=True)
class Scene:
    """A picture; ``things`` stand in their order from left to right."""

    setting: Setting
    ground: Thing
    tops: list[Thing]
    wall: Thing
    background: Thing
    day: bool
    weather: str
    things: list[Thing] = field(default_factory=list)
    person: Person | None = None
    sign: Thing | None = None
    text: str = ""


@cache
def plural(noun: str) -> str:
    """
    >>> plural("young man"), plural("fire hydrant"), plural("box")
    ('young men', 'fire hydrants', 'boxes')
    """
    *before, last = noun.split(" ")
    if last in IRREGULAR:
        last = IRREGULAR[last]
    elif last.endswith("y") and last[-2] not in "aeiou":
        last = f"{last[:-1]}ies"
    else:
        last += "es" if last.endswith(("s", "x", "ch", "sh")) else "s"
    return " ".join([*before, last])


@cache
def palette(text: str) -> list[str]:
    return words(text)


def a(phrase: str) -> str:
    """
    >>> a("orange cup")
    'an orange cup'
    """
    return f"an {phrase}" if phrase[0] in "aeiou" and not phrase.startswith("uni") else f"a {phrase}"


def scene_of(seed: int, number: int) -> Scene:
    """The scene of a picture: the same whatever else is made."""
    rng = random.Random(f"{seed}/{number}")
    setting = rng.choice(SETTINGS)
    tops, nouns = rng.sample(setting.tops, 2), set[str]()
    wall, ground = rng.choice(setting.walls), rng.choice(setting.grounds[:1] if setting.outside else setting.grounds)
    nouns |= {*tops, wall, ground, setting.grounds[-1]}
    back = rng.choice([noun for noun in setting.backgrounds if noun not in nouns])
    nouns.add(back)
    scene = Scene(
        setting=setting,
        ground=Thing(ground, rng.choice(palette(GROUNDS[ground])), verb="lies"),
        tops=[_top(rng, noun) for noun in tops],
        wall=Thing(wall, rng.choice(palette(WALLS))),
        background=Thing(back, rng.choice(palette(BACKGROUND_COLOURS.get(back, BACKGROUND_OTHER))), rng.choice(COUNTS)),
        day=rng.random() < 0.85,
        weather=rng.choice(("sunny", "sunny", "sunny", "cloudy", "cloudy", "rainy")),
    )
    if rng.random() < 0.62:
        scene.person = _person(rng, scene, nouns)
    if rng.random() < 0.35:
        _put_up_sign(rng, scene, nouns)
    for kind in rng.choices(setting.kinds, k=rng.choice((4, 5, 6, 7))):
        if free := [noun for noun in KINDS[kind].nouns if noun not in nouns]:
            noun = rng.choice(free)
            nouns.add(noun)
            scene.things.append(_thing(rng, scene, kind, noun))
    return scene


def _top(rng: random.Random, noun: str) -> Thing:
    material = rng.choice(TOP_MATERIALS) if noun in WOODEN else ""
    return Thing(noun, rng.choice(palette(TOPS.get(noun, WOODS))), material=material)


def _person(rng: random.Random, scene: Scene, nouns: set[str]) -> Person:
    noun, count = rng.choice(PEOPLE), 1 if rng.random() < 0.75 else rng.choice((2, 2, 3, 4))
    doing, why = rng.choice(scene.setting.actions)
    garment, pair, held = rng.choice(GARMENTS), rng.choice(PAIRS), rng.choice(HELD)
    nouns |= {garment, pair, held, *HELD, *doing.split()} if count == 1 else {garment, *doing.split()}
    return Person(
        thing=Thing(noun, count=count, place="on", at=scene.ground, kind="person"),
        doing=doing,
        why=why,
        garment=Thing(garment, rng.choice(GARMENT_COLOURS)),
        pair=Thing(pair, rng.choice(GARMENT_COLOURS), count=2),
        held=held if doing.split()[-1] != held else "",
        hair=rng.choice(HAIR),
    )


def _put_up_sign(rng: random.Random, scene: Scene, nouns: set[str]) -> None:
    scene.text = rng.choice(scene.setting.texts)
    noun = rng.choice(("sign", "sign", "sign", "poster", "banner", "board"))
    nouns.add(noun)
    scene.sign = Thing(noun, rng.choice(GARMENT_COLOURS), verb="hangs", place="on", at=scene.wall, kind="sign")


def _thing(rng: random.Random, scene: Scene, kind: str, noun: str) -> Thing:
    known = KINDS[kind]
    place, at = _place(rng, scene, kind)
    thing = Thing(noun, count=rng.choice(COUNTS), verb=rng.choice(known.verbs), place=place, at=at, kind=kind)
    thing.colour = rng.choice(known.colours) if known.colours[0] else ""
    if known.materials and rng.random() < 0.6:
        thing.material = rng.choice(known.materials)
    drawn = rng.random()
    if drawn < 0.3:
        thing.look = rng.choice(SMALL if drawn < 0.2 else BIG)
    elif drawn < 0.4 and kind in ("tableware", "container", "picture", "ornament", "paper"):
        thing.look = rng.choice(SHAPES)
    elif kind == "cloth" and drawn < 0.6:
        thing.pattern = rng.choice(PATTERNS)
    return thing


def _place(rng: random.Random, scene: Scene, kind: str) -> tuple[str, Thing]:
    """Small things lie on others, large ones stand on the ground or by others, the rest hangs."""
    size, drawn = KINDS[kind].size, rng.random()
    if size == "hung":
        return "on", scene.wall
    if kind in VEHICLES and drawn < 0.6:
        ground = scene.setting.grounds[-1]
        return "on", scene.ground if ground == scene.ground.noun else Thing(ground)
    if size == "small" and drawn < 0.65:
        return "on", rng.choice(scene.tops)
    if size == "large" and drawn < 0.4:
        return "on", scene.ground
    if drawn < 0.75:
        return rng.choice(("next to", "near", "beside")), rng.choice(scene.tops)
    return rng.choice(("in front of", "behind", "near", "to the left of", "to the right of")), rng.choice(scene.tops)


def described(thing: Thing, *, colour: bool = True, rest: bool = True) -> str:
    """The noun and what stands before it, without an article or a number."""
    parts = [thing.look, thing.colour if colour else "", thing.pattern, thing.material] if rest else [thing.colour]
    return " ".join([*(part for part in parts if part), thing.name])


def counted(thing: Thing, phrase: str) -> str:
    """
    >>> counted(Thing("cup", count=2), "red cups")
    'two red cups'
    """
    if thing.noun in UNCOUNTED:
        return phrase
    return a(phrase) if thing.count == 1 else f"{NUMBERS[thing.count]} {phrase}"
