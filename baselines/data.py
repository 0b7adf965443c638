"""Rows of built datasets, here or on the Hub, as token ids and token labels."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from torch.utils.data import Dataset, Sampler

from baselines.rows import check_images, column, first_places, image_numbers, rows_at, table_of
from tldr_data.dataset import CLASS_LABELS
from tldr_data.errors import InputError, UsageError
from tldr_data.example import Span
from tldr_data.labels import project

if TYPE_CHECKING:
    import datasets


class Encoded(NamedTuple):
    """One example in the ids of a tokenizer."""

    id: str
    """That of its reference is what stands before the ``#``."""
    image_id: str | None
    group: str
    taxonomy: str | None
    kind: str
    prompt: list[int]
    tokens: list[int]
    labels: list[int]
    """One for each token: GOOD, BAD or IGNORE."""
    spans: list[tuple[int, int]]
    """Where each token stands in the response, in characters."""
    image: Mapping[str, Any] | None
    """As stored, not decoded: ``bytes``, or the ``path`` of a file or its address."""


def encode(rows: Sequence[Mapping[str, Any]], tokenizer: Any) -> list[Encoded]:
    """Rows of a dataset, token by token labelled from their spans (docs/labels.md), special tokens left to the layout.

    A response that spells a special token is read as the characters that it is.

    Raises:
        InputError: a row has not one label for each word, or a span outside of its response.
    """
    for row in rows:
        _check(row)
    options: dict[str, Any] = {"add_special_tokens": False, "split_special_tokens": True}
    # an empty list is none to a tokenizer
    prompts = tokenizer([row["prompt"] for row in rows], **options)["input_ids"] if rows else []
    found = tokenizer([row["response"] for row in rows], return_offsets_mapping=True, **options) if rows else {}
    parts = zip(rows, prompts, found.get("input_ids", ()), found.get("offset_mapping", ()), strict=True)
    return [_encoded(row, prompt, tokens, spans) for row, prompt, tokens, spans in parts]


def _encoded(
    row: Mapping[str, Any], prompt: list[int], tokens: list[int], offsets: Sequence[tuple[int, int]]
) -> Encoded:
    errors, collateral = ([Span(**span) for span in row[name]] for name in ("errors", "collateral"))
    spans = [(start, end) for start, end in offsets]
    return Encoded(
        id=row["id"],
        image_id=row["image_id"],
        group=row["group"],
        taxonomy=row["taxonomy"],
        kind=CLASS_LABELS["kind"][row["kind"]],
        prompt=prompt,
        tokens=tokens,
        labels=project(row["response"], errors, collateral, spans),
        spans=spans,
        image=row["image"],
    )


def _check(row: Mapping[str, Any]) -> None:
    if len(row["words"]) != len(row["labels"]):
        raise InputError(f"{row['id']}: {len(row['labels'])} labels for {len(row['words'])} words: must be as many")
    for span in (*row["errors"], *row["collateral"]):
        if not 0 <= span["start"] < span["end"] <= len(row["response"]):
            where, length = (span["start"], span["end"]), len(row["response"])
            raise InputError(f"{row['id']}: span {where} lies outside the response: allowed are 0 to {length}")


class Rows(Dataset[Encoded]):
    """Rows of built datasets, encoded when they are asked for; the files stay on the disk, images undecoded."""

    def __init__(self, table: datasets.Dataset, tokenizer: Any, images: NDArray[np.int64], parts: list[str]) -> None:
        self._table = table
        self._tokenizer = tokenizer
        self.images = images
        """(N,): the number of each row's image."""
        self.parts = parts
        """``clean``, ``paraphrase`` or the taxonomy of each row."""

    def __len__(self) -> int:
        return len(self.parts)

    def column(self, name: str) -> Any:
        """One column, as Arrow stores it: nothing else is read from the files."""
        return column(self._table, name)

    def __getitem__(self, index: int) -> Encoded:
        return self.__getitems__([index])[0]

    def __getitems__(self, indices: Sequence[int]) -> list[Encoded]:
        """What a DataLoader asks for: the rows of one batch, tokenized at once."""
        return encode(rows_at(self._table, indices), self._tokenizer)


