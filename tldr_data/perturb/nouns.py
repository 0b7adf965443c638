"""Nouns and noun phrases as the rules see them: the name of a thing, its number, whether it may be changed."""

from __future__ import annotations

from functools import cache, lru_cache

from tldr_data.meaning import lexicon
from tldr_data.objects import kinds_of, singular_forms
from tldr_data.perturb.parse import Parsed, Phrase
from tldr_data.taxonomy import Subtype

# The words of the frame, not of things: "on the left side of the picture" says nothing of another side.
FRAME = frozenset(
    "image picture photo photograph shot frame view scene side corner edge half part portion left right top bottom "
    "middle center "
    "foreground background distance front back end angle closeup".split()
)
SHADES = frozenset(
    "light dark pale bright deep pastel neon medium faded muted dusty rusty metallic soft dull hot off vivid".split()
)
"""Words that belong to the colour after them."""
LARGE = frozenset("large huge tall big giant enormous massive".split())
OTHER = frozenset("other another more second third additional extra".split())
"""Words that set a thing beside one told of before: another name or look would make no sense of them."""
UNTOLD = frozenset("like as".split())
"""Prepositions after which a noun is no thing of the image ("shaped like a heart")."""


def head_noun(parsed: Parsed, phrase: Phrase) -> tuple[int, str]:
    """First token and singular form of the head noun, compounds whole ("fire hydrants" -> "fire hydrant")."""
    for first in range(max(phrase.first, phrase.head - 2), phrase.head + 1):
        words = " ".join(parsed.lower(i) for i in range(first, phrase.head + 1))
        noun = singular_forms().get(words, words)
        if noun in kinds_of():
            return first, noun
    return phrase.head, singular(parsed, phrase)


def singular(parsed: Parsed, phrase: Phrase) -> str:
    """The head's singular form, lower case; a plain "-s" is taken off what the lexicon does not know."""
    return singular_word(parsed.lower(phrase.head))


@cache
def singular_word(word: str) -> str:
    """The singular of one word.

    >>> singular_word("knives"), singular_word("walls"), singular_word("grass")
    ('knife', 'wall', 'grass')
    """
    known = singular_forms().get(word)
    if known is not None:
        return known
    return word[:-1] if word.endswith("s") and not word.endswith(("ss", "us", "is")) and len(word) > 3 else word


@lru_cache(maxsize=65536)
def same_thing(noun: str, other: str) -> bool:
    """Whether two singular nouns may be said of one thing: equal, or synonyms in ``lexicons/meaning.yaml``.

    >>> same_thing("bike", "motorcycle"), same_thing("dog", "cat")
    (True, False)
    """
    senses = lexicon().senses
    return noun == other or bool(senses.get(noun, frozenset()) & senses.get(other, frozenset()))


def is_plural(parsed: Parsed, phrase: Phrase, noun: str) -> bool:
    return phrase.plural or parsed.lower(phrase.head) != noun.split(" ")[-1]


def is_wanted(parsed: Parsed, subtype: Subtype, phrase: Phrase) -> bool:
    head = singular(parsed, phrase)
    if (subtype.heads and head not in subtype.heads) or head in subtype.not_heads:
        return False
    if phrase.first > 0 and parsed.lower(phrase.first - 1) in UNTOLD:
        return False
    if OTHER & {parsed.lower(i) for i in range(phrase.first, phrase.head)}:
        return False
    if subtype.indefinite and parsed.lower(phrase.first) in ("the", "this", "that", "these", "those"):
        return False
    return not subtype.markers or is_marked(parsed, subtype.markers, phrase)


def is_marked(parsed: Parsed, markers: tuple[str, ...], phrase: Phrase) -> bool:
    """Whether the phrase says "small" (before its head), or "in the background" follows it at once."""
    inside = {parsed.lower(i) for i in range(phrase.first, phrase.head)}
    after = " ".join(parsed.lower(phrase.head + k) for k in (1, 2, 3))
    if parsed.phrase_of(phrase.head + 4) is not None:
        after = ""  # "a giraffe in the background a tree": it may as well be the tree that is there
    return any(marker in inside if " " not in marker else marker == after and not inside & LARGE for marker in markers)
