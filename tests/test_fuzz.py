"""Random Unicode through ``label``, ``filter`` and the projection: nothing raises, every span is sound."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tldr_data.example import Edit, Span, apply_edits, check_spans, written_spans
from tldr_data.filters import REASONS, filter_line
from tldr_data.label import label_line
from tldr_data.labels import BAD, GOOD, IGNORE, project, words

PIECES = st.sampled_from(
    [
        *("A red cup", "two dogs", "on the left of", "sofa", "1,000", "3.5", "#1", "$5", "it's", "left-hand"),
        *("e\u0301", "\u0301", "n\u0303\u0323", "\u20dd"),  # combining marks, one of them alone
        *("שלום", "مرحبا", "\u202eabc\u202c", "\u200f", "\u2067x\u2069"),  # right to left
        *(
            "👩\u200d👩\u200d👧\u200d👦",
            "👍🏽",
            "🇩🇪",
            "🇩",
            "1\ufe0f\u20e3",
            "❤\ufe0f",
            "\u200d",
        ),  # joined emoji, parts of them
        *("𝒜𝓫", "𠮷野家", "🀄", "\U0010ffff"),  # beyond the basic plane
        *("左の赤い", "カ\u3099", "한국어", "हिन्दी", "ไทย"),
        *("\r\n", "\n", "\r", "\t", "\u2028", "\x85", "\u3000", "\xa0"),
        *("\u200b", "\ufeff", "\xad", "\u2060", "\0", "\x1b[31m"),  # of no width, and controls
        *("ß", "İ", "ﬁ", "Ǆ", "ŉ"),  # letters whose case changes their length
        *("“", "”", "’", "--", "…", ".", ",", "!", " "),
    ]
)
TEXTS = st.lists(PIECES | st.text(max_size=3), max_size=12).flatmap(
    lambda pieces: st.sampled_from(["", " "]).map(lambda space: space.join(pieces))
)


@st.composite
def pairs(draw: st.DrawFn) -> tuple[str, str]:
    """Two texts, most often alike but for a part."""
    one = draw(TEXTS)
    if draw(st.booleans()):
        return one, draw(TEXTS)
    start, end = sorted((draw(st.integers(0, len(one))), draw(st.integers(0, len(one)))))
    return one, one[:start] + draw(TEXTS) + one[end:]


def line(pair: tuple[str, str]) -> bytes:
    return json.dumps({"reference": pair[0], "response": pair[1]}).encode()


def spans(row: dict[str, Any], name: str) -> list[Span]:
    return [Span(**span) for span in row[name]]


@settings(max_examples=200)
@given(pairs())
def test_label_never_raises_and_its_spans_are_sound(pair: tuple[str, str]) -> None:
    written, error = label_line(line(pair))
    row = json.loads(written)
    assert (row["reference"], row["response"]) == pair
    if not pair[0].strip() or not pair[1].strip():
        assert error
        return
    assert error is None
    edits = [Edit(**edit) for edit in row["edits"]]
    errors, collateral = spans(row, "errors"), spans(row, "collateral")
    assert apply_edits(pair[0], edits) == pair[1]
    check_spans(pair[1], errors, collateral, written_spans(edits))
    assert row["words"] == words(pair[1])
    assert len(row["labels"]) == len(row["words"])
    assert set(row["labels"]) <= {GOOD, BAD, IGNORE}


@settings(max_examples=200)
@given(pairs())
def test_filter_never_raises_and_gives_a_known_reason(pair: tuple[str, str]) -> None:
    written, error = filter_line(line(pair))
    row = json.loads(written)
    assert row["reason"] in (None, *REASONS)
    if pair[0].strip() and pair[1].strip():
        assert error is None
        assert row["keep"] is (row["reason"] is None)
    else:
        assert error
        assert row["keep"] is False


@settings(max_examples=200)
@given(pairs(), st.lists(st.integers(0, 60), max_size=10))
def test_projection_on_any_pieces(pair: tuple[str, str], cuts: list[int]) -> None:
    row = json.loads(label_line(line(pair))[0])
    if "error" in row:
        return
    response, errors, collateral = pair[1], spans(row, "errors"), spans(row, "collateral")
    bounds = sorted({0, len(response), *(cut for cut in cuts if cut < len(response))})
    pieces = [(0, 0), *pairwise(bounds)]
    labels = project(response, errors, collateral, pieces)
    assert len(labels) == len(pieces)
    assert labels[0] == IGNORE
    for (start, end), label in zip(pieces[1:], labels[1:], strict=True):
        touched = {place for span in errors for place in range(max(start, span.start), min(end, span.end))}
        assert (label == BAD) == any(not response[place].isspace() for place in touched)
