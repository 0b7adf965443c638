"""Where an edit is possible, and what may be written there: one function a rule.

A new rule is one function of this form and one line in ``RULES`` (and in ``tldr_data.taxonomy.RuleName``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache, lru_cache
from typing import NamedTuple

from tldr_data.meaning import lexicon
from tldr_data.objects import kinds_of, siblings, singular_forms
from tldr_data.perturb.grammar import plural
from tldr_data.perturb.parse import BE, DETERMINERS, Parsed, Phrase
from tldr_data.taxonomy import Subtype


class Site(NamedTuple):
    """Tokens ``first..last`` inclusive of a text, what may stand there instead, and the noun phrase that they
    belong to."""

    first: int
    last: int
    choices: tuple[str, ...]
    phrase: Phrase | None


class Match(NamedTuple):
    """One term of a lexicon, found at tokens ``first..last``."""

    first: int
    last: int
    term: str


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


def relation_sites(parsed: Parsed, subtype: Subtype) -> Iterator[Site]:
    """Prepositions between two things: a noun phrase follows at once ("above the door")."""
    for match in _matches(parsed, subtype):
        phrase = parsed.phrase_of(match.last + 1)
        if phrase is None or phrase.first != match.last + 1 or match.first == 0:
            continue
        if parsed.lower(match.first - 1) in DETERMINERS:
            continue  # "the inside of the box" is a part, not a relation
        head = singular(parsed, phrase)
        if (subtype.heads and head not in subtype.heads) or head in subtype.not_heads or head in FRAME:
            continue
        yield Site(match.first, match.last, subtype.exchanges[match.term], None)


def place_sites(parsed: Parsed, subtype: Subtype) -> Iterator[Site]:
    """Where in the picture something is, or which way it faces: "on the left", "in the background"."""
    for match in _matches(parsed, subtype):
        yield Site(match.first, match.last, subtype.exchanges[match.term], None)


def adjective_sites(parsed: Parsed, subtype: Subtype) -> Iterator[Site]:
    """Adjectives before a noun ("a red cup") or after a form of "be" ("the cup is red")."""
    for match in _matches(parsed, subtype):
        if parsed.lower(match.first - 1) in SHADES or parsed.tag(match.last + 1) in ("VBN", "VBD", "VBG"):
            continue  # "pastel yellow", "small tiled stall"
        phrase = parsed.phrase_of(match.last)
        if phrase is not None and match.last < phrase.head:
            if parsed.phrase_of(match.first) == phrase and _wanted(parsed, subtype, phrase):
                yield Site(match.first, match.last, subtype.exchanges[match.term], phrase)
        elif _is_predicate(parsed, match) and not subtype.markers:
            subject = _subject_before(parsed, match.first)
            if subject is not None and _wanted(parsed, subtype, subject):
                yield Site(match.first, match.last, subtype.exchanges[match.term], subject)


def noun_sites(parsed: Parsed, subtype: Subtype) -> Iterator[Site]:
    """Nouns of the object lexicon that head a noun phrase, exchanged for a sibling in the same number."""
    for phrase in parsed.phrases:
        first, noun = head_noun(parsed, phrase)
        if noun not in siblings() or not kinds_of()[noun] & set(subtype.kinds) or not _wanted(parsed, subtype, phrase):
            continue
        if first > phrase.first and parsed.tag(first - 1).startswith("NN"):
            continue  # "tennis ball": another noun before it makes a word that the lexicon does not know
        if parsed.lower(phrase.head + 1) == "of":
            continue  # "a plate of pizza" is an amount
        others = tuple(other for other in siblings()[noun] if not same_thing(noun, other))
        yield Site(
            first, phrase.head, tuple(map(plural, others)) if _is_plural(parsed, phrase, noun) else others, phrase
        )


def count_sites(parsed: Parsed, subtype: Subtype) -> Iterator[Site]:
    """Numbers and singular articles before a countable noun."""
    for match in _matches(parsed, subtype):
        phrase = parsed.phrase_of(match.last)
        if match.term.endswith(" of"):
            phrase = parsed.phrase_of(match.last + 1)
        if phrase is None or match.last >= phrase.head or not _wanted(parsed, subtype, phrase):
            continue
        if match.first != phrase.first and phrase.first <= match.first:
            continue  # "the two dogs" speaks of dogs that were counted before
        if subtype.kinds and not kinds_of().get(head_noun(parsed, phrase)[1], frozenset()) & set(subtype.kinds):
            continue
        yield Site(match.first, match.last, subtype.exchanges[match.term], phrase)


Rule = Callable[[Parsed, Subtype], Iterator[Site]]
RULES: dict[str, Rule] = {
    "relation": relation_sites,
    "place": place_sites,
    "adjective": adjective_sites,
    "noun": noun_sites,
    "count": count_sites,
}


def _matches(parsed: Parsed, subtype: Subtype) -> Iterator[Match]:
    """Occurrences of a subtype's terms, the longest at each place, not inside one another."""
    terms, i = subtype.terms, 0
    while i < len(parsed.tokens):
        for words in terms.get(parsed.tokens[i].lower, ()):
            if all(parsed.lower(i + k) == word for k, word in enumerate(words)):
                yield Match(i, i + len(words) - 1, " ".join(words))
                i += len(words) - 1
                break
        i += 1


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


def _is_plural(parsed: Parsed, phrase: Phrase, noun: str) -> bool:
    return phrase.plural or parsed.lower(phrase.head) != noun.split(" ")[-1]


def _wanted(parsed: Parsed, subtype: Subtype, phrase: Phrase) -> bool:
    head = singular(parsed, phrase)
    if (subtype.heads and head not in subtype.heads) or head in subtype.not_heads:
        return False
    if phrase.first > 0 and parsed.lower(phrase.first - 1) in UNTOLD:
        return False
    if OTHER & {parsed.lower(i) for i in range(phrase.first, phrase.head)}:
        return False
    if subtype.indefinite and parsed.lower(phrase.first) in ("the", "this", "that", "these", "those"):
        return False
    return not subtype.markers or _marked(parsed, subtype.markers, phrase)


def _marked(parsed: Parsed, markers: tuple[str, ...], phrase: Phrase) -> bool:
    """Whether the phrase says "small" (before its head), or "in the background" follows it at once."""
    inside = {parsed.lower(i) for i in range(phrase.first, phrase.head)}
    after = " ".join(parsed.lower(phrase.head + k) for k in (1, 2, 3))
    if parsed.phrase_of(phrase.head + 4) is not None:
        after = ""  # "a giraffe in the background a tree": it may as well be the tree that is there
    return any(marker in inside if " " not in marker else marker == after and not inside & LARGE for marker in markers)


def _is_predicate(parsed: Parsed, match: Match) -> bool:
    """ "The cup is red.", not "it is red and white striped" and not "the wall is brick red"."""
    before, after = parsed.lower(match.first - 1), parsed.tag(match.last + 1)
    return before in BE and (after in ("", ".", ",", "IN", "CC") or parsed.lower(match.last + 1) == "while")


def _subject_before(parsed: Parsed, token: int) -> Phrase | None:
    """The noun phrase that ends at the verb before a predicate."""
    phrase = parsed.phrase_of(token - 2)
    return phrase if phrase is not None and phrase.head == token - 2 else None
