"""What a changed count does to the rest of the text: the noun, the verb, the article.

Where the grammar cannot be repaired for certain, the site is given up: a text that is wrong English is a shortcut.
"""

from __future__ import annotations

from tldr_data.english import english
from tldr_data.objects import kinds_of
from tldr_data.perturb.grammar import like, plural, plural_verb, singular_verb
from tldr_data.perturb.nouns import head_noun, singular_word
from tldr_data.perturb.parse import Parsed, Phrase
from tldr_data.perturb.recount import CLAUSE, ONE, may_recount, rest_of_clause
from tldr_data.perturb.sites import Change, Site

_RELATIVE = frozenset({"that", "which", "who"})
_BE = frozenset({"is", "are", "was", "were", "'s"})
_SURE = frozenset({"is", "are", "was", "were", "has"})
"""Finite verbs whatever stands before them ("a person in red is skiing")."""


def count_changes(parsed: Parsed, site: Site, choice: str) -> list[Change] | None:
    """The words that a new count changes beside the number itself, or None where that cannot be told."""
    phrase = site.phrase
    if phrase is None:
        return []
    was_one, is_one = _number(parsed, site) in ONE, choice in ONE
    if phrase.plural == was_one or not may_recount(parsed, site, phrase, choice):
        return None
    if site.last < phrase.first and not choice.endswith(" of") and _agrees_with_set(parsed, site, phrase):
        return None
    if was_one == is_one:
        return []
    form = _noun_change(parsed, phrase, was_one)
    verbs = _verb_changes(parsed, site, phrase, was_one)
    return None if form is None or verbs is None else [form, *verbs]


def _number(parsed: Parsed, site: Site) -> str:
    return " ".join(parsed.lower(i) for i in range(site.first, site.last + 1))


def _agrees_with_set(parsed: Parsed, site: Site, phrase: Phrase) -> bool:
    """ "A pair of ducks swims", "there is a pair of ducks": the verb is the pair's, not the ducks'."""
    before = parsed.lower(_before(parsed, site))
    return before in ("is", "was", "'s") or bool(_finite_verbs(parsed, phrase, True))


def _noun_change(parsed: Parsed, phrase: Phrase, was_one: bool) -> Change | None:
    """The head noun in its other number; None where that cannot be told."""
    first, noun = head_noun(parsed, phrase)
    form = _plural_of(noun) if was_one else _singular_of(noun, parsed.lower(phrase.head))
    if form is None:
        return None
    start, end = parsed.tokens[first].start, parsed.tokens[phrase.head].end
    old = parsed.text[start:end]
    if old[1:] != old[1:].lower() and not old.isupper():
        return None  # "Christmas Tree" is written as a name
    short = old.isupper() and len(old) < 4 and form.startswith(old.lower())  # "TV", "TVs"
    return Change(start, end, old + form[len(old) :] if short else like(old, form), True)


def _plural_of(noun: str) -> str | None:
    form = plural(noun)
    return form if form != noun else None


def _singular_of(noun: str, word: str) -> str | None:
    """The lexicon's singular; of other nouns the one that two ways of taking the ending off agree on."""
    if noun in kinds_of():
        return noun
    form = str(english().inflect.singularize(word))
    irregular = word.endswith(("ies", "ches", "shes", "xes", "sses")) or not word.endswith("s")
    sure = form != word and plural(form) == word and (irregular or form == singular_word(word))
    return form if sure else None


def _before(parsed: Parsed, site: Site) -> int:
    """The token before the number, adverbs left out: "there is also a dog"."""
    token = site.first - 1
    while parsed.tag(token) == "RB":
        token -= 1
    return token


def _verb_changes(parsed: Parsed, site: Site, phrase: Phrase, was_one: bool) -> list[Change] | None:
    """The finite verbs that agree with the phrase, in its new number; None where it cannot be told which do."""
    before = _before(parsed, site)
    joined = parsed.lower(phrase.head + 1) in ("and", "or", "&", ",") and _opens_phrase(parsed, phrase.head + 2)
    if _is_subject(parsed, site) or (was_one and _opens_clause(parsed, site, phrase)):
        verbs = _subject_verbs(parsed, phrase, was_one, joined)
    elif was_one and parsed.lower(before) in ("are", "were"):
        verbs = []  # "in the box are a ball and a doll"
    elif parsed.lower(before) in _BE:
        inverted = _inverted(parsed, before) and (was_one or not joined)
        verbs = [before, *_relative_verb(parsed, phrase, was_one)] if inverted else None  # "the animal is a dog"
    elif _is_finite(parsed, before, was_one) and _only_places_before(parsed, before):
        verbs = None if not was_one and joined else [before]  # "in the box sits a cat"
    elif parsed.tag(before).startswith(("IN", "TO", "VB")) or parsed.lower(before) in ("with", "of"):
        verbs = _relative_verb(parsed, phrase, was_one)
    else:
        verbs = None if _finite_verbs(parsed, phrase, was_one) or _hidden_verb(parsed, phrase) else []
    if verbs is None or any(_more_verbs(parsed, verb) for verb in verbs):
        return None
    changes = [_verb_change(parsed, verb, was_one) for verb in verbs]
    return None if None in changes else [change for change in changes if change is not None]


def _opens_phrase(parsed: Parsed, token: int) -> bool:
    phrase = parsed.phrase_of(token)
    return phrase is not None and phrase.first == token


