"""Source ``visual_genome``: regions and questions of Visual Genome (homes.cs.washington.edu/~ranjay/visualgenome).

    region_descriptions.json, question_answers.json     what is read: either or both
    image_data.json                                     needed
    objects.json, attributes.json, relationships.json   facts, from which falsity is proved; any may be missing
    1.jpg, VG_100K/2.jpg, ...                           images, wherever the official archives unpack them

A raw row is an image; its regions are captions, its questions with their answers are VQA.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain, islice
from pathlib import Path
from typing import Any

from tldr_data.errors import RowError, UsageError
from tldr_data.example import Example
from tldr_data.sources.fields import id_field, needed_id, true_text
from tldr_data.sources.files import find_image, image_folders
from tldr_data.sources.visual_genome.annotation import bare_facts, facts_of, letters, pairs_of
from tldr_data.sources.visual_genome.join import QUESTIONS, REGIONS
from tldr_data.sources.visual_genome.merged import merged_caption
from tldr_data.sources.visual_genome.release import Image, Release, Row, image_of, photograph_terms

LICENSE = "CC-BY-4.0"
ATTRIBUTION = "Visual Genome (Krishna et al., 2017), CC BY 4.0; each image under the terms of its Flickr photographer"
IMAGE_FOLDERS = (
    *("images", "VG_100K", "VG_100K_2"),
    *(f"{top}/{name}" for top in ("images", "images2") for name in ("VG_100K", "VG_100K_2")),
)


class VisualGenome:
    """The images of one release: of each its regions, its questions and, if wanted, a caption merged from these.

    ``limit`` counts regions and questions; the merged caption comes on top, unless the limit cuts its image.
    """

    def __init__(self, *, path: Path | None, seed: int, limit: int | None, merged: bool = False) -> None:
        if not isinstance(merged, bool):
            raise UsageError(f"merged of source 'visual_genome' is {merged!r}: allowed are true and false")
        self.release = Release(path)
        self.folders = image_folders(self.release.folder / REGIONS, IMAGE_FOLDERS)
        self.limit = limit
        self.merged = merged

    def rows(self) -> Iterator[Row | RowError]:
        rows = self.release.rows()
        return rows if self.limit is None else self._cut(rows, self.limit)

    def examples(self, row: Row | RowError) -> Iterator[Example | RowError]:
        if isinstance(row, RowError):
            yield row
            return
        try:
            image = image_of(row)
            shared = self._shared(image, row.where)
        except RowError as error:
            yield error
            return
        read = {name: image.lists.get(name, []) for name in self.release.read}
        annotated = facts_of(image, self.release.annotated)
        captions = {**shared, "facts": annotated}
        questions = {**shared, "facts": annotated or bare_facts(image)}
        made = chain(
            _regions(read.get(REGIONS, []), image.image_id, captions),
            _questions(read.get(QUESTIONS, []), image.image_id, questions),
        )
        yield from islice(made, row.room)
        if self.merged and row.room is None and QUESTIONS in read:
            pairs = pairs_of(image)
            if text := merged_caption(pairs):
                yield Example(id=f"{shared['image_id']}/merged", response=text, pairs=tuple(pairs), **captions)

    def _shared(self, image: Image, where: str) -> dict[str, Any]:
        """What all examples of an image have in common."""
        image_id = f"visual_genome/{image.image_id}"
        group = _group(image, where)
        return {
            "source": "visual_genome",
            "license": LICENSE,
            "attribution": ATTRIBUTION,
            "group": group or image_id,
            "image_id": image_id,
            "image": find_image(f"{image.image_id}.jpg", self.folders),
            "image_terms": photograph_terms(group, image.data),
        }

    def _cut(self, rows: Iterator[Row | RowError], left: int) -> Iterator[Row | RowError]:
        while left > 0 and (row := next(rows, None)):
            size = 1 if isinstance(row, RowError) else self._size(row)
            yield row._replace(room=left) if isinstance(row, Row) and size > left else row
            left -= size

    def _size(self, row: Row) -> int:
        """Regions and questions of an image; 1 if it is but to be reported."""
        try:
            lists = image_of(row).lists
        except RowError:
            return 1
        return sum(len(lists.get(name, ())) for name in self.release.read)


def _group(image: Image, where: str) -> str | None:
    """The photograph as COCO, else as Flickr calls it, so that two entries on one photograph stay together.

    Raises:
        RowError: the release does not say: then a split might leak.
    """
    if not image.data:
        raise RowError("no_image_data", f"{where}: image_data.json has no image {image.image_id}, so it may be of COCO")
    for key, name in (("coco_id", "coco"), ("flickr_id", "flickr")):
        if value := id_field(image.data, key, where):
            return f"{name}/{value}"
    return None


def _regions(regions: Sequence[Any], image_id: int, shared: dict[str, Any]) -> Iterator[Example | RowError]:
    seen: set[str] = set()
    for number, region in enumerate(regions, 1):
        try:
            yield _region(region, f"{REGIONS} image {image_id} region {number}", seen, shared)
        except RowError as error:
            yield error


def _region(region: Any, where: str, seen: set[str], shared: dict[str, Any]) -> Example:
    own_id = _own_id(region, "region_id", where)
    phrase = true_text(region, "phrase", where).strip()
    if (said := letters(phrase)) in seen:
        raise RowError("repeated_phrase", f"{where}: an earlier region of the image says {phrase!r}")
    seen.add(said)
    return Example(id=f"{shared['image_id']}/r{own_id}", response=phrase, **shared)


def _questions(pairs: Sequence[Any], image_id: int, shared: dict[str, Any]) -> Iterator[Example | RowError]:
    answers: dict[str, dict[str, str]] = {}
    for question, answer in shared["facts"].pairs:
        answers.setdefault(letters(question), {}).setdefault(letters(answer), answer)
    seen: set[tuple[str, str]] = set()
    for number, pair in enumerate(pairs, 1):
        try:
            yield _question(pair, f"{QUESTIONS} image {image_id} question {number}", seen, answers, shared)
        except RowError as error:
            yield error


def _question(
    pair: Any, where: str, seen: set[tuple[str, str]], answers: dict[str, dict[str, str]], shared: dict[str, Any]
) -> Example:
    own_id = _own_id(pair, "qa_id", where)
    question, answer = (true_text(pair, key, where).strip() for key in ("question", "answer"))
    asked, said = letters(question), letters(answer)
    if (asked, said) in seen:
        raise RowError("repeated_pair", f"{where}: the image has {question!r} with the answer {answer!r} before")
    seen.add((asked, said))
    return Example(
        id=f"{shared['image_id']}/q{own_id}",
        task="vqa",
        prompt=question,
        response=answer,
        accepted=tuple(other for key, other in answers[asked].items() if key != said),
        **shared,
    )


def _own_id(entry: Any, key: str, where: str) -> str:
    if not isinstance(entry, dict):
        raise RowError("not_an_object", f"{where}: is not a JSON object")
    return needed_id(entry, key if key in entry else "id", where)
