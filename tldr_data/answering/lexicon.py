"""``lexicons/answers.yaml``, made ready to look up."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache, lru_cache
from typing import NamedTuple

from tldr_data.inflection import base_forms
from tldr_data.meaning import Unit, agree, generalises, phrase_unit
from tldr_data.objects import kinds_of, singular_forms
from tldr_data.resources import read_yaml

WORD = re.compile(r"[^\W_]+(?:['’.:,-][^\W_]+)*|&")


class Word(NamedTuple):
    """A word of a text, lower case, and where it stands."""

    lower: str
    start: int
    end: int


class Answers(NamedTuple):
    """What the file holds."""

    near_colours: Mapping[str, frozenset[str]]
    colours: frozenset[str]
    common_colours: frozenset[str]
    plain_things: frozenset[str]
    uncertain_colours: frozenset[str]
    clear_of: Mapping[str, tuple[str, ...]]
    mixed: frozenset[str]
    crowded: frozenset[str]
    parts: frozenset[str]
    grounds: frozenset[str]
    opinions: frozenset[str]
    people: frozenset[str]
    unplaced: frozenset[str]
    vehicles: frozenset[str]
    unnoticed: frozenset[str]
    conspicuous: frozenset[str]
    materials: Mapping[str, tuple[str, ...]]
    scenes: Mapping[str, tuple[str, ...]]
    opinion: tuple[str, ...]


@cache
def answers() -> Answers:
    """The shipped lexicon, read once."""
    content = read_yaml("lexicons", "answers.yaml")
    near: dict[str, set[str]] = {}
    for row in content["near_colours"]:
        for colour in row:
            near.setdefault(colour, set()).update(row)
    return Answers(
        near_colours={colour: frozenset(others) for colour, others in near.items()},
        colours=frozenset(near),
        scenes={place: tuple(p for p in row if p != place) for row in reversed(content["scenes"]) for place in row},
        clear_of={thing: tuple(colours) for thing, colours in content["clear_of"].items()},
        materials={old: tuple(new) for old, new in content["materials"].items()},
        opinion=tuple(content["opinion"]),
        **{name: frozenset(content[name]) for name in Answers.__annotations__ if isinstance(content.get(name), list)
           and name not in ("near_colours", "scenes", "opinion")},
    )  # fmt: skip


def split(text: str) -> list[Word]:
    """The words of a text.

    >>> [word.lower for word in split("A floor-lamp, 2.")]
    ['a', 'floor-lamp', '2']
    """
    return [Word(found[0].lower(), found.start(), found.end()) for found in WORD.finditer(text)]


@lru_cache(maxsize=8192)
def singular(noun: str) -> str:
    """A noun in the singular, as far as the object lexicon or its spelling tells."""
    known = singular_forms().get(noun)
    if known or noun in kinds_of():
        return known or noun
    unit = phrase_unit((noun,)) if " " not in noun else None
    lemma = unit.lemma if unit else noun
    return (base_forms(noun) or [noun])[-1] if lemma == noun and noun.endswith("s") else lemma


@lru_cache(maxsize=8192)
def unit_of(phrase: str) -> Unit | None:
    """What a phrase of a few words means; of one that no lexicon knows, its last word."""
    words = tuple(phrase.split(" "))
    return phrase_unit(words) or (phrase_unit(words[-1:]) if len(words) > 1 else None)


@lru_cache(maxsize=16384)
def may_be(one: str, other: str) -> bool:
    """Whether two phrases may name one thing: the same, synonyms, or one broader than the other.

    >>> may_be("car", "vehicle"), may_be("sofa", "couch"), may_be("cat", "dog")
    (True, True, False)
    """
    if singular(one) == singular(other):
        return True
    a, b = unit_of(one), unit_of(other)
    return a is not None and b is not None and (agree(a, b) or generalises(a, b) or generalises(b, a))


def same_words(phrases: Iterable[str]) -> frozenset[str]:
    """Phrases and their words, in the singular."""
    return frozenset(singular(word) for phrase in phrases for word in (phrase, *phrase.split(" ")))
