"""What a build is made from, and whether a folder holds that build or another one."""

from __future__ import annotations

import hashlib
import json
import os
import platform
import shutil
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path
from typing import Any

import tldr_data
from tldr_data.atomic import cannot_write, write_json
from tldr_data.building.held_out import HELD_OUT, read_held_out
from tldr_data.building.lock import LOCK
from tldr_data.building.own_taxonomies import TAXONOMIES
from tldr_data.building.parts import SOURCE
from tldr_data.building.plan import LlmPlan, Plan, SourcePlan
from tldr_data.dataset import AUDIT, CLEAN, IMAGES, PARAPHRASE, REJECTED, REQUESTS, VERSIONS
from tldr_data.errors import BuildError, InputError, UsageError
from tldr_data.example import SPLITS
from tldr_data.manifest import CROISSANT, load_manifest
from tldr_data.perturb.parse import tagger_name
from tldr_data.plots import PLOTS, PNGS
from tldr_data.resources import resource_dir
from tldr_data.sources import Identified, Source
from tldr_data.taxonomy import Taxonomy

FOLDERS = (CLEAN, PARAPHRASE, IMAGES, REJECTED, TAXONOMIES, PLOTS)
PAGES = ("README.md", "report.html", CROISSANT, VERSIONS, *(f"{PLOTS}/{name}.png" for name in PNGS))
LIBRARIES = ("numpy", "pillow", "pyarrow", "rapidfuzz", "scikit-learn", "spacy", "textblob")
_IMAGE_SUFFIXES = {".png", ".jpg", ".jpeg", ".webp", ".gif", ".bmp", ".tif", ".tiff"}
_READ_SUFFIXES = {".json", ".jsonl", ".jsonlines", ".parquet", ".arrow", ".csv", *_IMAGE_SUFFIXES}
_SMALL_FILE = 64 * 2**20
_ENDS = 2**20


def recipe_of(
    plan: Plan, sources: Sequence[Source], taxonomies: list[Taxonomy], model: str | None = None
) -> dict[str, Any]:
    """Everything that the content of a build depends on, as JSON; ``model`` is the one that is asked.

    Raises:
        InputError: the source's path cannot be read.
    """
    return {
        "taxonomies": {taxonomy.name: taxonomy.digest() for taxonomy in taxonomies},
        "lexicons": _digest(_named(resource_dir("lexicons"), resource_dir("lexicons").iterdir())),
        "sources": [_source_recipe(given, each, plan.out) for given, each in zip(plan.sources, sources, strict=True)],
        "perturber": "llm" if plan.llm else "rules",
        "llm": plan.llm and _llm_recipe(plan.llm, model),
        "limit": plan.limit,
        "seed": plan.seed,
        "embed_images": plan.embed_images,
        "paraphrase_ratio": plan.paraphrase_ratio,
        "pairs": plan.pairs,
        "max_guessability": plan.max_guessability,
        "target": plan.target,
        "questions": plan.questions,
        "splits": plan.splits,
        "held_out": plan.held_out and _held_out_digest(plan.held_out),
        "versions": {
            "tldr-data": tldr_data.__version__,
            "python": ".".join(platform.python_version_tuple()[:2]),
            **{library: version(library) for library in LIBRARIES},
            "tagger": tagger_name(),
        },
    }


def _held_out_digest(path: Path) -> str:
    """Of the ids, whatever the file is called and in whichever order it names them: that of the published list, too."""
    return hashlib.sha256("\n".join(sorted(read_held_out(path))).encode()).hexdigest()


def _source_recipe(given: SourcePlan, source: Source, out: Path) -> dict[str, Any]:
    """What is on the Hub is known by its commit, what lies here by its content."""
    path = source.identity() if isinstance(source, Identified) else None
    if path is None and given.path is not None:
        path = path_digest(given.path, out)
    return {"name": given.name, "path": path, **dict(given.options)}


def _llm_recipe(llm: LlmPlan, model: str | None) -> dict[str, Any]:
    """Where and by what engine it is asked does not count: its answers are in the request log."""
    prompts = resource_dir("prompts")
    return {
        "model": model,
        "ask": llm.ask,
        "judges": llm.judges,
        "nli": llm.nli,
        "prompts": _digest(_named(prompts, prompts.glob("*.jinja"))),
    }


def path_digest(path: Path, out: Path) -> str:
    """Identity of a file or folder by what is in it, not by where it lies or when it was copied.

    Images count by name and size only (their pixels are in the content hash), other files over 64 MiB by size, head
    and tail. Of a folder only what sources read counts, and nothing in ``out`` or another build: people keep logs, and
    build, beside the captions.

    Raises:
        InputError: something cannot be read.
    """
    try:
        return _digest(_named(path, _input_files(path, out.resolve())) if path.is_dir() else [(path.name, path)])
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror or error}") from error


def _digest(files: Iterable[tuple[str, Path]]) -> str:
    whole = hashlib.sha256()
    for name, file in files:
        whole.update(f"{name}\0{file.stat().st_size}\0".encode(errors="surrogateescape"))
        if file.suffix.lower() not in _IMAGE_SUFFIXES:
            whole.update(_content_digest(file))
    return whole.hexdigest()


def _named(folder: Path, files: Iterable[Path]) -> list[tuple[str, Path]]:
    """Files with their names relative to a folder, in one order on every platform."""
    return sorted((file.relative_to(folder).as_posix(), file) for file in files)


