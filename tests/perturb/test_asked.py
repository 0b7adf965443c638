"""What a model's answer makes of a clean example, or the one named reason why it makes nothing."""

from __future__ import annotations

import json

import pytest

from tldr_data.errors import RowError
from tldr_data.example import Edit, Example, Task, apply_edits
from tldr_data.labels import BAD, IGNORE, label_words
from tldr_data.llms.request import Answer
from tldr_data.perturb.anchors import AskedEdit, anchored
from tldr_data.perturb.asked import MOST_REWRITTEN, Kind, ask_kind, candidate_of, request_for
from tldr_data.taxonomy import load_taxonomy

ATTRIBUTE = load_taxonomy("attribute")


def clean(text: str, prompt: str = "") -> Example:
    task: Task = "vqa" if prompt else "caption"
    return Example(
        id="t/1", response=text, source="t", license="CC0-1.0", attribution="", group="t/1", prompt=prompt, task=task
    )


def candidate(text: str, answer: str | Answer, kind: Kind = "edits", name: str = "attribute") -> Example:
    taxonomy = load_taxonomy(name)
    request = request_for(clean(text), taxonomy, kind, model="m@1", seed=0, ask=0)
    return candidate_of(clean(text), taxonomy, request, Answer(text=answer) if isinstance(answer, str) else answer)


def edits(*asked: tuple[str, int, str]) -> str:
    keys = ("original", "occurrence", "replacement")
    return json.dumps({"edits": [dict(zip(keys, each, strict=True)) for each in asked]})


def marked(row: Example, label: int) -> list[str]:
    found = label_words(row.response, row.errors, row.collateral)
    return [word for word, value in zip(*found, strict=True) if value == label]


def reason_of(text: str, answer: str | Answer, kind: Kind = "edits") -> str:
    with pytest.raises(RowError) as raised:
        candidate(text, answer, kind)
    assert raised.value.message == (answer if isinstance(answer, str) else answer.text)
    return raised.value.reason


@pytest.mark.parametrize(
    ("text", "asked", "response", "bad", "ignored"),
    [
        ("A red car.", ("red", 1, "blue"), "A blue car.", ["blue"], []),
        # wider than the change
        ("Here is the red car.", ("the red car", 1, "the blue car"), "Here is the blue car.", ["blue"], []),
        ("A red car.", ("A red car.", 1, "An orange car."), "An orange car.", ["orange"], ["An"]),
        # inserted beside a neighbour, on either side
        ("A goat is sitting.", ("sitting", 1, "not sitting"), "A goat is not sitting.", ["not"], []),
        ("A goat is sitting.", ("is", 1, "is not"), "A goat is not sitting.", ["not"], []),
        ("A cup.", ("cup", 1, 'cup that says "HI"'), 'A cup that says "HI".', ["that", "says", "HI"], []),
        ("A cup.", (".", 1, " and a pot."), "A cupand a pot.", ["cupand", "a", "pot"], []),
        # repeated words
        ("A red cup and a red pot.", ("red", 2, "blue"), "A red cup and a blue pot.", ["blue"], []),
        ("A red cup and a red pot.", ("a red", 5, "an old"), "A red cup and an old pot.", ["old"], ["an"]),
        # agreement inside one edit
        ("One dog is here.", ("One dog is", 1, "Two dogs are"), "Two dogs are here.", ["Two"], ["dogs", "are"]),
        ("It sits on a rug.", ("sits", 1, "does not sit"), "It does not sit on a rug.", ["does", "not"], ["sit"]),
        # words of other scripts, combining marks, typographic quotes, emoji
        ("Un caf\u00e9 noir.", ("noir", 1, "blanc"), "Un caf\u00e9 blanc.", ["blanc"], []),
        ("Un cafe\u0301 noir.", ("cafe\u0301", 1, "the\u0301"), "Un the\u0301 noir.", ["the\u0301"], []),
        ("\u5de6\u306e\u8d64\u3044\u82b1", ("\u8d64", 1, "\u9752"), "\u5de6\u306e\u9752\u3044\u82b1", ["\u9752"], []),
        ("It says \u201cSTOP\u201d.", ("STOP", 1, "GO"), "It says \u201cGO\u201d.", ["GO"], []),
        ("A 👍🏽 sign.", ("👍🏽", 1, "👎"), "A 👎 sign.", ["👎"], []),
        # what glues to its neighbour is the whole word
        ("5/red paint", ("red", 1, "6"), "5/6 paint", ["5/6"], []),
        # white space around the words is not theirs
        ("A red car.", (" red ", 1, " blue "), "A blue car.", ["blue"], []),
    ],
)  # fmt: skip
def test_an_edit_is_labelled_word_by_word(
    text: str, asked: tuple[str, int, str], response: str, bad: list[str], ignored: list[str]
) -> None:
    row = candidate(text, edits(asked))
    assert row.response == response
    assert marked(row, BAD) == bad
    assert marked(row, IGNORE) == ignored


