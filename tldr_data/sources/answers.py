"""What several people answered to one question, as one answer and the others that may be right as well."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

from tldr_data.errors import RowError

NO_ANSWERS = frozenset(
    (
        *("unanswerable", "not answerable", "answering does not require reading text in the image"),
        *("i don't know", "don't know", "not sure", "can't tell", "cannot tell"),
    )
)
"""What people say who have no answer, in the words of the sets that are read here."""


class Answer(NamedTuple):
    """The answer that most people gave, and all different ones beside it, in the order in which they were given."""

    response: str
    accepted: tuple[str, ...]


def agreed_answer(given: Iterable[object], where: str, official: str | None = None) -> Answer:
    """The answer that people agree on: the official one if there is one, else the most frequent, of equals the first.

    Raises:
        RowError: nobody answered (``missing_answer``), no two people gave the same answer (``no_agreed_answer``), or
            they agree that there is none (``not_answerable``).

    >>> agreed_answer(["net", "mesh", "net "], "row 1")
    Answer(response='net', accepted=('mesh',))
    """
    texts = [text for value in given if isinstance(value, str) and (text := " ".join(value.split()))]
    counts = Counter(texts)
    response = " ".join(official.split()) if official else max(counts, key=lambda text: counts[text], default="")
    if not response:
        raise RowError("missing_answer", f"{where}: has no answer")
    if len(texts) > 1 and max(counts.values()) == 1:
        raise RowError("no_agreed_answer", f"{where}: no two of {len(texts)} people gave the same answer")
    if response.casefold().replace("’", "'") in NO_ANSWERS:
        raise RowError("not_answerable", f"{where}: people found no answer: {response!r}")
    return Answer(response, tuple(text for text in counts if text != response))
