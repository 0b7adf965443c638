from pathlib import Path

import pytest

from tldr_data.errors import UsageError
from tldr_data.sources import SOURCES
from tldr_data.sources.about import ABOUT, about, source_dicts, source_lines

DOCS = Path(__file__).parents[2] / "docs" / "sources.md"


def test_the_table_names_every_source_and_no_other() -> None:
    assert sorted(ABOUT) == sorted(SOURCES)
    assert all(name == entry.name for name, entry in ABOUT.items())


def test_every_source_is_listed_with_one_line() -> None:
    lines = source_lines()
    assert [line.split("\t")[0] for line in lines] == list(ABOUT)
    assert all(line.count("\t") == 1 and len(line) < 120 for line in lines)


@pytest.mark.parametrize("name", SOURCES)
def test_a_source_says_what_it_needs_where_it_is_had_and_its_licence(name: str) -> None:
    (entry,) = about(name)
    lines = source_lines(name)
    assert lines[0] == f"{name}: {entry.summary}"
    assert [line.split()[0] for line in lines[1:] if not line.startswith(" ")] == [
        "needs", *(["options"] if entry.options else []), "from", "license", "rows", "facts",
    ]  # fmt: skip
    assert all("\n" not in line for line in lines)
    (told,) = source_dicts(name)
    assert told["name"] == name
    assert told["needs"] == list(entry.needs)


def test_licences_are_those_of_the_rows() -> None:
    from importlib import import_module

    for name, (module, _) in SOURCES.items():
        if licence := getattr(import_module(module), "LICENSE", None):
            assert ABOUT[name].license.split(";")[0] == licence


def test_an_unknown_source_is_told_with_those_that_there_are() -> None:
    with pytest.raises(UsageError, match=r"unknown source 'flickr': allowed are scenes, .*textvqa"):
        source_lines("flickr")
    with pytest.raises(UsageError, match="unknown source"):
        source_dicts("flickr")


def test_the_documentation_has_every_source() -> None:
    text = DOCS.read_text(encoding="utf-8")
    assert [name for name in SOURCES if f"`{name}`" not in text] == []
