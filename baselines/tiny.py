"""A small vision-language model that is trained on drawn scenes alone, in minutes and on two cores.

Convolutions turn the image into a few tokens, a transformer reads them and the text. It takes the same batches as the
large backbones. Like heads.py this file is copied into exported models: it imports nothing of this project.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy_with_logits, gelu, scaled_dot_product_attention
from transformers import PreTrainedConfig, PreTrainedModel
from transformers import initialization as init
from transformers.modeling_outputs import TokenClassifierOutput

IGNORE = -100


class TinyConfig(PreTrainedConfig):
    """Sizes. The image has ``image_size`` pixels a side; each of ``stem_widths``'s convolutions halves that.

    ``reward_context``: what a reward may have read of its response: what stands before its token (``causal``, and
    ``echo``, where the data say the response twice) or all of it (``bidirectional``).
    """

    model_type = "tldr_tiny"

    def __init__(
        self,
        vocab_size: int = 2048,
        hidden_size: int = 128,
        intermediate_size: int = 256,
        num_hidden_layers: int = 4,
        num_attention_heads: int = 4,
        image_size: int = 64,
        stem_widths: tuple[int, ...] = (32, 64, 128),
        image_token_id: int = 1,
        reward_context: str = "causal",
        num_labels: int = 1,
        **others: object,
    ) -> None:
        self.vocab_size = vocab_size
        self.hidden_size = hidden_size
        self.intermediate_size = intermediate_size
        self.num_hidden_layers = num_hidden_layers
        self.num_attention_heads = num_attention_heads
        self.image_size = image_size
        self.stem_widths = tuple(stem_widths)
        self.image_token_id = image_token_id
        self.reward_context = reward_context
        super().__init__(num_labels=num_labels, **others)

    @property
    def image_tokens(self) -> int:
        """How many tokens an image takes.

        >>> TinyConfig().image_tokens
        65
        """
        return int(self.side**2) + 1

    @property
    def side(self) -> int:
        """How many places an image has in a row, and in a column."""
        return int(self.image_size >> len(self.stem_widths))


class Tower(nn.Module):
    """Images (B, 3, H, W) to places (B, side * side, D): what is seen, and not where.

    ``baselines.pretrain`` trains it on texts that are true of the images; it is frozen then, as the paper freezes its
    own. Trained on along with the rewards it loses the shapes again that it had learned: BAD words are one in fourteen,
    and most of them colours (LOG.md, 2026-11-22).
    """

    def __init__(self, config: TinyConfig) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        before = 3
        for width in config.stem_widths:
            layers += [nn.Conv2d(before, width, 3, stride=2, padding=1), nn.BatchNorm2d(width), nn.GELU()]
            before = width
        self.convolutions = nn.Sequential(*layers)
        self.deepen = nn.Sequential(nn.Conv2d(before, before, 3, padding=1), nn.BatchNorm2d(before), nn.GELU())
        self.project = nn.Linear(before, config.hidden_size)

    def forward(self, images: Tensor) -> Tensor:
        features = self.convolutions(images)
        places: Tensor = self.project((features + self.deepen(features)).flatten(2).transpose(1, 2))
        return places

    def train(self, mode: bool = True) -> Tower:
        """Frozen, its normalisation is as well: no image changes then what is seen of another."""
        return super().train(mode and any(weight.requires_grad for weight in self.parameters()))


class Stem(nn.Module):
    """Images (B, 3, H, W) to tokens (B, image tokens, D): a summary, then the places, each with its row and column.

    The summary is the maximum of every feature over the image: attention averages until it is sharp, and from averages
    it learns slowly what an image holds. Added to every token instead, it hides what tells these apart, and less is
    learned than without it.
    """

    def __init__(self, config: TinyConfig) -> None:
        super().__init__()
        self.tower = Tower(config)
        self.summary = nn.Linear(config.hidden_size, config.hidden_size)
        self.rows = nn.Embedding(config.side, config.hidden_size)
        self.columns = nn.Embedding(config.side, config.hidden_size)

    def forward(self, images: Tensor) -> Tensor:
        seen = self.tower(images)
        where = self.rows.weight[:, None] + self.columns.weight[None]
        whole = self.summary(gelu(seen).amax(1, keepdim=True))
        return torch.cat((whole, seen + where.flatten(0, 1)), dim=1)


class Block(nn.Module):
    """Attention and a gated feed-forward layer (Shazeer 2020), each normalised before and added after.

    Gates multiply: whether a word fits what was read of the image is a product, and is learned in half the steps.
    """

    def __init__(self, config: TinyConfig) -> None:
        super().__init__()
        self.heads = config.num_attention_heads
        self.attention_norm = nn.LayerNorm(config.hidden_size)
        self.qkv = nn.Linear(config.hidden_size, 3 * config.hidden_size)
        self.out = nn.Linear(config.hidden_size, config.hidden_size)
        self.feed_norm = nn.LayerNorm(config.hidden_size)
        self.up = nn.Linear(config.hidden_size, 2 * config.intermediate_size)
        self.down = nn.Linear(config.intermediate_size, config.hidden_size)

    def forward(self, states: Tensor, mask: Tensor, turn: tuple[Tensor, Tensor]) -> Tensor:
        query, key, value = self.qkv(self.attention_norm(states)).unflatten(-1, (3, self.heads, -1)).unbind(2)
        query, key, value = (part.transpose(1, 2) for part in (query, key, value))
        read = scaled_dot_product_attention(_rotate(query, turn), _rotate(key, turn), value, attn_mask=mask)
        states = states + self.out(read.transpose(1, 2).flatten(2))
        gate, value = self.up(self.feed_norm(states)).chunk(2, dim=-1)
        return states + self.down(gelu(gate) * value)  # type: ignore[no-any-return]


class TinyForTokenClassification(PreTrainedModel):
    """The model: one reward a token, under ``score``, as with the large backbones."""

    config_class = TinyConfig
    base_model_prefix = "model"
    main_input_name = "input_ids"
    _supports_sdpa = True
    _keep_in_fp32_modules_strict = ("score",)

    def __init__(self, config: TinyConfig) -> None:
        super().__init__(config)
        self.stem = Stem(config)
        self.embed = nn.Embedding(config.vocab_size, config.hidden_size)
        self.blocks = nn.ModuleList([Block(config) for _ in range(config.num_hidden_layers)])
        self.norm = nn.LayerNorm(config.hidden_size)
        self.score = nn.Linear(config.hidden_size, config.num_labels)
        self.post_init()

    def _init_weights(self, module: nn.Module) -> None:
        """By fan-in: with transformers' 0.02 everywhere, places are a tenth as loud as what stands there."""
        super()._init_weights(module)
        if isinstance(module, nn.Linear):
            init.normal_(module.weight, std=0.7 * module.in_features**-0.5)
        elif isinstance(module, nn.Conv2d):
            init.kaiming_normal_(module.weight)
        elif isinstance(module, nn.Embedding):
            init.normal_(module.weight, std=0.5)

    def get_input_embeddings(self) -> nn.Module:
        return self.embed

    def forward(
        self,
        input_ids: Tensor,
        attention_mask: Tensor | None = None,
        position_ids: Tensor | None = None,
        labels: Tensor | None = None,
        branch: Tensor | None = None,
        pixel_values: Tensor | None = None,
    ) -> TokenClassifierOutput:
        """Logits (B, T) in float32; arguments as in ``heads.RewardHead.forward``, pixels (B, 3, H, W) in -1..1.

        Raises ValueError where the image tokens of the rows are not as many as the image gives, or where the mask has
        two dimensions in context bidirectional: it does not tell then who reads whom.
        """
        attention_mask = torch.ones_like(input_ids) if attention_mask is None else attention_mask
        if self.config.reward_context == "bidirectional" and attention_mask.ndim == 2:
            raise ValueError(
                "attention_mask must have 4 dimensions: this model was trained to read responses both ways"
            )
        states = self._embedded(input_ids, pixel_values)
        mask = attention_mask if attention_mask.ndim == 4 else self._mask(input_ids, attention_mask)
        if position_ids is None:
            position_ids = _positions(attention_mask)
        turn = _turn(position_ids, self.config.hidden_size // self.config.num_attention_heads // 2, states.dtype)
        for block in self.blocks:
            states = block(states, mask, turn)
        with torch.autocast(states.device.type, enabled=False):
            logits = self.score(self.norm(states).float()).squeeze(-1)
        return TokenClassifierOutput(loss=None if labels is None else _bce(logits, labels), logits=logits)

    def _embedded(self, input_ids: Tensor, pixel_values: Tensor | None) -> Tensor:
        states: Tensor = self.embed(input_ids)
        if pixel_values is None:
            return states
        images = self.stem(pixel_values.to(states.dtype)).to(states.dtype)
        places = (input_ids == self.config.image_token_id).unsqueeze(-1)
        if int(places.sum()) * images.shape[-1] != images.numel():
            raise ValueError(f"{int(places.sum())} image tokens in the rows, {images.shape[:2].numel()} of the images")
        return states.masked_scatter(places, images)

    def _mask(self, input_ids: Tensor, attention_mask: Tensor) -> Tensor:
        """(B, 1, T, T): image tokens see each other, text what was before it, padding only itself."""
        length = input_ids.shape[1]
        own = torch.eye(length, dtype=torch.bool, device=input_ids.device)
        image = input_ids == self.config.image_token_id
        seen = torch.ones_like(own).tril() | (image[:, :, None] & image[:, None, :])
        real = attention_mask.bool()
        visible: Tensor = seen & real[:, None, :] & real[:, :, None] | own
        return visible.unsqueeze(1)


def _positions(attention_mask: Tensor) -> Tensor:
    if attention_mask.ndim == 4:
        raise ValueError("position_ids are missing: rows with a mask of 4 dimensions need them")
    return (attention_mask.cumsum(-1) - 1).clamp(min=0)


def _turn(positions: Tensor, width: int, dtype: torch.dtype) -> tuple[Tensor, Tensor]:
    """Cosines and sines (B, 1, T, width) of rotary position embedding (Su et al. 2021)."""
    speed = 10000.0 ** (-torch.arange(0, width, 2, device=positions.device) / width)
    angle = (positions[..., None].float() * speed).repeat(1, 1, 2).unsqueeze(1)
    return angle.cos().to(dtype), angle.sin().to(dtype)


def _rotate(states: Tensor, turn: tuple[Tensor, Tensor]) -> Tensor:
    """Half of each head is turned; the other is blind to distance, which says nothing of what text asks of an image."""
    turned, kept = states.chunk(2, dim=-1)
    first, second = turned.chunk(2, dim=-1)
    return torch.cat((turned * turn[0] + torch.cat((-second, first), dim=-1) * turn[1], kept), dim=-1)


def _bce(logits: Tensor, labels: Tensor) -> Tensor:
    labelled = labels != IGNORE
    return binary_cross_entropy_with_logits(logits[labelled], labels[labelled].float())
