"""What a denial says of the rest of a text: whose claim it takes back, and what no longer goes with it."""

from __future__ import annotations

from tldr_data.objects import kinds_of
from tldr_data.perturb.nouns import FRAME, same_thing, singular_word
from tldr_data.perturb.parse import BE, SINGULAR_PRONOUNS, Parsed, Phrase

STOPS = frozenset([",", ";", ":", ".", "!", "?", "(", ")", "-", "--", "–", "—", '"', "“", "”", "/"])
RELATIVE = frozenset({"that", "which", "who"})
DEFINITE = frozenset("the this that these those its his her their".split())
# Of some things only, or of each in turn: "all windows are not open" may be true where some are.
_SHARED_OUT = frozenset(
    "all each every both some many most few any neither either none several half one ones other others another rest "
    "remaining everything everyone part parts portion portions section sections majority much multiple various what "
    "either nothing nobody various first second third last entire whole almost lot lots bunch".split()
)
_SUBJECT_PRONOUNS = frozenset("it he she they this these".split())
_OPENERS = frozenset("and while where whereas".split())
_CONSEQUENCES = frozenset("with which as so while visible from".split())
_RESULTS = frozenset("revealing exposing making causing creating giving allowing leaving".split())
_EACH = frozenset("all each every some several both".split())
_WHOLLY = _EACH | frozenset("whole entire slightly partially partly somewhat mostly almost nearly".split())
"""What is not so of all of something may be so of most of it; and nobody says "not tilted slightly"."""
# A pronoun or a second mention of what is no longer there.
_BACK = frozenset("it its itself they them their he him his she her these those".split())
_COUNTED_BACK = frozenset("one two three each both some this that all most others another neither".split())
"""What a sentence begins with that goes on about the things before it ("One is red, ...")."""
_IT = frozenset("it its they them their which whose".split())
_PERSONS = frozenset("he she him himself herself".split())
_HOLDERS = frozenset("with has have having wearing wears holding holds".split())
_NOT_JOINED = RELATIVE | {";", "while", "between", "where", "as"}
"""After these "and" joins what is not denied."""
_WHOLES = frozenset(
    "sky ground floor wall ceiling background foreground image picture photo scene frame view sun light water "
    "grass lighting viewer camera side top bottom center middle edge corner left right front back rest weather day "
    "shadow".split()
)
"""Nouns that need no introduction."""
_PLACES = frozenset("left right front back top bottom".split())
# What cannot be told of where its whole is gone.
_PARTS = {
    whole: frozenset(parts.split())
    for wholes, parts in {
        "skyline city town village downtown": "building skyscraper tower street house",
        "room kitchen bathroom bedroom office": "furniture bed couch sofa table desk sink stove toilet cabinet chair",
        "street road highway intersection": "car truck bus traffic lane curb crosswalk vehicle",
        "tree forest": "branch leaf trunk bark foliage",
        "building house": "window door roof balcony",
    }.items()
    for whole in wholes.split()
}
_MATERIALS = frozenset("metal wood stone brick glass clay concrete cement steel".split())
_LIGHT = frozenset(
    "sun sunlight sunshine sunny sunlit light lighting lit illuminated illuminate shine shining cast casting bright "
    "glow glowing".split()
)
_LIT = _LIGHT | frozenset("shadow shade shading shaded reflection glare".split())
"""Light, and what remains in the text where it is denied."""


def sentence_start(parsed: Parsed, token: int) -> int:
    while token > 0 and parsed.tokens[token - 1].sentence == parsed.tokens[token].sentence:
        token -= 1
    return token


def clause_start(parsed: Parsed, token: int) -> int:
    """The first token of the stretch between marks that a token stands in."""
    begin = sentence_start(parsed, token)
    while token > begin and parsed.lower(token - 1) not in STOPS:
        token -= 1
    return token


def clause_end(parsed: Parsed, token: int) -> int:
    """The token after the stretch between marks that a token stands in."""
    begin = token
    while token < len(parsed.tokens) and parsed.tokens[token].sentence == parsed.tokens[begin].sentence:
        if parsed.lower(token) in STOPS:
            return token
        token += 1
    return token


