"""Source ``nlvr``: sentences on drawn boxes, shapes and towers (Suhr et al. 2017, lil.nlp.cornell.edu/nlvr).

    {"sentence": "There is a tower with four blocks.", "label": "true", "identifier": "3125-1", "directory": "2",
     "structured_rep": [[{"x_loc": 40, "y_loc": 80, "size": 20, "type": "square", "color": "Yellow"}], ...]}

The official files hold one object on each line. Only sentences labelled true are references; the drawings are in
``images/<directory>/<split>-<identifier>-<permutation>.png``, of which the first is taken.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from tldr_data.errors import RowError
from tldr_data.example import Example
from tldr_data.facts import CLAIMS, Facts, Relation, Thing
from tldr_data.sources.fields import needed_id, text_field, true_text
from tldr_data.sources.files import Line, find_image, image_folders, input_files, parse_line, read_lines

LICENSE = "CC-BY-4.0"
ATTRIBUTION = "NLVR: A Corpus of Natural Language for Visual Reasoning (Suhr et al., 2017), CC BY 4.0"
SPLITS = {"train": "train", "dev": "validation", "test": "test"}
_COLOURS = {"Black": "black", "Yellow": "yellow", "#0099ff": "blue"}
_SIZES = {10: "small", 20: "medium", 30: "large"}
_BOX, _STEP = 100, 150
"""Width of a box in the drawings, and from one box to the next, in pixels."""


class Nlvr:
    """Rows of one file, or of all official files of a folder."""

    def __init__(self, *, path: Path | None, seed: int, limit: int | None) -> None:
        self.files = input_files("nlvr", path, ("*.json", "*.jsonl", "*/*.json"))
        self.limit = limit
        self.folders = {file.name: image_folders(file, ("images",)) for file in self.files}

    def rows(self) -> Iterator[Line]:
        return islice((line for file in self.files for line in read_lines(file)), self.limit)

    def examples(self, row: Line) -> Iterator[Example | RowError]:
        try:
            yield self._example(row)
        except RowError as error:
            yield error

    def _example(self, line: Line) -> Example:
        row, where = parse_line(line), line.where
        identifier = needed_id(row, "identifier", where)
        sentence = true_text(row, "sentence", where).strip()
        label = text_field(row, "label", where)
        if label != "true":
            reason = "labelled_false" if label == "false" else "unknown_label"
            raise RowError(reason, f"{where}: label is {str(label)[:40]!r}; only 'true' makes a reference")
        match = re.match("train|dev|test", line.file)
        name = f"{match[0]}-{identifier}" if match else identifier
        image_id = f"nlvr/{name}"
        return Example(
            id=image_id,
            response=sentence,
            source="nlvr",
            license=LICENSE,
            attribution=ATTRIBUTION,
            # one sentence was written for several pictures: they stay together
            group=f"nlvr/{name.rsplit('-', 1)[0]}",
            image_id=image_id,
            image=self._image(row, name, line),
            split=SPLITS[match[0]] if match else None,
            facts=_facts(row, where),
        )

    def _image(self, row: dict[str, Any], name: str, line: Line) -> Path | None:
        folders = self.folders[line.file]
        directory = text_field(row, "directory", line.where) or ""
        if re.fullmatch(r"\w+", directory):
            folders = [*(folder / directory for folder in folders), *folders]
        names = (text_field(row, "image_file", line.where) or "", f"{name}-0.png")
        return next((path for file in names if (path := find_image(file, folders))), None)


def _facts(row: dict[str, Any], where: str) -> Facts:
    """The drawing: gray boxes side by side, and the shapes in them.

    Raises:
        RowError: ``bad_facts``, it is not as described.
    """
    try:
        contents = list(row["structured_rep"])
        lefts = [number * _STEP for number in range(len(contents))]
        things = [Thing("box", ("gray",), box=(left, 0, left + _BOX, _BOX)) for left in lefts]
        inside: list[Relation] = []
        for number, shapes in enumerate(contents):
            for shape in shapes:
                inside.append(Relation(len(things), "inside", number))
                things.append(_shape(shape, lefts[number]))
        canvas = (lefts[-1] + _BOX, _BOX)
    except (KeyError, IndexError, TypeError, ValueError) as error:
        raise RowError("bad_facts", f"{where}: structured_rep is not as in NLVR: {error!r}"[:200]) from None
    return Facts(tuple(things), tuple(inside), (), frozenset(CLAIMS), canvas, idiom="nlvr")


def _shape(shape: dict[str, Any], left: int) -> Thing:
    x, y, size = int(shape["x_loc"]), int(shape["y_loc"]), int(shape["size"])
    box = (left + x, y, left + x + size, y + size)
    return Thing(str(shape["type"]), (_COLOURS[shape["color"]],), _SIZES[size], box=box)
