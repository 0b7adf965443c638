"""What the figures of a test set cost, and what it changes that resamples see fewer thresholds: docs/metrics.md.

python -m benchmarks.metrics
"""

from __future__ import annotations

import time

import numpy as np

from baselines import intervals
from baselines.intervals import interval, ranked, resamples
from baselines.metrics import evaluate, figures
from baselines.predictions import Predictions

TOKENS, PER_IMAGE = 170, 8
NAMES = np.array("spatial attribute binding object counting small text counterfactual".split())


def made(responses: int, seed: int, prefix: str) -> Predictions:
    """One clean response an image, the others with two false tokens each; one token in a hundred is IGNORE."""
    rng, numbers = np.random.default_rng(seed), np.arange(responses)
    image, perturbed, size = numbers // PER_IMAGE, numbers % PER_IMAGE > 0, responses * TOKENS
    taxonomies = np.where(perturbed, NAMES[rng.integers(0, len(NAMES), responses)], "")
    groups = np.char.add(prefix, image.astype(str))
    false = np.zeros(size, bool)
    first = numbers * TOKENS + rng.integers(0, TOKENS - 1, responses)
    false[first], false[first + 1] = perturbed, perturbed
    labels = np.where(false, 0, 1)
    labels[rng.random(size) < 0.01] = -100
    marks = np.where(perturbed, np.char.add("#", np.char.add(np.char.add(taxonomies, "."), numbers.astype(str))), "")
    return Predictions(
        scores=1 / (1 + np.exp(6 * false - 6 - 1.5 * rng.normal(size=size))),
        labels=labels,
        response=np.repeat(numbers, TOKENS),
        sentence=np.arange(size) % TOKENS // 20,
        ids=np.char.add(groups, marks),
        groups=groups,
        taxonomies=taxonomies,
        kinds=np.where(perturbed, "perturbed", "clean"),
    )


def main() -> None:
    test, validation = made(10_000, 0, "t"), made(1_000, 1, "v")
    for name, work in (("figures", lambda: figures(test)), ("evaluate", lambda: evaluate(test, validation))):
        begin = time.perf_counter()
        work()
        print(f"{name}: {time.perf_counter() - begin:.1f} s for {len(test.scores):,} tokens and 1,000 resamples")
    few = made(1_000, 0, "t").labelled()
    group, weights = np.unique(few.groups, return_inverse=True)[1][few.response], resamples(125, 200)
    good, found = few.labels == 1, []
    for levels in (len(good), intervals.LEVELS):
        intervals.LEVELS = levels
        found.append(np.array(interval(ranked(few.scores, good, group, weights).average_precision[1:])))
    moved = np.abs(found[1] - found[0]).max() / np.ptp(found[0])
    print(f"{levels:,} thresholds for {len(good):,} tokens move AP(pos)'s interval by {moved:.2%} of its width")


if __name__ == "__main__":
    main()
