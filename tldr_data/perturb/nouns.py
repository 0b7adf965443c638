"""Nouns and noun phrases as the rules see them: the name of a thing, its number, whether it may be changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache, lru_cache

from tldr_data.meaning import lexicon
from tldr_data.objects import kinds_of, singular_forms
from tldr_data.perturb.parse import BE, Parsed, Phrase
from tldr_data.taxonomy import Subtype

# The words of the frame, not of things: "on the left side of the picture" says nothing of another side.
FRAME = frozenset(
    "image picture photo photograph shot frame view scene side corner edge half part portion left right top bottom "
    "middle center "
    "foreground background distance front back end angle closeup".split()
)
SHADES = frozenset(
    "light dark pale bright deep pastel neon medium faded muted dusty rusty metallic soft dull hot off vivid lime navy "
    "baby forest olive mint sky royal hunter army kelly cobalt powder ice midnight emerald burnt brick cherry ruby "
    "rose electric jet snow".split()
)
"""Words that belong to the colour after them."""
LIMBED = frozenset("- haired legged sleeved eared tailed stemmed".split())
"""After "short" or "thin": of a part only ("a short-haired cat")."""
SEEN = frozenset(
    "is are was were there can be seen visible shown that which located standing parked far off out also partially "
    "partly just only".split()
)
"""Words between a thing and the place where it is told to be ("is visible in the background")."""
OTHER = frozenset("other another more second third additional extra".split())
"""Words that set a thing beside one told of before: another name or look would make no sense of them."""
MARKS = frozenset(
    "text letter lettering typography word writing number numeral script print font logo graffiti stripe line band "
    "spot dot patch marking pattern design outline border trim bar figure circle dash arrow".split()
)
"""What shows on a surface: it has another colour than the surface."""
_PATTERNS = frozenset("stripe spot dot patch marking pattern outline cloud".split())
"""Marks that could as well be taken for what they stand on: a white cat with black patches, a black one with white."""
_SURFACES = frozenset(
    "sign signboard wall shirt page stair staircase step poster board paper banner flag card label plaque billboard "
    "sticker notice".split()
)
"""What is written or drawn on: its marks may be told of some sentences later."""
_BEARING = frozenset("with has have having".split())
_NEXT = 2
"""Sentences behind one that names a surface, in which marks are taken for those on it."""
_IN_SIGHT = frozenset("seen visible shown protrudes".split())
UNTOLD = frozenset("like as".split())
"""Prepositions after which a noun is no thing of the image ("shaped like a heart")."""


def head_noun(parsed: Parsed, phrase: Phrase) -> tuple[int, str]:
    """First token and singular form of the head noun, compounds whole ("fire hydrants" -> "fire hydrant")."""
    for first in range(max(phrase.first, phrase.head - 2), phrase.head + 1):
        words = " ".join(parsed.lower(i) for i in range(first, phrase.head + 1))
        noun = singular_forms().get(words, words)
        if noun in kinds_of():
            return first, noun
    return phrase.head, singular(parsed, phrase)


def singular(parsed: Parsed, phrase: Phrase) -> str:
    """The head's singular form, lower case; a plain "-s" is taken off what the lexicon does not know."""
    return singular_word(parsed.lower(phrase.head))


@cache
def singular_word(word: str) -> str:
    """The singular of one word.

    >>> singular_word("knives"), singular_word("walls"), singular_word("grass")
    ('knife', 'wall', 'grass')
    """
    known = singular_forms().get(word)
    if known is not None:
        return known
    if len(word) == 5 and word.endswith("ies"):
        return word[:-3] + "y"  # "skies", "flies"; longer ones are as often in "-ie" ("cookies")
    if word.endswith(("ches", "shes")) and len(word) > 5:
        return word[:-2]  # "patches", "brushes"
    return word[:-1] if word.endswith("s") and not word.endswith(("ss", "us", "is")) and len(word) > 3 else word


@lru_cache(maxsize=65536)
def same_thing(noun: str, other: str) -> bool:
    """Whether two singular nouns may be said of one thing: equal, or synonyms in ``lexicons/meaning.yaml``.

    >>> same_thing("bike", "motorcycle"), same_thing("dog", "cat")
    (True, False)
    """
    return noun == other or bool(senses_of(noun) & senses_of(other))


def senses_of(noun: str) -> frozenset[str]:
    """What a noun stands for in ``lexicons/meaning.yaml``; nothing where it does not hold the noun."""
    return lexicon().senses.get(noun, frozenset())


