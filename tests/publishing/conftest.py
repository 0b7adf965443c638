import shutil
from pathlib import Path

import pytest

from tldr_data.building.plan import Plan
from tldr_data.pipeline import build


@pytest.fixture(scope="session")
def first(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small build."""
    out = tmp_path_factory.mktemp("first") / "out"
    build(Plan(taxonomies=("spatial",), out=out, limit=8))
    return out


@pytest.fixture(scope="session")
def second(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same taxonomy, more rows."""
    out = tmp_path_factory.mktemp("second") / "out"
    build(Plan(taxonomies=("spatial",), out=out, limit=12))
    return out


@pytest.fixture
def one(first: Path, tmp_path: Path) -> Path:
    """A build that may be changed."""
    return Path(shutil.copytree(first, tmp_path / "one"))


@pytest.fixture
def two(second: Path, tmp_path: Path) -> Path:
    """Another one, with more rows."""
    return Path(shutil.copytree(second, tmp_path / "two"))
