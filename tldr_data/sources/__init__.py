"""Where true (image, text) pairs come from. A new source is one file here and one line in ``SOURCES``."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple, Protocol, runtime_checkable

from tldr_data.errors import RowError, UsageError
from tldr_data.example import Example
from tldr_data.facts import Facts


class Source(Protocol):
    """A stream of raw rows, and what turns one of them into clean examples.

    The two are apart so that rows are read once, in order, by one process, and turned into examples by any number.
    """

    def rows(self) -> Iterator[Any]:
        """Raw rows in the source's own order, cheap and picklable; memory does not grow with their number."""
        ...

    def examples(self, row: Any) -> Iterator[Example | RowError]:
        """Clean examples of one raw row; what is odd comes back as a RowError, so that nothing is fatal or silent."""
        ...


class Redrawn(NamedTuple):
    """An image that differs from another one in what an edit says, before it is drawn."""

    facts: Facts
    draw: Callable[[], bytes]
    """Gives the encoded image."""


@runtime_checkable
class Redrawing(Source, Protocol):
    """A source that can draw its images again."""

    def redrawn(self, row: Any, perturbed: Example) -> Iterator[Redrawn]:
        """Images of which the perturbed text of a row's caption may be true, the likeliest first.

        These are proposals: whoever takes one holds the text against its facts.
        """
        ...


# name: module, class; the class is made with (path, seed, limit)
SOURCES: dict[str, tuple[str, str]] = {
    "scenes": ("tldr_data.sources.scenes", "Scenes"),
    "scenes-easy": ("tldr_data.sources.scenes", "EasyScenes"),
    "jsonl": ("tldr_data.sources.jsonl", "Jsonl"),
    "coco": ("tldr_data.sources.coco", "Coco"),
    "docci": ("tldr_data.sources.docci", "Docci"),
    "visual_genome": ("tldr_data.sources.visual_genome", "VisualGenome"),
    "nlvr": ("tldr_data.sources.nlvr", "Nlvr"),
}


def open_source(name: str, *, path: Path | None, seed: int, limit: int | None) -> Source:
    """The named source, ready to be read.

    ``limit`` is the largest number of rows that it gives; None gives all (of ``scenes``: its default number).

    Raises:
        UsageError: the name is unknown, or the source needs a path and has none.
        InputError: the path cannot be read.
    """
    if name not in SOURCES:
        raise UsageError(f"unknown source {name!r}: allowed are {', '.join(SOURCES)}")
    module, cls = SOURCES[name]
    source: Source = getattr(import_module(module), cls)(path=path, seed=seed, limit=limit)
    return source


def redrawing_sources() -> list[str]:
    """Names of the sources that can draw their images again."""
    return [name for name, (module, cls) in SOURCES.items() if hasattr(getattr(import_module(module), cls), "redrawn")]


def read(source: Source) -> Iterator[Example | RowError]:
    """Every example of a source, in order, in this process."""
    for row in source.rows():
        yield from source.examples(row)
