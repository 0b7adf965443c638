"""The paraphrase filter's mechanics, on a tiny model with random weights: what it says is no truth about any text."""

from __future__ import annotations

import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from tldr_data.entailment import BATCH, Entailment, entailment_label
from tldr_data.errors import UsageError

needs_torch = pytest.mark.skipif(
    any(find_spec(name) is None for name in ("torch", "transformers")),
    reason="torch and transformers are not installed (pip install 'tldr-data[nli]')",
)
# What these libraries warn of on import is not ours.
pytestmark = pytest.mark.filterwarnings("default")

WORDS = "a red blue cup dog lies on under the mat two three".split()
MNLI = {0: "CONTRADICTION", 1: "NEUTRAL", 2: "ENTAILMENT"}
ONE = ("a red cup", "a blue cup lies on the mat")
LENGTH = 32
"""Tokens that the model can read."""


def save_model(folder: Path, id2label: dict[int, str]) -> str:
    """A BERT of a few thousand weights, the same each time, and its word tokenizer."""
    import torch
    from tokenizers import Tokenizer, models, pre_tokenizers, processors
    from transformers import BertConfig, BertForSequenceClassification, PreTrainedTokenizerFast

    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]"]
    tokenizer = Tokenizer(models.WordLevel({word: at for at, word in enumerate([*special, *WORDS])}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.post_processor = processors.TemplateProcessing(
        pair="[CLS] $A [SEP] $B:1 [SEP]:1", single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, pad_token="[PAD]", unk_token="[UNK]", cls_token="[CLS]", sep_token="[SEP]"
    ).save_pretrained(folder)
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=len(special) + len(WORDS), hidden_size=16, num_hidden_layers=1, num_attention_heads=2,
        intermediate_size=32, max_position_embeddings=LENGTH, id2label=id2label, initializer_range=0.5,
    )  # fmt: skip
    BertForSequenceClassification(config).save_pretrained(folder)
    return str(folder)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> str:
    return save_model(tmp_path_factory.mktemp("nli"), MNLI)


def probability(folder: str, premise: str, hypothesis: str, label: int) -> float:
    """One direction, asked of the library itself."""
    import torch
    from transformers import AutoModelForSequenceClassification, AutoTokenizer

    inputs = AutoTokenizer.from_pretrained(folder)(premise, hypothesis, return_tensors="pt")
    with torch.inference_mode():
        logits = AutoModelForSequenceClassification.from_pretrained(folder)(**inputs).logits
    return float(logits.softmax(-1)[0, label])


@needs_torch
def test_the_lower_of_both_directions_is_taken(model: str) -> None:
    there, back = probability(model, *ONE, 2), probability(model, *ONE[::-1], 2)
    assert abs(there - back) > 0.001, "the directions must differ, or this test shows nothing"
    assert Entailment(model).entails_both_ways(*ONE) == pytest.approx(min(there, back), abs=1e-6)
    assert Entailment(model).entails_both_ways(*ONE[::-1]) == pytest.approx(min(there, back), abs=1e-6)


@needs_torch
def test_many_pairs_give_what_each_gives_alone_in_their_order(model: str) -> None:
    pairs = [(" ".join(WORDS[: 1 + at % 7]), " ".join(WORDS[at % 5 :][: 1 + at % 9])) for at in range(BATCH + 5)]
    entailment = Entailment(model)
    found = entailment.entail_both_ways(pairs)
    assert len(set(found)) > BATCH / 2
    assert found == pytest.approx([entailment.entails_both_ways(*pair) for pair in pairs], abs=1e-6)
    assert entailment.entail_both_ways([]) == []


@needs_torch
def test_the_order_of_the_labels_is_read_from_the_model(model: str, tmp_path: Path) -> None:
    other = save_model(tmp_path, {0: "entailment", 1: "not_entailment", 2: "neutral"})
    there, back = probability(model, *ONE, 0), probability(model, *ONE[::-1], 0)
    assert Entailment(other).entails_both_ways(*ONE) == pytest.approx(min(there, back), abs=1e-6)


@needs_torch
def test_a_pair_that_is_too_long_to_read_is_never_called_a_paraphrase(model: str) -> None:
    entailment = Entailment(model)
    fits, over = "cup " * ((LENGTH - 3) // 2), "cup " * LENGTH
    assert entailment.entail_both_ways([(fits, fits), (over, over)])[0] > 0
    assert entailment.entail_both_ways([(fits, fits), (over, over)])[1] == 0


@needs_torch
def test_what_is_no_such_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="one label must be named entailment, it has LABEL_0, LABEL_1"):
        Entailment(save_model(tmp_path, {0: "LABEL_0", 1: "LABEL_1"}))
    with pytest.raises(UsageError, match="cannot be loaded"):
        Entailment(str(tmp_path / "nothing"))


@pytest.mark.parametrize("names", [{0: "bad", 1: "good"}, {0: "entailment", 1: "entails"}])
def test_one_label_and_no_other_means_entailed(names: dict[int, str]) -> None:
    with pytest.raises(UsageError, match="one label must be named entailment"):
        entailment_label("m", names)


def test_without_the_extra_the_message_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(UsageError, match=r"pip install 'tldr-data\[nli\]'"):
        Entailment("any")
