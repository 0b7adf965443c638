"""What a run leaves in its folder so that the same command goes on with it: ``run.json``, and whole checkpoints."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from tldr_data.atomic import whole_file
from tldr_data.errors import InputError, UsageError

RECORD = "run.json"
DONE = "trainer_state.json"
Resume = Literal["auto", "never", "require"]

_MUST_AGREE = ("run", "dataset", "weights")


def begin(out: Path, record: Mapping[str, Any], resume: Resume) -> Path | None:
    """Writes the record of a new run; of one that was begun gives its last whole checkpoint, if it has any.

    Raises:
        UsageError: the folder holds another run, or something else; or ``resume`` does not allow what is there.
        InputError: its record cannot be read.
    """
    path = out / RECORD
    if not path.is_file():
        if out.is_dir() and any(out.iterdir()):
            raise UsageError(f"{out}: is not empty and holds no {RECORD}; allowed: a new folder, or that of this run")
        if resume == "require":
            raise UsageError(f"{out}: --resume require, but no run was begun there")
    elif resume == "never":
        raise UsageError(f"{out}: --resume never, but a run was begun there: delete it or give another out")
    else:
        _check(path, record)
    if not path.is_file():
        out.mkdir(parents=True, exist_ok=True)
        with whole_file(path) as file:
            file.write(json.dumps(record, indent=2).encode() + b"\n")
    return last_checkpoint(out)


def is_finished(out: Path) -> bool:
    """Whether training has come to its end there."""
    return (out / DONE).is_file()


def last_checkpoint(out: Path) -> Path | None:
    """The newest checkpoint that was written to its end: the state of the trainer is what comes last.

    One of the last step is passed over: Trainer would take a further step from it.
    """
    found = [path for path in out.glob("checkpoint-*") if path.name.removeprefix("checkpoint-").isdigit()]
    found.sort(key=lambda path: int(path.name.removeprefix("checkpoint-")))
    return next((path for path in reversed(found) if _leads_on(path / DONE)), None)


def _leads_on(path: Path) -> bool:
    try:
        state = json.loads(path.read_text(encoding="utf-8"))
        return bool(state["global_step"] < state["max_steps"])
    except (OSError, ValueError, KeyError, TypeError):
        return False


def _check(path: Path, record: Mapping[str, Any]) -> None:
    try:
        before = json.loads(path.read_text(encoding="utf-8"))
        pairs = [(name, before[name], record[name]) for name in _MUST_AGREE]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(f"{path}: not the record of a run: {error}") from error
    for name, old, new in pairs:
        if old != new:
            where, was, now = _difference(name, old, new)
            raise UsageError(f"{path.parent}: was begun with {where} {was}, not {now}: give another out, or delete it")


def _difference(where: str, old: Any, new: Any) -> tuple[str, Any, Any]:
    """The first place where two records differ."""
    if isinstance(old, dict) and isinstance(new, dict):
        for name in sorted({*old, *new}):
            if old.get(name) != new.get(name):
                return _difference(f"{where}.{name}".removeprefix("run."), old.get(name), new.get(name))
    return where, old, new
