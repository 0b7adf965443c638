"""Rows of real builds to labelled tokens, in an order that a seed fixes."""

from __future__ import annotations

import itertools
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("torch")
pytest.importorskip("accelerate")
pytest.importorskip("transformers")

import datasets
from accelerate.data_loader import BatchSamplerShard, DataLoaderShard, prepare_data_loader
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from torch.utils.data import BatchSampler, DataLoader
from transformers import PreTrainedTokenizerFast
from transformers.models.siglip.image_processing_pil_siglip import SiglipImageProcessorPil

from baselines.data import Order, encode, read
from baselines.packing import Packed, reading_of
from baselines.pixels import open_image
from baselines.scratch import byte_pieces
from tldr_data.building.plan import Plan
from tldr_data.dataset import read_rows
from tldr_data.errors import InputError, UsageError
from tldr_data.labels import BAD, GOOD, IGNORE
from tldr_data.loading import load
from tldr_data.pipeline import build
from tldr_data.publishing.push import PushPlan, push
from tldr_data.versions import Version

TEXTS = ["Two blue cups are here, left of the dog.", "There are three dogs to the right of a red ball."]
SPECIAL = ["<pad>", "<image>", "<bos>", "<eos>"]


@pytest.fixture(scope="module")
def tokenizer() -> Any:
    """Pieces of bytes that carry the space before them, as those of Qwen and Llama 3."""
    made = byte_pieces(TEXTS * 3, 400, SPECIAL)
    return PreTrainedTokenizerFast(
        tokenizer_object=made,
        pad_token="<pad>",
        bos_token="<bos>",
        eos_token="<eos>",
        additional_special_tokens=["<image>"],
    )


@pytest.fixture(scope="module")
def sentencepieces() -> Any:
    """Pieces that write the space before them as a mark, as those of Gemma."""
    made = Tokenizer(models.BPE())
    made.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="never")
    made.decoder = decoders.Metaspace(prepend_scheme="never")
    made.train_from_iterator(TEXTS * 3, trainers.BpeTrainer(vocab_size=400, show_progress=False))
    return PreTrainedTokenizerFast(tokenizer_object=made)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("built") / "out"
    build(Plan(taxonomies=("spatial", "counting"), out=out, limit=12))
    return out


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", tmp_path / "datasets")


def row(response: str = TEXTS[0], **values: Any) -> dict[str, Any]:
    words, labels = ["w"], [GOOD]
    made = {"id": "made/1", "group": "g", "image_id": "i", "image": None, "prompt": "What?", "response": response}
    return {
        **made,
        "kind": 1,
        "taxonomy": "counting",
        "errors": [],
        "collateral": [],
        "words": words,
        "labels": labels,
        **values,
    }


def span(text: str, part: str) -> dict[str, Any]:
    return {"start": text.index(part), "end": text.index(part) + len(part), "replaced": ""}


@pytest.mark.parametrize("kind", ["tokenizer", "sentencepieces"])
def test_tokens_are_labelled_by_the_characters_that_they_share_with_spans(kind: str, request: Any) -> None:
    text = TEXTS[0]
    spans = {"errors": [span(text, "Two"), span(text, "blue")], "collateral": [span(text, "cups are")]}
    [found] = encode([row(**spans)], request.getfixturevalue(kind))
    pieces = [text[start:end] for start, end in found.spans]
    assert "".join(pieces) == text
    assert any(piece.startswith(" ") for piece in pieces), "pieces carry the space before them"
    at = {BAD: "", IGNORE: "", GOOD: ""}
    for piece, label in zip(pieces, found.labels, strict=True):
        at[label] += piece
    assert at == {BAD: "Two blue", IGNORE: " cups are", GOOD: " here, left of the dog."}
    assert (found.kind, found.taxonomy, found.id) == ("perturbed", "counting", "made/1")


def test_a_response_that_spells_a_special_token_is_text(tokenizer: Any) -> None:
    [found] = encode([row("an <image> of <eos>", prompt="<bos>?")], tokenizer)
    special = {tokenizer.convert_tokens_to_ids(token) for token in SPECIAL}
    assert not special & {*found.tokens, *found.prompt}
    assert tokenizer.decode(found.tokens) == "an <image> of <eos>"


