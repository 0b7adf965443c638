"""Token-classification heads: one reward for each token, on backbones that transformers has without such a head.

This file is copied as it is into an exported model (baselines/export.py) and must load there with nothing but torch
and transformers: it imports nothing of this project.
"""

from __future__ import annotations

from typing import Any, cast

import torch
from torch import Tensor
from torch.nn.attention.flex_attention import BlockMask, create_block_mask
from torch.nn.functional import binary_cross_entropy_with_logits
from transformers import (
    MllamaPreTrainedModel,
    PaliGemmaPreTrainedModel,
    Qwen2_5_VLPreTrainedModel,
    Qwen2VLPreTrainedModel,
    Qwen3VLPreTrainedModel,
)
from transformers.modeling_layers import GenericForTokenClassification
from transformers.modeling_outputs import BaseModelOutputWithPooling, TokenClassifierOutput
from transformers.models.qwen3_vl.modeling_qwen3_vl import BaseModelOutputWithDeepstackFeatures
from transformers.vision_utils import get_vision_window_index

IGNORE = -100


class RewardHead(GenericForTokenClassification):
    """What the backbones share: the tower without gradients, the mask in the kernel's own form, rewards in float32.

    The backbone is ``self.model`` and the linear layer ``self.score`` (paper, section 5.1), so that an adapter trained
    here has the names that it needs in the generating model. Subclasses say how an image gets into the backbone.
    """

    # bfloat16 has 8 bits of mantissa: too few for probabilities that differ by less than a percent.
    _keep_in_fp32_modules_strict = ("score",)

    @classmethod
    def from_pretrained(cls, *arguments: Any, **options: Any) -> Any:
        """Knows the head also under the name that exported models give it, which is vLLM's."""
        names = {r"^language_model\.score\.": "score.", **(options.pop("key_mapping", None) or {})}
        return super().from_pretrained(*arguments, key_mapping=names, **options)

    def forward(
        self,
        input_ids: Tensor,
        attention_mask: Tensor | None = None,
        position_ids: Tensor | None = None,
        token_type_ids: Tensor | None = None,
        labels: Tensor | None = None,
        branch: Tensor | None = None,
        pixel_values: Tensor | None = None,
        image_features: tuple[Tensor, ...] | None = None,
        **vision: Any,
    ) -> TokenClassifierOutput:
        """Logits (B, T) in float32: the sigmoid of logit k is P(GOOD) of token k, read at the state of token k itself.

        ``attention_mask`` is (B, T), or (B, 1, T, T) bool with True where a token may be attended to; then it is the
        whole mask, and every token must attend to something. ``image_features`` (see the method of that name) stand in
        for ``pixel_values``. ``vision`` are the other outputs of the backbone's processor. With ``labels`` (B, T),
        ``loss`` is the mean binary cross-entropy of those that are not -100. ``branch`` is for losses outside.

        Raises ValueError where a mask is missing or does not fit the attention's implementation.
        """
        if self.config.reward_context == "bidirectional" and (attention_mask is None or attention_mask.ndim == 2):
            raise ValueError(
                "attention_mask must have 4 dimensions: this model was trained to read responses both ways"
            )
        if attention_mask is not None and attention_mask.ndim == 4 and position_ids is None:
            raise ValueError("position_ids are missing: rows with a mask of 4 dimensions need them")
        if image_features is None and pixel_values is not None:
            image_features = self.image_features(pixel_values, **vision)
        images = {} if image_features is None else self._projected(image_features, **vision)
        states = self.model(
            input_ids,
            attention_mask=self._kernel_mask(attention_mask),
            position_ids=position_ids,
            use_cache=False,
            **self._text_inputs(input_ids, attention_mask, token_type_ids, **vision),
            **images,
        ).last_hidden_state
        logits = self._rewards(states)
        return TokenClassifierOutput(loss=None if labels is None else _bce(logits, labels), logits=logits)

    def image_features(self, pixel_values: Tensor, **vision: Any) -> tuple[Tensor, ...]:
        """What the frozen tower sees in the images, before the projector, which is trained: without gradients.

        The tower's weights need none, but gradient checkpointing makes its input require them (transformers'
        ``enable_input_require_grads``), and its backward pass would be run for nothing.
        """
        with torch.no_grad():
            return self._tower(pixel_values, **vision)

    def _tower(self, pixel_values: Tensor, **vision: Any) -> tuple[Tensor, ...]:
        raise NotImplementedError

    def _projected(self, features: tuple[Tensor, ...], **vision: Any) -> dict[str, Any]:
        raise NotImplementedError

    def _text_inputs(
        self, input_ids: Tensor, attention_mask: Tensor | None, token_type_ids: Tensor | None, **vision: Any
    ) -> dict[str, Any]:
        raise NotImplementedError

    def _rewards(self, states: Tensor) -> Tensor:
        with torch.autocast(states.device.type, enabled=False):
            return cast(Tensor, self.score(states.float()).squeeze(-1))

    def _kernel_mask(self, mask: Tensor | None) -> Tensor | BlockMask | None:
        """A 4-D mask goes to the attention untouched: eager would add True as 1, so each gets its own form."""
        kernel = self.config.get_text_config()._attn_implementation
        if mask is None or mask.ndim == 2 or kernel == "sdpa":
            return mask
        if kernel == "eager":
            return torch.zeros_like(mask, dtype=self.dtype).masked_fill(~mask, torch.finfo(self.dtype).min)
        if kernel == "flex_attention":
            return _block_mask(mask)
        raise ValueError(
            f"attention_mask has 4 dimensions: allowed with sdpa, eager, flex_attention, not with {kernel}"
        )


