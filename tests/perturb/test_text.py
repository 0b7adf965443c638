"""Written text: which words are writing, what they become, and where writing may be added."""

import re

import pytest

from tldr_data.diff import diff
from tldr_data.example import Example, apply_edits
from tldr_data.filters import find_reason
from tldr_data.perturb import alternatives, perturb
from tldr_data.perturb.writing import bearer_of, inscriptions, texts_of, writing
from tldr_data.taxonomy import load_taxonomy

TEXT = load_taxonomy("text")


def clean(text: str) -> Example:
    return Example(id="t/1", response=text, source="t", license="CC0-1.0", attribution="", group="t/1")


def made(text: str, subtype: str) -> set[str]:
    """Everything that a subtype makes of a text."""
    return {apply_edits(text, found.edits) for found in alternatives(text, TEXT) if found.subtype == subtype}


def quoted(responses: set[str]) -> set[str]:
    return {match for response in responses for match in re.findall(r'["“]([^"”]+)["”]', response)}


@pytest.mark.parametrize(
    ("text", "case"),
    [
        ('A sign says "BUS STOP".', str.isupper),
        ('A sign says "bus stop".', str.islower),
        ('A sign says "Bus Stop".', lambda t: t[0].isupper() and not t.isupper()),
    ],
)
def test_the_new_text_has_the_case_of_the_old_one(text: str, case) -> None:  # type: ignore[no-untyped-def]
    texts = quoted(made(text, "word"))
    assert len(texts) > 3
    assert all(map(case, texts))


def test_known_texts_are_exchanged_both_ways() -> None:
    assert "FARM SHOP" in quoted(made('A sign says "FRESH EGGS".', "word"))
    assert "FRESH EGGS" in quoted(made('A sign says "FARM SHOP".', "word"))


def test_lines_stay_apart() -> None:
    texts = quoted(made('A board reads "VORKA / TELM" in red.', "word"))
    assert texts
    assert all(re.fullmatch(r"\w+ / \w+", text) for text in texts)


def test_the_number_of_words_fits_what_the_caption_calls_them() -> None:
    assert all(" " not in text for text in quoted(made('The word "VORKA" is on the mug.', "word")))
    assert all(" " in text for text in quoted(made('The words "BUS STOP" are on a sign.', "word")))


def test_every_mention_changes_alike() -> None:
    responses = made('A hat with "VORKA" on it. The "VORKA" is red.', "word")
    assert responses
    assert all(len(set(re.findall(r'"(\w+)"', response))) == 1 and "VORKA" not in response for response in responses)


def test_a_letter_that_the_caption_speaks_of_stays() -> None:
    texts = quoted(made('A robot bears the word "VORKA". Light falls on the "A".', "word")) - {"A"}
    assert texts
    assert all(text.count("A") == 1 for text in texts)


@pytest.mark.parametrize(
    "text",
    [
        'A man in a "clown" costume.',
        'The Hotel Miramar, with "MIRAMAR" on its roof.',
        'A clock with the numeral "III" on it.',
        'A sign that may read "harbor road".',
        'A banner reads "Am Hafen" in German.',
        'The letters "VK" stand on a wall.',
    ],
)
def test_what_is_no_plain_writing_or_is_told_elsewhere_stays(text: str) -> None:
    assert not made(text, "word")


def test_a_stop_that_is_no_writing_stays() -> None:
    assert made("Two signs, one says stop, and a tree.", "word")
    assert not made("A stop sign says stop.", "word")
    assert not made("A man says stop it at once.", "word")


@pytest.mark.parametrize(
    ("text", "wanted", "unwanted"),
    [
        ("A digital clock shows 4:35.", "A digital clock shows 6:35.", "A digital clock shows 4:36."),
        ('A sign says "SPEED LIMIT 40".', 'A sign says "SPEED LIMIT 60".', 'A sign says "SPEED LIMIT 43".'),
        ("A bus on route 7 waits.", "A bus on route 3 waits.", "A bus on route 0 waits."),
    ],
)
def test_numbers_become_others_of_their_kind(text: str, wanted: str, unwanted: str) -> None:
    responses = made(text, "number")
    assert wanted in responses
    assert unwanted not in responses


