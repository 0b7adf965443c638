"""Whether a response says the same as its reference: the paraphrase decision of the filters.

Small edits are decided exactly: when all that changed is a few words in their place, or two parts that changed places,
then synonyms, number values, broader terms and inverse relations explain the change completely, or it is no paraphrase.
Freer rewordings leave words that no lexicon explains, true or false. There a linear score over what changed decides;
its weights stand in ``lexicons/rewording.yaml``, and ``benchmarks/fit_rewording.py`` fits them.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from rapidfuzz.distance import LCSseq, Levenshtein

from tldr_data.meaning import (
    ARTICLES,
    Unit,
    agree,
    are_inverse,
    are_opposite,
    generalises,
    is_action,
    is_posture,
    is_quantity,
    is_symmetric,
    lexicon,
    split_words,
    units,
)
from tldr_data.replacements import common_ends, replaces_like_with_like
from tldr_data.resources import read_yaml

WORDS_PER_CHANGE = 12
"""A local edit changes two places, or one more for each so many words of the text."""
MOST_PAIRED = 60
"""Units that are compared each with each: the square of it must stay small, however long the texts."""
LIMIT = 6.0
"""Counts are cut here, so that a long text weighs as a short one."""


class Comparison(NamedTuple):
    """What differs between the units of a reference and of a response."""

    missing: list[Unit]
    added: list[Unit]
    moved: int
    """Agreeing units that stand in another order."""
    synonyms: int
    """Agreeing units with different lemmas."""
    flips: int
    """Agreeing units, one singular and one plural."""


def is_paraphrase(reference: str, response: str) -> bool:
    """Whether the response keeps the meaning of the reference.

    >>> is_paraphrase("A cat on the couch.", "A cat is on the sofa.")
    True
    >>> is_paraphrase("A cat on the couch.", "A cat on the rug.")
    False
    """
    old, new = split_words(reference), split_words(response)
    before, after = units(reference), units(response)
    found = compare_units(before, after)
    exact = decide_exactly(before, after, old, new, found)
    if exact is not None:
        return exact
    return rewording_score(rewording_features(before, after, old, new, found)) > 0


def decide_exactly(
    before: Sequence[Unit], after: Sequence[Unit], old: Sequence[str], new: Sequence[str], found: Comparison
) -> bool | None:
    """What synonyms, numbers, broader terms and relations decide; None if the change is too free for them."""
    exact = decide_exchange(before, after, found) if found.moved else decide_local(old, new, found)
    return exact or is_turned(before, after, found) or replaces_like_with_like(old, new) or exact


def compare_units(reference: Sequence[Unit], response: Sequence[Unit]) -> Comparison:
    """Match the units of both texts that agree: in their place first, then by lemma, then by meaning."""
    start, end = common_ends([unit.lemma for unit in reference], [unit.lemma for unit in response])
    old, new = reference[start : len(reference) - end], response[start : len(response) - end]
    partner = _match(old, new)
    used = set(partner.values())
    order = [partner[at] for at in sorted(partner)]
    pairs = [(start + to, start + at) for at, to in partner.items()]
    ends = [(at, at) for at in range(start)] + [(len(reference) - at, len(response) - at) for at in range(1, end + 1)]
    return Comparison(
        missing=[unit for at, unit in enumerate(old) if at not in used],
        added=[unit for at, unit in enumerate(new) if at not in partner],
        moved=len(order) - LCSseq.similarity(order, sorted(order)) if order else 0,
        synonyms=sum(reference[to].lemma != response[at].lemma for to, at in pairs),
        flips=sum(_flips(reference, to, response, at) for to, at in pairs + ends if reference[to] is not response[at]),
    )


def _flips(reference: Sequence[Unit], place: int, response: Sequence[Unit], at: int) -> bool:
    """Singular became plural, or back; behind a number it says nothing ("a couple of zebra")."""
    one, other = reference[place], response[at]
    if one.plural == other.plural or one.lemma != other.lemma:
        return False
    return not (place and at and is_quantity(reference[place - 1]) and is_quantity(response[at - 1]))


def _match(reference: Sequence[Unit], response: Sequence[Unit]) -> dict[int, int]:
    """Position in the response -> position in the reference; no step is quadratic in Python, however long the texts."""
    partner: dict[int, int] = {}
    if not reference or not response:
        return partner
    for op in Levenshtein.opcodes([unit.lemma for unit in reference], [unit.lemma for unit in response]):
        if op.tag == "equal":
            partner.update(zip(range(op.dest_start, op.dest_end), range(op.src_start, op.src_end), strict=True))
    free = set(range(len(reference))) - set(partner.values())
    for keys in (_lemma_only, _all_senses):
        places: dict[str, deque[int]] = {}
        for place in sorted(free):
            for key in keys(reference[place]):
                places.setdefault(key, deque()).append(place)
        for at, unit in enumerate(response):
            nearest = None if at in partner else _first_free(places, keys(unit), free)
            if nearest is not None:
                partner[at] = nearest
                free.remove(nearest)
    return partner


def _lemma_only(unit: Unit) -> Iterable[str]:
    return (unit.lemma,)


def _all_senses(unit: Unit) -> Iterable[str]:
    return unit.senses


def _first_free(places: Mapping[str, deque[int]], keys: Iterable[str], free: set[int]) -> int | None:
    found = []
    for key in keys:
        queue = places.get(key, deque())
        while queue and queue[0] not in free:
            queue.popleft()
        if queue:
            found.append(queue[0])
    return min(found, default=None)


def decide_local(old: Sequence[str], new: Sequence[str], found: Comparison) -> bool | None:
    """A few words replaced in their place. True if that keeps the meaning, None if more than that changed."""
    if _is_explained(found):
        return not found.flips and not _changes_gender(old, new)
    places = _changed_places(old, new)
    return False if places <= max(2, len(old) // WORDS_PER_CHANGE) else None


def _is_explained(found: Comparison) -> bool:
    """Whether nothing is left but broader terms, and postures that became plain words of place ("is positioned")."""
    added = list(found.added)
    for unit in found.missing:
        broader = next((other for other in added if generalises(unit, other)), None)
        if broader is not None:
            added.remove(broader)
        elif added or not is_posture(unit):
            return False
    return not added


def _changed_places(old: Sequence[str], new: Sequence[str]) -> int:
    before = [word for word in old if word not in ARTICLES]
    after = [word for word in new if word not in ARTICLES]
    return sum(op.tag != "equal" for op in Levenshtein.opcodes(before, after))


def _changes_gender(old: Sequence[str], new: Sequence[str]) -> bool:
    male, female = (lexicon().pronouns[gender] for gender in ("male", "female"))
    more_male = sum(word in male for word in new) - sum(word in male for word in old)
    more_female = sum(word in female for word in new) - sum(word in female for word in old)
    return more_male * more_female < 0


def decide_exchange(before: Sequence[Unit], after: Sequence[Unit], found: Comparison) -> bool | None:
    """Two parts that changed places: X r Y became Y s X. True if that keeps the meaning, None if it is none.

    It does when X and Y are whole phrases and nothing stands between them ("a dog and a cat"), when s = r may be read
    both ways ("next to"), and when s is the inverse of r ("above", "below").
    """
    start = _common_start(before, after)
    end = _common_start(before[start:][::-1], after[start:][::-1])
    old, new = before[start : len(before) - end], after[start : len(after) - end]
    if max(len(old), len(new)) > MOST_PAIRED:
        return None
    head, tail = _longest(old, new), _longest(new, old)
    if not head or not tail or head + tail > min(len(old), len(new)):
        return None
    between = [unit for unit in old[head : len(old) - tail] if not is_posture(unit)]
    between_after = [unit for unit in new[tail : len(new) - head] if not is_posture(unit)]
    if not between and not between_after:
        kept = _may_swap(old[:head], new[:tail], before[len(before) - end :])
    elif len(between) == len(between_after) == 1 and are_inverse(between[0], between_after[0]):
        kept = not start
    elif _is_passive(between, between_after) or _is_passive(between_after, between):
        kept = True
    elif len(between) == len(between_after) and all(map(agree, between, between_after)):
        kept = len(between) == 1 and not start and is_symmetric(between[0])
    else:
        return None
    return kept and not found.flips


def _is_passive(active: Sequence[Unit], passive: Sequence[Unit]) -> bool:
    """ "eats", "is eaten by"."""
    if len(active) != 1 or len(passive) != 2 or passive[1].lemma != "by":
        return False
    return active[0].role == "content" and agree(active[0], passive[0])


def is_turned(before: Sequence[Unit], after: Sequence[Unit], found: Comparison) -> bool:
    """ "To the left of X, Y" became "X is to the right of Y", or the other way around."""
    if found.moved or not len(found.missing) == len(found.added) == 1 or found.flips:
        return False
    (lost,), (written,) = found.missing, found.added
    return (lost is before[0]) != (written is after[0]) and are_inverse(lost, written)


def _may_swap(one: Sequence[Unit], other: Sequence[Unit], following: Sequence[Unit]) -> bool:
    """Whether neighbours may change places: each is a whole phrase, and no attribute lands on another noun."""
    if one[-1].role == "particle" or other[-1].role == "particle":
        return False
    bare = [all(unit.modifies for unit in part) for part in (one, other)]
    if not any(bare):
        return True
    if all(bare):
        return bool(following) and len(one) == len(other) == 1
    if is_action((other if bare[0] else one)[-1]):
        return False
    return not following or following[0].role == "particle" or is_action(following[0])


def _common_start(one: Sequence[Unit], other: Sequence[Unit]) -> int:
    for count, (a, b) in enumerate(zip(one, other, strict=False)):
        if not agree(a, b):
            return count
    return min(len(one), len(other))


def _longest(one: Sequence[Unit], other: Sequence[Unit]) -> int:
    """The most first units of ``one`` that are the last ones of ``other``."""
    for count in range(min(len(one), len(other)) - 1, 0, -1):
        if all(map(agree, one[:count], other[-count:])):
            return count
    return 0


def rewording_features(
    before: Sequence[Unit], after: Sequence[Unit], old: Sequence[str], new: Sequence[str], found: Comparison
) -> dict[str, float]:
    """What changed, as numbers; their names are the keys of the weights."""
    lexical = lexicon()
    changed = {side: _count_roles(units_) for side, units_ in (("missing", found.missing), ("added", found.added))}
    kept = LCSseq.similarity(old, new)
    features = {f"{role}_{side}": count for side, roles in changed.items() for role, count in roles.items()} | {
        "moved": found.moved,
        "any_moved": found.moved > 0,
        "synonyms": found.synonyms,
        "number_flips": found.flips,
        "wordiness": sum(word in lexical.verbose for word in new) - sum(word in lexical.verbose for word in old),
        "grammar": Levenshtein.distance(*([w for w in words if w in lexical.empty - ARTICLES] for words in (old, new))),
        "places": _changed_places(old, new),
        "opposites": sum(are_opposite(a, b) for a in found.missing[:MOST_PAIRED] for b in found.added[:MOST_PAIRED]),
        "rebound": _rebound(before, after),
        "agreeing": len(before) - len(found.missing),
    }
    return {name: min(float(value), LIMIT) for name, value in features.items()} | {
        "kept_share": kept / max(len(old), len(new), 1),
        "same_start": _shared_start(old, new) / max(len(old), 1),
        "same_end": _shared_start(old[::-1], new[::-1]) / max(len(old), 1),
    }


def _count_roles(found: Sequence[Unit]) -> dict[str, int]:
    postures = sum(map(is_posture, found))
    content = sum(unit.role == "content" and not is_posture(unit) for unit in found)
    negations = sum(unit.role == "negation" for unit in found)
    return {
        "content": content,
        "posture": postures,
        "negation": negations,
        "particle": len(found) - postures - content - negations,
    }


def _shared_start(one: Sequence[str], other: Sequence[str]) -> int:
    for count, (a, b) in enumerate(zip(one, other, strict=False)):
        if a != b:
            return count
    return min(len(one), len(other))


def _rebound(before: Sequence[Unit], after: Sequence[Unit]) -> int:
    """Attributes that stand before a noun in both texts, but before none of the same nouns."""
    nouns, others = _bindings(before), _bindings(after)
    return sum(
        not any(agree(a, b) for a in heads for b in others[lemma]) for lemma, heads in nouns.items() if lemma in others
    )


def _bindings(text: Sequence[Unit]) -> dict[str, list[Unit]]:
    bound: dict[str, list[Unit]] = {}
    waiting: list[str] = []
    for unit in text:
        if unit.role == "content" and unit.modifies:
            waiting.append(unit.lemma)
            continue
        if unit.role == "content":
            for lemma in waiting:
                bound.setdefault(lemma, []).append(unit)
        waiting = []
    return bound


@lru_cache(maxsize=1)
def _weights() -> tuple[float, dict[str, float]]:
    content = read_yaml("lexicons", "rewording.yaml")
    return content["bias"], content["weights"]


def rewording_score(features: dict[str, float]) -> float:
    """Above 0: a paraphrase."""
    bias, weights = _weights()
    return bias + sum(weights[name] * value for name, value in features.items())
