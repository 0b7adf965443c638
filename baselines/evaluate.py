"""Compare detectors on a dataset: ``python -m baselines.evaluate DATASET NAME=SOURCE ... -o OUT``.

A source is a folder that training or export wrote, or JSON lines that ``baselines.predict`` or any other detector wrote
(``baselines.detections``). Into OUT go ``tables.md`` and ``tables.json`` with the paper's tables 1, 2 and 11 of these
detectors and of two that look at nothing, with controls of models (images blank, images swapped); each detector's own
figures and rewards; and plots. The same command goes on where it was stopped: a model is not asked twice.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from baselines import detections
from baselines.checkpoint import SETTINGS, read_settings
from baselines.command import status_of
from baselines.comparison import (
    Detector,
    Pairs,
    accuracy_table,
    control_table,
    gain,
    has_one_reward,
    pairs,
    random_scores,
    response_table,
    rule_table,
    seed_table,
    taxonomy_table,
    word_table,
)
from baselines.evaluation_plots import draw
from baselines.metrics import Figure, Figures, evaluate, figures
from baselines.predict import add_responses, responses_of
from baselines.predictions import Predictions, gather, read_predictions
from baselines.responses import Responses, dataset_responses
from baselines.rewards import rewards_of
from baselines.rows import has_split
from baselines.tables import as_json, as_markdown, percent, with_interval
from tldr_data.errors import InputError, UsageError

OWN = ("all GOOD", "random")
"""Detectors that are always there."""


class Sets(NamedTuple):
    """What detectors are asked of."""

    test: Responses
    validation: Responses | None = None
    """Gives the thresholds of responses and the learned score, of models."""
    paired: Responses | None = None
    """Of a dataset built with ``--pairs``: whether models tell texts apart by the image alone."""


def compare(sets: Sets, sources: Mapping[str, str], out: Path) -> str:
    """Writes all of it into ``out`` and gives the tables; ``sources``: name -> folder of a model, or file.

    Raises:
        UsageError: a name that is taken, or cannot be that of a file.
        InputError: a source cannot be used.
    """
    for name in sources:
        if name in OWN or not re.fullmatch(r"[\w.+-]+", name) or name == "tables":
            raise UsageError(
                f"name {name!r}: allowed are letters, digits and . _ + -, but not tables, {', '.join(OWN)}"
            )
    out.mkdir(parents=True, exist_ok=True)
    models = {name: source for name, source in sources.items() if _is_model(source)}
    found = {
        name: rewards_of(models[name], sets.test, "shown", out / "rewards" / f"{name}.jsonl")
        if name in models
        else _of_others(Path(source), sets.test)
        for name, source in sources.items()
    }
    tokenwise = (one for one in found.values() if len(one.scores) > len(one.ids))
    first = next(tokenwise, next(iter(found.values())))
    detectors = [_detector(name, one, models.get(name), sets, out) for name, one in found.items()]
    detectors += [Detector(OWN[0], evaluate(first.all_good())), Detector(OWN[1], evaluate(random_scores(first)))]
    gains = _gains(models, found)
    apart = {name: _apart(name, source, sets.paired, out) for name, source in models.items() if sets.paired}
    text = _told(sets.test.name, detectors, gains, apart)
    (out / "tables.md").write_text(text, encoding="utf-8")
    (out / "tables.json").write_text(json.dumps(_plain(detectors, gains, apart), indent=2) + "\n", encoding="utf-8")
    draw({**found, OWN[0]: first.all_good()}, out / "plots")
    return text


def _is_model(source: str) -> bool:
    is_model = (Path(source) / SETTINGS).is_file()
    if not is_model and not Path(source).is_file():
        raise InputError(f"{source}: neither a folder of a model (with {SETTINGS}) nor a file of predictions")
    return is_model


def _of_others(path: Path, responses: Responses) -> Predictions:
    """What ``baselines.predict`` wrote has the labels with it; what others tell is held against the rows."""
    rows = responses.at(range(len(responses.images)))
    with path.open("rb") as lines:
        if b'"offsets"' not in next(lines, b""):
            return gather(detections.scored(path, rows))
    told = {row.id: row for row in read_predictions(path)}
    for row in rows:
        if row["id"] not in told or told[row["id"]].response != row["response"]:
            raise InputError(f"{path}: does not tell of {row['id']} as it stands in {responses.name}")
    if len(told) > len(rows):
        raise InputError(f"{path}: tells of {len(told)} responses; {responses.name} has {len(rows)}")
    return gather(told[row["id"]] for row in rows)


def _detector(name: str, predictions: Predictions, model: str | None, sets: Sets, out: Path) -> Detector:
    validation, swapped, blank = None, None, None
    if model is not None:
        if sets.validation is not None:
            validation = rewards_of(model, sets.validation, "shown", out / "rewards" / f"{name}.validation.jsonl")
        settings = read_settings(model)
        if settings.images == "shown" and settings.rewards == "token":
            swapped = figures(rewards_of(model, sets.test, "swapped", out / "rewards" / f"{name}.swapped.jsonl"))
            blank = figures(rewards_of(model, sets.test, "blank", out / "rewards" / f"{name}.blank.jsonl"))
    evaluation = evaluate(predictions, validation)
    (out / f"{name}.md").write_text(as_markdown(evaluation), encoding="utf-8")
    (out / f"{name}.json").write_text(json.dumps(as_json(evaluation), indent=2) + "\n", encoding="utf-8")
    return Detector(name, evaluation, swapped, blank)


def _apart(name: str, model: str, paired: Responses, out: Path) -> Pairs:
    return pairs(rewards_of(model, paired, "shown", out / "rewards" / f"{name}.pairs.jsonl"))


def _gains(models: Mapping[str, str], found: Mapping[str, Predictions]) -> dict[str, Figure]:
    """Of each model that sees images, against the first that was trained without, if both have one tokenizer."""
    settings = {name: read_settings(model) for name, model in models.items()}
    tokenwise = {name: one.images for name, one in settings.items() if one.rewards == "token"}
    blind = next((name for name, images in tokenwise.items() if images == "blank"), None)
    if blind is None:
        return {}
    seeing = [name for name, images in tokenwise.items() if images == "shown"]
    alike = [name for name in seeing if np.array_equal(found[name].labels, found[blind].labels)]
    return {name: gain(found[name], found[blind]) for name in alike}


def _told(title: str, detectors: list[Detector], gains: Mapping[str, Figure], apart: Mapping[str, Pairs]) -> str:
    whole = next((one.evaluation for one in detectors if not has_one_reward(one.evaluation)), detectors[0].evaluation)
    tokens, responses = whole.figures["bad_tokens"], whole.figures["bad_responses"]
    parts = [
        f"# {title}",
        f"{whole.responses:,} responses to {whole.groups:,} images. BAD, in percent: {percent(tokens.value)} of "
        f"{tokens.n:,} {tokens.unit}, {percent(responses.value)} of the responses. All figures in percent, with 95% "
        "intervals (bootstrap over images).",
        "## Tokens, sentences and responses (the paper's tables 1 and 2)",
        accuracy_table(detectors),
        "## Words: AP(neg)",
        word_table(detectors),
        "## Responses called rightly, by taxonomy (the paper's table 11)",
        taxonomy_table(detectors),
        "## Scores of a response",
        response_table(detectors),
        "## The same by taxonomy: AUROC",
        rule_table(detectors),
        "## Controls",
        control_table(detectors),
    ]
    if seeds := seed_table(detectors):
        parts += ["## Over training seeds: mean, lowest and highest", seeds]
    for name, figure in gains.items():
        parts.append(
            f"{name}: the image answers {with_interval(figure)} percent of what the text alone leaves open "
            "((AP - AP of text) / (1 - AP of text), of BAD tokens)."
        )
    for name, one in apart.items():
        parts.append(
            f"{name}, on image pairs: of {one.told_apart.n:,} texts {with_interval(one.told_apart)} percent are rated "
            "higher on the image that they are true of (chance 50); both texts of "
            f"{with_interval(one.all_four)} percent of the pairs."
        )
    return "\n\n".join(parts) + "\n"


def _plain(detectors: list[Detector], gains: Mapping[str, Figure], apart: Mapping[str, Pairs]) -> dict[str, Any]:
    def plain(own: Figures | None) -> dict[str, Any] | None:
        return None if own is None else {name: figure._asdict() for name, figure in own.items()}

    return {
        "detectors": {
            one.name: {
                **as_json(one.evaluation),
                "images_swapped": plain(one.swapped),
                "images_blank": plain(one.blank),
            }
            for one in detectors
        },
        "gain_over_text": plain(gains),
        "image_pairs": {name: plain(one._asdict()) for name, one in apart.items()},
    }


def main(arguments: list[str] | None = None) -> int:
    """The command; returns its exit status."""
    parser = argparse.ArgumentParser(prog="python -m baselines.evaluate", description=(__doc__ or "").splitlines()[0])
    add_responses(parser)
    parser.add_argument("sources", metavar="NAME=SOURCE", nargs="+", help="folder of a model, or JSON lines")
    parser.add_argument("-o", "--out", type=Path, required=True, help="folder to write")
    parser.add_argument("--pairs", metavar="DATASET", help="built with --pairs: a control of models")
    options = parser.parse_intermixed_args(arguments)
    return status_of(lambda: _compared(options))


def _compared(options: argparse.Namespace) -> str:
    sources = dict(source.partition("=")[::2] for source in options.sources)
    if len(sources) < len(options.sources) or not all(sources.values()):
        raise UsageError(f"{' '.join(options.sources)}: each is NAME=SOURCE, and no name comes twice")
    paired = dataset_responses(options.pairs, "test") if options.pairs else None
    return compare(Sets(responses_of(options), _validation(options), paired), sources, options.out)


def _validation(options: argparse.Namespace) -> Responses | None:
    """None where there is none: of a test set of others, of what is judged itself, of a build without that split."""
    if options.outside or options.split == "validation":
        return None
    return dataset_responses(options.dataset, "validation") if has_split(options.dataset, "validation") else None


if __name__ == "__main__":
    sys.exit(main())
