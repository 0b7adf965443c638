"""A trained model on disk: weights, or an adapter beside the name of its backbone, and ``tldr.json``: how to use it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import torch
from transformers import AutoImageProcessor, AutoTokenizer, PreTrainedModel

from baselines.lora import load_lora
from baselines.model import load_model
from baselines.weights import local_folder
from tldr_data.errors import InputError

SETTINGS = "tldr.json"


class Settings(NamedTuple):
    """What a user must do as training did. ``base`` is the backbone's folder, or NAME@REVISION on the Hub; "" where all
    was trained.

    A token with a probability of being GOOD up to ``threshold`` is flagged. ``prompt`` is the template of the text
    before the response. ``rewards`` is ``token``, or ``response`` of the naive model, whose one reward is that of the
    last token. ``images`` is ``shown``, or ``blank`` where training has shown none.
    ``trained_from``, ``dataset`` and ``licenses`` say where it comes from: its backbone, its rows, and their licences.
    """

    base: str
    context: str = "causal"
    mask: str = "prefix"
    prompt: str = "{prompt}"
    threshold: float = 0.5
    rewards: str = "token"
    images: str = "shown"
    trained_from: str = ""
    dataset: str = ""
    licenses: Sequence[str] = ()


def write_settings(folder: str | Path, settings: Settings) -> None:
    (Path(folder) / SETTINGS).write_text(json.dumps(settings._asdict(), indent=2) + "\n", encoding="utf-8")


def read_settings(folder: str | Path) -> Settings:
    """Raises InputError where ``tldr.json`` is missing or does not say what it must."""
    path = Path(folder) / SETTINGS
    try:
        found = Settings(**json.loads(path.read_text(encoding="utf-8")))
        return found._replace(licenses=tuple(found.licenses))
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}: a checkpoint has it beside its weights") from error
    except (TypeError, ValueError) as error:
        raise InputError(f"{path}: not the settings of a checkpoint: {error}") from error


def load_checkpoint(
    folder: str | Path, *, attn: str = "sdpa", dtype: torch.dtype = torch.bfloat16, tau: float = 1.0
) -> PreTrainedModel:
    """The trained model, ready to score; an adapter stays one (``PeftModel``), at strength ``tau`` (lora.py).

    Raises InputError where the folder is no checkpoint.
    """
    settings = read_settings(folder)
    whole = not (Path(folder) / "adapter_config.json").exists()
    source = Path(folder) if whole else local_folder(settings.base)
    model = load_model(source, attn=attn, dtype=dtype, context=settings.context, mask=settings.mask, trained=whole)
    return (model if whole else load_lora(model, folder, tau=tau)).eval()


def processors_of(folder: str | Path) -> tuple[Any, Any]:
    """Tokenizer and image processor of a checkpoint, or of a backbone's folder.

    Raises InputError where one of the two is missing or cannot be read.
    """
    try:
        return AutoTokenizer.from_pretrained(folder), AutoImageProcessor.from_pretrained(folder)
    except (OSError, ValueError) as error:
        cause = str(error).splitlines()[0]
        raise InputError(f"{folder}: no tokenizer or image processor can be read there: {cause}") from error
