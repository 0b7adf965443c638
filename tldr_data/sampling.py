"""Which split a row belongs to, and which rows are chosen."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from typing import TYPE_CHECKING, Any, Literal

from tldr_data.answering.kinds import ANSWER_TYPES, QUESTION_TYPES, AnswerType, answer_type, question_type

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Preset = Literal["default", "paper"]
SHARES: dict[Preset, tuple[float, float]] = {"default": (0.8, 0.1), "paper": (0.8, 0.0)}
"""Of train and of validation, the rest is test. ``paper``: 80% of Visual Genome (TLDR, Table 8); DOCCI has its own."""
MOST_HELD_OUT = ("test", "validation", "train")


def split_of(group: str, seed: int, preset: Preset = "default") -> str:
    """Split of an image group that has no official one: by default 80% train, 10% validation, 10% test.

    It hangs on nothing but the group and the seed, so that adding rows or sources moves nothing.

    >>> [split_of(f"coco/{n}", 0) for n in (1, 2, 3)]
    ['test', 'train', 'train']
    """
    digest = hashlib.sha256(f"{seed}/{group}".encode()).digest()
    place = int.from_bytes(digest[:8], "big") / 2**64
    train, validation = SHARES[preset]
    if place < train:
        return "train"
    return "validation" if place < train + validation else "test"


def most_held_out(splits: Collection[str]) -> str:
    """Of the official splits of what belongs together, the one that nothing of it may leave.

    >>> most_held_out({"train", "test"})
    'test'
    """
    return next(split for split in MOST_HELD_OUT if split in splits)


HOMES: dict[AnswerType, str] = {
    "yes_no": "counterfactual",
    "number": "counting",
    "colour": "attribute",
    "material": "attribute",
    "time": "attribute",
    "text": "text",
    "place": "spatial",
    "person": "object",
    "object": "object",
}
"""The taxonomy that a wrong answer of a type mostly falls in; the others are of any."""
_TAXONOMIES = sorted({*HOMES.values(), ""})


def kind_of(question: str, answer: str) -> int:
    """A number for the taxonomy, the type of a question, and the type of its answer; what is sampled is balanced by it.

    >>> kind_of("What color is it?", "Red.") == kind_of("What color is the car?", "blue")
    True
    """
    asked, said = question_type(question), answer_type(question, answer)
    home = _TAXONOMIES.index(HOMES.get(said, ""))
    return (home * len(QUESTION_TYPES) + QUESTION_TYPES.index(asked)) * len(ANSWER_TYPES) + ANSWER_TYPES.index(said)


def choose(kinds: Any, images: Any, keys: Any, size: int) -> NDArray[np.bool_]:
    """Which of many questions to take: arrays of ``kind_of``, of image keys and of 64-bit keys, one for each question.

    The taxonomies share ``size`` equally, the kinds of a taxonomy its share; what one of them lacks goes to the others.
    Of a kind no image gives a second question before every image has given one. Which questions are first hangs on
    their keys alone, and not on their order.
    """
    import numpy as np

    order = np.lexsort((keys, images, kinds))
    new = np.r_[True, (kinds[order][1:] != kinds[order][:-1]) | (images[order][1:] != images[order][:-1])]
    begins = np.flatnonzero(new)
    turn = np.empty(len(order), np.int64)
    turn[order] = np.arange(len(order)) - np.repeat(begins, np.diff(np.r_[begins, len(order)]))
    chosen = np.zeros(len(order), bool)
    each = len(QUESTION_TYPES) * len(ANSWER_TYPES)
    homes = kinds // each
    for home, quota in _quotas(homes, size).items():
        for kind, wanted in _quotas(kinds[homes == home], quota).items():
            at = np.flatnonzero(kinds == kind)
            chosen[at[np.lexsort((keys[at], turn[at]))][:wanted]] = True
    return chosen


def _quotas(names: Any, size: int) -> dict[int, int]:
    """How many to take of each name: the same of all, and all of those that there are fewer of.

    >>> import numpy as np
    >>> _quotas(np.array([1, 1, 1, 1, 2, 3, 3, 3]), 6)
    {2: 1, 3: 2, 1: 3}
    """
    import numpy as np

    found, counts = np.unique(names, return_counts=True)
    quotas: dict[int, int] = {}
    for left, at in zip(range(len(found), 0, -1), np.lexsort((found, counts)).tolist(), strict=True):
        quotas[int(found[at])] = min(int(counts[at]), (size - sum(quotas.values())) // left)
    return quotas


def share_of(reference_id: str, seed: int) -> float:
    """A number from 0 to 1 that hangs on a row's id and the seed alone: below a wanted share, the row is chosen.

    >>> round(share_of("docci/test_1", 0), 3)
    0.652
    """
    digest = hashlib.sha256(f"{seed}/share/{reference_id}".encode()).digest()
    return int.from_bytes(digest[:8], "big") / 2**64
