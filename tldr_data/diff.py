"""What changed between two texts, word by word, and which of it a person would call the error (docs/labels.md)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import Literal, NamedTuple

from tldr_data.agreement import agreement
from tldr_data.alignment import Block, Side, Stretch, align, changed_stretches
from tldr_data.example import Edit, Span, apply_edits, written_spans
from tldr_data.labels import WORD, Remembered


class Diff(NamedTuple):
    """Edits in reference offsets that give the response exactly; errors and collateral in response offsets."""

    edits: list[Edit]
    errors: list[Span]
    collateral: list[Span]


Kind = Literal["words", "content", "deleted", "function", "spelling"]
Status = Literal["error", "collateral", "neither"]


class _Change(NamedTuple):
    """Words ``a_start:a_end`` of the reference became words ``b_start:b_end`` of the response."""

    a_start: int
    a_end: int
    b_start: int
    b_end: int
    kind: Kind
    status: Status = "neither"


class _Part(NamedTuple):
    """A stretch of both texts with its words and what changed among them."""

    stretch: Stretch
    a: Side
    b: Side
    changes: list[_Change]


# Of the kinds in one sentence the first is the error; agreement below it is collateral. A deletion explains agreement,
# but wrote nothing that could be marked.
_RANK: dict[Kind, int] = {"words": 3, "content": 2, "deleted": 1, "function": 0, "spelling": -1}

_PAIR_WINDOW = 8
"""Old words among which the partner of an agreement word is sought: a block may be a whole rewritten paragraph."""
_SENTENCE_END = re.compile(r"[.!?][\"'\u2019\u201d)\]]*\s|[\u3002\uff01\uff1f]|\n")
_PRONOUNS = frozenset(
    "it its it's itself they them their theirs they're themselves"
    " he him his he's himself she her hers she's herself".split()
)
_THOUSANDS = re.compile(r"[0-9]{1,3}(?:,[0-9]{3})+")
_SAME_CHARACTER = str.maketrans({"\u2019": "'", "\u2010": "-", "\u2011": "-", "\ufe0e": None, "\ufe0f": None})


def diff(reference: str, response: str) -> Diff:
    """The edits that a person would say were made, by whole words, and the spans of their errors and collateral.

    >>> diff("One red dog is here.", "Three red dogs are here.").errors
    [Span(start=0, end=5, replaced='One')]
    >>> diff("One red dog is here.", "Three red dogs are here.").collateral
    [Span(start=10, end=18, replaced='dog is')]
    """
    return _diff_of(reference, response, changed_stretches(reference, response))


def diff_edits(reference: str, edits: Sequence[Edit]) -> Diff:
    """The same for edits that are known: words are compared inside each edit only, so that nothing outside is marked.

    Of a word that an edit tears, the rest belongs to it too. ``edits`` must be sorted and disjoint.

    >>> diff_edits("A red car and a red van.", [Edit(0, 9, "A blue car")]).errors
    [Span(start=2, end=6, replaced='red')]
    """
    return _diff_of(reference, apply_edits(reference, edits), _edited_stretches(reference, edits))


def _diff_of(reference: str, response: str, stretches: Iterable[Stretch]) -> Diff:
    edits: list[Edit] = []
    spans: dict[Status, list[Span]] = {"error": [], "collateral": [], "neither": []}
    parts = [_part(reference, response, stretch) for stretch in stretches]
    _settle(parts)
    for part in parts:
        for change in part.changes:
            if change.b_end > change.b_start:
                spans[change.status].append(_span(change, part.a, part.b))
        edits += _edits(part)
    return Diff(edits, spans["error"], spans["collateral"])


def _edited_stretches(reference: str, edits: Sequence[Edit]) -> list[Stretch]:
    """Where edits stand in both texts, widened to whole words, one stretch where two then touch."""
    response = apply_edits(reference, edits)
    stretches: list[Stretch] = []
    ends = [0, *(edit.end for edit in edits)]
    starts = [*(edit.start for edit in edits), len(reference)]
    for index, (edit, (start, end)) in enumerate(zip(edits, written_spans(edits), strict=True)):
        left = max(_torn(reference, edit.start)[0], _torn(response, start)[0])
        right = max(_torn(reference, edit.end)[1], _torn(response, end)[1])
        left, right = min(left, edit.start - ends[index]), min(right, starts[index + 1] - edit.end)
        stretch = Stretch(edit.start - left, edit.end + right, start - left, end + right)
        if stretches and stretch.a_start <= stretches[-1].a_end:
            stretch = Stretch(stretches[-1].a_start, stretch.a_end, stretches[-1].b_start, stretch.b_end)
            del stretches[-1]
        stretches.append(stretch)
    return stretches


def _torn(text: str, cut: int) -> tuple[int, int]:
    """Characters before and behind a cut that belong to a word on both sides of it."""
    start = text.rfind(" ", 0, cut) + 1
    for match in WORD.finditer(text, start):
        if match.end() > cut:
            return (cut - match.start(), match.end() - cut) if match.start() < cut else (0, 0)
    return 0, 0


def deleted_at(reference: str, edits: Sequence[Edit]) -> list[int]:
    """Offsets in the response where an edit took words away and wrote none.

    >>> deleted_at("a small red cup", [Edit(2, 8, "")])
    [2]
    """
    return [
        start
        for edit, (start, _) in zip(edits, written_spans(edits), strict=True)
        if not WORD.search(edit.replacement) and WORD.search(reference, edit.start, edit.end)
    ]


def _key(word: str) -> str:
    """What a word is compared by: case, the form of an apostrophe or an accent, and thousands separators do not count.

    >>> _key("Dog\u2019s"), _key("1,000")
    ("dog's", '1000')
    """
    if not word.isascii():
        word = unicodedata.normalize("NFC", word.translate(_SAME_CHARACTER)).casefold() or word
    return word.replace(",", "") if _THOUSANDS.fullmatch(word) else word.lower()


_PLACES: Remembered[list[tuple[int, int, str]]] = Remembered(
    lambda chunk: [(*match.span(), _key(match[0])) for match in WORD.finditer(chunk)]
)
"""The words of what stands between two spaces: start, end and key."""


def _part(reference: str, response: str, stretch: Stretch) -> _Part:
    a = _side(reference, stretch.a_start, stretch.a_end)
    b = _side(response, stretch.b_start, stretch.b_end)
    changes: list[_Change] = []
    for block in align(a, b):
        changes += _changes(block, a, b)
    return _Part(stretch, a, b, changes)


def _side(text: str, start: int, end: int) -> Side:
    spans: list[tuple[int, int]] = []
    keys: list[str] = []
    for chunk in text[start:end].split(" "):
        for begin, stop, key in _PLACES[chunk]:
            spans.append((start + begin, start + stop))
            keys.append(key)
        start += len(chunk) + 1
    return Side(text, spans, keys)


def _changes(block: Block, a: Side, b: Side) -> list[_Change]:
    """A block, cut at the words that only agree with the others: in "One dog is" -> "Three dogs are" all but the first.

    The parts are in order, and leave no word out.
    """
    i, a_end, j, b_end = block
    if j == b_end or i == a_end:
        return _whole(i, a_end, j, b_end)
    if _same_letters(a.keys[i:a_end], b.keys[j:b_end]):
        return [_Change(i, a_end, j, b_end, "spelling")]
    changes: list[_Change] = []
    for y in range(j, b_end):
        new = b.keys[y]
        for x, old in enumerate(a.keys[i : min(a_end, i + _PAIR_WINDOW)], i):
            kind = agreement(old, new) if old != new else "spelling"
            if kind:
                changes += _whole(i, x, j, y)
                changes.append(_Change(x, x + 1, y, y + 1, kind))
                i, j = x + 1, y + 1
                break
    return changes + _whole(i, a_end, j, b_end)


def _whole(a_start: int, a_end: int, b_start: int, b_end: int) -> list[_Change]:
    if b_end > b_start:
        return [_Change(a_start, a_end, b_start, b_end, "words", "error")]
    return [_Change(a_start, a_end, b_start, b_end, "deleted")] if a_end > a_start else []


def _same_letters(old: Sequence[str], new: Sequence[str]) -> bool:
    """Words split or joined: "left hand", "left-hand" and "lefthand" differ in punctuation only; numbers do not."""
    if old[0][0] != new[0][0]:
        return False
    before, after = ("".join(keys).replace("-", "").replace("'", "") for keys in (old, new))
    return before == after and not any(map(str.isdigit, after))


def _settle(parts: Sequence[_Part]) -> None:
    """Tell errors from collateral, sentence by sentence, and make adjacent words of one status one change."""
    placed = [(change, part) for part in parts for change in part.changes]
    for change, _ in placed:
        if change.kind in ("function", "content"):
            break
    else:
        return
    statuses = iter(_statuses(placed))
    for part in parts:
        part.changes[:] = _merge([change._replace(status=next(statuses)) for change in part.changes], part.b)


def _statuses(placed: Sequence[tuple[_Change, _Part]]) -> list[Status]:
    statuses: list[Status] = []
    sentence_before, explained = -2, False
    for sentence, group in _by_sentence(placed):
        top = max(_RANK[change.kind] for change, _ in group)
        follows = top == 0 and explained and sentence == sentence_before + 1
        if follows and any(p.b.keys[change.b_start] in _PRONOUNS for change, p in group if change.kind == "function"):
            # "Three dogs. They are ...": the pronoun agrees with the error of the sentence before.
            top = 1
        statuses += [_status(change.kind, top) for change, _ in group]
        sentence_before, explained = sentence, top > 0
    return statuses


def _status(kind: Kind, top: int) -> Status:
    if kind in ("spelling", "deleted"):
        return "neither"
    return "error" if _RANK[kind] == top else "collateral"


def _by_sentence(placed: Sequence[tuple[_Change, _Part]]) -> list[tuple[int, list[tuple[_Change, _Part]]]]:
    """Changes grouped by sentence of the response, each group with the number of its sentence."""
    groups: list[tuple[int, list[tuple[_Change, _Part]]]] = []
    sentence, position = 0, -1
    for change, part in placed:
        start, end = _place(change, part)
        if position >= 0:
            sentence += sum(1 for _ in _SENTENCE_END.finditer(part.b.text, position, start))
        if not groups or groups[-1][0] != sentence:
            groups.append((sentence, []))
        groups[-1][1].append((change, part))
        position = end
    return groups


def _place(change: _Change, part: _Part) -> tuple[int, int]:
    """Where a change stands in the response; a deletion stands behind the word before it."""
    b = part.b
    if change.b_end > change.b_start:
        return b.spans[change.b_start][0], b.spans[change.b_end - 1][1]
    position = b.spans[change.b_start - 1][1] if change.b_start else b.spans[0][0] if b.spans else part.stretch.b_start
    return position, position


def _merge(changes: Sequence[_Change], b: Side) -> list[_Change]:
    """Adjacent words of one status and sentence are one span, and so one edit."""
    merged: list[_Change] = []
    for change in changes:
        if merged and change.status == merged[-1].status != "neither" and _one_phrase(merged[-1], change, b):
            merged[-1] = merged[-1]._replace(a_end=change.a_end, b_end=change.b_end)
        else:
            merged.append(change)
    return merged


def _one_phrase(first: _Change, second: _Change, b: Side) -> bool:
    if first.a_end != second.a_start or first.b_end != second.b_start:
        return False
    return not _SENTENCE_END.search(b.text, b.spans[first.b_end - 1][1], b.spans[second.b_start][0])


def _span(change: _Change, a: Side, b: Side) -> Span:
    replaced = ""
    if change.a_end > change.a_start:
        replaced = a.text[a.spans[change.a_start][0] : a.spans[change.a_end - 1][1]]
    return Span(b.spans[change.b_start][0], b.spans[change.b_end - 1][1], replaced)


def _edits(part: _Part) -> Iterator[Edit]:
    """The edits of the changes, and of whatever else differs between them: punctuation, white space, case."""
    (x, x_end, y, y_end), a, b, changes = part
    i = j = 0
    for change in changes:
        i_next, i_after, j_next, j_after, *_ = change
        if i_next < i_after and j_next < j_after:
            yield from _unchanged(a, b, (i, i_next, j), (x, a.spans[i_next][0], y, b.spans[j_next][0]))
            x, y = a.spans[i_after - 1][1], b.spans[j_after - 1][1]
            yield Edit(a.spans[i_next][0], x, b.text[b.spans[j_next][0] : y])
        else:
            # Words on one side only: the edit also takes what stands between the words around it.
            before = (a.spans[i_next - 1][1], b.spans[j_next - 1][1]) if i_next > i else (x, y)
            yield from _unchanged(a, b, (i, i_next, j), (x, before[0], y, before[1]))
            x = a.spans[i_after][0] if i_after < len(a.spans) else x_end
            y = b.spans[j_after][0] if j_after < len(b.spans) else y_end
            yield _gap_edit(a, b, change, (before[0], x, before[1], y))
        i, j = i_after, j_after
    yield from _unchanged(a, b, (i, len(a.spans), j), (x, x_end, y, y_end))


def _gap_edit(a: Side, b: Side, change: _Change, gap: tuple[int, int, int, int]) -> Edit:
    """The edit of a pure insertion or deletion; ``gap`` runs from the word before to the word behind on each side."""
    x, x_end, y, y_end = gap
    inserted = change.b_end > change.b_start
    side, first, last = (b, change.b_start, change.b_end) if inserted else (a, change.a_start, change.a_end)
    head = side.spans[first][0] - (y if inserted else x)
    tail = (y_end if inserted else x_end) - side.spans[last - 1][1]
    return _trimmed(a.text, b.text, gap, head, tail)


def _trimmed(reference: str, response: str, gap: tuple[int, int, int, int], head: int, tail: int) -> Edit:
    """``reference[x:x_end]`` -> ``response[y:y_end]`` less at most ``head`` and ``tail`` equal characters."""
    x, x_end, y, y_end = gap
    while head and x < x_end and y < y_end and reference[x] == response[y]:
        x, y, head = x + 1, y + 1, head - 1
    while tail and x < x_end and y < y_end and reference[x_end - 1] == response[y_end - 1]:
        x_end, y_end, tail = x_end - 1, y_end - 1, tail - 1
    return Edit(x, x_end, response[y:y_end])


def _unchanged(a: Side, b: Side, words: tuple[int, int, int], stretch: tuple[int, int, int, int]) -> Iterator[Edit]:
    """Edits of case and punctuation in a stretch of equal words: ``words`` are their start, end in a and start in b."""
    x, x_end, y, y_end = stretch
    if a.text[x:x_end] == b.text[y:y_end]:
        return
    i, i_end, j = words
    edges = [(x, x, y, y)]
    edges += [(*a.spans[i + k], *b.spans[j + k]) for k in range(i_end - i)]
    edges.append((x_end, x_end, y_end, y_end))
    for left, right in pairwise(edges):
        for gap in ((left[1], right[0], left[3], right[2]), right):
            if a.text[gap[0] : gap[1]] != b.text[gap[2] : gap[3]]:
                whole = gap[1] - gap[0] + gap[3] - gap[2] if gap is not right else 0
                yield _trimmed(a.text, b.text, gap, whole, whole)
