"""Taxonomies as files: what is shipped runs its own cases, what people write is checked."""

from pathlib import Path

import pytest
import yaml

from tldr_data.errors import InputError, UsageError
from tldr_data.example import Example, apply_edits
from tldr_data.perturb import alternatives, perturb
from tldr_data.resources import resource_dir
from tldr_data.taxonomy import Case, load_taxonomies, load_taxonomy, shipped_taxonomies

SHIPPED = ["attribute", "binding", "counterfactual", "counting", "object", "small_object", "spatial", "text"]
CASES = [(name, case) for name in SHIPPED for case in load_taxonomy(name).cases]


def minimal(**changes: object) -> dict[str, object]:
    """A user's own taxonomy, as small as it may be."""
    content: dict[str, object] = {
        "name": "weather",
        "definition": "The weather is changed.",
        "origin": "test",
        "subtypes": {"sky": {"definition": "the sky", "rule": "adjective", "groups": [["stormy", "calm"]]}},
    }
    return content | changes


def write(folder: Path, content: dict[str, object]) -> str:
    path = folder / "weather.yaml"
    path.write_text(yaml.safe_dump(content), encoding="utf-8")
    return str(path)


def test_the_shipped_taxonomies_are_these() -> None:
    assert shipped_taxonomies() == SHIPPED


@pytest.mark.parametrize("name", SHIPPED)
def test_shipped_ones_are_as_strictly_written_as_those_of_users(name: str) -> None:
    assert load_taxonomy(str(resource_dir("taxonomies") / f"{name}.yaml")) == load_taxonomy(name)
    assert [taxonomy.name for taxonomy in load_taxonomies(["all"])] == SHIPPED


@pytest.mark.parametrize(("name", "case"), CASES, ids=[f"{name}-{case.reference[:40]}" for name, case in CASES])
def test_case(name: str, case: Case) -> None:
    found = {apply_edits(case.reference, p.edits): p for p in alternatives(case.reference, load_taxonomy(name))}
    if case.response is None:
        assert not found
        return
    changes = found[case.response].changes
    assert tuple(c.replacement.strip(", ") for c in changes if not c.collateral) == case.errors
    assert tuple(c.replacement for c in changes if c.collateral) == case.collateral


@pytest.mark.parametrize("name", SHIPPED)
def test_every_subtype_has_a_site_in_some_case(name: str) -> None:
    taxonomy = load_taxonomy(name)
    seen = {p.subtype for case in taxonomy.cases for p in alternatives(case.reference, taxonomy)}
    of_captions = {name for name, subtype in taxonomy.subtypes.items() if subtype.rule != "answer"}
    without = of_captions - seen
    assert not without, f"add a case for {sorted(without)}"


@pytest.mark.parametrize("name", SHIPPED)
def test_no_term_is_exchanged_for_itself_or_for_a_near_one(name: str) -> None:
    for subtype in load_taxonomy(name).subtypes.values():
        for term, others in subtype.exchanges.items():
            assert others, term
            assert term not in others
            assert not any(term in row and other in row for row in subtype.near for other in others)


@pytest.mark.parametrize("name", SHIPPED)
def test_own_edits_are_admitted(name: str) -> None:
    taxonomy = load_taxonomy(name)
    for case in taxonomy.cases:
        for perturbation in alternatives(case.reference, taxonomy):
            for change in perturbation.changes:
                if not change.collateral:
                    assert taxonomy.admits(case.reference[change.start : change.end], change.replacement)


def test_edits_of_another_taxonomy_are_not_admitted() -> None:
    assert not load_taxonomy("spatial").admits("red", "blue")
    assert not load_taxonomy("attribute").admits("two", "three")
    assert load_taxonomy("attribute").admits("red", "blue")


def test_a_users_own_file_needs_no_python(tmp_path: Path) -> None:
    taxonomy = load_taxonomy(write(tmp_path, minimal()))
    example = Example(
        id="a/1", response="A stormy sea lies below.", source="a", license="CC0-1.0", attribution="", group="1"
    )
    assert [e.response for e in perturb(example, taxonomy, seed=0)] == ["A calm sea lies below."]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"colour": 1}, "unknown key 'colour': allowed are name, definition, origin, subtypes"),
        ({"name": "Big Sky"}, "name: "),
        ({"subtypes": {}}, "subtypes: "),
        ({"subtypes": {"sky": {"definition": "x", "rule": "magic"}}}, "subtypes.sky.rule: "),
        ({"subtypes": {"sky": {"definition": "x", "rule": "place"}}}, "needs groups, swaps, kinds or markers"),
        (
            {"subtypes": {"sky": {"definition": "x", "rule": "place", "group": []}}},
            "allowed are definition, rule, groups",
        ),
        ({"cases": [{"reference": "x", "answer": "y"}]}, "allowed are reference, response, errors, collateral"),
        ({"subtypes": {"sky": {"definition": "x", "rule": "noun", "kinds": ["weather"]}}}, "unknown kind 'weather'"),
    ],
)
def test_a_fault_is_one_line_that_names_it(tmp_path: Path, change: dict[str, object], message: str) -> None:
    with pytest.raises(InputError) as raised:
        load_taxonomy(write(tmp_path, minimal(**change)))
    assert message in str(raised.value)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("name: [", "not valid YAML"),
        ("definition: 2024-13-45", "not valid YAML"),
        ("[" * 5000, "not valid YAML"),
        ("name: a\nname: b", "key 'name' stands twice"),
        ("- a list", "the file: "),
        ("x" * (2**20 + 1), "that is no taxonomy"),
    ],
)
def test_broken_yaml_is_one_line(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "broken.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=message) as raised:
        load_taxonomy(str(path))
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    "terms",
    [{"groups": [["red", ""]]}, {"groups": [["Red", "blue"]]}, {"groups": [["red"]]}, {"groups": [["red", "red"]]},
     {"groups": [["red ", "blue"]]}, {"groups": [["red", "\ud800"]]}, {"groups": [["red", "blue\x00"]]},
     {"swaps": {"red": []}}, {"swaps": {"red": ["red"]}}],
)  # fmt: skip
def test_terms_that_cannot_be_written_are_refused(tmp_path: Path, terms: dict[str, object]) -> None:
    subtype = {"definition": "x", "rule": "adjective", **terms}
    with pytest.raises(InputError, match=r"subtypes\.sky"):
        load_taxonomy(write(tmp_path, minimal(subtypes={"sky": subtype})))


def test_unknown_names_tell_what_is_allowed(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"unknown taxonomy 'colour': allowed are attribute, .*, all, or the path"):
        load_taxonomy("colour")
    with pytest.raises(UsageError, match="cannot be read"):
        load_taxonomy(str(tmp_path / "none.yaml"))


def test_two_files_of_one_name_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="two different taxonomies are named 'spatial'"):
        load_taxonomies(["spatial", write(tmp_path, minimal(name="spatial"))])


def test_each_taxonomy_comes_once_in_the_order_given() -> None:
    names = [t.name for t in load_taxonomies(["spatial", "counting", "spatial", "all"])]
    assert names == ["spatial", "counting", *(name for name in SHIPPED if name not in ("spatial", "counting"))]


def test_the_digest_follows_the_content(tmp_path: Path) -> None:
    first = load_taxonomy(write(tmp_path, minimal()))
    second = load_taxonomy(write(tmp_path, minimal(definition="The weather is changed!")))
    assert first.digest() == load_taxonomy(write(tmp_path, minimal())).digest() != second.digest()
