"""Edits as a model writes them, by the words that they replace, and where those stand in the text."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

import orjson
from pydantic import BaseModel, Field, ValidationError

from tldr_data.errors import RowError
from tldr_data.example import Edit
from tldr_data.labels import WORD

MOST_EDITS = 6
LONGEST = 100
"""Characters of each text in an edit: more is no edit. Of 2,748 edits of the rules none has over 68."""
HIGHEST = 99


class AskedEdit(BaseModel):
    """The ``occurrence``-th ``original``, counted from 1, becomes ``replacement``. Other keys are ignored."""

    original: str = Field(min_length=1, max_length=LONGEST)
    occurrence: int = Field(ge=1, le=HIGHEST)
    replacement: str = Field(max_length=LONGEST)


class AskedEdits(BaseModel):
    """What a model answers that is asked for edits."""

    edits: list[AskedEdit] = Field(max_length=MOST_EDITS)


EDITS_SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "edits": {
            "type": "array",
            "maxItems": MOST_EDITS,
            "items": {
                "type": "object",
                "properties": {
                    "original": {"type": "string", "minLength": 1, "maxLength": LONGEST},
                    "occurrence": {"type": "integer", "minimum": 1, "maximum": HIGHEST},
                    "replacement": {"type": "string", "maxLength": LONGEST},
                },
                "required": ["original", "occurrence", "replacement"],
                "additionalProperties": False,
            },
        }
    },
    "required": ["edits"],
    "additionalProperties": False,
}
"""``AskedEdits`` in the form that servers take: every key required, no other allowed, no references."""


def read_edits(text: str) -> list[AskedEdit]:
    """The edits in an answer: JSON, or one JSON object with whatever a server that ignores schemas put around it.

    Raises:
        RowError: ``not_json``, ``wrong_schema``; the message is the text.
    """
    try:
        content = orjson.loads(text)
    except orjson.JSONDecodeError:
        try:
            content = orjson.loads(text[text.find("{") : text.rfind("}") + 1])
        except orjson.JSONDecodeError:
            raise RowError("not_json", text) from None
    try:
        return AskedEdits.model_validate(content).edits
    except ValidationError:
        raise RowError("wrong_schema", text) from None


def write_edits(asked: Sequence[AskedEdit]) -> str:
    """The answer that a model under the schema gives: compact JSON, keys in the schema's order."""
    return orjson.dumps({"edits": [each.model_dump() for each in asked]}).decode()


def anchored(reference: str, asked: Sequence[AskedEdit]) -> list[Edit]:
    """The edits at their offsets, sorted and disjoint; those that change nothing, or say the same twice, are left out.

    White space around both texts is left out. What is deleted takes the space before it along (at the beginning of
    the text or beside another deletion, that behind it).

    Raises:
        RowError: ``unanchored_edit``: the words do not stand in the text as whole words; ``ambiguous_edit``: they
            stand there several times, but not so often as the edit says; ``overlapping_edits``.
    """
    torn = _inside_words(reference)
    edits: set[Edit] = set()
    for each in asked:
        original, replacement = each.original.strip(), each.replacement.strip()
        found = list(_places(reference, original, torn))
        if not found:
            raise RowError("unanchored_edit", f"{original!r} does not stand in the text as whole words")
        if len(found) > 1 and each.occurrence > len(found):
            raise RowError("ambiguous_edit", f"{original!r} stands in the text {len(found)} times: {each.occurrence}")
        start = found[each.occurrence - 1 if len(found) > 1 else 0]
        if original != replacement:
            edits.add(Edit(start, start + len(original), replacement))
    ordered = sorted(edits)
    if any(one.end > other.start for one, other in pairwise(ordered)):
        raise RowError("overlapping_edits", "two edits change the same words")
    return _with_spaces(reference, ordered)


def places(text: str, phrase: str) -> list[int]:
    """Where a phrase begins in a text, wherever it tears no word.

    >>> places("A red cup on a redder cup.", "red"), places("A cup, a cup.", "cup")
    ([2], [2, 9])
    """
    return list(_places(text, phrase, _inside_words(text)))


