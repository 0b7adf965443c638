"""A finished dataset, wherever it lies: in a folder here, or on the Hub."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from tldr_data.errors import HubError
from tldr_data.hub.answers import hub_errors


def open_dataset(place: str, patterns: Sequence[str] | None = None) -> Path:
    """The folder of a dataset: ``DIR``, or the local copy of ``REPO@VERSION``, fetched where it is not there yet.

    ``VERSION`` is ``1.0.0`` or ``v1.0.0``, or the name of a branch; of what is on the Hub only files that match
    ``patterns`` are fetched, if any are given.

    Raises:
        HubError: the Hub has no such repository or version, or does not answer.
    """
    directory = Path(place)
    if "@" not in place or directory.exists():
        return directory
    repository, _, version = place.rpartition("@")
    if not os.path.basename(repository) or not version:
        raise HubError(f"{place!r}: neither a folder nor REPO@VERSION, as in user/name@1.0.0")
    return fetch(repository, revision_of(version), patterns)


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
            raise HubError(f"{repository}@{revision.removeprefix('v')}: {_versions_there(repository)}") from error
        if isinstance(cause, LocalEntryNotFoundError) and cause.__cause__ is not None:
            with hub_errors(repository):  # what it wraps says what happened
                raise cause.__cause__ from error
        raise
    return Path(found)


def _versions_there(repository: str) -> str:
    from huggingface_hub import HfApi

    from tldr_data.versions import versions_of

    with hub_errors(repository):
        refs = HfApi().list_repo_refs(repository, repo_type="dataset")
    versions = ", ".join(map(str, versions_of(tag.name for tag in refs.tags)))
    return f"there is no such version; there are: {versions or 'none'}"
