"""Words, spans and labels: what is GOOD, what is BAD, what is left out of training (docs/labels.md)."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from itertools import chain
from typing import TypeVar

from tldr_data.example import Span

T = TypeVar("T")

GOOD = 1
BAD = 0
IGNORE = -100

# Letters, digits and combining marks of the scripts that put spaces between words. Written out by block, since \w
# knows no combining marks ("é" as two characters, vowel signs of Devanagari) and takes han and kana for letters.
_LETTER = (
    "0-9A-Za-z\u00aa\u00b2\u00b3\u00b5\u00b9\u00ba\u00bc-\u00be\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u037d\u037f-\u0386"
    "\u0388-\u0559\u0560-\u0588\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7-\u05f2\u0610-\u061a\u0620-\u0669"
    "\u066e-\u06d3\u06d5-\u06ff\u0710-\u07f6\u07fa-\u082f\u0840-\u085b\u0860-\u0963\u0966-\u0df3\u0e01-\u0e4e"
    "\u0e50-\u0e59\u0e81-\u0f00\u0f18-\u0f39\u0f3e-\u0f84\u0f86-\u0fcf\u1000-\u1049\u1050-\u10fa\u10fc-\u135f"
    "\u1369-\u13ff\u1401-\u167f\u1681-\u169a\u16a0-\u17d3\u17d7-\u17ff\u180b-\u1fff\u200c\u200d\u2070-\u209c"
    "\u20d0-\u20f0\u2100-\u218b\u2460-\u249b\u24b6-\u24ff\u2c00-\u2dff\u302a-\u302f\u3105-\u318e\u31a0-\u31bf"
    "\ua000-\uabff\uac00-\ud7ff\ufb00-\ufd3d\ufd50-\ufdfb\ufe00-\ufe0f\ufe20-\ufe2f\ufe70-\ufefc\uff10-\uff19"
    "\uff21-\uff3a\uff41-\uff5a\uffa0-\uffdc\U00010000-\U0001afff\U0001b170-\U0001ceff\U0001cf00-\U0001cf46"
    "\U0001d165-\U0001d169\U0001d16d-\U0001d172\U0001d17b-\U0001d182\U0001d185-\U0001d18b\U0001d1aa-\U0001d1ad"
    "\U0001d242-\U0001d244\U0001d400-\U0001efff\U000e0100-\U000e01ef"
)
_IDEOGRAPH = (
    "\u3005-\u3007\u3021-\u3029\u3031-\u3035\u3038-\u303c\u3041-\u3098\u309b-\u309f\u30a1-\u30fa\u30fc-\u30ff"
    "\u31f0-\u31ff\u3220-\u32ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff66-\uff9f\U0001b000-\U0001b16f"
    "\U00020000-\U0003ffff"
)
_SYMBOL = (
    "#$%&+<=>@\u00a2-\u00a5\u00a9\u00ae\u00b0\u00b1\u00d7\u00f7\u20a0-\u20cf\u2190-\u2319\u231a-\u245f\u2500-\u2767"
    "\u2776-\u27e5\u27f0-\u2982\u2999-\u29d7\u29dc-\u29fb\u29fe-\u2bff\U0001f000-\U0001faff"
)
_MODIFIER = "\ufe0e\ufe0f\u20e3\U0001f3fb-\U0001f3ff\U000e0020-\U000e007f"

WORD = re.compile(
    # Most words are ASCII letters before a space: asked first, that makes the whole a third faster.
    r"[A-Za-z]++(?= )|(?! )(?:"
    rf"[{_LETTER}]++(?:(?:['\u2019\u2010\u2011-]|(?<=[0-9])[.,:/](?=[0-9]))[{_LETTER}]++)*+"
    rf"|[{_IDEOGRAPH}][\u3099\u309a\ufe00-\ufe0f\U000e0100-\U000e01ef]*+"
    r"|[\U0001f1e6-\U0001f1ff]{2}"
    rf"|[{_SYMBOL}][{_MODIFIER}]*+(?:\u200d[{_SYMBOL}][{_MODIFIER}]*+)*+"
    r")"
)
"""The unit of text. A word never holds white space, and what is on the other side of white space never changes it."""


def words(text: str) -> list[str]:
    """The words of a text, in order. Punctuation belongs to no word.

    >>> words("The dog's left-hand bowl, at 12:00!")
    ['The', "dog's", 'left-hand', 'bowl', 'at', '12:00']
    """
    return list(chain.from_iterable(map(_WORDS_OF_CHUNK.__getitem__, text.split(" "))))


class Remembered(dict[str, T]):
    """What a function gives for short texts that come again and again; of bounded size. Twice as fast as lru_cache."""

    def __init__(self, function: Callable[[str], T]) -> None:
        self.function = function

    def __missing__(self, text: str) -> T:
        value = self.function(text)
        if len(text) <= 40:
            if len(self) >= 50_000:
                self.clear()
            self[text] = value
        return value


_WORDS_OF_CHUNK: Remembered[tuple[str, ...]] = Remembered(lambda chunk: tuple(WORD.findall(chunk)))


def label_words(
    response: str, errors: Iterable[Span], collateral: Iterable[Span], gaps: Iterable[int] = ()
) -> tuple[list[str], list[int]]:
    """Words of a response with one label each: BAD if it shares a character with an error, IGNORE if with collateral.

    ``gaps`` are offsets in the response where words were only deleted: the word on each side of one is IGNORE too,
    unless it is BAD.

    >>> label_words("Three dogs sit", [Span(0, 5, "One")], [Span(6, 10, "dog")])
    (['Three', 'dogs', 'sit'], [0, -100, 1])
    """
    marks = [(span.start, span.end, BAD) for span in errors] + [(span.start, span.end, IGNORE) for span in collateral]
    marks += [(gap, gap, IGNORE) for gap in gaps]
    chunks = list(map(_WORDS_OF_CHUNK.__getitem__, response.split(" ")))
    found = list(chain.from_iterable(chunks))
    labels = [GOOD] * len(found)
    # Up to where the marks are done, and how many words end before; the same for the chunk that this lies in.
    at = index = chunk_at = chunk = before_chunk = 0
    for start, end, label in sorted(marks):
        space = response.rfind(" ", at, start)
        if space >= 0:
            chunk_next = chunk + response.count(" ", chunk_at, space + 1)
            before_chunk += sum(map(len, chunks[chunk:chunk_next]))
            at, index, chunk_at, chunk = space + 1, before_chunk, space + 1, chunk_next
        place = index
        for match in WORD.finditer(response, at):
            if match.start() >= end:
                break
            if match.end() <= start:
                at, index = match.end(), index + 1
            elif labels[place] != BAD:
                labels[place] = label
            place += 1
        if start == end:
            _ignore_beside(labels, index)
    return found, labels


def _ignore_beside(labels: list[int], index: int) -> None:
    for place in (index - 1, index):
        if 0 <= place < len(labels) and labels[place] != BAD:
            labels[place] = IGNORE


def project(
    response: str, errors: Sequence[Span], collateral: Sequence[Span], offsets: Iterable[tuple[int, int]]
) -> list[int]:
    """Labels of a tokenizer's pieces, from the ``offset_mapping`` that any fast tokenizer gives for the response.

    A piece is BAD if it shares a character other than white space with an error (pieces of Gemma or Llama carry the
    space before them), else IGNORE if it shares one with collateral, else GOOD. A piece of no characters, such as a
    special token at (0, 0), is IGNORE.

    Raises:
        ValueError: an offset lies outside the response.

    >>> project("A big cup", [Span(2, 5, "red")], [], [(0, 0), (0, 1), (1, 5), (5, 9)])
    [-100, 1, 0, 1]
    """
    marked = sorted([(span.start, span.end, BAD) for span in errors] + [(s.start, s.end, IGNORE) for s in collateral])
    ends = [end for _, end, _ in marked]
    labels = []
    for start, end in offsets:
        if not 0 <= start <= end <= len(response):
            raise ValueError(f"offset ({start}, {end}) lies outside the response; allowed: 0..{len(response)}")
        labels.append(_piece_label(response, start, end, marked, bisect_right(ends, start)) if end > start else IGNORE)
    return labels


def _piece_label(response: str, start: int, end: int, marked: Sequence[tuple[int, int, int]], first: int) -> int:
    """Label of ``response[start:end]``; ``first`` is the index of the first span that ends after ``start``."""
    label = GOOD
    for begin, stop, kind in marked[first : first + end - start]:
        if begin >= end or label == BAD:
            break
        if not response[max(start, begin) : min(end, stop)].isspace():
            label = kind
    return label
