"""Packed rows give what rows of one response give, on tiny random models of the real architectures."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")

from PIL import Image
from tokenizers import Tokenizer, models
from torch import Tensor, nn
from transformers import PreTrainedTokenizerFast
from transformers.models.mllama.image_processing_pil_mllama import (
    MllamaImageProcessorPil,
    get_all_supported_aspect_ratios,
)
from transformers.models.qwen2_vl.image_processing_pil_qwen2_vl import Qwen2VLImageProcessorPil
from transformers.models.siglip.image_processing_pil_siglip import SiglipImageProcessorPil

from baselines.data import Encoded
from baselines.layouts import LAYOUTS
from baselines.masks import padded_mask, tree_mask
from baselines.packing import Packed, Separate, reading_of
from tests.baselines.models import byte_pieces
from tldr_data.errors import InputError, UsageError
from tldr_data.labels import BAD, GOOD, IGNORE

SPECIAL = ["<pad>", "<image>", "<bos>", "<eos>", "<|im_start|>", "<|im_end|>", "<|vision_start|>", "<|vision_end|>"]
SPECIAL += ["<|image_pad|>", "<|image|>", "<|begin_of_text|>", "<|end_of_text|>"]
TEXT = {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 3, "num_attention_heads": 4, "vocab_size": 320}
MODELS = ["paligemma", "qwen2_vl", "mllama"]


@pytest.fixture(scope="module", autouse=True)
def _one_thread() -> Any:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def tokenizer() -> Any:
    """Pieces of bytes: no text is unknown to it."""
    made = byte_pieces(["A red cup stands left of two dogs."] * 3, 320, SPECIAL)
    return PreTrainedTokenizerFast(
        tokenizer_object=made,
        pad_token="<pad>",
        additional_special_tokens=[token for token in SPECIAL if token != "<pad>"],
    )


def config_of(model_type: str, tokenizer: Any) -> Any:
    image = tokenizer.convert_tokens_to_ids(LAYOUTS[model_type].image)
    text = {**TEXT, "pad_token_id": 0}
    if model_type == "paligemma":
        vision = {"hidden_size": 16, "intermediate_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2}
        vision |= {"image_size": 28, "patch_size": 14, "projection_dim": 32, "model_type": "siglip_vision_model"}
        gemma = {**text, "num_key_value_heads": 1, "head_dim": 8, "model_type": "gemma"}
        return transformers.PaliGemmaConfig(
            vision_config=vision, text_config=gemma, image_token_id=image, projection_dim=32, hidden_size=32
        )
    if model_type == "qwen2_vl":
        rope = {"rope_type": "default", "mrope_section": [1, 1, 2], "rope_theta": 10000.0}
        qwen = {**text, "num_key_value_heads": 2, "rope_parameters": rope}
        vision = {"depth": 1, "embed_dim": 16, "hidden_size": 32, "num_heads": 2, "mlp_ratio": 2, "patch_size": 14}
        return transformers.Qwen2VLConfig(vision_config=vision, text_config=qwen, image_token_id=image)
    llama = {**text, "num_key_value_heads": 2, "bos_token_id": 1, "eos_token_id": 2, "cross_attention_layers": [1]}
    vision = {"hidden_size": 16, "intermediate_size": 32, "num_hidden_layers": 2, "num_global_layers": 1}
    vision |= {"attention_heads": 2, "image_size": 28, "patch_size": 14, "max_num_tiles": 4, "vision_output_dim": 32}
    vision |= {
        "intermediate_layers_indices": [0],
        "supported_aspect_ratios": [list(pair) for pair in get_all_supported_aspect_ratios(4)],
    }
    return transformers.MllamaConfig(vision_config=vision, text_config=llama, image_token_index=image)


def processor_of(model_type: str) -> Any:
    if model_type == "qwen2_vl":
        return Qwen2VLImageProcessorPil(patch_size=14, merge_size=2, size={"shortest_edge": 784, "longest_edge": 8000})
    if model_type == "mllama":
        return MllamaImageProcessorPil(size={"height": 28, "width": 28}, max_image_tiles=4)
    processor = SiglipImageProcessorPil(size={"height": 28, "width": 28})
    processor.image_seq_length = 4
    return processor


class Rewards(nn.Module):
    """A head on the backbone without its language model."""

    def __init__(self, config: Any, attn: str) -> None:
        super().__init__()
        torch.manual_seed(0)
        config._attn_implementation = attn
        self.eager = attn == "eager"
        self.model = transformers.AutoModel.from_config(config, attn_implementation=attn)
        self.score = nn.Linear(TEXT["hidden_size"], 1)
        with torch.no_grad():  # gates of Mllama begin at 0: nothing of the image would be seen
            for name, parameter in self.named_parameters():
                parameter.fill_(0.5) if "gate" in name else parameter.mul_(2 if parameter.ndim > 1 else 1)

    def forward(self, batch: dict[str, Any]) -> Tensor:
        given = {name: value for name, value in batch.items() if name not in ("labels", "branch", "responses")}
        mask = given["attention_mask"]
        if self.eager and mask.ndim == 4:  # it adds the mask to the scores
            given["attention_mask"] = torch.zeros(mask.shape).masked_fill(~mask, torch.finfo(torch.float32).min)
        return self.score(self.model(**given, use_cache=False).last_hidden_state)[..., 0]


def picture(seed: int, size: tuple[int, int] = (56, 28)) -> dict[str, Any]:
    pixels = np.random.default_rng(seed).integers(0, 255, (size[1], size[0], 3), dtype=np.uint8)
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return {"bytes": file.getvalue(), "path": None}


def example(tokenizer: Any, name: str, prompt: str, response: str, image: dict[str, Any] | None, at: str) -> Encoded:
    tokens = tokenizer(response, add_special_tokens=False)["input_ids"]
    labels = [(GOOD, BAD, GOOD, IGNORE)[(place + len(name)) % 4] for place in range(len(tokens))]
    ids = tokenizer(prompt, add_special_tokens=False)["input_ids"]
    return Encoded(name, at, at, None, "clean", ids, tokens, labels, [], image)


def captions(tokenizer: Any) -> list[Encoded]:
    """Two images with one prompt: rows of different lengths, so that there is padding."""
    texts = [
        "A red cup stands left of two dogs.",
        "A red cup stands right of two dogs.",
        "A red cup.",
        "Two dogs stand.",
    ]
    first = [example(tokenizer, f"a#{text}", "caption en", text, picture(0), "a") for text in texts]
    return [*first, example(tokenizer, "b", "caption en", "Two cups.", picture(1, (28, 56)), "b")]


def questions(tokenizer: Any) -> list[Encoded]:
    """Three prompts to one image, two responses to each, in mixed order, and another image."""
    asked = [("How many cups are there?", "one", "two"), ("Left?", "yes", "no"), ("", "A cup of tea.", "A dog.")]
    image = picture(2)
    right = [example(tokenizer, f"q{at}", ask, true, image, "q") for at, (ask, true, _) in enumerate(asked)]
    wrong = [example(tokenizer, f"q{at}#x", ask, false, image, "q") for at, (ask, _, false) in enumerate(asked)]
    return [*right, example(tokenizer, "r", "Left?", "yes", picture(3), "r"), *wrong]


DATA = {"captions": captions, "questions": questions}


def by_response(rewards: Tensor, batch: dict[str, Any]) -> dict[str, Tensor]:
    return {
        name: rewards[row][batch["branch"][row] == number]
        for row, names in enumerate(batch["responses"])
        for number, name in enumerate(names)
    }


def loss_of(rewards: Tensor, labels: Tensor) -> Tensor:
    kept = labels != IGNORE
    return nn.functional.binary_cross_entropy_with_logits(rewards[kept], labels[kept].float())


@pytest.mark.parametrize("attn", ["sdpa", "eager"])
@pytest.mark.parametrize("data", DATA)
@pytest.mark.parametrize(
    ("model_type", "options"),
    [
        ("paligemma", {"mask": "image"}),
        ("paligemma", {"mask": "prefix"}),
        ("paligemma", {"mask": "image", "context": "echo"}),
        ("qwen2_vl", {}),
        ("qwen2_vl", {"max_tokens": 100}),
        ("mllama", {}),
        ("mllama", {"context": "echo"}),
    ],
    ids=str,
)
def test_packed_rows_give_the_rewards_and_gradients_of_separate_rows(
    tokenizer: Any, model_type: str, options: dict[str, Any], data: str, attn: str
) -> None:
    reading = reading_of(model_type, tokenizer, processor_of(model_type), **options)
    model, examples = Rewards(config_of(model_type, tokenizer), attn), DATA[data](tokenizer)
    found, gradients = [], []
    for collate in (Separate(reading), Packed(reading)):
        batch = collate(examples)
        rewards = model(batch)
        found.append(by_response(rewards, batch))
        model.zero_grad()
        loss_of(rewards, batch["labels"]).backward()
        gradients.append({name: p.grad.clone() for name, p in model.named_parameters() if p.grad is not None})
    assert list(found[0]) == [one.id for one in examples]
    assert set(found[0]) == set(found[1])
    spread = torch.cat(list(found[0].values())).std()
    assert spread > 0.1, "rewards that hardly differ prove nothing"
    for name, separate in found[0].items():
        torch.testing.assert_close(found[1][name], separate, atol=1e-5, rtol=0)
    for name, separate in gradients[0].items():
        torch.testing.assert_close(gradients[1][name], separate, atol=1e-5, rtol=1e-4, msg=name)


@pytest.mark.parametrize("model_type", MODELS)
def test_a_sibling_changes_nothing(tokenizer: Any, model_type: str) -> None:
    reading = reading_of(model_type, tokenizer, processor_of(model_type))
    model, (first, second, *_) = Rewards(config_of(model_type, tokenizer), "sdpa"), captions(tokenizer)
    other = second._replace(tokens=second.tokens[::-1])
    batches = [Packed(reading)([first, sibling]) for sibling in (second, other)]
    before, after = (by_response(model(batch), batch) for batch in batches)
    torch.testing.assert_close(after[first.id], before[first.id], atol=1e-6, rtol=0)
    assert (after[second.id] - before[second.id]).abs().max() > 1e-3


@pytest.mark.parametrize("model_type", MODELS)
def test_the_image_changes_the_rewards(tokenizer: Any, model_type: str) -> None:
    reading = reading_of(model_type, tokenizer, processor_of(model_type))
    model, one = Rewards(config_of(model_type, tokenizer), "sdpa"), captions(tokenizer)[0]
    batches = [Packed(reading)([one._replace(image=picture(seed))]) for seed in (0, 7)]
    first, second = (model(batch) for batch in batches)
    assert (first - second).abs().max() > 1e-3


def test_a_row_is_laid_out_as_paligemma_reads_it(tokenizer: Any) -> None:
    one = captions(tokenizer)[0]
    batch = Separate(reading_of("paligemma", tokenizer, processor_of("paligemma")))([one])
    text = tokenizer.decode(batch["input_ids"][0])
    assert text == "<image><image><image><image><bos>caption en\nA red cup stands left of two dogs.<eos>"
    head = len(one.prompt) + 6
    assert batch["labels"][0].tolist() == [IGNORE] * head + one.labels + [IGNORE]
    assert batch["branch"][0].tolist() == [-1] * head + [0] * (len(one.tokens) + 1)
    assert batch["token_type_ids"][0].tolist() == [0] * head + [1] * (len(one.tokens) + 1)


def test_a_row_is_laid_out_as_qwen_reads_it(tokenizer: Any) -> None:
    one = captions(tokenizer)[0]
    batch = Separate(reading_of("qwen2_vl", tokenizer, processor_of("qwen2_vl")))([one])
    assert tokenizer.decode(batch["input_ids"][0]) == (
        "<|im_start|>system\nYou are a helpful assistant.<|im_end|>\n<|im_start|>user\n<|vision_start|>"
        "<|image_pad|><|image_pad|><|vision_end|>caption en<|im_end|>\n<|im_start|>assistant\n"
        "A red cup stands left of two dogs.<|im_end|>"
    )


@pytest.mark.parametrize("size", [(56, 28), (28, 84), (84, 56)])
def test_positions_are_those_of_qwen_itself(tokenizer: Any, size: tuple[int, int]) -> None:
    reading = reading_of("qwen2_vl", tokenizer, processor_of("qwen2_vl"))
    one = captions(tokenizer)[0]._replace(image=picture(0, size))
    model = Rewards(config_of("qwen2_vl", tokenizer), "sdpa").model
    batch = Packed(reading)([one])
    own, _ = model.get_rope_index(batch["input_ids"], batch["mm_token_type_ids"], batch["image_grid_thw"])
    assert batch["position_ids"].tolist() == own.tolist()


def test_an_image_is_prepared_once_and_shared_by_its_prompts(tokenizer: Any) -> None:
    examples = questions(tokenizer)
    for mask, rows in (("image", 2), ("prefix", 4)):
        batch = Packed(reading_of("paligemma", tokenizer, processor_of("paligemma"), mask=mask))(examples)
        assert len(batch["input_ids"]) == len(batch["pixel_values"]) == rows
        assert sorted(name for row in batch["responses"] for name in row) == sorted(one.id for one in examples)


def test_responses_that_do_not_fit_get_further_rows(tokenizer: Any) -> None:
    examples = captions(tokenizer)
    processor = processor_of("paligemma")
    longest = max(
        Packed(reading_of("paligemma", tokenizer, processor))([one])["input_ids"].shape[1] for one in examples
    )
    batch = Packed(reading_of("paligemma", tokenizer, processor, max_tokens=longest + 4))(examples)
    assert batch["input_ids"].shape[1] <= longest + 4
    assert [len(row) for row in batch["responses"]] > [1, 1]
    assert sum(map(len, batch["responses"])) == len(examples)
    short = reading_of("paligemma", tokenizer, processor, max_tokens=longest - 1)
    for collate in (Packed(short), Separate(short)):
        with pytest.raises(
            InputError, match=rf"{longest} tokens with image and prompt: at most {longest - 1} are allowed"
        ):
            collate(examples)


def test_an_echo_is_scored_at_its_second_copy(tokenizer: Any) -> None:
    one = captions(tokenizer)[2]
    batch = Separate(reading_of("paligemma", tokenizer, processor_of("paligemma"), context="echo"))([one])
    assert tokenizer.decode(batch["input_ids"][0]).endswith("caption en\nA red cup.\nA red cup.<eos>")
    assert batch["labels"][0, -len(one.labels) - 1 :].tolist() == [*one.labels, IGNORE]
    assert (batch["labels"] != IGNORE).sum() == sum(label != IGNORE for label in one.labels)


@pytest.mark.parametrize(
    ("model_type", "options", "block"),
    [
        ("paligemma", {}, "prefix"),
        ("paligemma", {"mask": "image", "context": "echo"}, "image"),
        ("paligemma", {"context": "bidirectional"}, "row"),
        ("tldr_tiny", {}, "image"),
        ("tldr_tiny", {"context": "bidirectional"}, "image"),
        ("qwen3_vl", {"mask": "image"}, "none"),
    ],
)
def test_each_backbone_has_its_own_mask(tokenizer: Any, model_type: str, options: dict[str, Any], block: str) -> None:
    reading = reading_of(model_type, tokenizer, processor_of("paligemma"), **options)
    assert reading.block == block
    if model_type == "paligemma":
        batch = Separate(reading)(captions(tokenizer)[:1])
        sees = {"prefix": batch["branch"] == -1, "image": batch["input_ids"] == reading.frame.image, "row": True}[block]
        assert ((batch["token_type_ids"] == 0) == torch.as_tensor(sees)).all()


def test_what_cannot_be_read_is_refused(tokenizer: Any) -> None:
    with pytest.raises(UsageError, match="context bidirectional: qwen2_vl reads causally"):
        reading_of("qwen2_vl", tokenizer, None, context="bidirectional")
    with pytest.raises(UsageError, match="model type 'llava': there are paligemma"):
        reading_of("llava", tokenizer, None)
    with pytest.raises(UsageError, match="rows cannot be packed"):
        Packed(reading_of("paligemma", tokenizer, None, context="bidirectional"))
    few = PreTrainedTokenizerFast(
        tokenizer_object=Tokenizer(models.WordLevel({"<unk>": 0}, "<unk>")), unk_token="<unk>"
    )
    with pytest.raises(UsageError, match="tokenizer: lacks the token <image>, which model type paligemma needs"):
        reading_of("paligemma", few, None)


@pytest.mark.parametrize(
    "image",
    [
        None,
        {"bytes": None, "path": None},
        {"bytes": None, "path": "nowhere.png"},
        {"bytes": b"none", "path": None},
        {"bytes": picture(0)["bytes"][:90], "path": None},
    ],
)
def test_a_row_without_an_image_that_opens_is_named(tokenizer: Any, image: dict[str, Any] | None) -> None:
    collate = Packed(reading_of("paligemma", tokenizer, processor_of("paligemma")))
    with pytest.raises(InputError, match=r"^b: (has no image|its image cannot be opened)"):
        collate([captions(tokenizer)[-1]._replace(image=image)])


def test_a_mask_follows_the_tree() -> None:
    segment, none = torch.tensor([0, 0, 1, 2, 2]), torch.zeros(5, dtype=torch.bool)
    assert tree_mask(segment, [-1, 0, 0], none).int().tolist() == [
        [1, 0, 0, 0, 0],
        [1, 1, 0, 0, 0],
        [1, 1, 1, 0, 0],
        [1, 1, 0, 1, 0],
        [1, 1, 0, 1, 1],
    ]
    assert tree_mask(segment, [-1, 0, 0], segment == 0)[0].int().tolist() == [1, 1, 0, 0, 0]
    assert padded_mask(torch.ones(1, 1, dtype=torch.bool), 2).int().tolist() == [[1, 0], [0, 1]]
