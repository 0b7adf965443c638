import json
import re
from pathlib import Path

import pytest

from tldr_data.sources.visual_genome.merged import merged_caption
from tldr_data.sources.visual_genome.statements import statement

QUESTIONS = Path(__file__).parents[2] / ".." / "shared" / "data" / "visual_genome" / "question_answers.json"


@pytest.mark.parametrize(
    ("question", "answer", "sentence"),
    [
        ("What color is the couch?", "Purple.", "The couch is purple."),
        ("What color are curtains?", "It is light blue and white.", "The curtains are light blue and white."),
        ("What color shirt is the man wearing?", "Orange.", "The man is wearing an orange shirt."),
        ("What color shoes does the man in grey have on?", "Brown.", "The man in grey is wearing brown shoes."),
        ("How many people are there?", "Two.", "There are two people."),
        ("How many people are pictured?", "1", "There is one person."),
        ("How many chairs are at the table?", "There are 2.", "There are two chairs at the table."),
        ("How many trees do you see?", "5 trees.", "There are five trees."),
        ("How many shelves are there?", "None.", "There are no shelves."),
        ("How many drawers does the file cabinet have?", "Two.", "The file cabinet has two drawers."),
        ("Where is the lamp?", "In corner.", "The lamp is in the corner."),
        ("Where is a lamp?", "In the corner.", "There is a lamp in the corner."),
        ("Where are shadows?", "On ground.", "There are shadows on the ground."),
        ("Where are the cars parked?", "Along the street.", "The cars are parked along the street."),
        ("Where is the picture?", "Propped against the wall.", "The picture is propped against the wall."),
        ("Where was this photo taken?", "In a room.", "The photo was taken in a room."),
        ("What does the sign say?", '"WALK".', 'The sign says "WALK".'),
        ("What is on the desk?", "A phone.", "There is a phone on the desk."),
        ("What is on the wall?", "Pictures", "There are pictures on the wall."),
        ("What is under desk?", "TV.", "The TV is under the desk."),
        ("What is the table made out of?", "Glass.", "The table is made of glass."),
        ("What material is the floor?", "Wood.", "The floor is made of wood."),
        ("What is leaning against the wall?", "A board.", "A board is leaning against the wall."),
        ("What is turned off?", "The computer.", "The computer is turned off."),
        ("Who is wearing glasses?", "Man in red.", "The man in red is wearing glasses."),
        ("Who has a ponytail?", "A woman.", "A woman has a ponytail."),
        ("What is the bear sitting on?", "Couch.", "The bear is sitting on the couch."),
        ("What are the men doing?", "Talking.", "The men are talking."),
        ("How are the cars?", "Parked.", "The cars are parked."),
        ("What is the weather like?", "Partly cloudy and cool.", "The weather is partly cloudy and cool."),
        ("What room is this?", "Living room.", "This is a living room."),
        ("When in the day is this?", "Afternoon.", "It is afternoon."),
    ],
)
def test_a_pair_becomes_a_sentence(question: str, answer: str, sentence: str) -> None:
    said = statement(question, answer)
    assert said
    assert said.sentence == sentence


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("Why is the man crossing the road?", "To go to work."),
        ("What color is the couch?", "I don't know."),
        ("What colors are the door?", "Wooden and white."),
        ("What is the sidewalks made of?", "Red bricks."),
        ("Where was the photo taken?", "In a office."),
        ("What is in the background?", "Nothing."),
        ("Who is in the room?", "Nobody."),
        ("How many computers are there?", "More than one."),
        ("How many things are there?", "Two."),
        ("What color are the man's pants wearing the red shirt?", "Black."),
        ("What is the man riding?", "Bike."),
        ("What is the man doing?", "Riding bike."),
        ("What are the desk and the wall?", "White."),
        ("What is this?", "A cat."),
        ("", ""),
        ("?", "."),
    ],
)
def test_what_gives_no_sure_sentence_is_left_out(question: str, answer: str) -> None:
    said = statement(question, answer)
    assert said is None or said.sentence is None


REST = (
    ("What is the table made of?", "Glass."),
    ("How many people are there?", "Two."),
    ("What does the sign say?", "Stop."),
)
SAID = 'The table is made of glass. There are two people. The sign says "Stop".'


@pytest.mark.parametrize(
    "pairs",
    [
        [("What color is the wall?", "White."), ("What color is the wall?", "Cream.")],
        [("What color is the cushion?", "Purple."), ("What color is the cushion on the sofa?", "White.")],
        [("What color is the chair?", "Purple."), ("What color are the chairs?", "Blue.")],
        [("What color is the chair?", "Brown."), ("What color is the chair?", "Wooden brown.")],
        [("What is red?", "The car."), ("What color is the car?", "White.")],
        [("How is the computer?", "Off."), ("What is turned on?", "The computer.")],
        [("Where is the monitor?", "On the desk."), ("Where is the monitor?", "Above the desk.")],
        [("How many cars are there?", "Eight."), ("How many cars are pictured?", "Many.")],
    ],
)
def test_of_answers_that_disagree_neither_is_told(pairs: list[tuple[str, str]]) -> None:
    assert merged_caption((*pairs, *REST)) == SAID
    assert merged_caption((*REST, *reversed(pairs))) == SAID


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("What is the table made from?", "It is glass."),
        ("How many people are pictured?", "2"),
        ("What does the big sign say?", "STOP"),
    ],
)
def test_what_was_told_is_not_told_again(question: str, answer: str) -> None:
    assert merged_caption((*REST, (question, answer))) == SAID


def test_things_of_different_owners_may_differ() -> None:
    pairs = (("What color is the man's shirt?", "Red."), ("What color is the woman's shirt?", "White."))
    assert merged_caption((*pairs, *REST)) == f"The man's shirt is red. The woman's shirt is white. {SAID}"


def test_fewer_than_three_sentences_are_no_caption() -> None:
    assert merged_caption(REST) == SAID
    assert merged_caption(REST[:2]) is None
    assert merged_caption(()) is None


@pytest.mark.skipif(not QUESTIONS.is_file(), reason="real data is not there")
def test_captions_of_real_photographs_are_plain_sentences() -> None:
    for image in json.loads(QUESTIONS.read_text(encoding="utf-8")):
        caption = merged_caption([(pair["question"].strip(), pair["answer"].strip()) for pair in image["qas"]])
        assert caption
        sentences = re.split(r"(?<=\.) ", caption)
        assert len(sentences) == len(set(sentences)) > 25
        assert all(re.fullmatch(r'[A-Z][\w\' ,"-]+\.', sentence) for sentence in sentences)
        assert not re.search(r"\b(a|an|the) (a|an|the|nobody|nothing)\b|\ba [aeio]|  ", caption)
