"""What exists in the scenes: every kind of thing, how large it is, how it may look and what it can carry."""

from __future__ import annotations

from typing import NamedTuple

Unit = tuple[float, float, float, float]


class Part(NamedTuple):
    """A part that is drawn with its whole: where it lies in the unit square of the whole."""

    name: str
    attributes: tuple[str, ...]
    """A "*" stands for the second colour of the whole, or for its only one."""
    box: Unit
    number: int = 1


class Kind(NamedTuple):
    """A kind of thing. ``height`` is in pixels at the front of the scene; ``aspect`` is width by height.

    ``top`` (left, right, y), ``opening`` (left, right, y of the rim) and ``gap`` (left, right, y of the ceiling) are
    where things lie on it, stick out of it, and stand under it, in its unit square; None where they cannot.
    """

    name: str
    height: float
    aspect: float
    colors: tuple[str, ...]
    finishes: tuple[str, ...] = ("plain",)
    forms: tuple[str, ...] = ("",)
    verb: str = "is"
    top: tuple[float, float, float] | None = None
    opening: tuple[float, float, float] | None = None
    gap: tuple[float, float, float] | None = None
    parts: tuple[Part, ...] = ()
    turns: bool = False
    """May be mirrored."""
    second: tuple[str, ...] = ()
    """Colours of the second surface (a roof), which is a part."""
    trim: str = ""
    """``with {} roof``, ``in {} pot``: what has the second colour, or the colour where there is no second one."""


_BRIGHT = "red orange yellow green blue purple pink"
_PAINTED = "white yellow brown red green blue orange pink"
_FUR = "brown black white gray orange"


def _kind(
    name: str,
    height: float,
    aspect: float,
    colors: str = _BRIGHT,
    finishes: str = "plain",
    forms: str = "",
    **more: object,
) -> Kind:
    values = {"forms": tuple(forms.split()) or ("",), **more}
    return Kind(name, height, aspect, tuple(colors.split()), tuple(finishes.split()), **values)  # type: ignore[arg-type]


