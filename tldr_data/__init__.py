"""Token-labelled hallucination data for vision-language models."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tldr_data.example import Edit, Example, Span
from tldr_data.labels import BAD, GOOD, IGNORE, label_words, project, words

if TYPE_CHECKING:
    from tldr_data.loading import load

__all__ = ["BAD", "GOOD", "IGNORE", "Edit", "Example", "Span", "label_words", "load", "project", "words"]
__version__ = "0.1.0"


def __getattr__(name: str) -> object:
    """``load`` needs what takes long to import: it comes when it is asked for."""
    if name != "load":
        raise AttributeError(f"module 'tldr_data' has no attribute {name!r}")
    from tldr_data.loading import load

    return load
