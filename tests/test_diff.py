"""The spans that a person would mark, and the invariants of every diff."""

import random
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tldr_data.agreement import agreement
from tldr_data.diff import deleted_at, diff
from tldr_data.example import Edit, apply_edits, check_spans, written_spans
from tldr_data.label import label_row
from tldr_data.labels import words

WORDS = st.sampled_from(
    "a an the A red Red big dog dogs cat cats is are it they It's left-hand left hand 1,000 1000 12:00 on of and and "
    "“red” cup. cup, cup! dog's dog’s café cafe\u0301 👩\u200d🚀 👩 左の ❤\ufe0f ❤ - -- \n \t \0".split(" ")
)
TEXTS = st.lists(WORDS, max_size=25).map(" ".join) | st.text(max_size=30)


def marked(reference: str, response: str) -> tuple[list[str], list[str]]:
    found = diff(reference, response)
    return [response[s.start : s.end] for s in found.errors], [response[s.start : s.end] for s in found.collateral]


@given(TEXTS, TEXTS)
def test_edits_give_the_response_and_hold_the_spans(reference: str, response: str) -> None:
    found = diff(reference, response)
    assert apply_edits(reference, found.edits) == response
    check_spans(response, found.errors, found.collateral, written_spans(found.edits))
    # Whole words: no span begins or ends inside one.
    for span in (*found.errors, *found.collateral):
        inside = words(response[span.start : span.end])
        assert words(response[: span.start]) + inside + words(response[span.end :]) == words(response)
        assert response[span.start : span.end].startswith(inside[0])
        assert response[span.start : span.end].endswith(inside[-1])


@given(TEXTS)
def test_equal_texts_have_no_edits(text: str) -> None:
    assert diff(text, text) == ([], [], [])


@given(TEXTS)
def test_case_alone_is_no_error(text: str) -> None:
    if text.upper().casefold() == text.casefold():
        assert marked(text, text.upper()) == ([], [])


@given(st.lists(WORDS, max_size=30), st.lists(WORDS, max_size=30))
def test_no_more_words_are_marked_than_are_new(old: list[str], new: list[str]) -> None:
    """Where words are only added, no others are marked, but that "- -" and the like may join two of them."""
    reference, response = " ".join(old), " ".join([*new, *old])
    errors, collateral = marked(reference, response)
    assert sum(len(words(text)) for text in errors + collateral) <= len(words(" ".join(new))) + 1


@pytest.mark.parametrize(
    ("reference", "response", "edits"),
    [
        ("A red ball", "A big blue ball", [(2, 5, "big blue")]),
        ("A red ball", "A big red ball", [(2, 2, "big ")]),
        ("A cup.", "A cup on a table.", [(5, 5, " on a table")]),
        ("A small red cup", "A red cup", [(2, 8, "")]),
        ("One dog is here", "Three dogs are here", [(0, 3, "Three"), (4, 10, "dogs are")]),
        ("Red cup", "The red cup", [(0, 0, "The "), (0, 3, "red")]),
        ("a cup, a dog", "a cup; a cat", [(5, 6, ";"), (9, 12, "cat")]),
        ("a  cup", "a cup", [(2, 3, "")]),
        ("", "a cup", [(0, 0, "a cup")]),
        ("a cup", "", [(0, 5, "")]),
        ("a  b", "a \0 b", [(2, 2, "\0")]),
    ],
)
def test_edits(reference: str, response: str, edits: list[tuple[int, int, str]]) -> None:
    assert diff(reference, response).edits == [Edit(*edit) for edit in edits]


def test_spans_say_what_stood_there() -> None:
    found = diff("One red dog is left of it.", "Three dogs are left of a big cat.")
    assert [s.replaced for s in found.errors] == ["One red", "it"]
    assert [s.replaced for s in found.collateral] == ["dog is"]
    assert diff("a cup", "a red cup").errors[0].replaced == ""


