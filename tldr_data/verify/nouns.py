"""Noun phrases: how many, what kind, which thing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from tldr_data.verify.vocabulary import DETERMINERS, GROUPS, LOOSE_GROUPS, NUMBERS, POSITIONS
from tldr_data.verify.words import Lexicon, Word

Spans = tuple[tuple[int, int], ...]
Place = frozenset[str]
"""Parts of the picture that hold together: ``{"top", "left"}``."""

_STOPS = frozenset(
    "of in on at to by near with without and or but while that which who is are was were has have from under over above"
    " below behind beside inside outside between next left right there not no it they them than as for into onto"
    " sits stands lies rests hangs floats leans can be seen reads says only beneath underneath atop upon within"
    " flies fly swings rocks slides watches leaves against around across along through where made facing far close"
    " alongside lying sitting standing does do".split()
)

_ARTICLES = frozenset("a an some several".split())


@dataclass(frozen=True, slots=True)
class Mention:
    """One noun phrase. ``doubts`` are words in it that nothing is known of; a pronoun ``refers`` to other mentions."""

    name: str
    spans: Spans
    adjectives: tuple[str, ...] = ()
    place: Place = frozenset()
    number: int | None = None
    plural: bool = False
    doubts: tuple[str, ...] = ()
    refers: tuple[Mention, ...] = ()
    article: Spans = ()
    """Where "a", "some" or "with" stands, which alone says that it is there."""
    only: bool = False
    """Whether it says that there are no more of it: "only two cups"."""


def mention_at(words: Sequence[Word], at: int, lexicon: Lexicon, *, bare: bool) -> tuple[int, Mention] | None:
    """The noun phrase that begins at ``at`` and the index after it; ``bare``: a lone singular noun counts too."""
    begin = at
    while at < len(words) and words[at].lower in DETERMINERS:
        at += 1
    determined, only = at > begin, at < len(words) and words[at].lower == "only"
    at, number, counted = _number(words, at)
    found = _head(words, at, lexicon, determined or bool(counted))
    if found is None:
        return None
    end, mention = found
    if not (determined or counted or bare or mention.plural or mention.adjectives) and lexicon.adjective(words, at):
        return None
    spans = (*((word.start, word.end) for word in counted), *mention.spans)
    article = tuple((word.start, word.end) for word in words[begin : begin + 1] if word.lower in _ARTICLES)
    return end, replace(mention, number=number, spans=spans, article=article, only=only)


def _number(words: Sequence[Word], at: int) -> tuple[int, int | None, list[Word]]:
    """Index after the number, the number, the words that say it."""
    while at < len(words) and words[at].lower in ("exactly", "precisely", "just", "only"):
        at += 1
    texts = [word.lower for word in words[at : at + 4]]
    if texts[:3] == ["half", "a", "dozen"]:
        return at + 3, 6, list(words[at : at + 3])
    if not texts or texts[1:3] == ["of", "the"]:
        return at, None, []
    if texts[1:2] == ["of"] and texts[0] in GROUPS:
        after, inner, counted = _number(words, at + 2)
        return after, GROUPS[texts[0]] if inner is None else inner, [words[at], *counted]
    if texts[1:2] == ["of"] and texts[0] in LOOSE_GROUPS:
        return _number(words, at + 2)
    if texts[0] in NUMBERS or texts[0].isdecimal():
        value = NUMBERS[texts[0]] if texts[0] in NUMBERS else int(texts[0])
        return at + 1, value, [words[at]]
    if texts[0] in ("single", "lone", "solitary"):
        return at + 1, 1, [words[at]]
    return at, None, []


def _head(words: Sequence[Word], at: int, lexicon: Lexicon, determined: bool) -> tuple[int, Mention] | None:
    """Adjectives and the noun that they end in: the last noun of a row of nouns."""
    if at >= len(words) or words[at].kind != "word":
        return None
    if words[at].lower == "can" and at + 1 < len(words) and words[at + 1].lower in ("be", "also"):
        return None
    noun = lexicon.noun(words, at)
    adjective = lexicon.adjective(words, at)
    if adjective and not (noun and noun[0] > adjective[0]):
        rest = _after_adjective(words, adjective[0], lexicon, determined)
        if rest and not (noun and rest[1].doubts):
            return rest[0], _with_adjective(rest[1], adjective[1], words[at : adjective[0]])
    if noun:
        return _noun_head(words, at, noun, lexicon)
    if not determined or words[at].lower in _STOPS:
        return None
    rest = _head(words, at + 1, lexicon, determined) if at + 1 < len(words) else None
    span = (words[at].start, words[at].end)
    if rest:
        return rest[0], replace(rest[1], doubts=(words[at].lower, *rest[1].doubts), spans=(span, *rest[1].spans))
    return at + 1, Mention(words[at].lower, (span,), doubts=(words[at].lower,))


def _noun_head(words: Sequence[Word], at: int, noun: tuple[int, str, bool], lexicon: Lexicon) -> tuple[int, Mention]:
    end, name, many = noun
    spans = tuple((word.start, word.end) for word in words[at:end])
    row = not many and end < len(words) and words[end].lower not in _STOPS
    compound = lexicon.noun(words, end) if row else None
    if compound:
        after, head = _noun_head(words, end, compound, lexicon)
        return after, replace(head, doubts=(name, *head.doubts), spans=(*spans, *head.spans))
    return end, Mention(name, spans, plural=many)


def _after_adjective(words: Sequence[Word], at: int, lexicon: Lexicon, determined: bool) -> tuple[int, Mention] | None:
    """The rest after an adjective: more of them, joined by "and" or a comma, then the noun."""
    here = at
    while here < len(words) and words[here].lower in (",", "and"):
        here += 1
    if here > at and not (here < len(words) and lexicon.adjective(words, here)):
        return None
    return _head(words, here, lexicon, determined)


def _with_adjective(mention: Mention, adjective: str, words: Sequence[Word]) -> Mention:
    spans = (*((word.start, word.end) for word in words), *mention.spans)
    if adjective in POSITIONS:
        return replace(mention, place=mention.place | {POSITIONS[adjective]}, spans=spans)
    return replace(mention, adjectives=(adjective, *mention.adjectives), spans=spans)
