"""What is passed on beside a model's weights: its card, and what the licences of its parents ask for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from baselines.checkpoint import Settings
from tldr_data.errors import UsageError
from tldr_data.licences import llama_license
from tldr_data.resources import template

_LICENSES: Mapping[str, str] = {"paligemma": "gemma", "mllama": "llama3.2", "tldr_tiny": "apache-2.0"}
"""Of backbones; of one that is not here its own card tells it."""
_LLAMA_ONLY = ("llama", "llama2", "llama3")
"""Licences of Llama models whose texts may improve no other large language model."""
_NOTICES: Mapping[str, str] = {
    "gemma": "Gemma is provided under and subject to the Gemma Terms of Use found at ai.google.dev/gemma/terms",
    **{
        f"llama{number}": f"Built with Llama. Llama {number} is licensed under the Llama {number} Community License, "
        "Copyright © Meta Platforms, Inc. All Rights Reserved."
        for number in ("3.1", "3.2", "3.3", "4")
    },
    "llama3": "Built with Meta Llama 3. Meta Llama 3 is licensed under the Meta Llama 3 Community License, "
    "Copyright © Meta Platforms, Inc. All Rights Reserved.",
    "llama2": "Llama 2 is licensed under the LLAMA 2 Community License, Copyright © Meta Platforms, Inc. "
    "All Rights Reserved.",
}


class Parents(NamedTuple):
    """Licences that a model has from its backbone and from the rows that it was trained on."""

    backbone: str | None
    rows: Sequence[str]

    @property
    def all(self) -> list[str]:
        return sorted({*self.rows, *([self.backbone] if self.backbone else [])})


def parents_of(model_type: str, settings: Settings) -> Parents:
    """The licences of a checkpoint's parents."""
    of_name = llama_license(settings.base) if model_type == "mllama" else None
    return Parents(of_name or _LICENSES.get(model_type), settings.licenses)


def check_name(name: str, model_type: str, parents: Parents) -> None:
    """Llama's licences: a model that was trained on what a Llama wrote says so in its name.

    Raises:
        UsageError: the name does not, or this model may not have been trained on such rows.
    """
    written = [license for license in parents.rows if license.startswith("llama")]
    barred = [license for license in written if license in _LLAMA_ONLY]
    if barred and model_type != "mllama":
        raise UsageError(
            f"rows under {barred[0]} may improve no other language model than Llama, and this is a {model_type}: such "
            "a model cannot be passed on; allowed: rows under other licences, as llama3.1"
        )
    of_llama = [license for license in parents.all if license.startswith("llama")]
    prefix = "Llama-3" if "llama3" in of_llama else "Llama"
    if of_llama and not name.startswith(prefix):
        raise UsageError(
            f"name {name!r}: what {', '.join(of_llama)} went into must have a name that begins with {prefix}, as "
            f"{prefix}-{name}"
        )


def notice_of(parents: Parents) -> str:
    """The text of the file NOTICE; empty where nothing is asked for."""
    return "".join(f"{_NOTICES[license]}\n" for license in parents.all if license in _NOTICES)


def render_card(name: str, model_type: str, settings: Settings, results: str | None = None) -> str:
    """README.md of an exported model; ``results`` are the tables of ``baselines.evaluate``."""
    parents = parents_of(model_type, settings)
    given: dict[str, Any] = {
        "name": name,
        "model_type": model_type,
        "settings": settings,
        "parents": parents,
        "license": parents.backbone or "other",
        "base": settings.trained_from.partition("@")[0] if "@" in settings.trained_from else "",
        "notice": notice_of(parents),
        "results": _demoted(results) if results else None,
    }
    return template("cards", "model.md.jinja").render(given)


def _demoted(tables: str) -> str:
    """Tables whose headings stand below those of the card."""
    return "\n".join(f"#{line}" if line.startswith("#") else line for line in tables.splitlines())


def read_results(folder: Path) -> str:
    """``tables.md`` of a folder that ``baselines.evaluate`` wrote; raises UsageError where it has none."""
    try:
        return (folder / "tables.md").read_text(encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{folder}: holds no tables.md, which baselines.evaluate writes") from error
