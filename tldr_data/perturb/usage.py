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
from typing import Any, NamedTuple

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
    sites: Counter[str | None] = field(default_factory=Counter)
    """Context -> sites; of None all sites."""
    choices: dict[str, frozenset[str]] = field(default_factory=dict)
    """Term -> all that was ever offered for it."""
    inserted: Counter[str] = field(default_factory=Counter)
    """First word of what could be written where nothing stands -> sites."""
    words: Counter[str] = field(default_factory=Counter)
    """All words -> how often the source writes them; of all subtypes the same."""

    def add(self, parsed: Parsed, sites: Iterable[Site]) -> None:
        """Count in the sites of one of the source's own texts; its words are counted by the caller."""
        for site in sites:
            self.inserted.update({first_word(choice) for choice in site.choices if is_insertion(choice)})
            offered = frozenset(written(choice) for choice in site.choices if not is_insertion(choice))
            if offered:
                term = term_of(parsed, site)
                self.terms[term] += 1
                context = context_of(parsed, site)
                self.beside[context][term] += 1
                self.sites.update((None, context))
                self.choices[term] = self.choices.get(term, frozenset()) | offered

    def shares(self, terms: Iterable[str], context: str) -> list[float]:
        """How often a site in this context reads as each of the terms, 0..1."""
        near, total = self.sites.get(context, 0), max(self.sites.get(None, 0), 1)
        said, overall = self.beside.get(context, Counter[str]()), self.terms
        return [(said.get(term, 0) + SMOOTHING * (overall.get(term, 0) / total)) / (near + SMOOTHING) for term in terms]

    def leaving(self, offered: Iterable[str], context: str) -> float:
        """Share of all sites in this context that read as one of the words offered."""
        return math.fsum(self.shares(offered, context))  # exact, so that the order of a set is nothing to it

    def to_json(self) -> dict[str, Any]:
        """As JSON holds it."""
        choices = {term: sorted(offered) for term, offered in self.choices.items()}
        words = {word: self.words[word] for word in sorted(self.inserted)}
        return {
            "terms": self.terms, "beside": self.beside, "choices": choices, "inserted": self.inserted, "words": words,
        }  # fmt: skip

    @classmethod
    def from_json(cls, found: Mapping[str, Any]) -> Usage:
        """The reverse of ``to_json``."""
        beside = {context: Counter(terms) for context, terms in found["beside"].items()}
        choices = {term: frozenset(offered) for term, offered in found["choices"].items()}
        sites = Counter[str | None]({context: terms.total() for context, terms in beside.items()})
        sites[None] = sum(found["terms"].values())
        return cls(Counter(found["terms"]), beside, sites, choices, Counter(found["inserted"]), Counter(found["words"]))


def is_insertion(choice: Choice) -> bool:
    """Whether its first false words are written where nothing stood."""
    return not isinstance(choice, str) and any(c.start == c.end for c in choice if not c.collateral)


def written(choice: Choice) -> str:
    """The first false words that a choice writes, lower case."""
    if isinstance(choice, str):
        return choice.lower()
    return next((c.replacement.strip(", ").lower() for c in choice if not c.collateral), "")


def first_word(choice: Choice) -> str:
    """Of what it writes."""
    return written(choice).partition(" ")[0]


def term_of(parsed: Parsed, site: Site) -> str:
    """What stands at a site, lower case."""
    return " ".join(parsed.lowers[site.first : site.last + 1])


def context_of(parsed: Parsed, site: Site) -> str:
    """The noun that the site's words belong to or, where they are that noun, the word before its phrase."""
    phrase = site.phrase or parsed.phrase_of(site.last + 1)
    if phrase is None or site.last >= phrase.head:
        return parsed.lower((phrase.first if phrase else site.first) - 1)
    return parsed.lower(phrase.head)


class Draw(NamedTuple):
    """The choices of a site in the order to try them."""

    choices: tuple[Choice, ...]
    turn: float
    """0: as good a site as any other. Up to 1: the more its words would come in than go out, the later. 2: the source
    never writes at such a site what could be written there."""


def draw(usage: Usage | None, parsed: Parsed, site: Site, rng: random.Random) -> Draw:
    """What to write at a site, and when to turn to it.

    Words that the old ones could replace in turn come first. What the sentence says elsewhere too is not written again
    (``contradicts_elsewhere``), so where the old words stand twice there is no way back.
    """
    choices = list(site.choices)
    rng.shuffle(choices)
    if usage is None or not choices:
        return Draw(tuple(choices), 0)
    if site.also:
        return Draw(tuple(choices), _swap_turn(usage, parsed, site, rng))
    if is_insertion(choices[0]):
        word = first_word(choices[0])
        return Draw(tuple(choices), _turn(rng, usage.words[word], usage.inserted[word]))
    term, context, said = term_of(parsed, site), context_of(parsed, site), _said_elsewhere(parsed, site)
    words = [written(choice) for choice in choices]
    back = {word for word in words if term in usage.choices.get(word, ())}
    clocks = [_clock(share, rng) for share in usage.shares(words, context)]
    order = sorted(range(len(words)), key=lambda i: (words[i] not in back, clocks[i]))
    drawn, words = tuple(choices[i] for i in order), [words[i] for i in order]
    free = [word for word in words if word in back and word not in said]
    if not free or term in said:
        return Draw(drawn, 1 if usage.leaving(words, context) else 2)
    there = usage.leaving(usage.choices[free[0]] - said, context)
    return Draw(drawn, _turn(rng, usage.leaving(set(free), context), there))


def _turn(rng: random.Random, source: float, ours: float) -> float:
    """0 as often as the source's share is of ours, 2 where the source has none."""
    if not source:
        return 2.0
    return 0.0 if rng.random() * ours < source else 1.0 - source / ours


def _swap_turn(usage: Usage, parsed: Parsed, site: Site, rng: random.Random) -> float:
    """Of words that change places: how likely are both where they come to stand, beside where they stood?"""
    now = then = 1.0
    for place in (site, *site.also):
        here, there = usage.shares((term_of(parsed, place), written(place.choices[0])), context_of(parsed, place))
        now, then = now * here, then * there
    return _turn(rng, then, now)


def _said_elsewhere(parsed: Parsed, site: Site) -> frozenset[str]:
    """Words of the site's sentence that are not its own."""
    sentence = parsed.tokens[site.first].sentence
    others = parsed.tokens[: site.first] + parsed.tokens[site.last + 1 :]
    return frozenset([token.lower for token in others if token.sentence == sentence])


def _clock(share: float, rng: random.Random) -> float:
    """The first of several such clocks to ring is drawn in proportion to their shares."""
    return -math.log(1.0 - rng.random()) / share if share else math.inf
