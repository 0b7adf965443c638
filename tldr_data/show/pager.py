"""The pager of a terminal: the program that ``$PAGER`` names, or ``less``."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from rich.console import Console

LESS = "FRX"
"""What git gives it as well: ends where all fits on the screen, knows colours, leaves what was read on the screen."""


class _Console(Console):
    """Rich ends the whole process where a pager is ended by its reader."""

    def on_broken_pipe(self) -> None:
        raise BrokenPipeError


@contextmanager
def paged(terminal: Console) -> Iterator[Console]:
    """What to print to: a pager with the terminal's width and colours, or the terminal itself where there is none.

    What is printed reaches the reader while it is made. When the reader ends the pager, the block ends.
    """
    process = _started(terminal)
    if process is None:
        yield terminal
        return
    try:
        with suppress(BrokenPipeError, KeyboardInterrupt):
            yield _Console(
                file=process.stdin,
                force_terminal=True,
                color_system=terminal.color_system,  # type: ignore[arg-type]
                no_color=terminal.no_color,
                width=terminal.width,
                legacy_windows=False,
                highlight=False,
            )
    finally:
        _finish(process)


def _started(terminal: Console) -> subprocess.Popen[str] | None:
    command = os.environ.get("PAGER", shutil.which("less") or "").strip()
    if not command or command == "cat" or terminal.is_dumb_terminal:
        return None
    if Path(command.split()[0]).stem == "less":
        command += " -R"  # of the user's own $LESS it may not be a part
    try:
        return subprocess.Popen(
            shlex.split(command) if os.name != "nt" else command,
            stdin=subprocess.PIPE,
            env={"LESS": LESS, **os.environ},
            text=True,
            encoding=terminal.encoding,
            errors="backslashreplace",
        )
    except (OSError, ValueError):  # no such program, or quotes that do not end
        return None


def _finish(process: subprocess.Popen[str]) -> None:
    """Let the reader read to the end; Ctrl-C is the pager's."""
    with suppress(OSError):
        assert process.stdin
        process.stdin.close()
    while True:
        try:
            process.wait()
            return
        except KeyboardInterrupt:
            continue
