"""What is not there: "no" for "a", "without" for "with", and back."""

from __future__ import annotations

from collections.abc import Iterator

from tldr_data.objects import UNCOUNTED, kinds_of
from tldr_data.perturb.denial import (
    STOPS,
    clause_end,
    clause_start,
    is_definite,
    is_finite,
    is_lit_otherwise,
    is_missed,
    is_single_sentence,
    is_singular_verb,
    sentence_start,
    subject_of,
)
from tldr_data.perturb.grammar import article, like
from tldr_data.perturb.nouns import FRAME, head_noun, is_plural
from tldr_data.perturb.parse import BE, DETERMINERS, Parsed, Phrase
from tldr_data.perturb.sites import Change, Match, Site, matches
from tldr_data.taxonomy import Subtype

_HAS = frozenset("has have wears wear holds hold carries carry contains contain".split())
_HAVING = frozenset("having wearing holding carrying containing".split())
_ONE = frozenset({"a", "an"})
_QUANTITIES = frozenset("few many several some any all both enough two three four five six".split())
# "No single tree", "no own garden": the denial of these would be odd, or of something else than the thing.
_ODD_AFTER_NO = _QUANTITIES | frozenset(
    "single lone only other another first second third last same different matching own very certain much more most "
    "half such whole solitary additional extra one no not less little slight".split()
)
_POINT_BACK = frozenset("his her their its himself herself itself themselves while".split())
"""They go on about a subject of which there is none ("no goat shakes its bell")."""
_TOLD_OF_AFTER = frozenset("that which who whose where made called named labeled titled of for to and or & as".split())


def absence_sites(parsed: Parsed, subtype: Subtype) -> Iterator[Site]:
    """Words that say that a thing is there or not: an article or number before it, "with", "there are"."""
    for match in matches(parsed, subtype):
        phrase = _thing(parsed, match)
        if phrase is None or not _may_be_missing(parsed, subtype, match, phrase):
            continue
        written = (_written(parsed, match, phrase, other) for other in subtype.exchanges[match.term])
        choices = tuple((change, *_joined(parsed, phrase, change)) for change in written if change is not None)
        if choices:
            yield Site(match.first, match.last, choices, phrase)


def _thing(parsed: Parsed, match: Match) -> Phrase | None:
    """The noun phrase that the words begin, or that follows them at once."""
    inside = parsed.phrase_of(match.last)
    if inside is not None and match.last < inside.head:
        owned = parsed.phrase_of(inside.head + 2) if parsed.tag(inside.head + 1) == "POS" else None
        whole = inside if owned is None else Phrase(inside.first, owned.head, owned.plural)  # "a person's foot"
        return whole if inside.first == match.first else None
    following = parsed.phrase_of(match.last + 1)
    return following if following is not None and following.first == match.last + 1 else None


def _may_be_missing(parsed: Parsed, subtype: Subtype, match: Match, phrase: Phrase) -> bool:
    noun, after = head_noun(parsed, phrase)[1], phrase.head + 1
    if noun in FRAME or noun in subtype.not_heads or noun.split(" ")[-1] in subtype.not_heads:
        return False
    if is_lit_otherwise(parsed, phrase.head, phrase.head):
        return False
    modifiers = range(max(phrase.first, match.last + 1), phrase.head)
    if any(parsed.lower(i) in _ODD_AFTER_NO and i > phrase.first for i in modifiers):
        return False
    if any(parsed.tag(i) in ("RB", "RBS", "JJR", "JJS") for i in modifiers):
        return False
    other = _second_thing(parsed, phrase)
    if other is not None:
        return match.term not in ("no", "without") and not (
            _is_joined(parsed, other.head + 1)
            or parsed.lower(other.head + 1) in _TOLD_OF_AFTER | STOPS - {".", "!"}
            or is_missed(parsed, phrase)
            or is_missed(parsed, other)
        )
    told_of = _TOLD_OF_AFTER - {"that"} if _is_there(parsed, match) and phrase.plural else _TOLD_OF_AFTER
    if parsed.tag(after) == "VBG" and {parsed.lower(match.first), parsed.lower(match.first - 1)} & _HAVING:
        return False  # "holding no plate eating a cake"
    if parsed.lower(after) in told_of or parsed.tag(after) == "POS" or parsed.tag(after) in ("RBR", "JJR"):
        return False
    if parsed.lower(after) in STOPS - {".", "!"} and _is_listed(parsed, after):
        return False
    return not _is_joined(parsed, after) and not is_missed(parsed, phrase)


