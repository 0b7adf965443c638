"""Settings of the made-up Visual Genome: where a picture was taken, what lies about there, and what people do there."""

from __future__ import annotations

from typing import NamedTuple

from made_up_words import words


class Setting(NamedTuple):
    """Where a picture was taken, and what may be seen there."""

    name: str
    within: str
    outside: bool
    tops: list[str]
    grounds: list[str]
    """What people walk on comes first, what vehicles stand on last."""
    walls: list[str]
    kinds: list[str]
    actions: list[tuple[str, str]]
    """What people do there, and why."""
    backgrounds: list[str]
    texts: list[str]


def _setting(
    place: str, where: str, tops: str, grounds: str, walls: str, kinds: str, actions: str, backgrounds: str, texts: str
) -> Setting:
    """``where`` is how one says that something is there; outside, the words begin with a plus."""
    doing = [tuple(action.strip().split("|")) for action in actions.split(",")]
    return Setting(
        name=place,
        within=where.removeprefix("+"),
        outside=where.startswith("+"),
        tops=words(tops),
        grounds=words(grounds),
        walls=words(walls),
        kinds=words(kinds),
        actions=[(what, why) for what, why in doing],
        backgrounds=words(backgrounds),
        texts=words(texts),
    )


_INDOOR_BACK = "window*3, door*3, curtain, bookcase, cabinet, staircase"
_STREET_BACK = "building*5, tree*5, house*2, church, tower, fence*2, bridge, shop"
_LAND_BACK = "tree*6, hill*3, mountain*3, fence*3, house*2, barn*2, tower"
SETTINGS = [
    _setting(
        *(
            "kitchen",
            "in a kitchen",
            "table, counter, shelf, stove, windowsill, cart, cabinet",
            "floor, mat",
            "wall, door",
        ),
        "tableware*4, container, fruit*2, meal*2, potted, ornament, cloth, tool, seat*2, furniture, pet, picture*2",
        "cooking dinner|to feed the family, washing the dishes|they are dirty, "
        "cutting a cake|to share it, drinking coffee|to wake up",
        *(_INDOOR_BACK, "COFFEE, TEA TIME, BON APPETIT, SUGAR, FRESH BREAD, HOME"),
    ),
    _setting(
        *(
            "living room",
            "in a living room",
            "table, sofa, couch, shelf, desk, bench, windowsill",
            "rug, carpet, floor",
            "wall",
        ),
        "toy*2, paper*2, device*2, ornament*2, potted, flower, cloth*2, seat*2, furniture*2, pet*2, picture*3",
        "reading a book|to relax, watching television|to relax, "
        "playing a video game|for fun, talking on the phone|to talk to a friend",
        *(_INDOOR_BACK, "HOME SWEET HOME, HELLO, DREAM BIG, RELAX, FAMILY, GOOD NIGHT"),
    ),
    _setting(
        *(
            "bedroom",
            "in a bedroom",
            "bed, desk, dresser, shelf, nightstand, windowsill",
            "carpet, rug, floor",
            "wall, door",
        ),
        "cloth*3, toy*2, paper*2, device, ornament*2, container, seat, furniture*2, pet*2, picture*2",
        "sleeping on the bed|it is late, folding the laundry|to put it away, reading a letter|to get the news",
        *(_INDOOR_BACK, "SLEEP WELL, MY ROOM, GOOD NIGHT, LOVE, QUIET"),
    ),
    _setting(
        *("bathroom", "in a bathroom", "sink, counter, shelf, bathtub, stool, toilet", "floor, rug, mat", "wall, door"),
        "cloth*3, container, tableware, ornament, potted, tool, furniture, pet, picture",
        "brushing teeth|to keep them clean, washing hands|they are dirty, looking in the mirror|to check the hair",
        *(_INDOOR_BACK, "WELCOME, RELAX, SOAP, FRESH"),
    ),
    _setting(
        *("office", "in an office", "desk, table, shelf, cabinet, windowsill", "carpet, floor", "wall, door"),
        "device*4, paper*3, tool*2, tableware, container, potted, ornament, seat*2, furniture*2, picture*2",
        "working at a computer|it is the job, typing a letter|to finish the work, "
        "writing notes|to remember them, talking on the phone|to reach a client",
        *(_INDOOR_BACK, "TO DO, MONDAY, MEETING, ROOM 12, PRIVATE, QUIET"),
    ),
    _setting(
        *("restaurant", "in a restaurant", "table, counter, bench, cart", "floor, carpet", "wall, door"),
        "tableware*4, meal*4, fruit, flower, container, paper, ornament, seat*2, picture",
        "eating lunch|it is noon, ordering food|to have lunch, drinking tea|to warm up, serving food|it is the job",
        *(_INDOOR_BACK, "LIVE MUSIC, COFFEE, SUSHI, HAPPY HOUR, OPEN DAILY, SOUP, PIZZA"),
    ),
    _setting(
        *("classroom", "in a classroom", "desk, table, shelf, windowsill, cart", "floor, carpet, rug", "wall, door"),
        "paper*4, tool*3, device, container, toy, seat*3, furniture, potted, picture*3",
        "writing on a board|to explain it, raising a hand|to ask something, "
        "reading aloud|to practise, painting a picture|for fun",
        *(_INDOOR_BACK, "READ MORE, EXAM DAY, THINK, MONDAY, BE KIND"),
    ),
    _setting(
        *("street", "+on a street", "bench, cart, railing, ledge", "sidewalk, road", "wall, building, pole, fence"),
        "car*6, street thing*4, tree*2, container, bird, pet, outer*2",
        "crossing the road|to get to the other side, waiting for a bus|to get home, "
        "walking a dog|for exercise, riding a bike|to get to work",
        *(_STREET_BACK, "STOP, BUS STOP, NO PARKING, ONE WAY, MAIN STREET, SLOW DOWN, SCHOOL ZONE, TAXI, CITY BAKERY"),
    ),
    _setting(
        *(
            "parking lot",
            "+in a parking lot",
            "bench, cart, ledge",
            "sidewalk, pavement",
            "wall, building, fence, pole",
        ),
        "car*7, street thing*3, tree*2, container, bird, outer",
        "loading a truck|to move house, washing a car|it is dirty, "
        "pushing a cart|to carry the shopping, fixing a tire|it is flat",
        *(_STREET_BACK, "NO PARKING, RESERVED, KEEP CLEAR, SALE, VISITORS ONLY, BUS LANE"),
    ),
    _setting(
        *("park", "+in a park", "bench, table, rock, ledge", "grass, path, lawn", "fence, wall, pole"),
        "tree*4, street thing*2, toy*3, bird*3, pet*3, container, gear, cloth, outer",
        "flying a kite|for fun, throwing a frisbee|to play, walking a dog|for exercise, "
        "having a picnic|to have lunch, feeding the birds|for fun",
        *(_STREET_BACK, "CITY PARK, KEEP OUT, PICNIC AREA, NO DOGS, FREE ENTRY, SUMMER FAIR"),
    ),
    _setting(
        *("garden", "+in a garden", "bench, table, stool, ledge, cart", "lawn, grass, path", "fence, wall, gate"),
        "flower*4, tree*3, potted*2, tool*2, bird*2, pet*2, seat*2, container*2, ornament, outer",
        "watering the flowers|they are dry, cutting the hedge|it is too tall, "
        "picking flowers|to bring them home, drinking lemonade|it is hot",
        *("house*4, tree*5, shed*3, hill, fence*3, barn", "HONEY, WELCOME, PLANTS, PLEASE KNOCK, ROSE COTTAGE"),
    ),
    _setting(
        *("beach", "+on a beach", "rock, bench, table, towel", "sand, path", "fence, wall, pole"),
        "gear*4, toy*2, cloth*2, bird*3, boat*2, container*2, pet, tree, outer",
        "carrying a surfboard|to go surfing, building a sandcastle|for fun, "
        "flying a kite|it is windy, running along the shore|for exercise",
        *(
            "hill*2, house*2, boat*4, tower*2, cliff, hotel*2, palm tree*2",
            "SURF SHOP, NO DIVING, LIFEGUARD, ICE CREAM, DANGER",
        ),
    ),
    _setting(
        *("farm", "+on a farm", "cart, crate, bench, rock, trough", "field, grass, dirt", "fence, barn, wall, gate"),
        "cattle*7, bird*2, pet, tree*2, car, container*2, tool, fruit, outer",
        "feeding the animals|they are hungry, riding a horse|for fun, "
        "fixing the fence|it is broken, picking apples|to sell them",
        *(_LAND_BACK, "FRESH EGGS, HILL FARM, MILK, APPLES, NO ENTRY"),
    ),
    _setting(
        *("zoo", "+at a zoo", "rock, log, ledge, bench", "grass, dirt, path", "fence, wall, gate"),
        "wild*7, bird*2, tree*3, container, toy, outer",
        "taking a picture|to remember the day, feeding a giraffe|it is hungry, "
        "looking at the animals|to learn about them, eating ice cream|it is hot",
        *("tree*5, building*3, fence*3, hill*2, tower", "DO NOT FEED, CITY ZOO, KEEP OUT, LIONS, TIGERS, SLOW DOWN"),
    ),
    _setting(
        *(
            "train station",
            "+at a train station",
            "bench, cart, ledge, counter",
            "platform, track",
            "wall, pole, building",
        ),
        "train*3, container*4, street thing*2, bird, paper, device, outer*2",
        "waiting for a train|to travel, pulling a suitcase|to catch a train, "
        "reading a newspaper|to pass the time, buying a ticket|to travel",
        *(_STREET_BACK, "NORTH GATE, EXIT, RIVERSIDE, MILL ROAD, PLATFORM 2, TICKETS, METRO LINK"),
    ),
    _setting(
        *("airport", "+at an airport", "cart, bench, railing, counter", "pavement, runway", "wall, building, fence"),
        "plane*6, car*2, container*4, street thing*2, outer",
        "boarding a plane|to travel, loading luggage|it is the job, "
        "waving a flag|to guide the pilot, pushing a cart|to carry luggage",
        *("building*4, tower*3, tree*2, hill*2, mountain*2", "BLUE ARROW, EXIT, GATE 5, NORTHERN STAR, NO ENTRY"),
    ),
    _setting(
        *("harbor", "+at a harbor", "bench, crate, ledge, railing", "dock, water", "wall, pole, fence, building"),
        "boat*6, bird*3, container*3, street thing*2, tool, outer",
        "fishing|to catch dinner, tying a rope|to hold the boat, "
        "painting a boat|it is old, carrying a crate|to load the boat",
        *(
            "hill*2, house*3, bridge*3, tower*2, mountain*2, building*2",
            "FRESH FISH, BOAT TRIPS, PIER 7, NO SWIMMING, TICKETS",
        ),
    ),
    _setting(
        *("ski slope", "+on a ski slope", "bench, rock, table, railing", "snow", "fence, pole, building"),
        "gear*5, tree*4, container*2, cloth*2, pet, street thing, outer",
        "skiing down the hill|for fun, carrying skis|to go skiing, "
        "falling in the snow|it is slippery, riding a snowboard|for fun",
        *("mountain*4, tree*4, house*2, tower, fence*2", "SKI SCHOOL, DANGER, THIN ICE, SNOW PARK, KEEP RIGHT"),
    ),
    _setting(
        *("tennis court", "+on a tennis court", "bench, chair, table, cart", "court", "fence, wall, pole"),
        "toy*4, container*3, cloth*2, tableware, seat*2, street thing, tree, bird, outer",
        "playing tennis|to win, hitting a ball|to score a point, "
        "swinging a racket|to hit the ball, drinking water|it is hot",
        *("tree*4, building*3, fence*3, tower, house*2", "ORION, MERIDIAN, KESTREL, NO ENTRY, SUMMIT, WATER"),
    ),
    _setting(
        *(
            "market",
            "+at a market",
            "table, counter, crate, cart, shelf",
            "sidewalk, pavement, road",
            "wall, pole, building",
        ),
        "fruit*6, meal*2, flower*2, container*4, cloth, ornament, car, street thing*2, pet, outer",
        "selling fruit|to earn money, buying flowers|for a friend, "
        "carrying a basket|to hold the shopping, tasting cheese|to try it",
        *(_STREET_BACK, "HALF PRICE, FRESH FISH, APPLES, SALE, HONEY, FREE COFFEE, CORNER MARKET"),
    ),
]
