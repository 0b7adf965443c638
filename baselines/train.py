"""Train a reward model: ``python -m baselines.train CONFIG [KEY=VALUE ...]``, on one device, or on eight with

    torchrun --nproc-per-node 8 -m baselines.train CONFIG

The same command goes on with a run that was stopped: its losses are those of a run that was not. ``--dry-run`` tells
what the run will take, without its weights. Into ``out`` go ``run.json``, ``checkpoint-N/``, the logs, and at the end
the model, which ``python -m baselines.export`` makes into a folder for others.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, get_args

from baselines.command import status_of
from baselines.config import Run, read_run
from baselines.mixture import one_taxonomy, weights_of
from baselines.resuming import Resume, begin, is_finished, last_checkpoint
from baselines.rows import has_split, manifest_of
from baselines.weights import fingerprint
from tldr_data.errors import BuildError, UsageError
from tldr_data.manifest import licenses_of

if TYPE_CHECKING:
    from transformers import PreTrainedModel, TrainingArguments

    from baselines.data import Rows

_VERSIONS = ("torch", "transformers", "peft", "accelerate", "tldr-data")


# What may change when a run goes on: how much fits at a time, and what is seen of it.
# Which weights is told by what fixes their bytes, beside it.
_FREE: Any = {"out": True, "logs": True, "model": {"weights"}, "data": {"validation", "workers"}}
_SIZES: Any = {"data": {"max_tokens", "validation", "workers"}, "steps": {"responses_per_pass"}}


class Parts(NamedTuple):
    """What a run is made of."""

    model: PreTrainedModel
    tokenizer: Any
    image_processor: Any
    weights: str
    """What the model was made of, so that the same is found again; "" if of nothing."""
    licenses: tuple[str, ...]
    """Of the rows, and of those that the weights were trained on before."""
    rows: Rows


def train(run: Run, resume: Resume = "auto") -> Path:
    """Trains to the end, from where the run was stopped, and gives the folder of the model.

    Raises:
        UsageError: the run cannot be done as it is told, or its folder holds another one.
        InputError: the data or the weights cannot be used.
        HubError: a dataset or weights are on the Hub, and do not come.
        BuildError: a loss was not finite, or memory ran out: the last checkpoint stays.
    """
    from transformers import set_seed

    _check_devices()
    _check_logs(run)
    set_seed(run.steps.seed)
    parts = parts_of(run)
    is_first = int(os.environ.get("RANK", "0")) == 0
    checkpoint = begin(run.out, record_of(run, parts), resume) if is_first else last_checkpoint(run.out)
    if is_finished(run.out):
        print(f"{run.out}: is trained already", file=sys.stderr)
        return run.out
    if checkpoint and is_first:
        print(f"{run.out}: goes on from {checkpoint.name}", file=sys.stderr)
    trainer = trainer_of(run, parts)
    try:
        trainer.train(resume_from_checkpoint=str(checkpoint) if checkpoint else None)
    except (MemoryError, RuntimeError) as error:
        if not _is_out_of_memory(error):
            raise
        raise BuildError(_out_of_memory(run)) from error
    trainer.save_model()
    trainer.save_state()
    _end_together(trainer)
    return run.out


def _end_together(trainer: Any) -> None:
    """Ends what processes share once all are done: left to the exit of one, gloo's threads now and then abort it."""
    trainer.accelerator.wait_for_everyone()
    trainer.accelerator.end_training()


def parts_of(run: Run) -> Parts:
    """Model, processors and rows of a run; raises what ``train`` does."""
    from baselines import scratch
    from baselines.checkpoint import SETTINGS, processors_of, read_settings
    from baselines.data import read, texts
    from baselines.trainable import trainable
    from baselines.weights import local_folder, pinned

    taxonomy = one_taxonomy(run.data)
    if run.model.weights == "tiny":
        tokenizer: Any = scratch.tokenizer_of(texts(run.data.dataset, taxonomy=taxonomy))
        config = scratch.config_of(tokenizer)
        image_processor: Any = scratch.image_processor_of(config)
        model, weights = trainable(run, config), ""
        before: Sequence[str] = ()
    else:
        folder = local_folder(run.model.weights)
        tokenizer, image_processor = processors_of(folder)
        model, weights = trainable(run, folder), pinned(run.model.weights, folder)
        before = read_settings(folder).licenses if (folder / SETTINGS).is_file() else ()
    licenses = tuple(sorted({*before, *licenses_of(manifest_of(run.data.dataset))}))
    rows = read([run.data.dataset], tokenizer, taxonomy=taxonomy)
    return Parts(model, tokenizer, image_processor, weights, licenses, rows)


