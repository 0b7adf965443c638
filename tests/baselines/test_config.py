"""What a run is told."""

from pathlib import Path

import pytest
import yaml

from baselines.architectures import architectures
from baselines.config import read_run
from tldr_data.errors import InputError, UsageError

CONFIGS = sorted((Path(__file__).parents[2] / "baselines" / "configs").glob("*.yaml"))
LEAST = {"model": {"weights": "tiny"}, "data": {"dataset": "out"}, "out": "runs/x"}


def written(tmp_path: Path, told: object) -> Path:
    path = tmp_path / "run.yaml"
    path.write_text(yaml.safe_dump(told), encoding="utf-8")
    return path


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: path.stem)
def test_every_config_is_read(path: Path) -> None:
    run = read_run(path)
    assert run.model.architecture is None or run.model.architecture in architectures()


@pytest.mark.parametrize("name", ["paligemma-3b", "llama-3.2-11b-vision"])
def test_the_papers_runs_have_the_papers_figures(name: str) -> None:
    (path,) = (path for path in CONFIGS if path.stem == name)
    run = read_run(path)
    assert run.lora
    assert (run.lora.rank, run.lora.alpha, run.lora.dropout, run.lora.parts) == (512, 128, 0.1, "both")
    assert run.steps.responses_per_step == 8 * 8 * 8
    assert (run.steps.learning_rate, run.steps.warmup_steps, run.steps.schedule) == (1e-3, 200, "cosine")
    assert (run.loss, run.model.context) == ("bce", "causal")


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"loss": "mse"}, r"loss: .*'bce'.*is 'mse'"),
        ({"steps": {"learning_rate": -1}}, r"steps\.learning_rate: .*greater than 0"),
        ({"lora": {"parts": "vision"}}, r"lora\.parts: .*'projector' or 'decoder'"),
        ({"speed": 3}, r"speed: Extra inputs are not permitted"),
        ({"out": None}, r"out: "),
        ({"data": {"dataset": "out", "taxonomies": {"spatial": 0}}}, r"data\.taxonomies\.spatial: "),
    ],
)
def test_what_is_not_allowed_is_told_in_one_line(changes: dict[str, object], told: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=told) as raised:
        read_run(written(tmp_path, {**LEAST, **changes}))
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("content", ["a: [", "- 1", ""])
def test_what_is_no_run_is_told(content: str, tmp_path: Path) -> None:
    path = tmp_path / "run.yaml"
    path.write_text(content, encoding="utf-8")
    with pytest.raises((InputError, UsageError), match=r"run\.yaml: "):
        read_run(path)


def test_values_of_the_file_can_be_changed(tmp_path: Path) -> None:
    path = written(tmp_path, LEAST)
    run = read_run(path, ["steps.seed=3", "out=runs/y", "lora=null", "data.taxonomies={spatial: 2}"])
    assert (run.steps.seed, run.out, run.lora, run.data.taxonomies) == (3, Path("runs/y"), None, {"spatial": 2})
    for change, told in {
        "seed": "expected KEY=VALUE",
        "steps.sed=1": "steps.sed",
        "out.x=1": "expected KEY",
        "lora={": "lora",
    }.items():
        with pytest.raises(UsageError, match=told):
            read_run(path, [change])
