"""Which layers are adapted, what is trained, and what tau, saving and merging do to the rewards."""

from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("transformers")
pytest.importorskip("peft")

from torch import Tensor
from transformers import (
    MllamaForConditionalGeneration,
    PaliGemmaForConditionalGeneration,
    Qwen2_5_VLForConditionalGeneration,
    Qwen2VLForConditionalGeneration,
    Qwen3VLForConditionalGeneration,
)

from baselines.backbones import BACKBONES as TABLE
from baselines.checkpoint import Settings, load_checkpoint, read_settings, write_settings
from baselines.lora import add_lora, load_lora, merge, targets
from baselines.model import load_model
from tests.baselines.models import batch_of, config_of, randomise
from tldr_data.errors import InputError, UsageError

# peft 0.21 asks transformers 5.23 for something by its old name.
pytestmark = pytest.mark.filterwarnings("ignore:.is_gradient_checkpointing:FutureWarning")

GENERATORS = {
    "paligemma": PaliGemmaForConditionalGeneration,
    "qwen2_vl": Qwen2VLForConditionalGeneration,
    "qwen2_5_vl": Qwen2_5_VLForConditionalGeneration,
    "qwen3_vl": Qwen3VLForConditionalGeneration,
    "mllama": MllamaForConditionalGeneration,
}

_SELF = ["self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj", "self_attn.o_proj"]
_CROSS = ["cross_attn.q_proj", "cross_attn.k_proj", "cross_attn.v_proj", "cross_attn.o_proj"]
_MLP = ["mlp.gate_proj", "mlp.up_proj", "mlp.down_proj"]
_DECODER = [f"model.language_model.layers.{layer}.{name}" for layer in (0, 1) for name in _SELF + _MLP]
_QWEN2 = ["model.visual.merger.mlp.0", "model.visual.merger.mlp.2"]
_QWEN3 = [
    f"model.visual.{merger}.linear_fc{layer}"
    for merger in ("merger", "deepstack_merger_list.0", "deepstack_merger_list.1")
    for layer in (1, 2)
]
_MLLAMA = [
    f"model.language_model.layers.{layer}.{name}"
    for layer, attention in enumerate((_SELF, _CROSS, _SELF))
    for name in attention + _MLP
]
ADAPTED = {
    "paligemma": (["model.multi_modal_projector.linear"], _DECODER),
    "qwen2_vl": (_QWEN2, _DECODER),
    "qwen2_5_vl": (_QWEN2, _DECODER),
    "qwen3_vl": (_QWEN3, _DECODER),
    "mllama": (["model.multi_modal_projector"], _MLLAMA),
}


@pytest.fixture(autouse=True)
def _one_thread() -> None:
    torch.set_num_threads(1)


