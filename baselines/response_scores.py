"""One score for a whole response, from the rewards of its tokens: high where the response is true.

The paper multiplies 0/1 verdicts, so that any one token vetoes the response, blames that rule for its losses on spatial
relations and small objects, and leaves a softer one open. These are four.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from baselines.predictions import THETA, Floats, Predictions
from tldr_data.errors import InputError
from tldr_data.labels import BAD

_SMALLEST = 1e-12
"""P(GOOD) is no smaller: its logarithm, and that of its complement, stay finite."""


def is_bad(predictions: Predictions) -> NDArray[np.bool_]:
    """(R,) whether any token is BAD."""
    count = np.bincount(predictions.response, predictions.labels == BAD, minlength=len(predictions.ids))
    return count > 0


def product(predictions: Predictions) -> Floats:
    """(R,) the logarithm of the product of P(GOOD): the product itself of a long text would be 0."""
    logs = np.log(np.maximum(predictions.scores, _SMALLEST))
    return np.bincount(predictions.response, logs, minlength=len(predictions.ids)).astype(np.float64)


def mean_log(predictions: Predictions) -> Floats:
    """(R,) mean log P(GOOD): a long response is not thereby a bad one."""
    return product(predictions) / _lengths(predictions)


def minimum(predictions: Predictions) -> Floats:
    """(R,) P(GOOD) of the worst token. At a threshold of ``THETA`` it is the paper's rule."""
    return np.minimum.reduceat(predictions.scores, _begins(predictions)) if len(predictions.ids) else np.zeros(0)


RULES = {"product": product, "minimum": minimum, "mean_log": mean_log}


def fit(validation: Predictions) -> Pipeline:
    """A logistic regression from pooled features to P(response is true); to be fitted on validation, never on test.

    Raises:
        InputError: no response, or no response of one class.
    """
    good = ~is_bad(validation)
    if good.all() or not good.any():
        raise InputError(f"validation has {good.sum()} true and {(~good).sum()} false responses; expected some of both")
    return make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000)).fit(_features(validation), good)


def learned(model: Pipeline, predictions: Predictions) -> Floats:
    """(R,) P(response is true) by what ``fit`` gave."""
    if not len(predictions.ids):
        return np.zeros(0)
    return np.asarray(model.predict_proba(_features(predictions))[:, 1], np.float64)


def best_threshold(scores: Floats, bad: NDArray[np.bool_]) -> float:
    """Above which a response is called true so that balanced accuracy is highest; of equal ones the lowest.

    >>> best_threshold(np.array([0.1, 0.4, 0.8]), np.array([True, True, False]))
    0.4
    """
    order = np.argsort(scores, kind="stable")
    ranked, false = scores[order], bad[order]
    balanced = np.cumsum(false) / max(false.sum(), 1) - np.cumsum(~false) / max((~false).sum(), 1)
    last = np.append(ranked[1:] != ranked[:-1], True)  # equal scores fall on one side
    return float(ranked[np.argmax(np.where(last, balanced, -np.inf))])


def by_rule(predictions: Predictions, model: Pipeline | None = None) -> Mapping[str, Floats]:
    """Every rule's scores, the learned one's too if there is a model."""
    scores = {name: rule(predictions) for name, rule in RULES.items()}
    return scores if model is None else {**scores, "learned": learned(model, predictions)}


def _features(predictions: Predictions) -> Floats:
    """(R, 6): the three rules, as log-odds the worst and the second worst token, and how many tokens are called BAD."""
    clipped = np.clip(predictions.scores, _SMALLEST, 1 - _SMALLEST)
    odds = np.log(clipped) - np.log1p(-clipped)
    order = np.lexsort((odds, predictions.response))
    begins, lengths = _begins(predictions), _lengths(predictions)
    called = np.bincount(predictions.response, predictions.scores <= THETA, minlength=len(lengths))
    worst, second = odds[order][begins], odds[order][begins + np.minimum(lengths - 1, 1)]
    columns = (product(predictions), minimum(predictions), mean_log(predictions), worst, second, np.log1p(called))
    return np.stack(columns, 1)


def _begins(predictions: Predictions) -> NDArray[np.int64]:
    """(R,) the first token of each response; every response has one."""
    return np.searchsorted(predictions.response, np.arange(len(predictions.ids))).astype(np.int64)


def _lengths(predictions: Predictions) -> NDArray[np.int64]:
    return np.bincount(predictions.response, minlength=len(predictions.ids)).astype(np.int64)
