"""A finished dataset, wherever it lies: in a folder here, or on the Hub."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tldr_data.errors import HubError, InputError
from tldr_data.hub.answers import hub_errors
from tldr_data.manifest import load_manifest
from tldr_data.versions import versions_of


def open_dataset(place: str, patterns: Sequence[str] | None = None) -> Path:
    """The folder of a dataset: ``DIR``, or the local copy of ``REPO@VERSION``, fetched where it is not there yet.

    ``VERSION`` is ``1.0.0`` or ``v1.0.0``, or the name of a branch; of what is on the Hub only files that match
    ``patterns`` are fetched, if any are given.

    Raises:
        InputError: what is there has no manifest.
        HubError: the Hub has no such repository or version, or does not answer.
    """
    directory = Path(place)
    if "@" not in place or directory.exists():
        return directory
    repository, _, version = place.rpartition("@")
    if not os.path.basename(repository) or not version:
        raise HubError(f"{place!r}: neither a folder nor REPO@VERSION, as in user/name@1.0.0")
    found = fetch(repository, revision_of(version), patterns)
    if not (found / "manifest.json").is_file():
        raise _not_ours(repository, revision_of(version))
    return found


def published_manifest(repository: str, revision: str) -> dict[str, Any]:
    """The manifest that a dataset on the Hub has at a revision.

    Raises:
        InputError: it has none, or one that is broken or of something else.
        HubError: the Hub has no such repository or revision, or does not answer.
    """
    directory = fetch(repository, revision, ["manifest.json"])
    if not (directory / "manifest.json").is_file():
        raise _not_ours(repository, revision)
    try:
        return load_manifest(directory)
    except InputError as error:  # a place in the cache tells nobody anything
        raise InputError(str(error).replace(str(directory), _place(repository, revision))) from error


def _not_ours(repository: str, revision: str) -> InputError:
    return InputError(f"{_place(repository, revision)}: no manifest.json, so this is no dataset of tldr-data")


def _place(repository: str, revision: str) -> str:
    """As people write it.

    >>> _place("user/name", "v1.0.0")
    'user/name@1.0.0'
    """
    return f"{repository}@{revision.removeprefix('v') if versions_of([revision]) else revision}"


def revision_of(version: str) -> str:
    """The tag of a version; a branch, another tag or a commit is its own.

    >>> revision_of("1.0.0"), revision_of("v1.0.0"), revision_of("main")
    ('v1.0.0', 'v1.0.0', 'main')
    """
    return f"v{version}" if version[:1].isdigit() and version.count(".") == 2 else version


def fetch(repository: str, revision: str, patterns: Sequence[str] | None = None) -> Path:
    """The local copy of a repository at a revision, in the cache of ``huggingface_hub``.

    Raises:
        HubError: there is none, or the Hub does not answer.
    """
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import LocalEntryNotFoundError, RevisionNotFoundError

    try:
        with hub_errors(repository):
            found = snapshot_download(
                repository, repo_type="dataset", revision=revision, allow_patterns=list(patterns) if patterns else None
            )
    except HubError as error:
        cause = error.__cause__
        if isinstance(cause, RevisionNotFoundError):
            raise HubError(f"{_place(repository, revision)}: {_versions_there(repository)}") from error
        if isinstance(cause, LocalEntryNotFoundError) and cause.__cause__ is not None:
            with hub_errors(repository):  # what it wraps says what happened
                raise cause.__cause__ from error
        raise
    return Path(found)


def _versions_there(repository: str) -> str:
    from huggingface_hub import HfApi

    with hub_errors(repository):
        refs = HfApi().list_repo_refs(repository, repo_type="dataset")
    versions = ", ".join(map(str, versions_of(tag.name for tag in refs.tags)))
    return f"there is no such version; there are: {versions or 'none'}"
