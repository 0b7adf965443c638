"""What a dry run foretells, against training that is really done: on two cores, with small models and long rows."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("transformers")
pytest.importorskip("peft")

import datasets
from torch.profiler import ProfilerActivity, profile
from transformers import MllamaConfig, PaliGemmaConfig, PreTrainedConfig, Qwen2VLConfig

from baselines.architectures import architecture
from baselines.config import Run
from baselines.dry_run import config_of, forecast, parameters_of, render
from baselines.epoch import Epoch, epoch_of, paper_epoch, passes_of
from baselines.fake_step import activations_of, fake_model, flop_of
from baselines.losses import token_loss
from baselines.stand_ins import Response, batch_of, image_tokens, reading
from baselines.tiny import TinyConfig
from baselines.trainable import trainable
from tldr_data.building.plan import Plan
from tldr_data.dataset import CLASS_LABELS
from tldr_data.errors import UsageError
from tldr_data.pipeline import build

# peft asks transformers by a name that it gives up
pytestmark = pytest.mark.filterwarnings("ignore:.is_gradient_checkpointing. is deprecated:FutureWarning")

PARAPHRASE = CLASS_LABELS["kind"].index("paraphrase")
TEXT = {"hidden_size": 128, "intermediate_size": 512, "num_hidden_layers": 3, "num_attention_heads": 4}
TEXT |= {"vocab_size": 300, "pad_token_id": 0, "bos_token_id": 1, "eos_token_id": 2}


@pytest.fixture(scope="module", autouse=True)
def _one_thread() -> Any:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def paligemma() -> PreTrainedConfig:
    vision = {"model_type": "siglip_vision_model", "hidden_size": 64, "intermediate_size": 128, "patch_size": 14}
    vision |= {"num_hidden_layers": 2, "num_attention_heads": 2, "image_size": 168, "projection_dim": 128}
    text = {**TEXT, "model_type": "gemma", "num_key_value_heads": 1, "head_dim": 32}
    return PaliGemmaConfig(
        vision_config=vision, text_config=text, projection_dim=128, hidden_size=128, image_token_id=5
    )


def qwen2_vl() -> PreTrainedConfig:
    rope = {"rope_type": "default", "rope_theta": 10000.0, "mrope_section": [4, 6, 6]}
    text = {**TEXT, "num_key_value_heads": 2, "rope_parameters": rope}
    vision = {"depth": 2, "embed_dim": 64, "hidden_size": 128, "num_heads": 2, "mlp_ratio": 2, "patch_size": 28}
    return Qwen2VLConfig(vision_config=vision, text_config=text, image_token_id=5)


def mllama() -> PreTrainedConfig:
    vision = {"hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_global_layers": 1}
    vision |= {"attention_heads": 2, "image_size": 112, "patch_size": 14, "vision_output_dim": 128, "max_num_tiles": 4}
    vision |= {"intermediate_layers_indices": [1], "supported_aspect_ratios": [[1, 1], [1, 2], [2, 1], [2, 2]]}
    text = {**TEXT, "num_key_value_heads": 2, "cross_attention_layers": [1]}
    return MllamaConfig(vision_config=vision, text_config=text, image_token_index=5)


def tiny() -> PreTrainedConfig:
    return TinyConfig(vocab_size=300)


def run_of(**steps: Any) -> Run:
    lora = {"rank": 32} if steps.pop("lora", True) else None
    packed = steps.pop("packed", True)
    told = {"precision": "fp32", "responses_per_pass": 4, **steps}
    data = {"dataset": "nowhere", "packed": packed}
    return Run.model_validate(
        {"model": {"weights": "none"}, "lora": lora, "data": data, "steps": told, "out": "runs/x"}
    )


RESPONSES = [Response(0, 0, 10, 170), Response(0, 0, 10, 160), Response(1, 0, 10, 170), Response(1, 1, 10, 150)]


def train(run: Run, config: PreTrainedConfig, steps: int = 2) -> None:
    """Steps of one pass each, as the trainer does them."""
    torch.manual_seed(0)
    model = trainable(run, config).train()
    trained = [parameter for parameter in model.parameters() if parameter.requires_grad]
    optimizer = torch.optim.AdamW(trained, fused=True)
    batch = batch_of(run, config, RESPONSES)
    labels, given = batch["labels"], {k: v for k, v in batch.items() if k not in ("labels", "branch", "responses")}
    for parameter in trained:  # passes before the last of a step leave them
        parameter.grad = torch.zeros_like(parameter)
    for _ in range(steps):
        with torch.autocast("cpu", torch.bfloat16, enabled=run.steps.precision == "bf16"):
            rewards = model(**given).logits
        token_loss(rewards, labels).backward()
        del rewards
        optimizer.step()
        optimizer.zero_grad(set_to_none=False)


def really_taken(run: Run, config: PreTrainedConfig) -> int:
    """Bytes at the peak of training, all that is allocated counted by torch's allocator."""
    with profile(activities=[ProfilerActivity.CPU], profile_memory=True) as watched:
        train(run, config)
    now = most = 0
    for event in watched.profiler.kineto_results.events():
        if event.name() == "[memory]":
            now += event.nbytes()
            most = max(most, now)
    return most


