"""How a source itself uses the words that the rules exchange, and choices that leave this use as it is.

A word that an edit puts in more often than captions say it would be known as false by itself. So a choice is drawn as
often as the source says it of such a thing, and a site is preferred as often as the way back would be taken: word by
word, as many false ones come in as true ones go out (detailed balance, as in Metropolis and Hastings' sampling).
"""

from __future__ import annotations

import math
import random
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tldr_data.perturb.parse import Parsed
from tldr_data.perturb.sites import Choice, Site

SMOOTHING = 5.0
"""Sites: what is said of one kind of thing counts beside what is said of all from about so many on."""


@dataclass(slots=True)
class Usage:
    """What a source writes at the sites of one subtype."""

    terms: Counter[str] = field(default_factory=Counter)
    """Term -> sites."""
    beside: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    """Context (``context_of``) -> term -> sites."""
    choices: dict[str, frozenset[str]] = field(default_factory=dict)
    """Term -> all that was ever offered for it."""

    def add(self, parsed: Parsed, site: Site) -> None:
        """Count in one site of the source's own texts."""
        offered = frozenset(choice.lower() for choice in site.choices if isinstance(choice, str))
        if offered:
            term = term_of(parsed, site)
            self.terms[term] += 1
            self.beside[context_of(parsed, site)][term] += 1
            self.choices[term] = self.choices.get(term, frozenset()) | offered

    def share(self, term: str, context: str) -> float:
        """How often a site in this context reads so, 0..1."""
        near = self.beside.get(context, Counter[str]())
        overall = self.terms[term] / max(self.terms.total(), 1)
        return (near[term] + SMOOTHING * overall) / (near.total() + SMOOTHING)

    def leaving(self, offered: Iterable[str], context: str) -> float:
        """Share of all sites in this context that read as one of the words offered."""
        return sum(self.share(term, context) for term in offered)

    def to_json(self) -> dict[str, Any]:
        """As JSON holds it."""
        choices = {term: sorted(offered) for term, offered in self.choices.items()}
        return {"terms": self.terms, "beside": self.beside, "choices": choices}

    @classmethod
    def from_json(cls, found: Mapping[str, Any]) -> Usage:
        """The reverse of ``to_json``."""
        beside = {context: Counter(terms) for context, terms in found["beside"].items()}
        choices = {term: frozenset(offered) for term, offered in found["choices"].items()}
        return cls(Counter(found["terms"]), beside, choices)


def term_of(parsed: Parsed, site: Site) -> str:
    """What stands at a site, lower case."""
    return " ".join(parsed.lower(i) for i in range(site.first, site.last + 1))


def context_of(parsed: Parsed, site: Site) -> str:
    """The noun that the site's words belong to or, where they are that noun, the word before its phrase."""
    phrase = site.phrase or parsed.phrase_of(site.last + 1)
    if phrase is None or site.last >= phrase.head:
        return parsed.lower((phrase.first if phrase else site.first) - 1)
    return parsed.lower(phrase.head)


def ranked(usage: Usage | None, parsed: Parsed, site: Site, rng: random.Random) -> tuple[list[Choice], bool]:
    """The site's choices in the order to try them, and whether the site is as good as any other.

    Choices that the source never writes at such a site come last. What the sentence says elsewhere too is not written
    again (``contradicts_elsewhere``), so where the old words stand twice there is no way back.
    """
    choices = list(site.choices)
    rng.shuffle(choices)
    term = term_of(parsed, site)
    if usage is None or term not in usage.terms:
        return choices, True
    context = context_of(parsed, site)
    clocks = [_clock(usage, choice, context, rng) for choice in choices]
    order = sorted(range(len(choices)), key=lambda at: clocks[at])
    said = _said_elsewhere(parsed, site)
    offered = [choice.lower() for at in order if isinstance(choice := choices[at], str)]
    free = [choice for choice in offered if choice not in said]
    if not free:
        return choices, True
    here = usage.leaving(set(free), context)
    there = usage.leaving(usage.choices.get(free[0], frozenset()) - said, context)
    return [choices[at] for at in order], term not in said and rng.random() * there < here


def _said_elsewhere(parsed: Parsed, site: Site) -> frozenset[str]:
    """Words of the site's sentence that are not its own."""
    sentence = parsed.tokens[site.first].sentence
    tokens = enumerate(parsed.tokens)
    return frozenset(t.lower for i, t in tokens if t.sentence == sentence and not site.first <= i <= site.last)


def _clock(usage: Usage, choice: Choice, context: str, rng: random.Random) -> float:
    """The first of several such clocks to ring is drawn in proportion to their shares."""
    share = usage.share(choice.lower(), context) if isinstance(choice, str) else 0.0
    return -math.log(1.0 - rng.random()) / share if share else math.inf
