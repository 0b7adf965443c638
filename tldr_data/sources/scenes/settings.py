"""Where scenes take place: what belongs into a park, a kitchen, a harbor, and what would be missed there."""

from __future__ import annotations

from typing import NamedTuple


class Setting(NamedTuple):
    """A place. Kinds of things are named as in ``kinds.KINDS``; a name may stand twice to come more often."""

    name: str
    behind: str
    """The upper backdrop: ``sky`` or ``wall``."""
    ground: str
    """What things stand on: ``grass``, ``sand``, ``floor``, ``table`` ..."""
    horizon: float
    """Where the two meet, as a share of the height."""
    anchors: tuple[str, ...]
    """Large things of the middle distance."""
    hosts: tuple[str, ...]
    """Things that others are put on, in or under."""
    animals: tuple[str, ...]
    many: tuple[str, ...]
    """Small things, of which there may be several."""
    far: tuple[str, ...]
    """Seen small at the horizon, or on the shelf."""
    high: tuple[str, ...]
    """In the sky, or on the wall."""
    missed: tuple[str, ...]
    """What would fit but may be absent."""
    words: tuple[str, ...]
    """What its signs say."""
    moods: tuple[str, ...] = ("",)
    """The weather: each has its own light. Rooms have none."""
    near: float = 1.0
    """How much larger than usual things are drawn (a table is seen from close by)."""
    water: str = ""
    """``sea``, ``lake`` or ``pond`` between the horizon and the ground, if any."""


def _setting(name: str, behind: str, ground: str, horizon: float, **lists: str | float) -> Setting:
    texts = {"moods", "anchors", "hosts", "animals", "many", "far", "high", "missed"}
    values = {
        key: tuple(str(value).replace("_", " ") for value in str(text).split()) if key in texts else text
        for key, text in lists.items()
    }
    values["words"] = tuple(str(lists["words"]).split("/"))
    return Setting(name, behind, ground, horizon, **values)  # type: ignore[arg-type]


