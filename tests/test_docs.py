"""The commands in the documentation are run: what a page shows is what a reader gets.

The blocks of a page that are fenced as ``bash`` and begin with ``tldr-data``, and all that are marked ``bash run`` or
``python run``, are run in order in one empty folder. ``sh`` blocks are only shown: they need a network, a GPU, or
somebody's files.
"""

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
BLOCK = re.compile(r"^```(bash|python)( run)?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
CODE = re.compile(r"```.*?```|`[^`\n]*`", re.DOTALL)
LINK = re.compile(r"\]\((?!https?:|#|mailto:)([^)#\s]+)")
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("baselines/*.md")])


def blocks(page: Path) -> list[tuple[str, str]]:
    """Language and text of each block that runs."""
    found = BLOCK.findall(page.read_text(encoding="utf-8"))
    return [(language, text) for language, run, text in found if run or text.startswith("tldr-data ")]


def name(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """This checkout's ``tldr-data`` first on the path, no network, and no trace in the user's folders."""
    bin_folder = tmp_path / "bin"
    bin_folder.mkdir()
    command = bin_folder / "tldr-data"
    start = "import sys; sys.argv[0] = 'tldr-data'; from tldr_data.cli import main; main()"
    command.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -c "{start}" "$@"\n', encoding="utf-8")
    command.chmod(0o755)
    return os.environ | {
        "PATH": f"{bin_folder}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),
        "HF_HOME": str(tmp_path / "hf"),
        "HF_HUB_OFFLINE": "1",
    }


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("bash") is None or os.name == "nt", reason="the pages are written for bash")
@pytest.mark.parametrize("page", [page for page in PAGES if blocks(page)], ids=name)
def test_what_a_page_shows_runs(page: Path, environment: dict[str, str], tmp_path: Path) -> None:
    folder = tmp_path / "reader"
    folder.mkdir()
    for language, text in blocks(page):
        command = ["bash", "-euo", "pipefail", "-c", text] if language == "bash" else [sys.executable, "-c", text]
        done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=300)
        assert done.returncode == 0, f"{name(page)}:\n{text}\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}"


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_links_lead_somewhere(page: Path) -> None:
    links = LINK.findall(CODE.sub("", page.read_text(encoding="utf-8")))
    assert [link for link in links if not (page.parent / link).exists()] == []


def test_make_targets_in_the_pages_exist() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    told = {target for page in PAGES for target in re.findall(r"\bmake ([a-z]+)\b`?", code_of(page))}
    assert told, "README tells of make demo and make test"
    assert told <= targets


def code_of(page: Path) -> str:
    """Only what is written as code: "make" is also a word."""
    return "\n".join(re.findall(r"^```.*?^```$|`[^`\n]+`", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL))


def test_the_readme_begins_with_two_commands() -> None:
    first_screen = (ROOT / "README.md").read_text(encoding="utf-8").split("\n## ")[0]
    assert len(first_screen.splitlines()) <= 24
    assert "make demo" in first_screen
    assert "make test" in first_screen


def test_the_version_is_told_once_and_the_same() -> None:
    import tldr_data

    citation = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    assert f"\nversion: {tldr_data.__version__}\n" in citation


def test_the_readme_names_every_file() -> None:
    package = ROOT / "tldr_data"
    parts = {path.name for path in package.glob("*.py") if path.name != "__init__.py"}
    parts |= {f"{path.parent.name}/" for path in package.glob("*/__init__.py")}
    layout = (ROOT / "README.md").read_text(encoding="utf-8").split("## Layout")[1].split("\n## ")[0]
    named = set(re.findall(r"^      (\S+)", layout, re.MULTILINE))
    assert named == parts
