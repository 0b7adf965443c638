"""Losses against closed forms worked out by hand, and against themselves cut into micro-batches."""

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch")

from torch import Tensor

from baselines.losses import (
    MARGIN,
    branch_pairs,
    label_runs,
    margin_loss,
    response_labels,
    span_max_loss,
    token_loss,
)

torch.set_num_threads(1)

X = -100


def bce(logit: float, label: int) -> float:
    return math.log1p(math.exp(-logit if label else logit))


def close(found: Tensor, wanted: float) -> None:
    torch.testing.assert_close(found, torch.tensor(wanted), rtol=1e-6, atol=1e-6)


def test_tokens_are_averaged_over_those_with_a_label() -> None:
    logits, labels = torch.tensor([[0.5, -2.0, 9.0], [1.5, 0.0, 3.0]]), torch.tensor([[1, 0, X], [X, 0, X]])
    close(token_loss(logits, labels), (bce(0.5, 1) + bce(-2.0, 0) + bce(0.0, 0)) / 3)


def test_trainers_count_takes_the_place_of_the_batchs() -> None:
    logits, labels = torch.tensor([[0.5, -2.0]]), torch.tensor([[1, 0]])
    wanted = (bce(0.5, 1) + bce(-2.0, 0)) / 8
    close(token_loss(logits, labels, 8), wanted)
    close(token_loss(logits, labels, torch.tensor(8)), wanted)


def test_a_coin_costs_log_two() -> None:
    close(token_loss(torch.zeros(3, 7), torch.arange(21).view(3, 7) % 2), math.log(2))


@pytest.mark.parametrize("label", [0, 1])
def test_the_gradient_is_the_error(label: int) -> None:
    """d/dx of the cross-entropy is sigmoid(x) - y, and nothing where there is no label."""
    logits = torch.tensor([[0.7, 3.0]], requires_grad=True)
    token_loss(logits, torch.tensor([[label, X]])).backward()
    torch.testing.assert_close(logits.grad, torch.tensor([[1 / (1 + math.exp(-0.7)) - label, 0.0]]))


@pytest.mark.parametrize("loss", ["token", "span", "margin"])
def test_a_batch_without_labels_costs_nothing(loss: str) -> None:
    logits = torch.randn(2, 3, requires_grad=True)
    found = LOSSES[loss](logits, torch.full((2, 3), X), torch.zeros(2, 3, dtype=torch.long), None)
    found.backward()
    assert found.item() == 0
    assert not logits.grad.any()


def test_huge_logits_stay_finite_and_half_precision_is_widened() -> None:
    labels = torch.tensor([[1, 0]])
    close(token_loss(torch.tensor([[-1e4, 1e4]]), labels), 1e4)
    assert token_loss(torch.zeros(1, 2, dtype=torch.bfloat16), labels).dtype == torch.float32


def test_runs_end_at_labels_gaps_responses_and_rows() -> None:
    labels = torch.tensor([[X, 1, 1, 0, 0, 1], [1, X, 1, 1, 1, 1]])
    branch = torch.tensor([[-1, 0, 0, 0, 0, 0], [0, 0, 0, 1, 1, 2]])
    run, kinds = label_runs(labels, branch)
    assert run.tolist() == [[-1, 0, 0, 1, 1, 2], [3, -1, 4, 5, 5, 6]]
    assert kinds.tolist() == [1, 0, 1, 1, 1, 1, 1]


def test_span_max_takes_the_lowest_reward_of_each_run() -> None:
    logits = torch.tensor([[2.0, 1.0, -3.0, 4.0, 0.5]], requires_grad=True)
    labels, branch = torch.tensor([[1, 1, 0, 0, X]]), torch.zeros(1, 5, dtype=torch.long)
    tokens = bce(2.0, 1) + bce(1.0, 1) + bce(-3.0, 0) + bce(4.0, 0)
    close(span_max_loss(logits, labels, branch), (tokens + bce(1.0, 1) + bce(-3.0, 0)) / 4)
    close(span_max_loss(logits, labels, branch, 10, weight=0.5), (tokens + 0.5 * (bce(1.0, 1) + bce(-3.0, 0))) / 10)


def test_margin_holds_the_worst_false_token_below_the_references_worst() -> None:
    logits = torch.tensor([[9.0, 3.0, 2.0, 1.0, -1.0, 5.0]])
    labels, branch = torch.tensor([[X, 1, 1, 0, 0, 1]]), torch.tensor([[-1, 0, 0, 1, 1, 1]])
    pairs = torch.tensor([[0, 1, 0]])
    tokens = token_loss(logits, labels, 5)
    close(margin_loss(logits, labels, branch, pairs, 5) - tokens, math.log1p(math.exp(MARGIN - (2.0 + 1.0))) / 5)


def test_margin_passes_over_what_has_nothing_to_compare() -> None:
    logits, branch = torch.randn(1, 4), torch.tensor([[0, 0, 1, 1]])
    paraphrase = torch.tensor([[1, 1, 1, 1]])
    unlabelled = torch.tensor([[X, X, 0, 1]])
    for labels in (paraphrase, unlabelled):
        assert margin_loss(logits, labels, branch, torch.tensor([[0, 1, 0]])) == token_loss(logits, labels)
    assert margin_loss(logits, paraphrase, branch, branch_pairs([["a"]])) == token_loss(logits, paraphrase)


