"""Where a server is and the key to it, and how both stay out of whatever is shown or kept."""

from __future__ import annotations

import os
import re
from urllib.parse import urlsplit

from tldr_data.errors import UsageError

VARIABLE = "OPENAI_API_KEY"


class Key:
    """The key in the environment; servers that need none get none."""

    def __init__(self) -> None:
        self._key = os.environ.get(VARIABLE, "").strip()
        if not (self._key.isascii() and self._key.isprintable() and " " not in self._key):
            raise UsageError(f"{VARIABLE} holds a character that no key has: only printable ASCII is allowed")
        # as JSON may write it
        self._written = re.compile("".join(rf"(?:\\?{re.escape(c)}|\\u{ord(c):04x})" for c in self._key), re.IGNORECASE)

    @property
    def headers(self) -> dict[str, str]:
        """What shows it to the server."""
        return {"Authorization": f"Bearer {self._key}"} if self._key else {}

    def strip(self, text: str) -> str:
        """A server's message without the key: some of them repeat it."""
        return self._written.sub("***", text) if self._key else text

    def in_answer(self, text: str) -> bool:
        """Whether a model's answer holds it. "EMPTY", as local servers are given, is no secret, but a word."""
        secret = len(self._key) >= 8 or not self._key.isalnum()
        return bool(self._key) and secret and self._key in text


def checked_address(base: str) -> str:
    """An address as it may be shown: without a query, which may hold a key.

    >>> checked_address("https://example.org/v1?api-version=2026")
    'https://example.org/v1'

    Raises:
        UsageError: it is no address of a server, or holds a password.
    """
    try:
        parts = urlsplit(base)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if usable and "@" in parts.netloc:
        raise UsageError(f"--base-url must hold no user and no password: a key goes into {VARIABLE}")
    if not usable:
        raise UsageError(f"--base-url must look like http://localhost:8000/v1, got {base!r}")
    return f"{parts.scheme}://{parts.netloc}{parts.path}"
