"""Caption edits a second of the rule path, on two cores: ``python benchmarks/caption_edits.py``.

An edit is a perturbed row that may be kept: made by the rules of all taxonomies with the source's own use of words,
filtered, and labelled word by word. Two processes share the captions; each is measured whole, from its start on, with
all that it loads. Where captions are repeated, no cache holds so many texts that it would still know the first ones.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

from filter_data import DATA

from tldr_data.building.perturbers import TRIES
from tldr_data.building.usages import read_usages, write_usages
from tldr_data.dataset import row_of
from tldr_data.errors import RowError
from tldr_data.example import Example
from tldr_data.filters import find_duplicate, find_reason
from tldr_data.perturb import Usages, perturb
from tldr_data.perturb.parse import parse
from tldr_data.sources import open_source, read
from tldr_data.taxonomy import Taxonomy, load_taxonomies

CAPTIONS = DATA / "coco_captions"
PROCESSES = 2
SEED = 0
STAGES = ("parse", "rules", "filter", "label")
MODES = {"first": "first of each taxonomy, as a build", "all": "every site"}


class Rules(NamedTuple):
    """What the edits are made by."""

    taxonomies: list[Taxonomy]
    usages: dict[str, Usages]
    every_site: bool


def make_edits(example: Example, rules: Rules, lap: Callable[[str], None]) -> int:
    """How many edits of a caption may be kept; ``lap`` hears what was just done."""
    parse(example.response)
    lap("parse")
    kept: set[str] = set()
    for taxonomy in rules.taxonomies:
        candidates = perturb(example, taxonomy, SEED, rules.usages[taxonomy.name])
        for candidate in candidates if rules.every_site else islice(candidates, TRIES):
            lap("rules")
            reason = find_duplicate(candidate.response, kept) or find_reason(
                example.response, candidate.response, taxonomy, candidate.errors
            )
            lap("filter")
            if reason is None:
                row_of(candidate)
                kept.add(candidate.response)
                lap("label")
                if not rules.every_site:
                    break
        lap("rules")
    return len(kept)


def read_captions(share: int, shares: int) -> list[Example]:
    """Every ``shares``-th caption from one on."""
    found = read(open_source("coco", path=CAPTIONS, seed=SEED, limit=None))
    return [each for each in islice(found, share, None, shares) if not isinstance(each, RowError)]


def work(share: int, mode: str, repeats: int, usages: Path) -> None:
    """One process: its share of the captions, and what came of it as JSON."""
    rules = Rules(load_taxonomies(["all"]), read_usages(usages), mode == "all")
    captions = read_captions(share, PROCESSES)
    make_edits(captions[0], rules, str)  # loads the lexicons
    began = time.process_time()
    edits = sum(make_edits(example, rules, str) for _ in range(repeats) for example in captions)
    spent = time.process_time() - began
    print(json.dumps({"edits": edits, "captions": repeats * len(captions), "cpu": spent, "loading": began}))


def measure(mode: str, repeats: int, usages: Path) -> dict[str, float]:
    """Both processes together: edits, captions, wall and CPU seconds."""
    command = [sys.executable, __file__, "--mode", mode, "--repeats", str(repeats), "--usages", str(usages), "--share"]
    began = time.perf_counter()
    running = [subprocess.Popen([*command, str(i)], stdout=subprocess.PIPE, text=True) for i in range(PROCESSES)]
    answers: list[dict[str, Any]] = [json.loads(process.communicate()[0]) for process in running]
    wall = time.perf_counter() - began
    return {"wall": wall, **{name: sum(answer[name] for answer in answers) for name in answers[0]}}


def stage_shares(captions: list[Example], rules: Rules) -> dict[str, float]:
    """Share of the CPU time of each stage, in this process."""
    spent = dict.fromkeys(STAGES, 0.0)
    last = time.process_time()

    def lap(stage: str) -> None:
        nonlocal last
        now = time.process_time()
        spent[stage] += now - last
        last = now

    for example in captions:
        make_edits(example, rules, lap)
    return {stage: seconds / sum(spent.values()) for stage, seconds in spent.items()}


def compare(repeats: int, usages: Path) -> None:
    """Count the source's use of words as a build does, then print a line for each mode."""
    taxonomies = load_taxonomies(["all"])
    write_usages(open_source("coco", path=CAPTIONS, seed=SEED, limit=None), taxonomies, usages)
    print(f"{PROCESSES} processes, whole{'edits':>28}{'wall s':>9}{'edits/s':>9}{'captions/s':>12}", end="")
    print(f"{'CPU ms an edit':>16}{'a caption':>11}{'loading s':>11}")
    for mode, name in MODES.items():
        found = measure(mode, repeats, usages)
        rates = (found["edits"] / found["wall"], found["captions"] / found["wall"])
        costs = (1000 * found["cpu"] / found["edits"], 1000 * found["cpu"] / found["captions"])
        print(f"  {name:36}{found['edits']:10,.0f}{found['wall']:9.1f}{rates[0]:9,.0f}{rates[1]:12,.0f}", end="")
        print(f"{costs[0]:16.3f}{costs[1]:11.3f}{found['loading'] / PROCESSES:11.1f}")
    rules = Rules(taxonomies, read_usages(usages), every_site=False)
    captions = read_captions(0, PROCESSES)
    shares = stage_shares(captions[:1000], rules)
    print("CPU time: " + ", ".join(f"{stage} {100 * share:.0f}%" for stage, share in shares.items()))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=2, help="times that all captions are edited")
    parser.add_argument("--share", type=int, help="only do one process's share (the other process)")
    parser.add_argument("--mode", choices=MODES, default="first")
    parser.add_argument("--usages", type=Path)
    options = parser.parse_args()
    if not CAPTIONS.is_dir():
        print(f"skipped: no data in {CAPTIONS}")
    elif options.share is not None:
        work(options.share, options.mode, options.repeats, options.usages)
    else:
        with tempfile.TemporaryDirectory() as folder:
            compare(options.repeats, Path(folder))


if __name__ == "__main__":
    main()
