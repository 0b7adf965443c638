"""What text alone betrays of drawn scenes, and of the same scenes when nothing holds the rules to the source's words.

    python benchmarks/shortcuts.py [--limit 5000] [--max-guessability 0.58]

Builds all taxonomies, and prints how many perturbed rows are proved and the AUC of the text-only probe for words and
texts; ``--max-guessability 1`` leaves nothing out. The control makes rows of the same captions by the same rules, but
of all words that may stand at a site it takes those that the source never writes there: a probe that tells nothing
apart there would be blind.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from tldr_data.building.perturbers import TRIES
from tldr_data.building.usages import read_usages, write_usages
from tldr_data.dataset import Row, row_of
from tldr_data.example import Example
from tldr_data.manifest import load_manifest
from tldr_data.perturb import Usages, perturb
from tldr_data.perturb.usage import Usage
from tldr_data.probe import Guess, by_taxonomy, guess, text_instances, word_instances
from tldr_data.sources import open_source, read
from tldr_data.taxonomy import Taxonomy, load_taxonomies
from tldr_data.verify import verify


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--limit", type=int, default=5000)
    parser.add_argument("--max-guessability", type=float, default=0.58)
    parser.add_argument("--control", type=int, default=1000, help="captions of the control")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        print_build(Path(folder) / "scenes", options.limit, options.max_guessability)
        print_control(Path(folder), options.control)


def print_build(out: Path, limit: int, most: float) -> None:
    """Build all taxonomies of the scenes, and print what the manifest says."""
    command = [sys.executable, "-m", "tldr_data.cli", "build", "--taxonomy", "all", "--embed-images", "no"]
    command += ["--max-guessability", str(most)]
    subprocess.run([*command, "--limit", str(limit), "--out", str(out)], check=True)
    manifest = load_manifest(out)
    verdicts: Counter[str] = Counter()
    for counts in manifest["taxonomies"].values():
        verdicts.update(counts["verdicts"])
    left = sum(counts["rejected"].get("guessable", 0) for counts in manifest["taxonomies"].values())
    print(f"{limit:,} scenes: {verdicts.total():,} perturbed rows, {verdicts['proved']:,} of them proved", end="")
    print(f"; {left:,} left out, of whose error the probe was surer than {most}")
    found = {name: figures and Guess(**figures) for name, figures in manifest["shortcuts"]["taxonomies"].items()}
    print_guesses({name: Guess(**manifest["shortcuts"][name]) for name in ("words", "texts")} | found)


def print_control(work: Path, limit: int) -> None:
    """The same of rows whose words come from outside the source's distribution."""
    source, taxonomies = open_source("scenes", path=None, seed=0, limit=limit), load_taxonomies(["all"])
    write_usages(source, taxonomies, work)
    usages = {name: {key: unused(usage) for key, usage in found.items()} for name, found in read_usages(work).items()}
    captions = [item for item in read(source) if isinstance(item, Example) and item.task == "caption"]
    rows = [row for caption in captions for row in rows_of(caption, taxonomies, usages)]
    words = word_instances(rows)
    print(f"control, {len(captions):,} captions: {len(rows) - len(captions):,} perturbed rows")
    print_guesses({"words": guess(words), "texts": guess(text_instances(rows)), **by_taxonomy(words)})


def unused(usage: Usage) -> Usage:
    """Usage in which only what the source never writes is ever said."""
    offered = frozenset[str]().union(*usage.choices.values())
    return Usage.from_json(
        {**usage.to_json(), "beside": {}, "terms": dict.fromkeys(sorted(offered - usage.terms.keys()), 1)}
    )


def rows_of(caption: Example, taxonomies: list[Taxonomy], usages: dict[str, Usages]) -> Iterator[Row]:
    """A caption as a clean row, and of each taxonomy the first row that its facts prove."""
    yield row_of(caption)
    for taxonomy in taxonomies:
        candidates = islice(perturb(caption, taxonomy, 0, usages[taxonomy.name]), TRIES)
        yield from islice((row_of(each) for each in candidates if verify(each).verdict == "proved"), 1)


def print_guesses(found: dict[str, Guess | None]) -> None:
    """A line each."""
    for name, each in found.items():
        told = (
            f"AUC {each.auc:.3f} ({each.low:.3f} to {each.high:.3f}), n = {each.bad + each.good:,}"
            if each
            else "too few"
        )
        print(f"  {name:16}{told}")


if __name__ == "__main__":
    main()