def is_finite(parsed: Parsed, token: int) -> bool:
    return parsed.tag(token) in ("VBZ", "VBP", "MD") or parsed.lower(token) in BE


def subject_of(parsed: Parsed, verb: int) -> int | None:
    """The token that a verb is said of: a noun, a pronoun or the antecedent of "that"; None where it cannot be told.

    What is said of some of several things has none: it may be as true of the others when it is denied.
    """
    start, before = clause_start(parsed, verb), verb - 1
    if parsed.lower(before) in RELATIVE:
        return _antecedent(parsed, before)
    begin = parsed.lower(sentence_start(parsed, verb))
    if begin == "while" or _SHARED_OUT & {parsed.lower(i) for i in range(start, verb)}:
        return None
    if parsed.lower(before) == "and":
        first = next((i for i in range(before - 1, sentence_start(parsed, verb), -1) if is_finite(parsed, i)), None)
        return None if first is None else subject_of(parsed, first)
    while start < before and parsed.lower(start) in _OPENERS:
        start += 1
    if not parsed.tag(before).startswith("NN") and parsed.lower(before) not in _PLACES | _SUBJECT_PRONOUNS:
        return None
    if is_singular_verb(parsed, verb):  # "... and the sky is blue": two joined subjects would have a plural verb
        joined = [i + 1 for i in range(start, before) if parsed.lower(i) in _OPENERS]
        start = next((i for i in reversed(joined) if _begins_subject(parsed, i, before)), start)
    return start if start == before and parsed.lower(start) in _SUBJECT_PRONOUNS else _head_at(parsed, start, before)


def _antecedent(parsed: Parsed, relative: int) -> int | None:
    noun = relative - 2 if parsed.lower(relative - 1) == "," else relative - 1
    phrase = parsed.phrase_of(noun)
    if phrase is None or phrase.head != noun:
        return None
    if parsed.lower(relative - 1) != "," and (is_definite(parsed, noun) or parsed.lower(phrase.first - 1) in BE):
        return None  # "the dog that does not bark", "there is a dog that does not bark" may be said of another dog
    return None if _SHARED_OUT & {parsed.lower(i) for i in range(phrase.first - 2, noun + 1)} else noun


def _begins_subject(parsed: Parsed, start: int, before: int) -> bool:
    return parsed.lower(start) in _SUBJECT_PRONOUNS or _head_at(parsed, start, before) is not None


def _head_at(parsed: Parsed, start: int, before: int) -> int | None:
    """The head of the noun phrase that begins a clause, if no verb stands between it and ``before``."""
    opening = parsed.phrase_of(start)
    if opening is None or opening.first != start or opening.head > before:
        return None
    if any(is_finite(parsed, i) for i in range(opening.head + 1, before)) or parsed.tag(opening.head + 1) == "JJ":
        return None  # "Partially visible is"
    return opening.head


def is_singular_verb(parsed: Parsed, verb: int) -> bool:
    word = parsed.lower(verb)
    return word in ("is", "was", "has", "does", "'s") or (
        word not in BE and word.endswith("s") and not word.endswith("ss")
    )


def is_definite(parsed: Parsed, token: int) -> bool:
    """Whether the text speaks of something that it told of before, or of the only one there is."""
    phrase = parsed.phrase_of(token)
    return phrase is None or parsed.lower(phrase.first) in DEFINITE


def is_counted(parsed: Parsed, token: int) -> bool:
    """Whether a noun has "a" or a number: its denial is better English with "no"."""
    phrase = parsed.phrase_of(token)
    return phrase is not None and (parsed.lower(phrase.first) in ("a", "an") or parsed.tag(phrase.first) == "CD")


def is_single_sentence(parsed: Parsed) -> bool:
    return len({t.sentence for t in parsed.tokens if t.text[0].isalnum()}) == 1


