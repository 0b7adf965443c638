"""What a question and its answer say, as a sentence, by templates.

A pair that fits no template, or whose words are not surely grammatical in it, says nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

from tldr_data.sources.visual_genome.phrases import (
    COLORS,
    PREPOSITIONS,
    act,
    color,
    definite,
    head,
    indefinite,
    is_plural,
    material,
    number,
    place,
    plain,
    singular,
)

LONGEST = 120
"""Characters of a question that a template may fit."""
_PLACE = "|".join(PREPOSITIONS)
_STATES = frozenset(
    "parked open opened closed empty full off on wet dry clean dirty cluttered cloudy clear sunny overcast bare wooden"
    " tall round square rectangular oval circular triangular curved striped checkered plaid locked lit".split()
)
_WEATHER = frozenset(
    "sunny cloudy clear overcast rainy snowy windy foggy hazy fair cold cool warm hot stormy partly mostly and".split()
)
_TIMES = {
    **{time: time for time in ("morning", "afternoon", "evening", "night", "nighttime", "daytime")},
    **{"day time": "daytime", "during the day": "daytime", "night time": "nighttime", "at night": "night"},
    **{"in the afternoon": "afternoon", "in the morning": "morning", "in the evening": "evening"},
}
_ROOMS = frozenset(
    "bathroom kitchen bedroom office restroom classroom garage hallway basement gym library restaurant".split()
)
_POSTURES = ("sitting", "standing", "lying", "laying", "sleeping")
_HELD = "holding|wearing|carrying|riding|eating|looking at|sitting on|standing on|playing with|pulling|pushing"
_SHORT = re.compile(r"\b(?:tv|cpu|pc|suv|atv|dvd|cd)\b")
_WORN_AS_MANY = frozenset("clothing denim".split())


class Statement(NamedTuple):
    """What one pair says; without a sentence it only counts where statements on its thing are compared."""

    kind: str
    thing: str
    value: str
    sentence: str | None


def statement(question: str, answer: str) -> Statement | None:
    """What a pair says, by the first template that its question fits."""
    asked = " ".join(question.lower().split()).rstrip(" ?.")
    if len(asked) > LONGEST:
        return None
    said = _cleaned(answer)
    for pattern, template in _TEMPLATES:
        if match := pattern.fullmatch(asked):
            return template(match, said)
    return None


def _cleaned(answer: str) -> str:
    """An answer without what ends it, and without "it is"."""
    text = " ".join(answer.split()).strip(" .`")
    return re.sub(r"^(it is|it's|they are|there is|there are) (?=\S)", "", text, flags=re.IGNORECASE)


def _sentence(*words: str) -> str:
    shown = (
        word if word.startswith('"') else _SHORT.sub(lambda found: found[0].upper(), word) for word in words if word
    )
    text = " ".join(shown)
    return f"{text[0].upper()}{text[1:]}."


def _subject(text: str, verb: str) -> str | None:
    """The thing asked about, if it agrees with its verb."""
    thing = definite(text)
    plural = {"is": False, "are": True, "was": False, "were": True, "does": False, "do": True, "has": False}[verb]
    return thing if thing and is_plural(head(thing)) == plural else None


def _said_of(kind: str, thing: str | None, value: str, verb: str, end: str | None) -> Statement | None:
    """ "The couch", "is", "purple"; where nothing sure can be said, what was answered still counts."""
    if thing is None:
        return None
    told = re.sub(r"\b(an?|the) ", "", (end or value).lower())
    return Statement(kind, thing, told, _sentence(thing, verb, end) if end else None)


def _color(match: re.Match[str], answer: str) -> Statement | None:
    verb, thing = match.groups()
    return _said_of("color", _subject(thing, verb), answer, verb, color(answer))


def _worn_color(match: re.Match[str], answer: str) -> Statement | None:
    """What color shoes is the man wearing?"""
    item, verb, wearer = match.groups()
    thing, shade = _subject(wearer, verb), color(answer)
    if thing is None or plain(item) is None or len(item.split()) > 2:
        return None
    verb = {"does": "is", "do": "are"}.get(verb, verb)
    if shade is None or (verb == "are" and not is_plural(head(item))):
        return Statement(f"wears {item}", thing, answer.lower(), None)
    article = "" if is_plural(head(item)) or item in _WORN_AS_MANY else "an" if shade[0] in "aeiou" else "a"
    return Statement(f"wears {item}", thing, shade, _sentence(thing, verb, "wearing", article, shade, item))


def _count(match: re.Match[str], answer: str) -> Statement | None:
    """How many chairs are at the table?"""
    things, rest = match.group(1), match.group(2) or ""
    where = place(rest) if rest else ""
    amount = number(answer.lower().removesuffix(f" {things}"))
    if plain(things) is None or where is None or things == "things" or singular(head(things)) is None:
        return None
    named = things if amount != "one" else _one(things)
    if amount is None or named is None:
        return Statement("count", f"the {things}", answer.lower(), None)
    verb = "is" if amount == "one" else "are"
    return Statement("count", f"the {things} {where}".strip(), amount, _sentence("there", verb, amount, named, where))


def _one(things: str) -> str | None:
    *before, last = things.split()
    one = singular(last)
    return " ".join([*before, one]) if one else None


def _parts(match: re.Match[str], answer: str) -> Statement | None:
    """How many drawers does the file cabinet have?"""
    parts, verb, owner = match.groups()
    thing, amount = _subject(owner, verb), number(answer.lower().removesuffix(f" {parts}"))
    named = parts if amount != "one" else _one(parts)
    if thing is None or amount is None or named is None or plain(parts) is None or not is_plural(head(parts)):
        return None
    return Statement(
        f"has {parts}", thing, amount, _sentence(thing, "has" if verb == "does" else "have", amount, named)
    )


def _place(match: re.Match[str], answer: str) -> Statement | None:
    """Where is the lamp?"""
    verb, thing = match.groups()
    where = place(answer) or act(answer)
    if _is_new(thing, verb):
        named = indefinite(thing)
        if named is None or where is None or where != place(answer) or is_plural(head(named)) != (verb == "are"):
            return None
        return Statement("there", where, head(named), _sentence("there", verb, named, where))
    subject = _subject(thing, verb)
    said = _said_of("place", subject, answer, verb, where)
    return said if said and said.sentence else None


def _is_new(thing: str, verb: str) -> bool:
    """Whether a question speaks of a thing that is not known yet: "a lamp", "trees"."""
    first = thing.split()[0]
    known = first in ("the", "his", "her", "its", "their", "these", "both", "all") or "'" in thing
    return first in ("a", "an") or (verb == "are" and not known)


def _place_done(match: re.Match[str], answer: str) -> Statement | None:
    """Where are the cars parked?"""
    verb, thing, done = match.groups()
    where = place(answer)
    return _said_of("place", _subject(thing, verb), answer, f"{verb} {done}", where) if where else None


def _taken(match: re.Match[str], answer: str) -> Statement | None:
    """Where was this photo taken?"""
    where = place(answer)
    return Statement("taken", "photo", answer.lower(), _sentence("the photo was taken", where) if where else None)


def _made(match: re.Match[str], answer: str) -> Statement | None:
    verb, thing = match.groups()
    stuff = material(answer.lower().removeprefix("of "))
    said = _said_of("made", _subject(thing, verb), answer, f"{verb} made of", stuff)
    return said and said._replace(value=" ".join(singular(word) or word for word in said.value.split()))


def _there(match: re.Match[str], answer: str) -> Statement | None:
    """What is on the desk?"""
    where, thing = place(match.group(1)), indefinite(answer)
    if where is None or thing is None:
        return None
    plural = is_plural(head(thing))
    if thing.startswith("the "):
        return Statement("there", where, head(thing), _sentence(thing, "are" if plural else "is", where))
    return Statement("there", where, head(thing), _sentence("there", "are" if plural else "is", thing, where))


def _which(match: re.Match[str], answer: str) -> Statement | None:
    """What is leaning against the wall? Who is wearing glasses?"""
    does = match.group(1)
    named = does in _STATES | COLORS
    shown, thing = does if named else act(does), definite(answer)
    if thing is None or shown is None:
        return None
    plural = is_plural(head(thing))
    if plural and not named and not answer.lower().startswith("the "):
        thing = thing.removeprefix("the ")
    first = shown.split()[0]
    past = "held" if first.endswith("ing") else first
    kind = "color" if does in COLORS else "state" if named or past == "turned" else past
    value = color(does) or shown.removeprefix("turned ")
    return Statement(kind, thing, value, _sentence(thing, "are" if plural else "is", shown))


def _doing(match: re.Match[str], answer: str) -> Statement | None:
    verb, thing = match.groups()
    does = act(answer) if answer.split()[:1] and answer.split()[0].lower().endswith("ing") else None
    subject = _subject(thing, verb)
    posture = does.split()[0] if does and does.startswith(_POSTURES) else ""
    return Statement("doing", subject, posture, _sentence(subject, verb, does)) if subject and does else None


def _held(match: re.Match[str], answer: str) -> Statement | None:
    """What is the man holding?"""
    verb, thing, does = match.groups()
    subject, what = _subject(thing, verb), indefinite(answer)
    if subject is None or what is None or (does == "wearing" and what.startswith("the ")):
        return None
    bare = what.startswith("the ") and not answer.lower().startswith("the ")
    if bare and not does.endswith((" at", " on", " with")):
        return None
    return Statement("held", subject, f"{does} {head(what)}", _sentence(subject, verb, does, what))


def _owner(match: re.Match[str], answer: str) -> Statement | None:
    """Who has black hair?"""
    thing, what = definite(answer), indefinite(match.group(1))
    if thing is None or what is None or (what.startswith("the ") and not match.group(1).startswith("the ")):
        return None
    has = "have" if is_plural(head(thing)) else "has"
    return Statement("held", thing, f"has {head(what)}", _sentence(thing, has, what))


def _says(match: re.Match[str], answer: str) -> Statement | None:
    verb, thing = match.groups()
    text = answer.strip("\"' ")
    subject = _subject(thing, verb)
    if subject is None or not text or '"' in text or len(text.split()) > 6:
        return None
    return Statement(
        "says", subject, text.lower(), _sentence(subject, "says" if verb == "does" else "say", f'"{text}"')
    )


def _state(match: re.Match[str], answer: str) -> Statement | None:
    """How are the chairs?"""
    verb, thing = match.groups()
    state = answer.lower() if answer.lower() in _STATES else None
    return _said_of("state", _subject(thing, verb), answer, verb, state)


def _weather(match: re.Match[str], answer: str) -> Statement | None:
    words = answer.lower().split()
    known = (
        bool(words) and set(words) <= _WEATHER and words[-1] not in ("and", "partly", "mostly") and words[0] != "and"
    )
    shown = " ".join(words)
    return Statement("weather", "weather", shown, _sentence("the weather is", shown) if known else None)


def _time(match: re.Match[str], answer: str) -> Statement | None:
    time = _TIMES.get(answer.lower())
    return Statement("time", "time", time or answer.lower(), _sentence("it is", time) if time else None)


def _room(match: re.Match[str], answer: str) -> Statement | None:
    name = re.sub(r"^(an?|the) ", "", answer.lower())
    known = name in _ROOMS or (name.endswith(" room") and plain(name) is not None)
    article = "an" if name[:1] in tuple("aeiou") else "a"
    return Statement("room", "room", name, _sentence(f"this is {article}", name) if known else None)


Template = Callable[[re.Match[str], str], Statement | None]
_SCENE = r"(?:this|the) (?:photo|picture|image)"
_WORDS: tuple[tuple[str, Template], ...] = (
    (r"what colou?r (.+?) (is|are|does|do) (.+?) (?:wearing|have on)", _worn_color),
    (r"what colou?r (is|are) (.+)", _color),
    (r"what (is) the colou?r of (.+)", _color),
    (r"how many (.+?) (?:are|is) (?:there|pictured|visible|shown|seen)()", _count),
    (rf"how many (.+?) are (?:there )?in {_SCENE}()", _count),
    (r"how many (.+?) (?:do you see|can you see|can be seen)()", _count),
    (rf"how many (.+?) are (?:there )?((?:{_PLACE}) .+)", _count),
    (r"how many (.+?) (does|do) (.+) have", _parts),
    (r"what (does|do) (.+) say", _says),
    (r"what (is|are) (.+?) made (?:out )?(?:of|from)", _made),
    (r"what (?:kind of )?material (is|are) (.+?)(?: made (?:out )?(?:of|from))?", _made),
    (r"how (is|are) (.+) made", _made),
    (r"what shape (is|are) (.+)", _state),
    (r"what (is) the shape of (.+)", _state),
    (r"(?:how is the weather|what is the weather like)(?: outside)?", _weather),
    (
        rf"what time of day is (?:it|this)|when in (?:a|the) day is (?:it|this)|when was {_SCENE} taken|when is this",
        _time,
    ),
    (r"what (?:(?:kind|type) of )?room is (?:this|it|shown)", _room),
    (rf"where (?:was|is) {_SCENE} taken", _taken),
    (r"where (is|are) (.+?) (parked|standing|sitting|hanging|located|lying|leaning|placed|walking)", _place_done),
    (r"where (is|are) (.+)", _place),
    (r"how (is|are) (.+)", _state),
    (r"what (is|are) (.+?) doing", _doing),
    (rf"what (is|are) (.+?) ({_HELD})", _held),
    (rf"(?:what|who) (?:is|are) ((?:{_PLACE}) .+)", _there),
    (r"(?:what|who) (?:is|are) (.+)", _which),
    (r"(?:what|who) (?:has|have) (.+)", _owner),
)
_TEMPLATES = tuple((re.compile(pattern), template) for pattern, template in _WORDS)
