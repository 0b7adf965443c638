"""How far the caption judge can be trusted, and from which probability on its yes counts: measured on known pairs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import chain, pairwise, zip_longest
from typing import Any, Literal, NamedTuple

from tldr_data.diff import diff
from tldr_data.example import Example
from tldr_data.llms.request import Answer
from tldr_data.taxonomy import Taxonomy
from tldr_data.verify.judge import reply
from tldr_data.verify.worked import Texts, in_turn, made, outside, reworded, worked_examples
from tldr_data.yields import wilson

MOST = 100
"""Pairs that a build asks."""


class KnownPair(NamedTuple):
    """A candidate, and what a judge must say of it: yes to a case of the taxonomy itself, no to all others."""

    candidate: Example
    taxonomy: Taxonomy
    answer: Literal["yes", "no"]


@dataclass(frozen=True, slots=True)
class Calibration:
    """Of one judge on ``n`` known pairs."""

    threshold: float | None
    """Least probability of yes that counts as yes; None where the engine tells none, and the word decides."""
    accuracy: float
    """Share of right answers. With a threshold each half of the pairs is judged by the threshold of the other half."""
    low: float
    high: float
    """95% interval of the accuracy (Wilson)."""
    n: int

    def to_json(self) -> dict[str, Any]:
        """As the manifest holds it."""
        return asdict(self)


class Scored(NamedTuple):
    """How likely the judge holds yes to be, and whether yes is right."""

    probability: float
    is_yes: bool


def known_pairs(taxonomies: Sequence[Taxonomy]) -> list[KnownPair]:
    """As many of the answer yes as of no in each taxonomy, some hundred in all, whatever the order of the taxonomies.

    No is the answer to a change that keeps the meaning and to a case of another taxonomy, by turns. What is shown to
    the judge as a worked example is not asked. A taxonomy without cases of its own has no pairs.
    """
    most = max(1, MOST // (2 * max(1, len(taxonomies))))
    found: list[KnownPair] = []
    for taxonomy in sorted(taxonomies, key=lambda taxonomy: taxonomy.name):
        shown = set(chain(*worked_examples(taxonomy)))
        by_turns = chain.from_iterable(zip_longest(reworded(taxonomy), outside(taxonomy)))
        yes = [pair for pair in in_turn(made(taxonomy), taxonomy) if pair not in shown]
        no = [pair for pair in by_turns if pair and pair not in shown]
        each = min(most, len(yes), len(no))
        found += [_known(pair, taxonomy, "yes") for pair in yes[:each]]
        found += [_known(pair, taxonomy, "no") for pair in no[:each]]
    return found


def _known(pair: Texts, taxonomy: Taxonomy, answer: Literal["yes", "no"]) -> KnownPair:
    reference, response = pair
    candidate = Example(
        id="", response=response, source="", license="", attribution="", group="",
        kind="perturbed", reference=reference, taxonomy=taxonomy.name, edits=tuple(diff(reference, response).edits),
    )  # fmt: skip
    return KnownPair(candidate, taxonomy, answer)


def calibrate(pairs: Sequence[KnownPair], answers: Sequence[Answer]) -> Calibration | None:
    """The judge's threshold and accuracy, from its answers to the known pairs, in their order; None without any pairs.

    An answer that is neither yes nor no, or that could not be had, is a wrong one.
    """
    if not pairs:
        return None
    given = [(pair, answer) for pair, answer in zip(pairs, answers, strict=True) if reply(answer)]
    scored = [
        Scored(answer.probabilities["yes"], pair.answer == "yes")
        for pair, answer in given
        if answer.probabilities is not None and "yes" in answer.probabilities
    ]
    if scored and len(scored) == len(given):
        threshold, right = best_threshold(scored), _right_out_of_fold(scored)
    else:
        threshold, right = None, sum(reply(answer) == pair.answer for pair, answer in given)
    return Calibration(threshold, right / len(pairs), *wilson(right, len(pairs)), len(pairs))


def best_threshold(scored: Sequence[Scored]) -> float:
    """The least probability, 0 to 1, to count as yes, so that the balanced accuracy is best.

    Of several equally good ones it is the middle of the widest gap between two probabilities.

    >>> best_threshold([Scored(0.25, False), Scored(0.5, True), Scored(0.75, True)])
    0.375
    """
    edges = sorted({0.0, *(each.probability for each in scored), 1.0})
    found = [(_right(scored, 0.0), 0.0, 0.0)]
    for below, above in pairwise(edges):
        middle = (below + above) / 2
        threshold = middle if middle > below else above  # between neighbours among the floats there is none
        found.append((_right(scored, threshold), above - below, threshold))
    return max(found)[2]


def _right(scored: Sequence[Scored], threshold: float) -> int:
    """The balanced accuracy of a threshold, times a whole number that is the same for all."""
    right = Counter(each.is_yes for each in scored if (each.probability >= threshold) is each.is_yes)
    of = Counter(each.is_yes for each in scored)
    return right[True] * max(1, of[False]) + right[False] * max(1, of[True])


def _right_out_of_fold(scored: Sequence[Scored]) -> int:
    """How many are judged rightly by the threshold that is best for the other half; yes and no are halved alike."""
    sorts = [[each for each in scored if each.is_yes is is_yes] for is_yes in (True, False)]
    even, odd = ([each for sort in sorts for each in sort[start::2]] for start in (0, 1))
    halves = ((even, best_threshold(odd)), (odd, best_threshold(even)))
    return sum((each.probability >= threshold) is each.is_yes for half, threshold in halves for each in half)
