"""Relations between two things, and places in the picture."""

from __future__ import annotations

from collections.abc import Iterator

from tldr_data.perturb.nouns import FRAME, SEEN, singular
from tldr_data.perturb.parse import BE, DETERMINERS, Parsed, Phrase
from tldr_data.perturb.places import ground_nouns, placed_nouns
from tldr_data.perturb.sites import Match, Site, matches
from tldr_data.taxonomy import Subtype

_PRONOUNS = frozenset("it them him her".split())
_HAVING = frozenset("with has have having".split())
_LONGEST_CLAUSE = 10
"""Tokens between "with" and its pronoun ("a table with a cup of hot coffee on it")."""
_CLAUSE_ENDS = frozenset(("", ".", ",", ";", "and", "while", "with"))
_COMPARED = frozenset(("same", "other", "opposite"))
_UPON = frozenset(("on", "on top of", "atop"))
_BESIDE = frozenset(("next to", "beside"))
_PARTS = frozenset("branch limb twig rock stone step stair leaf wire pole".split())
"""Of these the whole has many: a bird on one branch is next to another."""
_JOINS = frozenset(("and", "or", "&", "/"))
_MEMBERS = frozenset("one another some several others each most many".split())
"""Of several things told of before: what another member's place is, nobody says."""


def relation_sites(parsed: Parsed, subtype: Subtype) -> Iterator[Site]:
    """Prepositions between two things: what follows at once is a noun phrase ("above the door") or stands for one."""
    for match in matches(parsed, subtype):
        before = parsed.lower(match.first - 1)
        if before in DETERMINERS or (before in _JOINS and parsed.tag(match.first - 2) == "IN"):
            continue  # "the inside of the box" is a part, "in and near the water" two relations
        if before == "side":
            continue  # "side by side in a field"
        ground = _ground(parsed, match)
        if ground is None:
            if subtype.heads or parsed.lower(match.last + 1) not in _PRONOUNS:
                continue
        elif not _is_ground(parsed, subtype, ground) or _has_anchor(parsed, match, ground):
            continue
        if not _is_barred(parsed, subtype, match, ground):
            never = {*_UPON} if _is_held(parsed, match) else set[str]()
            if match.term in _UPON and ground is not None and _is_one_of_many(parsed, ground):
                never |= _BESIDE
            choices = tuple(c for c in subtype.exchanges[match.term] if c not in never)
            yield Site(match.first, match.last, choices, None)


def _is_one_of_many(parsed: Parsed, ground: Phrase) -> bool:
    """Whether there are more such things, beside which all that is on one of them is: "a branch", one of two plates."""
    head = parsed.lower(ground.head)
    if parsed.lower(ground.first) not in ("a", "an", "one", "another") or ground.plural:
        return False
    return head in _PARTS or head == "one" or f"{head}s" in parsed.vocabulary


def _is_held(parsed: Parsed, match: Match) -> bool:
    """Whether it is said right before what the thing is on: "on the ground next to a bench"."""
    phrase = parsed.phrase_of(match.first - 1)
    return phrase is not None and parsed.lower(phrase.first - 1) == "on"


def _ground(parsed: Parsed, match: Match) -> Phrase | None:
    """The noun phrase right after a relation, or what a pronoun there stands for."""
    after = match.last + 1
    if parsed.lower(after) in _PRONOUNS:
        return _antecedent(parsed, after)
    phrase = parsed.phrase_of(after)
    counted = phrase is not None and phrase.first == after and (phrase.plural or _is_counted(parsed, phrase))
    return phrase if counted else None


def _is_ground(parsed: Parsed, subtype: Subtype, ground: Phrase) -> bool:
    head = singular(parsed, ground)
    if any(parsed.lower(i) in _COMPARED for i in range(ground.first, ground.head)):
        return False  # "in the same pot as the noodles"
    if not subtype.heads:
        return head not in subtype.not_heads and head not in FRAME
    return head in subtype.heads and parsed.lower(ground.head + 1) not in ("of", *_JOINS)


