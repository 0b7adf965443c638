"""What is told of an image apart from one answer: the words, and which of them stand in one sentence."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property, lru_cache

from tldr_data.answering.lexicon import answers, singular, unit_of
from tldr_data.facts import Facts
from tldr_data.meaning import Unit, lexicon, split_words
from tldr_data.wordnet import broader_senses

_TOO_BROAD = frozenset("part side thing object item piece front back area group view scene set picture image".split())
"""Broader than nearly everything: their mention says of no thing that it is there."""


class Told:
    """Sentences on one image, each as its words in lower case."""

    def __init__(self, facts: Facts | None) -> None:
        self.facts = facts
        self._said_with: dict[str, frozenset[str]] = {}

    @cached_property
    def sentences(self) -> list[frozenset[str]]:
        """Of every sentence, question with answer, and thing with its attributes: its words, and their singulars."""
        return [_forms(text) for text in self._texts()]

    @cached_property
    def words(self) -> frozenset[str]:
        """All words."""
        return frozenset[str]().union(*self.sentences)

    @cached_property
    def _senses(self) -> frozenset[str]:
        return frozenset[str]().union(*(_senses(word) for word in self.words))

    @cached_property
    def _broader(self) -> frozenset[str]:
        return frozenset[str]().union(*(_broader(word) for word in self.words))

    def names(self, phrase: str, *, broader: bool = True) -> bool:
        """Whether something is named that may be what a phrase names: itself, a synonym, a narrower or broader word."""
        unit = unit_of(phrase)
        if singular(phrase) in self.words or (" " in phrase and singular(phrase.rpartition(" ")[2]) in self.words):
            return True
        return unit is not None and not (
            self._senses.isdisjoint(unit.senses)
            and self._broader.isdisjoint(unit.senses)
            and not (broader and not self._senses.isdisjoint(_broader_of(unit)))
        )

    def said_with(self, noun: str) -> frozenset[str]:
        """Words of all sentences in which a noun, or a word that may mean the same, stands; all if there is no noun."""
        found = self._said_with.get(noun)
        if found is None:
            found = self._said_with[noun] = self._find_said_with(noun)
        return found

    def _find_said_with(self, noun: str) -> frozenset[str]:
        unit = unit_of(noun) if noun else None
        if unit is None:
            return self.words
        senses = unit.senses
        meant = {noun, singular(noun)}.union(word for word in self.words if not senses.isdisjoint(_senses(word)))
        return frozenset[str]().union(*(words for words in self.sentences if not words.isdisjoint(meant)))

    def _texts(self) -> Iterator[str]:
        if self.facts is None:
            return
        yield from self.facts.texts
        for question, answer in self.facts.pairs:
            yield f"{question} {answer}"
        for thing in self.facts.things:
            yield " ".join((thing.name, *thing.aliases, *thing.attributes))
        for sign in self.facts.signs:
            yield sign.text


def told_of(facts: Facts | None) -> Told:
    """What facts tell. Questions about an image come one after another and share their facts: the last are kept."""
    if not _latest or _latest[0].facts is not facts:
        _latest[:] = [Told(facts)]
    return _latest[0]


_latest: list[Told] = []


@lru_cache(maxsize=4096)
def _forms(text: str) -> frozenset[str]:
    words = split_words(text)
    return frozenset((*words, *map(singular, words)))


@lru_cache(maxsize=8192)
def _senses(word: str) -> frozenset[str]:
    unit = unit_of(word)
    return unit.senses if unit and unit.role == "content" and word not in _TOO_BROAD else frozenset()


@lru_cache(maxsize=8192)
def _broader(word: str) -> frozenset[str]:
    unit = unit_of(word)
    if unit is None or unit.role != "content" or word in answers().mixed:
        return frozenset()
    return _broader_of(unit)


@lru_cache(maxsize=8192)
def _broader_of(unit: Unit) -> frozenset[str]:
    general = lexicon().general.get(unit.lemma, frozenset())
    return general.union(*map(broader_senses, unit.senses))
