"""The command line. What a command needs is imported inside it, so that ``--help`` answers at once."""

from __future__ import annotations

import json
import os
import sys
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tldr_data import __version__, options
from tldr_data.errors import InputError, TldrError, UsageError

if TYPE_CHECKING:
    from tldr_data.building.plan import Plan

app = typer.Typer(
    name="tldr-data",
    help="Token-labelled hallucination data for vision-language models.",
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)

Folder = Annotated[Path, typer.Argument(metavar="DIR", help="Folder of a finished build.")]
AsJson = Annotated[bool, typer.Option("--json", help="JSON on stdout, for machines.")]
Input = Annotated[str, typer.Argument(metavar="IN.jsonl|-", help="Rows as JSON lines; - is stdin.")]
Output = Annotated[Path | None, typer.Option("--output", "-o", metavar="OUT", help="Write here instead of stdout.")]


TOLD = (
    *("content_hash", "images_embedded", "rows", "taxonomies", "rejected", "unusable", "short", "stopped", "llm"),
    *("shortcuts", "linked", "unanswered"),
)
"""Of the manifest, with ``--json``."""


def _print_version(wanted: bool) -> None:
    if wanted:
        print(__version__)
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", help="Print the version and exit.", is_eager=True, callback=_print_version)
    ] = False,
) -> None:
    pass


@app.command()
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
        workers=workers or _cpu_count(),
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
        _print_json({"out": str(plan.out), **{key: manifest[key] for key in TOLD}})
    _exit(bool(manifest["unusable"] or manifest["short"] or manifest["stopped"]))


def _dry_run(plan: Plan, as_json: bool) -> None:
    if not plan.llm:
        raise UsageError("--dry-run tells what a model would be asked: rules ask nobody and cost nothing")
    from tldr_data.building.foresight import foresee

    found, lines = foresee(plan)
    if as_json:
        _print_json(found)
    else:
        print("\n".join(lines))


@app.command()
def label(input: Input, output: Output = None) -> None:
    """Label the words of texts by comparing each with its reference."""
    from tldr_data.label import label_file

    _tell_bad_rows(*label_file(_input_path(input), output, _cpu_count()))


@app.command()
def filter(input: Input, output: Output = None) -> None:
    """Say of each changed text whether to keep it, and the reason if not."""
    from tldr_data.filters import filter_file

    _tell_bad_rows(*filter_file(_input_path(input), output))