def test_characters_of_several_bytes_are_labelled_whole(tokenizer: Any) -> None:
    text = "a 犬 and a 猫"
    [found] = encode([row(text, errors=[span(text, "犬")])], tokenizer)
    bad = {offsets for offsets, label in zip(found.spans, found.labels, strict=True) if label == BAD}
    assert {text[start:end].strip() for start, end in bad} <= {"犬", ""}
    assert any(text[start:end].strip() == "犬" for start, end in bad)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"labels": [1, 1]}, "made/1: 2 labels for 1 words: must be as many"),
        (
            {"errors": [{"start": 30, "end": 99, "replaced": ""}]},
            r"made/1: span \(30, 99\) lies outside the response: ",
        ),
        (
            {"collateral": [{"start": 5, "end": 5, "replaced": ""}]},
            r"made/1: span \(5, 5\) lies outside the response: ",
        ),
    ],
)
def test_a_broken_row_is_named(tokenizer: Any, wrong: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        encode([row(), row(**wrong)], tokenizer)


def test_a_build_becomes_batches(built: Path, tokenizer: Any) -> None:
    rows = read([str(built)], tokenizer, split="train")
    folders = ("clean", "paraphrase", "spatial", "counting")
    stored = [row["id"] for folder in folders for _, row in read_rows(built, folder, ["train"])]
    assert sorted(rows[at].id for at in range(len(rows))) == sorted(stored)
    processor = SiglipImageProcessorPil(size={"height": 28, "width": 28})
    processor.image_seq_length = 4
    reading = reading_of("paligemma", tokenizer, processor, mask="image")
    order = Order(rows, seed=3)
    seen: Counter[str] = Counter()
    for batch in DataLoader(rows, batch_size=8, sampler=order, collate_fn=Packed(reading)):
        names = [name for row in batch["responses"] for name in row]
        assert len(batch["input_ids"]) == len(batch["pixel_values"]) <= len(names) <= 8
        seen.update(names)
    assert seen == Counter(stored)


def test_the_labels_of_a_build_agree_with_its_words(built: Path, tokenizer: Any) -> None:
    rows = read([str(built)], tokenizer, taxonomy="spatial")
    assert set(rows.parts) == {"clean", "paraphrase", "spatial"} & set(rows.parts)
    for one in (rows[at] for at in range(len(rows))):
        assert (BAD in one.labels) == (one.kind == "perturbed")
        assert one.image is not None
        assert one.image["bytes"], "nothing is decoded before a collator asks for it"


def test_an_epoch_is_fixed_by_seed_and_number(built: Path, tokenizer: Any) -> None:
    rows = read([str(built)], tokenizer)

    def epoch(seed: int, number: int) -> list[int]:
        order = Order(rows, seed=seed)
        order.set_epoch(number)
        assert len(list(order)) == len(order)
        return list(order)

    assert epoch(1, 0) == epoch(1, 0)
    assert len({tuple(epoch(*which)) for which in ((1, 0), (1, 1), (2, 0))}) == 3
    assert sorted(epoch(1, 5)) == list(range(len(rows)))


def test_rows_of_one_image_are_neighbours(built: Path, tokenizer: Any) -> None:
    rows = read([str(built)], tokenizer)
    images = [int(rows.images[at]) for at in Order(rows)]
    changes = sum(before != after for before, after in itertools.pairwise(images))
    assert changes == len(set(images)) - 1
    scattered = [int(rows.images[at]) for at in Order(rows, by_image=False)]
    assert sum(before != after for before, after in itertools.pairwise(scattered)) > 2 * changes
    assert list(Order(rows, by_image=False, shuffle=False)) == list(range(len(rows)))


def test_weights_say_how_often_an_epoch_takes_a_row(built: Path, tokenizer: Any) -> None:
    rows = read([str(built)], tokenizer)
    there = Counter(rows.parts)
    order = Order(rows, weights={"clean": 0.5, "spatial": 2, "counting": 1.25})
    taken = Counter(rows.parts[at] for at in order)
    assert taken["spatial"] == 2 * there["spatial"]
    assert taken["clean"] == round(there["clean"] / 2)
    assert taken["counting"] == there["counting"] + round(there["counting"] / 4)
    assert taken["paraphrase"] == 0
    clean = []
    for number in (0, 1):
        order.set_epoch(number)
        clean.append({at for at in order if rows.parts[at] == "clean"})
        assert len(clean[number]) == taken["clean"]
    assert clean[0] != clean[1]


def test_processes_share_an_epoch_and_its_number_reaches_the_order(built: Path, tokenizer: Any) -> None:
    rows = read([str(built)], tokenizer)
    order = Order(rows, seed=1)
    batches = BatchSampler(order, 8, drop_last=True)
    first, second = ([row for batch in BatchSamplerShard(batches, 2, at) for row in batch] for at in (0, 1))
    assert len(first) == len(second) == len(rows) // 16 * 8
    assert not set(first) & set(second)
    loader = prepare_data_loader(DataLoader(rows, batch_sampler=batches, collate_fn=len), put_on_device=False)
    assert isinstance(loader, DataLoaderShard)
    loader.set_epoch(4)
    expected = Order(rows, seed=1)
    expected.set_epoch(4)
    assert list(order) == list(expected)


def test_what_cannot_be_selected_is_refused(built: Path, tokenizer: Any) -> None:
    rows = read([str(built)], tokenizer)
    with pytest.raises(UsageError, match="taxonomy 'colour': this split has clean, counting, "):
        Order(rows, weights={"colour": 1})
    with pytest.raises(UsageError, match=r"weight of clean: -1, must be 0 or more"):
        Order(rows, weights={"clean": -1})
    with pytest.raises(InputError, match=r"no rows are selected by \{'clean': 0\}"):
        Order(rows, weights={"clean": 0})
    with pytest.raises(UsageError, match="taxonomy 'colour': there are all, counting, spatial"):
        read([str(built)], tokenizer, taxonomy="colour")
    with pytest.raises(UsageError, match="split 'dev'"):
        read([str(built)], tokenizer, split="dev")
    with pytest.raises(InputError, match="nowhere: neither a folder nor REPO@VERSION"):
        read([str(built / "nowhere")], tokenizer)


def test_a_dataset_of_a_newer_format_is_refused(built: Path, tokenizer: Any, tmp_path: Path) -> None:
    manifest = json.loads((built / "manifest.json").read_text(encoding="utf-8"))
    newer = json.dumps({**manifest, "format": manifest["format"] + 1})
    (tmp_path / "manifest.json").write_text(newer, encoding="utf-8")
    with pytest.raises(InputError, match=r"manifest\.json: its format is 3, this version of tldr-data reads 2"):
        read([str(tmp_path)], tokenizer)


@pytest.mark.slow
def test_images_stored_once_and_rows_on_the_hub_are_read_the_same(
    built: Path, tokenizer: Any, tmp_path: Path, hub: Any
) -> None:
    apart = tmp_path / "apart"
    build(Plan(taxonomies=("spatial", "counting"), out=apart, limit=12, embed_images="no"))
    push(PushPlan(directory=apart, repository="user/rows", version=Version(1, 0, 0)))
    whole, *others = (read([place], tokenizer) for place in (str(built), str(apart), "user/rows@1.0.0"))
    pixels = [open_image(one.image, one.id).tobytes() for one in map(whole.__getitem__, range(len(whole)))]
    for rows in others:
        found = [rows[at] for at in range(len(rows))]
        assert [one._replace(image=None) for one in found] == [
            whole[at]._replace(image=None) for at in range(len(whole))
        ]
        assert all(one.image["path"] and not one.image["bytes"] for one in found)
        assert [open_image(one.image, one.id).tobytes() for one in found] == pixels


def test_rows_of_two_datasets_share_no_image(built: Path, tokenizer: Any) -> None:
    rows = read([str(built), str(built)], tokenizer)
    half = len(rows) // 2
    assert rows.images[:half].max() < rows.images[half:].min()


def test_a_row_without_an_image_is_told_before_training(built: Path, tokenizer: Any, monkeypatch: Any) -> None:
    def loaded(*places: Any, **options: Any) -> Any:
        table = load(*places, **options)
        return table.map(lambda row, at: {"image": None if at % 2 else row["image"]}, with_indices=True)

    monkeypatch.setattr("baselines.rows.load", loaded)
    with pytest.raises(InputError, match=r"out: \d+ of \d+ rows have no image, scenes/\S+ first: all need one"):
        read([str(built)], tokenizer)
