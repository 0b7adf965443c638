"""Fields of a raw row, checked as they are taken out: what is odd becomes a RowError that says where it stands."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tldr_data.errors import RowError
from tldr_data.example import TASKS, ImageTerms, Task

UNKNOWN_LICENSE = "unknown"
"""Where nobody said which."""
MAX_WORDS = 20_000
# Text without spaces (CJK, or rubbish) has no words to count.
MAX_CHARACTERS = 200_000


def text_field(row: Mapping[str, Any], key: str, where: str) -> str | None:
    """The string at ``key``, untouched; None where it is absent or null.

    Raises:
        RowError: it is no string (``wrong_type``), or cannot be written as UTF-8 (``lone_surrogate``).

    >>> text_field({"prompt": "What is it?"}, "prompt", "row 1")
    'What is it?'
    """
    value = row.get(key)
    if value is None:
        return None
    if not isinstance(value, str):
        raise RowError("wrong_type", f"{where}: {key} is {_kind(value)}, a string is needed")
    try:
        value.encode("utf-8")
    except UnicodeEncodeError:
        raise RowError("lone_surrogate", f"{where}: {key} holds a lone surrogate, which is not valid Unicode") from None
    return value


def known_text(row: Mapping[str, Any], key: str) -> str | None:
    """The string at ``key`` of what a row can do without; None where there is none, or none that can be written."""
    try:
        return text_field(row, key, "") or None
    except RowError:
        return None


def true_text(row: Mapping[str, Any], key: str, where: str) -> str:
    """The text that will be the response.

    Raises:
        RowError: it is missing (``missing_<key>``), blank (``empty_<key>``) or absurdly long (``too_long``), or as of
            ``text_field``.
    """
    text = text_field(row, key, where)
    if text is None:
        raise RowError(f"missing_{key}", f"{where}: {key} is missing")
    if not text.strip():
        raise RowError(f"empty_{key}", f"{where}: {key} is empty")
    if len(text) > MAX_CHARACTERS or len(text.split()) > MAX_WORDS:
        raise RowError(
            "too_long",
            f"{where}: {key} has {len(text)} characters; allowed are {MAX_WORDS} words and {MAX_CHARACTERS} characters",
        )
    return text


def id_field(row: Mapping[str, Any], key: str, where: str) -> str | None:
    """An id, a string or an integer in the file; None where it is absent, null or "".

    Raises:
        RowError: as of ``text_field``.
    """
    value = row.get(key)
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return text_field(row, key, where) or None


def needed_id(row: Mapping[str, Any], key: str, where: str) -> str:
    """An id that must be there.

    Raises:
        RowError: it is absent (``missing_id``), or as of ``id_field``.
    """
    value = id_field(row, key, where)
    if value is None:
        raise RowError("missing_id", f"{where}: {key} is missing")
    return value


def image_terms(row: Mapping[str, Any], license: str, attribution: str, where: str) -> ImageTerms | None:
    """What a row says of its image alone (``image_license``, ``image_attribution``, ``image_url``); None if nothing.

    What of it is missing is as of the row: ``license``, ``attribution``.

    Raises:
        RowError: as of ``text_field``.
    """
    said, by, url = (text_field(row, f"image_{name}", where) or None for name in ("license", "attribution", "url"))
    if not (said or by or url):
        return None
    return ImageTerms(said or license, by or attribution, url)


def text_list(row: Mapping[str, Any], key: str, where: str) -> tuple[str, ...]:
    """The strings at ``key``, untouched; () where it is absent or null, and of blank ones none.

    Raises:
        RowError: it is no list (``wrong_type``), or as of ``text_field``.
    """
    value = row.get(key)
    if value is None:
        return ()
    if not isinstance(value, list):
        raise RowError("wrong_type", f"{where}: {key} is {_kind(value)}, a list of strings is needed")
    texts = [text_field({key: text}, key, where) for text in value]
    return tuple(text for text in texts if text and text.strip())


def task_field(row: Mapping[str, Any], where: str) -> Task:
    """The task at ``task``; ``caption`` where it is absent.

    Raises:
        RowError: it is none that there is (``unknown_task``), or as of ``text_field``.
    """
    value = text_field(row, "task", where) or "caption"
    for task in TASKS:
        if value == task:
            return task
    raise RowError("unknown_task", f"{where}: task is {value[:80]!r}: allowed are {', '.join(TASKS)}")


def image_digest(image: bytes | Path, where: str) -> str:
    """16 hex digits that an image is known by, whatever its name.

    Raises:
        RowError: its file cannot be read (``unreadable_image``).
    """
    if isinstance(image, bytes):
        return hashlib.sha256(image).hexdigest()[:16]
    try:
        content = image.read_bytes()
    except OSError as error:
        detail = error.strerror or error
        raise RowError("unreadable_image", f"{where}: image {image} cannot be read: {detail}") from None
    return hashlib.sha256(content).hexdigest()[:16]


def _kind(value: object) -> str:
    """What a JSON author would call it."""
    names = {bool: "true or false", int: "a number", float: "a number", list: "a list", dict: "an object"}
    return names.get(type(value), type(value).__name__)
