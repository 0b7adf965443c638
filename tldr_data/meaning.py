"""What the words of a caption stand for: units of meaning, read through ``lexicons``.

A unit is a word or a fixed phrase with the senses that it may have; two units agree when they share a sense. A sense is
a line of ``synonyms.txt`` ("objects.12"), a sense of ``wordnet.txt`` ("n.1f"), or the word itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain, product
from typing import Literal, NamedTuple

from tldr_data.inflection import base_forms, stem
from tldr_data.resources import read_yaml, resource_dir
from tldr_data.wordnet import broader_senses, near_senses, wordnet

Role = Literal["content", "particle", "negation"]
SYNONYM_SECTIONS = ("objects", "people", "attributes", "verbs", "relations", "quantities", "wordings")
WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
ARTICLES = frozenset({"a", "an", "the"})


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
    """``lexicons/meaning.yaml``, ``synonyms.txt`` and ``wordnet.txt``, made ready to look up."""

    senses: Mapping[str, frozenset[str]]
    own: frozenset[str]
    """What ``synonyms.txt`` names: of the forms of a word, these are its base."""
    phrases: Mapping[str, Mapping[str, Sequence[tuple[str, ...]]]]
    """First word -> second word -> the fixed phrases that begin so, longest first."""
    first_words: frozenset[str]
    last_words: frozenset[str]
    """Of all phrases of several words."""
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
    content = read_yaml("lexicons", "meaning.yaml")
    modifiers = frozenset(content["modifiers"].split())
    senses: dict[str, set[str]] = {}
    for section, lines in synonym_sets().items():
        for number, phrases in enumerate(lines):
            for phrase in phrases:
                senses.setdefault(phrase, set()).add(f"{section}.{number}")
    apart = modifiers | set(content["empty"].split()) | set(content["particles"].split())
    own = frozenset(senses)
    for phrase, ids in wordnet().senses.items():
        if " " not in phrase or apart.isdisjoint(phrase.split(" ")):
            senses.setdefault(phrase, set()).update(ids)
    found = {phrase: frozenset(ids) for phrase, ids in senses.items()}
    return Lexicon(
        senses=found,
        own=own,
        # Wordings overlap ("wearing a hat", "with a hat on"): they explain replacements, and cut no text into units.
        phrases=_by_two_words(phrase for phrase in found if not all(i.startswith("wordings.") for i in found[phrase])),
        first_words=frozenset(phrase.partition(" ")[0] for phrase in found if " " in phrase),
        last_words=frozenset(phrase.rpartition(" ")[2] for phrase in found if " " in phrase),
        irregular=wordnet().irregular | content["irregular"],
        empty=frozenset(content["empty"].split()),
        verbose=frozenset(content["verbose"].split()),
        particles=frozenset(content["particles"].split()),
        modifiers=modifiers,
        negations=frozenset(content["negation"].split()),
        postures=frozenset(
            sense for sense in _senses_of(found, content["postures"].split()) if sense.startswith("verbs.")
        ),
        pronouns={gender: frozenset(words.split()) for gender, words in content["pronouns"].items()},
        symmetric=frozenset(map(_spaced, content["symmetric"])),
        general={_spaced(word): frozenset(map(_spaced, broader)) for word, broader in content["general"].items()},
        inverse=frozenset(_pairs(found, content["inverse"])),
        opposites=frozenset(_pairs(found, content["opposites"])),
    )


def synonym_sets() -> dict[str, list[list[str]]]:
    """``lexicons/synonyms.txt``: section -> sets of phrases that may stand for one another."""
    sets: dict[str, list[list[str]]] = {section: [] for section in SYNONYM_SECTIONS}
    found: list[list[str]] = []
    for line in (resource_dir("lexicons") / "synonyms.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            found = sets[line.strip("[]")]
        elif line and not line.startswith("#"):
            found.append([_spaced(phrase) for phrase in line.split(",")])
    return sets


def units(text: str) -> list[Unit]:
    """The meaning-bearing units of a text, in order; articles, auxiliaries and empty phrases are left out.

    >>> [unit.lemma for unit in units("Two men are sitting next to the sofa.")]
    ['two', 'man', 'sit', 'next to', 'sofa']
    """
    return list(_read_units(text))


@lru_cache(maxsize=4096)
def _read_units(text: str) -> tuple[Unit, ...]:
    words = [word for word in split_words(text) if word not in ARTICLES]
    read = [_lemma(word) for word in words]
    found: list[Unit] = []
    position = 0
    while position < len(words):
        length = _phrase_length(words, read, position)
        unit = _word_unit(words[position]) if length == 1 else _phrase_unit(words, read, position, length)
        if unit is not None:
            found.append(unit)
        position += length
    return tuple(found)


def split_words(text: str) -> list[str]:
    """Lower-case words; hyphens part them, a possessive ending is dropped.

    >>> split_words("The dog's close-up.")
    ['the', 'dog', 'close', 'up']
    """
    return list(_split(text))


@lru_cache(maxsize=4096)
def _split(text: str) -> tuple[str, ...]:
    words = WORD.findall(text.lower().replace("’", "'"))
    return tuple(word[:-2] if word.endswith("'s") and word != "it's" else word for word in words)


def phrase_unit(words: Sequence[str]) -> Unit | None:
    """What a few words say together; None if they say nothing, or the lexicon does not know them as a phrase."""
    if len(words) == 1:
        return _word_unit(words[0])
    lexical = lexicon()
    firsts = [form for form in _forms(words[0]) if form in lexical.first_words]
    if not firsts:
        return None
    lasts = [form for form in _forms(words[-1]) if form in lexical.last_words]
    for first, last in product(firsts, lasts):
        phrase = " ".join((first, *words[1:-1], last))
        if phrase in lexical.senses:
            return _known_phrase(phrase, words[-1])
    return None


@lru_cache(maxsize=65536)
def _forms(word: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys((word, _lemma(word), *base_forms(word))))


@lru_cache(maxsize=65536)
def agree(one: Unit, other: Unit) -> bool:
    """Whether two units may mean the same."""
    return one.lemma == other.lemma or not one.senses.isdisjoint(other.senses)


@lru_cache(maxsize=65536)
def generalises(specific: Unit, general: Unit) -> bool:
    """Whether a text stays true when ``specific`` gives way to ``general``: corgi, dog.

    Near terms count in both directions: huge, big; coat, jacket.
    """
    if (is_quantity(specific) and is_quantity(general)) or are_opposite(specific, general):
        return False
    broader = lexicon().general.get(specific.lemma, frozenset()).union(*map(broader_senses, specific.senses))
    if not broader.isdisjoint(general.senses):
        return True
    return any(near in specific.senses for sense in general.senses for near in near_senses(sense))


@lru_cache(maxsize=65536)
def are_inverse(one: Unit, other: Unit) -> bool:
    """Whether one says of A and B what the other says of B and A: above, below."""
    return not agree(one, other) and _related(lexicon().inverse, one, other)


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
    return unit.lemma in lexicon().symmetric


def _related(pairs: frozenset[tuple[str, str]], one: Unit, other: Unit) -> bool:
    return any((a, b) in pairs for a in one.senses for b in other.senses)


def _spaced(phrase: str) -> str:
    """A phrase as texts are read: without hyphens and articles."""
    words = phrase.replace("-", " ").split()
    return " ".join(word for word in words if word not in ARTICLES) or " ".join(words)


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
    if following == len(words) or (words[position] not in phrases and lemmas[position] not in phrases):
        return 1
    for first in dict.fromkeys((words[position], lemmas[position])):
        if first not in phrases:
            continue
        for second in dict.fromkeys((words[following], lemmas[following])):
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
    senses = frozenset({lemma, stem(word)}).union(
        *(lexical.senses.get(form, frozenset()) for form in (word, lemma, *base_forms(word)))
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
    if word in lexical.own or len(word) < 4:
        return word
    bases = base_forms(word)
    ours = (base for base in bases if base in lexical.own)
    known = (form for form in (*bases, word) if form in lexical.senses)
    return next(chain(ours, known), bases[-1] if bases else word)
