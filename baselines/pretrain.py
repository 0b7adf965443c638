"""Teach ``tiny`` to see: ``python -m baselines.pretrain DATASET -o OUT``, before it learns rewards.

Its vision tower learns which words and pairs of words true texts on the image hold (visual n-grams, Li et al. 2017):
each place of the image votes for each of them, and the loudest place decides, so that "red circle" is learned where it
stands. What takes an image as a whole, as its counts, is told from the mean over the places. OUT is what
``model.weights`` of a run takes; the tower is frozen there.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice, pairwise
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
from baselines.rows import check_images, column, first_places, image_numbers, manifest_of, table_of
from baselines.tiny import TinyConfig, TinyForTokenClassification, Tower
from tldr_data.dataset import CLASS_LABELS
from tldr_data.errors import InputError, UsageError
from tldr_data.example import Example
from tldr_data.manifest import licenses_of
from tldr_data.sources import open_source

if TYPE_CHECKING:
    import datasets

STEPS = 900
BATCH = 64
RATE = 3e-3
RAREST = 0.006
"""Share of the images whose texts must hold an n-gram for it to be learned."""
_WORD = re.compile(r"\w+")
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+")
_NEGATION = re.compile(r"\b(?:no|not|never|none|nothing|without)\b|n't\b", re.IGNORECASE)

Gram = tuple[str, ...]
Pair = tuple[Any, list[str]]
"""An image, and what is said of it."""


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


def pretrain(place: str, out: Path, *, steps: int = STEPS, seed: int = 0, drawn: tuple[str, int] | None = None) -> Path:
    """Writes tiny with a tower that sees, its tokenizer and its image processor into ``out``, and gives it.

    Args:
        steps: of ``BATCH`` images each.
        drawn: a source of scenes and a number: so many of them are looked at beside those of the dataset.
        seed: of the weights, and of these scenes.

    Raises:
        InputError: too few true texts share a word; a row has no image.
        UsageError: fewer than 1 step; the source is unknown, needs a path, or draws what the dataset holds; ``out``
            holds something else, or what another dataset gave; as ``baselines.rows.table_of`` does.
        HubError: as ``baselines.rows.table_of`` does.
    """
    if steps < 1:
        raise UsageError(f"--steps {steps}: allowed are 1 and more")
    manifest = manifest_of(place)
    told = {"steps": steps, "seed": seed, "drawn": list(drawn or ())}
    begin(out, {"run": told, "dataset": manifest["content_hash"], "weights": ""}, "auto")
    if (out / SETTINGS).is_file():
        print(f"{out}: is trained already", file=sys.stderr)
        return out
    torch.manual_seed(seed)
    tokenizer = scratch.tokenizer_of(texts(place))
    table = _true_rows(place)
    config = scratch.config_of(tokenizer, max(open_image(table[0]["image"], table[0]["id"]).size))
    processor = scratch.image_processor_of(config)
    model = TinyForTokenClassification(config)
    others = _drawn(*drawn, seed, set(column(table, "group").to_pylist())) if drawn else ()
    pixels, found = _read(chain(_of_rows(table), others), processor)
    grams = _common(place, found)
    tags = torch.tensor([[gram in own for gram in grams] for own in found], dtype=torch.float32)
    learn(model.stem.tower, Tags(config, tags.mean(0)), pixels, tags, steps, seed)
    model.save_pretrained(out)
    tokenizer.save_pretrained(out)
    processor.save_pretrained(out)
    licenses = tuple(sorted(licenses_of(manifest)))
    write_settings(out, Settings(base="", dataset=place, licenses=licenses))
    return out


def _true_rows(place: str) -> datasets.Dataset:
    """Captions and answers of the training split that are true as they came."""
    table = table_of(place, "all", "train")
    check_images(place, table)
    is_true = column(table, "kind").to_numpy() == CLASS_LABELS["kind"].index("clean")
    if not is_true.any():
        raise InputError(f"{place}: has no true texts in train to learn from")
    return table.select(np.flatnonzero(is_true))


def _of_rows(table: datasets.Dataset) -> Iterator[Pair]:
    """Each image, and what is said of it."""
    images = image_numbers(table)
    said: dict[int, list[str]] = {image: [] for image in images.tolist()}
    for image, response in zip(images.tolist(), column(table, "response").to_pylist(), strict=True):
        said[image].append(response)
    first = first_places(images)
    for image, own in said.items():
        row = table[int(first[image])]
        yield open_image(row["image"], row["id"]), own


def _drawn(source: str, number: int, seed: int, known: set[str]) -> Iterator[Pair]:
    """Scenes drawn for this alone. One of the training split is refused: its seed draws those of the test split too."""
    opened = open_source(source, path=None, seed=seed, limit=number)
    for row in opened.rows():
        made = [example for example in opened.examples(row) if isinstance(example, Example)]
        if made[0].group in known:
            raise UsageError(
                f"--seed {seed}: draws scenes that the dataset holds; allowed: another than it was built with"
            )
        yield open_image({"bytes": made[0].image, "path": None}, made[0].id), [example.response for example in made]


def _read(pairs: Iterable[Pair], processor: Any) -> tuple[Tensor, list[set[Gram]]]:
    """Pixels (N, 3, H, W) from 0 to 255, since floats of all images are four times as large, and their n-grams."""
    parts, found = [], []
    for some in _batched(pairs, BATCH):
        pixels = processor(images=[image for image, _ in some], return_tensors="pt")["pixel_values"]
        parts.append((pixels * 127.5 + 127.5).round().to(torch.uint8))
        found += [{gram for text in said for gram in _grams(text)} for _, said in some]
    return torch.cat(parts), found


def _batched(values: Iterable[Pair], size: int) -> Iterator[list[Pair]]:
    """Some at a time; itertools has it from Python 3.12 on."""
    iterator = iter(values)
    while some := list(islice(iterator, size)):
        yield some


def _grams(text: str) -> Iterator[Gram]:
    """Words and pairs of words of the sentences that deny nothing: what these name is not there to be seen.

    >>> sorted(_grams("Two red cups. There is no cat."))
    [('cups',), ('red',), ('red', 'cups'), ('two',), ('two', 'red')]
    """
    for sentence in _SENTENCE_END.split(text):
        if not _NEGATION.search(sentence):
            words = _WORD.findall(sentence.lower())
            yield from ((word,) for word in words)
            yield from pairwise(words)


def _common(place: str, told: Sequence[set[Gram]]) -> list[Gram]:
    """The n-grams to be learned: those of nearly all images tell nothing, and rare ones cannot be learned."""
    counts = Counter(gram for own in told for gram in own)
    common = sorted(gram for gram, count in counts.items() if RAREST * len(told) <= count <= 0.95 * len(told))
    if not common:
        raise InputError(
            f"{place}: no word stands in the true texts on {RAREST:.1%} of the images and not in nearly all"
        )
    return common


def learn(tower: Tower, head: Tags, pixels: Tensor, tags: Tensor, steps: int, seed: int) -> float:
    """Trains the tower to tell tags (N, K), 0 or 1, of pixels (N, 3, H, W), 0 to 255; gives the last loss."""
    weights = [*tower.parameters(), *head.parameters()]
    optimizer = torch.optim.AdamW(weights, lr=RATE, weight_decay=0.01, betas=(0.9, 0.98))
    # of 20 steps, whose warm-up is one, it divides by zero
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, RATE, total_steps=max(steps, 21), pct_start=0.05)
    random = torch.Generator().manual_seed(seed)
    for step in range(1, steps + 1):
        chosen = torch.randint(len(pixels), (BATCH,), generator=random)
        logits = head(tower(pixels[chosen] / 127.5 - 1))
        loss = binary_cross_entropy_with_logits(logits, tags[chosen], reduction="sum") / BATCH
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        schedule.step()
        if step % 50 == 0:
            print(f"step {step} of {steps}  loss {loss.item():.4g} over {tags.shape[1]} n-grams", file=sys.stderr)
    return loss.item()


def main(arguments: list[str] | None = None) -> int:
    """The command; returns its exit status."""
    parser = argparse.ArgumentParser(prog="python -m baselines.pretrain", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("dataset", metavar="DATASET", help="folder of a build, or REPO@VERSION")
    parser.add_argument("-o", "--out", type=Path, required=True, help="folder to write")
    parser.add_argument("--steps", type=int, default=STEPS, help=f"of {BATCH} images each (%(default)s)")
    parser.add_argument("--scenes", metavar="SOURCE", choices=("scenes", "scenes-easy"), help="draw more of these")
    parser.add_argument("--limit", type=int, default=10_000, help="how many scenes are drawn (%(default)s)")
    parser.add_argument("--seed", type=int, default=0, help="of weights and drawn scenes (%(default)s)")
    options = parser.parse_args(arguments)
    drawn = (options.scenes, options.limit) if options.scenes else None
    return status_of(
        lambda: pretrain(options.dataset, options.out, steps=options.steps, seed=options.seed, drawn=drawn)
    )


if __name__ == "__main__":
    sys.exit(main())
