"""Whether words that stand in the place of others say the same: stretches of two texts, looked up as they are.

Reading a whole text as units cuts it into phrases, and phrases overlap: "a person riding | a bike", "a person | riding
a bike". Here only what changed is read, with some of the words around it, so that nothing else can hide it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from rapidfuzz.distance import Levenshtein

from tldr_data.meaning import ARTICLES, Unit, agree, generalises, phrase_unit

MOST_STRETCHES = 2
LONGEST = 6
"""Words of a stretch; no phrase of the lexicon is longer."""
NEAREST = 2
"""Changes with no more words between them are one stretch: "a clock tower", "a tower with a clock"."""
MARGINS = ((0, 0), (1, 0), (0, 1), (2, 0), (0, 2), (1, 1))
"""Words before and behind a stretch that are looked up with it."""
_UNSAID = ARTICLES | frozenset("is are was were be been being am".split())


class Stretch(NamedTuple):
    """Words ``start:end`` of the reference became words ``new_start:new_end`` of the response."""

    start: int
    end: int
    new_start: int
    new_end: int


def replaces_like_with_like(reference: Sequence[str], response: Sequence[str]) -> bool:
    """Whether every changed stretch of two texts, given as lower-case words, is known to mean the same in both.

    >>> replaces_like_with_like("a man on a bike".split(), "a man riding a bike".split())
    True
    >>> replaces_like_with_like("a man on a bike".split(), "a man near a bike".split())
    False
    """
    old, new = ([word for word in words if word not in _UNSAID] for words in (reference, response))
    stretches = list(_stretches(old, new))
    if not 0 < len(stretches) <= MOST_STRETCHES:
        return False
    return all(_says_the_same(old, new, stretch) for stretch in stretches)


def common_ends(old: Sequence[str], new: Sequence[str]) -> tuple[int, int]:
    """How many words two texts both begin with and, of the others, end with.

    >>> common_ends("a big red cup".split(), "a big old cup".split())
    (2, 1)
    """
    most = min(len(old), len(new))
    start = next((at for at in range(most) if old[at] != new[at]), most)
    return start, next((at for at in range(most - start) if old[-1 - at] != new[-1 - at]), most - start)


def _stretches(old: Sequence[str], new: Sequence[str]) -> Iterator[Stretch]:
    waiting: Stretch | None = None
    for op in Levenshtein.opcodes(old, new):
        if op.tag == "equal":
            continue
        stretch = Stretch(op.src_start, op.src_end, op.dest_start, op.dest_end)
        if waiting and stretch.start - waiting.end <= NEAREST:
            waiting = Stretch(waiting.start, stretch.end, waiting.new_start, stretch.new_end)
            continue
        if waiting:
            yield waiting
        waiting = stretch
    if waiting:
        yield waiting


def _says_the_same(old: Sequence[str], new: Sequence[str], stretch: Stretch) -> bool:
    start, end, new_start, new_end = stretch
    if max(end - start, new_end - new_start) > LONGEST:
        return False
    for before, after in MARGINS:
        if before > min(start, new_start) or after > len(old) - end:
            continue
        one, other = old[start - before : end + after], new[new_start - before : new_end + after]
        if one and other and _same_phrase(_worn(one), _worn(other)):
            return True
    return False


def _same_phrase(one: Sequence[str], other: Sequence[str]) -> bool:
    if list(one) == list(other):
        return True
    if len(one) == len(other) > 1 and all(_same_phrase([a], [b]) for a, b in zip(one, other, strict=True)):
        return True
    old = phrase_unit(one)
    new = None if old is None else phrase_unit(other)
    return old is not None and new is not None and not _flips(old, new) and (agree(old, new) or generalises(old, new))


def _flips(old: Unit, new: Unit) -> bool:
    return old.lemma == new.lemma and old.plural != new.plural


def _worn(words: Sequence[str]) -> Sequence[str]:
    """ "with a hat on" as "wearing a hat"."""
    return ["wearing", *words[1:-1]] if len(words) > 2 and words[0] == "with" and words[-1] == "on" else words
