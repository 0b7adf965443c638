"""The English of short answers: noun phrases, places, colours and numbers, taken only in shapes that are sure."""

from __future__ import annotations

import re
from itertools import pairwise

PREPOSITIONS = (
    "in front of; on top of; to the left of; to the right of; next to; close to; in between; on the side of;"
    " outside of; inside of; in back of; on; in; at; under; behind; above; below; beneath; beside; near; by; against;"
    " along; inside; outside; between; around; across; over; underneath; atop; through; among"
).split("; ")
_PREPOSITION = "|".join(PREPOSITIONS)
_DETERMINERS = frozenset(
    "a an the his her its their another someone's each some several many two three four five six seven eight nine"
    " ten".split()
)
_BREAKS = frozenset(
    f"{' '.join(PREPOSITIONS)} with without that who which closest nearest furthest to from of wearing holding sitting"
    " standing parked hanging walking leaning riding located made crossing painted carrying lying laying shown seen"
    " visible pictured".split()
)
COLORS = frozenset(
    "red green blue yellow orange purple pink brown black white gray silver gold golden tan beige cream maroon teal"
    " turquoise aqua lavender burgundy navy".split()
)
_SHADES = frozenset("light dark bright pale".split())
MATERIALS = frozenset(
    "wood glass metal plastic brick stone concrete cement leather wicker marble granite steel iron cloth fabric cotton"
    " denim paper cardboard ceramic tile porcelain clay asphalt rubber wool straw bamboo dirt sand gravel wire foam"
    " aluminum rock chrome vinyl velvet silk canvas paver".split()
)
NUMBERS = "no one two three four five six seven eight nine ten eleven twelve".split()
_PLURALS = {
    **{"men": "man", "women": "woman", "people": "person", "children": "child", "feet": "foot", "teeth": "tooth"},
    **{"geese": "goose", "mice": "mouse", "shelves": "shelf", "bookshelves": "bookshelf", "knives": "knife"},
    **{"leaves": "leaf", "loaves": "loaf", "scarves": "scarf", "wolves": "wolf", "policemen": "policeman"},
    **{"firemen": "fireman", "snowmen": "snowman", "calves": "calf", "halves": "half", "cookies": "cookie"},
    **{"movies": "movie", "zombies": "zombie", "birdies": "birdie", "ties": "tie", "pies": "pie"},
    **{"potatoes": "potato", "tomatoes": "tomato", "buses": "bus", "houses": "house", "horses": "horse"},
}
_ONLY_PLURAL = frozenset(
    "pants jeans shorts glasses sunglasses trousers scissors clothes goggles pajamas leggings tights binoculars".split()
)
_ENDS_LIKE_PLURAL = frozenset("gas lens christmas tennis this always his news pancreas".split())
# "in bed" needs no article; "in corner" does.
_NO_ARTICLE = frozenset(
    "bed home night school work line motion flight use display fire traffic town midair air-conditioning church sight"
    " view water grass sand snow dirt mud sunlight daylight public order bloom".split()
)
_ODD = frozenset(
    "i you we it they he she this that these those there here not no none nothing unknown yes probably maybe"
    " what which someone something is are was were be because so if when where why how and/or or but more most least"
    " my your our him them me us only nobody anybody everybody everyone anyone somebody everything anything"
    " no-one".split()
)
_NEEDS_NO_ARTICLE = (
    "tennis baseball soccer frisbee football basketball golf volleyball food lunch dinner pizza grass water".split()
)
_NO_OBJECT = frozenset(
    "walking talking standing sitting running sleeping smiling eating jumping surfing skateboarding skiing"
    " snowboarding swimming grazing resting flying dancing reading cooking working driving laughing playing posing"
    " drinking skating kneeling waiting relaxing".split()
)
_NAMES = re.compile(r"[a-z]+(?:[-'][a-z]+)*(?:'s|s')?(?: [a-z]+(?:[-'][a-z]+)*(?:'s|s')?){0,7}")
_ARTICLE_FAULT = re.compile(r"\ba (?!uni|use|one\b|eu|uk)[aeiou]|\ban (?!hour|honest|heir)[^aeiou]|\b(\w+) \1\b")


def plain(text: str) -> str | None:
    """A text in lower case if it is nothing but up to eight common words; else None."""
    words = text.lower()
    if not _NAMES.fullmatch(words) or _ARTICLE_FAULT.search(words):
        return None
    return words


def is_plural(noun: str) -> bool:
    if noun in _PLURALS or noun in _ONLY_PLURAL:
        return True
    return noun.endswith("s") and not noun.endswith(("ss", "us", "is", "'s")) and noun not in _ENDS_LIKE_PLURAL


def singular(noun: str) -> str | None:
    """One of several things; None where the spelling does not tell."""
    if noun in _PLURALS:
        return _PLURALS[noun]
    if not is_plural(noun) or noun in _ONLY_PLURAL or noun.endswith(("ves", "oes")):
        return None
    if noun.endswith("ies"):
        return f"{noun[:-3]}y"
    if noun.endswith(("ches", "shes", "xes", "sses")):
        return noun[:-2]
    return None if noun.endswith(("ses", "zes")) else noun[:-1]


def head(phrase: str) -> str:
    """The noun of a noun phrase: what stands before the first preposition or participle."""
    return _before_breaks(phrase)[-1]


