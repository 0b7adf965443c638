"""What GQA's files beside the questions say of an image: its scene graph, and which photograph it is."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import IO, Any, NamedTuple

from tldr_data.errors import InputError, RowError
from tldr_data.example import ImageTerms
from tldr_data.facts import Facts
from tldr_data.sources.fields import id_field, known_text
from tldr_data.sources.files import roots
from tldr_data.sources.json_places import Place, places_by_key
from tldr_data.sources.json_stream import values
from tldr_data.sources.recognition import seeming, wrong_file
from tldr_data.sources.visual_genome.annotation import graph_facts
from tldr_data.sources.visual_genome.release import photograph_terms

GRAPHS = ("train_sceneGraphs.json", "val_sceneGraphs.json")
IMAGES = "image_data.json"


class Photograph(NamedTuple):
    """What Visual Genome's table says of an image."""

    group: str | None
    """Of the photograph, where it is known under another name."""
    url: str | None

    @property
    def terms(self) -> ImageTerms:
        """What is known of it."""
        return photograph_terms(self.group, {"url": self.url})


class SceneGraphs:
    """The scene graphs that lie beside a file of questions, if any; to be used in a ``with``."""

    def __init__(self, questions: Path) -> None:
        """Find where each image's stands.

        Raises:
            InputError: a file of scene graphs is something else, or breaks off.
        """
        folders = [folder for root in roots(questions) for folder in (root, root / "sceneGraphs")]
        found = (next((path for folder in folders if (path := folder / name).is_file()), None) for name in GRAPHS)
        self.paths = [path for path in found if path]
        self._places = [_places(path) for path in self.paths]
        self._files: list[IO[bytes]] = []

    def __enter__(self) -> SceneGraphs:
        self._files = [path.open("rb") for path in self.paths]
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for file in self._files:
            file.close()

    def of(self, image: str) -> bytes | None:
        """The scene graph of an image as it stands in its file; None if there is none."""
        for path, places, file in zip(self.paths, self._places, self._files, strict=True):
            if place := places.get(image):
                try:
                    return place.read(file)
                except OSError as error:
                    raise InputError(f"{path}: cannot be read: {error.strerror or error}") from error
        return None


def _places(path: Path) -> dict[str, Place]:
    places = places_by_key(path) if seeming(path) in (None, "GQA scene graphs") else {}
    if not places:
        raise wrong_file(path, "GQA scene graphs")
    return places


def photographs(questions: Path) -> dict[str, Photograph]:
    """Image -> the photograph that it is, of Visual Genome's table beside the questions, if there is one.

    Raises:
        InputError: the table is something else, or breaks off.
    """
    path = next((path for root in roots(questions) if (path := root / IMAGES).is_file()), None)
    if path is None:
        return {}
    found = {
        str(entry.get("image_id", entry.get("id"))): Photograph(_group(entry), known_text(entry, "url"))
        for entry in values(path, "item", "image")
        if isinstance(entry, dict)
    }
    if (
        not any(photograph.group for photograph in found.values())
        and seeming(path) != "Visual Genome's image_data.json"
    ):
        raise wrong_file(path, "images of Visual Genome")
    return found


def _group(entry: Mapping[str, Any]) -> str | None:
    """As source ``visual_genome`` has it: the photograph's name in COCO, else on Flickr."""
    for key, name in (("coco_id", "coco"), ("flickr_id", "flickr")):
        try:
            if value := id_field(entry, key, "image"):
                return f"{name}/{value}"
        except RowError:
            continue
    return None


def facts_of_graph(data: bytes, where: str) -> Facts | None:
    """A scene graph as facts, which are exhaustive for nothing: names and relations are read as Visual Genome's.

    Raises:
        RowError: ``broken_json``.

    >>> facts_of_graph(b'{"objects": {"1": {"name": "cup", "attributes": ["red"]}}}', "row 1").things[0].attributes
    ('red',)
    """
    try:
        graph = json.loads(data.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise RowError("broken_json", f"{where}: its scene graph is broken JSON: {str(error)[:80]}") from None
    listed = graph.get("objects")
    if not isinstance(listed, dict):
        return None
    objects = {key: value for key, value in listed.items() if isinstance(value, dict)}
    return graph_facts(objects, _relations(objects), graph)


def _relations(objects: Mapping[str, dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """GQA notes a relation in its subject; Visual Genome notes both ends in the relation."""
    for key, thing in objects.items():
        relations = thing.get("relations")
        for relation in relations if isinstance(relations, list) else ():
            if isinstance(relation, dict):
                ends = {"subject": {"object_id": key}, "object": {"object_id": relation.get("object")}}
                yield {"predicate": relation.get("name"), **ends}