def _is_there(parsed: Parsed, match: Match) -> bool:
    """Whether "there is" comes right before, or is what was found: "there are no lamps that glow" is good English."""
    return "there" in (parsed.lower(match.first), parsed.lower(match.first - 2))


def _second_thing(parsed: Parsed, phrase: Phrase) -> Phrase | None:
    """The other of two things: "trees and shrubs", "a hat and a scarf"."""
    other = parsed.phrase_of(phrase.head + 2)
    if parsed.lower(phrase.head + 1) != "and" or other is None or other.first != phrase.head + 2:
        return None
    if parsed.lower(other.first) in (DETERMINERS | _ODD_AFTER_NO) - _ONE or parsed.tag(other.first) == "CD":
        return None
    if any(parsed.tag(i) in ("RB", "CC", ",") for i in range(other.first, other.head)):
        return None
    return other if other.plural or parsed.lower(other.first) in _ONE or phrase.head == phrase.first + 1 else None


def _joined(parsed: Parsed, phrase: Phrase, change: Change) -> tuple[Change, ...]:
    """What a second thing asks for behind a denial: "no trees or shrubs", "no hat and no scarf"."""
    other = _second_thing(parsed, phrase)
    if other is None:
        return ()
    article, conjunction = parsed.tokens[other.first], parsed.tokens[phrase.head + 1]
    if article.lower in _ONE and change.replacement.strip().lower() == "no":
        return (Change(article.start, article.end, "no"),)
    return (Change(conjunction.start, conjunction.end, "or", True),)


def _is_listed(parsed: Parsed, mark: int) -> bool:
    """ "With a bed, a lamp and a chair": whether the denial goes on to the rest of a list cannot be told."""
    if parsed.lower(mark) != ",":
        return True
    return parsed.phrase_of(mark + 1) is not None or parsed.tag(mark + 1) in ("VBG", "VBN", "CC", "JJ")


def _is_joined(parsed: Parsed, first: int) -> bool:
    """Whether "and" with another thing follows in the clause ("no dog in a chair and a cat")."""
    i = first
    while i < len(parsed.tokens) and parsed.lower(i) not in STOPS:
        if parsed.lower(i) in ("and", "or", "&") and parsed.phrase_of(i + 1) is not None:
            return True
        i += 1
    return False


def _written(parsed: Parsed, match: Match, phrase: Phrase, other: str) -> Change | None:
    start, end = parsed.tokens[match.first].start, parsed.tokens[match.last].end
    change = Change(start, end, like(parsed.tokens[match.first].text, other))
    if {match.term, other} == {"with", "without"}:
        return change if _may_lose_with(parsed, match.first, phrase) else None
    if other == f"{match.term} no":
        bare = parsed.lower(phrase.first) not in DETERMINERS | _QUANTITIES and parsed.tag(phrase.first) != "CD"
        return Change(end, end, " no") if bare and _has_or_is(parsed, match.last) else None
    if not _has_or_is(parsed, match.first - 1) and not _is_told_first(parsed, match.first, phrase):
        return None
    if match.term == "no" and not _agrees(parsed, phrase, match.last + 1, other):
        return None
    return change


