"""What the commands of this folder share: one line for an error, and nothing on stdout but what they give."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable

from tldr_data.errors import TldrError, UsageError


def status_of(work: Callable[[], object]) -> int:
    """The exit status of a command that does ``work`` and prints what it gives: 0, 1 failed, 2 wrong usage."""
    _quieten()
    try:
        print(work())
    except TldrError as error:
        print(f"error: {_own(str(error))}", file=sys.stderr)
        return 2 if isinstance(error, UsageError) else 1
    except OSError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("stopped: the same command goes on, or begins anew", file=sys.stderr)
        return 130
    return 0


def _own(message: str) -> str:
    """A process that loads data sends its traceback as the message: the last line is what happened.

    >>> _own("Caught InputError in DataLoader worker process 0.\\nOriginal ...\\ntldr_data.errors.InputError: a: b: c")
    'a: b: c'
    """
    return message.splitlines()[-1].partition(": ")[2] if message.startswith("Caught ") else message


def _quieten() -> None:
    """What others print while they work."""
    from datasets import disable_progress_bars
    from transformers.utils import logging

    # peft 0.21 asks transformers 5.23 for something by its old name
    warnings.filterwarnings("ignore", ".is_gradient_checkpointing.", FutureWarning)
    disable_progress_bars()
    logging.set_verbosity_error()
    logging.disable_progress_bar()
