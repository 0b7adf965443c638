"""Wrong answers by rules: their form, their taxonomy, and that none of them could be true."""

from collections.abc import Iterable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tldr_data.example import Example, apply_edits
from tldr_data.facts import Facts, Thing
from tldr_data.filters import find_reason
from tldr_data.perturb.vqa import AnswerUsage, could_be_true, observe_answers, perturbed_answers
from tldr_data.taxonomy import load_taxonomies, load_taxonomy

ALL = load_taxonomies(["all"])


def asked(
    question: str,
    answer: str,
    *,
    accepted: tuple[str, ...] = (),
    pairs: tuple[tuple[str, str], ...] = (),
    texts: tuple[str, ...] = (),
    things: tuple[Thing, ...] = (),
) -> Example:
    facts = Facts(things, texts=texts, pairs=pairs) if pairs or texts or things else None
    return Example(
        id="t/1", prompt=question, response=answer, accepted=accepted, facts=facts, task="vqa",
        source="t", license="CC0-1.0", attribution="", group="t/1",
    )  # fmt: skip


def wrong(example: Example, names: Iterable[str] = ("all",), usage: AnswerUsage | None = None) -> list[Example]:
    taxonomies = load_taxonomies(list(names))
    return [found for seed in range(4) for found in perturbed_answers(example, taxonomies, seed, usage)]


def texts_of(example: Example) -> set[str]:
    return {found.response for found in wrong(example)}


@pytest.mark.parametrize(
    ("question", "answer", "response", "home"),
    [
        ("What color is the couch?", "Purple.", "Green.", "attribute.colour"),
        ("What color is the couch?", "The couch is purple.", "The couch is green.", "attribute.colour"),
        ("What color are the pants?", "BLACK", "RED", "attribute.colour"),
        ("How many clocks are there?", "Two.", "One.", "counting.number"),
        ("How many clocks are there?", "2", "4", "counting.answer"),
        ("How many clocks are there?", "1 clock", "3 clocks", "counting.answer"),
        ("How many clocks are there?", "There is one clock.", "There are three clocks.", "counting.number"),
        ("What is the table made of?", "Glass.", "Stone.", "attribute.material"),
        ("Where is the vase?", "On the left.", "On the right.", "spatial.horizontal"),
        ("Where is the vase?", "Left", "Right", "spatial.horizontal"),
        ("Where is the vase?", "On the table.", "Under the table.", "spatial.supported"),
        ("Where was this photo taken?", "In an office.", "In a gym.", "object.place"),
        ("What animal is this?", "A cat.", "A fox.", "object.animal"),
        ("What animals are these?", "Dogs", "Cats", "object.animal"),
        ("What is in the background?", "A cow.", "An elephant.", None),
        ("What does the sign say?", "Stop", "Yield", "text.word"),
        ("What does the sign say?", 'It says "STOP".', 'It says "YIELD".', "text.word"),
        ("What time is it?", "Afternoon.", "Night.", "attribute.answer"),
        ("Who is in the room?", "Nobody.", "Somebody.", "counterfactual.answer"),
        ("Is there a dog?", "Yes", "No", "object.answer"),
        ("Is the car red?", "no", "yes", "attribute.answer"),
        ("Are there two cups?", "Yes.", "No.", "counting.answer"),
        ("Is the cat under the bed?", "Yes.", "No.", "spatial.answer"),
        ("Does the sign say stop?", "Yes.", "No.", "text.word"),
        ("Does he look happy?", "Yes.", "No.", "counterfactual.answer"),
        ("Is there a dog?", "Yes, there is a dog.", "No, there is no dog.", "counterfactual.absence"),
        ("Is it left?", "No, it is on the right.", "No, it is on the left.", None),
    ],
)
def test_an_answer_keeps_its_form_and_its_change_has_a_home(
    question: str, answer: str, response: str, home: str | None
) -> None:
    found = {row.response: f"{row.taxonomy}.{row.subtype}" for row in wrong(asked(question, answer))}
    assert found.get(response) == home


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("What color is the lamp?", "Black and silver."),
        ("What color is it?", "Multicolored"),
        ("How many books are there?", "More than ten."),
        ("How many people are there?", "Several."),
        ("How many lines are there?", "2"),
        ("How many grapes are there?", "37"),
        ("Why is the street empty?", "It is early morning."),
        ("How clean is it?", "Pretty clean."),
        ("How is the house?", "Clean."),
        ("Where are the books?", "On the shelf."),
        ("Where is a phone?", "On the desk."),
        ("Where are pictures?", "On left."),
        ("Where is the calendar?", "On the wall."),
        ("What is on the desk?", "A phone."),
        ("What is on the wall?", "Pictures."),
        ("What are the men doing?", "Talking."),
        ("What kind of door is it?", "Patio."),
        ("", ""),
    ],
)
def test_what_is_not_sure_to_be_false_is_not_written(question: str, answer: str) -> None:
    assert not wrong(asked(question, answer or "."))


