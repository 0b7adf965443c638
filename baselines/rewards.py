"""Rewards that models gave, kept beside the tables: a comparison that was stopped goes on with what it has."""

from __future__ import annotations

import hashlib
import json
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any

from baselines.checkpoint import read_settings
from baselines.predict import Images, predict
from baselines.predictions import Predictions, gather, read_predictions, write_predictions
from baselines.responses import Responses, Row
from baselines.weights import fingerprint
from tldr_data.atomic import file_digest

_VERSIONS = ("torch", "transformers", "tldr-data")
_AT_ONCE = 512


def rewards_of(model: str, responses: Responses, images: Images, path: Path) -> Predictions:
    """What the model in a folder says of the responses, from ``path`` if that holds it, else written there.

    ``path`` with ``.json`` behind it tells what the rewards are of: weights, settings, rows, versions. Where any of it
    is another now, the model is asked again. Raises what ``baselines.predict.predict`` raises.
    """
    told = json.dumps(_origin(Path(model), responses, images), indent=2)
    record = path.with_name(f"{path.name}.json")
    if not (path.is_file() and record.is_file() and record.read_text(encoding="utf-8") == told):
        print(f"{path.stem}: {responses.name}, images {images}", file=sys.stderr)
        record.unlink(missing_ok=True)
        write_predictions(path, predict(model, responses, images))
        record.write_text(told, encoding="utf-8")
    return gather(read_predictions(path))


def _origin(model: Path, responses: Responses, images: Images) -> dict[str, Any]:
    files = sorted(path for path in model.iterdir() if path.suffix in (".json", ".jinja", ".safetensors"))
    return {
        "model": {path.name: file_digest(path) for path in files},
        "base": fingerprint(read_settings(model).base),
        "responses": _digest(responses),
        "images": images,
        "versions": {name: version(name) for name in _VERSIONS},
    }


def _digest(responses: Responses) -> str:
    """Of all that a row says, and of its image: of one and the same image's rows the first has it."""
    found, seen = hashlib.sha256(), -1
    for begin in range(0, len(responses.images), _AT_ONCE):
        numbers = responses.images[begin : begin + _AT_ONCE].tolist()
        for number, row in zip(numbers, responses.at(range(begin, begin + len(numbers))), strict=True):
            found.update(_plain(row, with_image=number != seen))
            seen = number
    return found.hexdigest()


def _plain(row: Row, *, with_image: bool) -> bytes:
    image = row["image"] or {}
    told = {name: value for name, value in row.items() if name != "image"} | {"path": image.get("path")}
    stored = (image.get("bytes") or b"") if with_image else b""
    return json.dumps(told, sort_keys=True, default=str).encode() + hashlib.sha256(stored).digest()
