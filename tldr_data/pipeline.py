"""Build: source -> clean examples -> perturb -> filter -> verify -> split -> Parquet, card, report, manifest.

A build can be killed at any moment. Its work lies in ``OUT/.work`` until the manifest, written last, says that the rest
is whole; the same command then continues from the chunks that are done, and ends with the same content.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tldr_data.atomic import move, remove_tree, sync_folder, write_json, write_text
from tldr_data.building.lock import only_build
from tldr_data.building.merge import Merge
from tldr_data.building.pairs import NO_IMAGE
from tldr_data.building.parts import SOURCE, read_requests
from tldr_data.building.progress import MAX_BAD_ROWS, BuildProgress, build_progress
from tldr_data.building.recipe import FOLDERS, Plan, begin, clear_folder, clear_work, is_finished, recipe_of
from tldr_data.building.rounds import Made, make_chunks
from tldr_data.building.usages import write_usages
from tldr_data.building.workers import make_builder, sources_of, submitting
from tldr_data.card import render_card
from tldr_data.dataset import CLEAN, REQUESTS, load_manifest
from tldr_data.errors import BuildError, UsageError
from tldr_data.report import render_report
from tldr_data.sources import Source
from tldr_data.taxonomy import Taxonomy

if TYPE_CHECKING:
    from tldr_data.building.asking import Asking
    from tldr_data.llms import LLM

FORMAT = 1
"""Of the manifest and the files' layout."""


def build(plan: Plan) -> dict[str, Any]:
    """Build a dataset into ``plan.out``, or continue it, and return its manifest.

    Raises:
        UsageError: a name is unknown, or the folder holds something else, or another build is writing into it.
        InputError: the source or a taxonomy cannot be read.
        BuildError: the work stopped half-way; the same call continues it.
    """
    source, taxonomies = sources_of(plan)
    _check_names(taxonomies)
    llm = _open_model(plan)
    try:
        return _build_unless_done(plan, source, taxonomies, llm)
    finally:
        if llm:
            asyncio.run(llm.close())


def _build_unless_done(plan: Plan, source: Source, taxonomies: list[Taxonomy], llm: LLM | None) -> dict[str, Any]:
    recipe = recipe_of(plan, taxonomies, llm.model if llm else None)
    if is_finished(plan, recipe) and not plan.work.exists():
        return load_manifest(plan.out)
    with only_build(plan.work):
        # asked again: until the lock was ours, another process may have been at work
        if not is_finished(plan, recipe):
            if plan.llm:
                from tldr_data.building.asking import keep_requests

                keep_requests(plan)
            begin(plan, recipe)
            _build(plan, source, taxonomies, llm, recipe)
        manifest = load_manifest(plan.out)
        if not manifest["stopped"]:
            clear_work(plan.work)
            (plan.work / REQUESTS).unlink(missing_ok=True)
            (plan.work / "recipe.json").unlink(missing_ok=True)
    return manifest


def _build(plan: Plan, source: Source, taxonomies: list[Taxonomy], llm: LLM | None, recipe: dict[str, Any]) -> None:
    names = [taxonomy.name for taxonomy in taxonomies]
    with build_progress(plan.limit) as progress, ExitStack() as stack:
        asked = stack.enter_context(_asking(plan, llm, taxonomies, progress)) if llm else None
        if not asked:
            write_usages(source, taxonomies, plan.work)
        builder = make_builder(plan, source, taxonomies, asked.perturber if asked else None)
        with submitting(plan, builder, asked.loop if asked else None) as submit:
            made = make_chunks(plan, source, names, submit, progress)
        if not made.chunks:
            raise BuildError(f"source {plan.source!r} gave no rows")
        if progress.bad > MAX_BAD_ROWS:
            progress.say(f"skipped: {progress.bad:,} source rows in all; see {plan.out / 'rejected' / 'source.jsonl'}")
        progress.say(f"merging {len(made.chunks):,} chunks")
        _merge(plan, taxonomies, recipe, made, asked)
    # a folder that was left half cleared may hold files of another cut
    clear_folder(plan.out, names)
    _publish(plan.out, plan.work / "final")


def _open_model(plan: Plan) -> LLM | None:
    """The model that is asked; None where rules perturb. What asking needs is imported only where it is done."""
    if plan.llm is None:
        return None
    from tldr_data.llms import open_llm

    return open_llm(plan.llm.backend, model=plan.llm.model, base_url=plan.llm.base_url, requests=plan.llm.requests)


@contextmanager
def _asking(plan: Plan, llm: LLM, taxonomies: list[Taxonomy], progress: BuildProgress) -> Iterator[Asking]:
    from tldr_data.building.asking import asking

    with asking(plan, llm, taxonomies) as asked:
        progress.watch(asked.perturber.asker.usage, asked.budget)
        yield asked


def _check_names(taxonomies: list[Taxonomy]) -> None:
    """Taxonomies become folders and configs beside those of the build itself."""
    names = [taxonomy.name for taxonomy in taxonomies]
    if taken := [name for name in names if name in (*FOLDERS, "all")]:
        raise UsageError(
            f"taxonomy {taken[0]!r}: its name is taken: {', '.join((*FOLDERS, 'all'))} are the dataset's own"
        )
    if twice := [name for name in names if names.count(name) > 1]:
        raise UsageError(f"taxonomy {twice[0]!r} is given twice, from two files: names must differ")


def _merge(plan: Plan, taxonomies: list[Taxonomy], recipe: dict[str, Any], made: Made, asked: Asking | None) -> None:
    """Write everything that is published into .work/final."""
    final = plan.work / "final"
    for left_over in (final, plan.work / "drops", plan.work / "left_out"):
        remove_tree(left_over)
    merge = Merge(made.chunks, final, taxonomies)
    # no row of a quadruple may be left out alone: its text would be worth something
    merged = merge.run(plan.embed_images, plan.max_guessability, capped=not plan.pairs, target=plan.target)
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
        "short": _short(counts["taxonomies"], plan.target),
        "stopped": {"reason": "budget", "unasked": made.unasked} if made.unasked else None,
        "llm": asked and _llm_counts(made, asked, merge),
        "shortcuts": merged.shortcuts,
        "content": merged.hashes,
        "files": merged.files,
    }
    write_text(final / "README.md", render_card(manifest))
    write_text(final / "report.html", render_report(final, manifest))
    write_json(final / "manifest.json", manifest)


def _short(taxonomies: dict[str, Any], target: int | None) -> dict[str, int]:
    """Taxonomy -> rows that it lacks of the target."""
    return {name: target - n for name, counts in taxonomies.items() if target and (n := counts["accepted"]) < target}


def _llm_counts(made: Made, asked: Asking, merge: Merge) -> dict[str, Any]:
    """Write the request log of the build, and say what it holds."""
    keys = chain(asked.known, *(read_requests(chunk) for chunk in made.chunks))
    return {
        **merge.write_requests(asked.log, keys),
        "judge": asked.calibration and asked.calibration.to_json(),
    }


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
