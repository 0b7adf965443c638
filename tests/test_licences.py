from collections.abc import Iterable
from typing import Any

import pytest

from tldr_data.dataset import example_of, row_of
from tldr_data.example import Edit, Example, Span
from tldr_data.licences import (
    is_withheld,
    license_id,
    llama_license,
    text_refusals,
    text_terms,
    with_model_terms,
    withheld_images,
)
from tldr_data.manifest import licenses_of


@pytest.mark.parametrize(
    ("license", "terms"),
    [
        *((name, "allowed") for name in ("CC0-1.0", "cc by 4.0", "CC-BY-SA-3.0", "CC-BY-NC-SA-4.0", "cc-by-3.0-us")),
        *((name, "allowed") for name in ("MIT", "Apache-2.0", "ODC-BY", "CC-BY-4.0 AND llama3.1", "llama2")),
        ("https://creativecommons.org/publicdomain/zero/1.0/", "allowed"),
        ("CC-BY-ND-4.0", "forbidden"),
        ("https://creativecommons.org/licenses/by-nc-nd/2.0/", "forbidden"),
        *((name, "forbidden") for name in ("All rights reserved", "proprietary", "unknown", "none", " ")),
        ("CC-BY-4.0 AND proprietary", "forbidden"),
        *((name, "unknown") for name in ("my-licence", "other", "cc", "CC-BY-4.0 AND mine", "CC-BY-4.0, see site")),
        ("CC-BY-4.0 OR mine", "unknown"),
        ("cc-by-sampling", "unknown"),
        ("mine AND unknown", "forbidden"),
    ],
)
def test_what_a_licence_allows(license: str, terms: str) -> None:
    assert text_terms(license) == terms
    assert is_withheld(license) is (terms != "allowed")


def test_a_licence_is_known_by_its_address() -> None:
    for kind in ("by", "by-nc", "by-nc-sa", "by-nc-nd", "by-sa", "by-nd"):
        assert license_id(f"http://creativecommons.org/licenses/{kind}/2.0/") == f"cc-{kind}-2.0"
    assert license_id("http://flickr.com/commons/usage/") == "http://flickr.com/commons/usage/"


Counts = dict[str, int]


def manifest(rows: Counts, rejected: Counts | None = None, images: Counts | None = None) -> dict[str, Any]:
    def listed(counts: Counts | None, unit: str) -> list[dict[str, Any]]:
        return [{"source": "s", "license": license, unit: number} for license, number in (counts or {}).items()]

    return {
        "licenses": listed(rows, "rows"),
        "rejected_licenses": listed(rejected, "rows"),
        "image_licenses": listed(images, "images"),
    }


def test_texts_are_refused_by_source_and_licence() -> None:
    assert text_refusals(manifest({"CC-BY-4.0": 10, "llama3 AND CC0-1.0": 2}), private=False) == []
    made = manifest({"CC-BY-ND-4.0": 1200, "mine": 3}, {"CC-BY-ND-4.0": 7, "unknown": 1})
    public, private = text_refusals(made, private=False), text_refusals(made, private=True)
    assert [line.split(" of ")[0] for line in public] == [
        "source s: licence 'CC-BY-ND-4.0'", "source s: licence 'mine'", "source s: licence 'unknown'",
    ]  # fmt: skip
    assert "1,200 rows and 7 rejected ones" in public[0]
    assert "0 rows and 1 rejected ones" in public[2]
    assert "private" in public[1]
    assert private == [public[0], public[2]]


def test_images_are_withheld_by_licence() -> None:
    made = manifest({}, images={"CC-BY-2.0": 4, "unknown": 3, "CC-BY-NC-ND-2.0": 2, "United States Government Work": 1})
    assert withheld_images(made) == {"CC-BY-NC-ND-2.0": 2, "United States Government Work": 1, "unknown": 3}


