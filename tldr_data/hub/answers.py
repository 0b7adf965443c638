"""What the Hub answers when something is wrong, in one line that says what can be done."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import cast

from tldr_data.errors import HubError

AGAIN = "the same command goes on where this one stopped"


@contextmanager
def hub_errors(repository: str) -> Iterator[None]:
    """Turn whatever a call of ``huggingface_hub`` raises into a ``HubError``.

    Raises:
        HubError: the Hub refused, failed or was not reached.
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
        if isinstance(cause, HfHubHTTPError):
            raise HubError(*_told(repository, cause)) from cause
        raise HubError(_unanswered(repository, cause)) from cause


def _told(repository: str, error: Exception) -> tuple[str, int | None]:
    from huggingface_hub.errors import EntryNotFoundError, RepositoryNotFoundError, RevisionNotFoundError

    response = getattr(error, "response", None)
    status = getattr(response, "status_code", None)
    said = " ".join(str(getattr(error, "server_message", None) or "").split())[:200]
    if isinstance(error, RevisionNotFoundError):
        return f"{repository}: the Hub has no such version or branch of it", status
    if isinstance(error, EntryNotFoundError):
        return f"{repository}: lacks a file that is asked for: {_address(response)}", status
    if status == 401 and "credentials" in str(error):
        return f"{repository}: the Hub does not know this token; {_no_token()}", status
    if isinstance(error, RepositoryNotFoundError):
        return f"{repository}: the Hub has no such dataset, or this token may not see it", status
    match status:
        case 401:
            return f"{repository}: {_no_token()}", status
        case 403:
            return f"{repository}: this token may not do that; it needs write access to it{_quoted(said)}", status
        case 404:
            return f"{repository}: the Hub knows no such thing{_quoted(said)}", status
        case 409 | 412:
            return f"{repository}: somebody changed it at the same time{_quoted(said)}; {AGAIN}", status
        case 429:
            wait = response.headers.get("Retry-After") if response is not None else None
            when = f" in {wait} s" if wait else " later"
            return f"{repository}: the Hub takes no more requests now (429); try again{when}: {AGAIN}", status
        case int() if status >= 500:
            return f"{repository}: the Hub failed ({status}){_quoted(said)}; {AGAIN}", status
    return f"{repository}: the Hub refused ({status}){_quoted(said)}", status


def _unanswered(repository: str, error: BaseException) -> str:
    from huggingface_hub import constants
    from huggingface_hub.errors import HFValidationError, OfflineModeIsEnabled

    if isinstance(error, OfflineModeIsEnabled) or constants.HF_HUB_OFFLINE:
        return f"{repository}: the Hub is not asked, because HF_HUB_OFFLINE is set"
    if isinstance(error, HFValidationError):
        return f"{repository!r}: is no name of a dataset on the Hub, which is USER/NAME"
    cause = str(error).splitlines()[0] if str(error) else type(error).__name__
    return f"{repository}: the Hub at {constants.ENDPOINT} was not reached ({cause[:200]}); {AGAIN}"


def _address(response: object) -> str:
    return str(getattr(response, "url", "")).partition("?")[0]


def _quoted(said: str) -> str:
    return f": {said!r}" if said else ""


def _no_token() -> str:
    return "set HF_TOKEN to one with write access (https://huggingface.co/settings/tokens), or run `hf auth login`"
