"""What is denied, and what is no longer: "not" before what is said of a thing, "does not" before what it does."""

from __future__ import annotations

from collections.abc import Iterator

from tldr_data.perturb.denial import (
    RELATIVE,
    clause_end,
    is_counted,
    is_definite,
    is_finite,
    is_lit_otherwise,
    is_missed,
    is_said_again,
    is_single_sentence,
    joints,
    sentence_start,
    still_goes_on,
    subject_of,
)
from tldr_data.perturb.nouns import FRAME, SHADES, singular, singular_word
from tldr_data.perturb.parse import BE, Parsed
from tldr_data.perturb.sites import Change, Match, Site, matches
from tldr_data.taxonomy import Subtype

_AUXILIARIES = ("does not ", "do not ")
_EXISTENCE = frozenset("visible seen shown present noticeable apparent discernible evident depicted pictured".split())
"""Said of a thing, they only tell that it is there."""
_FULL = frozenset("directly fully completely clearly very entirely quite".split())
"""Adverbs that "not" goes well before, and whose denial is no weaker claim that might be true."""
_WAYS = frozenset(
    "horizontally vertically diagonally straight up down upward upwards downward downwards forward forwards backward "
    "backwards left right away together upright outward outwards inward inwards close open".split()
)
_LOST_PARTICIPLES = frozenset("cast set hung cut shut split spread laid lit bent held worn made".split())
"""Participles that the tagger takes for something else."""
_AFTER_PARTICIPLE = ("IN", "TO", "DT", "PRP$", "NN", "NNS", "JJ", "CD", "RP", ".", ",", "")
_NO_PREDICATES = frozenset("as like than for if because".split())
_COUNTED = frozenset("lots some several many most all both few two three four five six seven eight nine ten".split())
_COLLECTIVES = frozenset(
    "people group couple pair herd flock team crowd family cattle sheep children men women".split()
)
_PARTS = frozenset("section area part portion patch piece spot stretch strip".split())
"""There is always another one, of which the denial is true."""
_SOME_OF_THEM = frozenset("there with one another other both each lots lot".split())


def negation_sites(parsed: Parsed, subtype: Subtype) -> Iterator[Site]:
    """Verbs, participles and forms of "be" that may be denied, and denials that may be taken back."""
    for match in matches(parsed, subtype):
        if _is_question(parsed, match):
            continue
        written = (_denied(parsed, subtype, match, other) for other in subtype.exchanges[match.term])
        choices = tuple(changes for changes in written if changes is not None)
        if choices:
            yield Site(match.first, match.last, choices, None)


def _is_question(parsed: Parsed, match: Match) -> bool:
    sentence = parsed.tokens[match.first].sentence
    return any(t.lower == "?" for t in parsed.tokens if t.sentence == sentence)


def _denied(parsed: Parsed, subtype: Subtype, match: Match, other: str) -> tuple[Change, ...] | None:
    """What is written to make one term of another; None where that would be odd, or need not be false."""
    token = parsed.tokens[match.first]
    if other == f"not {match.term}":
        change = Change(token.start, token.start, "not ")
        return (change, *_joined(parsed, match.first)) if _may_deny_participle(parsed, match.first) else None
    been = match.term.endswith(" been") and other.endswith(" not been")
    if been or other == f"{match.term} not":
        end = parsed.tokens[match.first if been else match.last].end
        may = _may_deny_predicate(parsed, subtype, match.first, match.last)
        return (Change(end, end, " not"), *_joined(parsed, match.last + 1)) if may else None
    if match.term.startswith("can "):
        return _exchanged(parsed, match, other) if _may_be_unseen(parsed, match.first) else None
    for auxiliary in _AUXILIARIES:
        if other.startswith(auxiliary):
            return _deny_verb(parsed, subtype, match.first, auxiliary, other.removeprefix(auxiliary))
    return _exchanged(parsed, match, other)


def _deny_verb(parsed: Parsed, subtype: Subtype, verb: int, auxiliary: str, base: str) -> tuple[Change, ...] | None:
    token, subject = parsed.tokens[verb], subject_of(parsed, verb)
    if subject is None or not _opens_object(parsed, subtype, verb + 1):
        return None
    if parsed.lower(verb - 1) == "and" and token.lower not in ("has", "have"):
        return None  # "the water overflows and does not pour into the basin"
    several = _is_several(parsed, subject, verb)
    if several != (auxiliary == "do not ") or (parsed.tag(subject) == "NNS" and is_counted(parsed, subject)):
        return None  # no verb at all ("a tooth brush"); and two others may not stand there
    if not is_definite(parsed, subject) and parsed.lower(verb - 1) not in RELATIVE:
        return None  # "a hat does not lie on the shelf" would be said of hats
    if is_lit_otherwise(parsed, subject, verb) or '"' in parsed.lower(verb + 1):
        return None
    phrase = parsed.phrase_of(verb + 1)
    key = verb
    if token.lower in ("has", "have"):
        if phrase is None or is_missed(parsed, phrase):
            return None
        key = phrase.head
    if is_said_again(parsed, key, subject) or still_goes_on(parsed, verb + 1):
        return None
    inserted = Change(token.start, token.start, auxiliary)
    bare = () if token.lower == base else (Change(token.start, token.end, base, True),)
    return (inserted, *bare, *_joined(parsed, verb + 1))


