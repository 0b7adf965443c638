"""The command ``build``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from tldr_data.commands import options
from tldr_data.commands.terminal import AsJson, cpu_count, fail_if, print_json
from tldr_data.errors import UsageError

if TYPE_CHECKING:
    from tldr_data.building.plan import Plan

TOLD = (
    *("content_hash", "images_embedded", "rows", "taxonomies", "rejected", "unusable", "short", "stopped", "llm"),
    *("shortcuts", "linked", "unanswered"),
)
"""Of the manifest, with ``--json``."""


def build(
    context: typer.Context,
    taxonomy: options.Taxonomies,
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
    as_json: AsJson = False,
) -> None:
    """Make a dataset: true texts, the same with one error, a label for every word."""
    from tldr_data.building.plan import LlmPlan, Plan, chunk_rows_for, source_plan

    _check_asking(llm, perturber, model=model, budget=budget)
    plan = Plan(
        taxonomies=tuple(taxonomy),
        out=out or Path("out") / "+".join(Path(name).stem for name in taxonomy),
        sources=tuple(source_plan(**each) for each in options.given_sources(source, path, context.obj)),
        limit=limit,
        questions=questions,
        seed=seed,
        splits=splits,
        held_out=held_out,
        resume=resume,
        workers=workers or cpu_count(),
        engine=engine,
        embed_images=embed_images,
        paraphrase_ratio=paraphrase_ratio,
        pairs=pairs,
        max_guessability=max_guessability,
        target=target,
        llm=llm and LlmPlan(llm, model, base_url, ask, judge, requests, budget, prices, nli),
        chunk_rows=chunk_rows_for(taxonomy, llm is not None, target),
    )
    (_dry_run if dry_run else _run)(plan, as_json)


def _check_asking(llm: str | None, perturber: str, **needs_llm: str | None) -> None:
    if (llm is not None) != (perturber == "llm"):
        raise UsageError("--perturber llm and --llm vllm|openai|replay go together")
    if not llm and (given := [name for name, value in needs_llm.items() if value]):
        raise UsageError(f"--{given[0]} is for --perturber llm")


def _run(plan: Plan, as_json: bool) -> None:
    from tldr_data.pipeline import build as run
    from tldr_data.yields import summary_lines

    manifest = run(plan)
    for line in summary_lines(manifest):
        print(line, file=sys.stderr)
    print(f"done: {plan.out} (content hash {manifest['content_hash'][:16]})", file=sys.stderr)
    if as_json:
        print_json({"out": str(plan.out), **{key: manifest[key] for key in TOLD}})
    fail_if(bool(manifest["unusable"] or manifest["short"] or manifest["stopped"]))


def _dry_run(plan: Plan, as_json: bool) -> None:
    if not plan.llm:
        raise UsageError("--dry-run tells what a model would be asked: rules ask nobody and cost nothing")
    from tldr_data.building.foresight import foresee

    found, lines = foresee(plan)
    if as_json:
        print_json(found)
    else:
        print("\n".join(lines))
