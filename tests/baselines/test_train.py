"""Training as people run it: small models of the real architectures, on a dataset that was built."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
import yaml

torch = pytest.importorskip("torch")
pytest.importorskip("transformers")
pytest.importorskip("peft")

import datasets
from huggingface_hub import constants
from safetensors.torch import load_file
from transformers import set_seed

from baselines import trainer as trainer_module
from baselines.checkpoint import Settings, load_checkpoint, read_settings, write_settings
from baselines.config import Run
from baselines.export import export
from baselines.resuming import last_checkpoint
from baselines.train import main, parts_of, train, trainer_of
from tests.baselines.folders import save_backbone
from tldr_data.building.plan import Plan
from tldr_data.errors import BuildError, HubError, InputError, UsageError
from tldr_data.pipeline import build

# peft 0.21 asks transformers 5.23 for something by its old name.
pytestmark = [
    pytest.mark.filterwarnings("ignore:.is_gradient_checkpointing:FutureWarning"),
    pytest.mark.filterwarnings("ignore:unclosed event loop:ResourceWarning"),
]

ROOT = Path(__file__).parents[2]
STEPS = {
    **{"responses_per_step": 8, "responses_per_pass": 8, "warmup_steps": 0, "learning_rate": 1e-3},
    **{"precision": "fp32", "checkpointing": False, "save_every": 4},
}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("built") / "out"
    build(Plan(taxonomies=("attribute", "counting"), out=out, limit=8))
    return out


@pytest.fixture(scope="module")
def paligemma(tmp_path_factory: pytest.TempPathFactory) -> str:
    return save_backbone("paligemma", tmp_path_factory.mktemp("paligemma"))


@pytest.fixture(autouse=True)
def _alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    torch.set_num_threads(1)
    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", tmp_path / "datasets")
    monkeypatch.setenv("TENSORBOARD_LOGGING_DIR", str(tmp_path / "logs"))
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)


def config(built: Path, out: Path, weights: str = "tiny", **changes: Any) -> dict[str, Any]:
    lora = None if weights == "tiny" else {"rank": 4, "alpha": 8}
    data = {"dataset": str(built), "workers": 0, "validation": 0, **changes.pop("data", {})}
    model = {"weights": weights, **changes.pop("model", {})}
    steps = {**STEPS, **changes.pop("steps", {})}
    return {"model": model, "lora": lora, "data": data, "steps": steps, "out": str(out), "logs": [], **changes}


def run_of(*arguments: Any, **changes: Any) -> Run:
    return Run.model_validate(config(*arguments, **changes))


def losses(out: Path) -> list[tuple[int, float]]:
    history = json.loads((out / "trainer_state.json").read_text(encoding="utf-8"))["log_history"]
    return [(entry["step"], entry["loss"]) for entry in history if "loss" in entry]


def weights_in(out: Path) -> dict[str, Any]:
    (path,) = out.glob("*model.safetensors")
    return load_file(path)


def same(one: dict[str, Any], other: dict[str, Any], furthest: float = 0.0) -> bool:
    return all(bool((one[name] - other[name]).abs().max() <= furthest) for name in {*one, *other})


@pytest.mark.parametrize("model_type", ["paligemma", "qwen2_vl", "mllama"])
def test_a_run_ends_with_a_model_that_loads_and_exports(model_type: str, built: Path, tmp_path: Path) -> None:
    folder = save_backbone(model_type, tmp_path / "backbone")
    out = train(run_of(built, tmp_path / "run", folder, steps={"checkpointing": True}))
    assert read_settings(out).base == folder
    adapted = load_checkpoint(out, dtype=torch.float32)
    export(out, tmp_path / "Llama-export", dtype=torch.float32)
    assert {path.name for path in (tmp_path / "Llama-export").iterdir()} >= {
        "tokenizer.json",
        "preprocessor_config.json",
    }
    whole = load_checkpoint(tmp_path / "Llama-export", dtype=torch.float32)
    again = run_of(built, tmp_path / "run", folder)
    batch = next(iter(trainer_of(again, parts_of(again)).get_train_dataloader()))
    batch.pop("labels")
    with torch.no_grad():
        assert (adapted(**batch).logits - whole(**batch).logits).abs().max() < 1e-4


@pytest.mark.slow
@pytest.mark.parametrize("model_type", ["paligemma", "qwen2_vl", "mllama"])
def test_a_few_rows_are_learned_by_heart(model_type: str, tmp_path: Path) -> None:
    build(Plan(taxonomies=("attribute",), out=tmp_path / "built", limit=1))
    run = run_of(
        *(tmp_path / "built", tmp_path / "run", save_backbone(model_type, tmp_path / "backbone")),
        lora={"rank": 32, "alpha": 32, "dropout": 0.0},
        steps={
            "epochs": 250,
            "learning_rate": 5e-3,
            "save_every": 1000,
            "responses_per_step": 9,
            "responses_per_pass": 9,
        },
    )
    set_seed(0)
    parts = parts_of(run)
    assert sorted(parts.rows.parts) == ["attribute"] * 2 + ["clean"] * 7
    trainer = trainer_of(run, parts)
    before = trainer.evaluate(parts.rows)["eval_ap_bad"]
    trainer.train()
    assert before < 0.5
    assert trainer.evaluate(parts.rows)["eval_ap_bad"] == pytest.approx(1, abs=1e-9)


@pytest.mark.parametrize("loss", ["bce", "span_max", "paired_margin", "naive"])
def test_every_loss_trains(loss: str, built: Path, tmp_path: Path) -> None:
    out = train(run_of(built, tmp_path / "run", loss=loss, steps={"epochs": 2}))
    found = losses(out)
    assert found[-1][1] < found[0][1]


@pytest.mark.parametrize("context", ["causal", "bidirectional", "echo"])
def test_every_context_trains(context: str, built: Path, tmp_path: Path) -> None:
    out = train(run_of(built, tmp_path / "run", model={"context": context}))
    assert read_settings(out).context == context


def test_passes_of_any_size_make_the_same_step(built: Path, paligemma: str, tmp_path: Path) -> None:
    found = []
    for size in (8, 2):
        told = config(built, tmp_path / str(size), paligemma, lora={"rank": 4, "alpha": 8, "dropout": 0.0})
        told["steps"] |= {"responses_per_pass": size, "save_every": 2}
        found.append(losses(train(Run.model_validate(told))))
    first, divided = found
    assert len(first) == 5
    assert first[0][1] != first[-1][1]
    assert divided == [(step, pytest.approx(loss, rel=1e-3)) for step, loss in first]


def start(path: Path, *arguments: str) -> subprocess.Popen[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    return subprocess.Popen([sys.executable, *arguments, str(path)], cwd=path.parent, env=environment, text=True)


@pytest.mark.slow
def test_a_killed_run_goes_on_to_the_same_losses_and_weights(built: Path, paligemma: str, tmp_path: Path) -> None:
    """With dropout, and killed wherever it is once its first checkpoint is there."""
    told = config(built, tmp_path / "killed", paligemma, steps={"save_every": 2, "epochs": 3})
    path = tmp_path / "run.yaml"
    path.write_text(yaml.safe_dump(told), encoding="utf-8")
    process = start(path, "-m", "baselines.train")
    while last_checkpoint(tmp_path / "killed") is None:
        assert process.poll() is None
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL if hasattr(signal, "SIGKILL") else signal.SIGTERM)
    process.wait()
    assert not (tmp_path / "killed" / "trainer_state.json").exists(), "killed too late"
    assert start(path, "-m", "baselines.train").wait() == 0
    path.write_text(yaml.safe_dump({**told, "out": str(tmp_path / "whole")}), encoding="utf-8")
    assert start(path, "-m", "baselines.train").wait() == 0
    assert losses(tmp_path / "killed") == losses(tmp_path / "whole")
    assert same(weights_in(tmp_path / "killed"), weights_in(tmp_path / "whole"))


@pytest.mark.slow
def test_two_processes_train_as_one_does(built: Path, paligemma: str, tmp_path: Path) -> None:
    made = []
    for processes in (1, 2):
        out = tmp_path / str(processes)
        path = tmp_path / f"{processes}.yaml"
        told = config(built, out, paligemma, steps={"responses_per_pass": 8 // processes})
        told["lora"]["dropout"] = 0.0
        told["data"]["validation"] = 16
        path.write_text(yaml.safe_dump(told), encoding="utf-8")
        launcher = ("torch.distributed.run", "--nproc-per-node", str(processes), "-m")
        assert start(path, "-m", *launcher, "baselines.train").wait() == 0
        made.append(out)
    assert losses(made[0]) == [(step, pytest.approx(loss, rel=1e-4)) for step, loss in losses(made[1])]
    assert same(weights_in(made[0]), weights_in(made[1]), 2e-4)


def test_what_was_not_written_to_its_end_is_passed_over(tmp_path: Path) -> None:
    whole = '{"global_step": 1, "max_steps": 9}'
    last = '{"global_step": 9, "max_steps": 9}'
    for step, state in ((8, whole), (16, '{"global_st'), (4, whole), (24, last)):
        (tmp_path / f"checkpoint-{step}").mkdir()
        (tmp_path / f"checkpoint-{step}" / "trainer_state.json").write_text(state)
    (tmp_path / "checkpoint-32").mkdir()
    assert last_checkpoint(tmp_path) == tmp_path / "checkpoint-8"


def test_a_folder_belongs_to_one_run(built: Path, tmp_path: Path) -> None:
    run = run_of(built, tmp_path / "run", steps={"save_every": 1000})
    with pytest.raises(UsageError, match="no run was begun there"):
        train(run, "require")
    train(run)
    before = weights_in(run.out)
    assert train(run, "require") == run.out
    with pytest.raises(UsageError, match="a run was begun there"):
        train(run, "never")
    with pytest.raises(UsageError, match=r"was begun with steps.learning_rate 0.001, not 0.1"):
        train(run_of(built, run.out, steps={"save_every": 1000, "learning_rate": 0.1}))
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "thesis.tex").touch()
    with pytest.raises(UsageError, match=r"is not empty and holds no run.json"):
        train(run_of(built, tmp_path / "other"))
    (run.out / "run.json").write_text("[]")
    with pytest.raises(InputError, match="not the record of a run"):
        train(run)
    assert same(weights_in(run.out), before)


def test_a_loss_that_is_not_finite_stops_the_run_before_it_does_harm(
    built: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    count = iter(range(100))
    real = trainer_module.token_loss

    def breaks(*arguments: Any) -> Any:
        return real(*arguments) * (float("nan") if next(count) == 5 else 1)

    monkeypatch.setattr(trainer_module, "token_loss", breaks)
    run = run_of(built, tmp_path / "run", steps={"save_every": 5})
    with pytest.raises(BuildError, match=r"loss is nan in step 6: nothing was changed by it; lower steps.learn"):
        train(run)
    kept = last_checkpoint(run.out)
    assert kept == run.out / "checkpoint-5"
    assert all(bool(weight.isfinite().all()) for weight in weights_in(kept).values())
    train(run)


def test_a_gradient_that_is_not_finite_stops_the_run(built: Path, tmp_path: Path) -> None:
    run = run_of(built, tmp_path / "run", steps={"learning_rate": 1e30})
    with pytest.raises(BuildError, match=r"(loss|gradient norm) is (nan|inf) in step"):
        train(run)


def test_too_little_memory_is_told_with_what_to_lower(
    built: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def runs_out(*arguments: Any) -> Any:
        raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 GiB")

    path = tmp_path / "run.yaml"
    path.write_text(yaml.safe_dump(config(built, tmp_path / "run")), encoding="utf-8")
    monkeypatch.setattr(trainer_module, "token_loss", runs_out)
    assert main([str(path)]) == 1
    assert "error: out of memory with steps.responses_per_pass 8 and data.max_tokens 4096" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"steps": {"responses_per_pass": 3}}, "responses_per_step 8: is not a multiple of responses_per_pass 3"),
        ({"steps": {"checkpointing": True}}, "steps.checkpointing true with tldr_tiny; allowed: false"),
        ({"lora": {}}, "LoRA with tldr_tiny"),
        ({"data": {"taxonomies": {"spatial": 1}}}, "taxonomy 'spatial'"),
        ({"data": {"taxonomies": {"all": 1, "spatial": 1}}}, "taxonomy 'spatial'"),
        ({"loss": "paired_margin", "data": {"packed": False}}, "loss paired_margin with data.packed false"),
        ({"steps": {"responses_per_pass": 8192, "responses_per_step": 8192}}, "train has only"),
        ({"model": {"attention": "eager"}}, "attn 'eager' with tldr_tiny; allowed: sdpa"),
    ],
)
def test_what_cannot_be_done_is_refused(changes: Any, message: str, built: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=message):
        train(run_of(built, tmp_path / "run", **changes))


def test_weights_that_are_nowhere_are_told(built: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="neither a folder nor a name on the Hub"):
        train(run_of(built, tmp_path / "run", "./backbones/paligemma"))
    with pytest.raises(HubError, match="HF_HUB_OFFLINE is set"):
        train(run_of(built, tmp_path / "run", "someone/something"))


@pytest.mark.slow
def test_two_processes_go_on_in_the_order_of_the_epoch_that_they_were_in(
    built: Path, paligemma: str, tmp_path: Path
) -> None:
    launcher = ("-m", "torch.distributed.run", "--nproc-per-node", "2", "-m", "baselines.train")
    path = tmp_path / "run.yaml"
    steps = {"responses_per_pass": 4, "epochs": 2, "save_every": 5}
    told = config(built, tmp_path / "whole", paligemma, steps=steps, lora={"rank": 4, "alpha": 8, "dropout": 0.0})
    path.write_text(yaml.safe_dump(told), encoding="utf-8")
    assert start(path, *launcher).wait() == 0
    stopped = tmp_path / "stopped"
    shutil.copytree(tmp_path / "whole", stopped)
    (stopped / "trainer_state.json").unlink()
    kept = last_checkpoint(stopped)
    assert kept is not None
    path.write_text(yaml.safe_dump({**told, "out": str(stopped)}), encoding="utf-8")
    assert start(path, *launcher).wait() == 0
    assert losses(stopped) == losses(tmp_path / "whole")
    assert same(weights_in(stopped), weights_in(tmp_path / "whole"), 1e-6)


def test_licences_of_weights_stay_with_what_is_trained_on(built: Path, paligemma: str, tmp_path: Path) -> None:
    weights = shutil.copytree(paligemma, tmp_path / "weights")
    write_settings(weights, Settings(base="", licenses=["llama3.1"]))
    run = run_of(built, tmp_path / "run", str(weights))
    assert "llama3.1" in parts_of(run).licenses
