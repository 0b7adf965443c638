from __future__ import annotations

from math import exp, log

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tldr_data.errors import UsageError
from tldr_data.llms.vllm_engine import Token, choice_probabilities, parallel

GIB = 1 << 30


def test_replicas_take_as_few_gpus_as_hold_the_weights() -> None:
    assert parallel(1, 80 * GIB, 140 * GIB) == (1, 1)
    assert parallel(2, 80 * GIB, 16 * GIB) == (1, 2)
    assert parallel(8, 80 * GIB, 90 * GIB) == (2, 4)
    assert parallel(8, 24 * GIB, 140 * GIB) == (8, 1)
    assert parallel(1, 0, None) == (1, 1)


def test_the_user_overrules_how_gpus_are_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TLDR_DATA_TENSOR_PARALLEL", "4")
    assert parallel(8, 80 * GIB, 16 * GIB) == (4, 2)
    monkeypatch.setenv("TLDR_DATA_DATA_PARALLEL", "1")
    assert parallel(8, 80 * GIB, 16 * GIB) == (4, 1)
    monkeypatch.setenv("TLDR_DATA_TENSOR_PARALLEL", "two")
    with pytest.raises(UsageError, match="TLDR_DATA_TENSOR_PARALLEL is 'two'"):
        parallel(8, 80 * GIB, 16 * GIB)


@given(st.floats(0.01, 0.99), st.floats(0.01, 0.99))
def test_choices_that_begin_alike_are_told_apart_where_they_part(left: float, of: float) -> None:
    first = [Token("left", log(left), True), Token("right of", log(1 - left), False)]
    second = [Token(" of", log(of), True), Token(" side", log(1 - of), False)]
    likely = choice_probabilities([first, second], ["left of", "left side", "right of"])
    assert likely == pytest.approx({"left of": left * of, "left side": left * (1 - of), "right of": 1 - left})


def test_every_way_to_begin_a_choice_counts() -> None:
    tokens = [Token("yes", -1.0, True), Token("y", -2.0, False), Token("no", -1.5, False), Token("maybe", -0.1, False)]
    likely = choice_probabilities([tokens], ["yes", "no"])
    yes = exp(-1.0) + exp(-2.0)
    assert likely == pytest.approx({"yes": yes / (yes + exp(-1.5)), "no": exp(-1.5) / (yes + exp(-1.5))})


def test_nothing_is_known_where_no_token_begins_a_choice() -> None:
    assert choice_probabilities([], ["yes", "no"]) is None
    assert choice_probabilities([[Token("maybe", -0.1, True)]], ["yes", "no"]) is None
