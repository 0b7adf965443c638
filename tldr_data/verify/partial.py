"""Claims held against incomplete facts, such as people's annotation of a photograph.

Absence from them proves nothing, so a claim is false only where something that was noted excludes it:

colour, material, shape   every noted thing that the words may mean has another one that cannot be mistaken for it, and
                          only one; a single thing of the name, or one group of them, was noted, and the texts speak of
                          no others
state                     every such thing has the opposite
relation                  every pair that the words may mean has a noted relation that excludes it, or (left, right,
                          above, below) boxes with no overlap along the axis
place in the picture      every such thing lies wholly on the other side
number                    the texts on the image agree on another number, and so many were noted
negation                  what is denied was noted of every thing of the very name: an attribute that is no opinion and
                          beside which no other was noted or told; "on", "in", "under" or a side, of each pair

Never proved: that a thing of another name is there, sizes, distances, depth without a relation, written text. No claim
is false that some other text on the image makes. The region that a text was written for plays no part: whoever reads
the row sees the whole picture.
"""

from __future__ import annotations

from tldr_data.facts import Facts, Thing
from tldr_data.verify import positions
from tldr_data.verify.appearance import doubtful_look, looks, surely_looks
from tldr_data.verify.assertions import Assertion, Claim
from tldr_data.verify.gathering import may_be
from tldr_data.verify.nouns import Mention
from tldr_data.verify.truth import Truth, best_of, flipped, reads, settled, worst_of
from tldr_data.verify.vocabulary import NEAR, canonical, plural
from tldr_data.verify.witnesses import number_said, says_between, says_of, says_plural
from tldr_data.verify.words import split

_SEVERAL = frozenset(
    "person people man woman boy girl tree bush plant flower leaf sign light lamp window pole post wire car vehicle bus"
    " truck building house store bird cloud wall line shadow letter word book paper stone rock bottle cup".split()
)
"""Of which a photograph mostly shows more than its annotators noted; whoever writes facts by hand has no ``texts``."""
_UPRIGHT = frozenset("on inside under above below".split())
"""Relations that a thing on two grounds at once throws into doubt: a parking meter "on" the street and the sidewalk."""
_PLAIN = frozenset(("on", "inside", "under", "left of", "right of", "above", "below"))
"""Relations that nobody denies of what stands so: neither depth nor nearness."""
_LEAST_SHARE = 0.01
"""Of the picture's area: of a kind that is smaller than this, more may lie about unnoticed."""


def partial_truth(claim: Claim, facts: Facts) -> Truth:
    """True if one reading is true, False if all are excluded, else None; ``facts`` are gathered."""
    return settled(claim, [_assertion(reading, facts) for reading in claim.readings])


def _assertion(said: Assertion, facts: Facts) -> Truth:
    if said.kind == "reads":
        return reads(said, facts)
    if said.subject is None or said.kind == "unknown":
        return Truth(None, f"not understood: {said.word}")
    if said.kind == "exists":
        return _exists(said.subject, facts)
    if said.kind == "absent":
        return _absent(said, facts)
    return _denied(said, facts) if said.negated else _said(said, facts)


# Which things are meant


def _named(mention: Mention, facts: Facts) -> list[int]:
    """Things of that name; the last words of a longer name will do ("truck" for a work truck)."""
    name = split(mention.name)
    return [
        i
        for i, thing in enumerate(facts.things)
        if any(split(own)[-len(name) :] == name for own in (thing.name, *thing.aliases))
    ]


def _possible(mention: Mention, facts: Facts) -> list[int]:
    """Things that somebody might call so."""
    return [
        i
        for i, thing in enumerate(facts.things)
        if any(may_be(own, mention.name) for own in (thing.name, *thing.aliases))
    ]


def _exactly(mention: Mention, facts: Facts) -> list[int]:
    """Things of the very name: who denies a bear does not deny a teddy bear."""
    name = split(mention.name)
    return [
        i for i, thing in enumerate(facts.things) if any(split(own) == name for own in (thing.name, *thing.aliases))
    ]


def _fits(thing: Thing, mention: Mention, facts: Facts) -> Truth:
    answers = [looks(thing, adjective, facts) for adjective in mention.adjectives]
    return worst_of(answers) if answers else Truth(True, f"there is a {thing.name}")


