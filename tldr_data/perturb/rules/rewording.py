"""Edits that keep the meaning: another name, the inverse relation with its two things exchanged, another order, the
passive voice."""

from __future__ import annotations

from collections.abc import Iterator

from tldr_data.perturb.grammar import like, plural, singular_verb
from tldr_data.perturb.nouns import head_noun, is_plural, is_wanted
from tldr_data.perturb.parse import DETERMINERS, PLURAL_PRONOUNS, SINGULAR_PRONOUNS, Parsed, Phrase
from tldr_data.perturb.sites import Change, Site, matches
from tldr_data.taxonomy import Subtype

_PRONOUNS = SINGULAR_PRONOUNS | PLURAL_PRONOUNS | frozenset("one ones other others both each which that who".split())
_JOINTS = frozenset("and or but while as that which who where with , ; : ( ) -".split())
"""After these a sentence says something more: what is said of what, a rule cannot tell."""
_OPENERS = DETERMINERS | frozenset("there two three four five six seven eight nine ten several many".split())


def name_sites(parsed: Parsed, subtype: Subtype) -> Iterator[Site]:
    """Nouns that head a noun phrase, for another name of the same thing."""
    for phrase in parsed.phrases:
        first, noun = head_noun(parsed, phrase)
        names = subtype.exchanges.get(noun)
        if not names or not is_wanted(parsed, subtype, phrase) or _in_compound(parsed, phrase, first):
            continue
        yield Site(first, phrase.head, tuple(map(plural, names)) if is_plural(parsed, phrase, noun) else names, phrase)


def inverse_sites(parsed: Parsed, subtype: Subtype) -> Iterator[Site]:
    """Whole sentences of the form "A is to the left of B."."""
    for match in matches(parsed, subtype):
        one, two = parsed.phrase_of(match.first - 2), parsed.phrase_of(match.last + 1)
        if one is None or two is None or parsed.lower(match.first - 1) not in ("is", "are"):
            continue
        if one.head != match.first - 2 or two.first != match.last + 1 or not _is_whole(parsed, one, two):
            continue
        relation = subtype.exchanges[match.term][0]
        yield _exchanged(parsed, one, two, "are" if two.plural else "is", relation, match.first - 1)


def voice_sites(parsed: Parsed, subtype: Subtype) -> Iterator[Site]:
    """Whole sentences of the form "A holds B." or "A is holding B."; rows are base form, -ing form, participle."""
    for base, going, done in subtype.groups:
        forms = {base, singular_verb(base)}
        if parsed.vocabulary.isdisjoint((going, *forms)):
            continue
        for at, token in enumerate(parsed.tokens):
            lasting = token.lower == going and parsed.lower(at - 1) in ("is", "are")
            if not lasting and token.lower not in forms:
                continue
            verb = at - 1 if lasting else at
            one, two = parsed.phrase_of(verb - 1), parsed.phrase_of(at + 1)
            if one is None or two is None or one.head != verb - 1 or two.first != at + 1:
                continue
            if one.plural is not (parsed.lower(verb) in ("are", base)) or not _is_whole(parsed, one, two):
                continue
            be = "are" if two.plural else "is"
            yield _exchanged(parsed, one, two, be, f"being {done} by" if lasting else f"{done} by", verb)


def order_sites(parsed: Parsed, subtype: Subtype) -> Iterator[Site]:
    """A place at the beginning of a sentence for the same at its end: "In the background, a tree stands."."""
    for place in sorted(subtype.markers):
        words = place.split(" ")
        if not parsed.vocabulary.issuperset(words):
            continue
        for first, token in enumerate(parsed.tokens):
            last = first + len(words) - 1
            if token.lower != words[0] or [parsed.lower(i) for i in range(first, last + 1)] != words:
                continue
            if _opens(parsed, first) and parsed.lower(last + 1) == "," and parsed.lower(last + 2) in _OPENERS:
                end = _sentence_end(parsed, last + 2)
                if end is not None and not _has_joint(parsed, last + 2, end):
                    yield Site(first, last, (_moved_back(parsed, first, last, end, place),), None)


def _in_compound(parsed: Parsed, phrase: Phrase, first: int) -> bool:
    """Whether the noun is part of a longer name, or an amount ("a bike rack", "a couch of stone")."""
    return (first > phrase.first and parsed.tag(first - 1).startswith("NN")) or parsed.lower(phrase.head + 1) == "of"


def _is_whole(parsed: Parsed, one: Phrase, two: Phrase) -> bool:
    """Whether a sentence is nothing but two noun phrases and what is between them, and no pronoun follows on it."""
    ends = parsed.lower(two.head + 1) in (".", "")
    names = [i for phrase in (one, two) for i in range(phrase.first, phrase.head + 1)]
    plain = all(parsed.tokens[i].text.islower() or i == one.first for i in names)
    opens = _opens(parsed, one.first) and parsed.lower(one.first) in _OPENERS - {"there", "no", "every", "each"}
    return opens and ends and plain and parsed.lower(two.head + 2) not in _PRONOUNS


def _opens(parsed: Parsed, token: int) -> bool:
    return token == 0 or parsed.tokens[token - 1].sentence != parsed.tokens[token].sentence


def _exchanged(parsed: Parsed, one: Phrase, two: Phrase, be: str, relation: str, verb: int) -> Site:
    """The sentence with its two things exchanged, and the words between them written anew."""
    first, last = parsed.tokens[one.first], parsed.tokens[two.head]
    subject = parsed.text[parsed.tokens[two.first].start : last.end]
    thing = parsed.text[first.start : parsed.tokens[one.head].end]
    changes = (
        Change(first.start, parsed.tokens[one.head].end, like(first.text, subject)),
        Change(parsed.tokens[verb].start, parsed.tokens[two.first - 1].end, f"{be} {relation}"),
        Change(parsed.tokens[two.first].start, last.end, thing[:1].lower() + thing[1:]),
    )
    return Site(one.first, two.head, (changes,), None)


def _sentence_end(parsed: Parsed, token: int) -> int | None:
    """The full stop that ends a token's sentence, if one does."""
    sentence = parsed.tokens[token].sentence
    last = max(i for i, other in enumerate(parsed.tokens) if other.sentence == sentence)
    return last if parsed.lower(last) == "." else None


def _has_joint(parsed: Parsed, first: int, end: int) -> bool:
    return any(parsed.lower(i) in _JOINTS or parsed.tokens[i].quoted for i in range(first, end))


def _moved_back(parsed: Parsed, first: int, last: int, end: int, place: str) -> tuple[Change, ...]:
    opener, stop = parsed.tokens[last + 2], parsed.tokens[end].start
    return (
        Change(parsed.tokens[first].start, opener.end, opener.text[:1].upper() + opener.text[1:]),
        Change(stop, stop, f" {place}"),
    )