def _inside_words(text: str) -> set[int]:
    return {place for match in WORD.finditer(text) for place in range(match.start() + 1, match.end())}


def _places(text: str, phrase: str, torn: set[int]) -> Iterator[int]:
    """Where a phrase begins, wherever it tears no word."""
    start = text.find(phrase) if phrase else -1
    while start >= 0:
        if start not in torn and start + len(phrase) not in torn:
            yield start
        start = text.find(phrase, start + 1)


def _with_spaces(reference: str, edits: Sequence[Edit]) -> list[Edit]:
    """Deletions with one of the spaces around them, so that no two are left."""
    widened: list[Edit] = []
    for edit, after in zip(edits, [*(edit.start for edit in edits), len(reference)][1:], strict=True):
        before = widened[-1].end if widened else 0
        if edit.replacement:
            widened.append(edit)
        elif before < edit.start and reference[edit.start - 1] == " ":
            widened.append(Edit(edit.start - 1, edit.end, ""))
        elif edit.end < after and reference[edit.end : edit.end + 1] == " ":
            widened.append(Edit(edit.start, edit.end + 1, ""))
        else:
            widened.append(edit)
    return widened


def asked_edits(reference: str, edits: Sequence[Edit]) -> list[AskedEdit]:
    """Known edits as a model should write them: whole words, as few as possible, touching ones as one.

    >>> asked_edits("A dog sits.", [Edit(6, 6, "not ")])
    [AskedEdit(original='sits', occurrence=1, replacement='not sits')]
    """
    torn = _inside_words(reference)
    groups = list(edits)
    index = 0
    while index < len(groups):
        whole = _anchorable(reference, groups[index])
        before = groups[index - 1] if index else None
        if before and (
            _anchorable(reference, before).end > whole.start or not reference[before.end : groups[index].start].strip()
        ):
            groups[index - 1 : index + 1] = [_joined(reference, before, groups[index])]
            index -= 1
        else:
            index += 1
    asked = []
    for start, end, replacement in (_anchorable(reference, edit) for edit in groups):
        found = list(_places(reference, reference[start:end], torn))
        asked.append(
            AskedEdit(original=reference[start:end], occurrence=found.index(start) + 1, replacement=replacement)
        )
    return asked


def _joined(reference: str, one: Edit, other: Edit) -> Edit:
    return Edit(one.start, other.end, one.replacement + reference[one.end : other.start] + other.replacement)


def _anchorable(reference: str, edit: Edit) -> Edit:
    """The edit, widened to whole words until something stands there and neither side begins or ends on white space."""
    spans = [match.span() for match in WORD.finditer(reference)]
    edit = _beside_the_longer(reference, edit)
    while True:
        old, new = reference[edit.start : edit.end], edit.replacement
        left = any(start < edit.start < end for start, end in spans) or old[:1].isspace() or new[:1].isspace()
        right = any(start < edit.end < end for start, end in spans) or old[-1:].isspace() or new[-1:].isspace()
        if not left and not right and old and new:
            return edit
        before = [start for start, _ in spans if start < edit.start]
        behind = [end for _, end in spans if end > edit.end]
        if not before and not behind:
            return edit
        start = before[-1] if before and (left or not behind) else edit.start
        end = behind[0] if behind and (right or start == edit.start) else edit.end
        edit = Edit(start, end, reference[start : edit.start] + new + reference[edit.end : end])


def _beside_the_longer(reference: str, edit: Edit) -> Edit:
    """An insertion moved to the other side of a space, if the word there is longer: it is the more telling one."""
    start, end, new = edit
    before, behind = (re.search(r"\S*$", reference[:start].rstrip()), re.match(r"\S*", reference[end:].lstrip()))
    assert before
    assert behind
    longer = len(before[0]) > len(behind[0])
    if start == end and longer and new.endswith(" ") and reference[start - 1 : start] == " ":
        return Edit(start - 1, start - 1, f" {new[:-1]}")
    if start == end and not longer and new.startswith(" ") and reference[start : start + 1] == " ":
        return Edit(start + 1, start + 1, f"{new[1:]} ")
    return edit
