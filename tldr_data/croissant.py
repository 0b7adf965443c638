"""Croissant: what a build is, its files and what is in them, as JSON-LD for machines (docs.mlcommons.org/croissant)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from tldr_data.citation import citation, title
from tldr_data.configs import fields_of, folders_of_configs
from tldr_data.dataset import IMAGES
from tldr_data.example import SPLITS
from tldr_data.manifest import Release, licenses_of, load_audit, load_versions, release_of
from tldr_data.yields import percent

Json = dict[str, Any]
SPLIT_FIELD = "splits/name"
REPOSITORY = "repository"
_TYPES = {"string": "sc:Text", "int8": "sc:Integer", "int32": "sc:Integer"}
_FORMATS = {
    ".parquet": "application/x-parquet",
    ".jsonl": "application/jsonlines",
    ".txt": "text/plain",
    ".yaml": "application/yaml",
    ".zst": "application/zstd",
}
_OWN_TERMS = (
    "arrayShape citeAs column containedIn equivalentProperty extract field fileObject fileProperty fileSet format "
    "includes isArray isLiveDataset jsonPath key md5 parentField path recordSet references regex repeated replace "
    "samplingRate separator source subField transform"
).split()


def render_croissant(directory: Path, manifest: Mapping[str, Any]) -> Json:
    """The JSON-LD of a build: its addresses are relative, or where ``versions.json`` names a version, those of the Hub.

    Raises:
        InputError: the file of the audit or of the versions is damaged.
    """
    versions = load_versions(directory)
    release = release_of(versions)
    return {
        "@context": _context(),
        "@type": "sc:Dataset",
        "conformsTo": ["http://mlcommons.org/croissant/1.1", "http://mlcommons.org/croissant/RAI/1.0"],
        "name": release.repository.partition("/")[2] if release else "-".join(manifest["taxonomies"]),
        "description": f"{title(manifest)}. True texts of images, the same with one error, and a label for every word.",
        **_identity(manifest, release),
        "license": [_license(name) for name in licenses_of(manifest)],
        "citeAs": citation(manifest, release),
        "keywords": [
            "synthetic",
            "hallucination-detection",
            "reward-model",
            "vision-language",
            *manifest["taxonomies"],
        ],
        "inLanguage": "en",
        **_responsible(manifest, load_audit(directory)),
        "distribution": [*_repository(release), *_files(manifest, release), *_file_sets(manifest, release)],
        "recordSet": [_splits(manifest), *(_record_set(config, manifest) for config in folders_of_configs(manifest))],
    }


def _context() -> Json:
    """The terms of the format; readers compare it with their own."""
    json = {"@type": "@json"}
    return {
        "@language": "en",
        "@vocab": "https://schema.org/",
        "sc": "https://schema.org/",
        "cr": "http://mlcommons.org/croissant/",
        "rai": "http://mlcommons.org/croissant/RAI/",
        "dct": "http://purl.org/dc/terms/",
        "conformsTo": "dct:conformsTo",
        "data": {"@id": "cr:data", **json},
        "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
        "description": {"@container": "@language"},
        "examples": {"@id": "cr:examples", **json},
        "name": {"@container": "@language"},
        **{term: f"cr:{term}" for term in _OWN_TERMS},
    }


def _identity(manifest: Mapping[str, Any], release: Release | None) -> Json:
    """Which dataset it is; before it is published its content hash stands for a version."""
    if release is None:
        return {"version": f"0.0.0+{manifest['content_hash'][:12]}"}
    owner = release.repository.partition("/")[0]
    return {
        "version": release.version,
        "url": f"{release.url}/tree/{release.revision}",
        "creator": {"@type": "sc:Organization", "name": owner, "url": f"https://huggingface.co/{owner}"},
    }


def _license(name: str) -> str:
    """The page of a Creative Commons licence, any other as it is named.

    >>> _license("CC-BY-SA-4.0"), _license("Flickr terms")
    ('https://creativecommons.org/licenses/by-sa/4.0/', 'Flickr terms')
    """
    if name.upper() == "CC0-1.0":
        return "https://creativecommons.org/publicdomain/zero/1.0/"
    match = re.fullmatch(r"CC-(BY(?:-NC)?(?:-SA|-ND)?)-(\d\.\d)", name.upper().replace(" ", "-"))
    return f"https://creativecommons.org/licenses/{match[1].lower()}/{match[2]}/" if match else name


def _responsible(manifest: Mapping[str, Any], audit: Mapping[str, Any] | None) -> Json:
    """What the RAI vocabulary asks for and the build knows."""
    recipe = manifest["recipe"]
    model = recipe["llm"] and recipe["llm"]["model"]
    maker = f"the language model {model}" if model else "rules"
    sources = ", ".join(source["name"] for source in recipe["sources"])
    found = {
        "rai:dataCollection": f"True texts and their images from {sources}; errors and paraphrases written by {maker}.",
        "rai:dataAnnotationProtocol": "The labels of words follow from the edits: what an edit made false is 0, what "
        "it changed for the grammar only is -100, all other words are 1. The column verdict says how an error is known "
        "to be false.",
        "rai:machineAnnotationTools": [f"tldr-data {recipe['versions']['tldr-data']}", *([model] if model else [])],
        "rai:dataUseCases": "Training and testing models that judge, word by word, whether a text is true of an image.",
        "rai:dataLimitations": "One error a text, made on purpose: not what a model writes that hallucinates. A word "
        "that no edit touched is labelled true because its source is taken to be true.",
    }
    if audit:
        shares = (f"{name}: good {percent(n['good'], n['n'])}" for name, n in audit["taxonomies"].items())
        found["rai:dataAnnotationAnalysis"] = (
            f"A blind audit of {audit['answered']} rows by people. {'; '.join(shares)}."
        )
    return found


def _repository(release: Release | None) -> Iterator[Json]:
    """Where readers find all files of a version together."""
    if release:
        yield {
            "@type": "cr:FileObject",
            "@id": REPOSITORY,
            "name": REPOSITORY,
            "description": "the repository on the Hub",
            "contentUrl": f"{release.url}/tree/refs%2Ftags%2F{release.revision}",
            "encodingFormat": "git+https",
            "sha256": "https://github.com/mlcommons/croissant/issues/80",
        }


def _files(manifest: Mapping[str, Any], release: Release | None) -> Iterator[Json]:
    base = f"{release.url}/resolve/{release.revision}/" if release else ""
    for name, entry in manifest["files"].items():
        yield {
            "@type": "cr:FileObject",
            "@id": name,
            "name": name,
            "contentUrl": f"{base}{name}",
            "contentSize": f"{entry['bytes']} B",
            "encodingFormat": _FORMATS.get(Path(name).suffix, "application/octet-stream"),
            "sha256": entry["sha256"],
        }


def _file_sets(manifest: Mapping[str, Any], release: Release | None) -> Iterator[Json]:
    """The Parquet files of each config; those of a local build lie beside this file."""
    for config, folders in folders_of_configs(manifest).items():
        yield {
            "@type": "cr:FileSet",
            "@id": f"{config}-files",
            "name": f"{config}-files",
            **({"containedIn": {"@id": REPOSITORY}} if release else {}),
            "encodingFormat": _FORMATS[".parquet"],
            "includes": [f"{folder}/*.parquet" for folder in folders if folder in manifest["rows"]],
        }


def _splits(manifest: Mapping[str, Any]) -> Json:
    """The names of the splits, which the field ``split`` of every config refers to."""
    there = [split for split in SPLITS if any(counts.get(split) for counts in manifest["rows"].values())]
    return {
        "@type": "cr:RecordSet",
        "@id": "splits",
        "name": "splits",
        "dataType": "cr:Split",
        "key": {"@id": SPLIT_FIELD},
        "field": [{"@type": "cr:Field", "@id": SPLIT_FIELD, "name": "name", "dataType": "sc:Text"}],
        "data": [{SPLIT_FIELD: split} for split in there],
    }


def _record_set(config: str, manifest: Mapping[str, Any]) -> Json:
    what = (
        "every image once" if config == IMAGES else f"config {config}: a text of an image, with a label for every word"
    )
    fields = [_field(config, name, feature) for name, feature in fields_of(config).items()]
    return {
        "@type": "cr:RecordSet",
        "@id": config,
        "name": config,
        "description": what,
        "key": {"@id": f"{config}/{'image_id' if config == IMAGES else 'id'}"},
        "field": [_split_field(config), *fields],
    }


def _split_field(config: str) -> Json:
    return {
        "@type": "cr:Field",
        "@id": f"{config}/split",
        "name": "split",
        "dataType": "sc:Text",
        "source": {
            "fileSet": {"@id": f"{config}-files"},
            "extract": {"fileProperty": "filename"},
            "transform": {"regex": f"({'|'.join(SPLITS)}).*"},
        },
        "references": {"field": {"@id": SPLIT_FIELD}},
    }


def _field(config: str, name: str, feature: Mapping[str, Any]) -> Json:
    """A column; in nested ones every part is a field of its own."""
    field = {"@type": "cr:Field", "@id": f"{config}/{name}", "name": name}
    match feature["_type"]:
        case "ClassLabel":
            names = ", ".join(f"{number} {label}" for number, label in enumerate(feature["names"]))
            return {**field, "description": names, "dataType": "sc:Integer", "source": _source(config, name)}
        case "Image":
            return {**field, "dataType": "sc:ImageObject", "source": _source(config, name, "bytes")}
        case "List" if "_type" in feature["feature"]:
            type_ = _TYPES[feature["feature"]["dtype"]]
            return {**field, "dataType": type_, "isArray": True, "arrayShape": "-1", "source": _source(config, name)}
        case "List":
            parts = [_part(config, name, part, inner) for part, inner in feature["feature"].items()]
            return {**field, "isArray": True, "arrayShape": "-1", "subField": parts}
        case _:
            return {**field, "dataType": _TYPES[feature["dtype"]], "source": _source(config, name)}


def _part(config: str, name: str, part: str, feature: Mapping[str, Any]) -> Json:
    return {
        "@type": "cr:Field",
        "@id": f"{config}/{name}/{part}",
        "name": part,
        "dataType": _TYPES[feature["dtype"]],
        "source": _source(config, name, part),
    }


def _source(config: str, column: str, part: str | None = None) -> Json:
    source: Json = {"fileSet": {"@id": f"{config}-files"}, "extract": {"column": column}}
    return {**source, "transform": {"jsonPath": part}} if part else source
