"""Images as ``datasets`` gives them undecoded: bytes, or the path of a file of the dataset."""

from __future__ import annotations

from pathlib import Path, PurePosixPath
from typing import Any

from tldr_data.errors import RowError
from tldr_data.sources.files import is_file

HUB = "hf://"


def image_content(value: Any, base: str, where: str) -> bytes | Path | None:
    """The encoded image, or the local file that holds it; None where there is none.

    ``base`` is the dataset: no image is taken from elsewhere, whatever a row says.

    Raises:
        RowError: the value is no image (``wrong_type``), or no such file is there (``missing_image``).
    """
    if isinstance(value, dict) and {"bytes", "path"} & set(value):
        value = value.get("path") if value.get("bytes") is None else value["bytes"]
    if value is None or value == "":
        return None
    if isinstance(value, bytes):
        return value
    if not isinstance(value, str):
        raise RowError("wrong_type", f"{where}: image is {type(value).__name__}; bytes or a path is needed")
    return _on_hub(value, base, where) if base.startswith(HUB) else _on_disk(value, base, where)


def _on_disk(name: str, base: str, where: str) -> Path:
    try:
        path, folder = (Path(base) / name).resolve(), Path(base).resolve()
        inside = path.is_relative_to(folder)
    except (OSError, ValueError):  # no name of a file
        inside = False
    if not inside or not is_file(path):
        raise RowError("missing_image", f"{where}: no image file {name[:200]!r} in {base}")
    return path


def _on_hub(name: str, base: str, where: str) -> bytes:
    import fsspec  # type: ignore[import-untyped]

    inside = name.split("::")[-1].startswith(f"{base}/")
    # what is packed in an archive of the dataset is named "zip://IMAGE::hf://..."
    url = name if inside else f"{base}/{name}"
    if ("://" in name and not inside) or ".." in PurePosixPath(url).parts:
        raise RowError("missing_image", f"{where}: image {name[:200]!r} is no file of the dataset")
    try:
        with fsspec.open(url, "rb") as file:
            return bytes(file.read())
    except Exception as error:  # of whatever file systems a URL goes through
        cause = f"{type(error).__name__}: {error}".splitlines()[0]
        raise RowError("missing_image", f"{where}: image {name[:200]!r} cannot be read: {cause}") from None
