"""What only the whole build shows: ids that are taken, groups that belong together, the split of each, repeated pairs.

Everything is found from 64-bit keys in arrays, some 60 bytes for a clean example; names and texts are looked up only
of what is found.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from tldr_data.building.columns import differs, is_later
from tldr_data.building.entries import key64, read_entries
from tldr_data.building.links import Links, find_links, near_text_entries
from tldr_data.building.row_parts import read_table, write_unsynced
from tldr_data.duplicates.groups import linked
from tldr_data.example import SPLITS
from tldr_data.sampling import MOST_HELD_OUT, Preset, most_held_out, split_of

if TYPE_CHECKING:
    import pyarrow as pa

KEYS = ("id_key", "group_key", "image_key", "digest_key", "pixels_key", "drawn_key", "pair_key")
REASONS = ("duplicate_id", "image_id_reused", "group_in_two_splits", "near_text", "repeated_pair")
"""Numbered from 1 in arrays; 0 is none."""
_SPLIT_CODES: dict[str | None, int] = {None: -1, **{split: code for code, split in enumerate(SPLITS)}}


class Splits(NamedTuple):
    """How groups are split."""

    seed: int
    preset: Preset = "default"
    held_out: frozenset[str] = frozenset()
    """Groups that stay out of train."""


class Settled(NamedTuple):
    """What is decided for the entries of one chunk, in their order."""

    keep: Any
    """Booleans."""
    reason: Any
    """Names, null where it is kept or was rejected before."""
    group: Any
    split: Any
    brings: Any
    """Whether it is the first that comes with its image."""


def settle(chunks: Sequence[Path], settled: Path, splits: Splits) -> dict[str, int]:
    """Decide for all entries of all chunks, into a folder that ``read_settled`` reads; counts of what was linked."""
    keys = _gather(chunks)
    reasons = np.zeros(len(keys["kept"]), np.int8)
    _mark(reasons, keys["kept"] & is_later(keys["id_key"]), "duplicate_id")
    _mark(reasons, _reuses_image(keys, _open(keys, reasons)), "image_id_reused")
    links = find_links(chunks, keys, _open(keys, reasons))
    names = _names(chunks, keys, links, splits)
    homes = _homes(keys, names, _open(keys, reasons), splits)
    split = _splits(chunks, names, homes, splits)
    away = (keys["split"] >= 0) & (keys["split"] != split)
    _mark(reasons, _open(keys, reasons) & away, "group_in_two_splits")
    _mark(reasons, _repeats(keys, links, _open(keys, reasons)), "repeated_pair")
    near = 0
    while found := list(near_text_entries(chunks, keys, _open(keys, reasons))):
        near = max(near, len(found))
        away = _told_elsewhere(found, split)
        if not away.any():
            break
        # what is left is looked through once more, as ``check`` will: texts are held against a few of many alike
        _mark(reasons, away, "near_text")
    _write(chunks, settled, keys, names, (reasons, split, _brings(keys, _open(keys, reasons))))
    return {**links.counts, "near_text": near}


def read_settled(settled: Path, chunk: Path) -> Settled:
    """What was decided for a chunk."""
    table = read_table(settled / f"{chunk.name}.arrow")
    return Settled(*(table.column(name).combine_chunks() for name in Settled._fields))


def _gather(chunks: Sequence[Path]) -> dict[str, Any]:
    """Column -> array over all entries, in order, and ``begins``: the place of each chunk's first entry."""
    parts: dict[str, list[Any]] = {name: [] for name in (*KEYS, "kept", "split")}
    begins = [0]
    for chunk in chunks:
        table = read_entries(chunk)
        for name in (*KEYS, "kept"):
            parts[name].append(table.column(name).to_numpy())
        codes = [_SPLIT_CODES[split] for split in table.column("split").to_pylist()]
        parts["split"].append(np.array(codes, np.int8))
        begins.append(begins[-1] + len(table))
    return {**{name: np.concatenate(found) for name, found in parts.items()}, "begins": begins}


def _mark(reasons: Any, where: Any, reason: str) -> None:
    reasons[where] = REASONS.index(reason) + 1


def _open(keys: Mapping[str, Any], reasons: Any) -> Any:
    return keys["kept"] & (reasons == 0)


def _reuses_image(keys: Mapping[str, Any], open: Any) -> Any:
    """Whether an earlier entry has another image under the same id."""
    at = np.flatnonzero(open & (keys["image_key"] != 0))
    found = np.zeros(len(open), bool)
    found[at] = differs(keys["image_key"][at], keys["digest_key"][at])
    return found


