"""The commands that say what there is: ``sources`` and ``taxonomies``."""

from __future__ import annotations

from typing import Annotated

import typer

from tldr_data.commands.terminal import AsJson, print_json


def sources(
    name: Annotated[str | None, typer.Argument(metavar="[NAME]", help="Say all of this one.")] = None,
    as_json: AsJson = False,
) -> None:
    """List the sources, or say what one needs, where to get it, under which licence."""
    from tldr_data.sources.about import source_dicts, source_lines

    if as_json:
        print_json(source_dicts(name))
    else:
        print("\n".join(source_lines(name)))


def taxonomies(
    name: Annotated[str | None, typer.Argument(metavar="[NAME|PATH]", help="Print all of this one.")] = None,
    as_json: AsJson = False,
) -> None:
    """List the shipped taxonomies, or print one."""
    from tldr_data.taxonomy import load_taxonomies

    loaded = load_taxonomies([name or "all"])
    if as_json:
        print_json([taxonomy.model_dump(mode="json") for taxonomy in loaded])
    elif name is None:
        for taxonomy in loaded:
            print(f"{taxonomy.name}\t{' '.join(taxonomy.definition.split())}")
    else:
        import yaml

        for taxonomy in loaded:
            written = taxonomy.model_dump(mode="json", exclude_defaults=True)
            print(yaml.safe_dump(written, sort_keys=False, allow_unicode=True), end="")
