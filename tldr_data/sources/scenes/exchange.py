"""What an edit exchanges, and in which sentence: all that a scene needs to know to be drawn again."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from tldr_data.example import Example, written_spans
from tldr_data.sources.scenes.words import NUMBERS, plural

_PRONOUN = re.compile(r"\b(it|they|them|its)\b", re.IGNORECASE)

COUNTS = {word: number for number, word in enumerate(NUMBERS) if number}
COUNTS |= {"a": 1, "an": 1, "a single": 1, "a pair of": 2, "a couple of": 2}


class Exchange(NamedTuple):
    """Words of the reference, what was written in their place, and where they stand."""

    old: str
    new: str
    sentence: str
    """Of the reference; the one before it too, if a pronoun points there."""
    after: str
    """What follows the old words."""

    def names(self, noun: str) -> bool:
        """Whether the sentence speaks of such a thing, or of several."""
        return re.search(rf"\b({noun}|{plural(noun)})\b", self.sentence, re.IGNORECASE) is not None

    @property
    def words(self) -> tuple[str, str]:
        """Old and new words, whatever their case."""
        return self.old.lower(), self.new.lower()


def exchanges(perturbed: Example) -> Iterator[Exchange]:
    """What its errors exchange, each once; nothing for words that were only put in or taken out."""
    reference, seen = perturbed.reference or "", set()
    for edit, (start, end) in zip(perturbed.edits, written_spans(perturbed.edits), strict=True):
        for span in perturbed.errors:
            if not (start <= span.start and span.end <= end) or not span.replaced:
                continue
            words = span.replaced, perturbed.response[span.start : span.end]
            if words not in seen:
                seen.add(words)
                yield Exchange(*words, _sentence(reference, edit.start), reference[edit.end :])


def _sentence(text: str, position: int) -> str:
    first = text.rfind(". ", 0, position) + 1
    last = text.find(". ", position)
    sentence = text[first : last if last >= 0 else len(text)]
    if first and _PRONOUN.search(sentence):
        return text[text.rfind(". ", 0, first - 1) + 1 : first] + sentence
    return sentence
