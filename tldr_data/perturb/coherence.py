"""Sites that must be left alone, and choices that the rest of the text already makes true or contradicts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache

from tldr_data.perturb.mentions import singulars
from tldr_data.perturb.nouns import MARKS, OTHER, is_lost_in_marks, same_thing, singular_word
from tldr_data.perturb.parse import PLURAL_PRONOUNS, SINGULAR_PRONOUNS, Parsed, Phrase
from tldr_data.perturb.places import contradicts_place
from tldr_data.perturb.sites import Site
from tldr_data.taxonomy import Subtype

_HUES = frozenset("color colour hue shade tint tone".split())
_LONGEST_IDIOM = 3
_JOINING = frozenset("-/'’#$&")
_FUNCTION_WORDS = frozenset("a an the of to in on at by from with and or is are".split())


def is_protected(parsed: Parsed, site: Site, idioms: tuple[str, ...]) -> bool:
    """Whether a site is quoted text, part of a name or a hyphenated word, or inside an idiom."""
    tokens = parsed.tokens[site.first : site.last + 1]
    for i, token in enumerate(tokens, site.first):
        if token.quoted or (token.text[:1].isupper() and not _opens_sentence(parsed, i)):
            return True
    start, end = tokens[0].start, tokens[-1].end
    if not _JOINING.isdisjoint(parsed.text[max(start - 1, 0) : start] + parsed.text[end : end + 1]):
        return True
    said, known = parsed.vocabulary.issuperset, _idioms_with(idioms).get(tokens[0].lower, ())
    return any(said(idiom[:-1]) and _idiom_covers(parsed, site, idiom) for idiom in known)


def makes_idiom(parsed: Parsed, site: Site, choice: str, idioms: tuple[str, ...]) -> bool:
    """Whether a choice would stand inside an idiom where it is written: a "red oak" need not be red."""
    words = choice.split(" ")
    before = parsed.lowers[max(site.first - _LONGEST_IDIOM, 0) : site.first]
    line = [*before, *words, *parsed.lowers[site.last + 1 : site.last + 1 + _LONGEST_IDIOM]]
    span = range(len(before), len(before) + len(words))
    known = _idioms_with(idioms)
    return any(_stands_at(line, i, idiom) for i in span for idiom in known.get(line[i], ()))


def _opens_sentence(parsed: Parsed, token: int) -> bool:
    before = token - 1
    while before >= 0 and parsed.tokens[before].text in ('"', "”"):
        before -= 1  # a quotation that ends with its stop: 'It reads "STOP." To the left, ...'
    return before < 0 or parsed.tokens[before].sentence != parsed.tokens[token].sentence


@cache
def _idioms_with(idioms: tuple[str, ...]) -> dict[str, tuple[tuple[str, ...], ...]]:
    """Word -> the idioms that hold it, as word tuples."""
    found: dict[str, set[tuple[str, ...]]] = {}
    for words in (tuple(idiom.split(" ")) for idiom in idioms):
        for word in words:
            found.setdefault(word, set()).add(words)
    return {word: tuple(sorted(holding)) for word, holding in found.items()}


def _idiom_covers(parsed: Parsed, site: Site, idiom: tuple[str, ...]) -> bool:
    """Whether the idiom stands in the text around the site. Its last word may be in the plural."""
    return _stands_at(parsed.lowers, site.first, idiom)


def _stands_at(words: Sequence[str], token: int, idiom: tuple[str, ...]) -> bool:
    for begin in (token - offset for offset, word in enumerate(idiom) if word == words[token]):
        found = tuple(words[max(begin, 0) : begin + len(idiom)])
        if found[:-1] == idiom[:-1] and idiom[-1] in (found[-1], singular_word(found[-1])):
            return True
    return False


def is_excluded(parsed: Parsed, site: Site, subtype: Subtype) -> bool:
    """Whether the sentence holds a word of ``unless``, or (``once``) the replaced words stand elsewhere too."""
    here = parsed.tokens[site.first].sentence
    is_barred = not parsed.vocabulary.isdisjoint(subtype.unless)
    if is_barred and any(t.sentence == here and t.lower in subtype.unless for t in parsed.tokens):
        return True
    if not subtype.once:
        return False
    old = {parsed.lower(i) for i in range(site.first, site.last + 1)} - _FUNCTION_WORDS
    return any(t.lower in old for i, t in enumerate(parsed.tokens) if not site.first <= i <= site.last)


def is_told_again(parsed: Parsed, site: Site) -> bool:
    """Whether the text names a thing of the site more than once."""
    for place in (site, *site.also):
        near = (place.first - 2, place.first - 1, place.first, place.last + 1)
        phrases = {place.phrase, *map(parsed.phrase_of, near)} - {None}
        words = singulars(parsed)
        if any(words.count(words[phrase.head]) > 1 for phrase in phrases if phrase is not None):
            return True
    return False


def contradicts_elsewhere(parsed: Parsed, site: Site, choice: str, family_of: Mapping[str, frozenset[str]]) -> bool:
    """Whether the text, somewhere else, says the new words of the same thing, or the old ones or their family again.

    In the first case the new text may be true; in the others it may contradict itself and be told false without the
    image.
    """
    if site.phrase is None:
        return contradicts_place(parsed, site, choice, family_of)
    old = set(parsed.lowers[site.first : site.last + 1]) - _FUNCTION_WORDS
    new = set(choice.split(" ")) - _FUNCTION_WORDS
    old, new = old - new, new - old
    if is_lost_in_marks(parsed, site.first, site.phrase, choice.split(" ")[-1], frozenset()):
        return True
    things = frozenset({singular_word(parsed.lower(site.phrase.head))})
    renamed = site.last == site.phrase.head
    if renamed:
        new = {singular_word(word) for word in new}
    family = frozenset[str]().union(*(family_of[word] for word in old | new if word in family_of))
    sentence = parsed.tokens[site.first].sentence
    for i, (token, word) in enumerate(zip(parsed.tokens, singulars(parsed), strict=True)):
        if site.first <= i <= site.last:
            continue
        if not renamed and word not in new and token.lower not in old and token.lower not in family:
            continue
        if renamed and any(same_thing(word, noun) for noun in new):
            return True
        if word in new and token.sentence == sentence:
            return True
        if (token.lower in old or word in new) and _speaks_of(parsed, i, things, site):
            return True
        if word in new and _marks(parsed, i, things):
            return True  # "the white poster ... the poster has black text"
        if token.lower in old and (parsed.phrase_of(i) is None or _is_another(parsed, i)):
            return True  # "a green floor ... the place where it lies is green"
        if token.lower in family and abs(token.sentence - sentence) <= 1 and _bears_on(parsed, i, things, site):
            return True
    return False


def _bears_on(parsed: Parsed, token: int, things: frozenset[str], site: Site) -> bool:
    """Whether a word of the family, in this sentence or the next, is said of the same things."""
    phrase = parsed.phrase_of(token)
    if phrase is not None and phrase.head > token:
        return _names(parsed, token, phrase, things)
    if parsed.tokens[token].sentence == parsed.tokens[site.first].sentence:
        return True
    return _speaks_of(parsed, token, things, site)


def _names(parsed: Parsed, token: int, phrase: Phrase, things: frozenset[str]) -> bool:
    """Whether a phrase names a thing after a word: "the tall tree", and "the tall tree trunk" speaks of the tree too.

    "The sky has a whitish tint" says of the sky what it says of the tint.
    """
    span = range(token + 1, phrase.head + 1)
    if parsed.lower(phrase.head) in _HUES:
        first = next(i for i, t in enumerate(parsed.tokens) if t.sentence == parsed.tokens[token].sentence)
        span = range(first, phrase.head)
    return any(singular_word(parsed.lower(i)) in things for i in span)


def _marks(parsed: Parsed, token: int, things: frozenset[str]) -> bool:
    """Whether a word is said of the writing or markings in a sentence on the things."""
    phrase = parsed.phrase_of(token)
    if phrase is None or singular_word(parsed.lower(phrase.head)) not in MARKS or MARKS & things:
        return False
    sentence = parsed.tokens[token].sentence
    words = {singular_word(t.lower) for t in parsed.tokens if t.sentence == sentence}
    return bool(words & things) or bool(words & SINGULAR_PRONOUNS)


def _is_another(parsed: Parsed, token: int) -> bool:
    """ "Another white vehicle" makes the one before it white too."""
    phrase = parsed.phrase_of(token)
    return phrase is not None and any(parsed.lower(i) in OTHER for i in range(phrase.first, token))


def _speaks_of(parsed: Parsed, token: int, things: frozenset[str], site: Site) -> bool:
    """Whether a word elsewhere is said of one of the things: in their phrase, or in another sentence on them."""
    phrase = parsed.phrase_of(token)
    if phrase is not None and phrase.head > token:
        return _names(parsed, token, phrase, things)
    sentence = parsed.tokens[token].sentence
    if sentence == parsed.tokens[site.first].sentence:
        return False
    words = {singular_word(t.lower) for t in parsed.tokens if t.sentence == sentence}
    return bool(words & things) or bool(words & (SINGULAR_PRONOUNS | PLURAL_PRONOUNS))
