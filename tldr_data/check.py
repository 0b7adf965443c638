"""Is a build whole and right? Everything is computed again from the files, and each fault is one line."""

from __future__ import annotations

import json
import multiprocessing
from collections import Counter, defaultdict
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

from tldr_data.atomic import file_digest
from tldr_data.building.check_all import Leak, Whole, held_out_of
from tldr_data.building.check_rows import Checked, Part, check_part
from tldr_data.building.columns import temporary_columns
from tldr_data.building.entries import key64
from tldr_data.building.held_out import HELD_OUT
from tldr_data.configs import are_infos_right, configs
from tldr_data.dataset import CLEAN, IMAGES, REJECTED, REQUESTS, ContentHash, row_groups, schema_of, shards
from tldr_data.errors import InputError
from tldr_data.example import SPLITS
from tldr_data.manifest import load_manifest, row_folders
from tldr_data.show import printable
from tldr_data.yields import Tally

FEW_PARTS = 12
"""Row groups that one process has looked at before others have begun."""


class Check:
    """A check of one build: ``faults`` as they are found, then ``leaks``.

    Raises:
        InputError: it is no finished build: there is nothing to check against.
    """

    def __init__(self, directory: Path, workers: int = 1) -> None:
        self.directory = directory
        self.workers = workers
        self.manifest = load_manifest(directory)
        self.leaks: list[Leak] = []
        """The leak table; filled when all faults were given."""

    def faults(self) -> Iterator[str]:
        """Every fault, in one line without control characters; none if the build is whole.

        Memory holds some columns of numbers of all rows, 8 bytes for each row and column.
        """
        for fault in self._faults():
            yield printable(fault).replace("\n", " ")

    def _faults(self) -> Iterator[str]:
        directory, manifest = self.directory, self.manifest
        yield from _file_faults(directory, manifest)
        yield from _card_faults(directory, manifest)
        requests: set[int] | None = set() if manifest["llm"] else None
        if requests is not None:
            yield from _log_faults(directory, manifest, requests)
        tally, contents = Tally(), defaultdict[str, ContentHash](ContentHash)
        with temporary_columns() as columns:
            whole = Whole(columns)
            yield from self._row_faults(whole, tally, contents)
            embedded, most_one = manifest["images_embedded"], manifest["recipe"]["target"] is None
            yield from whole.faults(embedded=embedded, most_one=most_one, requests=requests)
            if manifest["recipe"].get("held_out") and HELD_OUT not in manifest["files"]:
                yield f"{HELD_OUT}: is not in the manifest, whose recipe says that images are held out"
            yield from whole.leak_faults(held_out_of(directory))
            self.leaks = whole.leaks
        yield from _rejected_faults(directory, manifest, tally)
        yield from _count_faults(manifest, tally)
        yield from _content_faults(manifest, contents)

    def _row_faults(self, whole: Whole, tally: Tally, contents: dict[str, ContentHash]) -> Iterator[str]:
        """Faults of every file, and of every row by itself."""
        parts: list[Part] = []
        for folder in (IMAGES, *sorted(row_folders(self.manifest), key=lambda folder: folder != CLEAN)):
            for split in SPLITS:
                for path in shards(self.directory, folder, split):
                    name = path.relative_to(self.directory).as_posix()
                    try:
                        yield from _schema_faults(path, name, folder)
                        groups = range(row_groups(path))
                        parts += (Part(self.directory, name, folder, split, number) for number in groups)
                    except InputError as error:
                        yield str(error)
        counts: Counter[tuple[str, str]] = Counter()
        for checked in self._checked(parts):
            if isinstance(checked, str):
                yield checked
                continue
            yield from checked.faults
            whole.add(checked)
            tally.add_all(checked.tally)
            contents[f"{checked.part.folder}/{checked.part.split}"].add_all(checked.content)
            counts[checked.part.folder, checked.part.split] += checked.rows
        for folder in (IMAGES, *row_folders(self.manifest)):
            tally.rows[folder] = {split: counts[folder, split] for split in SPLITS}
            for split in SPLITS:
                expected = self.manifest["rows"].get(folder, {}).get(split, 0)
                if counts[folder, split] != expected:
                    found = f"{counts[folder, split]:,} rows, the manifest says {expected:,}"
                    yield f"{folder}: {split} has {found}"

    def _checked(self, parts: list[Part]) -> Iterator[Checked | str]:
        """Every row group, looked at; what is wrong with one that cannot be read."""
        if self.workers == 1 or len(parts) < 2 * FEW_PARTS:
            yield from map(_checked, parts)
            return
        context = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(self.workers, context) as pool:
            yield from pool.map(_checked, parts)


def find_faults(directory: Path) -> Iterator[str]:
    """The faults of a build, as ``Check`` finds them.

    Raises:
        InputError: it is no finished build.
    """
    yield from Check(directory).faults()


def _checked(part: Part) -> Checked | str:
    try:
        return check_part(part)
    except InputError as error:
        return str(error)


