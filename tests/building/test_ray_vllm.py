"""What Ray's vLLM processor is given and gives back, without an engine."""

import json
import pickle
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from tldr_data.building import ray_vllm
from tldr_data.building.ray_vllm import Node, answer_row, processor_settings, prompt_row, sampling_fields
from tldr_data.llms.request import Answer, Message, Request
from tldr_data.llms.revision import Model

SCHEMA = {"type": "object", "properties": {"edits": {"type": "array"}}}
CHOICES = ("yes", "no")


def request(**changes: Any) -> Request:
    settings: dict[str, Any] = {"messages": (Message("system", "Answer."), Message("user", "?")), "max_tokens": 8}
    return Request(model="tiny@1", **{**settings, **changes})


def output(asked: Request, **changes: Any) -> dict[str, Any]:
    """A row as the engine's stage leaves it."""
    row = {"request": pickle.dumps(asked), "generated_text": "no", "num_input_tokens": 7, "num_generated_tokens": 1}
    return {**row, "generated_tokens": [2], "logprobs": None, **changes}


def answer_in(row: dict[str, Any]) -> Answer:
    answer: Answer = pickle.loads(answer_row(row)["answer"])
    return answer


def test_a_model_is_spread_over_as_few_gpus_as_hold_it_and_has_a_replica_on_all(tmp_path: Path) -> None:
    with (tmp_path / "model.safetensors").open("wb") as weights:
        weights.truncate(30 << 30)
    model = Model("big@1", str(tmp_path), None, tmp_path)
    node = Node(
        {"model": model.path, "data_parallel_size": 1, "tensor_parallel_size": 1, "max_model_len": -1}, 40 << 30, 4
    )
    found = processor_settings(model, node, gpus=16)
    assert found["concurrency"] == (8, 8)
    assert found["engine_kwargs"] == {"tensor_parallel_size": 2, "max_model_len": -1}
    assert "placement_group_config" not in found


def test_an_engine_on_a_cpu_asks_ray_for_no_gpu() -> None:
    model = Model("tiny@1", "tiny", None, None)
    found = processor_settings(model, Node({"dtype": "float32"}, 0, 0), gpus=0)
    assert found["placement_group_config"] == {"bundles": [{"CPU": 1}]}
    assert found["engine_kwargs"] == {"dtype": "float32"}
    assert found["concurrency"] == (1, 1)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning")
@pytest.mark.skipif(find_spec("ray") is None, reason="needs the extra ray")
def test_ray_takes_the_settings(tmp_path: Path) -> None:
    from ray.data.llm import vLLMEngineProcessorConfig

    model = Model("tiny@1", "tiny", None, tmp_path)
    for node, gpus in ((Node({"tensor_parallel_size": 1}, 40 << 30, 2), 2), (Node({}, 0, 0), 0)):
        config = vLLMEngineProcessorConfig(**processor_settings(model, node, gpus))
        assert config.model_source == "tiny"
        assert config.get_concurrency() == {"min_size": max(gpus, 1), "max_size": max(gpus, 1)}


def test_sampling_is_that_of_an_engine_without_ray() -> None:
    asked = request(schema=SCHEMA, temperature=0.7)
    fields = sampling_fields(asked, on_cpu=False)
    assert fields["seed"] == int(asked.key[:15], 16)
    assert (fields["max_tokens"], fields["temperature"], fields["logprobs"]) == (8, 0.7, None)
    assert json.loads(fields["structured_outputs"]["json"]) == SCHEMA
    judged = sampling_fields(request(choices=CHOICES), on_cpu=True)
    assert judged["structured_outputs"] == {"choice": ["yes", "no"]}
    assert (judged["seed"], judged["logprobs"]) == (None, 20)
    assert "structured_outputs" not in sampling_fields(request(), on_cpu=False)


def test_a_prompt_is_tokenized_by_the_chat_template(monkeypatch: pytest.MonkeyPatch) -> None:
    class Tokenizer:
        def apply_chat_template(self, messages: list[dict[str, str]], **given: bool) -> list[int]:
            assert given == {"add_generation_prompt": True, "tokenize": True, "return_dict": False}
            return [len(message["content"]) for message in messages]

    monkeypatch.setattr(ray_vllm, "_tokenizer", lambda path, commit: Tokenizer())
    row = prompt_row("tiny", None, True, {"request": pickle.dumps(request())})
    assert row["tokenized_prompt"] == [7, 1]


def test_an_answer_as_long_as_allowed_was_cut() -> None:
    assert answer_in(output(request(), num_generated_tokens=8)).finish == "length"
    assert answer_in(output(request())) == Answer(text="no", input_tokens=7, output_tokens=1)


def test_how_likely_each_choice_is_comes_back() -> None:
    tokens = {1: {"logprob": -2.0, "decoded_token": "yes"}, 2: {"logprob": -1.0, "decoded_token": "no"}}
    likely = answer_in(output(request(choices=CHOICES), logprobs=[tokens])).probabilities
    assert likely is not None
    assert likely["no"] == pytest.approx(0.731, abs=0.001)
    assert answer_in(output(request(choices=CHOICES))).probabilities is None
