"""Units, senses and broader terms; the hand-written sets and the extract of WordNet."""

from itertools import combinations

import pytest

from tldr_data.inflection import base_forms
from tldr_data.meaning import (
    SYNONYM_SECTIONS,
    agree,
    generalises,
    lexicon,
    phrase_unit,
    synonym_sets,
    units,
)
from tldr_data.replacements import replaces_like_with_like
from tldr_data.resources import read_yaml, resource_dir
from tldr_data.wordnet import broader_senses, wordnet


def same(one: str, other: str) -> bool:
    (a,), (b,) = units(one), units(other)
    return agree(a, b)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("couch", "sofas"),
        ("strolling", "walks"),
        ("grey", "gray"),
        ("a pair of", "two"),
        ("5", "five"),
        ("beside", "next to"),
        ("omnibus", "bus"),  # from WordNet
    ],
)
def test_synonyms_agree(one: str, other: str) -> None:
    assert same(one, other)


@pytest.mark.parametrize(
    ("one", "other"), [("cat", "dog"), ("red", "blue"), ("sit", "stand"), ("two", "three"), ("above", "below")]
)
def test_contraries_do_not_agree(one: str, other: str) -> None:
    assert not same(one, other)


def test_a_broader_term_keeps_a_text_true_and_not_the_other_way_around() -> None:
    corgi, animal, vehicle = (units(word)[0] for word in ("corgi", "animal", "vehicle"))
    assert generalises(corgi, animal)
    assert not generalises(animal, corgi)
    assert not generalises(corgi, vehicle)


def test_near_terms_count_in_both_directions_and_quantities_in_none() -> None:
    huge, big, several, single = (units(word)[0] for word in ("huge", "big", "several", "single"))
    assert agree(huge, big) or (generalises(huge, big) and generalises(big, huge))
    assert not generalises(several, single)
    assert not generalises(single, several)


def test_articles_are_no_part_of_a_phrase() -> None:
    assert [unit.lemma for unit in units("in the middle of a road")] == [u.lemma for u in units("in middle of road")]


def test_a_phrase_that_nobody_knows_is_no_unit() -> None:
    assert phrase_unit(["purple", "bus"]) is None
    assert phrase_unit(["sitting", "down"]) is not None


@pytest.mark.parametrize(
    ("old", "new", "alike"),
    [
        ("a man wearing a hat near a tree", "a man with a hat on near a tree", True),
        ("a person riding a skateboard on the street", "a person skateboarding on the street", True),
        ("a small plane", "a small airplane", True),
        ("the dog is on the bed", "the dogs are on the bed", False),
        ("a man wearing a hat", "a man wearing a coat", False),
        ("a man on a bike", "a man beside a bike", False),
        ("a cat", "a cat", False),
        ("a cat", "", False),
    ],
)
def test_replaced_stretches(old: str, new: str, alike: bool) -> None:
    assert replaces_like_with_like(old.split(), new.split()) is alike


def test_every_line_of_the_hand_written_sets_is_a_set() -> None:
    sets = synonym_sets()
    assert set(sets) == set(SYNONYM_SECTIONS)
    for lines in sets.values():
        for phrases in lines:
            assert len(set(phrases)) == len(phrases) > 1, phrases
            assert all(phrase == phrase.lower().strip() for phrase in phrases)


def test_opposites_are_never_synonyms() -> None:
    pairs = [pair.split(" / ") for pair in read_yaml("lexicons", "meaning.yaml")["opposites"]]
    assert len(pairs) > 40
    read = [(units(one), units(other)) for one, other in pairs]
    assert not [(a, b) for a, b in read if len(a) == len(b) == 1 and agree(a[0], b[0])]


def test_numbers_share_no_sense() -> None:
    numbers = "two three four five six seven eight nine ten eleven thirteen".split()
    assert not [pair for pair in combinations(numbers, 2) if same(*pair)]


def test_the_extract_of_wordnet_is_whole_and_has_its_licence() -> None:
    found = wordnet()
    senses = {sense for ids in found.senses.values() for sense in ids}
    assert len(senses) > 20_000
    assert {above for keys in found.broader.values() for above in keys} <= senses
    notice = (resource_dir("lexicons") / "wordnet.LICENSE").read_text(encoding="utf-8")
    assert "WordNet 3.0 Copyright 2006 by Princeton University" in notice
    assert (resource_dir("lexicons") / "wordnet.txt").stat().st_size < 1_000_000


def test_no_sense_is_broader_than_itself() -> None:
    assert not [sense for sense in wordnet().broader if sense in broader_senses(sense)]


def test_base_forms_of_what_is_not_inflected() -> None:
    assert base_forms("grass") == []
    assert base_forms("bus") == []
    assert "hop" in base_forms("hopping")


def test_words_of_the_sets_are_their_own_base() -> None:
    assert lexicon().own >= {"couch", "building", "next to"}
    assert [unit.lemma for unit in units("buildings")] == ["building"]
