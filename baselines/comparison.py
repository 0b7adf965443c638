"""Several detectors beside each other on the same responses: the paper's tables 1, 2 and 11, and controls.

A detector is a trained model, anything else that tells spans or scores, or what has looked at nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from baselines.intervals import RESAMPLES, ranked, resamples
from baselines.metrics import Evaluation, Figure, Figures, figure_of
from baselines.predictions import Floats, Ints, Predictions
from baselines.response_scores import minimum
from baselines.tables import percent, table, with_interval
from tldr_data.errors import InputError
from tldr_data.labels import BAD

_COLUMNS = {
    "token_accuracy": "A_T",
    "sentence_accuracy": "A_S",
    "response_accuracy": "A_R",
    "ap_neg": "AP(neg)",
    "ap_pos": "AP(pos)",
}


class Detector(NamedTuple):
    """What is told of one detector on one test set."""

    name: str
    evaluation: Evaluation
    swapped: Figures | None = None
    """The same model's figures where each text has another image."""
    blank: Figures | None = None
    """The same where every image is grey."""


class Pairs(NamedTuple):
    """Of texts that are true of one image and false of another that differs in nothing else."""

    told_apart: Figure
    """Share of texts whose lowest reward is higher on the image that they are true of; ties count half."""
    all_four: Figure
    """Share of image pairs whose two texts are both told apart."""


def accuracy_table(detectors: Sequence[Detector]) -> str:
    """The columns of the paper's tables 1 and 2, one line a detector."""
    return table(("detector", *_COLUMNS.values()), [(one.name, *_values(one)) for one in detectors])


def _values(one: Detector) -> Iterator[str]:
    """Of one reward a response only what is told of responses: it calls no token."""
    for column in _COLUMNS:
        if has_one_reward(one.evaluation) and column != "response_accuracy":
            yield ""
        else:
            found = one.evaluation.figures
            yield with_interval(found[column]) if column in found else "undefined"


def taxonomy_table(detectors: Sequence[Detector]) -> str:
    """The paper's table 11: responses called rightly, by taxonomy, half of them perturbed; one column a detector."""
    names = sorted({name for one in detectors for name in one.evaluation.taxonomies})
    rows = []
    for name in names:
        found = [one.evaluation.taxonomies.get(name, {}).get("response_accuracy") for one in detectors]
        size = next(figure.n for figure in found if figure is not None)
        rows.append((name, f"{size:,}", *("undefined" if one is None else with_interval(one) for one in found)))
    return table(("taxonomy", "responses", *(one.name for one in detectors)), rows)


def response_table(detectors: Sequence[Detector]) -> str:
    """False responses told from true ones by each score of a response; a naive model has one score alone."""
    rows = []
    for one in detectors:
        for rule, figures in _rules(one).items():
            found = (with_interval(figures[name]) if name in figures else "undefined" for name in ("auc", "accuracy"))
            rows.append((one.name, rule, *found))
    return table(("detector", "score", "AUROC", "right, threshold from validation"), rows)


def rule_table(detectors: Sequence[Detector]) -> str:
    """AUROC of each score of a response, by taxonomy, half of the responses perturbed: what a rule costs, and where."""
    names = sorted({name for one in detectors for name in one.evaluation.taxonomy_scores})
    rows = []
    for one in detectors:
        for rule, own in _rule_names(one).items():
            scores = [one.evaluation.taxonomy_scores.get(name, {}).get(rule, {}).get("auc") for name in names]
            rows.append((one.name, own, *("undefined" if auc is None else percent(auc.value) for auc in scores)))
    return table(("detector", "score", *names), rows)


def word_table(detectors: Sequence[Detector]) -> str:
    """Average precision of BAD tokens, and of BAD words by the lowest, the mean and the last reward of their tokens."""
    rows = [
        (one.name, with_interval(one.evaluation.figures["ap_neg"]), *map(with_interval, one.evaluation.words.values()))
        for one in detectors
        if one.evaluation.words and not has_one_reward(one.evaluation)
    ]
    return table(("detector", "tokens", "words, by their lowest reward", "their mean", "their last"), rows)


def _rules(one: Detector) -> Mapping[str, Figures]:
    return {own: one.evaluation.response_scores[rule] for rule, own in _rule_names(one).items()}


def _rule_names(one: Detector) -> Mapping[str, str]:
    """What each rule is called in the tables; of one reward a response every rule makes the same."""
    if has_one_reward(one.evaluation):
        return {"minimum": "its one reward"}
    return {rule: rule for rule in one.evaluation.response_scores}


def has_one_reward(evaluation: Evaluation) -> bool:
    """Whether each response has one, as of a naive model."""
    figures = evaluation.figures
    return figures["bad_tokens"].n == figures["bad_responses"].n


