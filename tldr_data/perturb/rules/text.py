"""Written text that a caption quotes: its words and its numbers."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import pairwise, takewhile
from typing import NamedTuple

from tldr_data.perturb.grammar import like
from tldr_data.perturb.nouns import singular_word
from tldr_data.perturb.parse import Parsed, Phrase
from tldr_data.perturb.sites import Change, Choice, Site
from tldr_data.perturb.writing import bearer_of, rows_of, texts_of, titled, word_rows_of, writing
from tldr_data.taxonomy import Subtype

_QUOTE = re.compile(
    r"(?<!\w)(?:\"(?=\S)([^\"“”\n]{1,120})\"|“([^\"“”\n]{1,120})”|['‘](?=\w)([^'‘’\"\n]{2,80})['’](?!\w))"
)
_WORD = re.compile(r"[\w&]+(?:(?:['’.-]|(?<=\d)/(?=\d))[\w&]+)*")
_LETTER = re.compile(r"\b(?:[Tt]he|[Aa]n?|letters?|both|and|of)\s+[\"“'‘]?([B-Z]|(?<=[\"“'‘])\w)[\"”'’]?s?\b(?!['’]\w)")
"""A letter that the caption speaks of ("a crease through the L")."""
# What makes a quotation writing rather than a nickname (the so-called "nun" costume), before it and after it.
_SAYS = frozenset(
    "read reads reading say says saying said state states stating spell spells spelled spelling labeled labelled label "
    "marked word words text letter letters lettering name titled title number numbers message slogan logo writing "
    "written painted printed engraved carved embroidered inscribed lettered display displays displaying caption".split()
)
_SAID = frozenset("read reads reading say says saying word words text label labeled labelled message lettering".split())
_WRITTEN = frozenset("written painted printed carved engraved spelled inscribed sign signs logo text lettering".split())
_TELLS = frozenset("says say saying reads read word words labeled labelled spelling".split())
"""Before a text that stands without quotes ("a sign that says Main Street")."""
_NUMBERED = frozenset("number route platform gate room lane flight track pier highway bus no. # exit".split())
_TIME = re.compile(r"(\d{1,2}):([0-5]\d)")
_DIGITAL = frozenset("digital digitally display displays displaying screen led".split())
_OPEN = frozenset(
    "may might could likely possibly perhaps probably author latin german french spanish italian chinese "
    "japanese arabic korean foreign russian hebrew greek thai roman numeral numerals reference references".split()
)
"""Words of a sentence whose writing is guessed, or in a language that is not that of the lexicon."""
_FUNCTION = frozenset("a an the of to in on at by from with and or for is are not no".split())
_MOST_REPLACED = 3
"""Words: of a longer text that no row knows one word is changed, where that word is known, or else all of them."""
_FEWEST = 3
"""Texts that a kind must offer, else any text will do; and letters that make a text."""
_ROMAN = re.compile(r"[IVXLC]+")


class Text(NamedTuple):
    """Written text that a caption tells, in ``text[start:end]``, from its first word to its last."""

    start: int
    end: int
    words: tuple[str, ...]
    """As they stand there, without the marks between them."""


def written_sites(parsed: Parsed, subtype: Subtype) -> Iterator[Site]:
    """Written words exchanged for others that may stand on such a thing, wherever the caption quotes them."""
    texts = told_texts(parsed)
    for text in texts:
        same = [other for other in texts if _lower(other) == _lower(text)]
        if text != same[0] or not _is_readable(parsed, text):
            continue
        found = [words for words in _other_texts(parsed, text) if _is_free(parsed, same, words)]
        choices = tuple(dict.fromkeys(_choice(parsed, same, words) for words in found))
        if choices:
            yield _site(parsed, text, choices)


def _is_readable(parsed: Parsed, text: Text) -> bool:
    """Whether a text is words, and the caption is sure of them."""
    shown = parsed.text[text.start : text.end]
    letters = sum(character.isalpha() for character in shown)
    return (
        letters >= _FEWEST
        and any(word.isalpha() for word in text.words)
        and ".." not in shown
        and not _ROMAN.fullmatch(shown)
        and not _OPEN & _sentence(parsed, text.start)
    )


def numeral_sites(parsed: Parsed, subtype: Subtype) -> Iterator[Site]:
    """Written numbers: in quoted texts, after "number" or "route", and the times that clocks show."""
    texts = told_texts(parsed)
    for i, token in enumerate(parsed.tokens):
        if not token.text[:1].isdigit() or sum(token.text in other.text for other in parsed.tokens) > 1:
            continue
        if _TIME.fullmatch(token.text):
            if _sentence(parsed, token.start) & _DIGITAL:
                yield Site(i, i, _other_times(token.text), None)
        elif _is_whole(parsed, i) and (
            any(text.start <= token.start < text.end for text in texts) or _is_numbered(parsed, i)
        ):
            yield Site(i, i, _other_numbers(token.text), None)


def _is_numbered(parsed: Parsed, token: int) -> bool:
    """ "Number 7" and "route 7", not "the trees number 7"."""
    before = parsed.lower(token - 1)
    return before in _TELLS or (before in _NUMBERED and parsed.tag(token - 2) != "NNS")


def _is_whole(parsed: Parsed, token: int) -> bool:
    """Whether a token is a number, not part of a longer one or of a price, and nothing only looks like it."""
    start, end = parsed.tokens[token].start, parsed.tokens[token].end
    if not parsed.tokens[token].text.isdecimal() or _sentence(parsed, start) & {"like", "resembles"}:
        return False
    return not set("-/$€£%") & set(parsed.text[max(start - 1, 0) : start] + parsed.text[end : end + 1])


@lru_cache(maxsize=8)  # several rules ask for those of one caption
def told_texts(parsed: Parsed) -> tuple[Text, ...]:
    """The written texts of a caption, in order: in quotes, or without quotes after "says"."""
    found = []
    for match in _QUOTE.finditer(parsed.text):
        group = next(group for group in (1, 2, 3) if match[group] is not None)
        text = _text_in(parsed.text, *match.span(group))
        if text is not None and _is_writing(parsed, text, *match.span()):
            found.append(text)
    if not found and not _TELLS.isdisjoint(parsed.vocabulary):
        found = [text for i in range(len(parsed.tokens)) if (text := _unquoted(parsed, i))]
    return tuple(found)


def _text_in(text: str, start: int, end: int) -> Text | None:
    words = list(_WORD.finditer(text, start, end))
    return Text(words[0].start(), words[-1].end(), tuple(word[0] for word in words)) if words else None


def _is_writing(parsed: Parsed, text: Text, start: int, end: int) -> bool:
    shown = "".join(text.words)
    if len(shown) > 1 and shown.isupper():
        return True
    before = [t.lower for t in parsed.tokens if t.end <= start][-16:]
    after = [t.lower for t in parsed.tokens if t.start >= end][:4]
    if shown.islower():
        return bool(_SAID & set(before[-6:])) or after[:1] == ["sign"]
    return bool(_SAYS & set(before) or _WRITTEN & set(after) or set(after[:2]) & bearer_of().keys())


def _unquoted(parsed: Parsed, at: int) -> Text | None:
    """The text that begins at a token after "says": words in capitals, or one that the lexicon knows."""
    if parsed.lower(at - 1) not in _TELLS or at == 0:
        return None
    tokens = parsed.tokens[at : at + 6]
    capitals = list(takewhile(lambda t: t.text[:1].isupper() and t.lower != "i", tokens))
    if capitals:
        return _text_in(parsed.text, capitals[0].start, capitals[-1].end)
    for count in (4, 3, 2, 1):
        shown = parsed.text[tokens[0].start : tokens[min(count, len(tokens)) - 1].end]
        if count <= len(tokens) and shown in rows_of() and _ends(parsed, at + count):
            return _text_in(parsed.text, tokens[0].start, tokens[count - 1].end)
    return None


def _ends(parsed: Parsed, at: int) -> bool:
    return parsed.tag(at) in ("", ".", ",", "CC", "IN")


def _lower(text: Text) -> tuple[str, ...]:
    return tuple(word.lower() for word in text.words)


def _other_texts(parsed: Parsed, text: Text) -> list[tuple[str, ...]]:
    """What may stand there instead, as lower-case words."""
    old = _lower(text)
    whole = [tuple(other.split(" ")) for other in sorted(rows_of().get(" ".join(old), ()))]
    word_by_word = [
        (*old[:i], other, *old[i + 1 :]) for i, word in enumerate(old) for other in sorted(word_rows_of().get(word, ()))
    ]
    if not whole and (len(old) <= _MOST_REPLACED or not word_by_word):
        whole = _fitting(parsed, text)
    if _sentence(parsed, text.start) & {"word", "words"}:
        whole = [other for other in whole if (len(other) == 1) == (len(old) == 1)]
    return [*whole, *word_by_word]


def _fitting(parsed: Parsed, text: Text) -> list[tuple[str, ...]]:
    """Texts of about as many words, for the nearest thing of the sentence that may bear them."""
    sentence = next(t.sentence for t in parsed.tokens if t.end > text.start)
    phrases = [p for p in parsed.phrases if parsed.tokens[p.head].sentence == sentence]
    phrases.sort(key=lambda p: abs(parsed.tokens[p.head].start - text.start))
    bearers = (bearer_of()[name] for phrase in phrases if (name := thing_of(parsed, phrase)) is not None)
    bearer = next(bearers, None)
    for kinds in (bearer.texts if bearer else (), writing().any):
        found = [tuple(other.split(" ")) for other in texts_of(kinds)]
        count = len(text.words)
        found = [other for other in found if len(other) == count or len(other) >= _MOST_REPLACED < count]
        if len(found) >= _FEWEST:
            return found
    return []


def thing_of(parsed: Parsed, phrase: Phrase) -> str | None:
    """The thing of ``lexicons/writing.yaml`` that a noun phrase names; a longer name goes before a shorter."""
    for first in range(max(phrase.first, phrase.head - 2), phrase.head + 1):
        name = " ".join([*parsed.lowers[first : phrase.head], singular_word(parsed.lower(phrase.head))])
        if name in bearer_of():
            return name
    return None


def _sentence(parsed: Parsed, start: int) -> set[str]:
    """The words, lower case, of the sentence at an offset."""
    number = next(t.sentence for t in parsed.tokens if t.end > start)
    return {t.lower for t in parsed.tokens if t.sentence == number}


def _changed(old: Sequence[str], new: Sequence[str]) -> tuple[int, int]:
    """How many words both begin with and, of the others, end with."""
    head = next((i for i, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), min(len(old), len(new)))
    head = min(head, len(old) - 1, len(new) - 1)
    tail = 0
    while tail < min(len(old), len(new)) - head - 1 and old[-1 - tail] == new[-1 - tail]:
        tail += 1
    return head, tail


def _is_free(parsed: Parsed, same: Sequence[Text], new: tuple[str, ...]) -> bool:
    """Whether the caption speaks nowhere else of the words that go or come, or of their letters."""
    old = _lower(same[0])
    head, tail = _changed(old, new)
    gone, come = set(old[head : len(old) - tail]) - set(new), set(new[head : len(new) - tail]) - set(old)
    rest = parsed.text
    for text in reversed(same):
        rest = rest[: text.start] + " " + rest[text.end :]
    said = {singular_word(word.lower()) for word in re.findall(r"\w+", rest)} | _FUNCTION
    if any({singular_word(part) for part in re.findall(r"\w+", " ".join(words))} <= said for words in (gone, come)):
        return False
    letters = {match[1].lower() for match in _LETTER.finditer(rest)}
    return all("".join(old).count(c) == "".join(new).count(c) for c in letters)


def _choice(parsed: Parsed, same: Sequence[Text], new: tuple[str, ...]) -> Choice:
    """The words themselves where they are written side by side and once; else each place that changes."""
    text = same[0]
    whole = any(t.start == text.start for t in parsed.tokens) and any(t.end == text.end for t in parsed.tokens)
    if len(same) > 1 or not whole or parsed.text[text.start : text.end] != " ".join(text.words):
        return tuple(_change(parsed, other, new) for other in same)
    head, tail = _changed(_lower(text), new)
    return " ".join((*new[:head], *_cased(text, new)[head : len(new) - tail], *new[len(new) - tail :]))


def _change(parsed: Parsed, text: Text, new: tuple[str, ...]) -> Change:
    """The changed words of one mention, in its case, with its marks between them."""
    words = list(_WORD.finditer(parsed.text, text.start, text.end))
    head, tail = _changed(_lower(text), new)
    old, cased = words[head : len(words) - tail], _cased(text, new)[head : len(new) - tail]
    gaps = [parsed.text[a.end() : b.start()] for a, b in pairwise(old)]
    if len(gaps) != len(cased) - 1:
        gaps = [" / " if gaps and all("/" in gap for gap in gaps) else " "] * (len(cased) - 1)
    written = "".join(word + gap for word, gap in zip(cased, [*gaps, ""], strict=True))
    return Change(old[0].start(), old[-1].end(), written)


def _cased(text: Text, new: tuple[str, ...]) -> list[str]:
    """The new words in the case of the text, or each in that of the word in its place."""
    shown = "".join(text.words)
    if shown.isupper() or shown.islower():
        return [word.upper() if shown.isupper() else word for word in new]
    if len(text.words) == len(new) and set(_lower(text)) & set(new):
        return [like(old, word) for old, word in zip(text.words, new, strict=True)]
    return titled(" ".join(new)).split(" ")


def _site(parsed: Parsed, text: Text, choices: tuple[Choice, ...]) -> Site:
    inside = [i for i, token in enumerate(parsed.tokens) if token.end > text.start and token.start < text.end]
    return Site(inside[0], inside[-1], choices, None)


def _other_times(time: str) -> tuple[str, ...]:
    """Times at least ten minutes or an hour away, in the same half of the day."""
    hour, minute = map(int, time.split(":"))
    highest = 12 if hour <= 12 else 23
    hours = [h for h in range(hour - 3, hour + 4) if 1 <= h <= highest and h != hour]
    minutes = [m % 60 for m in range(minute + 10, minute + 51, 7)]
    return tuple([f"{h}:{minute:02}" for h in hours] + [f"{hour}:{m:02}" for m in minutes])


def _other_numbers(number: str) -> tuple[str, ...]:
    """Numbers with one other digit; round ones stay round, and none begins with 0 that did not."""
    found = [number[:i] + d + number[i + 1 :] for i in range(len(number)) for d in "0123456789" if d != number[i]]
    if len(number) == 2 and number[1] in "05":
        found = [other for other in found if other[1] in "05"]
    return tuple(other for other in found if other[0] != "0" or (len(number) > 1 and number[0] == "0"))
