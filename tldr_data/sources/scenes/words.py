"""Small English: articles, plurals, numbers, lists, agreement."""

from __future__ import annotations

from collections.abc import Sequence

NUMBERS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")

_PLURALS = {
    "sheep": "sheep",
    "fish": "fish",
    "starfish": "starfish",
    "butterfly": "butterflies",
    "shelf": "shelves",
    "snowman": "snowmen",
}
_VERBS = {"is": "are", "lies": "lie", "flies": "fly", "has": "have", "rises": "rise"}


def plural(noun: str) -> str:
    """
    >>> plural("fir tree"), plural("box"), plural("sheep")
    ('fir trees', 'boxes', 'sheep')
    """
    head, _, last = noun.rpartition(" ")
    regular = last + ("es" if last.endswith(("x", "ch", "sh", "s")) else "s")
    return f"{head} {_PLURALS.get(last, regular)}".strip()


def with_article(words: str) -> str:
    """
    >>> with_article("orange ball"), with_article("red ball")
    ('an orange ball', 'a red ball')
    """
    return ("an " if words[0] in "aeio" or words.startswith("um") else "a ") + words


def agree(verb: str, count: int) -> str:
    """The third person verb for one or several.

    >>> agree("sits", 1), agree("sits", 2), agree("is", 2)
    ('sits', 'sit', 'are')
    """
    if count == 1:
        return verb
    first, _, rest = verb.partition(" ")
    return f"{_VERBS.get(first, first[:-1])} {rest}".strip()


def joined(parts: Sequence[str]) -> str:
    """
    >>> joined(["a cup", "two pears", "a jar"])
    'a cup, two pears and a jar'
    """
    return parts[0] if len(parts) == 1 else ", ".join(parts[:-1]) + " and " + parts[-1]


def sentence(text: str) -> str:
    """With a capital and a full stop.

    >>> sentence('the sign says "OPEN"')
    'The sign says "OPEN".'
    """
    return text[0].upper() + text[1:] + "."
