"""Images of benchmarks, that no row of train may show: a user's list of COCO ids."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from tldr_data.building.plan import Plan
from tldr_data.building.settle import Splits
from tldr_data.errors import InputError

HELD_OUT = "held_out.txt"
"""The ids that a build was given, published with it."""
_ID = re.compile(r"(?:COCO_\w+_)?0*(\d{1,12})(?:\.jpg)?", re.ASCII)


def splits_of(plan: Plan) -> Splits:
    """How the groups of a build are split.

    Raises:
        InputError: the list of ids cannot be used.
    """
    held_out = read_held_out(plan.held_out) if plan.held_out else frozenset()
    return Splits(plan.seed, plan.splits, frozenset(f"coco/{coco_id}" for coco_id in held_out))


def read_held_out(path: Path) -> frozenset[str]:
    """The COCO ids of a list: one on each line, as a number or as the name of an image file.

    Raises:
        InputError: it cannot be read, is empty, or a line is neither.
    """
    found = frozenset(_ids(path))
    if not found:
        raise InputError(f"{path}: names no image: COCO ids are needed, one on each line")
    return found


def _ids(path: Path) -> Iterator[str]:
    try:
        with path.open(encoding="utf-8-sig") as file:
            for number, line in enumerate(file, 1):
                if text := line.strip():
                    match = _ID.fullmatch(text)
                    if match is None:
                        allowed = "42 or COCO_val2014_000000000042.jpg"
                        raise InputError(f"{path} line {number}: {text[:40]!r} is no COCO id, such as {allowed}")
                    yield match[1]
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: cannot be read: {getattr(error, 'strerror', None) or error}") from error
