"""The nouns of ``lexicons/objects.yaml``: kinds, siblings, plurals."""

from __future__ import annotations

from functools import cache

import yaml
from pydantic import BaseModel, ConfigDict

from tldr_data.resources import resource_dir

# What textblob's rules get wrong among the lexicon's nouns.
_IRREGULAR = {
    "man": "men", "woman": "women", "policeman": "policemen", "fireman": "firemen", "mailman": "mailmen",
    "fish": "fish", "sheep": "sheep", "deer": "deer", "bison": "bison", "moose": "moose", "shrimp": "shrimp",
    "scissors": "scissors", "pliers": "pliers", "tweezers": "tweezers", "jeans": "jeans",
    "shorts": "shorts", "leggings": "leggings", "noodles": "noodles", "walrus": "walruses", "octopus": "octopuses",
    "buffalo": "buffalo", "bus": "buses",
    "cactus": "cacti", "zucchini": "zucchini", "jellyfish": "jellyfish", "starfish": "starfish", "cow": "cows",
    "ottoman": "ottomans", "blouse": "blouses", "flamingo": "flamingos", "gecko": "geckos", "gazebo": "gazebos",
    "antenna": "antennas",
}  # fmt: skip
# Written with "a pair of", or not counted at all: never a site of counting.
UNCOUNTED = frozenset(
    "scissors pliers tweezers jeans shorts leggings noodles coffee tea juice milk beer wine lemonade ketchup mustard "
    "mayonnaise "
    "rice pasta couscous spinach lettuce asparagus broccoli cauliflower chess zucchini shrimp wrap sky cargo fish "
    "deer buffalo "
    "bison sheep moose".split()
)


class Objects(BaseModel):
    """``lexicons/objects.yaml``: rows of siblings by kind."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    origin: str
    kinds: dict[str, tuple[tuple[str, ...], ...]]


@cache
def objects() -> Objects:
    """The object lexicon."""
    text = (resource_dir("lexicons") / "objects.yaml").read_text(encoding="utf-8")
    return Objects.model_validate(yaml.safe_load(text))


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
    """Singular noun -> the nouns of its rows, without itself."""
    found: dict[str, dict[str, None]] = {}
    for rows in objects().kinds.values():
        for row in rows:
            for noun in row:
                found.setdefault(noun, {}).update(dict.fromkeys(other for other in row if other != noun))
    return {noun: tuple(others) for noun, others in found.items()}


@cache
def plural_forms() -> dict[str, str]:
    """Singular -> plural, of every noun of the lexicon."""
    from textblob.en import inflect

    def form(noun: str) -> str:
        *before, last = noun.split(" ")
        return " ".join([*before, _IRREGULAR.get(last) or str(inflect.pluralize(last))])

    return {noun: _IRREGULAR.get(noun) or form(noun) for noun in kinds_of()}


@cache
def singular_forms() -> dict[str, str]:
    """Plural -> singular, of every noun of the lexicon."""
    return {plural: noun for noun, plural in plural_forms().items()}
