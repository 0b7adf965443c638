"""Rewards of a trained model for rows that it has not seen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import torch
from torch import Tensor
from transformers import PreTrainedModel

from baselines.checkpoint import Settings, load_checkpoint, processors_of, read_settings
from baselines.data import Encoded, encode
from baselines.packing import Packed, Reading, reading_of
from baselines.predictions import Scored
from tldr_data.labels import BAD, GOOD, IGNORE


class Scorer(NamedTuple):
    """A checkpoint, ready to score."""

    model: PreTrainedModel
    tokenizer: Any
    reading: Reading
    settings: Settings


def open_scorer(checkpoint: str | Path, *, blank: bool = False) -> Scorer:
    """The scorer of a folder that training or ``baselines.export`` wrote, on a GPU if there is one.

    In bfloat16 on a GPU, in float32 on a CPU. ``blank`` shows it no image even if it was trained with them.

    Raises InputError where the folder is no checkpoint.
    """
    settings = read_settings(checkpoint)
    on_gpu = torch.cuda.is_available()
    model = load_checkpoint(checkpoint, dtype=torch.bfloat16 if on_gpu else torch.float32)
    tokenizer, image_processor = processors_of(checkpoint)
    reading = reading_of(
        model.config.model_type,
        tokenizer,
        image_processor,
        context=settings.context,  # type: ignore[arg-type]
        mask=settings.mask,  # type: ignore[arg-type]
        blank=blank or settings.images == "blank",
    )
    return Scorer(model.to("cuda") if on_gpu else model, tokenizer, reading, settings)


def score(scorer: Scorer, rows: Sequence[Mapping[str, Any]]) -> list[Scored]:
    """Rows of a dataset (docs/data-format.md) with P(GOOD) of each token, or of the whole response; order is kept.

    All of them at once: as many as memory takes. Those of one image share it.

    Raises InputError where a row or its image is broken.
    """
    examples = encode(rows, scorer.tokenizer)
    # a row is found again by its place: two datasets may use one id
    numbered = [example._replace(id=str(at)) for at, example in enumerate(examples)]
    batch = Packed(scorer.reading)(numbered)
    responses, branch = batch.pop("responses"), batch.pop("branch")
    batch.pop("labels")
    device, dtype = scorer.model.device, scorer.model.dtype
    moved = {name: tensor.to(device, dtype if tensor.is_floating_point() else None) for name, tensor in batch.items()}
    with torch.inference_mode():
        good = scorer.model(**moved).logits.sigmoid().float().cpu()
    found: dict[int, Tensor] = {}
    for row, names in enumerate(responses):
        found |= {int(name): good[row, branch[row] == number] for number, name in enumerate(names)}
    ending = len(scorer.reading.frame.end)
    return [
        _scored(row, example, found[at], ending, scorer.settings)
        for at, (row, example) in enumerate(zip(rows, examples, strict=True))
    ]


def _scored(row: Mapping[str, Any], example: Encoded, good: Tensor, ending: int, settings: Settings) -> Scored:
    """``good`` is of the branch: of a response that is read twice the second copy stands last."""
    if settings.rewards == "response":
        judged = set(example.labels) - {IGNORE}
        whole = BAD if BAD in judged else GOOD if judged else IGNORE
        offsets, scores, labels = [(0, len(row["response"]))], [float(good[-1])], [whole]
    else:
        last = len(good) - ending
        scores = good[last - len(example.tokens) : last].tolist()
        offsets, labels = example.spans, example.labels
    return Scored(
        id=row["id"],
        group=row["group"],
        kind=example.kind,
        taxonomy=row["taxonomy"],
        response=row["response"],
        offsets=offsets,
        scores=scores,
        labels=labels,
        errors=[(span["start"], span["end"]) for span in row["errors"]],
        collateral=[(span["start"], span["end"]) for span in row["collateral"]],
    )
