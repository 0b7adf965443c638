"""What two things look like, each said of the other."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from functools import lru_cache
from itertools import combinations
from typing import NamedTuple

from tldr_data.meaning import lexicon
from tldr_data.perturb.nouns import FRAME, MARKS, OTHER, head_noun, is_lost_in_marks, same_thing, singular_word
from tldr_data.perturb.parse import PLURAL_PRONOUNS, SINGULAR_PRONOUNS, VERBS, Parsed, Phrase
from tldr_data.perturb.rules.adjective import adjective_sites
from tldr_data.perturb.sites import Site
from tldr_data.taxonomy import Subtype
from tldr_data.wordnet import broader_senses, wordnet

MAX_MENTIONS = 3
"""Times that one thing may be called so: each of them is changed."""
_NEAR = 1
"""Sentences before and after one, in which "a red area" may be a part of a thing named here."""
_STEM = 4
"""Letters after which words are of one family: "wooden", "wood"; "large", "larger"."""
_VAGUE = frozenset("object item piece section area surface thing one ones rest all".split())
_UNNAMED = FRAME - {"frame"} | _VAGUE | frozenset("color colour hue shade tint tone".split())
"""Nouns that may be said of a thing or a part of it that has a name of its own."""
_UNTOLD = SINGULAR_PRONOUNS | PLURAL_PRONOUNS | _VAGUE
_NEW = frozenset("a an two three four several some".split())
"""Words that begin what was not spoken of before."""
_KNOWN = frozenset("the this that these those its his her their".split())


class Mention(NamedTuple):
    """A word of the lexicon at a token, and the noun that it is said of ("" where that cannot be told)."""

    noun: str
    token: int
    is_site: bool


def swap_sites(parsed: Parsed, subtype: Subtype) -> Iterator[Site]:
    """Pairs of things of different names, with an adjective each that excludes the other's.

    A thing that is called so again is changed there too. Others of its name are left where both adjectives exclude
    what they are called.
    """
    sites = _alone(parsed, adjective_sites(parsed, subtype))
    things: dict[tuple[str, str], list[Site]] = defaultdict(list)
    for site in sites:
        things[_noun(parsed, site.phrase), _term(parsed, site)].append(site)
    if len(things) < 2:
        return
    mentions = _mentions(parsed, subtype, sites)
    loose = {mention.noun for mention in mentions if not mention.is_site} - {""}
    fit = [key for key, found in things.items() if _is_one_thing(parsed, key[0], found, loose)]
    rivals = {key: [other for other in things if _is_kin(key[0], other[0]) and other != key] for key in fit}
    for (noun, here), (other, there) in combinations(fit, 2):
        one, two = things[noun, here], things[other, there]
        if there not in one[0].choices or here not in two[0].choices or _is_kin(noun, other):
            continue
        others = [site for key in rivals[noun, here] + rivals[other, there] for site in things[key]]
        if _are_told_apart(parsed, one, two, others) and not _is_in_doubt(parsed, one + two, mentions):
            written = [site._replace(choices=(new,)) for found, new in ((one, there), (two, here)) for site in found]
            if not _are_lost(parsed, written):
                yield written[0]._replace(also=tuple(written[1:]))


def _are_lost(parsed: Parsed, written: list[Site]) -> bool:
    """Whether a thing would get the colour of its own markings."""
    given = frozenset(site.last for site in written)
    each = ((site.first, site.phrase, str(site.choices[0]).split(" ")[-1]) for site in written)
    return any(p is not None and is_lost_in_marks(parsed, first, p, colour, given) for first, p, colour in each)


def _alone(parsed: Parsed, sites: Iterator[Site]) -> list[Site]:
    """Sites whose thing can be named, and has no other such adjective beside the first ("a red and white ball")."""
    found = list(sites)
    times = Counter(site.phrase for site in found)
    return [site for site in found if times[site.phrase] == 1 and _noun(parsed, site.phrase)]


def _mentions(parsed: Parsed, subtype: Subtype, sites: list[Site]) -> list[Mention]:
    """All words of the family of a term's last word."""
    rows = (tuple(subtype.exchanges), *subtype.near)
    stems = {term.split(" ")[-1][:_STEM] for row in rows for term in row}
    nouns = {i: _noun(parsed, site.phrase) for site in sites for i in range(site.first, site.last + 1)}
    spoken = (i for i, token in enumerate(parsed.tokens) if token.lower[:_STEM] in stems)
    return [Mention(nouns.get(i, _noun_of(parsed, i)), i, i in nouns) for i in spoken]


