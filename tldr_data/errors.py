"""What can go wrong, as one tree of exceptions.

    TldrError
    ├── UsageError      the call itself is wrong (exit status 2)
    ├── InputError      a file, a folder or a YAML cannot be used at all (exit status 1)
    │   └── RowError    one row cannot be used: it is reported and skipped
    ├── BuildError      the work failed half-way: what is done is kept (exit status 1)
    └── HubError        the Hub refused, failed or was not reached (exit status 1)

Every message is one line that says what, which value, and what is allowed.
"""


class TldrError(Exception):
    """Base of everything that this package raises on purpose."""


class UsageError(TldrError):
    """The command or the arguments are wrong: nothing was begun."""


class InputError(TldrError):
    """An input cannot be used as a whole."""


class RowError(InputError):
    """One row cannot be used. ``reason`` is snake_case without numbers, so that it can be counted.

    >>> str(RowError("empty_response", "row 7: response is empty"))
    'row 7: response is empty'
    """

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(reason, message)
        self.reason = reason
        self.message = message

    def __str__(self) -> str:
        return self.message


class BuildError(TldrError):
    """The work stopped half-way; the same command continues it."""


class HubError(TldrError):
    """The Hugging Face Hub refused, failed or was not reached; ``status`` is its HTTP status, if it answered."""

    def __init__(self, message: str, status: int | None = None) -> None:
        super().__init__(message)
        self.status = status