def trainer_of(run: Run, parts: Parts) -> Any:
    """The trainer of a run, whose ``train`` does it."""
    from torch.utils.data import Subset
    from transformers import PrinterCallback

    from baselines.checkpoint import Settings
    from baselines.data import Order, read
    from baselines.packing import Packed, Separate, reading_of
    from baselines.trainer import Collator, Lines, RewardTrainer, ap_of_bad

    data, model = run.data, run.model
    if data.packed and model.attention == "flash_attention_2":
        raise UsageError("data.packed true with model.attention flash_attention_2, which knows no mask by token")
    if run.loss == "paired_margin" and not data.packed:
        raise UsageError("loss paired_margin with data.packed false, where no two responses share a row")
    reading = reading_of(
        parts.model.config.model_type,
        parts.tokenizer,
        parts.image_processor,
        context=model.context,
        mask=model.mask,
        max_tokens=data.max_tokens,
        blank=data.images == "blank",
    )
    collate = Packed(reading) if data.packed else Separate(reading)
    order = Order(parts.rows, weights=weights_of(data, parts.rows.parts), seed=run.steps.seed, by_image=data.packed)
    _check_size("train", len(order), run)
    held_out = None
    if data.validation:
        if not has_split(data.dataset, "validation"):
            raise UsageError(f"data.validation {data.validation}: {data.dataset} has no such split; allowed: 0")
        rows = read([data.dataset], parts.tokenizer, taxonomy=one_taxonomy(data), split="validation")
        held_out = Subset(rows, list(Order(rows, shuffle=False))[: data.validation])
        if _processes() > 1:
            _check_size("validation", len(held_out), run)
    trainer = RewardTrainer(
        model=parts.model,
        args=arguments_of(run),
        train_dataset=parts.rows,
        eval_dataset=held_out,
        data_collator=Collator(collate, run.loss),
        processing_class=parts.tokenizer,
        image_processor=parts.image_processor,
        order=order,
        loss=run.loss,
        settings=Settings(
            base=parts.weights if run.lora else "",
            context=model.context,
            mask=model.mask,
            rewards="response" if run.loss == "naive" else "token",
            images=data.images,
            trained_from=parts.weights,
            dataset=data.dataset,
            licenses=parts.licenses,
        ),
        compute_metrics=ap_of_bad,
        callbacks=[Lines(run.steps.responses_per_step)],
    )
    trainer.remove_callback(PrinterCallback)
    return trainer


def arguments_of(run: Run) -> TrainingArguments:
    """What ``transformers.Trainer`` is told; raises UsageError where a step's responses cannot be divided."""
    import torch
    from transformers import TrainingArguments

    steps = run.steps
    if "tensorboard" in run.logs:
        os.environ.setdefault("TENSORBOARD_LOGGING_DIR", str(run.out / "logs"))
    return TrainingArguments(
        output_dir=str(run.out),
        per_device_train_batch_size=steps.responses_per_pass,
        per_device_eval_batch_size=steps.responses_per_pass,
        gradient_accumulation_steps=_passes(run),
        num_train_epochs=steps.epochs,
        learning_rate=steps.learning_rate,
        warmup_steps=steps.warmup_steps,
        lr_scheduler_type=steps.schedule,
        weight_decay=steps.weight_decay,
        bf16=steps.precision == "bf16",
        use_cpu=not torch.accelerator.is_available(),  # else several processes would each train alone
        seed=steps.seed,
        logging_steps=10,
        logging_first_step=True,
        logging_nan_inf_filter=False,
        eval_strategy="steps" if run.data.validation else "no",
        eval_steps=steps.save_every,
        label_names=["labels"],
        save_steps=steps.save_every,
        save_total_limit=2,
        remove_unused_columns=False,
        dataloader_drop_last=True,
        dataloader_num_workers=run.data.workers,
        dataloader_pin_memory=torch.cuda.is_available(),
        ddp_find_unused_parameters=False,
        report_to=list(run.logs),
        disable_tqdm=True,
    )


