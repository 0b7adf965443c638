"""Where a backbone's weights are: a folder, or a name on the Hub with a revision that fixes its bytes."""

from __future__ import annotations

import os
from pathlib import Path

from tldr_data.atomic import file_digest
from tldr_data.errors import InputError
from tldr_data.hub.answers import hub_errors

# Llama's repositories hold the weights a second time, in a format that nothing here reads.
_PATTERNS = ["*.json", "*.safetensors", "*.jinja", "*.model", "merges.txt"]
_IGNORED = ["original/*", "onnx/*"]


def local_folder(source: str) -> Path:
    """``source`` itself if it is a folder; else the local copy of NAME or NAME@REVISION, fetched if it is not there.

    Raises:
        InputError: it is neither a folder nor such a name.
        HubError: the Hub has no such model, does not give it to this token, or does not answer.
    """
    if os.path.isdir(source):
        return Path(source)
    name, _, revision = source.partition("@")
    if name.count("/") > 1 or name.startswith((".", "/", "~")) or os.path.isabs(name):
        raise InputError(f"{source}: neither a folder nor a name on the Hub, as in google/paligemma-3b-mix-448")
    from huggingface_hub import snapshot_download

    with hub_errors(name, "model"):
        folder = snapshot_download(name, revision=revision or None, allow_patterns=_PATTERNS, ignore_patterns=_IGNORED)
    return Path(folder)


def pinned(source: str, folder: Path) -> str:
    """``source`` with the commit that ``folder`` holds, so that the same bytes are found again; a folder stays one.

    >>> pinned("user/name", Path("snapshots/1a2b"))
    'user/name@1a2b'
    """
    return source if os.path.isdir(source) else f"{source.partition('@')[0]}@{folder.name}"


def fingerprint(weights: str) -> str | dict[str, str]:
    """What fixes the bytes: on the Hub the commit that ``pinned`` puts into the name, of a folder its files' digests.

    >>> fingerprint("user/name@1a2b")
    'user/name@1a2b'
    """
    if not os.path.isdir(weights):
        return weights
    return {path.name: file_digest(path) for path in sorted(Path(weights).glob("*.safetensors"))}
