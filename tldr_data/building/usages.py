"""The source's own use of words, counted once before a build and read by every worker."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from tldr_data.atomic import write_json
from tldr_data.errors import RowError
from tldr_data.perturb import Usages, observe
from tldr_data.perturb.usage import Usage
from tldr_data.sources import Source, read
from tldr_data.taxonomy import Taxonomy

MOST_TEXTS = 1000
"""Captions that are counted: the share of a word that stands in one of a hundred is known to a third of itself."""
FILE = "usages.json"


def write_usages(source: Source, taxonomies: list[Taxonomy], work: Path) -> None:
    """Count the words of the first captions of a source, unless an earlier, stopped build of it did so.

    Raises:
        BuildError: the disk does not take it.
    """
    if (work / FILE).is_file():
        return
    texts = list(islice(_captions(source), MOST_TEXTS))
    counted = {taxonomy.name: observe(texts, taxonomy) for taxonomy in taxonomies}
    write_json(
        work / FILE,
        {name: {subtype: usage.to_json() for subtype, usage in found.items()} for name, found in counted.items()},
    )


def read_usages(work: Path) -> dict[str, Usages]:
    """Taxonomy -> subtype -> usage, as ``write_usages`` left them."""
    found = json.loads((work / FILE).read_bytes())
    return {
        name: {subtype: Usage.from_json(usage) for subtype, usage in subtypes.items()}
        for name, subtypes in found.items()
    }


def _captions(source: Source) -> Iterator[str]:
    for example in read(source):
        if not isinstance(example, RowError) and example.task == "caption":
            yield example.response
