"""What may stand in an answer in place of what it says: words at their place, and where in a taxonomy that belongs."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from functools import cache, lru_cache
from typing import NamedTuple

from tldr_data.answering.kinds import NUMBERS, QuestionType, question_type, topic
from tldr_data.answering.lexicon import Word, answers, may_be, singular, split
from tldr_data.answering.truth import coloured_noun, content, is_far, is_other_colour
from tldr_data.objects import MASS, PAIRS, kinds_of, plural_forms, siblings, singular_forms
from tldr_data.perturb.grammar import plural
from tldr_data.taxonomy import Subtype, Taxonomy

SKIPPED = frozenset({"colour", "material", "size", "newness", "age", "cover", "sky", "sex", "proximity"})
"""Subtypes of the shipped taxonomies whose terms as answers exclude little, or which are looked up otherwise."""
LARGEST, NEAREST = 20, 3
"""Of numbers that are exchanged: over twenty nobody counts twice alike; so many of the nearest on each side are taken,
as nobody believes what is far off."""
_BY_VIEW = frozenset({"ground", "depth"})
"""Subtypes that depend on where one looks from, and where one draws the line."""
_ANY_ONE = re.compile(r"^where\W*s? ?(?:(?:is|was) an?|are|were) ", re.IGNORECASE)
_PLACES = frozenset({"relation", "place", "adverb"})
_COPULA = frozenset("is are was were it's there's".split())


class Said(NamedTuple):
    """A question with its answer, and the answer's words."""

    question: str
    answer: str
    words: tuple[Word, ...]
    lowers: tuple[str, ...]
    kind: QuestionType
    decided: bool = False
    """Whether facts tell everything: nothing has to be left out for what may be overlooked."""


class Exchange(NamedTuple):
    """Words ``first..last`` (inclusive) of an answer, and all that may be written there."""

    taxonomy: str
    subtype: str
    first: int
    last: int
    choices: tuple[str, ...]
    counts: bool = False
    """Whether these are numbers, with which a noun and a verb agree."""


Finder = Callable[[Said, Taxonomy], Iterator[Exchange]]


def exchanges(said: Said, taxonomies: Sequence[Taxonomy]) -> Iterator[Exchange]:
    """Every exchange in an answer that a question of its kind asks for, what is asked for first."""
    for finder, taxonomy in _plan(tuple(taxonomies), said.kind):
        yield from finder(said, taxonomy)


@lru_cache(maxsize=256)
def _plan(taxonomies: tuple[Taxonomy, ...], kind: QuestionType) -> tuple[tuple[Finder, Taxonomy], ...]:
    """What is looked for, and in which taxonomy: only where it has subtypes for it that do not ask for small things."""
    return tuple(
        (finder, taxonomy)
        for finder in _FINDERS.get(kind, _ANY)
        for taxonomy in taxonomies
        if not taxonomy.is_marked
        and any(sub.rule in _RULES[finder] and not sub.markers for sub in taxonomy.subtypes.values())
    )


def said_of(question: str, answer: str, *, decided: bool = False) -> Said:
    """A question with its answer, read."""
    words = tuple(split(answer))
    return Said(question, answer, words, tuple(word.lower for word in words), question_type(question), decided)


def colours(said: Said, taxonomy: Taxonomy) -> Iterator[Exchange]:
    """The only colour of an answer."""
    subtype = taxonomy.subtypes.get("colour")
    if subtype is None or subtype.markers or subtype.rule != "adjective" or not answers().mixed.isdisjoint(said.lowers):
        return
    found = list(_terms(said, subtype))
    named = [at for at, lower in enumerate(said.lowers) if lower in answers().colours]
    if len(found) != 1 or any(not found[0][0] <= at <= found[0][1] for at in named):
        return
    first, last, term = found[0]
    noun = coloured_noun(said.question, said.answer)
    if noun and noun not in subtype.not_heads - {"hair", "meat", "board", "shadow"}:
        others = (*subtype.exchanges[term], *subtype.groups[0]) if subtype.groups else subtype.exchanges[term]
        choices = [new for new in dict.fromkeys(others) if is_other_colour(term, new, noun)]
        yield Exchange(taxonomy.name, "colour", first, last, tuple(choices))


def materials(said: Said, taxonomy: Taxonomy) -> Iterator[Exchange]:
    """The only material of an answer."""
    subtype = taxonomy.subtypes.get("material")
    known = answers().materials
    found = [at for at, lower in enumerate(said.lowers) if lower in known]
    if subtype is None or subtype.markers or len(found) != 1 or not answers().mixed.isdisjoint(said.lowers):
        return
    (at,) = found
    if at + 1 < len(said.words) and said.lowers[at] != "wooden":
        return
    choices = known[said.lowers[at]]
    if all(taxonomy.admits(said.lowers[at], new) for new in choices):
        yield Exchange(taxonomy.name, "material", at, at, choices)


