"""What other texts on the same image say: reasons not to call a claim false, and how many there are of a thing.

They are read for words that stand together, not parsed: it is enough that one of them may mean it.
"""

from __future__ import annotations

import re
from functools import lru_cache

from tldr_data.facts import Facts
from tldr_data.verify.gathering import may_be, singular
from tldr_data.verify.vocabulary import ADJECTIVES, GROUPS, NUMBERS, canonical

Texts = tuple[tuple[str, ...], ...]

_BETWEEN = frozenset(
    "is are was were in colour color colored coloured painted of has have the a an very made looks with on".split()
)
"""What may stand between a thing and the adjective that is said of it."""
_VAGUE = frozenset("many several some few lots rows row group groups bunch crowd multiple various other".split())
_RELATIONS = {
    "on": "on onto ontop atop upon",
    "under": "under underneath beneath below",
    "below": "under underneath beneath below",
    "above": "above over atop on",
    "inside": "in inside within into",
    "outside": "outside",
    "in front of": "front before",
    "behind": "behind back",
    "left of": "left",
    "right of": "right",
    "beside": "beside next by near alongside adjacent",
    "near": "beside next by near alongside adjacent close",
    "far from": "far away",
    "at": "at by near",
}


@lru_cache(maxsize=16)
def _texts(texts: tuple[str, ...]) -> Texts:
    return tuple(tuple(re.findall(r"[^\W_]+", text.lower())) for text in texts)


def _are(word: str, name: str) -> bool:
    """Whether a word of a text may name a thing of that name."""
    return may_be(singular(word)[0], name)


def says_of(facts: Facts, name: str, alike: frozenset[str]) -> bool:
    """Whether some text says one of those adjectives of something that may be of that name."""
    for words in _texts(facts.texts):
        for at, word in enumerate(words):
            if canonical(word) not in alike:
                continue
            if any(_are(noun, name) for noun in words[at + 1 : at + 4]):
                return True
            back = at - 1
            while back >= 0 and (words[back] in _BETWEEN or canonical(words[back]) in ADJECTIVES):
                back -= 1
            if back >= 0 and _are(words[back], name):
                return True
    return False


def says_between(facts: Facts, name: str, relation: str, other: str) -> bool:
    """Whether some text puts something of one name in that relation to something of the other."""
    links = _RELATIONS.get(relation, relation).split()
    for words in _texts(facts.texts):
        for at, word in enumerate(words):
            if (
                word in links
                and any(_are(before, name) for before in words[:at])
                and any(_are(after, other) for after in words[at + 1 :])
            ):
                return True
    return False


def says_plural(facts: Facts, name: str) -> bool:
    """Whether some text speaks of several things of that name."""
    return any(singular(word)[1] and _are(word, name) for words in _texts(facts.texts) for word in words)


def number_said(facts: Facts, name: str) -> int | None:
    """How many of it the texts say there are: None if none does, if they differ, or speak of "many"."""
    found: set[int | None] = set()
    for words in _texts(facts.texts):
        for at, word in enumerate(words):
            if singular(word)[1] and _are(word, name):
                found.add(_number_before(words, at))
    numbers = found - {0}
    return numbers.pop() if len(numbers) == 1 else None


def _number_before(words: tuple[str, ...], at: int) -> int | None:
    """The number said of the plural at ``at``, 0 if none is, None if it is a vague one."""
    here = at - 1
    while here >= 0 and (canonical(words[here]) in ADJECTIVES or words[here] in ("of", "the", "only", "a")):
        here -= 1
    if here < 0:
        return 0
    word = words[here]
    if word in _VAGUE:
        return None
    if word == "both":
        return 2
    return NUMBERS.get(word) or GROUPS.get(word) or (int(word) if word.isdecimal() and len(word) < 4 else 0)