def is_lost_in_marks(parsed: Parsed, first: int, described: Phrase, colour: str, given_away: frozenset[int]) -> bool:
    """Whether a surface would get the colour of what shows on it, or what shows on a surface that of the surface.

    Tokens ``given_away`` say another colour by then. A sky has clouds as a sign has text.
    """
    noun = singular(parsed, described)
    for i in (i for i, lower in enumerate(parsed.lowers) if lower == colour and i != first):
        other = parsed.phrase_of(i)
        if other is None or other == described:
            continue
        beside = singular(parsed, other)
        ground, mark = (other, described) if noun in MARKS else (described, other)
        is_mark = beside in MARKS or (noun == "sky" and beside == "cloud")
        if (noun in MARKS) == is_mark:
            continue
        if _is_with(parsed, ground, mark) and (i not in given_away or _PATTERNS & {noun, beside}):
            return True
        if i not in given_away and _may_bear(parsed, ground, mark):
            return True
    return False


def _is_with(parsed: Parsed, ground: Phrase, mark: Phrase) -> bool:
    """ "A white cat with patches", "a sign that has text"."""
    return parsed.lower(mark.first - 1) in _BEARING and 1 <= mark.first - 1 - ground.head <= _NEXT


def _may_bear(parsed: Parsed, ground: Phrase, mark: Phrase) -> bool:
    """Whether sentences near by may put a mark on a thing: "a sign ... . A bar is above the text"."""
    noun, here = singular(parsed, ground), parsed.tokens[mark.head].sentence
    behind = here - parsed.tokens[ground.head].sentence
    if noun == "sky":
        return 0 <= behind <= 1
    if noun not in _SURFACES:
        return False
    near = (singular_word(t.lower) for t in parsed.tokens if abs(t.sentence - here) <= 1)
    return 0 <= behind <= _NEXT or noun in near


def is_plural(parsed: Parsed, phrase: Phrase, noun: str) -> bool:
    return phrase.plural or parsed.lower(phrase.head) != noun.split(" ")[-1]


def is_wanted(parsed: Parsed, subtype: Subtype, phrase: Phrase) -> bool:
    head = singular(parsed, phrase)
    if (subtype.heads and head not in subtype.heads) or head in subtype.not_heads:
        return False
    if parsed.lower(phrase.first - 1) in UNTOLD and parsed.lower(phrase.first - 2) != "well":
        return False
    if not OTHER.isdisjoint(parsed.lowers[phrase.first : phrase.head]):
        return False
    if subtype.indefinite and parsed.lower(phrase.first) in ("the", "this", "that", "these", "those"):
        return False
    return not subtype.markers or is_marked(parsed, subtype.markers, phrase)


def is_marked(parsed: Parsed, markers: frozenset[str], phrase: Phrase) -> bool:
    """Whether the phrase says "small" or "partially visible" before its head, or "in the background" is told of it."""
    words = (i for i in range(phrase.first, phrase.head) if parsed.lower(i + 1) not in LIMBED)
    words = (i for i in words if parsed.tag(i) not in ("NN", "NNS"))  # "bubble letters" are none too small
    inside = [*(parsed.lower(i) for i in words), singular(parsed, phrase)]
    phrases = _phrase_markers(markers)
    longer = (" ".join(marker) for word in inside for marker in phrases.get(word, ()))
    if not markers.isdisjoint(inside) or any(marker in " ".join(inside) for marker in longer):
        return True
    return (
        _is_part(parsed, phrases, phrase)
        or _marked_after(parsed, phrases, phrase)
        or _marked_before(parsed, phrases, phrase)
    )


_Markers = Mapping[str, Sequence[tuple[str, ...]]]


@cache
def _phrase_markers(markers: frozenset[str]) -> _Markers:
    """Markers of several words: first word -> all words of each, the longest first."""
    found: dict[str, list[tuple[str, ...]]] = {}
    for words in sorted((tuple(m.split(" ")) for m in markers if " " in m), key=len, reverse=True):
        found.setdefault(words[0], []).append(words)
    return found


def _marker_end(parsed: Parsed, phrases: _Markers, first: int) -> int | None:
    """The token after a marker that begins at a token, or None."""
    for words in phrases.get(parsed.lower(first), ()):
        if parsed.lowers[first : first + len(words)] == words:
            return first + len(words)
    return None


def _is_part(parsed: Parsed, phrases: _Markers, phrase: Phrase) -> bool:
    """ "Part of a car is visible", "a partial view of the side of a house"; not "the image shows part of a car".

    And not "part of the car is visible", which is told of elsewhere.
    """
    if parsed.lower(phrase.first) not in ("a", "an") or parsed.lower(phrase.first - 1) != "of":
        return False
    if any(_marker_end(parsed, phrases, phrase.first - k) == phrase.first for k in (2, 3)):
        return parsed.lower(phrase.first - 2) == "view" or _is_all_in_sight(parsed, phrase)
    whole = parsed.phrase_of(phrase.first - 2)
    while whole is not None and parsed.lower(whole.head) in ("view", "side", "glimpse"):
        if {"partial", "faint", "distant"} & {parsed.lower(i) for i in range(whole.first, whole.head)}:
            return True
        whole = parsed.phrase_of(whole.first - 2) if parsed.lower(whole.first - 1) == "of" else None
    return False


