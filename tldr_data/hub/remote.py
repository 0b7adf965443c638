"""What a dataset on the Hub holds now: its versions, a branch's newest commit, the files with their hashes."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from tldr_data.atomic import file_digest
from tldr_data.errors import HubError, UsageError
from tldr_data.hub.answers import hub_errors


class Remote(NamedTuple):
    """A repository as it is."""

    head: str | None
    """Newest commit of the branch; None if there is no such branch, or no repository."""
    base: str | None
    """Newest commit that one to the branch comes after: of main, where there is no such branch yet."""
    exists: bool
    tags: dict[str, str]
    """Tag -> commit."""


def check_name(repository: str) -> None:
    """Whether a name may be one of a dataset on the Hub.

    Raises:
        UsageError: it is not USER/NAME.
    """
    from huggingface_hub.errors import HFValidationError
    from huggingface_hub.utils import validate_repo_id  # type: ignore[attr-defined]

    try:
        validate_repo_id(repository)
        # without a user it would be made under the name of this one, and then not be found
        is_whole = "/" in repository and repository.isascii()
    except HFValidationError:
        is_whole = False
    if not is_whole:
        raise UsageError(f"{repository!r}: is no name of a dataset on the Hub, which is USER/NAME")


def look(repository: str, branch: str) -> Remote:
    """Ask the Hub for a repository's refs.

    Raises:
        HubError: the Hub refuses or does not answer.
    """
    from huggingface_hub import HfApi
    from huggingface_hub.errors import RepositoryNotFoundError

    try:
        with hub_errors(repository):
            refs = HfApi().list_repo_refs(repository, repo_type="dataset")
    except HubError as error:
        # without a token, too: a repository that is not there cannot be told from one that may not be seen
        if isinstance(error.__cause__, RepositoryNotFoundError):
            return Remote(None, None, False, {})
        raise
    heads = {each.name: each.target_commit for each in refs.branches}
    base = heads.get(branch, heads.get("main"))
    tags = {each.name: each.target_commit for each in refs.tags}
    return Remote(heads.get(branch), base, True, tags)


def remote_hashes(repository: str, revision: str) -> dict[str, str]:
    """Path -> SHA-256 of a file that went through LFS, git's own hash of a small one.

    Raises:
        HubError: the Hub refuses or does not answer.
    """
    from huggingface_hub import HfApi
    from huggingface_hub.hf_api import RepoFile

    with hub_errors(repository):
        tree = HfApi().list_repo_tree(repository, recursive=True, revision=revision, repo_type="dataset")
        files = [entry for entry in tree if isinstance(entry, RepoFile)]
    return {file.path: file.lfs.sha256 if file.lfs else file.blob_id for file in files}


def differing(files: Mapping[str, Path], there: Mapping[str, str]) -> list[str]:
    """Paths that the Hub lacks, or of which it holds other bytes."""
    return [path for path, file in files.items() if path not in there or there[path] != _hash(file, like=there[path])]


def _hash(file: Path, *, like: str) -> str:
    return file_digest(file) if len(like) == 64 else git_hash(file)


def git_hash(file: Path) -> str:
    """The name that git gives to a file's content."""
    data = file.read_bytes()
    return hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()
