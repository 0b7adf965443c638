"""The labelled pairs that the filter is tuned and measured on, halved by a hash of their id."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

DATA = Path(__file__).parents[2] / "shared" / "data"
SUGARCREPE = ("add_att", "add_obj", "replace_att", "replace_obj", "replace_rel", "swap_att", "swap_obj")


class Pair(NamedTuple):
    """A reference and a response that people judged."""

    reference: str
    response: str
    kind: str
    meaning_kept: bool
    tuning: bool
    """Whether the weights and the lexicon may be tuned on it."""


def is_tuning(identifier: str) -> bool:
    """Half of all ids, stable everywhere."""
    return hashlib.sha256(identifier.encode()).digest()[-1] % 2 == 0


def read_pairs() -> Iterator[Pair]:
    """SugarCrepe's negatives, then the rewordings and negatives of paraphrase_dev.

    A caption of paraphrase_dev stands under the same id in SugarCrepe, so that both of its pairs fall into one half.

    Raises:
        SystemExit: the data is not there.
    """
    if not DATA.is_dir():
        raise SystemExit(f"skipped: no data in {DATA} (paraphrase_dev and sugarcrepe are needed)")
    for kind in SUGARCREPE:
        content = json.loads((DATA / "sugarcrepe" / f"{kind}.json").read_text(encoding="utf-8"))
        for key, row in content.items():
            yield Pair(row["caption"], row["negative_caption"], kind, False, is_tuning(f"{kind}/{key}"))
    for line in (DATA / "paraphrase_dev" / "triples.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        tuning = is_tuning(row["id"])
        yield Pair(row["caption"], row["negative"], "dev negative", False, tuning)
        yield Pair(row["caption"], row["paraphrase"], "dev paraphrase", True, tuning)
