"""One chunk of source rows made into parts on the disk, in whichever process."""

from __future__ import annotations

import random
from asyncio import gather, to_thread
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import islice
from threading import Lock
from typing import Any

from tldr_data.atomic import remove_tree
from tldr_data.building.admission import admit, check_fields
from tldr_data.building.entries import Entry, entry_of, rejected_entry
from tldr_data.building.pairs import NO_IMAGE, Counterpart, counterpart
from tldr_data.building.parts import Checked, ChunkParts, ChunkReport, Job
from tldr_data.building.perturbers import TRIES, Most, Outcome, Perturber, Rules, Tried
from tldr_data.building.questions import Questions
from tldr_data.dataset import CLEAN, PARAPHRASE
from tldr_data.errors import RowError
from tldr_data.example import Example
from tldr_data.filters import find_duplicate
from tldr_data.images import measure
from tldr_data.perturb import reword
from tldr_data.sampling import share_of
from tldr_data.sources import Redrawing, Source, Unanswered
from tldr_data.taxonomy import Taxonomy
from tldr_data.verify import verify

PAIR_TRIES = 8
"""The same in a build of pairs: not every edit has a second image."""


class ChunkBuilder:
    """Makes chunks: holds what all of them need, loaded once in each process."""

    def __init__(
        self,
        source: Source,
        taxonomies: list[Taxonomy],
        perturber: Perturber,
        *,
        seed: int,
        paraphrase_ratio: float,
        pairs: bool,
        questions: Questions | None = None,
    ) -> None:
        self.source = source
        self.taxonomies = taxonomies
        self.perturber = perturber
        self.seed = seed
        self.paraphrase_ratio = paraphrase_ratio
        self.pairs = pairs
        self.questions = questions
        """Those that were sampled; None takes all."""
        self._reading = Lock()
        """No source is asked to be safe for several threads."""

    async def build(self, job: Job) -> ChunkReport:
        """Make one chunk and write it; what an earlier, killed attempt left of it is replaced.

        Raises:
            BuildError: the disk does not take it, or the model is gone.
        """
        remove_tree(job.folder)
        with ChunkParts(job.folder, len(job.rows)) as parts:
            if isinstance(self.perturber, Rules):
                references = self._read(job.rows, parts, [])
                found = [await self._tried(example, job.most) for example, _ in references]
            else:
                # images are drawn and decoded here: meanwhile answers to other chunks come in
                merging: list[Example] = []
                references = await to_thread(self._read, job.rows, parts, merging)
                references += await self._merged(merging, parts)
                found = await gather(*(self._tried(example, job.most) for example, _ in references))
            for (_, entry), tried in zip(references, found, strict=True):
                parts.add(entry, tried)
            await self.perturber.sync()
        return parts.report

    def _read(self, rows: list[Any], parts: ChunkParts, merging: list[Example]) -> list[tuple[Example, Entry]]:
        with self._reading:
            return list(self._references(rows, parts, merging))

    async def _merged(self, merging: list[Example], parts: ChunkParts) -> list[tuple[Example, Entry]]:
        """Have captions merged by a model, and keep them."""
        references = []
        for made, requests in await gather(*map(self.perturber.merged, merging)):
            parts.requests += requests
            parts.unasked += made is None
            if isinstance(made, RowError):
                parts.reject_raw(made)
            elif made and (checked := self._check(made, parts)):
                parts.keep_clean(checked)
                references.append((checked.example, checked.entry))
        return references

    def _references(
        self, rows: list[Any], parts: ChunkParts, merging: list[Example]
    ) -> Iterator[tuple[Example, Entry]]:
        """Keep the clean examples of raw rows, and give those of which something may be made.

        What a model is to merge is put into ``merging`` instead.
        """
        for row in rows:
            for made in self.source.examples(row):
                if isinstance(made, RowError):
                    parts.reject_raw(made)
                    continue
                if isinstance(made, Unanswered):
                    parts.unanswered += 1
                    continue
                if self.questions and made.task == "vqa" and made.id not in self.questions:
                    continue
                if made.pairs and not isinstance(self.perturber, Rules):
                    merging.append(made)
                    continue
                with noted(made):
                    if self.pairs:
                        self._quadruple(row, made, parts)
                    elif checked := self._check(made, parts):
                        parts.keep_clean(checked)
                        yield checked.example, checked.entry

    async def _tried(self, example: Example, most: Most) -> Tried:
        """All that is made of a reference: said in other words, and made false."""
        with noted(example):
            reworded = list(self._reworded(example)) if example.task == "caption" else []
            siblings = {example.response, *(outcome.example.response for outcome in reworded if not outcome.reason)}
            tried = await self.perturber.tried(example, most, siblings)
            return tried._replace(outcomes=[*reworded, *tried.outcomes])

    def _check(self, example: Example, parts: ChunkParts) -> Checked | None:
        """What is to be written of a clean example; None if it is not fit to be published."""
        is_new = example.id not in parts.ids
        try:
            if not is_new:
                raise RowError("duplicate_id", f"{example.id}: an earlier row has this id")
            check_fields(example)
            finding = verify(example)
            if finding.reason:
                raise RowError(finding.reason, f"{example.id}: {finding.evidence or finding.reason}")
            image = None if example.image is None else measure(example.image, example.id)
        except RowError as error:
            if is_new:
                parts.add_entry(rejected_entry(example.id))
            parts.reject(CLEAN, example, error.reason, error.message)
            return None
        # an image without an id of its own is named after the row: rows are joined to images by it
        image_id = example.image_id or (example.id if image else None)
        example = replace(example, image_id=image_id)
        return Checked(example, entry_of(example, image), image)

    def _reworded(self, reference: Example) -> Iterator[Outcome]:
        """The first paraphrase that its facts allow, if the reference is one of those that get one."""
        if share_of(reference.id, self.seed) >= self.paraphrase_ratio:
            return
        for candidate in islice(reword(reference, self.seed), TRIES):
            finding = verify(candidate)
            reason = finding.reason or find_duplicate(candidate.response, [reference.response])
            yield Outcome(PARAPHRASE, candidate, reason, finding.evidence or "" if reason else "")
            if reason is None:
                return

    def _quadruple(self, row: Any, example: Example, parts: ChunkParts) -> None:
        """Keep a caption with one perturbed row, and the same two texts with an image of which the second is true."""
        if example.task != "caption" or (checked := self._check(example, parts)) is None:
            return
        assert isinstance(self.perturber, Rules)
        example, entry, _ = checked
        taxonomies = list(self.taxonomies)
        random.Random(f"{self.seed}/{example.id}/pairs").shuffle(taxonomies)
        for taxonomy in taxonomies:
            for candidate in islice(self.perturber.candidates(example, taxonomy), PAIR_TRIES):
                checked.add_site(taxonomy)
                judged, reason = admit(candidate, taxonomy, {example.response})
                other = None if reason else self._counterpart(row, example, judged, taxonomy)
                if other and (second := self._check(other.clean, parts)):
                    parts.keep_clean(checked)
                    parts.keep(judged, entry)
                    second.add_site(taxonomy)
                    parts.keep_clean(second)
                    parts.keep(other.perturbed, second.entry)
                    return
                parts.reject(taxonomy.name, judged, reason or NO_IMAGE, "")
        parts.add_entry(rejected_entry(example.id))
        parts.reject(CLEAN, example, NO_IMAGE, f"{example.id}: no image fits a text made of it")

    def _counterpart(self, row: Any, example: Example, judged: Example, taxonomy: Taxonomy) -> Counterpart | None:
        """The second image, if the filters let the first text pass as an edit of the second."""
        assert isinstance(self.source, Redrawing)
        found = counterpart(example, judged, self.source.redrawn(row, judged))
        if found and admit(found.perturbed, taxonomy, {found.clean.response})[1] is None:
            return found
        return None


@contextmanager
def noted(example: Example) -> Iterator[None]:
    """Errors say from what example they came."""
    try:
        yield
    except Exception as error:
        error.add_note(f"while building from {example.id}")
        raise
