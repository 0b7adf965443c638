"""One row of a batch as a tree of segments, image -> prompts -> responses, and as the numbers made of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

import torch
from torch import Tensor

from baselines.data import Encoded
from baselines.layouts import Frame
from tldr_data.labels import IGNORE

SHARED = -1
"""In place of the number of a response: what all responses of a row read, and padding."""

Block = Literal["none", "image", "prefix"]
"""Whose tokens all attend to each other: nobody's (Qwen, Mllama), the image's (tiny; PaliGemma as vLLM serves it),
or those of image and prompt (PaliGemma as transformers does it)."""


class Segment(NamedTuple):
    """Tokens that are read one after the other."""

    tokens: list[int]
    labels: list[int]
    parent: int
    """Number of the segment that it continues; -1: none."""
    branch: int


class Tree(NamedTuple):
    """One row without padding; T is its length."""

    tokens: Tensor
    """(T,) long."""
    labels: Tensor
    """(T,) long, IGNORE outside of responses."""
    branch: Tensor
    """(T,) long."""
    segment: Tensor
    """(T,) long."""
    parents: list[int]
    positions: Tensor
    """(T,) long, or (3, T) where an image has a grid."""


def segments_of(frame: Frame, image_tokens: int, examples: Sequence[Encoded], *, echo: bool) -> list[Segment]:
    """The tree of the responses ``examples`` to one image; a prompt that several have stands once.

    With ``echo`` each response stands twice, and only its second copy has labels: it has read the whole response.
    """
    head = [*frame.opening, *[frame.image] * image_tokens, *frame.middle]
    segments = [_shared(head, -1)]
    prompts: dict[tuple[int, ...], int] = {}
    for number, example in enumerate(examples):
        prompt = tuple(example.prompt)
        if prompt not in prompts:
            prompts[prompt] = len(segments)
            segments.append(_shared([*example.prompt, *frame.closing], 0))
        first = [*example.tokens, *frame.between] if echo else []
        tokens = [*first, *example.tokens, *frame.end]
        labels = [*[IGNORE] * len(first), *example.labels, *[IGNORE] * len(frame.end)]
        segments.append(Segment(tokens, labels, prompts[prompt], number))
    return segments


def _shared(tokens: list[int], parent: int) -> Segment:
    return Segment(tokens, [IGNORE] * len(tokens), parent, SHARED)


def tree_of(segments: Sequence[Segment], frame: Frame, grid: tuple[int, int] | None) -> Tree:
    """The numbers of a row.

    Positions go on from those of the segment that is continued, as they would in a row of its own. Where ``grid`` gives
    the image's height and width in tokens, they are those of Qwen2-VL's M-RoPE (arXiv 2409.12191, section 2.1).
    """
    lengths = [len(segment.tokens) for segment in segments]
    head = _head_positions(segments[0].tokens, frame, grid)
    positions, ends = [head], [int(head.max()) + 1]
    for segment, length in zip(segments[1:], lengths[1:], strict=True):
        begin = ends[segment.parent]
        positions.append(torch.arange(begin, begin + length).expand(*head.shape[:-1], length))
        ends.append(begin + length)
    return Tree(
        tokens=torch.tensor([token for segment in segments for token in segment.tokens]),
        labels=torch.tensor([label for segment in segments for label in segment.labels]),
        branch=torch.tensor([segment.branch for segment in segments]).repeat_interleave(torch.tensor(lengths)),
        segment=torch.arange(len(segments)).repeat_interleave(torch.tensor(lengths)),
        parents=[segment.parent for segment in segments],
        positions=torch.cat(positions, dim=-1),
    )


def _head_positions(tokens: list[int], frame: Frame, grid: tuple[int, int] | None) -> Tensor:
    """(T,), or (3, T): an image all at one time, its rows and columns counted; text behind the larger of them."""
    if grid is None:
        return torch.arange(len(tokens)) + frame.first_position
    height, width = grid
    before, after = len(frame.opening), len(frame.middle)
    rows, columns = torch.arange(height).repeat_interleave(width), torch.arange(width).repeat(height)
    image = torch.stack([torch.zeros_like(rows), rows, columns]) + before
    behind = torch.arange(after) + before + max(height, width)
    return torch.cat([torch.arange(before).expand(3, -1), image, behind.expand(3, -1)], dim=1)


def block_of(tree: Tree, image: int, block: Block) -> Tensor:
    """(T,) bool: the tokens of a row that all attend to each other."""
    if block == "prefix":
        return tree.branch == SHARED
    return (tree.tokens == image) & (block == "image")