def _subject_verbs(parsed: Parsed, phrase: Phrase, was_one: bool, joined: bool) -> list[int] | None:
    if joined and parsed.lower(phrase.head + 1) != ",":
        return []  # "a dog and a cat are": the verb is plural with one dog or two
    verbs = _finite_verbs(parsed, phrase, was_one)
    return None if joined or len(verbs) > 1 or (not verbs and _hidden_verb(parsed, phrase)) else verbs


def _is_subject(parsed: Parsed, site: Site) -> bool:
    """The number opens a clause: the sentence, "while a dog ...", "in the background, a dog ..."."""
    before = site.first - 1
    sentence = parsed.tokens[site.first].sentence
    if before < 0 or parsed.tokens[before].sentence != sentence or parsed.lower(before) in CLAUSE:
        return True
    first = _first_of(parsed, sentence)
    verbs = (i for i in range(first, before) if parsed.tag(i) in ("VBZ", "VBP", "VBD") or parsed.lower(i) in _BE)
    return parsed.lower(before) == "," and parsed.tag(first) == "IN" and next(verbs, None) is None


def _opens_clause(parsed: Parsed, site: Site, phrase: Phrase) -> bool:
    """ "A cat sleeps, and a dog is awake": were the dog the last of a list, the verb would be "are"."""
    return parsed.lower(site.first - 1) == "and" and parsed.lower(phrase.head + 1) in ("is", "was", "has")


def _first_of(parsed: Parsed, sentence: int) -> int:
    return next(i for i, token in enumerate(parsed.tokens) if token.sentence == sentence)


def _inverted(parsed: Parsed, verb: int) -> bool:
    """ "There is a dog", "On the table is a dog": the verb before the noun agrees with it."""
    if parsed.lower(verb - 1) in ("there", "here"):
        return True
    first = _first_of(parsed, parsed.tokens[verb].sentence)
    if parsed.lower(first).endswith("ly"):
        return True  # "Partially visible is": the tagger takes it for a name
    return parsed.phrase_of(first) is None and parsed.tag(first) in ("IN", "TO", "RB", "JJ", "VBG", "VBN")


def _only_places_before(parsed: Parsed, verb: int) -> bool:
    """Whether a sentence has told only where, not who, when its verb comes: "on the bench sits"."""
    first = _first_of(parsed, parsed.tokens[verb].sentence)
    phrases = [p for p in parsed.phrases if first <= p.first < verb]
    return parsed.tag(first) == "IN" and all(parsed.tag(p.first - 1) in ("IN", "TO") for p in phrases)


def _is_finite(parsed: Parsed, token: int, was_one: bool) -> bool:
    """Whether a token is a finite verb of the old number."""
    if was_one:
        return parsed.tag(token) == "VBZ" or parsed.lower(token) in ("is", "was", "has", "'s")
    if parsed.lower(token) in ("are", "were", "have"):
        return True
    return parsed.tag(token) in ("VBP", "VB") and parsed.tag(token - 1) not in ("TO", "MD", "RB")


def _relative_verb(parsed: Parsed, phrase: Phrase, was_one: bool) -> list[int]:
    """ "A dog that sits": the verb of the relative clause."""
    after = phrase.head + 1
    return [after + 1] if parsed.lower(after) in _RELATIVE and _is_finite(parsed, after + 1, was_one) else []


def _finite_verbs(parsed: Parsed, phrase: Phrase, was_one: bool) -> list[int]:
    """Finite verbs of the old number after the phrase, in its clause; after "in red" a verb may stand."""
    return [
        i
        for i in rest_of_clause(parsed, phrase)
        if _is_finite(parsed, i, was_one)
        and (
            parsed.lower(i) in _SURE
            or parsed.lower(i - 1) in _RELATIVE
            or parsed.lower(i - 2) in ("in", "all")
            or not parsed.tag(i - 1).startswith(("IN", "DT", "JJ", "CD", "PRP$"))
        )
    ]


def _hidden_verb(parsed: Parsed, phrase: Phrase) -> bool:
    """Whether a plural noun right after a noun may be the verb ("a tree behind the car blocks the view")."""
    return any(
        parsed.tag(i) == "NNS"
        and i > phrase.head + 1
        and (parsed.tag(i - 1) == "NN" or parsed.tag(i + 1).startswith(("NN", "DT")))
        for i in rest_of_clause(parsed, phrase)
    )


def _more_verbs(parsed: Parsed, verb: int) -> bool:
    """Whether another verb seems to follow, joined to the first ("catches and rides a wave")."""
    sentence = parsed.tokens[verb].sentence
    return any(
        parsed.lower(i - 1) in ("and", "or", ",", "then")
        and parsed.tokens[i].sentence == sentence
        and (parsed.tag(i) == "VBZ" or (parsed.tag(i) == "NNS" and parsed.tag(i + 1)[:2] in ("DT", "IN", "PR", "TO")))
        for i in range(verb + 2, len(parsed.tokens))
    )


def _verb_change(parsed: Parsed, verb: int, was_one: bool) -> Change | None:
    token = parsed.tokens[verb]
    form = plural_verb(token.lower) if was_one else singular_verb(token.lower)
    return None if form is None or token.lower == "'s" else Change(token.start, token.end, like(token.text, form), True)
