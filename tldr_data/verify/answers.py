"""A bare answer ("Yes.", "Three.") as the statement that it stands for."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

_YES_NO = re.compile(r"(yes|no)\W*", re.IGNORECASE)
_OPENING = re.compile(r"(yes|no), (?=\w)", re.IGNORECASE)
_BE_QUESTION = re.compile(r"(is|are)\s+(.+?)\s*\?", re.IGNORECASE)
_HOW_MANY = re.compile(r"how many\s+(.+?)\s+(are there|can be seen|are visible)\b(.*?)\s*\?", re.IGNORECASE)
_NUMBER = re.compile(r"(\w+)\W*")


class Statement(NamedTuple):
    """What a bare answer says: ``texts`` are the ways to read it, ``denied`` if the answer is "no"."""

    texts: tuple[str, ...]
    denied: bool


def statement_of(question: str, answer: str) -> Statement | None:
    """The statement behind a bare answer; None if the answer speaks for itself.

    >>> statement_of("Are there any books?", "No.")
    Statement(texts=('There are books.',), denied=True)
    >>> statement_of("How many ducks are there on the pond?", "Three.")
    Statement(texts=('There are three ducks on the pond.',), denied=False)
    >>> statement_of("What color is the cup?", "Red.") is None
    True
    """
    asked = _BE_QUESTION.fullmatch(question.strip())
    said = _YES_NO.fullmatch(answer.strip())
    if asked and said:
        return Statement(tuple(_orders(asked[1].lower(), asked[2].split())), said[1].lower() == "no")
    counted, number = _HOW_MANY.fullmatch(question.strip()), _NUMBER.fullmatch(answer.strip())
    if counted and number:
        verb = "is" if number[1].lower() in ("one", "1") else "are"
        return Statement((f"There {verb} {number[1].lower()} {counted[1]}{counted[3]}.",), False)
    return None


def opening_of(answer: str) -> str:
    """The "yes" or "no" that an answer opens with and says more after; "" where it does not.

    >>> opening_of("No, it is red."), opening_of("No.")
    ('No', '')
    """
    found = _OPENING.match(answer)
    return found[1] if found else ""


def blanked(answer: str, opening: str) -> str:
    """An answer without its opening, every other word in its place."""
    return " " * (len(opening) + 1) + answer[len(opening) + 1 :]


def _orders(verb: str, words: list[str]) -> Iterator[str]:
    """ "is the cup red" -> "The cup is red": the verb after each word in turn, as only the right place makes sense."""
    if words[0].lower() == "there":
        yield f"There {verb} {' '.join(word for word in words[1:] if word.lower() != 'any')}."
        return
    for cut in range(2, len(words)):
        subject, rest = " ".join(words[:cut]), " ".join(words[cut:])
        yield f"{subject[:1].upper()}{subject[1:]} {verb} {rest}."
