"""Rewards of tiny random models: what they may know, how images get in, and what is refused."""

import re
from typing import Any

import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("transformers")
pytest.importorskip("peft")

from torch import Tensor

from baselines.backbones import BACKBONES as TABLE
from baselines.backbones import backbone_of
from baselines.model import freeze_tower, load_model
from tests.baselines.models import BACKBONES, IMAGE, PROMPT, RESPONSE, batch_of, config_of, randomise
from tldr_data.errors import InputError, UsageError

# Flash kernels need a GPU; compiling flex_attention takes most of a minute, so that it is run uncompiled here.
FLEX = pytest.param("flex_attention", marks=pytest.mark.slow)
ATTENTIONS = [
    pytest.param(name, attn, marks=[pytest.mark.slow] if attn == "flex_attention" else [])
    for name in BACKBONES
    for attn in TABLE[name].attention
    if "flash" not in attn
]
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")  # torch's own, inside of flex_attention
PRETRAINED = [name for name in BACKBONES if name != "tldr_tiny"]


@pytest.fixture(autouse=True)
def _one_thread() -> None:
    torch.set_num_threads(1)


@pytest.fixture(autouse=True)
def _flex_uncompiled(monkeypatch: pytest.MonkeyPatch) -> None:
    from torch.nn.attention import flex_attention as kernels
    from transformers.integrations import flex_attention as integration

    monkeypatch.setattr(kernels, "_FLEX_ATTENTION_DISABLE_COMPILE_DEBUG", True)
    monkeypatch.setattr(integration, "compile_friendly_flex_attention", _flex)
    monkeypatch.setattr(kernels, "_warn_once", lambda *args, **kwargs: None)


def _flex(*states: Tensor, training: bool, **options: Any) -> Any:
    from torch.nn.attention.flex_attention import flex_attention

    return flex_attention(*states, **options)


def model_of(backbone: str, attn: str = "sdpa", **options: str) -> Any:
    return randomise(load_model(config_of(backbone), attn=attn, dtype=torch.float32, **options))


@torch.no_grad()
def rewards(model: Any, batch: dict[str, Tensor]) -> Tensor:
    logits: Tensor = model(**batch).logits
    return logits


def changed(model: Any, batch: dict[str, Tensor], row: int, at: int) -> list[int]:
    """Where rewards of a row's tokens, padding aside, change when its token at ``at`` does."""
    before = rewards(model, batch)
    ids = batch["input_ids"].clone()
    ids[row, at] = 10 if ids[row, at] != 10 else 11
    difference = (rewards(model, {**batch, "input_ids": ids}) - before)[row].abs()
    return torch.nonzero((difference > 1e-5) & batch["attention_mask"][row].bool()).flatten().tolist()


@pytest.mark.parametrize("padding", ["right", "left"])
@pytest.mark.parametrize(("backbone", "attn"), ATTENTIONS)
def test_no_future_leak(backbone: str, attn: str, padding: str) -> None:
    model = model_of(backbone, attn)
    batch = batch_of(backbone, padding=padding)
    for row in range(2):
        last = int(torch.nonzero(batch["attention_mask"][row]).max())
        for at in (last, last - 2):
            assert changed(model, batch, row, at) == list(range(at, last + 1))


@pytest.mark.parametrize("mask", ["prefix", "image"])
@pytest.mark.parametrize("attn", ["sdpa", "eager", FLEX])
@pytest.mark.parametrize("training", [False, True])
def test_no_future_leak_with_either_mask_of_paligemma(attn: str, mask: str, training: bool) -> None:
    if training and attn == "flex_attention":
        pytest.skip("flex_attention has no backward pass on a CPU")
    model = model_of("paligemma", attn, mask=mask).train(training)
    batch = batch_of("paligemma")
    assert changed(model, batch, 0, 4 + PROMPT + 2) == list(range(4 + PROMPT + 2, 4 + PROMPT + RESPONSE))


