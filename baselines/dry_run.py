"""What a training run will take, told before any weight is fetched: parameters, memory, tokens, FLOP, hours."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from transformers import AutoConfig, PreTrainedConfig, PreTrainedModel

from baselines.architectures import architecture
from baselines.config import Run
from baselines.epoch import Epoch, Passes, epoch_of, passes_of
from baselines.fake_step import Flop, activations_of, fake_model, flop_of
from baselines.packing import Batch
from baselines.stand_ins import PIXELS, batch_of, image_tokens, reading
from baselines.tiny import TinyConfig
from tldr_data.errors import InputError, UsageError

GPUS = 8
H100 = 989e12
"""FLOP/s of an H100 (SXM) in bfloat16, without sparsity (NVIDIA's data sheet)."""
UTILISATION = 0.4


class Forecast(NamedTuple):
    """Memory in bytes and for each GPU; tokens, FLOP and rows of one epoch."""

    name: str
    parameters: int
    adapters: int
    head: int
    other_trained: int
    """Trained without being adapter or head: the whole model where there is no LoRA."""
    weights: int
    gradients: int
    moments: int
    """Adam's two."""
    buckets: int
    """DDP's copy of the gradients; none on one GPU."""
    activations: int
    """At the peak, of the largest pass of an epoch; its batch is among them."""
    largest: tuple[int, int]
    """Rows of that pass, and tokens of each."""
    source: str
    image_size: str
    packed: bool
    responses: int
    images: int
    rows: int
    """Each runs the vision tower once for its image."""
    tokens: int
    """Of the decoder, with padding."""
    other_tokens: int
    """What the epoch would take were it packed, or were it not."""
    flop: int
    """What is executed; ``model_flop`` is that without what checkpointing computes again."""
    model_flop: int
    tower_flop: int
    steps: int
    """Of the optimizer, in all epochs."""
    epochs: float

    def memory(self, gpus: int = GPUS) -> int:
        buckets = self.buckets if gpus > 1 else 0
        return self.weights + self.gradients + self.moments + buckets + self.activations

    def hours(self) -> float:
        """Of all epochs on eight H100 at ``UTILISATION``, counting model FLOP."""
        return self.model_flop * self.epochs / (GPUS * H100 * UTILISATION) / 3600


def forecast(run: Run) -> Forecast:
    """What ``run`` takes. Only configurations are read, and the dataset where it is at hand.

    Raises:
        UsageError: nothing tells the model's shapes, or the run asks for what the backbone cannot do.
        InputError: a configuration or the dataset cannot be read.
    """
    config = config_of(run)
    model = fake_model(run, config)
    read = reading(run, config)
    tokenizer = _tokenizer(run)
    epoch = epoch_of(run, tokenizer)
    passes = passes_of(run, epoch, read, image_tokens(config))
    other = run.model_copy(update={"data": run.data.model_copy(update={"packed": not run.data.packed})})
    others = passes_of(other, epoch_of(other, tokenizer), read, image_tokens(config))
    bf16 = run.steps.precision == "bf16"
    # Mllama's images take next to no tokens, but memory: the pass of most rows may need more than that of most tokens.
    candidates = {int(passes.tokens.argmax()), int(np.lexsort((passes.longest, passes.rows))[-1])}
    peaks = {number: activations_of(model, _batch(run, config, epoch, number), bf16=bf16) for number in candidates}
    largest = max(peaks, key=lambda number: peaks[number])
    typical = int(np.abs(passes.tokens - passes.tokens.mean()).argmin())
    flop = flop_of(model, _batch(run, config, epoch, typical), bf16=bf16)
    return Forecast(
        name=run.model.architecture or run.model.weights,
        **parameters_of(model),
        activations=peaks[largest],
        largest=(int(passes.rows[largest]), int(passes.longest[largest])),
        source=epoch.source,
        image_size=_image_size(config),
        packed=run.data.packed,
        responses=epoch.responses(),
        images=epoch.images(),
        rows=round(int(passes.rows.sum()) * epoch.times),
        tokens=round(int(passes.tokens.sum()) * epoch.times),
        other_tokens=round(int(others.tokens.sum()) * epoch.times),
        **_flop(flop, typical, epoch, passes),
        steps=math.ceil(epoch.responses() * run.steps.epochs / run.steps.responses_per_step),
        epochs=run.steps.epochs,
    )


def config_of(run: Run) -> PreTrainedConfig:
    """The model's shapes, from a file that is here already."""
    if run.model.architecture is not None:
        return architecture(run.model.architecture)
    if run.model.weights == "tiny":
        return TinyConfig()
    if not Path(run.model.weights).is_dir():
        raise UsageError(f"model.architecture is missing: {run.model.weights} is no folder, a dry run fetches nothing")
    try:
        return AutoConfig.from_pretrained(run.model.weights)
    except (OSError, ValueError) as error:
        raise InputError(f"{run.model.weights}: no configuration can be read: {str(error).splitlines()[0]}") from error


def _tokenizer(run: Run) -> Any:
    """The backbone's where it is here, else None."""
    from transformers import AutoTokenizer

    try:
        return AutoTokenizer.from_pretrained(run.model.weights, local_files_only=True)
    except (OSError, ValueError, KeyError):
        return None


def parameters_of(model: PreTrainedModel) -> dict[str, int]:
    """How many there are of each kind, and the bytes that they take; named as in ``Forecast``."""
    named = [(name, own) for name, own in model.named_parameters()]
    trained = [(name, own) for name, own in named if own.requires_grad]
    adapters = sum(own.numel() for name, own in trained if ".lora_" in name)
    head = sum(own.numel() for name, own in trained if "score." in name)
    gradients = sum(own.nbytes for _, own in trained)
    return {
        # peft keeps the head as it was beside the one that is trained
        "parameters": sum(own.numel() for name, own in named if ".lora_" not in name and "original_module" not in name),
        "adapters": adapters,
        "head": head,
        "other_trained": sum(own.numel() for _, own in trained) - adapters - head,
        "weights": sum(own.nbytes for _, own in named) + sum(own.nbytes for own in model.buffers()),
        "gradients": gradients,
        "moments": 2 * gradients,
        "buckets": gradients,
    }


def _batch(run: Run, config: PreTrainedConfig, epoch: Epoch, number: int) -> Batch:
    begin = number * run.steps.responses_per_pass
    return batch_of(run, config, epoch.part(begin, begin + run.steps.responses_per_pass))


def _flop(found: Flop, number: int, epoch: Epoch, passes: Passes) -> dict[str, int]:
    """Of the epoch: the tower's by the row, the decoder's by the token, as in the pass ``number``."""
    rows = epoch.times * int(passes.rows.sum()) / int(passes.rows[number])
    tokens = epoch.times * int(passes.tokens.sum()) / int(passes.tokens[number])
    tower = found.tower * rows
    return {
        "flop": round(tower + (found.executed - found.tower) * tokens),
        "model_flop": round(tower + (found.model - found.tower) * tokens),
        "tower_flop": round(tower),
    }


def _image_size(config: PreTrainedConfig) -> str:
    if config.model_type.startswith("qwen"):
        return f"images of {PIXELS[0]} x {PIXELS[1]} (assumed)"
    size = config.image_size if config.model_type == "tldr_tiny" else config.vision_config.image_size
    return f"images of {size} x {size}" + (", tiles" if config.model_type == "mllama" else "")


def render(found: Forecast) -> str:
    """The forecast in lines."""
    trained = found.adapters + found.head + found.other_trained
    rows, longest = found.largest
    ways = ("packed", "one row a response") if found.packed else ("one row a response", "packed")
    parts = {
        "weights": found.weights,
        "gradients": found.gradients,
        "Adam's moments": found.moments,
        "DDP's buckets": found.buckets,
        "activations": found.activations,
    }
    lines = [
        f"model        {found.name}: {_short(found.parameters)} parameters; trained {_short(trained)}: "
        f"LoRA {_short(found.adapters)}, head {_short(found.head)}, others {_short(found.other_trained)}",
        f"memory       {found.memory() / 1e9:.1f} GB on each of {GPUS} GPUs, {found.memory(1) / 1e9:.1f} on one alone; "
        "CUDA's own is not in it:",
        *[f"  {name:15s}{value / 1e9:6.2f} GB" for name, value in parts.items()],
        f"  at the largest pass: {rows} rows of {longest:,} tokens",
        f"data         {found.source}; {found.image_size}",
        f"epoch        {found.responses:,} responses, {found.images:,} images, read {found.rows:,} times",
        f"tokens       {_short(found.tokens)} an epoch, {ways[0]}, padding too; {ways[1]} {_short(found.other_tokens)}",
        f"FLOP         {found.model_flop:.3g} an epoch, of them the vision tower {found.tower_flop:.3g}; "
        f"executed {found.flop:.3g}, with what checkpointing computes again",
        f"steps        {found.steps:,} of the optimizer in epochs: {found.epochs:g}",
        f"time         {found.hours():.1f} hours on {GPUS} H100 at {UTILISATION:.0%} of {H100 / 1e12:.0f} TFLOP/s "
        "(bfloat16, dense; an assumption)",
    ]
    return "\n".join(lines)


def _short(number: float) -> str:
    """
    >>> _short(629_145_600), _short(2_049), _short(12)
    ('629 M', '2.05 k', '12')
    """
    for size, name in ((1e9, "B"), (1e6, "M"), (1e3, "k")):
        if number >= size:
            return f"{number / size:.3g} {name}"
    return str(number)