def _log_faults(directory: Path, manifest: dict[str, Any], requests: set[int]) -> Iterator[str]:
    """Remembers the requests that are in the log, and holds each key against its request."""
    from tldr_data.llms.log import read_log
    from tldr_data.llms.request import key_of

    name, count = f"{REQUESTS}.zst", 0
    try:
        for key, request, _ in read_log(directory / name):
            count += 1
            requests.add(key64(key))
            if key_of(request) != key:
                yield f"{name}: {key} is not the key of its request"
    except InputError as error:
        yield str(error)
    if count != manifest["llm"]["requests"]:
        yield f"{name}: has {count:,} requests, the manifest says {manifest['llm']['requests']:,}"


def _rejected_faults(directory: Path, manifest: dict[str, Any], tally: Tally) -> Iterator[str]:
    """Counts what was thrown away."""
    for folder in manifest["rejected"]:
        name = f"{REJECTED}/{folder}.jsonl"
        try:
            with (directory / name).open("rb") as file:
                for record in map(json.loads, file):
                    tally.add_rejected(folder, record)
        except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            yield f"{name}: cannot be read: {type(error).__name__}: {error}"


def _count_faults(manifest: dict[str, Any], tally: Tally) -> Iterator[str]:
    """Counts of the manifest that are not those of the rows; how many sites there were, no row tells."""
    found = tally.to_json(manifest["taxonomies"])
    for key in ("licenses", "rejected", "rejected_licenses", "image_licenses"):
        if found[key] != manifest[key]:
            yield f"manifest.json: {key} are not those of the rows: {found[key]}"
    if (withheld := dict(tally.withheld)) != (said := manifest.get("images_withheld", {})):
        yield f"images without their bytes, by licence, are {withheld}, the manifest says {said}"
    for name, counts in manifest["taxonomies"].items():
        for key in ("accepted", "verdicts"):
            if counts[key] != found["taxonomies"][name][key]:
                yield f"manifest.json: {key} of {name} is not that of the rows: {found['taxonomies'][name][key]}"


def _content_faults(manifest: dict[str, Any], contents: dict[str, ContentHash]) -> Iterator[str]:
    """Content hashes, of each folder and split and of all, that are not those of the rows."""
    whole = ContentHash()
    for name in sorted({*contents, *manifest["content"]}):
        whole.add_all(contents[name])
        found, told = contents[name].hexdigest(), manifest["content"].get(name)
        if found != told:
            yield f"{name}: content hash is {found}, the manifest says {told}"
    if whole.hexdigest() != manifest["content_hash"]:
        yield f"content hash is {whole.hexdigest()}, the manifest says {manifest['content_hash']}"


def _file_faults(directory: Path, manifest: dict[str, Any]) -> Iterator[str]:
    """Files that are missing, changed, or not of the build but where `datasets` would load them."""
    for name, expected in manifest["files"].items():
        path = directory / name
        if not path.is_file():
            yield f"{name}: is missing"
        elif (size := path.stat().st_size) != expected["bytes"]:
            yield f"{name}: has {size:,} bytes, the manifest says {expected['bytes']:,}"
        elif file_digest(path) != expected["sha256"]:
            yield f"{name}: its content has changed (SHA-256 differs from the manifest)"
    for path in sorted(directory.glob("*/*.parquet")):
        name = path.relative_to(directory).as_posix()
        if name not in manifest["files"]:
            yield f"{name}: is not in the manifest"


def _card_faults(directory: Path, manifest: dict[str, Any]) -> Iterator[str]:
    """The text of a card may be edited; its configs decide what `datasets` loads."""
    import yaml

    path = directory / "README.md"
    try:
        head = yaml.safe_load(path.read_text(encoding="utf-8").split("---\n")[1])
    except (OSError, IndexError, ValueError, RecursionError, yaml.YAMLError) as error:
        yield f"README.md: its YAML head cannot be read: {str(error).splitlines()[0]}"
        return
    if not isinstance(head, dict) or head.get("configs") != configs(manifest):
        yield "README.md: its configs are not those of the build"
    elif "dataset_info" in head and not are_infos_right(head["dataset_info"], manifest):
        yield "README.md: its dataset_info is not that of the build"
    elif not head.get("license"):
        yield "README.md: names no license"


def _schema_faults(path: Path, name: str, folder: str) -> Iterator[str]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        found = pq.read_schema(path)
    except (pa.ArrowException, OSError) as error:
        raise InputError(f"{name}: cannot be read: {str(error).splitlines()[0]}") from error
    if missing := set(schema_of(folder).names) - set(found.names):
        raise InputError(f"{name}: column {', '.join(sorted(missing))} is missing")
    declared = schema_of(folder)
    if not found.equals(declared):
        raise InputError(f"{name}: its schema is not the declared one")
    if found.metadata != declared.metadata:
        yield f"{name}: its schema is not the declared one"
