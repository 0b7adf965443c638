"""Where a text names a thing of the object lexicon, where it names it again, and whether a name stands free."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from tldr_data.meaning import lexicon
from tldr_data.objects import INVARIANT, MASS, PAIRS, kinds_of, siblings
from tldr_data.perturb.nouns import head_noun, is_plural, same_thing, singular_word
from tldr_data.perturb.parse import BE, Parsed, Phrase

# "a bowl of soup", "a kind of dog": what comes after is no thing of its own, unless it has a determiner.
_THINGS_OF = frozenset(
    "front side sides top left right middle center centre back rear row rows group groups pair couple number picture "
    "pictures photo photograph image view shot close closeup bottom edge corner base inside outside out herd one two "
    "three four some many lots lot dozens hundreds variety line lines end edges portrait painting statue drawing "
    "sculpture because shadow shadows reflection reflections silhouette silhouettes walls roofs tops branches "
    "trunks sight".split()
)
_PATCHES_OF = frozenset("patch patches area areas strip section mound stretch layer expanse pile".split())
_AMOUNTS_OF = frozenset("kind kinds type types sort name word breed species brand style shape form color size".split())
_MODIFIERS = frozenset(
    "wood metal brick stone glass plastic concrete cement steel iron marble paper cardboard leather bronze copper "
    "granite rubber wicker cotton wool oak pine cedar bamboo silver gold brass aluminum tin silk satin denim asphalt "
    "dirt gravel clay grass hardwood pebble terracotta sandstone limestone straw toy adult baby male female leftmost "
    "rightmost topmost front top bottom corner center round surrounding standing sitting matching sleeping resting "
    "remaining existing towering protruding swirling country suburban fellow".split()
)
"""Before a noun these say what it is made of, where, or how old it is, and leave its name as it is."""
_DENIED = frozenset("no not n't without never nor neither any if maybe perhaps possibly may might could would".split())
"""A sentence with one of these may be true of the new thing as well."""
_ONE = frozenset("a an one this that each every another either 1".split())
_MANY = frozenset(
    "two three four five six seven eight nine ten several many few these those both various multiple 2 3 4 5 6".split()
)
_SOME = frozenset("some much little more enough".split())
_GATHERED = frozenset("couple pair group herd row number dozens hundreds lots".split())
_DEFINITE = frozenset("the this that these those its his her their other another more both same".split())
# Verbs too: such a word is a noun for certain only after a determiner or an adjective.
_ALSO_VERBS = frozenset(
    "swing slide ride saw drill comb fan duck fish seal fly park watch rock plant box can cap glass key cook fork ram "
    "cane stick post book store shop mask pan tank cart rope chain map phone camera hose hammer bowl shelf train field "
    "garden branch ramp dress tie coat belt suit stone orange iron bridge tower brush sun "
    "frisbee football soccer baseball basketball volleyball".split()
)


class Named(NamedTuple):
    """A phrase that names a thing of the lexicon: the noun begins at token ``first`` and is the phrase's head."""

    phrase: Phrase
    first: int
    noun: str


@lru_cache(maxsize=8)
def named(parsed: Parsed) -> tuple[Named, ...]:
    """Every phrase of a text that names a thing of the object lexicon for which another may stand, and stands free."""
    found = (Named(phrase, *head_noun(parsed, phrase)) for phrase in parsed.phrases)
    return tuple(each for each in found if each.noun in siblings() and stands_free(parsed, each))


@lru_cache(maxsize=8)
def singulars(parsed: Parsed) -> tuple[str, ...]:
    """The singular form of every token."""
    return tuple(singular_word(token.lower) for token in parsed.tokens)


def named_again(parsed: Parsed, this: Named) -> list[Named] | None:
    """The other names of what a phrase names, to be changed with it; None where that cannot be done.

    Nothing where each mention brings in a thing of its own ("a tree on the left and a tree on the right").
    """
    mentions = _mentions(parsed, this)
    if all(_is_introduced(parsed, i) for i in (this.phrase.head, *mentions)):
        return []
    phrases = [phrase for phrase in map(parsed.phrase_of, mentions) if phrase is not None]
    again = [Named(phrase, *head_noun(parsed, phrase)) for phrase in phrases]
    heads = [each.phrase.head for each in again]
    return again if heads == mentions and all(_may_be_renamed(parsed, each, this.noun) for each in again) else None


def is_mentioned(parsed: Parsed, this: Named) -> bool:
    """Whether the text names another thing of the kind, or this one again."""
    return bool(_mentions(parsed, this))


def _mentions(parsed: Parsed, this: Named) -> list[int]:
    """Tokens outside the noun that may name the same kind of thing; of "the asphalt road" only the last."""
    words = singulars(parsed)
    names = {word for word in set(words) if _may_name(word, this.noun)}
    found = [i for i, word in enumerate(words) if word in names and not this.phrase.first <= i <= this.phrase.head]
    phrases = [parsed.phrase_of(i) for i in found]
    return [
        i
        for i, phrase in zip(found, phrases, strict=True)
        if phrase is None or phrase.head not in found or i == phrase.head
    ]


@lru_cache(maxsize=65536)
def _may_name(word: str, noun: str) -> bool:
    """Whether a word is a noun, the last word of its name, or a synonym or narrower name of either."""
    last, senses = noun.split(" ")[-1], lexicon().senses
    general = lexicon().general.get(word, frozenset())
    return (
        word == last
        or same_thing(word, noun)
        or any(general & senses.get(name, frozenset({name})) for name in (noun, last))
    )


