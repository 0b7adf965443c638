"""What `datasets` makes of a build."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tldr_data.dataset import SPLITS, read_rows
from tldr_data.manifest import load_manifest

# In a process of its own: `datasets` reads the environment when it is imported, and warns of things that are not ours.
LOAD = """
import sys
from datasets import load_dataset

out, cache = sys.argv[1:]
for config in ("spatial", None, "images"):
    loaded = load_dataset(out, config, cache_dir=cache) if config else load_dataset(out, cache_dir=cache)
    print(config, *(f"{split}={len(rows)}" for split, rows in sorted(loaded.items())))
    rows = loaded["train"]
    if config == "images":
        for row in rows.select(range(3)):
            assert row["image"].size == (row["width"], row["height"])
        continue
    print("features", rows.features["task"].names, rows.features["labels"], rows.features["image"])
    for row in rows:
        assert len(row["words"]) == len(row["labels"])
        assert row["image"].convert("RGB").getpixel((0, 0)) == (255, 255, 255)
        print("row", row["id"], *row["labels"])
"""

FOLDERS = {
    "spatial": ["clean", "paraphrase", "spatial"],
    "None": ["clean", "paraphrase", "attribute", "spatial"],
}


@pytest.mark.slow
def test_datasets_loads_every_config_with_images_and_labels(built: Path, tmp_path: Path) -> None:
    environment = {**os.environ, "HF_HUB_OFFLINE": "1", "HF_DATASETS_OFFLINE": "1", "HF_HOME": str(tmp_path / "home")}
    command = [sys.executable, "-c", LOAD, str(built), str(tmp_path / "cache")]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", env=environment)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    counts = load_manifest(built)["rows"]
    for config, folders in FOLDERS.items():
        sizes = {split: sum(counts[folder].get(split, 0) for folder in folders) for split in SPLITS}
        assert f"{config} " + " ".join(f"{split}={sizes[split]}" for split in sorted(sizes)) in lines
    ours = [
        f"row {row['id']} {' '.join(map(str, row['labels']))}"
        for folder in FOLDERS["spatial"]
        for _, row in read_rows(built, folder, ["train"])
    ]
    assert [line for line in lines if line.startswith("row ")][: len(ours)] == ours
    assert "features ['caption', 'vqa'] List(Value('int8')) Image(mode=None, decode=True)" in lines
