"""Answers from a request log: a published build again, without a model, a server or a network."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from tldr_data.errors import BuildError, UsageError
from tldr_data.llms.budget import BudgetSpent
from tldr_data.llms.log import RequestLog
from tldr_data.llms.request import Answer, Request


class Replay:
    """Gives the answers that a log holds, and asks nobody."""

    def __init__(self, *, model: str | None, base_url: str | None, requests: Path) -> None:
        """
        Args:
            model: whose answers: ``name@revision``, or a name alone where the log knows one revision of it; None where
                the log holds answers of one model only.
            base_url: not used: nothing is asked.
            requests: a ``.jsonl`` or ``.jsonl.zst``; it is not changed.

        Raises:
            UsageError: there is no such file, or it does not tell which model is meant.
            InputError: it cannot be read.
        """
        if not requests.is_file():
            raise UsageError(f"--llm replay: no request log {requests}; expected the requests.jsonl.zst of a build")
        self.is_cut = False
        """Whether what the log lacks counts as not paid for, as in the build that it is of."""
        self._path = requests
        self._log = RequestLog(requests, writable=False)
        try:
            self.model = _choose(model, self._log.models, requests)
        except UsageError:
            self._log.close()
            raise

    async def answer(self, request: Request) -> Answer:
        """The answer that the log holds.

        Raises:
            BudgetSpent: it holds none, and ends early.
            BuildError: it holds none.
        """
        answer = self._log.get(request.key)
        if answer is None:
            lack = self._lacks(request)
            raise BudgetSpent(lack, in_flight=False) if self.is_cut else BuildError(lack)
        return answer

    async def close(self) -> None:
        """Let go of the log."""
        self._log.close()

    def _lacks(self, request: Request) -> str:
        line = f"{self._path} holds no answer to request {request.key} of {request.model}"
        if request.model not in self._log.models:
            return f"{line}; it holds answers of {_listed(self._log.models)}"
        if self._log.damaged:
            return f"{line}; {self._log.damaged} of its lines are damaged"
        return f"{line}: input, options, prompts or version are not those that it was written with"


def _choose(model: str | None, known: Collection[str], path: Path) -> str:
    meant = [name for name in known if model is None or name == model] or [
        name for name in known if name.startswith(f"{model}@")
    ]
    if len(meant) == 1:
        return meant[0]
    if not known:
        raise UsageError(f"--llm replay: {path} holds no answers")
    asked = "--model is needed" if model is None else f"no single model is --model {model}"
    raise UsageError(f"--llm replay: {asked}: {path} holds answers of {_listed(known)}")


def _listed(models: Collection[str]) -> str:
    return ", ".join(sorted(models)) or "no model"
