"""The YAML head of a card, which the Hub and `datasets` read."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tldr_data.configs import configs, dataset_infos
from tldr_data.dataset import CLEAN, IMAGES, shards
from tldr_data.errors import InputError
from tldr_data.example import SPLITS, TASKS
from tldr_data.licences import license_id
from tldr_data.manifest import licenses_of

# Identifiers that the Hub knows, by the name that sources give in lower case; anything else is "other" there.
HUB_LICENSES = frozenset(
    "apache-2.0 mit cc0-1.0 odbl odc-by pddl unlicense unknown "
    "cc-by-2.0 cc-by-2.5 cc-by-3.0 cc-by-4.0 cc-by-sa-3.0 cc-by-sa-4.0 cc-by-nd-4.0 "
    "cc-by-nc-2.0 cc-by-nc-3.0 cc-by-nc-4.0 cc-by-nc-nd-4.0 cc-by-nc-sa-2.0 cc-by-nc-sa-4.0 "
    "llama2 llama3 llama3.1 llama3.2 llama3.3 llama4".split()
)
SIZES = ((10**3, "n<1K"), (10**4, "1K<n<10K"), (10**5, "10K<n<100K"), (10**6, "100K<n<1M"), (10**7, "1M<n<10M"))

DRAWN = ("scenes", "scenes-easy")
"""Sources whose texts nobody wrote."""
ON_THE_HUB = {"docci": "google/docci", "textvqa": "facebook/textvqa", "visual_genome": "ranjaykrishna/visual_genome"}
"""Source -> the repository in which its makers publish it."""
OWN = (*DRAWN, "jsonl")


def card_head(directory: Path, manifest: Mapping[str, Any]) -> dict[str, Any]:
    """Licences, origins, tasks, sizes, tags, configs and what is in them.

    Raises:
        InputError: a Parquet file is damaged.
    """
    rows = sum(sum(counts.values()) for folder, counts in manifest["rows"].items() if folder != IMAGES)
    asks = ["visual-question-answering"] if "vqa" in tasks_of(directory) else []
    names = [source["name"] for source in manifest["recipe"]["sources"]]
    tags = ["synthetic", "tldr-data", "hallucination-detection", "reward-model", "vision-language"]
    return {
        "pretty_name": f"tldr-data: {', '.join(manifest['taxonomies'])}",
        "language": ["en"],
        **_license_head(manifest),
        "annotations_creators": ["machine-generated"],
        "language_creators": [*([] if {*names} <= {*DRAWN} else ["found"]), "machine-generated"],
        "source_datasets": sorted({_source_dataset(source) for source in manifest["recipe"]["sources"]}),
        "task_categories": ["image-text-to-text", "token-classification", *asks],
        "size_categories": [next((name for limit, name in SIZES if rows < limit), "n>10M")],
        "tags": [*tags, *manifest["taxonomies"]],
        "configs": configs(manifest),
        "dataset_info": dataset_infos(manifest),
    }


def tasks_of(directory: Path) -> set[str]:
    """The tasks of the clean rows, as the statistics in the Parquet footers tell.

    Raises:
        InputError: a file cannot be read.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    found: set[int] = set()
    for path in (path for split in SPLITS for path in shards(directory, CLEAN, split)):
        try:
            footer = pq.read_metadata(path)
        except (pa.ArrowException, OSError) as error:
            raise InputError(f"{path}: cannot be read: {str(error).splitlines()[0]}") from error
        for group in (footer.row_group(number) for number in range(footer.num_row_groups)):
            (column,) = (c for c in map(group.column, range(group.num_columns)) if c.path_in_schema == "task")
            found |= {column.statistics.min, column.statistics.max}
    return {TASKS[number] for number in found}


def source_names(manifest: Mapping[str, Any]) -> list[str]:
    """Sources as a sentence names them: one of the Hub by its repository."""
    return [_repository(source) or source["name"] for source in manifest["recipe"]["sources"]]


def _repository(source: Mapping[str, Any]) -> str | None:
    """Of source ``hf``, if it was read from the Hub: its path is a digest otherwise."""
    path = source.get("path") or ""
    return path.partition("@")[0] if source["name"] == "hf" and "/" in path else None


def _source_dataset(source: Mapping[str, Any]) -> str:
    """
    >>> _source_dataset({"name": "coco"}), _source_dataset({"name": "hf", "path": "user/name@3f9a1c"})
    ('extended|other-coco', 'user/name')
    """
    name = source["name"]
    if found := _repository(source) or ON_THE_HUB.get(name):
        return found
    return "original" if name in OWN or name == "hf" else f"extended|other-{name}"


def _license_head(manifest: Mapping[str, Any]) -> dict[str, Any]:
    """Of the rows, never of the tool: a licence that the Hub does not know is named as it stands."""
    names = licenses_of(manifest)
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
