"""Tiny learns to see from true captions, and training leaves what it sees as it is."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("transformers")

from safetensors.torch import load_file, save_file

from baselines import pretrain as pretraining
from baselines.checkpoint import read_settings
from baselines.config import Run
from baselines.pretrain import Tags, learn, main, pretrain
from baselines.tiny import TinyConfig, TinyForTokenClassification, Tower
from baselines.train import train
from baselines.weights import fingerprint
from tldr_data.building.plan import Plan, SourcePlan
from tldr_data.errors import InputError, UsageError
from tldr_data.pipeline import build

STEPS = 60

pytestmark = pytest.mark.filterwarnings("ignore:unclosed event loop:ResourceWarning")


@pytest.fixture(scope="module", autouse=True)
def _few_steps() -> Any:
    torch.set_num_threads(1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pretraining, "RAREST", 0.1)
        yield


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("built") / "out"
    build(Plan(taxonomies=("attribute", "counting"), sources=(SourcePlan("scenes-easy"),), out=out, limit=120))
    return out


@pytest.fixture(scope="module")
def vision(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return pretrain(str(built), tmp_path_factory.mktemp("runs") / "vision", steps=STEPS)


def tower(folder: Path) -> dict[str, Any]:
    return {name: own for name, own in load_file(folder / "model.safetensors").items() if ".tower." in name}


def test_the_same_captions_give_the_same_weights_once(
    built: Path, vision: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    again = pretrain(str(built), tmp_path / "again", steps=STEPS)
    assert (again / "model.safetensors").read_bytes() == (vision / "model.safetensors").read_bytes()
    capsys.readouterr()
    assert main([str(built), "-o", str(again), "--steps", str(STEPS)]) == 0
    assert "is trained already" in capsys.readouterr().err
    settings = read_settings(vision)
    assert (settings.dataset, settings.licenses) == (str(built), ("CC0-1.0",))


def test_a_tower_learns_what_stands_in_one_place() -> None:
    """Two tags, each a square of four pixels of one colour, anywhere: chance is 2 ln 2 = 1.39."""
    torch.manual_seed(0)
    config = TinyConfig(hidden_size=32, image_size=16, stem_widths=(8, 16))
    tags = torch.randint(2, (256, 2)).float()
    pixels = torch.zeros(256, 3, 16, 16)
    for image, own in zip(pixels, tags, strict=True):
        for colour in own.nonzero()[:, 0].tolist():
            left, top = torch.randint(13, (2,)).tolist()
            image[colour, top : top + 4, left : left + 4] = 255
    assert learn(Tower(config), Tags(config, tags.mean(0)), pixels, tags, STEPS, seed=0) < 0.7


def test_any_number_of_steps_is_one() -> None:
    config = TinyConfig(hidden_size=8, image_size=8, stem_widths=(4,))
    tags = torch.tensor([[1.0], [0.0]])
    for steps in (1, 20, 21):
        torch.manual_seed(0)
        pixels = torch.zeros(2, 3, 8, 8, dtype=torch.uint8)
        assert 0 < learn(Tower(config), Tags(config, tags.mean(0)), pixels, tags, steps, seed=0) < 2


def test_a_folder_of_something_else_is_left_alone(built: Path, vision: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    build(Plan(taxonomies=("attribute",), sources=(SourcePlan("scenes-easy"),), out=other, limit=5))
    with pytest.raises(UsageError, match="was begun with dataset"):
        pretrain(str(other), vision, steps=STEPS)
    with pytest.raises(UsageError, match=r"is not empty and holds no run\.json"):
        pretrain(str(built), other)
    with pytest.raises(UsageError, match="--steps 0: allowed are 1 and more"):
        pretrain(str(built), tmp_path / "none", steps=0)


def test_what_was_seen_is_not_lost_in_training(built: Path, vision: Path, tmp_path: Path) -> None:
    steps = {"responses_per_step": 32, "responses_per_pass": 32, "epochs": 0.1, "precision": "fp32"}
    run = Run.model_validate(
        {
            "model": {"weights": str(vision), "context": "bidirectional"},
            "lora": None,
            "data": {"dataset": str(built), "workers": 0, "validation": 0},
            "steps": {**steps, "warmup_steps": 0, "checkpointing": False},
            "logs": [],
            "out": tmp_path / "run",
        }
    )
    out = train(run)
    before, after = tower(vision), tower(out)
    assert len(before) > 10
    assert all(torch.equal(own, after[name]) for name, own in before.items())
    weights, trained = (load_file(folder / "model.safetensors") for folder in (vision, out))
    assert not torch.equal(weights["stem.summary.weight"], trained["stem.summary.weight"])
    assert json.loads((out / "run.json").read_text(encoding="utf-8"))["weights"] == fingerprint(str(vision))
    copy = shutil.copytree(vision, tmp_path / "copy")
    moved = run.model_copy(update={"model": run.model.model_copy(update={"weights": str(copy)})})
    assert train(moved) == out
    save_file({**weights, "stem.summary.weight": weights["stem.summary.weight"] + 1}, copy / "model.safetensors")
    with pytest.raises(UsageError, match=r"was begun with weights\.model\.safetensors"):
        train(moved)


def test_a_frozen_tower_normalises_each_image_alone(vision: Path) -> None:
    model = TinyForTokenClassification.from_pretrained(vision)
    images = torch.rand(3, 3, 64, 64)
    assert not torch.allclose(model.train().stem.tower(images)[:1], model.stem.tower(images[:1]), atol=1e-4)
    model.stem.tower.requires_grad_(False)
    assert torch.allclose(model.train().stem.tower(images)[:1], model.stem.tower(images[:1]), atol=1e-5)


def test_scenes_are_drawn_beside_those_of_the_dataset_and_never_the_same(
    built: Path, vision: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told = [str(built), "--steps", "2", "--scenes", "scenes-easy", "--limit", "40"]
    assert main([*told, "--seed", "2", "-o", str(tmp_path / "more")]) == 0
    assert json.loads((tmp_path / "more" / "run.json").read_text(encoding="utf-8"))["run"]["drawn"] == [
        "scenes-easy",
        40,
    ]
    capsys.readouterr()
    assert main([*told, "-o", str(tmp_path / "same")]) == 2
    assert "--seed 0: draws scenes that the dataset holds" in capsys.readouterr().err


def test_large_images_are_read_at_128_pixels(tmp_path: Path) -> None:
    out = tmp_path / "built"
    build(Plan(taxonomies=("attribute",), sources=(SourcePlan("scenes"),), out=out, limit=12))
    config = TinyForTokenClassification.from_pretrained(pretrain(str(out), tmp_path / "vision", steps=1)).config
    assert (config.image_size, config.image_tokens) == (128, 65)


def test_a_dataset_whose_captions_share_no_word_is_refused(
    built: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pretraining, "RAREST", 1)
    with pytest.raises(InputError, match=r"no word stands in the true texts on 100\.0% of the images"):
        pretrain(str(built), tmp_path / "vision")
