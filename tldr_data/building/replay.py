"""A published build once more, from its manifest and what lies beside it: the same plan, and what differs."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, NamedTuple

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from tldr_data.building.held_out import HELD_OUT
from tldr_data.building.own_taxonomies import TAXONOMIES
from tldr_data.building.plan import Ask, Embed, Judges, LlmPlan, Plan, SourcePlan, chunk_rows_for
from tldr_data.building.recipe import recipe_of
from tldr_data.building.workers import sources_of
from tldr_data.dataset import REQUESTS
from tldr_data.errors import InputError, UsageError
from tldr_data.hub.opening import open_dataset
from tldr_data.manifest import Name, load_manifest
from tldr_data.sampling import Preset
from tldr_data.sources.several import each_of
from tldr_data.taxonomy import load_taxonomy, shipped_taxonomies

NEEDED = ("manifest.json", f"{REQUESTS}.zst", HELD_OUT, f"{TAXONOMIES}/*.yaml")
"""Of a dataset on the Hub; what it is to give is not looked at."""
_PINNED = re.compile(r"[\w.-]+/[\w.-]+@[0-9a-f]{40}")
"""A source on the Hub, by its commit."""


_Number = Annotated[int, Field(ge=1)]


class _Source(BaseModel):
    """One source; what only it takes stands beside these."""

    model_config = ConfigDict(strict=True, extra="allow")
    name: str
    path: str | None

    @property
    def options(self) -> dict[str, Any]:
        return self.model_extra or {}

    @property
    def is_pinned(self) -> bool:
        """Whether the recipe says where its rows are for ever."""
        return self.name == "hf" and _PINNED.fullmatch(self.path or "") is not None


class _Llm(BaseModel, strict=True):
    model: str
    ask: Ask
    judges: Judges
    nli: str | None


class _Recipe(BaseModel, strict=True):
    """What a recipe says of how to build; a published one may say anything."""

    taxonomies: dict[Name, str]
    sources: list[_Source]
    llm: _Llm | None
    limit: _Number | None
    seed: int
    embed_images: Embed
    paraphrase_ratio: Annotated[float, Field(ge=0, le=1)]
    pairs: bool
    max_guessability: Annotated[float, Field(ge=0.5, le=1)] | None
    target: _Number | None
    questions: _Number | None
    splits: Preset
    held_out: str | None


class Original(NamedTuple):
    """The build that is to be made again."""

    directory: Path
    manifest: dict[str, Any]
    recipe: _Recipe


def open_original(place: str) -> Original:
    """A build by its manifest: the file, or a dataset that holds it, in a folder or as ``REPO@VERSION`` on the Hub.

    Raises:
        UsageError: it is a file of another name.
        InputError: it cannot be read, or is no manifest whose recipe can be followed.
    """
    path = Path(place)
    if path.is_file() and path.name != "manifest.json":
        raise UsageError(f"--from-manifest {place}: needed is a manifest.json, a finished build, or REPO@VERSION")
    directory = path.parent if path.name == "manifest.json" else open_dataset(place, NEEDED)
    manifest = load_manifest(directory)
    try:
        recipe = _Recipe.model_validate(manifest["recipe"])
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise InputError(f"{directory / 'manifest.json'}: recipe.{where}: {first['msg']}") from error
    return Original(directory, manifest, recipe)


def plan_of(original: Original, paths: Sequence[str], out: Path | None = None) -> Plan:
    """The plan of a build, which reads its sources at ``paths``: one for each that reads files, in their order.

    Raises:
        UsageError: there are more or fewer paths than that, or ``out`` is the build itself.
        InputError: something that must lie beside the manifest does not.
    """
    recipe, names = original.recipe, tuple(original.recipe.taxonomies)
    out = out or Path("out") / "+".join(names)
    if out.resolve() == original.directory.resolve():
        raise UsageError(f"{out}: is the build that is to be made again; give another --out")
    chunk_rows = original.manifest.get("chunk_rows")
    if not isinstance(chunk_rows, int) or chunk_rows < 1:
        chunk_rows = chunk_rows_for(names, recipe.llm is not None, recipe.target)
    return Plan(
        taxonomies=tuple(_taxonomy(original, name) for name in names),
        out=out,
        sources=tuple(_sources(recipe.sources, paths)),
        limit=recipe.limit,
        seed=recipe.seed,
        embed_images=recipe.embed_images,
        paraphrase_ratio=recipe.paraphrase_ratio,
        pairs=recipe.pairs,
        max_guessability=recipe.max_guessability,
        target=recipe.target,
        questions=recipe.questions,
        splits=recipe.splits,
        held_out=None if recipe.held_out is None else _beside(original, HELD_OUT),
        llm=_llm_plan(original, recipe.llm) if recipe.llm else None,
        chunk_rows=chunk_rows,
    )


def _taxonomy(original: Original, name: str) -> str:
    """The published file, or the name of a shipped one."""
    own = original.directory / TAXONOMIES / f"{name}.yaml"
    if own.is_file():
        if load_taxonomy(str(own)).digest() != original.recipe.taxonomies[name]:
            raise InputError(f"{own}: is not the taxonomy of the recipe: its digest differs")
        return str(own)
    if name not in shipped_taxonomies():
        raise InputError(f"{own}: is not there, and no taxonomy {name!r} is shipped: it is needed to build this again")
    return name


def _beside(original: Original, name: str) -> Path:
    path = original.directory / name
    if not path.is_file():
        raise InputError(f"{path}: is not there: it must lie beside the manifest to build this again")
    return path


def _llm_plan(original: Original, llm: _Llm) -> LlmPlan:
    """Answers come from the request log alone."""
    log = _beside(original, f"{REQUESTS}.zst")
    is_cut = bool(original.manifest.get("stopped"))
    return LlmPlan("replay", llm.model, None, llm.ask, llm.judges, log, nli=llm.nli, is_cut=is_cut)


def _sources(recipes: Sequence[_Source], paths: Sequence[str]) -> Iterator[SourcePlan]:
    reading = [source.name for source in recipes if source.path is not None and not source.is_pinned]
    if len(paths) != len(reading):
        needed = f"needed are {len(reading)}, for {', '.join(reading)}" if reading else "this build reads none"
        raise UsageError(f"--path is given {len(paths)} times: {needed}")
    left = iter(paths)
    for source in recipes:
        path = None if source.path is None else source.path if source.is_pinned else next(left)
        yield SourcePlan(source.name, None if path is None else Path(path), tuple(sorted(source.options.items())))


def foretell(original: Original, plan: Plan) -> list[str]:
    """What differs from the recipe before anything is built and may change the content, one line for each.

    Raises:
        InputError: the input of a source is another one than the recipe's.
        UsageError: a source or a taxonomy cannot be used.
    """
    source, taxonomies = sources_of(plan)
    here = recipe_of(plan, each_of(source), taxonomies, plan.llm.model if plan.llm else None)
    there = original.manifest["recipe"]
    for given, found, wanted in zip(plan.sources, here["sources"], there["sources"], strict=True):
        if found["path"] != wanted["path"]:
            raise InputError(
                f"source {given.name!r}: {given.path} is not what the build was made from: its digest is "
                f"{_short(found['path'])} here, {_short(wanted['path'])} there (names of files count, not their place)"
            )
    return list(_differences("", there, here))


def _differences(name: str, there: Any, here: Any) -> Iterator[str]:
    if isinstance(there, Mapping) and isinstance(here, Mapping):
        for key in dict.fromkeys([*there, *here]):
            yield from _differences(f"{name}.{key}".lstrip("."), there.get(key), here.get(key))
    elif there != here:
        yield f"{name} is {_short(here)} here, {_short(there)} there: the content may differ"


def _short(value: Any) -> str:
    """A digest by its beginning; what a manifest says steers no terminal."""
    text = str(value)
    if re.fullmatch(r"[0-9a-f]{64}", text):
        return text[:16]
    return text if text.isprintable() else repr(text)


def content_difference(original: Original, manifest: Mapping[str, Any]) -> str | None:
    """In what a build differs from the one that it was to be; None if their content is the same."""
    wanted, found = original.manifest["content_hash"], manifest["content_hash"]
    if wanted == found:
        return None
    there, here = original.manifest.get("content"), manifest["content"]
    there = there if isinstance(there, Mapping) else {}
    parts = [_short(part) for part in dict.fromkeys([*there, *here]) if there.get(part) != here.get(part)]
    return (
        f"content hash is {_short(found)}, the manifest says {_short(wanted)}: "
        f"{', '.join(parts) or 'the whole'} differ{'s' * (len(parts) < 2)}; the build is kept"
    )
