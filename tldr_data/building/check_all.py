"""All rows of a build held against each other: ids, references, groups, images, and what leaks between its splits."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from tldr_data.building.check_rows import CLEAN_ROW, IMAGE_ROW, MADE_ROW, Checked, Part
from tldr_data.building.columns import Columns, differs, is_later
from tldr_data.building.entries import key64
from tldr_data.building.links import picture_pairs, text_pairs
from tldr_data.dataset import Row, read_row_group
from tldr_data.duplicates.texts import BANDS
from tldr_data.example import SPLITS

ROWS_AT_HAND = 8
"""Row groups whose rows are kept for the names in messages."""


class Leak(NamedTuple):
    """A line of the leak table."""

    name: str
    found: int
    """Pairs, or rows."""
    leaking: int
    """Those of them that are in two splits, or where they must not be."""


class Whole:
    """All row groups of a build, as far as they were looked at; memory holds a few of their columns at a time."""

    def __init__(self, columns: Columns) -> None:
        self.columns = columns
        self.leaks: list[Leak] = []
        self._parts: list[Part] = []
        self._begins = [0]

    def add(self, checked: Checked) -> None:
        """Take down a row group."""
        begin = self._begins[-1]
        split = np.full(checked.rows, SPLITS.index(checked.part.split), np.uint64)
        self.columns.add({**checked.keys, "split": split})
        numbers = np.array(list(checked.texts), np.uint64) + np.uint64(begin)
        self.columns.add({"text_row": numbers, "bands": np.frombuffer(b"".join(checked.texts.values()), np.uint64)})
        numbers = np.array(list(checked.phashes), np.uint64) + np.uint64(begin)
        self.columns.add({"phash_row": numbers, "phash": np.array(list(checked.phashes.values()), np.uint64)})
        self._parts.append(checked.part)
        self._begins.append(begin + checked.rows)

    def faults(self, *, embedded: bool, most_one: bool, requests: set[int] | None) -> Iterator[str]:
        """What does not fit together.

        ``most_one``: a reference gives at most one row of each taxonomy; ``requests``: keys that are in the log.
        """
        yield from self._repeated(most_one)
        yield from self._orphans()
        if requests is not None:
            yield from self._unlogged(requests)
        yield from self._image_faults(embedded)
        yield from self._split_faults()

    def leak_faults(self, held_out: frozenset[str]) -> Iterator[str]:
        """What a model that was trained on train could know of the other splits; fills ``leaks``."""
        yield from self._equal_pixels()
        yield from self._near_images()
        yield from self._near_texts()
        yield from self._repeated_pairs()
        yield from self._held_out(held_out)

    def _row(self, place: int) -> Row:
        part = int(np.searchsorted(self._begins, place, side="right")) - 1
        return _rows(self._parts[part])[place - self._begins[part]]

    def _name(self, place: int) -> str:
        row = self._row(place)
        return f"{_file(self._parts, self._begins, place)}: {row.get('id', row['image_id'])}"

    def _kind(self, *kinds: int) -> Any:
        return np.isin(self.columns.read("kind"), kinds)

    def _repeated(self, most_one: bool) -> Iterator[str]:
        """Ids, images and texts that are there twice."""
        kind = self.columns.read("kind")
        rows = {
            "id": (kind == CLEAN_ROW) | (kind == MADE_ROW),
            "made": (kind == MADE_ROW) & most_one,
            "response": kind == MADE_ROW,
            "image": kind == IMAGE_ROW,
        }
        for name, wanted in rows.items():
            keys = self.columns.read(name)
            at = np.flatnonzero(wanted & (keys != 0))
            for place in at[is_later(keys[at])].tolist():
                row = self._row(place)
                reference_id = str(row.get("id", "")).rpartition("#")[0]
                yield (
                    f"{self._name(place)}: "
                    + {
                        "id": "id is there twice",
                        "made": f"is the second row of taxonomy {row.get('taxonomy')} made of {reference_id}",
                        "response": f"another row made of {reference_id} has the same text",
                        "image": "image is stored twice",
                    }[name]
                )

    def _orphans(self) -> Iterator[str]:
        """Rows that do not fit the clean row that they were made of."""
        references = self.columns.read("reference")
        clean, made = np.flatnonzero(self._kind(CLEAN_ROW)), np.flatnonzero(self._kind(MADE_ROW))
        clean = clean[np.argsort(references[clean], kind="stable")]
        if not len(clean):
            yield from (f"{self._name(place)}: no clean row is there" for place in made.tolist())
            return
        found = np.minimum(np.searchsorted(references[clean], references[made]), len(clean) - 1)
        home = clean[found]
        missing = references[home] != references[made]
        texts, splits = self.columns.read("text"), self.columns.read("split")
        other_text = ~missing & (texts[home] != texts[made])
        other_split = ~missing & ~other_text & (splits[home] != splits[made])
        for place in made[missing].tolist():
            yield f"{self._name(place)}: no clean row is named {self._reference(place)}"
        for place in made[other_text].tolist():
            yield f"{self._name(place)}: its reference is not the text of {self._reference(place)}"
        for place, of in zip(made[other_split].tolist(), home[other_split].tolist(), strict=True):
            yield f"{self._name(place)}: is in split {SPLITS[splits[place]]}, its reference in {SPLITS[splits[of]]}"

    def _reference(self, place: int) -> str:
        return str(self._row(place)["id"]).rpartition("#")[0]

    def _unlogged(self, requests: set[int]) -> Iterator[str]:
        keys = self.columns.read("request")
        known = np.isin(keys, np.array(sorted(requests), np.uint64)) | (keys == 0)
        for place in np.flatnonzero(~known).tolist():
            yield f"{self._name(place)}: request {self._row(place)['request']} is not in the request log"

    def _image_faults(self, embedded: bool) -> Iterator[str]:
        """An embedded image is that of config ``images``, and there where the manifest says that images are."""
        images, digests, stored = self.columns.read("image"), self.columns.read("digest"), self._kind(IMAGE_ROW)
        order = np.flatnonzero(stored)[np.argsort(images[stored], kind="stable")]
        rows = np.flatnonzero(~stored & ((images != 0) | (digests != 0)))
        if len(order):
            found = order[np.minimum(np.searchsorted(images[order], images[rows]), len(order) - 1)]
            known = np.where(images[found] == images[rows], digests[found], 0)
        else:
            known = np.zeros(len(rows), np.uint64)
        other = (digests[rows] != 0) & (digests[rows] != known)
        absent = (digests[rows] == 0) & (known != 0) & embedded
        for place in rows[other].tolist():
            yield f"{self._name(place)}: its image is not that of {self._row(place)['image_id']} in config images"
        for place in rows[absent].tolist():
            image_id = self._row(place)["image_id"]
            yield f"{self._name(place)}: image {image_id} is not embedded, the manifest says that images are"

    def _split_faults(self) -> Iterator[str]:
        """No group and no image in two splits."""
        splits = self.columns.read("split")
        for name, column in (("group", "group"), ("image", "image_id")):
            keys = self.columns.read(name)
            at = np.flatnonzero(keys != 0)
            leaking = at[differs(keys[at], splits[at])].tolist() if len(at) else []
            self.leaks.append(Leak(f"{name}s", len(np.unique(keys[at])), len(leaking)))
            for place in leaking:
                yield f"{self._name(place)}: {name} {self._row(place)[column]} is in two splits"

    def _equal_pixels(self) -> Iterator[str]:
        keys = self.columns.read("pixels")
        at = np.flatnonzero(keys != 0)
        at = at[np.argsort(keys[at], kind="stable")]
        equal = keys[at[:-1]] == keys[at[1:]]
        pairs = zip(at[:-1][equal].tolist(), at[1:][equal].tolist(), strict=True)
        yield from self._pair_faults("images of equal pixels", list(pairs), "has the same pixels as")

    def _near_images(self) -> Iterator[str]:
        rows = self.columns.read("phash_row").astype(np.int64)
        drawn = np.unique(self.columns.read("image")[self.columns.read("drawn") == 1])
        withheld = self._kind(IMAGE_ROW) & (self.columns.read("digest") == 0)
        if number := int(withheld.sum()):
            self.leaks.append(Leak("images without their bytes, of which only equal ones are found", number, 0))
        photos = ~np.isin(self.columns.read("image")[rows], drawn)
        photos &= ~np.isin(rows, rows[is_later(self.columns.read("pixels")[rows])])
        rows, hashes = rows[photos], self.columns.read("phash")[photos]
        pixels = self.columns.read("pixels")[rows]
        found = picture_pairs(hashes, pixels, lambda row: bytes(self._row(int(rows[row]))["image"]["bytes"]))
        pairs = [(int(rows[one]), int(rows[other])) for one, other in found]
        yield from self._pair_faults("images that show the same", pairs, "shows the same as")

    def _near_texts(self) -> Iterator[str]:
        rows = self.columns.read("text_row").astype(np.int64)
        bands = self.columns.read("bands").reshape(-1, BANDS)
        found = text_pairs(bands, lambda wanted: self._texts(rows, wanted))
        pairs = [(int(rows[one]), int(rows[other])) for one, other in found]
        yield from self._pair_faults("clean texts that say nearly the same", pairs, "says nearly the same as")

    def _texts(self, rows: Any, wanted: set[int]) -> Mapping[int, str]:
        return {row: str(self._row(int(rows[row]))["response"]) for row in sorted(wanted)}

    def _pair_faults(self, name: str, pairs: list[tuple[int, int]], says: str) -> Iterator[str]:
        splits = self.columns.read("split")
        leaking = [(one, other) for one, other in pairs if splits[one] != splits[other]]
        self.leaks.append(Leak(name, len(pairs), len(leaking)))
        for one, other in leaking:
            yield f"{self._name(one)}: {says} {self._name(other).partition(': ')[2]}, which is in another split"

    def _repeated_pairs(self) -> Iterator[str]:
        pairs = self.columns.read("pair")
        at = np.flatnonzero(pairs != 0)
        found = at[is_later(self.columns.read("group")[at], pairs[at])].tolist() if len(at) else []
        self.leaks.append(Leak("questions repeated within a group", len(found), len(found)))
        for place in found:
            yield f"{self._name(place)}: its group has the same question with the same answer before"

    def _held_out(self, held_out: frozenset[str]) -> Iterator[str]:
        if not held_out:
            return
        groups = self.columns.read("group")
        listed = np.isin(groups, np.array([key64(name) for name in sorted(held_out)], np.uint64))
        leaking = np.flatnonzero(listed & (self.columns.read("split") == SPLITS.index("train"))).tolist()
        self.leaks.append(Leak("rows of held-out images", int(listed.sum()), len(leaking)))
        for place in leaking:
            yield f"{self._name(place)}: {self._row(place)['group']} is held out, and stands in train"


def leak_lines(leaks: list[Leak]) -> list[str]:
    """The leak table."""
    return [f"{leak.name}: {leak.found:,} found, {leak.leaking:,} leaking" for leak in leaks]


def _file(parts: list[Part], begins: list[int], place: int) -> str:
    return parts[int(np.searchsorted(begins, place, side="right")) - 1].name


@lru_cache(ROWS_AT_HAND)
def _rows(part: Part) -> list[Row]:
    return list(read_row_group(part.directory / part.name, part.number))


def held_out_of(directory: Path) -> frozenset[str]:
    """Groups that a build was told to keep out of train."""
    from tldr_data.building.held_out import HELD_OUT, read_held_out

    path = directory / HELD_OUT
    return frozenset(f"coco/{coco_id}" for coco_id in read_held_out(path)) if path.is_file() else frozenset()
