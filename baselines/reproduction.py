"""Writes docs/reproduction.md, the paper's tables beside ours: ``python -m baselines.reproduction``."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "reproduction.md"
_HEAD = """# Reproduction

Every table of the paper (TLDR, arXiv 2410.04734 v2), how it is made here, and what came out. Written by
`python -m baselines.reproduction` from `baselines/paper.yaml` and from what `baselines.evaluate` left in `results/`;
where that is missing, it says what it needs. What was run on drawn scenes, with a small model, stands in
[baselines/LOG.md](../baselines/LOG.md).
"""


def render(root: Path = ROOT) -> str:
    """The page, with figures of the evaluations that are below ``root``."""
    tables = yaml.safe_load((Path(__file__).parent / "paper.yaml").read_text(encoding="utf-8"))["tables"]
    return "\n".join([_HEAD, *(_table(table, root) for table in tables)])


def _table(table: Mapping[str, Any], root: Path) -> str:
    lines = [f"## Table{'s' if 'to' in table['number'] or 'and' in table['number'] else ''} {table['number']}", ""]
    lines += [table["about"], "", "The paper:", "", table["paper"].strip(), ""]
    if table["commands"]:
        lines += ["```sh", *table["commands"], "```", ""]
    found = _section(root / table["ours"], table["section"]) if "ours" in table else None
    lines += ["Ours:", "", found] if found else [f"Ours: needs {table['needs']}."]
    lines += [""]
    lines += [f"- {difference.strip()}" for difference in table["differences"]]
    return "\n".join([*lines, ""] if table["differences"] else lines)


def _section(path: Path, title: str) -> str | None:
    """What stands under a heading that begins with ``title``; None where there is no such file."""
    if not path.is_file():
        return None
    parts = path.read_text(encoding="utf-8").split("\n## ")
    return next(part.partition("\n")[2].strip() for part in parts if part.startswith(title))


def main() -> int:
    """The command; returns its exit status."""
    PAGE.write_text(render(), encoding="utf-8")
    print(PAGE)
    return 0


if __name__ == "__main__":
    sys.exit(main())