@pytest.mark.parametrize("attn", ["sdpa", "eager"])
def test_the_prefix_sees_itself_or_only_the_image_does(attn: str) -> None:
    batch = batch_of("paligemma", rows=1)
    last_of_prompt = 4 + PROMPT - 1
    everything = list(range(4 + PROMPT + RESPONSE))
    assert changed(model_of("paligemma", attn, mask="prefix"), batch, 0, last_of_prompt) == everything
    assert changed(model_of("paligemma", attn, mask="image"), batch, 0, last_of_prompt) == everything[last_of_prompt:]


@pytest.mark.parametrize("backbone", ["paligemma", "tldr_tiny"])
@pytest.mark.parametrize("padding", ["right", "left"])
def test_bidirectional_context_sees_the_whole_response_and_no_padding(backbone: str, padding: str) -> None:
    model = model_of(backbone, context="bidirectional")
    batch = batch_of(backbone, padding=padding)
    real = torch.nonzero(batch["attention_mask"][1]).flatten().tolist()
    assert set(changed(model, batch, 1, real[-1])) >= set(real[-RESPONSE + 3 :])
    padded = 0 if padding == "left" else batch["input_ids"].shape[1] - 1
    assert changed(model, batch, 1, padded) == []


def test_image_and_prompt_of_tiny_never_read_the_response() -> None:
    model, batch = model_of("tldr_tiny", context="bidirectional"), batch_of("tldr_tiny", rows=1)
    length = batch["input_ids"].shape[1]
    assert changed(model, batch, 0, length - 1) == list(range(length - RESPONSE, length))
    del batch["branch"]
    with pytest.raises(ValueError, match="branch is missing"):
        rewards(model, batch)


@pytest.mark.parametrize("backbone", BACKBONES)
def test_padding_changes_no_reward(backbone: str) -> None:
    model = model_of(backbone)
    batch = {name: value for name, value in batch_of(backbone).items() if name != "position_ids"}
    right = rewards(model, batch)[1]
    left = rewards(model, batch_of(backbone, padding="left"))[1]
    length = int(batch["attention_mask"][1].sum())
    assert torch.allclose(right[:length], left[-length:], atol=1e-5)


@pytest.mark.parametrize(
    ("backbone", "attn", "context"),
    [pytest.param(*case.values, "causal", marks=case.marks) for case in ATTENTIONS]
    + [("tldr_tiny", "sdpa", "bidirectional")],
)
def test_a_mask_of_four_dimensions_is_the_whole_mask(backbone: str, attn: str, context: str) -> None:
    """Two responses in one row, each blind to the other, get the rewards of two rows."""
    model = model_of(backbone, attn, context=context)
    one = batch_of(backbone, rows=1)
    shared, length = one["input_ids"].shape[1] - RESPONSE, one["input_ids"].shape[1]
    other = one["input_ids"].clone()
    other[:, shared:] = torch.randint(10, 60, (1, RESPONSE))
    row, branch = torch.cat([one["input_ids"], other[:, shared:]], 1), torch.full((1, length + RESPONSE), -1)
    branch[:, shared:length], branch[:, length:] = 0, 1
    packed = {**one, "input_ids": row, "attention_mask": _packed_mask(backbone, row, branch), "branch": branch}
    packed["position_ids"] = _packed_positions(model, backbone, one, shared)
    for name in ("cross_attention_mask", "mm_token_type_ids"):
        if name in one:
            packed[name] = torch.cat([one[name], one[name][:, shared:]], 1)
    together = rewards(model, packed)[0]
    assert torch.allclose(together[shared:length], rewards(model, one)[0, shared:], atol=1e-5)
    assert torch.allclose(together[length:], rewards(model, {**one, "input_ids": other})[0, shared:], atol=1e-5)


