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
