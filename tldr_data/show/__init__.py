"""Rows of a dataset in the terminal: for people in colour, a page at a time; for scripts as plain text or JSON."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from io import TextIOWrapper

from tldr_data.dataset import Row
from tldr_data.marks import Piece, pieces_of
from tldr_data.show.choosing import FEW, Wanted, chosen_rows


def show(place: str, wanted: Wanted, as_json: bool) -> None:
    """Print rows of a dataset, which lies in a folder or on the Hub.

    On a terminal, in its pager, all of them unless ``wanted`` has a limit; elsewhere, and at random, ``FEW``.

    Raises:
        UsageError: the dataset has no such rows.
        InputError: it is no finished build, or a file cannot be read.
    """
    if isinstance(sys.stdout, TextIOWrapper):
        # a terminal of few characters still shows the rest
        sys.stdout.reconfigure(errors="backslashreplace")
    is_read = sys.stdout.isatty() and not as_json
    if wanted.limit is None and (wanted.seed is not None or not is_read):
        wanted = replace(wanted, limit=FEW)
    rows = chosen_rows(place, wanted)
    if is_read:
        from tldr_data.show.coloured import print_coloured

        print_coloured(rows)
        return
    for split, row in rows:
        print(_json(split, row) if as_json else f"{plain_text(pieces_of(row))}\n    {_about(split, row)}\n")


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


def printable(text: str) -> str:
    """Control characters could steer the terminal."""
    return "".join(char if char.isprintable() or char == "\n" else "\ufffd" for char in text)


def kind_of(row: Row) -> str:
    """``taxonomy/subtype``, as far as the row has them; else its kind.

    >>> kind_of({"taxonomy": "spatial", "subtype": "side", "kind": "perturbed"})
    'spatial/side'
    """
    names = (row["taxonomy"] or (row["kind"] if row["subtype"] else None), row["subtype"])
    return printable("/".join(name for name in names if name) or row["kind"])


def _json(split: str, row: Row) -> str:
    takes_unicode = (sys.stdout.encoding or "").lower().startswith("utf")
    return json.dumps({**row, "split": split}, ensure_ascii=not takes_unicode)


def _about(split: str, row: Row) -> str:
    kind = "/".join(part for part in (row["taxonomy"], row["subtype"]) if part) or row["kind"]
    evidence = f": {printable(row['evidence'])}" if row["evidence"] else ""
    return f"{printable(row['id'])}  {kind}  {split}  {row['verdict']}{evidence}"