@pytest.mark.parametrize(
    ("reference", "response", "errors", "collateral"),
    [
        ("A red cup and a blue cup.", "A blue cup and a red cup.", ["blue", "red"], []),
        ("The dog is left of the cat.", "The cat is left of the dog.", ["cat", "dog"], []),
        (
            "The two small brown dogs are beside a cat.",
            "A cat is beside the two small brown dogs.",
            ["cat", "two small brown dogs"],
            ["A", "is", "the"],
        ),
        (
            "A cat sits by the old brown dog.",
            "The old brown dog sits by a cat.",
            ["old brown dog", "cat"],
            ["The", "a"],
        ),
        ("very big", "very very big", ["very"], []),
        ("A cat. It sits.", "A cat. A cat runs. It sits.", ["A cat runs"], []),
        ("Its men run", "Their man runs", ["man runs"], ["Their"]),
        ("A dog is here. A cup is red.", "Two dogs are here. A cup are red.", ["Two", "are"], ["dogs are"]),
        ("this box", "these boxes", ["boxes"], ["these"]),
        ("two wolves", "one wolf", ["one"], ["wolf"]),
        ("a 3.5 m tall pole", "a 35 m tall pole", ["35"], []),
        ("an 8-10 m wall", "an 810 m wall", ["810"], []),
        ("🇩🇪 flag", "🇫🇷 flag", ["🇫🇷"], []),
        ("👍🏻 sign", "👍🏿 sign", ["👍🏿"], []),
        ("a cafe\u0301 sign", "a café sign", [], []),
        ("a cafe\u0301 sign", "a bare\u0301 sign", ["bare\u0301"], []),
        ("左に赤い車", "左に青い車", ["青"], []),
        ("the dog's bowl", "the cat's bowl", ["cat's"], []),
        ("a  b", "a \0 b", [], []),
        ("\0 \0", " a", ["a"], []),
        ("Three men sit. They are eating.", "One man sits. He is eating.", ["One"], ["man sits", "He is"]),
        ("One man sits. He is here.", "One man sits. She is here.", ["She"], []),
    ],
)
def test_marked_words(reference: str, response: str, errors: list[str], collateral: list[str]) -> None:
    assert marked(reference, response) == (errors, collateral)


@pytest.mark.parametrize(
    ("old", "new", "kind"),
    [
        ("is", "are", "function"),
        ("the", "a", "function"),
        ("its", "their", "function"),
        ("it", "its", None),
        ("is", "was", None),
        ("man", "men", "content"),
        ("fireman", "firemen", "content"),
        ("houses", "house", "content"),
        ("bus", "buses", "content"),
        ("puppy", "puppies", "content"),
        ("knives", "knife", "content"),
        ("sits", "sit", "content"),
        ("dog's", "dogs's", "content"),
        ("dog", "cat", None),
        ("cat", "cart", None),
        ("10", "10s", None),
    ],
)
def test_agreement(old: str, new: str, kind: str | None) -> None:
    assert agreement(old, new) == agreement(new, old) == kind


def test_deleted_at_only_where_nothing_was_written() -> None:
    reference = "A small red cup, on it"
    assert deleted_at(reference, [Edit(2, 8, ""), Edit(15, 16, "")]) == [2]
    assert deleted_at(reference, [Edit(2, 7, "big")]) == []


def _long(count: int, seed: str) -> list[str]:
    rng = random.Random(seed)
    return [rng.choice("a the red blue dog cat cup on of and is near big small".split()) for _ in range(count)]


def test_a_very_long_text_with_edits_far_apart() -> None:
    old = _long(100_000, "long")
    new = list(old)
    for place in (10, 50_000, 99_990):
        new[place] = "zebra"
    start = time.process_time()
    errors, _ = marked(" ".join(old), " ".join(new))
    assert errors == ["zebra"] * 3
    assert time.process_time() - start < 10


@pytest.mark.parametrize("words_of", [lambda seed: _long(60_000, seed), lambda seed: [seed] * 60_000])
def test_very_long_texts_with_nothing_in_common_in_order(words_of: object) -> None:
    reference, response = (" ".join(words_of(seed)) for seed in ("one", "other"))  # type: ignore[operator]
    start = time.process_time()
    label_row(reference, response)
    assert time.process_time() - start < 20
    found = diff(reference, response)
    assert apply_edits(reference, found.edits) == response
    check_spans(response, found.errors, found.collateral, written_spans(found.edits))


def test_a_long_text_without_spaces() -> None:
    reference = "左の赤いリンゴと" * 5000
    response = reference[:20_000] + "犬" + reference[20_001:]
    assert marked(reference, response) == (["犬"], [])
    start = time.process_time()
    labels = label_row(reference, response.replace("赤", "青").replace("ゴと", "ゴ"))["labels"]
    assert labels.count(0) == 5001
    assert time.process_time() - start < 20
