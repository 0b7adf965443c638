"""Images as a backbone's image processor gives them, and how many tokens each takes in the row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import torch
from torch import Tensor

from baselines.layouts import MROPE
from tldr_data.errors import InputError


class Pixels(NamedTuple):
    """Some images, prepared."""

    tensors: dict[str, Tensor]
    """What the model takes: on the first axis one entry an image, but of Qwen's ``pixel_values`` one a patch."""
    tokens: list[int]
    """Image tokens of each image."""
    grids: list[tuple[int, int]] | None = None
    """Height and width of each image in tokens, where positions have these axes."""
    tiles: list[int] | None = None
    """Tiles of each image that hold something, where the text reads them by cross attention."""


def open_image(stored: Mapping[str, Any] | None, row: str) -> Any:
    """The RGB image that a row stores as bytes, or as the path or address of a file.

    Raises:
        InputError: there is none, or it cannot be opened.
    """
    from datasets import Image

    if stored is None or not (stored["bytes"] or stored["path"]):
        raise InputError(f"{row}: has no image; the reference model needs one for every row")
    try:
        return Image().decode_example(dict(stored)).convert("RGB")
    except Exception as error:  # Pillow raises OSError, SyntaxError, struct.error and more on a broken file
        cause = f"{type(error).__name__}: {error}".splitlines()[0][:200]
        raise InputError(f"{row}: its image cannot be opened: {cause}") from error


def pixels_of(model_type: str, processor: Any, images: Sequence[Any]) -> Pixels:
    """Prepare images for one backbone; every one gets its own place, also where the same comes twice."""
    if model_type in MROPE:
        return _in_patches(processor, images)
    if model_type == "mllama":
        return _in_tiles(processor, images)
    values = processor(images=list(images), return_tensors="pt")["pixel_values"]
    return Pixels({"pixel_values": values}, [processor.image_seq_length] * len(images))


def _in_patches(processor: Any, images: Sequence[Any]) -> Pixels:
    made = processor(images=list(images), return_tensors="pt")
    grid, merge = made["image_grid_thw"], processor.merge_size
    tensors = {"pixel_values": made["pixel_values"], "image_grid_thw": grid}
    grids = [(int(height) // merge, int(width) // merge) for _, height, width in grid]
    return Pixels(tensors, [height * width for height, width in grids], grids)


def _in_tiles(processor: Any, images: Sequence[Any]) -> Pixels:
    made = processor(images=[[image] for image in images], return_tensors="pt")
    names = ("pixel_values", "aspect_ratio_ids", "aspect_ratio_mask")
    tiles = [int(count) for [count] in made["num_tiles"]]
    return Pixels({name: made[name] for name in names}, [1] * len(images), tiles=tiles)


def picked(pixels: Pixels, owners: Sequence[int]) -> dict[str, Tensor]:
    """The tensors of a batch whose rows show the images ``owners``, in that order."""
    order = torch.tensor(owners)
    if "image_grid_thw" not in pixels.tensors:
        return {name: tensor[order] for name, tensor in pixels.tensors.items()}
    grid = pixels.tensors["image_grid_thw"]
    patches = pixels.tensors["pixel_values"].split(grid.prod(1).tolist())  # type: ignore[no-untyped-call]
    return {"pixel_values": torch.cat([patches[owner] for owner in owners]), "image_grid_thw": grid[order]}
