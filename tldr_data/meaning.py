"""What the words of a caption stand for: units of meaning, read through ``lexicons/meaning.yaml``.

A unit is a word or a fixed phrase with the senses that it may have; two units agree when they share a sense.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal, NamedTuple

from tldr_data.resources import resource_dir

Role = Literal["content", "particle", "negation"]
SYNONYM_SECTIONS = ("objects", "people", "attributes", "verbs", "relations", "quantities")
WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_VOWELS = frozenset("aeiouy")


class Unit(NamedTuple):
    """A word or fixed phrase of a text."""

    lemma: str
    senses: frozenset[str]
    role: Role
    plural: bool
    modifies: bool
    """Whether it may be said of a noun: colours, sizes, materials, numbers."""


@dataclass(frozen=True, slots=True)
class Lexicon:
    """``lexicons/meaning.yaml``, made ready to look up."""

    senses: Mapping[str, frozenset[str]]
    phrases: Mapping[str, Mapping[str, Sequence[tuple[str, ...]]]]
    """First word -> second word -> the fixed phrases that begin so, longest first."""
    irregular: Mapping[str, str]
    empty: frozenset[str]
    verbose: frozenset[str]
    particles: frozenset[str]
    modifiers: frozenset[str]
    negations: frozenset[str]
    postures: frozenset[str]
    """Senses of verbs that only say how something is where it is."""
    symmetric: frozenset[str]
    pronouns: Mapping[str, frozenset[str]]
    general: Mapping[str, frozenset[str]]
    inverse: frozenset[tuple[str, str]]
    opposites: frozenset[tuple[str, str]]


@lru_cache(maxsize=1)
def lexicon() -> Lexicon:
    """The shipped lexicon, read once."""
    content = read_lexicon("meaning.yaml")
    senses: dict[str, set[str]] = {}
    for section in SYNONYM_SECTIONS:
        for number, line in enumerate(content[section]):
            for phrase in line.split(","):
                senses.setdefault(_spaced(phrase), set()).add(f"{section}.{number}")
    found = {phrase: frozenset(ids) for phrase, ids in senses.items()}
    return Lexicon(
        senses=found,
        phrases=_by_two_words(found),
        irregular=content["irregular"],
        empty=frozenset(content["empty"].split()),
        verbose=frozenset(content["verbose"].split()),
        particles=frozenset(content["particles"].split()),
        modifiers=frozenset(content["modifiers"].split()),
        negations=frozenset(content["negation"].split()),
        postures=frozenset(
            sense for sense in _senses_of(found, content["postures"].split()) if sense.startswith("verbs.")
        ),
        pronouns={gender: frozenset(words.split()) for gender, words in content["pronouns"].items()},
        symmetric=frozenset(_senses_of(found, content["symmetric"])),
        general={_spaced(word): frozenset(_senses_of(found, broader)) for word, broader in content["general"].items()},
        inverse=frozenset(_pairs(found, content["inverse"])),
        opposites=frozenset(_pairs(found, content["opposites"])),
    )


def units(text: str) -> list[Unit]:
    """The meaning-bearing units of a text, in order; articles, auxiliaries and empty phrases are left out.

    >>> [unit.lemma for unit in units("Two men are sitting next to the sofa.")]
    ['two', 'man', 'sit', 'next to', 'sofa']
    """
    words = split_words(text)
    read = [_lemma(word) for word in words]
    found: list[Unit] = []
    position = 0
    while position < len(words):
        length = _phrase_length(words, read, position)
        unit = _word_unit(words[position]) if length == 1 else _phrase_unit(words, read, position, length)
        if unit is not None:
            found.append(unit)
        position += length
    return found


def split_words(text: str) -> list[str]:
    """Lower-case words; hyphens part them, a possessive ending is dropped.

    >>> split_words("The dog's close-up.")
    ['the', 'dog', 'close', 'up']
    """
    words = WORD.findall(text.lower().replace("’", "'"))
    return [word[:-2] if word.endswith("'s") and word != "it's" else word for word in words]


@lru_cache(maxsize=65536)
def agree(one: Unit, other: Unit) -> bool:
    """Whether two units may mean the same."""
    return one.lemma == other.lemma or not one.senses.isdisjoint(other.senses)


@lru_cache(maxsize=65536)
def generalises(specific: Unit, general: Unit) -> bool:
    """Whether a text stays true when ``specific`` gives way to ``general``: corgi, dog."""
    broader = lexicon().general.get(specific.lemma, frozenset())
    return not broader.isdisjoint(general.senses)


@lru_cache(maxsize=65536)
def are_inverse(one: Unit, other: Unit) -> bool:
    """Whether one says of A and B what the other says of B and A: above, below."""
    return _related(lexicon().inverse, one, other)


@lru_cache(maxsize=65536)
def are_opposite(one: Unit, other: Unit) -> bool:
    """Whether both cannot hold of one thing."""
    return _related(lexicon().opposites, one, other)


def is_posture(unit: Unit) -> bool:
    """Whether it only says how something is where it is: standing, parked."""
    return not unit.senses.isdisjoint(lexicon().postures)


def is_action(unit: Unit) -> bool:
    """Whether it may be a verb."""
    return any(sense.startswith("verbs.") for sense in unit.senses)


def is_quantity(unit: Unit) -> bool:
    """Whether it says how many."""
    return any(sense.startswith("quantities.") for sense in unit.senses)


def is_symmetric(unit: Unit) -> bool:
    """Whether the two sides of this relation may be exchanged."""
    return not unit.senses.isdisjoint(lexicon().symmetric)


def _related(pairs: frozenset[tuple[str, str]], one: Unit, other: Unit) -> bool:
    return any((a, b) in pairs for a in one.senses for b in other.senses)


def read_lexicon(name: str) -> dict[str, Any]:
    """The content of one file of ``lexicons/``."""
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    content: dict[str, Any] = yaml.load((resource_dir("lexicons") / name).read_text(encoding="utf-8"), Loader=loader)
    return content


def _spaced(phrase: str) -> str:
    return " ".join(phrase.strip().replace("-", " ").split())


def _by_two_words(senses: Iterable[str]) -> dict[str, dict[str, list[tuple[str, ...]]]]:
    phrases: dict[str, dict[str, list[tuple[str, ...]]]] = {}
    for words in sorted((tuple(phrase.split()) for phrase in senses if " " in phrase), key=len, reverse=True):
        phrases.setdefault(words[0], {}).setdefault(words[1], []).append(words)
    return phrases


def _senses_of(senses: Mapping[str, frozenset[str]], phrases: Iterable[str]) -> Iterator[str]:
    """Every sense of every phrase; a phrase that is in no set has itself as its only sense."""
    for phrase in phrases:
        yield from senses.get(_spaced(phrase), ())
        yield _spaced(phrase)


def _pairs(senses: Mapping[str, frozenset[str]], lines: Iterable[str]) -> Iterator[tuple[str, str]]:
    for line in lines:
        one, other = line.split("/")
        for a in _senses_of(senses, [one]):
            for b in _senses_of(senses, [other]):
                yield from ((a, b), (b, a))


def _phrase_length(words: list[str], lemmas: list[str], position: int) -> int:
    phrases, following = lexicon().phrases, position + 1
    if following == len(words):
        return 1
    for first in {words[position], lemmas[position]}:
        if first not in phrases:
            continue
        for second in {words[following], lemmas[following]}:
            for phrase in phrases[first].get(second, ()):
                end = position + len(phrase)
                if end <= len(words) and all(
                    phrase[at - position] in (words[at], lemmas[at]) for at in range(following, end)
                ):
                    return len(phrase)
    return 1


def _phrase_unit(words: list[str], lemmas: list[str], position: int, length: int) -> Unit:
    known = lexicon().senses
    for first in (words[position], lemmas[position]):
        for rest in (words, lemmas):
            phrase = " ".join([first, *rest[position + 1 : position + length]])
            if phrase in known:
                return _known_phrase(phrase, words[position + length - 1])
    return _known_phrase(" ".join(lemmas[position : position + length]), words[position + length - 1])


@lru_cache(maxsize=4096)
def _known_phrase(phrase: str, last: str) -> Unit:
    lexical = lexicon()
    senses = lexical.senses.get(phrase, frozenset())
    role: Role = "particle" if any(sense.startswith("relations.") for sense in senses) else "content"
    modifies = role == "content" and any(sense.startswith(("attributes.", "quantities.")) for sense in senses)
    return Unit(phrase, senses | {phrase}, role, _is_plural(last), modifies)


@lru_cache(maxsize=65536)
def _word_unit(word: str) -> Unit | None:
    """The unit of a single word, or None if it says nothing."""
    lexical = lexicon()
    lemma = _lemma(word)
    if word in lexical.negations:
        return Unit("not", lexical.senses.get(word, frozenset()) | {"not"}, "negation", False, False)
    if word in lexical.empty or word in lexical.verbose:
        return None
    senses = frozenset({lemma, _stem(word)}).union(
        *(lexical.senses.get(form, frozenset()) for form in (word, lemma, *_base_forms(word)))
    )
    role: Role = "particle" if word in lexical.particles else "content"
    plural = _is_plural(word) and not any(sense.startswith("verbs.") for sense in senses)
    return Unit(lemma, senses, role, plural, word in lexical.modifiers or lemma in lexical.modifiers)


@lru_cache(maxsize=65536)
def _is_plural(word: str) -> bool:
    singular = lexicon().irregular.get(word)
    if singular is not None:
        return word in ("men", "women", "children", "people", "feet", "teeth", "geese", "mice") or (
            word.endswith("s") and singular != word
        )
    return len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is"))


@lru_cache(maxsize=65536)
def _lemma(word: str) -> str:
    """The base form: by the table, else by a stripped ending that gives a known word, else by a plain rule."""
    lexical = lexicon()
    if word in lexical.irregular:
        return lexical.irregular[word]
    if word in lexical.senses or len(word) < 4:
        return word
    candidates = _base_forms(word)
    return next((base for base in candidates if base in lexical.senses), candidates[-1] if candidates else word)


def _base_forms(word: str) -> list[str]:
    """What an inflected word may come from, least changed last.

    >>> _base_forms("riding"), _base_forms("berries")
    (['ride', 'rid'], ['berrie', 'berry'])
    """
    for ending in ("ing", "ed"):
        base = word.removesuffix(ending)
        if base != word and len(base) > 1 and _VOWELS & set(base):
            if len(base) > 2 and base[-1] == base[-2] and base[-1] not in "lsz":
                return [base, base[:-1]]
            doubled = [base[:-1]] if base[-1] == base[-2] else []
            return [*doubled, f"{base}e", base]
    if word.endswith("ies") and len(word) > 4:
        return [word[:-1], f"{word[:-3]}y"]
    if word.endswith(("ches", "shes", "xes", "sses", "zes", "oes")):
        return [word[:-1], word[:-2]]
    return [word[:-1]] if word.endswith("s") and not word.endswith(("ss", "us", "is")) else []


@lru_cache(maxsize=65536)
def _stem(word: str) -> str:
    """A key that the forms of one word share, whether it is known or not: "^" keeps it apart from real words."""
    bases = _base_forms(word)
    base = bases[-1] if bases else word
    if base.endswith("y") and len(base) > 4:
        base = base[:-1]
    return f"^{base[:-1] if base.endswith('e') and len(base) > 3 else base}"
