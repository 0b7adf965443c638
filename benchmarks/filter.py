"""What the default filter keeps and rejects of pairs that people judged: ``python benchmarks/filter.py``.

The lexicon and the weights were tuned on one half of the pairs only (filter_data.py); both halves are printed.
"""

from __future__ import annotations

import time
from collections import Counter
from math import inf

from filter_data import SUGARCREPE, Pair, read_pairs
from fit_rewording import open_features
from intervals import share
from rapidfuzz import fuzz

from tldr_data.filters import find_reason
from tldr_data.paraphrase import rewording_score

CURVE = (-2.0, -1.0, -0.5, 0.0, 0.5, 1.0, 2.0)


def main() -> None:
    """Print the table, and the similarity baseline below it."""
    pairs = list(read_pairs())
    find_reason("one", "two")
    began = time.perf_counter()
    reasons = [find_reason(pair.reference, pair.response) for pair in pairs]
    spent = time.perf_counter() - began
    for half in (True, False):
        judged = [(pair, reason) for pair, reason in zip(pairs, reasons, strict=True) if pair.tuning == half]
        print(f"-- {'tuning' if half else 'report'} half")
        print_half(judged)
    print_curve([pair for pair in pairs if not pair.tuning])
    rejected = Counter(reason or "kept" for reason in reasons)
    print(f"-- reasons: {dict(rejected.most_common())}")
    print(f"-- {1000 * spent / len(pairs):.3f} ms a pair")
    print_baseline([pair for pair in pairs if pair.kind.startswith("dev") and not pair.tuning])


def print_half(judged: list[tuple[Pair, str | None]]) -> None:
    """One line for each kind of pair."""
    for kind in (*SUGARCREPE, "dev negative"):
        kept = [reason is None for pair, reason in judged if pair.kind == kind]
        print(f"{kind:16} kept     {share(sum(kept), len(kept))}")
    kept = [reason is None for pair, reason in judged if pair.kind in SUGARCREPE]
    print(f"{'sugarcrepe':16} kept     {share(sum(kept), len(kept))}")
    rejected = [reason is not None for pair, reason in judged if pair.meaning_kept]
    print(f"{'dev paraphrase':16} rejected {share(sum(rejected), len(rejected))}")


def print_curve(pairs: list[Pair]) -> None:
    """What other thresholds of the rewording score would give; what the exact rules decide does not depend on it."""
    print(f"-- report half, by threshold of the rewording score (the filter uses {CURVE[len(CURVE) // 2]:+.1f})")
    print(f"{'threshold':>10}{'sugarcrepe kept':>18}{'dev negative kept':>20}{'dev paraphrase rejected':>26}")
    scored = [(pair, reason_scores(pair)) for pair in pairs]
    for threshold in CURVE:
        shares = [
            100 * sum((score > threshold) == same for score in scores) / len(scores)
            for same, scores in (
                (False, [score for pair, score in scored if pair.kind in SUGARCREPE]),
                (False, [score for pair, score in scored if pair.kind == "dev negative"]),
                (True, [score for pair, score in scored if pair.meaning_kept]),
            )
        ]
        print(f"{threshold:>+10.1f}{shares[0]:>17.1f}%{shares[1]:>19.1f}%{shares[2]:>25.1f}%")


def reason_scores(pair: Pair) -> float:
    """The rewording score of a pair; infinite where the exact rules or another filter decide."""
    found = open_features(pair)
    if found is not None and find_reason(pair.reference, pair.response) in (None, "paraphrase"):
        return rewording_score(found)
    return inf if find_reason(pair.reference, pair.response) else -inf


def print_baseline(pairs: list[Pair]) -> None:
    """How well ``rapidfuzz.fuzz.ratio`` alone tells the paraphrases (expected: more similar) from the negatives."""
    same = sorted(fuzz.ratio(pair.reference, pair.response) for pair in pairs if pair.meaning_kept)
    false = sorted(fuzz.ratio(pair.reference, pair.response) for pair in pairs if not pair.meaning_kept)
    above = sum((a > b) + (a == b) / 2 for a in same for b in false)
    print(f"-- rapidfuzz ratio on the report half: AUC {above / (len(same) * len(false)):.3f}", end="; ")
    best = max(
        (sum(a >= cut for a in same) / len(same) + sum(b < cut for b in false) / len(false)) / 2 for cut in range(102)
    )
    print(f"best balanced accuracy, rejecting what is similar: {best:.1%}")


if __name__ == "__main__":
    main()
