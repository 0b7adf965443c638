"""One training step of a model that has shapes but no memory: what it would hold at its peak, and what it computes."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch._subclasses.fake_tensor import FakeTensor, FakeTensorMode
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves
from torch.utils.flop_counter import flop_registry, sdpa_backward_flop_count, sdpa_flop_count
from transformers import PreTrainedConfig, PreTrainedModel

from baselines.config import Run
from baselines.losses import token_loss
from baselines.packing import Batch
from baselines.trainable import trainable

_COLLECT_EVERY = 32
_NOT_OF_THE_MODEL = ("labels", "branch", "pairs", "responses")


class Flop(NamedTuple):
    """Of forward and backward pass of one batch."""

    executed: int
    """With what checkpointing computes again."""
    model: int
    """Without that."""
    tower: int
    """The frozen vision tower's part of both."""


def fake_model(run: Run, config: PreTrainedConfig) -> PreTrainedModel:
    """The model that ``run`` trains, of fake tensors, with gradients as from an earlier pass of the same step.

    Attention is traced as sdpa, which takes what the fused kernels take, or as eager.
    """
    kernel = "eager" if run.model.attention == "eager" else "sdpa"
    shapes = run.model_copy(update={"model": run.model.model_copy(update={"attention": kernel})})
    with torch.device("meta"):
        model = trainable(shapes, config)
    with FakeTensorMode(allow_non_fake_inputs=True):
        model.to_empty(device="cpu")
        for parameter in model.parameters():
            if parameter.requires_grad:
                parameter.grad = torch.zeros_like(parameter)
    return model


def activations_of(model: PreTrainedModel, batch: Batch, *, bf16: bool) -> int:
    """Bytes that a step holds at its peak beside weights, gradients and Adam's moments; ``batch`` is among them.

    Numbers of the batch that tell where things stand (ids, masks, grids) are real, weights and activations are not:
    what depends on the former is computed, and nothing is known of the latter but their shapes.

    Args:
        bf16: under autocast.
    """
    model.train()
    return _traced(model, batch, bf16).peak


def flop_of(model: PreTrainedModel, batch: Batch, *, bf16: bool) -> Flop:
    """FLOP of a step; ``batch`` and ``bf16`` as for ``activations_of``."""
    executed = _traced(model.train(), batch, bf16).flop
    # Layers are checkpointed in training only; that dropout is gone costs no FLOP.
    without = _traced(model.eval(), batch, bf16).flop
    return Flop(executed, without, _tower_flop(model, batch, bf16))


def _traced(model: PreTrainedModel, batch: Batch, bf16: bool) -> Ledger:
    given = {name: value for name, value in batch.items() if name not in _NOT_OF_THE_MODEL}
    held = [tensor for own in model.parameters() for tensor in (own, own.grad) if tensor is not None]
    ledger = Ledger([*held, *model.buffers()])
    with _little_garbage(), ledger:
        ledger.add([value for value in batch.values() if isinstance(value, Tensor)])
        with torch.autocast("cpu", torch.bfloat16, enabled=bf16):
            rewards = model(**given).logits
        token_loss(rewards, batch["labels"]).backward()  # type: ignore[no-untyped-call]
    return ledger


def _tower_flop(model: PreTrainedModel, batch: Batch, bf16: bool) -> int:
    bare = model.get_base_model() if hasattr(model, "get_base_model") else model
    if not hasattr(bare, "image_features"):
        return 0
    others = ("input_ids", "attention_mask", "position_ids", "token_type_ids", *_NOT_OF_THE_MODEL)
    vision = {name: value for name, value in batch.items() if name not in others}
    ledger = Ledger([])
    with _little_garbage(), ledger, torch.autocast("cpu", torch.bfloat16, enabled=bf16):
        bare.image_features(**vision)
    return ledger.flop


class Ledger(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """FLOP of the operations while this mode is on, and bytes of the storages they make, from birth to death.

    Args:
        known: tensors that were there before and are not counted.
    """

    def __init__(self, known: list[Tensor]) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.flop = 0
        self.peak = 0
        self._now = 0
        self._alive = {tensor.untyped_storage()._cdata: 0 for tensor in known}
        self._operations = 0

    def add(self, tensors: list[Tensor]) -> None:
        for tensor in tensors:
            storage = tensor.untyped_storage()
            if storage._cdata not in self._alive:
                self._alive[storage._cdata] = storage.nbytes()
                self._now += storage.nbytes()
                weakref.finalize(storage, self._forget, storage._cdata)
        self.peak = max(self.peak, self._now)

    def _forget(self, key: int) -> None:
        self._now -= self._alive.pop(key, 0)

    def __torch_dispatch__(
        self, operation: Any, types: Any, args: tuple[Any, ...] = (), kwargs: Mapping[str, Any] | None = None
    ) -> Any:
        # What checkpointing has computed again stays in reference cycles with fake tensors, with real ones it does not.
        self._operations += 1
        if self._operations % _COLLECT_EVERY == 0:
            gc.collect()
        made = operation(*_with_known_places(operation, args), **(kwargs or {}))
        self.flop += _flop(operation._overloadpacket, args, kwargs or {}, made)
        self.add([leaf for leaf in tree_leaves(made) if isinstance(leaf, Tensor)])
        return made


def _with_known_places(operation: Any, args: tuple[Any, ...]) -> tuple[Any, ...]:
    """How many fake values a real mask picks is known once the mask is made a list of places."""
    if operation is not torch.ops.aten.index.Tensor or not isinstance(args[0], FakeTensor):
        return args
    (mask, *others) = args[1]
    if others or mask is None or mask.dtype != torch.bool or isinstance(mask, FakeTensor):
        return args
    return args[0], list(mask.nonzero(as_tuple=True))


def _flop(packet: Any, args: tuple[Any, ...], kwargs: Mapping[str, Any], made: Any) -> int:
    """As torch counts it, and attention on a CPU, which it does not know."""
    if packet is torch.ops.aten._scaled_dot_product_flash_attention_for_cpu:
        return int(sdpa_flop_count(*(tensor.shape for tensor in args[:3])))  # type: ignore[no-untyped-call]
    if packet is torch.ops.aten._scaled_dot_product_flash_attention_for_cpu_backward:
        return int(sdpa_backward_flop_count(*(tensor.shape for tensor in args[:4])))  # type: ignore[no-untyped-call]
    return int(flop_registry[packet](*args, **kwargs, out_val=made)) if packet in flop_registry else 0


@contextmanager
def _little_garbage() -> Iterator[None]:
    """Sets aside what is there already, so that looking for garbage is quick."""
    gc.collect()
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()
