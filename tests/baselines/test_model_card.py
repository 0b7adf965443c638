"""What is passed on with a model: its name, its notices, its card."""

from __future__ import annotations

import pytest

pytest.importorskip("torch")
pytest.importorskip("transformers")
pytest.importorskip("peft")

import yaml

from baselines.checkpoint import Settings
from baselines.model_card import check_name, notice_of, parents_of, render_card
from tldr_data.errors import UsageError

PALIGEMMA = Settings(base="google/paligemma-3b-mix-448@1a2b", trained_from="google/paligemma-3b-mix-448@1a2b")


@pytest.mark.parametrize(
    ("name", "model_type", "licenses", "told"),
    [
        ("tldr", "paligemma", ["CC-BY-4.0", "llama3.1"], "must have a name that begins with Llama, as Llama-tldr"),
        ("tldr", "qwen2_vl", ["llama4"], "begins with Llama"),
        ("tldr", "mllama", ["CC-BY-4.0"], "llama3.2 went into must have a name that begins with Llama"),
        ("Llama-tldr", "mllama", ["llama3"], "begins with Llama-3"),
        ("Llama-3-tldr", "paligemma", ["llama3"], "may improve no other language model than Llama"),
        ("Llama-tldr", "tldr_tiny", ["llama2"], "may improve no other language model than Llama"),
    ],
)
def test_a_name_that_a_licence_forbids_is_refused(name: str, model_type: str, licenses: list[str], told: str) -> None:
    parents = parents_of(model_type, PALIGEMMA._replace(licenses=licenses))
    with pytest.raises(UsageError, match=told):
        check_name(name, model_type, parents)


@pytest.mark.parametrize(
    ("name", "model_type", "licenses"),
    [
        ("tldr", "paligemma", ["CC-BY-4.0"]),
        ("Llama-tldr", "paligemma", ["CC-BY-4.0", "llama3.1"]),
        ("Llama-3-tldr", "mllama", ["llama3"]),
        ("tldr", "tldr_tiny", ["CC0-1.0"]),
    ],
)
def test_other_names_are_free(name: str, model_type: str, licenses: list[str]) -> None:
    check_name(name, model_type, parents_of(model_type, PALIGEMMA._replace(licenses=licenses)))


def test_notices_are_carried() -> None:
    both = parents_of("paligemma", PALIGEMMA._replace(licenses=["llama3.1", "CC-BY-4.0"]))
    assert "Gemma Terms of Use" in notice_of(both)
    assert "Built with Llama. Llama 3.1 is licensed" in notice_of(both)
    assert notice_of(parents_of("qwen2_vl", PALIGEMMA)) == ""
    assert "Llama 3.2 is licensed" in notice_of(parents_of("mllama", Settings("meta-llama/Llama-3.2-11B-Vision@1")))


def test_the_card_tells_where_the_model_comes_from() -> None:
    settings = PALIGEMMA._replace(dataset="user/boxes@1.0.0", licenses=["CC-BY-4.0"], context="echo", images="blank")
    card = render_card("tldr", "paligemma", settings, "# test of x\n\n## Controls\n")
    _, head, body = card.split("---\n", 2)
    assert yaml.safe_load(head)["license"] == "gemma"
    assert yaml.safe_load(head)["base_model"] == "google/paligemma-3b-mix-448"
    for told in ("Gemma Terms of Use", "user/boxes@1.0.0", "CC-BY-4.0", "stands twice", "### Controls", "a control"):
        assert told in body
