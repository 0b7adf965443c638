"""A dataset as ``datasets`` has it, its images joined."""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tldr_data.configs import configs
from tldr_data.dataset import IMAGES, read_stored, shards
from tldr_data.errors import InputError, UsageError
from tldr_data.example import SPLITS
from tldr_data.hub.opening import fetch, published_manifest, revision_of
from tldr_data.manifest import load_manifest

if TYPE_CHECKING:
    from datasets import Dataset

IMAGE_FILES = "joined_images"
"""Folder in the cache of `datasets` that holds images which no row embeds, one file each."""


def load(place: str | Path, *, version: str | None = None, taxonomy: str = "all", split: str = "train") -> Dataset:
    """One split of a dataset here (a folder) or on the Hub (``user/name``), each row with its image.

    Columns and types are those of docs/data-format.md. Where the rows embed no images, those of config ``images`` are
    written into the cache of ``datasets`` once, and ``image`` names the file, decoded when it is looked at; an image
    that is published as an address only is fetched from there then; ``image`` is null if there is none.

    Args:
        place: folder of a build, or name of a dataset on the Hub.
        version: ``1.0.0``, a branch or a commit; None is the newest commit of main.
        taxonomy: ``all``, or one of the dataset: its rows with all clean ones and paraphrases.
        split: ``train``, ``validation`` or ``test``.

    Raises:
        UsageError: there is no such taxonomy or split.
        InputError: it is no dataset of tldr-data.
        HubError: the Hub has no such dataset or version, or does not answer.
    """
    directory, is_here = Path(place), Path(place).is_dir()
    if is_here and version is not None:
        raise UsageError(f"{place}: is a folder here, which has no version {version!r}")
    if is_here:
        manifest = load_manifest(directory)
    else:
        revision = revision_of(version) if version else "main"
        manifest = published_manifest(str(place), revision)
        directory = fetch(str(place), revision, ["manifest.json"])
    patterns, embedded = _patterns(manifest, taxonomy, split), _is_whole(manifest)
    if not is_here:
        wanted = [*patterns, *([] if embedded else [f"{IMAGES}/*.parquet"])]
        # by the commit, whose folder it is: a branch may move meanwhile
        directory = fetch(str(place), directory.name, wanted)
    names = [name for pattern in patterns for name in sorted(manifest["files"]) if fnmatchcase(name, pattern)]
    if missing := [name for name in names if not (directory / name).is_file()]:
        raise InputError(f"{place}: lacks {missing[0]}, which its manifest lists")
    return _read(directory, names, embedded)


def _is_whole(manifest: dict[str, Any]) -> bool:
    """Whether the rows hold all the images that there are."""
    return IMAGES not in manifest["rows"] or (manifest["images_embedded"] and not manifest.get("images_withheld"))


def _patterns(manifest: dict[str, Any], taxonomy: str, split: str) -> list[str]:
    """Of the files that hold the rows."""
    found = {config["config_name"]: config["data_files"] for config in configs(manifest)}
    found.pop(IMAGES, None)
    if taxonomy not in found:
        raise UsageError(f"taxonomy {taxonomy!r}: there are {', '.join(found)}")
    paths = {entry["split"]: entry["path"] for entry in found[taxonomy]}
    if split not in paths:
        raise UsageError(f"split {split!r}: there are {', '.join(paths)}")
    return list(paths[split])


def _read(directory: Path, names: list[str], embedded: bool) -> Dataset:
    from datasets import Dataset, load_dataset

    # by their real places: the same file of two versions is read once
    files = [os.path.realpath(directory / name) for name in names]
    rows = load_dataset("parquet", data_files=files, split="train")
    assert isinstance(rows, Dataset)
    return rows if embedded else _joined(directory, rows)


def _joined(directory: Path, rows: Dataset) -> Dataset:
    """The rows with a path or an address for each image; null where there is neither."""
    from datasets import Image

    places = _image_places(directory, set(rows.unique("image_id")))
    apart = {image_id: {"bytes": None, "path": where} for image_id, where in places if where}
    stored = rows.cast_column("image", Image(decode=False))

    def place(batch: dict[str, list[Any]]) -> dict[str, list[Any]]:
        pairs = zip(batch["image"], batch["image_id"], strict=True)
        return {"image": [image or apart.get(image_id) for image, image_id in pairs]}

    return stored.map(place, batched=True, features=rows.features)


def _image_places(directory: Path, wanted: set[str | None]) -> Iterator[tuple[str, str | None]]:
    """Image id -> the file that its bytes were written to, or its address where the dataset does not hold them."""
    from datasets import config

    folder = Path(config.HF_DATASETS_CACHE) / IMAGE_FILES
    folder.mkdir(parents=True, exist_ok=True)
    for path in (path for split in SPLITS for path in shards(directory, IMAGES, split)):
        for row in read_stored(path):
            if row["image_id"] in wanted:
                yield row["image_id"], _write_image(folder, row["image"]["bytes"]) if row["image"] else _address(row)


def _address(row: dict[str, Any]) -> str | None:
    """Of the image; a dataset of others names no file of this machine."""
    return row["url"] if re.match("https?://", row["url"] or "") else None


def _write_image(folder: Path, data: bytes) -> str:
    """Known by its bytes, so that versions and datasets share it, and none can change another's; whole or not there."""
    path = folder / hashlib.sha256(data).hexdigest()
    if not path.exists():
        with tempfile.NamedTemporaryFile(dir=folder, delete=False) as file:
            file.write(data)
        os.replace(file.name, path)
    return str(path)
