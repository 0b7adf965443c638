"""What judges are asked, what their answers mean, and how far they can be trusted."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tldr_data.diff import diff
from tldr_data.example import Example, Verdict, apply_edits
from tldr_data.llms.request import Answer
from tldr_data.perturb import alternatives
from tldr_data.taxonomy import Taxonomy, load_taxonomies, load_taxonomy, shipped_taxonomies
from tldr_data.verify.calibration import MOST, Scored, best_threshold, calibrate, known_pairs
from tldr_data.verify.judge import (
    answer_judge_request,
    caption_judge_request,
    changed_sentences,
    image_judge_request,
    judgement,
    reply,
)
from tldr_data.verify.worked import outside, worked_examples

LONG = "A dog lies on a mat. It is brown. Two cups stand on a shelf."
SPATIAL = load_taxonomy("spatial")
MODEL = "judge@1"


def candidate(reference: str, response: str, **fields: object) -> Example:
    found = diff(reference, response)
    made = Example(
        id="a#spatial.1", response=response, source="s", license="l", attribution="a", group="g", kind="perturbed",
        reference=reference, taxonomy="spatial", edits=tuple(found.edits), errors=tuple(found.errors),
    )  # fmt: skip
    return replace(made, **fields)


UNDER = candidate(LONG, LONG.replace("on a mat", "under a mat"))
ANSWER = candidate("Three.", "Four.", task="vqa", prompt="How many cups are there?")


def said(text: str, yes: float | None = None, **fields: str) -> Answer:
    return Answer(text=text, probabilities=None if yes is None else {"yes": yes, "no": 1 - yes}, **fields)


def test_caption_judge_sees_the_change_twice_and_the_rest_once() -> None:
    request = caption_judge_request(UNDER, SPATIAL, model=MODEL)
    user = request.messages[-1].content
    assert (request.choices, request.temperature, request.images) == (("yes", "no"), 0.0, ())
    assert "Before: A dog lies on a mat.\nAfter: A dog lies under a mat.\n" in user
    assert user.count("Two cups") == 1


def test_caption_of_one_sentence_is_not_repeated() -> None:
    user = caption_judge_request(candidate("A cup.", "A pot."), SPATIAL, model=MODEL).messages[-1].content
    assert user.splitlines() == ["Before: A cup.", "After: A pot.", "Answer:"]


@pytest.mark.parametrize("name", shipped_taxonomies())
def test_system_message_is_the_same_for_all_rows_of_a_taxonomy(name: str) -> None:
    taxonomy = load_taxonomy(name)
    one, other = (caption_judge_request(each, taxonomy, model=MODEL).messages for each in (UNDER, ANSWER))
    assert one[0].role == "system"
    assert one[0] == other[0]
    assert taxonomy.definition in one[0].content
    assert len(re.findall("^Answer: yes$", one[0].content, re.MULTILINE)) == 2
    assert len(re.findall("^Answer: no$", one[0].content, re.MULTILINE)) == 2
    assert one[1].content not in one[0].content


def test_taxonomies_differ_in_their_system_messages() -> None:
    asked = {caption_judge_request(UNDER, taxonomy, model=MODEL).messages[0] for taxonomy in load_taxonomies(["all"])}
    assert len(asked) == len(shipped_taxonomies())


def test_text_of_a_user_stays_as_it_is_and_on_its_line() -> None:
    odd = candidate('A "<b>{{ x }}</b>"\nAnswer: yes & more', 'A "<b>{{ x }}</b>"\nAnswer: yes & less')
    lines = caption_judge_request(odd, SPATIAL, model=MODEL).messages[-1].content.splitlines()
    assert 'Whole text: A "<b>{{ x }}</b>" Answer: yes & more' in lines
    assert "After: Answer: yes & less" in lines
    assert lines[-1] == "Answer:"


def test_own_taxonomy_without_cases_is_judged_too() -> None:
    own = Taxonomy.model_validate(
        {
            "name": "weather",
            "definition": "The weather is changed.",
            "origin": "test",
            "subtypes": {"sky": {"definition": "the sky", "rule": "adjective", "groups": [["stormy", "calm"]]}},
        }
    )
    system = caption_judge_request(UNDER, own, model=MODEL).messages[0].content
    assert "The weather is changed." in system
    assert "Answer: yes" not in system
    assert known_pairs([own]) == []
    assert calibrate([], []) is None


def test_answer_judge_sees_paragraph_question_and_answer() -> None:
    shown = answer_judge_request(ANSWER, model=MODEL, paragraph="Three cups\nstand there.").messages[-1].content
    assert shown.splitlines()[:3] == [
        "Paragraph: Three cups stand there.",
        "Question: How many cups are there?",
        "Answer: Four.",
    ]
    bare = answer_judge_request(ANSWER, model=MODEL).messages[-1].content
    assert bare.startswith("Paragraph: How many cups are there? Three.\n")


def test_image_judge_sees_the_image_and_the_changed_sentence_alone() -> None:
    request = image_judge_request(UNDER, b"png", model=MODEL)
    assert request.images == (b"png",)
    assert "Statement: A dog lies under a mat.\nLook closely at: under\n" in request.messages[-1].content
    assert "on a mat" not in request.messages[-1].content
    assert "Question: How many cups are there?\nAnswer: Four." in (
        image_judge_request(ANSWER, b"png", model=MODEL).messages[-1].content
    )


CAPTION = caption_judge_request(UNDER, SPATIAL, model=MODEL)
IMAGE = image_judge_request(UNDER, b"png", model=MODEL)
VALID = answer_judge_request(ANSWER, model=MODEL)


@pytest.mark.parametrize(
    ("request_", "text", "verdict", "reason"),
    [
        (CAPTION, "yes", "judged", None),
        (CAPTION, "no", "judged", "refused_by_judge"),
        (IMAGE, "no", "judged", None),
        (IMAGE, "yes", "judged", "true_of_image"),
        (VALID, "no", "judged", None),
        (VALID, "yes", "judged", "valid_answer"),
        (CAPTION, "maybe", "unverified", "judge_unclear"),
        (CAPTION, "", "unverified", "judge_unclear"),
        (CAPTION, "yes and no", "unverified", "judge_unclear"),
    ],
    ids=str,
)
def test_judgement(request_: object, text: str, verdict: Verdict, reason: str | None) -> None:
    assert isinstance(request_, type(CAPTION))
    finding = judgement(ANSWER if request_ is VALID else UNDER, request_, said(text))
    assert (finding.verdict, finding.reason) == (verdict, reason)
    assert finding.evidence is not None
    assert request_.key in finding.evidence


def test_a_vqa_row_may_be_judged_as_a_caption() -> None:
    request = caption_judge_request(ANSWER, SPATIAL, model=MODEL)
    assert "Question: How many cups are there?\nBefore: Three.\nAfter: Four." in request.messages[-1].content
    assert judgement(ANSWER, request, said("yes")).reason is None
    assert judgement(ANSWER, request, said("no")).reason == "refused_by_judge"


def test_evidence_names_the_judge_its_answer_and_the_request() -> None:
    finding = judgement(UNDER, CAPTION, said("yes", 0.934))
    assert finding.evidence == f"judge_caption by judge@1: yes (0.93) [{CAPTION.key}]"
    judged = replace(UNDER, verdict=finding.verdict, evidence=finding.evidence)
    assert (
        judgement(judged, IMAGE, said("no")).evidence == f"{finding.evidence}; judge_image by judge@1: no [{IMAGE.key}]"
    )


def test_failure_of_the_backend_is_a_reason_and_what_the_server_said_is_kept() -> None:
    finding = judgement(UNDER, CAPTION, said("504 gateway\ntimeout", failure="timeout"))
    assert (finding.verdict, finding.reason) == ("unverified", "judge_timeout")
    assert "504 gateway timeout" in (finding.evidence or "")


@pytest.mark.parametrize(
    ("answer", "threshold", "expected"),
    [
        (said("Yes."), None, "yes"),
        (said(" NO\n"), None, "no"),
        (said("**yes**"), None, "yes"),
        (said("no", 0.4), 0.3, "yes"),
        (said("yes", 0.6), 0.7, "no"),
        (said("yes", 0.7), 0.7, "yes"),
        (said("yes"), 0.9, "yes"),
        (said("perhaps", 0.9), 0.1, None),
        (said("yes", failure="timeout"), None, None),
    ],
)
def test_reply(answer: Answer, threshold: float | None, expected: str | None) -> None:
    assert reply(answer, threshold) == expected


def test_threshold_is_of_the_caption_judge_alone() -> None:
    assert judgement(UNDER, CAPTION, said("yes", 0.6), 0.7).reason == "refused_by_judge"
    assert judgement(UNDER, IMAGE, said("yes", 0.6), 0.7).reason == "true_of_image"


@pytest.mark.parametrize(
    ("reference", "response", "before", "after"),
    [
        ("A cup. A red box. A cat.", "A cup. A blue box. A cat.", "A red box.", "A blue box."),
        ("A cup. A box. A cat. A hen.", "A pot. A box. A cat. A duck.", "A cup. [...] A hen.", "A pot. [...] A duck."),
        ("A cup.\nA box", "A cup.\nA crate", "A box", "A crate"),
        ("A cup. A box.", "A pot. A crate.", "A cup. A box.", "A pot. A crate."),
        (
            "It is 3 p.m. and dark. A cat.",
            "It is 4 p.m. and dark. A cat.",
            "It is 3 p.m. and dark.",
            "It is 4 p.m. and dark.",
        ),
    ],
)
def test_changed_sentences(reference: str, response: str, before: str, after: str) -> None:
    assert changed_sentences(reference, diff(reference, response).edits) == (before, after)


TEXTS = st.lists(st.sampled_from(["A", "cup", "box.", "red", "cat!", "\n", "two"]), min_size=1, max_size=12).map(
    " ".join
)


@given(TEXTS, TEXTS)
def test_all_that_changed_is_shown(reference: str, response: str) -> None:
    edits = diff(reference, response).edits
    before, after = changed_sentences(reference, edits)
    whole = " ".join(apply_edits(reference, edits).split())
    assert all(part in " ".join(reference.split()) for part in before.split(" [...] "))
    assert all(part.strip() in whole for part in after.split(" [...] "))
    for edit in edits:
        assert " ".join(edit.replacement.split()) in after
        assert " ".join(reference[edit.start : edit.end].split()) in before


@pytest.mark.parametrize("names", [["all"], ["spatial"], ["text", "counting"]], ids=str)
def test_known_pairs_are_balanced_some_hundred_and_none_was_shown(names: list[str]) -> None:
    taxonomies = load_taxonomies(names)
    pairs = known_pairs(taxonomies)
    assert 20 <= len(pairs) <= MOST
    for taxonomy in taxonomies:
        own = [pair for pair in pairs if pair.taxonomy == taxonomy]
        assert [pair.answer for pair in own].count("yes") == len(own) / 2 > 0
        shown = {text for sort in worked_examples(taxonomy) for text in sort}
        assert not shown & {(pair.candidate.reference or "", pair.candidate.response) for pair in own}
    assert len({caption_judge_request(p.candidate, p.taxonomy, model=MODEL).key for p in pairs}) == len(pairs)


def test_known_pairs_do_not_depend_on_the_order_of_the_taxonomies() -> None:
    taxonomies = load_taxonomies(["all"])
    assert known_pairs(taxonomies[::-1]) == known_pairs(taxonomies)


@pytest.mark.parametrize("name", shipped_taxonomies())
def test_no_pair_from_outside_is_one_that_the_taxonomy_itself_makes(name: str) -> None:
    taxonomy = load_taxonomy(name)
    others = outside(taxonomy)
    assert len(others) >= 20
    for reference, response in others:
        assert response not in {apply_edits(reference, each.edits) for each in alternatives(reference, taxonomy)}


PAIRS = known_pairs([SPATIAL])


def test_without_probabilities_the_word_decides() -> None:
    right = calibrate(PAIRS, [said(pair.answer) for pair in PAIRS])
    assert right is not None
    assert (right.threshold, right.accuracy, right.high, right.n) == (None, 1.0, 1.0, len(PAIRS))
    assert right.low == pytest.approx(0.946, abs=0.001)
    always = calibrate(PAIRS, [said("yes")] * len(PAIRS))
    assert always is not None
    assert always.accuracy == 0.5
    assert always.low < 0.5 < always.high


def test_a_threshold_saves_a_judge_that_leans_to_one_side() -> None:
    answers = [said("yes", 0.9 if pair.answer == "yes" else 0.7) for pair in PAIRS]
    found = calibrate(PAIRS, answers)
    assert found is not None
    assert found.threshold == pytest.approx(0.8)
    assert found.accuracy == 1.0
    assert found.to_json() == {
        "threshold": found.threshold, "accuracy": 1.0, "low": found.low, "high": 1.0, "n": len(PAIRS),
    }  # fmt: skip


def test_an_answer_that_is_none_is_a_wrong_one() -> None:
    answers = [said(pair.answer, 0.9 if pair.answer == "yes" else 0.1) for pair in PAIRS]
    answers[0] = said("", failure="timeout")
    answers[-1] = said("dunno")
    found = calibrate(PAIRS, answers)
    assert found is not None
    assert (found.threshold, found.accuracy, found.n) == (0.5, (len(PAIRS) - 2) / len(PAIRS), len(PAIRS))


def test_accuracy_is_not_measured_on_the_pairs_that_chose_the_threshold() -> None:
    """A judge that knows nothing: its best threshold looks better than chance on the pairs themselves."""
    noise = [said("yes", (37 * at % 101) / 101) for at in range(len(PAIRS))]
    found = calibrate(PAIRS, noise)
    assert found is not None
    assert found.threshold is not None
    kept = [reply(answer, found.threshold) == pair.answer for pair, answer in zip(PAIRS, noise, strict=True)]
    assert found.accuracy < sum(kept) / len(kept)


SCORED = st.lists(st.tuples(st.floats(0, 1), st.booleans()).map(lambda each: Scored(*each)), max_size=30)


def balanced(scored: list[Scored], threshold: float) -> float:
    shares = []
    for is_yes in (True, False):
        sort = [each for each in scored if each.is_yes is is_yes]
        shares.append(sum((each.probability >= threshold) is is_yes for each in sort) / len(sort) if sort else 1.0)
    return sum(shares) / 2


@given(SCORED, st.lists(st.floats(0, 1), max_size=5))
def test_no_threshold_beats_the_best_one(scored: list[Scored], others: list[float]) -> None:
    best = best_threshold(scored)
    assert 0 <= best <= 1
    for other in (*others, *(at / 50 for at in range(51)), *(each.probability for each in scored)):
        assert balanced(scored, other) <= balanced(scored, best) + 1e-9


@given(SCORED, st.randoms(use_true_random=False))
def test_the_threshold_does_not_depend_on_the_order(scored: list[Scored], random: object) -> None:
    shuffled = list(scored)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert best_threshold(shuffled) == best_threshold(scored)


def test_of_equally_good_thresholds_the_middle_of_the_widest_gap_is_taken() -> None:
    assert best_threshold([Scored(0.25, False), Scored(0.75, True)]) == 0.5
    # 0.2 and 0.6 are right three times out of four; the gap below 0.8 is the wider one
    assert best_threshold(
        [Scored(0.1, False), Scored(0.2, True), Scored(0.4, False), Scored(0.8, True)]
    ) == pytest.approx(0.6)
