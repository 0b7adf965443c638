"""Shares with their uncertainty."""

from __future__ import annotations

from math import sqrt

Z = 1.96


def wilson(hits: int, n: int) -> tuple[float, float]:
    """The 95% Wilson interval of a share.

    >>> [round(bound, 3) for bound in wilson(9, 10)]
    [0.596, 0.982]
    """
    if not n:
        return 0.0, 1.0
    middle = (hits + Z * Z / 2) / (n + Z * Z)
    half = Z / (n + Z * Z) * sqrt(hits * (n - hits) / n + Z * Z / 4)
    return max(0.0, middle - half), min(1.0, middle + half)


def share(hits: int, n: int) -> str:
    """``97.1% [96.0, 98.0] n=1234``."""
    low, high = wilson(hits, n)
    return f"{hits / max(n, 1):6.1%} [{low:6.1%}, {high:6.1%}] n={n}"
