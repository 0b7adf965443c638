"""What a trained model says of a dataset: ``python -m baselines.predict CHECKPOINT DATASET -o OUT.jsonl``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal, get_args

from baselines.command import status_of
from baselines.outside import FORMS
from baselines.predictions import Scored, write_predictions
from baselines.responses import Responses, dataset_responses, outside_responses
from tldr_data.errors import InputError, UsageError

Images = Literal["shown", "blank", "swapped"]
BATCH = 64
"""Responses at a time."""


def predict(checkpoint: str | Path, responses: Responses, images: Images = "shown") -> Iterator[Scored]:
    """Every response with its rewards.

    ``blank`` shows the model grey images, ``swapped`` those of the next image group, whose texts these are not: what
    a figure does not lose by it, it owes to the texts. Raises what ``open_scorer`` and ``score`` raise.
    """
    from baselines.scoring import open_scorer, score

    scorer = open_scorer(checkpoint, blank=images == "blank")
    others = _others(responses) if images == "swapped" else {}
    for begin in range(0, len(responses.images), BATCH):
        numbers = responses.images[begin : begin + BATCH].tolist()
        rows = responses.at(range(begin, begin + len(numbers)))
        yield from score(scorer, [{**row, **others.get(at, {})} for at, row in zip(numbers, rows, strict=True)])


def _others(responses: Responses) -> dict[int, dict[str, Any]]:
    """For each image number the columns of the next image of another group; the last takes the first."""
    first: dict[int, int] = {}
    for place, number in enumerate(responses.images.tolist()):
        first.setdefault(number, place)
    shown = [{name: row[name] for name in ("group", "image", "image_id")} for row in responses.at(list(first.values()))]
    if len({row["group"] for row in shown}) < 2:
        raise InputError(f"{responses.name}: images cannot be swapped, the rows have only one image group")
    found = {}
    for place, number in enumerate(first):
        later = (shown[(place + step) % len(shown)] for step in range(1, len(shown)))
        other = next(one for one in later if one["group"] != shown[place]["group"])
        found[number] = {"image": other["image"], "image_id": other["image_id"]}
    return found


def add_responses(parser: argparse.ArgumentParser) -> None:
    """The arguments that say what is judged."""
    parser.add_argument("dataset", metavar="DATASET", help="folder of a build, REPO@VERSION, or a file: see --outside")
    parser.add_argument("--split", default="test", help="of a dataset (%(default)s)")
    parser.add_argument("--outside", choices=sorted(FORMS), help="DATASET is a test set of others, in this form")
    parser.add_argument("--images-in", type=Path, metavar="DIR", help="where the images of such a test set are")
    parser.add_argument("--limit", type=int, metavar="N", help="of these responses at most, whole image groups first")


def responses_of(options: argparse.Namespace) -> Responses:
    """What the arguments of ``add_responses`` name."""
    if options.outside is None:
        return dataset_responses(options.dataset, options.split, options.limit)
    if options.images_in is None:
        raise UsageError(f"--outside {options.outside}: needs --images-in DIR, the folder of its images")
    found, told = outside_responses(options.outside, Path(options.dataset), options.images_in, options.limit)
    if told:
        print(told, file=sys.stderr)
    return found


def main(arguments: list[str] | None = None) -> int:
    """The command; returns its exit status."""
    parser = argparse.ArgumentParser(prog="python -m baselines.predict", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("checkpoint", metavar="CHECKPOINT", help="folder that training or export wrote")
    add_responses(parser)
    parser.add_argument("-o", "--out", type=Path, required=True, help="JSON lines to write")
    parser.add_argument("--images", choices=get_args(Images), default="shown", help="what is shown (%(default)s)")
    return status_of(lambda: _written(parser.parse_args(arguments)))


def _written(options: argparse.Namespace) -> Path:
    write_predictions(options.out, predict(options.checkpoint, responses_of(options), options.images))
    return Path(options.out)


if __name__ == "__main__":
    sys.exit(main())
