"""One running vLLM engine: how it is set, asked and ended.

``vllm.LLM`` is this same engine behind a call that blocks until a whole batch is done, and refuses data parallelism;
``AsyncLLMEngine`` takes requests one by one and runs as many replicas as there is room for.
"""

from __future__ import annotations

import multiprocessing
import os
import subprocess
import sys
from collections.abc import Collection, Iterable
from contextlib import suppress
from dataclasses import dataclass
from importlib import import_module
from math import exp
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any, NamedTuple

from tldr_data.errors import UsageError
from tldr_data.llms.chat import body_of
from tldr_data.llms.request import Answer, Request
from tldr_data.llms.revision import WEIGHTS, Model

TENSOR_PARALLEL = "TLDR_DATA_TENSOR_PARALLEL"
DATA_PARALLEL = "TLDR_DATA_DATA_PARALLEL"
ROOM_FOR_WEIGHTS = 0.6
"""Of a GPU's memory: the rest is for what the engine remembers of the prompts."""
TOP_LOGPROBS = 20
NEIGHBOURS = 8
"""Requests in a row that go to the same replica: what is asked about one caption shares its prefix cache."""
DEFAULTS = {
    "VLLM_LOGGING_STREAM": "ext://sys.stderr",  # stdout is for data
    "VLLM_LOGGING_LEVEL": "ERROR",
    "VLLM_NO_USAGE_STATS": "1",
    "VLLM_WORKER_MULTIPROC_METHOD": "spawn",  # there are threads: a fork may keep their locks for ever
}
CPU_DEFAULTS = {"VLLM_CPU_KVCACHE_SPACE": "2"}  # GiB


NAMES = ("EngineCore", "VLLM_")
PATIENCE_S = 10.0
GUARD = Path(__file__).with_name("vllm_guard.py")


class EngineDead(Exception):
    """The engine is gone, and with it all that it was asked."""


@dataclass(slots=True)
class PrefixCache:
    """How well the cache is used."""

    prompt_tokens: int = 0
    cached_tokens: int = 0
    """How many of these were computed for an earlier prompt."""


class Token(NamedTuple):
    """A candidate at one position of an answer."""

    text: str
    logprob: float
    was_chosen: bool


class Engine:
    """An engine in processes of its own, for use in the event loop that it was made in."""

    def __init__(self, model: Model, cache: PrefixCache, processes: Processes) -> None:
        """Start it, which blocks for seconds (a small model on a CPU) to minutes.

        Raises:
            UsageError: the model has no chat template.
            Exception: whatever vLLM raises.
        """
        for name, value in DEFAULTS.items():
            os.environ.setdefault(name, value)
        self._cache = cache
        self._asked = 0
        chosen = settings(model)
        self._replicas: int = chosen["data_parallel_size"]
        vllm, renderers = import_module("vllm"), import_module("vllm.renderers")
        self._llm = vllm.AsyncLLMEngine.from_engine_args(vllm.AsyncEngineArgs(**chosen))
        self._processes = processes
        processes.find()
        tokenizes = import_module("vllm.utils.mistral").is_mistral_tokenizer(self._llm.renderer.tokenizer)
        self._chat = renderers.ChatParams(chat_template_kwargs={"add_generation_prompt": True, "tokenize": tokenizes})
        self._tokens = self._llm.renderer.default_chat_tok_params.with_kwargs(add_special_tokens=False)
        try:
            self._llm.renderer.render_chat([[{"role": "user", "content": "?"}]], self._chat, self._tokens)
        except Exception as error:
            self.stop()
            raise UsageError(f"--model {model.path} cannot be asked: {one_line(error)}") from error

    async def answer(self, request: Request) -> Answer:
        """The answer; what is wrong with the request alone comes back as its failure.

        Raises:
            EngineDead: it has to be asked again, of another engine.
        """
        try:
            output = await self._generate(request)
        except Exception as error:
            if self._llm.errored:
                raise EngineDead(one_line(error)) from error
            return Answer(text=str(error.__cause__ or error), failure="bad_request")
        completion = output.outputs[0]
        if completion.finish_reason == "abort":  # what an engine that is being ended says
            raise EngineDead("the engine was told to end")
        if completion.finish_reason == "error":
            return Answer(text="vLLM gave up this request", failure="server_error")
        self._cache.prompt_tokens += len(output.prompt_token_ids)
        self._cache.cached_tokens += output.num_cached_tokens or 0
        return Answer(
            text=completion.text,
            finish=completion.finish_reason,
            input_tokens=len(output.prompt_token_ids),
            output_tokens=len(completion.token_ids),
            probabilities=choice_probabilities(_positions(completion), request.choices) if request.choices else None,
        )

    async def _generate(self, request: Request) -> Any:
        self._asked += 1
        number = self._asked
        messages = body_of(request)["messages"]
        _, (prompt,) = await self._llm.renderer.render_chat_async([messages], self._chat, self._tokens)
        replica = number // NEIGHBOURS % self._replicas if self._replicas > 1 else None
        answers = self._llm.generate(prompt, sampling(request), str(number), data_parallel_rank=replica)
        return [output async for output in answers][-1]

    def stop(self) -> None:
        """End all of its processes. Blocks for some seconds."""
        self._llm.shutdown()
        self._llm.shutdown = lambda: None  # its destructor calls this again, at the interpreter's end in vain
        self._processes.end()


