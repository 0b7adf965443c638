"""Words, labels of words, labels of a tokenizer's pieces; and docs/labels.md, whose table is run."""

import re
import sys
import unicodedata
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tldr_data.example import Span
from tldr_data.label import label_row
from tldr_data.labels import BAD, GOOD, IGNORE, WORD, label_words, project, words

PAGE = (Path(__file__).parents[1] / "docs" / "labels.md").read_text(encoding="utf-8")
TEXTS = st.text(alphabet=st.sampled_from("ab Z'’-.,:/019%é\u0301\u200d\ufe0f👩🚀🇩🇪左の한\n\t \u3000"), max_size=40)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The dog's bowl, the dogs' bowls", ["The", "dog's", "bowl", "the", "dogs", "bowls"]),
        ("left-hand “rock ’n’ roll”", ["left-hand", "rock", "n", "roll"]),
        ("3.5 m, 1,000 at 12:00; 1/2.", ["3.5", "m", "1,000", "at", "12:00", "1/2"]),
        ("dead--whereas end.Next and/or", ["dead", "whereas", "end", "Next", "and", "or"]),
        ("👩\u200d🚀👍🏽🇩🇪🇫🇷 1\ufe0f\u20e3 ❤\ufe0f", ["👩\u200d🚀", "👍🏽", "🇩🇪", "🇫🇷", "1\ufe0f\u20e3", "❤\ufe0f"]),
        ("cafe\u0301 हिन्दी 한국어", ["cafe\u0301", "हिन्दी", "한국어"]),
        ("左の赤いリンゴ2個", [*"左の赤いリンゴ", "2", "個"]),
        ("$5 at 50%", ["$", "5", "at", "50", "%"]),
        ("... — “ ” !?", []),
        ("", []),
    ],
)
def test_words(text: str, expected: list[str]) -> None:
    assert words(text) == expected


def test_no_letter_or_mark_tears_a_word_and_no_space_joins_two() -> None:
    wrong = []
    for character in map(chr, range(sys.maxunicode + 1)):
        category = unicodedata.category(character)
        found = WORD.findall(f"a{character}b")
        if category[0] == "M" and found != [f"a{character}b"] and character not in "\u3099\u309a":
            wrong.append((character, category))
        if (category[0] == "L" or category == "Nd") and character not in "".join(found) and ord(character) < 0xFFFF:
            wrong.append((character, category))
        if character.isspace() and found != ["a", "b"]:
            wrong.append((character, category))
    # U+2E2F is a letter by category only: a tilde that stands alone.
    assert wrong == [("\u2e2f", "Lm")]


@given(TEXTS)
def test_words_are_those_of_the_expression_however_often_they_came(text: str) -> None:
    assert words(text) == words(text) == WORD.findall(text)
    assert not any(set(word) & set(" \n\t\u3000") for word in words(text))


def test_page_prints_the_expression() -> None:
    printed = "".join(re.search(r"```text\n(.*?)\n```", PAGE, re.DOTALL)[1].split("\n"))  # type: ignore[index]
    assert re.sub(r"[^\x20-\x7e]", _escape, WORD.pattern) == printed


def _escape(match: re.Match[str]) -> str:
    code = ord(match[0])
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"


def _cases() -> list[list[str]]:
    table = PAGE.split("| case | reference |")[1].split("\n\n")[0].split("\n")[2:]
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in table]


@pytest.mark.parametrize(("reference", "response", "bad", "ignored"), [case[1:] for case in _cases()])
def test_page_cases(reference: str, response: str, bad: str, ignored: str) -> None:
    row = label_row(reference, response)
    marked = {
        label: [w for w, x in zip(row["words"], row["labels"], strict=True) if x == label] for label in (BAD, IGNORE)
    }
    assert marked[BAD] == words(bad)
    assert marked[IGNORE] == words(ignored)
    assert [response[span["start"] : span["end"]] for span in row["errors"]] == (bad.split(", ") if bad else [])


