"""The text-only probe sees what can be seen in the text, and nothing else."""

import random
from typing import Any

import pytest

from tldr_data.labels import BAD, GOOD
from tldr_data.probe import (
    FEWEST,
    Instance,
    Probe,
    by_taxonomy,
    fold_of,
    guess,
    site_instances,
    text_instances,
    word_instances,
)
from tldr_data.taxonomy import Taxonomy

COLOURS = Taxonomy.model_validate(
    {
        "name": "colours",
        "definition": "d",
        "origin": "o",
        "subtypes": {"colour": {"definition": "d", "rule": "adjective", "groups": [["red", "blue", "green", "black"]]}},
    }
)
THINGS = ("cup", "plate", "box", "jar", "bowl")


def rows(number: int, false_words: tuple[str, ...], true_words: tuple[str, ...]) -> list[dict[str, Any]]:
    """A clean and a perturbed row for each group; the one false word is drawn from ``false_words``."""
    rng = random.Random("rows")
    made = []
    for n in range(number):
        thing, was = rng.choice(THINGS), rng.choice(true_words)
        now = rng.choice([word for word in false_words if word != was])
        base = {"task": "caption", "group": f"g{n}", "taxonomy": None, "subtype": None, "errors": [], "edits": []}
        clean = f"A {was} {thing} is on the table."
        made.append({**base, "id": f"r{n}", "kind": "clean", "reference": None, "response": clean})
        error = {"start": 2, "end": 2 + len(now), "replaced": was}
        edit = {"start": 2, "end": 2 + len(was), "replacement": now}
        changed = {"taxonomy": "colours", "subtype": "colour", "errors": [error], "edits": [edit], "kind": "perturbed"}
        changed |= {"reference": clean}
        made.append({**base, **changed, "id": f"r{n}#c", "response": f"A {now} {thing} is on the table."})
    return made


def auc(found: list[Instance]) -> float:
    figure = guess(found)
    assert figure is not None
    assert figure.low <= figure.auc <= figure.high
    return figure.auc


def test_words_drawn_as_the_source_draws_them_tell_nothing() -> None:
    words = ("red", "blue", "green", "black")
    made = rows(600, words, words)
    assert 0.4 < auc(word_instances(made)) < 0.6
    assert 0.4 < auc(site_instances(made, [COLOURS])) < 0.6
    assert 0.4 < auc(text_instances(made)) < 0.6


def test_words_from_elsewhere_give_themselves_away() -> None:
    made = rows(300, ("crimson", "azure"), ("red", "blue", "green", "black"))
    assert auc(word_instances(made)) > 0.95
    assert auc(site_instances(made, [COLOURS])) > 0.95
    assert auc(text_instances(made)) > 0.95


def test_words_that_no_true_text_has_are_seen_though_nothing_stands_against_them() -> None:
    made = rows(100, ("red", "blue"), ("red", "blue"))
    for row in made:
        if row["kind"] == "perturbed":
            row["subtype"] = "denial"
            row["response"] = "A cup is not on the table."
            row["errors"] = [{"start": 9, "end": 12, "replaced": ""}]
            row["reference"] = "A cup is on the table."
            row["edits"] = [{"start": 9, "end": 9, "replacement": "not "}]
    assert auc(word_instances(made)) > 0.95


def test_as_many_good_words_as_bad_ones_stand_in_each_subtype() -> None:
    found = site_instances(rows(120, ("red", "blue"), ("red", "blue")), [COLOURS])
    assert (
        [instance.label for instance in found].count(BAD) == [instance.label for instance in found].count(GOOD) == 120
    )


def test_too_few_rows_give_no_figure() -> None:
    made = rows(FEWEST - 1, ("red", "blue"), ("red", "blue"))
    assert guess(word_instances(made)) is None
    assert by_taxonomy(word_instances(made)) == {}


def test_the_order_of_rows_changes_nothing() -> None:
    made = rows(150, ("red", "blue"), ("red", "blue", "green"))
    assert guess(word_instances(made)) == guess(word_instances(made[::-1]))


def test_a_row_is_judged_by_a_model_that_never_saw_its_group() -> None:
    group = "alone"
    others = [Instance(label, "s", f"g{n}", str(n), ("same",)) for n in range(200) for label in (BAD, GOOD)]
    own = Instance(BAD, "s", group, "own", ("same", "only here"))
    with_own = Probe([*others, *[own] * 50]).scores([own])[0]
    assert with_own == pytest.approx(Probe(others).scores([own])[0], abs=0.02)
    assert 0 <= fold_of(group) <= 4
