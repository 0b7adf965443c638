"""What tokens cost: prices.yaml beside this file, and what a user lays over it."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

import yaml
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from tldr_data.errors import InputError, UsageError

SHIPPED = Path(__file__).with_name("prices.yaml")
MILLION = 1_000_000
_LARGEST_FILE = 2**20
_DATED = re.compile(r"([-:][0-9]{3,}(-[0-9]{2}){0,2})?(@.*)?", re.DOTALL)
"""What may follow a name: the date or number of a version (``-2025-08-07``, ``-20250929``, ``-002``), a revision."""

Usd = Annotated[float, Field(strict=True, ge=0, le=MILLION, allow_inf_nan=False)]


class Price(BaseModel):
    """USD per million tokens."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    input: Usd
    output: Usd
    cached_input: Usd | None = None
    """Of input that the server has read before and kept, where it says so."""
    checked: date | None = None
    """When ``page`` said so."""
    page: str | None = None

    def usd(self, input_tokens: float, output_tokens: float) -> float:
        """What so many tokens cost, without any discount.

        >>> Price(input=0.4, output=1.6).usd(1_000_000, 500_000)
        1.2
        """
        return (self.input * input_tokens + self.output * output_tokens) / MILLION


FREE = Price(input=0, output=0)
"""Of a model that runs on a machine of one's own."""
_TABLE = TypeAdapter(dict[str, Price])


def load_prices(path: Path | None = None) -> dict[str, Price]:
    """Price of each model by its name: the shipped ones, with those of the user's file in place of ours.

    Raises:
        UsageError: the file cannot be read.
        InputError: it is no YAML, or not of this form; the message names the model and the key.
    """
    shipped = _TABLE.validate_python(yaml.safe_load(SHIPPED.read_text(encoding="utf-8")))
    return shipped if path is None else shipped | _read(path)


def _read(path: Path) -> dict[str, Price]:
    try:
        if path.stat().st_size > _LARGEST_FILE:
            raise InputError(f"prices {str(path)!r} have over {_LARGEST_FILE:,} bytes: that is no price table")
        # Not libyaml's loader: it ends the process on deep nesting.
        content: Any = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(f"--prices {str(path)!r} cannot be read: {error.strerror}") from None
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise InputError(f"prices {str(path)!r} are not valid YAML: {' '.join(str(error).split())[:300]}") from None
    try:
        return _TABLE.validate_python(content)
    except ValidationError as error:
        raise InputError(f"prices {str(path)!r}: {_first_fault(error)}") from None


def _first_fault(error: ValidationError) -> str:
    fault = error.errors()[0]
    where = ".".join(str(part) for part in fault["loc"] if part != "[key]") or "the file"
    if fault["type"] == "extra_forbidden":
        return f"unknown key {where!r}: allowed are {', '.join(Price.model_fields)}"
    return f"{where}: {fault['msg']}, got {str(fault['input'])[:60]!r}"


def price_of(model: str, prices: Mapping[str, Price]) -> Price | None:
    """The price of a model: under its name, else under the longest part of it that leaves only a date or a revision.

    No other ending is taken for the same model: ``gpt-5-pro`` costs twelve times as much as ``gpt-5``.

    >>> prices = {"gpt-5": Price(input=1.25, output=10), "gpt-5-mini": Price(input=0.25, output=2)}
    >>> price_of("gpt-5-mini-2025-08-07", prices).input, price_of("gpt-5@1a2b", prices).input
    (0.25, 1.25)
    >>> price_of("gpt-5-pro", prices) is None
    True
    """
    ends = (end for end in range(len(model), 0, -1) if _DATED.fullmatch(model, end))
    return next((prices[model[:end]] for end in ends if model[:end] in prices), None)


def money(usd: float) -> str:
    """An amount for people, without its unit.

    >>> money(0.0042), money(0), money(12.3), money(1234.5)
    ('0.0042', '0.00', '12.30', '1,234.50')
    """
    return f"{usd:,.2f}" if usd == 0 or usd >= 0.1 else f"{usd:.2g}"


def is_loopback(base_url: str) -> bool:
    """Whether a server runs on this machine, and so costs nothing.

    >>> is_loopback("http://127.0.0.1:8000/v1"), is_loopback("http://localhost/v1"), is_loopback("https://api.x.com/v1")
    (True, True, False)
    """
    try:
        host = urlsplit(base_url).hostname or ""
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
