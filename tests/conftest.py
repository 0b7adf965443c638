import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# Slow, shared machines run these tests too: how long one example takes says nothing about the code.
settings.register_profile("house", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("house")


@pytest.fixture(scope="session")
def vllm_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The base URL of vLLM's own OpenAI server, with the model of TLDR_DATA_TEST_MODEL under the name ``tiny``."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    constraint = json.dumps({"backend": "xgrammar", "disable_any_whitespace": True})
    command = [
        *(sys.executable, "-m", "vllm.entrypoints.openai.api_server", "--host", "127.0.0.1", "--port", str(port)),
        *("--model", os.environ["TLDR_DATA_TEST_MODEL"], "--served-model-name", "tiny", "--dtype", "float32"),
        *("--structured-outputs-config", constraint, "--max-model-len", "4096", "--enforce-eager"),
        # no prompt is read in parts: on a CPU the engine of 0.32 dies of that where a request has a seed
        *("--max-num-seqs", "16", "--gpu-memory-utilization", "0.3", "--max-num-batched-tokens", "16384"),
    ]
    defaults = {"HF_HUB_OFFLINE": "1", "VLLM_NO_USAGE_STATS": "1", "VLLM_CPU_KVCACHE_SPACE": "1"}
    output = tmp_path_factory.mktemp("server") / "output"
    with output.open("w") as log:
        server = subprocess.Popen(command, stdout=log, stderr=log, env=defaults | os.environ)
    try:
        _await_health(f"http://127.0.0.1:{port}/health", server, output)
        yield f"http://127.0.0.1:{port}/v1"
    finally:
        server.terminate()
        server.wait(60)


def _await_health(url: str, server: subprocess.Popen[bytes], output: Path, patience_s: float = 300) -> None:
    began = time.monotonic()
    while server.poll() is None and time.monotonic() - began < patience_s:
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except OSError:
            time.sleep(0.5)
    pytest.fail(f"the server did not start: {output.read_text(encoding='utf-8')[-2000:]}")