def _surely_fits(thing: Thing, mention: Mention, facts: Facts) -> Truth:
    answers = [surely_looks(thing, adjective, facts) for adjective in mention.adjectives]
    return worst_of(answers) if answers else Truth(True, f"there is a {thing.name}")


def _best_shown(answers: list[Truth]) -> Truth:
    """The truest of the answers; where all are false, what was noted of each thing, as they are so together."""
    best = best_of(answers)
    return best if best.value is not False else Truth(False, "; ".join(dict.fromkeys(a.evidence for a in answers)))


def _meant(mention: Mention, facts: Facts) -> list[int]:
    """Things that the words may mean: not those of which an adjective is false, unless it is so of all."""
    possible = _possible(mention, facts)
    return [i for i in possible if _fits(facts.things[i], mention, facts).value is not False] or possible


def _all_known(mention: Mention, facts: Facts) -> bool:
    """Whether nothing hints at more things of the name than were noted."""
    if _count(mention.name, facts) is not None:
        return True
    if mention.plural:
        return any(facts.things[i].count > 1 for i in _named(mention, facts))
    return not (facts.texts and (split(mention.name)[-1] in _SEVERAL or says_plural(facts, mention.name)))


def _only_one(mention: Mention, facts: Facts) -> bool:
    """Whether one alone was noted (or a group as one): beside several, one that looks different may be overlooked."""
    several = sum(facts.things[i].count == 1 for i in _exactly(mention, facts)) > 1
    return _all_known(mention, facts) and not (several and facts.texts)


def _nothing(mention: Mention) -> Truth:
    return Truth(None, f"{mention.name}: not in the facts")


# Existence and number


def _exists(mention: Mention, facts: Facts) -> Truth:
    some = _some(mention, facts)
    if some.value is False or (mention.number is None and not mention.plural):
        return some
    unclear = mention.adjectives or mention.doubts or mention.place or mention.only
    if unclear or some.value is None or (mention.number or 2) < 2:
        return Truth(None, some.evidence)
    count = _count(mention.name, facts)
    evidence = f"count of {plural(mention.name)}: {count} (says {mention.number or 'several'})"
    return Truth(None if count is None or mention.number is None else count == mention.number, evidence)


def _some(mention: Mention, facts: Facts) -> Truth:
    """At least one such thing."""
    named = _named(mention, facts)
    if not named:
        return _nothing(mention)
    answers = [_fits(facts.things[i], mention, facts) for i in dict.fromkeys((*named, *_possible(mention, facts)))]
    best = _best_shown(answers)
    if best.value is not False:
        return Truth(None, best.evidence) if mention.doubts else best
    if not _only_one(mention, facts) or any(_said_of(mention, word, facts) for word in mention.adjectives):
        return Truth(None, best.evidence)
    return best


def _absent(said: Assertion, facts: Facts) -> Truth:
    """False if such a thing was noted, beyond doubt."""
    mention = said.subject
    assert mention is not None
    sure = [_surely_fits(facts.things[i], mention, facts) for i in _exactly(mention, facts)]
    best = best_of(sure or [_nothing(mention)])
    # "a man without glasses": somebody else may wear some
    narrowed = said.word or mention.doubts or mention.place
    return flipped(best) if best.value and not narrowed else Truth(None, best.evidence)


def _count(name: str, facts: Facts) -> int | None:
    """How many of a thing there are, if the texts agree and so many were noted, each large enough to be seen."""
    said = number_said(facts, name)
    things = [thing for thing in facts.things if any(may_be(own, name) for own in (thing.name, *thing.aliases))]
    single = [thing for thing in things if thing.count == 1]
    if said is None or len(single) != said or not all(_is_large(thing, facts) for thing in single):
        return None
    return said


def _is_large(thing: Thing, facts: Facts) -> bool:
    if thing.box is None or facts.canvas is None:
        return False
    left, top, right, bottom = thing.box
    return (right - left) * (bottom - top) >= _LEAST_SHARE * facts.canvas[0] * facts.canvas[1]


# Attributes


def _said_of(mention: Mention, adjective: str, facts: Facts) -> bool:
    word = canonical(adjective).split(" ")[-1]
    return says_of(facts, mention.name, NEAR.get(word, frozenset()) | {word})


