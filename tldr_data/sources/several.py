"""Several sources read one after the other, as one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from tldr_data.sources import Made, Source


class _Row(NamedTuple):
    """A raw row, and the number of the source that it is of."""

    source: int
    row: Any


def each_of(source: Source) -> Sequence[Source]:
    """The sources that one is made of; itself, if it is a single one."""
    return source.sources if isinstance(source, Several) else [source]


class Several:
    """Rows of all sources, in their order."""

    def __init__(self, sources: Sequence[Source]) -> None:
        self.sources = sources

    def rows(self) -> Iterator[_Row]:
        for number, source in enumerate(self.sources):
            for row in source.rows():
                yield _Row(number, row)

    def examples(self, row: _Row) -> Iterator[Made]:
        return self.sources[row.source].examples(row.row)
