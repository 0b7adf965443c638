"""The dataset card: README.md of a build, from its manifest."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tldr_data.atomic import write_text
from tldr_data.dataset import CLEAN, FIELDS, IMAGES, PARAPHRASE
from tldr_data.example import SPLITS
from tldr_data.licences import license_id, license_parts, model_notices
from tldr_data.manifest import load_audit
from tldr_data.resources import template
from tldr_data.yields import auc, percent

# Identifiers that the Hub knows, by the name that sources give in lower case; anything else is "other" there.
HUB_LICENSES = frozenset(
    "apache-2.0 mit cc0-1.0 odbl odc-by pddl unlicense unknown "
    "cc-by-2.0 cc-by-2.5 cc-by-3.0 cc-by-4.0 cc-by-sa-3.0 cc-by-sa-4.0 cc-by-nd-4.0 "
    "cc-by-nc-2.0 cc-by-nc-3.0 cc-by-nc-4.0 cc-by-nc-nd-4.0 cc-by-nc-sa-2.0 cc-by-nc-sa-4.0 "
    "llama2 llama3 llama3.1 llama3.2 llama3.3 llama4".split()
)
SIZES = ((10**3, "n<1K"), (10**4, "1K<n<10K"), (10**5, "10K<n<100K"), (10**6, "100K<n<1M"), (10**7, "1M<n<10M"))

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


def write_card(directory: Path, manifest: Mapping[str, Any]) -> None:
    """Make ``README.md`` of a finished build anew, with what its audit found.

    Raises:
        InputError: the audit's file is damaged.
        BuildError: the card cannot be written.
    """
    write_text(directory / "README.md", render_card(manifest, load_audit(directory)))


def render_card(manifest: Mapping[str, Any], audit: Mapping[str, Any] | None = None) -> str:
    """The card, as Markdown with the YAML head that the Hub and `datasets` read."""
    import yaml

    head = yaml.safe_dump(card_head(manifest), sort_keys=False, allow_unicode=True, width=120)
    folders = [folder for folder in manifest["rows"] if folder != IMAGES]
    return template("cards", "dataset.md.jinja").render(
        head=head,
        manifest=manifest,
        folders=folders,
        splits=SPLITS,
        images=IMAGES,
        percent=percent,
        auc=auc,
        audit=audit,
        notices=model_notices(manifest),
        columns=[(name, _type_name(feature), COLUMNS[name]) for name, feature in FIELDS.items()],
        config=next((name for name in manifest["taxonomies"] if name in folders), "all"),
    )


def card_head(manifest: Mapping[str, Any]) -> dict[str, Any]:
    """The YAML head: licences, sizes, tags and configs."""
    rows = sum(sum(counts.values()) for folder, counts in manifest["rows"].items() if folder != IMAGES)
    return {
        "pretty_name": f"tldr-data: {', '.join(manifest['taxonomies'])}",
        "language": ["en"],
        **_license_head(manifest),
        "annotations_creators": ["machine-generated"],
        "task_categories": ["image-text-to-text", "token-classification"],
        "size_categories": [next((name for limit, name in SIZES if rows < limit), "n>10M")],
        "tags": ["synthetic", "tldr-data", "hallucination-detection", "reward-model", "vision-language"],
        "configs": configs(manifest),
    }


def configs(manifest: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Config ``all`` (the default) has every folder once; one a taxonomy has clean, paraphrase and its own."""
    base = [folder for folder in (CLEAN, PARAPHRASE) if folder in manifest["rows"]]
    taxonomies = list(manifest["taxonomies"])
    made = [{**_config("all", [*base, *taxonomies], manifest), "default": True}]
    made += [_config(name, [*base, name], manifest) for name in taxonomies]
    if IMAGES in manifest["rows"]:
        made.append(_config(IMAGES, [IMAGES], manifest))
    return made


def _config(name: str, folders: list[str], manifest: Mapping[str, Any]) -> dict[str, Any]:
    rows = manifest["rows"]
    files = []
    for split in SPLITS:
        filled = [folder for folder in folders if rows.get(folder, {}).get(split)]
        files.append({"split": split, "path": [f"{folder}/{split}-*.parquet" for folder in filled]})
    return {"config_name": name, "data_files": [entry for entry in files if entry["path"]]}


def _license_head(manifest: Mapping[str, Any]) -> dict[str, Any]:
    """Of the rows and the images that are there, never of the tool: one that the Hub does not know as it stands."""
    withheld = manifest.get("images_withheld", {})
    entries = [*manifest["licenses"], *(e for e in manifest["image_licenses"] if e["license"] not in withheld)]
    names = sorted({part for entry in entries for part in license_parts(entry["license"])})
    known = sorted({_hub_license(name) for name in names} - {None}, key=str)
    other = [name for name in names if _hub_license(name) is None]
    if not other:
        return {"license": known}
    return {"license": [*known, "other"], "license_name": ", ".join(other), "license_link": "README.md#licences"}


def _hub_license(name: str) -> str | None:
    """
    >>> _hub_license("CC BY 4.0")
    'cc-by-4.0'
    """
    hub_name = license_id(name)
    return hub_name if hub_name in HUB_LICENSES else None


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
