"""What a thing is: nouns of the object lexicon."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache

from tldr_data.objects import absent, expected, kinds_of, never_after, only_after, siblings, ties
from tldr_data.perturb.grammar import article, like, plural
from tldr_data.perturb.mentions import Named, is_mentioned, named, named_again, singulars
from tldr_data.perturb.nouns import is_plural, is_wanted, same_thing, senses_of
from tldr_data.perturb.parse import Parsed
from tldr_data.perturb.sites import Change, Choice, Site
from tldr_data.taxonomy import Subtype
from tldr_data.wordnet import wordnet

_HAVE = frozenset({"has", "have", "features", "feature", "consists", "consist", "contains", "includes"})
MAX_MENTIONS = 8
"""Times that one thing may be named. Each is changed, so that the text stays of one piece."""
_JUST_THERE = frozenset({"structure", "place", "ground", "plant", "sky"})
"""Kinds of things that a text may call "the" when it first tells of them."""
_ALIKE = frozenset({"animal", "person", "clothing", "food", "ground", "place"})
"""Kinds whose members have much the same parts."""
_EVERYWHERE = frozenset({"floor", "ceiling", "ground", "wall", "sky", "lawn"})
"""Parts of any room or view: "the floor" needs no telling that there is one, and "the table" does."""
_LARGE = frozenset("large big huge tall old adult".split())
_SMALL = frozenset("small little tiny short young baby".split())
_NEAR = 1
"""Sentences before and after one, in which the text may still speak of the same thing."""


def noun_sites(parsed: Parsed, subtype: Subtype) -> Iterator[Site]:
    """Nouns of the object lexicon that head a noun phrase, exchanged for a sibling in the same number.

    A thing that is named again is renamed there too, if all its names can be told; else it is left.
    """
    for this in named(parsed):
        if subtype.kinds.isdisjoint(kinds_of()[this.noun]) or not is_wanted(parsed, subtype, this.phrase):
            continue
        if _is_two_in_one(parsed, this):
            continue
        choices = _renamings(parsed, this)
        if choices:
            yield Site(this.first, this.phrase.head, choices, this.phrase)


@lru_cache(maxsize=64)  # the subtypes and taxonomies that hold one thing come one after another
def _renamings(parsed: Parsed, this: Named) -> tuple[Choice, ...]:
    """What may be written for a thing wherever it is named; nothing where its names cannot all be told."""
    if _was_named_before(parsed, this) or _serves(parsed, this) or parsed.lower(this.phrase.first) == "its":
        return ()
    again = named_again(parsed, this)
    if again is None or len(again) >= MAX_MENTIONS or any(other.first < this.first for other in again):
        return ()
    return tuple(_choices(parsed, (this, *again)))


def _was_named_before(parsed: Parsed, this: Named) -> bool:
    """Whether "the dog" of a later sentence may be what was called a pit bull before; "the floor" is just there."""
    definite = parsed.lower(this.phrase.first) in ("the", "this", "that", "these", "those")
    just_there = this.noun != "building" and kinds_of()[this.noun] & _JUST_THERE
    return definite and parsed.tokens[this.first].sentence > 0 and not just_there


def _is_two_in_one(parsed: Parsed, this: Named) -> bool:
    """ "A large and small elephant": they are two, named as one."""
    words = {parsed.lower(i) for i in range(this.phrase.first, this.first)}
    return "and" in words and bool(words & _LARGE) and bool(words & _SMALL)


def _serves(parsed: Parsed, this: Named) -> bool:
    """ "Using binoculars to look": what it is for says what it is."""
    if parsed.lower(this.phrase.first - 1) not in ("with", "using", "uses", "use", "used"):
        return False
    return parsed.lower(this.phrase.head + 1) == "to" and parsed.tag(this.phrase.head + 2) == "VB"


def _choices(parsed: Parsed, names: Sequence[Named]) -> Iterator[Choice]:
    """What may be written: the new name, or all the changes where the kind of thing is named more than once."""
    this, often = names[0], len(names) > 1 or is_mentioned(parsed, names[0])
    for other in _fitting(parsed, names):
        if often:
            yield tuple(sorted(change for name in names for change in _renamed(parsed, name, other)))
        else:
            yield _form(parsed, this, other)


def _fitting(parsed: Parsed, names: Sequence[Named]) -> Iterator[str]:
    """The siblings of a thing that the rest of the text neither names nor excludes, nor makes wrong English."""
    noun = names[0].noun
    taken = {i for name in names for i in range(name.first, name.phrase.head + 1)}
    rest = [i for i in range(len(parsed.tokens)) if i not in taken]
    singular = singulars(parsed)
    words = {singular[i] for i in rest}
    known = len(names) > 1 or parsed.lower(names[0].phrase.first) == "the"  # no other stands there
    fitting = set(siblings()[noun])
    for nouns in (nouns for word in _nearby(parsed, names, rest) for nouns in ties().get(word, ()) if noun in nouns):
        fitting &= nouns
    never = [absent()[word] for word in absent().keys() & words]
    never += [] if known else [expected()[word] for word in expected().keys() & words]
    before = [_before(parsed, name) for name in names]
    never += [never_after().get(word, frozenset()) for word in before]
    for word in only_after().keys() & before:
        fitting &= only_after()[word]
    if noun in _EVERYWHERE and parsed.lower(names[0].phrase.first) == "the":
        fitting &= _EVERYWHERE
    fitting = fitting.difference(*never)
    meant = frozenset[str]().union(*map(senses_of, words)) if fitting else frozenset()
    parts = not kinds_of()[noun] & _ALIKE and any(_has_parts(parsed, name) for name in names)
    for other in siblings()[noun]:
        if other not in fitting:
            continue
        if other.split(" ")[-1] in {name.noun for name in names}:
            continue  # "palm trees and a tree": it may be a pine tree
        if parts and not _is_kin(noun, other):
            continue
        if same_thing(noun, other) or any(part in words or senses_of(part) & meant for part in other.split(" ")):
            continue
        yield other


def _before(parsed: Parsed, this: Named) -> str:
    """The word before a thing, or before "of" where that makes one preposition: "outside of"."""
    first = this.phrase.first
    word = parsed.lower(first - 2)
    return word if parsed.lower(first - 1) == "of" and word in only_after() else parsed.lower(first - 1)


def _is_kin(noun: str, other: str) -> bool:
    """Whether two things have the next broader name in common: a bicycle and a tricycle, not a fan and a skylight."""
    one, two = (
        {above for sense in wordnet().senses.get(name, ()) for above in wordnet().broader.get(sense, ())}
        for name in (noun, other)
    )
    return not one.isdisjoint(two)


def _has_parts(parsed: Parsed, this: Named) -> bool:
    """ "The fan has five blades", "The barn ... Its gable": another thing would have other parts."""
    after = this.phrase.head + 1
    if parsed.lower(this.phrase.first) == "the" and parsed.lower(after) in _HAVE:
        return True
    following = parsed.tokens[this.first].sentence + 1
    return any(token.lower == "its" for token in parsed.tokens if token.sentence == following and not token.quoted)


def _nearby(parsed: Parsed, names: Sequence[Named], rest: Sequence[int]) -> set[str]:
    """The words of the sentences that may speak of the things, as they stand and in the singular.

    What stands before another noun describes that one ("a green chair").
    """
    told = {parsed.tokens[name.first].sentence + k for name in names for k in range(-_NEAR, _NEAR + 1)}
    here = {parsed.tokens[name.first].sentence for name in names}
    own = {name.phrase for name in names}
    near = []
    for i in rest:
        phrase, sentence = parsed.phrase_of(i), parsed.tokens[i].sentence
        if phrase is None:
            bears = sentence in (here if parsed.tag(i).startswith("JJ") else told)
        else:
            bears = phrase in own or (phrase.head == i and sentence in told)
        if bears:
            near.append(i)
    singular = singulars(parsed)
    return {parsed.lower(i) for i in near} | {singular[i] for i in near}


def _form(parsed: Parsed, name: Named, other: str) -> str:
    return plural(other) if is_plural(parsed, name.phrase, name.noun) else other


def _renamed(parsed: Parsed, name: Named, other: str) -> Iterator[Change]:
    """One mention under its new name, with the article before it."""
    start, end = parsed.tokens[name.first].start, parsed.tokens[name.phrase.head].end
    form = _form(parsed, name, other)
    yield Change(start, end, like(parsed.text[start:end], form))
    before = parsed.lower(name.first - 1)
    if before in ("a", "an") and before != article(form):
        token = parsed.tokens[name.first - 1]
        yield Change(token.start, token.end, like(token.text, article(form)), True)
