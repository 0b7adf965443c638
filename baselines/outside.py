"""Test sets of others, with labels inside the response, as rows that ``baselines.data.encode`` takes.

- ``mhal-detect``: M-HalDetect (arXiv 2308.06394, github.com/hendryx-scale/mhal-detect), people's labels on what a model
  said of images of COCO's val2014. A file (``train_raw.json``, ``val_raw.json``) is one array of ``{"image":
  "COCO_val2014_000000000042.jpg", "question", "response", "annotations": [{"start", "end", "text", "label"}]}``.
  Verified: the repository's README tells of question, image, and segments with start, end, text and class; names of
  keys and files, ACCURATE and INACCURATE stand in two public programs that read the files, one of which (csuJC/MHALO)
  published what came out: so offsets are code points, half-open, and questions hold ``<image>``. Not seen: the files.
  ANALYSIS and UNSURE, the paper's other classes, are a guess at their spelling; both are IGNORE, as are words outside
  of all segments.
- ``halloc``: HalLoc (arXiv 2506.10286, huggingface.co/datasets/uunicee/HalLoc), not people's labels: a pipeline wrote
  errors into true texts. A file (``halloc_vqa.json``, ``halloc_instruct.json``, one of captions) is one array of
  ``{"id", "image_id", "prompt": "<image> ...", "hallucinated_text", "annotations": {"object": [{"entity": {"name",
  "char_index": "51:56"}}], "attribute", "relationship", "scene", "other"}}``. Verified: keys in the dataset's card and
  the README of its code (github.com/dbsltm/cvpr25_halloc, in copies); in copies of that code, that ``char_index`` is
  half-open or the number of one character, and that images are Visual Genome's by number or COCO's by file name. Not
  seen: the files. Of an attribute the thing is marked too, and of a relation both things: more than docs/labels.md
  would.
- ``jsonl``: your own, a line ``{"id"?, "image", "prompt"?, "words" or "response" or both, "labels"}`` with 1, 0 or -100
  for each word; without ``words`` those of docs/labels.md are meant, without ``response`` they are joined by spaces.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import orjson

from tldr_data.dataset import CLASS_LABELS
from tldr_data.errors import InputError, RowError, UsageError
from tldr_data.example import Span
from tldr_data.labels import BAD, GOOD, IGNORE, WORD, label_words
from tldr_data.sources.fields import id_field, text_field, true_text
from tldr_data.sources.files import is_file, parse_line, read_lines

Row = dict[str, Any]

_CLASSES = {"ACCURATE": GOOD, "INACCURATE": BAD, "ANALYSIS": IGNORE, "UNSURE": IGNORE}
_LABELS = (GOOD, BAD, IGNORE)
_FOLDERS = ("", "val2014", "train2014", "VG_100K", "VG_100K_2")
"""Where an image may lie in the folder of images, as the archives of COCO and Visual Genome unpack."""
_COCO = re.compile(r"COCO_(?:train|val)2014_0*([0-9]+)\.jpg")
_PLACEHOLDER = re.compile(r"\s*<image>\s*")
_PAINT = {GOOD: b"g", IGNORE: b"i", BAD: b"b"}
"""In the order in which they are laid over each other."""


class Outside(NamedTuple):
    """A test set: its rows, and what is wrong with those that cannot be used."""

    rows: list[Row]
    refused: list[RowError]


class _Marked(NamedTuple):
    """One response with its marks, before its image is found."""

    id: str
    image: str
    image_id: str
    prompt: str
    response: str
    marks: list[tuple[int, int, int]]
    """Start, end and label."""
    rest: int
    """The label of words that no mark reaches."""
    taxonomy: str | None = None


def read_outside(form: str, path: Path, images: Path) -> Outside:
    """The rows of a test set in one of ``FORMS``, each with the path of its image in the folder ``images``.

    A row with an error is ``perturbed``, any other ``clean``; ``taxonomy`` is HalLoc's type of error where a row has
    one, "several" where it has more.

    Raises:
        UsageError: the form is unknown.
        InputError: the file cannot be read or is of another form, no row can be used, or an image is missing.
    """
    if form not in FORMS:
        raise UsageError(f"unknown form {form!r}: allowed are {', '.join(FORMS)}")
    if not images.is_dir():
        raise InputError(f"{images}: no such folder of images")
    found: dict[str, _Marked] = {}
    refused = []
    for marked in FORMS[form](path):
        if isinstance(marked, RowError):
            refused.append(marked)
        elif marked.id in found:
            refused.append(RowError("duplicate_id", f"{path}: id {marked.id!r} comes twice"))
        else:
            found[marked.id] = marked
    if not found:
        raise InputError(f"{path}: has no usable row{f'; {refused[0]}' if refused else ''}")
    return Outside(_with_images(list(found.values()), images), refused)


def _with_images(found: list[_Marked], images: Path) -> list[Row]:
    @cache
    def place(name: str) -> Path | None:
        files = (images / folder / f"{name}{end}" for end in ("", ".jpg") for folder in _FOLDERS)
        return next(filter(is_file, files), None)

    missing = [marked for marked in found if place(marked.image) is None]
    if missing:
        first = f"{missing[0].image!r} of {missing[0].id!r} first"
        raise InputError(f"{images}: lacks the image of {len(missing)} of {len(found)} rows, {first}")
    return [_row(marked, place(marked.image)) for marked in found]


def _row(marked: _Marked, file: Path | None) -> Row:
    response = marked.response
    painted = bytearray(_PAINT[marked.rest] * len(response))
    for label, paint in _PAINT.items():
        for start, end, marks in marked.marks:
            if marks == label:
                painted[start:end] = paint * (end - start)
    runs = {label: [run.span() for run in re.finditer(paint + b"+", painted)] for label, paint in _PAINT.items()}
    errors = [Span(start, end, "") for start, end in runs[BAD] if not response[start:end].isspace()]
    # punctuation that nobody labelled is GOOD, as in our own rows
    collateral = [Span(start, end, "") for start, end in runs[IGNORE] if WORD.search(response[start:end])]
    words, labels = label_words(response, errors, collateral)
    return {
        "id": marked.id,
        "group": marked.image_id,
        "image_id": marked.image_id,
        "image": {"bytes": None, "path": str(file)},
        "prompt": marked.prompt,
        "response": response,
        "kind": CLASS_LABELS["kind"].index("perturbed" if errors else "clean"),
        "taxonomy": marked.taxonomy,
        "errors": [span._asdict() for span in errors],
        "collateral": [span._asdict() for span in collateral],
        "words": words,
        "labels": labels,
    }


def _mhal_detect(path: Path) -> Iterator[_Marked | RowError]:
    for number, item in enumerate(_array(path)):
        where = f"{path}, item {number}"
        try:
            response, image = true_text(item, "response", where), true_text(item, "image", where)
            marks = [_segment(response, segment, where) for segment in _list(item, "annotations", where)]
            yield _Marked(
                id=f"{path.stem}/{number}",
                image=image,
                image_id=_image_id(image),
                prompt=_prompt(item, "question", where),
                response=response,
                marks=marks,
                rest=IGNORE,
            )
        except RowError as error:
            yield error


def _segment(response: str, segment: Any, where: str) -> tuple[int, int, int]:
    label = str(segment.get("label") if isinstance(segment, dict) else segment)
    if label not in _CLASSES:
        raise RowError("unknown_label", f"{where}: label {label[:40]!r}; allowed: {', '.join(_CLASSES)}")
    start, end = _bounds(response, segment.get("start"), segment.get("end"), where)
    if response[start:end] != segment.get("text"):
        raise RowError("text_elsewhere", f"{where}: {segment.get('text')!r} does not stand at {start}:{end}")
    return start, end, _CLASSES[label]


def _halloc(path: Path) -> Iterator[_Marked | RowError]:
    for number, item in enumerate(_array(path)):
        where = f"{path}, item {number}"
        try:
            response, image = true_text(item, "hallucinated_text", where), str(item.get("image_id"))
            found = item.get("annotations")
            if not isinstance(found, dict):
                raise RowError("no_annotations", f"{where}: annotations is {str(found)[:40]!r}; allowed: an object")
            types = [name for name in found if _list(found, name, where)]
            yield _Marked(
                id=id_field(item, "id", where) or f"{path.stem}/{number}",
                image=image,
                image_id=f"visual_genome/{image}" if image.isdecimal() else _image_id(image),
                prompt=_prompt(item, "prompt", where),
                response=response,
                marks=[mark for name in types for entry in found[name] for mark in _parts(response, entry, where)],
                rest=GOOD,
                taxonomy=types[0] if len(types) == 1 else "several" if types else None,
            )
        except RowError as error:
            yield error


def _parts(response: str, entry: Any, where: str) -> Iterator[tuple[int, int, int]]:
    """The words that one error is made of."""
    for part in entry.values() if isinstance(entry, dict) else [entry]:
        index = part.get("char_index") if isinstance(part, dict) else None
        match = re.fullmatch(r"([0-9]+)(?::([0-9]+))?", str(index))
        if match is None:
            raise RowError("bad_char_index", f"{where}: char_index is {index!r}; allowed: '51:56' or '51'")
        first = int(match[1])
        start, end = _bounds(response, first, int(match[2] or first + 1), where)
        if _letters(response[start:end]) != _letters(str(part.get("name"))):
            raise RowError("text_elsewhere", f"{where}: {part.get('name')!r} does not stand at {start}:{end}")
        yield start, end, BAD


def _letters(text: str) -> str:
    """Without space and punctuation, in which names differ from what stands there."""
    return "".join(filter(str.isalnum, text)).casefold()


def _plain(path: Path) -> Iterator[_Marked | RowError]:
    for line in read_lines(path):
        where = f"{path}, line {line.number}"
        try:
            item = parse_line(line)
            response, spans = _worded(item, where)
            labels = _list(item, "labels", where)
            if len(labels) != len(spans):
                raise RowError("wrong_number", f"{where}: {len(labels)} labels for {len(spans)} words: must be as many")
            if wrong := [label for label in labels if type(label) is not int or label not in _LABELS]:
                raise RowError("unknown_label", f"{where}: label {wrong[0]!r}; allowed: {', '.join(map(str, _LABELS))}")
            image = true_text(item, "image", where)
            yield _Marked(
                id=id_field(item, "id", where) or f"{path.stem}/{line.number}",
                image=image,
                image_id=_image_id(image),
                prompt=text_field(item, "prompt", where) or "",
                response=response,
                marks=[(*span, label) for span, label in zip(spans, labels, strict=True)],
                rest=GOOD,
            )
        except RowError as error:
            yield error


def _worded(item: Mapping[str, Any], where: str) -> tuple[str, list[tuple[int, int]]]:
    """The response, and where its words stand: all of them, one after the other."""
    if item.get("words") is None:
        response = true_text(item, "response", where)
        return response, [match.span() for match in WORD.finditer(response)]
    words = _list(item, "words", where)
    if not all(isinstance(word, str) and word.strip() for word in words):
        raise RowError("bad_word", f"{where}: words holds something else than strings that are not empty")
    response = true_text({"response": item.get("response") or " ".join(words)}, "response", where)
    spans, at = [], 0
    for word in [*words, ""]:
        start = response.find(word, at) if word else len(response)
        # words that are passed over would leave open which of several is meant
        if start < 0 or WORD.search(response[at:start]):
            raise RowError("text_elsewhere", f"{where}: behind {at} the response goes on otherwise than with {word!r}")
        at = start + len(word)
        spans.append((start, at))
    return response, spans[:-1]


def _array(path: Path) -> list[Any]:
    """The objects of a file that is one JSON array."""
    try:
        items = orjson.loads(path.read_bytes())
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror or error}") from None
    except orjson.JSONDecodeError as error:
        raise InputError(f"{path}: broken JSON: {error}; expected one array of objects") from None
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise InputError(f"{path}: is something else than one array of objects")
    return items


def _list(item: Mapping[str, Any], name: str, where: str) -> list[Any]:
    if not isinstance(item.get(name), list):
        raise RowError(f"no_{name}", f"{where}: {name} is {str(item.get(name))[:40]!r}; allowed: a list")
    found: list[Any] = item[name]
    return found


def _bounds(response: str, start: Any, end: Any, where: str) -> tuple[int, int]:
    if not (type(start) is int and type(end) is int and 0 <= start <= end <= len(response)):
        raise RowError("bad_span", f"{where}: span ({start}, {end}); allowed are 0 to {len(response)}")
    return start, end


def _prompt(item: Mapping[str, Any], name: str, where: str) -> str:
    """Without the place of the image, which each backbone's layout gives it anew."""
    return _PLACEHOLDER.sub(" ", text_field(item, name, where) or "").strip()


def _image_id(name: str) -> str:
    """As our own rows name it where it is COCO's, so that what was trained on can be told; else the name."""
    match = _COCO.fullmatch(Path(name).name)
    return f"coco/{match[1]}" if match else name


FORMS: Mapping[str, Callable[[Path], Iterator[_Marked | RowError]]] = {
    "mhal-detect": _mhal_detect,
    "halloc": _halloc,
    "jsonl": _plain,
}
"""What reads a test set, by the name of its form."""
