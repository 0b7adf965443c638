"""From a right answer about an image to wrong ones, by rules: short answers and whole sentences, without a parser.

What is wrong is drawn from what such questions are answered with, and belongs to the taxonomy of its change. Whatever
could be true as well is left out (``could_be_true``): a rare wrong answer is worth more than a doubtful one.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import replace

from tldr_data.answering.kinds import answer_type, question_type
from tldr_data.answering.truth import could_be_true
from tldr_data.example import Edit, Example, Span, apply_edits, derived_id, written_spans
from tldr_data.perturb.sites import Change
from tldr_data.perturb.vqa.exchanges import Said, exchanges, said_of
from tldr_data.perturb.vqa.signs import rewritten
from tldr_data.perturb.vqa.turns import turned
from tldr_data.perturb.vqa.usage import AnswerUsage, drawn_order, observe_answers
from tldr_data.perturb.vqa.wording import written
from tldr_data.taxonomy import Taxonomy

__all__ = ["AnswerUsage", "answer_type", "could_be_true", "observe_answers", "perturbed_answers", "question_type"]

LONGEST = 160
"""Characters of an answer; of longer ones one exchanged word makes no wrong answer."""
EXHAUSTIVE = frozenset({"objects", "attributes", "counts", "relations", "signs"})


def perturbed_answers(
    example: Example, taxonomies: Sequence[Taxonomy], seed: int, usage: AnswerUsage | None = None
) -> Iterator[Example]:
    """Perturbed examples of a clean one of task ``vqa``, the best first, each in the taxonomy of its change.

    None where there is no way to be wrong that is sure. The same (example, taxonomies, seed, usage) gives the same
    examples anywhere.
    """
    if len(example.response) > LONGEST:
        return
    rng = random.Random(f"{seed}/{example.id}/answer")
    decided = example.facts is not None and example.facts.exhaustive >= EXHAUSTIVE
    said = said_of(example.prompt, example.response, decided=decided)
    for name, subtype, changes in _candidates(said, taxonomies, usage or AnswerUsage(), rng):
        edits = tuple(Edit(change.start, change.end, change.replacement) for change in changes)
        response = apply_edits(example.response, edits)
        if decided or not could_be_true(example, response):
            yield _perturbed(example, name, subtype, changes, edits)


def _candidates(
    said: Said, taxonomies: Sequence[Taxonomy], usage: AnswerUsage, rng: random.Random
) -> Iterator[tuple[str, str, tuple[Change, ...]]]:
    if not said.words or said.words[0].lower in ("yes", "no"):
        turns = list(turned(said, taxonomies))
        rng.shuffle(turns)
        yield from turns
        return
    for taxonomy in taxonomies if said.kind in ("text", "brand") else ():
        for subtype, change in rewritten(said, taxonomy, usage, rng):
            yield taxonomy.name, subtype, change
    for exchange in exchanges(said, taxonomies):
        for new in drawn_order(said.question, exchange.choices, usage, rng):
            changes = written(said, exchange, new)
            if changes is not None:
                yield exchange.taxonomy, exchange.subtype, changes


def _perturbed(
    example: Example, name: str, subtype: str, changes: Sequence[Change], edits: tuple[Edit, ...]
) -> Example:
    spans = [
        (Span(start, end, example.response[change.start : change.end]), change.collateral)
        for change, (start, end) in zip(changes, written_spans(edits), strict=True)
    ]
    return replace(
        example,
        id=derived_id(example.id, name, example.response, edits),
        response=apply_edits(example.response, edits),
        reference=example.response,
        kind="perturbed",
        taxonomy=name,
        subtype=subtype,
        edits=edits,
        errors=tuple(span for span, collateral in spans if not collateral),
        collateral=tuple(span for span, collateral in spans if collateral),
        verdict="unverified",
        perturber=f"rules/{name}.{subtype}",
    )
