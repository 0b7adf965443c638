"""A limit on what a build spends, which is never passed: what a request could cost at most is set aside before it is
asked, and what it did cost is counted once it is answered."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Literal, NamedTuple

import orjson

from tldr_data.errors import BuildError, UsageError
from tldr_data.llms.prices import MILLION, Price, money
from tldr_data.llms.request import Answer, Request
from tldr_data.llms.tokens import IMAGE_TOKENS, MESSAGE_TOKENS, REQUEST_TOKENS

BYTES = 3.0
"""Of UTF-8 to a token, at first: prompts have some 4, and JSON 2.8 at worst."""
MARGIN = 1.2
"""What the most tokens to a byte seen so far are multiplied by, once ``SETTLED`` answers have told."""
SETTLED = 20
_USD = 10**12
"""A price per million tokens times this over a million is a whole number for six decimals; sums of it are exact."""
_LIMIT = re.compile(r"([0-9]{1,15}(?:\.[0-9]{1,12})?) ?(usd|tok|ktok|mtok)", re.IGNORECASE)
_TOKENS = {"tok": 1, "ktok": 1_000, "mtok": MILLION}


class BudgetSpent(BuildError):
    """There is not enough left for a request."""

    def __init__(self, message: str, *, in_flight: bool) -> None:
        super().__init__(message)
        self.in_flight = in_flight
        """Whether it could fit once requests in flight are answered: they cost less than what is set aside for them."""


class Limit(NamedTuple):
    """What may be spent: tokens, or USD as a number of millionths of a millionth."""

    amount: int
    unit: Literal["usd", "tokens"]

    def __str__(self) -> str:
        return f"{money(self.amount / _USD)} USD" if self.unit == "usd" else _many(self.amount)


def parse_budget(text: str) -> Limit:
    """A limit as people write it.

    Raises:
        UsageError: it is none.

    >>> parse_budget("1.5Mtok"), str(parse_budget("20usd"))
    (Limit(amount=1500000, unit='tokens'), '20.00 USD')
    """
    match = _LIMIT.fullmatch(text.strip())
    if match:
        unit = match[2].lower()
        amount = int(Decimal(match[1]) * (_USD if unit == "usd" else _TOKENS[unit]))
        if amount > 0:
            return Limit(amount, "usd" if unit == "usd" else "tokens")
    raise UsageError(
        f"--budget {text!r}: allowed is an amount over zero with its unit, as 20usd, 5Mtok, 200ktok, 1000tok"
    )


class Budget:
    """Counts what is spent on one model, and refuses what could pass the limit. For use in one thread."""

    def __init__(self, limit: Limit | None, price: Price | None, spent: tuple[int, int] = (0, 0)) -> None:
        """
        Args:
            limit: None: everything is allowed, and counted all the same.
            price: None where it is not known; ``FREE`` for a model on a machine of one's own.
            spent: input and output tokens that earlier runs of the same build spent.

        Raises:
            UsageError: a limit in USD without a price.
        """
        if limit is not None and limit.unit == "usd" and price is None:
            raise UsageError(
                f"--budget {limit.amount / _USD:g}usd: the price of this model is not known: "
                "give it with --prices FILE, or a budget in tokens, as 5Mtok"
            )
        self.limit = limit
        self.price = price
        self._spent = spent
        self._in_flight: dict[str, tuple[int, int]] = {}
        self._set_aside = 0
        self._rate = 1 / BYTES
        self._worst_seen = 0.0
        self._settled = 0
        self._per_image = IMAGE_TOKENS[1]

    def reserve(self, request: Request) -> None:
        """Set aside what a request costs at most.

        Raises:
            BudgetSpent: with it, the limit could be passed. Nothing is set aside.
            ValueError: the same request is in flight already.
        """
        if request.key in self._in_flight:
            raise ValueError(f"request {request.key} is in flight already")
        most = (self._most_input(request), request.max_tokens)
        cost = self._cost(most)
        left = None if self.limit is None else self.limit.amount - self._cost(self._spent)
        if left is not None and self._set_aside + cost > left:
            raise BudgetSpent(
                f"the next request could pass the budget ({self.line()}): "
                "to go on, give the same command with a larger --budget",
                in_flight=cost <= left,
            )
        self._in_flight[request.key] = most
        self._set_aside += cost

    def settle(self, request: Request, answer: Answer) -> None:
        """Count what an answer cost, in place of what was set aside for it; all of that where the server does not say.

        Raises:
            KeyError: nothing is set aside for it.
        """
        most = self._take(request)
        used = (answer.input_tokens, answer.output_tokens)
        if used == (0, 0) and answer.failure is None:
            used = most
        elif used[0] > 0:
            self._learn(request, used[0])
        self._spent = (self._spent[0] + used[0], self._spent[1] + used[1])

    def release(self, request: Request) -> None:
        """Give back what was set aside for a request that cost nothing.

        Raises:
            KeyError: nothing is set aside for it.
        """
        self._take(request)

    @property
    def spent_tokens(self) -> int:
        """Input and output together."""
        return sum(self._spent)

    @property
    def spent_usd(self) -> float | None:
        """None where no price is known."""
        return None if self.price is None else self.price.usd(*self._spent)

    def line(self) -> str:
        """What is spent, for people.

        >>> Budget(parse_budget("20usd"), Price(input=1, output=5), spent=(1_000_000, 100_000)).line()
        '1.50 of 20.00 USD (1.1M tokens) spent'
        >>> Budget(None, None, spent=(900, 50)).line()
        '950 tokens spent'
        """
        tokens, usd = _many(self.spent_tokens), self.spent_usd
        if self.limit is not None and self.limit.unit == "usd" and usd is not None:
            return f"{money(usd)} of {self.limit} ({tokens}) spent"
        of = "" if self.limit is None else f" of {self.limit}"
        return f"{tokens}{of} spent" + ("" if not usd else f" ({money(usd)} USD)")

    def _cost(self, tokens: tuple[int, int]) -> int:
        """In the limit's unit: tokens, where there is no limit in USD."""
        if self.limit is None or self.limit.unit == "tokens" or self.price is None:
            return sum(tokens)
        return tokens[0] * round(self.price.input * MILLION) + tokens[1] * round(self.price.output * MILLION)

    def _take(self, request: Request) -> tuple[int, int]:
        most = self._in_flight.pop(request.key)
        self._set_aside -= self._cost(most)
        return most

    def _most_input(self, request: Request) -> int:
        around = REQUEST_TOKENS[1] + len(request.messages) * MESSAGE_TOKENS[1]
        return around + round(_bytes(request) * self._rate) + 1 + len(request.images) * self._per_image

    def _learn(self, request: Request, used: int) -> None:
        """Draw the estimate towards what answers say: down with caution, up at once."""
        if request.images:  # text and images are told apart by the estimate of the text alone
            self._per_image = max(self._per_image, -(-used // len(request.images)))
            return
        self._settled += 1
        self._worst_seen = max(self._worst_seen, used / max(_bytes(request), 1))
        if self._settled >= SETTLED or self._worst_seen > self._rate:
            self._rate = self._worst_seen * MARGIN


def _bytes(request: Request) -> int:
    """Of all text that may reach the model. No tokenizer in use makes more than one token of a byte."""
    size = sum(len(message.content.encode()) for message in request.messages)
    size += sum(len(choice.encode()) for choice in request.choices)
    return size + (0 if request.schema is None else len(orjson.dumps(request.schema)))


def _many(tokens: int) -> str:
    """
    >>> _many(999), _many(1_100_000), _many(20_000)
    ('999 tokens', '1.1M tokens', '20k tokens')
    """
    for size, letter in ((MILLION, "M"), (1000, "k")):
        if tokens >= size:
            return f"{tokens / size:.3g}{letter} tokens"
    return f"{tokens:,} tokens"
