"""How many responses, rows and tokens an epoch has: those of a built dataset, or the paper's where there is none."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from baselines.config import Run
from baselines.data import Order, Rows, read
from baselines.mixture import weights_of
from baselines.packing import Reading
from baselines.stand_ins import Response

Numbers = NDArray[np.int64]

TOKENS_PER_WORD = 1.25
"""Where the tokenizer is not at hand: a DOCCI caption has 136 words (arXiv 2404.19753) and takes about 170 tokens."""

# The paper's Table 8: true captions of each source, its share for training, and perturbed ones of each taxonomy.
_VG_CAPTIONS, _VG_SHARE = 94_684, 0.8
_VG_PERTURBED = (45_225, 86_366, 59_219, 75_328, 75_156, 80_455, 84_164, 57_153)
_DOCCI_CAPTIONS, _DOCCI_SHARE = 14_639, 0.65
_DOCCI_PERTURBED = (8_867, 13_811, 13_561, 10_618, 10_491, 11_680, 13_366, 12_844)
_VG_ANSWERS = 1_179_007
"""True ones, and as many false ones to the same questions, over the same images here."""
_CAPTION, _ANSWER, _PROMPT = 170, 8, 10
"""Tokens. Lengths are not in the paper: captions as long as DOCCI's, short answers and questions as Visual Genome's."""
_DRAWN = 60
"""One image in so many stands for the paper's."""


class Epoch(NamedTuple):
    """Responses in the order of training; all arrays are (N,)."""

    image: Numbers
    prompt: Numbers
    prompt_tokens: Numbers
    tokens: Numbers
    times: float
    """How many times as large the whole is."""
    source: str
    """Where the numbers come from, in words."""

    def responses(self) -> int:
        return round(len(self.image) * self.times)

    def images(self) -> int:
        return round(len(np.unique(self.image)) * self.times)

    def part(self, begin: int, end: int) -> list[Response]:
        arrays = (self.image, self.prompt, self.prompt_tokens, self.tokens)
        return [Response(*map(int, one)) for one in zip(*(array[begin:end] for array in arrays), strict=True)]


class Passes(NamedTuple):
    """What one GPU takes at a time, pass after pass; both arrays are (P,)."""

    rows: Numbers
    longest: Numbers
    """Tokens of the longest row: the others are padded to it."""

    @property
    def tokens(self) -> Numbers:
        return self.rows * self.longest


def epoch_of(run: Run, tokenizer: Any = None) -> Epoch:
    """An epoch of ``run.data.dataset`` where it is a folder or on the Hub (REPO@VERSION), else one of the paper's size.

    Without ``tokenizer`` the tokens of a dataset are its words times ``TOKENS_PER_WORD``.
    """
    place = run.data.dataset
    if Path(place).is_dir() or "@" in place:
        return _built(run, tokenizer)
    return paper_epoch(place, by_image=run.data.packed)


def _built(run: Run, tokenizer: Any) -> Epoch:
    rows = read([run.data.dataset], tokenizer)
    weights = weights_of(run.data, rows.parts)
    order = np.array(list(Order(rows, weights=weights, seed=run.steps.seed, by_image=run.data.packed)))
    prompts = rows.column("prompt").combine_chunks().dictionary_encode()
    texts = prompts.dictionary.to_pylist()
    ratio, how = _tokens_per_word(rows, tokenizer)
    prompt_tokens = np.array([max(1, round(ratio * len(text.split()))) for text in texts])
    words = rows.column("words").combine_chunks().value_lengths().to_numpy()
    tokens = np.maximum(1, np.rint(ratio * words)).astype(np.int64)
    numbers = prompts.indices.to_numpy().astype(np.int64)
    source = f"{run.data.dataset}, {len(rows):,} rows of train, {how}"
    return Epoch(rows.images[order], numbers[order], prompt_tokens[numbers[order]], tokens[order], 1.0, source)


