"""The model of a run as training takes it: which weights, in which precision, and what of them may change."""

from __future__ import annotations

from pathlib import Path

import torch
from transformers import PreTrainedConfig, PreTrainedModel

from baselines.config import Run
from baselines.lora import add_lora
from baselines.model import freeze_tower, load_model
from tldr_data.errors import UsageError


def trainable(run: Run, source: str | Path | PreTrainedConfig) -> PreTrainedModel:
    """The reward model of ``source`` (a folder, or a configuration for random weights), ready to be trained.

    The vision tower is frozen (the paper, section 5.1), unless ``tiny`` is made anew. With LoRA and ``bf16`` the
    backbone's frozen weights are bfloat16, while what is trained (adapters, head) is float32 always: bfloat16 loses
    updates of a small learning rate.

    Raises:
        UsageError: what the backbone cannot do: LoRA or gradient checkpointing of tiny, an attention, a context.
        InputError: the weights are not the backbone's.
    """
    frozen_in_bf16 = run.lora is not None and run.steps.precision == "bf16"
    base = load_model(
        source,
        attn=run.model.attention,
        dtype=torch.bfloat16 if frozen_in_bf16 else torch.float32,
        context=run.model.context,
        mask=run.model.mask,
    )
    if run.steps.checkpointing:
        if not base.supports_gradient_checkpointing:
            raise UsageError(f"steps.checkpointing true with {base.config.model_type}; allowed: false")
        base.activation_checkpointing_enable()
    lora = run.lora
    if lora is not None:
        return add_lora(base, rank=lora.rank, alpha=lora.alpha, dropout=lora.dropout, parts=lora.parts)
    if run.model.weights != "tiny":
        freeze_tower(base)
    return base
