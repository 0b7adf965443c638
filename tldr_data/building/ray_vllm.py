"""Requests answered by vLLM engines in actors of Ray Data, as many as the cluster has room for."""

from __future__ import annotations

import json
import pickle
from functools import cache, partial
from importlib import import_module
from typing import Any, NamedTuple

from tldr_data.building.ray_cluster import quiet
from tldr_data.errors import UsageError
from tldr_data.llms.chat import body_of
from tldr_data.llms.request import Answer, Request
from tldr_data.llms.revision import Model
from tldr_data.llms.vllm_engine import (
    CPU_DEFAULTS,
    DEFAULTS,
    TOP_LOGPROBS,
    Token,
    choice_probabilities,
    parallel,
    settings,
    weights_of,
)

BATCH = 64
SMALL = 0.01
"""Processors that is claimed for what is done to single rows."""
ERROR = "__inference_error__"
"""The column in which Ray says why a row has no answer."""


class Node(NamedTuple):
    """What a machine of the cluster says of itself."""

    settings: dict[str, Any]
    """Of an engine there."""
    memory: int
    """Bytes of one GPU; 0 where the engine runs on a CPU."""
    gpus: int
    """Of the largest node: over so many at most one model is spread."""


def vllm_processor(model: Model) -> Any:
    """What answers rows with a pickled ``request``, inside ``cluster``: the same rows with a pickled ``answer``.

    Raises:
        UsageError: no machine of the cluster can run the engine.
    """
    import ray
    from ray.data.llm import build_processor, vLLMEngineProcessorConfig

    gpus = int(ray.cluster_resources().get("GPU", 0))
    try:
        largest = max(int(node["Resources"].get("GPU", 0)) for node in ray.nodes() if node["Alive"])
        node = ray.get(ray.remote(num_gpus=min(gpus, 1))(ask_node).remote(model, largest))
    except ray.exceptions.RayError as error:
        said = " ".join(str(error.__cause__ or error).split())[-300:]
        raise UsageError(f"--llm vllm --engine ray: vLLM does not run on the nodes of the cluster: {said}") from error
    if not gpus and node.memory:
        raise UsageError("--llm vllm --engine ray: the cluster has no GPU")
    with quiet():
        return build_processor(
            vLLMEngineProcessorConfig(**processor_settings(model, node, gpus)),
            preprocess=partial(prompt_row, model.path, model.commit, not node.memory),
            postprocess=answer_row,
            preprocess_map_kwargs={"num_cpus": SMALL},
            postprocess_map_kwargs={"num_cpus": SMALL},
        )


def ask_node(model: Model, gpus: int) -> Node:
    """What the machine that this runs on says."""
    platform = import_module("vllm.platforms").current_platform
    return Node(settings(model), 0 if platform.is_cpu() else platform.get_device_total_memory(), gpus)


def processor_settings(model: Model, node: Node, gpus: int) -> dict[str, Any]:
    """Arguments of Ray's ``vLLMEngineProcessorConfig``, by which Ray makes the replicas; ``gpus``: of the cluster."""
    engine = {name: value for name, value in node.settings.items() if name not in ("model", "data_parallel_size")}
    replicas = 1
    if gpus:
        tensor, _ = parallel(node.gpus, node.memory, weights_of(model))
        engine["tensor_parallel_size"], replicas = tensor, max(1, gpus // tensor)
    on_cpu = {"placement_group_config": {"bundles": [{"CPU": 1}]}} if not gpus else {}
    return {
        "model_source": model.path,
        "engine_kwargs": engine,
        "concurrency": (replicas, replicas),
        "batch_size": BATCH,
        # a prompt is made and tokenized as without Ray, by which every token counts once
        "chat_template_stage": False,
        "tokenize_stage": False,
        "detokenize_stage": False,
        "should_continue_on_error": True,
        "log_engine_metrics": False,
        "runtime_env": {"env_vars": DEFAULTS | ({} if gpus else CPU_DEFAULTS)},
        **on_cpu,
    }


def prompt_row(path: str, commit: str | None, on_cpu: bool, row: dict[str, Any]) -> dict[str, Any]:
    """What the engine is given of a request."""
    request: Request = pickle.loads(row["request"])
    tokens = _tokenizer(path, commit).apply_chat_template(
        body_of(request)["messages"], add_generation_prompt=True, tokenize=True, return_dict=False
    )
    return {"tokenized_prompt": tokens, "sampling_params": sampling_fields(request, on_cpu)}


@cache
def _tokenizer(path: str, commit: str | None) -> Any:
    return import_module("transformers").AutoTokenizer.from_pretrained(path, revision=commit)


def sampling_fields(request: Request, on_cpu: bool) -> dict[str, Any]:
    """The parameters of ``vllm_engine.sampling`` as fields. A schema is one string: Arrow would give all schemas of a
    batch each other's keys."""
    fields: dict[str, Any] = {
        "max_tokens": request.max_tokens,
        "temperature": request.temperature,
        "seed": None if on_cpu else int(request.key[:15], 16),
        "logprobs": TOP_LOGPROBS if request.choices else None,
    }
    if request.choices:
        fields["structured_outputs"] = {"choice": list(request.choices)}
    elif request.schema is not None:
        fields["structured_outputs"] = {"json": json.dumps(dict(request.schema))}
    return fields


def answer_row(row: dict[str, Any]) -> dict[str, bytes]:
    """The answer in what the engine gave; Ray does not say why the model stopped, but how long the answer is."""
    request: Request = pickle.loads(row["request"])
    output_tokens = int(row["num_generated_tokens"])
    answer = Answer(
        text=row["generated_text"],
        finish="length" if output_tokens >= request.max_tokens else "stop",
        input_tokens=int(row["num_input_tokens"]),
        output_tokens=output_tokens,
        probabilities=choice_probabilities(_positions(row), request.choices) if request.choices else None,
    )
    return {"request": row["request"], "answer": pickle.dumps(answer)}


def _positions(row: dict[str, Any]) -> list[list[Token]]:
    logprobs = row.get("logprobs")
    if logprobs is None:
        return []
    return [
        [
            Token(token["decoded_token"] or "", float(token["logprob"]), int(number) == int(chosen))
            for number, token in tokens.items()
            if token is not None
        ]
        for chosen, tokens in zip(row["generated_tokens"], logprobs, strict=False)
    ]
