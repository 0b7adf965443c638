"""Words of the made-up Visual Genome: what things there are, how they look, and what is said of them.

In a list of words, ``white*5`` counts five times when one is drawn.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

Size = Literal["small", "large", "hung"]


class Kind(NamedTuple):
    """Things that look alike; ``small`` ones lie on something, ``large`` ones stand about, the rest hangs on walls."""

    size: Size
    colours: list[str]
    materials: list[str]
    nouns: list[str]
    verbs: list[str]


def words(text: str) -> list[str]:
    """
    >>> words("white*2, dark blue")
    ['white', 'white', 'dark blue']
    """
    found: list[str] = []
    for part in text.split(","):
        word, _, times = part.strip().partition("*")
        found += [word] * int(times or 1)
    return found


def _kind(size: Size, colours: str, materials: str, nouns: str, verbs: str) -> Kind:
    return Kind(size, words(colours), words(materials) if materials else [], words(nouns), words(verbs))


COMMON = (
    "white*20, black*14, brown*9, green*8, blue*12, red*11, yellow*7, gray*4, grey*2, orange*4, pink*3, tan, purple*2"
)
COATS = "brown*6, white*5, black*6, gray*2, tan*2"
LEAVES = "green*12, brown*2, yellow"
CARS = "white*8, black*6, red*6, blue*5, silver*4, gray*2, yellow*2, green*2"
WOODS = "brown*10, white*5, black*4, tan*2, gray*2, red, green, blue"
KINDS = {
    "tableware": _kind(
        "small",
        COMMON,
        "glass*4, plastic*2, metal*2, ceramic*2, wooden",
        "cup, mug, plate, bowl, jug, teapot, saucer, tray, bottle, jar, pitcher, kettle, spoon, fork, knife, pan, pot",
        "sits, stands, rests",
    ),
    "container": _kind(
        "small",
        COMMON,
        "wooden*3, plastic*3, metal*2, wicker, leather, cardboard",
        "box, basket, bag, bucket, crate, backpack, purse, suitcase, tin, pouch, briefcase, carton, cooler",
        "sits, lies, stands, rests",
    ),
    "fruit": _kind(
        "small", "green*4, yellow*3, red*3", "", "apple, pear, pepper, mango, tomato, grape, melon, plum", "lies, sits"
    ),
    "meal": _kind(
        "small",
        "",
        "",
        "sandwich, pizza, cake, burger, donut, muffin, pancake, cookie, pie, hot dog, bagel, croissant, egg, taco",
        "lies, sits",
    ),
    "flower": _kind(
        "small",
        "red*4, white*4, yellow*4, pink*3, purple*3, orange",
        "",
        "flower, rose, tulip, daisy, lily, carnation",
        "stands, sits",
    ),
    "potted": _kind("small", LEAVES, "", "plant, fern, cactus, ivy, herb", "stands, sits"),
    "ornament": _kind(
        "small",
        COMMON,
        "glass*3, ceramic*3, metal*2, wooden",
        "vase, candle, lamp, statue, figurine, clock, lantern, globe, bell",
        "stands, sits, rests",
    ),
    "device": _kind(
        "small",
        "black*8, white*5, gray*3, silver*3, red, blue",
        "plastic*3, metal*2",
        "laptop, phone, camera, keyboard, mouse, radio, remote, tablet, speaker, printer, monitor, television",
        "sits, lies, rests",
    ),
    "paper": _kind(
        "small", COMMON, "", "book, notebook, magazine, folder, newspaper, envelope, card, map, menu", "lies, rests"
    ),
    "tool": _kind(
        "small",
        COMMON,
        "plastic*3, metal*3, wooden*3",
        "pen, pencil, brush, hammer, ruler, comb, broom, shovel, ladder, wrench, rake, umbrella, key",
        "lies, rests",
    ),
    "cloth": _kind(
        "small",
        COMMON,
        "cotton*2, wool*2, linen, velvet",
        "towel, blanket, pillow, cushion, napkin, jacket, scarf, hat, glove, sock, shirt, sweater",
        "lies, rests, hangs",
    ),
    "toy": _kind(
        "small",
        COMMON,
        "plastic*4, wooden*3, rubber",
        "ball, doll, teddy bear, toy car, balloon, puzzle, robot, kite, frisbee, guitar, drum, helmet, racket",
        "lies, sits, rests",
    ),
    "pet": _kind("large", COATS, "", "dog, cat, puppy, kitten", "sits, stands, sleeps, lies, rests"),
    "cattle": _kind(
        "large", COATS, "", "horse, cow, goat, sheep, donkey, pony, calf, pig, llama", "stands, grazes, rests, waits"
    ),
    "wild": _kind(
        "large",
        "",
        "",
        "elephant, giraffe, zebra, bear, monkey, lion, tiger, rhino, kangaroo, camel, deer, ostrich",
        "stands, rests, waits, walks",
    ),
    "bird": _kind(
        "small",
        "white*5, black*4, brown*3, gray*3, blue, yellow",
        "",
        "bird, duck, goose, seagull, pigeon, crow, parrot, swan, chicken, owl",
        "sits, stands, rests",
    ),
    "seat": _kind(
        "large",
        WOODS,
        "wooden*7, metal*3, plastic*3, leather*2, wicker",
        "chair, stool, armchair, ottoman, rocking chair",
        "stands, sits",
    ),
    "furniture": _kind(
        "large",
        WOODS,
        "wooden*7, metal*2, glass, plastic",
        "cabinet, dresser, bookcase, nightstand, wardrobe, fan, heater, trash can, mirror, trunk",
        "stands",
    ),
    "car": _kind(
        "large",
        CARS,
        "",
        "car, truck, van, bus, taxi, motorcycle, bicycle, scooter, trailer, jeep",
        "stands, is parked*3, waits",
    ),
    "street thing": _kind(
        "large",
        "red*5, yellow*4, black*4, green*3, blue*3, white*3, gray*2, orange*2",
        "metal*5, plastic*2, concrete, wooden",
        "fire hydrant, mailbox, trash can, traffic cone, barrel, bench, street lamp, stroller, cart, barrier",
        "stands",
    ),
    "boat": _kind(
        "large",
        "white*8, blue*5, red*4, green*2, yellow*2, black, brown",
        "wooden*4, metal*2, plastic",
        "boat, canoe, kayak, sailboat, ferry, yacht, raft",
        "floats, rests, waits",
    ),
    "plane": _kind(
        "large",
        "white*10, blue*3, red*3, silver*2, gray*2, yellow",
        "",
        "airplane, jet, helicopter, tractor, fuel truck",
        "stands, waits",
    ),
    "train": _kind(
        "large",
        "red*4, yellow*4, blue*4, green*3, white*2, silver*2, black, orange",
        "",
        "train, tram, locomotive",
        "stands, waits, stops",
    ),
    "gear": _kind(
        "large",
        COMMON,
        "plastic*3, wooden*2, metal",
        "surfboard, skateboard, snowboard, sled, tent, cooler, wagon, umbrella",
        "lies, stands, rests",
    ),
    "tree": _kind("large", LEAVES, "", "tree, bush, palm tree, hedge, shrub, pine tree", "stands, grows"),
    "picture": _kind(
        "hung",
        COMMON,
        "",
        "picture, painting, poster, calendar, mirror, clock, shelf, photograph, mask, wreath",
        "hangs",
    ),
    "outer": _kind("hung", COMMON, "metal*3, wooden*3, plastic", "flag, lamp, clock, bell, basket, wreath", "hangs"),
}

# What things lie on or hang from; all of it has a colour.
TOPS = {
    "rock": "gray*4, brown*3, tan",
    "log": "brown",
    **dict.fromkeys(["sink", "toilet", "bathtub"], "white*8, tan, gray"),
    "stove": "white*4, black*4, silver*3",
    **dict.fromkeys(["bed", "sofa", "couch", "towel"], COMMON),
}
WALLS = "white*10, brown*3, gray*3, blue*2, green*2, yellow*2, red*2, tan"
WOODEN = words("table, counter, shelf, bench, desk, cart, stool, crate, railing, cabinet, dresser, nightstand, chair")
TOP_MATERIALS = words("wooden*8, metal*2, glass, plastic, stone")
GROUNDS = {
    "floor": "brown*6, white*4, gray*3, tan*2, black",
    "rug": "red*3, blue*3, gray*3, brown*3, white*2, green*2, purple",
    "carpet": "gray*4, red*2, blue*2, tan*2, green",
    "grass": "green*9, brown*2",
    "field": "green*9, brown*2",
    "lawn": "green",
    "sand": "tan*4, brown*3, white*2",
    "snow": "white",
    "road": "gray*5, black*4, brown",
    "sidewalk": "gray*6, red*2, tan*2, white",
    "court": "green*4, blue*4, red*2",
    "pavement": "gray*4, black*2",
    "dirt": "brown*5, tan*2",
    "platform": "gray*4, yellow, white",
    "dock": "brown*5, gray*3",
    "path": "brown*3, gray*3, tan*2",
    "runway": "gray*3, black",
    "mat": "blue*2, gray*2, white*2, green, black, red",
    "track": "gray*2, brown*2, black",
    "water": "blue*6, green*3, brown, gray",
}
UNCOUNTED = frozenset("grass sand snow dirt water pavement".split())
BACKGROUND_COLOURS = {
    "tree": "green*9, brown",
    "hill": "green*6, brown*3",
    "mountain": "gray*3, brown*3, green*2, white",
    "fence": "white*5, brown*5, black*2, gray*2, green",
    "window": "white*5, brown*2, black",
    "door": "white*6, brown*5, red*3, green*2, blue*2, black",
}
BACKGROUND_OTHER = "white*6, red*4, brown*5, gray*4, blue*2, yellow*2, tan*2, green"

GARMENTS = words(
    "shirt*12, jacket*7, coat*3, sweater*3, hat*4, cap*3, vest*2, scarf, hoodie*2, t-shirt*4, uniform, apron, helmet*2"
)
GARMENT_COLOURS = words(COMMON)
PAIRS = words("pants*4, shorts*3, jeans, shoes*3, boots, gloves, sunglasses, sneakers*2")
HELD = words(
    "phone*4, cup*2, bag*3, camera*2, umbrella*2, book*2, ball, bottle*2, flag, basket, flower, stick, map, rope"
)
HAIR = words("brown*5, black*5, blonde*4, gray*2, red")
PEOPLE = words(
    "man*12, woman*10, boy*5, girl*5, lady*2, guy, child*2, person*3, young man, young woman, old man, old woman"
)
COUNTS = [1] * 44 + [2] * 28 + [3] * 13 + [4] * 7 + [5] * 4 + [6] * 2 + [7, 8]
NUMBERS = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight"]
SMALL = words("small*5, tiny*2, little*2")
BIG = words("large*4, big*2, tall*2, huge")
PATTERNS = words("striped*4, checkered*2, plaid*2, floral*2, spotted")
SHAPES = ("round", "square", "rectangular", "oval")
WEATHER = {
    "sunny": ("Sunny.", "Sunny and clear.", "It is sunny.", "Clear.", "Fair."),
    "cloudy": ("Cloudy.", "Overcast.", "It is cloudy.", "Partly cloudy.", "Gray."),
    "rainy": ("Rainy.", "Wet.", "It is raining.", "Rainy and wet."),
}
SKY = {"sunny": "blue", "cloudy": "gray", "rainy": "gray"}
TIMES = {
    "day": (
        "Daytime.",
        "During the day.",
        "Day time.",
        "In the daytime.",
        "Day.",
        "During daytime.",
        "It was daytime.",
    ),
    "night": ("At night.", "Nighttime.", "Night.", "During the night.", "Night time.", "In the evening."),
}
DAY_REASONS = {
    "Why are the lights off?": ("It is daytime.", "Because it is day.", "There is enough light."),
    "Why is it so bright?": ("It is daytime.", "The sun is out.", "Daylight."),
}
NIGHT_REASONS = {
    "Why are the lights on?": ("It is dark.", "Because it is night.", "To see at night.", "It is night time."),
    "Why is it dark?": ("It is night.", "Nighttime.", "The sun has set."),
}
