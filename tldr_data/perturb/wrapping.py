"""What models put around the text that they were asked for."""

from __future__ import annotations

import re

from tldr_data.errors import RowError

_THOUGHT = re.compile(r"\s*<think>.*?</think>", re.DOTALL)
_FENCE = re.compile(r"```\w*\n(.*?)\n?```", re.DOTALL)
_LABEL = re.compile(
    r"\**(?:the |your )?(?:(?:new|changed|modified|edited|revised|rewritten|updated|wrong|false|incorrect) )?"
    r"(?:caption|answer|paragraph|description|output)\**\s*:\**\s*",
    re.IGNORECASE,
)
_HEADING = re.compile(r"[^\n]{1,100}:\**[ \t]*\n\s*")
_OPENING = re.compile(
    r"(?:sure|certainly|of course|absolutely|okay|ok|sorry|unfortunately|note|as an ai|here(?:'s| is| are)"
    r"|i(?:'m| am|'ve| have|'ll| will| can|cannot| changed| would)"
    r"|the (?:new|original|given|modified|revised) (?:caption|answer))\b",
    re.IGNORECASE,
)
_QUOTES = {'"': '"', "\u201c": "\u201d"}
_PAIRED = re.compile(r'[^"]*(?:(?<![^\s(\[])"[^"]*"[^"]*)*')


def without_thoughts(text: str) -> str:
    """The answer behind what a model that thinks aloud thought."""
    return _THOUGHT.sub("", text, count=1).strip()


def unwrapped(text: str, like: str) -> str:
    """The text itself, without what certainly stands around it: a code fence, a heading or label, a pair of quotes.

    ``like`` is the text that it was made of: what this has too is no wrapping.

    Raises:
        RowError: ``chatter``: there is more than the text; ``empty_response``: there is none. The message is the whole.

    >>> unwrapped('New caption: "A blue cup."', "A red cup.")
    'A blue cup.'
    """
    bare = without_thoughts(text)
    if (fence := _FENCE.fullmatch(bare)) and "```" not in like:
        bare = fence[1].strip()
    for wrapping in (_HEADING, _LABEL):
        if (found := wrapping.match(bare)) and not wrapping.match(like):
            bare = bare[found.end() :]
    inner = _without_quotes(bare, like)
    if inner is None or _holds_more(inner, like):
        raise RowError("chatter", text)
    if not inner:
        raise RowError("empty_response", text)
    return inner


def _holds_more(text: str, like: str) -> bool:
    """Whether a text has a code fence, an opening ("Sure, ...") or lines that the text it was made of has not."""
    if "```" in text and "```" not in like:
        return True
    if _OPENING.match(text) and not _OPENING.match(like):
        return True
    return _lines(text) > max(_lines(like), 1)


def _without_quotes(text: str, like: str) -> str | None:
    """Without the quotes around the whole; None where the first and the last quote may be of different pairs."""
    closing = _QUOTES.get(text[:1])
    if closing is None or len(text) < 2 or text[-1] != closing or like[:1] == text[0]:
        return text
    inner = text[1:-1]
    return inner.strip() if _PAIRED.fullmatch(inner) else None


def _lines(text: str) -> int:
    return sum(1 for line in text.splitlines() if line.strip())
