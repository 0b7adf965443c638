"""What ``tiny`` starts from: no weights, a tokenizer made of the texts that it will read, images at its own size."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import PreTrainedTokenizerFast
from transformers.models.siglip.image_processing_pil_siglip import SiglipImageProcessorPil

from baselines.tiny import TinyConfig

_NAMES = {"pad_token": "<pad>", "bos_token": "<bos>", "eos_token": "<eos>"}
_IMAGE = "<image>"


def tokenizer_of(texts: Iterable[str], size: int = 2048) -> PreTrainedTokenizerFast:
    """At most ``size`` pieces; the same texts in the same order give the same."""
    pieces = byte_pieces(texts, size, [_NAMES["pad_token"], _IMAGE, _NAMES["bos_token"], _NAMES["eos_token"]])
    return PreTrainedTokenizerFast(tokenizer_object=pieces, additional_special_tokens=[_IMAGE], **_NAMES)


def byte_pieces(texts: Iterable[str], size: int, special: Sequence[str]) -> Tokenizer:
    """Pieces of bytes, merged as in ``texts``, ``special`` first.

    As those of Qwen and Llama 3: they carry the space before them, no text is unknown, and each knows its characters.
    """
    pieces = Tokenizer(models.BPE())
    pieces.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    pieces.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=size,
        special_tokens=list(special),
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    pieces.train_from_iterator(texts, trainer)
    return pieces


def config_of(tokenizer: PreTrainedTokenizerFast, longest_side: int = 0) -> TinyConfig:
    """Its sizes, with the tokenizer's vocabulary.

    Images of more than 64 pixels a side are read at 128, with as many places: of a full scene's things, a tenth of its
    width, 64 leave six pixels.
    """
    sizes: dict[str, Any] = {"image_size": 128, "stem_widths": (16, 32, 64, 128)} if longest_side > 64 else {}
    return TinyConfig(vocab_size=len(tokenizer), image_token_id=tokenizer.convert_tokens_to_ids(_IMAGE), **sizes)


def image_processor_of(config: TinyConfig) -> Any:
    """Squares of ``image_size`` pixels with values in -1..1."""
    size = {"height": config.image_size, "width": config.image_size}
    half = [0.5, 0.5, 0.5]
    return SiglipImageProcessorPil(size=size, image_mean=half, image_std=half, image_seq_length=config.image_tokens)