CASES = {
    "paligemma": (paligemma, {}),
    "paligemma-kept": (paligemma, {"checkpointing": False}),
    "paligemma-separate": (paligemma, {"packed": False}),
    "paligemma-whole-kept": (paligemma, {"lora": False, "checkpointing": False}),
    "qwen2_vl": (qwen2_vl, {}),
    "qwen2_vl-kept": (qwen2_vl, {"checkpointing": False}),
    "mllama": (mllama, {}),
    "tiny": (tiny, {"lora": False, "checkpointing": False}),
}


@pytest.mark.parametrize("case", CASES)
def test_memory_is_what_training_takes(case: str) -> None:
    make, told = CASES[case]
    run = run_of(**told)
    foretold, activations = foretold_memory(run, make())
    real = really_taken(run, make())
    rest = foretold - activations
    assert activations > rest, "of what is easily foretold there should be little"
    assert foretold == pytest.approx(real, rel=0.03)
    assert activations == pytest.approx(real - rest, rel=0.03)


def foretold_memory(run: Run, config: PreTrainedConfig) -> tuple[int, int]:
    """All of one GPU's bytes, and those of activations."""
    model = fake_model(run, config)
    activations = activations_of(model, batch_of(run, config, RESPONSES), bf16=run.steps.precision == "bf16")
    held = parameters_of(model)
    return activations + held["weights"] + held["gradients"] + held["moments"], activations


