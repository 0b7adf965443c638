"""What all commands share: their common arguments, and how they end."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

Dataset = Annotated[str, typer.Argument(metavar="DIR|REPO@VERSION", help="A finished build, here or on the Hub.")]
Folder = Annotated[Path, typer.Argument(metavar="DIR", help="Folder of a finished build.")]
AsJson = Annotated[bool, typer.Option("--json", help="JSON on stdout, for machines.")]


def complain(message: str, status: int) -> int:
    """Say on stderr what is wrong, in one line; gives the status back."""
    print(f"tldr-data: {one_line(message)}", file=sys.stderr)
    return status


def one_line(text: str) -> str:
    """What others wrote (ids, names of columns) breaks no line and steers no terminal.

    >>> one_line("a\\n b\\x1b[2J")
    'a b\ufffd[2J'
    """
    return "".join(char if char.isprintable() else "\ufffd" for char in " ".join(text.split()))


def fail_if(failed: bool) -> None:
    """End with exit status 1 where something failed."""
    if failed:
        raise typer.Exit(1)


def print_json(value: Any) -> None:
    """One line on stdout."""
    print(json.dumps(value, ensure_ascii=False))


def quiet_unless_watched() -> None:
    """No progress bars of the Hub's client where nobody looks at a terminal."""
    if not sys.stderr.isatty():
        from huggingface_hub.utils.tqdm import disable_progress_bars

        disable_progress_bars()


def cpu_count() -> int:
    """CPUs that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
