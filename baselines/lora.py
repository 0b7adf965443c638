"""LoRA on the projector and the decoder (paper, section 5.1), and how much of it is used: tau."""

from __future__ import annotations

from pathlib import Path

from peft import LoraConfig, PeftModel, get_peft_model
from transformers import PreTrainedConfig, PreTrainedModel

from baselines.backbones import backbone_of
from tldr_data.errors import InputError, UsageError

PARTS = ("both", "projector", "decoder")


def targets(config: PreTrainedConfig, parts: str = "both") -> str:
    """The pattern that the whole names of all adapted linear layers match; raises UsageError where there are none."""
    backbone = backbone_of(config)
    if parts not in PARTS:
        raise UsageError(f"LoRA parts {parts!r}; allowed: {', '.join(PARTS)}")
    if backbone.projector is None or backbone.decoder is None:
        raise UsageError(f"LoRA with {config.model_type}: it is trained whole, from scratch")
    patterns = {"projector": backbone.projector, "decoder": backbone.decoder}
    chosen = patterns.values() if parts == "both" else [patterns[parts]]
    return "|".join(f"({pattern})" for pattern in chosen)


def add_lora(
    model: PreTrainedModel, *, rank: int = 512, alpha: float = 128, dropout: float = 0.1, parts: str = "both"
) -> PeftModel:
    """The model with trainable adapters and a trainable head; everything else is frozen, the vision tower too.

    The defaults are the paper's. Updates are scaled by alpha / rank, as peft does by default: the paper's formula shows
    no division, but by alpha alone they would be 512 times as large.
    """
    config = LoraConfig(
        r=rank,
        lora_alpha=alpha,
        lora_dropout=dropout,
        target_modules=targets(model.config, parts),
        modules_to_save=["score"],
    )
    return get_peft_model(model, config)


def load_lora(model: PreTrainedModel, folder: str | Path, *, tau: float = 1.0) -> PeftModel:
    """The model with a trained adapter at strength ``tau``: 0 is the backbone as it was, 1 the adapter as trained.

    ``model`` may be a reward model, or the generating model of the same backbone (section 5.4's likelihood
    optimisation), which has no head to load. Tau scales the adapter's alpha before anything is built: no state to undo.
    """
    try:
        config = LoraConfig.from_pretrained(str(folder))
    except (OSError, ValueError) as error:
        raise InputError(f"{folder}: no LoRA adapter can be read there: {str(error).splitlines()[0]}") from error
    config.lora_alpha = config.lora_alpha * tau
    return PeftModel.from_pretrained(model, str(folder), config=config)


def merge(model: PeftModel) -> PreTrainedModel:
    """The plain model with the adapter added to its weights, in float32: in bfloat16 the sum loses what is small."""
    return model.float().merge_and_unload()
