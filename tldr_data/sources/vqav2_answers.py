"""The annotations file of VQA v2, joined with its questions by question id.

The official files list both in one order, so that they are read side by side. From the first question that stands
elsewhere on, a table of where in the file each annotation stands takes over.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from itertools import chain, islice
from pathlib import Path
from typing import IO, Any

from tldr_data.errors import InputError
from tldr_data.sources.json_places import Place, places_by_number
from tldr_data.sources.json_stream import rewind, values
from tldr_data.sources.recognition import wrong_file

HEAD = 200
"""JSON events before the questions, among which the subset is named."""


def answered(questions: Iterator[Any], path: Path, subset: str) -> Iterator[tuple[Any, dict[str, Any]]]:
    """Each question with its annotation; {} if the file has none.

    Raises:
        InputError: the file is another one, has the answers to another subset, or breaks off: then after the questions
            before the break.
    """
    if (own := subset_of(path)) and subset and own != subset:
        raise InputError(f"{path}: has the answers to {own}, and the questions are of {subset}")
    left: Iterator[Any] | None = None
    for number, (question, annotation) in enumerate(_side_by_side(questions, path)):
        if annotation is None and not number:
            raise wrong_file(path, "VQA annotations")
        key = question_key(question)
        if annotation is None or key is None or question_key(annotation) != key:
            left = chain((question,), questions)
            break
        yield question, annotation
    if left is not None:
        yield from _looked_up(left, path)


def _side_by_side(questions: Iterator[Any], path: Path) -> Iterator[tuple[Any, Any]]:
    annotations = values(path, "annotations.item", "annotation")
    for question in questions:
        yield question, next(annotations, None)


def _looked_up(questions: Iterator[Any], path: Path) -> Iterator[tuple[Any, dict[str, Any]]]:
    """The same for questions that stand elsewhere than their annotations."""
    places = places_by_number(path, "annotations", "question_id")
    with path.open("rb") as file:
        for question in questions:
            yield question, _annotation(file, places.get(question_key(question) or ""))


def _annotation(file: IO[bytes], place: Place | None) -> dict[str, Any]:
    if place is None:
        return {}
    try:
        found = json.loads(place.read(file))
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def question_key(entry: Any) -> str | None:
    """The question that a question or an annotation is of; None if it does not say."""
    value = entry.get("question_id") if isinstance(entry, dict) else None
    return str(value) if isinstance(value, int | str) and value != "" else None


def subset_of(path: Path) -> str:
    """The part of COCO that a file is on: ``train2014``, ``test-dev2015``, ...; "" if neither file nor name say."""
    import ijson
    from ijson.common import JSONError

    try:
        with path.open("rb") as file:
            rewind(file)
            for prefix, event, value in islice(ijson.parse(file), HEAD):
                if prefix == "data_subtype" and event == "string":
                    return str(value)
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror or error}") from error
    except (JSONError, UnicodeDecodeError):
        pass  # whoever reads the rows meets the same break
    named = re.search(r"(train|val|test)(-dev)?\d{4}", path.name)
    return named[0] if named else ""
