"""The options of ``tldr-data build``, and the file that may give them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from tldr_data.errors import InputError, UsageError

MOST = 10**12
"""Of what can be counted."""
PATHLESS = ("scenes", "scenes-easy")
"""Sources that read nothing."""


def _read_config(context: typer.Context, path: Path | None) -> Path | None:
    """Take a file's values for what the command line does not say."""
    if path is None:
        return None
    import yaml

    try:
        given = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError, yaml.YAMLError) as error:
        raise InputError(f"{path}: cannot be read: {' '.join(str(error).split())[:200]}") from None
    if not isinstance(given, dict):
        raise InputError(f"{path}: is no YAML mapping of options")
    values = {str(name).replace("-", "_"): value for name, value in given.items()}
    context.obj = values.pop("sources", None)
    options = {parameter.name: parameter for parameter in context.command.params if parameter.name != "config"}
    if unknown := sorted(set(values) - set(options)):
        allowed = ", ".join(sorted(map(str, options)))
        raise UsageError(f"{path}: unknown option {unknown[0]!r}: allowed are sources, {allowed}")
    context.default_map = {name: _listed(value, options[name]) for name, value in values.items()}
    return path


def _listed(value: Any, parameter: Any) -> Any:
    """What can be repeated on the command line may stand in a file as one value or as a list."""
    return [value] if getattr(parameter, "multiple", False) and not isinstance(value, list) else value


Config = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        is_eager=True,
        callback=_read_config,
        help="YAML of these options, and of sources with what each of them takes; the command line goes first.",
    ),
]
Taxonomies = Annotated[
    list[str] | None,
    typer.Option("--taxonomy", metavar="NAME|PATH|all", help="Shipped name, own YAML, or all; can be repeated."),
]
FromManifest = Annotated[
    str | None,
    typer.Option(
        metavar="FILE|DIR|REPO@VERSION",
        help="Build a dataset again from its manifest.json and request log, and hold it against them.",
    ),
]
Sources = Annotated[
    list[str] | None,
    typer.Option("--source", metavar="NAME", help="See `tldr-data sources`; can be repeated. Default: scenes."),
]
Paths = Annotated[
    list[str] | None,
    typer.Option("--path", metavar="P", help="File or folder that a source reads; one for each, in their order."),
]
Perturber = Annotated[Literal["rules", "llm"], typer.Option(help="What writes the errors.")]
Backend = Annotated[
    Literal["vllm", "openai", "replay"] | None,
    typer.Option("--llm", help="An engine here, any server with the OpenAI API, or a request log."),
]
Model = Annotated[
    str | None, typer.Option(metavar="M", help="Name on the server, on the Hub, or a folder; may end in @revision.")
]
BaseUrl = Annotated[
    str | None,
    typer.Option(metavar="U", help="Of the server, up to /v1; default: $OPENAI_BASE_URL or OpenAI's own."),
]
Ask = Annotated[
    Literal["auto", "edits", "rewrite"],
    typer.Option(help="For edits, for the whole text anew, or what is cheaper."),
]
Judge = Annotated[
    Literal["none", "text", "image"],
    typer.Option(help="What the model judges rows by that no fact proves: nothing, the two texts, the image as well."),
]
Nli = Annotated[
    str | None, typer.Option(metavar="MODEL", help="Entailment model that refuses paraphrases (extra nli).")
]
Requests = Annotated[
    Path | None, typer.Option(metavar="LOG", help="Request log to answer from and to append to; replay needs one.")
]
Budget = Annotated[
    str | None, typer.Option(metavar="20usd|5Mtok", help="Stop before more is spent; what is done is published.")
]
Prices = Annotated[Path | None, typer.Option(metavar="FILE", help="YAML of prices, over those that are shipped.")]
Target = Annotated[
    int | None,
    typer.Option(min=1, max=MOST, help="Accepted rows of each taxonomy, if need be several of one text."),
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what it would ask and cost, and do nothing.")]
Limit = Annotated[int | None, typer.Option(min=1, max=MOST, help="Largest number of source rows, of each source.")]
Questions = Annotated[
    int | None,
    typer.Option(min=1, max=MOST, metavar="N", help="Take so many questions, balanced by kind; default: all."),
]
Seed = Annotated[int, typer.Option(help="Of scenes, edits, samples and splits.")]
SplitPreset = Annotated[
    Literal["default", "paper"],
    typer.Option("--splits", help="Of groups without an official split: 80/10/10, or 80/0/20 as TLDR split."),
]
HeldOut = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="COCO ids, one on each line, whose images stay out of train in every source."),
]
Out = Annotated[Path | None, typer.Option(help="Default: out/<taxonomies joined by +>.")]
Resume = Annotated[
    Literal["auto", "never", "require"],
    typer.Option(help="Continue a stopped build if there is one, start anew, or insist on continuing."),
]
Workers = Annotated[int | None, typer.Option(min=1, help="Processes; default: one for each CPU.")]
Engine = Annotated[
    Literal["local", "ray"],
    typer.Option(help="Processes here, or a Ray cluster: that of $RAY_ADDRESS, or one started here."),
]
EmbedImages = Annotated[
    Literal["auto", "yes", "no"], typer.Option(help="Images inside the rows too; auto: under 5 GB.")
]
ParaphraseRatio = Annotated[
    float, typer.Option(min=0, max=1, help="Share of captions that are also said in other words, all true.")
]
MaxGuessability = Annotated[
    float | None,
    typer.Option(min=0.5, max=1.0, help="Leave out rows whose error a text-only probe is surer of than this."),
]
Pairs = Annotated[
    bool, typer.Option("--pairs", help="Draw a second image for each caption, of which its false text is true.")
]


