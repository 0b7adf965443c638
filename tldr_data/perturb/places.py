"""What a text says of the places of things: which thing a relation places, and whether the place is told of again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice

from tldr_data.perturb.nouns import FRAME, same_thing, singular_word
from tldr_data.perturb.parse import BE, DETERMINERS, PLURAL_PRONOUNS, SINGULAR_PRONOUNS, Parsed, Phrase
from tldr_data.perturb.sites import Site

_FUNCTION_WORDS = frozenset("a an the of to in on at by from with and or is are".split())
_PRONOUNS = (SINGULAR_PRONOUNS | PLURAL_PRONOUNS | frozenset({"one", "both"})) - DETERMINERS
_OWNERS = frozenset("its their his her".split())
_VAGUE = frozenset("area section".split())
_VIEWS = frozenset("view shot photo picture image".split())
_CLAUSE_ENDS = frozenset({",", ";", "(", ")", ":", "while", "but"})


def contradicts_place(parsed: Parsed, site: Site, choice: str, family_of: Mapping[str, frozenset[str]]) -> bool:
    """Whether the place of the same things is told of elsewhere: the new text could be true there, or contradict it.

    In its own clause any other word of the old or new words' families counts, in the rest of the sentence the old and
    new words themselves, and what goes on with the same things. In other sentences a word of the families counts where
    it places one of the same things, or the thing beside which they are placed beside them ("the dog left of the cat
    ... the cat right of the dog"); nor may another sentence name both again ("a cup on a table ... the cup on the
    table").
    """
    old = {parsed.lower(i) for i in range(site.first, site.last + 1)}
    changed = (old ^ set(choice.split(" "))) - _FUNCTION_WORDS
    family = changed.union(*(family_of.get(word, frozenset()) for word in changed))
    ground = ground_nouns(parsed, site.last) - FRAME
    placed = placed_nouns(parsed, site.first, site.last)
    things = placed - ground or placed  # "another dog is to the left of the first dog"
    things = things - _VAGUE or things  # "an area of bushes" is no other area
    if _named_together(parsed, site, things, ground):
        return True
    clause = range(*_clause(parsed, site.first))
    sentence = parsed.tokens[site.first].sentence
    for i, token in enumerate(parsed.tokens):
        if token.lower not in family or site.first <= i <= site.last or _is_particle(parsed, i):
            continue
        if token.sentence == sentence:
            if i in clause or token.lower in changed or _only_places(parsed, i):
                return True
        elif _places(parsed, i, things, ground):
            return True
    return False


def placed_nouns(parsed: Parsed, first: int, last: int) -> frozenset[str]:
    """Head nouns of what the words ``first..last`` may give a place to; the picture and its sides are none.

    Before them the first noun phrase of the sentence after no preposition and the two nearest ones; where none stands
    before them, the first behind the verb or comma, and what it is of. A sentence that begins with a pronoun goes on
    with the things of the one before.
    """
    sentence = parsed.tokens[first].sentence
    if _views(parsed, last):
        return frozenset()
    phrases = [p for p in _phrases_of(parsed, sentence) if _noun(parsed, p) not in FRAME]
    told = _there_is(parsed, first)
    before = [p for p in phrases if told <= p.head < first]
    subjects = (p for p in before if parsed.tag(p.first - 1) != "IN")
    placed = [*islice(subjects, 1), *before[-2:]]
    if not placed:
        begin = _main_clause(parsed, last)
        ground = _ground(parsed, last)
        placed = [p for p in phrases if p.first >= begin and p != ground][:1]
        placed += _owners(parsed, placed)
    nouns = {_noun(parsed, p) for p in placed}
    while sentence > 0 and _goes_on(parsed, sentence):
        sentence -= 1
        nouns.update(_noun(parsed, p) for p in _phrases_of(parsed, sentence))
    return frozenset(nouns) - FRAME


def _there_is(parsed: Parsed, first: int) -> int:
    """Where the words begin that "there is" tells of, or the sentence: "the roof is red and there is a beam on top"."""
    sentence = parsed.tokens[first].sentence
    for i in range(first - 1, -1, -1):
        if parsed.tokens[i].sentence != sentence:
            return i + 1
        if parsed.lower(i) == "there" and parsed.lower(i + 1) in BE:
            return i
    return 0


def _owners(parsed: Parsed, parts: list[Phrase]) -> Iterator[Phrase]:
    """What things are parts of: the views and the land of "squares of brown views of dry land"."""
    part = parts[0] if parts else None
    while part is not None and parsed.lower(part.head + 1) == "of":
        part = parsed.phrase_of(part.head + 2)
        if part is not None:
            yield part


def _views(parsed: Parsed, last: int) -> bool:
    """Whether the picture itself is angled up or down: "an angled down close-up view of a dog" places no dog."""
    for i in range(last + 1, last + 6):
        if parsed.lower(i) in _VIEWS:
            return True
        if parsed.tag(i) in ("IN", "DT", "TO", "") and parsed.lower(i) != "up":
            return False
    return False


def ground_nouns(parsed: Parsed, last: int) -> frozenset[str]:
    """Head noun of what follows a relation that ends at a token, perhaps after "of"; empty where no noun does."""
    phrase = _ground(parsed, last)
    return frozenset() if phrase is None else frozenset({_noun(parsed, phrase)})


def _ground(parsed: Parsed, last: int) -> Phrase | None:
    return parsed.phrase_of(last + 2 if parsed.lower(last + 1) in ("of", "from") else last + 1)


def _named_together(parsed: Parsed, site: Site, things: frozenset[str], ground: frozenset[str]) -> bool:
    if not ground:
        return False
    here = parsed.tokens[site.first].sentence
    return any(
        number != here and _meet(nouns, things) and _meet(nouns, ground)
        for number, nouns in enumerate(_nouns_by_sentence(parsed))
    )


def _places(parsed: Parsed, token: int, things: frozenset[str], ground: frozenset[str]) -> bool:
    """Whether a word of another sentence places the things, or places the ground beside them."""
    phrase = parsed.phrase_of(token)
    if phrase is not None and phrase.head > token and _noun(parsed, phrase) not in FRAME:
        return _meet(frozenset({_noun(parsed, phrase)}), things)  # "the left horse"
    last = token if phrase is None else max(token, phrase.head)
    placed, beside = placed_nouns(parsed, token, last), ground_nouns(parsed, last)
    return _meet(placed, things) or (_meet(placed, ground) and _meet(beside, things))


def _only_places(parsed: Parsed, token: int) -> bool:
    """Whether a clause has named no thing before a word of place: it says more of the things of the clause before."""
    first = _clause(parsed, token)[0]
    before = (parsed.phrase_of(i) for i in range(first, token))
    return all(phrase is None or phrase.head >= token or _noun(parsed, phrase) in FRAME for phrase in before)


def _is_particle(parsed: Parsed, token: int) -> bool:
    """ "Close-up", "made up of", "lies down": no place, but part of another word."""
    if parsed.lower(token) not in ("up", "down"):
        return False
    before = parsed.lower(token - 1)
    return before in ("-", "close", "top", "upside") or parsed.lower(token + 1) in ("-", "of")


def _clause(parsed: Parsed, token: int) -> tuple[int, int]:
    """First token of the clause and the one after its last, as commas show them."""
    sentence = parsed.tokens[token].sentence

    def ends(i: int) -> bool:
        return parsed.tokens[i].sentence != sentence or parsed.lower(i) in _CLAUSE_ENDS

    first, last = token, token
    while first > 0 and not ends(first - 1):
        first -= 1
    while last + 1 < len(parsed.tokens) and not ends(last + 1):
        last += 1
    return first, last + 1


def _main_clause(parsed: Parsed, last: int) -> int:
    """Where the main clause begins that a place stands before: "In front of the shed, two dogs", "is a dog"."""
    sentence = parsed.tokens[last].sentence
    for i in range(last + 1, len(parsed.tokens)):
        if parsed.tokens[i].sentence != sentence:
            break
        if parsed.lower(i) in BE or parsed.lower(i) == ",":
            return i + 1
    return last + 1


def _goes_on(parsed: Parsed, sentence: int) -> bool:
    """Whether a sentence speaks of what the one before spoke of: a pronoun among its first words."""
    words = [token.lower for token in parsed.tokens if token.sentence == sentence][:3]
    return any(word in _PRONOUNS for word in words) or words[0] in _OWNERS


def _nouns_by_sentence(parsed: Parsed) -> list[frozenset[str]]:
    found: list[set[str]] = [set() for _ in range(parsed.tokens[-1].sentence + 1)]
    for phrase in parsed.phrases:
        found[parsed.tokens[phrase.head].sentence].add(_noun(parsed, phrase))
    return [frozenset(nouns) for nouns in found]


def _phrases_of(parsed: Parsed, sentence: int) -> Iterator[Phrase]:
    return (p for p in parsed.phrases if parsed.tokens[p.head].sentence == sentence)


def _noun(parsed: Parsed, phrase: Phrase) -> str:
    return singular_word(parsed.lower(phrase.head))


def _meet(nouns: frozenset[str], others: frozenset[str]) -> bool:
    return any(same_thing(noun, other) for noun in nouns for other in others)
