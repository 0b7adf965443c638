"""What of a finished build is published: its files, without the bytes of images whose licence does not let them be."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tldr_data.atomic import cannot_write, remove_tree, synced_file, write_json
from tldr_data.building.merge import shard_entry
from tldr_data.building.shards import parquet_writer
from tldr_data.card import write_card
from tldr_data.dataset import IMAGES, read_batches, schema_of, shards
from tldr_data.errors import InputError
from tldr_data.example import SPLITS
from tldr_data.licences import is_withheld, withheld_images
from tldr_data.manifest import load_manifest, row_folders
from tldr_data.report import write_report

if TYPE_CHECKING:
    import pyarrow as pa

BESIDE = ("manifest.json", "README.md", "report.html", "croissant.json", "audit.json", "versions.json")
"""Published where they exist, beside the files that the manifest lists and the plots."""


def stage(directory: Path, staged: Path) -> dict[str, Path]:
    """What of a build is published: path in the repository -> the local file to be sent.

    Where no image has to be withheld these are the files of the build. Else ``staged`` becomes a build of the same
    content and with the same shards, in which images whose licence does not let their bytes be passed on are null, with
    card and page made anew; what need not change is linked. ``staged`` is emptied first. Memory holds the ids of the
    withheld images of one split.

    Raises:
        InputError: it is no finished build, or a file cannot be read.
        BuildError: the disk does not take it.
    """
    manifest = load_manifest(directory)
    withheld = withheld_images(manifest)
    if not withheld or manifest.get("images_withheld") == withheld:
        return published_files(directory, manifest)
    remove_tree(staged)
    for name, path in published_files(directory, manifest).items():
        if name != "manifest.json":
            link(path, staged / name)
    files = dict(manifest["files"])
    for name in _without_images(directory, staged, manifest):
        files[name] = shard_entry(staged / name)
    write_json(staged / "manifest.json", {**manifest, "images_withheld": withheld, "files": files})
    # made anew: the card tells of the images, the page shows them
    write_card(staged, load_manifest(staged))
    write_report(staged)
    return published_files(staged, manifest)


def published_files(directory: Path, manifest: Mapping[str, Any]) -> dict[str, Path]:
    """Path in the repository -> local file of all that is published of a folder, as it lies there."""
    plots = sorted(path.relative_to(directory).as_posix() for path in directory.glob("plots/*.png"))
    there = [name for name in (*BESIDE, *plots) if (directory / name).is_file()]
    return {name: directory / name for name in sorted({*manifest["files"], *there})}


def link(path: Path, target: Path) -> None:
    """The same file under another name, which another file may take later; a copy where nothing links the two.

    Raises:
        BuildError: the disk does not take it.
    """
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        for make in (os.link, os.symlink):
            with suppress(OSError):
                make(path.resolve(), target)
                return
        shutil.copyfile(path, target)
    except OSError as error:
        raise cannot_write(target, error) from error


def _without_images(directory: Path, staged: Path, manifest: Mapping[str, Any]) -> Iterator[str]:
    """Write the shards that hold withheld images anew, without these; their names."""
    folders = row_folders(manifest) if manifest["images_embedded"] else []
    for split in SPLITS:
        ids = _withheld_ids(directory, split)
        for path in (path for folder in (IMAGES, *folders) for path in shards(directory, folder, split)):
            if len(ids) and _holds(path, ids):
                name = path.relative_to(directory).as_posix()
                _write_without(path, staged / name, ids)
                yield name


def _withheld_ids(directory: Path, split: str) -> pa.Array:
    """Ids of the images of a split whose bytes are withheld."""
    import pyarrow as pa

    found = [
        batch.column("image_id").filter(pa.array([is_withheld(name) for name in batch.column("license").to_pylist()]))
        for path in shards(directory, IMAGES, split)
        for batch in read_batches(path, ["image_id", "license"])
    ]
    return pa.concat_arrays(found) if found else pa.array([], pa.string())


def _holds(path: Path, ids: pa.Array) -> bool:
    import pyarrow.compute as pc

    return any(pc.any(pc.is_in(batch.column(0), ids)).as_py() for batch in read_batches(path, ["image_id"]))


def _write_without(path: Path, target: Path, ids: pa.Array) -> None:
    """Copy a shard, row group by row group, with null for the images of these ids."""
    import pyarrow as pa
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    target.unlink(missing_ok=True)  # it is a link: what is written must not reach the build
    with synced_file(target) as file:
        try:
            with pq.ParquetFile(path) as shard, parquet_writer(file, schema_of(path.parent.name)) as writer:
                for number in range(shard.num_row_groups):
                    table = shard.read_row_group(number)
                    place = table.schema.get_field_index("image")
                    gone = pc.is_in(table.column("image_id"), ids)
                    kept = pc.if_else(gone, pa.scalar(None, table.schema.field(place).type), table.column(place))
                    writer.write_table(table.set_column(place, table.schema.field(place), kept).combine_chunks())
        except (pa.ArrowException, UnicodeDecodeError) as error:
            raise InputError(f"{path}: cannot be read: {str(error).splitlines()[0]}") from error
