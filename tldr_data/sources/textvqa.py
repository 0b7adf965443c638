"""Source ``textvqa``: TextVQA, ten people's answers to each question about written text in photographs (textvqa.org).

    {"data": [{"question": "what brand is it?", "image_id": "0054c91397f2fe05", "question_id": 0, "set_name": "train",
               "answers": ["nokia", "nokia", "toshiba", ...], "flickr_original_url": "https://...", ...}, ...]}

Questions without answers (the test set) are rows without a response.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

from tldr_data.errors import RowError
from tldr_data.example import Example, ImageTerms
from tldr_data.sources import Made, Unanswered
from tldr_data.sources.answers import agreed_answer
from tldr_data.sources.fields import needed_id, text_field, true_text
from tldr_data.sources.files import find_image, image_folders, input_files
from tldr_data.sources.json_stream import values
from tldr_data.sources.recognition import wrong_file

LICENSE = "CC-BY-4.0"
IMAGE_LICENSE, IMAGE_ATTRIBUTION = "CC-BY-2.0", "image of Open Images, CC BY 2.0"
ATTRIBUTION = f"TextVQA (Singh et al., 2019), CC BY 4.0; {IMAGE_ATTRIBUTION}"
IMAGE_FOLDERS = (
    *("images", "train_images", "test_images", "train_val_images"),
    *("train_val_images/train_images", "test_images/test_images"),
)
SPLITS = {"train": "train", "val": "validation", "test": "test"}


class Question(NamedTuple):
    """One question as it stands in the file."""

    where: str
    question: Any


class TextVqa:
    """Questions of one file, or of all files of a release in a folder."""

    def __init__(self, *, path: Path | None, seed: int, limit: int | None) -> None:
        self.files = input_files("textvqa", path, ("TextVQA_*.json",))
        self.folders = image_folders(self.files[0], IMAGE_FOLDERS)
        self.limit = limit

    def rows(self) -> Iterator[Question]:
        return islice((row for file in self.files for row in _questions(file)), self.limit)

    def examples(self, row: Question) -> Iterator[Made]:
        try:
            yield self._made(row)
        except RowError as error:
            yield error

    def _made(self, row: Question) -> Example | Unanswered:
        question, where = row.question, row.where
        if not isinstance(question, dict):
            raise RowError("not_an_object", f"{where}: is not a JSON object")
        own_id = needed_id(question, "question_id", where)
        prompt = true_text(question, "question", where).strip()
        number = needed_id(question, "image_id", where)
        image_id = f"openimages/{number}"
        shared: dict[str, Any] = {
            "id": f"textvqa/{own_id}",
            "source": "textvqa",
            "license": LICENSE,
            "attribution": _with_url(ATTRIBUTION, _url(question, where)),
            "group": image_id,
            "image_id": image_id,
            "image": find_image(f"{number}.jpg", self.folders),
            "image_terms": _image_terms(question, where),
            "task": "vqa",
            "prompt": prompt,
            "split": _split(question, where),
        }
        answers = question.get("answers")
        if answers is None:
            return Unanswered(**shared)
        if not isinstance(answers, list):
            raise RowError("wrong_type", f"{where}: answers are no list")
        answer = agreed_answer(answers, where)
        true_text({"answer": answer.response}, "answer", where)
        return Example(**shared, response=answer.response, accepted=answer.accepted)


def _questions(path: Path) -> Iterator[Question]:
    """The questions of a file in its order.

    Raises:
        InputError: the file is none of TextVQA, or breaks off: then after the rows before the break.
    """
    number = 0
    for number, question in enumerate(values(path, "data.item", "question"), 1):
        yield Question(f"{path.name} question {number}", question)
    if number == 0:
        raise wrong_file(path, "TextVQA questions")


def _image_terms(question: dict[str, Any], where: str) -> ImageTerms:
    url = _url(question, where)
    return ImageTerms(IMAGE_LICENSE, _with_url(IMAGE_ATTRIBUTION, url), url)


def _url(question: dict[str, Any], where: str) -> str | None:
    """The photograph as it was put on Flickr; the other one is a smaller copy."""
    return text_field(question, "flickr_original_url", where) or text_field(question, "flickr_300k_url", where) or None


def _with_url(attribution: str, url: str | None) -> str:
    """Who made the photograph is found at its address."""
    return f"{attribution}: {url}" if url else attribution


def _split(question: dict[str, Any], where: str) -> str | None:
    name = text_field(question, "set_name", where)
    if name is not None and name not in SPLITS:
        raise RowError("unknown_split", f"{where}: set_name is {name[:80]!r}: allowed are {', '.join(SPLITS)}")
    return SPLITS[name] if name else None
