"""English words that the checker knows, written for it alone.

The checker shares no word list with the rules that make texts false: a mistake in a common list would hide itself.
"""

from __future__ import annotations

import re

_NUMBERS = "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen"
NUMBERS = {word: value for value, word in enumerate(f"{_NUMBERS} seventeen eighteen nineteen twenty".split())}
NUMBERS |= {"dozen": 12, "thirty": 30, "forty": 40, "fifty": 50, "hundred": 100}

GROUPS = {"pair": 2, "couple": 2, "duo": 2, "trio": 3, "threesome": 3, "quartet": 4, "quintet": 5, "dozen": 12}
"""Nouns before "of" that say how many; None of them is a thing of its own."""
LOOSE_GROUPS = frozenset("group set row line cluster bunch collection stack pile circle flock herd heap".split())

DETERMINERS = frozenset(
    "a an the this that these those some several another its their his her both all each every other".split()
)

COLOURS = frozenset(
    "red orange yellow green blue purple violet pink brown black white gray golden silver beige cyan magenta turquoise"
    " maroon crimson scarlet navy teal lavender indigo tan cream olive lime coral peach mint burgundy ivory amber azure"
    " khaki mustard charcoal salmon aqua mauve lilac rose bronze copper blond".split()
)
MATERIALS = frozenset(
    "wooden metal plastic glass stone brick leather paper cardboard ceramic rubber concrete cotton woolen silk marble"
    " clay steel iron wicker straw porcelain cloth fabric velvet stainless tin aluminum linen denim foam bamboo granite"
    " felt knitted woven wax canvas".split()
)
PATTERNS = frozenset(
    "striped spotted checkered plaid floral plain patterned starry zigzag paisley speckled swirled marbled solid"
    " gingham camouflage houndstooth banded mottled tartan".split()
)
SHAPES = frozenset(
    "round square rectangular triangular oval cylindrical cubic conical hexagonal octagonal spherical crescent flat"
    " curved straight pointed diamond rounded angular pyramidal circular domed curly twisted".split()
)
STATES = frozenset(
    "open closed empty full broken whole lit unlit shiny dull wet dry clean dirty new old folded unfolded bent cracked"
    " sleeping awake sitting standing running flying rusty dusty soft hard bare leafy blooming wilted upright tilted"
    " raised lowered young bright dark pale light hollow inflated deflated sealed torn tied untied frozen melted ripe"
    " unripe transparent opaque matte smooth rough fuzzy fluffy furry glowing burning smoking locked tipped overturned"
    " parked moving floating steaming half sliced peeled wrapped unwrapped cooked raw hot cold calm sleek weathered"
    " faded painted unpainted rolled unrolled snowy cloudy clear blank fresh stale sunny rainy overcast stormy"
    " foggy misty hairy bald modern ancient"
    " vintage sharp blunt thick thin narrow wide heavy deep shallow fat slim tall short long".split()
)
SIZES = {"tiny": "tiny", "small": "small", "medium": "medium", "large": "large"}
SIZES |= dict.fromkeys("minuscule minute miniature".split(), "tiny") | dict.fromkeys("little smallish".split(), "small")
SIZES |= dict.fromkeys("big huge giant enormous massive gigantic oversized".split(), "large")
POSITIONS = dict.fromkeys("left leftmost".split(), "left") | dict.fromkeys("right rightmost".split(), "right")
POSITIONS |= dict.fromkeys("upper topmost".split(), "top") | dict.fromkeys("lower bottommost".split(), "bottom")
"""Adjectives that place a thing in the picture ("the left cup")."""

DEFAULTS = frozenset("plain solid smooth clean new dry whole hard soft old young bright dark light thick thin".split())
"""What is often true of a thing though nobody would write it down: absence from the facts proves nothing."""

KINDS = {"colour": COLOURS, "material": MATERIALS, "pattern": PATTERNS, "shape": SHAPES, "state": STATES}
ADJECTIVES = frozenset().union(*KINDS.values(), SIZES)

