"""Source ``vqav2``: VQA v2, ten people's short answers to each question about COCO photographs (visualqa.org).

    v2_OpenEnded_mscoco_val2014_questions.json
        {"data_subtype": "val2014", "questions": [{"image_id": 42, "question": "Red?", "question_id": 42000}, ...]}
    v2_mscoco_val2014_annotations.json
        {"annotations": [{"question_id": 42000, "multiple_choice_answer": "yes", "answers": [{"answer": "yes"}, ...]}]}

Both are streamed side by side. Questions without an annotations file (test2015) are rows without a response.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain, groupby, islice
from pathlib import Path
from typing import Any, NamedTuple

from tldr_data.errors import RowError
from tldr_data.example import Example
from tldr_data.facts import Facts
from tldr_data.sources import Made, Unanswered
from tldr_data.sources.answers import Answer, agreed_answer
from tldr_data.sources.coco import IMAGE_FOLDERS, Photograph, image_terms
from tldr_data.sources.fields import needed_id, text_field, true_text
from tldr_data.sources.files import find_image, image_folders, input_files, roots
from tldr_data.sources.json_stream import values
from tldr_data.sources.recognition import wrong_file
from tldr_data.sources.vqav2_answers import answered, question_key, subset_of

LICENSE = "CC-BY-4.0"
ATTRIBUTION = (
    "VQA v2 (Goyal et al., 2017), visualqa.org, CC BY 4.0; each image under the terms of its Flickr photographer"
)
FOLDERS = (
    *IMAGE_FOLDERS,
    *(f"{top}test2015" for top in ("", "images/")),
    *(f"Images/mscoco/{subset}" for subset in ("train2014", "val2014", "test2015")),
)
LONGEST = 500
"""Questions that are kept together as those of one image: more than people asked of any, and a bound for memory."""


class Asked(NamedTuple):
    """One question as it stands in the file, and what people answered; None where there is no annotations file."""

    where: str
    question: Any
    annotation: Any


class Question(NamedTuple):
    """One of the questions that stand next to each other and are about the same image, which share the rest."""

    subset: str
    together: tuple[Asked, ...]
    number: int
    """Place in ``together``, from 0."""


class VqaV2:
    """Questions of one file, or of all question files of a folder."""

    def __init__(self, *, path: Path | None, seed: int, limit: int | None) -> None:
        self.files = input_files(
            "vqav2",
            path,
            ("v2_OpenEnded_mscoco_*_questions.json", "[Qq]uestions/v2_OpenEnded_mscoco_*_questions.json",
             "*questions.json"),
        )  # fmt: skip
        self.folders = image_folders(self.files[0], FOLDERS)
        self.limit = limit

    def rows(self) -> Iterator[Question]:
        return islice((row for file in self.files for row in _questions(file)), self.limit)

    def examples(self, row: Question) -> Iterator[Made]:
        try:
            yield self._made(row)
        except RowError as error:
            yield error

    def _made(self, row: Question) -> Example | Unanswered:
        asked = row.together[row.number]
        prompt = true_text(_object(asked.question, asked.where), "question", asked.where).strip()
        own_id = needed_id(asked.question, "question_id", asked.where)
        image_number = needed_id(asked.question, "image_id", asked.where)
        image_id = f"coco/{image_number}"
        answer = _answer(asked)
        shared: dict[str, Any] = {
            "id": f"vqav2/{own_id}",
            "source": "vqav2",
            "license": LICENSE,
            "attribution": ATTRIBUTION,
            "group": image_id,
            "image_id": image_id,
            "image": self._image(row.subset, image_number),
            "image_terms": image_terms(Photograph()),
            "task": "vqa",
            "prompt": prompt,
        }
        if answer is None:
            return Unanswered(**shared)
        pairs = tuple(_pairs(other for other in row.together if other is not asked))
        return Example(
            **shared,
            response=answer.response,
            accepted=answer.accepted,
            facts=Facts((), pairs=pairs) if pairs else None,
        )

    def _image(self, subset: str, number: str) -> Path | None:
        """Named as in the releases of 2014 and 2015, or as in that of 2017."""
        names = (f"COCO_{subset}_{number:0>12}.jpg", f"{number:0>12}.jpg")
        return next((found for name in names if (found := find_image(name, self.folders))), None)


def _questions(path: Path) -> Iterator[Question]:
    """The questions of a file in its order, with what their annotations say.

    Raises:
        InputError: one of the files is no file of VQA, or breaks off: then after the rows before the break.
    """
    subset = subset_of(path)
    file = _annotations_file(path)
    questions = values(path, "questions.item", "question")
    head = list(islice(questions, 1))
    if not head:
        raise wrong_file(path, "VQA questions")
    questions = chain(head, questions)
    joined = answered(questions, file, subset) if file else ((question, None) for question in questions)
    asked = (Asked(f"{path.name} question {number}", *pair) for number, pair in enumerate(joined, 1))
    for _, run in groupby(asked, key=_image_key):
        while together := tuple(islice(run, LONGEST)):
            yield from (Question(subset.replace("-dev", ""), together, number) for number in range(len(together)))


def _annotations_file(path: Path) -> Path | None:
    """The answers to the questions of a file, under their official name or one that differs in one word."""
    names = {
        re.sub("questions", "annotations", path.name, flags=re.IGNORECASE),
        re.sub("openended_|questions", lambda found: "" if "_" in found[0] else "annotations", path.name,
               flags=re.IGNORECASE),
    }  # fmt: skip
    folders = [folder for root in roots(path) for folder in (root, root / "annotations", root / "Annotations")]
    files = (folder / name for folder in folders for name in sorted(names) if name != path.name)
    return next((file for file in files if file.is_file()), None)


def _image_key(asked: Asked) -> str:
    return str(asked.question.get("image_id")) if isinstance(asked.question, dict) else asked.where


def _object(value: Any, where: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise RowError("not_an_object", f"{where}: is not a JSON object")
    return value


def _answer(asked: Asked) -> Answer | None:
    """None if there is no annotations file.

    Raises:
        RowError: as of ``agreed_answer``, or the annotation is missing or odd.
    """
    if asked.annotation is None:
        return None
    where = asked.where
    if not asked.annotation:
        raise RowError("missing_answer", f"{where}: question {question_key(asked.question)} has no annotation")
    official = text_field(asked.annotation, "multiple_choice_answer", where)
    answers = asked.annotation.get("answers")
    given = [entry.get("answer") for entry in answers if isinstance(entry, dict)] if isinstance(answers, list) else []
    answer = agreed_answer(given, where, official)
    true_text({"answer": answer.response}, "answer", where)
    return answer


def _pairs(others: Iterator[Asked]) -> Iterator[tuple[str, str]]:
    """Those of the questions to which there is a right answer."""
    for asked in others:
        try:
            answer = _answer(asked)
            question = text_field(_object(asked.question, asked.where), "question", asked.where)
        except RowError:
            continue  # told where it is a row of its own
        if answer and question and question.strip():
            yield question.strip(), answer.response
