"""Source ``visual_genome``: the region descriptions of Visual Genome (homes.cs.washington.edu/~ranjay/visualgenome).

    region_descriptions.json, image_data.json           needed
    objects.json, attributes.json, relationships.json   facts, from which falsity is proved; any may be missing
    1.jpg, VG_100K/2.jpg, ...                           images, wherever the official archives unpack them

Every region is a row of its own. The files are read through once to find where each image's entries stand, and then
again image by image; no file is ever whole in memory.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

from tldr_data.errors import RowError
from tldr_data.example import Example
from tldr_data.facts import Facts
from tldr_data.sources.fields import id_field, needed_id, true_text
from tldr_data.sources.files import find_image, image_folders, input_files
from tldr_data.sources.visual_genome.annotation import facts_of
from tldr_data.sources.visual_genome.join import REGIONS, Image, Release

LICENSE = "CC-BY-4.0"
ATTRIBUTION = "Visual Genome (Krishna et al., 2017), CC BY 4.0; each image under the terms of its Flickr photographer"
IMAGE_FOLDERS = (
    *("images", "VG_100K", "VG_100K_2"),
    *(f"{top}/{name}" for top in ("images", "images2") for name in ("VG_100K", "VG_100K_2")),
)


class Region(NamedTuple):
    """One region as it stands in the file, and its image, which the image's regions share."""

    image: Image
    number: int
    repeated: bool
    """Whether an earlier region of the image says the same."""


class VisualGenome:
    """Regions of one release, in the order of ``region_descriptions.json``."""

    def __init__(self, *, path: Path | None, seed: int, limit: int | None) -> None:
        (file,) = input_files("visual_genome", path, (REGIONS,))
        self.release = Release(file)
        self.folders = image_folders(file, IMAGE_FOLDERS)
        self.limit = limit
        self._facts: tuple[Image | None, Facts | None] = (None, None)

    def rows(self) -> Iterator[Region | RowError]:
        return islice((row for image in self.release.read() for row in _regions(image)), self.limit)

    def examples(self, row: Region | RowError) -> Iterator[Example | RowError]:
        try:
            yield row if isinstance(row, RowError) else self._example(row)
        except RowError as error:
            yield error

    def _example(self, row: Region) -> Example:
        image, where = row.image, f"{row.image.where} region {row.number}"
        region = image.regions[row.number - 1]
        if not isinstance(region, dict):
            raise RowError("not_an_object", f"{where}: is not a JSON object")
        own_id = needed_id(region, "region_id" if "region_id" in region else "id", where)
        phrase = true_text(region, "phrase", where).strip()
        if row.repeated:
            raise RowError("repeated_phrase", f"{where}: an earlier region of image {image.image_id} says {phrase!r}")
        image_id = f"visual_genome/{image.image_id}"
        coco_id = id_field(image.data, "coco_id", where)
        return Example(
            id=f"{image_id}/r{own_id}",
            response=phrase,
            source="visual_genome",
            license=LICENSE,
            attribution=ATTRIBUTION,
            group=f"coco/{coco_id}" if coco_id else image_id,
            image_id=image_id,
            image=find_image(f"{image.image_id}.jpg", self.folders),
            facts=self._facts_of(image),
        )

    def _facts_of(self, image: Image) -> Facts | None:
        """The facts, made once for all regions of an image."""
        if self._facts[0] is not image:
            self._facts = (image, facts_of(image))
        return self._facts[1]


def _regions(image: Image | RowError) -> Iterator[Region | RowError]:
    if isinstance(image, RowError):
        yield image
        return
    seen: set[str] = set()
    for number, region in enumerate(image.regions, 1):
        said = _letters(region)
        yield Region(image, number, said in seen)
        seen.add(said or f"region {number}")


def _letters(region: Any) -> str:
    """What is left of a phrase without case, white space and a full stop."""
    phrase = region.get("phrase") if isinstance(region, dict) else None
    return " ".join(phrase.casefold().split()).rstrip(" .") if isinstance(phrase, str) else ""
