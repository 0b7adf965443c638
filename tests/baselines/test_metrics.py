"""Figures against closed forms, scikit-learn and what must not change them."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score, roc_auc_score

from baselines import intervals
from baselines.intervals import average_precisions, interval, ranked, resamples
from baselines.metrics import BINS, accuracies, calibration, evaluate, figures
from baselines.predictions import Predictions, Scored, gather
from baselines.response_scores import RULES, fit, learned, mean_log, minimum, product
from baselines.tables import LABELS, as_json, as_markdown
from tldr_data.errors import InputError

X = -100
NAMES = ("spatial", "counting")


def predictions(rows: list[tuple[list[float], list[int]]], **columns: Any) -> Predictions:
    """One image a response, unless told otherwise; one sentence each."""
    lengths = [len(scores) for scores, _ in rows]
    names = [str(at) for at in range(len(rows))]
    given = {"ids": names, "groups": names, "taxonomies": [""] * len(rows), "kinds": ["clean"] * len(rows)} | columns
    return Predictions(
        scores=np.array([score for scores, _ in rows for score in scores], float),
        labels=np.array([label for _, labels in rows for label in labels], int),
        response=np.repeat(np.arange(len(rows)), lengths),
        sentence=np.zeros(sum(lengths), int),
        **{name: np.array(values, str) for name, values in given.items()},
    )


def made(responses: int = 60, tokens: int = 20, skill: float = 2.0, seed: int = 0, prefix: str = "g") -> Predictions:
    """Images with one clean response and three perturbed ones, each with two false tokens side by side."""
    rng = np.random.default_rng(seed)
    rows, ids, kinds, taxonomies = [], [], [], []
    for at in range(responses):
        labels, name = np.ones(tokens, int), "" if at % 4 == 0 else NAMES[at % 2]
        if name:
            begin = rng.integers(0, tokens - 1)
            labels[begin : begin + 2] = 0
        odds = 2 + rng.normal(size=tokens) - skill * (labels == 0)
        rows.append(((1 / (1 + np.exp(-odds))).tolist(), labels.tolist()))
        ids.append(f"{prefix}{at // 4}" + (f"#{name}.{at}" if name else ""))
        taxonomies.append(name)
        kinds.append("perturbed" if name else "clean")
    groups = [f"{prefix}{at // 4}" for at in range(responses)]
    return predictions(rows, ids=ids, groups=groups, kinds=kinds, taxonomies=taxonomies)


def values(given: Predictions, number: int = 5) -> dict[str, float | None]:
    return {name: figure.value for name, figure in figures(given, number).items()}


def test_the_papers_accuracies_are_means_over_responses() -> None:
    """Four tokens with one wrong and one token that is right: 7/8, where the pooled share would be 4/5."""
    found = values(predictions([([0.9, 0.8, 0.4, 0.1], [1, 1, 1, 0]), ([0.7], [1])]))
    assert found["token_accuracy"] == (3 / 4 + 1) / 2
    assert found["response_accuracy"] == 1  # called false for another token's sake, and false
    assert found["bad_tokens"] == 1 / 5
    assert found["bad_responses"] == 1 / 2


def test_sentences_agree_if_both_have_a_false_token_or_neither() -> None:
    text, offsets = "A b. C d. E", [(0, 1), (1, 3), (3, 4), (4, 6), (6, 8), (8, 9), (9, 11)]
    row = Scored(
        "x", "g", "perturbed", "t", text, offsets, [0.9, 0.1, 0.9, 0.9, 0.1, 0.9, 0.9], [0, 1, 1, 1, 1, 1, 1], [], []
    )
    assert values(gather([row]))["sentence_accuracy"] == pytest.approx(2 / 3)


def test_a_half_is_called_bad() -> None:
    assert values(predictions([([0.5, 0.500001], [0, 1])]))["token_accuracy"] == 1


def test_what_is_ignored_counts_nowhere() -> None:
    plain, marked = [([0.9, 0.2, 0.3], [1, 1, 0])], [([0.9, 0.0, 0.2, 0.3], [1, X, 1, 0]), ([0.1], [X])]
    assert values(predictions(plain)) == values(predictions(marked))


def test_characters_are_counted_without_space_and_collateral() -> None:
    """The model calls all BAD but "sit"; "Three" and "sit" are, and "dogs are" is collateral."""
    text = "Three dogs are sit"
    row = Scored(
        *("x", "g", "perturbed", "counting", text, [(0, 5), (5, 10), (10, 14), (14, 18)]),
        *([0.1, 0.2, 0.3, 0.9], [0, X, X, 0], [(0, 5), (15, 18)], [(6, 14)]),
    )
    found = values(gather([row]))
    assert found["character_precision"] == 1
    assert found["character_recall"] == 5 / 8
    assert found["character_f1"] == 10 / 13


def test_perfect_and_inverted_rankings() -> None:
    labels = [1] * 6 + [0] * 2
    perfect = values(predictions([([0.9] * 6 + [0.1] * 2, labels)]))
    inverted = values(predictions([([0.1] * 6 + [0.9] * 2, labels)]))
    for name in ("ap_neg", "ap_pos", "ap_neg_per_response", "token_auc", "token_recall_at_1%", "token_accuracy"):
        assert perfect[name] == 1
    assert inverted["ap_neg"] == pytest.approx(2 / 8)  # both at the end, at one threshold
    assert inverted["token_auc"] == 0
    assert inverted["token_accuracy"] == 0


def test_a_constants_average_precision_is_the_prevalence() -> None:
    found = figures(predictions([([0.7] * 10, [0] + [1] * 9), ([0.7] * 10, [1] * 10)]), 5)
    assert found["ap_neg"].value == pytest.approx(1 / 20)
    assert found["ap_pos"].value == pytest.approx(19 / 20)
    assert found["ap_neg_per_response"].value == pytest.approx(1 / 10)
    assert found["token_recall_at_5%"].value == 0
    assert found["token_auc"].value == 0.5


def test_words_are_scored_by_the_lowest_the_mean_or_the_last_of_their_tokens() -> None:
    """A true word of two tokens, a false one of two, punctuation between: by hand."""
    given = predictions([([0.1, 0.9, 0.0, 0.6, 0.2], [1, 1, 1, 0, 0]), ([0.7], [1])])
    given = replace(given, word=np.array([0, 0, -1, 1, 1, 0]))
    found = evaluate(given, number=5).words
    assert {name: (figure.value, figure.n) for name, figure in found.items()} == {
        "lowest": (0.5, 3),
        "mean": (1.0, 3),
        "last": (1.0, 3),
    }
    assert found["mean"].constant == pytest.approx(1 / 3)
    assert not evaluate(replace(given, word=None), number=5).words


def test_random_scores_come_near_the_prevalence() -> None:
    rng = np.random.default_rng(3)
    labels = (rng.random(40_000) > 0.02).astype(int)
    found = figures(predictions([(rng.random(40_000).tolist(), labels.tolist())]), 2)
    assert found["ap_neg"].value == pytest.approx(0.02, abs=0.004)
    assert found["token_auc"].value == pytest.approx(0.5, abs=0.02)
    assert found["token_recall_at_5%"].value == pytest.approx(0.05, abs=0.02)


def test_each_figure_is_beside_what_all_good_gives() -> None:
    found = figures(made(), 5)
    assert found["token_accuracy"].constant == pytest.approx(1 - 0.75 * 2 / 20)
    assert found["response_accuracy"].constant == 0.25
    assert found["ap_neg"].constant == pytest.approx(found["bad_tokens"].value)
    assert found["token_auc"].constant == 0.5


few = st.lists(st.tuples(st.sampled_from([0.1, 0.25, 0.5, 0.7, 0.9]), st.booleans()), min_size=2, max_size=40)


@given(few)
def test_rankings_equal_scikit_learns(drawn: list[tuple[float, bool]]) -> None:
    scores, positive = np.array([score for score, _ in drawn]), np.array([flag for _, flag in drawn])
    weights = np.ones((1, 1))
    found = ranked(scores, positive, np.zeros(len(drawn), int), weights)
    single = average_precisions(scores, positive, np.zeros(len(drawn), int), 1)
    if positive.all() or not positive.any():
        assert np.isnan([*found.average_precision, *found.auc, *single, *found.recalls[0]]).all()
        return
    wanted = average_precision_score(positive, scores)
    assert found.average_precision[0] == pytest.approx(wanted)
    assert single[0] == pytest.approx(wanted)
    assert found.auc[0] == pytest.approx(roc_auc_score(positive, scores))


@given(few, st.lists(st.integers(0, 4), min_size=3, max_size=3))
def test_a_weight_is_as_good_as_that_many_copies(drawn: list[tuple[float, bool]], counts: list[int]) -> None:
    scores, positive = np.array([score for score, _ in drawn]), np.array([flag for _, flag in drawn])
    group = np.arange(len(drawn)) % 3
    copied = np.repeat(np.arange(len(drawn)), np.array(counts)[group])
    found = ranked(scores, positive, group, np.array([[1.0, 1, 1], counts]))
    wanted = ranked(scores[copied], positive[copied], np.zeros(len(copied), int), np.ones((1, 1)))
    for own, other in zip([*found[:2], *found.recalls], [*wanted[:2], *wanted.recalls], strict=True):
        np.testing.assert_allclose(own[1], other[0])


def test_average_precision_inside_each_response() -> None:
    given = made()
    found = average_precisions(-given.scores, given.labels == 0, given.response, 60)
    for at in range(60):
        own = given.response == at
        if at % 4 == 0:
            assert np.isnan(found[at])
        else:
            assert found[at] == pytest.approx(average_precision_score(given.labels[own] == 0, -given.scores[own]))


def test_recall_is_told_at_the_last_threshold_that_raises_few_false_alarms() -> None:
    scores = np.concatenate([np.linspace(1, 0, 100), [0.999, 0.975, 0.5]])
    positive = np.arange(103) >= 100
    found = ranked(scores, positive, np.zeros(103, int), np.ones((1, 1)))
    assert [recall[0] for recall in found.recalls] == pytest.approx([1 / 3, 2 / 3])


def test_merged_thresholds_hardly_move_an_interval(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is done where GOOD tokens are more than ``LEVELS``."""
    given, weights = made(200), resamples(50, 200)
    group = np.unique(given.groups, return_inverse=True)[1][given.response]
    exact = ranked(given.scores, given.labels == 1, group, weights).average_precision
    monkeypatch.setattr(intervals, "LEVELS", 200)
    rough = ranked(given.scores, given.labels == 1, group, weights).average_precision
    assert rough[0] == pytest.approx(exact[0])
    low, high = interval(exact[1:])
    assert interval(rough[1:]) == pytest.approx((low, high), abs=0.02 * (high - low))


