"""``transformers.Trainer`` for rewards: an order of images, losses over responses, no step on what is not finite."""

from __future__ import annotations

import math
import sys
import time
from collections.abc import Callable, Sequence
from typing import Any

from torch import Tensor, nn
from torch.utils.data import Sampler
from transformers import EvalPrediction, Trainer, TrainerCallback

from baselines.checkpoint import Settings, write_settings
from baselines.data import Encoded, Order
from baselines.losses import branch_pairs, margin_loss, response_labels, span_max_loss, token_loss
from baselines.packing import Batch
from tldr_data.errors import BuildError
from tldr_data.labels import BAD, IGNORE

Collate = Callable[[Sequence[Encoded]], Batch]


class Collator:
    """A collator's batch, with what a loss (one of ``baselines.config.Run``) needs beside the labels.

    ``responses`` is left out, since it cannot go to a device.
    """

    def __init__(self, collate: Collate, loss: str) -> None:
        self._collate, self._loss = collate, loss

    def __call__(self, examples: Sequence[Encoded]) -> Batch:
        batch = self._collate(examples)
        responses = batch.pop("responses")
        if self._loss == "naive":
            batch["labels"] = response_labels(batch["labels"], batch["branch"])
        if self._loss == "paired_margin":
            batch["pairs"] = branch_pairs(responses)
        return batch


class RewardTrainer(Trainer):
    """Takes examples in ``order``, and writes into every checkpoint what is needed to use it.

    Args:
        loss: one of ``baselines.config.Run.loss``.
        settings: go beside the weights as ``tldr.json``, with the tokenizer and the image processor.
        others: as for ``transformers.Trainer``; its ``processing_class`` is the tokenizer.

    Raises:
        BuildError: in ``train``: a loss or a gradient is not finite; no weight was changed by it.
    """

    def __init__(self, *, order: Order, loss: str, settings: Settings, image_processor: Any, **others: Any) -> None:
        super().__init__(compute_loss_func=self._loss_of_step, **others)
        # the models take any keyword, but count nothing
        self.model_accepts_loss_kwargs = False
        self._order, self._loss = order, loss
        self._settings, self._image_processor = settings, image_processor
        self._beside: dict[str, Tensor] = {}

    def _get_train_sampler(self, train_dataset: Any = None) -> Sampler[int]:
        return self._order

    def _run_epoch(self, *arguments: Any, **options: Any) -> Any:
        """With several processes nobody else reaches the order's epoch where batches are skipped to go on."""
        self._order.set_epoch(options["epoch"])
        return super()._run_epoch(*arguments, **options)

    def get_eval_dataloader(self, eval_dataset: Any = None) -> Any:
        """All of the rows; with several processes what is left over is dropped, as in training."""
        self.args.dataloader_drop_last = self.args.world_size > 1
        try:
            return super().get_eval_dataloader(eval_dataset)
        finally:
            self.args.dataloader_drop_last = True

    def prediction_step(self, *arguments: Any, **options: Any) -> tuple[Any, Any, Any]:
        """Rewards and labels in one row: packed batches of several processes have different numbers of rows."""
        loss, *found = super().prediction_step(*arguments, **options)
        rewards, labels = (None if one is None else one.reshape(1, -1) for one in found)
        return loss, rewards, labels

    def compute_loss(self, model: nn.Module, inputs: dict[str, Any], *arguments: Any, **options: Any) -> Any:
        self._beside = {name: inputs.pop(name) for name in ("branch", "pairs") if name in inputs}
        return super().compute_loss(model, inputs, *arguments, **options)

    def _loss_of_step(self, outputs: Any, labels: Tensor, num_items_in_batch: Tensor | int | None = None) -> Tensor:
        rewards, branch = outputs["logits"], self._beside["branch"]
        match self._loss:
            case "span_max":
                loss = span_max_loss(rewards, labels, branch, num_items_in_batch)
            case "paired_margin":
                loss = margin_loss(rewards, labels, branch, self._beside["pairs"], num_items_in_batch)
            case _:
                loss = token_loss(rewards, labels, num_items_in_batch)
        self._stop_unless_finite("loss", float(loss.detach()))
        return loss

    def _clip_grad_norm(self, model: nn.Module) -> Any:
        norm = super()._clip_grad_norm(model)
        self._stop_unless_finite("gradient norm", float(norm))
        return norm

    def _stop_unless_finite(self, what: str, value: float) -> None:
        if not math.isfinite(value):
            raise BuildError(
                f"{what} is {value} in step {self.state.global_step + 1}: nothing was changed by it; lower "
                f"steps.learning_rate ({self.args.learning_rate:g}), or see whether precision fp32 helps"
            )

    def _save(self, output_dir: str | None = None, state_dict: dict[str, Any] | None = None) -> None:
        super()._save(output_dir, state_dict)
        folder = output_dir or self.args.output_dir
        self._image_processor.save_pretrained(folder)
        write_settings(folder, self._settings)


class Lines(TrainerCallback):
    """One line of progress on stderr for each log, in a file as on a terminal."""

    def __init__(self, responses_per_step: int) -> None:
        self._responses = responses_per_step
        self._began = (time.monotonic(), 0)

    def on_train_begin(self, args: Any, state: Any, control: Any, **others: Any) -> None:
        self._began = (time.monotonic(), state.global_step)

    def on_step_end(self, args: Any, state: Any, control: Any, **others: Any) -> None:
        """A log at each checkpoint: losses are means since the last log, and a run that goes on begins one there."""
        control.should_log = control.should_log or control.should_save

    def on_log(self, args: Any, state: Any, control: Any, logs: dict[str, float] | None = None, **others: Any) -> None:
        told = {name: value for name, value in (logs or {}).items() if name in _SHOWN}
        if not told or not state.is_world_process_zero:
            return
        values = "  ".join(f"{_SHOWN[name]} {value:.4g}" for name, value in told.items())
        print(f"step {state.global_step:,} of {state.max_steps:,}  {values}  {self._speed(state)}", file=sys.stderr)

    def _speed(self, state: Any) -> str:
        began, first = self._began
        seconds, steps = time.monotonic() - began, state.global_step - first
        if not steps:
            return ""
        left = round(seconds / steps * (state.max_steps - state.global_step))
        hours, minutes = divmod(left // 60, 60)
        return f"responses/s {steps * self._responses / seconds:.3g}  left {hours}:{minutes:02}:{left % 60:02}"


_SHOWN = {
    "loss": "loss",
    "grad_norm": "gradient",
    "learning_rate": "rate",
    "eval_loss": "validation loss",
    "eval_ap_bad": "AP of bad tokens",
}


def ap_of_bad(predicted: EvalPrediction) -> dict[str, float]:
    """``ap_bad``: average precision of BAD over all labelled tokens; NaN where none is BAD."""
    from sklearn.metrics import average_precision_score

    labelled = predicted.label_ids != IGNORE
    bad = predicted.label_ids[labelled] == BAD
    found = average_precision_score(bad, -predicted.predictions[labelled]) if bad.any() else math.nan
    return {"ap_bad": float(found)}
