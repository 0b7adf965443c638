"""What models are told: every taxonomy's prompt, its worked examples, and what its own answers come to."""

from pathlib import Path

import pytest
import yaml

from tldr_data.example import Example
from tldr_data.labels import BAD, IGNORE, label_words, words
from tldr_data.llms.request import Answer, Message
from tldr_data.perturb.anchors import AskedEdits, read_edits
from tldr_data.perturb.answers import answer_request, caption_request
from tldr_data.perturb.asked import Kind, candidate_of, instructions, request_for, worked_examples
from tldr_data.resources import template
from tldr_data.taxonomy import Case, load_taxonomy, shipped_taxonomies

SHIPPED = shipped_taxonomies()
SHOWN = [(name, case) for name in SHIPPED for case in load_taxonomy(name).cases if case.shown]
MOST_WORDS = 300
"""Of what goes before every caption."""


def clean(text: str, **fields: object) -> Example:
    return Example(
        id="t/1",
        response=text,
        source="t",
        license="CC0-1.0",
        attribution="",
        group="t/1",
        **fields,  # type: ignore[arg-type]
    )


def marked(candidate: Example, label: int) -> list[str]:
    found = label_words(candidate.response, candidate.errors, candidate.collateral)
    return [word for word, value in zip(*found, strict=True) if value == label]


def own_answer(name: str, case: Case, kind: Kind) -> str:
    """The answer that the prompt itself gives for a case."""
    messages = worked_examples(load_taxonomy(name), kind)
    return messages[messages.index(Message("user", case.reference)) + 1].content


@pytest.mark.parametrize("name", SHIPPED)
@pytest.mark.parametrize("kind", ["edits", "rewrite"])
def test_every_taxonomy_has_a_prompt_of_its_own(name: str, kind: Kind) -> None:
    taxonomy = load_taxonomy(name)
    request = request_for(clean("A red cup.\n\nIt is full."), taxonomy, kind, model="m@1", seed=3, ask=2)
    system, *turns = request.messages
    assert [turn.role for turn in turns] == ["user", "assistant"] * (len(turns) // 2) + ["user"]
    assert turns[-1].content == "A red cup.\n\nIt is full."
    assert taxonomy.instructions
    assert taxonomy.instructions in system.content
    assert taxonomy.definition in system.content
    assert sum(len(message.content.split()) for message in request.messages) < MOST_WORDS
    assert (request.model, request.seed, request.ask, request.temperature) == ("m@1", 3, 2, 0.7)
    assert (request.schema is not None) == (kind == "edits")


@pytest.mark.parametrize("name", SHIPPED)
def test_three_to_five_cases_are_shown(name: str) -> None:
    shown = [case for case in load_taxonomy(name).cases if case.shown]
    assert 3 <= len(shown) <= 5
    assert len({case.reference for case in shown}) == len(shown)


def test_only_the_last_message_is_not_the_same_for_all_captions() -> None:
    taxonomy = load_taxonomy("spatial")
    one, other = (request_for(clean(text), taxonomy, "edits", model="m", seed=0, ask=0) for text in ("A.", "B."))
    assert one.messages[:-1] == other.messages[:-1]
    assert one.key != other.key


@pytest.mark.parametrize(("name", "case"), SHOWN, ids=[f"{name}-{case.reference[:40]}" for name, case in SHOWN])
@pytest.mark.parametrize("kind", ["edits", "rewrite"])
def test_what_is_shown_as_an_answer_makes_the_case(name: str, case: Case, kind: Kind) -> None:
    example, taxonomy = clean(case.reference), load_taxonomy(name)
    request = request_for(example, taxonomy, kind, model="m", seed=0, ask=0)
    answer = own_answer(name, case, kind)
    if case.response is None:
        assert answer == (case.reference if kind == "rewrite" else '{"edits":[]}')
        return
    candidate = candidate_of(example, taxonomy, request, Answer(text=answer))
    assert candidate.response == case.response
    assert marked(candidate, BAD) == [word for phrase in case.errors for word in words(phrase)]
    assert marked(candidate, IGNORE) == [word for phrase in case.collateral for word in words(phrase)]
    assert candidate.subtype in (None, *taxonomy.subtypes)


def test_a_users_own_taxonomy_is_explained_by_its_definitions(tmp_path: Path) -> None:
    content = {
        "name": "bad_weather",
        "definition": "The weather is changed.",
        "origin": "test",
        "subtypes": {"sky": {"definition": "a calm sea for a stormy one", "rule": "adjective", "groups": [["x", "y"]]}},
        "cases": [{"reference": "A y sea.", "response": "A x sea.", "errors": ["x"], "shown": True}],
    }
    path = tmp_path / "weather.yaml"
    path.write_text(yaml.safe_dump(content), encoding="utf-8")
    taxonomy = load_taxonomy(str(path))
    system, (_, answer) = instructions(taxonomy, "edits"), worked_examples(taxonomy, "edits")
    assert "(bad weather): The weather is changed." in system
    assert "- a calm sea for a stormy one" in system
    assert answer.content == '{"edits":[{"original":"y","occurrence":1,"replacement":"x"}]}'


def test_the_schema_and_the_model_that_validates_allow_the_same() -> None:
    request = request_for(clean("A."), load_taxonomy("text"), "edits", model="m", seed=0, ask=0)
    assert request.schema is not None
    ours = AskedEdits.model_json_schema()
    edits, item = request.schema["properties"]["edits"], ours["$defs"]["AskedEdit"]
    assert edits["maxItems"] == ours["properties"]["edits"]["maxItems"]
    for name, field in edits["items"]["properties"].items():
        assert field == {key: value for key, value in item["properties"][name].items() if key != "title"}
    assert edits["items"]["required"] == item["required"] == list(edits["items"]["properties"])
    assert read_edits('{"edits":[]}') == []


@pytest.mark.parametrize("name", ["answer", "caption"])
def test_prompts_without_a_taxonomy_need_nothing_else(name: str) -> None:
    assert "only: no greeting" in template("prompts", f"{name}.jinja").render()


def test_a_question_goes_with_its_right_answer() -> None:
    request = answer_request(clean("Red.", task="vqa", prompt="What color is it?"), model="m", seed=0, ask=0)
    assert request.messages[-1].content == "Question: What color is it?\nAnswer: Red."
    assert request.schema is None


def test_a_caption_is_asked_for_with_all_pairs_and_drawn_by_chance_only_when_asked_again() -> None:
    first, again = (caption_request([("Who?", "A cat."), ("Where?", "Here")], model="m", seed=0, ask=n) for n in (0, 1))
    assert first.messages[-1].content == "Question: Who?\nAnswer: A cat.\nQuestion: Where?\nAnswer: Here\nParagraph:"
    assert (first.temperature, again.temperature) == (0.0, 0.7)
