"""Files that sources read: which ones a path means, their lines, and the images beside them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple

from tldr_data.errors import InputError, RowError, UsageError

_TEXT_FOLDER = re.compile(r"annotations|(.*_)?questions?([\d.]*|_.*)", re.IGNORECASE)


class Line(NamedTuple):
    """One line of a JSON-lines file, not parsed yet: that is done by whoever makes the examples."""

    file: str
    number: int
    data: bytes

    @property
    def where(self) -> str:
        return f"{self.file} line {self.number}"


def input_files(source: str, path: Path | None, patterns: Sequence[str]) -> list[Path]:
    """The file at ``path``, or in a folder all files of the first of ``patterns`` that finds any, sorted by name.

    Raises:
        UsageError: there is no path.
        InputError: nothing is there, or the folder holds no such file.
    """
    if path is None:
        raise UsageError(f"source {source!r} needs --path: the file, or the folder with {' or '.join(patterns)}")
    if path.is_file():
        return [path]
    if not path.is_dir():
        raise InputError(f"{path}: no such file or folder")
    for pattern in patterns:
        if found := sorted(path.glob(pattern)):
            return found
    raise InputError(f"{path}: the folder has no file named {' or '.join(patterns)}")


def read_lines(path: Path) -> Iterator[Line]:
    """The lines of a JSON-lines file that are not blank, one at a time.

    Raises:
        InputError: the file cannot be read, or is of another format.
    """
    try:
        with path.open("rb") as file:
            _check_head(path, file.read(4096))
            file.seek(0)
            for number, data in enumerate(file, 1):
                if data := (data.removeprefix(b"\xef\xbb\xbf") if number == 1 else data).strip():
                    yield Line(path.name, number, data)
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror or error}") from error


def _check_head(path: Path, head: bytes) -> None:
    """Tell a wrong format once, instead of as many broken lines as the file has."""
    first = head.removeprefix(b"\xef\xbb\xbf").lstrip().split(b"\n")[0].strip()
    if b"\0" in head or head.startswith(b"\x1f\x8b"):
        raise InputError(f"{path}: is binary; JSON lines are needed: UTF-8 text with one object on each line")
    if first.startswith(b"[") or first == b"{":
        raise InputError(f"{path}: is one JSON value; JSON lines are needed: one object on each line")


def parse_line(line: Line) -> dict[str, Any]:
    """The JSON object on a line.

    Raises:
        RowError: ``bad_encoding``, ``broken_json`` or ``not_an_object``.
    """
    try:
        row = json.loads(line.data.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise RowError("bad_encoding", f"{line.where}: byte {error.start} is not UTF-8") from None
    except json.JSONDecodeError as error:
        raise RowError("broken_json", f"{line.where}: broken JSON: {error.msg} at character {error.pos}") from None
    except (RecursionError, ValueError):  # nested or numbered beyond what Python takes
        raise RowError("broken_json", f"{line.where}: JSON is nested too deeply or has too long a number") from None
    if not isinstance(row, dict):
        raise RowError("not_an_object", f"{line.where}: is not a JSON object")
    return row


def image_folders(file: Path, names: Sequence[str]) -> list[Path]:
    """Where the images of a file may lie: in one of its roots, in one of ``names`` there or loose."""
    return [folder for root in roots(file) for folder in (*(root / name for name in names), root) if folder.is_dir()]


def roots(file: Path) -> list[Path]:
    """Where what belongs to a file may lie: its folder, and what that stands in if it is but a folder for texts.

    >>> [path.name for path in roots(Path("gqa/questions1.2/train_all_questions/train_all_questions_0.json"))]
    ['train_all_questions', 'questions1.2', 'gqa']
    """
    found = [file.parent]
    while _TEXT_FOLDER.fullmatch(found[-1].name):
        found.append(found[-1].parent)
    return found


def find_image(name: str, folders: Sequence[Path]) -> Path | None:
    """The image file of that bare name, or None: many people have the texts of a public set without its images.

    Folders in ``name`` are left out, so that a file cannot point at what lies elsewhere on the disk.
    """
    bare = PurePosixPath(name.replace("\\", "/")).name
    paths = (folder / bare for folder in folders) if bare else ()
    return next((path for path in paths if is_file(path)), None)


def is_file(path: Path) -> bool:
    """Whether a file is there; a name that no file system takes is none."""
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False
