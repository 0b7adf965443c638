"""The backbones that a reward head can sit on: which class, what LoRA adapts, what attention may be used."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from transformers import AutoConfig, PreTrainedConfig, PreTrainedModel

from baselines.heads import (
    MllamaForTokenClassification,
    PaliGemmaForTokenClassification,
    Qwen2_5_VLForTokenClassification,
    Qwen2VLForTokenClassification,
    Qwen3VLForTokenClassification,
)
from baselines.tiny import TinyConfig, TinyForTokenClassification
from tldr_data.errors import UsageError


class Backbone(NamedTuple):
    """``projector`` and ``decoder`` are patterns that match the whole name of a linear layer, whatever model holds it.

    Whole names, since ``q_proj`` alone names layers of the vision tower as well. Both are None where all is trained.
    """

    model: type[PreTrainedModel]
    projector: str | None
    decoder: str | None
    tower: str
    attention: tuple[str, ...]


_LAYER = r"(.*\.)?language_model\.layers\.\d+\."
_DECODER = _LAYER + r"(self_attn\.[qkvo]_proj|mlp\.(gate|up|down)_proj)"
_QWEN_MERGER = r"(.*\.)?visual\.merger\.mlp\.[02]"
# Flash kernels know no mask by token: with PaliGemma every token would see the whole response, without a warning.
_PALIGEMMA = ("sdpa", "eager", "flex_attention")
_QWEN = ("sdpa", "eager", "flash_attention_2")
# With flex_attention (transformers 5.23) Mllama's rewards differ from sdpa's by 0.08 where eager's agree to 1e-6.
_MLLAMA = ("sdpa", "eager")

BACKBONES: Mapping[str, Backbone] = MappingProxyType(
    {
        "paligemma": Backbone(
            PaliGemmaForTokenClassification,
            r"(.*\.)?multi_modal_projector\.linear",
            _DECODER,
            "model.vision_tower.",
            _PALIGEMMA,
        ),
        "qwen2_vl": Backbone(Qwen2VLForTokenClassification, _QWEN_MERGER, _DECODER, "model.visual.", _QWEN),
        "qwen2_5_vl": Backbone(Qwen2_5_VLForTokenClassification, _QWEN_MERGER, _DECODER, "model.visual.", _QWEN),
        "qwen3_vl": Backbone(
            Qwen3VLForTokenClassification,
            r"(.*\.)?visual\.(merger|deepstack_merger_list\.\d+)\.linear_fc[12]",
            _DECODER,
            "model.visual.",
            _QWEN,
        ),
        "mllama": Backbone(
            MllamaForTokenClassification,
            r"(.*\.)?multi_modal_projector",
            _LAYER + r"((self|cross)_attn\.[qkvo]_proj|mlp\.(gate|up|down)_proj)",
            "model.vision_model.",
            _MLLAMA,
        ),
        "tldr_tiny": Backbone(TinyForTokenClassification, None, None, "stem.tower.", ("sdpa",)),
    }
)

AutoConfig.register(TinyConfig.model_type, TinyConfig)


def backbone_of(config: PreTrainedConfig) -> Backbone:
    """The table's row for a model's configuration; raises UsageError where there is none.

    >>> backbone_of(TinyConfig()).attention
    ('sdpa',)
    """
    if config.model_type not in BACKBONES:
        raise UsageError(f"model type {config.model_type!r} has no reward head; allowed: {', '.join(BACKBONES)}")
    return BACKBONES[config.model_type]
