"""Which split a row belongs to."""

from __future__ import annotations

import hashlib

from tldr_data.example import Example

TRAIN_SHARE, VALIDATION_SHARE = 0.8, 0.1


def split_of(group: str, seed: int) -> str:
    """Split of an image group: 80% train, 10% validation, 10% test.

    It hangs on nothing but the group and the seed, so that adding rows or sources moves nothing.

    >>> [split_of(f"coco/{n}", 0) for n in (1, 2, 3)]
    ['test', 'train', 'train']
    """
    digest = hashlib.sha256(f"{seed}/{group}".encode()).digest()
    place = int.from_bytes(digest[:8], "big") / 2**64
    if place < TRAIN_SHARE:
        return "train"
    return "validation" if place < TRAIN_SHARE + VALIDATION_SHARE else "test"


def share_of(reference_id: str, seed: int) -> float:
    """A number from 0 to 1 that hangs on a row's id and the seed alone: below a wanted share, the row is chosen.

    >>> round(share_of("docci/test_1", 0), 3)
    0.652
    """
    digest = hashlib.sha256(f"{seed}/share/{reference_id}".encode()).digest()
    return int.from_bytes(digest[:8], "big") / 2**64


def split_of_example(example: Example, seed: int) -> str:
    """The official split of an example where its source has one, else that of its group."""
    return example.split or split_of(example.group, seed)
