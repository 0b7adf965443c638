"""An optional paraphrase filter: does each of two texts entail the other, by a model for natural language inference?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import Any

from tldr_data.errors import UsageError

BATCH = 32
"""Texts at once, of about the same length."""


class Entailment:
    """A sequence-classification model with an ``entailment`` label: a folder, or a name of the Hub.

    Raises:
        UsageError: torch or transformers is missing, there is no such model, or none of its labels says "entailed".
    """

    def __init__(self, model: str) -> None:
        try:
            self._torch: Any = import_module("torch")
            transformers: Any = import_module("transformers")
        except ImportError:
            raise UsageError("an entailment model needs torch and transformers: pip install 'tldr-data[nli]'") from None
        try:
            self._tokenizer = transformers.AutoTokenizer.from_pretrained(model)
            loaded = transformers.AutoModelForSequenceClassification.from_pretrained(model)
        except (OSError, ValueError) as error:
            why = " ".join(str(error).split())[:200]
            raise UsageError(f"entailment model {model!r} cannot be loaded: {why}") from None
        self._label = entailment_label(model, loaded.config.id2label)
        self._model = loaded.to("cuda" if self._torch.cuda.is_available() else "cpu").eval()
        self._longest = min(
            self._tokenizer.model_max_length,
            getattr(loaded.config, "max_position_embeddings", self._tokenizer.model_max_length),
        )

    def entails_both_ways(self, reference: str, response: str) -> float:
        """Probability, 0 to 1, that each text entails the other: the lower one of the two directions."""
        return self.entail_both_ways([(reference, response)])[0]

    def entail_both_ways(self, pairs: Sequence[tuple[str, str]]) -> list[float]:
        """The same for many pairs (reference, response), one figure each, in their order.

        A pair of more tokens than the model can read gets 0: cut off before the edit, any two texts would be one.
        """
        there = self._entail(pairs)
        back = self._entail([(response, reference) for reference, response in pairs])
        return [min(both) for both in zip(there, back, strict=True)]

    def _entail(self, pairs: Sequence[tuple[str, str]]) -> list[float]:
        """Probability that the first text of each pair entails the second."""
        lengths = [len(self._tokenizer(*pair, verbose=False)["input_ids"]) for pair in pairs]
        readable = [at for at, length in enumerate(lengths) if length <= self._longest]
        readable.sort(key=lambda at: lengths[at])
        found = [0.0] * len(pairs)
        for start in range(0, len(readable), BATCH):
            batch = readable[start : start + BATCH]
            for at, probability in zip(batch, self._probabilities([pairs[at] for at in batch]), strict=True):
                found[at] = probability
        return found

    def _probabilities(self, pairs: Sequence[tuple[str, str]]) -> list[float]:
        premises, hypotheses = zip(*pairs, strict=True)
        inputs = self._tokenizer(list(premises), list(hypotheses), padding=True, return_tensors="pt")
        with self._torch.inference_mode():
            logits = self._model(**inputs.to(self._model.device)).logits
        probabilities: list[float] = logits.float().softmax(-1)[:, self._label].tolist()
        return probabilities


def entailment_label(model: str, names: Mapping[int, str]) -> int:
    """Which class means "entailed": models order theirs as they please.

    Raises:
        UsageError: no label says so, or several do.

    >>> entailment_label("m", {0: "CONTRADICTION", 1: "ENTAILMENT", 2: "NEUTRAL"})
    1
    """
    found = [index for index, name in names.items() if name.lower().startswith("entail")]
    if len(found) != 1:
        allowed = ", ".join(names.values())
        raise UsageError(f"entailment model {model!r}: one label must be named entailment, it has {allowed}")
    return int(found[0])
