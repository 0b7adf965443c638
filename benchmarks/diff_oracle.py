"""Every smallest labelling of short pairs, by trying all of them: ``python benchmarks/diff_oracle.py``.

A labelling says which words of the response are new; the others must stand in the reference in the same order. Where
several are equally small, the texts do not tell which is meant ("a cup" -> "a cup a cup"). Printed is how many pairs
are ambiguous in this way, whether the count by dynamic programming agrees, and whether the differ's answer is among
the smallest. (Only where long arguments change places does the differ mark more on purpose: both of them.)
"""

from __future__ import annotations

import argparse
import random
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import combinations

from tldr_data.diff import diff
from tldr_data.labels import GOOD, label_words

VOCABULARY = "the red cat by old cup on it".split()
LONGEST = 9


def is_within(words: Iterable[str], text: Sequence[str]) -> bool:
    """Whether the words stand in the text in this order."""
    rest = iter(text)
    return all(word in rest for word in words)


def smallest_labellings(reference: Sequence[str], response: Sequence[str]) -> list[frozenset[int]]:
    """Every smallest set of places of new words, by trying all."""
    places = range(len(response))
    for size in range(len(response) + 1):
        found = [
            frozenset(new)
            for new in combinations(places, size)
            if is_within((response[place] for place in places if place not in new), reference)
        ]
        if found:
            return found
    raise AssertionError("all words new is always a labelling")


def is_ambiguous(reference: Sequence[str], response: Sequence[str]) -> bool:
    """Whether some word is new in one smallest labelling and old in another, by common subsequences from both ends."""
    before = _common(reference, response)
    behind = _common(reference[::-1], response[::-1])
    n, m = len(reference), len(response)
    longest = before[n][m]
    for j in range(m):
        old = any(
            reference[i] == response[j] and before[i][j] + 1 + behind[n - i - 1][m - j - 1] == longest for i in range(n)
        )
        new = any(before[i][j] + behind[n - i][m - j - 1] == longest for i in range(n + 1))
        if old and new:
            return True
    return False


def _common(one: Sequence[str], other: Sequence[str]) -> list[list[int]]:
    """Length of the longest common subsequence of every two beginnings."""
    table = [[0] * (len(other) + 1)]
    for word in one:
        row = [0]
        for j, also in enumerate(other):
            row.append(table[-1][j] + 1 if word == also else max(row[-1], table[-1][j + 1]))
        table.append(row)
    return table


def new_words(reference: str, response: str) -> frozenset[int]:
    """Places of the words that the differ marks."""
    found = diff(reference, response)
    labels = label_words(response, found.errors, found.collateral)[1]
    return frozenset(place for place, label in enumerate(labels) if label != GOOD)


def short_pair(rng: random.Random) -> tuple[list[str], list[str]]:
    """A few words, and the same after some edits of all kinds."""
    old = [rng.choice(VOCABULARY) for _ in range(rng.randint(1, LONGEST - 2))]
    new = list(old)
    for _ in range(rng.randint(1, 3)):
        start = rng.randrange(len(new) + 1)
        end = min(len(new), start + rng.randint(0, 2))
        new[start:end] = [rng.choice(VOCABULARY) for _ in range(rng.randint(0, 2))]
    return old, new[:LONGEST]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, default=2000)
    rng = random.Random("diff oracle")
    seen: Counter[str] = Counter()
    for _ in range(parser.parse_args().pairs):
        old, new = short_pair(rng)
        smallest = smallest_labellings(old, new)
        ambiguous = len(smallest) > 1
        kind = "ambiguous" if ambiguous else "clear"
        seen[kind] += 1
        seen["the count agrees"] += ambiguous == is_ambiguous(old, new)
        among = new_words(" ".join(old), " ".join(new)) in smallest
        seen[f"{kind}, the differ's answer among the smallest"] += among
        seen[f"{kind}, not among them"] += not among
    for name, count in sorted(seen.items()):
        print(f"{name:55} {count:6}")


if __name__ == "__main__":
    main()
