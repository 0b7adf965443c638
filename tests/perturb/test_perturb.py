"""Rules on whole texts: order, determinism, grammar, and what is left alone."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tldr_data.example import Example
from tldr_data.perturb import perturb
from tldr_data.taxonomy import load_taxonomies, load_taxonomy

TEXTS = (
    "A small dog sits on the red chair. Two cats are next to a wooden table in the background.",
    "There is a bird in front of an orange boat. Three ducks swim to the left of it.",
    "One tall man holds a striped umbrella above a green bench.",
)


def clean(text: str) -> Example:
    return Example(id="t/1", response=text, source="t", license="CC0-1.0", attribution="", group="t/1")


def responses(text: str, name: str) -> list[str]:
    return [example.response for example in perturb(clean(text), load_taxonomy(name), seed=0)]


@pytest.mark.parametrize("text", TEXTS)
def test_the_same_seed_gives_the_same_examples_and_another_seed_others(text: str) -> None:
    taxonomy = load_taxonomy("attribute")
    first, again = list(perturb(clean(text), taxonomy, 1)), list(perturb(clean(text), taxonomy, 1))
    assert first == again
    orders = {tuple(e.response for e in perturb(clean(text), taxonomy, seed)) for seed in range(20)}
    assert len(orders) > 1


@pytest.mark.parametrize("seed", range(8))
def test_what_is_told_of_once_is_changed_before_what_the_text_comes_back_to(seed: int) -> None:
    text = "A red cup and a blue plate stand on a brown table. The plate is empty. The table is clean."
    first = next(perturb(clean(text), load_taxonomy("attribute"), seed))
    assert first.errors[0].replaced == "red"


def test_every_example_is_labelled_where_it_was_written() -> None:
    for taxonomy in load_taxonomies(["all"]):
        for text in TEXTS:
            for example in perturb(clean(text), taxonomy, 0):
                assert example.errors
                assert example.reference == text != example.response
                assert example.kind == "perturbed"
                assert example.taxonomy == taxonomy.name
                assert example.subtype in taxonomy.subtypes
                for span in (*example.errors, *example.collateral):
                    assert span.replaced in text


@given(
    st.lists(
        st.sampled_from([*" ".join(TEXTS).split(), "\n", "“two", "cats”", "é", "👍🏽", "a", "an", "left", "is"]),
        max_size=40,
    )
)
@settings(max_examples=150, deadline=None)
def test_no_text_gives_a_wrong_example(words: list[str]) -> None:
    text = " ".join(["A", *words])
    for taxonomy in load_taxonomies(["all"]):
        for example in perturb(clean(text), taxonomy, 0):
            assert example.errors  # Example checks edits and spans itself


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("counting", "A dog and cat sleep."),
        ("counting", "A woman's hat lies there."),
        ("counting", "The animal is a dog."),
        ("counting", "A dog chases its tail."),
        ("counting", "A dog barks. The dog is brown."),
        ("counting", "Two of the boys run at 2:30 pm."),
        ("counting", "A two-story house."),
        ("counting", "The two dogs sleep."),
        ("attribute", "The White House."),
        ("attribute", "A sign says “red door”."),
        ("attribute", "The sky-blue door."),
        ("spatial", "He has left the room."),
        ("spatial", "A tree on the left and a tree on the right."),
        ("spatial", "A tree is on the left. Another tree is on the right."),
        ("small_object", "A large bird sits on a post."),
    ],
)
def test_left_alone(name: str, text: str) -> None:
    assert not responses(text, name)


def test_what_the_text_says_elsewhere_is_never_written() -> None:
    found = {
        e.response
        for seed in range(40)
        for e in perturb(clean("A red and white flag."), load_taxonomy("attribute"), seed)
    }
    assert found
    assert not any(text in ("A white and white flag.", "A red and red flag.") for text in found)


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        (
            "counting",
            "One dog is sleeping.",
            {"Two dogs are sleeping.", "Three dogs are sleeping.", "Four dogs are sleeping."},
        ),
        ("counting", "There is a knife.", {f"There are {n} knives." for n in ("two", "three", "four")}),
        (
            "counting",
            "A man smiles at the camera.",
            {f"{n} men smile at the camera." for n in ("Two", "Three", "Four")},
        ),
        (
            "counting",
            "A desk that is full of paper.",
            {f"{n} desks that are full of paper." for n in ("Two", "Three", "Four")},
        ),
        ("counting", "On the table is a cup.", {f"On the table are {n} cups." for n in ("two", "three", "four")}),
        ("spatial", "An apple on a table.", {f"An apple {p} a table." for p in ("under", "next to", "beside")}),
        ("small_object", "A tiny owl.", {"A tiny pigeon.", "A tiny eagle.", "A tiny crow.", "A large owl."}),
    ],
)
def test_grammar(name: str, text: str, expected: set[str]) -> None:
    taxonomy = load_taxonomy(name)
    found = {e.response for seed in range(60) for e in perturb(clean(text), taxonomy, seed)}
    assert expected <= found
