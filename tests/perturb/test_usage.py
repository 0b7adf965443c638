"""Replacements follow the source's own use of words."""

import random
from collections import Counter

import pytest

from tldr_data.perturb import observe, perturbations
from tldr_data.perturb.usage import Usage
from tldr_data.taxonomy import Taxonomy

COLOURS = Taxonomy.model_validate(
    {
        "name": "colours",
        "definition": "d",
        "origin": "o",
        "subtypes": {
            "colour": {"definition": "d", "rule": "adjective", "groups": [["red", "blue", "green", "black", "white"]]}
        },
    }
)
SHARES = {"red": 0.4, "blue": 0.3, "green": 0.2, "black": 0.1}


def captions(number: int) -> list[str]:
    rng = random.Random("captions")
    pairs = [rng.choices(list(SHARES), list(SHARES.values()), k=2) for _ in range(number)]
    return [f"There is a {a} {rng.choice(('cup', 'box'))}. There is a {b} plate." for a, b in pairs]


def test_as_many_of_a_word_come_in_as_go_out() -> None:
    texts = captions(3000)
    usages = observe(texts, COLOURS)
    came, went = Counter[str](), Counter[str]()
    for number, text in enumerate(texts):
        changes = next(perturbations(text, COLOURS, random.Random(number), usages)).changes
        error = next(change for change in changes if not change.collateral)
        came[error.replacement] += 1
        went[text[error.start : error.end]] += 1
    for word in SHARES:
        assert came[word] == pytest.approx(went[word], rel=0.12)


def test_a_word_that_the_source_never_writes_comes_last() -> None:
    usages = observe(captions(300), COLOURS)
    firsts = [next(perturbations("A red cup.", COLOURS, random.Random(n), usages)).changes[-1] for n in range(200)]
    assert "white" not in {change.replacement for change in firsts}


def test_a_word_that_nothing_can_replace_as_often_is_still_replaced_where_it_stands_alone() -> None:
    usages = observe(["A red cup."] * 50 + ["A blue cup."], COLOURS)
    assert next(perturbations("A red cup.", COLOURS, random.Random(0), usages)).changes[-1].replacement == "blue"


def test_what_is_said_of_one_thing_does_not_speak_for_another() -> None:
    texts = ["A green tree."] * 100 + ["A red cup.", "A blue cup."] * 50
    usages = observe(texts, COLOURS)
    made = Counter(
        next(perturbations("A red cup and a green tree.", COLOURS, random.Random(n), usages)).changes[-1].replacement
        for n in range(300)
    )
    assert made["blue"] > 250


def test_without_a_source_all_choices_are_equal() -> None:
    made = Counter(
        next(perturbations("A red cup.", COLOURS, random.Random(n))).changes[-1].replacement for n in range(400)
    )
    assert set(made) == {"blue", "green", "black", "white"}
    assert min(made.values()) > 60


def test_a_usage_comes_back_from_json() -> None:
    usage = observe(captions(20), COLOURS)["colour"]
    again = Usage.from_json(usage.to_json())
    assert (again.terms, again.choices) == (usage.terms, usage.choices)
    assert again.shares(["red"], "cup") == usage.shares(["red"], "cup")
