from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tldr_data.dataset import row_of
from tldr_data.example import Edit, Example, Span
from tldr_data.profile import MAX_BARS, MOST, Bars, Flow, Profile, histogram, quantile

FIELDS: dict[str, Any] = {"id": "x", "source": "made", "license": "CC0-1.0", "attribution": "", "group": "g"}


def changed(reference: str, response: str, edits: list[Edit], errors: list[Span], kind: Any = "perturbed") -> Any:
    return row_of(
        Example(
            **FIELDS,
            response=response,
            reference=reference,
            kind=kind,
            taxonomy="t" if errors else None,
            subtype="s",
            edits=tuple(edits),
            errors=tuple(errors),
        )
    )


def one_for_one(old: str, new: str) -> Any:
    return changed(f"A {old} cup", f"A {new} cup", [Edit(2, 2 + len(old), new)], [Span(2, 2 + len(new), old)])


def test_words_come_in_and_go_out() -> None:
    profile = Profile()
    for old, new in (("red", "Blue"), ("red", "blue"), ("blue", "red")):
        profile.add(one_for_one(old, new))
    assert [tuple(pair) for pair in profile.exchanges(5)] == [("red", "blue", 2), ("blue", "red", 1)]
    assert profile.flows(5) == [Flow("blue", 2, 1), Flow("red", 1, 2)]
    assert (profile.rows, profile.errors, profile.subtypes) == (3, 3, Counter({"s": 3}))


def test_what_is_inserted_stands_apart() -> None:
    profile = Profile()
    profile.add(changed("A cup", "A cup and a dish", [Edit(5, 5, " and a dish")], [Span(6, 16, "")]))
    assert profile.exchanges(5) == []
    assert [tuple(pair) for pair in profile.insertions(5)] == [("", "and a dish", 1)]
    assert profile.error_lengths == Counter({3: 1})
    assert profile.tenths == Counter({6: 1})
    assert [flow.replaced for flow in profile.flows(9)] == [0, 0, 0]


def test_a_swap_counts_both_words_both_ways() -> None:
    profile = Profile()
    edits, errors = [Edit(0, 3, "Red"), Edit(8, 11, "tan")], [Span(0, 3, "Tan"), Span(8, 11, "red")]
    profile.add(changed("Tan cup red box", "Red cup tan box", edits, errors))
    assert profile.flows(5) == [Flow("red", 1, 1), Flow("tan", 1, 1)]
    assert profile.errors == 2
    assert profile.tenths == Counter({1: 1, 6: 1})


def test_of_a_paraphrase_the_edits_count_and_nothing_is_an_error() -> None:
    profile = Profile()
    profile.add(changed("A couch", "A sofa", [Edit(2, 7, "sofa")], [], kind="paraphrase"))
    assert [tuple(pair) for pair in profile.exchanges(5)] == [("couch", "sofa", 1)]
    assert (profile.errors, profile.flows(5)) == (0, [])


def test_answers_are_no_captions() -> None:
    profile = Profile()
    profile.add(row_of(Example(**FIELDS, response="A red cup.")))
    profile.add(row_of(Example(**FIELDS, response="No.", task="vqa", prompt="Is it?")))
    assert profile.lengths == Counter({3: 1})


def test_memory_is_bounded_and_what_is_frequent_stays_exact() -> None:
    profile, row = Profile(), one_for_one("red", "blue")
    profile.add(row)
    for number in range(MOST + 50):
        profile.add({**row, "errors": [{"start": 2, "end": 6, "replaced": f"w{number}"}]})
    assert len(profile.pairs) == len(profile.replaced) == MOST
    profile.add(row)
    assert profile.exchanges(1)[0] == ("red", "blue", 2)
    assert profile.written["blue"] == MOST + 52


def test_long_words_are_cut_for_the_page() -> None:
    profile = Profile()
    profile.add(one_for_one("x" * 500, "y"))
    assert [len(pair.replaced) for pair in profile.exchanges(1)] == [len(word) for word in profile.replaced] == [60]


@pytest.mark.parametrize(
    ("written", "replaced", "lean"), [(5, 5, "even"), (0, 1, "even"), (40, 10, "in"), (0, 9, "out")]
)
def test_a_word_leans_only_where_chance_does_not_explain_it(written: int, replaced: int, lean: str) -> None:
    assert Flow("word", written, replaced).lean == lean


def test_bars_are_the_same_for_all_series_and_the_last_holds_the_rest() -> None:
    long, short = Counter(dict.fromkeys(range(20, 120), 1)) + Counter({900: 1}), Counter({25: 3})
    bars = histogram({"long": long, "short": short})
    assert bars.labels == (*(f"{n}-{n + 9}" for n in range(20, 110, 10)), "110+")
    assert bars.series["long"] == (*[10] * 9, 11)
    assert bars.shares["short"] == (1.0, *[0.0] * 9)


@given(st.lists(st.dictionaries(st.integers(0, 10**7), st.integers(1, 50), max_size=30), max_size=3))
def test_no_count_is_lost(series: list[dict[int, int]]) -> None:
    counts = {str(number): Counter(each) for number, each in enumerate(series)}
    bars = histogram(counts)
    assert len(bars.labels) == len(set(bars.labels)) <= MAX_BARS
    assert {name: sum(found) for name, found in bars.series.items()} == {n: c.total() for n, c in counts.items()}


def test_nothing_gives_no_bars() -> None:
    assert histogram({"a": Counter()}) == Bars((), {"a": ()})
    with pytest.raises(ValueError, match="nothing was counted"):
        quantile(Counter(), 0.5)


@given(st.lists(st.integers(0, 100), min_size=1), st.floats(0.01, 1))
def test_a_quantile_is_not_exceeded_by_its_share(values: list[int], share: float) -> None:
    found = quantile(Counter(values), share)
    assert found in values
    assert sum(value <= found for value in values) >= share * len(values)
    assert sum(value < found for value in values) < share * len(values)
