"""The command that builds a dataset again, as its recipe tells it."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping
from typing import Any

DEFAULTS = {
    "limit": None,
    "questions": None,
    "seed": 0,
    "splits": "default",
    "embed_images": "auto",
    "paraphrase_ratio": 0.5,
    "max_guessability": None,
    "target": None,
}
"""Option of ``tldr-data build`` -> its value where it was not given."""


def build_command(manifest: Mapping[str, Any]) -> str:
    """``tldr-data build`` with every option that is not as it always is, one on each line.

    What a recipe does not know is where the source lay: ``PATH`` stands there.
    """
    return " \\\n  ".join(["tldr-data build", *_options(manifest["recipe"], manifest["files"])])


def sources_file(manifest: Mapping[str, Any]) -> str | None:
    """The YAML that ``--config`` reads, where a source has options that the command line does not take."""
    import yaml

    sources = manifest["recipe"]["sources"]
    if not any(set(source) - {"name", "path"} for source in sources):
        return None
    written = [{**source, "path": _path(source)} for source in sources]
    return yaml.safe_dump({"sources": written}, sort_keys=False, allow_unicode=True)


def _options(recipe: Mapping[str, Any], files: Mapping[str, Any]) -> Iterator[str]:
    for name in recipe["taxonomies"]:
        own = f"taxonomies/{name}.yaml"
        yield f"--taxonomy {own if own in files else name}"
    yield from _source_options(recipe["sources"])
    if recipe["llm"]:
        asked = recipe["llm"]
        yield "--perturber llm --llm replay --requests requests.jsonl.zst"
        yield f"--ask {asked['ask']} --judge {asked['judges']}"
        if asked["nli"]:
            yield f"--nli {shlex.quote(asked['nli'])}"
    for name, usual in DEFAULTS.items():
        if recipe[name] != usual:
            yield f"--{name.replace('_', '-')} {recipe[name]}"
    if recipe["pairs"]:
        yield "--pairs"
    if recipe["held_out"]:
        yield "--held-out held_out.txt"


def _source_options(sources: list[Mapping[str, Any]]) -> Iterator[str]:
    if any(set(source) - {"name", "path"} for source in sources):
        yield "--config sources.yaml"
        return
    for source in sources:
        path = _path(source)
        yield f"--source {source['name']}" + (f" --path {path}" if path else "")


def _path(source: Mapping[str, Any]) -> str | None:
    """A repository on the Hub by its commit; of what lay on a disk only a digest is known."""
    path = source["path"]
    return path if path is None or "/" in path else "PATH"
