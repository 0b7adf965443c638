"""What a build that asks a language model will take, said before anything is spent."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import pairwise
from typing import Any, NamedTuple

from tldr_data.llms.prices import MILLION, Price, money
from tldr_data.llms.request import Request
from tldr_data.llms.tokens import Counter, input_tokens
from tldr_data.yields import wilson

PAPER = {
    "spatial": (0.606, 0.478),
    "attribute": (0.943, 0.912),
    "binding": (0.926, 0.625),
    "object": (0.725, 0.796),
    "counting": (0.717, 0.794),
    "small_object": (0.798, 0.850),
    "text": (0.913, 0.889),
    "counterfactual": (0.877, 0.604),
    "answers": (0.69, 0.69),
}
"""Taxonomy -> share of captions that gave a row: of 14,639 DOCCI captions, and of 94,684 captions of Visual Genome.
Table 8 of Fu et al., TLDR: Token-Level Detective Reward Model (arXiv 2410.04734v2), negatives over positives;
of answers 1,179,007 over the 1.7 million questions that Visual Genome has."""
Z = 1.959964


class Range(NamedTuple):
    """A figure that is not known: at least, and at most."""

    low: float
    high: float

    def plus(self, other: Range) -> Range:
        return Range(self.low + other.low, self.high + other.high)

    def times(self, other: Range) -> Range:
        return Range(self.low * other.low, self.high * other.high)

    def to_json(self) -> dict[str, int]:
        """In whole numbers, away from the middle."""
        return {"low": math.floor(self.low + 1e-6), "high": math.ceil(self.high - 1e-6)}


NONE = Range(0, 0)
YES_OR_NO = Range(1, 5)
"""Tokens of a judge's answer."""


class Yield(NamedTuple):
    """Share of perturbing requests that give a row."""

    low: float
    expected: float
    high: float
    origin: str
    """Where it is known from, and what low and high cover."""


@dataclass(frozen=True, kw_only=True)
class Questions:
    """What is to be asked for one taxonomy, shown by a sample."""

    taxonomy: str
    requests: Sequence[Request]
    """Perturbing requests for a sample of the captions, one a caption, in the order of the build."""
    share: float
    """Of all of the taxonomy's perturbing requests, those in ``requests``: over 0, 1 where they are all."""
    output_tokens: Range
    """Expected of one perturbing request: few for edits, as many as the caption has for a rewrite."""
    judging: Sequence[Request] = ()
    """Judging requests that the sample would lead to, were every answer to reach the judge; empty: no judge."""
    judge_output_tokens: Range = YES_OR_NO
    target: int | None = None
    """Rows that are enough (``--target``)."""
    measured: tuple[int, int] | None = None
    """Rows kept and requests answered in an earlier build with this model on such captions."""


def estimate(plans: Sequence[Questions], *, counter: Counter, price: Price | None) -> dict[str, Any]:
    """Calls, tokens, cost and rows of a build, as ``--dry-run --json`` prints them.

    Args:
        plans: of each taxonomy.
        counter: ``tokens.token_counter(model, base_url)``.
        price: ``prices.price_of(model, load_prices(path))``; ``FREE`` for a local model; None: not known.

    Returns:
        ``rows``, ``calls``, ``input_tokens``, ``output_tokens`` and ``usd`` (None without a price), each as ``low`` and
        ``high``; ``price``; ``tokens_by``; ``covers``: what lies between low and high; ``taxonomies``: the figures of
        each, and its ``yield`` (``low``, ``expected``, ``high``, ``origin``).

    >>> from tldr_data.llms.request import Message
    >>> ask = Request(model="m", messages=(Message("user", "Change one thing: a red cat on a mat."),), max_tokens=256)
    >>> plan = Questions(taxonomy="spatial", requests=[ask, ask], share=0.01, output_tokens=Range(25, 60))
    >>> words = Counter("words", True, lambda text: len(text.split()))
    >>> found = estimate([plan], counter=words, price=Price(input=1, output=4))
    >>> found["calls"], found["output_tokens"], found["taxonomies"]["spatial"]["yield"]["expected"]
    ({'low': 200, 'high': 200}, {'low': 5000, 'high': 12000}, 0.606)
    """
    parts = {plan.taxonomy: _one(plan, counter, price) for plan in plans}
    return {
        **_figures(_Part(*(reduce(Range.plus, each, NONE) for each in zip(*parts.values(), strict=True))), price),
        "price": None if price is None else price.model_dump(mode="json", exclude_none=True),
        "tokens_by": counter.origin,
        "covers": _covers(plans, counter, price),
        "taxonomies": {
            plan.taxonomy: {**_figures(parts[plan.taxonomy], price), "yield": _yield(plan)._asdict()} for plan in plans
        },
    }