def _is_all_in_sight(parsed: Parsed, phrase: Phrase) -> bool:
    """Whether "part of" a phrase is what "there is", or what "can be seen"."""
    part = parsed.phrase_of(phrase.first - 2)
    if part is not None and parsed.lower(part.first - 1) in BE and parsed.lower(part.first - 2) in SEEN:
        return True
    verb = _predicate(parsed, phrase.head + 1)
    return verb is not None and any(parsed.lower(i) in _IN_SIGHT for i in range(verb, verb + 3))


def _predicate(parsed: Parsed, first: int) -> int | None:
    """The "is" or "can" that follows a noun, at once or after what it is with ("a shoe with a red sole is visible")."""
    i = first
    while parsed.lower(i) not in BE | _IN_SIGHT | {"can"}:
        ended = i >= len(parsed.tokens) or parsed.tag(i) in ("VBZ", "VBP", ".")
        if ended or (i == first and parsed.lower(i) != "with"):
            return None
        if parsed.lower(i) == "and" and parsed.tag(i + 1) == "DT":
            return None  # "a man with a hat and a dog is visible": the dog may be all that is
        i += 1
    return i


def _marked_after(parsed: Parsed, phrases: _Markers, phrase: Phrase) -> bool:
    """ "A tree in the background", "a tree is visible in the distance", "trees and a house in the background"."""
    i = phrase.head + 1
    following = parsed.phrase_of(i + 1)
    joined = parsed.lower(phrase.first - 1) in BE | {"with"} and following is not None and following.first == i + 1
    if joined and parsed.lower(i) == "and" and following is not None:
        return _marked_after(parsed, phrases, following)
    if parsed.lower(i) == "with":
        i = _predicate(parsed, i) or i
    while parsed.lower(i) in SEEN and _marker_end(parsed, phrases, i) is None:
        i += 1
    end = _marker_end(parsed, phrases, i)
    if end is None:
        return False
    be = any(parsed.lower(k) in BE for k in range(phrase.head + 1, i))
    if be and parsed.tag(phrase.first - 1) == "IN":
        return False  # "a shoe with a white sole is visible in the distance": the shoe is
    if parsed.lower(end - 1) == "the":  # "is further behind the house", not "a man further behind the counter"
        return be or parsed.lower(phrase.first - 1) in BE
    # "a giraffe in the background a tree": it may as well be the tree that is there
    return parsed.phrase_of(end) is None


def _marked_before(parsed: Parsed, phrases: _Markers, phrase: Phrase) -> bool:
    """ "In the background there is a tree", "and past the bridge, behind the house, are trees"."""
    sentence = parsed.tokens[phrase.first].sentence
    for first in range(phrase.first - 1, -1, -1):
        if parsed.tokens[first].sentence != sentence:
            return False
        end = _marker_end(parsed, phrases, first)
        before = parsed.lower(first - 1)
        opens = first == 0 or parsed.tokens[first - 1].sentence != sentence or before in (",", "and", ";")
        opens = opens or _is_place(parsed, first - 1)
        if end is not None and parsed.lower(end - 1) == "of" and parsed.lower(first) != "the":
            continue  # "part of the car is a red door"
        if end is not None and end <= phrase.first and opens:
            return _leads_to(parsed, end, phrase)
    return False


def _leads_to(parsed: Parsed, end: int, phrase: Phrase) -> bool:
    """Whether only places and "is" stand between a marker that ends before token ``end`` and a phrase."""
    link = phrase.first == end or parsed.lower(phrase.first - 1) in SEEN | {","}
    verbs = (i for i in range(end, phrase.first) if parsed.tag(i).startswith("V") and parsed.lower(i) not in SEEN)
    others = (p for p in parsed.phrases if end <= p.first < phrase.first and not _in_place(parsed, p))
    return link and all(parsed.lower(i + 1) in BE for i in verbs) and next(others, None) is None


def _is_place(parsed: Parsed, last: int) -> bool:
    """Whether a token ends a place that opens its sentence: "Beyond the chair in the background is a door"."""
    phrase = parsed.phrase_of(last)
    if phrase is None or phrase.head != last or parsed.tag(phrase.first - 1) != "IN":
        return False
    return phrase.first == 1 or parsed.tokens[phrase.first - 2].sentence != parsed.tokens[last].sentence


def _in_place(parsed: Parsed, phrase: Phrase) -> bool:
    """Whether a phrase only tells where ("in the background of the image, behind the statue")."""
    return parsed.tag(phrase.first - 1) in ("IN", "TO", "CC")
