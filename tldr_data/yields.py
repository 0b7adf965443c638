"""Counts of a build: how many references had a site, what was made of them, what was thrown away and why."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tldr_data.dataset import IMAGES, Row
from tldr_data.example import SPLITS, VERDICTS

if TYPE_CHECKING:
    import pyarrow as pa

LEFT_OUT = ("guessable", "over_share", "over_target")
"""Reasons that speak against a row beside the others, not against the row: they lower no yield."""
MAX_ATTRIBUTIONS = 20
"""Distinct attributions that the card prints; every row carries its own."""


def _counters() -> Any:
    """Not a lambda: tallies are sent between processes."""
    return defaultdict(Counter)


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
    subtypes: dict[str, Counter[str]] = field(default_factory=_counters)
    """Folder -> subtype -> rows kept."""
    verdicts: dict[str, Counter[str]] = field(default_factory=_counters)
    """Folder -> verdict -> rows kept."""
    rejected: dict[str, Counter[tuple[str, str]]] = field(default_factory=_counters)
    """Folder, or ``source`` -> (subtype or "", reason) -> rejected."""
    licenses: Counter[tuple[str, str]] = field(default_factory=Counter)
    """(source, license) -> rows."""
    rejected_licenses: Counter[tuple[str, str]] = field(default_factory=Counter)
    """(source, license) -> rejected rows whose text stands in rejected/."""
    image_licenses: Counter[tuple[str, str]] = field(default_factory=Counter)
    """(source, license) -> images."""
    withheld: Counter[str] = field(default_factory=Counter)
    """License -> images without their bytes."""
    attributions: list[str] = field(default_factory=list)

    def add_reference(self, task: str, sites: Iterable[str]) -> None:
        """Count a reference: taxonomies that have a site in it, each as often as a row was tried.

        An answer belongs to one taxonomy, so only captions tell how many texts have a site.
        """
        tried = Counter(sites)
        self.tried.update(tried)
        if task == "caption":
            self.references += 1
            self.sites.update(tried.keys())

    def add_row(self, folder: str, row: Row) -> None:
        """Count a published row."""
        self._add(folder, row["verdict"], row["subtype"], (row["source"], row["license"]), 1)
        self._add_attributions([row["attribution"]])

    def add_image(self, image: Row) -> None:
        """Count a row of config ``images``."""
        self.image_licenses[image["source"], image["license"]] += 1
        if image["image"] is None:
            self.withheld[image["license"]] += 1

    def add_table(self, folder: str, table: pa.Table) -> None:
        """Count published rows, as they are stored."""
        names = ["verdict", "subtype", "source", "license"]
        counts = table.select(names).group_by(names).aggregate([([], "count_all")])
        for verdict, subtype, source, license, number in zip(*(column.to_pylist() for column in counts), strict=True):
            self._add(folder, VERDICTS[verdict], subtype, (source, license), number)
        if len(self.attributions) < MAX_ATTRIBUTIONS:
            self._add_attributions(table.column("attribution").unique().to_pylist())

    def _add(self, folder: str, verdict: str, subtype: str | None, license: tuple[str, str], number: int) -> None:
        self.verdicts[folder][verdict] += number
        self.licenses[license] += number
        if subtype:
            self.subtypes[folder][subtype] += number

    def _add_attributions(self, attributions: Iterable[str]) -> None:
        for attribution in attributions:
            if attribution not in self.attributions and len(self.attributions) < MAX_ATTRIBUTIONS:
                self.attributions.append(attribution)

    def add_all(self, other: Tally) -> None:
        """Count in everything of another tally."""
        self.rows.update(other.rows)
        self.references += other.references
        self.sites.update(other.sites)
        self.tried.update(other.tried)
        self.licenses.update(other.licenses)
        self.rejected_licenses.update(other.rejected_licenses)
        self.image_licenses.update(other.image_licenses)
        self.withheld.update(other.withheld)
        for mine, theirs in ((self.subtypes, other.subtypes), (self.verdicts, other.verdicts)):
            for folder, counts in theirs.items():
                mine[folder].update(counts)
        for folder, rejected in other.rejected.items():
            self.rejected[folder].update(rejected)
        self._add_attributions(other.attributions)

    def add_rejected(self, folder: str, record: Row) -> None:
        """Count a line of rejected/."""
        self.rejected[folder][record.get("subtype") or "", record["reason"]] += 1
        if "response" in record:
            self.rejected_licenses[record["source"], record["license"]] += 1

    def to_json(self, taxonomies: Iterable[str]) -> dict[str, Any]:
        """The counts as the manifest holds them."""
        return {
            "rows": {folder: counts for folder, counts in self.rows.items() if any(counts.values())},
            "taxonomies": {name: self._taxonomy(name) for name in taxonomies},
            "rejected": {folder: _by_reason(counts) for folder, counts in sorted(self.rejected.items())},
            "licenses": _by_license(self.licenses, "rows"),
            "rejected_licenses": _by_license(self.rejected_licenses, "rows"),
            "image_licenses": _by_license(self.image_licenses, "images"),
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


def _by_license(counts: Counter[tuple[str, str]], unit: str) -> list[dict[str, Any]]:
    return [{"source": source, "license": license, unit: count} for (source, license), count in sorted(counts.items())]


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
