"""Folders of small random backbones, with a tokenizer and an image processor, as the Hub has the real ones."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")

from transformers import PreTrainedTokenizerFast
from transformers.models.mllama.image_processing_pil_mllama import (
    MllamaImageProcessorPil,
    get_all_supported_aspect_ratios,
)
from transformers.models.qwen2_vl.image_processing_pil_qwen2_vl import Qwen2VLImageProcessorPil
from transformers.models.siglip.image_processing_pil_siglip import SiglipImageProcessorPil

from baselines.layouts import LAYOUTS
from baselines.scratch import byte_pieces

SPECIAL = ["<pad>", "<image>", "<bos>", "<eos>", "<|im_start|>", "<|im_end|>", "<|vision_start|>", "<|vision_end|>"]
SPECIAL += ["<|image_pad|>", "<|image|>", "<|begin_of_text|>", "<|end_of_text|>"]
TEXT = {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 3, "num_attention_heads": 4, "vocab_size": 320}


def byte_tokenizer() -> Any:
    """Pieces of bytes: no text is unknown to it."""
    made = byte_pieces(["A red cup stands left of two dogs."] * 3, 320, SPECIAL)
    return PreTrainedTokenizerFast(
        tokenizer_object=made,
        pad_token="<pad>",
        additional_special_tokens=[token for token in SPECIAL if token != "<pad>"],
    )


def config_of(model_type: str, tokenizer: Any) -> Any:
    image = tokenizer.convert_tokens_to_ids(LAYOUTS[model_type].image)
    text = {**TEXT, "pad_token_id": 0}
    if model_type == "paligemma":
        vision = {"hidden_size": 16, "intermediate_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2}
        vision |= {"image_size": 28, "patch_size": 14, "projection_dim": 32, "model_type": "siglip_vision_model"}
        gemma = {**text, "num_key_value_heads": 1, "head_dim": 8, "model_type": "gemma"}
        return transformers.PaliGemmaConfig(
            vision_config=vision, text_config=gemma, image_token_id=image, projection_dim=32, hidden_size=32
        )
    if model_type == "qwen2_vl":
        rope = {"rope_type": "default", "mrope_section": [1, 1, 2], "rope_theta": 10000.0}
        qwen = {**text, "num_key_value_heads": 2, "rope_parameters": rope}
        vision = {"depth": 1, "embed_dim": 16, "hidden_size": 32, "num_heads": 2, "mlp_ratio": 2, "patch_size": 14}
        return transformers.Qwen2VLConfig(vision_config=vision, text_config=qwen, image_token_id=image)
    llama = {**text, "num_key_value_heads": 2, "bos_token_id": 1, "eos_token_id": 2, "cross_attention_layers": [1]}
    vision = {"hidden_size": 16, "intermediate_size": 32, "num_hidden_layers": 2, "num_global_layers": 1}
    vision |= {"attention_heads": 2, "image_size": 28, "patch_size": 14, "max_num_tiles": 4, "vision_output_dim": 32}
    vision |= {
        "intermediate_layers_indices": [0],
        "supported_aspect_ratios": [list(pair) for pair in get_all_supported_aspect_ratios(4)],
    }
    return transformers.MllamaConfig(vision_config=vision, text_config=llama, image_token_index=image)


def processor_of(model_type: str) -> Any:
    if model_type == "qwen2_vl":
        return Qwen2VLImageProcessorPil(patch_size=14, merge_size=2, size={"shortest_edge": 784, "longest_edge": 8000})
    if model_type == "mllama":
        return MllamaImageProcessorPil(size={"height": 28, "width": 28}, max_image_tiles=4)
    processor = SiglipImageProcessorPil(size={"height": 28, "width": 28})
    processor.image_seq_length = 4
    return processor


def save_backbone(model_type: str, folder: Path) -> str:
    """Weights of the generating class, random, and both processors; gives the folder as a run's file names it."""
    from baselines.model import load_model
    from tests.baselines.models import randomise

    tokenizer = byte_tokenizer()
    randomise(load_model(config_of(model_type, tokenizer), dtype=torch.float32)).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    processor_of(model_type).save_pretrained(folder)
    return str(folder)
