"""The nouns of ``lexicons/objects.yaml``: kinds, siblings, plurals."""

from __future__ import annotations

from functools import cache

from pydantic import BaseModel, ConfigDict

from tldr_data.english import english
from tldr_data.resources import read_yaml

# What textblob's rules get wrong among the nouns of the lexicons.
IRREGULAR = {
    "man": "men", "woman": "women", "policeman": "policemen", "fireman": "firemen", "mailman": "mailmen",
    "doberman": "dobermans", "brother": "brothers", "walrus": "walruses", "octopus": "octopuses", "hippo": "hippos",
    "bus": "buses", "cactus": "cacti", "cow": "cows", "ottoman": "ottomans", "blouse": "blouses",
    "flamingo": "flamingos", "gecko": "geckos", "gazebo": "gazebos", "antenna": "antennas", "piano": "pianos",
    "aquarium": "aquariums", "stadium": "stadiums", "avocado": "avocados", "taco": "tacos", "burrito": "burritos",
    "tuxedo": "tuxedos", "banjo": "banjos", "cello": "cellos", "antelope": "antelopes",
    "silo": "silos", "logo": "logos",
}  # fmt: skip
MASS = frozenset(
    "coffee tea juice milk beer wine lemonade champagne ketchup mustard mayonnaise honey syrup jam rice pasta couscous "
    "spaghetti soup salad cereal oatmeal popcorn bacon tofu cheese chocolate spinach lettuce asparagus broccoli "
    "cauliflower corn chess lavender sky cargo grass sand snow dirt gravel mud mulch asphalt moss ivy sunlight "
    "foliage shrubbery vegetation greenery water ice fog smoke confetti hay graffiti rust "
    "carpet".split()
) | {"ice cream"}
"""Never "a" or "two" of them in a caption."""
PAIRS = frozenset(
    "scissors pliers tweezers binoculars jeans shorts pants leggings overalls sunglasses goggles earmuffs headphones "
    "noodles".split()
)
"""Plural in form, and counted by "a pair of"."""
INVARIANT = frozenset("fish goldfish jellyfish starfish sheep deer bison buffalo moose shrimp salmon zucchini".split())
"""One word for one and for many of them."""
UNCOUNTED = MASS | PAIRS | INVARIANT
"""Nouns whose number cannot be read off them: never a site of counting."""


class Bond(BaseModel):
    """Words of a text, and the nouns that they bear on."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    words: tuple[str, ...]
    nouns: tuple[str, ...]


class Objects(BaseModel):
    """``lexicons/objects.yaml``: rows of siblings by kind, and the company that nouns keep."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    origin: str
    kinds: dict[str, tuple[tuple[str, ...], ...]]
    stand_ins: tuple[str, ...] = ()
    """Nouns that may replace the others of any of their rows, and be replaced by those of the rows they begin only."""
    ties: tuple[Bond, ...] = ()
    """Where one of the words stands nearby, one of the nouns gives way to another of them only."""
    absent: tuple[Bond, ...] = ()
    """Where the text has one of the words, the nouns cannot be there."""
    expected: tuple[Bond, ...] = ()
    """Where the text has one of the words, the nouns may be there untold."""
    never: tuple[Bond, ...] = ()
    """Right after one of the words the nouns are wrong English."""
    only: tuple[Bond, ...] = ()
    """Right after one of the words no other nouns are right."""


@cache
def objects() -> Objects:
    """The object lexicon."""
    return Objects.model_validate(read_yaml("lexicons", "objects.yaml"))


@cache
def kinds_of() -> dict[str, frozenset[str]]:
    """Singular noun -> the kinds that it belongs to."""
    found: dict[str, set[str]] = {}
    for kind, rows in objects().kinds.items():
        for noun in (noun for row in rows for noun in row):
            found.setdefault(noun, set()).add(kind)
    return {noun: frozenset(kinds) for noun, kinds in found.items()}


@cache
def siblings() -> dict[str, tuple[str, ...]]:
    """Singular noun -> the nouns that may replace it: those of its rows, without itself."""
    found: dict[str, dict[str, None]] = {}
    for rows in objects().kinds.values():
        for row in rows:
            for noun in row:
                if noun == row[0] or noun not in objects().stand_ins:
                    found.setdefault(noun, {}).update(dict.fromkeys(other for other in row if other != noun))
    return {noun: tuple(others) for noun, others in found.items()}


@cache
def ties() -> dict[str, tuple[frozenset[str], ...]]:
    """Word -> the sets of nouns that it is tied to."""
    found: dict[str, list[frozenset[str]]] = {}
    for bond in objects().ties:
        nouns = frozenset(bond.nouns)
        for word in bond.words:
            found.setdefault(word, []).append(nouns)
    return {word: tuple(sets) for word, sets in found.items()}


@cache
def absent() -> dict[str, frozenset[str]]:
    """Word -> the nouns that cannot be there, where the text has the word."""
    return _by_word(objects().absent)


@cache
def expected() -> dict[str, frozenset[str]]:
    """Word -> the nouns that may be there untold, where the text has the word."""
    return _by_word(objects().expected)


@cache
def never_after() -> dict[str, frozenset[str]]:
    """Word -> the nouns that do not go right after it."""
    return _by_word(objects().never)


@cache
def only_after() -> dict[str, frozenset[str]]:
    """Word -> the nouns that alone go right after it."""
    return _by_word(objects().only)


def _by_word(bonds: tuple[Bond, ...]) -> dict[str, frozenset[str]]:
    found: dict[str, frozenset[str]] = {}
    for bond in bonds:
        for word in bond.words:
            found[word] = found.get(word, frozenset()) | frozenset(bond.nouns)
    return found


@cache
def plural_forms() -> dict[str, str]:
    """Singular -> plural, of every noun of the lexicon."""
    pluralize = english().inflect.pluralize

    def form(noun: str) -> str:
        if noun in UNCOUNTED:
            return noun
        *before, last = noun.split(" ")
        return " ".join([*before, IRREGULAR.get(last) or str(pluralize(last))])

    return {noun: form(noun) for noun in kinds_of()}


@cache
def singular_forms() -> dict[str, str]:
    """Plural -> singular, of every noun of the lexicon."""
    return {plural: noun for noun, plural in plural_forms().items()}
