"""Build: source -> clean examples -> perturb -> filter -> verify -> split -> Parquet, card, report, manifest.

A build can be killed at any moment. Its work lies in ``OUT/.work`` until the manifest, written last, says that the rest
is whole; the same command then continues from the chunks that are done, and ends with the same content.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from tldr_data.atomic import move, remove_tree, sync_folder, write_json, write_text
from tldr_data.building.chunks import SOURCE, ChunkBuilder, ChunkReport, chunk_folder, is_done
from tldr_data.building.lock import only_build
from tldr_data.building.merge import Merge
from tldr_data.building.pairs import NO_IMAGE
from tldr_data.building.progress import MAX_BAD_ROWS, BuildProgress, build_progress
from tldr_data.building.recipe import FOLDERS, Plan, begin, clear_folder, clear_work, is_finished, recipe_of
from tldr_data.building.usages import write_usages
from tldr_data.building.workers import build_chunks, make_builder
from tldr_data.card import render_card
from tldr_data.dataset import CLEAN, load_manifest
from tldr_data.errors import BuildError, UsageError
from tldr_data.report import render_report
from tldr_data.taxonomy import Taxonomy

FORMAT = 1
"""Of the manifest and the files' layout."""


def build(plan: Plan) -> dict[str, Any]:
    """Build a dataset into ``plan.out``, or continue it, and return its manifest.

    Raises:
        UsageError: a name is unknown, or the folder holds something else, or another build is writing into it.
        InputError: the source or a taxonomy cannot be read.
        BuildError: the work stopped half-way; the same call continues it.
    """
    builder = make_builder(plan)
    _check_names(builder.taxonomies)
    recipe = recipe_of(plan, builder.taxonomies)
    if is_finished(plan, recipe) and not plan.work.exists():
        return load_manifest(plan.out)
    with only_build(plan.work):
        # asked again: until the lock was ours, another process may have been at work
        if not is_finished(plan, recipe):
            begin(plan, recipe)
            _build(plan, builder, recipe)
        clear_work(plan.work)
        (plan.work / "recipe.json").unlink(missing_ok=True)
    return load_manifest(plan.out)


def _build(plan: Plan, builder: ChunkBuilder, recipe: dict[str, Any]) -> None:
    with build_progress(plan.limit) as progress:
        write_usages(builder.source, builder.taxonomies, plan.work)
        count = _make_chunks(plan, builder, progress)
        if progress.bad > MAX_BAD_ROWS:
            progress.say(f"skipped: {progress.bad:,} source rows in all; see {plan.out / 'rejected' / 'source.jsonl'}")
        progress.say(f"merging {count:,} chunks")
        _merge(plan, builder.taxonomies, recipe, count)
    # a folder that was left half cleared may hold files of another cut
    clear_folder(plan.out, list(recipe["taxonomies"]))
    _publish(plan.out, plan.work / "final")


def _check_names(taxonomies: list[Taxonomy]) -> None:
    """Taxonomies become folders and configs beside those of the build itself."""
    names = [taxonomy.name for taxonomy in taxonomies]
    if taken := [name for name in names if name in (*FOLDERS, "all")]:
        raise UsageError(
            f"taxonomy {taken[0]!r}: its name is taken: {', '.join((*FOLDERS, 'all'))} are the dataset's own"
        )
    if twice := [name for name in names if names.count(name) > 1]:
        raise UsageError(f"taxonomy {twice[0]!r} is given twice, from two files: names must differ")


def _make_chunks(plan: Plan, builder: ChunkBuilder, progress: BuildProgress) -> int:
    """Make all chunks that are not there yet; returns the number of all."""
    numbers = _Missing(plan, builder, progress)
    for report in _reports(plan, builder, numbers):
        progress.add(report)
    if not numbers.count:
        raise BuildError(f"source {plan.source!r} gave no rows")
    return numbers.count


class _Missing:
    """(number, rows) of the chunks that are not done, in order; ``count`` is the number of all chunks seen so far."""

    def __init__(self, plan: Plan, builder: ChunkBuilder, progress: BuildProgress) -> None:
        self.plan, self.builder, self.progress = plan, builder, progress
        self.count = 0

    def __iter__(self) -> Iterator[tuple[int, list[Any]]]:
        rows = self.builder.source.rows()
        while chunk := list(islice(rows, self.plan.chunk_rows)):
            number, self.count = self.count, self.count + 1
            if is_done(chunk_folder(self.plan.work, number)):
                self.progress.skip(len(chunk))
            else:
                yield number, chunk


def _reports(plan: Plan, builder: ChunkBuilder, chunks: _Missing) -> Iterator[ChunkReport]:
    if plan.workers > 1:
        return build_chunks(plan, chunks)
    return (builder.build(number, rows) for number, rows in chunks)


def _merge(plan: Plan, taxonomies: list[Taxonomy], recipe: dict[str, Any], count: int) -> None:
    """Write everything that is published into .work/final."""
    final = plan.work / "final"
    for left_over in (final, plan.work / "drops", plan.work / "left_out"):
        remove_tree(left_over)
    merge = Merge([chunk_folder(plan.work, n) for n in range(count)], final, taxonomies)
    # no row of a quadruple may be left out alone: its text would be worth something
    merged = merge.run(plan.embed_images, plan.max_guessability, capped=not plan.pairs)
    counts = merged.tally.to_json(list(recipe["taxonomies"]))
    if not counts["rows"]:
        # worth nothing: where the input is mended, they must not stand in the way
        remove_tree(plan.work / "chunks")
        raise BuildError(f"no row was fit to be published; rejected: {counts['rejected']}")
    manifest = {
        "format": FORMAT,
        "content_hash": merged.content.hexdigest(),
        "recipe": recipe,
        "images_embedded": merged.embedded,
        **counts,
        "unusable": _unusable(counts["rejected"]),
        "shortcuts": merged.shortcuts,
        "content": merged.hashes,
        "files": merged.files,
    }
    write_text(final / "README.md", render_card(manifest))
    write_text(final / "report.html", render_report(final, manifest))
    write_json(final / "manifest.json", manifest)


def _unusable(rejected: dict[str, dict[str, int]]) -> dict[str, int]:
    """Reason -> source rows that gave no clean row; that there is no second image of one is no fault of it."""
    reasons = Counter(rejected.get(SOURCE, {})) + Counter(rejected.get(CLEAN, {}))
    del reasons[NO_IMAGE]
    return dict(sorted(reasons.items()))


def _publish(out: Path, final: Path) -> None:
    """Move the finished files into place, the manifest last."""
    files = sorted(path.relative_to(final) for path in final.rglob("*") if path.is_file())
    for name in files:
        if name.name != "manifest.json":
            move(final / name, out / name)
    for folder in {out, *(out / name.parent for name in files)}:
        sync_folder(folder)
    move(final / "manifest.json", out / "manifest.json")
    sync_folder(out)
