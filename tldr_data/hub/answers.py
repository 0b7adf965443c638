"""What the Hub answers when something is wrong, in one line that says what can be done."""

from __future__ import annotations

import errno
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast

from tldr_data.errors import HubError

AGAIN = "the same command goes on where this one stopped"
CHANGED = "somebody changed it at the same time"


_DISK = {errno.ENOSPC, errno.EROFS, errno.EACCES, errno.EPERM, errno.EIO} | {getattr(errno, "EDQUOT", errno.ENOSPC)}
"""What the system says of a disk of this machine, not of the network."""


@contextmanager
def hub_errors(repository: str, kind: str = "dataset") -> Iterator[None]:
    """Turn whatever a call of ``huggingface_hub`` raises into a ``HubError``, without the token.

    ``kind`` is what the repository holds: a dataset or a model.

    Raises:
        HubError: the Hub refused, failed or was not reached, or what it sent cannot be written here.
    """
    from huggingface_hub.errors import HfHubHTTPError, LocalTokenNotFoundError

    # errors of its HTTP library, whichever that is in this version; xet and uploads raise RuntimeError, a name that is
    # none ValueError
    transport = cast("tuple[type[Exception], ...]", HfHubHTTPError.__bases__)
    unanswered: tuple[type[Exception], ...] = (*transport, OSError, RuntimeError, ValueError)
    try:
        yield
    except LocalTokenNotFoundError as error:
        raise HubError(f"{repository}: {_no_token()}") from error
    except unanswered as error:
        cause = error.__cause__ if isinstance(error, RuntimeError) and error.__cause__ else error
        told, status = _told(repository, kind, cause) if isinstance(cause, HfHubHTTPError) else (None, None)
        raise HubError(_without_token(told or _unanswered(repository, kind, cause)), status) from cause


def _told(repository: str, kind: str, error: Exception) -> tuple[str, int | None]:
    from huggingface_hub.errors import (
        EntryNotFoundError,
        GatedRepoError,
        RepositoryNotFoundError,
        RevisionNotFoundError,
    )

    response = getattr(error, "response", None)
    status = getattr(response, "status_code", None)
    said = " ".join(str(getattr(error, "server_message", None) or "").split())[:200]
    if isinstance(error, RevisionNotFoundError):
        return f"{repository}: the Hub has no such version or branch of it", status
    if isinstance(error, EntryNotFoundError):
        return f"{repository}: lacks a file that is asked for: {_address(response)}", status
    if isinstance(error, GatedRepoError):
        return f"{repository}: is gated: ask for access at {_page(repository, kind)}, then {_no_token()}", status
    if status == 401 and "credentials" in str(error):
        return f"{repository}: the Hub does not know this token; {_no_token()}", status
    if isinstance(error, RepositoryNotFoundError):
        # who comes without a token is not told which of the two it is
        missing = "or it is private: then" if status == 401 else "or this token may not see it"
        return f"{repository}: the Hub has no such {kind}, {missing}{f' {_no_token()}' * (status == 401)}", status
    return f"{repository}: {_refusal(status, response, _quoted(said))}", status


def _refusal(status: int | None, response: Any, said: str) -> str:
    match status:
        case 401:
            return _no_token()
        case 403:
            return f"this token may not do that; it needs write access to it{said}"
        case 404:
            return f"the Hub knows no such thing{said}"
        case 409 | 412:
            return f"{CHANGED}{said}; {AGAIN}"
        case 429:
            return f"the Hub takes no more requests now (429); try again {_when(response)}: {AGAIN}"
        case int() if status >= 500:
            return f"the Hub failed ({status}){said}; {AGAIN}"
    return f"the Hub refused ({status}){said}"


def _when(response: Any) -> str:
    """The Hub has a header of its own for it (``RateLimit: "api";r=0;t=55``), others have the usual one."""
    headers = response.headers if response is not None else {}
    limit = re.search(r"\bt=(\d+)", headers.get("RateLimit") or "")
    wait = headers.get("Retry-After") or (limit and limit[1])
    return f"in {wait} s" if wait else "later"


def _unanswered(repository: str, kind: str, error: BaseException) -> str:
    from huggingface_hub import constants
    from huggingface_hub.errors import HFValidationError, OfflineModeIsEnabled

    if isinstance(error, OfflineModeIsEnabled) or constants.HF_HUB_OFFLINE:
        return f"{repository}: the Hub is not asked, because HF_HUB_OFFLINE is set"
    if isinstance(error, HFValidationError):
        return f"{repository!r}: is no name of a {kind} on the Hub, which is USER/NAME"
    if isinstance(error, UnicodeEncodeError):  # of a header
        return f"{repository}: HF_TOKEN is no token: it holds characters that none has"
    if isinstance(error, OSError) and error.errno in _DISK:
        where = f"{error.filename}: " if error.filename else ""
        return f"{repository}: {where}{error.strerror}; {AGAIN}"
    cause = " ".join(str(error).split())[:300] or type(error).__name__
    if isinstance(error, RuntimeError | ValueError):
        return f"{repository}: the Hub failed ({cause}); {AGAIN}"
    return f"{repository}: the Hub at {constants.ENDPOINT} was not reached ({cause}); {AGAIN}"


def _without_token(message: str) -> str:
    """HTTP libraries quote a header that they cannot send."""
    from huggingface_hub import get_token

    for token in filter(None, (get_token(), repr(get_token() or "")[1:-1])):
        message = message.replace(token, "***")
    return message


def _address(response: object) -> str:
    return str(getattr(response, "url", "")).partition("?")[0]


def _page(repository: str, kind: str) -> str:
    from huggingface_hub import constants

    return f"{constants.ENDPOINT}/{'datasets/' if kind == 'dataset' else ''}{repository}"


def _quoted(said: str) -> str:
    return f": {said!r}" if said else ""


def _no_token() -> str:
    return "set HF_TOKEN to one with write access (https://huggingface.co/settings/tokens), or run `hf auth login`"