@app.command()
def show(
    directory: Folder,
    taxonomy: Annotated[str | None, typer.Option(help="Only this taxonomy, or clean.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="Number of rows.")] = 10,
    as_json: AsJson = False,
) -> None:
    """Print rows; false words stand red, or as [false]{was: true} where there is no colour."""
    from tldr_data.jsonl import open_stream
    from tldr_data.show import show as run

    open_stream(sys.stdout, "output")
    run(directory, taxonomy, limit, as_json)


@app.command()
def report(directory: Folder) -> None:
    """Make the web page of a build anew, and print its path."""
    from tldr_data.report import write_report

    print(write_report(directory))


@app.command()
def audit(
    directory: Folder,
    per_taxonomy: Annotated[int, typer.Option(min=1, help="Rows of each taxonomy; as many clean ones a source.")] = 30,
    read: Annotated[
        list[Path] | None, typer.Option(metavar="FILE", help="A filled-in sheet; give it once for each auditor.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Write a blind sheet for people to judge rows by, or take their answers back onto the card."""
    from tldr_data.audit import read_answers, summary_lines, write_sheet

    if not read:
        print(write_sheet(directory, per_taxonomy))
        return
    found = read_answers(directory, read)
    for line in summary_lines(found):
        print(line, file=sys.stderr)
    if as_json:
        _print_json(found)


@app.command()
def check(directory: Folder, as_json: AsJson = False) -> None:
    """Compute everything again from the files; one line for each fault."""
    from tldr_data.building.check_all import leak_lines
    from tldr_data.check import Check

    faults: list[str] = []
    checking = Check(directory, _cpu_count())
    for fault in checking.faults():
        faults.append(fault)
        if not as_json:
            print(fault)
    if as_json:
        _print_json({"ok": not faults, "faults": faults, "leaks": [leak._asdict() for leak in checking.leaks]})
    for line in leak_lines(checking.leaks):
        print(line, file=sys.stderr)
    print(f"{directory}: {len(faults) or 'no'} fault{'s' * (len(faults) != 1)}", file=sys.stderr)
    _exit(bool(faults))


@app.command()
def sources(
    name: Annotated[str | None, typer.Argument(metavar="[NAME]", help="Say all of this one.")] = None,
    as_json: AsJson = False,
) -> None:
    """List the sources, or say what one needs, where to get it, under which licence."""
    from tldr_data.sources.about import source_dicts, source_lines

    if as_json:
        _print_json(source_dicts(name))
    else:
        print("\n".join(source_lines(name)))


@app.command()
def taxonomies(
    name: Annotated[str | None, typer.Argument(metavar="[NAME|PATH]", help="Print all of this one.")] = None,
    as_json: AsJson = False,
) -> None:
    """List the shipped taxonomies, or print one."""
    from tldr_data.taxonomy import load_taxonomies

    loaded = load_taxonomies([name or "all"])
    if as_json:
        _print_json([taxonomy.model_dump(mode="json") for taxonomy in loaded])
    elif name is None:
        for taxonomy in loaded:
            print(f"{taxonomy.name}\t{' '.join(taxonomy.definition.split())}")
    else:
        import yaml

        for taxonomy in loaded:
            written = taxonomy.model_dump(mode="json", exclude_defaults=True)
            print(yaml.safe_dump(written, sort_keys=False, allow_unicode=True), end="")


def main() -> None:
    """Entry point: one line for whatever went wrong, and the exit status of docs/data-format.md."""
    if sys.stderr is None:  # closed: print would then take stdout
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        status = app(sys.argv[1:] or ["--help"], prog_name="tldr-data", standalone_mode=False)
    except typer.TyperException as error:
        status = _complain(error.format_message(), error.exit_code)
    except TldrError as error:
        status = _complain(str(error), 2 if isinstance(error, UsageError) else 1)
    except KeyboardInterrupt:
        status = 130
    except BrokenPipeError:
        # whoever read stdout (head, less) has seen enough; what is left to flush goes nowhere
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        status = 1
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        status = _complain(f"{where}{error.strerror or error}", 1)
    except RecursionError:
        status = _complain("the input is nested too deeply", 1)
    except UnicodeEncodeError as error:
        status = _complain(f"not valid Unicode: {error}", 1)
    if status == 130:
        building = sys.argv[1:2] == ["build"]
        _complain(f"stopped{'; what is done is kept, and the same command continues' * building}", 130)
    sys.exit(status if isinstance(status, int) else 0)


def _complain(message: str, status: int) -> int:
    print(f"tldr-data: {' '.join(message.split())}", file=sys.stderr)
    return status


def _tell_bad_rows(number: int, first: str) -> None:
    if number:
        rows = "1 row" if number == 1 else f"{number} rows"
        _complain(f"{rows} came back with an error, the first: {first}", 1)
    _exit(number > 0)


def _exit(failed: bool) -> None:
    if failed:
        raise typer.Exit(1)


def _input_path(name: str) -> Path | None:
    """None is stdin."""
    if name == "-":
        return None
    path = Path(name)
    if path.is_dir():
        raise InputError(f"{path}: is a folder; expected a file of JSON lines")
    if not path.exists():
        raise InputError(f"{name}: no such file")
    return path


def _print_json(value: Any) -> None:
    print(json.dumps(value, ensure_ascii=False))


def _cpu_count() -> int:
    """CPUs that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


if __name__ == "__main__":
    main()
