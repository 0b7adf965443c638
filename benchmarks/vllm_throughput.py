"""Throughput of the vllm backend against a bare ``LLM.chat``: ``python benchmarks/vllm_throughput.py [MODEL]``.

The model is a folder (tests/llms/smollm2.py makes one), by default the one that TLDR_DATA_TEST_MODEL names.

Both run the same prompts with the same settings, in turns, each with an engine of its own; every pair has prompts that
neither engine has seen. Eight prompts about each caption ask for edits as JSON. The captions are those of docci beside
the repository (see filter_data.py), or else of the bundled scenes.
"""

from __future__ import annotations

import asyncio
import os
import sys
import time
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

from filter_data import DATA

from tldr_data.example import Example
from tldr_data.llms.chat import body_of
from tldr_data.llms.request import Message, Request
from tldr_data.llms.revision import find_model
from tldr_data.llms.vllm import Vllm
from tldr_data.llms.vllm_engine import sampling, settings
from tldr_data.sources import open_source

PAIRS = 5
CAPTIONS = 12
TAXONOMIES = {
    "attribute": "a colour, a material or a size",
    "binding": "two colours change places",
    "counting": "how many there are of something",
    "object": "what something is",
    "small_object": "what the smallest thing is",
    "spatial": "where something is",
    "text": "what is written somewhere",
    "counterfactual": "something that is there is not",
}
TASK = "Change one thing in this caption so that it becomes false, and leave all else as it is. Answer with the edits."
SCHEMA = {
    "type": "object",
    "properties": {
        "edits": {
            "type": "array",
            "minItems": 1,
            "maxItems": 1,
            "items": {
                "type": "object",
                "properties": {name: {"type": "string", "maxLength": 16} for name in ("original", "replacement")},
                "required": ["original", "replacement"],
                "additionalProperties": False,
            },
        }
    },
    "required": ["edits"],
    "additionalProperties": False,
}


def main(model: str) -> None:
    """Print one line for each pair, then the median."""
    if find_spec("vllm") is None or not model:
        print("skipped: vLLM is not installed, or no model is given (TLDR_DATA_TEST_MODEL)")
        return
    captions = read_captions(CAPTIONS * PAIRS + 1)
    first = prompts_of(captions.pop())
    ours = Vllm(model=model, base_url=None, requests=Path("unused"))
    time_ours(ours, first)
    import vllm  # by now it is told to log to stderr

    bare = vllm.LLM(**settings(find_model(model)))
    time_bare(bare, first)
    ratios = []
    for pair in range(PAIRS):
        requests = [request for caption in captions[pair::PAIRS] for request in prompts_of(caption)]
        if pair % 2:
            mine, other = time_ours(ours, requests), time_bare(bare, requests)
        else:
            other, mine = time_bare(bare, requests), time_ours(ours, requests)
        ratios.append(other.seconds / mine.seconds)
        print(f"pair {pair + 1}: {len(requests)} prompts; LLM.chat {other}; our backend {mine}; ratio {ratios[-1]:.3f}")
    asyncio.run(ours.close())
    print(f"median ratio {median(ratios):.3f} (at least 0.95 is wanted)")


class Run(NamedTuple):
    """One pass over some prompts."""

    seconds: float
    output_tokens: int
    cached: float
    """Share of the prompts' tokens that came from the prefix cache."""

    def __str__(self) -> str:
        return f"{self.seconds:.1f} s, {self.output_tokens / self.seconds:.0f} tokens/s, {self.cached:.0%} cached"


def time_ours(llm: Vllm, requests: list[Request]) -> Run:
    """All requests asked at once, as a build does."""

    async def ask() -> int:
        return sum(answer.output_tokens for answer in await asyncio.gather(*map(llm.answer, requests)))

    before = replace(llm.cache)
    began = time.perf_counter()
    tokens = asyncio.run(ask())
    spent = time.perf_counter() - began
    prompted = llm.cache.prompt_tokens - before.prompt_tokens
    return Run(spent, tokens, (llm.cache.cached_tokens - before.cached_tokens) / prompted)


def time_bare(llm: Any, requests: list[Request]) -> Run:
    """One call with all prompts."""
    conversations = [body_of(request)["messages"] for request in requests]
    parameters = [sampling(request) for request in requests]
    began = time.perf_counter()
    outputs = llm.chat(conversations, parameters, use_tqdm=False)
    spent = time.perf_counter() - began
    prompted = sum(len(output.prompt_token_ids) for output in outputs)
    cached = sum(output.num_cached_tokens or 0 for output in outputs)
    return Run(spent, sum(len(output.outputs[0].token_ids) for output in outputs), cached / prompted)


def read_captions(number: int) -> list[str]:
    """Real captions where they are, else drawn ones."""
    folder = DATA / "docci"
    name, path = ("docci", folder) if folder.is_dir() else ("scenes", None)
    source = open_source(name, path=path, seed=0, limit=number)
    examples = [example for row in source.rows() for example in source.examples(row)]
    print(f"{number} captions of {name}")
    return [example.response for example in examples if isinstance(example, Example)][:number]


def prompts_of(caption: str) -> list[Request]:
    """The same words first, so that they are computed once."""
    return [
        Request(
            model="m",
            messages=(Message("system", TASK), Message("user", f"Caption: {caption}\nTo change: {what}.")),
            max_tokens=32,
            temperature=0.7,
            schema=SCHEMA,
        )
        for what in TAXONOMIES.values()
    ]


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else os.environ.get("TLDR_DATA_TEST_MODEL", ""))
