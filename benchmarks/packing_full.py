"""Training PaliGemma-3B as the paper does, rows packed and not: responses/s, memory, share of the GPU's peak.

Random weights in the real shapes: bfloat16 backbone, LoRA of rank 512 and the head in float32, tower frozen, gradients
checkpointed, batches as training makes them. ``packing.py --full`` calls this.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch.nn.functional import scaled_dot_product_attention
from torch.nn.utils import clip_grad_norm_
from transformers import PreTrainedConfig, PreTrainedModel

from baselines.architectures import architecture
from baselines.config import Run
from baselines.data import Encoded
from baselines.dry_run import H100, parameters_of
from baselines.fake_step import activations_of, fake_model, flop_of
from baselines.losses import token_loss
from baselines.packing import Batch, Packed, Separate
from baselines.stand_ins import reading
from baselines.trainable import trainable

NAME = "paligemma-3b-mix-448"


class Figures(NamedTuple):
    """Of one pass of all responses."""

    rows: int
    length: int
    seconds: float
    """Forward and backward, and this pass's share of the optimizer's step."""
    tower: float
    attention: float
    flop: int
    peak: int
    """Bytes, 0 where the device does not tell."""
    foretold: int


def full_run() -> tuple[Run, PreTrainedConfig]:
    """The paper's run of PaliGemma-3B, and the shapes of its weights."""
    told = {"model": {"weights": NAME, "architecture": NAME}, "data": {"dataset": "none"}, "out": "none"}
    return Run.model_validate(told), architecture(NAME)


def compare(run: Run, config: PreTrainedConfig, examples: Sequence[Encoded], device: str, repeats: int) -> str:
    """The table: what rows of one response take, what packed rows take, and how many times as much."""
    foretold = [foretell(way, config, batch_of(way, config, examples)) for way in ways(run)]
    model, optimizer = made(run, config, device)
    found = []
    for way, (bytes_, flop) in zip(ways(run), foretold, strict=True):
        batch = on_device(batch_of(way, config, examples), device)
        found.append(measure(way, model, optimizer, batch, len(examples), repeats, flop, bytes_))
    return table(device, len(examples), *found)


def ways(run: Run) -> list[Run]:
    return [run.model_copy(update={"data": run.data.model_copy(update={"packed": told})}) for told in (False, True)]


def batch_of(run: Run, config: PreTrainedConfig, examples: Sequence[Encoded]) -> Batch:
    """With noise for pixels: zeros cost a GPU less power, and so less time."""
    torch.manual_seed(0)
    batch = (Packed if run.data.packed else Separate)(reading(run, config))(examples)
    return {**batch, "pixel_values": torch.randn_like(batch["pixel_values"])}


def foretell(run: Run, config: PreTrainedConfig, batch: Batch) -> tuple[int, int]:
    """Bytes at the peak on one GPU, and model FLOP."""
    model, bf16 = fake_model(run, config), run.steps.precision == "bf16"
    held = parameters_of(model)
    peak = held["weights"] + held["gradients"] + held["moments"] + activations_of(model, batch, bf16=bf16)
    return peak, flop_of(model, batch, bf16=bf16).model


def made(run: Run, config: PreTrainedConfig, device: str) -> tuple[PreTrainedModel, torch.optim.Optimizer]:
    torch.manual_seed(0)
    with torch.device(device):
        model = trainable(run, config).to(device).train()
    trained = [parameter for parameter in model.parameters() if parameter.requires_grad]
    return model, torch.optim.AdamW(trained, lr=1e-5, fused=True)


def on_device(batch: Batch, device: str) -> Batch:
    return {name: value.to(device) if isinstance(value, Tensor) else value for name, value in batch.items()}


