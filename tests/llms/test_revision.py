from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tldr_data.errors import UsageError
from tldr_data.llms.revision import find_model

COMMIT = "0123456789abcdef0123456789abcdef01234567"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "tiny"
    folder.mkdir()
    (folder / "config.json").write_text("{}", encoding="utf-8")
    (folder / "tokenizer.json").write_text('{"a": 1}', encoding="utf-8")
    (folder / "model.safetensors").write_bytes(bytes(3_000_000))
    return folder


def test_a_folder_is_named_by_its_content_wherever_it_lies(folder: Path, tmp_path: Path) -> None:
    moved = shutil.copytree(folder, tmp_path / "elsewhere" / "tiny")
    (moved / "README.md").write_text("new", encoding="utf-8")
    name = find_model(str(folder)).name
    assert find_model(str(moved)).name == name
    assert find_model(f"{folder}/").name == name
    assert name.startswith("tiny@")
    assert len(name) == len("tiny@") + 12


@pytest.mark.parametrize(("file", "at"), [("tokenizer.json", 3), ("model.safetensors", 0), ("model.safetensors", -1)])
def test_another_tokenizer_or_other_weights_are_another_revision(folder: Path, file: str, at: int) -> None:
    before = find_model(str(folder)).name
    content = bytearray((folder / file).read_bytes())
    content[at] ^= 1
    (folder / file).write_bytes(content)
    assert find_model(str(folder)).name != before


def test_a_repository_in_the_cache_is_named_by_its_commit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import huggingface_hub.constants

    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_CACHE", str(tmp_path))
    repository = tmp_path / "models--org--tiny"
    (repository / "refs").mkdir(parents=True)
    (repository / "refs" / "main").write_text(COMMIT, encoding="utf-8")
    snapshot = repository / "snapshots" / COMMIT
    snapshot.mkdir(parents=True)
    (snapshot / "config.json").write_text("{}", encoding="utf-8")
    found = find_model("org/tiny")
    assert (found.name, found.path, found.commit, found.folder) == (f"org/tiny@{COMMIT}", "org/tiny", COMMIT, None)
    (snapshot / "model.safetensors").write_bytes(b"weights")
    assert find_model("org/tiny").folder == snapshot


def test_what_is_no_model_is_said(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"no config\.json"):
        find_model(str(tmp_path))
    with pytest.raises(UsageError, match="is no folder here"):
        find_model(str(tmp_path / "missing" / "model"))
