"""What a thing looks like: adjectives before a noun or after a form of "be"."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tldr_data.objects import kinds_of
from tldr_data.perturb.nouns import SHADES, head_noun, is_wanted, same_thing, singular
from tldr_data.perturb.parse import BE, Parsed, Phrase
from tldr_data.perturb.sites import Match, Site, matches
from tldr_data.taxonomy import Subtype

_PARTLY = frozenset("some several most many few".split())
_COLOURED = frozenset("colored coloured".split())
_COLOUR = frozenset("color colour shade".split())
_HAS = frozenset("has have had".split())
_SEEMS = BE | frozenset("appear appears".split())
_WHOLLY = frozenset("mostly mainly completely entirely all solid very partially fully also".split())
"""Adverbs that may stand between "is" and what a thing is."""
_TINGED = re.compile(r"(whit|black|blu|redd|green|brown|gray|grey|yellow|orang|pink|purpl)ish")
_DARK = frozenset("dark darker".split())
_LIGHT = frozenset("light lighter pale bright brighter".split())
_FUR = frozenset("gray grey blue".split())
"""Colours that may both be said of an animal: its breeders call a gray cat blue."""
_METALS = frozenset("gold golden silver".split())
_CAST = frozenset(
    "metal brass bronze copper gold statue statues sculpture sculptures figurine figurines coin coins medal medals "
    "trophy".split()
)
"""Words that make a metal of what may be a colour: "gold coins"."""
_LAMPS = frozenset("light bulb lightbulb neon led glowing".split())
_UNLIT = frozenset("gray grey black brown".split())
_SHINING = frozenset("shine shines shining glow glows glowing".split())
_LEAFY = frozenset("lush grassy leafy".split())
_DRIED = frozenset("dry dried dead withered".split())
_NEVER_LEAFY = frozenset("white black gray grey blue purple pink silver gold turquoise teal tan beige".split())
_LIGHT_COLOURS = frozenset("white yellow beige".split())


def adjective_sites(parsed: Parsed, subtype: Subtype) -> Iterator[Site]:
    """Adjectives before a noun ("a red cup"), or said of one ("it is red", "has a red color", "a woman in red")."""
    for match in matches(parsed, subtype):
        if parsed.lower(match.first - 1) in SHADES | _SHINING or _is_half(parsed, match):
            continue
        if _is_blended(parsed, subtype, match) or _is_metal(parsed, match):
            continue
        phrase = parsed.phrase_of(match.last)
        if phrase is not None and match.last < phrase.head and parsed.lower(phrase.head) not in _COLOUR:
            described = phrase if _is_whole(parsed, match, phrase) else None
        else:
            described = None if subtype.markers else _described(parsed, match, phrase)
        if described is None or _is_missing(parsed, described) or _is_partial(parsed, subtype, match, described):
            continue
        if _is_dress(parsed, match, described) or is_wanted(parsed, subtype, described):
            offered = (c for c in subtype.exchanges[match.term] if not _is_fur(parsed, match, described, c))
            fit = (c for c in offered if not _is_mistoned(parsed, match, described, c))
            choices = tuple(c for c in fit if not _is_unlike(parsed, match, described, c))
            yield Site(match.first, match.last, choices, described)


def _is_missing(parsed: Parsed, described: Phrase) -> bool:
    """ "No red cup", "without a red cup": a blue one may be missing as well."""
    return parsed.lower(described.first) == "no" or parsed.lower(described.first - 1) in ("no", "without")


def _is_partial(parsed: Parsed, subtype: Subtype, match: Match, described: Phrase) -> bool:
    """ "Some walls", "some of the sheets are brown": the others may be gray. One goes through no closed door.

    "Some white bubbles" may still swap colours with another thing.
    """
    if parsed.lower(match.last) == "open" and parsed.lower(described.first - 1) == "through":
        return True
    predicate = not described.first < match.first < described.head
    if parsed.lower(described.first) in ("some", "most") and (predicate or subtype.rule != "swap"):
        return parsed.lower(match.first - 1) != "of"
    for i in range(match.first - 1, -1, -1):
        if parsed.tokens[i].sentence != parsed.tokens[match.first].sentence or parsed.lower(i) in (",", ";"):
            return False
        if parsed.lower(i) in _PARTLY and parsed.lower(i + 1) == "of":
            return True
    return False


def _is_blended(parsed: Parsed, subtype: Subtype, match: Match) -> bool:
    """Whether the word beside a term makes one with it: "whitish blue", "a beige brown wall"."""
    beside = parsed.lower(match.first - 1), parsed.lower(match.last + 1)
    return any(_TINGED.fullmatch(word) or word in subtype.exchanges for word in beside)


def _is_metal(parsed: Parsed, match: Match) -> bool:
    """Whether what may be a colour is a metal: "gold" where the sentence tells of coins."""
    if parsed.lower(match.last) not in _METALS:
        return False
    sentence = parsed.tokens[match.first].sentence
    spoken = (i for i, token in enumerate(parsed.tokens) if token.sentence == sentence and token.lower in _CAST)
    return any(not match.first <= i <= match.last for i in spoken)


def _is_unlike(parsed: Parsed, match: Match, described: Phrase, choice: str) -> bool:
    """Whether no such thing has the colour: a lamp that shines black, a lush white field."""
    colour = choice.split(" ")[-1]
    told = (i for i in range(described.first, described.head) if not match.first <= i <= match.last)
    words = {parsed.lower(i) for i in told} - SHADES | {singular(parsed, described)}
    if colour in _UNLIT and _LAMPS & words:
        return True
    return bool(_LEAFY & words if colour in _NEVER_LEAFY else _DRIED & words and colour == "green")


def _is_fur(parsed: Parsed, match: Match, described: Phrase, choice: str) -> bool:
    """Whether an animal would be called by one such colour for the other."""
    colours = {choice, parsed.lower(match.last)}
    return colours <= _FUR and "animal" in kinds_of().get(head_noun(parsed, described)[1], ())


def _is_mistoned(parsed: Parsed, match: Match, described: Phrase, choice: str) -> bool:
    """Whether the text elsewhere calls the thing dark where it would be white, or light where it would be black."""
    words = choice.split(" ")
    if words[-1] in _LIGHT_COLOURS or words[0] in _LIGHT:
        against = _DARK
    elif words[-1] == "black" or words[0] in _DARK:
        against = _LIGHT
    else:
        return False
    spoken = (i for i in range(len(parsed.tokens)) if parsed.lower(i) in against)
    return any(not match.first <= i <= match.last and _is_said_of(parsed, i, described) for i in spoken)


def _is_said_of(parsed: Parsed, token: int, described: Phrase) -> bool:
    phrase = parsed.phrase_of(token)
    if phrase is None or phrase.head == token:
        phrase = _subject_before(parsed, token - 1) if parsed.lower(token - 1) in _SEEMS else None
    return phrase is not None and same_thing(singular(parsed, phrase), singular(parsed, described))


def _is_whole(parsed: Parsed, match: Match, phrase: Phrase) -> bool:
    """Whether all words of a term stand in the phrase; "a baby blue" may be taken for a baby."""
    before = parsed.phrase_of(match.first)
    return before == phrase or (before is not None and before.head == phrase.first - 1 == match.first)


def _described(parsed: Parsed, match: Match, phrase: Phrase | None) -> Phrase | None:
    """What a term that stands before no noun is said of."""
    before = parsed.lower(match.first - 1)
    if phrase is not None and match.last + 1 == phrase.head:
        verb = phrase.first - 1
        return _subject_before(parsed, verb) if parsed.lower(verb) in _SEEMS | _HAS else None
    after = parsed.tag(match.last + 1)
    if before in ("in", "of") and parsed.tag(match.last) == "JJ" and after in ("", ".", "IN", "VBZ", "VBG"):
        holder = parsed.phrase_of(match.first - 2)
        return holder if holder is not None and holder.head == match.first - 2 else None
    verb = match.first - (2 if before in _WHOLLY else 1)
    return _subject_before(parsed, verb) if _is_predicate(parsed, match, verb) else None


def _is_dress(parsed: Parsed, match: Match, described: Phrase) -> bool:
    """ "A man in red": the colour is that of the clothes, whatever may be said of the man himself."""
    return match.first - 2 == described.head and "person" in kinds_of().get(head_noun(parsed, described)[1], ())


def _is_half(parsed: Parsed, match: Match) -> bool:
    """ "Small tiled stall": what goes with a participle says nothing of the noun; "white colored towers" does."""
    return parsed.tag(match.last + 1) in ("VBN", "VBD", "VBG") and parsed.lower(match.last + 1) not in _COLOURED


def _is_predicate(parsed: Parsed, match: Match, verb: int) -> bool:
    """ "The cup is red.", not "it is red and white striped" and not "the wall is brick red"."""
    after = parsed.tag(match.last + 1)
    return parsed.lower(verb) in _SEEMS and (
        after in ("", ".", ",", "IN", "CC") or parsed.lower(match.last + 1) in {"while"} | _COLOURED
    )


def _subject_before(parsed: Parsed, verb: int) -> Phrase | None:
    """The noun phrase that a verb speaks of: "the cup", "the cup which", "the cup on the table"."""
    end = verb - 2 if parsed.lower(verb - 1) in ("that", "which") else verb - 1
    if parsed.lower(end) == "and" and parsed.lower(end - 2) in BE:
        end, verb = end - 3, end - 2  # "the feet are old and have a gray color"
    phrase = parsed.phrase_of(end)
    if phrase is None or phrase.head != end:
        return None
    while end == verb - 1 and parsed.tag(phrase.first - 1) == "IN":
        holder = parsed.phrase_of(phrase.first - 2)
        if holder is None or holder.head != phrase.first - 2:
            return None
        phrase = holder
    return phrase
