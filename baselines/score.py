"""What a trained model says of your own text: ``python -m baselines.score CHECKPOINT IMAGE "Two red cups."``

One line a word: P(GOOD), and ``x`` before the words that it calls false. A word is as good as its worst token.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import NamedTuple

from baselines.command import status_of
from tldr_data.errors import InputError
from tldr_data.labels import WORD


class Word(NamedTuple):
    """A word of a response, and P(GOOD) of its worst token."""

    text: str
    good: float
    is_bad: bool


def rate(checkpoint: str | Path, image: str | Path, response: str, prompt: str = "") -> list[Word]:
    """Every word of one response to one image.

    Raises InputError where the checkpoint or the image cannot be used, or the response has no word.
    """
    from baselines.scoring import open_scorer, score

    found = [match.span() for match in WORD.finditer(response)]
    if not found:
        raise InputError(f"response {response!r}: has no word")
    scorer = open_scorer(checkpoint)
    row = {"id": str(image), "group": "", "image_id": None, "image": {"path": str(image), "bytes": None}}
    text = {"prompt": prompt, "response": response, "words": [], "labels": [], "errors": [], "collateral": []}
    [scored] = score(scorer, [{**row, **text, "kind": 0, "taxonomy": None}])
    pieces = list(zip(scored.offsets, scored.scores, strict=True))
    rated = []
    for start, end in found:
        good = min(reward for (begin, stop), reward in pieces if begin < end and start < stop)
        rated.append(Word(response[start:end], good, good <= scorer.settings.threshold))
    return rated


def render(words: list[Word]) -> str:
    """One line a word.

    >>> print(render([Word("Two", 0.031, True), Word("cups", 0.99, False)]))
    x 0.03 Two
      0.99 cups
    """
    return "\n".join(f"{'x' if word.is_bad else ' '} {word.good:.2f} {word.text}" for word in words)


def main(arguments: list[str] | None = None) -> int:
    """The command; returns its exit status."""
    parser = argparse.ArgumentParser(prog="python -m baselines.score", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("checkpoint", metavar="CHECKPOINT", help="folder that training or export wrote")
    parser.add_argument("image", type=Path, metavar="IMAGE", help="file of an image")
    parser.add_argument("response", metavar="TEXT", help="what is said of the image")
    parser.add_argument("--prompt", default="Describe the image.", help="what was asked (%(default)s)")
    options = parser.parse_args(arguments)
    return status_of(lambda: render(rate(options.checkpoint, options.image, options.response, options.prompt)))


if __name__ == "__main__":
    sys.exit(main())
