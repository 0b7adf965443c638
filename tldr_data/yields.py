"""Counts of a build: how many references had a site, what was made of them, what was thrown away and why."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tldr_data.dataset import IMAGES, Row
from tldr_data.example import SPLITS

LEFT_OUT = ("guessable", "over_share", "over_target")
"""Reasons that speak against a row beside the others, not against the row: they lower no yield."""
MAX_ATTRIBUTIONS = 20
"""Distinct attributions that the card prints; every row carries its own."""


@dataclass(slots=True)
class Tally:
    """What the card, the report and the manifest say of a build; filled while the files are written."""

    rows: dict[str, dict[str, int]] = field(default_factory=dict)
    """Folder -> split -> rows."""
    references: int = 0
    """Clean captions that could be perturbed."""
    sites: Counter[str] = field(default_factory=Counter)
    """Taxonomy -> references with a site."""
    tried: Counter[str] = field(default_factory=Counter)
    """Taxonomy -> rows that were tried: one of each reference with a site, or more where a target asks for more."""
    subtypes: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    """Folder -> subtype -> rows kept."""
    verdicts: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    """Folder -> verdict -> rows kept."""
    rejected: dict[str, Counter[tuple[str, str]]] = field(default_factory=lambda: defaultdict(Counter))
    """Folder, or ``source`` -> (subtype or "", reason) -> rejected."""
    licenses: Counter[tuple[str, str]] = field(default_factory=Counter)
    """(source, license) -> rows."""
    attributions: list[str] = field(default_factory=list)

    def add_sites(self, sites: Mapping[str, int]) -> None:
        """Count a reference: taxonomy that has a site in it -> rows that were tried."""
        self.sites.update(sites.keys())
        self.tried.update(sites)

    def add_row(self, folder: str, row: Row) -> None:
        """Count a published row."""
        self.verdicts[folder][row["verdict"]] += 1
        self.licenses[row["source"], row["license"]] += 1
        if row["subtype"]:
            self.subtypes[folder][row["subtype"]] += 1
        if row["attribution"] not in self.attributions and len(self.attributions) < MAX_ATTRIBUTIONS:
            self.attributions.append(row["attribution"])

    def add_rejected(self, folder: str, record: Row) -> None:
        """Count a line of rejected/."""
        self.rejected[folder][record.get("subtype") or "", record["reason"]] += 1

    def to_json(self, taxonomies: Iterable[str]) -> dict[str, Any]:
        """The counts as the manifest holds them."""
        return {
            "rows": {folder: counts for folder, counts in self.rows.items() if any(counts.values())},
            "taxonomies": {name: self._taxonomy(name) for name in taxonomies},
            "rejected": {folder: _by_reason(counts) for folder, counts in sorted(self.rejected.items())},
            "licenses": [
                {"source": source, "license": license, "rows": count}
                for (source, license), count in sorted(self.licenses.items())
            ],
            "attributions": self.attributions,
        }

    def _taxonomy(self, name: str) -> dict[str, Any]:
        accepted = sum(self.rows.get(name, {}).values())
        sites = self.sites[name]
        rejected = self.rejected.get(name, Counter())
        left_out = sum(count for (_, reason), count in rejected.items() if reason in LEFT_OUT)
        subtypes = sorted({*self.subtypes.get(name, ()), *(subtype for subtype, _ in rejected if subtype)})
        return {
            "references": self.references,
            "sites": sites,
            "tried": self.tried[name],
            "accepted": accepted,
            "left_out": left_out,
            "site_rate": _share(sites, self.references),
            "yield": _share(accepted + left_out, self.tried[name]),
            "verdicts": dict(sorted(self.verdicts.get(name, Counter()).items())),
            "rejected": _by_reason(rejected),
            "subtypes": {
                subtype: {
                    "accepted": self.subtypes.get(name, Counter())[subtype],
                    "rejected": _by_reason(Counter({k: n for k, n in rejected.items() if k[0] == subtype})),
                }
                for subtype in subtypes
            },
        }


def _by_reason(counts: Counter[tuple[str, str]]) -> dict[str, int]:
    """Most frequent reason first."""
    reasons: Counter[str] = Counter()
    for (_, reason), count in counts.items():
        reasons[reason] += count
    return dict(sorted(reasons.items(), key=lambda item: (-item[1], item[0])))


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 6) if whole else None


def percent(part: int, whole: int) -> str:
    """A share with its 95% interval (Wilson) and its n, as people read it.

    >>> percent(50, 100)
    '50.0% (40.4 to 59.6, n = 100)'
    >>> percent(0, 0)
    'none (n = 0)'
    """
    if not whole:
        return "none (n = 0)"
    low, high = wilson(part, whole)
    return f"{100 * part / whole:.1f}% ({100 * low:.1f} to {100 * high:.1f}, n = {whole:,})"


def wilson(part: int, whole: int, z: float = 1.959964) -> tuple[float, float]:
    """95% interval of a share, 0..1; right for shares near 0 and 1 too."""
    share, spread = part / whole, z * z / whole
    middle = (share + spread / 2) / (1 + spread)
    half = z * math.sqrt(share * (1 - share) / whole + spread / (4 * whole)) / (1 + spread)
    return max(0.0, middle - half), min(1.0, middle + half)


def auc(found: Mapping[str, Any] | None) -> str:
    """A probe's figure as people read it.

    >>> auc({"auc": 0.5, "low": 0.45, "high": 0.55, "bad": 1000, "good": 900})
    '0.50 (0.45 to 0.55, n = 1,900)'
    """
    if found is None:
        return "too few rows to say"
    return f"{found['auc']:.2f} ({found['low']:.2f} to {found['high']:.2f}, n = {found['bad'] + found['good']:,})"


def summary_lines(manifest: dict[str, Any]) -> list[str]:
    """The end-of-build summary."""
    lines = []
    for folder, splits in manifest["rows"].items():
        counts = ", ".join(f"{splits.get(split, 0):,} {split}" for split in SPLITS)
        unit = "images" if folder == IMAGES else "rows"
        lines.append(f"{folder}: {sum(splits.values()):,} {unit} ({counts})")
    for name, counts in manifest["taxonomies"].items():
        lines.append(
            f"{name}: site in {percent(counts['sites'], counts['references'])} of references; "
            f"kept {percent(counts['accepted'] + counts['left_out'], counts['tried'])} of what was tried"
        )
    for name, missing in manifest["short"].items():
        lines.append(f"{name}: {missing:,} rows short of the target, and nothing left to try")
    for folder, reasons in manifest["rejected"].items():
        lines.append(f"rejected, {folder}: " + ", ".join(f"{count:,} {reason}" for reason, count in reasons.items()))
    return lines
