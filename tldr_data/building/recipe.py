"""What a build is made from, and whether a folder holds that build or another one."""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any, Literal

import tldr_data
from tldr_data.atomic import remove_tree, write_json
from tldr_data.dataset import CLEAN, IMAGES, PARAPHRASE, REJECTED
from tldr_data.errors import InputError, UsageError
from tldr_data.perturb.parse import tagger_name
from tldr_data.resources import resource_dir
from tldr_data.taxonomy import Taxonomy

Resume = Literal["auto", "never", "require"]
Embed = Literal["auto", "yes", "no"]

FOLDERS = (CLEAN, PARAPHRASE, IMAGES, REJECTED)
PAGES = ("README.md", "report.html")
LIBRARIES = ("numpy", "pillow", "pyarrow", "rapidfuzz", "spacy", "textblob")
_IMAGE_SUFFIXES = {".png", ".jpg", ".jpeg", ".webp", ".gif", ".bmp", ".tif", ".tiff"}
_SMALL_FILE = 64 * 2**20
_ENDS = 2**20


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """One build, as asked for on the command line."""

    taxonomies: tuple[str, ...]
    """Shipped names or paths of YAML files."""
    out: Path
    source: str = "scenes"
    path: Path | None = None
    limit: int | None = None
    seed: int = 0
    resume: Resume = "auto"
    workers: int = 1
    embed_images: Embed = "auto"
    chunk_rows: int = 64
    """Source rows that are done, or lost by a kill, together."""

    @property
    def work(self) -> Path:
        """Where the parts lie until the build is finished."""
        return self.out / ".work"


def recipe_of(plan: Plan, taxonomies: list[Taxonomy]) -> dict[str, Any]:
    """Everything that the content of a build depends on, as JSON.

    Raises:
        InputError: the source's path cannot be read.
    """
    return {
        "taxonomies": {taxonomy.name: taxonomy.digest() for taxonomy in taxonomies},
        "lexicons": path_digest(resource_dir("lexicons"), plan.out),
        "source": plan.source,
        "path": None if plan.path is None else path_digest(plan.path, plan.out),
        "perturber": "rules",
        "limit": plan.limit,
        "seed": plan.seed,
        "embed_images": plan.embed_images,
        "versions": {
            "tldr-data": tldr_data.__version__,
            "python": ".".join(platform.python_version_tuple()[:2]),
            **{library: version(library) for library in LIBRARIES},
            "tagger": tagger_name(),
        },
    }


def path_digest(path: Path, out: Path) -> str:
    """Identity of a file or folder by what is in it, not by where it lies or when it was copied.

    Images count by name and size only (their pixels are in the content hash), other files over 64 MiB by size, head
    and tail. What lies in ``out`` is our own and left out: people build into a folder beside the captions.

    Raises:
        InputError: something cannot be read.
    """
    whole = hashlib.sha256()
    try:
        for file, name in _files(path, out.resolve()):
            whole.update(f"{name}\0{file.stat().st_size}\0".encode(errors="surrogateescape"))
            if file.suffix.lower() not in _IMAGE_SUFFIXES:
                whole.update(_content_digest(file))
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror or error}") from error
    return whole.hexdigest()


def _files(path: Path, out: Path) -> Iterator[tuple[Path, str]]:
    """Files below a path and their names relative to it, in one order on every platform."""
    if not path.is_dir():
        yield path, path.name
        return
    for file in sorted(path.rglob("*"), key=lambda file: file.relative_to(path).parts):
        if file.is_file() and not file.resolve().is_relative_to(out):
            yield file, file.relative_to(path).as_posix()


def _content_digest(file: Path) -> bytes:
    with file.open("rb") as stream:
        size = file.stat().st_size
        if size <= _SMALL_FILE:
            return hashlib.file_digest(stream, "sha256").digest()
        head = stream.read(_ENDS)
        stream.seek(size - _ENDS)
        return hashlib.sha256(head + stream.read(_ENDS)).digest()


def prepare_folder(plan: Plan, recipe: dict[str, Any]) -> bool:
    """Make the output folder ready; True if it already holds this very build, finished.

    Raises:
        UsageError: it holds another build or other files, or ``--resume require`` finds nothing to continue.
        BuildError: it cannot be written.
    """
    found = _found_recipe(plan.out)
    if found is not None and found != recipe:
        raise UsageError(f"{plan.out}: holds another build ({_difference(found, recipe)}); give another --out")
    if found is None and _foreign_files(plan.out):
        raise UsageError(f"{plan.out}: is not empty and holds no build of tldr-data; give another --out")
    if found is None and plan.resume == "require":
        raise UsageError(f"{plan.out}: holds nothing to continue, which --resume require asks for")
    finished = (plan.out / "manifest.json").is_file()
    if plan.resume == "never":
        clear_folder(plan.out, list(recipe["taxonomies"]))
        finished = False
    if finished:
        remove_tree(plan.work)
    elif _read_json(plan.work / "recipe.json") != _work_recipe(plan, recipe):
        remove_tree(plan.work)
        write_json(plan.work / "recipe.json", _work_recipe(plan, recipe))
    return finished


def clear_folder(out: Path, taxonomies: list[str]) -> None:
    """Remove a build, its manifest first, so that at no moment half of it looks whole."""
    (out / "manifest.json").unlink(missing_ok=True)
    for folder in (".work", *FOLDERS, *taxonomies):
        remove_tree(out / folder)
    for page in PAGES:
        (out / page).unlink(missing_ok=True)


def _work_recipe(plan: Plan, recipe: dict[str, Any]) -> dict[str, Any]:
    """Parts that were cut otherwise cannot be continued."""
    return {"recipe": recipe, "chunk_rows": plan.chunk_rows}


def _found_recipe(out: Path) -> dict[str, Any] | None:
    """The recipe of what is in the folder; None where there is none."""
    holder = _read_json(out / "manifest.json") or _read_json(out / ".work" / "recipe.json")
    found = holder.get("recipe") if isinstance(holder, dict) else None
    return found if isinstance(found, dict) else None


def _foreign_files(out: Path) -> bool:
    """A kill between making .work and writing its recipe leaves a .work alone: that is not foreign."""
    if out.exists() and not out.is_dir():
        raise UsageError(f"{out}: is a file, --out needs a folder")
    return out.is_dir() and any(entry.name != ".work" for entry in out.iterdir())


def _read_json(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None


def _difference(found: dict[str, Any], asked: dict[str, Any]) -> str:
    """The first thing in which two recipes differ, in words.

    >>> _difference({"seed": 0}, {"seed": 1})
    'seed is 0 there, 1 here'
    """
    for key in asked:
        there, here = found.get(key), asked[key]
        if isinstance(there, dict) and isinstance(here, dict):
            names = [name for name in (*there, *here) if there.get(name) != here.get(name)]
            if names:
                return f"{key}: {names[0]} is {there.get(names[0])} there, {here.get(names[0])} here"
        elif there != here:
            return f"{key} is {there} there, {here} here"
    return "made by another version of tldr-data"
