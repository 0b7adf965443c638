"""Source ``coco``: the captions of MS COCO in their official JSON (cocodataset.org).

    {"images": [{"id": 136, "file_name": "COCO_val2014_000000000136.jpg", "license": 3, "coco_url": "http://..."}, ...],
     "licenses": [{"id": 3, "url": "http://creativecommons.org/licenses/by-nc-nd/2.0/", "name": "..."}, ...],
     "annotations": [{"image_id": 136, "id": 1, "caption": "Two giraffe standing next to each other."}, ...]}

The annotations are streamed; only the table of images is held in memory. The images are a separate download; without
them the rows have an image id and no image. Each has the licence of its photographer, where the file says which.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set
from itertools import islice
from pathlib import Path
from typing import IO, Any, NamedTuple

from tldr_data.errors import InputError, RowError
from tldr_data.example import Example, ImageTerms
from tldr_data.licences import license_id
from tldr_data.sources.fields import UNKNOWN_LICENSE, known_text, needed_id, true_text
from tldr_data.sources.files import find_image, image_folders, input_files
from tldr_data.sources.json_stream import backend_for, broken, rewind

LICENSE = "CC-BY-4.0"
ATTRIBUTION = (
    "COCO Captions (Chen et al., 2015), COCO Consortium, CC BY 4.0; "
    "each image under the terms of its Flickr photographer"
)
IMAGE_FOLDERS = (
    "images",
    *(f"{top}{name}{year}" for top in ("", "images/") for name in ("train", "val") for year in (2014, 2017)),
)


class Photograph(NamedTuple):
    """What the file says of an image."""

    file_name: str | None = None
    license: str | None = None
    url: str | None = None
    flickr_url: str | None = None


class Caption(NamedTuple):
    """One annotation as it stands in the file, and what the table says of its image."""

    file: str
    number: int
    annotation: Any
    photograph: Photograph


class Coco:
    """Captions of one file, or of all ``captions_*.json`` of a folder."""

    def __init__(self, *, path: Path | None, seed: int, limit: int | None) -> None:
        self.files = input_files("coco", path, ("captions_*.json", "annotations/captions_*.json"))
        self.folders = image_folders(self.files[0], IMAGE_FOLDERS)
        self.limit = limit

    def rows(self) -> Iterator[Caption]:
        return islice((row for file in self.files for row in _captions(file)), self.limit)

    def examples(self, row: Caption) -> Iterator[Example | RowError]:
        try:
            yield self._example(row)
        except RowError as error:
            yield error

    def _example(self, row: Caption) -> Example:
        where = f"{row.file} annotation {row.number}"
        if not isinstance(row.annotation, dict):
            raise RowError("not_an_object", f"{where}: is not a JSON object")
        image_id = f"coco/{needed_id(row.annotation, 'image_id', where)}"
        own_id = needed_id(row.annotation, "id", where)
        return Example(
            id=f"{image_id}/{own_id}",
            response=true_text(row.annotation, "caption", where).strip(),
            source="coco",
            license=LICENSE,
            attribution=ATTRIBUTION,
            group=image_id,
            image_id=image_id,
            image=find_image(row.photograph.file_name, self.folders) if row.photograph.file_name else None,
            image_terms=image_terms(row.photograph),
        )


def image_terms(photograph: Photograph) -> ImageTerms:
    """What may be done with a photograph of COCO; who made it is found at its address."""
    said = f"licence {photograph.license}" if photograph.license else "under the terms of its Flickr photographer"
    where = photograph.flickr_url or photograph.url
    attribution = f"photograph of MS COCO, {said}" + (f": {where}" if where else "")
    return ImageTerms(photograph.license or UNKNOWN_LICENSE, attribution, photograph.url or photograph.flickr_url)


def _captions(path: Path) -> Iterator[Caption]:
    """The annotations of a file in its order, with what its table of images says.

    Raises:
        InputError: the file is no COCO captions file, or breaks off: then after the rows before the break.
    """
    from ijson.common import JSONError

    number = 0
    try:
        with path.open("rb") as file:
            backend = backend_for(file)
            photographs = _photographs(backend, file)
            for number, annotation in enumerate(_items(backend, file, "annotations.item"), 1):
                image_id = annotation.get("image_id") if isinstance(annotation, dict) else None
                yield Caption(path.name, number, annotation, photographs.get(str(image_id), Photograph()))
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror or error}") from error
    except (JSONError, UnicodeDecodeError) as error:
        raise broken(path, "annotation", number, error) from None
    if number == 0:
        raise InputError(f"{path}: has no annotations; a COCO captions file has images and annotations")


def _photographs(backend: Any, file: IO[bytes]) -> dict[str, Photograph]:
    """By image id. Read ahead of the annotations, because any of the tables may come first in the file."""
    from ijson.common import JSONError

    found: dict[str, Photograph] = {}
    licences: dict[str | None, str | None] = {}
    try:
        for image in _items(backend, file, "images.item"):
            if isinstance(image, dict):
                name, url, flickr_url = (known_text(image, key) for key in ("file_name", "coco_url", "flickr_url"))
                number = image.get("license")
                licence = None if number is None else str(number)
                found[str(image.get("id"))] = Photograph(name, licence, url, flickr_url)
        licences = _licences(backend, file, {image.license for image in found.values()} - {None})
    except (JSONError, UnicodeDecodeError):
        pass  # the annotations meet the same break, after the rows before it
    for key, image in found.items():
        found[key] = image._replace(license=licences.get(image.license))
    return found


def _licences(backend: Any, file: IO[bytes], wanted: Set[str | None]) -> dict[str | None, str | None]:
    """Names by id; the file is read no further than to the last one that is wanted."""
    found: dict[str | None, str | None] = {}
    for licence in _items(backend, file, "licenses.item") if wanted else ():
        if isinstance(licence, dict):
            found[str(licence.get("id"))] = _licence(licence)
        if wanted <= found.keys():
            break
    return found


def _licence(entry: Mapping[str, Any]) -> str | None:
    """Creative Commons' by the name that its address says, others as the file calls them."""
    name = license_id(known_text(entry, "url") or "")
    return name.upper() if name.startswith("cc") else known_text(entry, "name")


def _items(backend: Any, file: IO[bytes], prefix: str) -> Iterator[Any]:
    rewind(file)
    items: Iterator[Any] = backend.items(file, prefix, use_float=True)
    return items
