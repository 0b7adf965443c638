"""The command ``build``."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from tldr_data.commands import options
from tldr_data.commands.terminal import AsJson, cpu_count, fail_if, print_json, quiet_unless_watched
from tldr_data.errors import BuildError, UsageError

if TYPE_CHECKING:
    from tldr_data.building.plan import Plan

TOLD = (
    *("content_hash", "images_embedded", "rows", "taxonomies", "rejected", "unusable", "short", "stopped", "llm"),
    *("shortcuts", "linked", "unanswered"),
)
"""Of the manifest, with ``--json``."""
BESIDE_MANIFEST = ("path", "out", "workers", "engine", "resume", "as_json")
"""Options that a recipe does not give."""


def build(
    context: typer.Context,
    taxonomy: options.Taxonomies = None,
    source: options.Sources = None,
    path: options.Paths = None,
    perturber: options.Perturber = "rules",
    llm: options.Backend = None,
    model: options.Model = None,
    base_url: options.BaseUrl = None,
    ask: options.Ask = "auto",
    judge: options.Judge = "text",
    nli: options.Nli = None,
    requests: options.Requests = None,
    budget: options.Budget = None,
    prices: options.Prices = None,
    target: options.Target = None,
    dry_run: options.DryRun = False,
    limit: options.Limit = None,
    questions: options.Questions = None,
    seed: options.Seed = 0,
    splits: options.SplitPreset = "default",
    held_out: options.HeldOut = None,
    out: options.Out = None,
    resume: options.Resume = "auto",
    workers: options.Workers = None,
    engine: options.Engine = "local",
    embed_images: options.EmbedImages = "auto",
    paraphrase_ratio: options.ParaphraseRatio = 0.5,
    max_guessability: options.MaxGuessability = None,
    pairs: options.Pairs = False,
    config: options.Config = None,
    from_manifest: options.FromManifest = None,
    as_json: AsJson = False,
) -> None:
    """Make a dataset: true texts, the same with one error, a label for every word."""
    from tldr_data.building.plan import LlmPlan, Plan, chunk_rows_for, source_plan

    how: dict[str, Any] = {"resume": resume, "workers": workers or cpu_count(), "engine": engine}
    if from_manifest is not None:
        return _build_again(context, from_manifest, path or (), out, as_json, **how)
    taxonomy = _checked(taxonomy, llm, perturber, model=model, budget=budget)
    plan = Plan(
        taxonomies=tuple(taxonomy),
        out=out or Path("out") / "+".join(Path(name).stem for name in taxonomy),
        sources=tuple(source_plan(**each) for each in options.given_sources(source, path, context.obj)),
        limit=limit,
        questions=questions,
        seed=seed,
        splits=splits,
        held_out=held_out,
        **how,
        embed_images=embed_images,
        paraphrase_ratio=paraphrase_ratio,
        pairs=pairs,
        max_guessability=max_guessability,
        target=target,
        llm=llm and LlmPlan(llm, model, base_url, ask, judge, requests, budget, prices, nli),
        chunk_rows=chunk_rows_for(taxonomy, llm is not None, target),
    )
    (_dry_run if dry_run else _run)(plan, as_json)


def _checked(taxonomy: list[str] | None, llm: str | None, perturber: str, **needs_llm: str | None) -> list[str]:
    """The taxonomies, if what is given goes together."""
    if not taxonomy:
        raise UsageError("Missing option '--taxonomy': a shipped name, the path of a YAML file, or all")
    if (llm is not None) != (perturber == "llm"):
        raise UsageError("--perturber llm and --llm vllm|openai|replay go together")
    if not llm and (given := [name for name, value in needs_llm.items() if value]):
        raise UsageError(f"--{given[0]} is for --perturber llm")
    return taxonomy


def _build_again(
    context: typer.Context, place: str, paths: Sequence[str], out: Path | None, as_json: bool, **how: Any
) -> None:
    """Build what a manifest tells of; what it comes to is told whether or not it is the same."""
    from tldr_data.building.replay import content_difference, foretell, open_original, plan_of

    options.refuse_beside(context, "from_manifest", BESIDE_MANIFEST)
    quiet_unless_watched()
    original = open_original(place)
    plan = replace(plan_of(original, paths, out), **how)
    for line in foretell(original, plan):
        print(f"differs: {line}", file=sys.stderr)
    manifest = _built(plan, as_json)
    if difference := content_difference(original, manifest):
        raise BuildError(f"{plan.out}: {difference}")
    print(f"the content is that of {place}", file=sys.stderr)


def _run(plan: Plan, as_json: bool) -> None:
    manifest = _built(plan, as_json)
    fail_if(bool(manifest["unusable"] or manifest["short"] or manifest["stopped"]))


def _built(plan: Plan, as_json: bool) -> dict[str, Any]:
    """Build, and tell of it; gives the manifest."""
    from tldr_data.pipeline import build as run
    from tldr_data.yields import summary_lines

    manifest = run(plan)
    for line in summary_lines(manifest):
        print(line, file=sys.stderr)
    print(f"done: {plan.out} (content hash {manifest['content_hash'][:16]})", file=sys.stderr)
    if as_json:
        print_json({"out": str(plan.out), **{key: manifest[key] for key in TOLD}})
    return manifest


def _dry_run(plan: Plan, as_json: bool) -> None:
    if not plan.llm:
        raise UsageError("--dry-run tells what a model would be asked: rules ask nobody and cost nothing")
    from tldr_data.building.foresight import foresee

    found, lines = foresee(plan)
    if as_json:
        print_json(found)
    else:
        print("\n".join(lines))
