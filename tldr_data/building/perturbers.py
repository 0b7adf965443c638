"""What is tried on one reference, and what came of each try."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import NamedTuple, Protocol

from tldr_data.building.admission import admit
from tldr_data.building.usages import Used, read_usages
from tldr_data.errors import RowError
from tldr_data.example import Example
from tldr_data.perturb import perturb
from tldr_data.perturb.vqa import perturbed_answers
from tldr_data.taxonomy import Taxonomy

TRIES = 4
"""Candidates that are looked at for one row."""
Most = Mapping[str, int]
"""Taxonomy -> rows that one reference may give; a taxonomy that is not in it is not tried."""


class Outcome(NamedTuple):
    """One try: a row that may be published, or one that is thrown away with its reason."""

    folder: str
    example: Example
    reason: str | None = None
    message: str = ""


class Tried(NamedTuple):
    """All that was tried on one reference."""

    outcomes: list[Outcome]
    sites: dict[str, int]
    """Taxonomy that has a site in it -> rows that were tried."""
    requests: tuple[str, ...] = ()
    """Keys of the requests that were made, in a fixed order."""
    unasked: int = 0
    """Requests that were not made because the budget was spent."""


class Merged(NamedTuple):
    """A caption merged from questions, or why there is none; None where it was not asked for: the budget is spent."""

    made: Example | RowError | None
    requests: tuple[str, ...] = ()


class Perturber(Protocol):
    """Whatever makes true texts false."""

    async def tried(self, example: Example, most: Most, siblings: set[str]) -> Tried:
        """Try a reference with each taxonomy; no text that ``siblings`` hold is made a second time."""
        ...

    async def merged(self, example: Example) -> Merged:
        """A caption that was merged from questions by templates, merged better where that can be done."""
        ...

    async def sync(self) -> None:
        """Return when whatever was paid for so far outlasts a power cut."""
        ...


class Rules:
    """Perturbs by the rules of the taxonomies."""

    def __init__(self, taxonomies: Sequence[Taxonomy], seed: int, work: Path) -> None:
        # no edit is made twice: what asks for marked things chooses first, the others have more sites
        self.taxonomies = sorted(taxonomies, key=lambda taxonomy: not taxonomy.is_marked)
        self.seed = seed
        self.work = work

    @cached_property
    def used(self) -> Used:
        """How the source uses the words of each taxonomy, and how it answers."""
        return read_usages(self.work)

    async def tried(self, example: Example, most: Most, siblings: set[str]) -> Tried:
        """Take the first candidates that nothing speaks against; every one before them is thrown away."""
        if example.task == "vqa":
            return self._answered(example, most, siblings)
        outcomes: list[Outcome] = []
        sites: Counter[str] = Counter()
        for taxonomy in self.taxonomies:
            wanted = most.get(taxonomy.name, 0)
            for candidate in islice(self.candidates(example, taxonomy), TRIES * wanted):
                judged, reason = admit(candidate, taxonomy, siblings)
                outcomes.append(Outcome(taxonomy.name, judged, reason))
                sites[taxonomy.name] = most[taxonomy.name] - wanted + 1
                if reason is None:
                    siblings.add(judged.response)
                    wanted -= 1
                if not wanted:
                    break
        return Tried(outcomes, dict(sites))

    async def merged(self, example: Example) -> Merged:
        """Templates are all that rules have."""
        return Merged(example)

    async def sync(self) -> None:
        """Rules cost nothing."""

    def candidates(self, example: Example, taxonomy: Taxonomy) -> Iterator[Example]:
        """All that the rules make of a reference, the best first."""
        return perturb(example, taxonomy, self.seed, self.used.words[taxonomy.name])

    def _answered(self, example: Example, most: Most, siblings: set[str]) -> Tried:
        """One wrong answer to a question, in the taxonomy that its change belongs to; more where more are wanted."""
        outcomes: list[Outcome] = []
        wanted = max(most.values())
        taxonomies = [taxonomy for taxonomy in self.taxonomies if taxonomy.name in most]
        found = perturbed_answers(example, taxonomies, self.seed, self.used.answers)
        for candidate in islice(found, TRIES * wanted):
            taxonomy = next(taxonomy for taxonomy in taxonomies if taxonomy.name == candidate.taxonomy)
            judged, reason = admit(candidate, taxonomy, siblings)
            outcomes.append(Outcome(taxonomy.name, judged, reason))
            if reason is None:
                siblings.add(judged.response)
                wanted -= 1
                if not wanted:
                    break
        tried = [outcome.folder for outcome in outcomes if outcome.reason is None] or [
            outcome.folder for outcome in outcomes[:1]
        ]
        return Tried(outcomes, dict(Counter(tried)))
