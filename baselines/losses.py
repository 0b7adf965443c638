"""Losses over rewards: what the paper trains with, and three others that the ablations compare with it.

``logits`` and ``labels`` are (B, T) and aligned: the reward of token k and its label stand at the same place, GOOD = 1,
BAD = 0 and IGNORE = -100 wherever there is nothing to learn. ``branch`` (B, T) numbers the responses of a row, -1 where
a token belongs to none (image, prompt, padding). Everything is computed in float32, and every loss is a sum divided by
``num_items``, the labelled tokens of the whole optimizer step: micro-batches and devices add up to the loss
of one large batch, which a mean over each would not.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits, softplus

from tldr_data.labels import BAD, GOOD, IGNORE

MARGIN = 1.0
"""By how much, in logits, a reference's worst token shall stand above the worst false token made of it."""


def token_loss(logits: Tensor, labels: Tensor, num_items: Tensor | int | None = None) -> Tensor:
    """Binary cross-entropy of every labelled token, unweighted (the paper, section 5.1).

    Args:
        num_items: labelled tokens of the whole step; None: those of this batch.
    """
    kept = labels != IGNORE
    total = binary_cross_entropy_with_logits(logits[kept].float(), labels[kept].float(), reduction="sum")
    return total / _items(labels, num_items)


def span_max_loss(
    logits: Tensor, labels: Tensor, branch: Tensor, num_items: Tensor | int | None = None, weight: float = 1.0
) -> Tensor:
    """``token_loss``, and one more term for each run of neighbouring tokens of one label in a response.

    The term is the cross-entropy of the run's lowest reward. In a false span one low reward is enough, whichever piece
    carries it; in a true stretch the worst token has to be good, since it alone decides about the response. The idea is
    that of Obeso et al. (arXiv 2509.03531), who take the maximum of P(BAD) in each span.
    """
    run, kinds = label_runs(labels, branch)
    if not len(kinds):
        return token_loss(logits, labels, num_items)
    rewards = logits[run >= 0].float()
    lowest = rewards.new_full((len(kinds),), torch.inf).scatter_reduce(0, run[run >= 0], rewards, "amin")
    spans = binary_cross_entropy_with_logits(lowest, kinds.float(), reduction="sum")
    return token_loss(logits, labels, num_items) + weight * spans / _items(labels, num_items)


def margin_loss(
    logits: Tensor,
    labels: Tensor,
    branch: Tensor,
    pairs: Tensor,
    num_items: Tensor | int | None = None,
    weight: float = 1.0,
) -> Tensor:
    """``token_loss``, and for each perturbed response beside its reference a term that tells the two apart.

    The term is softplus(MARGIN - (lowest reward of the reference - lowest reward of the false tokens)). Both share
    image, prompt and nearly all words, so that what the words alone betray cannot lower it much.

    Args:
        pairs: (P, 3), each a row of the batch, the branch of a perturbed response and that of its reference, as
            ``branch_pairs`` gives them. A pair without a false token, or whose reference has no label, counts nothing.
    """
    loss = token_loss(logits, labels, num_items)
    if not len(pairs):
        return loss
    row, perturbed, reference = pairs.to(logits.device).unbind(1)
    false = (branch[row] == perturbed[:, None]) & (labels[row] == BAD)
    true = (branch[row] == reference[:, None]) & (labels[row] != IGNORE)
    usable = false.any(1) & true.any(1)
    rewards = logits.float()[row[usable]]
    gap = _lowest(rewards, true[usable]) - _lowest(rewards, false[usable])
    return loss + weight * softplus(MARGIN - gap).sum() / _items(labels, num_items)


def response_labels(labels: Tensor, branch: Tensor) -> Tensor:
    """Labels of the naive response-level model: one for each response, at its last token (the paper, section 5.1).

    It is BAD if any token is, else GOOD; all else is IGNORE, and so is a response without any label. The collator gives
    them in place of ``labels``: ``token_loss`` is then the naive loss, and what Trainer counts are responses.
    """
    given = torch.full_like(labels, IGNORE)
    for number in range(int(branch.max()) + 1 if branch.numel() else 0):
        own = branch == number
        judged = (own & (labels != IGNORE)).any(1)
        last = (own * torch.arange(1, labels.shape[1] + 1, device=labels.device)).argmax(1)[judged]
        good = ~(own & (labels == BAD)).any(1)[judged]
        given[judged.nonzero()[:, 0], last] = torch.where(good, GOOD, BAD).to(labels.dtype)
    return given


def label_runs(labels: Tensor, branch: Tensor) -> tuple[Tensor, Tensor]:
    """Maximal runs of neighbouring tokens that share label and response.

    Returns:
        (B, T): the number of each token's run, -1 where the label is IGNORE; and (R,): the label of each run.
    """
    begins = torch.ones_like(labels, dtype=torch.bool)
    begins[:, 1:] = (labels[:, 1:] != labels[:, :-1]) | (branch[:, 1:] != branch[:, :-1])
    kept = labels != IGNORE
    number = (begins & kept).flatten().cumsum(0).view_as(labels) - 1
    return number.masked_fill(~kept, -1), labels[begins & kept]


def branch_pairs(responses: Sequence[Sequence[str]]) -> Tensor:
    """(P, 3) of row, branch of a perturbed response and branch of its reference, from the ids of each row's responses.

    What was made of ``docci/test_1`` is called ``docci/test_1#spatial.3f9a1c``; where the reference is not in the same
    row there is no pair. Paraphrases are paired too: they have no false token, and ``margin_loss`` passes them over.
    """
    found = []
    for row, ids in enumerate(responses):
        place = {name: at for at, name in enumerate(ids)}
        references = [(at, name.rpartition("#")[0]) for at, name in enumerate(ids)]
        found += [(row, at, place[name]) for at, name in references if name in place]
    return torch.tensor(found, dtype=torch.long).reshape(-1, 3)


def _items(labels: Tensor, num_items: Tensor | int | None) -> Tensor | int:
    """What a sum is divided by; a batch without any label gives loss 0, not 0 / 0."""
    return (labels != IGNORE).sum().clamp(min=1) if num_items is None else num_items


def _lowest(rewards: Tensor, mask: Tensor) -> Tensor:
    return rewards.masked_fill(~mask, torch.inf).amin(1)
