import importlib.util
import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from huggingface_hub import constants
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


def _module() -> Any:
    """The local Hub, imported by its path: the tests are no package."""
    spec = importlib.util.spec_from_file_location("local_hub", Path(__file__).with_name("local_hub.py"))
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules["local_hub"] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def local_hub() -> Any:
    return _module()


@pytest.fixture
def hub(local_hub: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """An empty Hub that `huggingface_hub` in this process talks to, as its user ``user``."""
    with local_hub.local_hub() as server:
        monkeypatch.setattr(constants, "ENDPOINT", server.url)
        address = server.url + "/{repo_id}/resolve/{revision}/{filename}"
        monkeypatch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", address)
        monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
        monkeypatch.setattr(constants, "HF_HUB_DISABLE_XET", True)
        monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "cache"))
        monkeypatch.setattr(constants, "HF_HUB_DISABLE_PROGRESS_BARS", True)
        monkeypatch.setenv("HF_TOKEN", "writer")
        # waiting between tries is the client's affair
        monkeypatch.setattr("huggingface_hub.utils._http.time.sleep", lambda seconds: None)
        yield server


@pytest.fixture
def environment(hub: Any, tmp_path: Path) -> dict[str, str]:
    """The same Hub for processes of their own."""
    return os.environ | {
        "HF_ENDPOINT": hub.url,
        "HF_TOKEN": "writer",
        "HF_HUB_DISABLE_XET": "1",
        "HF_HUB_OFFLINE": "0",
        "HF_HOME": str(tmp_path / "home"),
        "HF_HUB_CACHE": str(tmp_path / "cache"),
        "HF_DATASETS_CACHE": str(tmp_path / "datasets"),
    }


@pytest.fixture(scope="session")
def model_server() -> Iterator[str]:
    """The address of the project's own server of a made-up model, in a process of its own."""
    arguments = [sys.executable, str(Path(__file__).parent / "llms" / "server.py"), "--port", "0"]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        try:
            yield process.stdout.readline().strip()
        finally:
            process.kill()
