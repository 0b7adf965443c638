"""A tokenizer and an image processor that give as many tokens and pixels as a backbone's own: batches to be counted."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from typing import Any, NamedTuple

import torch
from torch import Tensor
from transformers import PreTrainedConfig

from baselines.config import Run
from baselines.data import Encoded
from baselines.layouts import LAYOUTS, MROPE
from baselines.packing import Batch, Packed, Reading, Separate, reading_of
from tldr_data.labels import GOOD

PIXELS = (640, 480)
"""Width and height of an image where its size decides how many tokens it takes (Qwen): Visual Genome's are about so."""


class Response(NamedTuple):
    """One example in numbers: which image and prompt, how many tokens."""

    image: int
    prompt: int
    prompt_tokens: int
    tokens: int


class Pieces:
    """In place of a tokenizer: every word, sign and special token is one token."""

    unk_token_id = None
    pad_token_id = 0

    def __init__(self, config: PreTrainedConfig) -> None:
        self._image = LAYOUTS[config.model_type].image
        self.image_id = image_id(config)
        self.other = next(number for number in (3, 4) if number != self.image_id)

    def convert_tokens_to_ids(self, token: str) -> int:
        return self.image_id if token == self._image else self.other

    def __call__(self, text: str, **options: Any) -> dict[str, list[int]]:
        pieces = re.findall(r"<[^<>\s]+>|\w+|[^\w\s]|\n", text)
        return {"input_ids": [self.convert_tokens_to_ids(piece) for piece in pieces]}


class BlankImages:
    """In place of an image processor: zeros in the shapes that the backbone's own gives."""

    def __init__(self, config: PreTrainedConfig) -> None:
        self._config = config
        self.image_seq_length = image_tokens(config)
        self.merge_size = getattr(config.vision_config, "spatial_merge_size", 1) if config.model_type in MROPE else 1

    def __call__(self, images: Sequence[Any], return_tensors: str = "pt") -> dict[str, Any]:
        config, count = self._config, len(images)
        if config.model_type in MROPE:
            return self._patches(count)
        if config.model_type == "mllama":
            return self._tiles(count)
        size = config.image_size if config.model_type == "tldr_tiny" else config.vision_config.image_size
        return {"pixel_values": torch.zeros(count, 3, size, size)}

    def _patches(self, count: int) -> dict[str, Tensor]:
        vision = self._config.vision_config
        height, width = _grid(self._config)
        values = 3 * vision.temporal_patch_size * vision.patch_size**2
        grid = torch.tensor([[1, height * self.merge_size, width * self.merge_size]] * count)
        return {"pixel_values": torch.zeros(int(grid.prod(1).sum()), values), "image_grid_thw": grid}

    def _tiles(self, count: int) -> dict[str, Any]:
        """All tiles hold something; those that do not are computed as well."""
        vision = self._config.vision_config
        tiles, size = vision.max_num_tiles, vision.image_size
        return {
            "pixel_values": torch.zeros(count, 1, tiles, 3, size, size),
            "aspect_ratio_ids": torch.ones(count, 1, dtype=torch.long),
            "aspect_ratio_mask": torch.ones(count, 1, tiles, dtype=torch.long),
            "num_tiles": [[tiles]] * count,
        }


def image_id(config: PreTrainedConfig) -> int:
    return int(getattr(config, "image_token_id", None) or config.image_token_index)


def image_tokens(config: PreTrainedConfig) -> int:
    """How many tokens an image takes in a row; of ``PIXELS`` where that depends on its size."""
    if config.model_type == "mllama":
        return 1
    if config.model_type == "tldr_tiny":
        return int(config.image_tokens)
    if config.model_type in MROPE:
        height, width = _grid(config)
        return height * width
    return int((config.vision_config.image_size // config.vision_config.patch_size) ** 2)


def _grid(config: PreTrainedConfig) -> tuple[int, int]:
    """Height and width in tokens of an image of ``PIXELS``, each rounded as Qwen's processor does it."""
    step = config.vision_config.patch_size * config.vision_config.spatial_merge_size
    width, height = PIXELS
    return round(height / step), round(width / step)


def reading(run: Run, config: PreTrainedConfig) -> Reading:
    return reading_of(
        config.model_type,
        Pieces(config),
        BlankImages(config),
        context=run.model.context,
        mask=run.model.mask,
        max_tokens=run.data.max_tokens,
    )


def batch_of(run: Run, config: PreTrainedConfig, responses: Sequence[Response]) -> Batch:
    """The batch that training makes of responses of these sizes."""
    filler, second = [number for number in (3, 4, 6) if number != image_id(config)][:2]
    blank = {"bytes": _png(), "path": None}
    examples = []
    for number, one in enumerate(responses):
        # prompts are told apart by their tokens: here by the digits of their numbers
        prompt = [second if one.prompt >> place & 1 else filler for place in range(one.prompt_tokens)]
        tokens, labels = [filler] * one.tokens, [GOOD] * one.tokens
        examples.append(Encoded(str(number), str(one.image), "", None, "clean", prompt, tokens, labels, [], blank))
    collate = (Packed if run.data.packed else Separate)(reading(run, config))
    return collate(examples)


def _png() -> bytes:
    from PIL import Image

    file = io.BytesIO()
    Image.new("RGB", (1, 1)).save(file, "PNG")
    return file.getvalue()