def _agrees(parsed: Parsed, phrase: Phrase, following: int, other: str) -> bool:
    """Whether an article or number goes with the noun in the form that it has after "no"."""
    noun = head_noun(parsed, phrase)[1]
    if is_plural(parsed, phrase, noun):
        return other not in _ONE
    if noun not in kinds_of() or noun in UNCOUNTED:
        return False
    return other in _ONE and article(parsed.lower(following)) == other


def _has_or_is(parsed: Parsed, governor: int) -> bool:
    """Whether a word says that what follows is there: "there is", "has", "wearing", "with"."""
    word = parsed.lower(governor)
    if word in BE:
        return parsed.lower(governor - 1) == "there" or _is_inverted(parsed, governor)
    if word in _HAS:
        return subject_of(parsed, governor) is not None
    if word in _HAVING:
        return _belongs(parsed, governor) or parsed.lower(governor - 1) in BE
    return word == "with" and _belongs(parsed, governor)


def _is_inverted(parsed: Parsed, verb: int) -> bool:
    """ "Behind the shed is a cart": a place and no subject stand before the verb."""
    start = clause_start(parsed, verb)
    start += parsed.lower(start) == "and"
    if parsed.tag(start) not in ("IN", "TO"):
        return False
    phrases = [p for p in parsed.phrases if start < p.head < verb]
    return bool(phrases) and all(parsed.tag(p.first - 1) in ("IN", "TO") for p in phrases)


def _belongs(parsed: Parsed, token: int) -> bool:
    """Whether "with" or "wearing" tells of the noun before it, and not of which one of several is meant."""
    before = {parsed.lower(i) for i in range(sentence_start(parsed, token), token)}
    if before & {"one", "another", "other", "some", "both", "each"}:
        return False
    if parsed.lower(token - 1) == ",":
        return True  # "the cup is full, with a spoon beside it"
    holder = parsed.phrase_of(token - 1)
    return holder is not None and holder.head == token - 1 and not is_definite(parsed, holder.head)


def _may_lose_with(parsed: Parsed, preposition: int, phrase: Phrase) -> bool:
    """ "A man with a hat" -> "without a hat"; not "with two hats", nor "with people walking"."""
    first = parsed.lower(phrase.first)
    if parsed.tag(phrase.first) in ("CD", "PRP$") or (first in DETERMINERS | _QUANTITIES and first not in _ONE):
        return False
    if parsed.lower(preposition - 1) in ("color", "colour"):
        return False  # "a tan color with a white stripe"
    return _belongs(parsed, preposition) and parsed.tag(phrase.head + 1) not in ("VBG", "VBN", "VBD", "JJ")


def _is_told_first(parsed: Parsed, first: int, phrase: Phrase) -> bool:
    """ "A sign on the wall is visible." -> "No sign on the wall is visible.": the subject at the head of a clause."""
    start, end = sentence_start(parsed, first), clause_end(parsed, first)
    if parsed.tokens[first].sentence == 0 and not is_single_sentence(parsed):
        return False  # what a text begins with is what it goes on about
    if clause_start(parsed, first) != first or not (first == start or parsed.tag(start) in ("IN", "TO")):
        return False
    verb = next((i for i in range(phrase.head + 1, end) if is_finite(parsed, i)), None)
    if verb is None or any(parsed.lower(i) in ("and", "while", "as") for i in range(phrase.head + 1, verb)):
        return False
    if _POINT_BACK & {t.lower for t in parsed.tokens[phrase.head :] if t.sentence == parsed.tokens[first].sentence}:
        return False
    if parsed.lower(verb) in BE and parsed.tag(verb + 1) in ("RB", "DT", "NN", "CD"):
        return False
    if parsed.lower(verb + 1) == "going" and parsed.lower(verb + 2) == "to":
        return False  # what is only going to happen is not to be seen
    # "a pair of dogs is": the dogs would not agree with it
    return phrase.first == first or not is_singular_verb(parsed, verb)
