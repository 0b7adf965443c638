"""A sentence cut into phrases: noun phrases, relations, places in the picture, verbs, signs.

The longest phrase wins at every word; what no table knows becomes a phrase of kind ``unknown``, never silence.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from tldr_data.verify.nouns import Mention, Place, Spans, mention_at
from tldr_data.verify.words import Lexicon, Word

_RELATIONS = {
    "left of": "left of; to the left of; on the left of; at the left of; on the left side of; to the left side of;"
    " on the left hand side of; to the left hand side of; at the left side of",
    "right of": "right of; to the right of; on the right of; at the right of; on the right side of;"
    " to the right side of; on the right hand side of; to the right hand side of; at the right side of",
    "above": "above; over; higher than; higher up than",
    "below": "below; lower than; lower down than",
    "on": "on; on top of; on the top of; atop; upon; onto; on to; on the surface of",
    "under": "under; underneath; beneath",
    "inside": "in; inside; inside of; within; into",
    "outside": "outside; outside of; out of",
    "in front of": "in front of; in the front of",
    "behind": "behind; in back of; at the back of",
    "beside": "next to; beside; by; alongside; adjacent to; at the side of; by the side of",
    "near": "near; near to; close to; close by; in the vicinity of; not far from; nearby; a short distance from",
    "far from": "far from; far away from; away from; a long way from; distant from; a long way away from; remote from",
    "at": "at",
}
_LOOSE = (
    "just right directly immediately slightly well quite very fairly somewhat rather straight squarely partly really"
).split()

_BE = "is are was were 's 're appears appear seems seem looks look remains remain stays stay becomes"
_POSTURE = (
    "sits sit stands stand lies lie rests rest hangs hang floats float waits wait leans lean perches perch leads"
    " appears hovers hover drifts drift sleeps sleep grows grow rises rise waves"
    " shines shine glows nestles nestle peeks peek is_visible are_visible can_be_seen can_be_found can_be_spotted"
    " is_placed are_placed is_found are_found is_seen are_seen is_located are_located is_set are_set is_positioned"
    " are_positioned is_situated are_situated is_standing are_standing is_sitting are_sitting is_lying are_lying"
    " is_resting are_resting is_hanging are_hanging is_floating are_floating is_perched are_perched is_parked"
    " are_parked"
    " has_been_placed have_been_placed has_been_set have_been_set shows_up stretches"
    " extends is_to_be_seen are_to_be_seen can_also_be_seen makes_up fills may_be_seen is_there are_there"
    "  fly flies swim swims walk walks run runs jump jumps bloom blooms burn burns glow swirl swirls hop hops graze"
    " grazes crawl crawls swing swings roll rolls is_written"
    " are_written is_growing are_growing is_flying are_flying is_swimming are_swimming is_painted are_painted"
    " is_tucked are_tucked is_kept are_kept is_put are_put is_propped are_propped is_present are_present"
)
_PARTICIPLES = (
    "sitting standing lying resting hanging floating placed located set positioned situated perched parked leaning"
    " nestled seen found growing flying swimming walking running crawling blooming written tucked hovering"
    " drifting waiting visible kept put propped"
)
_HOLDS = "contains contain holds hold containing holding"
_HAS = (
    "with has have having featuring features feature including includes bearing bears showing wears wearing shows"
    " depicts show we_see you_see you_can_see we_can_see one_can_see"
)
_SAYS = (
    "says say reads read saying reading labeled labelled marked that_says that_reads which_says which_reads"
    " says_clearly"
    " with_the_words with_the_word with_the_text with_the_writing with_the_letters bearing_the_words bearing_the_word"
    " bearing_the_text bears_the_words bears_the_word bears_the_text carries_the_words carries_the_word spells spelling"
    " saying_the_words that_spells shows_the_words shows_the_word showing_the_words has_the_words has_the_word"
    " on_which_is_written on_which_it_says displays displaying with_the_message carrying_the_words with_the_lettering"
)
_SKIP = (
    "yes in_the_picture in_the_image in_the_scene in_the_photo in_this_picture in_this_image in_this_scene"
    " in_this_photo"
    " in_the_frame in_view in_sight in_the_view anywhere here to_be_seen to_be_found visible_here at_all of_the_picture"
    " in_the_drawing in_this_drawing also too as_well just clearly both all each together alone itself themselves there"
    " in_color in_colour in_total altogether of_all as_its anywhere_in_the_picture anywhere_in_the_image"
    " anywhere_in_the_scene the_words the_word the_text the_letters in_it in_here then finally still nicely"
    " quietly neatly"
    " written_on_it written_on_them painted_on_it printed_on_it anywhere_in_sight is_in_sight to_see the_writing"
    " in_this_view visible"
)
_PICTURES = "picture image scene photo photograph frame drawing illustration view canvas".split()
_NO = "no without without_any with_no without_a neither not_a_single not_any not_a not_one nor_any nor_a no_sign_of"


def _table() -> dict[tuple[str, ...], tuple[str, str]]:
    """Fixed phrases to (kind, value)."""
    table: dict[tuple[str, ...], tuple[str, str]] = {}
    groups = (
        ("skip", _SKIP), ("verb", f"{_BE} {_POSTURE}"), ("participle", _PARTICIPLES), ("holds", _HOLDS), ("with", _HAS),
        ("says", _SAYS), ("no", _NO), ("not", "not isn't aren't never doesn't don't does_not do_not"), ("or", "or nor"),
        ("and", "and while but whereas yet plus as_well_as along_with together_with"), ("that", "that which who"),
        ("there", "there there's there_is there_are there_stands there_sits there_lies there_hangs there_was"),

        ("each other", "each_other one_another side_by_side"), ("pronoun", "it they them"),
        ("made", "made_of made_out_of made_from painted colored coloured"), ("not", "is_not are_not"),
    )  # fmt: skip
    for kind, phrases in groups:
        for phrase in phrases.split():
            table[tuple(phrase.split("_"))] = (kind, phrase)
    for value, phrases in _RELATIONS.items():
        for phrase in phrases.split(";"):
            words = tuple(phrase.split())
            table[words] = ("relation", value)
            for loose in _LOOSE:
                table[loose, *words] = ("relation", value)
    for picture in _PICTURES:
        for before in ("the", "this", "a"):
            table[before, picture] = ("picture", picture)
        for begin in ("this is a", "this is an", "here is a", "this is the", "we see a", "it is a"):
            table[*begin.split(), picture, "of"] = ("there", "there")
    return table


_TABLE = _table()
_LONGEST: dict[str, int] = {}
for _words in _TABLE:
    _LONGEST[_words[0]] = max(_LONGEST.get(_words[0], 0), len(_words))

_DIRECTIONS = {word: word for word in "left right top bottom middle foreground background".split()} | {
    "upper": "top", "lower": "bottom", "center": "middle", "centre": "middle", "central": "middle",
    "distance": "background",
    "front": "foreground", "back": "background", "uppermost": "top",
}  # fmt: skip
_PARTS = frozenset("hand side part half edge corner section area region third portion end margin border".split())
_INTENSE = frozenset("the very far extreme its this extremely".split())


@dataclass(frozen=True, slots=True)
class Phrase:
    """One phrase: ``value`` is the relation, adjective or quotation; nouns have a ``mention``, places a ``place``."""

    kind: str
    spans: Spans
    value: str = ""
    mention: Mention | None = None
    place: Place = field(default=frozenset())


def phrases(words: Sequence[Word], lexicon: Lexicon) -> list[Phrase]:
    """All phrases of one sentence, in order; words that say nothing of the picture are left out."""
    found: list[Phrase] = []
    at = 0
    while at < len(words):
        at, phrase = _phrase_at(words, at, lexicon, found[-1].kind if found else "")
        if phrase.kind != "skip":
            found.append(phrase)
    return found


def _phrase_at(words: Sequence[Word], at: int, lexicon: Lexicon, before: str) -> tuple[int, Phrase]:
    word = words[at]
    if word.kind == "quote":
        return at + 1, Phrase("quote", ((word.start, word.end),), word.text)
    if word.kind == "mark":
        return at + 1, Phrase("mark", ((word.start, word.end),), word.lower)
    if before == "made":
        material = lexicon.adjective(words, at)
        if material:
            return material[0], Phrase("adjective", spans_of(words[at : material[0]]), material[1])
    placed = _place_at(words, at)
    fixed = _fixed_at(words, at)
    if placed and (not fixed or placed[0] >= fixed[0]):
        return placed
    determiner = fixed is not None and fixed[0] == at + 1 and word.lower in ("that", "each", "both", "all")
    if fixed and not (determiner and mention_at(words, at, lexicon, bare=False)):
        return fixed
    noun = mention_at(words, at, lexicon, bare=before in ("no", "or"))
    if noun and noun[0] > at:
        return noun[0], Phrase("mention", noun[1].spans, noun[1].name, mention=noun[1])
    adjective = lexicon.adjective(words, at)
    if adjective:
        return adjective[0], Phrase("adjective", spans_of(words[at : adjective[0]]), adjective[1])
    return at + 1, Phrase("unknown", ((word.start, word.end),), word.text)


def narrowed(found: Sequence[Phrase], no: Phrase, after: int) -> str:
    """What makes "no" deny less than any: "with" in "with no hat", "verb" in "no man wears a hat"; else ""."""
    before = found[: found.index(no)]
    if before and (before[-1].kind != "there" or no.value.startswith("with")):
        return before[-1].kind
    return found[after].kind if after < len(found) and found[after].kind not in ("mark", "and", "or") else ""


def spans_of(words: Sequence[Word]) -> Spans:
    """Where each word stands."""
    return tuple((word.start, word.end) for word in words)


def _fixed_at(words: Sequence[Word], at: int) -> tuple[int, Phrase] | None:
    for size in range(min(_LONGEST.get(words[at].lower, 0), len(words) - at), 0, -1):
        hit = _TABLE.get(tuple(word.lower for word in words[at : at + size]))
        if hit:
            return at + size, Phrase(hit[0], spans_of(words[at : at + size]), hit[1])
    return None


def _place_at(words: Sequence[Word], at: int) -> tuple[int, Phrase] | None:
    """A place in the picture ("in the upper left corner of the picture"), or "left of" said at length.

    Value: ``to`` where the place may also be meant from the thing spoken of before ("to the left").
    """
    texts = [word.lower for word in words[at : at + 14]]
    if texts[0] not in ("on", "in", "at", "near", "to", "toward", "towards", "along", "close", "around", "from"):
        return None
    here = 2 if texts[:2] == ["close", "to"] else 1
    while here < len(texts) and texts[here] in _INTENSE:
        here += 1
    first = here
    while here < len(texts) and texts[here] in _DIRECTIONS:
        here += 1
    place = frozenset(_DIRECTIONS[text] for text in texts[first:here])
    while here < len(texts) and texts[here] in _PARTS:
        here += 1
    if not place or (place & {"foreground", "background"} and texts[0] == "near"):
        return None
    value = "to" if texts[0] == "to" else ""
    if texts[here : here + 1] == ["of"]:
        if here + 2 >= len(texts) or texts[here + 1] not in ("the", "this") or texts[here + 2] not in _PICTURES:
            return None
        here, value = here + 3, ""
    return at + here, Phrase("place", spans_of(words[at : at + here]), value, place=place)