class _Part(NamedTuple):
    rows: Range = NONE
    calls: Range = NONE
    input_tokens: Range = NONE
    output_tokens: Range = NONE
    usd: Range = NONE


def _one(plan: Questions, counter: Counter, price: Price | None) -> _Part:
    everything, gives = len(plan.requests) / plan.share, _yield(plan)
    enough = math.inf if plan.target is None else plan.target
    # Asking ends where the target is reached, or where there is nothing left to ask.
    asked = Range(*(min(everything, enough / max(share, 1e-9)) for share in (gives.high, gives.low)))
    rows = Range(*(min(enough, everything * share) for share in (gives.low, gives.high)))
    # Every row that is kept was judged, and at most every answer: what the rules reject does not reach the judge.
    each = len(plan.judging) / max(len(plan.requests), 1)
    judged = Range(rows.low * each, asked.high * each)
    perturbing = _asking(plan.requests, asked.times(_input(plan.requests, counter, plan.share)), price)
    judging = _asking(plan.judging, judged.times(_input(plan.judging, counter, plan.share)), price)
    outputs = asked.times(plan.output_tokens).plus(judged.times(plan.judge_output_tokens))
    written = NONE if price is None else Range(price.usd(0, outputs.low), price.usd(0, outputs.high))
    return _Part(
        rows,
        asked.plus(judged),
        perturbing.input_tokens.plus(judging.input_tokens),
        outputs,
        perturbing.usd.plus(judging.usd).plus(written),
    )


def _asking(requests: Sequence[Request], inputs: Range, price: Price | None) -> _Part:
    """The input of requests like these. At least so much is paid: what they share at the price of what is kept."""
    if price is None:
        return _Part(input_tokens=inputs)
    kept = price.input if price.cached_input is None else min(price.cached_input, price.input)
    shared = _shared(requests)
    least = inputs.low * (shared * kept + (1 - shared) * price.input) / MILLION
    return _Part(input_tokens=inputs, usd=Range(least, price.usd(inputs.high, 0)))


def _figures(part: _Part, price: Price | None) -> dict[str, Any]:
    figures: dict[str, Any] = {name: found.to_json() for name, found in part._asdict().items() if name != "usd"}
    low, high = (round(usd, 6) for usd in part.usd)
    return {**figures, "usd": None if price is None else {"low": low, "high": high}}


def _yield(plan: Questions) -> Yield:
    return yield_of(plan.taxonomy, round(len(plan.requests) / plan.share), plan.measured)


def yield_of(taxonomy: str, requests: int, measured: tuple[int, int] | None = None) -> Yield:
    """How many of so many requests give a row, as far as it is known.

    >>> yield_of("spatial", 1000).expected, yield_of("mine", 1000)[:3]
    (0.606, (0.1, 0.5, 0.95))
    >>> [round(share, 3) for share in yield_of("spatial", 1000, (300, 1000))[:3]]
    [0.26, 0.3, 0.341]
    """
    if measured is not None and measured[1] > 0:
        kept, answered = measured
        share = kept / answered
        low, high = wilson(kept, answered)
        chance = Z * math.sqrt(share * (1 - share) / max(requests, 1))  # of these requests, were the share known
        return Yield(
            max(0.0, share - math.hypot(share - low, chance)),
            share,
            min(1.0, share + math.hypot(high - share, chance)),
            f"measured: {kept:,} rows of {answered:,} requests; 95% interval",
        )
    if taxonomy in PAPER:
        docci, genome = PAPER[taxonomy]
        return Yield(
            min(docci, genome) / 2,
            docci,
            max(docci, genome),
            "what the paper kept with Llama-3.1-70B: expected on DOCCI, high the better of its two corpora, "
            "low half of the worse, for a weaker model",
        )
    return Yield(0.1, 0.5, 0.95, "a guess: nothing is known of this taxonomy yet; build some rows first (--limit 100)")