def test_page_has_the_cases() -> None:
    assert len(_cases()) > 15


def test_bad_wins_over_ignore_and_half_a_word_is_a_word() -> None:
    assert label_words("a left-hand cup", [Span(2, 6, "right")], [Span(7, 11, "x")]) == (
        ["a", "left-hand", "cup"],
        [GOOD, BAD, GOOD],
    )


def test_gap_ignores_the_words_on_both_sides_across_punctuation() -> None:
    assert label_words("a cup - , the dog", [], [], [7])[1] == [GOOD, IGNORE, IGNORE, GOOD]
    assert label_words("cup", [], [], [0])[1] == [IGNORE]
    assert label_words("cup dog", [Span(4, 7, "")], [], [3])[1] == [IGNORE, BAD]


@given(TEXTS, st.lists(st.tuples(st.integers(0, 40), st.integers(1, 9), st.booleans()), max_size=4))
def test_labels_of_words_are_those_of_their_characters(text: str, places: list[tuple[int, int, bool]]) -> None:
    marks = [(Span(start, min(start + size, len(text)), ""), bad) for start, size, bad in places if start < len(text)]
    errors, collateral = ([span for span, bad in marks if bad is kind] for kind in (True, False))
    labels = [
        BAD
        if any(m.start() < s.end and s.start < m.end() for s in errors)
        else IGNORE
        if any(m.start() < s.end and s.start < m.end() for s in collateral)
        else GOOD
        for m in WORD.finditer(text)
    ]
    assert label_words(text, errors, collateral) == (WORD.findall(text), labels)


def test_project_pieces_that_carry_the_space() -> None:
    response = "A big blue cup is"
    pieces = [(0, 0), (0, 1), (1, 5), (5, 8), (8, 10), (10, 14), (14, 17), (0, 0)]
    assert project(response, [Span(2, 10, "red")], [Span(15, 17, "are")], pieces) == [
        *(IGNORE, GOOD, BAD, BAD, BAD, GOOD, IGNORE, IGNORE)
    ]


def test_project_space_pieces_and_shared_characters() -> None:
    response = "a 👩 b"
    # A space alone between two words of an error says nothing; the bytes of one character all stand at its place.
    assert project(response, [Span(0, 5, "")], [], [(0, 1), (1, 2), (2, 3), (2, 3), (3, 5)]) == [
        BAD,
        GOOD,
        BAD,
        BAD,
        BAD,
    ]


def test_project_bad_wins_over_collateral() -> None:
    assert project("dogs are", [Span(5, 8, "is")], [Span(0, 4, "dog")], [(0, 8)]) == [BAD]
    assert project("dogs are", [Span(0, 4, "")], [Span(5, 8, "")], [(0, 8)]) == [BAD]


def test_project_refuses_offsets_of_another_text() -> None:
    with pytest.raises(ValueError, match=r"\(3, 9\) lies outside the response; allowed: 0..5"):
        project("a cup", [], [], [(3, 9)])


@given(TEXTS, st.lists(st.tuples(st.integers(0, 40), st.integers(0, 9)), max_size=6))
def test_project_agrees_with_a_loop_over_characters(text: str, places: list[tuple[int, int]]) -> None:
    bounds = sorted({min(start, len(text)) for start, _ in places} | {0, len(text)})
    spans = [Span(x, y, "") for x, y in pairwise(bounds)]
    errors, collateral = spans[::3], spans[1::3]
    offsets = [(min(x, len(text)), min(x + size, len(text))) for x, size in places]
    kinds = {k: BAD for s in errors for k in range(s.start, s.end)} | {
        k: IGNORE for s in collateral for k in range(s.start, s.end)
    }
    expected = []
    for start, end in offsets:
        seen = {kinds.get(k, GOOD) for k in range(start, end) if not text[k].isspace()}
        expected.append(IGNORE if start == end else BAD if BAD in seen else IGNORE if IGNORE in seen else GOOD)
    assert project(text, errors, collateral, offsets) == expected
