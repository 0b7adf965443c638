"""Build the made-up Visual Genome and its captions at several scales, killed on the way, and check what came out.

    python benchmarks/scale.py [--scales 0.01 0.1 1] [--kills 2] [--folder DIR] [--workers 2] [--sources jsonl]

Everything runs in processes of its own: the generator (once for a scale), the build by rules of all taxonomies over the
sources, killed with SIGKILL at random times and started again, and ``tldr-data check``. The smallest scale is first
built without a kill: that tells how long the others may take, and which content hash must come out of the killed one.
Memory is read from /proc: the peak of the sum over all processes of a build, and the largest process's own. Where there
is no /proc, CPU time and the largest process are what the system says of all children so far, and the sum is missing.
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

from process_tree_data import Used, run_watched

HERE = Path(__file__).parent
CLEAN, PARAPHRASE = "clean", "paraphrase"
SOURCES = {"visual_genome": ".", "jsonl": "captions.jsonl"}
MB = 10**6


class Built(NamedTuple):
    """A finished build."""

    content_hash: str
    clean: int
    perturbed: int
    used: Used
    kills: int


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--scales", type=float, nargs="+", default=[0.01], help="shares of the full size")
    parser.add_argument("--kills", type=int, default=2)
    parser.add_argument("--folder", type=Path, help="where all is kept; without it, in a folder that is removed")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--sources", nargs="+", choices=SOURCES, default=list(SOURCES))
    parser.add_argument("--seed", type=int, default=0, help="of the times of the kills")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.folder or Path(temporary)
        sound = measure(folder, sorted(options.scales), options)
    sys.exit(0 if sound else 1)


def measure(folder: Path, scales: list[float], options: argparse.Namespace) -> bool:
    """Run all scales, print a line for each, and tell whether every check passed."""
    rows_a_second, sound = 0.0, True
    first_rate = 0.0
    print(HEADER, flush=True)
    for scale in scales:
        genome, generated = generate(folder, scale)
        command = build_command(genome, options)
        if not rows_a_second and options.kills:
            straight = build(command, folder / f"{scale}-unkilled", [])
            rows_a_second = rate(straight)
            print_line(scale, generated, straight, first_rate, "not run")
        # a guess from the scale before; a build that is done earlier is killed less often
        expected = straight.used.seconds * scale / scales[0] if options.kills else 0.0
        built = build(command, folder / str(scale), kill_times(expected, options, scale))
        first_rate = first_rate or rate(built)
        passed = check(folder / str(scale))
        print_line(scale, generated, built, first_rate, "passed" if passed else "FAILED")
        if options.kills and scale == scales[0]:
            same = built.content_hash == straight.content_hash
            print(
                f"    content hash {built.content_hash[:16]}: {'the same' if same else 'NOT THE SAME'} without a kill"
            )
            sound &= same
        sound &= passed
    return sound


def generate(folder: Path, scale: float) -> tuple[Path, float]:
    """The made-up genome of a scale, and the seconds that it took; nothing where it is already there."""
    genome = folder / f"genome-{scale}"
    if genome.is_dir():
        return genome, 0.0
    partial = folder / f"genome-{scale}.part"
    used = run_watched([sys.executable, str(HERE / "made_up_genome.py"), str(partial), "--scale", str(scale)])
    partial.rename(genome)
    return genome, used.seconds


def build_command(genome: Path, options: argparse.Namespace) -> list[str]:
    command = [sys.executable, "-m", "tldr_data.cli", "build", "--taxonomy", "all", "--workers", str(options.workers)]
    for name in options.sources:
        command += ["--source", name, "--path", str(genome / SOURCES[name])]
    return command


def kill_times(expected: float, options: argparse.Namespace, scale: float) -> list[float]:
    """Seconds from the start of the first run to each kill."""
    rng = random.Random(f"{options.seed}/{scale}")
    return sorted(expected * rng.uniform(0.1, 0.9) for _ in range(options.kills))


def build(command: list[str], out: Path, kills: list[float]) -> Built:
    """Build, killed at these times, until it is done; the same command goes on each time.

    Raises:
        subprocess.CalledProcessError: a build failed that was not killed.
    """
    used, killed = Used(), 0
    for kill_at in [*kills, None]:
        rest = None if kill_at is None else max(kill_at - used.seconds, 0.0)
        run = run_watched([*command, "--out", str(out)], kill_after=rest)
        used = used.and_then(run)
        killed += run.killed
        if not run.killed:
            break
    manifest = json.loads((out / "manifest.json").read_text(encoding="utf-8"))
    counts = {name: sum(splits.values()) for name, splits in manifest["rows"].items()}
    perturbed = sum(count for name, count in counts.items() if name not in (CLEAN, PARAPHRASE))
    return Built(manifest["content_hash"], counts.get(CLEAN, 0), perturbed, used, killed)


def check(out: Path) -> bool:
    found = subprocess.run([sys.executable, "-m", "tldr_data.cli", "check", str(out)], capture_output=True, text=True)
    if found.returncode:
        print(found.stdout + found.stderr, file=sys.stderr)
    return found.returncode == 0


def rate(built: Built) -> float:
    """Perturbed rows a second."""
    return built.perturbed / built.used.seconds


HEADER = (
    "   scale  generate      clean  perturbed   build s     CPU s    rows/s  to first"
    "   all MB  largest MB  kills  check"
)


def print_line(scale: float, generated: float, built: Built, first_rate: float, checked: str) -> None:
    used, own = built.used, rate(built)
    together = f"{used.peak_together / MB:8,.0f}" if used.peak_together else "     n/a"
    largest = f"{used.peak_largest / MB:11,.0f}" if used.peak_largest else "        n/a"
    relation = f"{own / first_rate:9.2f}" if first_rate else "         "
    counts = f"{scale:8g} {generated:8.1f}s {built.clean:10,} {built.perturbed:10,}"
    times = f"{used.seconds:9.1f} {used.cpu_seconds:9.1f} {own:9.1f} {relation}"
    print(f"{counts} {times} {together} {largest} {built.kills:6}  {checked}", flush=True)


if __name__ == "__main__":
    main()