def counts(said: Said, taxonomy: Taxonomy) -> Iterator[Exchange]:
    """The only number of an answer."""
    names = [name for name, subtype in taxonomy.subtypes.items() if subtype.rule == "count" and not subtype.markers]
    found = [at for at, lower in enumerate(said.lowers) if lower in NUMBERS or lower.isdecimal()]
    if not names or len(found) != 1 or not answers().mixed.isdisjoint(said.lowers):
        return
    (place,) = found
    old = said.lowers[place]
    number = NUMBERS[old] if old in NUMBERS else int(old[:4])
    noun = singular(topic(said.question))
    far = [new for new in range(1, LARGEST + 1) if new != number and (said.decided or is_far(number, new, noun))]
    at = bisect_left(far, number)
    others = far[max(0, at - NEAREST) : at + NEAREST]
    written = [_NAMES[new] if old in NUMBERS else str(new) for new in others if number <= LARGEST]
    choices = tuple(new for new in written if taxonomy.admits(old, new))
    if number and choices:
        name = taxonomy.subtype_of(old, choices[0]) or ("number" if old in NUMBERS else "digit")
        yield Exchange(
            taxonomy.name, name if name in taxonomy.subtypes else names[0], place, place, choices, counts=True
        )


def places(said: Said, taxonomy: Taxonomy) -> Iterator[Exchange]:
    """Where something is: the phrases of a taxonomy's rules on places, at the thing that they ask for."""
    noun = singular(topic(said.question))
    if not said.decided and _may_be_elsewhere(said.question, noun):
        return
    words = frozenset((*said.lowers, *said.question.lower().split()))
    for name, subtype in _with_terms(said, taxonomy):
        if subtype.rule not in _PLACES or subtype.markers or name in SKIPPED or noun in subtype.not_placed:
            continue
        if not words.isdisjoint(subtype.unless) or (name in _BY_VIEW and not said.decided):
            continue
        for first, last, term in _terms(said, subtype):
            if _fits(said, subtype, last):
                yield Exchange(taxonomy.name, name, first, last, subtype.exchanges[term])
    yield from _bare_places(said, taxonomy)


def _may_be_elsewhere(question: str, noun: str) -> bool:
    """Whether there may be another of what is asked for, in another place: of several, or of what is everywhere."""
    lexical = answers()
    common = (lexical.unplaced, lexical.unnoticed, lexical.crowded)
    return noun != topic(question) or any(noun in words for words in common) or bool(_ANY_ONE.search(question))


def _bare_places(said: Said, taxonomy: Taxonomy) -> Iterator[Exchange]:
    """ "Left.", "Background.": one word that parts two phrases of a taxonomy."""
    last = len(said.words) - 1
    if last < 0 or any(lower not in ("the", "on", "to", "in") for lower in said.lowers[:-1]):
        return
    name, new = _parting(taxonomy).get(said.lowers[last], ("", ""))
    if name and (said.decided or name not in _BY_VIEW):
        yield Exchange(taxonomy.name, name, last, last, (new,))


@cache
def _parting(taxonomy: Taxonomy) -> dict[str, tuple[str, str]]:
    """Word -> the subtype that exchanges it, inside a phrase, for one other word, and that word."""
    found: dict[str, tuple[str, str]] = {}
    for name, subtype in taxonomy.subtypes.items():
        pairs = (group for group in subtype.groups if subtype.rule == "place" and len(group) == 2)
        for one, other in pairs:
            old, new = one.split(), other.split()
            changed = [(a, b) for a, b in zip(old, new, strict=False) if a != b]
            if len(old) == len(new) and len(changed) == 1:
                found.setdefault(changed[0][0], (name, changed[0][1]))
                found.setdefault(changed[0][1], (name, changed[0][0]))
    return found


def _fits(said: Said, subtype: Subtype, last: int) -> bool:
    """Whether the noun after a preposition is one that a subtype asks for, and there is one if there must be."""
    after = [lower for lower in said.lowers[last + 1 :] if lower not in ("the", "a", "an", "his", "her", "its")]
    noun = singular(after[-1]) if after else ""
    if subtype.rule == "relation":
        return bool(noun) and noun not in subtype.not_heads and (not subtype.heads or noun in subtype.heads)
    return noun not in subtype.not_heads


def states(said: Said, taxonomy: Taxonomy) -> Iterator[Exchange]:
    """A state, a pattern, a shape: adjectives that exclude one another."""
    if not answers().mixed.isdisjoint(said.lowers):
        return
    noun = singular(topic(said.question))
    if _is_opinion(said):
        return
    for name, subtype in _with_terms(said, taxonomy):
        if subtype.rule == "adjective" and not subtype.markers and name not in SKIPPED and _is_head(noun, subtype):
            for first, last, term in _terms(said, subtype):
                if last == len(said.words) - 1:
                    yield Exchange(taxonomy.name, name, first, last, subtype.exchanges[term])


def _is_opinion(said: Said) -> bool:
    """Whether what is asked or said is a matter of taste."""
    return not answers().opinions.isdisjoint((*said.lowers, *content(said.question)))


def _is_head(noun: str, subtype: Subtype) -> bool:
    return noun not in subtype.not_heads and (not subtype.heads or noun in subtype.heads)


