"""A build as it was asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from tldr_data.sampling import Preset

Resume = Literal["auto", "never", "require"]
Embed = Literal["auto", "yes", "no"]
Ask = Literal["auto", "edits", "rewrite"]
Judges = Literal["none", "text", "image"]
Engine = Literal["local", "ray"]


@dataclass(frozen=True, slots=True)
class LlmPlan:
    """How a model is asked to perturb."""

    backend: str
    """Key of ``tldr_data.llms.LLMS``."""
    model: str | None = None
    base_url: str | None = None
    ask: Ask = "auto"
    judges: Judges = "text"
    """What judges the rows that no fact proves: nothing, the model by the two texts, or by the image too."""
    requests: Path | None = None
    """Request log to read and to append to; None: the build's own."""
    budget: str | None = None
    """As written: ``20usd``, ``5Mtok``."""
    prices: Path | None = None
    nli: str | None = None
    """Model that refuses paraphrases by entailment."""
    is_cut: bool = False
    """The log that is replayed is of a build that its budget stopped: what it lacks was not asked there either."""


@dataclass(frozen=True, slots=True)
class SourcePlan:
    """One source of a build."""

    name: str
    """Key of ``tldr_data.sources.SOURCES``."""
    path: Path | None = None
    options: tuple[tuple[str, Any], ...] = ()
    """What only this source takes, as a config file gives it: the columns of ``hf``, say."""


def source_plan(name: str, path: str | None = None, **options: Any) -> SourcePlan:
    """A source as a command line or a config file gives it."""
    return SourcePlan(name, None if path is None else Path(path), tuple(sorted(options.items())))


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """One build, as asked for on the command line."""

    taxonomies: tuple[str, ...]
    """Shipped names or paths of YAML files."""
    out: Path
    sources: tuple[SourcePlan, ...] = (SourcePlan("scenes"),)
    """Read one after the other."""
    limit: int | None = None
    """Source rows, of each source."""
    seed: int = 0
    resume: Resume = "auto"
    workers: int = 1
    embed_images: Embed = "auto"
    paraphrase_ratio: float = 0.5
    """Share of the captions that are also said in other words, where a rule can do it."""
    pairs: bool = False
    """Every caption comes with a second image of which its perturbed text is true, or not at all."""
    max_guessability: float | None = None
    """Rows are left out where a text-only probe is surer than this of a false word; None keeps all."""
    target: int | None = None
    """Accepted rows of each taxonomy; None: one of each reference."""
    questions: int | None = None
    """Questions that are sampled, balanced by kind; None takes all."""
    splits: Preset = "default"
    held_out: Path | None = None
    """File with COCO ids, one on each line: their images, in whatever source, stay out of train."""
    engine: Engine = "local"
    llm: LlmPlan | None = None
    """How a model is asked; None: rules perturb."""
    chunk_rows: int = 64
    """Source rows that are done, or lost by a kill, together."""

    @property
    def source_names(self) -> str:
        """As messages name them."""
        return ", ".join(repr(each.name) for each in self.sources)

    @property
    def work(self) -> Path:
        """Where the parts lie until the build is finished."""
        return self.out / ".work"

    @property
    def window(self) -> int:
        """Chunks that are begun before the first of them is done. What is in a dataset may hang on it only through
        ``target``, so there it is the same on every machine."""
        if self.llm:
            return 8
        return 32 if self.target is not None else 2 * self.workers


def chunk_rows_for(taxonomies: Sequence[str], is_asked: bool, target: int | None) -> int:
    """Source rows of a chunk: enough that a window of them keeps an engine busy, and few where the target is small.

    >>> chunk_rows_for(["all"], True, None), chunk_rows_for(["spatial"], True, None), chunk_rows_for(["all"], True, 40)
    (16, 128, 5)
    """
    asked_of_each = 8 if "all" in taxonomies else len(taxonomies)
    rows = max(1, 128 // asked_of_each) if is_asked else 64
    return rows if target is None else min(rows, max(4, target // 8))
