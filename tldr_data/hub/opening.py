"""A finished dataset, wherever it lies: in a folder here, or on the Hub."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from tldr_data.errors import InputError


def open_dataset(place: str, patterns: Sequence[str] | None = None) -> Path:
    """The folder of a dataset: ``DIR``, or the local copy of ``REPO@VERSION``, fetched where it is not there yet.

    ``VERSION`` is ``1.0.0`` or ``v1.0.0``, or the name of a branch; of what is on the Hub only files that match
    ``patterns`` are fetched, if any are given.

    Raises:
        InputError: there is no such folder, repository or version, or the Hub does not answer.
    """
    directory = Path(place)
    if "@" not in place or directory.exists():
        return directory
    repository, _, version = place.rpartition("@")
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError

    revision = f"v{version}" if version[:1].isdigit() else version
    try:
        found = snapshot_download(repository, repo_type="dataset", revision=revision, allow_patterns=patterns)
    except (HfHubHTTPError, OSError, ValueError) as error:
        raise InputError(f"{place}: cannot be fetched: {str(error).splitlines()[0]}") from error
    return Path(found)
