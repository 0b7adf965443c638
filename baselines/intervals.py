"""Intervals by the bootstrap over images, and the ranking figures that it has to work out a thousand times.

Responses to one image are correlated: a perturbed one is its reference but for a word. So whole groups are drawn with
replacement. A resample is a row of weights, how often each group was drawn, and every figure is written in terms of
sums over groups: a thousand resamples are then one product of matrices, and no token is looked at twice.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array

from baselines.predictions import Floats, Ints

RESAMPLES = 1000
LEVEL = 0.95
RATES = (0.01, 0.05)
"""False alarms at which recall is told: the share of what is GOOD that is flagged."""
LEVELS = 20_000
"""Thresholds that a resample sees where positives are more than that."""
_CELLS = 4_000_000
"""Numbers that one array of a ranking holds at a time: 32 MB."""


class Interval(NamedTuple):
    """Bounds of a figure; None where fewer than half of the resamples have one."""

    low: float | None
    high: float | None


class Ranked(NamedTuple):
    """How well scores rank positives above the rest; one value for each row of weights, NaN where a class is empty."""

    average_precision: Floats
    auc: Floats
    recalls: tuple[Floats, ...]
    """At each of ``RATES``."""


def resamples(groups: int, number: int = RESAMPLES, seed: int = 0) -> Floats:
    """(1 + number, groups): how often each group counts. In row 0 each counts once: it gives the figure itself.

    In each of the others as many groups are drawn, with replacement, as there are.
    """
    drawn = np.random.default_rng(seed).integers(0, max(groups, 1), (number, groups))
    drawn += np.arange(number)[:, None] * groups
    counts = np.bincount(drawn.ravel(), minlength=number * groups).reshape(number, groups)
    return np.concatenate([np.ones((1, groups)), counts])


def interval(values: Floats) -> Interval:
    """Middle 95% of a figure's resamples (percentile bootstrap), of those where it is defined.

    >>> np.round(interval(np.arange(1001.0))).tolist()
    [25.0, 975.0]
    """
    defined = values[~np.isnan(values)]
    if 2 * len(defined) < len(values) or not len(defined):
        return Interval(None, None)
    low, high = np.quantile(defined, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return Interval(float(low), float(high))


def per_group(values: NDArray[Any], group: Ints, groups: int) -> Floats:
    """(groups,) sums of one value a response (or token)."""
    return np.bincount(group, values, minlength=groups).astype(np.float64)


def share(part: Floats, whole: Floats, weights: Floats) -> Floats:
    """Weighted ratio of two sums over groups, for each row of weights; NaN where the whole is 0."""
    below = weights @ whole
    found = np.full(len(weights), np.nan)
    np.divide(weights @ part, below, out=found, where=below > 0)
    return found


def ranked(scores: Floats, positive: NDArray[np.bool_], group: Ints, weights: Floats) -> Ranked:
    """Average precision, area under the ROC curve, and recall at few false alarms, under each row of weights.

    Equal scores are one threshold, as in scikit-learn; precision is not interpolated. Where positives are very many
    (GOOD tokens), resamples see ``LEVELS`` thresholds and are moved by what that changes in row 0, which is exact.

    Args:
        scores: (N,) high where positive.
        group: (N,) column of ``weights`` that a score belongs to.
        weights: (1 + B, G) of ``resamples``.
    """
    block = _blocks(scores, positive)
    if positive.sum() <= LEVELS:
        return _under(weights, block, positive, group)
    rough = _under(weights, _merged(block, positive), positive, group)
    exact = _under(np.ones((1, 1)), block, positive, np.zeros_like(group))

    def moved(values: Floats, value: Floats) -> Floats:
        return np.concatenate([value, values[1:] - values[0] + value[0]])

    return Ranked(
        moved(rough.average_precision, exact.average_precision),
        moved(rough.auc, exact.auc),
        tuple(map(moved, rough.recalls, exact.recalls)),
    )


def _under(weights: Floats, block: Ints, positive: NDArray[np.bool_], group: Ints) -> Ranked:
    """A slice of the resamples at a time, so that memory does not grow with their number."""
    shape = (int(block.max(initial=-1)) + 1, weights.shape[1])
    hits, alarms = (
        coo_array((np.ones(kept.sum()), (block[kept], group[kept])), shape).tocsr() for kept in (positive, ~positive)
    )
    step = max(1, _CELLS // max(shape[0], 1))
    slices = (np.ascontiguousarray(weights[at : at + step].T) for at in range(0, len(weights), step))
    parts = [_ranked(hits @ part, alarms @ part) for part in slices]
    return Ranked(
        np.concatenate([part.average_precision for part in parts]),
        np.concatenate([part.auc for part in parts]),
        tuple(np.concatenate([part.recalls[at] for part in parts]) for at in range(len(RATES))),
    )


def _blocks(scores: Floats, positive: NDArray[np.bool_]) -> Ints:
    """Number of each score's threshold from the highest down; those between two that hold positives are one.

    No figure asks how the negatives between two positives are ordered, and bad tokens are few.
    """
    _, level = np.unique(-scores, return_inverse=True)
    holds = np.bincount(level, positive) > 0
    begins = np.ones(len(holds), bool)
    begins[1:] = holds[1:] | holds[:-1]
    return (np.cumsum(begins) - 1)[level].astype(np.int64)


def _merged(block: Ints, positive: NDArray[np.bool_]) -> Ints:
    """At most ``LEVELS`` thresholds, with about as many positives at each."""
    before = np.cumsum(np.bincount(block, positive)) - 1
    level: Ints = np.maximum(before, 0).astype(np.int64) * LEVELS // positive.sum()
    return level[block]


def _ranked(hits: Floats, alarms: Floats) -> Ranked:
    """From (K, B) positives and negatives at each threshold."""
    hits_so_far, alarms_so_far = np.cumsum(hits, 0), np.cumsum(alarms, 0)
    if not len(hits):
        nothing = np.full(hits.shape[1], np.nan)
        return Ranked(nothing, nothing, (nothing,) * len(RATES))
    positives, negatives = hits_so_far[-1], alarms_so_far[-1]
    defined = (positives > 0) & (negatives > 0)

    def over(total: Floats, whole: Floats) -> Floats:
        found = np.full(len(whole), np.nan)
        np.divide(total, whole, out=found, where=defined)
        return found

    flagged = np.maximum(hits_so_far + alarms_so_far, 1)
    precision = np.einsum("kb,kb->b", hits, hits_so_far / flagged)
    below = np.einsum("kb,kb->b", hits, negatives - alarms_so_far + alarms / 2)
    return Ranked(
        over(precision, positives),
        over(below, positives * negatives),
        tuple(over(_hits_at(hits_so_far, alarms_so_far, rate), positives) for rate in RATES),
    )


def _hits_at(hits_so_far: Floats, alarms_so_far: Floats, rate: float) -> Floats:
    """Positives above the lowest threshold whose false alarms are no more than a share of the negatives."""
    last = (alarms_so_far <= rate * alarms_so_far[-1] + 1e-9).sum(0) - 1
    return np.where(last >= 0, hits_so_far[last, np.arange(len(last))], 0.0)


def average_precisions(scores: Floats, positive: NDArray[np.bool_], response: Ints, responses: int) -> Floats:
    """(responses,) average precision inside each response by itself, NaN where it holds not both classes."""
    order = np.lexsort((-scores, response))
    scores, positive, response = scores[order], positive[order], response[order]
    first = np.searchsorted(response, np.arange(responses))
    rank = np.arange(1, len(scores) + 1) - first[response]
    hits = np.concatenate([[0], np.cumsum(positive)])
    # of equal scores, what stands at the last one holds for all
    last = np.flatnonzero(np.diff(scores, append=np.inf).astype(bool) | (np.diff(response, append=-1) != 0))
    end = last[np.searchsorted(last, np.arange(len(scores)))]
    precision = (hits[end + 1] - hits[first[response]]) / rank[end]
    positives, sizes = (np.bincount(response, weights, minlength=responses) for weights in (positive, None))
    total = np.bincount(response, precision * positive, minlength=responses)
    both = (positives > 0) & (positives < sizes)
    found = np.full(responses, np.nan)
    np.divide(total, positives, out=found, where=both)
    return found
