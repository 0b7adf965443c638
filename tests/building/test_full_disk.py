"""File systems that stop taking data: one clear line, nothing that looks whole, and the same command continues."""

import errno
import io
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tldr_data.building.plan import Plan
from tldr_data.check import find_faults
from tldr_data.errors import BuildError, InputError
from tldr_data.pipeline import build

MakePlan = Callable[..., Plan]
Contents = Callable[[Path], dict[str, bytes]]


class Disk:
    """Lets ``room`` calls through, then fails every one."""

    def __init__(self, room: int, code: int) -> None:
        self.room, self.code, self.calls = room, code, 0

    def guard(self, function: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **options: Any) -> Any:
            self.calls += 1
            if self.calls > self.room:
                raise OSError(self.code, os.strerror(self.code))
            return function(*arguments, **options)

        return call

    def install(self, patch: pytest.MonkeyPatch) -> None:
        patch.setattr(os, "fsync", self.guard(os.fsync))
        patch.setattr(os, "replace", self.guard(os.replace))


def moments(plan: Plan, monkeypatch: pytest.MonkeyPatch) -> int:
    disk = Disk(10**9, 0)
    with monkeypatch.context() as patch:
        disk.install(patch)
        build(plan)
    return disk.calls


def test_a_disk_that_fails_at_any_moment_loses_nothing(
    built: Path,
    captions_file: Path,
    tmp_path: Path,
    make_plan: MakePlan,
    contents: Contents,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    last = moments(make_plan(captions_file, tmp_path / "whole", chunk_rows=40), monkeypatch) - 1
    assert last > 25
    # the very last moment comes after the manifest: what fails there fails on something whole
    for room in range(0, last, 4):
        code = (errno.ENOSPC, errno.EROFS, errno.EACCES)[room % 3]
        plan = make_plan(captions_file, tmp_path / str(room), chunk_rows=40)
        line = f"^cannot write {re.escape(str(plan.out))}.*: {os.strerror(code)}; .* the same command continues$"
        with monkeypatch.context() as patch:
            Disk(room, code).install(patch)
            with pytest.raises(BuildError, match=line):
                build(plan)
        with pytest.raises(InputError, match=r"unfinished|no such folder|no manifest"):
            list(find_faults(plan.out))
        build(plan)
        assert contents(plan.out) == contents(built)


def test_writes_that_fail_half_way_leave_no_chunk_behind(
    captions_file: Path, tmp_path: Path, make_plan: MakePlan, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = make_plan(captions_file, tmp_path / "out", chunk_rows=40)
    opened = Path.open

    def small_files(self: Path, mode: str = "r", *arguments: Any, **options: Any) -> Any:
        file = opened(self, mode, *arguments, **options)
        return _Full(file) if mode in ("ab", "wb") else file

    with monkeypatch.context() as patch:
        patch.setattr(Path, "open", small_files)
        with pytest.raises(BuildError, match="No space left"):
            build(plan)
    assert not list(plan.work.glob("chunks/*/done.json"))
    with pytest.raises(InputError, match="unfinished"):
        list(find_faults(plan.out))
    build(plan)
    assert list(find_faults(plan.out)) == []


class _Full(io.RawIOBase):
    """A file on a disk that takes 3,000 bytes of it."""

    def __init__(self, file: Any) -> None:
        self._file, self._room = file, 3000

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self._room -= len(data)
        if self._room < 0:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        written: int = self._file.write(data)
        return written

    def fileno(self) -> int:
        number: int = self._file.fileno()
        return number

    def close(self) -> None:
        self._file.close()
        super().close()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no file size limit to set")
def test_a_real_limit_of_the_system_is_one_line(captions_file: Path, tmp_path: Path) -> None:
    program = (
        "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (20000, 20000)); "
        "from tldr_data.cli import main; main()"
    )
    arguments = ["build", "--taxonomy", "spatial", "--source", "jsonl", "--path", str(captions_file)]
    arguments += ["--out", str(tmp_path / "out"), "--workers", "2"]
    command = [sys.executable, "-c", program, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8")
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.splitlines()[-1].startswith(f"tldr-data: cannot write {tmp_path / 'out'}")
    assert "Traceback" not in done.stderr
    unlimited = [*command[:2], program.partition("; ")[2].partition("; ")[2], *arguments]
    assert subprocess.run(unlimited, capture_output=True).returncode == 0
    assert list(find_faults(tmp_path / "out")) == []


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_without_permission_is_one_line(captions_file: Path, tmp_path: Path, make_plan: MakePlan) -> None:
    tmp_path.chmod(0o500)
    try:
        with pytest.raises(BuildError, match="Permission denied"):
            build(make_plan(captions_file, tmp_path / "out"))
    finally:
        tmp_path.chmod(0o700)
