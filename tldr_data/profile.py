"""What the rows of one folder hold, counted in one pass: lengths, where errors stand, which words came and went.

Memory does not grow with the number of rows: only counts are kept, of at most ``MOST`` different things of a kind.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple, TypeVar

from tldr_data.dataset import CLEAN, Row, read_batches, shards
from tldr_data.example import KINDS, SPLITS, TASKS
from tldr_data.labels import words
from tldr_data.yields import wilson

Key = TypeVar("Key", bound=Hashable)

CHANGES = ("kind", "subtype", "response", "reference", "edits", "errors")
"""Columns that changes are counted from."""
MOST = 20_000
"""Different words or pairs that are counted; what is frequent is among the first so many."""
LONGEST = 60
"""Characters of a phrase that are told apart and shown."""
MAX_BARS = 12
TENTHS = 10
WIDTHS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000)
"""Words that one bar of a histogram may stand for."""


class Pair(NamedTuple):
    """What stood in references, what was written there, and how often."""

    replaced: str
    written: str
    times: int


class Flow(NamedTuple):
    """How often one word was written, and so is BAD, and how often it was replaced, and so was GOOD."""

    word: str
    written: int
    replaced: int

    @property
    def lean(self) -> str:
        """``in`` or ``out`` where the 95% interval of its share of coming in leaves out one half, else ``even``.

        >>> Flow("red", 5, 6).lean, Flow("red", 30, 4).lean
        ('even', 'in')
        """
        low, high = wilson(self.written, self.written + self.replaced)
        return "in" if low > 0.5 else "out" if high < 0.5 else "even"


class Bars(NamedTuple):
    """A bar chart of counts: for each label one bar of each series."""

    labels: tuple[str, ...]
    series: Mapping[str, tuple[int, ...]]
    """Name -> a count for each label."""

    @property
    def shares(self) -> dict[str, tuple[float, ...]]:
        """Name -> each count's share of its series, 0..1."""
        return {name: tuple(n / max(sum(counts), 1) for n in counts) for name, counts in self.series.items()}


