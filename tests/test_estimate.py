import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tldr_data.estimate import PAPER, Questions, Range, estimate, estimate_lines, yield_of
from tldr_data.llms.prices import FREE, Price
from tldr_data.llms.request import Message, Request
from tldr_data.llms.tokens import Counter, token_counter
from tldr_data.taxonomy import shipped_taxonomies

WORDS = Counter("words", True, lambda text: len(text.split()))
AROUND = (3 + 3, 8 + 40)
"""Tokens that a chat template adds to one message, at least and at most."""


def request(words: int, ask: int = 0) -> Request:
    return Request(model="m", messages=(Message("user", " ".join(["w"] * words)),), max_tokens=200, ask=ask)


def plan(**more: Any) -> Questions:
    given: dict[str, Any] = {"taxonomy": "spatial", "requests": [request(100)] * 10, "share": 0.01}
    return Questions(**{**given, "output_tokens": Range(30, 60), **more})


def test_every_shipped_taxonomy_has_a_yield_of_the_paper() -> None:
    assert set(PAPER) == {*shipped_taxonomies(), "answers"}


def test_figures_are_those_of_a_calculation_by_hand() -> None:
    """1,000 captions, 100 words each, all alike; 800 to 1,000 of the answers give a row."""
    judging = [request(50)] * 10
    found = estimate([plan(judging=judging, measured=(900, 1000))], counter=WORDS, price=Price(input=2, output=10))
    share = found["taxonomies"]["spatial"]["yield"]
    assert share["expected"] == 0.9
    assert 0.87 < share["low"] < 0.88
    assert 0.92 < share["high"] < 0.93
    rows = (math.floor(1000 * share["low"]), math.ceil(1000 * share["high"]))
    assert found["rows"] == {"low": rows[0], "high": rows[1]}
    judged = (1000 * share["low"], 1000)
    assert found["calls"] == {"low": math.floor(1000 + judged[0]), "high": 2000}
    inputs = (
        1000 * (100 + AROUND[0]) + judged[0] * (50 + AROUND[0]),
        1000 * (100 + AROUND[1]) + judged[1] * (50 + AROUND[1]),
    )
    assert found["input_tokens"] == {"low": math.floor(inputs[0]), "high": math.ceil(inputs[1])}
    outputs = (1000 * 30 + judged[0] * 1, 1000 * 60 + judged[1] * 5)
    assert found["output_tokens"] == {"low": math.floor(outputs[0]), "high": math.ceil(outputs[1])}
    assert found["usd"]["low"] == pytest.approx((inputs[0] * 2 + outputs[0] * 10) / 1e6)
    assert found["usd"]["high"] == pytest.approx((inputs[1] * 2 + outputs[1] * 10) / 1e6)


def test_taxonomies_add_up() -> None:
    plans = [plan(taxonomy=name) for name in ("spatial", "attribute", "mine")]
    found = estimate(plans, counter=WORDS, price=Price(input=1, output=1))
    for figure in ("calls", "input_tokens", "output_tokens"):
        assert found[figure]["high"] == sum(part[figure]["high"] for part in found["taxonomies"].values())
    assert found["calls"] == {"low": 3000, "high": 3000}
    assert found["rows"]["high"] == 606 + 943 + 950


def test_a_target_ends_the_asking() -> None:
    """Of 1,000 captions, 100 rows wanted: with a yield from 0.239 to 0.606 that is 166 to 419 requests."""
    found = estimate([plan(target=100)], counter=WORDS, price=None)
    assert found["rows"] == {"low": 100, "high": 100}
    assert found["calls"] == {"low": math.floor(100 / 0.606), "high": math.ceil(100 / 0.239)}
    out_of_reach = estimate([plan(target=5000)], counter=WORDS, price=None)
    assert out_of_reach["calls"] == {"low": 1000, "high": 1000}
    assert out_of_reach["rows"] == {"low": 239, "high": 606}


def test_a_sample_of_unlike_captions_widens_the_range() -> None:
    unlike = [request(50 + 10 * number) for number in range(11)]
    alike = [request(100)] * 11
    wide, narrow, whole = (
        estimate([plan(requests=requests, share=share)], counter=WORDS, price=None)["input_tokens"]
        for requests, share in ((unlike, 0.011), (alike, 0.011), (unlike, 1.0))
    )
    error = 1.959964 * math.sqrt(1100) * math.sqrt((1 - 0.011) / 11) * 1000
    assert narrow == {"low": 106_000, "high": 148_000}
    assert wide["low"] == pytest.approx(106_000 - error, abs=1)
    assert wide["high"] == pytest.approx(148_000 + error, abs=1)
    assert whole == {"low": 11 * 106, "high": 11 * 148}


