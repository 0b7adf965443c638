"""Which model exactly: ``name@revision`` of a folder or of a repository on the Hub."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from tldr_data.errors import UsageError

WEIGHTS = (".safetensors", ".bin", ".pt", ".pth", ".gguf")
SMALL = (".json", ".jinja", ".txt", ".model")
SLICES = 16
SLICE = 1 << 16


class Model(NamedTuple):
    """A model that can be loaded."""

    name: str
    """``name@revision``; the revision is 12 digits of a digest for a folder, the commit for a repository."""
    path: str
    """The folder, or the name of the repository."""
    commit: str | None
    folder: Path | None
    """Where its files lie; None for a repository of which only the configuration was fetched."""


def find_model(model: str) -> Model:
    """The model in a folder, in the cache of the Hub, or on the Hub (only then is the network used).

    Raises:
        UsageError: there is none.
    """
    folder = Path(model).expanduser()
    if folder.is_dir():
        if not (folder / "config.json").is_file():
            raise UsageError(f"--model {model}: there is no config.json in this folder")
        return Model(f"{folder.resolve().name}@{digest_of(folder)}", str(folder), None, folder)
    snapshot = _snapshot(model)
    has_weights = any(path.suffix in WEIGHTS for path in snapshot.iterdir())
    return Model(f"{model}@{snapshot.name}", model, snapshot.name, snapshot if has_weights else None)


def digest_of(folder: Path) -> str:
    """12 hex digits over what shapes the answers of a model, wherever the folder lies.

    Configuration, tokenizer and chat template count whole, weights by name, size and some slices: enough to tell
    models apart, without reading hundreds of gigabytes.
    """
    digest = hashlib.sha256()
    for path in sorted(folder.iterdir(), key=lambda path: path.name):
        if path.suffix in WEIGHTS + SMALL and path.is_file():
            digest.update(f"{path.name}\0{path.stat().st_size}\0".encode())
            for part in _slices(path) if path.suffix in WEIGHTS else [path.read_bytes()]:
                digest.update(part)
    return digest.hexdigest()[:12]


def _slices(path: Path) -> Iterator[bytes]:
    size = path.stat().st_size
    with path.open("rb") as file:
        for number in range(SLICES):
            file.seek(max(0, size - SLICE) * number // (SLICES - 1))
            yield file.read(SLICE)


def _snapshot(model: str) -> Path:
    from huggingface_hub import hf_hub_download, try_to_load_from_cache

    try:
        # What is there stays what it is, whatever the Hub has by now: a resumed build asks the same model.
        cached = try_to_load_from_cache(model, "config.json")
        found = cached if isinstance(cached, str) else hf_hub_download(model, "config.json")
    except (OSError, ValueError) as error:  # the bases of what the Hub's client raises
        reason = str(error).strip().partition("\n")[0]
        raise UsageError(
            f"--model {model} is no folder here, and the Hub gives no model of this name: {reason}"
        ) from error
    return Path(found).parent
