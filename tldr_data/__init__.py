"""Token-labelled hallucination data for vision-language models."""

from tldr_data.example import Edit, Example, Span
from tldr_data.labels import BAD, GOOD, IGNORE, label_words, project, words

__all__ = ["BAD", "GOOD", "IGNORE", "Edit", "Example", "Span", "label_words", "project", "words"]
__version__ = "0.1.0"