def test_what_prompts_share_may_cost_less() -> None:
    """Ten alike: nine of ten texts are read again."""
    kept, never = (
        estimate([plan()], counter=WORDS, price=Price(input=1, output=0, cached_input=cached))["usd"]
        for cached in (0.1, None)
    )
    assert never == {"low": 0.106, "high": 0.148}
    assert kept["low"] == pytest.approx(0.106 * (0.9 * 0.1 + 0.1))
    assert kept["high"] == never["high"]


def test_a_model_of_ones_own_is_free_and_an_unknown_price_is_said() -> None:
    free = estimate([plan()], counter=WORDS, price=FREE)
    assert free["usd"] == {"low": 0, "high": 0}
    assert "price     nothing: the model runs on a machine of yours" in estimate_lines(free, "m")
    unknown = estimate([plan()], counter=WORDS, price=None)
    assert unknown["usd"] is None
    assert "price     not known for some/model: give it with --prices FILE" in estimate_lines(unknown, "some/model")


def test_nothing_to_ask_costs_nothing() -> None:
    found = estimate([plan(requests=[], share=1.0)], counter=WORDS, price=FREE)
    assert found["calls"] == found["rows"] == found["input_tokens"] == {"low": 0, "high": 0}
    assert estimate([], counter=WORDS, price=FREE)["calls"] == {"low": 0, "high": 0}


def test_the_origin_of_each_yield_is_said() -> None:
    assert "paper" in yield_of("text", 100).origin
    assert yield_of("text", 100)[:3] == (0.889 / 2, 0.913, 0.913)
    assert yield_of("text", 10**9, (0, 0)) == yield_of("text", 100)
    assert "guess" in yield_of("mine", 100).origin
    measured = yield_of("text", 10**9, (450, 1000))
    assert measured.origin.startswith("measured: 450 rows of 1,000 requests")
    assert measured[:3] == pytest.approx((0.419, 0.45, 0.481), abs=0.001)
    assert yield_of("text", 50, (450, 1000)).low < 0.32  # few requests: chance adds to what is not known


def test_people_read_the_same_figures() -> None:
    price = Price.model_validate({"input": 0.4, "output": 1.6, "checked": "2026-06-21", "page": "https://x.org/prices"})
    found = estimate([plan(share=0.0001, judging=[request(50)] * 10)], counter=token_counter(None, None), price=price)
    lines = estimate_lines(found, "m")
    assert lines[0] == "rows      23,900 to 60,600"
    assert lines[1] == "calls     123,900 to 200,000"
    assert lines[2].endswith("tokens (estimated, 4.2 characters to a token)")
    assert (
        "0.4 and 1.6 USD per million tokens in and out, https://x.org/prices on 2026-06-21; prices change" in lines[4]
    )
    assert lines[5].startswith("spatial: 23,900 to 60,600 rows of 123,900 to 200,000 calls, yield 61% (24% to 61%)")
    assert lines[6].startswith("yield of spatial: what the paper kept")
    assert any("counted from characters" in line for line in lines)
    assert json.loads(json.dumps(found)) == found


@given(
    st.lists(st.integers(1, 50), max_size=5),
    st.floats(0.001, 1),
    st.none() | st.integers(1, 10_000),
    st.none() | st.tuples(st.integers(0, 100), st.integers(100, 200)),
    st.booleans(),
)
def test_low_is_never_over_high(
    sizes: list[int], share: float, target: int | None, measured: tuple[int, int] | None, judged: bool
) -> None:
    requests = [request(size) for size in sizes]
    found = estimate(
        [plan(requests=requests, share=share, target=target, measured=measured, judging=requests if judged else ())],
        counter=WORDS,
        price=Price(input=3, output=5, cached_input=0.3),
    )
    for figure in ("rows", "calls", "input_tokens", "output_tokens", "usd"):
        assert 0 <= found[figure]["low"] <= found[figure]["high"]
    share_of = found["taxonomies"]["spatial"]["yield"]
    assert 0 <= share_of["low"] <= share_of["expected"] <= share_of["high"] <= 1
    assert found["rows"]["high"] <= found["calls"]["high"]
