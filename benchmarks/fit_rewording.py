"""Fit the weights of the rewording score, ``lexicons/rewording.yaml``: ``python benchmarks/fit_rewording.py``.

Uses the tuning halves of ``../shared/data/paraphrase_dev`` and ``../shared/data/sugarcrepe`` (see filter_data.py) and
needs scikit-learn. Only pairs that the exact rules leave open are fitted; the bias lets through as many
contradictions as ``KEPT`` asks for.
"""

from __future__ import annotations

from filter_data import Pair, read_pairs

from tldr_data.meaning import split_words, units
from tldr_data.paraphrase import compare_units, decide_exactly, rewording_features
from tldr_data.resources import resource_dir

KEPT = 0.87
"""Share of open contradictions (a minority: the exact rules decide the others) to keep on the tuning half."""
PARAPHRASE_WEIGHT = 4.0
HEADER = """# Weights of the rewording score (tldr_data/paraphrase.py); above 0 is a paraphrase.
# Fitted, do not edit: python benchmarks/fit_rewording.py
"""


def open_features(pair: Pair) -> dict[str, float] | None:
    """Features of a pair that the exact rules do not decide."""
    before, after = units(pair.reference), units(pair.response)
    old, new = split_words(pair.reference), split_words(pair.response)
    found = compare_units(before, after)
    if decide_exactly(before, after, old, new, found) is not None:
        return None
    return rewording_features(before, after, old, new, found)


def main() -> None:
    """Fit, and write the weights."""
    import numpy as np
    import yaml
    from sklearn.linear_model import LogisticRegression
    from sklearn.preprocessing import StandardScaler

    pairs = [pair for pair in read_pairs() if pair.tuning]
    rows = [(found, pair) for pair in pairs if (found := open_features(pair)) is not None]
    names = list(rows[0][0])
    values = np.array([[found[name] for name in names] for found, _ in rows])
    target = np.array([pair.meaning_kept for _, pair in rows])
    scale = StandardScaler().fit(values)
    weight = np.where(target, PARAPHRASE_WEIGHT, 1.0)
    model = LogisticRegression(C=0.3, max_iter=5000).fit(scale.transform(values), target, sample_weight=weight)
    spread = np.where(scale.scale_ == 0, 1, scale.scale_)
    weights = model.coef_[0] / spread
    bias = -float(np.quantile((values @ weights)[~target], KEPT))
    fitted = {"bias": round(bias, 4), "weights": {n: round(float(w), 4) for n, w in zip(names, weights, strict=True)}}
    path = resource_dir("lexicons") / "rewording.yaml"
    path.write_text(HEADER + yaml.safe_dump(fitted, sort_keys=False), encoding="utf-8", newline="\n")
    print(f"{path.name}: {len(rows)} open pairs of {len(pairs)}, {int(target.sum())} of them paraphrases")


if __name__ == "__main__":
    main()
