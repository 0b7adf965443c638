"""What a model's answer makes of a clean example, or the one named reason why it makes nothing."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tldr_data.diff import diff, diff_edits
from tldr_data.errors import RowError
from tldr_data.example import Edit, Example, apply_edits, check_spans, written_spans
from tldr_data.labels import BAD, IGNORE, WORD, label_words
from tldr_data.llms.request import Answer
from tldr_data.perturb.anchors import AskedEdit, anchored, asked_edits
from tldr_data.perturb.answers import answer_candidate, answer_request, caption_of
from tldr_data.perturb.asked import MOST_REWRITTEN, Kind, ask_kind, candidate_of, request_for
from tldr_data.taxonomy import load_taxonomies, load_taxonomy

REASONS = {
    "not_json", "wrong_schema", "unanchored_edit", "ambiguous_edit", "overlapping_edits", "not_applicable", "chatter",
    "empty_response", "lone_surrogate",
}  # fmt: skip
ATTRIBUTE = load_taxonomy("attribute")


def clean(text: str, prompt: str = "") -> Example:
    task = "vqa" if prompt else "caption"
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
        (edits(("red", 1, "b" * 201)), "wrong_schema"),
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


def vqa(question: str, right: str, wrong: str, names: tuple[str, ...] = ("all",)) -> Example:
    example = clean(right, question)
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


WORDS = st.sampled_from(
    [
        "a",
        "the",
        "red",
        "blue",
        "dog",
        "dogs",
        "is",
        "are",
        "not",
        "it",
        "caf\u00e9",
        "e\u0301",
        "\u5de6",
        "👍🏽",
        "3",
        "3.5",
    ]
)
GLUE = st.sampled_from([" ", " ", " ", ". ", ", ", "/", "-", "\n", '" ', "", "  ", "\u00a0"])
TEXTS = st.lists(st.tuples(WORDS, GLUE), min_size=1, max_size=14).map(
    lambda parts: "".join(word + glue for word, glue in parts)
)


@st.composite
def asked_of(draw: st.DrawFn) -> tuple[str, list[dict[str, Any]]]:
    """A caption, and any edits that the schema allows; most of them by words that stand in it."""
    text = draw(TEXTS)
    asked = []
    for _ in range(draw(st.integers(0, 4))):
        places = sorted(draw(st.lists(st.sampled_from(cuts_of(text)), min_size=2, max_size=2)))
        original = draw(st.one_of(st.just(text[slice(*places)]), TEXTS, st.text(min_size=1, max_size=5))) or "a"
        replacement = draw(st.one_of(TEXTS, st.just(""), st.just(original), st.text(max_size=5)))
        asked.append({"original": original, "occurrence": draw(st.integers(1, 3)), "replacement": replacement})
    return text, asked


def cuts_of(text: str) -> list[int]:
    return sorted({0, len(text), *(place for match in WORD.finditer(text) for place in match.span())})


def independently_applied(text: str, asked: list[dict[str, Any]]) -> str | None:
    """The response by cutting the text into characters and writing each edit over its own; None where that fails."""
    inside = {p for match in WORD.finditer(text) for p in range(match.start() + 1, match.end())}
    written: dict[int, str] = {}
    taken: dict[int, tuple[int, str]] = {}
    for each in asked:
        old, new = each["original"].strip(), each["replacement"].strip()
        found = [
            m.start() for m in re.finditer(f"(?={re.escape(old)})", text)
            if old and m.start() not in inside and m.start() + len(old) not in inside
        ]  # fmt: skip
        if not found or (len(found) > 1 and each["occurrence"] > len(found)):
            return None
        start = found[each["occurrence"] - 1] if len(found) > 1 else found[0]
        if old == new:
            continue
        for place in range(start, start + len(old)):
            if taken.setdefault(place, (start, new + "/" + old)) != (start, new + "/" + old):
                return None
            written[place] = new if place == start else ""
    characters = [written.get(place, character) for place, character in enumerate(text)]
    for start, end in sorted({(start, start + len(key.split("/", 1)[1])) for start, key in taken.values()}):
        if not any(characters[start:end]):
            beside = start - 1 if start and start - 1 not in written and characters[start - 1] == " " else end
            if beside < len(text) and beside not in written and characters[beside] == " ":
                characters[beside] = ""
    return "".join(characters)


def made_of(text: str, answer: str, kind: Kind) -> Example | str:
    """The row, or the reason why there is none."""
    try:
        return candidate(text, answer, kind)
    except RowError as error:
        return error.reason


@given(asked_of())
def test_any_edits_either_give_what_they_say_or_a_named_reason(made: tuple[str, list[dict[str, Any]]]) -> None:
    text, asked = made
    expected = independently_applied(text, asked)
    row = made_of(text, json.dumps({"edits": asked}), "edits")
    if isinstance(row, Example):
        assert row.response == expected
        assert apply_edits(text, row.edits) == row.response
    else:
        assert row in REASONS
        assert expected is None or row in ("not_applicable", "empty_response", "not_json")


@given(TEXTS, st.text(max_size=40))
def test_any_rewrite_either_gives_a_row_or_a_named_reason(text: str, answer: str) -> None:
    row = made_of(text, answer, "rewrite")
    if isinstance(row, Example):
        assert apply_edits(text, row.edits) == row.response
        assert row.response in answer
    else:
        assert row in REASONS


@st.composite
def placed(draw: st.DrawFn) -> tuple[str, list[Edit]]:
    """A text, and sorted, disjoint edits of it that tear no word."""
    text = draw(TEXTS)
    places = sorted(draw(st.lists(st.sampled_from(cuts_of(text)), max_size=8)))
    pairs = list(zip(places[::2], places[1::2], strict=False))
    return text, [Edit(start, end, draw(st.one_of(TEXTS, st.just("")))) for start, end in pairs]


@given(placed())
def test_a_diff_of_known_edits_gives_the_same_text_and_marks_nothing_outside(made: tuple[str, list[Edit]]) -> None:
    text, known = made
    response, found = apply_edits(text, known), diff_edits(text, known)
    assert apply_edits(text, found.edits) == response
    check_spans(response, found.errors, found.collateral, written_spans(found.edits))
    for span in (*found.errors, *found.collateral):
        inside = [word for word in WORD.finditer(response) if span.start <= word.start() and word.end() <= span.end]
        assert inside
        for word in inside:
            # it stands in what an edit wrote, or an edit glued it to something
            assert any(
                (start < word.end() and word.start() < end) or word.start() < start < word.end()
                for start, end in written_spans(known)
            )


@given(TEXTS.map(str.strip), TEXTS.map(str.strip))
def test_known_edits_written_as_a_model_would_write_them_give_the_same_text(one: str, other: str) -> None:
    known = diff(one, other).edits
    assert apply_edits(one, anchored(one, asked_edits(one, known))) == other
