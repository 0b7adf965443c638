"""The configs by which `datasets` loads a build: which files they name, and what is in them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tldr_data.dataset import CLEAN, FIELDS, IMAGE_FIELDS, IMAGES, PARAPHRASE
from tldr_data.example import SPLITS


def configs(manifest: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Config ``all`` (the default) has every folder once; one a taxonomy has clean, paraphrase and its own."""
    made = [_config(name, folders, manifest) for name, folders in folders_of_configs(manifest).items()]
    return [{**config, "default": True} if config["config_name"] == "all" else config for config in made]


def folders_of_configs(manifest: Mapping[str, Any]) -> dict[str, list[str]]:
    """Config -> the folders whose rows it loads, in order; ``images`` only where there are any."""
    base = [folder for folder in (CLEAN, PARAPHRASE) if folder in manifest["rows"]]
    taxonomies = list(manifest["taxonomies"])
    found = {"all": [*base, *taxonomies], **{name: [*base, name] for name in taxonomies}}
    return found | ({IMAGES: [IMAGES]} if IMAGES in manifest["rows"] else {})


def _config(name: str, folders: list[str], manifest: Mapping[str, Any]) -> dict[str, Any]:
    rows = manifest["rows"]
    files = []
    for split in SPLITS:
        filled = [folder for folder in folders if rows.get(folder, {}).get(split)]
        files.append({"split": split, "path": [f"{folder}/{split}-*.parquet" for folder in filled]})
    return {"config_name": name, "data_files": [entry for entry in files if entry["path"]]}


def fields_of(config: str) -> dict[str, dict[str, Any]]:
    """The columns of a config, as the Parquet files declare them."""
    return IMAGE_FIELDS if config == IMAGES else FIELDS


def dataset_infos(manifest: Mapping[str, Any]) -> list[dict[str, Any]]:
    """``dataset_info`` of every config: features, splits and sizes, with which `datasets` checks what it loads.

    It takes splits only with the bytes that they have in Arrow: without splits if the manifest does not tell a file's.
    """
    return [_info(name, folders, manifest) for name, folders in folders_of_configs(manifest).items()]


def _info(config: str, folders: list[str], manifest: Mapping[str, Any]) -> dict[str, Any]:
    features = [{"name": name, **_feature(feature)} for name, feature in fields_of(config).items()]
    info: dict[str, Any] = {"config_name": config, "features": features}
    splits, files = [], []
    for split, rows in _rows(folders, manifest).items():
        of_split = [entry for folder in folders for entry in _files(manifest, folder, split)]
        size = sum(entry.get("arrow_bytes", 0) for entry in of_split)
        splits.append({"name": split, "num_bytes": size, "num_examples": rows})
        files += of_split
    download_size = sum(entry["bytes"] for entry in files)
    if not all("arrow_bytes" in entry for entry in files):
        return {**info, "download_size": download_size}
    dataset_size = sum(split["num_bytes"] for split in splits)
    return {**info, "splits": splits, "download_size": download_size, "dataset_size": dataset_size}


def _rows(folders: list[str], manifest: Mapping[str, Any]) -> dict[str, int]:
    """Split -> rows that some folders have in it together; only those that have any."""
    counts = {split: sum(manifest["rows"].get(folder, {}).get(split, 0) for folder in folders) for split in SPLITS}
    return {split: count for split, count in counts.items() if count}


def _files(manifest: Mapping[str, Any], folder: str, split: str) -> list[Mapping[str, Any]]:
    return [entry for name, entry in manifest["files"].items() if name.startswith(f"{folder}/{split}-")]


def are_infos_right(infos: Any, manifest: Mapping[str, Any]) -> bool:
    """Whether ``dataset_info`` as somebody wrote it promises `datasets` the build's features and rows.

    Sizes are not looked at, and splits may be left out: by neither is anything read otherwise.
    """
    expected = dataset_infos(manifest)
    try:
        told = [{split["name"]: split["num_examples"] for split in info.get("splits", ())} for info in infos]
        features = [(info["config_name"], info["features"]) for info in infos]
    except (TypeError, KeyError, AttributeError):
        return False
    rows = [_rows(folders, manifest) for folders in folders_of_configs(manifest).values()]
    return features == [(info["config_name"], info["features"]) for info in expected] and all(
        not of_info or of_info == right for of_info, right in zip(told, rows, strict=True)
    )


def _feature(feature: Mapping[str, Any]) -> dict[str, Any]:
    """A column as the Hub's YAML writes it.

    >>> _feature({"dtype": "int8", "_type": "Value"})
    {'dtype': 'int8'}
    >>> _feature({"feature": {"dtype": "int8", "_type": "Value"}, "_type": "List"})
    {'list': 'int8'}
    """
    match feature["_type"]:
        case "ClassLabel":
            return {"dtype": {"class_label": {"names": {str(n): name for n, name in enumerate(feature["names"])}}}}
        case "List":
            inner = feature["feature"]
            return {
                "list": inner["dtype"] if "_type" in inner else [{"name": n, **_feature(f)} for n, f in inner.items()]
            }
        case "Image":
            return {"dtype": "image"}
        case _:
            return {"dtype": feature["dtype"]}
