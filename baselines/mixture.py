"""Which rows of a dataset a run takes, and how often."""

from __future__ import annotations

from collections.abc import Mapping

from baselines.config import Data


def weights_of(data: Data, parts: list[str]) -> dict[str, float]:
    """How often each part of the rows is drawn: clean ones and paraphrases once, unless something else is told."""
    told = dict(data.taxonomies)
    every = told.pop("all", 0.0)
    drawn: Mapping[str, float] = dict.fromkeys(sorted(set(parts) - {"clean", "paraphrase"}), every)
    beside = {"clean": 1.0, "paraphrase": float(data.paraphrases)}
    return {name: weight for name, weight in {**beside, **drawn}.items() if name in parts} | told


def one_taxonomy(data: Data) -> str:
    """What must be read: the rows of one taxonomy, or all."""
    named = set(data.taxonomies) - {"clean", "paraphrase"}
    return named.pop() if len(named) == 1 else "all"
