"""A text as tokens, sentences and noun phrases: what rules find their sites in.

spaCy's blank English pipeline gives the tokens and their offsets (no trained pipeline is on the registries), textblob's
lexicon and context rules the part-of-speech tags. A trained pipeline of the user's own (``TLDR_DATA_SPACY=name``)
gives better tags.
"""

from __future__ import annotations

import os
import re
import warnings
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from tldr_data.english import english
from tldr_data.errors import UsageError

if TYPE_CHECKING:
    from spacy.language import Language

DETERMINERS = frozenset(
    "a an the this that these those some any no each every another both all its his her their my our your".split()
)
BE = frozenset("is are was were be been being 's 're".split())
SINGULAR_PRONOUNS = frozenset("it its itself he him his himself she her hers herself".split())
PLURAL_PRONOUNS = frozenset("they them their theirs themselves".split())
# Words that the tagger's lexicon knows best as something else than what they are in captions of pictures.
TAGS = {
    "left": "JJ", "right": "JJ", "front": "NN", "back": "NN", "skate": "NN", "tan": "JJ", "orange": "JJ", "pink": "JJ",
    "teal": "JJ", "ombre": "JJ", "beige": "JJ", "maroon": "JJ", "purple": "JJ", "gold": "JJ", "silver": "JJ",
    "navy": "JJ", "cream": "JJ",
    "brick": "NN", "cover": "NN", "wood": "NN", "metal": "NN", "stone": "NN", "glass": "NN", "plastic": "JJ", "lit":
    "JJ",
    "fire": "NN", "cat": "NN", "light": "JJ", "close": "RB", "view": "NN", "top": "NN", "bottom": "NN", "park": "NN",
    "stop": "NN", "train": "NN", "bear": "NN", "bat": "NN", "cut": "VBN", "tie": "NN", "ties": "NNS", "display": "NN",
    "leaves": "NNS", "handles": "NNS", "awning": "NN",
    "downwards": "RB", "upwards": "RB", "backwards": "RB", "forwards": "RB", "inwards": "RB", "outwards": "RB",
    "outside": "IN", "inside": "IN", "underneath": "IN", "beneath": "IN", "beside": "IN", "near": "IN", "atop": "IN",
}  # fmt: skip
# Verbs of captions that the tagger takes for plural nouns ("a man smiles at the camera").
VERBS = frozenset(
    "smiles poses looks walks rides plays jumps stands sits runs holds watches eats swings hits talks takes works "
    "waits rests sleeps "
    "drinks cooks surfs skis skates skateboards performs uses drives flies stares races crosses catches throws "
    "reaches dances laughs "
    "leaps bites grazes lays lies hangs leans attempts tries prepares gets goes makes shows crouches kneels grabs "
    "pulls pushes carries "
    "wears faces rolls floats feeds reads serves cuts displays features leads overlooks surrounds covers rises "
    "peers".split()
)
PARTICIPLE = re.compile(r".*(ing|ed)$")


class Token(NamedTuple):
    """One token; ``start`` and ``end`` are offsets in the text, ``sentence`` counts from 0."""

    text: str
    lower: str
    start: int
    end: int
    tag: str
    sentence: int
    quoted: bool


@dataclass(frozen=True, slots=True)
class Phrase:
    """A noun phrase: tokens ``first..head`` inclusive, the head noun last."""

    first: int
    head: int
    plural: bool


