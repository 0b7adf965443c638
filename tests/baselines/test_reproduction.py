"""The page that holds our figures against the paper's."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest
import yaml

from baselines import reproduction
from baselines.config import read_run

COMMANDS = [
    command
    for table in yaml.safe_load((Path(reproduction.__file__).parent / "paper.yaml").read_text(encoding="utf-8"))[
        "tables"
    ]
    for command in table["commands"]
]


def test_the_page_is_what_the_generator_writes(tmp_path: Path) -> None:
    assert reproduction.PAGE.read_text(encoding="utf-8") == reproduction.render(tmp_path)


def test_figures_come_in_where_an_evaluation_is_there(tmp_path: Path) -> None:
    (tmp_path / "results" / "table-1").mkdir(parents=True)
    tables = "# test\n\n## Tokens, sentences and responses (the paper's)\n\n| tldr | 99.0 |\n\n## Controls\n\n| x |\n"
    (tmp_path / "results" / "table-1" / "tables.md").write_text(tables, encoding="utf-8")
    page = reproduction.render(tmp_path)
    assert "Ours:\n\n| tldr | 99.0 |\n" in page
    assert "| x |" not in page


@pytest.mark.parametrize("command", [command for command in COMMANDS if "baselines.train" in command])
def test_its_runs_can_be_read(command: str) -> None:
    words = shlex.split(command)
    config, *changes = [word for word in words[words.index("baselines.train") + 1 :] if not word.startswith("--")]
    assert read_run(reproduction.ROOT / config, changes).out.parts[0] == "runs"
