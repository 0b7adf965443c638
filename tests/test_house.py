"""What holds of the house as a whole: the direction of imports, the cost of starting, the names that users rely on."""

import ast
import json
import subprocess
import sys
import time
from pathlib import Path

import pytest

import tldr_data

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "tldr_data"

# From the ground up: a module may import what stands before it, and nothing that stands after it.
ORDER = (
    "errors",
    "resources",
    "licences",
    "english",
    "atomic",
    "facts",
    "example",
    "agreement",
    "alignment",
    "labels",
    "diff",
    "jsonl",
    "label",
    "inflection",
    "wordnet",
    "meaning",
    "replacements",
    "paraphrase",
    "coherence",
    "objects",
    "taxonomy",
    "answering",
    "images",
    "duplicates",
    "dataset",
    "manifest",
    "versions",
    "configs",
    "citation",
    "plots",
    "hub",
    "yields",
    "sources",
    "llms",
    "perturb",
    "filters",
    "verify",
    "sampling",
    "entailment",
    "estimate",
    "probe",
    "building",
    "marks",
    "profile",
    "report",
    "croissant",
    "card",
    "audit",
    "show",
    "check",
    "compare",
    "loading",
    "publishing",
    "pipeline",
    "commands",
    "cli",
)
HEAVY = (
    "torch vllm ray transformers spacy datasets polars pyarrow numpy pandas textblob nltk sklearn rensa matplotlib PIL"
).split()
COMMANDS = {"audit", "build", "compare", "label", "filter", "show", "report", "check", "push", "sources", "taxonomies"}
PUBLIC = {"BAD", "GOOD", "IGNORE", "Edit", "Example", "Span", "label_words", "load", "project", "words"}


def module_of(path: Path) -> str:
    """The top-level name that a file belongs to: ``sources`` of ``tldr_data/sources/coco.py``."""
    return path.relative_to(PACKAGE).with_suffix("").parts[0]


def imported(path: Path) -> set[str]:
    """Top-level names of this package that a file imports, anywhere in it."""
    names = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            assert node.level == 0, f"{path}: relative import"
            # `from tldr_data import labels` and `from tldr_data.labels import GOOD` name the same module.
            names += [f"{node.module}.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
    parts = [name.split(".") for name in names if name.startswith("tldr_data.")]
    return {part[1] for part in parts if not part[1].startswith("__")}


FILES = sorted(path for path in PACKAGE.rglob("*.py") if path != PACKAGE / "__init__.py")


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_point_only_down(path: Path) -> None:
    name = module_of(path)
    assert name in ORDER, f"{name} has no place in ORDER yet: say what it may import"
    above = imported(path) - set(ORDER[: ORDER.index(name) + 1])
    assert not above, f"{path.relative_to(ROOT)} imports {sorted(above)}, which stand above it"


def test_the_order_names_only_what_there_is() -> None:
    assert set(ORDER) == {module_of(path) for path in FILES}


def run(code: str) -> str:
    return subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True, text=True).stdout


HELP = """
import contextlib, io, json, sys
sys.argv = ["tldr-data", "--help"]
from tldr_data.cli import main
with contextlib.redirect_stdout(io.StringIO()) as shown, contextlib.suppress(SystemExit):
    main()
assert "build" in shown.getvalue()
"""
LOADED = "\nimport json, sys; print(json.dumps(sorted({name.split('.')[0] for name in sys.modules})))"


@pytest.mark.parametrize("code", ["import tldr_data", HELP], ids=["import", "help"])
def test_starting_loads_nothing_heavy(code: str) -> None:
    loaded = json.loads(run(code + LOADED))
    assert "tldr_data" in loaded
    assert not set(loaded) & set(HEAVY)


@pytest.mark.slow
@pytest.mark.parametrize("code", ["import tldr_data", HELP], ids=["import", "help"])
def test_starting_takes_no_more_than_point_four_seconds(code: str) -> None:
    """Over a bare interpreter; the best of some runs, because other work on the machine only ever adds."""
    assert best_seconds(code) - best_seconds("pass") <= 0.4


def best_seconds(code: str) -> float:
    seconds = []
    for _ in range(7):
        begin = time.perf_counter()
        run(code)
        seconds.append(time.perf_counter() - begin)
    return min(seconds)


def test_public_names_are_fixed() -> None:
    assert [name for name in tldr_data.__all__ if not hasattr(tldr_data, name)] == []
    assert set(tldr_data.__all__) == PUBLIC, (
        "a public name is a promise: change this list only on purpose, with a line in CHANGELOG.md"
    )


def test_commands_are_fixed_and_documented() -> None:
    from typer.main import get_command

    from tldr_data.cli import app

    commands = set(get_command(app).commands)  # type: ignore[attr-defined]
    assert commands == COMMANDS, "scripts rely on these names"
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert [name for name in sorted(commands) if f"tldr-data {name}" not in readme] == []


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_has_help(name: str) -> None:
    code = f"import sys; sys.argv = ['tldr-data', {name!r}, '--help']; from tldr_data.cli import main; main()"
    assert len(run(code).split()) > 10