SPELLINGS = {
    "grey": "gray", "gold": "golden", "wood": "wooden", "metallic": "metal", "stripy": "striped", "stripes": "striped",
    "checked": "checkered", "chequered": "checkered", "dotted": "spotted", "dots": "spotted", "spots": "spotted",
    "wool": "woolen", "woollen": "woolen", "glossy": "shiny", "gleaming": "shiny", "polished": "shiny",
    "shut": "closed", "very small": "tiny",
    "circular": "round", "spherical": "round", "asleep": "sleeping", "opened": "open", "blonde": "blond",
    "purplish": "purple",
    "flowery": "floral", "flowered": "floral", "squared": "square", "unlighted": "unlit", "lighted": "lit",
    "aluminium": "aluminum", "stripe": "striped", "spot": "spotted", "dot": "spotted", "checks": "checkered",
    "polka dotted": "spotted", "polka dot": "spotted", "polka dots": "spotted", "zigzagged": "zigzag", "oblong": "oval",
    "triangle": "triangular", "cube": "cubic", "violet": "purple",
}  # fmt: skip
"""Words that mean the same as another one, which stands for both."""

_NEAR = (
    "red crimson scarlet maroon burgundy", "blue navy azure indigo", "green olive lime mint",
    "purple lavender lilac mauve",
    "purple indigo", "yellow golden mustard amber", "orange amber coral peach salmon", "pink rose salmon coral magenta",
    "blue cyan turquoise teal aqua", "green turquoise teal aqua", "brown tan bronze copper khaki",
    "beige cream ivory tan khaki",
    "white cream ivory", "gray silver charcoal", "black charcoal", "purple magenta", "yellow cream", "yellow blond",
    *(f"metal {word}" for word in "steel iron tin aluminum golden silver stainless bronze copper".split()),
    "steel iron stainless", "tin aluminum steel", "stone marble granite brick concrete",
    "clay ceramic porcelain brick", "cloth fabric", "wooden bamboo",
    *(f"cloth {word}" for word in "cotton linen silk velvet woolen denim felt canvas".split()),
    *(f"fabric {word}" for word in "cotton linen silk velvet woolen denim felt canvas".split()),
    "wicker straw woven bamboo", "paper cardboard", "plaid checkered tartan gingham", "spotted speckled mottled",
    "striped banded zigzag", "round oval rounded curved domed", "square rectangular cubic", "round cylindrical conical",
    *(f"patterned {word}" for word in PATTERNS - {"plain", "solid"}), "floral leafy", "plain solid",
    "cloudy overcast rainy stormy foggy misty", "rusty old weathered dirty", "new clean shiny fresh",
    "shiny bright polished", "old ancient vintage",
    "closed sealed locked", "lit bright glowing burning", "dark unlit", "wet frozen melted", "broken cracked torn bent",
    "soft fluffy furry fuzzy hairy", "woolen knitted woven", "flying floating", "diamond square", "pale light white",
    "tilted tipped bent overturned", "tall large", "long large", "wide large", "short small",
    "triangular pointed conical",
)  # fmt: skip
NEAR: dict[str, frozenset[str]] = {}
"""Words that may be true of a thing of which the other one is said."""
for _line in _NEAR:
    for _word in _line.split():
        NEAR[_word] = NEAR.get(_word, frozenset()) | frozenset(_line.split())

OPPOSITES = {
    frozenset(pair.split())
    for pair in "open closed,empty full,broken whole,lit unlit,shiny dull,wet dry,clean dirty,new old,folded unfolded,"
    "sleeping awake,sitting standing,soft hard,bright dark,young old,tied untied,ripe unripe,transparent opaque,"
    "shiny matte,smooth rough,locked open,raw cooked,hot cold,thick thin,narrow wide,deep shallow,tall short,long"
    " short,"
    "inflated deflated,bare leafy,blooming wilted,upright tilted,raised lowered,sharp blunt,parked moving,"
    "wrapped unwrapped,rolled unrolled,sitting running,standing flying,sitting flying,light dark,light heavy".split(",")
}

