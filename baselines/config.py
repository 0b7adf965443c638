"""What a training run is told: one YAML file, checked before anything is loaded."""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, PositiveInt, ValidationError

from tldr_data.errors import InputError, UsageError

Share = Annotated[float, Field(ge=0, lt=1)]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Model(_Section):
    """What is trained."""

    weights: str
    """Name on the Hub, perhaps with @revision, or a folder; ``tiny`` is made anew, from scratch."""
    architecture: str | None = None
    """File of ``baselines/architectures/`` that a dry run takes instead of the weights."""
    context: Literal["causal", "bidirectional", "echo"] = "causal"
    attention: Literal["sdpa", "eager", "flash_attention_2", "flex_attention"] = "sdpa"
    mask: Literal["prefix", "image"] = "image"
    """What PaliGemma reads both ways: image and prompt, as ``transformers`` does, or the image alone, as vLLM does."""


class Lora(_Section):
    """The paper's by default (App. B.1); scaled by alpha / rank."""

    rank: PositiveInt = 512
    alpha: PositiveInt = 128
    dropout: Share = 0.1
    parts: Literal["both", "projector", "decoder"] = "both"


class Data(_Section):
    """What it is trained on."""

    dataset: str
    """Folder of a build, or REPO@VERSION."""
    taxonomies: dict[str, Annotated[float, Field(gt=0)]] = {"all": 1.0}
    """Taxonomy -> how often its rows are drawn, against the others'."""
    paraphrases: bool = True
    images: Literal["shown", "blank"] = "shown"
    """blank: every image grey (0 once normalised), which trains the control that reads the text alone."""
    packed: bool = True
    """One row holds an image, its prompts and all their responses, instead of one response."""
    max_tokens: PositiveInt = 4096
    """Of a row, its image included."""
    validation: Annotated[int, Field(ge=0)] = 2000
    """Responses of the validation split whose loss and AP are logged with every checkpoint."""
    workers: Annotated[int, Field(ge=0)] = 4
    """Processes that open images and collate ahead of each GPU; 0: the one that trains."""


class Steps(_Section):
    """How it is trained: the paper's by default (App. B.1), which tells neither epochs nor precision."""

    responses_per_step: PositiveInt = 512
    """8 x 8 x 8: batch, accumulation, GPUs; responses are counted, not rows."""
    responses_per_pass: PositiveInt = 8
    """That one GPU takes at a time."""
    epochs: Annotated[float, Field(gt=0)] = 1
    learning_rate: Annotated[float, Field(gt=0)] = 1e-3
    warmup_steps: Annotated[int, Field(ge=0)] = 200
    schedule: Literal["cosine", "linear", "constant_with_warmup"] = "cosine"
    weight_decay: Annotated[float, Field(ge=0)] = 0.0
    precision: Literal["bf16", "fp32"] = "bf16"
    checkpointing: bool = True
    seed: int = 0
    save_every: PositiveInt = 200


class Run(_Section):
    """One training run."""

    model: Model
    lora: Lora | None = Lora()
    """None: everything but the vision tower is trained whole; of ``tiny``, made anew, the tower too."""
    data: Data
    steps: Steps = Steps()
    loss: Literal["bce", "span_max", "paired_margin", "naive"] = "bce"
    out: Path
    logs: tuple[Literal["tensorboard", "wandb"], ...] = ("tensorboard",)


def read_run(path: Path, changes: Sequence[str] = ()) -> Run:
    """A run as its file tells it, and as each ``section.key=value`` of ``changes`` has it instead.

    Raises:
        InputError: the file cannot be read.
        UsageError: a key or a value is not allowed.
    """
    import yaml

    try:
        told = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError, yaml.YAMLError) as error:
        raise InputError(f"{path}: cannot be read: {' '.join(str(error).split())[:200]}") from None
    for change in changes:
        told = _changed(told, change)
    try:
        return Run.model_validate(told)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or "its content"
        raise UsageError(f"{path}: {where}: {first['msg']} (is {str(first['input'])[:60]!r})") from error


def _changed(told: Any, change: str) -> Any:
    """What is told with one value put in; its type is that of YAML.

    >>> _changed({"steps": {"seed": 0}}, "steps.seed=2")
    {'steps': {'seed': 2}}
    """
    import yaml

    name, equals, value = change.partition("=")
    try:
        new = yaml.safe_load(value)
    except yaml.YAMLError as error:
        raise UsageError(f"{change}: {' '.join(str(error).split())[:200]}") from error
    *sections, key = name.split(".")
    inner = changed = deepcopy(told)
    for section in sections:
        inner = inner.setdefault(section, {}) if isinstance(inner, dict) else None
    if not equals or not isinstance(inner, dict):
        raise UsageError(f"{change}: expected KEY=VALUE, as in steps.seed=1")
    inner[key] = new
    return changed
