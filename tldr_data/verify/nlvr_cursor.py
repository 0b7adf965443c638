"""One of NLVR's sentences as words to be read from left to right."""

from __future__ import annotations

import re
from typing import NamedTuple

from tldr_data.verify.nlvr_meaning import several
from tldr_data.verify.nlvr_scene import Quantifier, agreed, at_least, at_most, bare, exactly
from tldr_data.verify.nlvr_words import FORMS, NUMBERS, SPELLINGS

_WORD = re.compile(r"[^\W\d_]+|\d+|[^\s\w]")


class NotCoveredError(Exception):
    """The sentence goes on in a way that the grammar does not cover."""


class _Word(NamedTuple):
    """A word as the grammar knows it, and where it was written."""

    form: str
    start: int
    end: int


class Cursor:
    """``at`` is the next word."""

    def __init__(self, text: str) -> None:
        self.text, self.at = text, 0
        self._spans = [
            _Word(form, match.start(), match.end())
            for match in _WORD.finditer(text.rstrip(" ."))
            for form in _forms(match[0].lower())
        ]
        self.words = tuple(word.form for word in self._spans)

    def written(self, begin: int) -> str:
        """What was read since word ``begin``, as it was written."""
        return self.text[self._spans[begin].start : self._spans[self.at - 1].end] if self.at > begin else ""

    def take(self, *options: str) -> str | None:
        """The first of the options ("at least") that stands here, which is then read."""
        for option in options:
            words = tuple(option.split(" "))
            if self.words[self.at : self.at + len(words)] == words:
                self.at += len(words)
                return option
        return None

    def need(self, *options: str) -> str:
        """As ``take``, of what must stand here.

        Raises:
            NotCoveredError: none of them does.
        """
        found = self.take(*options)
        if found is None:
            raise NotCoveredError
        return found

    def is_number(self, at: int) -> bool:
        """Whether word ``at`` is a number."""
        return at < len(self.words) and self.words[at] in NUMBERS

    def number(self) -> int | None:
        """The number that stands here, if one does."""
        return NUMBERS[self.need(*NUMBERS)] if self.is_number(self.at) else None

    def quantifier(self) -> Quantifier:
        """ "at least two", "exactly one", "a", "no"; nothing before a plural.

        Raises:
            NotCoveredError: there is none.
        """
        if self.take("no a", "no"):
            return exactly(0)
        if self.take("several"):
            return lambda *counts: agreed(at_least(2)(*counts), at_least(3)(*counts))
        word = self.take("at least", "at most", "exactly", "only", "more than", "less than")
        number = self.number()
        if word is None and number is not None:
            return bare(number)
        if number is None and word != "only" and self.take("a"):
            number = 1
        if number is None:
            if word is None and self.words[self.at : self.at + 1] not in ((), ("box",), ("tower",)):
                return several
            raise NotCoveredError
        return {
            None: at_least(number),
            "at least": at_least(number),
            "at most": at_most(number),
            "more than": at_least(number + 1),
            "less than": at_most(number - 1),
        }.get(word, exactly(number))


def _forms(word: str) -> list[str]:
    return SPELLINGS.get(word, FORMS.get(word, word)).split()
