"""What a trained model says of a dataset: ``python -m baselines.predict CHECKPOINT DATASET -o OUT.jsonl``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args

from baselines.command import status_of
from baselines.predictions import Scored, write_predictions
from tldr_data.errors import InputError

if TYPE_CHECKING:
    from baselines.data import Rows
    from baselines.scoring import Scorer

Images = Literal["shown", "blank", "swapped"]
BATCH = 64
"""Responses at a time."""


def predict(
    checkpoint: str | Path, place: str, *, split: str = "test", images: Images = "shown", limit: int | None = None
) -> Iterator[Scored]:
    """Every response of a split with its rewards, those of one image together.

    ``blank`` shows the model black images, ``swapped`` those of the next image group, whose texts these are not: what
    a figure does not lose by it, it owes to the texts. Raises what ``baselines.data.read`` and ``score`` raise.
    """
    from baselines.data import Order, read
    from baselines.scoring import open_scorer

    scorer = open_scorer(checkpoint, blank=images == "blank")
    rows = read([place], scorer.tokenizer, split=split)
    order = list(Order(rows, shuffle=False))[:limit]
    yield from _batches(scorer, rows, order, _others(rows, order) if images == "swapped" else {})


def _batches(scorer: Scorer, rows: Rows, order: list[int], others: dict[int, Any]) -> Iterator[Scored]:
    from baselines.scoring import score

    for begin in range(0, len(order), BATCH):
        at = order[begin : begin + BATCH]
        stored = rows.stored(at)
        yield from score(scorer, [{**row, **others.get(rows.images[n], {})} for n, row in zip(at, stored, strict=True)])


def _others(rows: Rows, order: list[int]) -> dict[int, Any]:
    """For each image number the columns of the next image of another group; the last takes the first."""
    first: dict[int, int] = {}
    for at in order:
        first.setdefault(int(rows.images[at]), at)
    stored = rows.stored(list(first.values()))
    if len({row["group"] for row in stored}) < 2:
        raise InputError("images cannot be swapped: the rows have only one image group")
    found = {}
    for place, (number, row) in enumerate(zip(first, stored, strict=True)):
        later = (stored[(place + step) % len(stored)] for step in range(1, len(stored)))
        other = next(one for one in later if one["group"] != row["group"])
        found[number] = {"image": other["image"], "image_id": other["image_id"]}
    return found


def main(arguments: list[str] | None = None) -> int:
    """The command; returns its exit status."""
    parser = argparse.ArgumentParser(prog="python -m baselines.predict", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("checkpoint", metavar="CHECKPOINT", help="folder that training or export wrote")
    parser.add_argument("dataset", metavar="DATASET", help="folder of a build, or REPO@VERSION")
    parser.add_argument("-o", "--out", type=Path, required=True, help="JSON lines to write")
    parser.add_argument("--split", default="test", help="(%(default)s)")
    parser.add_argument("--images", choices=get_args(Images), default="shown", help="(%(default)s)")
    parser.add_argument("--limit", type=int, help="responses at most")
    return status_of(lambda: _written(parser.parse_args(arguments)))


def _written(options: argparse.Namespace) -> Path:
    found = predict(
        options.checkpoint, options.dataset, split=options.split, images=options.images, limit=options.limit
    )
    write_predictions(options.out, found)
    return Path(options.out)


if __name__ == "__main__":
    sys.exit(main())