def seed_table(detectors: Sequence[Detector]) -> str | None:
    """Mean and range over training seeds of detectors called NAME-0, NAME-1, ...; None where there are none.

    The best score of a response is chosen on validation, as its threshold is.
    """
    arms: dict[str, list[Detector]] = {}
    for one in detectors:
        name, _, seed = one.name.rpartition("-")
        if seed.isdigit():
            arms.setdefault(name, []).append(one)
    rows = [
        (name, f"{len(own)}", *(_spread([value(one) for one in own]) for value in (_ap, _right, _best)))
        for name, own in arms.items()
        if len(own) > 1
    ]
    heads = ("detector", "seeds", "AP(neg)", "A_R", "right by its best score")
    return table(heads, rows) if rows else None


def _ap(one: Detector) -> float | None:
    return None if has_one_reward(one.evaluation) else one.evaluation.figures["ap_neg"].value


def _right(one: Detector) -> float | None:
    return one.evaluation.figures["response_accuracy"].value


def _best(one: Detector) -> float | None:
    best = one.evaluation.best_rule
    return None if best is None else one.evaluation.response_scores[best]["accuracy"].value


def _spread(values: Sequence[float | None]) -> str:
    """
    >>> _spread([0.5, 0.75]), _spread([0.5, None])
    ('62.5 (50.0 to 75.0)', 'undefined')
    """
    known = [value for value in values if value is not None]
    if len(known) < len(values):
        return "undefined"
    return f"{percent(sum(known) / len(known))} ({percent(min(known))} to {percent(max(known))})"


def control_table(detectors: Sequence[Detector]) -> str:
    """AP of BAD tokens with the images, without any, and with those of other texts."""
    rows = [
        (one.name, *(with_interval(found["ap_neg"]) for found in (one.evaluation.figures, one.blank, one.swapped)))
        for one in detectors
        if one.blank is not None and one.swapped is not None and not has_one_reward(one.evaluation)
    ]
    return table(("detector", "AP(neg)", "images blank", "images swapped"), rows)


def random_scores(predictions: Predictions, seed: int = 0) -> Predictions:
    """As a detector says that draws P(GOOD) of every token from 0 to 1: what a figure gives for guessing."""
    drawn = np.random.default_rng(seed).random(len(predictions.scores))
    return replace(predictions, scores=drawn, characters=None)


def gain(seeing: Predictions, reading: Predictions, number: int = RESAMPLES, seed: int = 0) -> Figure:
    """(AP - AP_text) / (1 - AP_text) of BAD tokens: of what the text alone leaves open, how much the image answers.

    ``reading`` is what a model of the same kind says that was trained without images. Both are resampled together.

    Raises:
        InputError: the two are not of the same tokens.
    """
    seeing, reading = seeing.labelled(), reading.labelled()
    if not np.array_equal(seeing.ids, reading.ids) or not np.array_equal(seeing.labels, reading.labels):
        raise InputError("the two detectors judge different tokens: both must be of one dataset and one tokenizer")
    groups, group = np.unique(seeing.groups, return_inverse=True)
    weights, bad = resamples(len(groups), number, seed), seeing.labels == BAD
    found = [ranked(-one.scores, bad, group[one.response], weights).average_precision for one in (seeing, reading)]
    left = 1 - found[1]
    answered = np.divide(found[0] - found[1], left, out=np.full(len(left), np.nan), where=left > 0)
    return figure_of(answered, len(bad), "tokens")


def pairs(predictions: Predictions, number: int = RESAMPLES, seed: int = 0) -> Pairs:
    """Image pairs (docs/data-format.md, "Image pairs") of what a detector says of a dataset built with ``--pairs``.

    Raises:
        InputError: no text is there with both of its images.
    """
    lowest = dict(zip(predictions.ids.tolist(), minimum(predictions).tolist(), strict=True))
    group_of = dict(zip(predictions.ids.tolist(), predictions.groups.tolist(), strict=True))
    back = {name.rpartition("#")[0]: name for name in lowest if "#" in name}
    quadruples = [names for name in lowest if (names := _quadruple(name, back)) and {*sum(names, ())} <= {*lowest}]
    if not quadruples:
        raise InputError("no image pairs: expected what `tldr-data build --pairs` makes")
    told = np.array([[_apart(lowest[true], lowest[false]) for true, false in names] for names in quadruples])
    groups, group = np.unique([group_of[names[0][0]] for names in quadruples], return_inverse=True)
    weights = resamples(len(groups), number, seed)
    return Pairs(
        figure_of(_mean(told.mean(1), group, weights), 2 * len(told), "texts"),
        figure_of(_mean((told == 1).all(1).astype(float), group, weights), len(told), "image pairs"),
    )


def _quadruple(name: str, back: Mapping[str, str]) -> tuple[tuple[str, str], tuple[str, str]] | None:
    """From the row of the changed text on the first image: rows in which each of the two texts is true, and false."""
    first, _, change = name.partition("#")
    second = f"{first}/{change}"
    return ((first, back[second]), (second, name)) if change and second in back else None


def _apart(true: float, false: float) -> float:
    return 0.5 if true == false else float(true > false)


def _mean(values: Floats, group: Ints, weights: Floats) -> Floats:
    sums, counts = np.bincount(group, values), np.bincount(group)
    return (weights @ sums) / np.maximum(weights @ counts, 1)
