"""The files of a Visual Genome release, joined by image: whichever order each of them lists the images in.

Only a table of where in its file each image's entry stands is held in memory; the entries are read when their image
is due.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import IO, Any, NamedTuple

from tldr_data.errors import InputError, RowError
from tldr_data.sources.fields import id_field
from tldr_data.sources.json_items import Item, json_items, read_item

REGIONS, IMAGES = "region_descriptions.json", "image_data.json"
ANNOTATIONS = ("objects", "attributes", "relationships")
"""Files that say what is in the images, each with a list of that name; any of them may be missing."""


class Image(NamedTuple):
    """Everything that the files say of one image, as it stands there."""

    where: str
    image_id: str
    regions: tuple[Any, ...]
    data: Mapping[str, Any]
    annotations: Mapping[str, tuple[Any, ...]]
    """Of each annotation file that there is, its list."""


Places = dict[str, tuple[int, int]]
"""Image id -> start and size of its entry."""


class Release:
    """A folder with the files of one release."""

    def __init__(self, regions: Path) -> None:
        self.regions = regions
        folder = regions.parent
        self.images = next((path for path in (folder / IMAGES, folder.parent / IMAGES) if path.is_file()), None)
        self.annotations = {name: path for name in ANNOTATIONS if (path := folder / f"{name}.json").is_file()}

    def read(self) -> Iterator[Image | RowError]:
        """The images in the order of their regions.

        Raises:
            InputError: a file cannot be read, is no file of Visual Genome, or breaks off: then after the images before.
        """
        if self.images is None:
            raise InputError(
                f"{self.regions.parent}: {IMAGES} is missing; it says which images are of COCO, so that no split leaks"
            )
        files = {IMAGES: self.images, **self.annotations}
        places = {name: _places(path) for name, path in files.items()}
        with ExitStack() as stack:
            regions = stack.enter_context(self.regions.open("rb"))
            opened = {name: stack.enter_context(path.open("rb")) for name, path in files.items()}
            count = 0
            for count, item in enumerate(json_items(self.regions), 1):
                try:
                    yield self._image(f"{self.regions.name} item {count}", item, regions, opened, places)
                except RowError as error:
                    yield error
            if not count:
                raise InputError(f"{self.regions}: has no images")

    def _image(
        self, where: str, item: Item, regions: IO[bytes], opened: Mapping[str, IO[bytes]], places: Mapping[str, Places]
    ) -> Image:
        entry = _read(regions, (item.start, item.size), where)
        image_id = _image_id(entry)
        if image_id is None or not isinstance(entry.get("regions"), list):
            raise RowError("no_image_id", f"{where}: has no id of an image, or no list of regions")
        found = {
            name: _read(file, place, f"{name}: image {image_id}")
            for name, file in opened.items()
            if (place := places[name].get(image_id))
        }
        annotations = {name: found.get(name, {}).get(name) for name in self.annotations}
        return Image(
            where,
            image_id,
            tuple(entry["regions"]),
            found.get(IMAGES, {}),
            {name: tuple(value) if isinstance(value, list) else () for name, value in annotations.items()},
        )


def _places(path: Path) -> Places:
    """Where the entries of a file stand; of an image that is listed twice, the first."""
    places: Places = {}
    for item in json_items(path):
        try:
            image_id = _image_id(json.loads(item.outline.decode("utf-8")))
        except ValueError:
            continue  # not a row of its own: the image is without this annotation
        if image_id is not None:
            places.setdefault(image_id, (item.start, item.size))
    return places


def _image_id(entry: Any) -> str | None:
    """An entry's image, ``image_id`` or (regions, release 1.0) ``id``."""
    if not isinstance(entry, dict):
        return None
    try:
        return id_field(entry, "image_id" if "image_id" in entry else "id", "image")
    except RowError:
        return None


def _read(file: IO[bytes], place: tuple[int, int], where: str) -> dict[str, Any]:
    try:
        entry = read_item(file, *place)
    except (ValueError, RecursionError) as error:
        raise RowError("broken_json", f"{where}: broken JSON: {str(error)[:80]}") from None
    return entry if isinstance(entry, dict) else {}