def _is_introduced(parsed: Parsed, token: int) -> bool:
    """Whether a noun brings in something of its own: "a tree", "two trees", "trees", not "the tree", "is a tree"."""
    phrase = parsed.phrase_of(token)
    if phrase is None or phrase.head != token:
        return False
    before, modifiers = parsed.lower(phrase.first - 1), {parsed.lower(i) for i in range(phrase.first, token)}
    if modifiers & _DEFINITE or (before in BE and parsed.lower(phrase.first - 2) != "there"):
        return False
    return phrase.plural or bool(modifiers & (_ONE | _MANY))


def _may_be_renamed(parsed: Parsed, other: Named, noun: str) -> bool:
    """Whether a mention is the noun itself, its last word or a synonym, in plain text."""
    token, start = parsed.tokens[other.phrase.head], parsed.tokens[other.first].start
    around = parsed.text[max(start - 1, 0) : start] + parsed.text[token.end : token.end + 1]
    if token.quoted or token.text[1:] != token.lower[1:] or any(c in "-/#$&" for c in around):
        return False
    return _is_whole_name(parsed, other) and (
        other.noun in (noun, noun.split(" ")[-1])
        or bool(kinds_of().get(other.noun, frozenset()) & kinds_of()[noun] and same_thing(other.noun, noun))
    )


def stands_free(parsed: Parsed, this: Named) -> bool:
    """Whether the noun alone names the thing: no half of a longer name, no amount, nothing that is denied."""
    phrase, first, _ = this
    if _is_denied(parsed, first) or (
        parsed.lower(first) in _ALSO_VERBS and first == phrase.first and not phrase.plural
    ):
        return False
    return _is_whole_name(parsed, this) and _is_thing(parsed, phrase)


def _is_whole_name(parsed: Parsed, this: Named) -> bool:
    """Whether no word before the noun makes it part of a longer name, and its number can be told."""
    phrase, first, noun = this
    if noun not in MASS and not phrase.plural and _is_bare(parsed, phrase):
        return False  # "it is brick", "walls of white tile", "in bed"
    if first > phrase.first and _makes_a_name(parsed, first - 1):
        return False
    if any(parsed.tokens[i].text[:1].isupper() and _goes_on(parsed, i) for i in range(phrase.first, first)):
        return False  # "a Shetland pony"
    return _number_agrees(parsed, this)


def _is_denied(parsed: Parsed, token: int) -> bool:
    return any(parsed.lower(i) in _DENIED for i in _sentence(parsed, token))


def _sentence(parsed: Parsed, token: int) -> Iterator[int]:
    """The tokens of a token's sentence."""
    sentence = parsed.tokens[token].sentence
    start, end = token, token
    while start > 0 and parsed.tokens[start - 1].sentence == sentence:
        start -= 1
    while end < len(parsed.tokens) and parsed.tokens[end].sentence == sentence:
        end += 1
    return iter(range(start, end))


def _is_bare(parsed: Parsed, phrase: Phrase) -> bool:
    """Whether a phrase after a preposition or a form of "be" has no determiner: what it names may be uncounted."""
    before = parsed.lower(phrase.first - 1) in BE or parsed.tag(phrase.first - 1) in ("IN", "TO")
    return before and not any(parsed.tag(i) in ("DT", "PRP$", "CD") for i in range(phrase.first, phrase.head))


def _makes_a_name(parsed: Parsed, token: int) -> bool:
    """Whether a word before a noun makes a name that the lexicon does not know: "tennis ball", "parking meter"."""
    return parsed.tag(token).startswith(("NN", "VBG")) and parsed.lower(token) not in _MODIFIERS


def _goes_on(parsed: Parsed, token: int) -> bool:
    """Whether a token is not the first of its sentence."""
    return token > 0 and parsed.tokens[token - 1].sentence == parsed.tokens[token].sentence


def _is_thing(parsed: Parsed, phrase: Phrase) -> bool:
    """Not "a plate of pizza", "the bus 47", "cat or dog", "larger than a dog"."""
    after, before = parsed.lower(phrase.head + 1), parsed.lower(phrase.first - 1)
    if after in ("of", "or", "like", "themed", "shaped", "colored", "print"):
        return False
    if before in ("or", "than", "either", "between") or parsed.tag(phrase.head + 1) == "CD":
        return False
    if parsed.tokens[phrase.head].text.isupper():
        return False
    holder = parsed.lower(phrase.first - 2)
    if before != "of" or holder in _THINGS_OF or (holder in _PATCHES_OF and parsed.lower(phrase.head) in MASS):
        return True
    return parsed.tag(phrase.first) in ("DT", "PRP$") and holder not in _AMOUNTS_OF


def _number_agrees(parsed: Parsed, this: Named) -> bool:
    """Whether the number of the noun can be told: not "one of these giraffe", "the sheep", "two man"."""
    phrase, first, noun = this
    before = {parsed.lower(i) for i in range(phrase.first, first)}
    gathered = parsed.lower(phrase.first - 1) == "of" and parsed.lower(phrase.first - 2) in _GATHERED
    if "few" in before:
        before.discard("a")
    one, many = bool(before & _ONE), gathered or bool(before & _MANY)
    if noun in MASS:
        return not one and not many and parsed.lower(phrase.head) == noun.split(" ")[-1]
    if noun in PAIRS:
        return not one and not many
    if noun in INVARIANT:
        return one and not many
    plural = is_plural(parsed, phrase, noun)
    if before & _SOME and not plural:
        return False  # "some pizza"
    return not (many and not plural) and not (one and plural)
