"""Wrong answers to questions about images, and captions from right ones, by a language model."""

from __future__ import annotations

import re
from collections.abc import Sequence

from tldr_data.diff import diff
from tldr_data.errors import RowError
from tldr_data.example import Example
from tldr_data.llms.request import Answer, Message, Request
from tldr_data.perturb.asked import TEMPERATURE, exchanged, finished, perturbed, rewrite_tokens
from tldr_data.perturb.vqa.turns import homes
from tldr_data.perturb.wrapping import unwrapped
from tldr_data.resources import template
from tldr_data.taxonomy import WRITING, Taxonomy

_OF_WRITING = re.compile(
    r"\b(?:say|says|read|reads|written|writing|words?|letters?|text|spell|spelled|labell?ed|printed"
    r"|what (?:number|name|brand))\b",
    re.IGNORECASE,
)
_DENIAL = re.compile(r"\b(?:no|not|never|none|cannot|without|nothing|nobody)\b|n['\u2019]t\b", re.IGNORECASE)


def answer_request(example: Example, *, model: str, seed: int, ask: int) -> Request:
    """The question that asks for a wrong answer in place of the right one, about the same matter."""
    return Request(
        model=model,
        messages=(
            Message("system", template("prompts", "answer.jinja").render().strip()),
            Message("user", f"Question: {example.prompt}\nAnswer: {example.response}"),
        ),
        max_tokens=rewrite_tokens(example.response),
        temperature=TEMPERATURE,
        seed=seed,
        ask=ask,
    )


def answer_candidate(example: Example, taxonomies: Sequence[Taxonomy], request: Request, answer: Answer) -> Example:
    """The perturbed example that a wrong answer makes, in the first of the taxonomies that its change belongs to.

    Those that ask for more come first: writing where the question is about it, swaps, small things that are called so.

    Raises:
        RowError: there is none; the message is the raw answer. Reasons: those of ``candidate_of``, and
            ``wrong_taxonomy``.
    """
    try:
        response = unwrapped(finished(answer), example.response)
        found = diff(example.response, response)
        changes = exchanged(found, response)
        taxonomy = _home(example, taxonomies, changes)
        if taxonomy is None:
            raise RowError("wrong_taxonomy" if changes else "not_applicable", answer.text)
        return perturbed(example, taxonomy, request, found, "answer")
    except RowError as error:
        raise RowError(error.reason, answer.text) from None


def _home(example: Example, taxonomies: Sequence[Taxonomy], changes: Sequence[tuple[str, str]]) -> Taxonomy | None:
    """The taxonomy of a change; of "yes" for "no" the one of what is asked."""
    if len(changes) == 1 and {word.lower() for word in changes[0]} == {"yes", "no"}:
        return next((taxonomy for taxonomy, _ in homes(example.prompt, taxonomies)), None)
    special = sorted(taxonomies, key=lambda taxonomy: not _asks_for_more(taxonomy))
    return next((each for each in special if _is_of(each, example, changes)), None)


def _asks_for_more(taxonomy: Taxonomy) -> bool:
    return taxonomy.is_marked or any(subtype.rule in (*WRITING, "swap") for subtype in taxonomy.subtypes.values())


def _is_of(taxonomy: Taxonomy, example: Example, changes: Sequence[tuple[str, str]]) -> bool:
    """Whether all of what was changed in an answer belongs to a taxonomy."""
    rules = {subtype.rule for subtype in taxonomy.subtypes.values()}
    if rules <= WRITING and not _OF_WRITING.search(example.prompt):
        return False
    if rules <= {"negation", "absence", "answer"} and not any(_DENIAL.search(f"{old} {new}") for old, new in changes):
        return False
    if rules == {"swap"} and sorted(old for old, _ in changes) != sorted(new for _, new in changes):
        return False
    if taxonomy.is_marked and not _is_marked(taxonomy, f"{example.prompt} {example.response}"):
        return False
    return bool(changes) and all(taxonomy.admits(*change) for change in changes)


def _is_marked(taxonomy: Taxonomy, text: str) -> bool:
    markers = {marker for subtype in taxonomy.subtypes.values() for marker in subtype.markers}
    return any(re.search(rf"\b{re.escape(marker)}\b", text, re.IGNORECASE) for marker in markers)


def caption_request(pairs: Sequence[tuple[str, str]], *, model: str, seed: int, ask: int) -> Request:
    """The question that asks to tell in one paragraph what pairs of questions and answers say of one image.

    The first ask takes the most likely words, as nothing may be added; only a repeated one is drawn by chance.
    """
    told = "".join(f"Question: {question}\nAnswer: {answer}\n" for question, answer in pairs)
    return Request(
        model=model,
        messages=(
            Message("system", template("prompts", "caption.jinja").render().strip()),
            Message("user", f"{told}Paragraph:"),
        ),
        max_tokens=rewrite_tokens(told),
        temperature=TEMPERATURE if ask else 0.0,
        seed=seed,
        ask=ask,
    )


def caption_of(answer: Answer) -> str:
    """The caption in an answer.

    Raises:
        RowError: there is none; the message is the raw answer. Reasons: those of ``candidate_of``.
    """
    return unwrapped(finished(answer), "")
