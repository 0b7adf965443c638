from datetime import date
from pathlib import Path

import pytest

from tldr_data.errors import InputError, UsageError
from tldr_data.llms.prices import FREE, Price, is_loopback, load_prices, price_of

TABLE = {"big": Price(input=2, output=8), "big-mini": Price(input=0.5, output=2), "org/open-70B": FREE}


def written(folder: Path, text: str) -> Path:
    path = folder / "prices.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_every_shipped_price_says_where_it_stands_and_since_when() -> None:
    prices = load_prices()
    assert len(prices) > 20
    for model, price in prices.items():
        assert price.page is not None, model
        assert price.page.startswith("https://"), model
        assert price.checked is not None, model
        assert date(2025, 1, 1) < price.checked <= date.today(), model
        assert 0 < price.input <= price.output, model
        assert price.cached_input is None or price.cached_input < price.input, model


@pytest.mark.parametrize(
    ("model", "found"),
    [
        ("big", "big"),
        ("big@main", "big"),
        ("big@5f0b02c75b57", "big"),
        ("big-2025-08-07", "big"),
        ("big-20250807", "big"),
        ("big-mini-2512", "big-mini"),
        ("big-mini-2025-04-14@x", "big-mini"),
        ("org/open-70B:0613", "org/open-70B"),
        ("org/open-70B", "org/open-70B"),
    ],
)
def test_a_dated_name_has_the_price_of_its_model(model: str, found: str) -> None:
    assert price_of(model, TABLE) is TABLE[found]


@pytest.mark.parametrize(
    "model", ["big-pro", "big-5", "bigger", "BIG", "", "open-70B", "big-2025-08-07-audio", "big:free"]
)
def test_another_ending_is_another_model(model: str) -> None:
    assert price_of(model, TABLE) is None


def test_a_price_is_of_a_million_tokens() -> None:
    assert TABLE["big"].usd(500_000, 250_000) == 3.0
    assert FREE.usd(10**9, 10**9) == 0


def test_a_file_of_the_user_is_laid_over_ours(tmp_path: Path) -> None:
    path = written(tmp_path, "gpt-4o-mini: {input: 7, output: 9}\nmine: {input: 0, output: 0.5, cached_input: 0}\n")
    prices = load_prices(path)
    assert prices["gpt-4o-mini"] == Price(input=7, output=9)
    assert prices["mine"].output == 0.5
    assert prices["gpt-4o"] == load_prices()["gpt-4o"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("mine: {input: 1}", "mine.output"),
        ("mine: {input: -1, output: 1}", "mine.input"),
        ("mine: {input: .nan, output: 1}", "mine.input"),
        ("mine: {input: .inf, output: 1}", "mine.input"),
        ("mine: {input: true, output: 1}", "mine.input"),
        ("mine: {input: '1', output: 1}", "mine.input"),
        ("mine: {input: 1, output: 1, in: 3}", "allowed are input, output, cached_input"),
        ("5: {input: 1, output: 1}", "5"),
        ("- mine", "the file"),
        ("", "the file"),
        ("mine: {input: [", "not valid YAML"),
        ("[" * 1500, "not valid YAML"),
        ("a: &a [*a]", "a"),
    ],
)
def test_a_wrong_file_is_told_in_one_line(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(InputError) as raised:
        load_prices(written(tmp_path, text))
    assert said in str(raised.value)
    assert "\n" not in str(raised.value)
    assert "prices.yaml" in str(raised.value)


def test_bytes_that_are_no_text_are_no_prices(tmp_path: Path) -> None:
    (tmp_path / "prices.yaml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InputError, match="not valid YAML"):
        load_prices(tmp_path / "prices.yaml")


def test_a_file_that_is_not_there_is_a_wrong_call(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"--prices .*none\.yaml.* cannot be read"):
        load_prices(tmp_path / "none.yaml")
    with pytest.raises(UsageError, match="cannot be read"):
        load_prices(tmp_path)


@pytest.mark.parametrize(
    ("address", "local"),
    [
        ("http://127.0.0.1:8000/v1", True),
        ("http://127.9.9.9/v1", True),
        ("http://[::1]:8000/v1", True),
        ("http://LOCALHOST:1/v1", True),
        ("http://localhost.evil.com/v1", False),
        ("http://10.0.0.1/v1", False),
        ("http://127.0.0.1.evil.com/v1", False),
        ("https://api.openai.com/v1", False),
        ("http://[::1", False),
        ("localhost", False),
    ],
)
def test_only_this_machine_costs_nothing(address: str, local: bool) -> None:
    assert is_loopback(address) is local
