"""Collators: examples to the batch that a model takes, one row a response, or one row an image with all its responses.

A packed row reads the image once where rows of one response read it once each, and gives the same rewards and gradients
(tests/baselines/test_packing.py). At the paper's size, 1,024 image tokens and captions of 170 with 6.5 perturbed ones
each, it has about a quarter of the tokens; with 16 questions to an image a twenty-fifth.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal, NamedTuple

import torch
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence

from baselines.data import Encoded, by_image
from baselines.layouts import MROPE, Frame, frame_of
from baselines.masks import padded_mask, tree_mask
from baselines.pixels import Pixels, open_image, picked, pixels_of
from baselines.trees import SHARED, Block, Tree, block_of, segments_of, tree_of
from tldr_data.errors import InputError, UsageError
from tldr_data.labels import IGNORE

Batch = dict[str, Any]
Context = Literal["causal", "bidirectional", "echo"]

_BIDIRECTIONAL = ("paligemma", "tldr_tiny")


class Reading(NamedTuple):
    """How a backbone reads a row."""

    model_type: str
    frame: Frame
    image_processor: Any
    block: Block
    echo: bool
    max_tokens: int | None


class _Row(NamedTuple):
    image: int
    examples: list[Encoded]


def reading_of(
    model_type: str,
    tokenizer: Any,
    image_processor: Any,
    *,
    context: Context = "causal",
    mask: Literal["prefix", "image"] = "prefix",
    max_tokens: int | None = None,
) -> Reading:
    """How ``model_type`` reads what a tokenizer and an image processor made.

    Args:
        context: what a reward may have read: the response up to its token; all of it, in both directions; or all of it
            in a first copy that stands before the one that is scored.
        mask: which tokens attend to each other in PaliGemma: those of image and prompt, as transformers does it, or the
            image's alone, as vLLM serves it. Only then can several prompts share an image in a packed row.
        max_tokens: of a row, image tokens and all.

    Raises:
        UsageError: no such backbone, it cannot read in this context, or the tokenizer is not its own.
    """
    if context == "bidirectional" and model_type not in _BIDIRECTIONAL:
        raise UsageError(f"context bidirectional: {model_type} reads causally; allowed for {', '.join(_BIDIRECTIONAL)}")
    frame = frame_of(model_type, tokenizer)
    own: Mapping[str, Block] = {"paligemma": mask, "tldr_tiny": "image"}
    # tiny keeps its image and prompt from reading the response, and widens the mask of each response by itself
    whole = context == "bidirectional" and model_type == "paligemma"
    block = "row" if whole else own.get(model_type, "none")
    return Reading(model_type, frame, image_processor, block, context == "echo", max_tokens)


class Separate:
    """One row a response, padded on the right, as the paper trains: the vision tower runs once a response."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading

    def __call__(self, examples: Sequence[Encoded]) -> Batch:
        """The batch of some examples, in their order.

        Raises:
            InputError: a row is longer than it may be, or its image cannot be opened.
        """
        images = by_image(examples)
        pixels = _pixels(self._reading, images)
        number = {id(example): at for at, group in enumerate(images) for example in group}
        rows = []
        for example in examples:
            image = number[id(example)]
            rows += [_Row(image, row) for row in _cut(self._reading, pixels.tokens[image], [example])]
        return _batch(self._reading, pixels, rows, packed=False)


class Packed:
    """One row an image with its prompts and all their responses, none of which reads another.

    An image whose responses do not fit into ``max_tokens`` has several rows, and so has one of several prompts where
    image and prompt attend to each other.

    Raises:
        UsageError: image and prompt attend to the response.
    """

    def __init__(self, reading: Reading) -> None:
        if reading.block == "row":
            raise UsageError("context bidirectional: the image reads the response, so rows cannot be packed")
        self._reading = reading

    def __call__(self, examples: Sequence[Encoded]) -> Batch:
        """The batch of some examples: those of one image together.

        Raises:
            InputError: a response alone is too long, or an image cannot be opened.
        """
        images = by_image(examples)
        pixels = _pixels(self._reading, images)
        rows = []
        for number, group in enumerate(images):
            prompts = _by_prompt(group)
            together = prompts if self._reading.block == "prefix" else [[one for prompt in prompts for one in prompt]]
            for part in together:
                rows += [_Row(number, row) for row in _cut(self._reading, pixels.tokens[number], part)]
        return _batch(self._reading, pixels, rows, packed=True)


