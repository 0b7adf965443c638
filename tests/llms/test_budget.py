from collections.abc import Sequence
from itertools import count
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tldr_data.errors import BuildError, UsageError
from tldr_data.llms.budget import Budget, BudgetSpent, parse_budget
from tldr_data.llms.prices import FREE, Price
from tldr_data.llms.request import Answer, Message, Request

PRICE = Price(input=0.4, output=1.6)


def request(text: str = "a cat", max_tokens: int = 100, ask: int = 0, **more: Any) -> Request:
    return Request(model="m", messages=(Message("user", text),), max_tokens=max_tokens, ask=ask, **more)


def answer(input_tokens: int, output_tokens: int) -> Answer:
    return Answer(text="", input_tokens=input_tokens, output_tokens=output_tokens)


@pytest.mark.parametrize(
    ("text", "amount", "unit"),
    [
        ("20usd", 20 * 10**12, "usd"),
        ("0.5USD", 5 * 10**11, "usd"),
        ("0.000001usd", 10**6, "usd"),
        ("5Mtok", 5_000_000, "tokens"),
        ("1.5mtok", 1_500_000, "tokens"),
        ("200ktok", 200_000, "tokens"),
        (" 1000 tok ", 1000, "tokens"),
    ],
)
def test_a_budget_has_an_amount_and_a_unit(text: str, amount: int, unit: str) -> None:
    assert parse_budget(text) == (amount, unit)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "20",
        "usd",
        "-5usd",
        "0usd",
        "0.0tok",
        "0.5tok",
        "1e9usd",
        "infusd",
        "20eur",
        "5M",
        "1,000tok",
        "٣usd",
        "5 M tok",
    ],
)
def test_anything_else_is_refused_with_what_is_allowed(text: str) -> None:
    with pytest.raises(UsageError) as raised:
        parse_budget(text)
    assert repr(text) in str(raised.value)
    assert "20usd, 5Mtok" in str(raised.value)


def test_a_budget_in_usd_needs_a_price() -> None:
    with pytest.raises(UsageError, match=r"--budget 20usd: .*--prices FILE"):
        Budget(parse_budget("20usd"), None)
    Budget(parse_budget("20usd"), FREE)
    Budget(parse_budget("1tok"), None)


MOVES = st.lists(
    st.tuples(st.sampled_from("reserve settle release".split()), st.integers(0, 600), st.floats(0, 1), st.floats(0, 1)),
    max_size=60,
)
LIMITS = st.one_of(st.integers(1, 4000).map(lambda n: f"{n}tok"), st.integers(1, 4000).map(lambda n: f"0.{n:06d}usd"))


