"""Names of things: which are exchanged, for what, and which are left."""

from collections import Counter

import pytest

from tldr_data.example import apply_edits
from tldr_data.objects import INVARIANT, MASS, PAIRS, kinds_of, objects, plural_forms, siblings
from tldr_data.perturb import alternatives
from tldr_data.perturb.nouns import same_thing
from tldr_data.taxonomy import load_taxonomy


def found(text: str, name: str = "object") -> set[str]:
    return {apply_edits(text, p.edits) for p in alternatives(text, load_taxonomy(name))}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Two zebras stand here.", "Two giraffes stand here."),
        ("An owl sits on a roof.", "A parrot sits on a roof."),
        ("Roses lie here.", "Tulips lie here."),
        ("A wooden fence stands by the hill.", "A wooden fence stands by the windmill."),
        ("A few clouds hang over us.", "A few kites hang over us."),
        ("The cat sleeps. The cat is grey.", "The rabbit sleeps. The rabbit is grey."),
        ("A traffic cone lies there, and the cone is red.", "A mailbox lies there, and the mailbox is red."),
        ("A bicycle and a lamp. The bike is old.", "A motorcycle and a lamp. The motorcycle is old."),
        ("A violin lies beside another violin.", "A guitar lies beside another guitar."),
    ],
)
def test_written(text: str, expected: str) -> None:
    assert expected in found(text)


def test_a_thing_brought_in_for_itself_is_renamed_alone() -> None:
    texts = found("A violin hangs on the left and a violin hangs on the right.")
    assert "A violin hangs on the left and a guitar hangs on the right." in texts
    assert "A guitar hangs on the left and a violin hangs on the right." in texts


@pytest.mark.parametrize(
    "text",
    [
        "A bowl of soup.",
        "One of these giraffe is old.",
        "There is no dog here.",
        "A pug or beagle.",
        "A Shetland pony.",
        "A dog food shop.",
        "Looking like a dog.",
        "It is larger than a dog.",
        "It says “dog”.",
        "The dog-eared page.",
        "Sheep graze.",
        "A large and small elephant.",
        "There is some pizza and two jeans.",
        "The bus 47 is late.",
        "Another cat is asleep.",
        "A grey komondor rests. The dog is old.",
        "A dog sits. The dog's dog tag is here. A dog-eared page.",
    ],
)
def test_left_alone(text: str) -> None:
    assert not found(text)


def test_what_the_text_names_elsewhere_is_never_written() -> None:
    texts = found("A man and a woman walk with a cat and a rabbit.")
    assert texts
    assert all(text.count("rabbit") < 2 and text.count("cat") < 2 and "A man and a woman" in text for text in texts)


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("An owl spreads its wings.", "squirrel"),  # bears wings: another bird only
        ("A husky barks.", "kitten"),
        ("A surfer rides a wave.", "skier"),
        ("A kitchen with a fridge.", "oven"),  # may be there untold
        ("Food lies on a plate.", "on a bowl"),
        ("A sign reads a word.", "A mirror"),
        ("The floor is hardwood.", "table"),  # any room has one: nothing else comes up with "the"
        ("A drone is outside of a building.", "mountain"),  # nothing one can be inside of
        ("They have coffee.", "tea"),  # of one colour
        ("A goose stands beside grass, dirt and gravel.", "sand"),
        ("There are many skiers.", "snowboarder"),
        ("A lizard has a long tail.", "frog"),
        ("A shoe lies here.", "slipper"),
    ],
)
def test_the_company_of_a_thing_is_kept(text: str, wrong: str) -> None:
    assert not any(wrong in each for each in found(text))


def test_a_broader_name_is_not_made_a_narrower_one() -> None:
    written = found("A palm tree is here. The tree is old.")
    assert "A statue is here. The statue is old." in written
    assert not any("pine" in text for text in written)


def test_all_mentions_are_errors_and_articles_collateral() -> None:
    taxonomy = load_taxonomy("object")
    text = "There is an owl on the roof. The owl is white."
    changes = next(p.changes for p in alternatives(text, taxonomy) if "parrot" in apply_edits(text, p.edits))
    assert [(c.replacement, c.collateral) for c in changes] == [("a", True), ("parrot", False), ("parrot", False)]


def test_the_lexicon_is_wide_and_its_rows_fit_together() -> None:
    assert len(kinds_of()) >= 800
    for rows in objects().kinds.values():
        for row in rows:
            assert len(set(row)) == len(row) > 1, row
            for group in (MASS, PAIRS):
                assert len({noun in group for noun in row}) == 1, f"{row}: some are counted, some are not"
    synonyms = [(a, b) for a, others in siblings().items() for b in others if same_thing(a, b)]
    assert len(synonyms) < 0.02 * sum(map(len, siblings().values())), synonyms  # the rule drops them


@pytest.mark.parametrize(
    ("part", "whole"),
    [
        ("leaf", "flower"),
        ("branch", "tree"),
        ("leaf", "tree"),
        ("window", "curtain"),
        ("stream", "bridge"),
        ("creek", "bridge"),
        ("waterfall", "bridge"),
        ("island", "bridge"),
    ],
)
def test_no_thing_becomes_its_part_or_companion(part: str, whole: str) -> None:
    assert whole not in siblings().get(part, ())
    assert part not in siblings().get(whole, ())


def test_what_a_noun_is_tied_to_is_in_the_lexicon() -> None:
    lexicon = objects()
    for bond in (*lexicon.ties, *lexicon.absent, *lexicon.expected, *lexicon.never, *lexicon.only):
        assert len(set(bond.words)) == len(bond.words), [w for w, n in Counter(bond.words).items() if n > 1]
    assert set(lexicon.stand_ins) <= set(kinds_of())


def test_plurals_are_told_from_singulars() -> None:
    forms = plural_forms()
    assert {forms[noun] for noun in ("hippo", "taco", "wolf", "bus", "shelf")} == {
        "hippos", "tacos", "wolves", "buses", "shelves",
    }  # fmt: skip
    assert all(forms[noun] == noun for noun in INVARIANT & set(forms))
