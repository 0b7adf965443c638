"""Reward models: a pretrained backbone, or the configuration of one, with a head that rates every token."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from transformers import AutoConfig, PreTrainedConfig, PreTrainedModel

from baselines.backbones import backbone_of
from tldr_data.errors import InputError, UsageError

MASKS = ("prefix", "image")
CONTEXTS = ("causal", "bidirectional", "echo")
# The Hub's Qwen2-VL and Qwen2.5-VL have the names of 2024. transformers knows them by the name of the generating class
# only: without this, all weights but the head's would be new and random.
_OLD_NAMES = {r"^visual\.": "model.visual.", r"^model\.(?!language_model\.|visual\.)": "model.language_model."}
_RENAMED = {"qwen2_vl": _OLD_NAMES, "qwen2_5_vl": _OLD_NAMES}


def load_model(
    source: str | Path | PreTrainedConfig,
    *,
    attn: str = "sdpa",
    dtype: torch.dtype = torch.bfloat16,
    context: str = "causal",
    mask: str = "prefix",
    trained: bool = False,
) -> PreTrainedModel:
    """A reward model of a folder's or the Hub's weights; of a configuration alone, with random weights.

    ``context`` is what a token's reward may know: ``causal`` what stands before it, ``bidirectional`` the whole
    response, whose tokens read each other while image and prompt stay blind to them (by masks of 4 dimensions, which
    the collators make), ``echo`` the same by reading the response twice (the data doubles it). ``mask`` concerns
    PaliGemma: whether image and ``prefix`` see each other, as transformers does, or the ``image`` alone. ``trained``:
    the folder holds a reward model, every weight of it and no other; a backbone's may lack the head and have one of its
    own.

    Raises UsageError for what the backbone cannot do, InputError where the weights are not the backbone's.
    """
    config = source if isinstance(source, PreTrainedConfig) else _config(source)
    _check(config, attn, context, mask)
    _configure(config, context, mask)
    model = backbone_of(config).model
    if not isinstance(source, PreTrainedConfig):
        names = _RENAMED.get(config.model_type)
        options: dict[str, Any] = {"config": config, "dtype": dtype, "attn_implementation": attn, "key_mapping": names}
        return _pretrained(model, source, trained, **options)
    made = model._from_config(config, dtype=dtype, attn_implementation=attn)
    made.score.float()
    return made


def freeze_tower(model: PreTrainedModel) -> None:
    """Takes the vision tower out of training, its projector as well where that is part of it (Qwen)."""
    tower = backbone_of(model.config).tower
    for name, parameter in model.named_parameters():
        if name.startswith(tower):
            parameter.requires_grad_(False)


def _config(source: str | Path) -> PreTrainedConfig:
    try:
        return AutoConfig.from_pretrained(source)
    except (OSError, ValueError) as error:
        raise InputError(f"{source}: no model configuration can be read there: {str(error).splitlines()[0]}") from error


def _check(config: PreTrainedConfig, attn: str, context: str, mask: str) -> None:
    backbone = backbone_of(config)
    if attn not in backbone.attention:
        raise UsageError(f"attn {attn!r} with {config.model_type}; allowed: {', '.join(backbone.attention)}")
    if context not in CONTEXTS:
        raise UsageError(f"context {context!r}; allowed: {', '.join(CONTEXTS)}")
    if context == "bidirectional" and attn == "flash_attention_2":
        raise UsageError(
            f"context bidirectional with attn {attn!r}, which knows no mask by token; allowed: sdpa, eager"
        )
    if mask not in MASKS:
        raise UsageError(f"mask {mask!r}; allowed: {', '.join(MASKS)}")


def _configure(config: PreTrainedConfig, context: str, mask: str) -> None:
    """One label, on the text's configuration too: servers read it there, and find the default of two."""
    for part in (config, config.get_text_config()):
        part.id2label, part.label2id = {0: "GOOD"}, {"GOOD": 0}
    config.classifier_dropout = 0.0
    config.reward_context = context
    config.reward_mask = mask


def _pretrained(model: type[PreTrainedModel], source: str | Path, trained: bool, **options: Any) -> PreTrainedModel:
    try:
        loaded, found = model.from_pretrained(source, output_loading_info=True, **options)
    except (OSError, RuntimeError) as error:
        raise InputError(f"{source}: no weights can be read there: {str(error).splitlines()[0]}") from error
    missing = sorted(name for name in found["missing_keys"] if trained or not name.startswith("score."))
    if missing:
        raise InputError(f"{source}: {len(missing)} weights of {model.__name__} are missing, the first is {missing[0]}")
    if trained and (others := sorted(found["unexpected_keys"])):
        raise InputError(f"{source}: {len(others)} weights are not {model.__name__}'s, the first is {others[0]}")
    return loaded
