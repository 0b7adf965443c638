"""How good a reward model is, token by token and response by response (docs/metrics.md).

Every figure has an interval (bootstrap over images), its n, and what calling every token GOOD would give. Where a class
is empty a ranking figure is undefined, which is None here and "undefined" in tables.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from sklearn.pipeline import Pipeline

from baselines.intervals import RATES, RESAMPLES, average_precisions, interval, per_group, ranked, resamples, share
from baselines.predictions import THETA, Floats, Ints, Predictions
from baselines.response_scores import best_threshold, by_rule, fit, is_bad
from tldr_data.errors import InputError
from tldr_data.labels import BAD, GOOD

BINS = 15
"""Of calibration, with about as many tokens in each."""


class Figure(NamedTuple):
    """A figure, its 95% interval, what calling everything GOOD gives, and of how many units it is."""

    value: float | None
    low: float | None
    high: float | None
    constant: float | None
    n: int
    unit: str


Figures = Mapping[str, Figure]


class Bin(NamedTuple):
    """Tokens of like scores: how many, their mean P(GOOD), and the share that is GOOD."""

    n: int
    score: float
    good: float


class Evaluation(NamedTuple):
    """All that is told of one model on one set of responses."""

    responses: int
    groups: int
    figures: Figures
    words: Figures
    """Average precision of words, each with one score of its tokens'."""
    taxonomies: Mapping[str, Figures]
    """Of each taxonomy: its perturbed responses and as many references of theirs."""
    kinds: Mapping[str, Figures]
    response_scores: Mapping[str, Figures]
    """Of each rule."""
    best_rule: str | None
    """The one that calls validation best; None without validation."""
    taxonomy_scores: Mapping[str, Mapping[str, Figures]]
    """Of each taxonomy, as in ``taxonomies``, those of each rule."""
    calibration: list[Bin]


class _Measured(NamedTuple):
    values: Floats
    """(1 + B,) the figure, then its resamples; NaN where undefined."""
    n: int
    unit: str


class _Judge(NamedTuple):
    """What validation gave: the learned score, each rule's threshold, and the rule that is best with its own."""

    model: Pipeline
    thresholds: Mapping[str, float]
    best: str


_Measure = Callable[[Predictions, Ints, Floats], dict[str, _Measured]]


def evaluate(
    predictions: Predictions, validation: Predictions | None = None, *, number: int = RESAMPLES, seed: int = 0
) -> Evaluation:
    """Every figure of a test set, whole, by taxonomy and by kind.

    Args:
        validation: on it thresholds for responses are chosen and the learned score is fitted; without it there are
            neither.
        number: resamples of the bootstrap.

    Raises:
        InputError: an image of the test set is in validation, or validation lacks true or false responses.
    """
    predictions = predictions.labelled()
    judge = None if validation is None else _judge(predictions, validation.labelled())
    parts = {
        str(name): predictions.take(of_taxonomy(predictions, name))
        for name in np.unique(predictions.taxonomies[predictions.kinds == "perturbed"])
        if name  # others' test sets have none
    }
    return Evaluation(
        responses=len(predictions.ids),
        groups=len(np.unique(predictions.groups)),
        figures=figures(predictions, number, seed),
        words=_told(predictions, (_words,), number, seed),
        taxonomies={name: figures(own, number, seed) for name, own in parts.items()},
        kinds={
            str(kind): accuracies(predictions.take(np.flatnonzero(predictions.kinds == kind)), number, seed)
            for kind in np.unique(predictions.kinds)
        },
        response_scores=_response_figures(predictions, judge, number, seed),
        best_rule=judge and judge.best,
        taxonomy_scores={name: _response_figures(own, judge, number, seed) for name, own in parts.items()},
        calibration=calibration(predictions),
    )


def figures(predictions: Predictions, number: int = RESAMPLES, seed: int = 0) -> Figures:
    """Every figure of tokens, sentences and characters, and the paper's response accuracy."""
    measures = (_prevalences, _accuracies, _rankings, _characters, _calibration_error)
    return _told(predictions.labelled(), measures, number, seed)


def accuracies(predictions: Predictions, number: int = RESAMPLES, seed: int = 0) -> Figures:
    """Only the paper's three accuracies: what can be told of responses that are all true."""
    return _told(predictions.labelled(), (_prevalences, _accuracies), number, seed)


def _told(predictions: Predictions, measures: Sequence[_Measure], number: int, seed: int) -> Figures:
    groups, group = np.unique(predictions.groups, return_inverse=True)
    weights, constant = resamples(len(groups), number, seed), predictions.all_good()
    found = {}
    for measure in measures:
        given = measure(constant, group, weights[:1])
        for name, measured in measure(predictions, group, weights).items():
            found[name] = figure_of(*measured, given[name].values[0])
    return found


def figure_of(values: Floats, n: int, unit: str, constant: float = np.nan) -> Figure:
    """What (1 + B,) values tell, the figure and its resamples; NaN is undefined."""
    low, high = interval(values[1:]) if not np.isnan(values[0]) else (None, None)
    return Figure(_number(values[0]), low, high, _number(constant), n, unit)


