"""A finished build pushed to the Hub: everything in one commit, looked at again, then the version's tag.

Until the commit nothing that anybody loads has changed; after it everything has. Whatever fails, the same command goes
on: files that the Hub already has are not sent again, a commit that is there is only tagged.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from tldr_data.check import Check
from tldr_data.errors import HubError, InputError, UsageError
from tldr_data.hub.answers import AGAIN, CHANGED, hub_errors
from tldr_data.hub.opening import published_manifest, revision_of
from tldr_data.hub.remote import Remote, check_name, differing, look, remote_hashes
from tldr_data.licences import text_refusals
from tldr_data.manifest import load_manifest
from tldr_data.publishing.changelog import check_promise, is_cached, latest_before, step_since, write_changelog
from tldr_data.publishing.staging import link, published_files, stage
from tldr_data.versions import Version, versions_of

if TYPE_CHECKING:
    from huggingface_hub import CommitInfo

TOLD_FAULTS = 3
PAGES = ("README.md", "croissant.json", "versions.json", "report.html", "manifest.json", "audit.json")
NOTHING_IGNORED = "# all that belongs to a version is published\n"
"""In place of a ``.gitignore`` of the repository, whose files the Hub's client leaves out without a word."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PushPlan:
    """What goes where."""

    directory: Path
    repository: str
    """``user/name``."""
    version: Version
    private: bool = False
    """If it has to be made, nobody else sees the repository."""
    branch: str = "main"
    pull_request: bool = False
    """Propose it instead: nothing is tagged until the same is pushed after the merge."""
    workers: int = 1


class Pushed(NamedTuple):
    """What a push did, or would do."""

    repository: str
    version: str
    tag: str | None
    """None of what is only proposed."""
    commit: str | None
    pull_request: str | None
    """Its address."""
    files: dict[str, int]
    """Path -> bytes."""
    removed: list[str]
    """Paths of an earlier version that this one has not."""


class _Prepared(NamedTuple):
    """All that is decided before anything is sent."""

    remote: Remote
    files: dict[str, Path]
    removed: list[str]
    is_there: bool
    """The branch holds just these files already."""


def push(plan: PushPlan) -> Pushed:
    """Publish a build as a version.

    Raises:
        UsageError: the version exists with other content, or promises less than what changed.
        InputError: ``check`` finds faults, or a licence does not allow it.
        HubError: the Hub refuses, fails or is not reached.
    """
    with _prepared(plan, plan.directory) as ready:
        there = Pushed(plan.repository, str(plan.version), plan.version.tag, None, None, _sizes(ready.files), [])
        if (tagged := ready.remote.tags.get(plan.version.tag)) is not None:
            return there._replace(commit=tagged)
        if ready.is_there:
            assert ready.remote.head is not None
            _tag(plan, ready.remote.head)
            return there._replace(commit=ready.remote.head)
        if plan.pull_request and (waiting := _open_pull_request(plan, ready)):
            return there._replace(tag=None, pull_request=waiting)
        _say(f"sending {len(ready.files):,} files, {sum(there.files.values()) / 10**6:,.1f} MB in all")
        made = _commit(plan, ready)
        _verify(plan, made.oid, ready.files)
        done = there._replace(commit=made.oid, removed=ready.removed)
        if plan.pull_request:
            return done._replace(tag=None, pull_request=made.pr_url)
        _tag(plan, made.oid)
        return done


def foresee_push(plan: PushPlan) -> tuple[Pushed, str]:
    """What ``push`` would do, and the card that it would publish; nothing is sent, the folder stays as it is.

    Raises:
        UsageError, InputError, HubError: as ``push`` does.
    """
    with _scratch(plan) as folder, _prepared(plan, folder) as ready:
        card = ready.files["README.md"].read_text(encoding="utf-8")
        tag = None if plan.pull_request else plan.version.tag
        removed = ready.removed
        return Pushed(plan.repository, str(plan.version), tag, None, None, _sizes(ready.files), removed), card


