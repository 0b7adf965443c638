"""What a command and all processes that it starts take: seconds, CPU seconds, memory."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

EVERY = 0.2
"""Seconds between two looks at the processes."""
LEAVING = 30.0
"""Seconds in which the children of a killed process must be gone."""
PROC = Path("/proc")


class Used(NamedTuple):
    """Wall and CPU seconds; bytes at the peak of all processes together, and of the largest (0: not known)."""

    seconds: float = 0.0
    cpu_seconds: float = 0.0
    peak_together: int = 0
    peak_largest: int = 0
    killed: bool = False

    def and_then(self, later: Used) -> Used:
        """Both runs, one after the other."""
        return Used(
            self.seconds + later.seconds,
            self.cpu_seconds + later.cpu_seconds,
            max(self.peak_together, later.peak_together),
            max(self.peak_largest, later.peak_largest),
            self.killed or later.killed,
        )


class _Tree:
    """Looks at a process and all below it, from time to time."""

    def __init__(self, root: int) -> None:
        self.root = root
        self.seen: set[int] = {root}
        self.cpu: dict[int, float] = {}
        self.together = self.largest = 0

    def look(self) -> None:
        parents = {pid: fields for pid in _pids() if (fields := _stat(pid))}
        alive = [pid for pid in sorted(parents) if self._is_ours(pid, parents)]
        self.seen.update(alive)
        together = 0
        for pid in alive:
            self.cpu[pid] = max(self.cpu.get(pid, 0.0), parents[pid][1])
            memory = _memory(pid)
            together += memory.get("VmRSS", 0)
            self.largest = max(self.largest, memory.get("VmHWM", 0))
        self.together = max(self.together, together)

    def _is_ours(self, pid: int, parents: dict[int, tuple[int, float]]) -> bool:
        while pid in parents and pid not in self.seen:
            pid = parents[pid][0]
        return pid in self.seen

    def left(self) -> list[int]:
        """Those of its processes that still run."""
        return [pid for pid in self.seen if pid != self.root and _stat(pid)]


def run_watched(command: list[str], *, kill_after: float | None = None) -> Used:
    """Run a command, kill -9 it after some seconds unless it is done by then, and wait until its children are gone.

    Raises:
        subprocess.CalledProcessError: it failed, and was not killed.
        RuntimeError: children of a killed process go on.
    """
    begin, before = time.monotonic(), _cpu_of_children()
    with tempfile.TemporaryFile("w+", encoding="utf-8") as log:
        process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT)
        tree = _Tree(process.pid) if PROC.is_dir() else None
        killed = False
        while process.poll() is None:
            if tree:
                tree.look()
            if kill_after is not None and time.monotonic() - begin >= kill_after and not killed:
                process.kill()
                killed = True
            time.sleep(EVERY)
        killed = killed and process.returncode != 0
        if process.returncode and not killed:
            log.seek(0)
            sys.stderr.write(log.read()[-4000:])
            raise subprocess.CalledProcessError(process.returncode, command)
    if killed and tree:
        _wait_for_children(tree)
    seconds = time.monotonic() - begin
    if tree:
        return Used(seconds, sum(tree.cpu.values()), tree.together, tree.largest, killed)
    return Used(seconds, _cpu_of_children() - before, 0, _largest_child(), killed)


def _wait_for_children(tree: _Tree) -> None:
    until = time.monotonic() + LEAVING
    while left := tree.left():
        if time.monotonic() > until:
            raise RuntimeError(f"processes {left} go on {LEAVING:g} seconds after the one that started them was killed")
        time.sleep(EVERY)


def _pids() -> list[int]:
    return [int(name) for name in os.listdir(PROC) if name.isdecimal()]


def _stat(pid: int) -> tuple[int, float] | None:
    """Parent and CPU seconds of a process that runs."""
    try:
        text = (PROC / str(pid) / "stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    # the name, in parentheses, may hold anything
    fields = text.rpartition(")")[2].split()
    return (
        None if fields[0] in "ZX" else (int(fields[1]), (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK"))
    )


def _memory(pid: int) -> dict[str, int]:
    """Bytes by name, as ``VmRSS`` and ``VmHWM``."""
    try:
        lines = (PROC / str(pid) / "status").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return {}
    return {line.split(":")[0]: int(line.split()[1]) * 1024 for line in lines if line.startswith(("VmRSS:", "VmHWM:"))}


def _cpu_of_children() -> float:
    times = os.times()
    return times.children_user + times.children_system


def _largest_child() -> int:
    """Of all children so far: macOS tells it in bytes, Windows not at all."""
    try:
        import resource
    except ImportError:
        return 0
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024
