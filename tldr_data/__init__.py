"""Token-labelled hallucination data for vision-language models."""

__version__ = "0.1.0"
