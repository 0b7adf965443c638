"""Wrong answers and captions by a model: which taxonomy a change belongs to, and what is no answer."""

import pytest

from tldr_data.errors import RowError
from tldr_data.example import Example
from tldr_data.llms.request import Answer
from tldr_data.perturb.answers import answer_candidate, answer_request, caption_of
from tldr_data.taxonomy import load_taxonomies


def vqa(question: str, right: str, wrong: str, names: tuple[str, ...] = ("all",)) -> Example:
    example = Example(
        id="t/1",
        response=right,
        source="t",
        license="CC0-1.0",
        attribution="",
        group="t/1",
        prompt=question,
        task="vqa",
    )
    request = answer_request(example, model="m", seed=0, ask=0)
    return answer_candidate(example, load_taxonomies(names), request, Answer(text=wrong))


@pytest.mark.parametrize(
    ("question", "right", "wrong", "taxonomy"),
    [
        ("What color is the car?", "Red.", "Blue.", "attribute"),
        ("Where is the cat?", "On the left of the bed.", "On the right of the bed.", "spatial"),
        ("How many apples?", "Five apples.", "Answer: Six apples.", "counting"),
        ("What is on the mat?", "A dog.", "A cat.", "object"),
        ("What does the sign say?", "Stop", "Yield", "text"),
        ("What is in the background?", "A green tree.", "A brown tree.", "small_object"),
        ("What is there?", "A red cup and a blue pot.", "A blue cup and a red pot.", "binding"),
        ("What is there?", "A cat with a collar.", "A cat without a collar.", "counterfactual"),
        ("Is there a dog?", "Yes.", "No.", "object"),
        ("Is the cup to the left of the pot?", "No.", "Yes.", "spatial"),
        ("Is he asleep?", "Yes.", "No.", "counterfactual"),
    ],
)  # fmt: skip
def test_a_wrong_answer_belongs_to_the_taxonomy_of_its_change(
    question: str, right: str, wrong: str, taxonomy: str
) -> None:
    row = vqa(question, right, wrong)
    assert (row.taxonomy, row.task, row.perturber, row.prompt) == (taxonomy, "vqa", "prompts/answer", question)
    assert row.errors


@pytest.mark.parametrize(
    ("right", "wrong", "names", "reason"),
    [
        ("A man.", "Running.", ("all",), "wrong_taxonomy"),
        ("Red.", "Blue.", ("spatial",), "wrong_taxonomy"),
        ("Red.", "Blue.", ("binding", "text"), "wrong_taxonomy"),
        ("Red.", "red", ("all",), "not_applicable"),
        ("Red.", "Blue.\nBecause it is.", ("all",), "chatter"),
    ],
)
def test_a_wrong_answer_that_makes_no_row_has_a_reason(
    right: str, wrong: str, names: tuple[str, ...], reason: str
) -> None:
    with pytest.raises(RowError) as raised:
        vqa("What is that?", right, wrong, names)
    assert (raised.value.reason, raised.value.message) == (reason, wrong)


def test_a_caption_is_one_paragraph() -> None:
    assert caption_of(Answer(text='"A cat."\n')) == "A cat."
    for text, reason in (("", "empty_response"), ("A cat.\n\nA dog.", "chatter"), ("Sure, a cat.", "chatter")):
        with pytest.raises(RowError) as raised:
            caption_of(Answer(text=text))
        assert raised.value.reason == reason
