"""Written text that an answer tells, for another of its kind."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator

from tldr_data.perturb.grammar import like
from tldr_data.perturb.sites import Change
from tldr_data.perturb.vqa.exchanges import Said
from tldr_data.perturb.vqa.usage import AnswerUsage
from tldr_data.perturb.writing import rows_of, texts_of, titled, word_rows_of, writing
from tldr_data.taxonomy import WRITING, Taxonomy

_QUOTED = re.compile(r"[\"“]([^\"“”]+)[\"”]")
_SAYS = re.compile(r"^(?:it|the \w+(?: \w+)?|they) (?:says?|reads?|spells?|is)\b:?\s*", re.IGNORECASE)
_FIGURES = re.compile(r"\d+(?:([:.])\d\d)?")
MOST_WORDS = 5
DRAWN = 60
"""Common answers to such questions that are looked at."""
TRIED = 12


def rewritten(
    said: Said, taxonomy: Taxonomy, usage: AnswerUsage, rng: random.Random
) -> Iterator[tuple[str, tuple[Change, ...]]]:
    """Subtype and change of each other text that could stand there."""
    rules = {subtype.rule: name for name, subtype in taxonomy.subtypes.items() if subtype.rule in WRITING}
    if "written" not in rules:
        return
    start, end = _text_span(said.answer)
    text = said.answer[start:end]
    if not text.strip() or len(text.split()) > MOST_WORDS:
        return
    if _FIGURES.fullmatch(text):
        if "numeral" in rules:
            yield from ((rules["numeral"], (Change(start, end, new),)) for new in _figures(text, rng))
    elif not any(character.isdigit() for character in text):
        others = _others(text.lower(), said.question, said.kind == "brand", usage, rng)
        yield from ((rules["written"], (Change(start, end, _in_case(text, new)),)) for new in others)


def _text_span(answer: str) -> tuple[int, int]:
    """Where the text stands: between quotes, behind "it says", or the whole answer without its full stop."""
    if quoted := _QUOTED.search(answer):
        return quoted.span(1)
    lead = _SAYS.match(answer)
    start = lead.end() if lead else len(answer) - len(answer.lstrip())
    return start, max(start, len(answer.rstrip(" .!`'\"")))


def _others(text: str, question: str, is_brand: bool, usage: AnswerUsage, rng: random.Random) -> list[str]:
    """Texts that could stand in its place: of its row in the lexicon, else with one word of them exchanged, else what
    such questions are answered with elsewhere, else any."""
    if rows := sorted(rows_of().get(text, ())):
        return rng.sample(rows, min(TRIED, len(rows)))
    words = text.split(" ")
    at_random = [at for at, word in enumerate(words) if word in word_rows_of()]
    if at_random:
        at = rng.choice(at_random)
        found = [" ".join((*words[:at], new, *words[at + 1 :])) for new in sorted(word_rows_of()[words[at]])]
        return rng.sample(found, min(TRIED, len(found)))
    drawn = [a for a in usage.commonest(question, DRAWN) if a != text and not any(map(str.isdigit, a))]
    kinds = ("brand", "firm", "gear") if is_brand else writing().any
    found = [*rng.sample(drawn, min(TRIED, len(drawn))), *rng.sample(texts_of(kinds), 3)]
    return sorted(found, key=lambda other: abs(other.count(" ") - text.count(" ")))


def _figures(text: str, rng: random.Random) -> Iterator[str]:
    """The same number of figures, of which one that stands in front is another."""
    for _ in range(TRIED):
        at = rng.randrange(max(1, len(text) - 1)) if ":" not in text else 0
        if text[at].isdigit():
            lowest = "1" if at == 0 else "0"
            others = [figure for figure in "0123456789" if lowest <= figure != text[at]]
            yield f"{text[:at]}{rng.choice(others)}{text[at + 1 :]}"


def _in_case(text: str, new: str) -> str:
    if text.isupper() or text.islower():
        return like(text, new) if text.isupper() else new
    return titled(new) if text[:1].isupper() and " " in text else like(text, new)
