"""What English word an inflected form may come from, as far as its spelling tells."""

from __future__ import annotations

from functools import lru_cache

_VOWELS = frozenset("aeiouy")


def base_forms(word: str) -> list[str]:
    """What an inflected word may come from, least changed last.

    >>> base_forms("riding"), base_forms("berries")
    (['ride', 'rid'], ['berrie', 'berry'])
    """
    for ending in ("ing", "ed"):
        base = word.removesuffix(ending)
        if base != word and len(base) > 1 and _VOWELS & set(base):
            if len(base) > 2 and base[-1] == base[-2] and base[-1] not in "lsz":
                return [base, base[:-1]]
            doubled = [base[:-1]] if base[-1] == base[-2] else []
            return [*doubled, f"{base}e", base]
    if word.endswith("ies") and len(word) > 4:
        return [word[:-1], f"{word[:-3]}y"]
    if word.endswith(("ches", "shes", "xes", "sses", "zes", "oes")):
        return [word[:-1], word[:-2]]
    return [word[:-1]] if word.endswith("s") and not word.endswith(("ss", "us", "is")) else []


@lru_cache(maxsize=65536)
def stem(word: str) -> str:
    """A key that the forms of one word share, whether it is known or not: "^" keeps it apart from real words."""
    bases = base_forms(word)
    base = bases[-1] if bases else word
    if base.endswith("y") and len(base) > 4:
        base = base[:-1]
    return f"^{base[:-1] if base.endswith('e') and len(base) > 3 else base}"