@given(st.permutations(range(12)))
def test_the_order_of_responses_changes_nothing(order: list[int]) -> None:
    given = made(12)
    found, wanted = values(given.take(np.array(order))), values(given)
    assert found == pytest.approx(wanted)


def test_responses_told_twice_change_no_figure() -> None:
    given = made(12)
    twice = values(given.take(np.tile(np.arange(12), 2)))
    wanted = values(given)
    assert twice.pop("calibration_error") == pytest.approx(wanted.pop("calibration_error"), abs=1e-9)
    assert twice == pytest.approx(wanted)


@pytest.mark.parametrize("transform", [lambda p: p**3, lambda p: p / 2, lambda p: 1 - np.sqrt(1 - p)])
def test_a_monotone_transform_moves_no_ranking(transform: Callable[[Any], Any]) -> None:
    given = made()
    moved = Predictions(**{**vars(given), "scores": transform(given.scores)})
    names = [name for name in values(given) if name.startswith(("ap_", "token_auc", "token_recall"))]
    assert [values(moved)[name] for name in names] == pytest.approx([values(given)[name] for name in names])


def test_calibration_error_is_the_mean_gap() -> None:
    """Two scores, and so two bins: 0.9 of which 3 of 4 are GOOD, 0.2 of which 1 of 4 is."""
    given = predictions([([0.9] * 4 + [0.2] * 4, [1, 1, 1, 0, 1, 0, 0, 0])])
    assert values(given)["calibration_error"] == pytest.approx((0.15 * 4 + 0.05 * 4) / 8)
    assert [(n, round(score, 9), good) for n, score, good in calibration(given)] == [(4, 0.2, 0.25), (4, 0.9, 0.75)]