@contextmanager
def _prepared(plan: PushPlan, described: Path) -> Iterator[_Prepared]:
    """Decide everything; card and changelog are written into ``described``, the build's folder or an empty one."""
    check_name(plan.repository)
    _refuse_branch(plan.branch)
    manifest = load_manifest(plan.directory)
    _refuse_faulty(plan)
    remote = look(plan.repository, plan.branch)
    _refuse_licences(plan, manifest, _is_private(plan, remote))
    _refuse_other_content(plan, remote, manifest)
    if described != plan.directory:
        for name, path in published_files(plan.directory, manifest).items():
            link(path, described / name)
    _describe(plan, described, manifest, remote)
    with _scratch(plan) as folder:
        files = stage(described, folder)
        _refuse_other_files(plan, remote, files)
        there = remote_hashes(plan.repository, remote.base) if remote.base else {}
        removed = _removed(plan, remote.base, there, files)
        is_there = remote.head is not None and not removed and not differing(files, there)
        yield _Prepared(remote, files, removed, is_there)


def _refuse_branch(name: str) -> None:
    if not name or name.startswith("refs/") or versions_of([revision_of(name)]):
        raise UsageError(f"--branch {name!r}: must be a branch; a version's tag and a pull request have options")


def _describe(plan: PushPlan, described: Path, manifest: Mapping[str, Any], remote: Remote) -> None:
    since = latest_before(plan.version, remote.tags)
    step = None
    if since:
        _say(f"comparing with {since}")
        step = step_since(plan.repository, since, described)
        check_promise(plan.version, step)
    write_changelog(described, manifest, plan.repository, plan.version, step)


def _say(line: str) -> None:
    print(line, file=sys.stderr)


def _sizes(files: Mapping[str, Path]) -> dict[str, int]:
    return {name: path.stat().st_size for name, path in sorted(files.items())}


@contextmanager
def _scratch(plan: PushPlan) -> Iterator[Path]:
    """A folder that vanishes: beside the build, where its files can be linked, or else where temporary files lie."""
    beside = plan.directory.resolve().parent
    is_free = os.access(beside, os.W_OK) and not is_cached(plan.directory)
    with tempfile.TemporaryDirectory(prefix=".tldr-data-", dir=beside if is_free else None) as folder:
        yield Path(folder)


def _refuse_faulty(plan: PushPlan) -> None:
    _say(f"checking {plan.directory}")
    checking = Check(plan.directory, plan.workers)
    faults = list(checking.faults())
    if faults:
        for fault in faults[:TOLD_FAULTS]:
            _say(fault)
        raise InputError(f"{plan.directory}: not pushed: `tldr-data check` finds {len(faults):,} faults in it")


def _is_private(plan: PushPlan, remote: Remote) -> bool:
    from huggingface_hub import HfApi

    if not remote.exists:
        return plan.private
    with hub_errors(plan.repository):
        is_private = bool(HfApi().dataset_info(plan.repository).private)
    if plan.private and not is_private:
        raise UsageError(f"{plan.repository}: exists and is public; --private is only for one that is made now")
    return is_private


def _refuse_licences(plan: PushPlan, manifest: Mapping[str, Any], is_private: bool) -> None:
    if refusals := text_refusals(manifest, private=is_private):
        for refusal in refusals:
            _say(refusal)
        raise InputError(f"{plan.directory}: not pushed: {len(refusals)} licences of its rows do not allow it")


def _refuse_other_content(plan: PushPlan, remote: Remote, manifest: Mapping[str, Any]) -> None:
    """A version means one content for ever, and no branch goes back to an older one."""
    if plan.version.tag not in remote.tags:
        held = versions_of(tag for tag, commit in remote.tags.items() if commit == remote.head)
        if held and plan.version < held[-1]:
            raise UsageError(f"{plan.repository}: {plan.branch} holds {held[-1]}; give {plan.version} another --branch")
        return
    published = published_manifest(plan.repository, plan.version.tag)
    if published["content_hash"] != manifest["content_hash"]:
        raise UsageError(
            f"{plan.repository}@{plan.version}: exists with other content ({published['content_hash'][:16]}, this is "
            f"{manifest['content_hash'][:16]}); give another --version, which `tldr-data compare` proposes"
        )


