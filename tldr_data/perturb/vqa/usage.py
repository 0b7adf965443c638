"""What answers each kind of question really got in a source, so that a wrong one is as plausible as the right one."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tldr_data.answering.kinds import question_type, topic
from tldr_data.answering.lexicon import singular
from tldr_data.answering.truth import content

MOST_CONTEXTS, MOST_ANSWERS = 2000, 300
"""Kinds of questions with their nouns, and answers of each; the rarest are forgotten."""
ENOUGH = 5000
"""Answers of one kind of question, from which on what is not among the common ones is not believed."""
LONGEST = 4
"""Words of an answer that is counted."""
SMOOTHING = 20.0
"""Answers: those to questions about one noun count beside those to all of their kind from about so many on."""
LEAST = 0.0001
"""Share that every possible answer is taken to have at least."""


@dataclass(slots=True)
class AnswerUsage:
    """Kind of question ("colour"), or kind and noun ("colour/sky") -> normalised answer -> how often."""

    answers: dict[str, Counter[str]] = field(default_factory=dict)

    def add(self, question: str, answer: str) -> None:
        """Count in one pair."""
        said = normalised(answer)
        if not said or said.count(" ") >= LONGEST:
            return
        for context in _contexts(question):
            counted = self.answers.setdefault(context, Counter())
            counted[said] += 1
            if len(counted) > 4 * MOST_ANSWERS:
                self.answers[context] = _commonest(counted, MOST_ANSWERS)
        if len(self.answers) > 4 * MOST_CONTEXTS:
            self._forget()

    def share(self, question: str, answer: str) -> float:
        """How often a question of this kind, about this noun, is answered so, 0..1."""
        general, *special = (self.answers.get(context, Counter()) for context in _contexts(question))
        share = general[answer] / max(general.total(), 1)
        for counted in special:
            share = (counted[answer] + SMOOTHING * share) / (counted.total() + SMOOTHING)
        return max(share, LEAST)

    def commonest(self, question: str, most: int) -> list[str]:
        """Answers that this kind of question got, the most common first."""
        counted = self.answers.get(question_type(question), Counter())
        return [answer for answer, _ in counted.most_common(most)]

    def to_json(self) -> dict[str, Any]:
        """As JSON holds it."""
        self._forget()
        return {context: dict(counted.most_common(MOST_ANSWERS)) for context, counted in self.answers.items()}

    @classmethod
    def from_json(cls, found: Mapping[str, Mapping[str, int]]) -> AnswerUsage:
        """The reverse of ``to_json``."""
        return cls({context: Counter(counted) for context, counted in found.items()})

    def _forget(self) -> None:
        ranked = sorted(self.answers.items(), key=lambda each: ("/" in each[0], -each[1].total()))
        self.answers = dict(ranked[:MOST_CONTEXTS])


def observe_answers(pairs: Iterable[tuple[str, str]]) -> AnswerUsage:
    """How questions are answered, in bounded memory.

    >>> observe_answers([("What color is the sky?", "Blue.")]).answers
    {'colour': Counter({'blue': 1}), 'colour/sky': Counter({'blue': 1})}
    """
    usage = AnswerUsage()
    for question, answer in pairs:
        usage.add(question, answer)
    return usage


def normalised(answer: str) -> str:
    """An answer in lower case, without articles and marks.

    >>> normalised("On the left.")
    'on left'
    """
    return " ".join(content(answer))


def drawn_order(question: str, choices: Sequence[str], usage: AnswerUsage, rng: random.Random) -> list[str]:
    """Choices in random order, each the earlier the more often such a question is answered so; what hardly ever one is
    answered with is left out, where that is known."""
    common = usage.answers.get(question_type(question), Counter())
    if common.total() >= ENOUGH:
        choices = [choice for choice in choices if choice in common]
    keyed = [(rng.random() ** (1 / usage.share(question, choice)), choice) for choice in choices]
    return [choice for _, choice in sorted(keyed, reverse=True)]


def _contexts(question: str) -> list[str]:
    kind, noun = question_type(question), topic(question)
    return [kind, f"{kind}/{singular(noun)}"] if noun else [kind]


def _commonest(counted: Counter[str], most: int) -> Counter[str]:
    return Counter(dict(counted.most_common(most)))