def _tokens_per_word(rows: Rows, tokenizer: Any) -> tuple[float, str]:
    if tokenizer is None:
        return TOKENS_PER_WORD, f"{TOKENS_PER_WORD} tokens a word (assumed: the tokenizer is not here)"
    some = list(range(0, len(rows), -(-len(rows) // 500)))
    words = rows.column("words").combine_chunks().value_lengths().to_numpy()[some]
    ratio = sum(len(example.tokens) for example in rows.__getitems__(some)) / max(1, int(words.sum()))
    return ratio, f"{ratio:.2f} tokens a word by its tokenizer"


def paper_epoch(missing: str, *, by_image: bool) -> Epoch:
    """The paper's train splits (Table 8): captions of Visual Genome and DOCCI, and answers of Visual Genome.

    One image in ``_DRAWN`` is drawn; which taxonomies it has is drawn too, so that their sums are the paper's.
    """
    random = np.random.default_rng(0)
    parts = [
        *_images(random, round(_VG_CAPTIONS * _VG_SHARE / _DRAWN), _VG_CAPTIONS, _VG_PERTURBED, _VG_ANSWERS),
        *_images(random, round(_DOCCI_CAPTIONS * _DOCCI_SHARE / _DRAWN), _DOCCI_CAPTIONS, _DOCCI_PERTURBED, 0),
    ]
    order = random.permutation(len(parts))
    image = np.concatenate([np.full(len(parts[at]), place) for place, at in enumerate(order)])
    prompt = np.concatenate([random.permutation(parts[at]) for at in order])
    if not by_image:
        shuffled = random.permutation(len(prompt))
        image, prompt = image[shuffled], prompt[shuffled]
    prompt_tokens = np.full(len(prompt), _PROMPT)
    tokens = np.where(prompt == 0, _CAPTION, _ANSWER)
    source = (
        f"the paper's Table 8, since {missing} is not here; {_CAPTION} tokens a caption, {_ANSWER} an answer (assumed)"
    )
    return Epoch(image, prompt, prompt_tokens, tokens, float(_DRAWN), source)


def _images(
    random: np.random.Generator, images: int, captions: int, perturbed: tuple[int, ...], answers: int
) -> list[Numbers]:
    """For each image the prompts of its responses: 0 asks for a caption, the others are questions."""
    made = []
    for _ in range(images):
        false = int((random.random(len(perturbed)) < np.array(perturbed) / captions).sum())
        questions = int(answers / captions + random.random())
        made.append(np.concatenate([np.zeros(1 + false, np.int64), np.repeat(np.arange(1, questions + 1), 2)]))
    return made


def passes_of(run: Run, epoch: Epoch, reading: Reading, image_tokens: int) -> Passes:
    """The rows of every pass, as ``baselines.packing`` makes them; one too long for ``max_tokens`` is cut as if its
    responses were of one length."""
    frame = reading.frame
    head = len(frame.opening) + image_tokens + len(frame.middle)
    body = epoch.tokens + len(frame.end)
    body = body + (epoch.tokens + len(frame.between) if reading.context == "echo" else 0)
    prompt = epoch.prompt_tokens + len(frame.closing)
    number = np.arange(len(epoch.image)) // run.steps.responses_per_pass
    if not run.data.packed:
        return Passes(np.bincount(number), _most(number, head + prompt + body))
    asked = number * (int(epoch.image.max()) + 1) + epoch.image
    each = asked * (int(epoch.prompt.max()) + 1) + epoch.prompt
    key = each if reading.block == "prefix" else asked
    _, first, row = np.unique(key, return_index=True, return_inverse=True)
    _, once = np.unique(each, return_index=True)
    prompts, bodies = np.bincount(row[once], prompt[once], len(first)), np.bincount(row, body)
    count = np.bincount(row)
    room = np.inf if reading.max_tokens is None else reading.max_tokens - head - prompts
    fit = np.clip(room // (bodies / count), 1, count)
    lengths = np.ceil(head + prompts + fit * bodies / count).astype(np.int64)
    cuts = np.ceil(count / fit).astype(np.int64)
    return Passes(np.bincount(number[first], cuts).astype(np.int64), _most(number[first], lengths))


def _most(group: Numbers, values: Numbers) -> Numbers:
    most = np.zeros(int(group.max()) + 1, np.int64)
    np.maximum.at(most, group, values)
    return most
