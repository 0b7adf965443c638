"""What a model is asked to make false, and what judges it."""

from __future__ import annotations

from asyncio import gather, to_thread
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

from tldr_data.answering.kinds import answer_type
from tldr_data.building.admission import admit
from tldr_data.building.perturbers import Merged, Most, Outcome, Tried
from tldr_data.building.plan import Ask, Judges
from tldr_data.entailment import Entailment
from tldr_data.errors import RowError
from tldr_data.example import Example
from tldr_data.llms.asker import Asker
from tldr_data.llms.budget import BudgetSpent
from tldr_data.llms.request import Answer, Request
from tldr_data.perturb.answers import answer_candidate, answer_request, caption_of, caption_request
from tldr_data.perturb.asked import ask_kind, candidate_of, request_for
from tldr_data.sampling import HOMES
from tldr_data.sources.visual_genome.merged import merged_caption
from tldr_data.taxonomy import Taxonomy, load_taxonomies
from tldr_data.verify.judge import (
    answer_judge_request,
    caption_judge_request,
    changed_sentences,
    image_judge_request,
    judgement,
)

ENTAILED = 0.5
"""Least probability that each text follows from the other, for the response to count as a paraphrase."""
NOT_APPLICABLE = "not_applicable"
"""The model says that a reference has nothing of a taxonomy: no site."""


class _Asked(NamedTuple):
    """A try whose outcome may still depend on judges."""

    taxonomy: Taxonomy
    outcome: Outcome
    requests: tuple[str, ...]
    is_judged: bool = True
    """False where a judge could not be asked because the budget was spent."""


