"""Which questions of a source are taken, where not all are: chosen before anything is made of them."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

from tldr_data.atomic import whole_file
from tldr_data.building.entries import key64
from tldr_data.example import Example
from tldr_data.sampling import choose, kind_of
from tldr_data.sources import Source, read

FILE = "questions.npy"
BLOCK = 2**16


def write_questions(source: Source, size: int, seed: int, work: Path) -> None:
    """Read the source once and choose, unless an earlier, stopped build did so; 32 bytes of memory a question.

    Raises:
        BuildError: the disk does not take it.
    """
    import numpy as np

    if (work / FILE).is_file():
        return
    blocks = [np.zeros((0, 4), np.uint64)]
    examples = (each for each in read(source) if isinstance(each, Example) and each.task == "vqa")
    while block := [_keys(example, seed) for example in islice(examples, BLOCK)]:
        blocks.append(np.array(block, np.uint64))
    kinds, images, keys, ids = np.concatenate(blocks).T
    chosen = np.sort(ids[choose(kinds.astype(np.int64), images, keys, size)])
    with whole_file(work / FILE) as file:
        np.save(file, chosen)


def _keys(example: Example, seed: int) -> tuple[int, int, int, int]:
    """Kind, image group, place among its like, id."""
    kind = kind_of(example.prompt, example.response)
    return kind, key64(example.group), key64(f"{seed}/{example.id}"), key64(example.id)


class Questions:
    """The questions that were chosen."""

    def __init__(self, work: Path) -> None:
        import numpy as np

        self._ids = np.load(work / FILE, mmap_mode="r")

    def __contains__(self, example_id: str) -> bool:
        key = key64(example_id)
        at = int(self._ids.searchsorted(key))
        return at < len(self._ids) and int(self._ids[at]) == key