# What is said of things


def _said(said: Assertion, facts: Facts) -> Truth:
    mention = said.subject
    assert mention is not None
    named = _named(mention, facts)
    if not named:
        return _nothing(mention)
    things = _meant(mention, facts)
    answers = {index: _about(index, said, facts) for index in things}
    best = best_of([*answers.values()])
    if best.value is not False:
        return Truth(None, best.evidence) if mention.doubts else best
    known = _only_one(mention, facts) if said.kind == "described" else _all_known(mention, facts)
    if not known or _witnessed(said, facts):
        return Truth(None, best.evidence)
    if said.kind == "placed" and mention.plural and _count(mention.name, facts) is None:
        return Truth(None, best.evidence)  # others of them may be there too
    first = [answer for index, answer in answers.items() if index in named]
    if said.kind == "described":
        return _best_shown([*first, *answers.values()])
    return best_of(first or [best])


def _about(index: int, said: Assertion, facts: Facts) -> Truth:
    thing = facts.things[index]
    if said.kind == "described":
        return looks(thing, said.word, facts)
    if said.kind == "placed":
        evidence = f"{thing.name} is at the {positions.where(facts, index)} (says {' '.join(sorted(said.place))})"
        return worst_of([Truth(positions.placed(facts, index, part), evidence) for part in sorted(said.place)])
    assert said.object is not None
    if not _named(said.object, facts):
        return _nothing(said.object)
    others = [other for other in _meant(said.object, facts) if other != index]
    best = best_of([_relation(index, said.word, other, facts) for other in others] or [Truth(None, "the same thing")])
    return best if best.value is not False or _all_known(said.object, facts) else Truth(None, best.evidence)


def _relation(index: int, relation: str, other: int, facts: Facts) -> Truth:
    value = positions.related(facts, index, relation, other)
    one, two = facts.things[index].name, facts.things[other].name
    known = [r.predicate for r in facts.relations if (r.subject, r.object) == (index, other)]
    back = [r.predicate for r in facts.relations if (r.subject, r.object) == (other, index)]
    if positions.on_another(facts, index, other) and relation in _UPRIGHT:
        return Truth(None, f"{one} is on more than {two}")
    if known and any(positions.OPPOSITE.get(a) in known or a in back for a in known):
        return Truth(None, f"{one} {' and '.join(known)} {two}")
    if value is not False:
        return Truth(value, f"{one} {relation} {two}")
    actual = known[0] if known else positions.OPPOSITE.get(relation, f"not {relation}")
    return Truth(False, f"{one} is {actual} {two} (says {relation})")


def _witnessed(said: Assertion, facts: Facts) -> bool:
    """Whether another text says so."""
    assert said.subject is not None
    if said.kind == "described":
        return _said_of(said.subject, said.word, facts)
    return said.object is not None and says_between(facts, said.subject.name, said.word, said.object.name)


def _denied(said: Assertion, facts: Facts) -> Truth:
    """False if what is denied was noted, beyond doubt, of every thing of the very name."""
    mention = said.subject
    assert mention is not None
    exactly = _exactly(mention, facts)
    if not exactly or not _all_known(mention, facts):
        return _nothing(mention)
    worst = worst_of([_surely(index, said, facts) for index in exactly])
    fits = [_fits_as_told(facts.things[index], mention, facts) for index in exactly]
    return flipped(worst) if worst.value and all(fits) else Truth(None, worst.evidence)


def _surely(index: int, said: Assertion, facts: Facts) -> Truth:
    if said.kind == "described":
        return surely_looks(facts.things[index], said.word, facts)
    if said.kind == "placed":
        return _about(index, said, facts)
    thing = said.object
    assert thing is not None
    others = [other for other in _exactly(thing, facts) if other != index]
    if said.word not in _PLAIN or not others or not all(_fits_as_told(facts.things[i], thing, facts) for i in others):
        return _nothing(thing)
    return worst_of([_relation(index, said.word, other, facts) for other in others])


def _fits_as_told(thing: Thing, mention: Mention, facts: Facts) -> bool:
    """Whether nothing that was noted or told speaks against the adjectives."""
    return _fits(thing, mention, facts).value is not False and not any(
        doubtful_look(thing, adjective, facts) for adjective in mention.adjectives
    )
