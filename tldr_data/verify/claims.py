"""English text to claims: what it says is there, of what kind, how many, and where.

A small parser of the English that captions are written in. Where a sentence can be read in several ways, its claim
keeps every reading: it is true if one of them is, and false only if all are.
"""

from __future__ import annotations

from tldr_data.verify.assertions import Assertion, Claim
from tldr_data.verify.clauses import Mentions
from tldr_data.verify.phrases import phrases
from tldr_data.verify.reader import Reader
from tldr_data.verify.words import Lexicon, sentences

LONGEST = 150
"""Words of a sentence; no caption has a longer one, and the readings of one would grow without bound."""


def claims(text: str, lexicon: Lexicon, question: str = "") -> list[Claim]:
    """Every claim of a text, in order; what is not understood is a claim of kind ``unknown``.

    ``question``: what the text answers; "On the left." is said of the thing that it asks for.
    """
    found: list[Claim] = []
    asked = [phrase.mention for words in sentences(question)[:3] for phrase in phrases(words, lexicon)]
    topics: tuple[Mentions, ...] = tuple((mention,) for mention in asked if mention)
    for words in sentences(text):
        if len(words) > LONGEST:
            spans = tuple((word.start, word.end) for word in words)
            found.append(Claim(spans, (Assertion("unknown", word="a sentence too long to read"),)))
            continue
        reader = Reader(phrases(words, lexicon), topics)
        found += reader.read()
        topics = tuple(reversed(reader.subjects)) or topics
    return found