def read(places: Sequence[str], tokenizer: Any, *, taxonomy: str = "all", split: str = "train") -> Rows:
    """One split of some datasets, each a folder of a build or REPO@VERSION on the Hub.

    Raises:
        UsageError: a dataset has no such taxonomy or split.
        InputError: one was built by another version of tldr-data, or a row has no image.
        HubError: the Hub has no such dataset or version, or does not answer.
    """
    from datasets import concatenate_datasets

    tables = [table_of(place, taxonomy, split) for place in places]
    images: list[NDArray[np.int64]] = []
    for place, table in zip(places, tables, strict=True):
        check_images(place, table)
        images.append(image_numbers(table) + (images[-1].max() + 1 if images else 0))
    whole = concatenate_datasets(tables)
    kinds, taxonomies = (column(whole, name).to_pylist() for name in ("kind", "taxonomy"))
    names = CLASS_LABELS["kind"]
    parts = [name or names[kind] for kind, name in zip(kinds, taxonomies, strict=True)]
    parts = [names[kind] if names[kind] != "perturbed" else part for kind, part in zip(kinds, parts, strict=True)]
    return Rows(whole, tokenizer, np.concatenate(images), parts)


def texts(place: str, *, taxonomy: str = "all") -> Iterator[str]:
    """Every prompt and every response to train on, for a tokenizer to be made of. Raises as ``read`` does."""
    table = table_of(place, taxonomy, "train")
    for name in ("prompt", "response"):
        yield from column(table, name).to_pylist()


class Order(Sampler[int]):
    """The rows of an epoch, those of one image together, the same for the same seed and epoch.

    A batch of ``n`` neighbours has exactly ``n`` responses, which is how an optimizer step is counted (8 x 8 x 8 = 512
    in the paper) whether they are packed or not; an image whose rows a batch's end divides is read in both.

    Args:
        weights: how often an epoch takes a row of ``clean``, ``paraphrase`` and each taxonomy: 0.5 a random half, other
            in each epoch, 2 each row twice; a name that is left out, never. None takes every row once.
        by_image: False shuffles rows, not images: nothing is shared then.
        shuffle: False keeps the order of the files.

    Raises:
        UsageError: a name or a weight that cannot be.
        InputError: nothing is selected.
    """

    def __init__(
        self,
        rows: Rows,
        *,
        weights: Mapping[str, float] | None = None,
        seed: int = 0,
        by_image: bool = True,
        shuffle: bool = True,
    ) -> None:
        self._parts = np.asarray(rows.parts)
        self._images = rows.images
        self._weights = dict.fromkeys(rows.parts, 1.0) if weights is None else dict(weights)
        self._seed, self._epoch = seed, 0
        self._by_image, self._shuffle = by_image, shuffle
        self._check()
        self._length = sum(map(len, self._taken(np.random.default_rng(seed))))
        if not self._length:
            raise InputError(f"no rows are selected by {self._weights} of {len(rows)}: give a weight above 0")

    def set_epoch(self, epoch: int) -> None:
        """Which epoch comes next; training that resumes calls it with the one that it is in."""
        self._epoch = epoch

    def __len__(self) -> int:
        return self._length

    def __iter__(self) -> Iterator[int]:
        random = np.random.default_rng([self._seed, self._epoch])
        taken = np.concatenate(self._taken(random))
        if not self._shuffle:
            taken = np.sort(taken)
        keys = [random.permutation(len(taken)) if self._shuffle else taken]
        if self._by_image:
            places = random.permutation(int(self._images.max()) + 1) if self._shuffle else first_places(self._images)
            keys.append(places[self._images[taken]])
        return iter(taken[np.lexsort(keys)].tolist())

    def _taken(self, random: np.random.Generator) -> list[NDArray[np.int64]]:
        """Rows of the epoch, part after part. As many in every epoch: what counts steps asks for the length once."""
        taken = []
        for part, weight in sorted(self._weights.items()):
            rows = np.flatnonzero(self._parts == part)
            rest = round(len(rows) * (weight % 1))
            taken += [rows] * int(weight) + [random.permutation(rows)[:rest]]
        return taken

    def _check(self) -> None:
        known = sorted(set(self._parts.tolist()))
        for name, weight in self._weights.items():
            if name not in known:
                raise UsageError(f"taxonomy {name!r}: this split has {', '.join(known)}")
            if not 0 <= weight < float("inf"):
                raise UsageError(f"weight of {name}: {weight}, must be 0 or more")


def by_image(examples: Sequence[Encoded]) -> list[list[Encoded]]:
    """Examples of one batch, those of the same image together, in the order in which images first come.

    By what is stored, and not by ``image_id`` alone, which two datasets may use for different images.
    """
    found: dict[Any, list[Encoded]] = {}
    for example in examples:
        stored = example.image or {}
        found.setdefault((example.image_id, stored.get("path"), stored.get("bytes")), []).append(example)
    return list(found.values())
