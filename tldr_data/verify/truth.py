"""Claims to truth: each held against the facts of the picture, with the fact that decides it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from tldr_data.facts import Facts, Thing
from tldr_data.verify import positions
from tldr_data.verify.assertions import Assertion, Claim
from tldr_data.verify.nouns import Mention
from tldr_data.verify.vocabulary import DEFAULTS, KIN, NEAR, NOUNS, OPPOSITES, SAME_NAMES, canonical, kind, plural
from tldr_data.verify.words import split


class Truth(NamedTuple):
    """True, False, or None where the facts leave it open; ``evidence`` names the fact."""

    value: bool | None
    evidence: str


def truth(claim: Claim, facts: Facts) -> Truth:
    """True if one reading is true, False if all are false, else None."""
    return settled(claim, [_assertion(reading, facts) for reading in claim.readings])


def settled(claim: Claim, answers: Sequence[Truth]) -> Truth:
    """What the answers to all readings of a claim come to."""
    best = best_of(answers) if answers else Truth(None, "no reading")
    if claim.doubtful and best.value is not None:
        return Truth(None, f"an unknown word stands beside: {best.evidence}")
    return best


def best_of(answers: Sequence[Truth]) -> Truth:
    """Any of them: the truest."""
    order = (True, None, False)
    return min(answers, key=lambda answer: order.index(answer.value))


def worst_of(answers: Sequence[Truth]) -> Truth:
    """All of them: the falsest."""
    order = (False, None, True)
    return min(answers, key=lambda answer: order.index(answer.value))


def _assertion(said: Assertion, facts: Facts) -> Truth:
    if said.kind == "reads":
        return reads(said, facts)
    if said.subject is None or said.kind == "unknown":
        return Truth(None, f"not understood: {said.word}")
    if said.kind == "exists":
        return _exists(said.subject, facts)
    if said.kind == "absent":
        return flipped(_some(said.subject, facts))
    return flipped(_said_of(said, facts)) if said.negated else _said_of(said, facts)


def flipped(answer: Truth) -> Truth:
    return answer if answer.value is None else Truth(not answer.value, answer.evidence)


# Which things are meant


def _named(mention: Mention, facts: Facts) -> list[int]:
    """Things of that name; the last word of a longer name will do ("basket" for a picnic basket)."""
    found = _bearing(mention.name, facts)
    return found or _bearing(SAME_NAMES.get(mention.name, ""), facts)


def _bearing(name: str, facts: Facts) -> list[int]:
    words = split(name)
    return [i for i, thing in enumerate(facts.things) if words and split(thing.name)[-len(words) :] == words]


def _fitting(mention: Mention, facts: Facts) -> list[int]:
    fits = [i for i in _named(mention, facts) if _fits(facts.things[i], mention, facts).value]
    return [i for i in fits if facts.things[i].count == mention.number] or fits


def _meant(mention: Mention, facts: Facts) -> tuple[list[int], bool]:
    """The things that a later sentence would mean, and whether they are all that was said of them.

    If no ball is blue, "it" after "a blue ball" still means the ball.
    """
    fitting = _fitting(mention, facts)
    return (fitting, True) if fitting else (_closest(mention, facts), False)


def _closest(mention: Mention, facts: Facts) -> list[int]:
    """Things of the name of which the most of its adjectives are true."""
    named = _named(mention, facts)
    right = [sum(_described(facts.things[i], word, facts).value is True for word in mention.adjectives) for i in named]
    return [i for i, score in zip(named, right, strict=True) if score == max(right)]


def _fits(thing: Thing, mention: Mention, facts: Facts) -> Truth:
    """All adjectives of a noun phrase at once."""
    answers = [_described(thing, adjective, facts) for adjective in mention.adjectives]
    twice = [word for word in mention.adjectives if mention.adjectives.count(word) > 1]
    if twice and all(answer.value for answer in answers):
        return Truth(None, f"says {twice[0]} twice")
    return worst_of(answers) if answers else Truth(True, f"there is a {thing.name}")


def _nothing(mention: Mention, facts: Facts) -> Truth:
    """No thing bears the name: does that mean there is none?"""
    name = split(mention.name)[-1]
    names = {split(thing.name)[-1] for thing in facts.things}
    known = mention.name in NOUNS or name in NOUNS or name in names
    if KIN.get(name, frozenset()) & names or not known:
        return Truth(None, f"{mention.name}: not in the facts")
    return Truth(False, f"there is no {mention.name}")


# Existence and number


def _some(mention: Mention, facts: Facts) -> Truth:
    """At least one such thing."""
    named = _named(mention, facts)
    if not named:
        return _nothing(mention, facts)
    closest = _closest(mention, facts)
    best = best_of([_fits(facts.things[i], mention, facts) for i in (*closest, *named)])
    return Truth(None, f"{' '.join(mention.doubts)}: unknown") if mention.doubts and best.value is not False else best


def _exists(mention: Mention, facts: Facts) -> Truth:
    some = _some(mention, facts)
    if some.value is not True or (mention.number is None and not mention.plural):
        return some
    named = _named(mention, facts)
    fits = [_fits(facts.things[i], mention, facts).value for i in named]
    counts = [facts.things[i].count for i, fit in zip(named, fits, strict=True) if fit]
    total, number = sum(counts), mention.number
    if total >= 2 if number is None else number in (total, *counts):
        return Truth(True, f"count of {plural(mention.name)}: {total}")
    if "counts" not in facts.exhaustive or None in fits:
        return Truth(None, f"count of {plural(mention.name)}: at least {total}")
    return Truth(False, f"count of {plural(mention.name)}: {total} (says {number or 'several'})")


# Attributes


def _described(thing: Thing, said: str, facts: Facts) -> Truth:
    """Whether an adjective is true of a thing."""
    word = canonical(said)
    phrases = {" ".join(split(attribute)) for attribute in thing.attributes}
    words = {canonical(w) for phrase in phrases for w in (phrase, *phrase.split(" "))}
    own = [f"{thing.size}"] * (thing.size is not None) + list(thing.attributes)
    evidence = f"{thing.name}: {', '.join(own) or 'nothing said'} (says {said})"
    parts = [canonical(part) for part in word.split(" ")]
    if word in words or word in phrases or set(parts) <= words:
        return Truth(True, evidence)
    if kind(word) == "size":
        return Truth(_sized(thing.size, word), evidence)
    shade = len(parts) > 1 and parts[-1] in words
    if shade or any(near & words for part in parts for near in (NEAR.get(part, frozenset()),)):
        return Truth(None, evidence)
    return Truth(_contradicted(parts[-1], words, "attributes" in facts.exhaustive), evidence)


def _sized(size: str | None, said: str) -> bool | None:
    if size is None or {size, said} == {"tiny", "small"}:
        return True if size == said else None
    return size == said


def _contradicted(word: str, words: set[str], complete: bool) -> bool | None:
    """False if what is known of a thing excludes the word, else None: it was not found among what is known."""
    what = kind(word)
    if any(frozenset((word, other)) in OPPOSITES for other in words):
        return False
    same_kind = any(kind(other) == what for other in words)
    if not complete:
        return False if what in ("colour", "material") and same_kind else None
    if what is None or word in DEFAULTS:
        return False if what in ("pattern", "material") and same_kind else None
    return None if what == "shape" and not same_kind else False


# Relations, places, signs


def _said_of(said: Assertion, facts: Facts) -> Truth:
    """Of some thing that the subject means (of all of them where the words fit none exactly)."""
    mention = said.subject
    assert mention is not None
    things, exact = _meant(mention, facts)
    if said.negated and not exact:
        things = []
    if said.object is not None and len(things) > 1:
        others = _meant(said.object, facts)[0]
        things = [index for index in things if others != [index]]
    if not things:
        return _nothing(mention, facts) if not _named(mention, facts) else _some(mention, facts)
    answers = [_about(index, said, facts) for index in things]
    if exact:
        best = best_of(answers)
        return Truth(None, best.evidence) if mention.doubts else best
    worst = worst_of(answers)
    return worst if len({answer.value for answer in answers}) == 1 else Truth(None, worst.evidence)


def _about(index: int, said: Assertion, facts: Facts) -> Truth:
    thing = facts.things[index]
    if said.kind == "described":
        return _described(thing, said.word, facts)
    if said.kind == "placed":
        if not said.place:
            return Truth(None, f"where {thing.name} is said to be is not known")
        evidence = f"{thing.name} is at the {positions.where(facts, index)} (says {' '.join(sorted(said.place))})"
        return worst_of([Truth(positions.placed(facts, index, part), evidence) for part in sorted(said.place)])
    assert said.object is not None
    others, exact = _meant(said.object, facts)
    others = [other for other in others if other != index]
    if not others:
        unknown = not exact and not _named(said.object, facts)
        return _nothing(said.object, facts) if unknown else Truth(None, "the same thing")
    best = best_of([_relation(index, said.word, other, facts) for other in others])
    return Truth(None, best.evidence) if said.object.doubts else best


def _relation(index: int, relation: str, other: int, facts: Facts) -> Truth:
    value = positions.related(facts, index, relation, other)
    one, two = facts.things[index].name, facts.things[other].name
    if value is not False:
        return Truth(value, f"{one} {relation} {two}")
    known = [r.predicate for r in facts.relations if (r.subject, r.object) == (index, other)]
    opposite = positions.OPPOSITE.get(relation, "")
    if opposite and positions.related(facts, index, opposite, other):
        actual = opposite
    else:
        actual = known[0] if known else f"not {relation}"
    return Truth(False, f"{one} is {actual} {two} (says {relation})")


def reads(said: Assertion, facts: Facts) -> Truth:
    """Whether a sign reads so: the subject's own, or any where the subject is none that the facts know."""
    things = set(_meant(said.subject, facts)[0]) if said.subject else set()
    own = [sign.text for sign in facts.signs if sign.thing in things]
    texts = own or ([sign.text for sign in facts.signs] if not things else [])
    says = f"sign: {' / '.join(texts) or 'none'} (says {said.word})"
    if _letters(said.word) in map(_letters, texts):
        return flipped(Truth(True, says)) if said.negated else Truth(True, says)
    if "signs" not in facts.exhaustive and not own:
        return Truth(None, says)
    return Truth(said.negated, says)


def _letters(text: str) -> str:
    return " ".join(re.findall(r"[\w&']+", text.casefold()))


def touching(spans: Iterable[tuple[int, int]], others: Iterable[tuple[int, int]]) -> bool:
    """Whether any two of the spans overlap."""
    others = list(others)
    return any(start < end_ and start_ < end for start, end in spans for start_, end_ in others)
