"""The shapes of the real backbones: parameters as others count them (weights are never made)."""

import pytest

pytest.importorskip("torch")
pytest.importorskip("transformers")
pytest.importorskip("peft")

import torch

from baselines.architectures import architecture
from baselines.lora import add_lora
from baselines.model import load_model
from tldr_data.errors import UsageError

# peft asks transformers by a name that it gives up
pytestmark = pytest.mark.filterwarnings("ignore:.is_gradient_checkpointing. is deprecated:FutureWarning")


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
    with torch.device("meta"):
        model = load_model(architecture(name))
        counted = sum(each.numel() for key, each in model.named_parameters() if "language_model.layers" in key)
        adapted = add_lora(model)
    assert counted == pytest.approx(decoder, rel=0.005)
    assert sum(each.numel() for each in adapted.parameters() if each.requires_grad) == pytest.approx(trained, rel=0.005)


def test_an_unknown_architecture_is_told_with_those_that_there_are() -> None:
    with pytest.raises(UsageError, match=r"architecture .gpt.: there are llama-3\.2-11b-vision, pali"):
        architecture("gpt")