def _names(chunks: Sequence[Path], keys: Mapping[str, Any], links: Links, splits: Splits) -> dict[int, str]:
    """Key of a linked group -> name of all that it is linked with: held out before others, COCO's before others."""
    own: dict[int, str] = {}
    wanted = np.array(sorted(links.roots), np.uint64)
    for chunk, begin, end in zip(chunks, keys["begins"], keys["begins"][1:], strict=False):
        at = np.flatnonzero(np.isin(keys["group_key"][begin:end], wanted))
        if len(at):
            groups = read_entries(chunk).column("group")
            own.update((int(keys["group_key"][begin + i]), groups[int(i)].as_py()) for i in at)
    best: dict[int, tuple[bool, bool, str]] = {}
    for key, root in links.roots.items():
        name = own[key]
        rank = (name not in splits.held_out, not name.startswith("coco/"), name)
        best[root] = min(best.get(root, rank), rank)
    return {key: best[root][2] for key, root in links.roots.items()}


def _homes(keys: Mapping[str, Any], names: Mapping[int, str], open: Any, splits: Splits) -> dict[int, str]:
    """Key of a group, of the name that it has now -> the split that official splits and held-out groups force."""
    found: dict[int, set[str]] = {key64(name): {"test"} for name in splits.held_out}
    at = np.flatnonzero(open & (keys["split"] >= 0))
    at = at[~is_later(keys["group_key"][at], keys["split"][at])]
    for group, code in zip(keys["group_key"][at].tolist(), keys["split"][at].tolist(), strict=True):
        found.setdefault(group, set()).add(SPLITS[code])
    for group, name in names.items():
        if group in found:
            found.setdefault(key64(name), set()).update(found[group])
    return {group: most_held_out(official) for group, official in found.items()}


def _splits(chunks: Sequence[Path], names: Mapping[int, str], homes: Mapping[int, str], splits: Splits) -> Any:
    """Code of the split of every entry."""
    codes: list[Any] = []
    for chunk in chunks:
        table = read_entries(chunk)
        known: dict[str, int] = {}
        for group, name in _now_named(table, names):
            if name not in known:
                home = homes.get(group) or split_of(name, splits.seed, splits.preset)
                known[name] = SPLITS.index(home)
        codes.append(np.array([known[name] for _, name in _now_named(table, names)], np.int8))
    return np.concatenate(codes)


def _now_named(table: pa.Table, names: Mapping[int, str]) -> Iterator[tuple[int, str]]:
    """Key and name of each entry's group, as it is called now."""
    for key, group in zip(table.column("group_key").to_pylist(), table.column("group").to_pylist(), strict=True):
        name = names.get(key)
        yield (key, group) if name is None else (key64(name), name)


def _told_elsewhere(near: Sequence[tuple[int, int]], split: Any) -> Any:
    """Of texts that are linked those that are held out less than another one of them.

    To put their groups together would make one group of most, where there are captions by the hundred thousand.
    """
    ranks = np.array([MOST_HELD_OUT.index(name) for name in SPLITS])[split]
    roots = linked(near)
    members = sorted({*roots, *roots.values()})
    best: dict[int, int] = {}
    for place in members:
        root = roots.get(place, place)
        best[root] = min(best.get(root, len(SPLITS)), int(ranks[place]))
    found = np.zeros(len(split), bool)
    found[[place for place in members if ranks[place] > best[roots.get(place, place)]]] = True
    return found


def _repeats(keys: Mapping[str, Any], links: Links, open: Any) -> Any:
    """Whether an earlier entry of the same group has the same question and answer."""
    at = np.flatnonzero(open & (keys["pair_key"] != 0))
    groups = links.root_of(keys["group_key"][at])
    found = np.zeros(len(open), bool)
    found[at] = is_later(groups, keys["pair_key"][at])
    return found


def _brings(keys: Mapping[str, Any], open: Any) -> Any:
    at = np.flatnonzero(open & (keys["digest_key"] != 0))
    found = np.zeros(len(open), bool)
    found[at[~is_later(keys["image_key"][at])]] = True
    return found


def _write(
    chunks: Sequence[Path],
    settled: Path,
    keys: Mapping[str, Any],
    names: Mapping[int, str],
    found: tuple[Any, Any, Any],
) -> None:
    """``found``: reason, split and ``brings`` of every entry."""
    import pyarrow as pa

    for chunk, begin, end in zip(chunks, keys["begins"], keys["begins"][1:], strict=False):
        groups = [name for _, name in _now_named(read_entries(chunk), names)]
        reasons, split, brings = (each[begin:end] for each in found)
        columns = Settled(
            pa.array(keys["kept"][begin:end] & (reasons == 0)),
            pa.array([REASONS[code - 1] if code else None for code in reasons], pa.string()),
            pa.array(groups, pa.string()),
            pa.array(split),
            pa.array(brings),
        )
        write_unsynced(settled / f"{chunk.name}.arrow", pa.table(columns._asdict()))