def _packed_mask(backbone: str, row: Tensor, branch: Tensor) -> Tensor:
    length = row.shape[1]
    mask = torch.ones(length, length, dtype=torch.bool).tril()
    mask &= (branch[0][None] == -1) | (branch[0][None] == branch[0][:, None])
    if backbone == "paligemma":
        mask |= (branch[0] == -1)[None] & (branch[0] == -1)[:, None]
    if backbone == "tldr_tiny":
        mask |= (row[0] == IMAGE)[None] & (row[0] == IMAGE)[:, None]
    return mask[None, None]


def _packed_positions(model: Any, backbone: str, one: dict[str, Tensor], shared: int) -> Tensor:
    if backbone.startswith("qwen"):
        arguments = {name: one[name] for name in ("mm_token_type_ids", "image_grid_thw", "attention_mask")}
        positions = model.model.get_rope_index(one["input_ids"], **arguments)[0]
    else:
        positions = torch.arange(one["input_ids"].shape[1])[None] + (backbone == "paligemma")
    return torch.cat([positions, positions[..., shared:]], -1)


@pytest.mark.parametrize("backbone", PRETRAINED)
def test_features_given_for_pixels_change_nothing(backbone: str) -> None:
    model, batch = model_of(backbone), batch_of(backbone)
    text = ("input_ids", "attention_mask", "token_type_ids")
    features = model.image_features(**{name: value for name, value in batch.items() if name not in text})
    assert all(not feature.requires_grad for feature in features)
    without = {name: value for name, value in batch.items() if name != "pixel_values"}
    assert torch.equal(rewards(model, batch), rewards(model, {**without, "image_features": features}))


@pytest.mark.parametrize("backbone", PRETRAINED)
def test_images_get_in_as_the_backbone_itself_reads_them(backbone: str) -> None:
    model, batch = model_of(backbone), batch_of(backbone)
    with torch.no_grad():
        states = model.model(**batch).last_hidden_state
        expected = model.score(states).squeeze(-1)
    real = batch["attention_mask"].bool()
    assert torch.allclose(rewards(model, batch)[real], expected[real], atol=1e-6)


@pytest.mark.parametrize("backbone", BACKBONES)
def test_every_response_token_knows_the_image(backbone: str) -> None:
    model, batch = model_of(backbone), batch_of(backbone, rows=1)
    other = {**batch, "pixel_values": batch["pixel_values"] + 1 + torch.rand_like(batch["pixel_values"])}
    assert ((rewards(model, batch) - rewards(model, other))[0, -RESPONSE:].abs() > 1e-5).all()


@pytest.mark.parametrize("backbone", PRETRAINED)
def test_checkpointing_sends_gradients_to_the_projector_and_none_into_the_tower(backbone: str) -> None:
    model, batch = model_of(backbone).train(), batch_of(backbone)
    model.activation_checkpointing_enable()
    model.enable_input_require_grads()
    model(**batch).logits[batch["attention_mask"].bool()].square().sum().backward()
    projector = [name for name, _ in model.named_modules() if _matches(TABLE[backbone].projector, name)]
    weights = dict(model.named_parameters())
    assert projector
    assert all(weights[f"{name}.weight"].grad.abs().sum() > 0 for name in projector)
    tower = {name for name in weights if name.startswith(TABLE[backbone].tower)}
    assert tower
    trained = {name for name in tower if weights[name].grad is not None}
    assert all("merger" in name for name in trained)


def _matches(pattern: str | None, name: str) -> bool:
    return pattern is not None and re.fullmatch(pattern, name) is not None


@pytest.mark.parametrize("backbone", BACKBONES)
def test_rewards_are_float32_in_half_precision_too(backbone: str) -> None:
    model = load_model(config_of(backbone), dtype=torch.bfloat16).eval()
    assert model.score.weight.dtype == torch.float32
    batch = batch_of(backbone)
    logits = rewards(model, batch)
    assert (logits.dtype, logits.shape) == (torch.float32, batch["input_ids"].shape)
    with torch.autocast("cpu", torch.bfloat16):
        assert rewards(model, batch).dtype == torch.float32


