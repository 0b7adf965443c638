import random
import subprocess
import sys
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tldr_data.duplicates.texts import BANDS, near_texts, normalised, pair_key, same_text, similarity, text_bands

LONG = "A brown dog sleeps on the red sofa beside an old wooden lamp."


def bands(texts: list[str]) -> np.ndarray:
    found = [text_bands(text) for text in texts]
    return np.array([row for row in found if row is not None], dtype=np.uint64).reshape(-1, BANDS)


def made(rng: random.Random, words: int) -> str:
    return " ".join(
        rng.choice("dog cat sofa lamp tree boat red blue old small stands lies near under".split())
        + str(rng.randrange(9))
        for _ in range(words)
    )


def changed(rng: random.Random, text: str) -> str:
    words = text.split()
    words.insert(rng.randrange(len(words) + 1), "new")
    return " ".join(words)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("  The man's\tT-shirt, twice! ", "the mans t shirt twice"),
        ("ＷＩＤＥ “quotes” – and dashes—here", "wide quotes and dashes here"),
        ("STRASSE straße", "strasse strasse"),
        ("snake_case 3.5", "snake case 3 5"),
        ("?!", ""),
    ],
)
def test_normal_form(text: str, words: str) -> None:
    assert normalised(text) == words


@given(st.text())
def test_the_normal_form_is_its_own_normal_form(text: str) -> None:
    assert normalised(normalised(text)) == normalised(text)


def test_short_texts_have_no_bands() -> None:
    assert text_bands("a man rides a wave on a") is None
    assert text_bands("a man rides a wave on a -- !") is None
    assert text_bands("a man rides a wave on a board") is not None


def test_equal_texts_are_found_whatever_stands_between_them() -> None:
    rng = random.Random(0)
    texts = [changed(rng, LONG) for _ in range(60)] + [
        LONG,
        LONG.upper(),
        *(made(rng, 12) for _ in range(200)),
        f"“{LONG}”",
    ]
    assert {(60, 61), (60, 262)} <= set(near_texts(bands(texts)))


def test_a_word_more_or_less_makes_a_candidate_that_is_confirmed() -> None:
    rng = random.Random(1)
    texts = [made(rng, rng.randrange(10, 60)) for _ in range(400)]
    planted = {(row, row + 400) for row in range(400)}
    candidates = set(near_texts(bands(texts + [changed(rng, text) for text in texts])))
    every = texts + [changed(rng, text) for text in texts]
    assert len(planted - candidates) <= 4
    assert all(same_text(every[first], every[second]) for first, second in planted)


def test_texts_of_other_content_are_not_confirmed() -> None:
    assert not same_text(
        "A couple of boats that are sitting in the water.", "A couple of ducks that are sitting in the water."
    )
    assert not same_text("a dog chases a cat around the big tree", "a cat chases a dog around the big tree")
    assert same_text(
        "A man on a tennis court holding a racquet.", "a man standing on a tennis court, holding a racquet"
    )
    assert similarity(LONG, LONG.lower()) == 1


def test_many_equal_or_near_texts_are_not_quadratic() -> None:
    rng = random.Random(2)
    rows = np.repeat(bands([LONG]), 50_000, axis=0)
    assert sum(1 for _ in near_texts(rows)) == 49_999
    near = bands([changed(rng, LONG) + f" {number}" for number in range(2000)])
    assert sum(1 for _ in near_texts(near)) < 2000 * 16 * 9


@pytest.mark.parametrize("texts", [[], [LONG]])
def test_where_there_is_no_pair(texts: list[str]) -> None:
    assert list(near_texts(bands(texts))) == []


def test_bands_are_the_same_in_every_process() -> None:
    code = f"from tldr_data.duplicates.texts import text_bands; print(text_bands({LONG!r}).tolist())"
    shown = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout
    assert shown.strip() == str(text_bands(LONG).tolist())
    assert text_bands(LONG).tolist()[:2] == FIRST


FIRST = [2246182280986268103, 4556092826975551421]
"""Stays what it is on every platform, until rensa changes its hashes."""


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (("What is on the table?", "A cup."), ("what is on table", " CUP ")),
        (("Is it red?", "yes"), ("is it  red", "Yes!")),
        (("What letter is it?", "A"), ("What letter is it", "a")),
    ],
)
def test_pairs_that_differ_in_writing_alone(first: tuple[str, str], second: tuple[str, str]) -> None:
    assert pair_key(*first) == pair_key(*second)


def test_other_pairs_have_other_keys() -> None:
    pairs = [
        ("Is it red?", "yes"),
        ("Is it red?", "no"),
        ("Is it", "red yes"),
        ("What letter?", "A"),
        ("What letter?", "The"),
    ]
    pairs += [("How many?", "3.5"), ("How many?", "35"), ("What does it say?", "?!"), ("What does it say?", "!")]
    assert all(pair_key(*one) != pair_key(*other) for one, other in combinations(pairs, 2))
    assert all(0 <= pair_key(*pair) < 2**64 for pair in pairs)
