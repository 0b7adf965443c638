"""What stands around prompt and response for each backbone, as the exact ids that the model reads.

The ids are put together here, not rendered again from a chat template or a processor's text: labels are aligned with
tokens by position, and a server that scores the same response gets the same ids.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from tldr_data.errors import UsageError


class Layout(NamedTuple):
    """The texts of one row, in order: opening, image tokens, middle, the prompt, closing, the response, end."""

    opening: str
    image: str
    """Stands once for each image token."""
    middle: str
    closing: str
    end: str
    first_position: int = 0


_CHATML = Layout(
    "<|im_start|>user\n<|vision_start|>",
    "<|image_pad|>",
    "<|vision_end|>",
    "<|im_end|>\n<|im_start|>assistant\n",
    "<|im_end|>",
)
_SYSTEM = "<|im_start|>system\nYou are a helpful assistant.<|im_end|>\n"

LAYOUTS: Mapping[str, Layout] = {
    # PaliGemma counts positions from 1, and its processor puts <bos> behind the image.
    "paligemma": Layout("", "<image>", "<bos>", "\n", "<eos>", first_position=1),
    # Without a system turn the chat templates of Qwen2-VL and Qwen2.5-VL begin with this one, Qwen3-VL's with none.
    "qwen2_vl": _CHATML._replace(opening=_SYSTEM + _CHATML.opening),
    "qwen2_5_vl": _CHATML._replace(opening=_SYSTEM + _CHATML.opening),
    "qwen3_vl": _CHATML,
    # The base model's order, image before <|begin_of_text|>: text reads the image by cross attention from there on.
    "mllama": Layout("", "<|image|>", "<|begin_of_text|>", "\n", "<|end_of_text|>"),
    "tldr_tiny": Layout("", "<image>", "<bos>", "\n", "<eos>"),
}
"""By the ``model_type`` of a backbone's config."""

MROPE = frozenset({"qwen2_vl", "qwen2_5_vl", "qwen3_vl"})
"""Backbones whose positions have three axes: time, height and width."""


class Frame(NamedTuple):
    """A layout in the ids of one tokenizer."""

    opening: list[int]
    image: int
    middle: list[int]
    closing: list[int]
    between: list[int]
    """Between the two copies of a response that is read twice."""
    end: list[int]
    pad: int
    first_position: int


def frame_of(model_type: str, tokenizer: Any) -> Frame:
    """The frame of a backbone.

    Raises:
        UsageError: no such backbone, or the tokenizer lacks a special token that the layout needs.
    """
    if model_type not in LAYOUTS:
        raise UsageError(f"model type {model_type!r}: there are {', '.join(LAYOUTS)}")
    layout = LAYOUTS[model_type]
    for token in re.findall(r"<[^<>\s]+>", "".join(layout[:5])):
        if tokenizer.convert_tokens_to_ids(token) in (None, tokenizer.unk_token_id):
            raise UsageError(f"tokenizer: lacks the token {token}, which model type {model_type} needs")

    def ids(text: str) -> list[int]:
        return list(tokenizer(text, add_special_tokens=False)["input_ids"])

    pad = tokenizer.pad_token_id
    return Frame(
        opening=ids(layout.opening),
        image=tokenizer.convert_tokens_to_ids(layout.image),
        middle=ids(layout.middle),
        closing=ids(layout.closing),
        between=ids("\n"),
        end=ids(layout.end),
        pad=ids(layout.end)[0] if pad is None else pad,
        first_position=layout.first_position,
    )
