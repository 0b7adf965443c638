"""Bare answers are judged as the statements that they stand for."""

import pytest

from tldr_data.facts import Facts, Thing
from tldr_data.verify import COMPLETE, weigh

FACTS = Facts(
    (Thing("ball", ("red",), count=3, box=(0, 50, 30, 60)), Thing("teddy bear", ("brown",), box=(60, 50, 80, 70))),
    exhaustive=COMPLETE,
    canvas=(100, 100),
)


@pytest.mark.parametrize(
    ("question", "answer", "truth"),
    [
        ("Are the balls red?", "Yes.", True),
        ("Are the balls red?", "No.", False),
        ("Are the balls blue?", "No.", True),
        ("Is the teddy bear brown?", "Yes", True),
        ("Is there a cat in the picture?", "No.", True),
        ("Are there any balls in the picture?", "Yes.", True),
        ("Are there any cats?", "Yes.", False),
        ("Is the teddy bear to the right of the balls?", "yes", True),
        ("Is the teddy bear to the left of the balls?", "Yes.", False),
        ("How many balls are there?", "Three.", True),
        ("How many balls are there?", "4", False),
        ("How many teddy bears are there in the picture?", "One.", True),
    ],
)
def test_bare_answer(question: str, answer: str, truth: bool) -> None:
    judged = weigh(answer, FACTS, question)
    assert [item.truth for item in judged] == [truth]
    assert judged[0].spans == ((0, len(answer)),)
