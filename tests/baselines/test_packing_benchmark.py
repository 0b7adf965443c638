"""The benchmark that needs a GPU, in small: the same functions, a few layers, on the CPU."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("transformers")
pytest.importorskip("peft")

from tests.baselines.test_dry_run import paligemma

pytestmark = pytest.mark.filterwarnings("ignore:.is_gradient_checkpointing. is deprecated:FutureWarning")


@pytest.fixture
def benchmarks(monkeypatch: pytest.MonkeyPatch) -> tuple[Any, Any]:
    monkeypatch.syspath_prepend(str(Path(__file__).parents[2] / "benchmarks"))
    return importlib.import_module("packing"), importlib.import_module("packing_full")


def test_the_full_benchmark_runs_as_on_a_gpu(benchmarks: tuple[Any, Any]) -> None:
    packing, packing_full = benchmarks
    torch.set_num_threads(1)
    run, config = packing_full.full_run()
    assert (run.lora.rank, run.steps.checkpointing, run.steps.precision) == (512, True, "bf16")
    assert config.get_text_config().num_hidden_layers == 18
    few = {"lora": run.lora.model_copy(update={"rank": 8}), "steps": run.steps.model_copy(update={"precision": "fp32"})}
    small = paligemma()
    small.image_token_id, small.get_text_config().vocab_size = 4, 1000  # made-up captions have the ids from 5 to 999
    told = packing_full.compare(run.model_copy(update=few), small, packing.made_up(1, 4), "cpu", 1)
    lines = {line[:20].strip(): line[20:].split() for line in told.splitlines()[2:]}
    apart, together = (float(value) for value in lines["tokens"][:2])
    head, prompt, response = 144 + 1, 9 + 1, 170 + 1
    assert (apart, together) == (4 * (head + prompt + response), head + prompt + 4 * response)
    assert all(float(value) > 0 for value in lines["responses/s"])
    assert lines["peak foretold, GB"][0] > "0"
