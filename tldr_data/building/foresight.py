"""What a build would ask a model, and what that would cost, from the first captions of its source."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from typing import Any

from tldr_data.building.asking import price_for
from tldr_data.building.recipe import LlmPlan, Plan
from tldr_data.building.workers import sources_of
from tldr_data.errors import BuildError, RowError
from tldr_data.estimate import Plan as Questions
from tldr_data.estimate import Range, estimate, estimate_lines
from tldr_data.example import Edit, Example, apply_edits
from tldr_data.labels import WORD
from tldr_data.llms import open_llm
from tldr_data.llms.request import Request
from tldr_data.llms.tokens import Counter, token_counter
from tldr_data.perturb.asked import ask_kind, request_for
from tldr_data.sources import Source
from tldr_data.taxonomy import Taxonomy
from tldr_data.verify.judge import caption_judge_request

SAMPLE_ROWS = 200
"""Source rows whose captions are looked at."""
EDITS_TOKENS = Range(20, 60)
"""Output tokens of most answers in edits: one is some 30, two are 45 to 55 (``benchmarks/output_tokens.py``)."""


def foresee(plan: Plan) -> tuple[dict[str, Any], list[str]]:
    """Calls, tokens, cost and rows of a build, as JSON and as lines for people. Nothing is asked or written.

    Raises:
        UsageError, InputError: the build could not begin.
        BuildError: the source gave no captions.
    """
    assert plan.llm is not None
    source, taxonomies = sources_of(plan)
    model = open_llm(
        plan.llm.backend, model=plan.llm.model, base_url=plan.llm.base_url, requests=plan.llm.requests
    ).model
    rows = source.rows()
    sample = list(islice(rows, SAMPLE_ROWS))
    captions = list(_captions(source, sample))
    if not captions:
        raise BuildError(f"source {plan.source!r} gave no captions")
    share = len(sample) / (len(sample) + sum(1 for _ in rows))
    counter = token_counter(plan.llm.model, plan.llm.base_url)
    questions = [_questions(plan, plan.llm, taxonomy, captions, share, model, counter) for taxonomy in taxonomies]
    found = estimate(questions, counter=counter, price=price_for(plan.llm, model))
    return found, estimate_lines(found, model)


def _captions(source: Source, rows: list[Any]) -> Iterator[Example]:
    for row in rows:
        for example in source.examples(row):
            if not isinstance(example, RowError) and example.task == "caption":
                yield example


def _questions(
    plan: Plan, llm: LlmPlan, taxonomy: Taxonomy, captions: list[Example], share: float, model: str, counter: Counter
) -> Questions:
    """What is asked for one taxonomy."""
    kinds = [ask_kind(caption, llm.ask) for caption in captions]
    asked = [
        request_for(caption, taxonomy, kind, model=model, seed=plan.seed, ask=0)
        for caption, kind in zip(captions, kinds, strict=True)
    ]
    lengths = [
        EDITS_TOKENS if kind == "edits" else Range(*counter.between(caption.response))
        for caption, kind in zip(captions, kinds, strict=True)
    ]
    return Questions(
        taxonomy=taxonomy.name,
        requests=asked,
        share=share,
        output_tokens=Range(
            sum(length.low for length in lengths) / len(lengths), sum(length.high for length in lengths) / len(lengths)
        ),
        judging=() if llm.judges == "none" else [_judging(caption, taxonomy, model) for caption in captions],
        target=plan.target,
    )


def _judging(caption: Example, taxonomy: Taxonomy, model: str) -> Request:
    """A judge's question of the right length: about the caption with another first word."""
    word = WORD.search(caption.response)
    edits = (Edit(*word.span(), "Another"),) if word else (Edit(0, 0, "Another "),)
    changed = replace(
        caption,
        response=apply_edits(caption.response, edits),
        reference=caption.response,
        kind="perturbed",
        taxonomy=taxonomy.name,
        edits=edits,
    )
    return caption_judge_request(changed, taxonomy, model=model)
