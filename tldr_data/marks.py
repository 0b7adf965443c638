"""A response cut into what is shown plainly and what is marked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, NamedTuple

Mark = Literal["plain", "error", "collateral"]


class Piece(NamedTuple):
    """Some characters of a response, in order; ``replaced`` is what stood there."""

    text: str
    mark: Mark
    replaced: str = ""


def pieces_of(row: Mapping[str, Any]) -> list[Piece]:
    """The pieces of a row's response; together they give it exactly.

    >>> row = {"response": "A blue cup", "errors": [{"start": 2, "end": 6, "replaced": "red"}], "collateral": []}
    >>> [piece.text for piece in pieces_of(row)]
    ['A ', 'blue', ' cup']
    """
    marks: list[tuple[int, int, str, Mark]] = []
    for span in row["errors"]:
        marks.append((span["start"], span["end"], span["replaced"], "error"))
    for span in row["collateral"]:
        marks.append((span["start"], span["end"], span["replaced"], "collateral"))
    response, position = row["response"], 0
    pieces: list[Piece] = []
    for start, end, replaced, mark in sorted(marks):
        pieces += [Piece(response[position:start], "plain"), Piece(response[start:end], mark, replaced)]
        position = end
    pieces.append(Piece(response[position:], "plain"))
    return [piece for piece in pieces if piece.text]
