"""A checkpoint as a folder that plain transformers loads: ``python -m baselines.export CHECKPOINT OUT``.

There ``AutoModelForTokenClassification.from_pretrained(OUT, trust_remote_code=True)`` gives the model without this
project. Processor files come along; ``tldr.json`` says how prompts are written and from where on a token is flagged.
"""

from __future__ import annotations

import argparse
import shutil
import sys
from pathlib import Path

import torch
from peft import PeftModel
from transformers import PreTrainedModel

from baselines import heads, tiny
from baselines.checkpoint import load_checkpoint, read_settings, write_settings
from baselines.command import status_of
from baselines.lora import merge
from baselines.model_card import check_name, notice_of, parents_of, read_results, render_card
from baselines.weights import local_folder
from tldr_data.errors import UsageError

MODELLING = "modeling_tldr"
_SCORED_INSIDE = ("paligemma", "qwen2_vl", "qwen2_5_vl")
_DTYPES = {"float32": torch.float32, "bfloat16": torch.bfloat16, "float16": torch.float16}
_PROCESSOR_FILES = (
    *("processor_config.json", "preprocessor_config.json", "chat_template.jinja", "chat_template.json"),
    *("tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json", "tokenizer.model"),
    *("vocab.json", "merges.txt"),
)


def export(
    checkpoint: str | Path, out: str | Path, *, dtype: torch.dtype = torch.bfloat16, results: Path | None = None
) -> Path:
    """Writes the folder and gives it. An adapter is merged in float32, the sum rounded to ``dtype``; the head never is.

    Its name is the model's. With ``results``, a folder of ``baselines.evaluate``, the card has the tables.

    Raises UsageError where ``out`` holds something already, or a licence forbids the name; InputError where
    ``checkpoint`` is none.
    """
    if Path(out).exists() and any(Path(out).iterdir()):
        raise UsageError(f"{out}: the folder is not empty; allowed: one that is empty or does not exist")
    settings = read_settings(checkpoint)
    model = load_checkpoint(checkpoint, dtype=torch.float32)
    tables = None if results is None else read_results(results)
    name, model_type = Path(out).resolve().name, model.config.model_type
    parents = parents_of(model_type, settings)
    check_name(name, model_type, parents)
    plain = merge(model) if isinstance(model, PeftModel) else model
    _save(plain, Path(out), dtype)
    write_settings(out, settings._replace(base=""))
    for source in (settings.base, checkpoint):
        if source:
            _copy_processor(source, Path(out))
    card = render_card(name, model_type, settings, tables)
    (Path(out) / "README.md").write_text(card, encoding="utf-8")
    if notice := notice_of(parents):
        (Path(out) / "NOTICE").write_text(notice, encoding="utf-8")
    return Path(out)


def _save(model: PreTrainedModel, out: Path, dtype: torch.dtype) -> None:
    head = model.score.weight.clone(), model.score.bias.clone()
    model.to(dtype)
    model.score.float()
    model.score.weight.data, model.score.bias.data = head
    name = type(model).__name__
    kinds = {"AutoModelForTokenClassification": f"{MODELLING}.{name}"}
    if isinstance(model.config, tiny.TinyConfig):
        kinds["AutoConfig"] = f"{MODELLING}.{tiny.TinyConfig.__name__}"
    model.config.auto_map = kinds
    # The names that the model has now: what save_pretrained makes of them otherwise is half old and half new.
    weights = {_served(name, model.config.model_type): weight for name, weight in model.state_dict().items()}
    model.save_pretrained(out, state_dict=weights, save_original_format=False)
    module = tiny if name in vars(tiny) else heads
    shutil.copyfile(str(module.__file__), out / f"{MODELLING}.py")


def _served(name: str, model_type: str) -> str:
    """A weight's name for vLLM, which transformers reads as well.

    vLLM (0.32) keeps the head inside of the language model where that is a model of its own there, and has a level of
    PaliGemma's tower that transformers 5 left out.
    """
    if model_type in _SCORED_INSIDE and name.startswith("score."):
        return f"language_model.{name}"
    tower = "model.vision_tower."
    return name.replace(tower, tower + "vision_model.") if name.startswith(tower) else name


def _copy_processor(source: str | Path, out: Path) -> None:
    """What there is of them: later sources overwrite earlier ones."""
    folder = local_folder(str(source))
    for name in _PROCESSOR_FILES:
        if (folder / name).is_file():
            shutil.copyfile(folder / name, out / name)


def main(arguments: list[str] | None = None) -> int:
    """The command; returns its exit status."""
    parser = argparse.ArgumentParser(prog="python -m baselines.export", description=__doc__.splitlines()[0])
    parser.add_argument("checkpoint", type=Path, metavar="CHECKPOINT", help="folder that training wrote")
    parser.add_argument(
        "out", type=Path, metavar="OUT", help="folder to write, empty or not there yet; its name is the model's"
    )
    parser.add_argument("--dtype", choices=sorted(_DTYPES), default="bfloat16", help="of the weights (%(default)s)")
    parser.add_argument("--results", type=Path, metavar="DIR", help="of baselines.evaluate: its tables go on the card")
    options = parser.parse_args(arguments)
    given = {"dtype": _DTYPES[options.dtype], "results": options.results}
    return status_of(lambda: export(options.checkpoint, options.out, **given))


if __name__ == "__main__":
    sys.exit(main())