@pytest.mark.parametrize("backbone", BACKBONES)
def test_loss_is_the_mean_cross_entropy_of_the_labelled_tokens(backbone: str) -> None:
    model, batch = model_of(backbone), batch_of(backbone, rows=1)
    labels = torch.full_like(batch["input_ids"], -100)
    labels[0, -3:] = torch.tensor([1, 0, 1])
    with torch.no_grad():
        output = model(**batch, labels=labels)
    good = output.logits[0, -3:].sigmoid()
    expected = -(good[0].log() + (1 - good[1]).log() + good[2].log()) / 3
    assert torch.allclose(output.loss, expected, atol=1e-6)


@pytest.mark.parametrize("backbone", BACKBONES)
def test_one_label_wherever_a_server_looks_for_it(backbone: str) -> None:
    config = load_model(config_of(backbone)).config
    assert (config.num_labels, config.get_text_config().num_labels, config.classifier_dropout) == (1, 1, 0.0)


@pytest.mark.parametrize(
    ("backbone", "options", "message"),
    [
        ("paligemma", {"attn": "flash_attention_2"}, "attn 'flash_attention_2' with paligemma; allowed: sdpa, eager"),
        ("mllama", {"attn": "flex_attention"}, "attn 'flex_attention' with mllama; allowed: sdpa, eager"),
        ("qwen2_vl", {"context": "bidirectional"}, "context 'bidirectional' with qwen2_vl; allowed: causal, echo"),
        ("paligemma", {"mask": "all"}, "mask 'all'; allowed: prefix, image"),
    ],
)
def test_what_a_backbone_cannot_do_is_refused(backbone: str, options: dict[str, str], message: str) -> None:
    with pytest.raises(UsageError) as error:
        load_model(config_of(backbone), **options)
    assert str(error.value).startswith(message)


def test_other_backbones_and_folders_without_a_model_are_refused(tmp_path: Any) -> None:
    from transformers import BertConfig

    with pytest.raises(UsageError, match="model type 'bert' has no reward head; allowed: paligemma"):
        backbone_of(BertConfig())
    with pytest.raises(InputError, match="no model configuration"):
        load_model(tmp_path)


def test_paligemma_wants_the_processors_token_types_for_the_prefix_mask() -> None:
    batch = {name: value for name, value in batch_of("paligemma").items() if name != "token_type_ids"}
    with pytest.raises(ValueError, match="token_type_ids are missing"):
        model_of("paligemma")(**batch)
    assert model_of("paligemma", mask="image")(**batch).logits.isfinite().all()


def test_paligemma_refuses_flash_attention_however_it_got_it() -> None:
    model = model_of("paligemma")
    model.config.text_config._attn_implementation = "flash_attention_2"
    with pytest.raises(ValueError, match="attn 'flash_attention_2' with PaliGemma shows every token the future"):
        model(**batch_of("paligemma"))


@pytest.mark.parametrize("backbone", BACKBONES)
def test_a_mask_of_four_dimensions_wants_positions(backbone: str) -> None:
    batch = batch_of(backbone)
    length = batch["input_ids"].shape[1]
    batch["attention_mask"] = torch.ones(2, 1, length, length, dtype=torch.bool)
    with pytest.raises(ValueError, match="position_ids are missing"):
        model_of(backbone)(**batch)


def test_mllama_wants_its_cross_attention_mask() -> None:
    batch = {name: value for name, value in batch_of("mllama").items() if name != "cross_attention_mask"}
    with pytest.raises(ValueError, match="cross_attention_mask is missing"):
        model_of("mllama")(**batch)


@pytest.mark.parametrize("backbone", BACKBONES)
def test_the_tower_is_frozen(backbone: str) -> None:
    model = load_model(config_of(backbone))
    freeze_tower(model)
    frozen = [name for name, parameter in model.named_parameters() if not parameter.requires_grad]
    assert frozen
    assert all(name.startswith(TABLE[backbone].tower) for name in frozen)
