"""What an annotation file seems to be, so that whoever gave the wrong one is told which one it is."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

from tldr_data.errors import InputError
from tldr_data.sources.json_stream import rewind

EVENTS = 4000
"""JSON events that are looked at."""
# what a file seems to be: keys of its top object (None: it is a list), keys that stand deeper
_SEEMING: tuple[tuple[str, frozenset[str] | None, frozenset[str]], ...] = tuple(
    (name, None if top is None else frozenset(top.split()), frozenset(deeper.split()))
    for name, top, deeper in (
        ("VQA questions", "questions", "question_id"),
        ("VQA annotations (the answers)", "annotations", "question_id"),
        ("COCO captions", "annotations", "caption"),
        ("a COCO annotation file", "images", "file_name"),
        ("a TextVQA file", "data", "question_id"),
        ("GQA questions", "", "imageId question"),
        ("GQA scene graphs", "", "objects relations"),
        ("Visual Genome's region_descriptions.json", None, "regions"),
        ("Visual Genome's question_answers.json", None, "qas"),
        ("Visual Genome's relationships.json", None, "relationships"),
        ("Visual Genome's attributes.json", None, "attributes"),
        ("Visual Genome's objects.json", None, "objects"),
        ("Visual Genome's image_data.json", None, "coco_id"),
        ("a list of VQA results", None, "question_id answer"),
    )
)


def wrong_file(path: Path, needed: str) -> InputError:
    """What is said of a file that holds none of what is ``needed``."""
    found = seeming(path)
    return InputError(f"{path}: has no {needed}{f'; it seems to be {found}' if found else ''}")


def seeming(path: Path) -> str | None:
    """What the file seems to be by the keys near its beginning; None if it is like no file that is known.

    Raises:
        OSError: it cannot be read.
    """
    top, deeper = _keys(path)
    for name, outer, inner in _SEEMING:
        if inner <= deeper and (top is None if outer is None else top is not None and outer <= top):
            return name
    return None


def _keys(path: Path) -> tuple[set[str] | None, set[str]]:
    """Keys of the file's top object, None if it holds something else, and those that stand deeper."""
    import ijson
    from ijson.common import JSONError

    top: set[str] | None = None
    deeper: set[str] = set()
    with path.open("rb") as file:
        rewind(file)
        try:
            for number, (prefix, event, value) in enumerate(islice(ijson.parse(file), EVENTS)):
                if number == 0 and event == "start_map":
                    top = set()
                if event == "map_key" and prefix == "" and top is not None:
                    top.add(value)
                elif event == "map_key":
                    deeper.add(value)
        except (JSONError, UnicodeDecodeError):
            pass  # what stands before the break tells enough
    return top, deeper
