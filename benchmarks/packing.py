"""Responses a second in training, rows of one image packed together against one row a response.

    python benchmarks/packing.py [--images 1] [--responses 8] [--repeats 3] [--device cuda]
    python benchmarks/packing.py --full

PaliGemma's proportions at a quarter of its width and a few layers: 1,024 image tokens, 10 of the prompt, 170 a caption.
Weights are random; the vision tower is frozen, all else gets gradients. Both ways read the same examples with the same
loss, forward and backward, by turns; each figure is the median. The optimizer's step, taken once in 512 responses, is
left out. ``--full`` trains PaliGemma-3B itself as the paper does, on a GPU (packing_full.py).
"""

from __future__ import annotations

import argparse
import io
import statistics
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import torch
from packing_full import compare, full_run, timed
from PIL import Image
from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy_with_logits, scaled_dot_product_attention
from transformers import AutoModel, PaliGemmaConfig
from transformers.models.siglip.image_processing_pil_siglip import SiglipImageProcessorPil

from baselines.data import Encoded
from baselines.layouts import Frame
from baselines.packing import Batch, Packed, Reading, Separate
from tldr_data.labels import BAD, GOOD, IGNORE

PIXELS, IMAGE_TOKENS, PROMPT, CAPTION = 448, 1024, 9, 170
FRAME = Frame(opening=[], image=1, middle=[2], closing=[4], between=[4], end=[3], pad=0, first_position=1)
VOCABULARY = 1000
"""Without a language model's head its size costs nothing but memory."""


class Sizes(NamedTuple):
    """Of the decoder and of the vision tower."""

    hidden: int
    layers: int
    heads: int
    tower_hidden: int
    tower_intermediate: int
    tower_layers: int
    tower_heads: int


QUARTER = Sizes(512, 2, 2, 288, 1076, 3, 4)


class Rewards(nn.Module):
    """PaliGemma without its language model's head, one reward a token."""

    def __init__(self, sizes: Sizes) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.model = AutoModel.from_config(config_of(sizes), attn_implementation="sdpa")
        self.model.vision_tower.requires_grad_(False)
        self.score = nn.Linear(sizes.hidden, 1)

    def forward(self, batch: Batch) -> Tensor:
        given = {name: value for name, value in batch.items() if name not in ("labels", "branch", "responses")}
        states = self.model(**given, use_cache=False).last_hidden_state
        return self.score(states)[..., 0].float()


def config_of(sizes: Sizes) -> PaliGemmaConfig:
    text = {
        **{"model_type": "gemma", "hidden_size": sizes.hidden, "intermediate_size": 8 * sizes.hidden},
        **{"num_hidden_layers": sizes.layers, "num_attention_heads": sizes.heads, "num_key_value_heads": 1},
        **{"head_dim": 256, "vocab_size": VOCABULARY, "pad_token_id": 0},
    }
    vision = {
        **{"model_type": "siglip_vision_model", "hidden_size": sizes.tower_hidden, "image_size": PIXELS},
        **{"intermediate_size": sizes.tower_intermediate, "num_hidden_layers": sizes.tower_layers},
        **{"num_attention_heads": sizes.tower_heads, "patch_size": 14, "projection_dim": sizes.hidden},
        "vision_use_head": False,
    }
    return PaliGemmaConfig(
        vision_config=vision,
        text_config=text,
        image_token_id=FRAME.image,
        projection_dim=sizes.hidden,
        hidden_size=sizes.hidden,
    )


def made_up(images: int, responses: int) -> list[Encoded]:
    """Captions of noise: one true one of each image, and as many perturbed ones as there are to be."""
    random = np.random.default_rng(0)
    prompt = random.integers(5, VOCABULARY, PROMPT).tolist()
    examples = []
    for number in range(images):
        file = io.BytesIO()
        Image.fromarray(random.integers(0, 255, (PIXELS, PIXELS, 3), dtype=np.uint8)).save(file, "PNG")
        stored = {"bytes": file.getvalue(), "path": None}
        for response in range(responses):
            tokens = random.integers(5, VOCABULARY, CAPTION).tolist()
            labels = [BAD if response and 50 <= place < 55 else GOOD for place in range(CAPTION)]
            examples.append(
                Encoded(f"{number}#{response}", str(number), "", None, "clean", prompt, tokens, labels, [], stored)
            )
    return examples


