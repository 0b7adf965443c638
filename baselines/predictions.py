"""What a reward model said of responses whose labels are known: what ``baselines.metrics`` reads, and its file."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tldr_data.atomic import whole_file
from tldr_data.errors import InputError
from tldr_data.labels import BAD, GOOD, IGNORE, WORD

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

THETA = 0.5
"""A token is called GOOD if P(GOOD) is greater (the paper, section 3)."""
_SPACE = re.compile(r"\s")
_PER_TOKEN = ("scores", "labels", "response", "sentence", "word")


class Scored(NamedTuple):
    """One response with its rewards. Offsets and spans are half-open, in code points of ``response``."""

    id: str
    group: str
    kind: str
    taxonomy: str | None
    response: str
    offsets: Sequence[tuple[int, int]]
    """Of each token."""
    scores: Sequence[float]
    """P(GOOD) of each token."""
    labels: Sequence[int]
    """GOOD, BAD or IGNORE of each token."""
    errors: Sequence[tuple[int, int]]
    collateral: Sequence[tuple[int, int]]


@dataclass(frozen=True, eq=False, kw_only=True)
class Predictions:
    """N tokens of R responses as arrays; tokens stand in the order of their responses.

    Raises:
        InputError: arrays disagree in length, or hold a value that is not allowed.
    """

    scores: Floats
    """(N,) P(GOOD)."""
    labels: Ints
    """(N,) GOOD, BAD or IGNORE."""
    response: Ints
    """(N,) which response a token belongs to, 0 to R - 1, never falling."""
    ids: NDArray[np.str_]
    """(R,)."""
    groups: NDArray[np.str_]
    """(R,) images whose responses hang together: the bootstrap draws these."""
    taxonomies: NDArray[np.str_]
    """(R,) "" where there is none."""
    kinds: NDArray[np.str_]
    """(R,) clean, perturbed or paraphrase."""
    sentence: Ints | None = None
    """(N,) which sentence of its response a token belongs to, from 0."""
    word: Ints | None = None
    """(N,) which word of its response a token belongs to, from 0; -1 if to none."""
    characters: Ints | None = None
    """(R, 3) characters that are both called BAD and false, that are called BAD, that are false."""

    def __post_init__(self) -> None:
        _check_lengths(self)
        if not np.all((self.scores >= 0) & (self.scores <= 1)):  # NaN is neither
            wrong = self.scores[~((self.scores >= 0) & (self.scores <= 1))][0]
            raise InputError(f"score {wrong} is not P(GOOD); allowed: 0..1")
        strange = set(np.unique(self.labels).tolist()) - {GOOD, BAD, IGNORE}
        if strange:
            raise InputError(f"label {min(strange)} is unknown; allowed: {GOOD}, {BAD}, {IGNORE}")
        if len(self.response) and (self.response[0] < 0 or self.response[-1] >= len(self.ids)):
            raise InputError(f"a token's response lies outside 0..{len(self.ids) - 1}, the responses that there are")
        if np.any(np.diff(self.response) < 0):
            raise InputError("tokens do not stand in the order of their responses")

    def labelled(self) -> Predictions:
        """Without tokens that are IGNORE, which count in no figure, and without responses that hold nothing else."""
        kept = self.labels != IGNORE
        rows = np.flatnonzero(np.bincount(self.response[kept], minlength=len(self.ids)))
        return self._tokens(kept).take(rows)

    def take(self, rows: Ints) -> Predictions:
        """The responses of these numbers, in this order; one may come more than once."""
        begins = np.searchsorted(self.response, np.arange(len(self.ids) + 1))
        lengths = np.diff(begins)[rows]
        shift = begins[:-1][rows] - (np.cumsum(lengths) - lengths)
        return replace(
            self._tokens(np.arange(lengths.sum()) + np.repeat(shift, lengths)),
            response=np.repeat(np.arange(len(rows)), lengths),
            ids=self.ids[rows],
            groups=self.groups[rows],
            taxonomies=self.taxonomies[rows],
            kinds=self.kinds[rows],
            characters=None if self.characters is None else self.characters[rows],
        )

    def all_good(self) -> Predictions:
        """As a model would say that calls every token GOOD: what a figure gives for nothing."""
        characters = None if self.characters is None else self.characters * np.array([0, 0, 1])
        return replace(self, scores=np.ones_like(self.scores), characters=characters)

    def _tokens(self, at: Ints | NDArray[np.bool_]) -> Predictions:
        """Some of the tokens; unchecked where responses no longer rise."""
        made = object.__new__(Predictions)
        for field in fields(self):
            value = getattr(self, field.name)
            chosen = value[at] if field.name in _PER_TOKEN and value is not None else value
            object.__setattr__(made, field.name, chosen)
        return made


def gather(rows: Iterable[Scored]) -> Predictions:
    """Arrays of scored responses, with sentences and characters told from their texts.

    Raises:
        InputError: a response has not as many scores or labels as tokens, or a value is not allowed.
    """
    rows = list(rows)
    for row in rows:
        if not len(row.offsets) == len(row.scores) == len(row.labels):
            counts = f"{len(row.offsets)} offsets, {len(row.scores)} scores, {len(row.labels)} labels"
            raise InputError(f"{row.id}: {counts}; expected one of each for every token")
    lengths = [len(row.scores) for row in rows]
    return Predictions(
        scores=np.array([score for row in rows for score in row.scores], np.float64),
        labels=np.array([label for row in rows for label in row.labels], np.int64),
        response=np.repeat(np.arange(len(rows)), lengths),
        sentence=np.array([n for row in rows for n in sentences(row.response, row.offsets)], np.int64),
        word=np.array([n for row in rows for n in words_of(row.response, row.offsets)], np.int64),
        characters=np.array([_characters(row) for row in rows], np.int64).reshape(-1, 3),
        ids=np.array([row.id for row in rows], np.str_),
        groups=np.array([row.group for row in rows], np.str_),
        taxonomies=np.array([row.taxonomy or "" for row in rows], np.str_),
        kinds=np.array([row.kind for row in rows], np.str_),
    )


def sentences(response: str, offsets: Sequence[tuple[int, int]]) -> list[int]:
    """Number of the sentence of each token: a token that is a period ends one (the paper, section 3).

    So does a period between two tokens: those that are words hold none. What follows the last period is a sentence too;
    the paper does not say. "St." and decimals that a tokenizer takes apart are split, as in the paper.

    >>> sentences("A cup. Red", [(0, 1), (1, 5), (5, 6), (6, 10)])
    [0, 0, 0, 1]
    >>> sentences("A cup. Red", [(0, 1), (2, 5), (7, 10)])
    [0, 0, 1]
    """
    numbers, number, reached = [], 0, 0
    for start, end in offsets:
        number += "." in response[reached:start]
        numbers.append(number)
        number += response[start:end].strip() == "."
        reached = max(reached, end)
    return numbers


def words_of(response: str, offsets: Sequence[tuple[int, int]]) -> list[int]:
    """Number of the word that each token is of, the first of several, -1 for punctuation; tokens stand in order.

    >>> words_of("Two birdhouses.", [(0, 3), (3, 8), (8, 14), (14, 15)])
    [0, 1, 1, -1]
    """
    spans = [found.span() for found in WORD.finditer(response)]
    numbers, at = [], 0
    for start, end in offsets:
        while at < len(spans) and spans[at][1] <= start:
            at += 1
        numbers.append(at if at < len(spans) and spans[at][0] < end else -1)
    return numbers


def _characters(row: Scored) -> tuple[int, int, int]:
    """Characters both called BAD and false, called BAD, false; white space and collateral count as nothing."""
    judged = np.ones(len(row.response), bool)
    judged[[found.start() for found in _SPACE.finditer(row.response)]] = False
    false, called = np.zeros_like(judged), np.zeros_like(judged)
    for start, end in row.collateral:
        judged[start:end] = False
    for start, end in row.errors:
        false[start:end] = True
    for (start, end), score in zip(row.offsets, row.scores, strict=True):
        if score <= THETA:
            called[start:end] = True
    return int((false & called & judged).sum()), int((called & judged).sum()), int((false & judged).sum())


def _check_lengths(predictions: Predictions) -> None:
    """One value a token, or one a response."""
    tokens, responses = len(predictions.scores), len(predictions.ids)
    for field in fields(predictions):
        value = getattr(predictions, field.name)
        wanted = tokens if field.name in _PER_TOKEN else responses
        if value is not None and len(value) != wanted:
            raise InputError(f"{field.name} has {len(value)} values; expected {wanted}")


def write_predictions(path: Path, rows: Iterable[Scored]) -> None:
    """One JSON object a line, with the fields of ``Scored``; the file appears when it is whole."""
    with whole_file(path) as out:
        for row in rows:
            out.write(json.dumps(row._asdict(), ensure_ascii=False, allow_nan=False).encode() + b"\n")


def read_predictions(path: Path) -> list[Scored]:
    """What ``write_predictions`` wrote.

    Raises:
        InputError: the file cannot be read, or a line is no JSON object with these fields.
    """
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path} cannot be read: {error}") from None
    return [_scored(line, f"{path}, line {number}") for number, line in enumerate(lines, 1) if line]


def _scored(line: str, where: str) -> Scored:
    try:
        row = json.loads(line)
        spans = {name: [(int(a), int(b)) for a, b in row[name]] for name in ("offsets", "errors", "collateral")}
        return Scored(**{**row, **spans})
    except (ValueError, KeyError, TypeError) as error:
        raise InputError(f"{where}: {error}; expected a JSON object with {', '.join(Scored._fields)}") from None