def still_goes_on(parsed: Parsed, first: int) -> bool:
    """Whether what is denied from ``first`` to the end of the clause is told of further on, or explained.

    A thing that the clause brings in ("is wearing a hat") may not be mentioned again, and no result may follow
    ("is open, revealing a shelf").
    """
    end = clause_end(parsed, first)
    if parsed.lower(end) in (",", ";", ":", "-", "--", "(") and (
        parsed.tag(end + 1) in ("VBG", "VBN")
        or parsed.lower(end + 1) in _CONSEQUENCES
        or parsed.lower(end) in (":", "(")
    ):
        return True
    explained = any(parsed.lower(i) == "as" and parsed.lower(i + 1) in _SUBJECT_PRONOUNS for i in range(first, end))
    if explained or _goes_on_to_say(parsed, first):
        return True
    joined = next((i for i in range(first, end) if parsed.lower(i) == "and"), end)
    if any(parsed.lower(i) in _RESULTS or (i < joined and parsed.lower(i) in _WHOLLY) for i in range(first, end)):
        return True
    brought = [p for p in parsed.phrases if first <= p.head < end and not is_definite(parsed, p.head)]
    named = (i for p in brought for i in range(p.first, p.head + 1) if i == p.head or _is_noun(parsed, i))
    nouns = {singular_word(parsed.lower(i)) for i in named} - FRAME - _WHOLES
    return any(
        singular_word(parsed.lower(i)) in nouns for i in range(end, len(parsed.tokens)) if not _is_another(parsed, i)
    )


def _is_noun(parsed: Parsed, token: int) -> bool:
    """Whether a word names a thing or a material ("a cement surface")."""
    word = parsed.lower(token)
    return parsed.tag(token).startswith("NN") or word in _MATERIALS or word in kinds_of()


def _goes_on_to_say(parsed: Parsed, first: int) -> bool:
    """Whether "and" joins a second verb to what is denied from ``first`` on ("is not red and has a roof")."""
    return any(is_finite(parsed, i + 1) or parsed.tag(i + 1) == "MD" for i in joints(parsed, first))


def joints(parsed: Parsed, first: int) -> list[int]:
    """Each "and" of what is denied from ``first`` on: a denial has "or" there ("does not have a bed or a desk").

    A clause of its own subject may follow ("and it is red"); what stands there is not denied.
    """
    found: list[int] = []
    for i in range(first, len(parsed.tokens)):
        if parsed.tokens[i].sentence != parsed.tokens[first].sentence or parsed.lower(i) in _NOT_JOINED:
            break
        phrase = parsed.phrase_of(i)
        if parsed.lower(i) in ("and", ",") and (phrase is None or i <= phrase.first):
            if _begins_clause(parsed, i + 1):
                break
            if parsed.lower(i) == "and" and not {parsed.tag(i - 1), parsed.tag(i + 1)} <= {"RB", "RP"}:  # "up and down"
                found.append(i)
    return found


def _begins_clause(parsed: Parsed, at: int) -> bool:
    """Whether a subject and its verb stand there."""
    if parsed.lower(at) in _SUBJECT_PRONOUNS or parsed.lower(at) == "there":
        return True
    if parsed.tag(at) == "IN":
        return True  # "and behind the trees is a fence", "and with her other hand she waves"
    end = clause_end(parsed, at)
    verb = next((i for i in range(at, end) if is_finite(parsed, i)), None)
    return verb is not None and verb > at and parsed.lower(verb - 1) not in RELATIVE


def is_lit_otherwise(parsed: Parsed, subject: int, key: int) -> bool:
    """Whether light is denied where the rest of the text tells of light or of a shadow."""
    if not any(_tells_of(parsed, i, _LIGHT) for i in (subject, key)):
        return False
    clause = range(min(subject, key), clause_end(parsed, max(subject, key)))
    return any(_tells_of(parsed, i, _LIT) for i in range(len(parsed.tokens)) if i not in clause)


def _tells_of(parsed: Parsed, token: int, words: frozenset[str]) -> bool:
    """Whether a word tells of light: not "light brown", not "a street light"."""
    word, phrase = singular_word(parsed.lower(token)), parsed.phrase_of(token)
    if word == "light":
        return phrase is not None and phrase.head == token and not parsed.tag(token - 1).startswith("NN")
    return word in words and (word != "bright" or phrase is None)


def _is_another(parsed: Parsed, token: int) -> bool:
    """Whether a noun is brought in as something new ("a table", "another table")."""
    phrase = parsed.phrase_of(token)
    return phrase is not None and parsed.lower(phrase.first) in ("a", "an", "another")


