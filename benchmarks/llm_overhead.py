"""What asking costs around the model: ours against other clients, on a server that answers at once.

    python benchmarks/llm_overhead.py --peer datatrove=PYTHON --peer curator=PYTHON ...

5,000 structured edits of captions, 64 at a time, each client a whole process from its start to its exit: with its log
of answers, pydantic validation and Parquet. Client and server share two cores; the runs are interleaved, the median of
three counts. Then once with 200 ms for an answer, where 64 at a time make 320 requests/s at best, and 5,000 times the
same request. PYTHON is the interpreter of an environment that holds the peer; ``--peer`` alone says how to make them.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple
from urllib.request import urlopen

from llm_overhead_peers import TAXONOMY
from random_edits_data import coco_texts, made_texts

from tldr_data.perturb.asked import instructions
from tldr_data.taxonomy import load_taxonomies

HERE = Path(__file__).parent
CONCURRENCY = 64
DELAY = 0.2
IDEAL = CONCURRENCY / DELAY
OURS = ("tldr-data", "tldr-data build")
PEERS = {
    # the extra [inference] wants vLLM and SGLang, also for a server that is elsewhere
    "datatrove": "datatrove==0.10.1 aiofiles aiosqlite orjson pyarrow pydantic xxhash",
    "curator": "bespokelabs-curator==0.1.31",
    "data-designer": "data-designer==0.9.6",
    "distilabel": "'distilabel[openai,instructor]==1.5.3'",
}
QUIET = {
    "TELEMETRY_ENABLED": "false",  # curator
    "NEMO_TELEMETRY_ENABLED": "false",  # data-designer
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "DO_NOT_TRACK": "1",
    "HF_HUB_OFFLINE": "1",
    "OPENAI_API_KEY": "none",
}


class Run(NamedTuple):
    """One process, and what the server saw of it."""

    wall: float
    cpu: float
    megabytes: float
    rows: int
    stats: dict[str, Any]

    @property
    def asking(self) -> float:
        """Requests a second between the first and the last."""
        return (self.stats["requests"] - 1) / self.stats["seconds"] if self.stats["seconds"] else 0.0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--peer", action="append", nargs="?", const="", default=[], metavar="NAME=PYTHON")
    parser.add_argument("--requests", type=int, default=5000)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--only", action="append", choices=["instant", "slow", "same"], help="of the three tables")
    options = parser.parse_args()
    pythons = dict(each.split("=", 1) for each in options.peer if each)
    if unknown := pythons.keys() - PEERS.keys():
        parser.error(f"unknown peer {sorted(unknown)}: known are {', '.join(PEERS)}")
    for name in [name for name in PEERS if name not in pythons]:
        print(f"absent: {name}; for it: python -m venv {name} && {name}/bin/pip install {PEERS[name]}, then")
        print(f"  --peer {name}={name}/bin/python")
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:2])
    clients = {**dict.fromkeys((*OURS, "aiohttp"), sys.executable), **pythons}
    os.environ.update(QUIET | tiktoken_files(pythons))
    with tempfile.TemporaryDirectory() as folder:
        prompts = write_prompts(Path(folder), options.requests)
        wanted = options.only or ["instant", "slow", "same"]
        if "instant" in wanted:
            compare(clients, prompts, options.repeats)
        if "slow" in wanted:
            compare_slow(clients, prompts)
        if "same" in wanted:
            ask_the_same(clients, Path(folder), options.requests)


def tiktoken_files(pythons: Mapping[str, str]) -> dict[str, str]:
    """Where curator and data-designer find the file that they download otherwise: curator's litellm brings it."""
    environment = Path(pythons.get("curator", "")).parents[1:2]
    found = [str(each) for folder in environment for each in folder.glob("lib/*/site-packages/litellm/**/tokenizers")]
    return {"TIKTOKEN_CACHE_DIR": found[0]} if found else {}


def write_prompts(folder: Path, number: int) -> Path:
    """The prompts that all clients get: what ours asks for edits of real captions where they are there."""
    captions = list(dict.fromkeys(coco_texts()))
    if len(captions) < number:
        captions = list(dict.fromkeys(made_texts(2 * number, 1)))
    system = instructions(load_taxonomies([TAXONOMY])[0], "edits")
    print(f"{number:,} captions of {sum(len(c.split()) for c in captions) / len(captions):.0f} words", end="")
    print(f" behind an instruction of {len(system.split())}, {CONCURRENCY} requests at a time")
    return write_rows(folder / "prompts.jsonl", system, captions[:number])


def write_rows(path: Path, system: str, captions: list[str]) -> Path:
    """A prompt a line, and beside it the captions for the source ``jsonl``."""
    rows = [{"id": f"row/{n}", "system": system, "prompt": text} for n, text in enumerate(captions)]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    captions_of(path).write_text("".join(json.dumps({"response": text}) + "\n" for text in captions), encoding="utf-8")
    return path


def captions_of(prompts: Path) -> Path:
    """Where the captions of the prompts stand."""
    return prompts.with_suffix(".captions.jsonl")


