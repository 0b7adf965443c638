"""Source ``gqa``: GQA, questions made from the scene graphs of Visual Genome's photographs (cs.stanford.edu).

    questions1.2/train_balanced_questions.json, train_all_questions/train_all_questions_0.json, ...
        {"2930152": {"question": "Is it red?", "imageId": "2354786", "answer": "yes", "fullAnswer": "Yes, it is red."}}
    sceneGraphs/train_sceneGraphs.json, val_sceneGraphs.json    facts; may be missing
    image_data.json of Visual Genome                            which photographs they are; may be missing

The questions are streamed. Of the scene graphs only a table of where each image's stands is held in memory.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, islice
from pathlib import Path
from typing import Any, NamedTuple

from tldr_data.errors import RowError
from tldr_data.example import Example
from tldr_data.facts import Facts
from tldr_data.sources import Made, Unanswered
from tldr_data.sources.fields import needed_id, text_field, true_text
from tldr_data.sources.files import find_image, image_folders, input_files
from tldr_data.sources.gqa_graphs import Photograph, SceneGraphs, facts_of_graph, photographs
from tldr_data.sources.json_stream import entries
from tldr_data.sources.recognition import seeming, wrong_file

LICENSE = "CC-BY-4.0"
ATTRIBUTION = "GQA (Hudson and Manning, 2019), CC BY 4.0; each image under the terms of its Flickr photographer"
IMAGE_FOLDERS = ("images", "allImages/images", "VG_100K", "VG_100K_2")
# the balanced questions are a choice among all of them
FILES = tuple(
    f"{folder}{name}"
    for name in ("*_balanced_questions.json", "*_all_questions*.json", "*questions*.json")
    for folder in ("", "questions*/")
)


class Question(NamedTuple):
    """One question as it stands in the file, with what belongs to its image."""

    where: str
    id: str
    question: Any
    photograph: Photograph
    graph: bytes | None
    """The scene graph of its image, as it stands in its file."""


class Gqa:
    """Questions of one file, or of the question files of a folder: the balanced ones, else all."""

    def __init__(self, *, path: Path | None, seed: int, limit: int | None) -> None:
        found = input_files("gqa", path, FILES)
        # every question of this one stands in another file as well
        self.files = [file for file in found if not file.name.startswith("submission_")] or found
        self.folders = image_folders(self.files[0], IMAGE_FOLDERS)
        self.limit = limit
        self._facts: tuple[bytes | None, Facts | None] = (None, None)

    def rows(self) -> Iterator[Question]:
        return islice(self._questions(), self.limit)

    def _questions(self) -> Iterator[Question]:
        known = photographs(self.files[0])
        with SceneGraphs(self.files[0]) as graphs:
            for file in self.files:
                for key, question in _entries(file):
                    where = f"{file.name} question {key[:80]}"
                    image = str(question.get("imageId")) if isinstance(question, dict) else ""
                    yield Question(where, key, question, known.get(image, Photograph(None, None)), graphs.of(image))

    def examples(self, row: Question) -> Iterator[Made]:
        try:
            yield self._made(row)
        except RowError as error:
            yield error

    def _made(self, row: Question) -> Example | Unanswered:
        question, where = row.question, row.where
        if not isinstance(question, dict):
            raise RowError("not_an_object", f"{where}: is not a JSON object")
        own_id = needed_id({"id": row.id}, "id", where)
        prompt = true_text(question, "question", where).strip()
        number = needed_id(question, "imageId", where)
        # those with an n are no images of Visual Genome
        image_id = f"visual_genome/{number}" if number.isdecimal() else f"gqa/{number}"
        shared: dict[str, Any] = {
            "id": f"gqa/{own_id}",
            "source": "gqa",
            "license": LICENSE,
            "attribution": ATTRIBUTION,
            "group": row.photograph.group or image_id,
            "image_id": image_id,
            "image": find_image(f"{number}.jpg", self.folders),
            "image_terms": row.photograph.terms,
            "task": "vqa",
            "prompt": prompt,
        }
        if question.get("answer") is None:
            return Unanswered(**shared)
        response = true_text(question, "answer", where).strip()
        sentence = (text_field(question, "fullAnswer", where) or "").strip()
        accepted = (sentence,) if sentence and sentence != response else ()
        return Example(**shared, response=response, accepted=accepted, facts=self._facts_of(row))

    def _facts_of(self, row: Question) -> Facts | None:
        """The facts, made once for the questions of an image that stand next to each other."""
        if row.graph is None:
            return None
        if self._facts[0] != row.graph:
            self._facts = (row.graph, facts_of_graph(row.graph, row.where))
        return self._facts[1]


def _entries(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """The questions of a file by their ids, without what makes them large.

    Raises:
        InputError: the file has no questions of GQA, or breaks off: then after the rows before the break.
    """
    every = entries(path, "question")
    first = next(every, None)
    if first is None or (not _is_question(first[1]) and seeming(path) != "GQA questions"):
        raise wrong_file(path, "GQA questions")
    for key, question in chain((first,), every):
        if isinstance(question, dict):
            question = {name: question.get(name) for name in ("question", "imageId", "answer", "fullAnswer")}
        yield key, question


def _is_question(value: Any) -> bool:
    return isinstance(value, dict) and "imageId" in value and "question" in value