def test_a_swap_is_two_edits() -> None:
    row = candidate("A red cup and a blue pot.", edits(("blue", 1, "red"), ("red", 1, "blue")), name="binding")
    assert row.response == "A blue cup and a red pot."
    assert row.edits == (Edit(2, 5, "blue"), Edit(16, 20, "red"))
    assert [span.replaced for span in row.errors] == ["red", "blue"]


def test_a_row_tells_what_made_it() -> None:
    row = candidate("A red cup.", edits(("A red", 1, "A blue")))
    assert row.id.startswith("t/1#attribute.")
    assert row.edits == (Edit(2, 5, "blue"),)
    assert (row.kind, row.taxonomy, row.subtype, row.verdict) == ("perturbed", "attribute", "colour", "unverified")
    assert (row.perturber, row.model) == ("prompts/edits", "m@1")
    request = request_for(clean("A red cup."), ATTRIBUTE, "edits", model="m@1", seed=0, ask=0)
    assert row.request == request.key
    assert candidate("A red cup.", "A blue cup.", "rewrite").perturber == "prompts/rewrite"
    assert candidate("A red cup.", edits(("cup", 1, "hut"))).subtype is None


@pytest.mark.parametrize(
    ("text", "asked", "response"),
    [
        ("A small red cup.", [("small", 1, "")], "A red cup."),
        ("A cup on a mat.", [("on a mat", 1, "")], "A cup."),
        ("Red cups here.", [("Red", 1, ""), ("cups", 1, "")], "here."),
        ("A red cup.", [("red", 1, ""), ("A", 1, "One")], "One cup."),
    ],
)
def test_what_is_deleted_takes_a_space_along_and_writes_no_error(
    text: str, asked: list[tuple[str, int, str]], response: str
) -> None:
    assert (
        apply_edits(text, anchored(text, [AskedEdit(original=o, occurrence=n, replacement=r) for o, n, r in asked]))
        == response
    )
    assert not candidate(text, edits(asked[0])).errors


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (Answer(text="slow", failure="timeout"), "timeout"),
        (Answer(text=edits(("red", 1, "blue")), finish="length"), "truncated"),
        (Answer(text="", finish="content_filter"), "content_filter"),
        ("", "not_json"),
        ("I cannot do that.", "not_json"),
        ('{"edits":[', "not_json"),
        ('{"edits":[{"original":"red","occurrence":1,"replacement":"\\ud800"}]}', "not_json"),
        ("[" * 100_000 + "{", "not_json"),
        ("\ud800", "lone_surrogate"),
        ("[]", "wrong_schema"),
        ('{"changes":[]}', "wrong_schema"),
        ('{"edits":[{"original":"red","replacement":"blue"}]}', "wrong_schema"),
        (edits(("red", 0, "blue")), "wrong_schema"),
        (edits(*[("red", 1, "blue")] * 7), "wrong_schema"),
        (edits(("", 1, "blue")), "wrong_schema"),
        (edits(("red", 1, "b" * 101)), "wrong_schema"),
        ('{"edits":[]}', "not_applicable"),
        (edits(("red", 1, "red")), "not_applicable"),
        (edits(("green", 1, "blue")), "unanchored_edit"),
        (edits(("re", 1, "blue")), "unanchored_edit"),
        (edits((" ", 1, "blue")), "unanchored_edit"),
        (edits(("Red", 1, "Blue")), "unanchored_edit"),
        (edits(("cup", 3, "pot")), "ambiguous_edit"),
        (edits(("red cup", 1, "blue cup"), ("red", 1, "blue")), "overlapping_edits"),
        (edits(("red", 1, "blue"), ("red", 1, "green")), "overlapping_edits"),
        (edits(("A red cup and a cup.", 1, "")), "empty_response"),
    ],
)
def test_an_answer_in_edits_that_makes_nothing_has_a_reason(answer: str | Answer, reason: str) -> None:
    assert reason_of("A red cup and a cup.", answer) == reason


