"""Build: source -> clean examples -> perturb -> filter -> verify -> split -> Parquet, card, report, manifest.

A build can be killed at any moment. Its work lies in ``OUT/.work`` until the manifest, written last, says that the rest
is whole; the same command then continues from the chunks that are done, and ends with the same content.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tldr_data.atomic import move, remove_tree, sync_folder, write_json, write_text
from tldr_data.building.held_out import HELD_OUT, read_held_out, splits_of
from tldr_data.building.lock import only_build
from tldr_data.building.merge import file_entry, merge, write_requests
from tldr_data.building.own_taxonomies import write_taxonomies
from tldr_data.building.pairs import NO_IMAGE
from tldr_data.building.parts import SOURCE, read_requests
from tldr_data.building.plan import Plan
from tldr_data.building.progress import MAX_BAD_ROWS, BuildProgress, build_progress
from tldr_data.building.questions import write_questions
from tldr_data.building.recipe import FOLDERS, begin, clear_folder, clear_work, is_finished, recipe_of
from tldr_data.building.rounds import Made, make_chunks
from tldr_data.building.selection import Limits, select
from tldr_data.building.settle import settle
from tldr_data.building.usages import write_usages
from tldr_data.building.workers import Map, in_processes, make_builder, sources_of, submitting
from tldr_data.card import write_card
from tldr_data.dataset import CLEAN, REQUESTS
from tldr_data.errors import BuildError, UsageError
from tldr_data.manifest import FORMAT, load_manifest
from tldr_data.report import write_pages
from tldr_data.sources import Source
from tldr_data.sources.several import each_of
from tldr_data.taxonomy import Taxonomy

if TYPE_CHECKING:
    from tldr_data.building.asking import Asking
    from tldr_data.llms import LLM

FAULTLESS = frozenset({NO_IMAGE, "group_in_two_splits", "near_text", "repeated_pair", "repeated_phrase"})
"""Reasons for which there is no clean row though nothing is wrong with it: it is there twice, or would leak."""


def build(plan: Plan) -> dict[str, Any]:
    """Build a dataset into ``plan.out``, or continue it, and return its manifest.

    Raises:
        UsageError: a name is unknown, or the folder holds something else, or another build is writing into it.
        InputError: the source or a taxonomy cannot be read.
        BuildError: the work stopped half-way; the same call continues it.
    """
    if plan.engine == "ray":
        from tldr_data.building.ray_engine import check_ray

        check_ray(plan)
    source, taxonomies = sources_of(plan)
    _check_names(taxonomies)
    splits_of(plan)  # what is wrong with the list of what is held out is told now, not when all is made
    if plan.llm is None:
        return _build_unless_done(plan, source, taxonomies, None)
    from tldr_data.building.asking import open_model

    with open_model(plan.llm) as llm:
        return _build_unless_done(plan, source, taxonomies, llm)


def _build_unless_done(plan: Plan, source: Source, taxonomies: list[Taxonomy], llm: LLM | None) -> dict[str, Any]:
    recipe = recipe_of(plan, each_of(source), taxonomies, llm.model if llm else None)
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
        cluster_size = stack.enter_context(_joined(plan))
        asked = stack.enter_context(_asking(plan, llm, taxonomies, progress)) if llm else None
        if not asked:
            write_usages(source, taxonomies, plan.work)
        if plan.questions is not None:
            write_questions(source, plan.questions, plan.seed, plan.work)
        builder = make_builder(plan, source, taxonomies, asked.perturber if asked else None)
        with submitting(plan, builder, asked.loop if asked else None) as submit:
            if plan.engine == "ray":
                from tldr_data.building.ray_engine import make_chunks_on_ray

                made = make_chunks_on_ray(plan, source, names, cluster_size, progress, asked)
            else:
                made = make_chunks(plan, source, names, submit, progress)
        if not made.chunks:
            raise BuildError(f"source {plan.source_names} gave no rows")
        if progress.bad > MAX_BAD_ROWS:
            progress.say(f"skipped: {progress.bad:,} source rows in all; see {plan.out / 'rejected' / 'source.jsonl'}")
        if progress.unanswered:
            progress.say(f"{progress.unanswered:,} without a response: there is nothing in them to perturb")
        progress.say(f"merging {len(made.chunks):,} chunks")
        with in_processes(plan.workers) as run:
            _merge(plan, taxonomies, recipe, made, asked, progress.unanswered, run)
    # a folder that was left half cleared may hold files of another cut
    clear_folder(plan.out, names)
    _publish(plan.out, plan.work / "final")


@contextmanager
def _joined(plan: Plan) -> Iterator[int]:
    """How many processes make chunks at a time; with ``--engine ray`` they are a cluster's."""
    if plan.engine == "local":
        yield plan.workers
        return
    from tldr_data.building.ray_cluster import cluster

    with cluster(plan.workers) as workers:
        yield workers


