"""What a version changed since the one before it, written where the card reads it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from tldr_data.card import write_card
from tldr_data.compare import Comparison, compare, differing_folders, history_of, version_entry, write_versions
from tldr_data.errors import UsageError
from tldr_data.hub.opening import fetch, open_dataset, published_manifest, revision_of
from tldr_data.manifest import load_manifest
from tldr_data.versions import Version, versions_of


class Step(NamedTuple):
    """A build beside the published version that it follows."""

    since: Version
    comparison: Comparison
    history: list[Any]
    """What the published version tells of itself and of those before it."""

    @property
    def proposed(self) -> Version:
        """The next version."""
        return self.since.next(self.comparison.step)


def step_since(repository: str, since: Version, directory: Path) -> Step:
    """Compare a build with a published version, of which only what differs is fetched.

    Raises:
        InputError: one of the two is no finished build.
        HubError: the Hub has no such version, or does not answer.
    """
    manifest = published_manifest(repository, since.tag)
    published = fetch(repository, since.tag, ["versions.json"])
    folders = differing_folders(manifest, load_manifest(directory))
    if folders:
        published = fetch(repository, since.tag, [f"{folder}/*.parquet" for folder in folders])
    return Step(since, compare(published, directory), history_of(published))


def latest_before(version: Version, tags: Iterable[str]) -> Version | None:
    """The newest published version below another one."""
    return max((each for each in versions_of(tags) if each < version), default=None)


def check_promise(version: Version, step: Step) -> None:
    """A version may promise more changes than there are, never fewer.

    Raises:
        UsageError: it is too small a step.
    """
    if version < step.proposed:
        changed = ", ".join(step.comparison.lines()[:3])
        raise UsageError(
            f"version {version}: too small a step from {step.since} for what changed ({changed}); "
            f"at least {step.proposed}"
        )


def write_changelog(
    directory: Path, manifest: Mapping[str, Any], repository: str, version: Version, step: Step | None
) -> None:
    """Write ``versions.json`` and the card with its changelog; ``step`` is None for the first version.

    Raises:
        UsageError: the folder is the Hub's client's copy of what is published.
        BuildError: they cannot be written.
    """
    if is_cached(directory):
        raise UsageError(f"{directory}: lies in the cache of the Hub, where nothing may be changed; copy it elsewhere")
    since, comparison, history = (str(step.since), step.comparison, step.history) if step else (None, None, [])
    entry = version_entry(str(version), since, comparison, manifest["content_hash"])
    write_versions(directory, repository, entry, history)
    write_card(directory, manifest)


def is_cached(directory: Path) -> bool:
    """Whether a folder is the Hub's client's copy of what is published."""
    from huggingface_hub import constants

    return Path(constants.HF_HUB_CACHE).resolve() in directory.resolve().parents


def compare_places(old: str, directory: Path) -> tuple[Comparison, Version | None]:
    """Compare a build with ``REPO@X.Y.Z``, and write its changelog for the version that follows; with anything else
    (another build here, a branch) only compare.

    Raises:
        InputError: one of the two is no finished build.
        HubError: the Hub has no such version, or does not answer.
    """
    repository, _, version = old.rpartition("@")
    if not repository or Path(old).exists() or not (since := versions_of([revision_of(version)])):
        return compare(open_dataset(old), directory), None
    step = step_since(repository, since[0], directory)
    write_changelog(directory, load_manifest(directory), repository, step.proposed, step)
    return step.comparison, step.proposed
