"""The command line. What a command needs is imported inside it, so that ``--help`` answers at once."""

from __future__ import annotations

import os
import sys
from io import TextIOWrapper
from typing import Annotated

import typer

from tldr_data import __version__
from tldr_data.commands.build import build
from tldr_data.commands.dataset import audit, check, report, show
from tldr_data.commands.listings import sources, taxonomies
from tldr_data.commands.publish import compare, push
from tldr_data.commands.terminal import complain
from tldr_data.commands.texts import filter, label
from tldr_data.errors import TldrError, UsageError

COMMANDS = (build, label, filter, show, report, audit, check, compare, push, sources, taxonomies)
"""In the order of ``--help``."""

app = typer.Typer(
    name="tldr-data",
    help="Token-labelled hallucination data for vision-language models.",
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


def _print_version(wanted: bool) -> None:
    if wanted:
        print(__version__)
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", help="Print the version and exit.", is_eager=True, callback=_print_version)
    ] = False,
) -> None:
    pass


for command in COMMANDS:
    app.command()(command)


def main() -> None:
    """Entry point: one line for whatever went wrong, and the exit status of docs/data-format.md."""
    if sys.stderr is None:  # closed: print would then take stdout
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        status = app(sys.argv[1:] or ["--help"], prog_name="tldr-data", standalone_mode=False)
    except typer.TyperException as error:
        status = complain(error.format_message(), error.exit_code)
    except TldrError as error:
        status = complain(str(error), 2 if isinstance(error, UsageError) else 1)
    except KeyboardInterrupt:
        status = 130
    except BrokenPipeError:
        # whoever read stdout (head, less) has seen enough; what is left to flush goes nowhere
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        status = 1
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        status = complain(f"{where}{error.strerror or error}", 1)
    except RecursionError:
        status = complain("the input is nested too deeply", 1)
    except UnicodeEncodeError as error:
        status = complain(f"not valid Unicode: {error}", 1)
    if status == 130:
        building = sys.argv[1:2] == ["build"]
        complain(f"stopped{'; what is done is kept, and the same command continues' * building}", 130)
    sys.exit(status if isinstance(status, int) else 0)


if __name__ == "__main__":
    main()