def _input_files(folder: Path, out: Path) -> Iterator[Path]:
    """What a source may read of a folder."""
    for root, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not _is_ours(Path(root, name), out)]
        for name in names:
            if (file := Path(root, name)).suffix.lower() in _READ_SUFFIXES and file.is_file():
                yield file


def _is_ours(folder: Path, out: Path) -> bool:
    return folder.name == ".work" or folder.resolve() == out or _found_recipe(folder) is not None


def _content_digest(file: Path) -> bytes:
    with file.open("rb") as stream:
        size = file.stat().st_size
        if size <= _SMALL_FILE:
            return hashlib.file_digest(stream, "sha256").digest()
        head = stream.read(_ENDS)
        stream.seek(size - _ENDS)
        return hashlib.sha256(head + stream.read(_ENDS)).digest()


def is_finished(plan: Plan, recipe: dict[str, Any]) -> bool:
    """Whether the output folder already holds this very build, finished; nothing is written.

    Raises:
        UsageError: it holds another build or other files, or ``--resume require`` finds nothing to continue.
        BuildError: a file of the finished build is missing or damaged.
    """
    found = _found_recipe(plan.out)
    if found is not None and found != recipe and not _is_replaceable(plan):
        hint = "" if (plan.out / "manifest.json").is_file() else f", or remove {plan.work}"
        raise UsageError(f"{plan.out}: holds another build ({_difference(found, recipe)}); give another --out{hint}")
    if found is None and _foreign_files(plan.out):
        raise UsageError(f"{plan.out}: is not empty and holds no build of tldr-data; give another --out")
    if found != recipe and plan.resume == "require":
        raise UsageError(f"{plan.out}: holds nothing to continue, which --resume require asks for")
    if plan.resume == "never" or not (plan.out / "manifest.json").is_file():
        return False
    if load_manifest(plan.out).get("stopped"):
        return False
    for name, expected in load_manifest(plan.out)["files"].items():
        path = plan.out / name
        if not path.is_file() or path.stat().st_size != expected["bytes"]:
            raise BuildError(f"{path}: is missing or damaged; --resume never builds it again")
    return True


def begin(plan: Plan, recipe: dict[str, Any]) -> None:
    """Make the folder ready for a build. The new recipe comes first: at every moment the folder is known as ours.

    Raises:
        BuildError: it cannot be written.
    """
    if plan.resume == "never" or _read_json(plan.work / "recipe.json") != _work_recipe(plan, recipe):
        clear_work(plan.work)
        write_json(plan.work / "recipe.json", _work_recipe(plan, recipe))
    if plan.resume == "never":
        clear_folder(plan.out, list(recipe["taxonomies"]))


def clear_work(work: Path) -> None:
    """Remove all work but the lock, the recipe, by which the folder is known as ours, and what was paid for.

    Raises:
        BuildError: it cannot be removed.
    """
    kept = {LOCK, "recipe.json", REQUESTS}
    try:
        for entry in work.iterdir():
            if entry.is_dir() and not entry.is_symlink():
                shutil.rmtree(entry)
            elif entry.name not in kept:
                entry.unlink()
    except OSError as error:
        raise cannot_write(work, error) from error


def clear_folder(out: Path, taxonomies: list[str]) -> None:
    """Remove the files of a build, known by their names, its manifest first, so that at no moment half looks whole."""
    number = "[0-9]" * 5
    try:
        for page in ("manifest.json", AUDIT, *PAGES, f"{REQUESTS}.zst", HELD_OUT):
            (out / page).unlink(missing_ok=True)
        for folder in (*FOLDERS, *taxonomies):
            files = [path for split in SPLITS for path in (out / folder).glob(f"{split}-{number}-of-{number}.parquet")]
            files += [out / REJECTED / f"{folder}.jsonl", out / REJECTED / f"{SOURCE}.jsonl"]
            for path in (*files, out / TAXONOMIES / f"{folder}.yaml"):
                path.unlink(missing_ok=True)
        for folder in (*FOLDERS, *taxonomies):
            with suppress(OSError):  # there is none, or somebody's own files are in it
                (out / folder).rmdir()
    except OSError as error:
        raise cannot_write(out, error) from error


def _work_recipe(plan: Plan, recipe: dict[str, Any]) -> dict[str, Any]:
    """Parts that were cut otherwise cannot be continued."""
    return {"recipe": recipe, "chunk_rows": plan.chunk_rows}


def _found_recipe(out: Path) -> dict[str, Any] | None:
    """The recipe of what is in the folder; None where there is none."""
    holder = _read_json(out / "manifest.json") or _read_json(out / ".work" / "recipe.json")
    found = holder.get("recipe") if isinstance(holder, dict) else None
    return found if isinstance(found, dict) else None


def _is_replaceable(plan: Plan) -> bool:
    """Nothing was published, and no chunk is done that could be lost."""
    return not _other_files(plan.out) and not any((plan.work / "chunks").glob("*/done.json"))


def _foreign_files(out: Path) -> bool:
    """A kill before the recipe is written leaves a .work with nothing but the lock: that is not foreign."""
    if out.exists() and not out.is_dir():
        raise UsageError(f"{out}: is a file, --out needs a folder")
    names = {entry.name for entry in (out / ".work").iterdir()} if (out / ".work").is_dir() else set()
    ours = all(name == LOCK or (name.startswith("recipe.json.") and name.endswith(".tmp")) for name in names)
    return not ours or _other_files(out)


def _other_files(out: Path) -> bool:
    return out.is_dir() and any(entry.name != ".work" for entry in out.iterdir())


def _read_json(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
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
