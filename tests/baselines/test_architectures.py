"""The shapes of the real backbones: parameters as others count them (weights are never made)."""

import re

import pytest

pytest.importorskip("torch")
pytest.importorskip("transformers")
pytest.importorskip("peft")

import torch
from baselines.backbones import BACKBONES
from peft import LoraConfig, get_peft_model
from transformers import AutoModel

from baselines.architectures import architecture
from tldr_data.errors import UsageError


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "decoder", "trained"),
    [
        ("paligemma-3b-mix-448", 1.98e9, 629e6),
        ("qwen2-vl-2b", 1.31e9, 600e6),
        ("llama-3.2-11b-vision", 8.72e9, 1.68e9),
    ],
)
def test_parameters_of_the_decoder_and_of_the_papers_lora(name: str, decoder: float, trained: float) -> None:
    config = architecture(name)
    with torch.device("meta"):
        model = AutoModel.from_config(config)
    counted = sum(each.numel() for key, each in model.named_parameters() if "language_model.layers" in key)
    assert counted == pytest.approx(decoder, rel=0.005)
    backbone = BACKBONES[config.model_type]
    adapted = get_peft_model(model, LoraConfig(r=512, target_modules=pattern_of(backbone)))
    assert sum(each.numel() for each in adapted.parameters() if each.requires_grad) == pytest.approx(trained, rel=0.005)


def pattern_of(backbone: object) -> str:
    patterns = [getattr(backbone, part) for part in ("projector", "decoder")]
    assert all(re.compile(pattern) for pattern in patterns)
    return "|".join(f"({pattern})" for pattern in patterns)


def test_an_unknown_architecture_is_told_with_those_that_there_are() -> None:
    with pytest.raises(UsageError, match=r"architecture .gpt.: there are llama-3\.2-11b-vision, pali"):
        architecture("gpt")
