"""Speed and memory of ``tldr-data label`` beside the same job written plainly: ``python benchmarks/label.py``.

Whole processes, JSON in and out, taking turns; then the diff alone; then peak memory at three sizes of input.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any

from random_edits_data import docci_texts, fixed_length, random_pair

from tldr_data.alignment import changed_blocks
from tldr_data.diff import diff
from tldr_data.labels import BAD, GOOD, IGNORE, WORD

ROUNDS = 3
OURS = [sys.executable, "-c", "from tldr_data.cli import main; main()", "label"]
ONE_PROCESS = [
    sys.executable,
    "-c",
    "import sys; from pathlib import Path; from tldr_data.label import label_file;"
    " label_file(Path(sys.argv[1]), Path(sys.argv[3]), 1)",
]
PLAIN = [sys.executable, __file__, "--plain"]


def plain_label(reference: str, response: str) -> dict[str, Any]:
    """What one writes with the standard library: difflib over the words, every word that it changes is BAD."""
    old, new = list(WORD.finditer(reference)), list(WORD.finditer(response))
    words = [match[0] for match in new]
    labels = [GOOD] * len(words)
    edits, errors = [], []
    matcher = SequenceMatcher(
        None, [match[0].lower() for match in old], [word.lower() for word in words], autojunk=False
    )
    for tag, i, i_end, j, j_end in matcher.get_opcodes():
        if tag == "equal":
            continue
        start = old[i].start() if i < i_end else (old[i - 1].end() if i else 0)
        end = old[i_end - 1].end() if i < i_end else start
        written = (new[j].start(), new[j_end - 1].end()) if j < j_end else (0, 0)
        edits.append({"start": start, "end": end, "replacement": response[written[0] : written[1]]})
        if j < j_end:
            errors.append({"start": written[0], "end": written[1], "replaced": reference[start:end]})
            labels[j:j_end] = [BAD] * (j_end - j)
        else:
            for k in (j - 1, j):
                if 0 <= k < len(labels):
                    labels[k] = IGNORE
    return {"edits": edits, "errors": errors, "collateral": [], "words": words, "labels": labels}


def plain_file(source: Path, target: Path) -> None:
    with open(source, encoding="utf-8") as lines, open(target, "w", encoding="utf-8") as out:
        for line in lines:
            row = json.loads(line)
            out.write(json.dumps(row | plain_label(row["reference"], row["response"]), ensure_ascii=False) + "\n")


def make_pairs(count: int) -> list[tuple[str, str]]:
    """Pairs of 150-word texts with 1 to 4 random edits."""
    texts, rng, pairs = docci_texts(), random.Random("label speed"), []
    while len(pairs) < count:
        pair = random_pair(fixed_length(texts, 150, rng), texts, rng.randint(1, 4), rng)
        if pair:
            pairs.append((pair.reference, pair.response))
    return pairs


def write_rows(path: Path, pairs: list[tuple[str, str]], count: int) -> None:
    with open(path, "w", encoding="utf-8") as out:
        for number in range(count):
            reference, response = pairs[number % len(pairs)]
            out.write(json.dumps({"id": number, "reference": reference, "response": response}) + "\n")


def wall_time(command: list[str], source: Path, target: Path) -> float:
    start = time.perf_counter()
    subprocess.run(_with_files(command, source, target), check=True, cwd=Path(__file__).parents[1])
    return time.perf_counter() - start


def _with_files(command: list[str], source: Path, target: Path) -> list[str]:
    return [*command, str(source), "-o", str(target)]


def peak_memory(command: list[str], source: Path, target: Path) -> float:
    """MB of the largest process of the command (POSIX only)."""
    # Started from a small process: what a process inherits when forked counts as its own peak.
    code = (
        "import resource, subprocess, sys; subprocess.run(sys.argv[1:], check=True);"
        " print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
    )
    launcher = [sys.executable, "-c", code, *_with_files(command, source, target)]
    run = subprocess.run(launcher, check=True, cwd=Path(__file__).parents[1], capture_output=True, text=True)
    return int(run.stdout) / (1024 if sys.platform != "darwin" else 1024**2)


def per_pair(work: Callable[[Any, Any], Any], pairs: list[tuple[Any, Any]]) -> float:
    """Microseconds for one pair, the best of some rounds."""
    times = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        for reference, response in pairs:
            work(reference, response)
        times.append(time.perf_counter() - start)
    return min(times) / len(pairs) * 1e6


def compare_processes(folder: Path, rows: int) -> None:
    commands = {"difflib, plainly": PLAIN, "tldr-data label": OURS, "  in one process": ONE_PROCESS}
    times: dict[str, list[float]] = {name: [] for name in commands}
    for _ in range(ROUNDS):
        for name, command in commands.items():
            times[name].append(wall_time(command, folder / "in.jsonl", folder / "out.jsonl"))
    plain = statistics.median(times["difflib, plainly"])
    print(f"{rows:,} pairs, whole processes, median (best) of {ROUNDS} rounds in turn")
    for name, walls in times.items():
        median = statistics.median(walls)
        print(f"  {name:18}{median:7.2f} s ({min(walls):.2f}){plain / median:7.1f} x")


def compare_diffs(pairs: list[tuple[str, str]]) -> None:
    lists = [tuple([match[0].lower() for match in WORD.finditer(text)] for text in pair) for pair in pairs]
    figures = {
        "words aligned": (
            per_pair(lambda a, b: SequenceMatcher(None, a, b, autojunk=False).get_opcodes(), lists),
            per_pair(changed_blocks, lists),
        ),
        "texts to spans": (per_pair(plain_label, pairs), per_pair(diff, pairs)),
    }
    print(f"the diff alone, microseconds a pair, best of {ROUNDS} rounds{'difflib':>14}{'ours':>8}")
    for name, (plain, ours) in figures.items():
        print(f"  {name:52}{plain:10.1f}{ours:8.1f}{plain / ours:8.1f} x")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=20_000)
    parser.add_argument("--plain", metavar="IN", type=Path, help="only do the job with difflib (the other process)")
    parser.add_argument("-o", dest="out", type=Path)
    options = parser.parse_args()
    if options.plain:
        plain_file(options.plain, options.out)
        return
    pairs = make_pairs(min(options.rows, 20_000))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_rows(folder / "in.jsonl", pairs, options.rows)
        compare_processes(folder, options.rows)
        compare_diffs(pairs[:2000])
        if os.name == "posix":
            print("peak memory of the largest process")
            for rows in (options.rows // 10, options.rows, options.rows * 5):
                write_rows(folder / "in.jsonl", pairs, rows)
                peak = peak_memory(OURS, folder / "in.jsonl", folder / "out.jsonl")
                print(f"  {rows:>9,} rows{peak:8.0f} MB")


if __name__ == "__main__":
    main()