def test_pairs_are_found_by_id() -> None:
    rows = [["a#x.1", "a", "a#y.2", "b#x.3"], [], ["a#x.1"], ["c/1#2", "c/1#2#x.4"]]
    assert branch_pairs(rows).tolist() == [[0, 0, 1], [0, 2, 1], [3, 1, 0]]
    assert branch_pairs([]).shape == (0, 3)


def test_a_response_is_judged_at_its_last_token() -> None:
    labels = torch.tensor([[X, 1, 0, 1, 1, X], [X, 1, 1, X, X, X]])
    branch = torch.tensor([[-1, 0, 0, 0, 1, 1], [-1, 0, 0, 0, 1, -1]])
    assert response_labels(labels, branch).tolist() == [[X, X, X, 0, X, 1], [X, X, X, 1, X, X]]


def test_the_naive_loss_is_a_mean_over_responses() -> None:
    logits = torch.tensor([[5.0, 1.0, -2.0, 0.5]])
    labels, branch = torch.tensor([[1, 1, 0, 0]]), torch.tensor([[0, 0, 1, 1]])
    close(token_loss(logits, response_labels(labels, branch)), (bce(1.0, 1) + bce(0.5, 0)) / 2)


def pairs_of(branch: Tensor) -> Tensor:
    return torch.tensor([[row, 1, 0] for row in range(len(branch))], dtype=torch.long).reshape(-1, 3)


LOSSES: dict[str, Callable[..., Tensor]] = {
    "token": lambda logits, labels, branch, items: token_loss(logits, labels, items),
    "span": span_max_loss,
    "margin": lambda logits, labels, branch, items: margin_loss(logits, labels, branch, pairs_of(branch), items),
    "naive": lambda logits, labels, branch, items: token_loss(logits, response_labels(labels, branch), items),
}


@pytest.mark.parametrize("name", LOSSES)
@pytest.mark.parametrize("size", [1, 2, 3])
def test_micro_batches_add_up_to_one_large_batch(name: str, size: int) -> None:
    """Values and gradients, though rows hold different numbers of labels."""
    made = torch.Generator().manual_seed(7)
    logits = torch.randn(6, 12, generator=made, requires_grad=True)
    labels = torch.randint(0, 2, (6, 12), generator=made)
    labels[torch.rand(6, 12, generator=made) < torch.linspace(0, 0.9, 6)[:, None]] = X
    branch = (torch.arange(12) // 6).expand(6, 12)
    items = int((labels != X).sum())
    whole = LOSSES[name](logits, labels, branch, items)
    (wanted,) = torch.autograd.grad(whole, logits)
    parts = [
        LOSSES[name](*chunk, items) for chunk in zip(*(x.split(size) for x in (logits, labels, branch)), strict=True)
    ]
    (found,) = torch.autograd.grad(sum(parts), logits)
    torch.testing.assert_close(sum(parts), whole)
    torch.testing.assert_close(found, wanted)


class Rewards(torch.nn.Module):
    """One reward for each kind of token."""

    def __init__(self) -> None:
        super().__init__()
        self.table = torch.nn.Parameter(torch.linspace(-1, 1, 20))

    def forward(self, input_ids: Tensor) -> dict[str, Tensor]:
        return {"logits": self.table[input_ids]}


def loss_of_step(outputs: Any, labels: Tensor, num_items_in_batch: Tensor | int | None = None) -> Tensor:
    return token_loss(outputs["logits"], labels, num_items_in_batch)


def test_trainer_takes_the_same_steps_however_a_batch_is_cut(tmp_path: Path) -> None:
    transformers = pytest.importorskip("transformers")
    made = torch.Generator().manual_seed(3)
    ids, labels = (torch.randint(0, high, (8, 10), generator=made) for high in (20, 2))
    labels[torch.rand(8, 10, generator=made) < torch.linspace(0, 0.9, 8)[:, None]] = X
    rows = [{"input_ids": own, "labels": label} for own, label in zip(ids, labels, strict=True)]
    tables = []
    for size in (8, 2, 1):
        arguments = transformers.TrainingArguments(
            str(tmp_path), per_device_train_batch_size=size, gradient_accumulation_steps=8 // size, max_steps=2,
            learning_rate=0.5, optim="sgd", max_grad_norm=0, use_cpu=True, report_to=[], disable_tqdm=True,
            save_strategy="no", dataloader_pin_memory=False, remove_unused_columns=False,
        )  # fmt: skip
        model = Rewards()
        transformers.Trainer(model, arguments, train_dataset=rows, compute_loss_func=loss_of_step).train()
        tables.append(model.table.detach())
    torch.testing.assert_close(tables[1], tables[0])
    torch.testing.assert_close(tables[2], tables[0])
    assert (tables[0] - torch.linspace(-1, 1, 20)).abs().max() > 0.01
