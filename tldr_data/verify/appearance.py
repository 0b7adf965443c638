"""How one thing looks: an adjective held against those that people noted of it."""

from __future__ import annotations

from collections.abc import Iterable

from tldr_data.facts import Facts, Thing
from tldr_data.verify.truth import Truth
from tldr_data.verify.vocabulary import KINDS, NEAR, OPPOSITES, canonical, kind
from tldr_data.verify.witnesses import says_of
from tldr_data.verify.words import split

_MISTAKEN = (
    "white gray silver cream beige ivory pale light clear transparent", "black dark gray navy brown charcoal",
    "gray silver black white blue tan beige metal", "brown tan beige orange red golden maroon black yellow gray wooden",
    "red orange pink maroon brown purple burgundy", "orange yellow red brown golden peach pink tan wooden",
    "yellow golden orange green tan beige cream blond", "green teal turquoise yellow olive lime khaki",
    "blue purple teal turquoise navy gray silver", "purple blue pink red maroon lavender violet",
    "pink red purple orange peach salmon", "tan beige brown cream white yellow golden wooden blond",
    "plastic rubber vinyl metal leather glass", "metal steel iron stainless aluminum chrome tin silver wire",
    "stone brick concrete marble granite ceramic clay porcelain glass", "wooden bamboo wicker cardboard paper",
    "cloth fabric cotton linen denim velvet felt woolen knitted canvas silk leather", "glass ceramic porcelain plastic",
    "round oval circular curved rounded spherical", "square rectangular cubic",
)  # fmt: skip
_NEAR = {word: NEAR.get(word, frozenset()) for kind_ in KINDS.values() for word in kind_}
for _line in _MISTAKEN:
    _first, *_others = _line.split()
    for _word in _others:
        _NEAR[_first] = _NEAR.get(_first, frozenset()) | {_word}
        _NEAR[_word] = _NEAR.get(_word, frozenset()) | {_first}
"""Words that people say of one and the same thing in a photograph."""


def _coloured() -> dict[str, frozenset[str]]:
    """Noun -> colours that a thing so called may show beside the one that was noted."""
    every = KINDS["colour"]
    groups = (
        (every, "person people man woman boy girl child kid baby guy lady gentleman player rider skier hand face hair"),
        (every, "water sea ocean river lake light shadow reflection sky cloud food fruit meat picture painting poster"),
        (every - {"blue", "purple"}, "tree bush plant leaf grass foliage flower hedge shrub"),
        (frozenset("white black gray silver".split()), "clock watch sign board screen monitor television tv keyboard"
         " book phone telephone magazine flag label logo banner plate car truck bus van train plane airplane wheel"),
    )  # fmt: skip
    return {noun: colours for colours, nouns in groups for noun in nouns.split()}


_COLOURED = _coloured()
_SUBJECTIVE = frozenset("bright dark new old light heavy tall short narrow wide thick thin young deep shallow".split())
_OPINIONS = _SUBJECTIVE | frozenset("clean dirty shiny dull smooth rough soft hard hot cold sharp blunt".split())
"""Of which people disagree before the same picture."""


def looks(thing: Thing, said: str, facts: Facts) -> Truth:
    """Whether an adjective is true of a thing."""
    evidence = f"{thing.name}: {', '.join(thing.attributes) or 'nothing said'} (says {said})"
    words = {canonical(word) for attribute in thing.attributes for word in (attribute, *split(attribute))}
    parts = [canonical(part) for part in canonical(said).split(" ")]
    if canonical(said) in words or set(parts) <= words:
        return Truth(True, evidence)
    if facts.texts and any(parts[-1] in _COLOURED.get(noun, ()) for noun in split(thing.name)):
        return Truth(None, evidence)
    return Truth(False if _excluded(parts[-1], words) else None, evidence)


def _excluded(word: str, words: set[str]) -> bool:
    """Whether an adjective cannot be true of a thing of which those are noted."""
    what = kind(word)
    if what == "state":
        return any(frozenset((word, other)) in OPPOSITES for other in words - _SUBJECTIVE) and word not in _SUBJECTIVE
    own = {other for other in words if kind(other) == what}
    if what not in ("colour", "material", "shape") or not own or _near(word, words):
        return False
    # of a thing of two colours one may be missing
    return all(one == other or _near(one, {other}) for one in own for other in own)


def _near(word: str, words: Iterable[str]) -> bool:
    return bool(_NEAR.get(word, frozenset()) & set(words))


def surely_looks(thing: Thing, said: str, facts: Facts) -> Truth:
    """Like ``looks``, but True only where nobody could deny it: who does is wrong.

    So of no opinion, and of nothing of which something was noted or told beside it, if only another shade.
    """
    found = looks(thing, said, facts)
    return found if found.value and not doubtful_look(thing, said, facts) else Truth(None, found.evidence)


def doubtful_look(thing: Thing, said: str, facts: Facts) -> bool:
    """Whether an adjective is a matter of opinion, or something was noted or told that speaks against it."""
    others = _contrary(said)
    noted = {canonical(word) for attribute in thing.attributes for word in split(attribute)}
    names = (thing.name, *thing.aliases)
    return not others or bool(others & noted) or any(says_of(facts, name, others) for name in names)


def _contrary(said: str) -> frozenset[str]:
    """What else people may say of a thing who would not say this; empty where that is a matter of opinion."""
    word = canonical(said).split(" ")[-1]
    if word in _OPINIONS:
        return frozenset()
    if (what := kind(word)) in ("colour", "material", "shape"):
        return frozenset(map(canonical, KINDS[what])) - {word}
    return frozenset(other for pair in OPPOSITES if word in pair for other in pair) - {word}
