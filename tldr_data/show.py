"""Rows of a build in the terminal: false words red and underlined, words changed for the grammar only dim."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from io import TextIOWrapper
from itertools import islice
from pathlib import Path

from tldr_data.dataset import CLEAN, Row, read_rows
from tldr_data.errors import UsageError
from tldr_data.manifest import load_manifest, row_folders
from tldr_data.marks import Piece, pieces_of


def show(directory: Path, taxonomy: str | None, limit: int, as_json: bool) -> None:
    """Print the first rows of a build to stdout: all perturbed ones in turn, or those of one taxonomy.

    Raises:
        UsageError: the build has no such taxonomy.
        InputError: it is no finished build, or a file cannot be read.
    """
    if isinstance(sys.stdout, TextIOWrapper):
        # a terminal of few characters still shows the rest
        sys.stdout.reconfigure(errors="backslashreplace")
    rows = islice(_rows(directory, _folders(directory, taxonomy)), limit)
    if as_json:
        for split, row in rows:
            print(json.dumps({**row, "split": split}, ensure_ascii=not _takes_unicode()))
    elif sys.stdout.isatty():
        _print_coloured(rows)
    else:
        for split, row in rows:
            print(plain_text(pieces_of(row)))
            print(f"    {_about(split, row)}\n")


def _takes_unicode() -> bool:
    return (sys.stdout.encoding or "").lower().startswith("utf")


def plain_text(pieces: list[Piece]) -> str:
    """A response with its marks in plain characters.

    >>> plain_text([Piece("A ", "plain"), Piece("blue", "error", "red"), Piece(" cup", "plain")])
    'A [blue]{was: red} cup'
    """
    parts = []
    for text, mark, replaced in pieces:
        was = f"{{was: {printable(replaced)}}}" if replaced else "{inserted}"
        parts.append({"plain": "{0}", "error": "[{0}]{1}", "collateral": "({0})"}[mark].format(printable(text), was))
    return "".join(parts)


def _folders(directory: Path, taxonomy: str | None) -> list[str]:
    folders = row_folders(load_manifest(directory))
    if taxonomy is None:
        return [folder for folder in folders if folder != CLEAN] or folders
    if taxonomy not in folders:
        raise UsageError(f"{directory} has no rows of {taxonomy!r}: it has {', '.join(folders)}")
    return [taxonomy]


def _rows(directory: Path, folders: list[str]) -> Iterator[tuple[str, Row]]:
    """One row of each folder in turn, until all are at their end."""
    streams = [read_rows(directory, folder) for folder in folders]
    while streams:
        for stream in tuple(streams):
            row = next(stream, None)
            if row is None:
                streams.remove(stream)
            else:
                yield row


def _print_coloured(rows: Iterator[tuple[str, Row]]) -> None:
    from rich.console import Console
    from rich.text import Text

    styles = {"plain": "", "error": "bold underline red", "collateral": "dim underline"}
    console = Console(highlight=False)
    for split, row in rows:
        line = Text()
        for text, mark, replaced in pieces_of(row):
            line.append(printable(text), styles[mark])
            if mark == "error":
                line.append(f" (was: {printable(replaced)})" if replaced else " (inserted)", "dim red")
        console.print(line)
        console.print(Text(f"    {_about(split, row)}\n", "dim"))


def _about(split: str, row: Row) -> str:
    kind = "/".join(part for part in (row["taxonomy"], row["subtype"]) if part) or row["kind"]
    evidence = f": {printable(row['evidence'])}" if row["evidence"] else ""
    return f"{printable(row['id'])}  {kind}  {split}  {row['verdict']}{evidence}"


def printable(text: str) -> str:
    """Control characters could steer the terminal."""
    return "".join(char if char.isprintable() or char == "\n" else "\ufffd" for char in text)
