"""Source ``docci``: DOCCI, long descriptions of 15k photographs (google.github.io/docci).

    {"example_id": "test_00731", "split": "test", "image_file": "test_00731.jpg", "description": "A white toilet ..."}

The images are a separate download (``images/``); without them the rows have an image id and no image.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path, PurePosixPath

from tldr_data.errors import RowError
from tldr_data.example import Example
from tldr_data.sources.fields import needed_id, text_field, true_text
from tldr_data.sources.files import Line, find_image, image_folders, input_files, parse_line, read_lines

LICENSE = "CC-BY-4.0"
ATTRIBUTION = "DOCCI: Descriptions of Connected and Contrasting Images (Onoe et al., 2024), Google, CC BY 4.0"
# The two small qualification splits were held out by their authors: one serves to choose, the other to judge.
SPLITS = {"train": "train", "test": "test", "qual_dev": "validation", "qual_test": "test"}


class Docci:
    """Rows of the official jsonlines file, or of the folder that holds it."""

    def __init__(self, *, path: Path | None, seed: int, limit: int | None) -> None:
        self.files = input_files("docci", path, ("docci_descriptions*.jsonlines", "docci_descriptions*.jsonl"))
        self.folders = image_folders(self.files[0], ("images",))
        self.limit = limit

    def rows(self) -> Iterator[Line]:
        return islice((line for file in self.files for line in read_lines(file)), self.limit)

    def examples(self, row: Line) -> Iterator[Example | RowError]:
        try:
            yield self._example(row)
        except RowError as error:
            yield error

    def _example(self, line: Line) -> Example:
        row, where = parse_line(line), line.where
        own_id = needed_id(row, "example_id", where)
        image_file = text_field(row, "image_file", where) or f"{own_id}.jpg"
        image_id = f"docci/{PurePosixPath(image_file).stem}"
        split = text_field(row, "split", where)
        if split is not None and split not in SPLITS:
            raise RowError("unknown_split", f"{where}: split is {split[:80]!r}: allowed are {', '.join(SPLITS)}")
        return Example(
            id=f"docci/{own_id}",
            response=true_text(row, "description", where).strip(),
            source="docci",
            license=LICENSE,
            attribution=ATTRIBUTION,
            group=image_id,
            image_id=image_id,
            image=find_image(image_file, self.folders),
            split=SPLITS[split] if split else None,
        )
