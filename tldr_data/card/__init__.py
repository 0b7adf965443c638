"""The dataset card: README.md of a build, from its manifest and what lies beside it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tldr_data.atomic import write_json, write_text
from tldr_data.card.head import DRAWN, card_head, source_names, tasks_of
from tldr_data.card.rebuilding import build_command, sources_file
from tldr_data.card.shown_row import marked, plain, row_json, shown_row
from tldr_data.citation import PAPER, citation, title
from tldr_data.croissant import render_croissant
from tldr_data.dataset import FIELDS, IMAGE_FIELDS, IMAGES
from tldr_data.example import SPLITS
from tldr_data.licences import model_notices
from tldr_data.manifest import CROISSANT, load_audit, load_versions, release_of
from tldr_data.resources import template
from tldr_data.yields import auc, percent

COLUMNS = {
    "id": "the source's id; `<reference id>#<taxonomy>.<hash>` of what was made of it",
    "group": "image group that a split keeps together",
    "image_id": "key into config `images`",
    "image": "the image, where it is embedded",
    "task": "what the prompt asks for",
    "prompt": "what the model was asked",
    "response": "the text to be judged",
    "reference": "the untouched true text; null on clean rows",
    "kind": "clean, perturbed, or a meaning-preserving paraphrase",
    "taxonomy": "category of the error; null on clean rows",
    "subtype": "kind of error inside the taxonomy",
    "edits": "replacements in `reference` that give `response` exactly",
    "errors": "false characters of `response`, and what stood there",
    "collateral": "words changed for the grammar only",
    "words": "words of `response`",
    "labels": "1 true, 0 false, -100 left out of training; one for each word",
    "verdict": "how it is known to be false",
    "evidence": "the fact that says so",
    "perturber": "rule or template that made the edit",
    "model": "model that made it, with its revision",
    "request": "key into the request log",
    "source": "where the reference comes from",
    "license": "of this row",
    "attribution": "of this row",
}
IMAGE_COLUMNS = {
    "image_id": "what rows name it by",
    "image": "the encoded file; null where its licence does not let it be passed on",
    "url": "where the source says that it lies",
    "width": "in pixels",
    "height": "in pixels",
    "phash": "hash of its coarse shapes: nearly the same in pictures that show the same",
    "pixels": "SHA-256 of its decoded pixels",
    "source": "where it comes from",
    "license": "of the image",
    "attribution": "of the image",
}
PLOT_CAPTIONS = {
    "yield": "Share that was kept of what was tried, with its 95% interval",
    "rejections": "Rejected rows by reason",
    "lengths": "Words of a text",
    "error_position": "In which tenth of a text its error stands, percent of the errors of a taxonomy",
    "words": "Words that errors took out and put in most often",
    "audit": "What the audit found, with its 95% interval",
}
"""Name of a picture in ``plots/`` -> what it shows."""


def write_card(directory: Path, manifest: Mapping[str, Any]) -> None:
    """Make ``README.md`` and ``croissant.json`` of a build anew, with what its audit and its versions say.

    Raises:
        InputError: the file of the audit or of the versions, or a Parquet file, is damaged.
        BuildError: they cannot be written.
    """
    write_text(directory / "README.md", render_card(directory, manifest))
    write_json(directory / CROISSANT, render_croissant(directory, manifest))


def render_card(directory: Path, manifest: Mapping[str, Any]) -> str:
    """The card, as Markdown with the YAML head that the Hub and `datasets` read.

    Of the folder it reads one row, Parquet footers, ``audit.json``, ``versions.json`` and which plots there are.

    Raises:
        InputError: one of them is damaged.
    """
    import yaml

    versions = load_versions(directory)
    folders = [folder for folder in manifest["rows"] if folder != IMAGES]
    found = shown_row(directory, manifest)
    head = yaml.safe_dump(card_head(directory, manifest), sort_keys=False, allow_unicode=True, width=120)
    return template("cards", "dataset.md.jinja").render(
        head=head,
        title=title(manifest),
        manifest=manifest,
        recipe=manifest["recipe"],
        sources=source_names(manifest),
        notices=model_notices(manifest),
        is_drawn=all(source["name"] in DRAWN for source in manifest["recipe"]["sources"]),
        prompts=_prompts(directory, manifest),
        splits=SPLITS,
        verdicts=_verdicts(manifest),
        row=found,
        row_marked=found and marked(found),
        row_json=found and row_json(found),
        plots={name: says for name, says in PLOT_CAPTIONS.items() if (directory / "plots" / f"{name}.png").is_file()},
        audit=load_audit(directory),
        versions=versions,
        release=release_of(versions),
        command=build_command(manifest),
        sources_file=sources_file(manifest),
        citations=(citation(manifest, release_of(versions)), PAPER),
        columns=[(name, _type_name(feature), COLUMNS[name]) for name, feature in FIELDS.items()],
        image_columns=[(name, _type_name(feature), IMAGE_COLUMNS[name]) for name, feature in IMAGE_FIELDS.items()],
        config=next((name for name in manifest["taxonomies"] if name in folders), "all"),
        percent=percent,
        auc=auc,
        plain=plain,
    )


def _verdicts(manifest: Mapping[str, Any]) -> dict[str, int]:
    """Verdict -> rows with an error, of all taxonomies together."""
    found: dict[str, int] = {}
    for counts in manifest["taxonomies"].values():
        for verdict, count in counts["verdicts"].items():
            found[verdict] = found.get(verdict, 0) + count
    return found


def _prompts(directory: Path, manifest: Mapping[str, Any]) -> dict[str, str]:
    """The templates that were used; those of answers only where there are any."""
    prompts: Mapping[str, str] = manifest["llm"]["prompts"] if manifest["llm"] else {}
    has_answers = "vqa" in tasks_of(directory)
    return {name: text for name, text in prompts.items() if has_answers or not name.endswith("answer")}


def _type_name(feature: Mapping[str, Any]) -> str:
    match feature["_type"]:
        case "ClassLabel":
            return "ClassLabel: " + ", ".join(feature["names"])
        case "List":
            inner = feature["feature"]
            return f"List({inner['dtype'] if '_type' in inner else ', '.join(inner)})"
        case "Value":
            return str(feature["dtype"])
        case kind:
            return str(kind)