def settings(model: Model) -> dict[str, Any]:
    """The engine's arguments on this machine."""
    platform = import_module("vllm.platforms").current_platform
    on_cpu: bool = platform.is_cpu()
    gpus, memory = (1, 0) if on_cpu else (platform.device_count(), platform.get_device_total_memory())
    tensor, data = parallel(gpus, memory, weights_of(model))
    chosen: dict[str, Any] = {
        "model": model.path,
        "revision": model.commit,
        "tokenizer_revision": model.commit,
        "max_model_len": -1,  # as long as fits into the memory
        "enable_prefix_caching": True,
        "structured_outputs_config": {"backend": "xgrammar", "disable_any_whitespace": True},
        "tensor_parallel_size": tensor,
        "data_parallel_size": data,
        "use_tqdm_on_load": False,
        "disable_log_stats": True,
    }
    if on_cpu:
        for name, value in CPU_DEFAULTS.items():
            os.environ.setdefault(name, value)
        chosen |= {"dtype": "float32", "enforce_eager": True, "max_num_seqs": 16, "gpu_memory_utilization": 0.3}
    return chosen


def parallel(gpus: int, memory: int, weights: int | None) -> tuple[int, int]:
    """Over how many GPUs one model is spread, and how many replicas of it there are.

    As few GPUs a model as hold its weights (in bytes; all where nobody knows), as many replicas as then fit. The
    environment variables TLDR_DATA_TENSOR_PARALLEL and TLDR_DATA_DATA_PARALLEL overrule either.

    Raises:
        UsageError: a variable is no positive number.

    >>> parallel(8, 80 << 30, 16 << 30), parallel(8, 80 << 30, 140 << 30), parallel(6, 80 << 30, None)
    ((1, 8), (4, 2), (4, 1))
    """
    sizes = [1 << power for power in range(max(1, gpus).bit_length())]
    fitting = (size for size in sizes if weights is not None and weights <= ROOM_FOR_WEIGHTS * size * memory)
    tensor = _number_in(TENSOR_PARALLEL) or next(fitting, sizes[-1])
    return tensor, _number_in(DATA_PARALLEL) or max(1, gpus // tensor)


def _number_in(variable: str) -> int | None:
    value = os.environ.get(variable, "")
    if value and not (value.isascii() and value.isdigit() and int(value)):
        raise UsageError(f"{variable} is {value!r}: a positive whole number is allowed")
    return int(value) if value else None


def weights_of(model: Model) -> int | None:
    """Bytes of its weights, where they are on this machine."""
    if model.folder is None:
        return None
    return sum(path.stat().st_size for path in model.folder.iterdir() if path.suffix in WEIGHTS)


def sampling(request: Request) -> Any:
    """vLLM's parameters for a request."""
    module = import_module("vllm.sampling_params")
    constraint = None
    if request.choices:
        constraint = module.StructuredOutputsParams(choice=list(request.choices))
    elif request.schema is not None:
        constraint = module.StructuredOutputsParams(json=dict(request.schema))
    return module.SamplingParams(
        max_tokens=request.max_tokens,
        temperature=request.temperature,
        # Requests of one seed would all draw the same random numbers, and choose alike. On a CPU the engine of 0.32
        # dies of a seeded request whose prompt it reads in parts ("CPU Generator does not use offset").
        seed=None if import_module("vllm.platforms").current_platform.is_cpu() else int(request.key[:15], 16),
        logprobs=TOP_LOGPROBS if request.choices else None,
        structured_outputs=constraint,
        output_kind=module.RequestOutputKind.FINAL_ONLY,
    )


def _positions(completion: Any) -> list[list[Token]]:
    return [
        [Token(token.decoded_token or "", token.logprob, number == chosen) for number, token in tokens.items()]
        for chosen, tokens in zip(completion.token_ids, completion.logprobs or (), strict=False)
    ]


def choice_probabilities(positions: Iterable[Iterable[Token]], choices: Collection[str]) -> dict[str, float] | None:
    """How likely each choice is, following the answer until it can be only one of them; None where nothing tells.

    A token that begins several choices and was not taken counts in equal parts for each.

    >>> first = [Token("no", -0.7, True), Token("yes", -1.2, False), Token("maybe", -3, False)]
    >>> second = [Token("t", -0.1, True), Token("</s>", -2.4, False)]
    >>> likely = choice_probabilities([first, second], ["yes", "no", "not"])
    >>> {choice: round(share, 2) for choice, share in likely.items()}
    {'yes': 0.38, 'no': 0.06, 'not': 0.56}
    """
    mass = dict.fromkeys(choices, 0.0)
    said, likely = "", 1.0
    for tokens in positions:
        taken: Token | None = None
        for token in tokens:
            meant = [choice for choice in choices if choice.startswith(said + token.text)] or [said] * (said in mass)
            if token.was_chosen and len(meant) > 1:
                taken = token
                continue
            for choice in meant:
                mass[choice] += likely * exp(token.logprob) / len(meant)
        if taken is None:
            break
        said, likely = said + taken.text, likely * exp(taken.logprob)
    total = sum(mass.values())
    return {choice: share / total for choice, share in mass.items()} if total > 0 else None


class Processes:
    """What an engine has started from this process, each with its own workers."""

    def __init__(self) -> None:
        """To be made before the engine starts; only one may start at a time."""
        command = [sys.executable, str(GUARD), str(os.getpid())]
        self._guard = subprocess.Popen(command, stdin=subprocess.DEVNULL, start_new_session=True)
        self._others = {child.pid for child in multiprocessing.active_children()}
        self._children: list[BaseProcess] = []
        self._workers: list[Any] = []

    def find(self) -> None:
        """Remember who they are, while the workers can be seen. To be called once the engine runs."""
        psutil = import_module("psutil")
        self._children = self._started()
        for child in self._children:
            with suppress(psutil.NoSuchProcess):
                self._workers += psutil.Process(child.pid).children(recursive=True)

    def kill_started(self) -> None:
        """Let an engine that is still starting fail at once."""
        for child in self._started():
            child.kill()

    def end(self) -> None:
        """Wait for all to end, and kill what does not. None stays behind as a zombie, or keeps a GPU's memory."""
        psutil = import_module("psutil")
        self._guard.kill()
        self._guard.wait()
        for child in self._children:
            child.join(PATIENCE_S)
            child.kill()
            child.join()
        _, alive = psutil.wait_procs(self._workers, timeout=PATIENCE_S)
        for worker in alive:
            with suppress(psutil.NoSuchProcess):
                worker.kill()
        psutil.wait_procs(alive, timeout=PATIENCE_S)

    def _started(self) -> list[BaseProcess]:
        children = multiprocessing.active_children()
        return [child for child in children if child.pid not in self._others and child.name.startswith(NAMES)]


def one_line(error: BaseException) -> str:
    """What an error says, short."""
    return " ".join(str(error).split())[:400] or type(error).__name__
