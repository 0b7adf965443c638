"""Worked examples for the caption judge, from the taxonomies' own cases."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from hashlib import sha256
from typing import NamedTuple

from tldr_data.diff import diff
from tldr_data.labels import words
from tldr_data.taxonomy import WRITING, Taxonomy, load_taxonomy, paraphrases, shipped_taxonomies

_ARGUABLE = frozenset({"swap", "negation", "absence"})
"""A colour that was swapped, or denied, is arguably a colour that was changed."""
_BEFORE = 3
"""Words in front of an error, of which none may be a word of the taxonomy."""
_WRITTEN = re.compile(r"[\"“”\d]")

Texts = tuple[str, str]
"""A reference and a response."""


class Worked(NamedTuple):
    """What a judge is shown before it is asked: some pairs of each sort, none where there are none."""

    inside: tuple[Texts, ...]
    reworded: tuple[Texts, ...]
    outside: tuple[Texts, ...]


def worked_examples(taxonomy: Taxonomy) -> Worked:
    """Two of the taxonomy's own cases, one change that keeps the meaning, one case of another taxonomy."""
    own = made(taxonomy)
    inside = dict.fromkeys((own[0], own[len(own) // 2])) if own else ()
    return Worked(tuple(inside), (reworded(taxonomy)[0],), tuple(outside(taxonomy)[:1]))


def made(taxonomy: Taxonomy) -> list[Texts]:
    """The taxonomy's cases, in its own order."""
    return [(case.reference, case.response) for case in taxonomy.cases if case.response is not None]


def reworded(taxonomy: Taxonomy) -> list[Texts]:
    """Changes that keep the meaning and so belong to no taxonomy, those that this one warns of first."""
    own = [(pair.reference, pair.response) for pair in taxonomy.paraphrases]
    others = [(pair.reference, pair.response) for other in _shipped() for pair in other.paraphrases]
    return list(dict.fromkeys([*own, *in_turn([*others, *made(paraphrases())], taxonomy)]))


def outside(taxonomy: Taxonomy) -> list[Texts]:
    """Cases of the shipped taxonomies that nobody would take for one of this."""
    others = [other for other in _shipped() if other.name != taxonomy.name and _rules(other).isdisjoint(_ARGUABLE)]
    return in_turn((pair for other in others for pair in made(other) if _is_outside(taxonomy, *pair)), taxonomy)


def in_turn(pairs: Iterable[Texts], taxonomy: Taxonomy) -> list[Texts]:
    """In an order that nobody chose, that no other pair alters, and that differs from one taxonomy to the next."""
    return sorted(dict.fromkeys(pairs), key=lambda pair: sha256("\n".join((taxonomy.name, *pair)).encode()).digest())


def _is_outside(taxonomy: Taxonomy, reference: str, response: str) -> bool:
    """Whether a change is clearly none of this taxonomy."""
    if taxonomy.is_marked:
        marks = {mark for subtype in taxonomy.subtypes.values() for mark in subtype.markers}
        return not any(re.search(rf"\b{re.escape(mark)}\b", reference.lower()) for mark in marks)
    if _rules(taxonomy) == {"swap"}:
        return _bag(reference) != _bag(response)  # a swap writes no new word
    if _rules(taxonomy) & WRITING:
        return not _WRITTEN.search(reference + response)
    errors = diff(reference, response).errors
    # "along the street", "along the beach": another thing, and so another place
    before = [" ".join(response[: error.start].split()[-_BEFORE:]) for error in errors]
    changed = [(error.replaced, response[error.start : error.end]) for error in errors]
    return not any(taxonomy.admits(old, new) for old, new in (*changed, *zip(before, before, strict=True)))


def _bag(text: str) -> Counter[str]:
    return Counter(word for word in words(text.lower()) if word not in ("a", "an"))


def _rules(taxonomy: Taxonomy) -> set[str]:
    return {subtype.rule for subtype in taxonomy.subtypes.values()}


def _shipped() -> list[Taxonomy]:
    return [load_taxonomy(name) for name in shipped_taxonomies()]