_HOUSE_PARTS = (
    Part("roof", ("*",), (0.0, 0.0, 1.0, 0.44)),
    Part("door", ("brown",), (0.43, 0.64, 0.58, 1.0)),
    Part("window", (), (0.18, 0.54, 0.82, 0.76), 2),
    Part("chimney", (), (0.72, 0.06, 0.83, 0.35)),
)
_ALL = (
    # animals
    _kind("cat", 56, 0.86, _FUR, "plain", "sitting", verb="sits", turns=True),
    _kind("dog", 62, 1.02, _FUR, "plain", "sitting standing", verb="sits", turns=True),
    _kind("duck", 40, 1.15, "yellow white brown", verb="sits", turns=True),
    _kind("bird", 18, 1.7, "black blue white red", forms="flying", verb="flies", turns=True),
    _kind("rabbit", 50, 0.85, "white brown gray", verb="sits", turns=True),
    _kind("cow", 84, 1.45, "brown black white", "plain spotted", verb="stands", turns=True),
    _kind("sheep", 56, 1.3, "white black", verb="stands", turns=True),
    _kind("hen", 44, 1.05, "white brown black", verb="stands", turns=True),
    _kind("penguin", 56, 0.68, "black", verb="stands"),
    _kind("crab", 30, 1.5, "red orange", verb="sits"),
    _kind("starfish", 26, 1.05, "orange pink purple red", verb="lies"),
    _kind("turtle", 36, 1.55, "green", verb="sits", turns=True),
    _kind(
        "snail",
        28,
        1.4,
        "orange pink purple blue",
        verb="sits",
        turns=True,
        trim="with {} shell",
        parts=(Part("shell", ("*",), (0.27, 0.02, 0.9, 0.9)),),
    ),
    _kind("butterfly", 22, 1.15, "orange yellow blue purple pink", verb="flies"),
    _kind("fish", 15, 1.5, "orange red yellow", verb="swims", turns=True),
    _kind("teddy bear", 56, 0.78, "brown white pink", verb="sits"),
    # plants
    _kind("tree", 178, 0.78, "green", verb="stands"),
    _kind("fir tree", 160, 0.62, "green", verb="stands"),
    _kind("palm tree", 172, 0.76, "green", verb="stands"),
    _kind("bush", 56, 1.35, "green", verb="grows"),
    _kind("flower", 42, 0.5, "red yellow pink purple white orange", verb="grows"),
    _kind("tulip", 40, 0.5, "red yellow pink purple orange", verb="grows"),
    _kind("mushroom", 26, 1.05, "red brown", "plain spotted", verb="grows"),
    _kind("pumpkin", 38, 1.2, "orange", verb="lies"),
    _kind("cactus", 48, 0.72, "green", verb="stands"),
    _kind(
        "plant",
        64,
        0.8,
        "blue white red yellow",
        verb="stands",
        trim="in {} pot",
        parts=(Part("pot", ("*",), (0.15, 0.58, 0.85, 1.0)),),
    ),
    # the sky
    _kind("sun", 46, 1.0, "yellow", verb="shines"),
    _kind("moon", 36, 1.0, "yellow", forms="full", verb="shines"),
    _kind("star", 9, 1.0, "yellow", verb="shines"),
    _kind("cloud", 34, 2.0, "white", verb="floats"),
    _kind("kite", 52, 0.72, _BRIGHT, "plain striped checkered", verb="flies"),
    _kind("balloon", 58, 0.74, _BRIGHT, "plain striped", verb="floats"),
    _kind("airplane", 22, 2.4, "white red blue gray", verb="flies", turns=True),
    # buildings and what stands outdoors
    _kind(
        "house",
        150,
        1.15,
        "white yellow blue pink red green purple orange",
        "plain plain brick wooden stone",
        verb="stands",
        parts=_HOUSE_PARTS,
        second=("red", "blue", "brown", "gray", "green", "purple", "orange"),
        trim="with {} roof",
    ),
    _kind(
        "barn",
        150,
        1.15,
        "red green blue yellow brown",
        "plain wooden",
        verb="stands",
        parts=(
            Part("roof", ("gray",), (0, 0, 1, 0.46)),
            Part("door", (), (0.32, 0.56, 0.68, 1)),
            Part("window", ("white",), (0.42, 0.26, 0.58, 0.42)),
        ),
    ),
    _kind("lighthouse", 150, 0.42, "red blue green black orange", "striped", verb="stands"),
    _kind("windmill", 150, 0.86, "white yellow brown red green blue", "plain wooden", verb="stands"),
    _kind("mountain", 80, 1.9, "gray purple blue", verb="rises"),
    _kind(
        "bench",
        56,
        1.85,
        "brown green red blue yellow purple",
        "wooden metal",
        verb="stands",
        top=(0.06, 0.94, 0.52),
        gap=(0.18, 0.82, 0.62),
    ),
    _kind("fence", 56, 2.9, "white brown green blue red", "wooden metal", verb="stands"),
    _kind("street lamp", 150, 0.2, "black green gray", verb="stands"),
    _kind("mailbox", 66, 0.6, "red blue yellow", verb="stands"),
    _kind("tent", 84, 1.25, "red orange yellow blue green", "plain striped", verb="stands"),
    _kind("campfire", 46, 0.9, "orange", verb="burns"),
    _kind("snowman", 92, 0.62, "white", verb="stands"),
    _kind("hay bale", 48, 1.35, "yellow", "straw", verb="lies", top=(0.12, 0.88, 0.02)),
    _kind("barrel", 58, 0.8, "brown red blue green", "wooden wooden metal", verb="stands", top=(0.14, 0.86, 0.05)),
    _kind("chest", 46, 1.35, "brown red green blue", "wooden metal", verb="stands", top=(0.1, 0.9, 0.02)),
    _kind("surfboard", 92, 0.32, _BRIGHT, "plain striped", verb="stands"),
    _kind("umbrella", 116, 1.15, _BRIGHT, "striped plain striped", verb="stands", gap=(0.06, 0.94, 0.42)),
    # vehicles
    _kind(
        "car",
        62,
        2.05,
        _BRIGHT + " white",
        verb="stands",
        turns=True,
        parts=(Part("wheel", (), (0.12, 0.66, 0.88, 1.0), 2),),
    ),
    _kind("bus", 92, 1.9, "red yellow blue green orange", verb="stands", turns=True),
    _kind("truck", 84, 1.75, "red blue green orange", verb="stands", turns=True),
    _kind("tractor", 84, 1.24, "red green blue", verb="stands", turns=True),
    _kind("bicycle", 66, 1.55, "red blue green yellow purple pink", verb="stands", turns=True),
    _kind(
        "sailboat",
        92,
        0.95,
        "red blue brown green",
        verb="floats",
        parts=(Part("sail", ("white",), (0.1, 0.02, 0.98, 0.68), 2),),
    ),
    _kind("boat", 48, 2.9, "red blue green yellow white", "plain wooden", verb="floats", opening=(0.14, 0.86, 0.3)),
    _kind("sled", 34, 2.0, "red blue brown", "wooden", verb="stands", top=(0.12, 0.98, 0.03), turns=True),
    # toys and tools
    _kind("ball", 32, 1.0, _BRIGHT, "plain striped spotted checkered", verb="lies"),
    _kind("drum", 42, 1.15, "red blue green purple", verb="stands"),
    _kind("guitar", 96, 0.42, "brown red black", "plain", verb="stands"),
    _kind("gift", 44, 0.95, _BRIGHT, "plain striped spotted", verb="lies"),
    _kind(
        "bucket",
        44,
        0.95,
        "red blue green yellow gray",
        "plain metal",
        verb="stands",
        opening=(0.1, 0.9, 0.34),
        turns=False,
    ),
    _kind("watering can", 50, 1.15, "green blue red gray", "plain metal", verb="stands", turns=True),
    _kind("lifebuoy", 42, 1.0, "red orange", "striped", verb="lies"),
    _kind("anchor", 58, 0.86, "black gray", verb="lies"),
    _kind("hat", 30, 1.65, "red blue black pink yellow", "plain straw spotted", verb="lies"),
    _kind("book", 16, 2.3, _BRIGHT, "plain", verb="lies"),
    _kind("pencil", 8, 7.0, "red yellow blue green", verb="lies", turns=True),
    _kind("laptop", 60, 1.45, "gray black white", verb="stands"),
    _kind("globe", 62, 0.8, "blue", verb="stands"),
    # rooms
    _kind(
        "table",
        88,
        1.75,
        "brown white green blue red yellow",
        "wooden metal plain",
        "rectangular round",
        verb="stands",
        top=(0.08, 0.92, 0.08),
        gap=(0.14, 0.86, 0.3),
    ),
    _kind("chair", 96, 0.58, "brown red white green blue", "wooden plain metal", verb="stands", top=(0.14, 0.86, 0.6)),
    _kind(
        "sofa",
        90,
        2.1,
        "red green blue gray purple yellow",
        "plain plain striped checkered",
        verb="stands",
        top=(0.18, 0.82, 0.76),
    ),
    _kind(
        "armchair",
        88,
        1.05,
        "red green blue gray orange",
        "plain plain checkered spotted",
        verb="stands",
        top=(0.24, 0.76, 0.76),
    ),
    _kind(
        "bed",
        92,
        2.3,
        "red blue green purple yellow",
        "plain",
        verb="stands",
        top=(0.4, 0.92, 0.4),
        parts=(Part("pillow", ("white",), (0.1, 0.26, 0.34, 0.5)), Part("blanket", ("*",), (0.36, 0.38, 0.95, 0.74))),
        trim="with {} blanket",
    ),
    _kind("shelf", 14, 10.5, _PAINTED, "wooden plain metal", verb="hangs", top=(0.03, 0.97, 0.02)),
    _kind(
        "rug",
        30,
        5.0,
        "red blue green purple",
        "plain striped",
        "round rectangular",
        verb="lies",
        top=(0.14, 0.86, 0.55),
    ),
    _kind(
        "window",
        92,
        1.0,
        "white brown",
        forms="square round",
        verb="is",
        trim="with {} frame",
        parts=(Part("frame", ("*",), (0, 0, 1, 1)),),
    ),
    _kind(
        "painting",
        56,
        1.3,
        "brown black yellow",
        verb="hangs",
        trim="in {} frame",
        parts=(Part("frame", ("*",), (0, 0, 1, 1)),),
    ),
    _kind("clock", 44, 1.0, "red blue black green brown", forms="round square", verb="hangs"),
    _kind("lamp", 56, 0.72, "red yellow green blue orange white", "plain striped spotted", verb="stands"),
    _kind(
        "vase",
        50,
        0.68,
        "blue white red purple green",
        "plain striped spotted glass",
        verb="stands",
        opening=(0.32, 0.68, 0.05),
    ),
    _kind("fish bowl", 50, 1.1, "white", "glass", verb="stands", opening=(0.2, 0.8, 0.4)),
    _kind("candle", 38, 0.3, "white red blue yellow", verb="stands"),
    # the kitchen
    _kind("cup", 26, 1.1, _BRIGHT + " white", "plain striped spotted", verb="stands", turns=True),
    _kind(
        "glass", 34, 0.62, "white", "glass", verb="stands", parts=(Part("juice", ("orange",), (0.07, 0.4, 0.93, 0.94)),)
    ),
    _kind(
        "bowl", 30, 1.9, "blue white red green", "plain striped glass wooden", verb="stands", opening=(0.12, 0.88, 0.1)
    ),
    _kind("plate", 18, 3.0, "white blue yellow", verb="lies", top=(0.2, 0.8, 0.5)),
    _kind("teapot", 46, 1.3, "white blue red green yellow", "plain spotted metal", verb="stands", turns=True),
    _kind("bottle", 62, 0.36, "green brown blue", "plain", verb="stands"),
    _kind("jar", 42, 0.72, "red orange purple yellow", "plain", verb="stands"),
    _kind("apple", 24, 1.0, "red green yellow", verb="lies"),
    _kind("pear", 28, 0.74, "green yellow", verb="lies"),
    _kind("peach", 24, 1.0, "orange", verb="lies"),
    _kind("lemon", 19, 1.35, "yellow", verb="lies"),
    _kind("banana", 24, 1.7, "yellow", verb="lies", turns=True),
    _kind("cake", 46, 1.35, "pink brown white", verb="stands"),
    # containers
    _kind("basket", 46, 1.3, "brown", "wicker", verb="stands", opening=(0.12, 0.88, 0.3)),
    _kind("box", 46, 1.3, "brown red blue green", "cardboard wooden plain", verb="stands", opening=(0.08, 0.92, 0.2)),
    # what is written on
    _kind("sign", 60, 1.6, _PAINTED, "plain plain wooden metal", verb="stands"),
)
KINDS: dict[str, Kind] = {kind.name: kind for kind in _ALL}

SLEEPING_CAT = _kind("cat", 36, 1.75, _FUR, "plain", "sleeping", verb="lies", turns=True)
OPEN_BOOK = _kind("book", 30, 1.9, _BRIGHT, "plain", "open", verb="lies")
WALL_SIGN = _kind("sign", 36, 2.3, _PAINTED, "plain plain wooden metal", verb="hangs")
CRESCENT = _kind("moon", 40, 0.66, "yellow", forms="crescent", verb="shines")