@pytest.mark.parametrize(
    ("license", "models"),
    [
        ("llama2", ["meta-llama/Llama-2-13b-chat-hf", "codellama/CodeLlama-7b-hf", "Llama2-7b"]),
        (
            "llama3",
            ["meta-llama/Meta-Llama-3-8B@5f0b02c", "llama3:8b", "llama3-70b-8192", "meta.llama3-8b-instruct-v1:0"],
        ),
        (
            "llama3.1",
            ["meta-llama/Llama-3.1-70B-Instruct@1605565", "llama3.1", "meta.llama3-1-70b-instruct-v1:0",
             "accounts/fireworks/models/llama-v3p1-70b-instruct", "NousResearch/Hermes-3-Llama-3.1-8B"],
        ),
        ("llama3.2", ["meta-llama/Llama-3.2-1B", "models/Llama-3.2-3B-Instruct-Q4_K_M.gguf", "llama-3-2-1b"]),
        ("llama3.3", ["meta-llama/Llama-3.3-70B-Instruct", "nvidia/Llama-3_3-Nemotron-Super-49B-v1"]),
        ("llama4", ["meta-llama/Llama-4-Scout-17B-16E-Instruct"]),
        ("llama", ["deepseek-ai/DeepSeek-R1-Distill-Llama-8B", "huggyllama/llama-7b", "llama-30b", "LlamaGuard-7b",
                   "llama-3b", "meta-llama/Llama-9"]),
        (None, ["Qwen/Qwen3-8B", "TinyLlama/TinyLlama-1.1B-Chat-v1.0", "openlm-research/open_llama_3b", "ollama/qwen3",
                "llama.cpp/qwen3", "mistralai/Mistral-7B", "llamafied-qwen", "tiny"]),
    ],
)  # fmt: skip
def test_a_llama_is_known_by_its_name(license: str | None, models: Iterable[str]) -> None:
    assert {model: llama_license(model) for model in models} == dict.fromkeys(models, license)


@pytest.mark.parametrize(
    ("model", "told"),
    [
        ("Llama-2-7b", "Made with Llama 2: no other large language model may be improved"),
        ("Llama-3-8B", 'Built with Meta Llama 3: a model that is trained on this .* begins with "Llama 3"; no other'),
        ("Llama-3.1-8B", r'Built with Llama: a model .* begins with "Llama" \(Llama 3.1 Community License\)$'),
        ("Llama-4-Scout", r'Built with Llama: a model .* begins with "Llama" \(Llama 4 Community License\)$'),
        ("llama-7b", 'Built with Llama of an unknown version: .* "Llama"; if it was Llama 2 or 3'),
    ],
)
def test_what_a_llama_wrote_says_so_once(model: str, told: str) -> None:
    import re

    license, attribution = with_model_terms("CC-BY-4.0", "COCO", model)
    assert license == f"CC-BY-4.0 AND {llama_license(model)}"
    assert re.fullmatch(f"COCO; {told.removesuffix('$')}.*", attribution)
    assert with_model_terms(license, attribution, model) == (license, attribution)
    assert with_model_terms("CC-BY-4.0", "", model)[1] == attribution.removeprefix("COCO; ")


def test_a_row_carries_the_terms_of_its_model() -> None:
    perturbed = Example(
        id="a#spatial.000000", response="A cat on a box.", reference="A dog on a box.", source="s", license="CC-BY-4.0",
        attribution="by me", group="a", kind="perturbed", taxonomy="object", edits=(Edit(2, 5, "cat"),),
        errors=(Span(2, 5, "dog"),), verdict="judged", perturber="prompts/edits", model="meta-llama/Llama-3.1-8B@abc",
        request="0" * 32,
    )  # fmt: skip
    row = row_of(perturbed)
    assert row["license"] == "CC-BY-4.0 AND llama3.1"
    assert row["attribution"].startswith("by me; Built with Llama: ")
    assert row_of(example_of(row)) == row


def test_the_card_names_every_licence_that_is_joined() -> None:
    made = {**manifest({"CC-BY-4.0 AND llama3.1": 3, "CC-BY-4.0": 2}), "rows": {}, "taxonomies": {}}
    assert licenses_of(made) == ["CC-BY-4.0", "llama3.1"]


def test_the_card_names_the_licences_of_images_that_are_there() -> None:
    made = {**manifest({"CC0-1.0": 3}, images={"CC-BY-2.0": 2, "mine": 1}), "rows": {}, "taxonomies": {}}
    assert licenses_of(made) == ["CC-BY-2.0", "CC0-1.0", "mine"]
    assert licenses_of({**made, "images_withheld": {"mine": 1}}) == ["CC-BY-2.0", "CC0-1.0"]