def record_of(run: Run, parts: Parts) -> dict[str, Any]:
    """What must be the same when a run goes on, and which versions it was begun with."""
    # pairs are found in one pass, and tiny normalises over one
    is_fixed = run.loss == "paired_margin" or run.model.weights == "tiny"
    told = run.model_dump(mode="json", exclude=_FREE if is_fixed else {**_FREE, **_SIZES})
    versions = {name: version(name) for name in _VERSIONS}
    processes = _processes()
    dataset = manifest_of(run.data.dataset)["content_hash"]
    weights = fingerprint(parts.weights)
    return {"run": told, "dataset": dataset, "weights": weights, "processes": processes, "versions": versions}


def _processes() -> int:
    return int(os.environ.get("WORLD_SIZE", "1"))


def _passes(run: Run) -> int:
    """Forward passes of each process in a step."""
    steps, at_once = run.steps, run.steps.responses_per_pass * _processes()
    if steps.responses_per_step % at_once:
        raise UsageError(
            f"steps.responses_per_step {steps.responses_per_step}: is not a multiple of responses_per_pass "
            f"{steps.responses_per_pass} x {_processes()} processes"
        )
    return steps.responses_per_step // at_once


def _check_size(split: str, responses: int, run: Run) -> None:
    at_once = run.steps.responses_per_pass * _processes()
    if responses < at_once:
        raise UsageError(
            f"steps.responses_per_pass {run.steps.responses_per_pass} x {_processes()} processes: {split} has only "
            f"{responses} responses"
        )


def _check_logs(run: Run) -> None:
    for name in run.logs:
        if find_spec(name) is None:
            raise UsageError(f"logs {name}: is not installed (pip install {name}); allowed: others, or []")


def _check_devices() -> None:
    import torch

    count = torch.cuda.device_count()
    if count > 1 and "WORLD_SIZE" not in os.environ:
        raise UsageError(
            f"{count} GPUs: start one process for each (torchrun --nproc-per-node {count} -m baselines.train CONFIG), "
            "or show it one (CUDA_VISIBLE_DEVICES=0)"
        )


def _is_out_of_memory(error: Exception) -> bool:
    """A GPU's allocator has a class of its own; a CPU's raises a plain RuntimeError."""
    import torch

    return isinstance(error, MemoryError | torch.OutOfMemoryError) or "can't allocate memory" in str(error)


def _out_of_memory(run: Run) -> str:
    steps = run.steps
    return (
        f"out of memory with steps.responses_per_pass {steps.responses_per_pass} and data.max_tokens "
        f"{run.data.max_tokens}: lower one of them, so that a step takes more passes; "
        "--dry-run tells what a run needs"
    )


def main(arguments: list[str] | None = None) -> int:
    """The command; returns its exit status."""
    parser = argparse.ArgumentParser(prog="python -m baselines.train", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("config", type=Path, metavar="CONFIG", help="YAML file, as those of baselines/configs/")
    parser.add_argument("changes", nargs="*", metavar="KEY=VALUE", help="other values than the file's: steps.seed=1")
    parser.add_argument("--resume", choices=get_args(Resume), default="auto", help="of a run begun (%(default)s)")
    parser.add_argument("--dry-run", action="store_true", help="tell what the run takes, and train nothing")
    options = parser.parse_intermixed_args(arguments)
    if options.dry_run:
        return status_of(lambda: _forecast(read_run(options.config, options.changes)))
    return status_of(lambda: train(read_run(options.config, options.changes), options.resume))


def _forecast(run: Run) -> str:
    from baselines.dry_run import forecast, render

    return render(forecast(run))


if __name__ == "__main__":
    sys.exit(main())
