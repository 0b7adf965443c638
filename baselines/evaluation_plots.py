"""What people look at first: precision against recall, calibration, and each taxonomy; PNG files.

Matplotlib without pyplot: no window system is looked for, no state is shared.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from baselines.metrics import calibration, of_taxonomy
from baselines.predictions import Predictions
from tldr_data.labels import BAD

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def draw(detectors: Mapping[str, Predictions], folder: Path) -> None:
    """``precision_recall.png``, ``calibration.png`` and ``taxonomies.png`` of detectors on the same responses."""
    folder.mkdir(parents=True, exist_ok=True)
    labelled = {name: found.labelled() for name, found in detectors.items()}
    # one reward a response is no reward of a token; others are drawn alone if there are any
    labelled = {name: found for name, found in labelled.items() if len(found.scores) > len(found.ids)} or labelled
    for name, plot in (("precision_recall", _precision_recall), ("calibration", _calibration), ("taxonomies", _bars)):
        figure, axes = _canvas()
        plot(axes, labelled)
        figure.savefig(folder / f"{name}.png", dpi=150, metadata={"Software": None})


def _canvas() -> tuple[Figure, Axes]:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7, 4.5), layout="constrained")
    axes = figure.add_subplot()
    axes.spines[["top", "right"]].set_visible(False)
    return figure, axes


def _precision_recall(axes: Axes, detectors: Mapping[str, Predictions]) -> None:
    from sklearn.metrics import average_precision_score, precision_recall_curve

    for (name, found), colour in zip(detectors.items(), _cycle(detectors), strict=True):
        bad = found.labels == BAD
        if not bad.any():
            continue
        precision, recall, _ = precision_recall_curve(bad, -found.scores)
        label = f"{name}: {100 * average_precision_score(bad, -found.scores):.1f}"
        # the last point, without any token, is a convention
        axes.plot(recall[:-1], precision[:-1], color=colour, label=label, drawstyle="steps-post")
    axes.set(xlabel="BAD tokens found", ylabel="of those flagged, BAD", xlim=(0, 1), ylim=(0, 1.02))
    axes.set_title("Precision against recall of BAD tokens; AP in percent", loc="left", fontsize=10)
    axes.legend(frameon=False)


def _calibration(axes: Axes, detectors: Mapping[str, Predictions]) -> None:
    axes.plot([0, 1], [0, 1], color="#d5d8de", linewidth=1)
    for (name, found), colour in zip(detectors.items(), _cycle(detectors), strict=True):
        bins = calibration(found)
        scores, good = [one.score for one in bins], [one.good for one in bins]
        axes.plot(scores, good, marker="o", markersize=4, color=colour, label=name)
    axes.set(xlabel="mean P(GOOD)", ylabel="share that is GOOD", xlim=(0, 1.02), ylim=(0, 1.02))
    axes.set_title("Calibration: bins of about as many tokens each", loc="left", fontsize=10)
    axes.legend(frameon=False)


def _bars(axes: Axes, detectors: Mapping[str, Predictions]) -> None:
    """AP of BAD tokens of each taxonomy, as the tables have it."""
    from sklearn.metrics import average_precision_score

    told = {str(name) for one in detectors.values() for name in one.taxonomies[one.kinds == "perturbed"]}
    names = sorted(told - {""})  # others' test sets have none
    height = 0.8 / max(len(detectors), 1)
    for place, ((name, found), colour) in enumerate(zip(detectors.items(), _cycle(detectors), strict=True)):
        values = []
        for taxonomy in names:
            own = found.take(of_taxonomy(found, taxonomy))
            bad = own.labels == BAD
            values.append(100 * average_precision_score(bad, -own.scores) if bad.any() else 0.0)
        axes.barh(np.arange(len(names)) + place * height, values, height, color=colour, label=name)
    axes.set_yticks(np.arange(len(names)) + 0.4 - height / 2, names)
    axes.invert_yaxis()
    axes.set(xlabel="AP of BAD tokens, percent", xlim=(0, 100))
    axes.set_title("By taxonomy: its perturbed responses and as many references", loc="left", fontsize=10)
    axes.legend(frameon=False)


def _cycle(detectors: Mapping[str, Predictions]) -> list[str]:
    return [f"C{number}" for number in range(len(detectors))]
