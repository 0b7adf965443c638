"""The commands on a finished dataset: look at it, have it judged, check it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Literal

import typer

from tldr_data.commands.terminal import AsJson, Dataset, Folder, cpu_count, fail_if, print_json, quiet_unless_watched
from tldr_data.errors import UsageError


def show(
    dataset: Dataset,
    taxonomy: Annotated[
        str | None, typer.Option(metavar="NAME", help="Only of this taxonomy, or clean, or paraphrase.")
    ] = None,
    split: Annotated[Literal["train", "validation", "test"] | None, typer.Option(help="Only of this split.")] = None,
    at_random: Annotated[bool, typer.Option("--random", help="A random choice, each row as likely as any.")] = False,
    seed: Annotated[int | None, typer.Option(help="Of --random: another one, another choice.")] = None,
    limit: Annotated[
        int | None, typer.Option(min=1, help="Number of rows; default: 10, or all in the pager of a terminal.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show rows; false words stand red beside the true ones, or as [false]{was: true} where there is no colour."""
    from tldr_data.jsonl import open_stream
    from tldr_data.show import show as run
    from tldr_data.show.choosing import Wanted

    if seed is not None and not at_random:
        raise UsageError("--seed is for --random")
    open_stream(sys.stdout, "output")
    quiet_unless_watched()
    drawn = (seed or 0) if at_random else None
    run(dataset, Wanted(taxonomy=taxonomy, split=split, seed=drawn, limit=limit), as_json)


def report(
    dataset: Dataset,
    out: Annotated[
        Path | None,
        typer.Option(
            "-o", "--output", metavar="FILE", help="The page's file; default: report.html in DIR, with plots/."
        ),
    ] = None,
) -> None:
    """Make the web page of a build anew, and print its path; of a version on the Hub, NAME-VERSION.html here."""
    from tldr_data.hub.opening import open_dataset
    from tldr_data.report import write_page, write_report

    directory = open_dataset(dataset)
    if out is None and directory != Path(dataset):
        out = Path(f"{dataset.rpartition('/')[2].replace('@', '-')}.html")
    print(write_report(directory) if out is None else write_page(directory, out))


def audit(
    directory: Folder,
    per_taxonomy: Annotated[int, typer.Option(min=1, help="Rows of each taxonomy; as many clean ones a source.")] = 30,
    read: Annotated[
        list[Path] | None, typer.Option(metavar="FILE", help="A filled-in sheet; give it once for each auditor.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Write a blind sheet for people to judge rows by, or take their answers back onto the card."""
    from tldr_data.audit import read_answers, summary_lines, write_sheet

    if not read:
        print(write_sheet(directory, per_taxonomy))
        return
    found = read_answers(directory, read)
    for line in summary_lines(found):
        print(line, file=sys.stderr)
    if as_json:
        print_json(found)


def check(dataset: Dataset, as_json: AsJson = False) -> None:
    """Compute everything again from the files; one line for each fault."""
    from tldr_data.building.check_all import leak_lines
    from tldr_data.check import Check
    from tldr_data.hub.opening import open_dataset

    quiet_unless_watched()
    faults: list[str] = []
    checking = Check(open_dataset(dataset), cpu_count())
    for fault in checking.faults():
        faults.append(fault)
        if not as_json:
            print(fault)
    if as_json:
        print_json({"ok": not faults, "faults": faults, "leaks": [leak._asdict() for leak in checking.leaks]})
    for line in leak_lines(checking.leaks):
        print(line, file=sys.stderr)
    print(f"{dataset}: {len(faults) or 'no'} fault{'s' * (len(faults) != 1)}", file=sys.stderr)
    fail_if(bool(faults))