def _pixels(reading: Reading, images: Sequence[Sequence[Encoded]]) -> Pixels:
    opened = [open_image(group[0].image, group[0].id) for group in images]
    return pixels_of(reading.model_type, reading.image_processor, opened)


def _by_prompt(examples: Sequence[Encoded]) -> list[list[Encoded]]:
    found: dict[tuple[int, ...], list[Encoded]] = {}
    for example in examples:
        found.setdefault(tuple(example.prompt), []).append(example)
    return list(found.values())


def _cut(reading: Reading, image_tokens: int, examples: Sequence[Encoded]) -> Iterator[list[Encoded]]:
    """Responses of one image, as many to a row as fit."""
    row: list[Encoded] = []
    for example in examples:
        if row and _is_too_long(reading, image_tokens, [*row, example]):
            yield row
            row = []
        row.append(example)
        if len(row) == 1 and _is_too_long(reading, image_tokens, row):
            raise InputError(
                f"{example.id}: {_length(reading, image_tokens, row)} tokens with image and prompt: "
                f"at most {reading.max_tokens} are allowed"
            )
    yield row


def _is_too_long(reading: Reading, image_tokens: int, examples: Sequence[Encoded]) -> bool:
    return reading.max_tokens is not None and _length(reading, image_tokens, examples) > reading.max_tokens


def _length(reading: Reading, image_tokens: int, examples: Sequence[Encoded]) -> int:
    segments = segments_of(reading.frame, image_tokens, examples, echo=reading.echo)
    return sum(len(segment.tokens) for segment in segments)


def _batch(reading: Reading, pixels: Pixels, rows: Sequence[_Row], *, packed: bool) -> Batch:
    trees = [_tree(reading, pixels, row) for row in rows]
    blocks = [block_of(tree, reading.frame.image, reading.block) for tree in trees]
    tokens = _padded([tree.tokens for tree in trees], reading.frame.pad)
    batch: Batch = {
        "input_ids": tokens,
        "labels": _padded([tree.labels for tree in trees], IGNORE),
        "branch": _padded([tree.branch for tree in trees], SHARED),
        "responses": [[example.id for example in row.examples] for row in rows],
        **picked(pixels, [row.image for row in rows]),
    }
    if packed:
        batch["attention_mask"] = _masks(trees, blocks, tokens.shape[1])
        batch["position_ids"] = _positions(trees)
    else:
        batch["attention_mask"] = _padded([torch.ones_like(tree.tokens) for tree in trees], 0)
    if reading.model_type == "paligemma":
        batch["token_type_ids"] = _padded([(~block).long() for block in blocks], 1)
    elif reading.model_type in MROPE:
        batch["mm_token_type_ids"] = (tokens == reading.frame.image).long()
    elif pixels.tiles is not None:
        most = pixels.tensors["aspect_ratio_mask"].shape[-1]
        tiles = torch.tensor([pixels.tiles[row.image] for row in rows])
        batch["cross_attention_mask"] = _cross_attention(tiles, most, tokens.shape[1])
    return batch


def _tree(reading: Reading, pixels: Pixels, row: _Row) -> Tree:
    segments = segments_of(reading.frame, pixels.tokens[row.image], row.examples, echo=reading.echo)
    return tree_of(segments, reading.frame, pixels.grids[row.image] if pixels.grids else None)


def _padded(rows: list[Tensor], value: int) -> Tensor:
    """(B, T) of rows of different lengths."""
    return pad_sequence(rows, batch_first=True, padding_value=value)


def _masks(trees: Sequence[Tree], blocks: Sequence[Tensor], length: int) -> Tensor:
    """(B, 1, T, T) bool."""
    pairs = zip(trees, blocks, strict=True)
    masks = [padded_mask(tree_mask(tree.segment, tree.parents, block), length) for tree, block in pairs]
    return torch.stack(masks)[:, None]


def _positions(trees: Sequence[Tree]) -> Tensor:
    """(B, T), or (3, B, T) of positions with three axes."""
    if trees[0].positions.ndim == 1:
        return _padded([tree.positions for tree in trees], 0)
    return torch.stack([_padded([tree.positions[axis] for tree in trees], 0) for axis in range(3)])


def _cross_attention(tiles: Tensor, most: int, length: int) -> Tensor:
    """(B, T, 1, ``most``): Mllama's text reads every tile of its one image that holds something."""
    filled = (torch.arange(most) < tiles[:, None]).long()
    return filled[:, None, None, :].expand(-1, length, -1, -1).contiguous()