@given(LIMITS, MOVES, st.tuples(st.integers(0, 500), st.integers(0, 500)))
def test_no_order_of_things_passes_the_limit(
    text: str, moves: Sequence[tuple[str, int, float, float]], before: tuple[int, int]
) -> None:
    """Where no answer uses more than was set aside for it; all that is in flight may end at its worst at any moment."""
    limit = parse_budget(text)
    budget = Budget(limit, PRICE, before)
    flying: list[tuple[Request, tuple[int, int]]] = []
    used = before
    numbers = count()

    def cost(tokens: tuple[int, int]) -> float:
        return PRICE.usd(*tokens) if limit.unit == "usd" else sum(tokens)

    most = max(cost(before), float(text[:-3]))
    for move, size, first, second in moves:
        if move == "reserve":
            asked = request("x" * size, max_tokens=size // 4 + 1, ask=next(numbers))
            worst = (budget._most_input(asked), asked.max_tokens)
            try:
                budget.reserve(asked)
            except BudgetSpent:
                continue
            flying.append((asked, worst))
        elif flying:
            asked, worst = flying.pop(int(first * (len(flying) - 1)))
            if move == "release":
                budget.release(asked)
            else:
                spent = (max(1, int(first * worst[0])), int(second * worst[1]))
                budget.settle(asked, answer(*spent))
                used = (used[0] + spent[0], used[1] + spent[1])
        at_worst = cost((used[0] + sum(w[0] for _, w in flying), used[1] + sum(w[1] for _, w in flying)))
        assert at_worst <= most * (1 + 1e-9)
        assert budget.spent_tokens == sum(used)


def test_what_is_given_back_can_be_spent() -> None:
    budget = Budget(parse_budget("400tok"), None)
    budget.reserve(request(max_tokens=200))
    with pytest.raises(BudgetSpent) as raised:
        budget.reserve(request(max_tokens=200, ask=1))
    assert isinstance(raised.value, BuildError)
    assert raised.value.in_flight
    budget.release(request(max_tokens=200))
    budget.reserve(request(max_tokens=200, ask=1))
    budget.settle(request(max_tokens=200, ask=1), answer(20, 5))
    assert budget.spent_tokens == 25
    budget.reserve(request(max_tokens=200, ask=2))


def test_a_request_that_cannot_fit_is_told_from_one_that_must_wait() -> None:
    budget = Budget(parse_budget("400tok"), None)
    budget.reserve(request(max_tokens=200))
    with pytest.raises(BudgetSpent, match=r"0 tokens of 400 tokens spent.*larger --budget") as raised:
        budget.reserve(request(max_tokens=500, ask=1))
    assert not raised.value.in_flight


def test_the_last_token_can_be_spent_and_no_more() -> None:
    asked = request(max_tokens=100)
    worst = Budget(None, None)._most_input(asked) + 100
    Budget(parse_budget(f"{worst}tok"), None).reserve(asked)
    short = Budget(parse_budget(f"{worst - 1}tok"), None)
    for number in range(100):
        short.reserve(request(max_tokens=50, ask=number))
        short.release(request(max_tokens=50, ask=number))
    with pytest.raises(BudgetSpent):
        short.reserve(asked)
    with pytest.raises(BudgetSpent):
        Budget(parse_budget(f"{worst}tok"), None, spent=(0, 1)).reserve(asked)


def test_usd_are_counted_by_the_price() -> None:
    budget = Budget(parse_budget("1usd"), PRICE)
    budget.reserve(request())
    budget.settle(request(), answer(1_000_000, 250_000))
    assert budget.spent_usd == pytest.approx(0.8)
    assert budget.line() == "0.80 of 1.00 USD (1.25M tokens) spent"
    assert Budget(None, None).spent_usd is None


def test_an_answer_that_does_not_say_what_it_used_costs_all_that_was_set_aside() -> None:
    budget = Budget(parse_budget("1Mtok"), None)
    worst = budget._most_input(request()) + 100
    budget.reserve(request())
    budget.settle(request(), answer(0, 0))
    assert budget.spent_tokens == worst
    budget.reserve(request())
    budget.settle(request(), Answer(text="", failure="server_error"))
    assert budget.spent_tokens == worst


def test_nothing_is_given_back_twice() -> None:
    budget = Budget(None, None)
    budget.reserve(request())
    with pytest.raises(ValueError, match="in flight already"):
        budget.reserve(request())
    budget.release(request())
    with pytest.raises(KeyError):
        budget.release(request())
    with pytest.raises(KeyError):
        budget.settle(request(), answer(1, 1))


def test_the_estimate_learns_from_answers() -> None:
    budget = Budget(None, None)
    text = "y" * 6000
    first = budget._most_input(request(text))
    assert 2000 <= first < 2200
    for ask in range(20):
        budget.reserve(request(text, ask=ask))
        budget.settle(request(text, ask=ask), answer(1000, 10))
    assert 1150 < budget._most_input(request(text)) < 1300


def test_a_text_that_the_tokenizer_knows_badly_is_believed_at_once() -> None:
    budget = Budget(None, None)
    text = "y" * 6000
    budget.reserve(request(text))
    budget.settle(request(text), answer(5000, 10))
    assert budget._most_input(request(text)) > 5000


def test_images_schemas_and_choices_cost_too() -> None:
    budget = Budget(None, None)
    plain = budget._most_input(request())
    assert budget._most_input(request(schema={"type": "object", "title": "t" * 300})) > plain + 100
    assert budget._most_input(request(choices=("y" * 300,))) > plain + 99
    seen = request(images=(b"1", b"2"))
    assert budget._most_input(seen) >= plain + 2000
    budget.reserve(seen)
    budget.settle(seen, answer(20_000, 1))
    assert budget._most_input(seen) >= 20_000
    assert budget._most_input(request()) == plain


def test_without_a_limit_everything_is_counted() -> None:
    budget = Budget(None, PRICE, spent=(10, 5))
    budget.reserve(request(max_tokens=10**9))
    budget.settle(request(max_tokens=10**9), answer(90, 15))
    assert budget.spent_tokens == 120
    assert budget.line() == "120 tokens spent (7.2e-05 USD)"