class PaliGemmaForTokenClassification(RewardHead, PaliGemmaPreTrainedModel):
    """``config.reward_context``: causal, echo, bidirectional; ``config.reward_mask``: prefix or image (see below)."""

    def _tower(self, pixel_values: Tensor, **vision: Any) -> tuple[Tensor, ...]:
        return (self.model.vision_tower(pixel_values).last_hidden_state,)

    def _projected(self, features: tuple[Tensor, ...], **vision: Any) -> dict[str, Any]:
        projected = self.model.multi_modal_projector(features[0])
        return {"mm_encoder_outputs": {"image": BaseModelOutputWithPooling(pooler_output=projected)}}

    def _text_inputs(
        self, input_ids: Tensor, attention_mask: Tensor | None, token_type_ids: Tensor | None, **vision: Any
    ) -> dict[str, Any]:
        kernel = self.config.get_text_config()._attn_implementation
        if kernel not in ("sdpa", "eager", "flex_attention"):
            raise ValueError(
                f"attn {kernel!r} with PaliGemma shows every token the future: sdpa, eager, flex_attention"
            )
        if attention_mask is not None and attention_mask.ndim == 4:
            return {}
        return {"token_type_ids": self._token_types(input_ids, token_type_ids)}

    def _token_types(self, input_ids: Tensor, token_type_ids: Tensor | None) -> Tensor:
        """Zeros see each other, ones only what was before. Without any, sdpa lets every token see the future.

        ``prefix`` takes the processor's (zero: image and prompt), ``image`` the image alone, which is what vLLM serves.
        """
        if self.config.reward_mask == "image":
            return cast(Tensor, input_ids != self.config.image_token_id).long()
        if token_type_ids is None:
            raise ValueError("token_type_ids are missing: the prefix mask needs them (0 image and prompt, 1 response)")
        return token_type_ids