@pytest.mark.parametrize(
    "answer",
    [
        '```json\n{"edits":[{"original":"red","occurrence":1,"replacement":"blue"}]}\n```',
        'Sure! The edit:\n{"edits": [{"original": "red", "occurrence": 1, "replacement": "blue"}]}\nIt is blue.',
        '{"edits":[{"original":"red","occurrence":1,"replacement":"blue","why":"a colour"}],"note":""}',
        '<think>{"edits":[]} or {red}?</think>{"edits":[{"original":"red","occurrence":1,"replacement":"blue"}]}',
        edits(("red", 1, "blue"), ("red", 1, "blue"), ("cup", 1, "cup")),
    ],
)
def test_what_a_server_without_schemas_puts_around_edits_is_no_fault(answer: str) -> None:
    assert candidate("A red cup.", answer).response == "A blue cup."


@pytest.mark.parametrize(
    "answer",
    [
        "A blue cup.",
        "  A blue cup.\n",
        '"A blue cup."',
        "\u201cA blue cup.\u201d",
        "```\nA blue cup.\n```",
        "```text\nA blue cup.\n```",
        "New caption: A blue cup.",
        "**New Caption:** A blue cup.",
        "Here is the new caption:\n\nA blue cup.",
        'Sure! Here is a caption that is false:\n"A blue cup."',
        "<think>\nred -> blue\n</think>\n\nA blue cup.",
    ],
)
def test_what_certainly_stands_around_a_rewrite_is_taken_off(answer: str) -> None:
    assert candidate("A red cup.", answer, "rewrite").response == "A blue cup."


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ("Sure, a blue cup.", "chatter"),
        ("A blue cup.\n\nNote: the color was changed.", "chatter"),
        ("I'm sorry, but I can't help with that.", "chatter"),
        ('"STOP" is written on a "blue cup"', "chatter"),
        ("Try ```A blue cup.```", "chatter"),
        ("A red cup.", "not_applicable"),
        ('"A red cup"', "not_applicable"),
        ("", "empty_response"),
        ("```\n\n```", "empty_response"),
        ("A \ud800 cup.", "lone_surrogate"),
        (Answer(text="A blue", finish="length"), "truncated"),
    ],
)
def test_a_rewrite_that_is_no_caption_has_a_reason(answer: str | Answer, reason: str) -> None:
    assert reason_of("A red cup.", answer, "rewrite") == reason


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ('"STOP" is written there.', '"GO" is written there.'),
        ('A sign that says "STOP"', 'A sign that says "GO"'),
        ("Here is a red cup.", "Here is a blue cup."),
        ("One line.\n\nA red cup.", "One line.\n\nA blue cup."),
        ("Caption: a red cup.", "Caption: a blue cup."),
    ],
)
def test_what_the_caption_has_too_is_no_wrapping(text: str, answer: str) -> None:
    assert candidate(text, answer, "rewrite").response == answer


def test_long_captions_are_asked_for_in_edits_and_short_ones_and_answers_as_rewrites() -> None:
    short, long = "word " * MOST_REWRITTEN, "word " * (MOST_REWRITTEN + 1)
    assert [ask_kind(clean(text), "auto") for text in (short, long)] == ["rewrite", "edits"]
    assert ask_kind(clean(long, prompt="What?"), "auto") == "rewrite"
    assert ask_kind(clean(short), "edits") == "edits"
    assert ask_kind(clean(long), "rewrite") == "rewrite"