def test_bins_are_of_equal_size() -> None:
    sizes = [n for n, _, _ in calibration(made())]
    assert len(sizes) == BINS
    assert max(sizes) - min(sizes) <= 1


@pytest.mark.slow
@pytest.mark.parametrize(("drawn", "least", "most"), [("images", 0.9, 0.99), ("responses", 0.3, 0.7)])
def test_intervals_hold_the_truth_if_images_are_drawn(drawn: str, least: float, most: float) -> None:
    """60 images of 8 responses that are right or wrong together, 300 times: nominal is 95%."""
    rng, held = np.random.default_rng(11), 0
    groups = [str(at // 8 if drawn == "images" else at) for at in range(480)]
    for _ in range(300):
        right = np.repeat(rng.random(60) < 0.7, 8)
        given = predictions([([0.9 if good else 0.1], [1]) for good in right], groups=groups)
        figure = accuracies(given, 200, seed=int(rng.integers(1 << 30)))["response_accuracy"]
        assert figure.low is not None
        assert figure.high is not None
        held += figure.low <= 0.7 <= figure.high
    assert least <= held / 300 <= most


def test_the_seed_settles_the_intervals() -> None:
    assert figures(made(), 20, seed=1) == figures(made(), 20, seed=1)
    assert figures(made(), 20, seed=1) != figures(made(), 20, seed=2)


def test_resamples_draw_as_many_groups_as_there_are() -> None:
    weights = resamples(7, 50)
    assert (weights[0] == 1).all()
    assert (weights.sum(1) == 7).all()


def test_response_scores() -> None:
    given = predictions([([0.5, 0.25], [1, 0]), ([0.8], [1])])
    np.testing.assert_allclose(product(given), np.log([0.125, 0.8]))
    np.testing.assert_allclose(minimum(given), [0.25, 0.8])
    np.testing.assert_allclose(mean_log(given), [np.log(0.125) / 2, np.log(0.8)])


def test_scores_of_nothing_but_certainty_stay_finite() -> None:
    given = predictions([([0.0, 1.0], [0, 1]), ([1.0, 1.0], [1, 1])])
    for scores in (*(rule(given) for rule in RULES.values()), learned(fit(given), given)):
        assert np.isfinite(scores).all()
        assert scores[0] < scores[1]


def test_the_learned_score_is_fitted_on_other_images() -> None:
    found = evaluate(made(), made(seed=1, prefix="v"), number=20)
    assert set(found.response_scores) == {*RULES, "learned"}
    assert found.response_scores["learned"]["auc"].value > 0.7
    with pytest.raises(InputError, match="image group g0 is in the test set and in validation"):
        evaluate(made(), made(seed=1))
    with pytest.raises(InputError, match="1 true and 0 false responses"):
        evaluate(made(), predictions([([0.5], [1])], groups=["v"]))


def test_taxonomies_are_balanced_by_their_references() -> None:
    found = evaluate(made(), number=20)
    assert set(found.taxonomies) == set(NAMES)
    for own in found.taxonomies.values():
        assert own["bad_responses"].value == 0.5
        assert own["response_accuracy"].constant == 0.5
    assert found.taxonomies["counting"]["bad_responses"].n == 60
    assert found.kinds["clean"]["response_accuracy"].n == 15


EMPTY = {
    "no response": predictions([]),
    "no label": predictions([([0.5], [X])]),
    "only good": predictions([([0.5, 0.9], [1, 1]), ([0.9], [1])]),
    "only bad": predictions([([0.5], [0])], kinds=["perturbed"], taxonomies=["spatial"]),
}


@pytest.mark.parametrize("name", EMPTY)
def test_an_empty_class_is_undefined(name: str) -> None:
    """pytest is set to turn warnings into errors."""
    found = evaluate(EMPTY[name], number=20)
    assert found.figures["ap_neg"].value is None
    assert found.figures["ap_neg"].low is None
    assert "NaN" not in json.dumps(as_json(found), allow_nan=False)
    assert "| AP(neg), all tokens (paper) | undefined | undefined |" in as_markdown(found)
    assert "nan" not in as_markdown(found)


def test_tables() -> None:
    found = evaluate(made(), made(seed=1, prefix="v"), number=20)
    text = as_markdown(found)
    assert text.startswith("60 responses to 15 images. BAD, in percent: 7.5 of 1,200 tokens, 75.0 of 60 responses.")
    assert "| clean | 15 | 0.0 | 0.0 |" in text
    for block in text.split("\n\n"):
        lines = block.strip().splitlines()
        assert len({line.count("|") for line in lines}) == 1
    told = {*found.figures, *found.response_scores["learned"]}
    assert told - set(LABELS) == {"bad_tokens", "bad_responses"}  # which stand above the tables
    assert json.loads(json.dumps(as_json(found)))["figures"]["ap_neg"]["unit"] == "tokens"