def is_said_again(parsed: Parsed, key: int, subject: int) -> bool:
    """Whether a word that is denied of a subject stands elsewhere, in any form, where it may be said of it too."""
    stem, noun = _stem(parsed.lower(key)), singular_word(parsed.lower(subject))
    for i, token in enumerate(parsed.tokens):
        if i == key or _stem(token.lower) != stem:
            continue
        phrase = parsed.phrase_of(i)
        if i > key and phrase is not None and phrase.head == i and is_definite(parsed, i):
            return True  # "framed in wood ... the frame"
        near = {t.lower for t in parsed.tokens if t.sentence == token.sentence}
        if parsed.phrase_of(subject) is None or near & _BACK or token.sentence == parsed.tokens[subject].sentence:
            return True
        if any(same_thing(singular_word(word), noun) for word in near):
            return True
    return False


def _stem(word: str) -> str:
    """Enough of a word to know its forms by: "sitting", "sits" and "sit" are one.

    >>> [_stem(word) for word in ("sitting", "sits", "outlined", "outlining", "tall", "taller")]
    ['sit', 'sit', 'outlin', 'outlin', 'tal', 'tal']
    """
    for ending in ("ing", "est", "ied", "ies", "ed", "er", "es", "s", "e", "y"):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            word = word[: -len(ending)]
            break
    return word[:-1] if len(word) > 3 and word[-1] == word[-2] else word


def is_missed(parsed: Parsed, phrase: Phrase) -> bool:
    """Whether the text goes on about a thing as if it were there: by its name, by a pronoun, or by its parts."""
    noun, sentence = singular_word(parsed.lower(phrase.head)), parsed.tokens[phrase.head].sentence
    if any(parsed.lower(i) in _EACH for i in range(phrase.head, clause_end(parsed, phrase.head))):
        return True  # "two stars with a circle around each"
    kinds = kinds_of().get(noun, frozenset())
    names = {t.lower for t in parsed.tokens[phrase.first : phrase.head] if t.tag.startswith("NN")} - _MATERIALS
    for i, token in enumerate(parsed.tokens):
        if phrase.first <= i <= phrase.head:
            continue
        word = singular_word(token.lower)
        if same_thing(word, noun) or (i > phrase.head and word in kinds) or token.lower in names:
            return True
        if i > phrase.head and word in _PARTS.get(noun, ()):
            return True
        if token.sentence >= sentence and i > phrase.head and _goes_back(parsed, i, phrase):
            return True
    return _goes_into_parts(parsed, phrase)


def _goes_back(parsed: Parsed, token: int, phrase: Phrase) -> bool:
    """Whether a word further on is a pronoun that may stand for the thing."""
    word = parsed.lower(token)
    if phrase.plural and word in SINGULAR_PRONOUNS:
        return False
    later = parsed.tokens[token].sentence - parsed.tokens[phrase.head].sentence
    if later == 0:
        return word in _IT | _PERSONS and not _is_holder(parsed, token, phrase)
    opens = sentence_start(parsed, token) == token and word in _COUNTED_BACK
    return (later == 1 and word in _BACK) or (opens and (parsed.phrase_of(token) is None or word in ("this", "that")))


def _is_holder(parsed: Parsed, pronoun: int, phrase: Phrase) -> bool:
    """Whether a pronoun is what holds the thing: "a table with a vase on it", "a man with a hat ... he"."""
    if parsed.lower(phrase.first - 1) not in _HOLDERS:
        return False
    return parsed.tag(pronoun - 1) in ("IN", "TO") or parsed.lower(pronoun) in _PERSONS


def _goes_into_parts(parsed: Parsed, phrase: Phrase) -> bool:
    """Whether the next sentence tells of "the" something that was not told of before: a part of this thing, maybe."""
    sentence = parsed.tokens[phrase.head].sentence
    told = {singular_word(t.lower) for t in parsed.tokens if t.sentence <= sentence}
    for other in parsed.phrases:
        if parsed.tokens[other.head].sentence == sentence + 1 and parsed.lower(other.first) == "the":
            noun = singular_word(parsed.lower(other.head))
            if noun not in told and noun not in _WHOLES | FRAME:
                return True
    return False
