"""Detectors beside each other: what must come out where the answer is known."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

pytest.importorskip("scipy")

from baselines.comparison import (
    Detector,
    accuracy_table,
    control_table,
    gain,
    pairs,
    random_scores,
    rule_table,
    seed_table,
)
from baselines.metrics import evaluate, figures
from baselines.predictions import Predictions, Scored, gather
from tldr_data.errors import InputError
from tldr_data.labels import BAD, GOOD


def made(images: int = 200) -> Predictions:
    """Four tokens a response; of each image one true response and one with a false token."""
    rows = []
    for image in range(images):
        for kind, labels in (("clean", [GOOD] * 4), ("perturbed", [GOOD, BAD, GOOD, GOOD])):
            name = f"i{image}" if kind == "clean" else f"i{image}#counting.1"
            offsets = [(0, 3), (4, 7), (8, 11), (11, 12)]
            taxonomy = None if kind == "clean" else "counting"
            errors = [] if kind == "clean" else [(4, 7)]
            rows.append(
                Scored(name, f"i{image}", kind, taxonomy, "the two cup.", offsets, [1.0] * 4, labels, errors, [])
            )
    return gather(rows)


def test_perfect_inverted_constant_and_random_scores_give_the_closed_forms() -> None:
    base = made()
    good = (base.labels == GOOD).astype(float)
    prevalence = float((base.labels == BAD).mean())
    perfect = evaluate(replace(base, scores=good))
    for name in ("ap_neg", "ap_pos", "token_accuracy", "sentence_accuracy", "response_accuracy", "token_auc"):
        assert perfect.figures[name].value == 1
    assert perfect.taxonomies["counting"]["response_accuracy"].value == 1
    inverted = figures(replace(base, scores=1 - good))
    assert inverted["token_auc"].value == inverted["token_accuracy"].value == 0
    assert inverted["ap_neg"].value == pytest.approx(prevalence)
    constant = figures(base.all_good())
    assert constant["ap_neg"].value == pytest.approx(prevalence)
    assert constant["token_accuracy"].value == pytest.approx(1 - prevalence)
    assert constant["response_accuracy"].value == 0.5
    chance = figures(random_scores(base))
    assert chance["token_auc"].low < 0.5 < chance["token_auc"].high
    assert chance["token_accuracy"].low < 0.5 < chance["token_accuracy"].high


def test_the_gain_over_the_text_is_0_without_the_image_and_1_with_all_of_it() -> None:
    base = made()
    text, truth = random_scores(base), replace(base, scores=(base.labels == GOOD).astype(float))
    assert gain(text, text)[:3] == (0, 0, 0)
    assert gain(truth, text)[:3] == pytest.approx((1, 1, 1))
    half = replace(base, scores=0.3 * truth.scores + 0.7 * text.scores)
    found = gain(half, text)
    assert 0 < found.low < found.value < found.high < 1
    assert gain(half, text) == found
    true = base.take(np.flatnonzero(base.kinds == "clean"))
    assert gain(true, true)[:3] == (None, None, None)
    with pytest.raises(InputError, match="judge different tokens"):
        gain(half, text.take(np.arange(10)))


def test_a_rule_that_loses_what_the_rewards_know_is_told_by_taxonomy() -> None:
    """True: four times 0.7, whose product is lower than that of a false one with 0.5 and three times 1."""
    base = made()
    clean = (base.kinds == "clean")[base.response]
    hedged = evaluate(replace(base, scores=np.where(clean, 0.7, np.where(base.labels == BAD, 0.5, 1.0))))
    told = rule_table([Detector("hedged", hedged)])
    assert "| hedged | product | 0.0 |" in told
    assert "| hedged | minimum | 100.0 |" in told


def of_responses(base: Predictions) -> Predictions:
    """As a naive model says: one reward a response, 0 where it is false."""
    rows = []
    for name, group, kind in zip(base.ids.tolist(), base.groups.tolist(), base.kinds.tolist(), strict=True):
        is_true = kind == "clean"
        taxonomy = None if is_true else "counting"
        rows.append(
            Scored(name, group, kind, taxonomy, "the two cup.", [(0, 12)], [float(is_true)], [int(is_true)], [], [])
        )
    return gather(rows)


def test_one_reward_a_response_is_told_of_responses_alone() -> None:
    naive = evaluate(of_responses(made()))
    one = Detector("naive", naive, naive.figures, naive.figures)
    assert "| naive |  |  | 100.0 (100.0 to 100.0) |  |  |" in accuracy_table([one])
    assert "naive" not in control_table([one])


def test_the_best_score_of_a_response_is_chosen_on_validation() -> None:
    """In validation a true product (four times 0.7) is below a false one (0.5), whatever the test set would say."""
    base = made()
    clean = (base.kinds == "clean")[base.response]
    true, false = np.where(clean, 0.7, 1.0), base.labels == BAD
    validation = replace(base, groups=np.char.add("v", base.groups.astype(str)), scores=np.where(false, 0.5, true))
    found = evaluate(replace(base, scores=np.where(false, 0.1, 1.0)), validation)
    assert found.response_scores["product"]["auc"].value == 1
    assert found.best_rule == "minimum"


def test_seeds_of_one_detector_are_put_together() -> None:
    base = made()
    good = (base.labels == GOOD).astype(float)
    perfect, constant = evaluate(replace(base, scores=good)), evaluate(base.all_good())
    told = seed_table([Detector("tldr-0", perfect), Detector("tldr-1", constant), Detector("naive-0", constant)])
    assert told is not None
    assert "| tldr | 2 | 56.2 (12.5 to 100.0) | 75.0 (50.0 to 100.0) | undefined |" in told
    assert "naive" not in told
    assert seed_table([Detector("tldr", perfect)]) is None


def quadruple(number: int, lowest: dict[str, float]) -> list[Scored]:
    first = f"s/{number}"
    names = {
        "T on I": first,
        "T' on I": f"{first}#counting.1",
        "T' on I'": f"{first}/counting.1",
        "T on I'": f"{first}/counting.1#counting.2",
    }
    return [
        Scored(names[at], f"g{number}", "clean", None, "two", [(0, 3)], [lowest[at]], [GOOD], [], []) for at in names
    ]


SEEING = {"T on I": 0.9, "T' on I": 0.1, "T' on I'": 0.8, "T on I'": 0.2}
READING = {"T on I": 0.9, "T' on I": 0.3, "T' on I'": 0.3, "T on I'": 0.9}
HALF = {"T on I": 0.9, "T' on I": 0.1, "T' on I'": 0.05, "T on I'": 0.2}


@pytest.mark.parametrize(("scores", "apart", "four"), [(SEEING, 1, 1), (READING, 0.5, 0), (HALF, 0.5, 0)])
def test_pairs_are_told_apart_by_the_image_alone(scores: dict[str, float], apart: float, four: float) -> None:
    found = pairs(gather([row for number in range(20) for row in quadruple(number, scores)]))
    assert (found.told_apart.value, found.told_apart.n) == (apart, 40)
    assert (found.all_four.value, found.all_four.n) == (four, 20)


def test_without_image_pairs_nothing_is_told() -> None:
    with pytest.raises(InputError, match="no image pairs"):
        pairs(made())
