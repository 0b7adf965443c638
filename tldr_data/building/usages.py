"""The source's own use of words and its answers, counted once before a build and read by every worker."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import chain, islice
from pathlib import Path
from typing import NamedTuple

from tldr_data.atomic import write_json
from tldr_data.example import Example
from tldr_data.perturb import Usages, observe_all
from tldr_data.perturb.usage import Usage
from tldr_data.perturb.vqa import AnswerUsage
from tldr_data.sources import Source, read
from tldr_data.sources.several import each_of
from tldr_data.taxonomy import Taxonomy

MOST_CAPTIONS = 1000
"""Captions that are counted: the share of a word that stands in one of a hundred is known to a third of itself."""
MOST_ANSWERS = 50_000
"""Answers of each source that are counted, or five for each caption where there are captions, too."""
MOST_EXAMPLES = 60_000
"""Examples of each source that are looked through for them."""
FILE = "usages.json"


class Used(NamedTuple):
    """What was counted."""

    words: dict[str, Usages]
    """Taxonomy -> subtype -> usage."""
    answers: AnswerUsage


def write_usages(source: Source, taxonomies: list[Taxonomy], work: Path) -> None:
    """Count the first captions and answers of every source, unless an earlier, stopped build did so.

    Raises:
        BuildError: the disk does not take it.
    """
    if (work / FILE).is_file():
        return
    answers = AnswerUsage()
    texts: list[str] = []
    for example in chain.from_iterable(map(_first, each_of(source))):
        if example.task == "vqa":
            answers.add(example.prompt, example.response)
        elif len(texts) < MOST_CAPTIONS:
            texts.append(example.response)
    counted = observe_all(texts, taxonomies)
    words = {name: {subtype: usage.to_json() for subtype, usage in found.items()} for name, found in counted.items()}
    write_json(work / FILE, {"words": words, "answers": answers.to_json()})


def read_usages(work: Path) -> Used:
    """What ``write_usages`` left."""
    found = json.loads((work / FILE).read_bytes())
    words: dict[str, Usages] = {
        name: {subtype: Usage.from_json(usage) for subtype, usage in subtypes.items()}
        for name, subtypes in found["words"].items()
    }
    return Used(words, AnswerUsage.from_json(found["answers"]))


def _first(source: Source) -> Iterator[Example]:
    """Examples until there are enough of either sort."""
    captions = answers = 0
    for example in islice(read(source), MOST_EXAMPLES):
        if isinstance(example, Example):
            yield example
            answers += example.task == "vqa"
            captions += example.task == "caption"
            is_mixed = 0 < answers < 5 * MOST_CAPTIONS
            if (captions >= MOST_CAPTIONS and not is_mixed) or answers >= MOST_ANSWERS:
                return
