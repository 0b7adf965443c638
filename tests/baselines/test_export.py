"""An exported folder gives the same rewards in a process that knows nothing of this project."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("transformers")
pytest.importorskip("peft")

from safetensors.torch import load_file

from baselines.checkpoint import Settings, read_settings, write_settings
from baselines.export import export, main
from baselines.lora import add_lora
from baselines.model import load_model
from tests.baselines.models import BACKBONES, batch_of, config_of, randomise
from tldr_data.errors import UsageError

# peft 0.21 asks transformers 5.23 for something by its old name.
pytestmark = pytest.mark.filterwarnings("ignore:.is_gradient_checkpointing:FutureWarning")

LOAD = """
import sys, torch
from transformers import AutoModelForTokenClassification
torch.set_num_threads(1)
model = AutoModelForTokenClassification.from_pretrained(sys.argv[1], trust_remote_code=True, dtype=torch.float32).eval()
assert "baselines" not in sys.modules and "tldr_data" not in sys.modules
with torch.no_grad():
    torch.save(model(**torch.load(sys.argv[2])).logits, sys.argv[3])
"""


@pytest.fixture(autouse=True)
def _one_thread() -> None:
    torch.set_num_threads(1)


def checkpoint_of(backbone: str, folder: Path) -> Any:
    """What training leaves: an adapter beside its base, or all of tiny."""
    model = randomise(load_model(config_of(backbone), dtype=torch.float32))
    if backbone == "tldr_tiny":
        model.save_pretrained(folder)
        write_settings(folder, Settings(base="", threshold=0.25))
        return model
    base = folder.with_name("base")
    model.save_pretrained(base)
    (base / "tokenizer.json").write_text("{}")
    adapted = add_lora(load_model(base, dtype=torch.float32), rank=4, alpha=8)
    torch.manual_seed(2)
    with torch.no_grad():
        for name, parameter in adapted.named_parameters():
            if "lora_B" in name:
                parameter.normal_(std=0.1)
    adapted.save_pretrained(folder)
    write_settings(folder, Settings(base=str(base), threshold=0.25))
    return adapted.eval()


@pytest.mark.slow
@pytest.mark.parametrize("backbone", BACKBONES)
def test_plain_transformers_gives_the_same_rewards(backbone: str, tmp_path: Path) -> None:
    model, batch = checkpoint_of(backbone, tmp_path / "checkpoint"), batch_of(backbone)
    export(tmp_path / "checkpoint", tmp_path / "Llama-out", dtype=torch.float32)
    torch.save(batch, tmp_path / "batch.pt")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    environment = {**os.environ, "PYTHONPATH": "", "HF_HOME": str(tmp_path / "cache"), "HF_HUB_OFFLINE": "1"}
    arguments = [tmp_path / "Llama-out", tmp_path / "batch.pt", tmp_path / "logits.pt"]
    subprocess.run([sys.executable, "-c", LOAD, *map(str, arguments)], check=True, cwd=elsewhere, env=environment)
    with torch.no_grad():
        expected = model(**batch).logits
    assert torch.allclose(torch.load(tmp_path / "logits.pt"), expected, atol=1e-5)


def test_what_a_server_reads(tmp_path: Path) -> None:
    checkpoint_of("paligemma", tmp_path / "checkpoint")
    assert main([str(tmp_path / "checkpoint"), str(tmp_path / "Llama-out")]) == 0
    config = json.loads((tmp_path / "Llama-out" / "config.json").read_text())
    assert config["architectures"] == ["PaliGemmaForTokenClassification"]
    kind = {"AutoModelForTokenClassification": "modeling_tldr.PaliGemmaForTokenClassification"}
    assert config["auto_map"] == kind
    assert (config["id2label"], config["text_config"]["id2label"]) == ({"0": "GOOD"}, {"0": "GOOD"})
    assert (config["reward_context"], config["reward_mask"]) == ("causal", "prefix")
    assert read_settings(tmp_path / "Llama-out") == Settings(base="", threshold=0.25)
    assert (tmp_path / "Llama-out" / "tokenizer.json").read_text() == "{}"


@pytest.mark.parametrize("backbone", ["paligemma", "qwen2_vl", "qwen2_5_vl", "qwen3_vl"])
def test_weights_have_the_names_that_vllm_renames(backbone: str, tmp_path: Path) -> None:
    """The prefixes of the mapping in vLLM's model files; SigLIP has one level more there than in transformers 5."""
    checkpoint_of(backbone, tmp_path / "checkpoint")
    export(tmp_path / "checkpoint", tmp_path / "Llama-out")
    names = set(load_file(tmp_path / "Llama-out" / "model.safetensors"))
    text = ("model.language_model.embed_tokens.", "model.language_model.layers.", "model.language_model.norm.")
    vision = ("model.visual.",)
    if backbone == "paligemma":
        vision = ("model.vision_tower.vision_model.", "model.multi_modal_projector.linear.")
    head = "score." if backbone == "qwen3_vl" else "language_model.score."
    for prefix in (*text, *vision, head):
        assert any(name.startswith(prefix) for name in names)
    assert all(name.startswith((*text, *vision, head)) for name in names)


def test_all_but_the_head_is_rounded(tmp_path: Path) -> None:
    checkpoint_of("qwen2_vl", tmp_path / "checkpoint")
    export(tmp_path / "checkpoint", tmp_path / "Llama-out")
    weights = load_file(tmp_path / "Llama-out" / "model.safetensors")
    kept = {name for name, weight in weights.items() if weight.dtype == torch.float32}
    assert kept == {"language_model.score.weight", "language_model.score.bias"}


def test_a_folder_in_use_and_a_missing_checkpoint_are_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "used").write_text("")
    with pytest.raises(UsageError, match="the folder is not empty"):
        export(tmp_path / "none", tmp_path)
    assert main([str(tmp_path / "none"), str(tmp_path / "Llama-out")]) == 1
    assert "none/tldr.json: No such file" in capsys.readouterr().err