def definite(text: str) -> str | None:
    """A thing as the subject of a sentence: "the" where it has no article; None where it is no plain noun phrase."""
    phrase = plain(text)
    if phrase is None or set(phrase.split()) & _ODD or "and" in phrase.split():
        return None
    words = phrase.split()
    if head(phrase) in _DETERMINERS | _BREAKS or re.search(r"'s? .*\b(wearing|holding|carrying)\b", phrase):
        return None
    start = words[0] if words[0] in _DETERMINERS else "the"
    rest = words[1:] if words[0] in _DETERMINERS else words
    if not rest or rest[0] in _BREAKS or rest[0] in _DETERMINERS or rest[-1] in _BREAKS | _DETERMINERS:
        return None
    if any(is_plural(word) for word in _before_breaks(" ".join(rest))[:-1]):
        return None  # "the players shirt"
    return _with_places(" ".join([start, *rest]))


def indefinite(text: str) -> str | None:
    """A thing as a sentence introduces it: its own article or, of several, none; a bare single one becomes "the"."""
    phrase = definite(text)
    words = text.lower().split()
    if phrase is None or words[0] in _DETERMINERS:
        return phrase
    return phrase.removeprefix("the ") if is_plural(head(phrase)) else phrase


def place(text: str) -> str | None:
    """A phrase of place with its article: "in the corner" of "In corner"; None if it is none."""
    phrase = plain(text)
    match = re.fullmatch(rf"({_PREPOSITION}) (.+)", phrase or "")
    if phrase is None or match is None or set(phrase.split()) & (_ODD - {"someone's"}):
        return None
    preposition, thing = match.groups()
    if thing in _NO_ARTICLE or color(thing):
        return phrase  # "the man in red"
    named = definite(thing)
    if named is None or "and" in thing.split():
        return None
    bare = thing.split()[0] not in _DETERMINERS and is_plural(head(thing))
    return f"{preposition} {named.removeprefix('the ') if bare else named}"


def act(text: str) -> str | None:
    """What something is doing, or how it is placed, with the articles that are missing: "parked on the street"."""
    phrase = plain(text)
    if phrase is None:
        return None
    verb, _, rest = phrase.partition(" ")
    if not re.fullmatch(r"[a-z]{2,}(ing|ed)|hung|lit|shown|built", verb) or verb in (
        "being",
        "doing",
        "missing",
        "called",
    ):
        return None
    if not rest:
        return phrase if verb in _NO_OBJECT | {"parked"} else None
    if rest in ("down", "up", "off", "on", "away", "around", "outside", *_NEEDS_NO_ARTICLE):
        return phrase
    particle, _, then = rest.partition(" ")
    if particle in ("down", "up", "out", "off", "away") and (where := place(then)):
        return f"{verb} {particle} {where}"
    if where := place(rest):
        return f"{verb} {where}"
    what = indefinite(rest)
    return f"{verb} {what}" if what and verb.endswith("ing") and what == rest else None


def color(text: str) -> str | None:
    """A colour, or several: "light blue and white"."""
    words = [_american(word) for word in text.lower().replace(",", " ,").split()]
    named = [word for word in words if word not in ("and", ",")]
    if not named or not set(named) <= COLORS | _SHADES or named[-1] in _SHADES or len(named) > 3:
        return None
    if words[0] in ("and", ",") or words[-1] in ("and", ",") or (len(named) > 1 and not _joined(words)):
        return None
    return " ".join(words).replace(" ,", ",")


def number(text: str) -> str | None:
    """A number up to twelve as a word ("no" for none), a larger one in figures."""
    said = {"0": "no", "none": "no", "zero": "no"}.get(text.lower(), text.lower())
    if said.isdecimal() and len(said) < 4:
        return NUMBERS[int(said)] if int(said) < len(NUMBERS) else said.lstrip("0")
    return said if said in NUMBERS else None


def material(text: str) -> str | None:
    """What a thing is made of: "glass", "red bricks"."""
    *before, last = text.lower().split() or [""]
    known = last in MATERIALS or (singular(last) or "") in MATERIALS
    return text.lower() if known and set(before) <= COLORS | {"stainless", "paving"} else None


def _american(word: str) -> str:
    return {"grey": "gray", "golden": "gold", "blonde": "blond"}.get(word, word)


def _joined(words: list[str]) -> bool:
    """Whether shades stand before a colour and colours are joined by "and" or a comma."""
    return all(a in _SHADES or a in ("and", ",") or b in ("and", ",") for a, b in pairwise(words)) and not any(
        a in ("and", ",") and b == "," for a, b in pairwise(words)
    )


def _with_places(phrase: str) -> str | None:
    """A noun phrase of which the places have their articles: "the man on the right"."""
    match = re.fullmatch(rf"(.+?) ({_PREPOSITION}) (.+)", phrase)
    if match is None:
        return phrase
    thing, preposition, rest = match.groups()
    where = place(f"{preposition} {rest}")
    return f"{thing} {where}" if where else None


def _before_breaks(phrase: str) -> list[str]:
    words = phrase.split()
    end = next((n for n, word in enumerate(words) if n and word in _BREAKS and words[:n] != ["the"]), len(words))
    return words[:end]
