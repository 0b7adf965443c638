"""Is it true of the image? Answered from the facts that a source carries."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from tldr_data.answering.truth import contradicting_fact, could_be_true
from tldr_data.example import Example, Verdict
from tldr_data.facts import Facts
from tldr_data.verify.answers import Statement, blanked, opening_of, statement_of
from tldr_data.verify.assertions import Claim
from tldr_data.verify.claims import claims
from tldr_data.verify.gathering import gathered
from tldr_data.verify.nlvr import judge_sentence
from tldr_data.verify.nouns import Spans
from tldr_data.verify.partial import partial_truth
from tldr_data.verify.truth import touching, truth
from tldr_data.verify.words import lexicon

COMPLETE = frozenset({"objects", "attributes", "counts", "relations", "signs"})
"""Facts that are exhaustive for all of these know everything that a text may say."""


SHORT = 4
"""Words of an answer that make no sentence: there is no claim in it to be read."""


class Finding(NamedTuple):
    """What the facts say of one example: ``reason`` is None where it may be kept."""

    verdict: Verdict
    evidence: str | None = None
    reason: str | None = None


class Weighed(NamedTuple):
    """One claim of a text: the words that it is made of, and whether it is true (None: the facts leave it open)."""

    claim: Claim
    spans: Spans
    truth: bool | None
    evidence: str

    @property
    def reach(self) -> Spans:
        """Its words with the articles of the things that they name: who writes "a" for "no" says all that follows."""
        things = (thing for said in self.claim.readings for thing in (said.subject, said.object) if thing)
        named = (thing for thing in things if set(thing.spans) <= set(self.spans))
        return (*self.spans, *(span for thing in named for span in thing.article))


def weigh(text: str, facts: Facts, question: str = "") -> list[Weighed]:
    """Every claim of a text (an answer, if there is a question), held against the facts.

    >>> from tldr_data.facts import Thing
    >>> facts = Facts((Thing("ball", ("red",)),), exhaustive=COMPLETE)
    >>> [(weighed.truth, weighed.evidence) for weighed in weigh("A blue ball.", facts)]
    [(False, 'ball: red (says blue)')]
    """
    if facts.idiom == "nlvr":
        sentence = judge_sentence(text, facts)
        return [Weighed(Claim(((0, len(text)),), ()), ((0, len(text)),), sentence.value, sentence.evidence)]
    if bare := statement_of(question, text):
        return _weigh_bare(text, bare, facts)
    complete = "objects" in facts.exhaustive
    if (opening := opening_of(text)) and (bare := statement_of(question, opening)):
        return [*_weigh_bare(opening, bare, facts), *weigh(blanked(text, opening), facts)]
    known = facts if complete else gathered(facts)
    found = []
    for claim in claims(text, lexicon(known), question):
        value, evidence = truth(claim, known) if complete else partial_truth(claim, known)
        found.append(Weighed(claim, claim.spans, value, evidence))
    return found


def _weigh_bare(answer: str, bare: Statement, facts: Facts) -> list[Weighed]:
    """A bare answer held against the facts: its statement holds if it does in any reading that can be decided."""
    readings = [weigh(text, facts) for text in bare.texts]
    decided = [weighed for weighed in readings if weighed and all(item.truth is not None for item in weighed)]
    if not decided:
        return []
    best = next((weighed for weighed in decided if all(item.truth for item in weighed)), decided[0])
    holds = all(item.truth for item in best)
    item = best[0] if holds else next(item for item in best if not item.truth)
    return [Weighed(item.claim, ((0, len(answer)),), holds is not bare.denied, item.evidence)]


def verify(example: Example) -> Finding:
    """Hold an example against its facts.

    Clean, paraphrase: reason ``contradicts_facts`` if a claim of the text is false; ``good_claim_unknown`` if one of a
    paraphrase cannot be decided though the facts are complete. Perturbed: ``proved`` with the
    fact as evidence if the words of every ``errors`` span make a claim false and nothing else became false. Otherwise
    reason ``not_contradicted`` (the facts leave it possible), ``good_claim_false`` (a claim without an edited word is
    false) or ``good_claim_unknown`` (it can no longer be decided, though the facts are complete). Without facts:
    ``unverified`` (``none`` for clean rows and paraphrases).
    """
    perturbed = example.kind == "perturbed"
    if perturbed and example.task == "vqa" and not (example.facts and example.facts.exhaustive >= COMPLETE):
        return _verify_answer(example)
    if example.facts is None or not (example.facts.things or example.facts.exhaustive or example.facts.idiom):
        return Finding("unverified" if perturbed else "none")
    weighed = weigh(example.response, example.facts, example.prompt if example.task == "vqa" else "")
    if perturbed:
        if example.facts.idiom and not _is_true(example.reference or "", example.facts):
            return Finding("unverified", None, "not_contradicted")
        return _verify_perturbed(example, weighed, example.facts)
    false = next((item for item in weighed if item.truth is False), None)
    if false:
        return Finding("none", false.evidence, "contradicts_facts")
    undecided = example.facts.exhaustive >= COMPLETE and any(item.truth is None for item in weighed)
    return Finding("none", None, "good_claim_unknown" if undecided and example.kind == "paraphrase" else None)


def _verify_answer(example: Example) -> Finding:
    """Of a wrong answer much is known that no text says: what was accepted, and what else is there to be answered.

    So one that the facts neither prove nor make likely may be kept, other than a caption.
    """
    if could_be_true(example, example.response):
        return Finding("unverified", None, "could_be_true")
    if example.facts is None:
        return Finding("unverified")
    if evidence := contradicting_fact(example):
        return Finding("proved", evidence)
    if len(example.response.split()) <= SHORT:
        return Finding("unverified")
    found = _verify_perturbed(example, weigh(example.response, example.facts, example.prompt), example.facts)
    return found._replace(reason=None) if found.reason == "not_contradicted" else found


def _is_true(text: str, facts: Facts) -> bool:
    """Whether every claim of a text is decided and true."""
    return all(weighed.truth for weighed in weigh(text, facts))


def _verify_perturbed(example: Example, weighed: Sequence[Weighed], facts: Facts) -> Finding:
    errors = [(span.start, span.end) for span in example.errors]
    edited = [*errors, *((span.start, span.end) for span in example.collateral)]
    evidence: list[str] = []
    for error in errors:
        false = [item for item in weighed if item.truth is False and touching(item.spans, [error])]
        if not false:
            return Finding("unverified", None, "not_contradicted")
        # The claim of the fewest words says most plainly what is wrong.
        evidence.append(min(false, key=lambda item: len(item.spans)).evidence)
    if not evidence:
        return Finding("unverified", None, "not_contradicted")
    good = [item for item in weighed if not touching(item.reach, edited)]
    for item in good:
        if item.truth is False:
            return Finding("unverified", item.evidence, "good_claim_false")
    if facts.exhaustive >= COMPLETE and any(item.truth is None for item in good):
        return Finding("unverified", None, "good_claim_unknown")
    return Finding("proved", "; ".join(dict.fromkeys(evidence)))
