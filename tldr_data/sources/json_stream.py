"""JSON files of any size, one value at a time."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from tldr_data.errors import InputError

BLOCK = 1 << 20
# An escaped half of a surrogate pair without its other half.
LONE_SURROGATE = re.compile(
    rb"\\u[dD][89abAB][0-9a-fA-F]{2}(?!\\u[dD][c-fC-F])|(?<!\\u[dD][89abAB][0-9a-fA-F]{2})\\u[dD][c-fC-F]"
)


def values(path: Path, prefix: str, noun: str) -> Iterator[Any]:
    """The values at an ijson prefix, such as ``data.item``; ``noun`` is what one of them is called in a message.

    Raises:
        InputError: the file cannot be read, or breaks off: then after the values before the break.
    """
    return _read(path, "items", prefix, noun)


def entries(path: Path, noun: str) -> Iterator[tuple[str, Any]]:
    """Keys and values of the object that a file holds, as ``values``; a key that stands twice comes twice."""
    return _read(path, "kvitems", "", noun)


def _read(path: Path, function: str, prefix: str, noun: str) -> Iterator[Any]:
    from ijson.common import JSONError

    number = 0
    try:
        with path.open("rb") as file:
            read = getattr(backend_for(file), function)
            rewind(file)
            for value in read(file, prefix, use_float=True):
                number += 1
                yield value
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror or error}") from error
    except (JSONError, UnicodeDecodeError) as error:
        raise broken(path, noun, number, error) from None


def broken(path: Path, noun: str, number: int, error: Exception) -> InputError:
    """What is said of a file that breaks off after its ``number``-th value."""
    if not path.stat().st_size:
        return InputError(f"{path}: is empty")
    return InputError(f"{path}: JSON is broken or cut off after {noun} {number}: {_first_line(error)}")


def backend_for(file: IO[bytes]) -> Any:
    """ijson, with a parser that keeps what stands in the file.

    The fast one turns a lone surrogate into "?" without a word; the one in Python keeps it.
    """
    import ijson

    return ijson.get_backend("python") if _has_lone_surrogate(file) else ijson


def rewind(file: IO[bytes]) -> None:
    """To the first byte, or past a byte order mark."""
    file.seek(0)
    if file.read(3) != b"\xef\xbb\xbf":
        file.seek(0)


def _has_lone_surrogate(file: IO[bytes]) -> bool:
    file.seek(0)
    data, begins, block = b"", True, file.read(BLOCK)
    while block:
        # 18 bytes of what came before: a match that was too near to the end to be sure of, and what stands before it
        data, block = data[-18:] + block, file.read(BLOCK)
        ends = not block
        # most files hold no such escape at all, which is found out much faster
        if (b"\\ud" in data or b"\\uD" in data) and any(
            (begins or match.start() >= 6) and (ends or match.end() + 6 <= len(data))
            for match in LONE_SURROGATE.finditer(data)
        ):
            return True
        begins = False
    return False


def _first_line(error: Exception) -> str:
    detail = error.args[0] if error.args else ""
    text = detail.decode("utf-8", "replace") if isinstance(detail, bytes) else str(error)
    return text.split("\n")[0][:100]
