"""Text to words with their places, and what a picture's own facts call its things."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from tldr_data.facts import Facts
from tldr_data.verify.vocabulary import ADJECTIVES, NOUN_FORMS, POSITIONS, SPELLINGS, plural

# "It's" is two words; "dog's" stays one.
_TOKEN = re.compile(
    r"“(?P<a>[^”]*)”|\"(?P<b>[^\"]*)\"|(?<!\w)[‘'](?P<c>[^’'\n]+(?:[’'](?=\w)[^’'\n]+)*)[’'](?!\w)"
    r"|(?P<word>(?i:it|they|there)(?=['’](?:s|re)\b)|(?<=\w)['’](?:s|re)\b|[^\W\d_]+(?:['’][^\W\d_]+)?|\d+)"
    r"|(?P<mark>[.!?]+(?=\s|$|[\"”’'])|[^\w\s])"
)
ENDS = frozenset(".!?")


class Word(NamedTuple):
    """One word, quotation or mark: ``lower`` is what is looked up, ``text`` a quotation's inside."""

    lower: str
    start: int
    end: int
    kind: str
    text: str


def sentences(text: str) -> list[list[Word]]:
    """The words of each sentence; hyphens separate words and are themselves none.

    >>> [[word.lower for word in sentence] for sentence in sentences("A red-hot cup. It is full!")]
    [['a', 'red', 'hot', 'cup'], ['it', 'is', 'full']]
    """
    found: list[list[Word]] = [[]]
    for match in _TOKEN.finditer(text):
        if match["word"]:
            word = match["word"]
            found[-1].append(Word(word.lower().replace("’", "'"), match.start(), match.end(), "word", word))
        elif match["mark"] is None:
            quoted = next(part for part in match.group("a", "b", "c") if part is not None)
            found[-1].append(Word('"', match.start(), match.end(), "quote", quoted))
            if quoted.rstrip()[-1:] in ENDS and re.match(r"\s+[A-Z]|\s*$", text[match.end() :]):
                found.append([])
        elif match["mark"][0] in ENDS or match["mark"] == "\n":
            found.append([])
        elif match["mark"] not in "-‐‑":
            found[-1].append(Word(match["mark"], match.start(), match.end(), "mark", match["mark"]))
    return [sentence for sentence in found if sentence]


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Nouns and adjectives that can be met: those of the facts and the general ones.

    Phrases are tuples of lower-case words; ``longest_*`` is how many words the longest one has.
    """

    nouns: dict[tuple[str, ...], tuple[str, bool]]
    adjectives: dict[tuple[str, ...], str]
    longest_noun: int
    longest_adjective: int

    def noun(self, words: Sequence[Word], start: int) -> tuple[int, str, bool] | None:
        """Longest noun at ``start``: the index after it, its singular, whether it is a plural."""
        for size in range(min(self.longest_noun, len(words) - start), 0, -1):
            hit = self.nouns.get(tuple(w.lower for w in words[start : start + size]))
            if hit:
                return start + size, *hit
        return None

    def adjective(self, words: Sequence[Word], start: int) -> tuple[int, str] | None:
        """Longest adjective at ``start``: the index after it, and the adjective."""
        for size in range(min(self.longest_adjective, len(words) - start), 0, -1):
            hit = self.adjectives.get(tuple(w.lower for w in words[start : start + size]))
            if hit:
                return start + size, hit
        return None


@lru_cache(maxsize=4096)
def split(phrase: str) -> tuple[str, ...]:
    """Lower-case words of a name or an attribute, as ``sentences`` would cut it."""
    return tuple(phrase.lower().replace("-", " ").split())


_GENERAL_NOUNS = {split(form): noun for form, noun in NOUN_FORMS.items()}
_GENERAL_ADJECTIVES = {split(word): word for word in {*ADJECTIVES, *SPELLINGS, *POSITIONS}} | {
    split(f"{shade} {word}"): f"{shade} {word}" for shade in ("light", "dark", "pale", "bright") for word in ADJECTIVES
}
_LONGEST = max(map(len, (*_GENERAL_NOUNS, *_GENERAL_ADJECTIVES)))


@lru_cache(maxsize=64)
def lexicon(facts: Facts) -> Lexicon:
    """The words for one picture; names and attributes of its facts go before the general ones."""
    nouns = dict(_GENERAL_NOUNS)
    adjectives = dict(_GENERAL_ADJECTIVES)
    own = [split(name) for thing in facts.things for name in (thing.name, *thing.aliases)]
    for words in own:
        name = " ".join(words)
        many = plural(name)
        nouns[split(many)] = (name, many != name)
    for thing in facts.things:
        for attribute in thing.attributes:
            adjectives[split(attribute)] = " ".join(split(attribute))
    nouns |= {words: (" ".join(words), False) for words in own}
    looks = [split(attribute) for thing in facts.things for attribute in thing.attributes]
    return Lexicon(nouns, adjectives, max(_LONGEST, *map(len, own), 1), max(_LONGEST, *map(len, looks), 1))
