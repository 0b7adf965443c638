"""The commands on versions: ``compare`` and ``push``."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from tldr_data.commands.terminal import AsJson, Dataset, Folder, cpu_count, one_line, print_json, quiet_unless_watched

if TYPE_CHECKING:
    from tldr_data.publishing.push import Pushed

Repository = Annotated[str, typer.Argument(metavar="REPO", help="Dataset on the Hub: user/name.")]
ReleaseVersion = Annotated[str, typer.Option("--version", metavar="X.Y.Z", help="Becomes the tag vX.Y.Z.")]


def compare(old: Dataset, directory: Folder, as_json: AsJson = False) -> None:
    """Say what a build changes of a version, propose the next one, and write the card's changelog."""
    from tldr_data.publishing.changelog import compare_places

    quiet_unless_watched()
    comparison, proposed = compare_places(old, directory)
    if as_json:
        rows = {folder: change._asdict() for folder, change in comparison.rows.items()}
        print_json(
            {"proposed": proposed and str(proposed), "rows": rows, "ids": comparison.ids, "schema": comparison.schema}
        )
        return
    print("\n".join(map(one_line, [*comparison.lines(), *comparison.named_lines()])))
    if proposed:
        print(f"the next version: {proposed}; the changelog stands in {directory / 'README.md'}", file=sys.stderr)


def push(
    directory: Folder,
    repository: Repository,
    version: ReleaseVersion,
    private: Annotated[bool, typer.Option("--private", help="If it is made now, nobody else sees it.")] = False,
    branch: Annotated[str, typer.Option(help="Commit to it; it is made if there is none.")] = "main",
    pull_request: Annotated[
        bool, typer.Option("--pull-request", help="Propose it; after the merge, push again to set the tag.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be sent, and print the card.")] = False,
    as_json: AsJson = False,
) -> None:
    """Publish a build on the Hub: one commit with everything, looked at again, then the version's tag."""
    from tldr_data.publishing.push import PushPlan, foresee_push
    from tldr_data.publishing.push import push as run
    from tldr_data.versions import parse_version

    quiet_unless_watched()
    plan = PushPlan(
        directory=directory,
        repository=repository,
        version=parse_version(version),
        private=private,
        branch=branch,
        pull_request=pull_request,
        workers=cpu_count(),
    )
    card = None
    if dry_run:
        pushed, card = foresee_push(plan)
    else:
        pushed = run(plan)
    if as_json:
        print_json({**pushed._asdict(), "dry_run": dry_run} | ({"card": card} if dry_run else {}))
        return
    if card is not None:
        print(card, end="")
    for line in _told(pushed, dry_run):
        print(line, file=sys.stderr)


def _told(pushed: Pushed, dry_run: bool) -> list[str]:
    whole = sum(pushed.files.values())
    lines = []
    if dry_run:
        lines += [f"{size:>15,} bytes  {name}" for name, size in pushed.files.items()]
        lines += [f"{'removed':>15}        {name}" for name in pushed.removed]
    size = f"{len(pushed.files):,} files, {whole / 10**6:,.1f} MB"
    if dry_run:
        tagged = f", then tag {pushed.tag}" if pushed.tag else ", as a pull request"
        return [*lines, f"would be pushed to {pushed.repository} in one commit: {size}{tagged}"]
    if pushed.pull_request:
        return [*lines, f"proposed: {pushed.pull_request} ({size}); after the merge the same command sets the tag"]
    return [*lines, f"published: {pushed.repository}@{pushed.version} ({size}, commit {str(pushed.commit)[:8]})"]