@pytest.fixture
def generator(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A folder with a generating model of random weights, as the Hub has them."""
    backbone = request.node.callspec.params["backbone"]
    model = randomise(GENERATORS[backbone](config_of(backbone)))
    model.save_pretrained(tmp_path / "base")
    return tmp_path / "base"


def trained(base: Path, folder: Path, **options: Any) -> Any:
    """A model with an adapter that changes the rewards, saved as training saves it."""
    model = add_lora(load_model(base, dtype=torch.float32), rank=4, alpha=8, **options)
    torch.manual_seed(2)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if parameter.requires_grad:
                parameter.normal_(std=0.1 if "lora_" in name else 0.5)
    model.save_pretrained(folder)
    write_settings(folder, Settings(base=str(base)))
    return model.eval()


@torch.no_grad()
def logits(model: Any, batch: dict[str, Tensor]) -> Tensor:
    found: Tensor = model(**batch).logits
    return found


def adapted(model: Any) -> list[str]:
    prefix, suffix = "base_model.model.", ".lora_A.default"
    names = [name for name, _ in model.named_modules() if name.endswith(suffix)]
    return [name.removeprefix(prefix).removesuffix(suffix) for name in names]


@pytest.mark.parametrize("parts", ["both", "projector", "decoder"])
@pytest.mark.parametrize("backbone", ADAPTED)
def test_the_adapted_layers_are_these_and_no_others(backbone: str, parts: str) -> None:
    projector, decoder = ADAPTED[backbone]
    expected = {"both": projector + decoder, "projector": projector, "decoder": decoder}[parts]
    model = add_lora(load_model(config_of(backbone)), rank=2, alpha=2, parts=parts)
    assert sorted(adapted(model)) == sorted(expected)


@pytest.mark.parametrize("backbone", ADAPTED)
def test_trained_are_the_adapters_and_the_head_in_float32(backbone: str) -> None:
    model = add_lora(load_model(config_of(backbone)), rank=2, alpha=2)
    trainable = {name: weight for name, weight in model.named_parameters() if weight.requires_grad}
    assert {weight.dtype for weight in trainable.values()} == {torch.float32}
    head = {name for name in trainable if "lora_" not in name}
    assert head == {f"base_model.model.score.modules_to_save.default.{part}" for part in ("weight", "bias")}
    tower = "base_model.model." + TABLE[backbone].tower
    assert all("merger" in name for name in trainable if name.startswith(tower))


def test_the_defaults_are_the_papers() -> None:
    config = add_lora(load_model(config_of("paligemma"))).peft_config["default"]
    assert (config.r, config.lora_alpha, config.lora_dropout, config.use_rslora) == (512, 128, 0.1, False)


@pytest.mark.parametrize("backbone", GENERATORS)
def test_a_generating_models_weights_all_arrive(backbone: str, generator: Path) -> None:
    model = load_model(generator, dtype=torch.float32)
    weights = GENERATORS[backbone].from_pretrained(generator, dtype=torch.float32).model.state_dict()
    assert weights.keys() == model.model.state_dict().keys()
    assert all(torch.equal(weights[name], weight) for name, weight in model.model.state_dict().items())


@pytest.mark.parametrize("backbone", GENERATORS)
def test_saved_and_merged_models_give_the_same_rewards(backbone: str, generator: Path, tmp_path: Path) -> None:
    batch = batch_of(backbone)
    expected = logits(trained(generator, tmp_path / "adapter"), batch)
    loaded = load_checkpoint(tmp_path / "adapter", dtype=torch.float32)
    assert torch.equal(logits(loaded, batch), expected)
    merged = merge(loaded)
    assert torch.allclose(logits(merged, batch), expected, atol=1e-5)
    merged.save_pretrained(tmp_path / "merged")
    write_settings(tmp_path / "merged", Settings(base=""))
    assert torch.allclose(logits(load_checkpoint(tmp_path / "merged", dtype=torch.float32), batch), expected, atol=1e-5)


@pytest.mark.parametrize("backbone", GENERATORS)
def test_tau_0_generates_as_the_base_and_tau_1_as_the_adapter(backbone: str, generator: Path, tmp_path: Path) -> None:
    batch = batch_of(backbone)
    reward = trained(generator, tmp_path / "adapter")

    def base() -> Any:
        return GENERATORS[backbone].from_pretrained(generator, dtype=torch.float32).eval()

    plain = logits(base(), batch)
    at = {tau: logits(load_lora(base(), tmp_path / "adapter", tau=tau).eval(), batch) for tau in (0.0, 0.25, 1.0)}
    assert torch.equal(at[0.0], plain)
    assert (at[0.25] - plain).abs().max() > 1e-4
    with torch.no_grad():
        states = reward.base_model.model.model(**batch).last_hidden_state
        expected = base().lm_head(states)
    assert torch.allclose(at[1.0], expected, atol=1e-5)


@pytest.mark.parametrize("backbone", ["paligemma"])
def test_tau_scales_the_update_and_leaves_the_head(backbone: str, generator: Path, tmp_path: Path) -> None:
    trained(generator, tmp_path / "adapter")
    half = load_checkpoint(tmp_path / "adapter", dtype=torch.float32, tau=0.5)
    whole = load_checkpoint(tmp_path / "adapter", dtype=torch.float32)
    name = "base_model.model.model.language_model.layers.0.self_attn.q_proj"
    update = half.get_submodule(name).get_delta_weight("default")
    assert torch.allclose(2 * update, whole.get_submodule(name).get_delta_weight("default"))
    assert torch.equal(half.base_model.model.score.weight, whole.base_model.model.score.weight)


@pytest.mark.parametrize("backbone", ["paligemma"])
def test_weights_of_another_backbone_are_refused(backbone: str, generator: Path) -> None:
    from safetensors.torch import load_file, save_file

    path = generator / "model.safetensors"
    weights = {name: weight for name, weight in load_file(path).items() if "layers.1" not in name}
    save_file(weights, path, {"format": "pt"})
    with pytest.raises(
        InputError, match=r"weights of PaliGemmaForTokenClassification are missing, the first is model\."
    ):
        load_model(generator)


def test_what_cannot_be_adapted_or_loaded_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="LoRA parts 'all'; allowed: both, projector, decoder"):
        targets(config_of("paligemma"), "all")
    with pytest.raises(UsageError, match="LoRA with tldr_tiny: it is trained whole"):
        targets(config_of("tldr_tiny"))
    with pytest.raises(InputError, match="no LoRA adapter can be read there"):
        load_lora(load_model(config_of("paligemma")), tmp_path)
    with pytest.raises(InputError, match=r"tldr\.json: No such file"):
        load_checkpoint(tmp_path)


def test_settings_come_back_and_nonsense_is_refused(tmp_path: Path) -> None:
    settings = Settings("base", context="echo", mask="image", prompt="answer en {prompt}\n", threshold=0.25)
    write_settings(tmp_path, settings)
    assert read_settings(tmp_path) == settings
    (tmp_path / "tldr.json").write_text('{"bas": 1}')
    with pytest.raises(InputError, match="not the settings of a checkpoint"):
        read_settings(tmp_path)