def _refuse_other_files(plan: PushPlan, remote: Remote, files: Mapping[str, Path]) -> None:
    """The same content may come with another card."""
    if (tagged := remote.tags.get(plan.version.tag)) is None:
        return
    if other := differing(files, remote_hashes(plan.repository, tagged)):
        raise UsageError(f"{plan.repository}@{plan.version}: exists with another {other[0]}; give another --version")


def _removed(plan: PushPlan, base: str | None, there: Mapping[str, str], files: Mapping[str, Path]) -> list[str]:
    """What the Hub holds of the version before and this one has not. Files of others are left alone.

    Raises:
        UsageError: there is data that no version of ours has put there: `datasets` would mix the two.
    """
    ours: set[str] = set(PAGES)
    if base and "manifest.json" in there:
        ours |= set(published_manifest(plan.repository, base)["files"])
    foreign = [path for path in there if path.endswith(".parquet") and path not in ours and path not in files]
    if foreign:
        raise UsageError(
            f"{plan.repository}: holds data that tldr-data did not put there ({sorted(foreign)[0]}); give another REPO"
        )
    return sorted(path for path in there if path not in files and (path in ours or path.startswith("plots/")))


def _open_pull_request(plan: PushPlan, ready: _Prepared) -> str | None:
    """The address of one that proposes just these files."""
    from huggingface_hub import HfApi

    if not ready.remote.exists:
        return None
    with hub_errors(plan.repository):
        found = HfApi().get_repo_discussions(
            plan.repository, repo_type="dataset", discussion_type="pull_request", discussion_status="open"
        )
        pulls = [(discussion.git_reference, discussion.url) for discussion in found]
    for reference, address in pulls:
        if reference and not differing(ready.files, remote_hashes(plan.repository, reference)):
            return address
    return None


def _commit(plan: PushPlan, ready: _Prepared) -> CommitInfo:
    """Send everything as one commit on what was there when it was decided."""
    from huggingface_hub import CommitOperationAdd, CommitOperationDelete, HfApi

    api = HfApi()
    base = ready.remote.base or _made(plan)
    with hub_errors(plan.repository):
        if ready.remote.head is None and plan.branch != "main":
            api.create_branch(plan.repository, branch=plan.branch, revision=base, repo_type="dataset", exist_ok=True)
        added = [CommitOperationAdd(name, path) for name, path in sorted(ready.files.items())]
        api.preupload_lfs_files(
            plan.repository,
            added,
            repo_type="dataset",
            revision=plan.branch,
            create_pr=plan.pull_request,
            free_memory=False,
            gitignore_content=NOTHING_IGNORED,
        )
        if plan.version.tag in look(plan.repository, plan.branch).tags:  # sending may have taken hours
            raise HubError(f"{plan.repository}: {CHANGED}; {AGAIN}")
        return api.create_commit(
            plan.repository,
            [*added, *(CommitOperationDelete(name) for name in ready.removed)],
            commit_message=f"Version {plan.version}",
            repo_type="dataset",
            revision=plan.branch,
            create_pr=plan.pull_request,
            parent_commit=base,
        )


def _made(plan: PushPlan) -> str | None:
    """Make the repository; the commit that it begins with."""
    from huggingface_hub import HfApi

    with hub_errors(plan.repository):
        HfApi().create_repo(plan.repository, repo_type="dataset", private=plan.private, exist_ok=True)
    made = look(plan.repository, "main").head
    if made and set(remote_hashes(plan.repository, made)) - {".gitattributes"}:
        raise HubError(f"{plan.repository}: {CHANGED}; {AGAIN}")
    return made


def _verify(plan: PushPlan, commit: str, files: Mapping[str, Path]) -> None:
    """Ask the Hub for the hashes of what it holds now."""
    if wrong := differing(files, remote_hashes(plan.repository, commit)):
        raise HubError(
            f"{plan.repository}: commit {commit[:8]} does not hold what was sent: {wrong[0]}"
            f"{f' and {len(wrong) - 1} more' if len(wrong) > 1 else ''}; {plan.version} is not tagged"
        )


def _tag(plan: PushPlan, commit: str) -> None:
    from huggingface_hub import HfApi

    with hub_errors(plan.repository):
        HfApi().create_tag(
            plan.repository,
            tag=plan.version.tag,
            tag_message=f"Version {plan.version}",
            revision=commit,
            repo_type="dataset",
        )