@dataclass(frozen=True, eq=False)  # two parses are never held against one another, and caches ask for a quick hash
class Parsed:
    """A text, its tokens and its noun phrases in order."""

    text: str
    tokens: tuple[Token, ...]
    phrases: tuple[Phrase, ...]
    phrase_at: tuple[int, ...]
    """For each token the index of its noun phrase, or -1."""

    @cached_property
    def lowers(self) -> tuple[str, ...]:
        """The tokens in lower case."""
        return tuple(token.lower for token in self.tokens)

    @cached_property
    def places(self) -> dict[str, list[int]]:
        """Token in lower case -> where it stands, in order."""
        found: dict[str, list[int]] = defaultdict(list)
        for i, lower in enumerate(self.lowers):
            found[lower].append(i)
        return found

    @cached_property
    def vocabulary(self) -> frozenset[str]:
        """The same, each once."""
        return frozenset(self.lowers)

    def phrase_of(self, token: int) -> Phrase | None:
        """The noun phrase that a token stands in."""
        index = self.phrase_at[token] if 0 <= token < len(self.tokens) else -1
        return self.phrases[index] if index >= 0 else None

    @cached_property
    def lower(self) -> Callable[[int], str]:
        """Token -> the lower-cased token, or "" outside the text. No function: it is asked 700 times for a caption."""
        return defaultdict(str, enumerate(self.lowers)).__getitem__

    @cached_property
    def tag(self) -> Callable[[int], str]:
        """Token -> its part of speech (Penn Treebank), or "" outside the text."""
        return defaultdict(str, enumerate(token.tag for token in self.tokens)).__getitem__


def tagger_name() -> str:
    """The user's own spaCy pipeline, or ``textblob``: sites depend on it, so a build's recipe names it."""
    return os.environ.get("TLDR_DATA_SPACY", "textblob")


@cache
def _pipeline() -> Language:
    import spacy

    name = tagger_name()
    try:
        return spacy.blank("en") if name == "textblob" else spacy.load(name)
    except OSError:
        raise UsageError(f"TLDR_DATA_SPACY names {name!r}: no such spaCy pipeline is installed") from None


@cache
def _tagger() -> Any:
    parser = english().parser
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)  # textblob leaves its lexicon's file to the garbage collector
        parser.find_tags(["a"])
    return parser


@lru_cache(maxsize=8)  # the taxonomies of one text come one after another
def parse(text: str) -> Parsed:
    """Tokens with offsets and tags, sentences, noun phrases.

    >>> parsed = parse("A small dog sits on the red chair.")
    >>> [parsed.text[parsed.tokens[p.first].start : parsed.tokens[p.head].end] for p in parsed.phrases]
    ['A small dog', 'the red chair']
    """
    # of the blank pipeline nothing but the tokenizer is asked: that takes half the time
    plain = tagger_name() == "textblob"
    doc = [token for token in (_pipeline().make_doc(text) if plain else _pipeline()(text)) if not token.is_space]
    words = [token.text for token in doc]
    tags = [] if plain else [token.tag_ for token in doc]
    if not any(tags):
        tags = _tag(words)
    sentences = _sentences(words)
    quoted = _quoted(words)
    starts = [token.idx for token in doc]
    ends = [start + len(word) for start, word in zip(starts, words, strict=True)]
    lowers = [word.lower() for word in words]
    tokens = tuple(map(Token, words, lowers, starts, ends, tags, sentences, quoted))
    phrases = tuple(_phrases(tokens))
    phrase_at = [-1] * len(tokens)
    for index, phrase in enumerate(phrases):
        phrase_at[phrase.first : phrase.head + 1] = [index] * (phrase.head + 1 - phrase.first)
    return Parsed(text, tokens, phrases, tuple(phrase_at))


def _tag(words: list[str]) -> list[str]:
    if not words:
        return []
    tags = [str(tag) for _, tag in _tagger().find_tags(words)]
    for i, word in enumerate(words):
        lower = word.lower()
        before = words[i - 1].lower() if i else ""
        if lower == "light" and i + 1 < len(words) and words[i + 1].lower() in BE | {"that", "which", "from"}:
            tags[i] = "NN"
        elif lower in TAGS:
            tags[i] = TAGS[lower]
        elif word.isdigit():
            tags[i] = "CD"  # after some words the tagger takes "4" for a preposition
        elif i and _is_noun_there(tags, i, before) and lower not in BE:
            tags[i] = "NN"  # "the show", "a decorate plate": no finite verb follows a determiner
        elif tags[i] == "VBZ" and before in ("a", "an", "the"):
            tags[i] = "NNS"  # "the tracks"
        elif lower in VERBS and i and tags[i - 1].startswith("NN") and _opens_complement(words, i + 1):
            tags[i] = "VBZ"
        elif tags[i] == "NNP" and word.islower():
            tags[i] = "NN"
    return tags


