"""Ends vLLM's engines with the process that started them: ``python vllm_guard.py PARENT``.

An engine does not notice that its parent was killed (SIGKILL, out of memory). It would run on, and keep the GPU's
memory from the run that resumes.
"""

from __future__ import annotations

import os
import sys
import time
from contextlib import suppress
from importlib import import_module

INTERVAL_S = 0.5
NAME = "VLLM::"


def main() -> None:
    """Watch the parent; once it is gone, kill what remains of its engines."""
    psutil = import_module("psutil")
    parent, engines = int(sys.argv[1]), set()
    while os.getppid() == parent:
        with suppress(psutil.Error):
            children = psutil.Process(parent).children(recursive=True)
            engines |= {child for child in children if child.name().startswith(NAME)}
        time.sleep(INTERVAL_S)
    for engine in engines:
        with suppress(psutil.Error):
            engine.kill()


if __name__ == "__main__":
    main()
