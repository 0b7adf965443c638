"""Language models that perturb and judge. A new backend is one file here and one line in ``LLMS``."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Protocol

from tldr_data.errors import UsageError
from tldr_data.llms.request import Answer, Request


class LLM(Protocol):
    """Whatever answers requests."""

    @property
    def model(self) -> str:
        """``name@revision`` (a name alone where no revision is known): what requests to it must say."""
        ...

    async def answer(self, request: Request) -> Answer:
        """The answer to one request. Any number may be asked at once; the backend bounds what is in flight.

        What goes wrong with this request alone comes back as an answer with ``failure``, once every retry is used up.

        Raises:
            UsageError: the backend refuses all of our requests (key, model, address).
            BuildError: it is gone, and did not come back.
        """
        ...

    async def close(self) -> None:
        """Let go of connections and engines."""
        ...


# name: module, class; the class is made with (model, base_url, requests)
LLMS: dict[str, tuple[str, str]] = {
    "vllm": ("tldr_data.llms.vllm", "Vllm"),
    "openai": ("tldr_data.llms.openai", "OpenAI"),
    "replay": ("tldr_data.llms.replay", "Replay"),
}


def open_llm(name: str, *, model: str | None, base_url: str | None, requests: Path | None) -> LLM:
    """The named backend, ready to be asked; ``requests`` is the request log, which ``replay`` answers from.

    Raises:
        UsageError: the name is unknown, something that it needs is missing, or it refuses us.
        InputError: a file that it needs cannot be read.
    """
    if name not in LLMS:
        raise UsageError(f"unknown --llm {name!r}: allowed are {', '.join(LLMS)}")
    if name == "replay" and requests is None:
        raise UsageError("--llm replay needs --requests: the requests.jsonl.zst of a build")
    module, cls = LLMS[name]
    llm: LLM = getattr(import_module(module), cls)(model=model, base_url=base_url, requests=requests)
    return llm
