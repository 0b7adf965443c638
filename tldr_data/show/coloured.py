"""Rows as people read them: what is false in red beside what was true, and below what is known of the row."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from rich.console import Console, Group
from rich.padding import Padding
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from tldr_data.dataset import Row
from tldr_data.marks import Piece, pieces_of
from tldr_data.show import kind_of, plain_text, printable
from tldr_data.show.pager import paged

if TYPE_CHECKING:
    from rich.console import RenderableType

FALSE, TRUE, GRAMMAR = "bold red", "green strike", "italic yellow"
VERDICTS = {"proved": "green", "judged": "cyan", "unverified": "yellow", "none": "dim"}
MOST_WIDTH = 100
"""Columns that text takes: longer lines are hard to read."""


def print_coloured(rows: Iterator[tuple[str, Row]]) -> None:
    """Print rows to the terminal, in its pager where it has one, until the reader has seen enough."""
    terminal = Console(highlight=False)
    with paged(terminal) as console:
        is_plain = console.no_color or console.color_system is None
        if not is_plain:
            console.print(_legend(), end="\n\n")
        for number, (split, row) in enumerate(rows, 1):
            console.print(_row(number, split, row, is_plain), width=min(console.width, MOST_WIDTH))


def _legend() -> Text:
    return Text.assemble(
        ("false", FALSE), " in place of ", ("what is true", TRUE), ", ", ("changed for the grammar only", GRAMMAR)
    )


def _row(number: int, split: str, row: Row, is_plain: bool) -> RenderableType:
    title = Text.assemble((f"{number} ", "dim"), (kind_of(row), "bold"), f" {split}")
    pieces = pieces_of(row)
    said = Text(plain_text(pieces)) if is_plain else marked(pieces)
    return Group(
        Rule(title, align="left", style="dim"),
        Padding(said, (0, 0, 1, 2), expand=False),
        Padding(_about(row), (0, 0, 1, 2), expand=False),
    )


def marked(pieces: list[Piece]) -> Text:
    """A response, with what stood there before each false word.

    >>> marked([Piece("A ", "plain"), Piece("blue", "error", "red"), Piece(" cup", "plain")]).plain
    'A red blue cup'
    """
    line = Text()
    for text, mark, replaced in pieces:
        if mark == "error" and replaced:
            line.append(printable(replaced), TRUE)
            line.append(" ")
        line.append(printable(text), {"plain": "", "error": FALSE, "collateral": GRAMMAR}[mark])
    return line


def _plain(text: str) -> Text:
    """Not what Rich would read as markup."""
    return Text(printable(text))


def _rewordings(row: Row) -> Iterator[str]:
    for edit in row["edits"]:
        yield f"{row['reference'][edit['start'] : edit['end']] or 'nothing'} -> {edit['replacement'] or 'nothing'}"


def _about(row: Row) -> Table:
    """What is known of a row, one line for each thing that it has."""
    verdict = Text(row["verdict"], VERDICTS[row["verdict"]])
    if row["evidence"]:
        verdict.append(f": {printable(row['evidence'])}", "default")
    table = Table.grid(padding=(0, 2))
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    if row["prompt"]:
        table.add_row("prompt", _plain(row["prompt"]))
    if row["kind"] == "paraphrase":
        table.add_row("reworded", _plain("; ".join(_rewordings(row))))
    table.add_row("image", _plain(row["image_id"]) if row["image_id"] else Text("none", "dim"))
    table.add_row("verdict", verdict)
    table.add_row("id", _plain(row["id"]))
    return table