class Asked:
    """Perturbs by asking a model, and has it judge what the facts do not prove."""

    def __init__(
        self,
        asker: Asker,
        taxonomies: Sequence[Taxonomy],
        *,
        ask: Ask,
        seed: int,
        judges: Judges,
        threshold: float | None,
        entailment: Entailment | None = None,
    ) -> None:
        self.asker = asker
        self.taxonomies = taxonomies
        self.rivals = [] if judges == "none" else load_taxonomies(["all"])
        """Models write words that no lexicon knows; where a judge is asked, they are not refused at once."""
        self.ask = ask
        self.seed = seed
        self.judges = judges
        self.threshold = threshold
        """Of the probability of "yes" from which on the caption judge is believed; None: by its word."""
        self.entailment = entailment

    def requests(self, example: Example, most: Most) -> Iterator[tuple[Taxonomy, Request]]:
        """What is asked to perturb a reference: one question for each row that is wanted, all next to each other.

        A wrong answer is asked for once, whatever taxonomy it will be of; until then that of its like is named.
        """
        if example.task == "vqa":
            for number in range(max(most.values())):
                yield self._home(example), answer_request(example, model=self.asker.model, seed=self.seed, ask=number)
            return
        kind, model = ask_kind(example, self.ask), self.asker.model
        for taxonomy in self.taxonomies:
            for number in range(most.get(taxonomy.name, 0)):
                yield taxonomy, request_for(example, taxonomy, kind, model=model, seed=self.seed, ask=number)

    async def tried(self, example: Example, most: Most, siblings: set[str]) -> Tried:
        """Ask for each row that is wanted, filter the answers, and have judged what the facts do not prove."""
        asked = list(self.requests(example, most))
        answers = await gather(*(self._answer(request) for _, request in asked))
        candidates = [
            _Asked(taxonomy, self._candidate(example, taxonomy, request, answer, siblings), (request.key,))
            for (taxonomy, request), answer in zip(asked, answers, strict=True)
            if answer is not None
        ]
        judged = await gather(*(self._judged(candidate) for candidate in await self._not_entailed(candidates)))
        return Tried(
            [each.outcome for each in judged if each.is_judged],
            dict(Counter(each.taxonomy.name for each in judged if each.outcome.reason != NOT_APPLICABLE)),
            tuple(key for each in judged for key in each.requests),
            answers.count(None) + sum(not each.is_judged for each in judged),
        )

    async def merged(self, example: Example) -> Merged:
        """What the model tells of the questions in one paragraph; its request stands on the row."""
        request = caption_request(example.pairs, model=self.asker.model, seed=self.seed, ask=0)
        answer = await self._answer(request)
        if answer is None:
            return Merged(None)
        try:
            written = replace(example, response=caption_of(answer), model=request.model, request=request.key)
        except RowError as error:
            return Merged(RowError(error.reason, f"{example.id}: {error.message}"), (request.key,))
        return Merged(written, (request.key,))

    async def sync(self) -> None:
        """Return when every answer outlasts a power cut."""
        await self.asker.sync()

    async def _answer(self, request: Request) -> Answer | None:
        """None where the budget is spent."""
        try:
            return await self.asker.ask(request)
        except BudgetSpent:
            return None

    def _candidate(
        self, example: Example, taxonomy: Taxonomy, request: Request, answer: Answer, siblings: set[str]
    ) -> Outcome:
        """An answer made into an example and filtered; an answer that gives none is kept as it came."""
        try:
            if example.task == "vqa":
                candidate = answer_candidate(example, self.taxonomies, request, answer)
                taxonomy = next(each for each in self.taxonomies if each.name == candidate.taxonomy)
            else:
                candidate = candidate_of(example, taxonomy, request, answer)
        except RowError as error:
            return Outcome(taxonomy.name, _without_edit(example, taxonomy, request), error.reason, error.message)
        judged, reason = admit(candidate, taxonomy, siblings, self.rivals)
        if reason is None:
            siblings.add(judged.response)
        return Outcome(taxonomy.name, judged, reason, answer.text if reason else "")

    async def _not_entailed(self, candidates: list[_Asked]) -> list[_Asked]:
        """The same, those thrown away of which each text follows from the other."""
        if self.entailment is None:
            return candidates
        open = [each for each in candidates if each.outcome.reason is None]
        pairs = [
            changed_sentences(example.reference, example.edits)
            for each in open
            if (example := each.outcome.example).reference is not None
        ]
        entailed = await to_thread(self.entailment.entail_both_ways, pairs)
        sure = {id(each) for each, likely in zip(open, entailed, strict=True) if likely >= ENTAILED}
        return [
            each._replace(outcome=each.outcome._replace(reason="entailed")) if id(each) in sure else each
            for each in candidates
        ]

    async def _judged(self, asked: _Asked) -> _Asked:
        """The same with what the judges say of it; they are asked until one of them refuses."""
        for request in self._judge_requests(asked):
            answer = await self._answer(request)
            if answer is None:
                return asked._replace(is_judged=False)
            example = asked.outcome.example
            finding = judgement(example, request, answer, self.threshold)
            judged = replace(example, verdict=finding.verdict, evidence=finding.evidence)
            message = answer.text if finding.reason else ""
            outcome = asked.outcome._replace(example=judged, reason=finding.reason, message=message)
            asked = asked._replace(outcome=outcome, requests=(*asked.requests, request.key))
            if finding.reason:
                break
        return asked

    def _judge_requests(self, asked: _Asked) -> Iterator[Request]:
        """Nobody is asked of what is proved, or thrown away already."""
        example, model = asked.outcome.example, self.asker.model
        if self.judges == "none" or asked.outcome.reason or example.verdict == "proved":
            return
        if example.task == "vqa":
            told = merged_caption(example.facts.pairs) if example.facts else None
            yield answer_judge_request(example, model=model, paragraph=told or "")
        else:
            yield caption_judge_request(example, asked.taxonomy, model=model)
        if self.judges == "image" and example.image is not None:
            image = example.image if isinstance(example.image, bytes) else example.image.read_bytes()
            yield image_judge_request(example, image, model=model)

    def _home(self, example: Example) -> Taxonomy:
        """The taxonomy that wrong answers of a type mostly fall in, if it is one of the build's."""
        name = HOMES.get(answer_type(example.prompt, example.response))
        return next((each for each in self.taxonomies if each.name == name), self.taxonomies[0])


def _without_edit(example: Example, taxonomy: Taxonomy, request: Request) -> Example:
    """What stands in rejected/ where an answer could not be used."""
    return replace(
        example,
        id=f"{example.id}#{taxonomy.name}.{request.key[:6]}",
        kind="perturbed",
        reference=example.response,
        taxonomy=taxonomy.name,
        verdict="unverified",
        model=request.model,
        request=request.key,
    )