def whole(said: Said, taxonomy: Taxonomy) -> Iterator[Exchange]:
    """The whole answer, for one that excludes it."""
    first = next((at for at, lower in enumerate(said.lowers) if lower not in ("a", "the", "it", "is", "it's")), 0)
    term = " ".join(said.lowers[first:])
    noun = singular(topic(said.question))
    if term in ("yes", "no") or term.isdecimal() or _is_opinion(said):
        return
    for name, subtype in taxonomy.subtypes.items():
        if subtype.rule == "answer" and _is_head(noun, subtype) and term in subtype.exchanges:
            yield Exchange(taxonomy.name, name, first, len(said.words) - 1, subtype.exchanges[term])


def things(said: Said, taxonomy: Taxonomy) -> Iterator[Exchange]:
    """The only thing that an answer names, for its siblings, in its number."""
    lowers = said.lowers
    found = [(first, last, noun) for first, last, noun in _nouns(lowers) if noun not in said.question.lower()]
    if len(found) != 1 or not answers().mixed.isdisjoint(lowers):
        return
    ((first, last, noun),) = found
    if last + 1 < len(lowers) and (lowers[last + 1] not in _COPULA or said.kind == "who"):
        return
    if first and lowers[first - 1] not in _BEFORE and lowers[first - 1] not in answers().colours:
        return
    term = " ".join(lowers[first : last + 1])
    many = term in singular_forms() and term != noun
    others = _others(said, noun, lowers[:first])
    for name, subtype in taxonomy.subtypes.items():
        if subtype.rule == "noun" and not subtype.markers and not kinds_of()[noun].isdisjoint(subtype.kinds):
            choices = tuple(plural(new) if many else new for new in others if _countable(new) == _countable(noun))
            yield Exchange(taxonomy.name, name, first, last, choices)
            return


def _others(said: Said, noun: str, before: Sequence[str]) -> Sequence[str]:
    """What could be named in place of a noun: another scene, or a sibling."""
    kind = said.kind
    if kind in ("where", "room"):
        scenes = answers().scenes.get(noun, ())
        return [new for new in scenes if new in answers().grounds] if "on" in before else scenes
    if kind == "sort" and not _is_sort_of(noun, singular(topic(said.question))):
        return ()
    return siblings().get(noun, ())


def _is_sort_of(noun: str, asked: str) -> bool:
    """ "What kind of animal is it? A dog.", not "What kind of door is it? A patio door."."""
    return noun not in answers().materials and (asked == "" or may_be(noun, asked))


_BEFORE = frozenset(
    "a an the his her its their my your one two three four in on at of small big large young old little tall "
    "inside near by it's is are other this that".split()
)


def _countable(noun: str) -> bool:
    return noun not in MASS and noun not in PAIRS


def _nouns(lowers: Sequence[str]) -> Iterator[tuple[int, int, str]]:
    """Nouns of the object lexicon, the longest at each place, in the singular."""
    at = 0
    while at < len(lowers):
        for length in (3, 2, 1):
            phrase = " ".join(lowers[at : at + length])
            if at + length <= len(lowers) and (noun := _known(phrase)):
                yield at, at + length - 1, noun
                at += length - 1
                break
        at += 1


def _known(phrase: str) -> str:
    return phrase if phrase in plural_forms() else singular_forms().get(phrase, "")


def _with_terms(said: Said, taxonomy: Taxonomy) -> Iterator[tuple[str, Subtype]]:
    """The subtypes that have a term that begins with a word of the answer."""
    at = taxonomy.subtypes_at
    names = {name for lower in said.lowers if lower in at for name in at[lower]}
    if names:
        yield from ((name, subtype) for name, subtype in taxonomy.subtypes.items() if name in names)


def _terms(said: Said, subtype: Subtype) -> Iterator[tuple[int, int, str]]:
    """Terms of a subtype in an answer, the longest at each place, not inside one another."""
    terms, lowers, end = subtype.terms, said.lowers, 0
    for at, lower in enumerate(lowers):
        if at < end or lower not in terms:
            continue
        for words in terms[lower]:
            if lowers[at : at + len(words)] == words:
                yield at, at + len(words) - 1, " ".join(words)
                end = at + len(words)
                break


_NAMES = {number: word for word, number in NUMBERS.items()}
_ANY: tuple[Finder, ...] = (whole, colours, states, places, things)
_FINDERS: dict[str, tuple[Finder, ...]] = {
    "colour": (colours,),
    "count": (counts,),
    "material": (materials,),
    "where": (places, things),
    "room": (things, whole),
    "who": (things, whole),
    "what": (things, colours, materials, whole, places),
    "sort": (things, materials, colours, states),
    "shape": (states,),
    "pattern": (states,),
    "text": (),
    "brand": (),
    "why": (),
    "yes_no": (),
}
_RULES: dict[Finder, frozenset[str]] = {
    colours: frozenset({"adjective"}),
    materials: frozenset({"adjective"}),
    states: frozenset({"adjective"}),
    counts: frozenset({"count"}),
    places: _PLACES,
    whole: frozenset({"answer"}),
    things: frozenset({"noun"}),
}
