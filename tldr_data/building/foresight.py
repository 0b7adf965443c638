"""What a build would ask a model, and what that would cost, from the first rows of its source."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from typing import Any

from tldr_data.building.asking import open_model, price_for
from tldr_data.building.plan import LlmPlan, Plan
from tldr_data.building.workers import sources_of
from tldr_data.errors import BuildError
from tldr_data.estimate import Questions, Range, estimate, estimate_lines
from tldr_data.example import Edit, Example, apply_edits
from tldr_data.labels import WORD
from tldr_data.llms.request import Request
from tldr_data.llms.tokens import Counter, token_counter
from tldr_data.perturb.answers import answer_request
from tldr_data.perturb.asked import ask_kind, request_for
from tldr_data.sources import Source
from tldr_data.taxonomy import Taxonomy
from tldr_data.verify.judge import answer_judge_request, caption_judge_request

SAMPLE_ROWS = 200
"""Source rows that are looked at."""
EDITS_TOKENS = Range(20, 60)
"""Output tokens of most answers in edits: one is some 30, two are 45 to 55 (``benchmarks/output_tokens.py``)."""


def foresee(plan: Plan) -> tuple[dict[str, Any], list[str]]:
    """Calls, tokens, cost and rows of a build, as JSON and as lines for people. Nothing is asked or written.

    Raises:
        UsageError, InputError: the build could not begin.
        BuildError: the source gave neither captions nor answers.
    """
    assert plan.llm is not None
    source, taxonomies = sources_of(plan)
    with open_model(plan.llm) as llm:
        model = llm.model
    rows = source.rows()
    sample = list(islice(rows, SAMPLE_ROWS))
    examples = list(_examples(source, sample))
    if not examples:
        raise BuildError(f"source {plan.source_names} gave no captions and no answers")
    share = len(sample) / (len(sample) + sum(1 for _ in rows))
    counter = token_counter(plan.llm.model, plan.llm.base_url)
    captions = [example for example in examples if example.task == "caption"]
    answers = [example for example in examples if example.task == "vqa"]
    asked: list[Questions] = []
    if captions:
        asked += (_asked_of_captions(plan, plan.llm, each, captions, share, model, counter) for each in taxonomies)
    if answers:
        asked.append(_asked_of_answers(plan, answers, share, model, counter))
    found = estimate(asked, counter=counter, price=price_for(plan.llm, model))
    return found, estimate_lines(found, model)


def _examples(source: Source, rows: list[Any]) -> Iterator[Example]:
    for row in rows:
        yield from (example for example in source.examples(row) if isinstance(example, Example))


def _asked_of_answers(plan: Plan, answers: list[Example], share: float, model: str, counter: Counter) -> Questions:
    """One wrong answer is asked for each question, whatever taxonomy it will be of."""
    assert plan.llm is not None
    if plan.questions is not None:
        share = max(share, min(1.0, len(answers) / plan.questions))
    lengths = [Range(*counter.between(answer.response)) for answer in answers]
    return Questions(
        taxonomy="answers",
        requests=[answer_request(answer, model=model, seed=plan.seed, ask=0) for answer in answers],
        share=share,
        output_tokens=_mean(lengths),
        judging=() if plan.llm.judges == "none" else [answer_judge_request(each, model=model) for each in answers],
    )


def _mean(lengths: list[Range]) -> Range:
    return Range(
        sum(length.low for length in lengths) / len(lengths), sum(length.high for length in lengths) / len(lengths)
    )


def _asked_of_captions(
    plan: Plan, llm: LlmPlan, taxonomy: Taxonomy, captions: list[Example], share: float, model: str, counter: Counter
) -> Questions:
    """What is asked of captions for one taxonomy."""
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
        output_tokens=_mean(lengths),
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
