"""Compare detectors on a dataset: ``python -m baselines.evaluate DATASET NAME=SOURCE ... -o OUT``.

A source is a folder that training or export wrote, or JSON lines that ``baselines.predict`` wrote. Into OUT go
``tables.md`` and ``tables.json`` with the paper's tables 1, 2 and 11 of these detectors and of two that look at
nothing, with controls of models (images blank, images swapped); each detector's own figures and rewards; and plots.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from baselines.checkpoint import SETTINGS, read_settings
from baselines.command import status_of
from baselines.comparison import (
    Detector,
    Pairs,
    accuracy_table,
    control_table,
    gain,
    pairs,
    random_scores,
    response_table,
    taxonomy_table,
)
from baselines.evaluation_plots import draw
from baselines.metrics import Figure, evaluate, figures
from baselines.predict import Images, predict
from baselines.predictions import Predictions, gather, read_predictions, write_predictions
from baselines.tables import as_json, as_markdown, with_interval
from tldr_data.errors import InputError, UsageError

OWN = ("all GOOD", "random")
"""Detectors that are always there."""


def compare(
    place: str, sources: Mapping[str, str], out: Path, *, split: str = "test", paired: str | None = None
) -> str:
    """Writes all of it into ``out`` and gives the tables.

    Args:
        place: a dataset, here or REPO@VERSION; its validation split gives the thresholds of responses.
        sources: name -> folder of a model, or file of predictions.
        paired: a dataset built with ``--pairs``, for a control of models: texts told apart by the image alone.

    Raises:
        UsageError: no source, or a name that is taken.
        InputError: a source cannot be used.
    """
    if not sources or set(sources) & set(OWN):
        raise UsageError(f"sources {', '.join(sources) or 'none'}: give NAME=SOURCE, with names other than {OWN}")
    out.mkdir(parents=True, exist_ok=True)
    found = {name: _predicted(name, source, place, split, out) for name, source in sources.items()}
    first = next(iter(found.values()))
    detectors = [_detector(name, sources[name], one, place, split, out) for name, one in found.items()]
    detectors.append(Detector(OWN[0], evaluate(first.all_good())))
    detectors.append(Detector(OWN[1], evaluate(random_scores(first))))
    gains = _gains(sources, found)
    apart = {
        name: pairs(_cached(name, source, paired, split, "shown", out, "pairs"))
        for name, source in sources.items()
        if paired and _is_model(source)
    }
    text = _told(detectors, gains, apart, place, split)
    (out / "tables.md").write_text(text, encoding="utf-8")
    (out / "tables.json").write_text(json.dumps(_plain(detectors, gains, apart), indent=2) + "\n", encoding="utf-8")
    draw({**found, OWN[0]: first.all_good()}, out / "plots")
    return text


def _predicted(name: str, source: str, place: str, split: str, out: Path) -> Predictions:
    if _is_model(source):
        return _cached(name, source, place, split, "shown", out)
    return gather(read_predictions(Path(source)))


def _detector(name: str, source: str, predictions: Predictions, place: str, split: str, out: Path) -> Detector:
    if not _is_model(source):
        evaluation = evaluate(predictions)
        detector = Detector(name, evaluation)
    else:
        evaluation = evaluate(predictions, _cached(name, source, place, "validation", "shown", out))
        detector = Detector(name, evaluation)
        if read_settings(source).images == "shown":
            swapped, blank = (
                figures(_cached(name, source, place, split, images, out)) for images in ("swapped", "blank")
            )
            detector = detector._replace(swapped=swapped, blank=blank)
    (out / f"{name}.md").write_text(as_markdown(evaluation), encoding="utf-8")
    (out / f"{name}.json").write_text(json.dumps(as_json(evaluation), indent=2) + "\n", encoding="utf-8")
    return detector


def _cached(name: str, source: str, place: str, split: str, images: Images, out: Path, kind: str = "") -> Predictions:
    """Rewards of a model, written down beside the tables."""
    path = out / "rewards" / f"{'.'.join(filter(None, (name, kind, split, images)))}.jsonl"
    print(f"{name}: {kind or split}, images {images}", file=sys.stderr)
    write_predictions(path, predict(source, place, split=split, images=images))
    return gather(read_predictions(path))


def _is_model(source: str) -> bool:
    if not Path(source).exists():
        raise InputError(f"{source}: neither a folder of a model nor a file of predictions")
    return (Path(source) / SETTINGS).is_file()


def _gains(sources: Mapping[str, str], found: Mapping[str, Predictions]) -> dict[str, Figure]:
    """Of each model that sees images, against the first that was trained without, if both have one tokenizer."""
    models = {name: read_settings(source) for name, source in sources.items() if _is_model(source)}
    models = {name: settings for name, settings in models.items() if settings.rewards == "token"}
    blind = next((name for name, settings in models.items() if settings.images == "blank"), None)
    if blind is None:
        return {}
    seeing = [name for name, one in models.items() if one.images == "shown"]
    alike = [name for name in seeing if np.array_equal(found[name].labels, found[blind].labels)]
    return {name: gain(found[name], found[blind]) for name in alike}


def _told(
    detectors: list[Detector], gains: Mapping[str, Figure], apart: Mapping[str, Pairs], place: str, split: str
) -> str:
    whole = detectors[0].evaluation
    bad = whole.figures["bad_tokens"], whole.figures["bad_responses"]
    parts = [
        f"# {split} of {place}",
        f"{whole.responses:,} responses to {whole.groups:,} images. BAD: {_percent(bad[0])} of {bad[0].n:,} tokens, "
        f"{_percent(bad[1])} of the responses. Figures are in percent, with 95% intervals (bootstrap over images).",
        "## Tokens, sentences and responses (the paper's tables 1 and 2)",
        accuracy_table(detectors),
        "## Responses called rightly, by taxonomy (the paper's table 11)",
        taxonomy_table(detectors),
        "## Scores of a response",
        response_table(detectors),
        "## Controls",
        control_table(detectors),
    ]
    for name, figure in gains.items():
        parts.append(
            f"{name}: the image answers {with_interval(figure)}% of what the text alone leaves open "
            "((AP - AP of text) / (1 - AP of text), of BAD tokens)."
        )
    for name, found in apart.items():
        parts.append(
            f"{name}, on image pairs: {with_interval(found.told_apart)}% of {found.told_apart.n:,} texts are rated "
            f"higher on the image that they are true of (chance 50), both of {with_interval(found.all_four)}% of the "
            "pairs."
        )
    return "\n\n".join(parts) + "\n"


def _percent(figure: Figure) -> str:
    return "undefined" if figure.value is None else f"{100 * figure.value:.1f}%"


def _plain(detectors: list[Detector], gains: Mapping[str, Figure], apart: Mapping[str, Pairs]) -> dict[str, Any]:
    return {
        "detectors": {
            one.name: {
                **as_json(one.evaluation),
                "images_swapped": one.swapped and {name: figure._asdict() for name, figure in one.swapped.items()},
                "images_blank": one.blank and {name: figure._asdict() for name, figure in one.blank.items()},
            }
            for one in detectors
        },
        "gain_over_text": {name: figure._asdict() for name, figure in gains.items()},
        "image_pairs": {
            name: {part: figure._asdict() for part, figure in found._asdict().items()} for name, found in apart.items()
        },
    }


def main(arguments: list[str] | None = None) -> int:
    """The command; returns its exit status."""
    parser = argparse.ArgumentParser(prog="python -m baselines.evaluate", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("dataset", metavar="DATASET", help="folder of a build, or REPO@VERSION")
    parser.add_argument(
        "sources", metavar="NAME=SOURCE", nargs="+", help="a detector: folder of a model, or JSON lines"
    )
    parser.add_argument("-o", "--out", type=Path, required=True, help="folder to write")
    parser.add_argument("--split", default="test", help="(%(default)s)")
    parser.add_argument("--pairs", metavar="DATASET", help="built with --pairs: a control of models")
    options = parser.parse_args(arguments)
    return status_of(lambda: _compared(options))


def _compared(options: argparse.Namespace) -> str:
    sources = dict(source.partition("=")[::2] for source in options.sources)
    if len(sources) < len(options.sources) or not all(sources.values()):
        raise UsageError(f"{' '.join(options.sources)}: each is NAME=SOURCE, and no name comes twice")
    return compare(options.dataset, sources, options.out, split=options.split, paired=options.pairs)


if __name__ == "__main__":
    sys.exit(main())