class _QwenHead(RewardHead):
    """Qwen's projectors ("mergers") are called inside the tower: their inputs are what comes before the projector."""

    def _mergers(self) -> list[torch.nn.Module]:
        visual = self.model.visual
        return [visual.merger, *getattr(visual, "deepstack_merger_list", [])]

    def _tower(self, pixel_values: Tensor, **vision: Any) -> tuple[Tensor, ...]:
        inputs: dict[int, Tensor] = {}
        hooks = [
            merger.register_forward_pre_hook(lambda _, args, place=place: inputs.update({place: args[0]}))
            for place, merger in enumerate(self._mergers())
        ]
        try:
            self.model.visual(pixel_values.to(self.model.visual.dtype), grid_thw=_given(vision, "image_grid_thw"))
        finally:
            for hook in hooks:
                hook.remove()
        return tuple(inputs[place] for place in range(len(hooks)))

    def _projected(self, features: tuple[Tensor, ...], **vision: Any) -> dict[str, Any]:
        grid = _given(vision, "image_grid_thw")
        merged = [merger(states) for merger, states in zip(self._mergers(), features, strict=True)]
        # The backbone wants one tensor an image and joins them: all images in one tensor are joined already.
        output = BaseModelOutputWithDeepstackFeatures(
            pooler_output=[self._in_order(merged[0], grid)],
            deepstack_features=[[feature] for feature in merged[1:]],
        )
        return {"mm_encoder_outputs": {"image": output}, "image_grid_thw": grid}

    def _in_order(self, merged: Tensor, image_grid_thw: Tensor) -> Tensor:
        return merged

    def _text_inputs(
        self, input_ids: Tensor, attention_mask: Tensor | None, token_type_ids: Tensor | None, **vision: Any
    ) -> dict[str, Any]:
        return {"mm_token_type_ids": vision.get("mm_token_type_ids")}


class Qwen2VLForTokenClassification(_QwenHead, Qwen2VLPreTrainedModel):
    pass


class Qwen2_5_VLForTokenClassification(_QwenHead, Qwen2_5_VLPreTrainedModel):
    def _in_order(self, merged: Tensor, image_grid_thw: Tensor) -> Tensor:
        """The tower works window by window, and puts the patches back after its merger."""
        visual = self.model.visual
        index, _ = get_vision_window_index(
            image_grid_thw, visual.spatial_merge_size, visual.window_size, visual.patch_size
        )
        return merged[torch.argsort(index).to(merged.device)]


class Qwen3VLForTokenClassification(_QwenHead, Qwen3VLPreTrainedModel):
    pass


class MllamaForTokenClassification(RewardHead, MllamaPreTrainedModel):
    def _tower(self, pixel_values: Tensor, **vision: Any) -> tuple[Tensor, ...]:
        tiles = _given(vision, "aspect_ratio_ids"), _given(vision, "aspect_ratio_mask")
        return (self.model.vision_model(pixel_values, *tiles).last_hidden_state,)

    def _projected(self, features: tuple[Tensor, ...], **vision: Any) -> dict[str, Any]:
        projected = self.model.multi_modal_projector(features[0])
        return {"cross_attention_states": projected.reshape(-1, projected.shape[-2], projected.shape[-1])}

    def _text_inputs(
        self, input_ids: Tensor, attention_mask: Tensor | None, token_type_ids: Tensor | None, **vision: Any
    ) -> dict[str, Any]:
        """Without its mask every token also attends to tiles that hold no image, and the rewards differ."""
        return {"cross_attention_mask": _given(vision, "cross_attention_mask")}


def _given(vision: dict[str, Any], name: str) -> Tensor:
    if vision.get(name) is None:
        raise ValueError(f"{name} is missing: the backbone's processor gives it with the image")
    return cast(Tensor, vision[name])


def _block_mask(mask: Tensor) -> BlockMask:
    rows, _, queries, keys = mask.shape
    return create_block_mask(lambda row, head, q, k: mask[row, 0, q, k], rows, None, queries, keys, device=mask.device)


def _bce(logits: Tensor, labels: Tensor) -> Tensor:
    labelled = labels != IGNORE
    return binary_cross_entropy_with_logits(logits[labelled], labels[labelled].float())
