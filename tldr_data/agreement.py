"""Which changes of a word are only grammar: number agreement and articles (docs/labels.md)."""

from __future__ import annotations

from typing import Literal

Agreement = Literal["function", "content"]

_FUNCTION_GROUPS = (
    "a an the",
    "is are am",
    "isn't aren't",
    "was were",
    "wasn't weren't",
    "has have",
    "hasn't haven't",
    "does do",
    "doesn't don't",
    "this these",
    "that those",
    "it they them",
    "its their",
    "it's they're",
    "itself themselves",
    "he they",
    "she they",
    "him them",
    "her them",
    "her their",
    "his their",
    "hers theirs",
    "his theirs",
    "he's they're",
    "she's they're",
    "himself themselves",
    "herself themselves",
)
_IRREGULAR_GROUPS = (
    "man men",
    "woman women",
    "child children",
    "person people",
    "foot feet",
    "tooth teeth",
    "goose geese",
    "mouse mice",
    "ox oxen",
    "die dice",
    "cactus cacti",
)
_FUNCTION = {
    word: frozenset(other for line in _FUNCTION_GROUPS if word in line.split() for other in line.split())
    for word in " ".join(_FUNCTION_GROUPS).split()
}
"""Word -> the words that it may agree with: "he" with "they", but not with "she"."""
_IRREGULAR = {word: group for group, line in enumerate(_IRREGULAR_GROUPS) for word in line.split()}


def agreement(old: str, new: str) -> Agreement | None:
    """How two different lower-case words differ, if only in number (or in the article); None if in more than that.

    ``function``: articles, is/are, this/these, it/they, he/they and the like; ``content``: dog/dogs, man/men, sit/sits.

    >>> agreement("is", "are"), agreement("dog", "dogs"), agreement("dog", "cat")
    ('function', 'content', None)
    """
    group = _FUNCTION.get(new)
    if group is not None:
        return "function" if old in group else None
    if old[0] != new[0] or old in _FUNCTION:  # nearly all pairs end here
        return None
    if old.endswith("'s") and new.endswith("'s"):
        old, new = old[:-2], new[:-2]
    if old in _IRREGULAR or new in _IRREGULAR:
        return "content" if _IRREGULAR.get(old, -1) == _IRREGULAR.get(new) else None
    return "content" if _differ_by_ending(old, new) else None


def _differ_by_ending(old: str, new: str) -> bool:
    if old[:-3] == new[:-3] and {old[-3:], new[-3:]} == {"man", "men"}:  # fireman, firemen
        return True
    short, long = sorted((old, new), key=len)
    if len(short) < 2 or not long.isalpha():
        return False
    return (
        long == short + "s"
        or (long == short + "es" and short.endswith(("s", "x", "z", "ch", "sh", "o")))
        or (long.endswith("ies") and short == long[:-3] + "y")
        or (long.endswith("ves") and short in (long[:-3] + "f", long[:-3] + "fe"))
        or (long == short + "ren" and short.endswith("child"))
    )