@dataclass(slots=True)
class Profile:
    """The counts of one folder."""

    subtypes: Counter[str] = field(default_factory=Counter)
    lengths: Counter[int] = field(default_factory=Counter)
    """Words of a response -> captions."""
    error_lengths: Counter[int] = field(default_factory=Counter)
    """Words of one error -> errors."""
    tenths: Counter[int] = field(default_factory=Counter)
    """Tenth of the response, 0..9, in which the middle of an error lies -> errors."""
    pairs: Counter[tuple[str, str]] = field(default_factory=Counter)
    """(replaced, written), lower case -> changes: errors of a perturbed row, edits of a paraphrase."""
    written: Counter[str] = field(default_factory=Counter)
    """Word of an error -> how often."""
    replaced: Counter[str] = field(default_factory=Counter)
    """Word that stood where an error stands -> how often."""

    def add(self, row: Row) -> None:
        """Count in one caption. Answers to questions are left out: they are short, and nothing is made of them."""
        if row["task"] == "caption":
            self.lengths[len(row["words"])] += 1
            self.add_changes(row)

    def add_changes(self, row: Row) -> None:
        """Count in what was changed in a caption, not how long it is."""
        if row["subtype"]:
            _count(self.subtypes, row["subtype"])
        if row["kind"] == "paraphrase":
            reference = row["reference"] or ""
            for edit in row["edits"]:
                self._add_pair(reference[edit["start"] : edit["end"]], edit["replacement"])
        for span in row["errors"]:
            self._add_error(row["response"], span["start"], span["end"], span["replaced"])

    def _add_error(self, response: str, start: int, end: int, replaced: str) -> None:
        written = response[start:end]
        new, old = words(written.lower()), words(replaced.lower())
        self.error_lengths[len(new)] += 1
        self.tenths[min(TENTHS * (start + end) // max(2 * len(response), 1), TENTHS - 1)] += 1
        self._add_pair(replaced, written)
        for word in new:
            _count(self.written, _clipped(word))
        for word in old:
            _count(self.replaced, _clipped(word))

    def _add_pair(self, replaced: str, written: str) -> None:
        _count(self.pairs, (_clipped(replaced), _clipped(written)))

    @property
    def rows(self) -> int:
        """Captions counted."""
        return self.lengths.total()

    @property
    def errors(self) -> int:
        """Errors counted."""
        return self.error_lengths.total()

    def exchanges(self, count: int) -> list[Pair]:
        """The most frequent changes of words for words, or of words for none."""
        return _most_frequent((Pair(*pair, n) for pair, n in self.pairs.items() if pair[0]), count)

    def insertions(self, count: int) -> list[Pair]:
        """The phrases most often written where nothing stood."""
        return _most_frequent((Pair(*pair, n) for pair, n in self.pairs.items() if not pair[0]), count)

    def flows(self, count: int) -> list[Flow]:
        """The words that errors wrote or replaced most often, both together."""
        flows = (Flow(word, self.written[word], self.replaced[word]) for word in {*self.written, *self.replaced})
        return sorted(flows, key=lambda flow: (-flow.written - flow.replaced, flow.word))[:count]


def profile_of(directory: Path, folder: str) -> Profile:
    """The captions of a folder, counted.

    Raises:
        InputError: a file cannot be read.
    """
    import pyarrow.compute as pc

    profile = Profile()
    columns = ["task", "words", *(CHANGES if folder != CLEAN else ())]
    for path in (path for split in SPLITS for path in shards(directory, folder, split)):
        for batch in read_batches(path, columns):
            captions = batch.filter(pc.equal(batch.column("task"), TASKS.index("caption")))
            profile.lengths.update(pc.list_value_length(captions.column("words")).to_pylist())
            for row in captions.select(columns[2:]).to_pylist() if folder != CLEAN else ():
                profile.add_changes({**row, "kind": KINDS[row["kind"]]})
    return profile


def _count(counts: Counter[Key], key: Key) -> None:
    if key in counts or len(counts) < MOST:
        counts[key] += 1


def _clipped(phrase: str) -> str:
    """
    >>> _clipped(" In  the corner")
    'in the corner'
    """
    plain = " ".join(phrase.lower().split())
    return plain if len(plain) <= LONGEST else plain[: LONGEST - 1] + "…"


def _most_frequent(pairs: Iterable[Pair], count: int) -> list[Pair]:
    return sorted(pairs, key=lambda pair: (-pair.times, pair))[:count]


def histogram(series: Mapping[str, Counter[int]]) -> Bars:
    """Counts of whole numbers as at most ``MAX_BARS`` bars, the same for all series; the last holds all above it.

    >>> histogram({"a": Counter({1: 5, 3: 1})})
    Bars(labels=('1', '2', '3'), series={'a': (5, 0, 1)})
    """
    together = sum(series.values(), Counter[int]())
    if not together:
        return Bars((), dict.fromkeys(series, ()))
    low, high, top = min(together), quantile(together, 0.99), max(together)
    width = next((w for w in WIDTHS if high // w - low // w < MAX_BARS), WIDTHS[-1])
    first, last = low // width, min(high // width, low // width + MAX_BARS - 1)
    starts = [number * width for number in range(first, last + 1)]
    labels = [str(start) if width == 1 else f"{start}-{start + width - 1}" for start in starts]
    if top >= starts[-1] + width:
        labels[-1] = f"{starts[-1]}+"
    return Bars(tuple(labels), {name: _binned(counts, width, first, len(starts)) for name, counts in series.items()})


def _binned(counts: Counter[int], width: int, first: int, bars: int) -> tuple[int, ...]:
    binned = [0] * bars
    for value, count in counts.items():
        binned[min(value // width - first, bars - 1)] += count
    return tuple(binned)


def quantile(counts: Counter[int], share: float) -> int:
    """The least value that at least this share of what was counted does not exceed.

    Raises:
        ValueError: nothing was counted.

    >>> quantile(Counter({1: 2, 5: 2}), 0.5)
    1
    """
    if not counts:
        raise ValueError("nothing was counted, so there is no quantile")
    seen, wanted = 0, share * counts.total()
    for value in sorted(counts):
        seen += counts[value]
        if seen >= wanted:
            return value
    return max(counts)
