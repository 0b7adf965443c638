"""A user's own taxonomies, published with what was built from them, so that anybody can build it again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from tldr_data.atomic import write_text
from tldr_data.building.merge import file_entry
from tldr_data.errors import BuildError, InputError, UsageError
from tldr_data.taxonomy import Taxonomy, load_taxonomy, shipped_taxonomies

TAXONOMIES = "taxonomies"
"""Folder of a dataset with the YAML files of what is not shipped."""


def write_taxonomies(given: Sequence[str], digests: Mapping[str, str], final: Path) -> dict[str, Any]:
    """Copy the files among what a build was ``given`` as taxonomies, unless they say what a shipped one says.

    ``digests`` are those of the recipe, by name. Returns the copies' entries of the manifest's ``files``.

    Raises:
        BuildError: a file is no longer what it was when the build began, or the disk does not take the copy.
    """
    entries = {}
    for path in (Path(name) for name in given if name not in ("all", *shipped_taxonomies())):
        taxonomy = _unchanged(path, digests)
        if not is_shipped(taxonomy):
            name = f"{TAXONOMIES}/{taxonomy.name}.yaml"
            write_text(final / name, path.read_text(encoding="utf-8"))
            entries[name] = file_entry(final / name)
    return entries


def is_shipped(taxonomy: Taxonomy) -> bool:
    """Whether the package has the very same."""
    return taxonomy.name in shipped_taxonomies() and load_taxonomy(taxonomy.name).digest() == taxonomy.digest()


def _unchanged(path: Path, digests: Mapping[str, str]) -> Taxonomy:
    with suppress(InputError, UsageError):
        taxonomy = load_taxonomy(str(path))
        if digests.get(taxonomy.name) == taxonomy.digest():
            return taxonomy
    raise BuildError(f"{path}: was changed since the build began; put it back, and the same command continues")
