"""From a true text to perturbed ones, by rules: each edit at exact offsets, labelled when it is made."""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from types import MappingProxyType
from typing import NamedTuple

from tldr_data.example import Edit, Example, Span, apply_edits, derived_id, written_spans
from tldr_data.perturb.agreement import count_changes
from tldr_data.perturb.coherence import contradicts_elsewhere, is_excluded, is_protected, is_told_again, makes_idiom
from tldr_data.perturb.grammar import article, like
from tldr_data.perturb.parse import Parsed, parse
from tldr_data.perturb.rules import RULES
from tldr_data.perturb.sites import Change, Choice, Site
from tldr_data.perturb.usage import Draw, Usage, draw
from tldr_data.taxonomy import WRITING, Taxonomy, paraphrases

MAX_SITES = 200
"""Of one subtype in one text. Each is held against the whole text, so that a text of 20,000 words would take a minute;
no DOCCI or ImageInWords description that we have has over 22."""


class Perturbation(NamedTuple):
    """One way to make a reference false."""

    subtype: str
    changes: tuple[Change, ...]

    @property
    def edits(self) -> tuple[Edit, ...]:
        """The changes, as a row holds them."""
        return tuple(Edit(change.start, change.end, change.replacement) for change in self.changes)


Usages = Mapping[str, Usage]
"""Subtype -> how the source uses its words."""


def observe(texts: Iterable[str], taxonomy: Taxonomy) -> dict[str, Usage]:
    """How texts use the words of a taxonomy: counted at the sites where the rules could exchange them."""
    return observe_all(texts, [taxonomy])[taxonomy.name]


def observe_all(texts: Iterable[str], taxonomies: Sequence[Taxonomy]) -> dict[str, dict[str, Usage]]:
    """The same of several taxonomies, by their names: no text is parsed twice."""
    words = Counter[str]()
    found = {t.name: {name: Usage(words=words) for name in t.subtypes} for t in taxonomies}
    for text in texts:
        parsed = parse(text)
        words.update(parsed.lowers)
        for taxonomy in taxonomies:
            for name in _may_occur(parsed, taxonomy):
                found[taxonomy.name][name].add(parsed, _sites(parsed, taxonomy, name))
    return found


def _may_occur(parsed: Parsed, taxonomy: Taxonomy) -> list[str]:
    """The subtypes of which a term may begin in a text, in their order; the others have no site in it."""
    at = taxonomy.subtypes_at
    names = at[""].union(*(at[word] for word in at.keys() & parsed.vocabulary))
    return [name for name in taxonomy.subtypes if name in names]


def perturb(
    example: Example, taxonomy: Taxonomy, seed: int, usages: Usages = MappingProxyType({})
) -> Iterator[Example]:
    """Perturbed examples of a clean one, the first the best to take: one for every site, in a seeded order.

    Subtypes come in random order and a random site of each in turn, so that a rare subtype is not drowned by a
    common one. With ``usages`` replacements follow the source's own use of words; without, all are equal.
    Nothing is yielded where the taxonomy has no site. The same (example, taxonomy, seed, usages) gives the same
    examples anywhere.
    """
    rng = random.Random(f"{seed}/{example.id}/{taxonomy.name}")
    for perturbation in perturbations(example.response, taxonomy, rng, usages):
        yield _apply(example, taxonomy.name, perturbation)


def reword(example: Example, seed: int) -> Iterator[Example]:
    """Paraphrases of a clean example, the first the best to take: made as errors are, but every word stays true."""
    rng = random.Random(f"{seed}/{example.id}/paraphrase")
    for perturbation in perturbations(example.response, paraphrases(), rng):
        edits = perturbation.edits
        yield replace(
            example,
            id=derived_id(example.id, "paraphrase", example.response, edits),
            response=apply_edits(example.response, edits),
            reference=example.response,
            kind="paraphrase",
            subtype=perturbation.subtype,
            edits=edits,
            perturber=f"rules/paraphrase.{perturbation.subtype}",
        )


def perturbations(
    text: str, taxonomy: Taxonomy, rng: random.Random, usages: Usages = MappingProxyType({})
) -> Iterator[Perturbation]:
    """One perturbation for every site of a text, in random order, those that betray themselves by their words last.

    Of equals, things that the text tells of once come first: what it tells of them elsewhere may not agree. Sites are
    looked for when their subtype's turn has come: most callers take the first that is good enough.
    """
    parsed = parse(text)
    later: list[tuple[tuple[float, bool], str, Site, Draw]] = []
    for name, site in _in_turn(parsed, taxonomy, rng):
        drawn = draw(usages.get(name), parsed, site, rng)
        order = (drawn.turn, is_told_again(parsed, site))
        if any(order):
            later.append((order, name, site, drawn))
        elif found := _first(parsed, taxonomy, name, site, drawn):
            yield found
    for _, name, site, drawn in sorted(later, key=lambda each: each[0]):
        if found := _first(parsed, taxonomy, name, site, drawn):
            yield found


def _in_turn(parsed: Parsed, taxonomy: Taxonomy, rng: random.Random) -> Iterator[tuple[str, Site]]:
    """A random site of each subtype, then another of each, and so on."""
    names = _may_occur(parsed, taxonomy)
    rng.shuffle(names)
    queues: list[tuple[str, list[Site]]] = []
    for name in names:
        sites = list(_sites(parsed, taxonomy, name))
        if sites:
            rng.shuffle(sites)
            queues.append((name, sites))
            yield name, sites[0]
    for turn in range(1, max((len(sites) for _, sites in queues), default=0)):
        yield from ((name, sites[turn]) for name, sites in queues if turn < len(sites))