def test_memory_under_bfloat16_is_what_training_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Short rows: a CPU multiplies bfloat16 a hundred times slower."""
    monkeypatch.setattr(sys.modules[__name__], "RESPONSES", [Response(0, 0, 4, 12)] * 2)
    run = run_of(precision="bf16")
    foretold, activations = foretold_memory(run, paligemma())
    real = really_taken(run, paligemma())
    assert foretold == pytest.approx(real, rel=0.03)
    assert activations == pytest.approx(real - (foretold - activations), rel=0.05)


def test_a_process_grows_by_what_is_foretold() -> None:
    """What the system gave to a fresh process, from after its imports to the peak."""
    run = run_of(checkpointing=False)
    foretold, _ = foretold_memory(run, paligemma())
    body = "import tests.baselines.test_dry_run as made; made.print_growth()"
    # what is freed goes back at once: else the process keeps what others no longer need
    own = {"MALLOC_MMAP_THRESHOLD_": "65536", "MALLOC_TRIM_THRESHOLD_": "65536", "OMP_NUM_THREADS": "1"}
    told = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", body],
        env={**os.environ, **own},
        capture_output=True,
        text=True,
        check=True,
    )
    assert foretold == pytest.approx(int(told.stdout), rel=0.15)


def print_growth() -> None:
    """In a process of its own: a first small step loads what torch loads late."""
    global RESPONSES
    torch.set_num_threads(1)
    run, many = run_of(checkpointing=False), RESPONSES
    RESPONSES = [Response(0, 0, 4, 4)]
    train(run, paligemma(), steps=1)
    RESPONSES = many
    before = _resident("VmRSS")
    train(run, paligemma(), steps=1)
    print(_resident("VmHWM") - before)


def _resident(name: str) -> int:
    lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    return next(1024 * int(line.split()[1]) for line in lines if line.startswith(name))


@pytest.mark.parametrize("mask", ["image", "prefix"])
@pytest.mark.parametrize("context", ["causal", "echo"])
@pytest.mark.parametrize("packed", [True, False])
def test_rows_are_counted_as_the_collators_make_them(packed: bool, context: str, mask: str) -> None:
    random = np.random.default_rng(0)
    run = run_of(packed=packed)
    run = run.model_copy(update={"model": run.model.model_copy(update={"context": context, "mask": mask})})
    image = np.sort(random.integers(0, 9, 50))
    prompt = random.integers(0, 3, 50)
    epoch = Epoch(image, prompt, prompt + 4, random.integers(1, 40, 50), 1.0, "made up")
    config = paligemma()
    passes = passes_of(run, epoch, reading(run, config), image_tokens(config))
    assert len(passes.rows) == 13
    for number in range(13):
        batch = batch_of(run, config, epoch.part(4 * number, 4 * number + 4))
        assert batch["input_ids"].shape == (passes.rows[number], passes.longest[number])


def test_rows_that_are_too_long_are_cut() -> None:
    run = run_of(responses_per_pass=16)
    run = run.model_copy(update={"data": run.data.model_copy(update={"max_tokens": 300})})
    epoch = Epoch(*(np.full(16, value) for value in (0, 0, 4, 40)), 1.0, "made up")
    config = paligemma()
    passes = passes_of(run, epoch, reading(run, config), image_tokens(config))
    rows, longest = batch_of(run, config, epoch.part(0, 16))["input_ids"].shape
    assert passes.rows.tolist() == [rows]
    assert passes.longest[0] == pytest.approx(longest, rel=0.1)


def test_flop_of_a_transformer_are_those_of_its_matrices_and_of_attention() -> None:
    run, config = run_of(lora=False, checkpointing=False), tiny()
    model = fake_model(run, config)
    batch = batch_of(run, config, RESPONSES)
    flop = flop_of(model, batch, bf16=False)
    rows, length = batch["input_ids"].shape
    layers, width = config.num_hidden_layers, config.hidden_size
    matrices = sum(own.numel() for name, own in model.named_parameters() if "blocks" in name and own.ndim == 2)
    # Two products forward and five backward, which computes the scores again: a fused kernel keeps none.
    attention = layers * 2 * length**2 * width * (2 + 5)
    kernels = [own.numel() for name, own in model.named_parameters() if "stem" in name and own.ndim == 4]
    sizes = [config.image_size >> (at + 1) for at in range(len(config.stem_widths))] + [config.side]
    # Pixels need no gradient.
    stem = sum(6 * own * size**2 for own, size in zip(kernels, sizes, strict=True)) - 2 * kernels[0] * sizes[0] ** 2
    assert flop.executed == flop.model
    assert flop.executed == pytest.approx(rows * (6 * matrices * length + attention + stem), rel=0.03)


def test_checkpointing_computes_the_decoder_once_more() -> None:
    config, batch = paligemma(), batch_of(run_of(), paligemma(), RESPONSES[:1])
    without, checkpointed = (
        flop_of(fake_model(run_of(checkpointing=told), config), batch, bf16=False) for told in (False, True)
    )
    assert without.executed == without.model == checkpointed.model
    assert 1.25 < checkpointed.executed / without.executed < 1.5
    assert without.tower == checkpointed.tower > 0


def test_the_papers_epoch_has_the_papers_sizes() -> None:
    packed, shuffled = (paper_epoch("x", by_image=told) for told in (True, False))
    captions = 0.8 * (94_684 + 563_066) + 0.65 * (14_639 + 95_238)
    assert round((packed.prompt == 0).sum() * packed.times) == pytest.approx(captions, rel=0.02)
    assert packed.responses() == pytest.approx(captions + 0.8 * 2 * 1_179_007, rel=0.02)
    assert packed.images() == pytest.approx(0.8 * 94_684 + 0.65 * 14_639, rel=0.01)
    assert (np.diff(packed.image) != 0).sum() == len(np.unique(packed.image)) - 1
    assert shuffled.tokens.sum() == packed.tokens.sum()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "trained"), [("paligemma-3b-mix-448", 629e6), ("qwen2-vl-2b", 600e6), ("llama-3.2-11b-vision", 1.68e9)]
)
def test_parameters_are_those_that_others_count(name: str, trained: float) -> None:
    run = Run.model_validate(
        {"model": {"weights": "x", "architecture": name}, "data": {"dataset": "x"}, "out": "runs/x"}
    )
    counted = parameters_of(fake_model(run, architecture(name)))
    assert counted["adapters"] == pytest.approx(trained, rel=0.005)
    assert counted["head"] == architecture(name).get_text_config().hidden_size + 1
    assert counted["other_trained"] == 0
    assert counted["moments"] == 2 * counted["gradients"] == 8 * (counted["adapters"] + counted["head"])


def test_a_built_dataset_is_counted_row_by_row(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", tmp_path / "datasets")
    out = tmp_path / "out"
    build(Plan(taxonomies=("spatial", "counting"), out=out, limit=12))
    run = run_of()
    run = run.model_copy(update={"data": run.data.model_copy(update={"dataset": str(out), "paraphrases": False})})
    epoch = epoch_of(run)
    rows = [row for row in datasets.load_dataset(str(out), "all", split="train") if row["kind"] != PARAPHRASE]
    assert epoch.responses() == len(rows)
    assert epoch.images() == len({row["image_id"] for row in rows})
    assert sorted(epoch.tokens) == sorted(round(1.25 * len(row["words"])) for row in rows)
    assert "1.25 tokens a word (assumed" in epoch.source


def test_a_forecast_is_told_line_by_line(tmp_path: Path) -> None:
    config = paligemma()
    (tmp_path / "config.json").write_text(json.dumps(config.to_dict()), encoding="utf-8")
    run = run_of(responses_per_pass=2)
    run = run.model_copy(update={"model": run.model.model_copy(update={"weights": str(tmp_path)})})
    found = forecast(run)
    assert found.tokens < found.other_tokens
    assert found.memory(8) - found.memory(1) == found.gradients == found.buckets
    assert found.steps == -(-found.responses // 512)
    assert found.hours() == pytest.approx(found.model_flop / (8 * 0.4 * 989e12) / 3600)
    assert found.flop > found.model_flop > found.tower_flop > 0
    told = render(found)
    for expected in (
        "since nowhere is not here",
        "40% of 989 TFLOP/s",
        "DDP's buckets",
        "one row a response",
        "packed",
    ):
        assert expected in told


def test_shapes_must_be_here() -> None:
    with pytest.raises(UsageError, match=r"model\.architecture is missing: none is no folder"):
        config_of(run_of())
