"""The annotation of a photograph made fit to be asked: plurals, adjectives in names, one thing noted twice."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import lru_cache

from tldr_data.facts import Box, Facts, Relation, Thing
from tldr_data.verify.vocabulary import ADJECTIVES, COLOURS, KIN, NOUN_FORMS, SPELLINGS
from tldr_data.verify.words import split

SAME, SAME_BY_ANY_NAME = 0.5, 0.9
"""Overlap of two boxes, as a share of what both cover, from which one thing was noted twice."""
_PAIRS = frozenset(
    "pants trousers jeans shorts leggings tights glasses sunglasses goggles scissors clothes clothing pajamas"
    " binoculars pliers tongs headphones grass glass dress bus".split()
)
"""Plurals that are one thing, and what only looks like a plural."""
_ALIKE = (
    "shirt tshirt top jumper sweater sweatshirt hoodie jacket coat blouse vest cardigan polo jersey tee suit",
    "shoe sneaker boot sandal slipper trainer footwear heel loafer",
    "pants trousers jeans slacks shorts leggings",
    "man guy person boy gentleman male people men human player rider worker pedestrian lady woman girl",
    "person child kid toddler baby skier surfer skateboarder snowboarder batter catcher umpire cyclist player rider",
    "phone telephone cellphone", "couch sofa futon settee loveseat chair armchair seat", "cap hat helmet",
    "computer monitor screen laptop desktop tower cpu processor tv television display modem",
    "desk table tabletop top counter desktop stand", "cabinet drawer cupboard dresser", "curtain drape blind",
    "carpet rug mat floor flooring", "street road pavement asphalt highway lane", "sidewalk pavement walkway path",
    "bookshelf bookcase shelf shelve shelving", "bag backpack purse handbag case suitcase luggage",
    "bike bicycle motorcycle motorbike scooter", "van truck suv car vehicle pickup sedan", "lamp light lantern bulb",
    "post pole lamppost streetlight streetlamp", "picture painting photo poster frame print image", "wire cable cord",
    "cushion pillow pad padding", "plate dish bowl saucer", "cup mug glass", "plane airplane aircraft jet airliner",
    "building house store shop tower structure skyscraper", "wall partition divider", "window pane glass door",
    "sign signboard board board bulletin", "tree bush shrub plant foliage palm", "letter word text writing print logo",
    "trunk branch", "mountain hill", "boat ship canoe kayak", "bench seat chair stool", "stone rock boulder",
)  # fmt: skip
_MAY_BE: dict[str, frozenset[str]] = dict(KIN)
for _line in _ALIKE:
    for _word in _line.split():
        _MAY_BE[_word] = _MAY_BE.get(_word, frozenset()) | frozenset(_line.split())


def may_be(one: str, other: str) -> bool:
    """Whether something called by one name may be called by the other: "work truck", "van"."""
    last, last_ = split(one)[-1], split(other)[-1]
    return last == last_ or last_ in _MAY_BE.get(last, ()) or last in _MAY_BE.get(last_, ())


@lru_cache(maxsize=16)
def gathered(facts: Facts) -> Facts:
    """The facts with every thing once, under singular names; ``count`` is the least that there are of it."""
    groups: list[list[int]] = []
    things = [_tidy(thing) for thing in facts.things]
    for index, thing in enumerate(things):
        group = next((group for group in groups if any(_same(thing, things[i]) for i in group)), None)
        if group is None:
            groups.append([index])
        else:
            group.append(index)
    place = {index: number for number, group in enumerate(groups) for index in group}
    relations = [Relation(place[r.subject], r.predicate, place[r.object]) for r in facts.relations]
    return replace(
        facts,
        things=tuple(_joined([things[i] for i in group]) for group in groups),
        relations=tuple(dict.fromkeys(r for r in relations if r.subject != r.object)),
        signs=tuple(replace(sign, thing=place[sign.thing]) for sign in facts.signs),
    )


def _tidy(thing: Thing) -> Thing:
    """ "white t-shirts" becomes the t-shirt that is white, at least two of it."""
    names: dict[str, None] = {}
    colours: dict[str, None] = {}
    many = False
    for name in (thing.name, *thing.aliases):
        *before, last = split(name) or ("",)
        while before and before[0] in COLOURS | {"dark"}:
            colours[before.pop(0)] = None
        single, plural = singular(last)
        many |= plural
        names[" ".join((*before, single))] = None
    first, *others = names
    attributes = [attribute for attribute in thing.attributes if _is_adjective(attribute)]
    return replace(
        thing,
        name=first,
        aliases=tuple(others),
        attributes=tuple(dict.fromkeys((*attributes, *colours))),
        count=max(thing.count, 2) if many else thing.count,
    )


def singular(word: str) -> tuple[str, bool]:
    """The singular of a noun, and whether it was a plural.

    >>> singular("sneakers"), singular("grass"), singular("men")
    (('sneaker', True), ('grass', False), ('man', True))
    """
    if word in _PAIRS:
        return word, False
    if word in NOUN_FORMS:
        return NOUN_FORMS[word]
    if not word.endswith("s") or word.endswith(("ss", "us", "is")) or len(word) < 4:
        return word, False
    if word.endswith("ies"):
        return word[:-3] + "y", True
    return (word[:-2] if re.search(r"(x|ch|sh|ss)es$", word) else word[:-1]), True


def _is_adjective(attribute: str) -> bool:
    """People also noted nouns ("sidewalk"), what is written on a thing, and what it has not."""
    words = split(attribute)
    if not words or {"no", "not", "non", "without"} & set(words) or not "".join(words).isalpha():
        return False
    return words[-1] in ADJECTIVES or words[-1] in SPELLINGS or words[-1] not in NOUN_FORMS


def _same(one: Thing, other: Thing) -> bool:
    """Whether two entries are one thing: much the same box, and the same name or one that may mean the same."""
    if one.box is None or other.box is None or (one.count > 1) != (other.count > 1):
        return False
    names, names_ = ((thing.name, *thing.aliases) for thing in (one, other))
    overlap = _overlap(one.box, other.box)
    if set(names) & set(names_):
        return overlap >= SAME
    return overlap >= SAME_BY_ANY_NAME and any(may_be(a, b) for a in names for b in names_)


def _overlap(one: Box, other: Box) -> float:
    across = min(one[2], other[2]) - max(one[0], other[0])
    down = min(one[3], other[3]) - max(one[1], other[1])
    if across <= 0 or down <= 0:
        return 0.0
    areas = [(box[2] - box[0]) * (box[3] - box[1]) for box in (one, other)]
    return across * down / (sum(areas) - across * down)


def _joined(things: list[Thing]) -> Thing:
    first = things[0]
    if len(things) == 1:
        return first
    names = dict.fromkeys(name for thing in things for name in (thing.name, *thing.aliases))
    boxes = [thing.box for thing in things if thing.box]
    return replace(
        first,
        aliases=tuple(name for name in names if name != first.name),
        attributes=tuple(dict.fromkeys(attribute for thing in things for attribute in thing.attributes)),
        count=max(thing.count for thing in things),
        box=(
            min(box[0] for box in boxes),
            min(box[1] for box in boxes),
            max(box[2] for box in boxes),
            max(box[3] for box in boxes),
        ),
    )
