"""Writing inserted on things that could bear it, in captions that tell of none."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from tldr_data.perturb.denial import is_definite
from tldr_data.perturb.nouns import FRAME, singular_word
from tldr_data.perturb.parse import BE, VERBS, Parsed, Phrase
from tldr_data.perturb.rules.text import numeral_sites, thing_of, written_sites
from tldr_data.perturb.sites import Change, Site
from tldr_data.perturb.writing import bearer_of, inscriptions, writing
from tldr_data.taxonomy import Subtype

# Where one of these stands, a thing may already be described as written on, or as bearing nothing.
_WRITTEN = frozenset(
    "reads says saying spells spelled labeled labelled label labels marked word words text letter letters lettering "
    "logo logos writing written inscribed inscription engraved embroidered caption graffiti script sticker stickers "
    "blank plain unmarked unlabeled illegible number numbers numbered numeral numerals brand titled named "
    "language languages foreign initials advertisement advertising advertisements handwriting handwritten printed "
    "lettered signage signature calligraphy message messages slogan".split()
)
_BY_HAND = frozenset(
    "handwriting handwritten script scripts calligraphy cursive signature signatures inscription inscriptions "
    "lettering engraving engravings monogram monogrammed".split()
)
"""Writing that a caption tells of and does not quote: it may be on anything."""
_MARKS = frozenset("sign marking symbol emblem decal sticker poster mural stencil stamp arrow drawing painting".split())
"""What may bear writing already, of which the text says nothing more."""
_BEARS = frozenset("with has have bears bearing having".split())
_EACH = frozenset({"each", "every"})
_ITS = frozenset("it its they them their".split())
_PLAIN = frozenset("clean bare empty smooth chain link wire".split())
"""Before a thing, they leave no room for writing."""
_NEVER = frozenset(
    "no not n't never without none neither nor nothing cannot if would could should might reflected mirrored "
    "silhouetted".split()
)
"""Where one of these stands, what is inserted might not be claimed at all."""
_HEDGES = frozenset(
    "seem seems seemingly appear appears possibly probably likely perhaps maybe presumably apparently "
    "pretending reflection reflections silhouette silhouettes".split()
)
_UNREAL = frozenset("like as than or resembling resembles into".split())
_TOLD_WITH = (FRAME - {"top", "half", "part"}) | frozenset(
    "group couple pair row line set series stack pile bunch out ahead close up number fleet lots root base".split()
)
"""Before "of": what is told of is the thing behind it, not only what it owns ("a window of a house")."""
_PICTURES = frozenset("view shot photo photograph picture image up closeup".split())
_SHADOWS = frozenset("shadow shadows silhouette silhouettes reflection reflections".split())
_PERSONS = frozenset("person people man men woman women boy girl child children photographer cameraman someone".split())
_VIEWERS = frozenset({"camera"})
"""Where "the" makes it the one that took the picture."""
_SINGULAR = frozenset("a an one another".split())
_SEVERAL = frozenset("two three four five six several".split())
_DEFINITE = frozenset("the this that these those its his her their".split())
_PLACES = frozenset("on in at near next beside behind under above below by against underneath beneath atop".split())
_HALVES = frozenset("made shaped colored coloured sized covered filled".split())
"""What a noun before them is only half of ("a bowl shaped pit"), or what tells what it is made of."""
_COMPOUNDS = frozenset(
    "stop exit yield license toilet home base rock wall traffic light tail news hand paper bar hot power window "
    "end car phone control key side wire chain link picket barbed dirt gravel passenger outlet switch "
    "ground first second third top upper lower".split()
)
"""A noun before the head that makes another thing of it: no "toilet bowl" says "good morning"."""


def inscription_sites(parsed: Parsed, subtype: Subtype) -> Iterator[Site]:
    """Things that could bear writing, in a caption that quotes none: a phrase that says what is written there."""
    if _BY_HAND & parsed.vocabulary:
        return
    if any(True for rule in (written_sites, numeral_sites) for _ in rule(parsed, subtype)):
        return
    told = {t.sentence for t in parsed.tokens if t.quoted or t.lower in _WRITTEN or any(c in '"“”' for c in t.text)}
    for t in reversed(parsed.tokens):
        if t.sentence in told and t.lower in _ITS:
            told.add(t.sentence - 1)
    taken = {singular_word(t.lower) for t in parsed.tokens if t.sentence in told}
    taken |= {singular_word(parsed.lower(p.head)) for p in parsed.phrases if _is_plain(parsed, p.first, p.head)}
    taken |= _only_shadows(parsed)
    for phrase in parsed.phrases:
        thing = thing_of(parsed, phrase)
        if thing is None or singular_word(parsed.lower(phrase.head)) in taken:
            continue
        wide = _from_its_article(parsed, phrase)
        if _is_told(parsed, phrase.first, phrase.head - thing.count(" ")) or not _is_there(parsed, wide):
            continue
        choices = _insertions(parsed, wide, thing)
        sentence = parsed.tokens[phrase.head].sentence
        if _EACH & {t.lower for t in parsed.tokens[: phrase.head] if t.sentence == sentence}:
            choices = tuple(words for words in choices if not any(map(str.isdigit, words)))  # one text on all of them
        if choices:
            at = parsed.tokens[phrase.head].end
            yield Site(phrase.head, phrase.head, tuple((Change(at, at, words),) for words in choices), phrase)


def _is_told(parsed: Parsed, begin: int, end: int) -> bool:
    """Whether words before a name make another thing of it ("toilet bowl") or say what it is ("the American flag")."""
    if any(parsed.tokens[i].text[:1].isupper() for i in range(begin + 1, end)):
        return True
    return begin < end and parsed.lower(end - 1) in _COMPOUNDS


def _from_its_article(parsed: Parsed, phrase: Phrase) -> Phrase:
    """The phrase with the article and the adjective before a comma that parts it ("a tan, cream-colored wall")."""
    first = phrase.first - 3
    parted = parsed.lower(first + 2) == "," and parsed.tag(first + 1) == "JJ" and parsed.tag(first) == "DT"
    return replace(phrase, first=first) if first >= 0 and parted else phrase


def _is_plain(parsed: Parsed, begin: int, end: int) -> bool:
    return any(parsed.lower(i) in _PLAIN for i in range(begin, end))


def _only_shadows(parsed: Parsed) -> set[str]:
    """Things, singular, that only cast a shadow into the picture, and what they wear ("the shadows of two people")."""
    found: set[str] = set()
    for i, token in enumerate(parsed.tokens):
        following = parsed.phrase_of(i + 2)
        if token.lower in _SHADOWS and parsed.lower(i + 1) == "of" and following and not is_definite(parsed, i + 2):
            found.add(singular_word(parsed.lower(following.head)))
    return found | set(writing().bearers["clothing"].things) if found & _PERSONS else found


def _is_there(parsed: Parsed, phrase: Phrase) -> bool:
    """Whether the sentence says that the thing is in the picture, and does not only compare with it."""
    sentence = parsed.tokens[phrase.head].sentence
    if any(t.lower in _NEVER for t in parsed.tokens if t.sentence == sentence):
        return False
    end = phrase.first - 2 if parsed.lower(phrase.first - 1) == "on" else phrase.first  # "a reflection on a car"
    if any(t.lower in _HEDGES for t in parsed.tokens[: max(end, 0)] if t.sentence == sentence):
        return False
    before, earlier = parsed.lower(phrase.first - 1), parsed.lower(phrase.first - 2)
    if before == "on" and singular_word(earlier) in _MARKS:
        return False  # "a faded sign on a parking spot"
    borne = parsed.phrase_of(phrase.head + 2)
    if borne and parsed.lower(phrase.head + 1) in _BEARS and singular_word(parsed.lower(borne.head)) in _MARKS:
        return False
    told = before == "into" and is_definite(parsed, phrase.head)  # "mixed into the asphalt", not "made into a box"
    if (before in _UNREAL and not told) or earlier == "similar":
        return False
    return before != "of" or singular_word(earlier) in _TOLD_WITH


def _insertions(parsed: Parsed, phrase: Phrase, thing: str) -> tuple[str, ...]:
    """What may be inserted behind the head, with the blank or comma before it; nothing where it would not read well."""
    first, head = parsed.lower(phrase.first), parsed.lower(phrase.head)
    plural = head != singular_word(head)
    found = inscriptions(thing, plural)
    after = _after(parsed, phrase.head + 1)
    if plural and (thing == "floor" or "carved" in bearer_of()[thing].texts):
        return ()  # storeys; one name in several trees
    new = first in (_SEVERAL if plural else _SINGULAR)
    if after == "more" and not _may_be_cut_off(parsed, phrase):
        return ()
    following = phrase.head + 1 + (parsed.lower(phrase.head + 1) == ",")
    if parsed.tag(following) == "VBG" and (after == "more" or not new) and _is_another_told_of(parsed, phrase):
        return ()
    if new and after != "more":
        return {"place": found.short, "end": found.phrases, "verb": found.phrases}.get(after, ())
    if (new or (first in _DEFINITE and thing not in _VIEWERS)) and _stands_alone(parsed, phrase, plural):
        return {"end": found.clauses, "verb": found.inner_clauses, "more": found.inner_clauses}.get(after, ())
    return ()


def _may_be_cut_off(parsed: Parsed, phrase: Phrase) -> bool:
    """Whether more may follow behind a comma: not "the wall leading to the roof is red", nor what tells of another."""
    before = parsed.lower(phrase.first - 1)
    if parsed.lower(phrase.head + 1) == "with":  # "at a window of the house with a white frame"
        return before == "of" and parsed.lower(phrase.first - 2) in _PICTURES
    return parsed.tag(phrase.first - 1) in ("IN", "TO")


def _is_another_told_of(parsed: Parsed, phrase: Phrase) -> bool:
    """Whether a participle behind the thing may be said of one before it ("a man in a car, wearing a tie")."""
    sentence = parsed.tokens[phrase.head].sentence
    before = (p for p in parsed.phrases if p.head < phrase.first and parsed.tokens[p.head].sentence == sentence)
    return any(singular_word(parsed.lower(p.head)) not in FRAME | _PICTURES for p in before)


def _after(parsed: Parsed, at: int) -> str:
    """What follows a noun phrase: the ``end`` of a clause, a ``verb``, a ``place``, ``more`` of it, or else ""."""
    word, tag = parsed.lower(at), parsed.tag(at)
    opens = parsed.tag(at + 1) in ("DT", "PRP", "CC", "VBG", "WDT", "IN", "EX") and parsed.lower(at + 1) != "with"
    if word in ("", ".", ";", "while") or (word == "," and opens) or (word == "and" and parsed.tag(at + 1) == "TO"):
        return "end"
    if word in BE - {"'s"} or word in ("has", "have") or (tag == "VBZ" and word in VERBS):
        return "verb"
    if word == "to" and parsed.lower(at + 1) == "the":
        return "place"
    if word in _PLACES or (tag in ("VBN", "VBD") and word not in _HALVES):
        return "place"
    return "more" if word == "with" or tag == "VBG" else ""  # "on a bench looking at the sea"


def _stands_alone(parsed: Parsed, phrase: Phrase, plural: bool) -> bool:
    """Whether "which" would speak of the thing alone: no other clause began in the sentence."""
    sentence = parsed.tokens[phrase.head].sentence
    words = {t.lower for t in parsed.tokens[: phrase.first] if t.sentence == sentence}
    opens = phrase.first == 0 or parsed.tokens[phrase.first - 1].sentence != sentence
    if words & {"which", "that", "who", "where"} or (plural and parsed.lower(phrase.first - 1) == "of"):
        return False
    return opens or parsed.tag(phrase.first - 1) in ("IN", ",", "TO")