NOUNS = frozenset(
    # people and animals
    "person man woman boy girl child baby people dog cat bird duck duckling frog fish rabbit horse cow sheep goat"
    " pig hen"
    " chicken rooster mouse rat squirrel fox bear lion tiger elephant giraffe zebra monkey deer owl pigeon seagull gull"
    " swan goose parrot crow robin sparrow eagle penguin turtle tortoise snake lizard snail spider ant bee ladybug"
    " ladybird beetle butterfly dragonfly moth fly worm caterpillar puppy kitten pony donkey camel whale dolphin shark"
    " crab starfish octopus hedgehog mole bat wolf animal insect toad lamb calf chick kangaroo panda koala flamingo"
    # toys, furniture, the house
    " ball balloon kite doll teddy toy block cube cone cylinder sphere pyramid disk disc ring star heart triangle"
    " square"
    " circle box chest crate basket bucket pail barrel bin can jar bottle cup mug glass bowl plate dish vase pot"
    " pan kettle"
    " teapot jug pitcher spoon fork knife tray table desk chair stool bench sofa couch armchair bed pillow cushion"
    " blanket"
    " rug carpet mat lamp lantern candle clock watch mirror picture painting poster frame shelf bookshelf cupboard"
    " cabinet"
    " drawer wardrobe door window curtain wall floor ceiling roof chimney fireplace stove oven fridge sink tap bathtub"
    " towel soap brush broom mop sponge key lock coin button bead marble dice book notebook magazine newspaper letter"
    " envelope pen pencil crayon eraser ruler scissors bag backpack suitcase handbag purse wallet umbrella hat cap"
    " scarf"
    " glove mitten shoe boot sock shirt coat jacket dress skirt trousers jeans belt tie glasses phone telephone laptop"
    " computer keyboard screen monitor television radio camera guitar piano drum violin trumpet flute bell whistle"
    " paintbrush hammer nail screw wrench saw axe shovel spade rake ladder hose rope string ribbon bow thimble needle"
    " thread yarn die domino chess puzzle sticker stamp badge pin clip paperclip pebble shell acorn pinecone feather"
    # food
    " apple pear banana orange lemon lime grape cherry strawberry peach plum melon watermelon pineapple carrot tomato"
    " potato onion pumpkin cabbage corn mushroom bread loaf cake cupcake pie cookie biscuit donut muffin sandwich pizza"
    " burger egg cheese candy sweet lollipop chocolate berry nut fruit vegetable sugar"
    # outdoors
    " tree bush shrub hedge flower tulip daisy sunflower rose cactus plant leaf branch log stump grass lawn meadow"
    " field"
    " hill mountain rock stone boulder cliff cave river stream lake pond sea ocean beach sand island water puddle road"
    " street path bridge fence gate house hut cabin cottage castle tower barn shed tent church school shop store"
    " building"
    " windmill lighthouse well fountain statue bench lamppost streetlight sign signpost billboard mailbox postbox"
    " hydrant"
    " sky sun moon star cloud rainbow snowman snow rain ground garden park playground swing slide sandbox car truck bus"
    " van taxi tractor train tram bicycle bike motorcycle scooter skateboard boat ship sailboat canoe raft plane"
    " airplane"
    " aeroplane helicopter rocket drone wagon cart wheelbarrow wheel tire traffic flag banner nest web birdhouse"
    " doghouse"
    " kennel trophy medal crown helmet bow arrow shield sword anchor buoy surfboard snowflake parachute robot twig"
    " dandelion clover buttercup poppy daffodil lily violet acorn berry seed petal kennel scarecrow picket post pole"
    " toolbox mailman jogger cyclist hiker walker tv stroller parasol bowling pin pawn ticket label tag speck smudge"
    " fridge throne magnet matchbox cork straw napkin saucer coaster bird cage aquarium fishbowl dog globe sled"
    " sledge igloo lifebuoy"
    " pencilcase bunny rowboat shoebox harbor harbour pier dock deck pumpkin teacup trunk palm pine fir handle lid"
    " diamond campfire gift present juice sail"
    # more that captions of photographs name
    " ambulance antenna apron bagel banjo baseball basketball football volleyball beagle beaver beer bison blender"
    " blouse"
    " blueberry raspberry boar bookcase bracelet bride groom briefcase broccoli cauliflower cucumber eggplant spinach"
    " buffalo bulldog bulldozer burrito calculator calendar cane carriage carton chain chandelier chef waiter"
    " nurse dentist"
    " farmer sailor pirate wizard knight king queen clown policeman fireman surfer skier snowboarder coconut mango kiwi"
    " coffee milk wine comb corgi poodle terrier labrador husky dachshund dalmatian pug crocodile croissant doughnut"
    " dresser nightstand drill excavator forklift factory fan ferry kayak tugboat submarine frisbee gorilla grasshopper"
    " hamster raccoon moose llama rhino hippo leopard hyena walrus seal lobster shrimp jellyfish heron ostrich pelican"
    " peacock turkey woodpecker hummingbird swallow headband hook jet ladle leggings shorts sandal slipper sneaker"
    " microphone microwave toaster dishwasher refrigerator printer tablet remote speaker toilet toothbrush razor"
    " necklace"
    " earring sweater vest turban puppet trampoline tricycle seesaw wheelchair snowboard spatula whisk screwdriver"
    " pliers"
    " tweezers flashlight seashell orchid pillar planter sausage pancake waffle pretzel taco steak salad skyscraper"
    " staircase walnut zipper olive pickle pasta rice".split()
) | frozenset(
    "stuffed bear,sailing boat,"
    "teddy bear,watering can,hay bale,fish bowl,fir tree,palm tree,pine tree,beach ball,picnic basket,tree"
    " house,hot dog,"
    "traffic light,street light,street lamp,fire hydrant,traffic cone,bird bath,alarm clock,"
    "sand castle,ice cream,remote control,bowling pin,tennis ball,life ring,bus stop,garden gnome,"
    "trash can,garbage can,phone booth,light bulb,hot air balloon,baseball bat".split(",")
)
"""Things that are there or not: a text that names one which complete facts do not know is false."""