def compare(clients: Mapping[str, str], prompts: Path, repeats: int) -> None:
    """Print requests a second of whole processes, and what they took."""
    found: dict[str, list[Run]] = {name: [] for name in clients}
    for _ in range(repeats):
        for name, python in clients.items():
            found[name].append(run(name, python, prompts, 0.0))
    rates = {name: median(each.stats["requests"] / each.wall for each in runs) for name, runs in found.items()}
    print(f"\nserver answers at once, median of {repeats}, whole process")
    print(f"{'client':18}{'requests/s':>11}{'of ours':>9}{'while asking':>14}{'CPU ms a request':>18}", end="")
    print(f"{'RSS MB':>8}{'asked':>8}{'rows':>7}")
    for name, runs in found.items():
        cost = median(1000 * each.cpu / each.stats["requests"] for each in runs)
        asking = median(each.asking for each in runs)
        print(f"{name:18}{rates[name]:11,.0f}{rates[name] / rates[OURS[0]]:9.2f}{asking:14,.0f}{cost:18.2f}", end="")
        print(f"{median(each.megabytes for each in runs):8.0f}{runs[-1].stats['requests']:8,}{runs[-1].rows:7,}")


def compare_slow(clients: Mapping[str, str], prompts: Path) -> None:
    """Print which share of the ideal rate each reaches between its first and its last request."""
    print(f"\n{DELAY * 1000:.0f} ms an answer, ideal {IDEAL:.0f} requests/s")
    print(f"{'client':18}{'requests/s':>11}{'of ideal':>9}{'most at once':>14}{'whole process, requests/s':>27}")
    for name, python in clients.items():
        each = run(name, python, prompts, DELAY)
        print(f"{name:18}{each.asking:11,.1f}{each.asking / IDEAL:9.1%}{each.stats['most_at_once']:14}", end="")
        print(f"{each.stats['requests'] / each.wall:27,.1f}")


def ask_the_same(clients: Mapping[str, str], folder: Path, number: int) -> None:
    """Print how many of many identical requests reach the server."""
    system = instructions(load_taxonomies([TAXONOMY])[0], "edits")
    prompts = write_rows(folder / "same.jsonl", system, ["A man in a red jacket rides a snowboard."] * number)
    print(f"\n{number:,} times the same request, {DELAY * 1000:.0f} ms an answer")
    print(f"{'client':18}{'asked':>8}{'rows':>8}")
    for name, python in clients.items():
        if name != "tldr-data build":  # it reads a caption that comes again as one
            each = run(name, python, prompts, DELAY)
            print(f"{name:18}{each.stats['requests']:8,}{each.rows:8,}")


def run(name: str, python: str, prompts: Path, delay: float) -> Run:
    """One client from its start to its exit.

    Raises:
        SystemExit: it failed; what it said is printed.
    """
    with tempfile.TemporaryDirectory() as folder, serving(delay) as url:
        out, said = Path(folder) / "out", Path(folder) / "said.txt"
        out.mkdir()
        environment = {**os.environ, "HOME": folder}
        with said.open("wb") as file:
            began = time.perf_counter()
            process = subprocess.Popen(
                command_of(name, python, prompts, out, url), env=environment, cwd=folder, stdout=file, stderr=file
            )
            _, status, used = os.wait4(process.pid, 0)
            wall = time.perf_counter() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode not in (0, 1) or not list(out.glob("**/*.parquet")):
            raise SystemExit(f"{name} failed:\n{said.read_text(errors='replace')[-3000:]}")
        with urlopen(url.removesuffix("/v1") + "/stats") as answer:
            stats = json.load(answer)
        return Run(wall, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, rows_in(out), stats)


def command_of(name: str, python: str, prompts: Path, out: Path, url: str) -> list[str]:
    """How a client is started."""
    if name != "tldr-data build":
        clients = str(HERE / "llm_overhead_peers.py")
        return [python, clients, name, "--url", url, "--prompts", str(prompts), "--out", str(out)]
    return [
        *(python, "-m", "tldr_data.cli", "build", "--taxonomy", TAXONOMY, "--source", "jsonl"),
        *("--path", str(captions_of(prompts)), "--embed-images", "no"),
        *("--perturber", "llm", "--llm", "openai", "--model", "instant", "--base-url", url, "--ask", "edits"),
        *("--judge", "none", "--paraphrase-ratio", "0", "--out", str(out / "build")),
    ]


@contextmanager
def serving(delay: float) -> Iterator[str]:
    """A server of its own for each run; its address."""
    command = [sys.executable, str(HERE / "llm_server.py"), "--delay", str(delay)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().strip()
        finally:
            process.kill()


def rows_in(out: Path) -> int:
    """Rows of the Parquet files that a client leaves; of a build those whose edit its filters kept."""
    import pyarrow.parquet as pq

    files = [*out.glob("rows.parquet"), *out.glob("rows/**/*.parquet"), *out.glob(f"build/{TAXONOMY}/*.parquet")]
    return sum(pq.read_metadata(file).num_rows for file in files)


if __name__ == "__main__":
    main()
