"""The commands on pairs of texts: ``label`` and ``filter``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tldr_data.commands.terminal import complain, cpu_count, fail_if
from tldr_data.errors import InputError

Input = Annotated[str, typer.Argument(metavar="IN.jsonl|-", help="Rows as JSON lines; - is stdin.")]
Output = Annotated[Path | None, typer.Option("--output", "-o", metavar="OUT", help="Write here instead of stdout.")]


def label(input: Input, output: Output = None) -> None:
    """Label the words of texts by comparing each with its reference."""
    from tldr_data.label import label_file

    _tell_bad_rows(*label_file(_input_path(input), output, cpu_count()))


def filter(input: Input, output: Output = None) -> None:
    """Say of each changed text whether to keep it, and the reason if not."""
    from tldr_data.filters import filter_file

    _tell_bad_rows(*filter_file(_input_path(input), output))


def _tell_bad_rows(number: int, first: str) -> None:
    if number:
        rows = "1 row" if number == 1 else f"{number} rows"
        complain(f"{rows} came back with an error, the first: {first}", 1)
    fail_if(number > 0)


def _input_path(name: str) -> Path | None:
    """None is stdin."""
    if name == "-":
        return None
    path = Path(name)
    if path.is_dir():
        raise InputError(f"{path}: is a folder; expected a file of JSON lines")
    if not path.exists():
        raise InputError(f"{name}: no such file")
    return path
