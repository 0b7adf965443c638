"""The one row that a card shows, so that people see what rows look like."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from itertools import islice
from pathlib import Path
from typing import Any

from tldr_data.dataset import CLEAN, Row, read_rows
from tldr_data.labels import BAD
from tldr_data.marks import pieces_of

LOOKED_AT = 100
"""Rows of which the one to be shown is taken."""
LISTED = 8
"""Words, and their labels, that are shown of a longer text."""
CUT_AT = 72
"""Characters of a text that are shown in JSON; the whole stands above it."""
BEFORE = 3
"""Of them, those before the first that is false."""


def shown_row(directory: Path, manifest: Mapping[str, Any]) -> Row | None:
    """The shortest text with an error among the first of the first taxonomy that has rows, a caption if there is one.

    Where no taxonomy has rows it is a clean one, and None only where there are no rows at all.

    Raises:
        InputError: a Parquet file is damaged.
    """
    folders = [folder for folder in (*manifest["taxonomies"], CLEAN) if folder in manifest["rows"]]
    rows = islice(read_rows(directory, folders[0]), LOOKED_AT) if folders else iter(())
    return min((row for _, row in rows), key=lambda row: (row["task"] != "caption", len(row["response"])), default=None)


def plain(text: str) -> str:
    """A text of whatever origin on one line, with nothing in it that Markdown or HTML would take for its own.

    >>> plain("a *b* | c")
    'a \\\\*b\\\\* \\\\| c'
    """
    return re.sub(r"([\\`*_\[\]<>~|#&$])", r"\\\1", re.sub(r"\s+", " ", text))


def marked(row: Row) -> str:
    """The response as Markdown: false words bold, what stood there struck through, words of the grammar in italics."""
    shown = []
    for piece in pieces_of(row):
        text = plain(piece.text)
        if piece.mark == "error":
            text = f"<b>{text}</b>" + (f" <s>{plain(piece.replaced)}</s>" if piece.replaced else "")
        shown.append(f"<i>{text}</i>" if piece.mark == "collateral" else text)
    return "".join(shown)


def row_json(row: Row) -> str:
    """The row as JSON, a line for each column; long texts and lists are cut, and the image is only named."""
    shown: dict[str, Any] = {}
    for name, value in row.items():
        shown[name] = value
        if name == "image_id":
            shown["image"] = "..."
    for name in ("response", "reference"):
        if row[name] and len(row[name]) > CUT_AT:
            shown[name] = f"{row[name][:CUT_AT]}..."
    first = max(0, (row["labels"].index(BAD) if BAD in row["labels"] else 0) - BEFORE)
    for name in ("words", "labels"):
        listed, rest = row[name][first : first + LISTED], row[name][first + LISTED :]
        shown[name] = [*["..."] * bool(first), *listed, *["..."] * bool(rest)]
    lines = (f"  {json.dumps(name)}: {json.dumps(value, ensure_ascii=False)}" for name, value in shown.items())
    return "{\n" + ",\n".join(lines) + "\n}"