_SYNONYMS = (
    "sofa couch settee",
    "cup mug",
    "rabbit bunny",
    "rug carpet mat",
    "bicycle bike",
    "plane airplane aeroplane jet",
    "boat ship sailboat",
    "stone rock boulder pebble",
    "shrub bush hedge",
    "box crate chest",
    "bucket pail",
    "house building cottage hut cabin home",
    "sea ocean water lake pond",
    "grass lawn meadow field ground",
    "road street path",
    "table desk",
    "ladybug ladybird",
    "hill mountain",
    "sign signpost billboard poster",
    "ground floor",
    "cookie biscuit",
    "pot pan",
    "jug pitcher",
    "pillow cushion",
    "bag backpack handbag purse",
    "hat cap",
    "picture painting poster",
    "ball sphere",
    "ring circle",
    "gull seagull",
    "car taxi",
    "van truck",
    "frog toad",
    "turtle tortoise",
    "lamp lantern light",
    "cube block",
    "clock watch",
    "book notebook",
    "dish plate",
    "nut acorn seed",
    "tv television",
    "twig stick branch",
    "donut doughnut",
    "fridge refrigerator",
    "shell seashell",
    "plane jet",
    "kayak canoe boat",
    "gift present box parcel",
    "ship boat canoe raft",
    "barn shed",
    "path road",
)
"""Words that may name one thing."""

SAME_NAMES = {
    "plane": "airplane", "aeroplane": "airplane", "bike": "bicycle", "bunny": "rabbit", "present": "gift",
    "sailing boat": "sailboat", "stuffed bear": "teddy bear",
}  # fmt: skip
"""Names of the same things: where no thing bears the one, those of the other are meant."""