def measure(
    run: Run,
    model: PreTrainedModel,
    optimizer: torch.optim.Optimizer,
    batch: Batch,
    responses: int,
    repeats: int,
    flop: int,
    foretold: int,
) -> Figures:
    device = batch["input_ids"].device.type
    work: dict[str, Callable[[], None]] = {
        "pass": lambda: one_pass(run, model, batch),
        "update": lambda: update(model, optimizer),
        "tower": lambda: tower_pass(run, model, batch),
        "attention": lambda: attention_pass(model.config.get_text_config(), batch, run.steps.precision),
    }
    one_pass(run, model, batch)  # the first chooses kernels; gradients and moments are made
    update(model, optimizer)
    if device == "cuda":
        torch.cuda.reset_peak_memory_stats()
    one_pass(run, model, batch)
    peak = torch.cuda.max_memory_allocated() if device == "cuda" else 0
    seconds = {what: statistics.median(timed(do, device) for _ in range(repeats)) for what, do in work.items()}
    whole = seconds["pass"] + seconds["update"] * responses / run.steps.responses_per_step
    rows, length = batch["input_ids"].shape
    return Figures(rows, length, whole, seconds["tower"], seconds["attention"], flop, peak, foretold)


def one_pass(run: Run, model: PreTrainedModel, batch: Batch) -> None:
    given = {name: value for name, value in batch.items() if name not in ("labels", "branch", "responses")}
    with torch.autocast(batch["input_ids"].device.type, torch.bfloat16, enabled=run.steps.precision == "bf16"):
        rewards = model(**given).logits
    token_loss(rewards, batch["labels"]).backward()


def update(model: PreTrainedModel, optimizer: torch.optim.Optimizer) -> None:
    """As the trainer does it; gradients are set to zero, so that a later pass finds them as within a step."""
    clip_grad_norm_([parameter for parameter in model.parameters() if parameter.requires_grad], 1.0)
    optimizer.step()
    optimizer.zero_grad(set_to_none=False)


def tower_pass(run: Run, model: PreTrainedModel, batch: Batch) -> None:
    with torch.autocast(batch["input_ids"].device.type, torch.bfloat16, enabled=run.steps.precision == "bf16"):
        model.get_base_model().image_features(batch["pixel_values"])


def attention_pass(text: Any, batch: Batch, precision: str) -> None:
    """What the decoder's layers do in attention alone, forward and backward, once without checkpointing."""
    rows, length = batch["input_ids"].shape
    mask = batch["attention_mask"]
    if mask.ndim == 2:
        mask = torch.ones(length, length, dtype=torch.bool, device=mask.device).tril().expand(rows, 1, -1, -1)
    shape = (rows, text.num_attention_heads, length, text.head_dim)
    dtype = torch.bfloat16 if precision == "bf16" else torch.float32
    for _ in range(text.num_hidden_layers):
        made = (torch.randn(shape, dtype=dtype, device=mask.device, requires_grad=True) for _ in range(3))
        scaled_dot_product_attention(*made, attn_mask=mask).sum().backward()


def timed(work: Callable[[], Any], device: str) -> float:
    """Seconds: of the process on a CPU that others use too, of the clock on a GPU."""
    if device == "cpu":
        began = time.process_time()
        work()
        return time.process_time() - began
    torch.cuda.synchronize()
    began = time.perf_counter()
    work()
    torch.cuda.synchronize()
    return time.perf_counter() - began


def table(device: str, responses: int, apart: Figures, together: Figures) -> str:
    name = torch.cuda.get_device_name() if device == "cuda" else device
    both = (apart, together)
    lines: dict[str, list[float]] = {
        "rows": [one.rows for one in both],
        "tokens": [one.rows * one.length for one in both],
        "pass, s": [one.seconds for one in both],
        "responses/s": [responses / one.seconds for one in both],
        "vision tower, s": [one.tower for one in both],
        "attention, s": [one.attention for one in both],
        "model TFLOP": [one.flop / 1e12 for one in both],
        "TFLOP/s": [one.flop / one.seconds / 1e12 for one in both],
        "share of peak, %": [100 * one.flop / one.seconds / H100 for one in both],
        "peak, GB": [one.peak / 1e9 for one in both],
        "peak foretold, GB": [one.foretold / 1e9 for one in both],
    }
    rows = [f"{what:20s}{one:14.3f}{two:14.3f}{two / one if one else 0:10.2f}" for what, (one, two) in lines.items()]
    peak = f"peak: {H100 / 1e12:.0f} TFLOP/s, of an H100 or H200 in bfloat16, dense"
    return "\n".join(
        [
            f"{responses} responses on {name}; {peak}",
            f"{'':20s}{'one row each':>14s}{'packed':>14s}{'ratio':>10s}",
            *rows,
        ]
    )