def _joined(parsed: Parsed, first: int) -> tuple[Change, ...]:
    """ "Or" for each "and" of what is denied."""
    return tuple(Change(parsed.tokens[i].start, parsed.tokens[i].end, "or", True) for i in joints(parsed, first))


def _is_several(parsed: Parsed, subject: int, verb: int) -> bool:
    """Whether a verb without "-s" is to be expected: of "dogs", "they", "people", "a cat and a dog", "a herd"."""
    if parsed.lower(verb).endswith("s") and not parsed.lower(verb).endswith("ss"):
        return parsed.tag(subject) == "NNS"
    phrase, word = parsed.phrase_of(subject), parsed.lower(subject)
    if word in _COLLECTIVES or (phrase is not None and phrase.plural):
        return True
    return word in ("they", "these") or "and" in {parsed.lower(i) for i in range(subject, verb)}


def _opens_object(parsed: Parsed, subtype: Subtype, first: int) -> bool:
    """Whether what follows a verb goes with its denial: no amount, no second verb ("has been")."""
    tag, word = parsed.tag(first), parsed.lower(first)
    if tag in ("VBN", "VBD", "VB", "MD", "RBR", "CC") or word in _COUNTED or (tag == "RB" and word not in _WAYS):
        return False
    return not _is_spared(parsed, subtype, first)


def _is_spared(parsed: Parsed, subtype: Subtype, first: int) -> bool:
    """Whether what is denied is one of the words that the taxonomy spares, or has one for its noun."""
    phrase = parsed.phrase_of(first)
    return parsed.lower(first) in subtype.not_heads or (
        phrase is not None and singular(parsed, phrase) in subtype.not_heads
    )


def _key(parsed: Parsed, first: int) -> int:
    """The word that a predicate turns on: of "in a red box" the box, of "light green" the colour."""
    while parsed.lower(first) in SHADES:
        first += 1
    if parsed.tag(first) not in ("IN", "TO", "DT", "CD", "PRP$"):
        return first
    phrase = parsed.phrase_of(first) or parsed.phrase_of(first + 1)
    return phrase.head if phrase is not None else first


def _may_be_unseen(parsed: Parsed, verb: int) -> bool:
    """ "The tail can be seen", and nothing more is told of it."""
    subject = subject_of(parsed, verb)
    phrase = parsed.phrase_of(subject) if subject is not None else None
    return phrase is not None and not is_counted(parsed, phrase.head) and not is_missed(parsed, phrase)


def _may_deny_predicate(parsed: Parsed, subtype: Subtype, verb: int, last: int) -> bool:
    subject, first = subject_of(parsed, verb), last + 1
    if subject is None or first >= clause_end(parsed, verb) or still_goes_on(parsed, first):
        return False
    if parsed.lower(first) in _FULL:
        first += 1
    word, tag = parsed.lower(first), parsed.tag(first)
    key = _key(parsed, first)
    if _is_spared(parsed, subtype, first) or is_said_again(parsed, key, subject):
        return False
    if is_lit_otherwise(parsed, subject, key):
        return False
    several = parsed.tag(subject) == "NNS" and parsed.lower(verb - 1) not in RELATIVE
    if _brings_in(parsed, subject, verb) or (is_counted(parsed, subject) and (several or word in _EXISTENCE)):
        return False
    phrase = parsed.phrase_of(subject)
    if word in _EXISTENCE and phrase is not None and is_missed(parsed, phrase):
        return False
    if word in ("a", "an"):
        return _may_deny_noun(parsed, first)
    return word in _LOST_PARTICIPLES or (tag in ("JJ", "VBN", "VBD", "IN", "TO") and word not in _NO_PREDICATES)


def _brings_in(parsed: Parsed, subject: int, verb: int) -> bool:
    """Whether a text of several sentences brings a thing in here: to deny that, one says "no hat lies there"."""
    return is_counted(parsed, subject) and parsed.lower(verb - 1) not in RELATIVE and not is_single_sentence(parsed)


