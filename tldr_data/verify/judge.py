"""Models as judges: what they are asked, and what their answer means for a row. Nothing is sent from here."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from typing import Literal

from tldr_data.example import Edit, Example, apply_edits
from tldr_data.llms.request import Answer, Message, Request
from tldr_data.resources import template
from tldr_data.taxonomy import Taxonomy
from tldr_data.verify import Finding
from tldr_data.verify.worked import worked_examples

Judge = Literal["judge_caption", "judge_image", "judge_answer"]

CHOICES = ("yes", "no")
MAX_TOKENS = 4
"""Room for "yes" in any tokenizer, and for the end of the turn."""
REFUSALS: dict[Judge, tuple[str, str]] = {
    "judge_caption": ("no", "refused_by_judge"),
    "judge_image": ("yes", "true_of_image"),
    "judge_answer": ("yes", "valid_answer"),
}
"""The answer that throws a row away, and the reason that it gives."""
_SENTENCE_END = re.compile(r"[.!?][\"'’”)\]]*\s+(?![a-z])|\n\s*")
_systems: dict[int, tuple[Taxonomy, str]] = {}


def caption_judge_request(candidate: Example, taxonomy: Taxonomy, *, model: str) -> Request:
    """Does the response say something else than the reference, and does the difference lie in the taxonomy?"""
    assert candidate.reference is not None
    before, after = changed_sentences(candidate.reference, candidate.edits)
    whole = _one_line(candidate.reference)
    # What changed is shown twice and the rest once: it tells what "it" and "the animal" are. Of 185 edits of DOCCI
    # captions that takes 203 tokens on average; both texts in full take 286, the changed sentences alone 61.
    user = _render(
        "judge_caption", "user",
        question=_question(candidate), caption="" if whole == before else whole, before=before, after=after,
    )  # fmt: skip
    return _request(_system(taxonomy), user, model)


def answer_judge_request(candidate: Example, *, model: str, paragraph: str = "") -> Request:
    """Is the response a valid answer to the prompt, going by a paragraph that tells what the image shows?

    Without a paragraph the question and its right answer stand in for it.
    """
    user = _render(
        "judge_answer",
        "user",
        paragraph=_one_line(paragraph or f"{candidate.prompt} {candidate.reference}"),
        question=_one_line(candidate.prompt),
        answer=_one_line(candidate.response),
    )
    return _request(_render("judge_answer", "system"), user, model)


def image_judge_request(candidate: Example, image: bytes, *, model: str) -> Request:
    """Are the changed sentences of the response true of the image (PNG or JPEG, as a file holds it)?"""
    assert candidate.reference is not None
    user = _render(
        "judge_image", "user",
        question=_question(candidate),
        statement=changed_sentences(candidate.reference, candidate.edits)[1],
        written=[_one_line(candidate.response[span.start : span.end]) for span in candidate.errors],
    )  # fmt: skip
    return _request(_render("judge_image", "system"), user, model, (image,))


def judgement(candidate: Example, request: Request, answer: Answer, threshold: float | None = None) -> Finding:
    """What a judge's answer means for a row: ``judged``, with who said what in answer to which request as evidence, and
    a reason if the row is refused. What an earlier judge said stays in the evidence.

    With a ``threshold`` (of the caption judge, which alone is calibrated) and probabilities, yes is what has at least
    that probability. Without an answer the row is ``unverified``: reason ``judge_unclear`` for one that is neither yes
    nor no, else the failure behind ``judge_``.
    """
    judge = judge_of(request)
    said = reply(answer, threshold if judge == "judge_caption" else None)
    if said is None:
        reason = f"judge_{answer.failure}" if answer.failure else "judge_unclear"
        return Finding("unverified", _evidence(candidate, request, _one_line(answer.text)[:200]), reason)
    sure = "" if answer.probabilities is None else f" ({answer.probabilities.get(said, 0.0):.2f})"
    refusal, reason = REFUSALS[judge]
    return Finding("judged", _evidence(candidate, request, said + sure), reason if said == refusal else None)


def judge_of(request: Request) -> Judge:
    """Which judge a request of this module was made for; that of captions has a system message for each taxonomy."""
    others: tuple[Judge, ...] = ("judge_image", "judge_answer")
    system = request.messages[0].content
    return next((judge for judge in others if system == _render(judge, "system")), "judge_caption")


def reply(answer: Answer, threshold: float | None = None) -> Literal["yes", "no"] | None:
    """Yes or no, by the threshold on the probability of yes where there are both; None if the answer is neither.

    >>> reply(Answer(text="Yes.")), reply(Answer(text="yes", probabilities={"yes": 0.6, "no": 0.4}), threshold=0.7)
    ('yes', 'no')
    """
    text = answer.text.strip(" \n.!\"'*").lower()
    if answer.failure or text not in CHOICES:
        return None
    if threshold is None or answer.probabilities is None:
        return "yes" if text == "yes" else "no"
    return "yes" if answer.probabilities.get("yes", 0.0) >= threshold else "no"


def changed_sentences(reference: str, edits: Sequence[Edit]) -> tuple[str, str]:
    """The sentences that edits touch, before and after, each on one line.

    >>> changed_sentences("A dog. A red cup. A cat.", [Edit(9, 12, "blue")])
    ('A red cup.', 'A blue cup.')
    """
    starts = [0, *(end.end() for end in _SENTENCE_END.finditer(reference) if end.end() < len(reference))]
    runs: list[tuple[int, int, list[Edit]]] = []
    for edit in edits:
        start = starts[bisect_right(starts, edit.start) - 1]
        end = [*starts, len(reference)][bisect_right(starts, max(edit.start, edit.end - 1))]
        if runs and start <= runs[-1][1]:
            start, _, touching = runs.pop()
            runs.append((start, end, [*touching, edit]))
        else:
            runs.append((start, end, [edit]))
    before = [reference[start:end] for start, end, _ in runs]
    after = [apply_edits(reference[start:end], [_moved(e, -start) for e in touching]) for start, end, touching in runs]
    return _joined(before), _joined(after)


def _joined(parts: Sequence[str]) -> str:
    return " [...] ".join(filter(None, map(_one_line, parts)))


def _question(candidate: Example) -> str:
    return _one_line(candidate.prompt) if candidate.task == "vqa" else ""


def _moved(edit: Edit, by: int) -> Edit:
    return Edit(edit.start + by, edit.end + by, edit.replacement)


def _evidence(candidate: Example, request: Request, said: str) -> str:
    earlier = f"{candidate.evidence}; " if candidate.verdict == "judged" else ""
    return f"{earlier}{judge_of(request)} by {request.model}: {said} [{request.key}]"


def _request(system: str, user: str, model: str, images: tuple[bytes, ...] = ()) -> Request:
    messages = (Message("system", system), Message("user", user))
    return Request(model=model, messages=messages, max_tokens=MAX_TOKENS, choices=CHOICES, images=images)


def _system(taxonomy: Taxonomy) -> str:
    """Of the caption judge, made once for each taxonomy. None can be hashed: held, its id stays its own."""
    if id(taxonomy) not in _systems:
        shown = worked_examples(taxonomy)
        definitions = [subtype.definition for subtype in taxonomy.subtypes.values()]
        text = _render(
            "judge_caption",
            "system",
            name=taxonomy.name,
            definition=taxonomy.definition,
            subtypes=definitions,
            **shown._asdict(),
        )
        _systems[id(taxonomy)] = taxonomy, text
    return _systems[id(taxonomy)][1]


def _render(judge: Judge, role: str, **values: object) -> str:
    """One message of a judge: its template has a macro for each role."""
    return str(getattr(template("prompts", f"{judge}.jinja").module, role)(**values)).strip()


def _one_line(text: str) -> str:
    return " ".join(text.split())
