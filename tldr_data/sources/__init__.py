"""Where true (image, text) pairs come from. A new source is one file here and one line in ``SOURCES``."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from importlib import import_module
from inspect import signature
from pathlib import Path
from typing import Any, NamedTuple, Protocol, runtime_checkable

from tldr_data.errors import RowError, UsageError
from tldr_data.example import Example, ImageTerms, Task
from tldr_data.facts import Facts


@dataclass(frozen=True, slots=True, kw_only=True)
class Unanswered:
    """An image, or a question about one, without a true text: to be captioned or scored, never to be perturbed."""

    id: str
    source: str
    license: str
    attribution: str
    group: str
    image_id: str | None = None
    image: bytes | Path | None = None
    """As of an ``Example``."""
    image_terms: ImageTerms | None = None
    task: Task = "caption"
    prompt: str = ""
    split: str | None = None


Made = Example | Unanswered | RowError
"""What a raw row may give."""


class Source(Protocol):
    """A stream of raw rows, and what turns one of them into clean examples.

    The two are apart so that rows are read once, in order, by one process, and turned into examples by any number.
    """

    def rows(self) -> Iterator[Any]:
        """Raw rows in the source's own order, cheap and picklable; memory does not grow with their number."""
        ...

    def examples(self, row: Any) -> Iterator[Made]:
        """Clean examples of one raw row, and what of it has no answer yet.

        What is odd comes back as a RowError, so that nothing is fatal or silent.
        """
        ...


class Redrawn(NamedTuple):
    """An image that differs from another one in what an edit says, before it is drawn."""

    facts: Facts
    draw: Callable[[], bytes]
    """Gives the encoded image."""


@runtime_checkable
class Identified(Source, Protocol):
    """A source that lies elsewhere, and can say what it is there."""

    def identity(self) -> str | None:
        """A name that means the same content for ever; None of what lies here after all.

        Raises:
            InputError: nobody tells.
        """
        ...


@runtime_checkable
class Redrawing(Source, Protocol):
    """A source that can draw its images again."""

    def redrawn(self, row: Any, perturbed: Example) -> Iterator[Redrawn]:
        """Images of which the perturbed text of a row's caption may be true, the likeliest first.

        These are proposals: whoever takes one holds the text against its facts.
        """
        ...


DRAWN = frozenset({"scenes", "scenes-easy", "nlvr"})
"""Sources of drawings: they look alike and are worded alike, and are told apart by what is in them."""

# name: module, class; the class is made with (path, seed, limit) and the source's own options
SOURCES: dict[str, tuple[str, str]] = {
    "scenes": ("tldr_data.sources.scenes", "Scenes"),
    "scenes-easy": ("tldr_data.sources.scenes", "EasyScenes"),
    "jsonl": ("tldr_data.sources.jsonl", "Jsonl"),
    "coco": ("tldr_data.sources.coco", "Coco"),
    "docci": ("tldr_data.sources.docci", "Docci"),
    "visual_genome": ("tldr_data.sources.visual_genome", "VisualGenome"),
    "nlvr": ("tldr_data.sources.nlvr", "Nlvr"),
    "vqav2": ("tldr_data.sources.vqav2", "VqaV2"),
    "gqa": ("tldr_data.sources.gqa", "Gqa"),
    "textvqa": ("tldr_data.sources.textvqa", "TextVqa"),
    "hf": ("tldr_data.sources.hf", "HuggingFace"),
}


def open_source(
    name: str, *, path: Path | None, seed: int, limit: int | None, options: Mapping[str, Any] | None = None
) -> Source:
    """The named source, ready to be read.

    ``limit`` is the largest number of rows that it gives; None gives all (of ``scenes``: its default number).
    ``options`` are what the source alone takes (of ``hf``: ``columns``, ``config``, ``hf_split``).

    Raises:
        UsageError: the name or an option is unknown, or the source needs a path and has none.
        InputError: the path cannot be read.
    """
    if name not in SOURCES:
        raise UsageError(f"unknown source {name!r}: allowed are {', '.join(SOURCES)}")
    module, cls = SOURCES[name]
    made = getattr(import_module(module), cls)
    allowed = [key for key in signature(made).parameters if key not in ("path", "seed", "limit")]
    if unknown := [key for key in options or () if key not in allowed]:
        raise UsageError(f"source {name!r} has no option {unknown[0]!r}: allowed are {', '.join(allowed) or 'none'}")
    source: Source = made(path=path, seed=seed, limit=limit, **(options or {}))
    return source


def redrawing_sources() -> list[str]:
    """Names of the sources that can draw their images again."""
    return [name for name, (module, cls) in SOURCES.items() if hasattr(getattr(import_module(module), cls), "redrawn")]


def read(source: Source) -> Iterator[Made]:
    """Everything that a source gives, in order, in this process."""
    for row in source.rows():
        yield from source.examples(row)