def _may_deny_noun(parsed: Parsed, first: int) -> bool:
    """ "It is a truck" -> "It is not a truck", where no truck is spoken of further on."""
    phrase = parsed.phrase_of(first)
    if phrase is None or singular(parsed, phrase) in FRAME or parsed.lower(phrase.head + 1) in RELATIVE:
        return False
    noun = singular(parsed, phrase)
    return not any(singular_word(t.lower) == noun for i, t in enumerate(parsed.tokens) if i != phrase.head)


def _may_deny_participle(parsed: Parsed, participle: int) -> bool:
    """ "Is sitting", "a man sitting", "parked on the grass": not "a dining room", nor "there is a man sitting"."""
    before, after = parsed.lower(participle - 1), parsed.tag(participle + 1)
    ending = parsed.lower(participle).endswith("ing")
    if after not in (_AFTER_PARTICIPLE if ending else ("IN", "TO")) or still_goes_on(parsed, participle):
        return False
    if parsed.lower(participle) == "going" and parsed.tag(participle + 2) in ("VB", "VBP", "NN"):
        return False  # "is going to throw" tells of what is not to be seen yet
    if ending and before not in BE and after in (".", ",", ""):
        return False  # "a glass covering" is a thing
    if after in ("NN", "IN") and is_finite(parsed, participle + 2):
        return False  # "a donut making machine is", "the rock that they are sitting on is"
    if before in BE:
        subject = subject_of(parsed, participle - 1) if ending else None
        several = subject is not None and _is_one_of_several(parsed, subject, participle)
        if subject is not None and (several or _brings_in(parsed, subject, participle - 1)):
            return False
    elif before == "," and after in ("IN", "TO", "DT") and participle - 1 > sentence_start(parsed, participle):
        subject = _told_of(parsed, sentence_start(parsed, participle), participle - 1)
    else:
        subject = _noun_before(parsed, participle)
    return (
        subject is not None
        and singular_word(parsed.lower(subject)) not in _PARTS
        and not is_said_again(parsed, participle, subject)
        and not is_lit_otherwise(parsed, subject, participle)
    )


def _is_one_of_several(parsed: Parsed, subject: int, participle: int) -> bool:
    """Whether the denial might be true of others: "two geese are swimming", "a tree is ..." where trees are told of."""
    if not is_counted(parsed, subject):
        return False
    noun = singular_word(parsed.lower(subject))
    others = (i for i in range(len(parsed.tokens)) if i != subject and singular_word(parsed.lower(i)) == noun)
    return parsed.tag(subject) == "NNS" or next(others, None) is not None


def _told_of(parsed: Parsed, start: int, end: int) -> int | None:
    """The first noun of a sentence that is told of further on; None where there is more than one thing to tell of."""
    if {t.lower for t in parsed.tokens[start:end]} & _SOME_OF_THEM | _COUNTED & {parsed.lower(start)}:
        return None
    heads = [p.head for p in parsed.phrases if start <= p.first and p.head < end and singular(parsed, p) not in FRAME]
    return heads[0] if heads else None


def _noun_before(parsed: Parsed, participle: int) -> int | None:
    """The noun that a bare participle tells of, if it was not told of before ("a man sitting")."""
    phrase = parsed.phrase_of(participle - 1)
    if phrase is None or phrase.head != participle - 1 or is_definite(parsed, phrase.head):
        return None
    start = sentence_start(parsed, participle)
    before = {parsed.lower(i) for i in range(start, phrase.head)}
    if before & _SOME_OF_THEM or (phrase.plural and is_counted(parsed, phrase.head)):
        return None
    if {parsed.lower(i) for i in range(phrase.first, phrase.head)} & _COUNTED:
        return None
    if parsed.lower(phrase.first - 1) == "of" and parsed.tag(phrase.first - 2) in ("VBN", "VBD"):
        return None  # "a tower composed of different blocks placed on a wall" may tell of either
    if parsed.lower(phrase.first - 1) in ("and", "or") or any(is_finite(parsed, i) for i in range(start, phrase.first)):
        return None
    return phrase.head


def _exchanged(parsed: Parsed, match: Match, other: str) -> tuple[Change, ...] | None:
    """The words in which two terms differ; None where one is only longer than the other."""
    old, new = match.term.split(" "), other.split(" ")
    head = next((i for i, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), min(len(old), len(new)))
    tail = 0
    while tail < min(len(old), len(new)) - head and old[-1 - tail] == new[-1 - tail]:
        tail += 1
    if head + tail in (len(old), len(new)) or still_goes_on(parsed, match.last + 1):
        return None
    first, last = parsed.tokens[match.first + head], parsed.tokens[match.last - tail]
    blank = "" if head == 0 or parsed.text[first.start - 1].isspace() else " "  # the tokens of "cannot" touch
    return (Change(first.start, last.end, blank + " ".join(new[head : len(new) - tail])),)