def refuse_beside(context: typer.Context, option: str, allowed: Sequence[str]) -> None:
    """
    Raises:
        UsageError: something was given on the command line that neither is allowed beside an option, nor it.
    """
    for parameter in context.command.params:
        source = context.get_parameter_source(parameter.name or "")
        if source and source.name == "COMMANDLINE" and parameter.name not in (option, *allowed):
            names = ", ".join(f"--{name.replace('_', '-')}" for name in allowed if name != "as_json")
            raise UsageError(f"{parameter.opts[0]} goes without --{option.replace('_', '-')}: beside it only {names}")


def given_sources(names: Sequence[str] | None, paths: Sequence[str] | None, config: Any) -> list[dict[str, Any]]:
    """The sources of a build, each with ``name`` and perhaps ``path`` and options of its own.

    Raises:
        UsageError: names and paths do not fit each other, or the file's list is none of sources.
    """
    if not names and config is not None:
        if not isinstance(config, list) or not config or not all(map(_is_source, config)):
            raise UsageError(
                "sources: must be a list of mappings, each with a name, perhaps a path, and options: texts, true or "
                "false, or mappings of texts"
            )
        return config
    wanted = [*(names or ["scenes"])]
    if len(wanted) == 1:
        if len(paths or ()) > 1:
            raise UsageError(f"--path is given {len(paths or ())} times, --source once: one path for each source")
        return [{"name": wanted[0], "path": paths[0] if paths else None}]
    reading = [name for name in wanted if name not in PATHLESS]
    if len(paths or ()) != len(reading):
        wanted_for = ", ".join(reading)
        raise UsageError(f"--path is given {len(paths or ())} times: needed are {len(reading)}, for {wanted_for}")
    left = iter(paths or ())
    return [{"name": name, "path": None if name in PATHLESS else next(left)} for name in wanted]


def _is_source(given: Any) -> bool:
    """Whether a mapping of a file may be a source; which options it takes is for the source to say."""
    if not isinstance(given, dict) or not isinstance(given.get("name"), str):
        return False
    if not isinstance(given.get("path"), str | None):
        return False
    return all(isinstance(key, str) and _is_option(value) for key, value in given.items())


def _is_option(value: Any) -> bool:
    if isinstance(value, dict):
        return all(isinstance(key, str) and isinstance(each, str) for key, each in value.items())
    return isinstance(value, str | bool | None)
