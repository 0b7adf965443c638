"""A dataset of the Hub, or of this disk, opened with ``datasets`` and read as a stream of plain rows."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import Any

from tldr_data.errors import InputError

UNREACHED = ("ConnectError", "ConnectTimeout", "ConnectionError", "ReadTimeout", "LocalEntryNotFoundError")
"""What the Hub's client raises where there is no network, in its versions."""
READERS = {".parquet": "parquet", ".json": "json", ".jsonl": "json", ".csv": "csv", ".arrow": "arrow"}
_REPOSITORY = re.compile(r"(?P<name>[\w.-]+/[\w.-]+)(@(?P<revision>[\w./-]+))?")


@dataclass(frozen=True)
class Place:
    """Where a dataset is: on this disk, or a repository of the Hub."""

    name: str
    """``user/name``, or the local path as it was given."""
    revision: str | None = None
    is_hub: bool = False

    @property
    def label(self) -> str:
        """The name without the folders of this disk, which rows must not depend on."""
        return self.name if self.is_hub else Path(self.name).resolve().name

    @property
    def attribution(self) -> str:
        return f"https://huggingface.co/datasets/{self.name}" if self.is_hub else self.label

    def commit(self) -> str:
        """The commit that the revision names now."""
        return str(self._info.sha)

    def licence(self) -> str | None:
        """What the dataset card names; None if it names none, and of a local dataset."""
        card = self._info.card_data if self.is_hub else None
        named = (card.get("license_name") or card.get("license")) if card else None
        return ", ".join(named) if isinstance(named, list) else named

    @cached_property
    def _info(self) -> Any:
        from huggingface_hub import HfApi

        try:
            return HfApi().dataset_info(self.name, revision=self.revision)
        except Exception as error:
            raise _told(self, error) from None


class Table:
    """One split of a dataset."""

    def __init__(self, place: Place, stream: Any, base: str, licence: str | None) -> None:
        self.place, self.base, self.licence = place, base, licence
        self._stream = _undecoded(stream)
        self.columns: list[str] = self._stream.column_names or self._first_columns()
        self._names = _class_names(self._stream)

    def rows(self, columns: Sequence[str]) -> Iterator[dict[str, Any]]:
        """The rows, with these columns of them.

        Raises:
            InputError: the dataset breaks off: then after the rows before the break.
        """
        number = 0
        try:
            for row in self._stream.select_columns(list(columns)):
                number += 1
                yield row | {key: names[row[key]] for key, names in self._names.items() if row.get(key) in names}
        except Exception as error:
            raise InputError(f"{self.place.name}: cannot be read after row {number}: {_cause(error)}") from None

    def _first_columns(self) -> list[str]:
        """Of formats that say nothing before the first row."""
        try:
            return [key for row in islice(self._stream, 1) for key in row]
        except Exception as error:
            raise _told(self.place, error) from None


def place_of(path: Path) -> Place:
    """What a path means: what is there on this disk, else a repository.

    Raises:
        InputError: it is neither.
    """
    if path.exists():
        return Place(str(path))
    match = _REPOSITORY.fullmatch(path.as_posix())
    if match is None:
        raise InputError(f"{path}: no such file or folder, and no dataset's name on the Hub: that is user/name")
    return Place(match["name"], match["revision"], is_hub=True)


def open_table(place: Place, name: str | None, split: str | None) -> Table:
    """The split of that name, or the only one.

    Raises:
        InputError: the dataset is not there or cannot be read, or has several splits and none is named.
    """
    base = f"hf://datasets/{place.name}@{place.commit()}" if place.is_hub else _folder(Path(place.name))
    try:
        found = _opened(place, name)
    except InputError:
        raise
    except Exception as error:  # whatever readers of so many formats raise
        raise _told(place, error) from None
    if isinstance(found, dict):
        found = _chosen(place, found, split)
    elif split is not None and str(found.split) != split:
        raise InputError(f"{place.name}: has one split, {found.split}, and {split!r} was asked for")
    return Table(place, found, base, found.info.license or None)


def _folder(path: Path) -> str:
    return str(path if path.is_dir() else path.parent)


def _opened(place: Place, name: str | None) -> Any:
    """A dataset, or a dict of its splits."""
    import datasets

    # it writes what is wrong with a file to its log and raises it as well: once is enough
    logging.getLogger("datasets.packaged_modules").setLevel(logging.CRITICAL)
    path = Path(place.name)
    if place.is_hub:
        return datasets.load_dataset(place.name, name, revision=place.commit(), streaming=True)
    if path.is_file():
        reader = READERS.get(path.suffix.lower())
        if reader is None:
            raise InputError(f"{path}: files of this kind are not read: allowed are {', '.join(READERS)}")
        if not path.stat().st_size:
            raise InputError(f"{path}: is empty")
        return datasets.load_dataset(reader, data_files=str(path), split="train", streaming=True)
    if (path / "dataset_dict.json").is_file():
        return {key: part.to_iterable_dataset() for key, part in datasets.load_from_disk(str(path)).items()}
    if (path / "state.json").is_file():
        return datasets.load_from_disk(str(path)).to_iterable_dataset()
    return datasets.load_dataset(str(path), name, streaming=True)


def _chosen(place: Place, splits: dict[str, Any], split: str | None) -> Any:
    names = ", ".join(splits)
    if split is None and len(splits) > 1:
        raise InputError(f"{place.name}: has the splits {names}: name one with hf_split")
    if split is not None and split not in splits:
        raise InputError(f"{place.name}: has no split {split!r}: its splits are {names}")
    return splits[split] if split is not None else next(iter(splits.values()))


def _undecoded(stream: Any) -> Any:
    """Images stay as they are stored."""
    from datasets import Image

    for column, feature in (stream.features or {}).items():
        if isinstance(feature, Image):
            stream = stream.cast_column(column, Image(decode=False))
    return stream


def _class_names(stream: Any) -> dict[str, dict[int, str]]:
    """Column -> number -> name, of the columns that hold numbers for names."""
    from datasets import ClassLabel

    features = stream.features or {}
    return {key: dict(enumerate(kind.names)) for key, kind in features.items() if isinstance(kind, ClassLabel)}


def _told(place: Place, error: Exception) -> InputError:
    """What keeps a dataset from being opened, in one line."""
    from huggingface_hub.errors import GatedRepoError, OfflineModeIsEnabled, RepositoryNotFoundError

    if isinstance(error, GatedRepoError):
        return InputError(f"{place.name}: is gated: ask for access on its page on the Hub, then log in (hf auth login)")
    if isinstance(error, RepositoryNotFoundError):
        return InputError(f"{place.name}: no such file or folder here, and no such dataset on the Hub that you may see")
    if isinstance(error, OfflineModeIsEnabled):
        return InputError(f"{place.name}: no such file or folder here, and the Hub is not asked: HF_HUB_OFFLINE is set")
    if type(error).__name__ in UNREACHED:
        return InputError(f"{place.name}: no such file or folder here, and the Hub cannot be reached: {_cause(error)}")
    return InputError(f"{place.name}: cannot be opened: {_cause(error)}")


def _cause(error: Exception) -> str:
    return f"{type(error).__name__}: {error}".splitlines()[0][:300]
