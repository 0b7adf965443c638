"""Tiny random models of every backbone, and batches for them."""

from __future__ import annotations

from typing import Any

import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("transformers")
pytest.importorskip("peft")

from torch import Tensor
from transformers import (
    MllamaConfig,
    PaliGemmaConfig,
    PreTrainedConfig,
    Qwen2_5_VLConfig,
    Qwen2VLConfig,
    Qwen3VLConfig,
)

from baselines.tiny import TinyConfig

IMAGE, PAD, VOCABULARY = 5, 0, 64
PROMPT, RESPONSE = 3, 6

_TEXT = {
    "vocab_size": VOCABULARY,
    "hidden_size": 32,
    "intermediate_size": 48,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "pad_token_id": PAD,
    "bos_token_id": 1,
    "eos_token_id": 2,
}
_QWEN_IDS = {"image_token_id": IMAGE, "video_token_id": 6, "vision_start_token_id": 7, "vision_end_token_id": 8}
_ROPE = {"rope_type": "default", "rope_theta": 10000.0, "mrope_section": [1, 1, 2]}


def _paligemma() -> PaliGemmaConfig:
    vision = {
        **{"model_type": "siglip_vision_model", "hidden_size": 24, "intermediate_size": 32, "num_hidden_layers": 2},
        **{"num_attention_heads": 2, "image_size": 16, "patch_size": 8, "projection_dim": 32},
    }
    text = {**_TEXT, "model_type": "gemma", "head_dim": 8}
    return PaliGemmaConfig(
        vision_config=vision, text_config=text, projection_dim=32, hidden_size=32, image_token_id=IMAGE
    )


def _qwen2() -> Qwen2VLConfig:
    vision = {"depth": 2, "embed_dim": 32, "hidden_size": 32, "num_heads": 2, "mlp_ratio": 2, "patch_size": 4}
    return Qwen2VLConfig(vision_config=vision, text_config={**_TEXT, "rope_parameters": _ROPE}, **_QWEN_IDS)


def _qwen2_5() -> Qwen2_5_VLConfig:
    vision = {
        **{"depth": 2, "hidden_size": 32, "out_hidden_size": 32, "num_heads": 2, "intermediate_size": 48},
        **{"patch_size": 4, "window_size": 8, "fullatt_block_indexes": [1]},
    }
    return Qwen2_5_VLConfig(vision_config=vision, text_config={**_TEXT, "rope_parameters": _ROPE}, **_QWEN_IDS)


def _qwen3() -> Qwen3VLConfig:
    vision = {
        **{"depth": 3, "hidden_size": 32, "out_hidden_size": 32, "num_heads": 2, "intermediate_size": 48},
        **{"patch_size": 4, "num_position_embeddings": 16, "deepstack_visual_indexes": [0, 1]},
    }
    text = {**_TEXT, "head_dim": 8, "rope_parameters": {**_ROPE, "mrope_interleaved": True}}
    return Qwen3VLConfig(vision_config=vision, text_config=text, **_QWEN_IDS)


def _mllama() -> MllamaConfig:
    vision = {
        **{"hidden_size": 16, "intermediate_size": 32, "num_hidden_layers": 2, "num_global_layers": 1},
        **{"attention_heads": 2, "image_size": 16, "patch_size": 8, "vision_output_dim": 32, "max_num_tiles": 2},
        **{"intermediate_layers_indices": [1], "supported_aspect_ratios": [[1, 1], [1, 2], [2, 1]]},
    }
    text = {**_TEXT, "cross_attention_layers": [1], "num_hidden_layers": 3}
    return MllamaConfig(vision_config=vision, text_config=text, image_token_index=IMAGE)


def _tiny() -> TinyConfig:
    return TinyConfig(
        vocab_size=VOCABULARY,
        hidden_size=32,
        intermediate_size=48,
        num_hidden_layers=2,
        num_attention_heads=4,
        image_size=16,
        stem_widths=(8, 16, 32),
        image_token_id=IMAGE,
    )


CONFIGS = {
    "paligemma": _paligemma,
    "qwen2_vl": _qwen2,
    "qwen2_5_vl": _qwen2_5,
    "qwen3_vl": _qwen3,
    "mllama": _mllama,
    "tldr_tiny": _tiny,
}
BACKBONES = list(CONFIGS)
_IMAGE_TOKENS = {"mllama": 1, "tldr_tiny": 5}


def config_of(backbone: str) -> PreTrainedConfig:
    return CONFIGS[backbone]()


def randomise(model: torch.nn.Module) -> Any:
    """Weights large enough that rewards differ, gates opened (Mllama's are zero at first): a leak would be seen."""
    torch.manual_seed(0)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if parameter.ndim > 1:
                parameter.normal_(std=0.2)
            elif "gate" in name:
                parameter.fill_(0.7)
    return model.eval()


def batch_of(backbone: str, *, rows: int = 2, padding: str = "right", pads: int = 3) -> dict[str, Tensor]:
    """Rows of image, prompt and response; all but the first end, or begin, with padding."""
    torch.manual_seed(1)
    images = _IMAGE_TOKENS.get(backbone, 4)
    length = images + PROMPT + RESPONSE
    ids = torch.cat([torch.full((rows, images), IMAGE), torch.randint(10, VOCABULARY, (rows, length - images))], 1)
    real = torch.ones_like(ids)
    types = (torch.arange(length) >= images + PROMPT).long().expand(rows, -1).clone()
    for row in range(1, rows):
        # A padded row is a shorter response: image and prompt must all stay.
        kept = length - pads
        fill = torch.full((pads,), PAD)
        parts = (ids[row, :kept], fill) if padding == "right" else (fill, ids[row, :kept])
        ids[row] = torch.cat(parts)
        real[row] = ids[row] != PAD
        if padding == "left":
            types[row] = torch.cat([torch.zeros(pads, dtype=torch.long), types[row, :kept]])
    return {"input_ids": ids, "attention_mask": real, **_vision(backbone, ids, rows), **_types(backbone, ids, types)}


def _types(backbone: str, ids: Tensor, types: Tensor) -> dict[str, Tensor]:
    if backbone == "paligemma":
        return {"token_type_ids": types}
    return {"mm_token_type_ids": (ids == IMAGE).long()} if backbone.startswith("qwen") else {}


def _vision(backbone: str, ids: Tensor, rows: int) -> dict[str, Tensor]:
    if backbone in ("paligemma", "tldr_tiny"):
        return {"pixel_values": torch.randn(rows, 3, 16, 16)}
    if backbone == "mllama":
        first = (ids == IMAGE).int().argmax(1)
        sees = (torch.arange(ids.shape[1]) >= first[:, None])[:, :, None, None]
        return {
            "pixel_values": torch.randn(rows, 1, 2, 3, 16, 16),
            "aspect_ratio_ids": torch.ones(rows, 1, dtype=torch.long),
            "aspect_ratio_mask": torch.tensor([[[1, 0]]]).expand(rows, -1, -1),
            "cross_attention_mask": (sees & torch.tensor([True, False])).long(),
        }
    # 4 x 4 patches of 4 pixels and two frames, merged two by two: four tokens.
    return {"pixel_values": torch.randn(rows * 16, 3 * 2 * 16), "image_grid_thw": torch.tensor([[1, 4, 4]] * rows)}
