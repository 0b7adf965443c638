"""How often ``tldr-data label`` marks just the words that a random edit wrote: ``python benchmarks/diff_accuracy.py``.

The edits are known by construction (random_edits_data.py). Spans that explain the same two texts and mark equally many
words count as right: "a [big big] cup" says no more than what the texts say. difflib stands beside.
"""

from __future__ import annotations

import argparse
import random
from collections import Counter
from difflib import SequenceMatcher

from random_edits_data import Pair, coco_texts, docci_texts, random_pair

from tldr_data.diff import diff
from tldr_data.example import apply_edits, check_spans, written_spans
from tldr_data.labels import WORD

Spans = list[tuple[int, int]]


def ours(pair: Pair) -> tuple[Spans, Spans]:
    found = diff(pair.reference, pair.response)
    assert apply_edits(pair.reference, found.edits) == pair.response
    check_spans(pair.response, found.errors, found.collateral, written_spans(found.edits))
    return [span[:2] for span in found.errors], [span[:2] for span in found.collateral]


def plain_difflib(pair: Pair) -> tuple[Spans, Spans]:
    """Every word that is not in difflib's matching blocks."""
    old, new = (list(WORD.finditer(text)) for text in (pair.reference, pair.response))
    keys = [[match[0].lower() for match in side] for side in (old, new)]
    opcodes = SequenceMatcher(None, *keys, autojunk=False).get_opcodes()
    return [(new[j].start(), new[k - 1].end()) for tag, _, _, j, k in opcodes if tag != "equal" and k > j], []


def marked_words(text: str, spans: Spans) -> int:
    return sum(len(WORD.findall(text, start, end)) for start, end in spans)


def is_right(pair: Pair, found: tuple[Spans, Spans]) -> bool:
    return all(
        mine == truth or marked_words(pair.response, mine) == marked_words(pair.response, truth)
        for mine, truth in zip(found, (pair.errors, pair.collateral), strict=True)
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--edits", type=int, default=100_000, help="how many edits in all")
    parser.add_argument("--seed", default="diff accuracy")
    parser.add_argument("--show", type=int, default=0, help="print so many of the pairs that are wrong")
    options = parser.parse_args()
    rng = random.Random(options.seed)
    corpora = {"docci": docci_texts(), "coco": coco_texts()}
    seen: Counter[tuple[str, ...]] = Counter()
    right: dict[str, Counter[tuple[str, ...]]] = {"tldr-data": Counter(), "identical": Counter(), "difflib": Counter()}
    done = 0
    while done < options.edits:
        corpus = rng.choice(list(corpora))
        count = rng.randint(1, 4 if corpus == "docci" else 2)
        pair = random_pair(rng.choice(corpora[corpus]).strip(), corpora[corpus], count, rng)
        if pair is None or pair.reference == pair.response:
            continue
        done += count
        groups = [("all",), (corpus,), *((kind,) for kind in pair.kinds if count == 1)]
        seen.update(groups)
        found = ours(pair)
        good = is_right(pair, found)
        right["tldr-data"].update(groups if good else ())
        right["identical"].update(groups if found == (pair.errors, pair.collateral) else ())
        right["difflib"].update(groups if is_right(pair, plain_difflib(pair)) else ())
        if not good and options.show:
            options.show -= 1
            print(pair, [[pair.response[x:y] for x, y in spans] for spans in found], sep="\n", end="\n\n")
    print(f"{done:,} edits in {seen['all',]:,} pairs; pairs with the right spans, in %")
    print(f"{'':12}{'pairs':>8}{'tldr-data':>11}{'identical':>11}{'difflib':>9}")
    for group, total in seen.items():
        shares = [100 * right[name][group] / total for name in right]
        print(f"{group[0]:12}{total:>8}{shares[0]:>11.2f}{shares[1]:>11.2f}{shares[2]:>9.2f}")


if __name__ == "__main__":
    main()