def _first(parsed: Parsed, taxonomy: Taxonomy, name: str, site: Site, drawn: Draw) -> Perturbation | None:
    """The first choice of a site that can be written."""
    changes = (_realise(parsed, taxonomy, name, site, choice) for choice in drawn.choices)
    return next((Perturbation(name, found) for found in changes if found is not None), None)


def alternatives(text: str, taxonomy: Taxonomy) -> Iterator[Perturbation]:
    """Every choice at every site: what the cases of a taxonomy are tested against."""
    parsed = parse(text)
    for name in taxonomy.subtypes:
        for site in _sites(parsed, taxonomy, name):
            for choice in site.choices:
                changes = _realise(parsed, taxonomy, name, site, choice)
                if changes is not None:
                    yield Perturbation(name, changes)


def _sites(parsed: Parsed, taxonomy: Taxonomy, name: str) -> Iterator[Site]:
    """The sites of a subtype that nothing in the text forbids."""
    subtype = taxonomy.subtypes[name]
    free = subtype.rule in WRITING
    for site in islice(RULES[subtype.rule](parsed, subtype), MAX_SITES):
        for place in (site, *site.also):
            if not free and is_protected(parsed, place, taxonomy.idioms):
                break
            if is_excluded(parsed, place, subtype):
                break
        else:
            yield site


def _realise(parsed: Parsed, taxonomy: Taxonomy, name: str, site: Site, choice: Choice) -> tuple[Change, ...] | None:
    """One choice written at a site, with the grammar that it forces; None where that is wrong or may not be false."""
    if not isinstance(choice, str):
        return choice
    written = ((each, each.choices[0]) for each in (site, *site.also)) if site.also else ((site, choice),)
    looks = taxonomy.subtypes[name].rule in ("adjective", "swap")
    if looks and any(makes_idiom(parsed, each, str(new), taxonomy.idioms) for each, new in written):
        return None
    if site.also:
        return _written_at(parsed, (site, *site.also))
    if contradicts_elsewhere(parsed, site, choice, taxonomy.family_of):
        return None
    grammar = count_changes(parsed, site, choice) if taxonomy.subtypes[name].rule == "count" else []
    if grammar is None:
        return None
    error = _minimal(parsed, site, choice)
    return tuple(sorted([error, *grammar, *_article_change(parsed, error)]))


def _written_at(parsed: Parsed, places: tuple[Site, ...]) -> tuple[Change, ...]:
    """All places of a swap with the articles before them. Its rule has held them against the rest of the text."""
    errors = [_minimal(parsed, place, str(place.choices[0])) for place in places]
    return tuple(sorted([*errors, *(change for error in errors for change in _article_change(parsed, error))]))


def _minimal(parsed: Parsed, site: Site, choice: str) -> Change:
    """The edit without the words that both phrases begin or end with: "to the left" -> "to the right" changes one
    word."""
    tokens = parsed.tokens[site.first : site.last + 1]
    old, new = [t.lower for t in tokens], choice.split(" ")
    head = next((i for i, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), min(len(old), len(new) - 1))
    head = min(head, len(old) - 1, len(new) - 1)
    tail = 0
    while tail < min(len(old), len(new)) - head - 1 and old[-1 - tail] == new[-1 - tail]:
        tail += 1
    changed = tokens[head : len(tokens) - tail]
    replacement = like(changed[0].text, " ".join(new[head : len(new) - tail]))
    return Change(changed[0].start, changed[-1].end, replacement)


def _article_change(parsed: Parsed, error: Change) -> list[Change]:
    """ "a" or "an" right before the changed words, where their first sound changed."""
    token = next((t for t in reversed(parsed.tokens) if t.end <= error.start), None)
    if token is None or token.lower not in ("a", "an") or not re.match(r"\w", error.replacement):
        return []
    wanted = article(error.replacement)
    return [] if token.lower == wanted else [Change(token.start, token.end, like(token.text, wanted), True)]


def _apply(example: Example, name: str, perturbation: Perturbation) -> Example:
    edits = perturbation.edits
    spans = [
        (_written(c, start, example.response[c.start : c.end]), c.collateral)
        for c, (start, _) in zip(perturbation.changes, written_spans(edits), strict=True)
    ]
    return replace(
        example,
        id=derived_id(example.id, name, example.response, edits),
        response=apply_edits(example.response, edits),
        reference=example.response,
        kind="perturbed",
        taxonomy=name,
        subtype=perturbation.subtype,
        edits=edits,
        errors=tuple(span for span, collateral in spans if not collateral),
        collateral=tuple(span for span, collateral in spans if collateral),
        verdict="unverified",
        perturber=f"rules/{name}.{perturbation.subtype}",
    )


def _written(change: Change, start: int, replaced: str) -> Span:
    """The words that a change wrote from ``start`` on: no span begins or ends on blanks, commas or quotes."""
    words = change.replacement.strip(', "“”')
    first = start + change.replacement.find(words)
    return Span(first, first + len(words), replaced.strip())