@pytest.mark.parametrize(
    ("example", "never"),
    [
        (asked("What color is the car?", "Red.", accepted=("blue",)), "Blue."),
        (asked("What color is the car?", "Red.", pairs=(("What color is the car?", "Green."),)), "Green."),
        (asked("What color is the car?", "Red.", texts=("a green automobile",)), "Green."),
        (asked("What color is the car?", "Red.", things=(Thing("car", ("green",)),)), "Green."),
        (asked("What color is the couch?", "Gray."), "Silver."),
        (asked("What is in the field?", "A horse.", texts=("a cow near a fence",)), "A cow."),
        (asked("What is in the field?", "A horse.", pairs=(("What is eating?", "Cows."),)), "A cow."),
        (asked("What is parked?", "A car.", things=(Thing("lorry"),)), "A truck."),
        (asked("Where is the vase?", "On the left.", texts=("a vase on the right",)), "On the right."),
        (asked("Where was this taken?", "In an office.", texts=("a gym mat",)), "In a gym."),
        (asked("What does the sign say?", "Stop", pairs=(("What does the other sign say?", "Yield"),)), "Yield"),
        (asked("Who is riding?", "A man.", texts=("a crowd of people",)), "A woman."),
    ],
)
def test_what_is_told_elsewhere_is_never_written(example: Example, never: str) -> None:
    assert never not in texts_of(example)


def test_a_person_of_another_sort_may_be_written_where_only_one_is_told_of() -> None:
    told = (Thing("person"),)
    assert "A woman." in texts_of(asked("Who is riding the horse?", "A man.", things=told))


@pytest.mark.parametrize(
    ("question", "right", "response", "may"),
    [
        ("What is there?", "A car.", "A vehicle.", True),
        ("Who is it?", "A man.", "A person.", True),
        ("What color is the cap?", "Blue.", "Navy.", True),
        ("What color is the cap?", "Blue.", "Red.", False),
        ("What color is the cap?", "Gray.", "Silver.", True),
        ("How many people?", "12", "13", True),
        ("How many people?", "3", "several", True),
        ("How many clocks?", "2", "5", False),
        ("Is it open?", "Yes.", "No.", False),
        ("Where is it?", "On the table.", "In the kitchen.", True),
        ("Where is it?", "On the left.", "On the right.", False),
        ("What time of day is it?", "Afternoon.", "Morning.", True),
        ("What time of day is it?", "Afternoon.", "Night.", False),
        ("Why is he there?", "To eat.", "To drink.", True),
        ("What is he doing?", "Sitting.", "Not sitting.", False),
        ("What is on the desk?", "A phone.", "A lamp.", True),
        ("What animal is this?", "A dog.", "A cat.", False),
        ("What is it?", "A red car.", "A car.", True),
    ],
)
def test_what_a_model_wrote_is_held_against_the_same_truth(question: str, right: str, response: str, may: bool) -> None:
    assert could_be_true(asked(question, right), response) is may


def test_the_taxonomies_that_are_asked_for_are_kept_to() -> None:
    assert not wrong(asked("What color is the couch?", "Purple."), ["spatial"])
    assert {row.taxonomy for row in wrong(asked("What color is the couch?", "Purple."), ["attribute"])} == {"attribute"}


def test_the_same_seed_gives_the_same_answers_and_another_seed_others() -> None:
    example = asked("What color is the couch?", "Purple.")
    first, again = (list(perturbed_answers(example, ALL, 1)) for _ in range(2))
    assert first == again
    assert len({next(perturbed_answers(example, ALL, seed)).response for seed in range(20)}) > 1


def test_what_such_questions_are_answered_with_comes_first() -> None:
    usage = observe_answers([("What color is the couch?", "Orange.")] * 200 + [("What color is the couch?", "Green.")])
    example = asked("What color is the couch?", "Purple.")
    first = [next(perturbed_answers(example, ALL, seed, usage)).response for seed in range(40)]
    assert first.count("Orange.") > 30


QUESTIONS = (
    "What color is the car?", "How many dogs are there?", "Where is the cat?", "What is on the table?", "Who is this?",
    "What does the sign say?", "Is there a dog?", "What is it made of?", "What animal is this?", "When is it?", "Why?",
)  # fmt: skip
WORDS = (
    "yes", "No,", "there is", "are", "a", "an", "two", "3", "dog", "dogs", "red", "Blue", "and", "on", "the", "left",
    "table", "office", "wood", "STOP", '"stop"', "afternoon", "nobody", ".", "é", "👍", "12:30", "'", "under", "man",
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from(QUESTIONS),
    st.lists(st.sampled_from(WORDS), min_size=1, max_size=6).map(" ".join),
    st.lists(st.sampled_from(WORDS), max_size=3),
    st.lists(st.sampled_from(("a red dog", "two men on a table", "a sign", "the left car")), max_size=2),
)
def test_every_wrong_answer_is_labelled_and_none_was_accepted(
    question: str, answer: str, accepted: list[str], texts: list[str]
) -> None:
    example = asked(question, answer, accepted=tuple(accepted), texts=tuple(texts))
    for found in perturbed_answers(example, ALL, 0):
        assert apply_edits(answer, found.edits) == found.response != answer
        assert found.reference == answer
        assert found.errors
        assert all(span.replaced in answer for span in (*found.errors, *found.collateral))
        assert found.response.strip(" .").lower() not in {text.strip(" .").lower() for text in accepted}
        taxonomy = load_taxonomy(str(found.taxonomy))
        assert found.subtype in taxonomy.subtypes
        assert not could_be_true(example, found.response)
        assert find_reason(answer, found.response, taxonomy, found.errors) != "wrong_taxonomy"
