"""The manifest of a finished build: what it must hold, and reading it (docs/data-format.md)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple

from pydantic import BaseModel, Field, StringConstraints, ValidationError

from tldr_data.dataset import AUDIT, IMAGES, VERSIONS
from tldr_data.errors import InputError
from tldr_data.licences import license_parts

FORMAT = 2
"""Of the manifest and the files' layout."""
CROISSANT = "croissant.json"
"""What machines read of a build; written with its card."""
"""What each version on the Hub has changed; written when a build is compared or pushed."""

Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$")]
FileName = Annotated[
    str,
    StringConstraints(pattern=r"^([a-z][a-z0-9_]*/[a-zA-Z0-9_][a-zA-Z0-9_.-]*|requests\.jsonl\.zst|held_out\.txt)$"),
]
Count = Annotated[int, Field(ge=0)]


class _File(BaseModel, strict=True):
    bytes: Count
    sha256: str


class _Subtype(BaseModel, strict=True):
    accepted: Count
    rejected: dict[str, Count]


class _Taxonomy(BaseModel, strict=True):
    references: Count
    sites: Count
    tried: Count
    accepted: Count
    verdicts: dict[str, Count]
    subtypes: dict[str, _Subtype]


class _License(BaseModel, strict=True):
    source: str
    license: str
    rows: Count


class _ImageLicense(BaseModel, strict=True):
    source: str
    license: str
    images: Count


class _SourceRecipe(BaseModel, strict=True):
    name: str


class _Recipe(BaseModel, strict=True):
    sources: list[_SourceRecipe]
    seed: int
    limit: int | None
    target: int | None
    versions: dict[str, str]


class _Guess(BaseModel, strict=True):
    auc: float
    low: float
    high: float
    bad: Count
    good: Count


class _Shortcuts(BaseModel, strict=True):
    words: _Guess | None
    sites: _Guess | None
    texts: _Guess | None
    taxonomies: dict[Name, _Guess]


class _Definition(BaseModel, strict=True):
    definition: str
    instructions: str
    origin: str
    subtypes: dict[str, str]


class _Manifest(BaseModel, strict=True):
    """What is read of a manifest."""

    content_hash: str
    recipe: _Recipe
    images_embedded: bool
    rows: dict[Name, dict[Literal["train", "validation", "test"], Count]]
    taxonomies: dict[Name, _Taxonomy]
    definitions: dict[Name, _Definition]
    rejected: dict[Name, dict[str, Count]]
    licenses: list[_License]
    rejected_licenses: list[_License]
    image_licenses: list[_ImageLicense]
    images_withheld: dict[str, Count] = {}
    llm: dict[str, Any] | None
    shortcuts: _Shortcuts
    content: dict[str, str]
    files: dict[FileName, _File]


def load_manifest(directory: Path) -> dict[str, Any]:
    """The manifest of a finished build.

    Raises:
        InputError: there is none, or it is broken.
    """
    path = directory / "manifest.json"
    if not directory.is_dir():
        raise InputError(f"{directory}: no such folder")
    found = _read_json(path)
    if found is not None and isinstance(found, dict) and found.get("format") != FORMAT:
        raise InputError(
            f"{path}: its format is {found.get('format')!r}, this version of tldr-data reads {FORMAT}: "
            "use the version that made it, or build it anew with --resume never"
        )
    if (manifest := _read_json(path, _Manifest)) is None:
        unfinished = (directory / ".work").is_dir()
        raise InputError(
            f"{directory}: unfinished build, the same build command continues it"
            if unfinished
            else f"{directory}: no manifest.json, so this is no finished build"
        )
    return manifest


class Release(NamedTuple):
    """A version of a build on the Hub."""

    repository: str
    version: str

    @property
    def url(self) -> str:
        """Its page."""
        return f"https://huggingface.co/datasets/{self.repository}"

    @property
    def revision(self) -> str:
        """Its tag."""
        return f"v{self.version}"


class _Changes(BaseModel, strict=True):
    added: Count
    removed: Count
    relabelled: Count
    moved: Count
    changed: Count


class _Version(BaseModel, strict=True):
    version: str
    since: str | None
    rows: dict[str, _Changes]
    schema_changes: list[str] = Field(alias="schema")


class _Versions(BaseModel, strict=True):
    """What is read of ``versions.json``: every version that a repository has of a build, newest first."""

    repository: str
    versions: Annotated[list[_Version], Field(min_length=1)]


def load_versions(directory: Path) -> dict[str, Any] | None:
    """The versions of a build on the Hub, newest first; None where it was never published.

    Raises:
        InputError: the file is damaged.
    """
    return _read_json(directory / VERSIONS, _Versions)


def release_of(versions: Mapping[str, Any] | None) -> Release | None:
    """The newest of the versions."""
    if versions is None:
        return None
    newest = versions["versions"][0]
    return Release(versions["repository"], newest["version"])


def load_audit(directory: Path) -> dict[str, Any] | None:
    """What the last audit of a build found; None where there was none.

    Raises:
        InputError: the file is damaged.
    """
    return _read_json(directory / AUDIT)


def _read_json(path: Path, model: type[BaseModel] | None = None) -> dict[str, Any] | None:
    """A file, its keys and their types as docs/data-format.md lists them; None if there is none."""
    if not path.is_file():
        return None
    try:
        found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        if model:
            model.model_validate(found)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or "its content"
        raise InputError(f"{path}: {where}: {first['msg']}") from error
    except (OSError, ValueError, RecursionError) as error:
        raise InputError(f"{path}: cannot be read: {error}") from error
    return found


def licenses_of(manifest: Mapping[str, Any]) -> list[str]:
    """Every licence of the rows, and of the images that are there, by itself, sorted: of ``A AND B`` both hold."""
    withheld = manifest.get("images_withheld", {})
    images = (entry for entry in manifest.get("image_licenses", ()) if entry["license"] not in withheld)
    return sorted({part for entry in (*manifest["licenses"], *images) for part in license_parts(entry["license"])})


def row_folders(manifest: Mapping[str, Any]) -> list[str]:
    """Folders that hold rows, in the order of the card: clean, paraphrase, then the taxonomies."""
    return [folder for folder in manifest["rows"] if folder != IMAGES]