_HYPERNYMS = {
    "person": "man woman boy girl child baby people jogger cyclist hiker walker mailman snowman scarecrow",
    "child": "boy girl baby",
    "bird": "duck duckling hen chicken rooster owl pigeon seagull gull swan goose parrot crow robin sparrow eagle"
    " penguin flamingo"
    " heron ostrich pelican peacock turkey woodpecker hummingbird swallow",
    "chicken": "hen rooster chick", "duck": "duckling",
    "dog": "puppy beagle bulldog corgi poodle terrier labrador husky dachshund dalmatian pug", "cat": "kitten",
    "sheep": "lamb", "cow": "calf", "horse": "pony",
    "bear": "panda", "insect": "bee beetle butterfly dragonfly moth fly ant ladybug ladybird",
    "beetle": "ladybug ladybird",
    "plant": "tree bush shrub hedge flower tulip daisy sunflower rose cactus poppy lily daffodil violet dandelion"
    " clover grass",
    "flower": "tulip daisy sunflower rose poppy lily daffodil violet dandelion buttercup",
    "fruit": "apple pear banana orange lemon lime grape cherry strawberry peach plum melon watermelon pineapple berry",
    "berry": "strawberry cherry grape", "melon": "watermelon",
    "vegetable": "carrot tomato potato onion pumpkin cabbage corn",
    "toy": "ball balloon kite doll teddy block robot drum car truck train boat top",
    "light": "lamp lantern candle lamppost streetlight",
    "vehicle": "car truck bus van taxi tractor train tram bicycle bike motorcycle scooter boat ship plane airplane"
    " helicopter",
    "container": "box crate chest basket bucket pail barrel bin can jar bottle cup mug glass bowl pot vase",
    "bag": "backpack suitcase handbag purse", "boat": "ship sailboat canoe raft", "car": "taxi van",
    "tower": "lighthouse windmill",
    "building": "house hut cabin cottage castle tower barn shed church school shop store windmill lighthouse"
    " skyscraper",
    "shop": "store", "star": "sun", "shell": "snail", "seat": "chair stool bench sofa couch armchair swing",
    "book": "magazine",
    "ball": "baseball basketball football volleyball", "shoe": "sandal slipper sneaker boot", "hat": "turban",
    "nut": "walnut acorn",
    "furniture": "table desk chair stool bench sofa couch armchair bed shelf cupboard", "bread": "loaf",
    "cake": "cupcake muffin pie",
    "animal": "dog cat bird duck duckling frog fish rabbit horse cow sheep goat pig hen chicken rooster mouse rat"
    " squirrel fox bear lion tiger elephant giraffe zebra monkey deer owl turtle tortoise snake snail spider ant bee"
    " butterfly puppy kitten crab"
    " pony donkey hedgehog toad lamb chick penguin starfish insect",
}  # fmt: skip
"""A word to those that are kinds of it."""

KIN: dict[str, frozenset[str]] = {}
"""Other words that a thing of this name may bear: facts with a duck do not deny a bird."""
_BROADER = [f"{broad} {narrow}" for broad, kinds in _HYPERNYMS.items() for narrow in kinds.split()]
for _line in (*_SYNONYMS, *_BROADER):
    for _word in _line.split():
        KIN[_word] = KIN.get(_word, frozenset()) | frozenset(_line.split()) - {_word}

_IRREGULAR = {
    "person": "people", "man": "men", "woman": "women", "child": "children", "mouse": "mice", "goose": "geese",
    "leaf": "leaves", "loaf": "loaves", "shelf": "shelves", "knife": "knives", "wolf": "wolves", "calf": "calves",
    "die": "dice", "cactus": "cacti", "tooth": "teeth", "foot": "feet", "scarf": "scarves", "bookshelf": "bookshelves",
    "snowman": "snowmen", "potato": "potatoes", "tomato": "tomatoes",
}  # fmt: skip
INVARIABLE = frozenset("fish sheep deer dice scissors trousers jeans glasses people aircraft".split())


def plural(noun: str) -> str:
    """The plural of a noun, of which only the last word changes.

    >>> plural("picnic basket"), plural("box"), plural("mouse")
    ('picnic baskets', 'boxes', 'mice')
    """
    *before, word = noun.split(" ")
    return " ".join([*before, _plural_word(word)])


def _plural_word(word: str) -> str:
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    if word in INVARIABLE:
        return word
    if re.search(r"[^aeiou]y$", word):
        return word[:-1] + "ies"
    return word + ("es" if re.search(r"(s|x|z|ch|sh)$", word) else "s")


NOUN_FORMS: dict[str, tuple[str, bool]] = {plural(noun): (noun, noun not in INVARIABLE) for noun in sorted(NOUNS)}
"""Every form of a known noun: its singular, and whether the form is a plural."""
NOUN_FORMS |= {noun: (noun, False) for noun in NOUNS if noun != "people"} | {"cactuses": ("cactus", True)}


def canonical(word: str) -> str:
    """The word that stands for all spellings of an adjective.

    >>> canonical("Grey"), canonical("big")
    ('gray', 'large')
    """
    lower = word.lower()
    return SPELLINGS.get(lower, SIZES.get(lower, lower))


def kind(adjective: str) -> str | None:
    """``colour``, ``material``, ``pattern``, ``shape``, ``state`` or ``size`` of a canonical adjective, or None."""
    if adjective in SIZES:
        return "size"
    return next((name for name, words in KINDS.items() if adjective in words), None)