def _is_noun_there(tags: list[str], i: int, before: str) -> bool:
    """Whether a word tagged as a finite verb follows what only a noun follows."""
    return tags[i] in ("VB", "VBP", "VBD") and (before in DETERMINERS or tags[i - 1] in ("JJ", "CD"))


def _opens_complement(words: list[str], i: int) -> bool:
    """Whether what stands there follows a verb rather than a noun: a determiner, a preposition, nothing."""
    word = words[i].lower() if i < len(words) else "."
    return word in DETERMINERS or word in _AFTER_VERBS


_AFTER_VERBS = frozenset(
    "in on at to with by from into onto over under near through across along around down up off out back for next "
    "beside behind "
    "while as and . , together toward towards alone".split()
)


def _sentences(words: list[str]) -> list[int]:
    """The number of each word's sentence. A stop ends one unless a lower-case word follows ("approx. five")."""
    numbers, current = [], 0
    for i, word in enumerate(words):
        numbers.append(current)
        following = words[i + 1] if i + 1 < len(words) else ""
        if word in (".", "!", "?", "...") and not following[:1].islower():
            current += 1
    return numbers


def _quoted(words: list[str]) -> list[bool]:
    """Whether a word stands between double quotes: what is written in the image is not the caption's own claim."""
    inside, flags = False, []
    for word in words:
        if word == "“":
            inside = True
        marks = word.count('"') + (word in ("``", "''"))  # the tokenizer leaves 'says,"Stop' in one piece
        flags.append(inside or (marks > 0 and len(word) > 2))
        if marks % 2:
            inside = not inside
        elif word == "”":
            inside = False
    return flags


def _phrases(tokens: tuple[Token, ...]) -> list[Phrase]:
    phrases: list[Phrase] = []
    i = 0
    while i < len(tokens):
        end = _phrase_end(tokens, i)
        if end is None:
            i += 1
            continue
        phrases.append(Phrase(i, end, tokens[end].tag in ("NNS", "NNPS")))
        i = end + 1
    return phrases


def _phrase_end(tokens: tuple[Token, ...], first: int) -> int | None:
    """The head of the noun phrase that begins at a token, or None."""
    if tokens[first].lower in DETERMINERS and tokens[first].tag == "RB":
        return None
    head: int | None = None
    i = first
    while i < len(tokens):
        token = tokens[i]
        if token.tag.startswith("NN"):
            head = i
        elif not _modifies(tokens, i, first, head):
            break
        i += 1
    return head


def _modifies(tokens: tuple[Token, ...], i: int, first: int, head: int | None) -> bool:
    """Whether a token that is no noun may stand inside the phrase begun at ``first``."""
    token = tokens[i]
    if i == first and (token.lower in DETERMINERS or token.tag == "PRP$"):
        return True
    if token.tag in ("JJ", "JJR", "JJS", "CD"):
        # after a noun an adjective begins something new ("a dog black as coal"), unless another noun follows at once
        return head is None or (i + 1 < len(tokens) and tokens[i + 1].tag.startswith("NN") and token.tag != "CD")
    if head is not None:
        return False
    if token.tag in ("VBG", "VBN", "VBD"):
        return i > first and bool(PARTICIPLE.match(token.lower)) and _noun_ahead(tokens, i + 1)
    if token.lower in ("and", ",", "-", "or") and i > first:
        return tokens[i - 1].tag in ("JJ", "VBN", "CD", "NN") and _adjective_ahead(tokens, i + 1)
    return token.tag == "RB" and i > first and token.lower not in ("not",) and _adjective_ahead(tokens, i + 1)


def _noun_ahead(tokens: tuple[Token, ...], i: int) -> bool:
    return i < len(tokens) and (tokens[i].tag.startswith(("NN", "JJ")))


def _adjective_ahead(tokens: tuple[Token, ...], i: int) -> bool:
    return i < len(tokens) and tokens[i].tag in ("JJ", "VBN") and _noun_ahead(tokens, i + 1)
