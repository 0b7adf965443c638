"""Which words of two texts correspond: the longest common subsequence, and of the equally long the one a person sees.

First the texts are cut at spaces and compared as they stand, which costs little; then, in the few stretches that
differ, words are compared by key (``diff._key``).
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from itertools import count
from typing import NamedTuple

from rapidfuzz.distance import LCSseq, Postfix, Prefix

from tldr_data.agreement import agreement


class Side(NamedTuple):
    """One of the two texts: its words by offsets, and what each is compared by."""

    text: str
    spans: list[tuple[int, int]]
    keys: list[str]


class Block(NamedTuple):
    """Words ``a[a_start:a_end]`` became words ``b[b_start:b_end]``; one of the two may be empty."""

    a_start: int
    a_end: int
    b_start: int
    b_end: int


class Stretch(NamedTuple):
    """Characters ``a_start:a_end`` of the reference that became ``b_start:b_end`` of the response, cut at spaces."""

    a_start: int
    a_end: int
    b_start: int
    b_end: int


_MAX_CELLS = 25_000_000
"""rapidfuzz keeps one bit per pair of words: 3 MB at 5,000 x 5,000. Larger middles are cut at anchors first."""
_WIDE = 12
_CONTEXT = 80
"""Words, and the characters of as many, around an insertion that could stand elsewhere: how far it is moved at most."""
_SHINGLE_LENGTHS = (8, 3, 1)
_MAX_SWAP = 40
"""Words of a moved phrase in which a swap is looked for: its search is quadratic."""

_JOINING = frozenset("and or but while with without".split())
_LEADING = frozenset(
    "a an the this that these those its their his her in on at of to from by near under above below behind beside"
    " between against along over into inside next which who there".split()
)


def changed_stretches(reference: str, response: str) -> list[Stretch]:
    """Where two texts differ, in order, with some equal words around; between the stretches they are equal.

    Words never hold a space, so the words inside a stretch are those of the whole text.
    """
    shorter = min(len(reference), len(response))
    prefix = Prefix.similarity(reference, response)
    suffix = min(Postfix.similarity(reference, response), shorter - prefix)
    # Equal words around the first and the last change stay in: an insertion may have to move over them.
    start = reference.rfind(" ", 0, max(prefix - _CONTEXT, 0)) + 1
    stop = reference.find(" ", len(reference) - max(suffix - _CONTEXT, 0))
    stop = len(reference) if stop < 0 else stop
    grown = len(response) - len(reference)
    a, b = reference[start:stop].split(" "), response[start : stop + grown].split(" ")
    stretches: list[Stretch] = []
    x = y = start
    i = 0
    blocks = changed_blocks(a, b)
    if "\0" in reference or "\0" in response:
        # rapidfuzz takes "\0" and "" for equal; a chunk with a space is equal to no other.
        blocks = changed_blocks(*([chunk if chunk != "\0" else "\0 " for chunk in side] for side in (a, b)))
    for i_next, i_end, j_next, j_end in _with_context(blocks, a, b):
        # What lies between two stretches is equal: its length need be added up only once.
        equal = sum(map(len, a[i:i_next])) + i_next - i
        x, y = x + equal, y + equal
        x_end = x + sum(map(len, a[i_next:i_end])) + i_end - i_next
        y_end = y + sum(map(len, b[j_next:j_end])) + j_end - j_next
        # Less the space behind the last chunk.
        stretches.append(Stretch(x, max(x_end - 1, x), y, max(y_end - 1, y)))
        x, y, i = x_end, y_end, i_end
    return stretches


def _with_context(blocks: Sequence[Block], a: Sequence[str], b: Sequence[str]) -> list[Block]:
    """Chunks to read word by word: the changed ones and their neighbours, joined where they may be one change."""
    result: list[Block] = []
    growth = 0
    for block in blocks:
        i, i_end, j, j_end = block
        wide, grows = block, (j_end - j) - (i_end - i)
        if grows:
            margin = _WIDE if _may_slide(block, a, b) else 1
            left, right = min(margin, i, j), min(margin, len(a) - i_end, len(b) - j_end)
            wide = Block(i - left, i_end + right, j - left, j_end + right)
        last = result[-1] if result else None
        # One side shrank, the other grew: that may be one phrase that moved.
        moved = grows * growth < 0 and last is not None and i - last.a_end < _MAX_SWAP
        if last and (moved or wide.a_start <= last.a_end or wide.b_start <= last.b_end):
            result[-1] = Block(last.a_start, wide.a_end, last.b_start, wide.b_end)
            growth += grows
        else:
            result.append(wide)
            growth = grows
    return result


def _may_slide(block: Block, a: Sequence[str], b: Sequence[str]) -> bool:
    """Whether an insertion or a deletion could as well stand one word earlier or later."""
    i, i_end, j, j_end = block
    if i < i_end and j < j_end:
        return False
    chunks, start, end = (b, j, j_end) if i == i_end else (a, i, i_end)
    pairs = [(start - 1, end - 1), (start, end)]
    return any(
        x >= 0 and y < len(chunks) and chunks[x].strip(".,;:!?").lower() == chunks[y].strip(".,;:!?").lower()
        for x, y in pairs
    )


def align(a: Side, b: Side) -> list[Block]:
    """The changed blocks, sorted and disjoint, that turn the words of ``a`` into those of ``b``."""
    if len(a.keys) == 1 == len(b.keys):
        return [Block(0, 1, 0, 1)] if a.keys != b.keys else []
    blocks = changed_blocks(a.keys, b.keys)
    if len(blocks) == 1 and blocks[0].a_start < blocks[0].a_end and blocks[0].b_start < blocks[0].b_end:
        return blocks
    blocks = _swaps(blocks, a.keys, b.keys)
    return _merge_touching(_slide(blocks, a, b))


def changed_blocks(a: Sequence[str], b: Sequence[str]) -> list[Block]:
    if not a or not b:
        return [Block(0, len(a), 0, len(b))] if a != b else []
    if len(a) * len(b) > _MAX_CELLS:
        return _changed_between_anchors(a, b)
    blocks: list[Block] = []
    i = j = 0
    # The last "match" is empty and stands at the ends.
    for match in LCSseq.editops(a, b).as_matching_blocks():
        if match.a > i or match.b > j:
            blocks.append(Block(i, match.a, j, match.b))
        i, j = match.a + match.size, match.b + match.size
    return blocks


def _merge_touching(blocks: Sequence[Block]) -> list[Block]:
    merged: list[Block] = []
    for block in blocks:
        last = merged[-1] if merged else None
        if last and last.a_end == block.a_start and last.b_end == block.b_start:
            merged[-1] = Block(last.a_start, block.a_end, last.b_start, block.b_end)
        else:
            merged.append(block)
    return merged


def _changed_between_anchors(a: Sequence[str], b: Sequence[str]) -> list[Block]:
    """The same for very long texts: runs of words that occur once in each text are taken to correspond.

    Where no run is unique and the stretch is still too long, the stretch is one changed block.
    """
    for length in _SHINGLE_LENGTHS:
        anchors = _anchors(a, b, length)
        if anchors:
            break
    else:
        return [Block(0, len(a), 0, len(b))]
    blocks: list[Block] = []
    a_start = b_start = 0
    for a_end, b_end in [*anchors, (len(a), len(b))]:
        stretch = a[a_start:a_end], b[b_start:b_end]
        if len(stretch[0]) * len(stretch[1]) > _MAX_CELLS:
            blocks.append(Block(a_start, a_end, b_start, b_end))
        else:
            blocks += [
                Block(x.a_start + a_start, x.a_end + a_start, x.b_start + b_start, x.b_end + b_start)
                for x in changed_blocks(*stretch)
            ]
        # The anchor's own first word is equal on both sides.
        a_start, b_start = a_end + 1, b_end + 1
    return _merge_touching(blocks)


def _anchors(a: Sequence[str], b: Sequence[str], length: int) -> list[tuple[int, int]]:
    """Places (in ``a``, in ``b``) of runs of ``length`` words that are unique in both, increasing on both sides."""
    a_at, b_at = _unique_runs(a, length), _unique_runs(b, length)
    pairs = sorted((place, b_at[run]) for run, place in a_at.items() if run in b_at)
    ends: list[int] = []
    chain: list[int] = []
    before: list[int] = []
    for index, (_, place) in enumerate(pairs):
        rank = bisect_left(ends, place)
        before.append(chain[rank - 1] if rank else -1)
        ends[rank : rank + 1] = [place]
        chain[rank : rank + 1] = [index]
    longest: list[tuple[int, int]] = []
    index = chain[-1] if chain else -1
    while index >= 0:
        longest.append(pairs[index])
        index = before[index]
    return longest[::-1]


def _unique_runs(keys: Sequence[str], length: int) -> dict[tuple[str, ...], int]:
    runs = [tuple(keys[start : start + length]) for start in range(len(keys) - length + 1)]
    seen = Counter(runs)
    return {run: place for place, run in enumerate(runs) if seen[run] == 1}


def _swaps(blocks: list[Block], a: Sequence[str], b: Sequence[str]) -> list[Block]:
    """See "A left of B" -> "B left of A" as a swap also where A is long.

    The longest common subsequence then keeps A, and moves "B left of" over it; a person sees A and B change places.
    """
    result: list[Block] = []
    for block in blocks:
        swapped = _as_swap(result[-1], block, a, b) if result else None
        if swapped:
            result[-1:] = swapped
        else:
            result.append(block)
    return _merge_touching(result)


def _as_swap(first: Block, second: Block, a: Sequence[str], b: Sequence[str]) -> list[Block] | None:
    if first.a_start == first.a_end and second.b_start == second.b_end:
        turned = _as_swap(_mirror(first), _mirror(second), b, a)
        return [_mirror(block) for block in turned] if turned else None
    # Words "A M" are deleted before B, "M A" inserted behind it.
    deleted, inserted = a[first.a_start : first.a_end], b[second.b_start : second.b_end]
    pure = first.b_start == first.b_end and second.a_start == second.a_end
    if not pure or len(deleted) != len(inserted) or len(deleted) > _MAX_SWAP:
        return None
    for size in range(1, len(deleted)):
        middle = list(zip(deleted[size:], inserted[:-size], strict=True))
        if deleted[:size] == inserted[-size:] and all(x == y or agreement(x, y) for x, y in middle):
            return _swap_blocks(first, second, size, [x == y for x, y in middle])
    return None


def _swap_blocks(first: Block, second: Block, size: int, equal: Sequence[bool]) -> list[Block]:
    """a: A M B, b: B M A, where A has ``size`` words, and ``equal`` tells which words of M are the same in both."""
    a_middle, b_middle = first.a_start + size, second.b_start
    blocks = [Block(first.a_start, a_middle, first.b_start, b_middle)]
    for x, y, same in zip(count(a_middle), count(b_middle), equal, strict=False):
        blocks += [] if same else [Block(x, x + 1, y, y + 1)]
    blocks.append(Block(a_middle + len(equal), second.a_end, b_middle + len(equal), second.b_end))
    return blocks


def _mirror(block: Block) -> Block:
    return Block(block.b_start, block.b_end, block.a_start, block.a_end)


def _slide(blocks: Sequence[Block], a: Side, b: Side) -> list[Block]:
    """Move insertions and deletions to where a phrase begins: in "a cup and a cup" it is "and a cup" that is new."""
    result: list[Block] = []
    for index, block in enumerate(blocks):
        if block.a_start != block.a_end and block.b_start != block.b_end:
            result.append(block)
            continue
        side, start, end = (b, block.b_start, block.b_end) if block.a_start == block.a_end else (a, *block[:2])
        left = block.a_start - (result[-1].a_end if result else 0)
        right = (blocks[index + 1].a_start if index + 1 < len(blocks) else len(a.keys)) - block.a_end
        shift = _best_shift(side, start, end, (left, right), (bool(result), index + 1 < len(blocks)))
        result.append(Block(*(place + shift for place in block)))
    return result


def _best_shift(side: Side, start: int, end: int, room: tuple[int, int], neighbour: tuple[bool, bool]) -> int:
    """How far to move words ``start:end`` of a side, given the equal words on both sides of it (``room``)."""
    keys, back, forth = side.keys, 0, 0
    while back < room[0] and keys[start - 1 - back] == keys[end - 1 - back]:
        back += 1
    while forth < room[1] and keys[start + forth] == keys[end + forth]:
        forth += 1
    if not back and not forth:
        return 0
    # Changes that touch are one change, so the way to a neighbour beats every phrase.
    if neighbour[0] and back == room[0]:
        return -back
    if neighbour[1] and forth == room[1]:
        return forth
    return max(range(-back, forth + 1), key=lambda shift: (_phrase_fit(side, start + shift, end + shift), shift))


def _phrase_fit(side: Side, start: int, end: int) -> float:
    """How much words ``start:end`` look like a phrase of their own: by the punctuation around, and the first word."""
    fit = _pause(side, start) + _pause(side, end)
    for word, sign in ((side.keys[start], 1.0), (side.keys[end - 1], -1.0)):
        fit += sign * (1.0 if word in _JOINING else 0.9 if word in _LEADING else 0.0)
    return fit


def _pause(side: Side, index: int) -> float:
    """Strength of the punctuation before word ``index``: 2 at the end of a sentence."""
    start = side.spans[index - 1][1] if index else max(side.spans[0][0] - 3, 0)
    end = side.spans[index][0] if index < len(side.spans) else start + 3
    if not start or end >= len(side.text):
        return 2.0
    between = side.text[start:end]
    return 2.0 if re.search(r"[.!?\n]", between) else 1.5 if re.search(r"[,;:]", between) else 0.0
