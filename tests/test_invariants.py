"""What holds of every example, every edit, every diff and every projection, whatever the texts are."""

from __future__ import annotations

import importlib.util
from itertools import pairwise
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tldr_data.diff import diff
from tldr_data.errors import RowError
from tldr_data.example import Edit, Example, Span, apply_edits, check_spans, derived_id, written_spans
from tldr_data.labels import BAD, GOOD, IGNORE, label_words, project, words

BENCHMARKS = Path(__file__).parents[1] / "benchmarks"
TEXTS = st.text(alphabet="ab cé.,'\u0301👩\n", max_size=30)
SHORT = st.lists(st.sampled_from("a the cup cat by".split()), max_size=7)


@st.composite
def edited(draw: st.DrawFn) -> tuple[str, list[Edit]]:
    """A reference, and sorted, disjoint edits of it."""
    reference = draw(TEXTS)
    places = sorted(draw(st.lists(st.integers(0, len(reference)), max_size=8)))
    pairs = list(zip(places[::2], places[1::2], strict=False))
    return reference, [Edit(start, end, draw(st.text("xy z", max_size=4))) for start, end in pairs]


def errors_of(response: str, edits: list[Edit]) -> tuple[Span, ...]:
    """Every edit's whole replacement, less the white space around it."""
    found = []
    for start, end in written_spans(edits):
        text = response[start:end]
        if text.strip():
            found.append(Span(start + len(text) - len(text.lstrip()), end - len(text) + len(text.rstrip()), ""))
    return tuple(found)


def example(reference: str, response: str, edits: list[Edit], errors: tuple[Span, ...]) -> Example:
    return Example(
        id="made/1",
        response=response,
        source="made",
        license="CC0-1.0",
        attribution="",
        group="made/1",
        reference=reference,
        kind="perturbed",
        edits=tuple(edits),
        errors=errors,
    )


@given(edited())
def test_an_example_holds_what_its_edits_wrote(made: tuple[str, list[Edit]]) -> None:
    reference, edits = made
    response = apply_edits(reference, edits)
    assume(response.strip())
    row = example(reference, response, edits, errors_of(response, edits))
    assert apply_edits(str(row.reference), row.edits) == row.response
    for span in row.errors:
        text = row.response[span.start : span.end]
        assert text
        assert text == text.strip()


@given(edited(), st.integers(0, 40), st.integers(0, 6))
def test_an_example_refuses_a_span_that_no_edit_wrote(made: tuple[str, list[Edit]], start: int, size: int) -> None:
    reference, edits = made
    response = apply_edits(reference, edits)
    assume(response.strip())
    inside = any(x <= start and start + size <= y for x, y in written_spans(edits))
    text = response[start : start + size]
    if inside and size and text == text.strip():
        example(reference, response, edits, (Span(start, start + size, ""),))
    else:
        with pytest.raises(RowError):
            example(reference, response, edits, (Span(start, start + size, ""),))


@given(edited())
def test_an_example_refuses_another_response(made: tuple[str, list[Edit]]) -> None:
    reference, edits = made
    with pytest.raises(RowError):
        example(reference, apply_edits(reference, edits) + "!", edits, ())


@given(edited())
def test_edits_that_overlap_are_refused(made: tuple[str, list[Edit]]) -> None:
    reference, edits = made
    assume(any(edit.end > edit.start for edit in edits))
    last = max(edits, key=lambda edit: edit.end - edit.start)
    with pytest.raises(RowError):
        apply_edits(reference, [last, last])


@given(edited())
def test_what_edits_wrote_stands_where_it_is_said_to(made: tuple[str, list[Edit]]) -> None:
    reference, edits = made
    response = apply_edits(reference, edits)
    spans = written_spans(edits)
    assert [response[start:end] for start, end in spans] == [edit.replacement for edit in edits]
    kept = [response[y:x] for (_, y), (x, _) in zip([(0, 0), *spans], [*spans, (len(response), 0)], strict=True)]
    bounds = zip([Edit(0, 0, ""), *edits], [*edits, Edit(len(reference), 0, "")], strict=True)
    assert kept == [reference[one.end : other.start] for one, other in bounds]


@given(edited())
def test_an_id_tells_texts_and_edits_apart(made: tuple[str, list[Edit]]) -> None:
    reference, edits = made
    name = derived_id("made/1", "spatial", reference, edits)
    assert name == derived_id("made/1", "spatial", reference, edits)
    assert name != derived_id("made/1", "spatial", f"{reference}.", edits)


@given(TEXTS, TEXTS)
def test_a_diff_there_and_back(one: str, other: str) -> None:
    there, back = diff(one, other), diff(other, one)
    assert apply_edits(one, there.edits) == other
    assert apply_edits(other, back.edits) == one
    check_spans(other, there.errors, there.collateral, written_spans(there.edits))
    assert bool(there.errors or there.collateral) <= (words(one) != words(other))


@given(TEXTS, TEXTS, st.lists(st.integers(0, 30), max_size=8))
def test_pieces_of_words_have_the_labels_of_their_words(one: str, other: str, cuts: list[int]) -> None:
    """A projection on any pieces says no less and no more is false than the labels of the words."""
    found = diff(one, other)
    labels = label_words(other, found.errors, found.collateral)[1]
    bounds = sorted({0, len(other), *(cut for cut in cuts if cut < len(other))})
    pieces = [(x, y) for x, y in pairwise(bounds) if x < y]
    projected = project(other, found.errors, found.collateral, pieces)
    assert set(projected) <= {GOOD, BAD, IGNORE}
    assert (BAD in projected) == (BAD in labels)
    whole = project(other, found.errors, found.collateral, [(0, len(other))])
    assert whole == ([BAD] if BAD in projected else [IGNORE] if IGNORE in projected or not other else [GOOD])


@pytest.fixture(scope="module")
def oracle() -> ModuleType:
    spec = importlib.util.spec_from_file_location("diff_oracle", BENCHMARKS / "diff_oracle.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@given(SHORT, SHORT)
def test_a_brute_force_finds_no_smaller_answer(oracle: ModuleType, old: list[str], new: list[str]) -> None:
    smallest = oracle.smallest_labellings(old, new)
    marked = oracle.new_words(" ".join(old), " ".join(new))
    # Articles beside an error are collateral, and so are new words too.
    assert marked in smallest or is_swap(old, new)
    assert (len(smallest) > 1) == oracle.is_ambiguous(old, new)


def is_swap(old: list[str], new: list[str]) -> bool:
    """Whether two parts changed places: both are marked then, also where one of them would do."""
    size = range(len(old) + 1)
    return any(
        old[:a] + old[c:d] + old[b:c] + old[a:b] + old[d:] == new
        for a in size for b in size[a:] for c in size[b:] for d in size[c:]
    )  # fmt: skip


@pytest.mark.parametrize(("old", "new", "ambiguous"), [("a cup", "a cup a cup", True), ("a cup", "a red cup", False)])
def test_the_oracle_tells_what_is_ambiguous(oracle: ModuleType, old: str, new: str, ambiguous: bool) -> None:
    assert oracle.is_ambiguous(old.split(), new.split()) is ambiguous
    assert (len(oracle.smallest_labellings(old.split(), new.split())) > 1) is ambiguous