SETTINGS: tuple[Setting, ...] = (
    _setting(
        "park",
        "sky",
        "grass",
        0.52,
        moods="sunny cloudy",
        anchors="tree tree bench fence house street_lamp bicycle",
        hosts="bench basket table umbrella box",
        animals="dog cat duck rabbit",
        many="ball flower tulip apple pear peach mushroom butterfly book hat",
        far="house tree fir_tree windmill",
        high="kite bird balloon airplane",
        missed="dog cat bicycle bench ball duck kite car fence airplane rabbit flower bird",
        words="CITY PARK/KEEP OUT/WELCOME/PICNIC AREA/NO DOGS/FREE ENTRY",
    ),
    _setting(
        "beach",
        "sky",
        "sand",
        0.4,
        moods="sunny cloudy",
        anchors="palm_tree umbrella surfboard palm_tree chair",
        hosts="bucket umbrella basket chair boat chest",
        animals="crab turtle dog cat",
        many="ball starfish crab hat book",
        far="sailboat lighthouse mountain sailboat boat",
        high="bird kite balloon airplane",
        missed="boat sailboat umbrella ball dog crab kite turtle bucket surfboard cloud",
        words="SURF SHOP/NO DIVING/BEACH CLUB/LIFEGUARD/ICE CREAM/WELCOME",
        water="sea",
    ),
    _setting(
        "street",
        "sky",
        "road",
        0.55,
        moods="sunny cloudy",
        anchors="house car bus truck tree street_lamp bicycle mailbox car",
        hosts="bench box basket barrel",
        animals="dog cat",
        many="ball box gift bottle hat barrel",
        far="house tree fir_tree barn",
        high="bird balloon airplane",
        missed="car bus bicycle dog truck bench cat mailbox tree",
        words="BUS STOP/NO PARKING/OPEN LATE/SCHOOL/MAIN STREET/SLOW DOWN",
    ),
    _setting(
        "farm",
        "sky",
        "grass",
        0.5,
        moods="sunny cloudy",
        anchors="barn tree tractor fence windmill barn",
        hosts="hay_bale basket bucket barrel box",
        animals="cow sheep hen duck dog cat rabbit",
        many="pumpkin hen sheep duck apple pear peach flower mushroom hay_bale",
        far="house tree windmill barn tree cow",
        high="bird balloon airplane",
        missed="cow sheep tractor hen dog cat fence pumpkin duck tree barn",
        words="FRESH EGGS/HILL FARM/MILK/APPLES/FARM SHOP/NO ENTRY",
    ),
    _setting(
        "harbor",
        "sky",
        "pier",
        0.42,
        moods="sunny cloudy",
        anchors="street_lamp barrel anchor lighthouse bench bicycle",
        hosts="barrel chest basket bucket bench box",
        animals="cat dog duck",
        many="fish barrel lifebuoy bucket bottle box",
        far="sailboat boat lighthouse mountain house",
        high="bird balloon airplane",
        missed="boat sailboat anchor dog cat lighthouse fish barrel bicycle",
        words="FRESH FISH/BOAT TRIPS/PIER 7/NO SWIMMING/HARBOR CAFE/TICKETS",
        water="sea",
    ),
    _setting(
        "garden",
        "sky",
        "grass",
        0.5,
        moods="sunny cloudy",
        anchors="tree fence house bush table watering_can bicycle",
        hosts="table bench basket chair bucket box",
        animals="cat rabbit snail hen turtle",
        many="tulip flower mushroom pumpkin apple peach pear cactus butterfly snail",
        far="house tree fir_tree bush barn windmill",
        high="bird butterfly balloon airplane",
        missed="cat rabbit flower bench bicycle hen snail watering_can fence tree",
        words="MY GARDEN/ROSE CAFE/PLANTS/HONEY/PLEASE KNOCK/WELCOME",
    ),
    _setting(
        "lakeside camp",
        "sky",
        "grass",
        0.44,
        moods="sunny starry",
        anchors="tent campfire fir_tree tent guitar bicycle",
        hosts="chair table basket bucket box",
        animals="dog rabbit duck cat",
        many="mushroom cup bottle flower ball apple pear peach lemon book",
        far="fir_tree boat mountain sailboat",
        high="bird balloon airplane",
        missed="tent boat dog bicycle guitar rabbit campfire duck car",
        words="CAMP SITE/NO FISHING/LAKE TRAIL/CAMP 9/BOAT HIRE/QUIET",
        water="lake",
    ),
    _setting(
        "snowy field",
        "sky",
        "snow",
        0.5,
        moods="sunny cloudy",
        anchors="fir_tree snowman house fence fir_tree",
        hosts="sled basket box bench",
        animals="penguin rabbit dog cat",
        many="gift ball penguin hat fir_tree",
        far="house fir_tree windmill barn fir_tree",
        high="bird balloon airplane",
        missed="snowman sled dog penguin house rabbit bench bird car",
        words="SKI SCHOOL/HOT COCOA/ICE RINK/SNOW PARK/THIN ICE/NORTH POLE",
    ),
    _setting(
        "living room",
        "wall",
        "floor",
        0.66,
        anchors="sofa table armchair guitar plant",
        hosts="table sofa armchair box basket chair rug",
        animals="cat dog rabbit",
        many="ball book gift cup drum candle teddy_bear",
        far="bottle clock candle cup vase teddy_bear globe",
        high="painting clock window",
        missed="cat dog lamp sofa guitar clock plant teddy_bear chair",
        words="HOME SWEET HOME/HELLO/BE KIND/DREAM BIG/LOVE/RELAX",
    ),
    _setting(
        "bedroom",
        "wall",
        "floor",
        0.66,
        anchors="bed chair bed guitar",
        hosts="bed table chair box basket rug",
        animals="cat dog rabbit",
        many="ball book gift teddy_bear drum",
        far="bottle clock candle cup globe hat vase",
        high="painting clock window",
        missed="cat dog lamp guitar clock plant teddy_bear chair book globe",
        words="GOOD NIGHT/SLEEP WELL/MY ROOM/STAY IN BED/HELLO/QUIET",
    ),
    _setting(
        "kitchen",
        "wall",
        "counter",
        0.58,
        anchors="teapot cake bottle plant",
        hosts="bowl basket plate vase bowl box",
        animals="cat",
        many="apple pear peach lemon cup banana jar glass",
        far="jar bowl bottle teapot cup vase plate",
        high="clock window painting",
        missed="apple banana teapot bottle cake cat pear lemon candle cup",
        words="FRESH BREAD/COFFEE/EAT WELL/TEA TIME/BON APPETIT/SOUP",
        near=1.6,
    ),
    _setting(
        "study",
        "wall",
        "desk",
        0.58,
        anchors="laptop globe lamp plant",
        hosts="vase box fish_bowl basket bowl",
        animals="cat",
        many="book pencil cup bottle apple pear peach candle gift",
        far="globe bottle book clock candle cup vase",
        high="clock window painting",
        missed="laptop globe lamp cat book guitar clock candle cup",
        words="TO DO/EXAM DAY/THINK/READ MORE/MONDAY/IDEAS",
        near=1.55,
    ),
)

FAMILIES: dict[str, str] = {
    name: family
    for family, names in {
        "bird": ("bird", "duck", "hen", "penguin"),
        "boat": ("boat", "sailboat"),
        "tree": ("tree", "fir tree", "palm tree"),
        "flower": ("flower", "tulip", "plant", "cactus"),
        "chair": ("chair", "armchair", "sofa"),
        "house": ("house", "barn", "lighthouse", "windmill"),
        "cup": ("cup", "glass"),
        "lamp": ("lamp", "street lamp", "candle"),
        "fish": ("fish", "starfish"),
        "balloon": ("balloon", "ball"),
        "box": ("box", "chest", "gift"),
        "bowl": ("bowl", "fish bowl"),
    }.items()
    for name in names
}
"""Kinds that a person might call by each other's names: a scene holds, or misses, only one of a family."""
