"""The checker on facts made by hand: what is true, what is false, and what the facts leave open."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tldr_data.example import Edit, Example, Span
from tldr_data.facts import Facts, Relation, Sign, Thing
from tldr_data.verify import COMPLETE, verify, weigh

THINGS = (
    Thing("ball", ("red", "shiny"), "small", 1, (10, 150, 30, 170)),
    Thing("ball", ("blue",), None, 1, (200, 150, 240, 190)),
    Thing("table", ("brown", "wooden"), "large", 1, (60, 120, 160, 200)),
    Thing("cup", ("green", "white", "striped"), None, 1, (90, 100, 110, 120)),
    Thing("duck", ("yellow",), "small", 3, (150, 205, 235, 235)),
    Thing("tree", ("green",), "large", 1, (5, 10, 60, 110), True),
    Thing("sign", ("white",), None, 1, (180, 60, 230, 110)),
    Thing("picnic basket", ("brown", "wicker"), None, 1, (65, 205, 120, 250)),
    Thing("apple", ("red",), "small", 2, (75, 200, 100, 215)),
    Thing("dog", ("black",), None, 1, (100, 160, 140, 198)),
)
RELATIONS = (
    Relation(3, "on", 2),
    Relation(8, "inside", 7),
    Relation(9, "under", 2),
    Relation(7, "in front of", 2),
    Relation(4, "in front of", 2),
)
SCENE = Facts(THINGS, RELATIONS, (Sign("OPEN LATE", 6),), COMPLETE, (256, 256))
PARTIAL = Facts(THINGS, RELATIONS, canvas=(256, 256))

TRUE = """
A small red ball lies to the left of a large wooden table.
A green and white striped cup stands on the table, and a black dog sits under it.
In the background, there is a large green tree. It is on the left side of the picture.
Three small yellow ducks are in the lower right corner of the image. They are yellow.
Two red apples are inside the picnic basket, which is in front of the table.
A white sign on the right says "OPEN LATE".
The words “OPEN LATE” are written on a white sign.
There is no cat in sight. No horses can be seen. There are no birdhouses or kites in the picture.
On the table stands a green cup, and a tree is in the background.
To the left of the table, a shiny red ball rests.
A wicker basket with a pair of red apples in it stands in front of the table.
The tree is green, and the cup is green and striped.
The table is made of wood, and next to the dog is a basket. There is exactly one dog.
Behind the ducks is a table with a cup on it.
The sign is above the blue ball and far from the tree.
The red ball on the left is not blue. There is no green ball.
There are 3 ducks. The ducks are outside the basket.
On the table are a cup and a green cup, and three ducks sit in front of the table.
The table is brown. It's behind the basket.
On the table, there is no dog. In the background, no cup stands on the table. The dog does not sit on the table.
There are several ducks. The ducks do not stand behind the table. The dog does not sleep on the table.
A basket without apples on it is in front of the table.
A large table without a dog on it is behind the basket. A dog is under it.
A sign above the blue ball does not say "OPEN EARLY".
The sign does not say "OPEN EARLY". There is a sign with the words "OPEN LATE" on it.
"""

FALSE = {
    "A blue ball lies to the left of a table.": "ball",
    "A ball that is green is on the left.": "says green",
    "There are five small yellow ducks.": "count of ducks: 3 (says 5)",
    "There is a pair of ducks.": "count of ducks: 3 (says 2)",
    "A single apple is in the basket.": "count of apples: 2 (says 1)",
    "There are three dogs.": "count of dogs: 1 (says 3)",
    "Dogs sit under the table.": "count of dogs: 1",
    "A cup is under the table.": "cup is on table (says under)",
    "A dog is on top of the table.": "dog is under table (says on)",
    "The basket is behind the table.": "in front of",
    "Two apples are outside the basket.": "inside",
    "Two apples are next to the basket.": "inside",
    "The sign is below the blue ball.": "sign is above ball (says below)",
    "The sign is next to the tree.": "not beside",
    "The dog is far from the table.": "under",
    "In the foreground, there is a tree.": "background",
    "A tree is in the lower right corner.": "says bottom right",
    "There is a cat.": "there is no cat",
    "There are no ducks.": "there is a duck",
    "A metal table stands here.": "table: large, brown, wooden (says metal)",
    "A green spotted cup.": "says spotted",
    "There is a tiny table.": "says tiny",
    'A sign reads "OPEN EARLY".': "OPEN LATE",
    "The cup on the table is red.": "says red",
    "The dog is not black.": "black",
    "There is a parrot on the table.": "there is no parrot",
    "In the background, there is no tree.": "tree is at the",
    "Under the table, no dog sits.": "dog under table",
    "The dog does not sit under the table.": "dog under table",
    "A table with no cup on it stands there.": "cup on table",
    "A basket without ducks in it is behind the table.": "in front of",
    'A sign above the blue ball does not say "OPEN LATE".': "OPEN LATE",
    'There is a sign that does not say "OPEN LATE".': "OPEN LATE",
    "There are several cats.": "there is no cat",
    'The sign does not say "OPEN LATE".': "OPEN LATE",
}

OPEN = """
There is a bird.
A zorble stands on the table.
The red ball frobnicates to the right of the table.
There is a mug on the table.
A crimson ball.
"""


def lines(text: str) -> list[str]:
    return text.strip().splitlines()


@pytest.mark.parametrize("text", lines(TRUE))
def test_every_claim_of_a_true_text_is_true(text: str) -> None:
    judged = weigh(text, SCENE)
    assert judged
    assert [(item.truth, item.evidence) for item in judged if item.truth is not True] == []


@pytest.mark.parametrize("text", FALSE)
def test_false_text_is_false_with_the_fact_as_evidence(text: str) -> None:
    evidence = [item.evidence for item in weigh(text, SCENE) if item.truth is False]
    assert any(FALSE[text] in item for item in evidence), evidence


@pytest.mark.parametrize("text", lines(OPEN))
def test_what_the_facts_cannot_answer_is_neither_true_nor_false(text: str) -> None:
    truths = [item.truth for item in weigh(text, SCENE)]
    assert None in truths
    assert False not in truths


def test_claims_carry_the_words_they_are_made_of() -> None:
    text = "A red ball is right of the table."
    false = [item for item in weigh(text, SCENE) if item.truth is False]
    assert [[text[a:b] for a, b in item.spans] for item in false] == [["red", "ball", "right", "of", "table"]]


def test_an_article_belongs_to_the_claim_that_the_thing_is_there() -> None:
    text = "A cat is visible."
    assert [[text[a:b] for a, b in item.spans] for item in weigh(text, SCENE)] == [["A", "cat"]]


def test_partial_facts_deny_only_what_they_exclude() -> None:
    assert [item.truth for item in weigh("There is a cat. There are five ducks. The tree is striped.", PARTIAL)] == [
        None, None, True, None,
    ]  # fmt: skip
    assert weigh("A blue tree.", PARTIAL)[0].truth is False
    assert weigh("The basket is behind the table.", PARTIAL)[-1].truth is False


def test_other_names_of_a_thing_mean_it_where_nothing_else_bears_them() -> None:
    facts = Facts((Thing("airplane", ("red",), "tiny"), Thing("rabbit", ("white",)), Thing("gift")), (), (), COMPLETE)
    text = "A very small red plane can be seen. There is a white bunny and a present."
    assert [item.truth for item in weigh(text, facts)] == [True] * 3
    assert weigh("A blue plane.", facts)[0].truth is False
    assert weigh("There is a bike.", facts)[0].truth is False


def test_a_thing_right_in_the_middle_is_on_neither_side() -> None:
    facts = Facts((Thing("cup", box=(45, 45, 55, 55)), Thing("bed", box=(5, 5, 95, 95))), (), (), COMPLETE, (100, 100))
    assert [weigh(f"A cup is on the {side}.", facts)[-1].truth for side in ("left", "right")] == [False, False]
    assert weigh("A bed is on the left.", facts)[-1].truth is None


def test_an_answer_is_said_of_what_was_asked_for() -> None:
    assert [item.truth for item in weigh("In the background.", SCENE, "Where is the tree?")] == [True]
    assert [item.truth for item in weigh("Under the table.", SCENE, "Where is the cup?")] == [True, False]


def example(reference: str, old: str, new: str, facts: Facts | None = SCENE) -> Example:
    start = reference.index(old)
    edits = (Edit(start, start + len(old), new),)
    response = reference.replace(old, new, 1)
    return Example(
        id="x/1#spatial.000000", response=response, reference=reference, kind="perturbed", edits=edits, source="x",
        license="CC0-1.0", attribution="", group="x/1", errors=(Span(start, start + len(new), old),), facts=facts,
    )  # fmt: skip


def test_perturbed_is_proved_with_evidence() -> None:
    finding = verify(example("A red apple is in the basket.", "red", "green"))
    assert finding == ("proved", "apple: small, red (says green)", None)


@pytest.mark.parametrize(
    ("reference", "old", "new", "verdict"),
    [
        ("No cat sits under the table.", "No", "A", "proved"),
        ("There is no cat. The dog is black.", "no", "a", "proved"),
        ("A table without a cat on it is there.", "without", "with", "proved"),
        ("The table is without a cat.", "without", "with", "proved"),
        ("No cat sits under the table. The dog is red.", "No", "A", "unverified"),
    ],
)
def test_who_brings_in_what_is_not_there_says_all_that_follows(
    reference: str, old: str, new: str, verdict: str
) -> None:
    assert verify(example(reference, old, new)).verdict == verdict


@pytest.mark.parametrize(
    ("old", "new", "reason"), [("under", "beneath", None), ("dog", "zorble", "good_claim_unknown")]
)
def test_a_paraphrase_that_cannot_be_decided_is_refused(old: str, new: str, reason: str | None) -> None:
    perturbed = example("A black dog rests under the table.", old, new)
    reworded = replace(perturbed, kind="paraphrase", id="x/1#paraphrase.000000", errors=())
    assert verify(reworded).reason == reason


def test_edit_that_stays_true_is_not_contradicted() -> None:
    assert verify(example("A red ball is there.", "red", "blue")).reason == "not_contradicted"
    assert verify(example("A dog is under the table.", "dog", "zorble")).reason == "not_contradicted"


def test_later_mention_that_became_false_is_refused() -> None:
    found = verify(example("A dog is under the table. It is black.", "dog", "cat"))
    assert (found.verdict, found.reason) == ("unverified", "good_claim_false")
    assert (
        verify(example("A wicker basket is in front of the table. It is brown.", "wicker", "metal")).verdict == "proved"
    )
    two = verify(example("The red ball is on the left. It is shiny.", "red", "pink"))
    assert two.reason == "good_claim_unknown", "either ball may be meant"


def test_without_facts_nothing_is_verified() -> None:
    assert verify(example("A red ball is there.", "red", "pink", facts=None)) == ("unverified", None, None)


@pytest.mark.parametrize(("text", "reason"), [("A cat is under the table.", "contradicts_facts"), ("A dog.", None)])
def test_clean_text_must_not_contradict_its_facts(text: str, reason: str | None) -> None:
    clean = Example(id="x/1", response=text, source="x", license="", attribution="", group="x/1", facts=SCENE)
    assert (verify(clean).verdict, verify(clean).reason) == ("none", reason)
