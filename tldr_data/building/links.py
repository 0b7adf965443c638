"""Which image groups belong together, as they share an image, what it shows, or the facts of a drawing; and which texts
say nearly the same."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from tldr_data.building.entries import read_entries
from tldr_data.building.image_parts import stored_images
from tldr_data.building.row_parts import ENTRY, read_part
from tldr_data.dataset import CLEAN
from tldr_data.duplicates.groups import linked
from tldr_data.duplicates.images import look, same_look, same_pairs
from tldr_data.duplicates.texts import near_texts, same_text

SAME = ("image_key", "pixels_key", "drawn_key")
"""Keys that no two groups share."""
Pair = tuple[int, int]


class Links(NamedTuple):
    """Groups that are linked to others; of all others nothing is held."""

    roots: dict[int, int]
    """Key of a group -> key of one of those that it is linked with, the same for all of them, itself among them."""
    counts: dict[str, int]
    """How they were linked -> pairs of groups."""

    def root_of(self, groups: Any) -> Any:
        """The roots of an array of keys; a group that is not linked is its own."""
        keys = np.array(sorted(self.roots), np.uint64)
        if not len(keys):
            return groups
        roots = np.array([self.roots[key] for key in keys.tolist()], np.uint64)
        at = np.minimum(np.searchsorted(keys, groups), len(keys) - 1)
        return np.where(keys[at] == groups, roots[at], groups)


def find_links(chunks: Sequence[Path], keys: Mapping[str, Any], open: Any) -> Links:
    """All links between the groups of entries that are ``open``."""
    groups = keys["group_key"]
    found = {
        "same_image": {pair for name in SAME for pair in _equal(keys[name], groups, open)},
        "near_image": set(_group_pairs(groups, _near_images(chunks, keys, open))),
    }
    roots = linked(chain.from_iterable(found.values()))
    counts = {name: len(pairs) for name, pairs in found.items()}
    return Links({**roots, **{root: root for root in roots.values()}}, counts)


def picture_pairs(hashes: Any, keys: Any, load: Callable[[int], bytes]) -> Iterator[Pair]:
    """Rows whose images show the same picture: near by their 64-bit hashes, and then by their pixels.

    ``keys`` tell images apart; with them, and not with the order of the rows, it is settled which are compared.
    """
    order = np.argsort(keys, kind="stable").tolist()
    known = lru_cache(256)(lambda row: look(load(order[row]), f"image {order[row]}"))
    for one, other in same_pairs(hashes[order], lambda a, b: same_look(known(a), known(b))):
        yield order[one], order[other]


def text_pairs(bands: Any, load: Callable[[set[int]], Mapping[int, str]]) -> Iterator[Pair]:
    """Rows whose texts say nearly the same: they share a band, and then most of their words.

    ``load`` gives the texts of rows. The order of the rows plays no part, as in ``picture_pairs``.
    """
    order = np.argsort(bands[:, 0], kind="stable")
    pairs = sorted({(int(order[one]), int(order[other])) for one, other in near_texts(bands[order])})
    texts = load({row for pair in pairs for row in pair})
    yield from ((a, b) for a, b in pairs if same_text(texts[a], texts[b]))


def _equal(keys: Any, groups: Any, open: Any) -> Iterator[Pair]:
    """Pairs of groups that share a key."""
    at = np.flatnonzero(open & (keys != 0))
    at = at[np.lexsort((groups[at], keys[at]))]
    one, other = at[:-1], at[1:]
    shared = (keys[one] == keys[other]) & (groups[one] != groups[other])
    yield from zip(groups[one[shared]].tolist(), groups[other[shared]].tolist(), strict=True)


def _group_pairs(groups: Any, pairs: Iterable[Pair]) -> Iterator[Pair]:
    """Of pairs of entries."""
    for one, other in pairs:
        a, b = sorted((int(groups[one]), int(groups[other])))
        if a != b:
            yield a, b


def _near_images(chunks: Sequence[Path], keys: Mapping[str, Any], open: Any) -> Iterator[Pair]:
    """Pairs of entries whose images differ, but show the same picture."""
    places: list[int] = []
    hashes: list[int] = []
    seen: set[int] = set()
    for number, chunk in enumerate(chunks):
        phashes = read_entries(chunk).column("phash")
        if phashes.null_count == len(phashes):
            continue
        for place, phash in enumerate(phashes.to_pylist(), keys["begins"][number]):
            pixels = int(keys["pixels_key"][place])
            if phash is not None and open[place] and pixels not in seen:
                seen.add(pixels)
                places.append(place)
                hashes.append(int(phash, 16))
    at = np.array(places, np.int64)
    pairs = picture_pairs(
        np.array(hashes, np.uint64), keys["pixels_key"][at], lambda row: _image(chunks, keys["begins"], places[row])
    )
    yield from ((places[one], places[other]) for one, other in pairs)


def _image(chunks: Sequence[Path], begins: Sequence[int], place: int) -> bytes:
    chunk = int(np.searchsorted(begins, place, side="right")) - 1
    digest = read_entries(chunks[chunk]).column("image")[place - begins[chunk]].as_py()
    with stored_images(chunks[chunk] / "images.arrow") as images:
        return images.data(digest)


def near_text_entries(chunks: Sequence[Path], keys: Mapping[str, Any], open: Any) -> Iterator[Pair]:
    """Pairs of entries whose texts say nearly the same."""
    places: list[int] = []
    bands: list[bytes] = []
    for number, chunk in enumerate(chunks):
        begin, end = keys["begins"][number : number + 2]
        column = read_entries(chunk).column("bands").combine_chunks()
        at = np.flatnonzero(column.is_valid().to_numpy(zero_copy_only=False) & open[begin:end]).tolist()
        places += (begin + entry for entry in at)
        bands += (column[entry].as_py() for entry in at)
    if bands:
        matrix = np.frombuffer(b"".join(bands), np.uint64).reshape(len(bands), -1)
        pairs = text_pairs(matrix, lambda rows: _texts(chunks, keys["begins"], places, rows))
        yield from ((places[one], places[other]) for one, other in pairs)


def _texts(chunks: Sequence[Path], begins: Sequence[int], places: Sequence[int], rows: set[int]) -> dict[int, str]:
    """Row of ``places`` -> its text."""
    wanted = {places[row]: row for row in rows}
    found: dict[int, str] = {}
    for number, chunk in enumerate(chunks):
        begin, end = begins[number : number + 2]
        if not any(place in wanted for place in range(begin, end)):
            continue
        part = read_part(chunk, CLEAN, [ENTRY, "response"])
        assert part is not None
        for entry, text in zip(part.column(ENTRY).to_pylist(), part.column("response").to_pylist(), strict=True):
            if begin + entry in wanted:
                found[wanted[begin + entry]] = text
    return found