@pytest.mark.parametrize(
    "text", ["There are 7 dogs.", "The trees number 12 in all.", "A cup for $5 and number 5-12.", "A clock shows 2:15."]
)
def test_numbers_that_are_not_written_in_the_picture_stay(text: str) -> None:
    assert not made(text, "number")


def test_writing_is_added_only_where_none_can_be_changed() -> None:
    assert made("A boat lies at the pier.", "inserted")
    assert not made('A boat lies at the pier. A sign says "BOAT TRIPS".', "inserted")


@pytest.mark.parametrize(
    "text",
    [
        "There is no boat here.",
        "It is shaped like a boat.",
        "The shadow of a boat.",
        "A boat of wood.",
        "A boat's sail.",
        "A toilet bowl.",
        "The letters on the boat are blue.",
        "A man waves the American flag.",
        "A man looks at the camera.",
        "The chair is old. It has a cutout of handwriting.",
        "A goat sits on a bench. There is cursive on its bell.",
        "A faded marking on a wall.",
        "A wall has a mural.",
        "A clean wall stands here.",
        "The wall leading to the roof is red.",
        "A dead end sign.",
        "A goat looks out of the window of a house.",
        "A goat seems to be wearing a backpack.",
        "Near are the shadows of two people. One has a backpack on.",
        "Two trees are tall.",
        "Here are three floors.",
    ],
)
def test_nothing_is_written_where_it_would_not_be_claimed_or_not_read_well(text: str) -> None:
    assert not made(text, "inserted")


def test_an_insertion_does_not_cut_off_what_is_told_of_the_thing() -> None:
    responses = made("A view of a boat passing a pier.", "inserted")
    assert 'A view of a boat, which has "BLUE PEARL" painted on its hull, passing a pier.' in responses
    assert not any(' "Eat Well" shaped' in each for each in made("A bowl shaped pit.", "inserted"))


def test_a_participle_stays_with_the_one_before_the_thing() -> None:
    assert not any(", which" in each for each in made("A man sits in the car, wearing a tie.", "inserted"))
    assert not made("A man sits in a car wearing a tie.", "inserted")


def test_what_each_of_several_things_bears_is_no_number() -> None:
    texts = quoted(made("Each shed has a door.", "inserted"))
    assert "PRIVATE" in texts
    assert "ROOM 12" not in texts
    assert "ROOM 12" in quoted(made("The shed has a door.", "inserted"))


def test_an_adjective_before_a_comma_does_not_part_a_thing_from_its_article() -> None:
    responses = made("A tan, cream-colored wall is here.", "inserted")
    assert 'A tan, cream-colored wall with the word "LOVE" painted on it is here.' in responses


def test_no_clause_parts_a_thing_from_what_another_has() -> None:
    assert not any("street, which" in each for each in made("A goat is in the street with its bell.", "inserted"))
    assert not any("table, which" in each for each in made("A goat sits at the table, with a bell.", "inserted"))


def test_an_insertion_agrees_in_number_and_ends_its_clause() -> None:
    assert 'Two boats with "BLUE PEARL" painted on their hulls wait.' not in made("Two boats wait.", "inserted")
    assert 'Two boats with "BLUE PEARL" painted on their hulls are here.' in made("Two boats are here.", "inserted")
    assert 'The bus, which has the words "River Line" on its side, is red.' in made("The bus is red.", "inserted")
    assert 'He is on the bus, which has "RIVER LINE" painted on its side.' in made("He is on the bus.", "inserted")


@pytest.mark.parametrize(
    "text",
    ["A cat sits in a box on the floor.", "The bus is red.", 'A sign says "BUS STOP".', "A digital clock shows 4:35."],
)
def test_exactly_the_written_words_are_false_and_the_filters_agree(text: str) -> None:
    for example in perturb(clean(text), TEXT, 0):
        assert list(example.errors) == list(diff(text, example.response).errors)
        assert find_reason(text, example.response, TEXT, example.errors) is None


def test_every_bearer_has_texts_and_every_form_can_be_written() -> None:
    names = [thing for bearer in writing().bearers.values() for thing in bearer.things]
    assert len(names) == len(set(names)) > 300
    for thing, bearer in bearer_of().items():
        assert texts_of(bearer.texts)
        for plural in (False, True):
            phrases = [phrase for group in inscriptions(thing, plural) for phrase in group]
            assert phrases
            assert not any("{" in phrase or "  " in phrase for phrase in phrases)