def _input(requests: Sequence[Request], counter: Counter, share: float) -> Range:
    """Input tokens of one request, with what a sample leaves open."""
    if not requests:
        return NONE
    counts = [input_tokens(counter, request) for request in requests]
    low, high = (statistics.fmean(count[end] for count in counts) for end in (0, 1))
    if len(counts) == 1:
        return Range(low, high)
    error = Z * statistics.stdev(high for _, high in counts) * math.sqrt((1 - share) / len(counts))
    return Range(max(0.0, low - error), high + error)


def _shared(requests: Sequence[Request]) -> float:
    """Share of the text that a request has in common with the one before it, from the beginning."""
    texts = ["\n".join(message.content for message in request.messages) for request in requests]
    common = sum(_common(*pair) for pair in pairwise(texts))
    return common / max(sum(map(len, texts)), 1)


def _common(one: str, other: str) -> int:
    """
    >>> _common("in the red", "in the blue"), _common("a", "ab")
    (7, 1)
    """
    return next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))


def _covers(plans: Sequence[Questions], counter: Counter, price: Price | None) -> list[str]:
    """What lies between low and high, and what lies outside of them."""
    said = []
    if any(plan.share < 1 for plan in plans):
        said.append("input tokens: 95% interval of the sample of captions")
    if not counter.exact:
        said.append("tokens: counted from characters, so the range spans common tokenizers")
    if any(plan.judging for plan in plans):
        said.append("calls: at least the kept rows are judged, at most every answer")
    said.append("output tokens: what such answers usually need; a model that thinks first writes many more")
    if price is not None and price.cached_input is not None:
        said.append("price, low: the server keeps the shared beginning of prompts; high: it keeps nothing")
    return [*said, "not in it: requests that are repeated because a server failed"]


def estimate_lines(found: dict[str, Any], model: str) -> list[str]:
    """An estimate for people."""
    lines = [f"rows      {_between(found['rows'])}", f"calls     {_between(found['calls'])}"]
    lines += [f"input     {_between(found['input_tokens'])} tokens ({found['tokens_by']})"]
    lines += [f"output    {_between(found['output_tokens'])} tokens", f"price     {_priced(found, model)}"]
    origins: dict[str, list[str]] = {}
    for name, part in found["taxonomies"].items():
        share = part["yield"]
        origins.setdefault(share["origin"], []).append(name)
        lines.append(
            f"{name}: {_between(part['rows'])} rows of {_between(part['calls'])} calls, "
            f"yield {share['expected']:.0%} ({share['low']:.0%} to {share['high']:.0%})"
        )
    lines += [f"yield of {', '.join(names)}: {origin}" for origin, names in origins.items()]
    return [*lines, *found["covers"]]


def _between(figure: dict[str, int]) -> str:
    """
    >>> _between({"low": 1200, "high": 3400}), _between({"low": 7, "high": 7})
    ('1,200 to 3,400', '7')
    """
    low, high = (f"{figure[end]:,}" for end in ("low", "high"))
    return low if low == high else f"{low} to {high}"


def _priced(found: dict[str, Any], model: str) -> str:
    usd, price = found["usd"], found["price"]
    if usd is None:
        return f"not known for {model}: give it with --prices FILE"
    if not price["input"] and not price["output"]:
        return "nothing: the model runs on a machine of yours"
    low, high = money(usd["low"]), money(usd["high"])
    origin = f", {price['page']} on {price['checked']}" if "page" in price and "checked" in price else ""
    each = f"{price['input']:g} and {price['output']:g} USD per million tokens in and out{origin}"
    return f"{low} to {high} USD ({each}; prices change)"