def _number(value: float) -> float | None:
    return None if np.isnan(value) else float(value)


def _prevalences(predictions: Predictions, group: Ints, weights: Floats) -> dict[str, _Measured]:
    """How many are BAD: what average precision is to be held against."""
    false = predictions.labels == BAD
    bad = is_bad(predictions)
    return {
        "bad_tokens": _ratio(false, np.ones_like(false), group[predictions.response], weights, "tokens"),
        "bad_responses": _ratio(bad, np.ones_like(bad), group, weights, "responses"),
    }


def _accuracies(predictions: Predictions, group: Ints, weights: Floats) -> dict[str, _Measured]:
    """Equations 2, 3 and 5 of the paper: means over responses of what is right in each."""
    called, false = predictions.scores <= THETA, predictions.labels == BAD
    response, responses = predictions.response, len(predictions.ids)
    found = {
        "token_accuracy": _mean_right(called == false, response, group, weights),
        "response_accuracy": _mean_right(
            _any(called, response, responses) == _any(false, response, responses), np.arange(responses), group, weights
        ),
    }
    if predictions.sentence is None:
        return found
    most = int(predictions.sentence.max(initial=0)) + 1
    numbers, unit = np.unique(response * most + predictions.sentence, return_inverse=True)
    right = _any(called, unit, len(numbers)) == _any(false, unit, len(numbers))
    return {**found, "sentence_accuracy": _mean_right(right, numbers // most, group, weights)}


def _any(flags: NDArray[np.bool_], unit: Ints, units: int) -> NDArray[np.bool_]:
    return np.bincount(unit, flags, minlength=units) > 0


def _mean_right(right: NDArray[np.bool_], response: Ints, group: Ints, weights: Floats) -> _Measured:
    """The mean over responses of the share of a response's units that are right."""
    responses = len(group)
    rights, sizes = np.bincount(response, right, minlength=responses), np.bincount(response, minlength=responses)
    return _ratio(rights / np.maximum(sizes, 1), sizes > 0, group, weights, "responses")


def _ratio(part: NDArray[Any], whole: NDArray[Any], group: Ints, weights: Floats, unit: str) -> _Measured:
    """Ratio of two sums, over responses or tokens; n is how many of them there are."""
    groups = weights.shape[1]
    values = share(per_group(part, group, groups), per_group(whole, group, groups), weights)
    return _Measured(values, int(np.count_nonzero(whole)), unit)


def _rankings(predictions: Predictions, group: Ints, weights: Floats) -> dict[str, _Measured]:
    """Average precision of BAD and of GOOD tokens, over all tokens and inside responses; recall at few false alarms."""
    false, response, tokens = predictions.labels == BAD, predictions.response, len(predictions.labels)
    neg = ranked(-predictions.scores, false, group[response], weights)
    pos = ranked(predictions.scores, ~false, group[response], weights)
    return {
        "ap_neg": _Measured(neg.average_precision, tokens, "tokens"),
        "ap_pos": _Measured(pos.average_precision, tokens, "tokens"),
        "ap_neg_per_response": _mean_precision(-predictions.scores, false, response, group, weights),
        "ap_pos_per_response": _mean_precision(predictions.scores, ~false, response, group, weights),
        "token_auc": _Measured(neg.auc, tokens, "tokens"),
        **{
            f"token_recall_at_{rate:.0%}": _Measured(recall, tokens, "tokens")
            for rate, recall in zip(RATES, neg.recalls, strict=True)
        },
    }


def _words(predictions: Predictions, group: Ints, weights: Floats) -> dict[str, _Measured]:
    """Average precision of BAD words by each score of a word; a word is BAD if one of its tokens is."""
    if predictions.word is None:
        return {}
    inside = np.flatnonzero(predictions.word >= 0)
    word, response = predictions.word[inside], predictions.response[inside]
    is_first = np.r_[True, (np.diff(word) != 0) | (np.diff(response) != 0)][: len(inside)]
    begins = np.flatnonzero(is_first)
    if not len(begins):
        return {}
    scores, sizes = predictions.scores[inside], np.diff(np.r_[begins, len(inside)])
    false = np.minimum.reduceat(predictions.labels[inside], begins) == BAD
    pooled = {
        "lowest": np.minimum.reduceat(scores, begins),
        "mean": np.add.reduceat(scores, begins) / sizes,
        "last": scores[begins + sizes - 1],
    }
    groups = group[response[begins]]
    return {
        name: _Measured(ranked(-own, false, groups, weights).average_precision, len(begins), "words")
        for name, own in pooled.items()
    }


def _mean_precision(
    scores: Floats, positive: NDArray[np.bool_], response: Ints, group: Ints, weights: Floats
) -> _Measured:
    """The mean over the responses that hold tokens of both classes."""
    found = average_precisions(scores, positive, response, len(group))
    return _ratio(np.nan_to_num(found), ~np.isnan(found), group, weights, "responses")


def _characters(predictions: Predictions, group: Ints, weights: Floats) -> dict[str, _Measured]:
    """Precision, recall and F1 of characters, summed over responses (as RAGTruth does, arXiv 2401.00396)."""
    if predictions.characters is None:
        return {}
    both, called, false = predictions.characters.T
    measured = {
        "character_precision": _ratio(both, called, group, weights, "characters"),
        "character_recall": _ratio(both, false, group, weights, "characters"),
        "character_f1": _ratio(2 * both, called + false, group, weights, "characters"),
    }
    sizes = (called.sum(), false.sum(), (called + false - both).sum())
    return {name: figure._replace(n=int(n)) for (name, figure), n in zip(measured.items(), sizes, strict=True)}


def calibration(predictions: Predictions) -> list[Bin]:
    """Tokens in bins of about equal size, by score; equal scores share one, so there may be fewer than ``BINS``."""
    predictions = predictions.labelled()
    bins = _bins(predictions.scores)
    n, scores, good = (np.bincount(bins, values) for values in (None, predictions.scores, predictions.labels == GOOD))
    kept = np.flatnonzero(n)
    return [Bin(int(n[at]), float(scores[at] / n[at]), float(good[at] / n[at])) for at in kept]


def _calibration_error(predictions: Predictions, group: Ints, weights: Floats) -> dict[str, _Measured]:
    """Expected calibration error: the gap between mean score and share of GOOD in each bin, weighted by its tokens.

    The bins are those of the whole set in each resample.
    """
    bins, groups = _bins(predictions.scores), weights.shape[1]
    gap = predictions.scores - (predictions.labels == GOOD)
    size = int(bins.max(initial=0)) + 1
    sums = np.bincount(group[predictions.response] * size + bins, gap, minlength=groups * size)
    tokens = per_group(np.ones(len(bins)), group[predictions.response], groups)
    gaps, below = np.abs(weights @ sums.reshape(groups, size)).sum(1), weights @ tokens
    values = np.full(len(weights), np.nan)
    np.divide(gaps, below, out=values, where=below > 0)
    return {"calibration_error": _Measured(values, len(bins), "tokens")}


def _bins(scores: Floats) -> Ints:
    if not len(scores):
        return np.zeros(0, np.int64)
    edges = np.unique(np.quantile(scores, np.arange(1, BINS) / BINS, method="higher"))
    return np.searchsorted(edges, scores, side="right").astype(np.int64)


def of_taxonomy(predictions: Predictions, name: str) -> Ints:
    """Its perturbed responses and, for each of them that has it here, its reference, as often as it was perturbed.

    The paper's figures by taxonomy are so balanced: a constant gets 50% of the responses right.
    """
    perturbed = np.flatnonzero((predictions.taxonomies == name) & (predictions.kinds == "perturbed"))
    place = {row_id: at for at, row_id in enumerate(predictions.ids.tolist())}
    references = [place.get(row_id.rpartition("#")[0]) for row_id in predictions.ids[perturbed].tolist()]
    found = np.array([at for at in references if at is not None], np.int64)
    return np.concatenate([perturbed, found])


def _judge(predictions: Predictions, validation: Predictions) -> _Judge:
    _refuse_overlap(predictions, validation)
    model, bad = fit(validation), is_bad(validation)
    scores = by_rule(validation, model)
    thresholds = {name: best_threshold(own, bad) for name, own in scores.items()}
    return _Judge(model, thresholds, max(scores, key=lambda name: _balanced(scores[name] <= thresholds[name], bad)))


def _balanced(called: NDArray[np.bool_], bad: NDArray[np.bool_]) -> float:
    return float(called[bad].mean() - called[~bad].mean())


def _response_figures(
    predictions: Predictions, judge: _Judge | None, number: int, seed: int
) -> dict[str, dict[str, Figure]]:
    """How well each rule's score tells false responses from true ones."""
    group = np.unique(predictions.groups, return_inverse=True)[1]
    weights, bad = resamples(int(group.max(initial=-1)) + 1, number, seed), is_bad(predictions)
    found = {}
    for name, scores in by_rule(predictions, judge and judge.model).items():
        found[name] = _ranking_of_responses(scores, bad, group, weights)
        if judge is not None:
            called = scores <= judge.thresholds[name]
            right = _ratio(called == bad, np.ones_like(bad), group, weights, "responses")
            found[name]["accuracy"] = figure_of(*right, (~bad).mean() if len(bad) else np.nan)
    return found


def _ranking_of_responses(scores: Floats, bad: NDArray[np.bool_], group: Ints, weights: Floats) -> dict[str, Figure]:
    found = ranked(-scores, bad, group, weights)
    constant = ranked(np.zeros_like(scores), bad, group, weights[:1])
    pairs = {
        "auc": (found.auc, constant.auc),
        "ap": (found.average_precision, constant.average_precision),
        **{
            f"recall_at_{rate:.0%}": (own, other)
            for rate, own, other in zip(RATES, found.recalls, constant.recalls, strict=True)
        },
    }
    return {name: figure_of(own, len(bad), "responses", other[0]) for name, (own, other) in pairs.items()}


def _refuse_overlap(predictions: Predictions, validation: Predictions) -> None:
    shared = np.intersect1d(predictions.groups, validation.groups)
    if len(shared):
        raise InputError(f"image group {shared[0]} is in the test set and in validation; expected no group in both")
