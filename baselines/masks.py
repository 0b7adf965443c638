"""Who may attend to whom in a row that holds one image, its prompts and all their responses.

Such a row is a tree of segments: image -> prompts -> responses. A token attends to what stands before it in its own
segment and in those that its segment continues, never to a sibling: each response reads what it would read in a row of
its own. In the block (the image, or image and prompt) tokens also attend to those behind them; where responses are read
both ways, so do those of one response.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor


def tree_mask(segment: Tensor, parents: Sequence[int], block: Tensor, branch: Tensor | None = None) -> Tensor:
    """The attention mask of one row.

    Args:
        segment: (T,) long, the number of each token's segment; a segment stands behind the one that it continues.
        parents: for each segment the number of the one that it continues, -1 for none.
        block: (T,) bool, tokens that all attend to each other.
        branch: (T,) long, numbers of responses that are read both ways, negative outside of them; None: none is.

    Returns:
        (T, T) bool: whether the token of the first axis attends to that of the second.
    """
    reads = torch.eye(len(parents), dtype=torch.bool)
    for number, parent in enumerate(parents):
        if parent >= 0:
            reads[number] |= reads[parent]
    mask = reads[segment][:, segment].tril() | (block[:, None] & block[None, :])
    return mask if branch is None else mask | ((branch[:, None] == branch) & (branch >= 0))


def padded_mask(mask: Tensor, length: int) -> Tensor:
    """The same mask for a row padded on the right to ``length``: padding attends to itself alone.

    A row of the mask without any True makes attention divide by zero.
    """
    padded = torch.eye(length, dtype=torch.bool)
    padded[: len(mask), : len(mask)] = mask
    return padded
