"""Teach ``tiny`` to see: ``python -m baselines.pretrain DATASET -o OUT``, before it learns rewards.

Its vision tower learns which words and pairs of words a true caption of the image holds (visual n-grams, Li et al.
2017): each place of the image votes for each of them, and the loudest place decides, so that "red circle" is learned
where it stands. What takes an image as a whole, as its counts, is told from the mean over the places. OUT is what
``model.weights`` of a run takes; the tower is frozen there.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy_with_logits, gelu

from baselines import scratch
from baselines.checkpoint import SETTINGS, Settings, write_settings
from baselines.command import status_of
from baselines.data import texts
from baselines.pixels import open_image
from baselines.resuming import begin
from baselines.rows import check_images, column, image_numbers, rows_at, table_of
from baselines.tiny import TinyConfig, TinyForTokenClassification, Tower
from baselines.train import manifest_of
from tldr_data.dataset import CLASS_LABELS
from tldr_data.errors import InputError
from tldr_data.manifest import licenses_of

if TYPE_CHECKING:
    import datasets

STEPS = 450
BATCH = 64
RATE = 2e-3
RAREST = 30
"""Images that must hold an n-gram for it to be learned."""
_WORD = re.compile(r"\w+")

Grams = set[tuple[str, ...]]


class Tags(nn.Module):
    """Places (B, P, D) to logits (B, N) of the n-grams: the loudest place's, and what their mean adds."""

    def __init__(self, config: TinyConfig, shares: Tensor) -> None:
        super().__init__()
        width, number = config.hidden_size, len(shares)
        self.place = nn.Linear(width, number)
        self.mean = nn.Linear(width, width)
        self.whole = nn.Linear(width, number, bias=False)
        self.places = config.side**2
        with torch.no_grad():
            self.place.bias.copy_(shares.logit())
            self.place.weight.mul_(0.3)
            self.whole.weight.mul_(0.3)

    def forward(self, seen: Tensor) -> Tensor:
        active = gelu(seen)
        loudest = self.place(active).logsumexp(1) - np.log(self.places)
        logits: Tensor = loudest + self.whole(gelu(self.mean(4 * active.mean(1))))
        return logits


def pretrain(place: str, out: Path, seed: int = 0) -> Path:
    """Writes tiny with a tower that sees, its tokenizer and its image processor into ``out``, and gives it.

    Raises:
        InputError: the dataset has no captions, or too few of them share a word; a row has no image.
        UsageError: ``out`` holds something else, or what another dataset gave; as ``baselines.rows.table_of`` does.
        HubError: as ``baselines.rows.table_of`` does.
    """
    manifest = manifest_of(place)
    begin(out, {"run": {"seed": seed}, "dataset": manifest["content_hash"], "weights": ""}, "auto")
    if (out / SETTINGS).is_file():
        print(f"{out}: is trained already", file=sys.stderr)
        return out
    torch.manual_seed(seed)
    tokenizer = scratch.tokenizer_of(texts(place))
    config = scratch.config_of(tokenizer)
    processor = scratch.image_processor_of(config)
    model = TinyForTokenClassification(config)
    pixels, captions = _captions(place, processor)
    learn(model.stem.tower, config, pixels, _tags(place, captions), seed)
    model.save_pretrained(out)
    tokenizer.save_pretrained(out)
    processor.save_pretrained(out)
    licenses = tuple(sorted(licenses_of(manifest)))
    write_settings(out, Settings(base="", dataset=place, licenses=licenses))
    return out


def _captions(place: str, processor: Any) -> tuple[Tensor, list[Grams]]:
    """Pixels (N, 3, H, W) of the images of the training split that have true captions, and the n-grams of these."""
    table = table_of(place, "all", "train")
    check_images(place, table)
    is_true = column(table, "kind").to_numpy() == CLASS_LABELS["kind"].index("clean")
    is_caption = column(table, "task").to_numpy() == CLASS_LABELS["task"].index("caption")
    chosen = np.flatnonzero(is_true & is_caption)
    images, responses = image_numbers(table)[chosen], column(table, "response").take(chosen).to_pylist()
    found: dict[int, Grams] = {}
    first: list[int] = []
    for at, image, response in zip(chosen.tolist(), images.tolist(), responses, strict=True):
        if image not in found:
            found[image] = set()
            first.append(at)
        found[image].update(_grams(response))
    # a few at a time: large images are not held together
    parts = [_pixels(table, first[at : at + BATCH], processor) for at in range(0, len(first), BATCH)]
    return torch.cat(parts) if parts else torch.empty(0), list(found.values())


def _pixels(table: datasets.Dataset, places: Sequence[int], processor: Any) -> Tensor:
    images = [open_image(row["image"], row["id"]) for row in rows_at(table, places)]
    pixels: Tensor = processor(images=images, return_tensors="pt")["pixel_values"]
    return pixels


def _grams(text: str) -> Iterator[tuple[str, ...]]:
    """
    >>> sorted(_grams("Two red circles."))
    [('circles',), ('red',), ('red', 'circles'), ('two',), ('two', 'red')]
    """
    words = _WORD.findall(text.lower())
    yield from ((word,) for word in words)
    yield from pairwise(words)


def _tags(place: str, captions: Sequence[Grams]) -> Tensor:
    """(images, n-grams) 1 where the captions of an image hold an n-gram; those of nearly all images are left out."""
    counts = Counter(gram for own in captions for gram in own)
    common = sorted(gram for gram, count in counts.items() if RAREST <= count <= 0.95 * len(captions))
    if not common:
        raise InputError(f"{place}: no word stands in the true captions of {RAREST} images and not in nearly all")
    return torch.tensor([[gram in own for gram in common] for own in captions], dtype=torch.float32)


def learn(tower: Tower, config: TinyConfig, pixels: Tensor, tags: Tensor, seed: int) -> float:
    """Trains the tower to tell tags (N, K), 0 or 1, of pixels (N, 3, H, W); gives the last loss."""
    head = Tags(config, tags.mean(0))
    weights = [*tower.parameters(), *head.parameters()]
    optimizer = torch.optim.AdamW(weights, lr=RATE, weight_decay=0.01, betas=(0.9, 0.98))
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, RATE, total_steps=STEPS, pct_start=0.05)
    random = torch.Generator().manual_seed(seed)
    for step in range(1, STEPS + 1):
        chosen = torch.randint(len(pixels), (BATCH,), generator=random)
        logits = head(tower(pixels[chosen]))
        loss = binary_cross_entropy_with_logits(logits, tags[chosen], reduction="sum") / BATCH
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        schedule.step()
        if step % 50 == 0:
            print(f"step {step} of {STEPS}  loss {loss.item():.4g} over {tags.shape[1]} n-grams", file=sys.stderr)
    return loss.item()


def main(arguments: list[str] | None = None) -> int:
    """The command; returns its exit status."""
    parser = argparse.ArgumentParser(prog="python -m baselines.pretrain", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("dataset", metavar="DATASET", help="folder of a build, or REPO@VERSION")
    parser.add_argument("-o", "--out", type=Path, required=True, help="folder to write")
    options = parser.parse_args(arguments)
    return status_of(lambda: pretrain(options.dataset, options.out))


if __name__ == "__main__":
    sys.exit(main())