def train_step(model: Rewards, batch: Batch) -> None:
    model.zero_grad()
    rewards, labels = model(batch), batch["labels"]
    kept = labels != IGNORE
    binary_cross_entropy_with_logits(rewards[kept], labels[kept].float()).backward()


def attention_step(batch: Batch, sizes: Sizes) -> None:
    """What the decoder's layers do in attention alone, keys repeated for every head as transformers does it."""
    rows, length = batch["input_ids"].shape
    mask = batch["attention_mask"]
    if mask.ndim == 2:
        mask = torch.ones(length, length, dtype=torch.bool, device=mask.device).tril().expand(rows, 1, -1, -1)
    for _ in range(sizes.layers):
        shape = (rows, sizes.heads, length, 256)
        query, key, value = (torch.randn(shape, device=mask.device, requires_grad=True) for _ in range(3))
        scaled_dot_product_attention(query, key, value, attn_mask=mask).sum().backward()


def tower_pass(model: Rewards, batch: Batch) -> None:
    with torch.no_grad():
        model.model.vision_tower(batch["pixel_values"])


def rewards_of(model: Rewards, batch: Batch) -> dict[str, Tensor]:
    with torch.no_grad():
        rewards = model(batch)
    names = enumerate(batch["responses"])
    return {n: rewards[row][batch["branch"][row] == at] for row, own in names for at, n in enumerate(own)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--images", type=int, default=1)
    parser.add_argument("--responses", type=int, default=8)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--device", choices=["cpu", "cuda"], default="cpu")
    parser.add_argument("--full", action="store_true")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    if options.full:
        if not torch.cuda.is_available():
            parser.error("--full: needs a GPU")
        run, config = full_run()
        print(compare(run, config, made_up(options.images, options.responses), "cuda", options.repeats))
        return
    model = Rewards(QUARTER).to(options.device)
    processor = SiglipImageProcessorPil(size={"height": PIXELS, "width": PIXELS})
    processor.image_seq_length = IMAGE_TOKENS
    reading = Reading("paligemma", FRAME, processor, "prefix", False, None)
    report(model, reading, options)


def report(model: Rewards, reading: Reading, options: argparse.Namespace) -> None:
    examples = made_up(options.images, options.responses)
    collators = {"separate": Separate(reading), "packed": Packed(reading)}
    batches = {name: on_device(collate(examples), options.device) for name, collate in collators.items()}
    collating = {name: timed(lambda made=made: made(examples), "cpu") for name, made in collators.items()}
    work: dict[str, Callable[[Batch], None]] = {
        "step": lambda batch: train_step(model, batch),
        "attention": lambda batch: attention_step(batch, QUARTER),
        "vision tower": lambda batch: tower_pass(model, batch),
    }
    for batch in batches.values():  # the first step pays for memory, and on a GPU for choosing kernels
        train_step(model, batch)
    seconds: dict[tuple[str, str], list[float]] = {}
    for _ in range(options.repeats):
        for part, do in work.items():
            for name, batch in batches.items():
                elapsed = timed(lambda do=do, batch=batch: do(batch), options.device)
                seconds.setdefault((part, name), []).append(elapsed)
    show({which: statistics.median(found) for which, found in seconds.items()}, collating, batches, len(examples))
    apart, together = (rewards_of(model, batch) for batch in batches.values())
    furthest = max(float((apart[name] - together[name]).abs().max()) for name in apart)
    print(f"rewards differ by {furthest:.1e} at most")


def on_device(batch: Batch, device: str) -> Batch:
    return {name: value.to(device) if isinstance(value, Tensor) else value for name, value in batch.items()}


def show(
    seconds: dict[tuple[str, str], float], collating: dict[str, float], batches: dict[str, Batch], responses: int
) -> None:
    print(f"{responses} responses      one row each     packed    times")
    lines = {"tokens": {name: float(batch["input_ids"].numel()) for name, batch in batches.items()}}
    lines["collating, s"] = collating
    for part in ("step", "attention", "vision tower"):
        lines[f"{part}, s"] = {name: seconds[part, name] for name in batches}
    lines["responses a second"] = {name: responses / seconds["step", name] for name in batches}
    for title, values in lines.items():
        apart, together = values["separate"], values["packed"]
        times = together / apart if title.startswith("responses") else apart / together
        print(f"{title:20s} {apart:11.2f} {together:11.2f} {times:8.2f}")


if __name__ == "__main__":
    main()
