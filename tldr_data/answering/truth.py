"""Whether a wrong answer could be true all the same: what rules and models write is held against it alike.

Nothing here proves that an answer is false; whatever is not sure to be false counts as what could be true.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import cache, lru_cache
from typing import NamedTuple

from tldr_data.answering.kinds import NUMBERS, question_type, topic
from tldr_data.answering.lexicon import answers, may_be, singular, split
from tldr_data.answering.told import Told, told_of
from tldr_data.example import Example
from tldr_data.meaning import ARTICLES, lexicon
from tldr_data.objects import kinds_of, plural_forms
from tldr_data.taxonomy import load_taxonomies

_UNSAID = ARTICLES | frozenset(
    "is are was were be been being it its it's there there's this that these those they he she his her their of "
    "s".split()
)
_CLOSED = re.compile(
    r"what (?:animal|vehicle|(?:kind|type|sort|breed|species)s? (?:of )?\w+) (?:is|are) (?:this|that|it|these)"
    r"|what (?:is|are) (?:this|that|it|these|those)\b"
    r"|what (?:is|are) (?:the )?(?:\w+'s )?\w+ (?:\w+ )?"
    r"(?:riding|holding|eating|flying|driving|pulling|chasing|kicking|throwing|carrying|drinking|playing|cutting|reading"
    r"|petting|feeding|herding)"
)
_NEGATIONS = frozenset("no not never none nobody nothing without isn't aren't doesn't don't".split())
_VAGUE = frozenset("several many few some multiple numerous various couple pair dozen dozens lots any all".split())


class Difference(NamedTuple):
    """What one answer has that another has not: words, lower case, articles and the like left out."""

    lost: tuple[str, ...]
    added: tuple[str, ...]


def could_be_true(example: Example, response: str) -> bool:
    """Whether another answer to a question may be right, too, as far as anybody can tell without the image.

    It may if it says the same as the right answer, as one that was accepted, or as one to a similar question about the
    image; if what it names is told of the image elsewhere, or may be there unnoticed; and if the two do not exclude
    one another. ``example`` is the clean one, or one that was perturbed.

    >>> from tldr_data.facts import Facts
    >>> example = Example(id="a", response="Red.", prompt="What color is the car?", task="vqa", source="a", license="b",
    ...                   attribution="", group="a", accepted=("maroon",), facts=Facts(()))
    >>> [could_be_true(example, text) for text in ("Green.", "Pink.", "A red one.")]
    [False, True, True]
    """
    right = example.response if example.reference is None else example.reference
    return _could_be_true(example.prompt, right, response, example.accepted, told_of(example.facts))


@lru_cache(maxsize=64)
def _could_be_true(question: str, right: str, response: str, accepted: tuple[str, ...], told: Told) -> bool:
    """Remembered for a little while: who makes a wrong answer and who verifies it ask the same."""
    others = [*accepted, *_similar_answers(question, told)]
    if _is_turned(right, response):
        return any(_is_turned(right, other) for other in others)
    if any(_says_the_same(other, response) for other in (right, *others)):
        return True
    return _may_hold(question, difference(right, response), told, f"{right} {response}")


def contradicting_fact(example: Example) -> str | None:
    """What the annotation says against a perturbed answer, where it tells the colour of every such thing; else None."""
    found = difference(example.reference or "", example.response)
    colours, noun = _colours(found.added), coloured_noun(example.prompt, example.response)
    things = example.facts.things if example.facts else ()
    of_name = [thing for thing in things if singular(thing.name) == noun]
    told = [[colour for colour in thing.attributes if colour in answers().colours] for thing in of_name]
    if len(colours) != 1 or not told or not all(told):
        return None
    if any(is_near_colour(colours[0], colour) for row in told for colour in row):
        return None
    return f"{of_name[0].name}: {told[0][0]} (says {colours[0]})"


def difference(right: str, response: str) -> Difference:
    """The words that were lost and added, multi-word colours kept together."""
    old, new = content(right), content(response)
    return Difference(tuple(w for w in old if w not in new), tuple(w for w in new if w not in old))


@lru_cache(maxsize=8192)
def content(text: str) -> tuple[str, ...]:
    """The words of a text that say something."""
    return tuple(word.lower for word in split(text) if word.lower not in _UNSAID)


def _similar_answers(question: str, told: Told) -> list[str]:
    """The right answers to similar questions about the image."""
    if told.facts is None or not told.facts.pairs:
        return []
    kind, key = question_type(question), _key(question)
    same_kind = ((asked, answer) for asked, answer in told.facts.pairs if question_type(asked) == kind)
    return [answer for asked, answer in same_kind if _are_similar(key, _key(asked))]


@lru_cache(maxsize=8192)
def _key(question: str) -> frozenset[str]:
    return frozenset(singular(word) for word in content(question))


def _are_similar(one: frozenset[str], other: frozenset[str]) -> bool:
    return 2 * len(one & other) >= len(one | other)


def _is_turned(right: str, response: str) -> bool:
    """Whether "yes" became "no"; nothing else can make such an answer false more surely."""
    old, new = content(right), content(response)
    return bool(old and new) and {old[0], new[0]} == {"yes", "no"}


def _says_the_same(right: str, response: str) -> bool:
    """Whether all that a response adds to a right answer may mean something that the answer says."""
    old, new = content(right), content(response)
    if not set(old).isdisjoint(_NEGATIONS) or not set(new).isdisjoint(_NEGATIONS):
        return old == new
    if set(new) <= set(old):
        return bool(new) or not old
    added = [word for word in new if word not in old]
    return all(any(may_be(word, other) for other in old) for word in added)


def _may_hold(question: str, found: Difference, told: Told, both: str) -> bool:
    """Whether what was added may be true of the image beside, or in place of, what was lost."""
    lost, added = " ".join(found.lost), " ".join(found.added)
    if not found.added:
        return not _NEGATIONS.intersection(found.lost)  # a vaguer answer; "not" taken away is none
    if _NEGATIONS.intersection(found.added):
        return False
    kind = question_type(question)
    if _VAGUE.intersection(found.added):
        return True
    if kind in ("text", "brand"):
        return _is_read(found.added, told)
    if (numbers := _numbers(found.added)) or (kind == "count"):
        return not numbers or not _differ(question, _numbers(found.lost), numbers)
    if colours := _colours(found.added):
        return _may_be_coloured(question, found, colours, told, both)
    if _exclude(lost, added):
        return _is_said_of(question, found.added, told)
    if question.lower().startswith(answers().opinion) or kind in ("time", "when", "weather", "how", "why"):
        return True
    return _may_be_there(question, kind, found, told)


def _is_read(added: Sequence[str], told: Told) -> bool:
    return all(word in told.words or singular(word) in told.words for word in added)


def _numbers(words: Iterable[str]) -> list[int]:
    return [int(word) if word.isdecimal() else NUMBERS[word] for word in words if word.isdecimal() or word in NUMBERS]


def _differ(question: str, lost: Sequence[int], added: Sequence[int]) -> bool:
    return len(lost) == len(added) == 1 and is_far(lost[0], added[0], singular(topic(question)))


def is_far(right: int, wrong: int, noun: str) -> bool:
    """Whether two counts of a thing cannot come of one picture that was counted twice: the more there are, the less
    is sure; what is there in crowds is often counted in part.

    >>> is_far(2, 3, "clock"), is_far(2, 4, "tree"), is_far(2, 4, "clock"), is_far(12, 13, "clock")
    (False, False, True, False)
    """
    if noun in answers().parts or right < 1 or wrong < 1:
        return False
    if right > wrong:  # counted were so many: at least these are there
        return right - wrong >= max(1 if right < 3 else 2, -(-right // 3))
    return wrong - right >= max(3 if noun in answers().crowded else 2, -(-right * 2 // 5))


def _colours(words: Iterable[str]) -> list[str]:
    return [word for word in words if word in answers().colours]


def _may_be_coloured(question: str, found: Difference, colours: Sequence[str], told: Told, both: str) -> bool:
    lost = _colours(found.lost)
    if len(lost) != 1 or len(colours) != 1 or len(found.added) > 2:
        return True
    noun = coloured_noun(question, both)
    (old,), (new,) = lost, colours
    if _is_one_of_several(noun, told) and (new in answers().common_colours or new == "blue"):
        return True  # "the car", where there are cars
    return not is_other_colour(old, new, noun) or any(
        is_near_colour(new, other) for other in told.said_with(noun) if other in answers().colours
    )


def _is_one_of_several(noun: str, told: Told) -> bool:
    if "vehicle" in kinds_of().get(noun, ()) and not answers().vehicles.isdisjoint(told.words):
        return True
    return plural_forms().get(noun, f"{noun}s") in told.words


def coloured_noun(question: str, text: str) -> str:
    """The thing that an answer gives a colour, in the singular: what the question asks of, or what the answer names."""
    noun = topic(question) if question_type(question) == "colour" else ""
    if not noun:
        words = [word.lower for word in split(text)]
        after = (words[at + 1] for at, word in enumerate(words[:-1]) if word in answers().colours)
        noun = next((word for word in after if word not in answers().colours and word not in _UNSAID), "")
    return singular(noun) if noun else ""


@lru_cache(maxsize=4096)
def is_near_colour(one: str, other: str) -> bool:
    """Whether two colours may be taken for one another."""
    colour = next(t for t in load_taxonomies(["attribute"])).subtypes["colour"]
    return (
        one == other
        or other in answers().near_colours.get(one, ())
        or any(one in row and other in row for row in colour.near)
        or one.endswith(f" {other}")
        or other.endswith(f" {one}")
    )


@lru_cache(maxsize=8192)
def is_other_colour(old: str, new: str, noun: str) -> bool:
    """Whether a thing of one colour would never be said to have the other."""
    lexical = answers()
    if is_near_colour(old, new):
        return False
    if noun in lexical.uncertain_colours:
        return new in lexical.clear_of.get(noun, ("purple",))
    return new not in lexical.common_colours or noun in lexical.plain_things


def _exclude(lost: str, added: str) -> bool:
    """Whether a taxonomy says that one phrase excludes the other."""
    return (lost, added) in _exclusive()


@cache
def _exclusive() -> frozenset[tuple[str, str]]:
    """What an exchange of the taxonomies takes away and adds: "left" and "right" of "on the left", "on the right"."""
    found = set()
    for taxonomy in load_taxonomies(["spatial", "attribute", "counterfactual"]):
        for subtype in taxonomy.subtypes.values():
            pairs = ((old, new) for old, others in subtype.exchanges.items() for new in others)
            differences = (difference(old, new) for old, new in pairs)
            found |= {(" ".join(lost), " ".join(added)) for lost, added in differences if lost and added}
    return frozenset(found)


def _is_said_of(question: str, added: Sequence[str], told: Told) -> bool:
    """Whether what was added is told of the thing that the question asks of."""
    noun = topic(question)
    return all(word in told.said_with(noun) for word in added) if noun else False


def _may_be_there(question: str, kind: str, found: Difference, told: Told) -> bool:
    """Whether the things that were added may be in the image, where the question can be answered with them."""
    nouns = _nouns(found.added)
    if any(may_be(new, old) for new in nouns for old in found.lost):
        return True
    if any(_is_told(noun, found.lost, told) for noun in nouns):
        return True
    if kind in ("where", "room", "material"):
        return not nouns or not any(new in answers().scenes.get(old, ()) for new in nouns for old in _nouns(found.lost))
    if kind not in ("what", "which", "sort", "who", "activity"):
        return True
    if kind in ("what", "which") and not _CLOSED.match(question.lower()):
        return not nouns or any(not is_conspicuous(noun) for noun in nouns)
    return False


def _is_told(noun: str, lost: Sequence[str], told: Told) -> bool:
    """Whether a thing is told of; a person of another sort is not, where "the person" may be the one of the answer."""
    if "person" in kinds_of().get(noun, ()) and any("person" in kinds_of().get(singular(old), ()) for old in lost):
        return not answers().people.isdisjoint(told.words) or told.names(noun, broader=False)
    return told.names(noun)


def _nouns(words: Sequence[str]) -> list[str]:
    """Of what was added the phrases that the object lexicon knows, and all other words."""
    whole = " ".join(words)
    if singular(whole) in kinds_of():
        return [singular(whole)]
    return [singular(word) for word in words if word not in lexicon().particles]


@lru_cache(maxsize=8192)
def is_conspicuous(noun: str) -> bool:
    """Whether a thing is hardly ever in a picture without being told of."""
    return noun not in answers().unnoticed and not answers().conspicuous.isdisjoint(kinds_of().get(noun, ()))
