"""The shapes of real backbones, so that what a run takes is known without fetching its weights."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from tldr_data.errors import UsageError

if TYPE_CHECKING:
    from transformers import PreTrainedConfig

FOLDER = Path(__file__).parent
"""One YAML a backbone: its ``model_type``, and what differs from the defaults of ``transformers``."""


def architectures() -> list[str]:
    """Names of the files.

    >>> "paligemma-3b-mix-448" in architectures()
    True
    """
    return sorted(path.stem for path in FOLDER.glob("*.yaml"))


def architecture(name: str) -> PreTrainedConfig:
    """The configuration of a backbone, as ``transformers`` reads it beside the weights.

    Raises:
        UsageError: there is no such file.
    """
    import yaml
    from transformers import AutoConfig

    if name not in architectures():
        raise UsageError(f"architecture {name!r}: there are {', '.join(architectures())}")
    written: dict[str, Any] = yaml.safe_load((FOLDER / f"{name}.yaml").read_text(encoding="utf-8"))
    return AutoConfig.for_model(written.pop("model_type"), **written)