def _is_counted(parsed: Parsed, phrase: Phrase) -> bool:
    """Whether a noun in the singular is one thing ("the bed") and no idiom or stuff ("in bed", "on grass")."""
    return parsed.lower(phrase.first) in DETERMINERS or parsed.tag(phrase.first) in ("PRP$", "CD")


def _antecedent(parsed: Parsed, pronoun: int) -> Phrase | None:
    """What a pronoun stands for, where that is plain: "a table" of "a table with a cup on it"."""
    sentence = parsed.tokens[pronoun].sentence
    for i in range(pronoun - 1, max(pronoun - _LONGEST_CLAUSE, 0), -1):
        if parsed.tokens[i].sentence != sentence:
            return None
        if parsed.lower(i) in _HAVING:
            phrase = parsed.phrase_of(i - 2 if parsed.lower(i - 1) in ("that", "which") else i - 1)
            if phrase is not None:
                alone = parsed.tag(phrase.first - 1) != "IN" or parsed.lower(phrase.first - 1) == "at"
                return phrase if alone else None  # "a vase in a room with a rose in it"
    return None


def place_sites(parsed: Parsed, subtype: Subtype) -> Iterator[Site]:
    """Where in the picture something is, or which way it faces: "on the left", "in the background"."""
    for match in matches(parsed, subtype):
        if not _is_barred(parsed, subtype, match) and not ground_nouns(parsed, match.last) & set(subtype.not_heads):
            yield Site(match.first, match.last, subtype.exchanges[match.term], None)


def adverb_sites(parsed: Parsed, subtype: Subtype) -> Iterator[Site]:
    """Places that end their clause or open it: "candles on top", "in the middle is a vase", not "on top of a table"."""
    for match in matches(parsed, subtype):
        following = parsed.lower(match.last + 1)
        ends = following in (BE if _opens(parsed, match.first) else _CLAUSE_ENDS)
        if ends and not _is_barred(parsed, subtype, match):
            yield Site(match.first, match.last, subtype.exchanges[match.term], None)


def _has_anchor(parsed: Parsed, match: Match, ground: Phrase) -> bool:
    """Whether an opening place goes on with another: "Below the window on the roots are two stars"."""
    return _opens(parsed, match.first) and parsed.lower(ground.head + 1) in ("on", "at", "in")


def _opens(parsed: Parsed, token: int) -> bool:
    return token == 0 or parsed.tokens[token - 1].sentence != parsed.tokens[token].sentence


def _is_member(parsed: Parsed, first: int) -> bool:
    """Whether the clause speaks of one of several: "another is on the right", where a third may be on the left."""
    sentence = parsed.tokens[first].sentence
    for i in range(first - 1, -1, -1):
        if parsed.tokens[i].sentence != sentence or parsed.lower(i) in (",", ";"):
            return False
        if parsed.lower(i) in _MEMBERS and (parsed.lower(i + 1) == "of" or parsed.tag(i + 1).startswith("V")):
            return True
    return False


def _is_of_deed(parsed: Parsed, first: int) -> bool:
    """Whether a place is that of something to be done: "ready to be eaten on the table" may lie anywhere now."""
    if not parsed.tag(first - 1).startswith("V") or parsed.lower(first - 1) in SEEN:
        return False
    before = parsed.lower(first - 2)
    return before in ("to", "being") or (before == "be" and parsed.lower(first - 3) == "to")


def _is_barred(parsed: Parsed, subtype: Subtype, match: Match, ground: Phrase | None = None) -> bool:
    """Whether what is placed is a thing that the subtype leaves alone ("a shadow on the left" follows the sun)."""
    if _is_member(parsed, match.first) or _is_of_deed(parsed, match.first):
        return True
    barred = set(subtype.not_placed)
    if not barred:
        return False
    alone = (i for i in range(match.first) if parsed.lower(i) in barred and parsed.phrase_of(i) is None)
    sentence = parsed.tokens[match.first].sentence
    if any(parsed.tokens[i].sentence == sentence for i in alone):
        return True  # a noun that was taken for something else: "a light shines from the left"
    if ground is not None:
        barred.discard(singular(parsed, ground))  # "a table with a lamp on it"
    return bool(placed_nouns(parsed, match.first, match.last) & barred)
