"""What holds of every answer of a model: any edits on any text give what they say, or one of the named reasons."""

from __future__ import annotations

import json
import re
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tldr_data.diff import diff, diff_edits
from tldr_data.errors import RowError
from tldr_data.example import Edit, Example, apply_edits, check_spans, written_spans
from tldr_data.labels import WORD
from tldr_data.llms.request import Answer
from tldr_data.perturb.anchors import anchored, asked_edits
from tldr_data.perturb.asked import Kind, candidate_of, request_for
from tldr_data.taxonomy import load_taxonomy

REASONS = {
    "not_json", "wrong_schema", "unanchored_edit", "ambiguous_edit", "overlapping_edits", "not_applicable", "chatter",
    "empty_response", "lone_surrogate",
}  # fmt: skip
ATTRIBUTE = load_taxonomy("attribute")
WORDS = st.sampled_from("a the red blue dog dogs is are not it caf\u00e9 e\u0301 \u5de6 👍🏽 3 3.5".split())
GLUE = st.sampled_from([" ", " ", " ", ". ", ", ", "/", "-", "\n", '" ', "", "  ", "\u00a0"])
TEXTS = st.lists(st.tuples(WORDS, GLUE), min_size=1, max_size=14).map(
    lambda parts: "".join(word + glue for word, glue in parts)
)


@st.composite
def asked_of(draw: st.DrawFn) -> tuple[str, list[dict[str, Any]]]:
    """A caption, and any edits that the schema allows; most of them by words that stand in it."""
    text = draw(TEXTS)
    asked = []
    for _ in range(draw(st.integers(0, 4))):
        places = sorted(draw(st.lists(st.sampled_from(cuts_of(text)), min_size=2, max_size=2)))
        original = draw(st.one_of(st.just(text[slice(*places)]), TEXTS, st.text(min_size=1, max_size=5))) or "a"
        replacement = draw(st.one_of(TEXTS, st.just(""), st.just(original), st.text(max_size=5)))
        asked.append({"original": original, "occurrence": draw(st.integers(1, 3)), "replacement": replacement})
    return text, asked


def cuts_of(text: str) -> list[int]:
    return sorted({0, len(text), *(place for match in WORD.finditer(text) for place in match.span())})


def independently_applied(text: str, asked: list[dict[str, Any]]) -> str | None:
    """The response by cutting the text into characters and writing each edit over its own; None where that fails."""
    inside = {p for match in WORD.finditer(text) for p in range(match.start() + 1, match.end())}
    written: dict[int, str] = {}
    taken: dict[int, tuple[int, str]] = {}
    for each in asked:
        old, new = each["original"].strip(), each["replacement"].strip()
        found = [
            m.start() for m in re.finditer(f"(?={re.escape(old)})", text)
            if old and m.start() not in inside and m.start() + len(old) not in inside
        ]  # fmt: skip
        if not found or (len(found) > 1 and each["occurrence"] > len(found)):
            return None
        start = found[each["occurrence"] - 1] if len(found) > 1 else found[0]
        if old == new:
            continue
        for place in range(start, start + len(old)):
            if taken.setdefault(place, (start, new + "/" + old)) != (start, new + "/" + old):
                return None
            written[place] = new if place == start else ""
    characters = [written.get(place, character) for place, character in enumerate(text)]
    for start, end in sorted({(start, start + len(key.split("/", 1)[1])) for start, key in taken.values()}):
        if not any(characters[start:end]):
            beside = start - 1 if start and start - 1 not in written and characters[start - 1] == " " else end
            if beside < len(text) and beside not in written and characters[beside] == " ":
                characters[beside] = ""
    return "".join(characters)


def made_of(text: str, answer: str, kind: Kind) -> Example | str:
    """The row, or the reason why there is none."""
    example = Example(id="t/1", response=text, source="t", license="CC0-1.0", attribution="", group="t/1")
    request = request_for(example, ATTRIBUTE, kind, model="m", seed=0, ask=0)
    try:
        return candidate_of(example, ATTRIBUTE, request, Answer(text=answer))
    except RowError as error:
        return error.reason


@given(asked_of())
def test_any_edits_either_give_what_they_say_or_a_named_reason(made: tuple[str, list[dict[str, Any]]]) -> None:
    text, asked = made
    expected = independently_applied(text, asked)
    row = made_of(text, json.dumps({"edits": asked}), "edits")
    if isinstance(row, Example):
        assert row.response == expected
        assert apply_edits(text, row.edits) == row.response
    else:
        assert row in REASONS
        assert expected is None or row in ("not_applicable", "empty_response", "not_json")


@given(TEXTS, st.text(max_size=40))
def test_any_rewrite_either_gives_a_row_or_a_named_reason(text: str, answer: str) -> None:
    row = made_of(text, answer, "rewrite")
    if isinstance(row, Example):
        assert apply_edits(text, row.edits) == row.response
        assert row.response in answer
    else:
        assert row in REASONS


@st.composite
def placed(draw: st.DrawFn) -> tuple[str, list[Edit]]:
    """A text, and sorted, disjoint edits of it that tear no word."""
    text = draw(TEXTS)
    places = sorted(draw(st.lists(st.sampled_from(cuts_of(text)), max_size=8)))
    pairs = list(zip(places[::2], places[1::2], strict=False))
    return text, [Edit(start, end, draw(st.one_of(TEXTS, st.just("")))) for start, end in pairs]


@given(placed())
def test_a_diff_of_known_edits_gives_the_same_text_and_marks_nothing_outside(made: tuple[str, list[Edit]]) -> None:
    text, known = made
    response, found = apply_edits(text, known), diff_edits(text, known)
    assert apply_edits(text, found.edits) == response
    check_spans(response, found.errors, found.collateral, written_spans(found.edits))
    for span in (*found.errors, *found.collateral):
        inside = [word for word in WORD.finditer(response) if span.start <= word.start() and word.end() <= span.end]
        assert inside
        for word in inside:
            # it stands in what an edit wrote, or an edit glued it to something
            assert any(
                (start < word.end() and word.start() < end) or word.start() < start < word.end()
                for start, end in written_spans(known)
            )


@given(TEXTS.map(str.strip), TEXTS.map(str.strip))
def test_known_edits_written_as_a_model_would_write_them_give_the_same_text(one: str, other: str) -> None:
    known = diff(one, other).edits
    assert apply_edits(one, anchored(one, asked_edits(one, known))) == other
