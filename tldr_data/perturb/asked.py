"""From a true text to a perturbed one, by a language model: what it is asked, and what its answer makes."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import Literal

from tldr_data.diff import Diff, diff, diff_edits
from tldr_data.errors import RowError
from tldr_data.example import Example, apply_edits, derived_id
from tldr_data.labels import words
from tldr_data.llms.request import Answer, Message, Request
from tldr_data.perturb.anchors import EDITS_SCHEMA, anchored, asked_edits, read_edits, write_edits
from tldr_data.perturb.wrapping import unwrapped, without_thoughts
from tldr_data.resources import template
from tldr_data.taxonomy import Case, Taxonomy

Ask = Literal["auto", "edits", "rewrite"]
Kind = Literal["edits", "rewrite"]

TEMPERATURE = 0.7
MOST_REWRITTEN = 32
"""Words of a caption (some 40 tokens) up to which ``auto`` asks for a rewrite. Edits cost less from 21 words on in the
mean; of longer captions than this they do in every taxonomy, and in 97% of all (benchmarks/output_tokens.py)."""
EDITS_TOKENS = 160
"""Most tokens of an answer in edits; of 2,000 edits of long captions by the rules none needs over 135."""
_UNFINISHED = {"length": "truncated", "content_filter": "content_filter"}


def ask_kind(example: Example, ask: Ask) -> Kind:
    """How to ask for a perturbed caption: ``auto`` takes what costs fewer output tokens. Answers are rewritten."""
    if ask != "auto" and example.task == "caption":
        return ask
    is_long = example.task == "caption" and len(words(example.response)) > MOST_REWRITTEN
    return "edits" if is_long else "rewrite"


def rewrite_tokens(text: str) -> int:
    """Most tokens that a slightly changed copy of a text may take: twice what English needs with 49k pieces."""
    return len(text.encode(errors="replace")) // 3 + 32


def request_for(example: Example, taxonomy: Taxonomy, kind: Kind, *, model: str, seed: int, ask: int) -> Request:
    """The question that asks to make a clean caption false: only the last message is not the same for all captions."""
    return Request(
        model=model,
        messages=(
            Message("system", instructions(taxonomy, kind)),
            *worked_examples(taxonomy, kind),
            Message("user", example.response),
        ),
        max_tokens=EDITS_TOKENS if kind == "edits" else rewrite_tokens(example.response),
        temperature=TEMPERATURE,
        seed=seed,
        ask=ask,
        schema=EDITS_SCHEMA if kind == "edits" else None,
    )


@lru_cache(maxsize=256)
def instructions(taxonomy: Taxonomy, kind: Kind) -> str:
    """The system message: the task, the taxonomy, the form of the answer."""
    return template("prompts", f"{kind}.jinja").render(taxonomy=taxonomy).strip()


@lru_cache(maxsize=256)
def worked_examples(taxonomy: Taxonomy, kind: Kind) -> tuple[Message, ...]:
    """The cases that are shown, as turns of the conversation, those with nothing to change first.

    A weak model (SmolLM2-135M) took examples inside the system message for no pattern: of the same 44 rewrites 21 were
    cut off while it chatted, with turns none. What came last it copied: "nothing to change" in 31 of the same 96
    answers in edits; shown first, in 2.
    """
    turns: list[Message] = []
    shown = [case for case in taxonomy.cases if case.shown]
    for case in sorted(shown, key=lambda case: case.response is not None):
        answer = _shown_edits(case) if kind == "edits" else case.response or case.reference
        turns += [Message("user", case.reference), Message("assistant", answer)]
    return tuple(turns)


def _shown_edits(case: Case) -> str:
    edits = diff(case.reference, case.response or case.reference).edits
    return write_edits(asked_edits(case.reference, edits))


def candidate_of(example: Example, taxonomy: Taxonomy, request: Request, answer: Answer) -> Example:
    """The perturbed example that an answer makes of a clean one; it is not verified yet.

    Labels of edits come from the edits, compared word by word inside each; those of a rewrite from a word diff.

    Raises:
        RowError: there is none; the message is the raw answer. Reasons: the failure of the answer, ``truncated``,
            ``content_filter``, ``not_json``, ``wrong_schema``, ``unanchored_edit``, ``ambiguous_edit``,
            ``overlapping_edits``, ``chatter``, ``not_applicable`` (nothing was changed), ``empty_response``,
            ``lone_surrogate``.
    """
    try:
        text, reference = finished(answer), example.response
        if request.schema is not None:
            edits = anchored(reference, read_edits(without_thoughts(text)))
            return perturbed(example, taxonomy, request, diff_edits(reference, edits), "edits")
        return perturbed(example, taxonomy, request, diff(reference, unwrapped(text, reference)), "rewrite")
    except RowError as error:
        raise RowError(error.reason, answer.text) from None


def finished(answer: Answer) -> str:
    """The text of an answer that is whole.

    Raises:
        RowError: it failed, was cut off, or is not valid Unicode.
    """
    reason = answer.failure or _UNFINISHED.get(answer.finish)
    if reason is None and any("\ud800" <= character <= "\udfff" for character in answer.text):
        reason = "lone_surrogate"
    if reason:
        raise RowError(reason, answer.text)
    return answer.text


def perturbed(example: Example, taxonomy: Taxonomy, request: Request, found: Diff, prompt: str) -> Example:
    """The example with what a model that was asked by ``prompts/<prompt>.jinja`` changed in it.

    Raises:
        RowError: nothing was changed but punctuation, or what came of it cannot be a row.
    """
    response = apply_edits(example.response, found.edits)
    if words(response) == words(example.response):
        raise RowError("not_applicable", response)
    if not response.strip():
        raise RowError("empty_response", response)
    return replace(
        example,
        id=derived_id(example.id, taxonomy.name, example.response, found.edits),
        response=response,
        reference=example.response,
        kind="perturbed",
        taxonomy=taxonomy.name,
        subtype=next((name for change in exchanged(found, response) if (name := taxonomy.subtype_of(*change))), None),
        edits=tuple(found.edits),
        errors=tuple(found.errors),
        collateral=tuple(found.collateral),
        verdict="unverified",
        perturber=f"prompts/{prompt}",
        model=request.model,
        request=request.key,
    )


def exchanged(found: Diff, response: str) -> list[tuple[str, str]]:
    """What each error replaced, and what it wrote."""
    return [(span.replaced, response[span.start : span.end]) for span in found.errors]