def _term(parsed: Parsed, site: Site) -> str:
    return " ".join(parsed.lower(i) for i in range(site.first, site.last + 1))


def _noun(parsed: Parsed, phrase: Phrase | None) -> str:
    """What a phrase names, or "" where that cannot be told: "apples rest" may be a thing and its verb."""
    if phrase is None:
        return ""
    if phrase.first < phrase.head and parsed.tag(phrase.head - 1) == "NNS" and parsed.lower(phrase.head) + "s" in VERBS:
        return ""
    return head_noun(parsed, phrase)[1]


def _noun_of(parsed: Parsed, token: int) -> str:
    phrase = parsed.phrase_of(token)
    if phrase is not None and phrase.head > token:
        return _noun(parsed, phrase)
    return "light" if parsed.lower(token + 1) in ("light", "lights") else ""


def _is_one_thing(parsed: Parsed, noun: str, sites: list[Site], loose: set[str]) -> bool:
    """Whether the things that a text calls so are told of at these sites, and not too often."""
    if len(sites) > MAX_MENTIONS or any(_is_kin(noun, other) for other in loose):
        return False
    return noun not in _UNNAMED or all(_is_new(parsed, site.phrase) for site in sites)


def _are_told_apart(parsed: Parsed, one: list[Site], two: list[Site], others: list[Site]) -> bool:
    """Whether others of their names are no doubt others: unlike what is written, or no "the" may stand for them."""
    terms = {_term(parsed, site) for site in others}
    if terms <= {*one[0].choices} & {*two[0].choices}:
        return True
    phrases = (site.phrase for site in one + two + others if site.phrase is not None)
    known = any(parsed.lower(phrase.first) in _KNOWN for phrase in phrases)
    return not known and not terms & {_term(parsed, one[0]), _term(parsed, two[0])}


def _is_new(parsed: Parsed, phrase: Phrase | None) -> bool:
    """ "A top", "the top of the cake", not "the top"."""
    return phrase is not None and (parsed.lower(phrase.first) in _NEW or parsed.lower(phrase.head + 1) == "of")


@lru_cache(maxsize=65536)
def _is_kin(noun: str, other: str) -> bool:
    """Whether two nouns may name one thing: synonyms, "animal" for "dog", "racket" for "tennis racket"."""
    if same_thing(noun, other) or noun.split(" ")[-1] == other.split(" ")[-1]:
        return True
    return not {noun, other} & _UNNAMED and (_is_wider(noun, other) or _is_wider(other, noun))


def _is_wider(wide: str, narrow: str) -> bool:
    """Whether one noun says less of the same thing: "animal" of "dog"."""
    broader = frozenset[str]().union(*map(broader_senses, wordnet().senses.get(narrow, ())))
    return wide in lexicon().general.get(narrow, ()) or not broader.isdisjoint(wordnet().senses.get(wide, ()))


def _is_in_doubt(parsed: Parsed, places: list[Site], mentions: list[Mention]) -> bool:
    """Whether one of the swapped words stands where it may be said of one of the things: "it is red", "a red area"."""
    stems = {parsed.lower(place.last)[:_STEM] for place in places}
    taken = {place.last for place in places}
    told = {parsed.tokens[place.first].sentence for place in places}
    nouns = {_noun(parsed, place.phrase) for place in places}
    for noun, token, _ in mentions:
        if parsed.lower(token)[:_STEM] not in stems or token in taken:
            continue
        sentence = parsed.tokens[token].sentence
        if noun == "" and (sentence in told or _may_speak_of(parsed, sentence, nouns)):
            return True
        if noun in _UNNAMED and any(abs(sentence - other) <= _NEAR for other in told):
            return True
        if noun in MARKS - nouns and any(abs(sentence - other) <= _NEAR for other in told):
            return True  # "a white poster ... it has black text"
        phrase = parsed.phrase_of(token)
        if phrase is not None and OTHER & {parsed.lower(i) for i in range(phrase.first, token)}:
            return True  # "another white vehicle" makes the one before it white too
    return False


def _may_speak_of(parsed: Parsed, sentence: int, nouns: set[str]) -> bool:
    """Whether a sentence names one of the things, or speaks of something that it does not name."""
    words = {token.lower for token in parsed.tokens if token.sentence == sentence}
    return bool(words & _UNTOLD) or any(_is_kin(noun, singular_word(word)) for noun in nouns for word in words)
