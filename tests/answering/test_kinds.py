"""Kinds of questions and answers: fast, and right on what people really ask."""

import timeit

import pytest

from tldr_data.answering.kinds import ANSWER_TYPES, QUESTION_TYPES, answer_type, question_type, topic

ASKED = (
    ("What color is the man's shirt?", "Red.", "colour", "colour", "shirt"),
    ("What color shirt is the man wearing?", "Red.", "colour", "colour", "shirt"),
    ("How many people are there?", "Two.", "count", "number", "people"),
    ("What number of chairs is there?", "2", "count", "number", "chairs"),
    ("Where is the white truck?", "Parked on the street.", "where", "place", "truck"),
    ("What is the sidewalk made of?", "Bricks.", "material", "material", "sidewalk"),
    ("How is the door made?", "Of glass.", "material", "material", "door"),
    ("What are the men doing?", "Talking.", "activity", "action", "men"),
    ("Who is wearing glasses?", "A man.", "who", "person", ""),
    ("When in the day is it?", "Afternoon.", "time", "time", ""),
    ("What time is it?", "11:32AM.", "time", "time", ""),
    ("Why is it dark?", "The lamp is off.", "why", "other", ""),
    ("Is it open?", "Yes.", "yes_no", "yes_no", ""),
    ("Isn't it open?", "No", "yes_no", "yes_no", ""),
    ("What does the sign say?", "Walk.", "text", "text", "sign"),
    ("what is the brand of phone?", "nokia", "brand", "text", "brand"),
    ("What kind of animal is it?", "A cat", "sort", "object", "animal"),
    ("What shape is the desk?", "Round.", "shape", "other", "desk"),
    ("How is the weather?", "Fair.", "weather", "other", "weather"),
    ("What is in the background?", "Buildings.", "what", "object", ""),
    ("What is in the background?", "A man.", "what", "person", ""),
    ("Whatever", "", "other", "other", "whatever"),
)


@pytest.mark.parametrize(("question", "answer", "asked", "said", "noun"), ASKED)
def test_a_pair_has_its_kinds(question: str, answer: str, asked: str, said: str, noun: str) -> None:
    assert (question_type(question), answer_type(question, answer)) == (asked, said)
    assert asked in QUESTION_TYPES
    assert said in ANSWER_TYPES
    if asked not in ("text", "brand"):
        assert topic(question) == noun


@pytest.mark.slow
def test_kinds_take_less_than_twenty_microseconds() -> None:
    """The best of some runs, because other work on the machine only ever adds."""
    for function in (lambda q, a: question_type.__wrapped__(q), lambda q, a: answer_type.__wrapped__(q, a)):
        run = timeit.repeat(lambda f=function: [f(q, a) for q, a, *_ in ASKED], number=20, repeat=15)
        assert min(run) / 20 / len(ASKED) < 20e-6