@contextmanager
def _asking(plan: Plan, llm: LLM, taxonomies: list[Taxonomy], progress: BuildProgress) -> Iterator[Asking]:
    from tldr_data.building.asking import asking

    if plan.engine == "ray":
        from tldr_data.building.ray_engine import ask_known_pairs

        ask_known_pairs(plan, taxonomies, llm.model)
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


def _merge(
    plan: Plan,
    taxonomies: list[Taxonomy],
    recipe: dict[str, Any],
    made: Made,
    asked: Asking | None,
    unanswered: int,
    run: Map,
) -> None:
    """Write everything that is published into .work/final."""
    final = plan.work / "final"
    for left_over in (final, *(plan.work / name for name in ("settled", "left_out"))):
        remove_tree(left_over)
    names = [taxonomy.name for taxonomy in taxonomies]
    (links,) = run(partial(settle, made.chunks, plan.work / "settled"), [splits_of(plan)])
    # no row of a quadruple may be left out alone: its text would be worth something
    limits = Limits(plan.max_guessability, plan.target, capped=not plan.pairs)
    (shortcuts,) = run(partial(select, made.chunks, taxonomies, plan.work), [limits])
    merged = merge(made.chunks, plan.work, names, plan.embed_images, run)
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
        "definitions": {taxonomy.name: _definition(taxonomy) for taxonomy in taxonomies},
        "unanswered": unanswered,
        "unusable": _unusable(counts["rejected"]),
        "short": _short(counts["taxonomies"], plan.target),
        "stopped": {"reason": "budget", "unasked": made.unasked} if made.unasked else None,
        "chunk_rows": plan.chunk_rows if made.unasked or plan.target is not None else None,
        "llm": asked and _llm_counts(plan, made, asked, final, merged.files),
        "shortcuts": shortcuts,
        "linked": links,
        "content": merged.hashes,
        "files": {
            **merged.files,
            **_write_held_out(plan, final),
            **write_taxonomies(plan.taxonomies, recipe["taxonomies"], final),
        },
    }
    write_pages(final, manifest)
    write_card(final, manifest)
    write_json(final / "manifest.json", manifest)


def _write_held_out(plan: Plan, final: Path) -> dict[str, Any]:
    """Publish the list of what was held out, so that anybody can check it; its entry of ``files``."""
    if plan.held_out is None:
        return {}
    write_text(final / HELD_OUT, "".join(f"{coco_id}\n" for coco_id in sorted(read_held_out(plan.held_out), key=int)))
    return {HELD_OUT: file_entry(final / HELD_OUT)}


def _short(taxonomies: dict[str, Any], target: int | None) -> dict[str, int]:
    """Taxonomy -> rows that it lacks of the target."""
    return {name: target - n for name, counts in taxonomies.items() if target and (n := counts["accepted"]) < target}


def _definition(taxonomy: Taxonomy) -> dict[str, Any]:
    """What the words of a taxonomy mean, for people."""
    told = taxonomy.model_dump(include={"definition", "instructions", "origin"})
    return {**told, "subtypes": {name: subtype.definition for name, subtype in taxonomy.subtypes.items()}}


def _llm_counts(plan: Plan, made: Made, asked: Asking, final: Path, files: dict[str, Any]) -> dict[str, Any]:
    """Write the request log of the build, note it in ``files``, and say what it holds and how was asked."""
    from tldr_data.building.asking import asked_templates

    assert plan.llm is not None
    keys = chain(asked.known, *(read_requests(chunk) for chunk in made.chunks))
    counts, entry = write_requests(final, asked.log, keys)
    files |= entry
    prompts = asked_templates(plan.llm, merges=any(dict(source.options).get("merged") for source in plan.sources))
    return {**counts, "judge": asked.calibration and asked.calibration.to_json(), "prompts": prompts}


def _unusable(rejected: dict[str, dict[str, int]]) -> dict[str, int]:
    """Reason -> source rows that gave no clean row for a fault of theirs."""
    reasons = Counter(rejected.get(SOURCE, {})) + Counter(rejected.get(CLEAN, {}))
    return {reason: number for reason, number in sorted(reasons.items()) if reason not in FAULTLESS}


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
