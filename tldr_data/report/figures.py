"""What the page draws of a build's counts: each plot with its figures as a table."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

from tldr_data import plots
from tldr_data.dataset import CLEAN
from tldr_data.plots import Draw, Flows, Line
from tldr_data.profile import TENTHS, Bars, Profile, histogram
from tldr_data.yields import LEFT_OUT, auc, percent, wilson

PLOTTED_WORDS = 6
"""Words of each taxonomy in the plot."""
PLOTTED_REASONS = 16

Cell = str | int


class Plot(NamedTuple):
    """A plot, what it tells in words, and its figures."""

    name: str
    title: str
    alt: str
    draw: Draw
    head: tuple[str, ...]
    rows: Sequence[tuple[Cell, ...]]

    def svg(self) -> str:
        """The element for the page."""
        return plots.svg_of(self.draw, f"plot-{self.name}", self.alt)


def all_plots(
    manifest: Mapping[str, Any], profiles: Mapping[str, Profile], audit: Mapping[str, Any] | None
) -> dict[str, Plot]:
    """Name -> plot, of those that there is something to draw for."""
    taxonomies = {name: profiles[name] for name in manifest["taxonomies"] if name in profiles}
    with_errors = {name: profile for name, profile in taxonomies.items() if profile.errors}
    drawn = (
        _yields(manifest["taxonomies"]),
        _rejections(manifest["rejected"]),
        _lengths(profiles, taxonomies),
        _positions(with_errors),
        _error_lengths(with_errors),
        _words(with_errors),
        _shortcuts(manifest["shortcuts"]),
        _audit(audit) if audit else None,
    )
    return {plot.name: plot for plot in drawn if plot}


def _line(label: str, part: int, whole: int, *, is_head: bool = False) -> Line:
    if not whole:
        return Line(label, note="n = 0", is_head=is_head)
    share = part / whole
    return Line(label, share, *wilson(part, whole), f"{100 * share:.1f}%, n = {whole:,}", is_head)


def _yields(taxonomies: Mapping[str, Any]) -> Plot | None:
    blocks, rows = [], list[tuple[Cell, ...]]()
    for name, found in taxonomies.items():
        fit = found["accepted"] + found["left_out"]
        blocks.append([_line(name, fit, found["tried"], is_head=True)])
        rows.append((name, "", found["accepted"], percent(fit, found["tried"])))
        for subtype in found["subtypes"]:
            kept, fit, tried = subtype_counts(found["subtypes"][subtype])
            blocks[-1].append(_line(subtype, fit, tried))
            rows.append((name, subtype, kept, percent(fit, tried)))
    alt = "Share of the candidates with nothing against them: " + _told(
        (name, row) for name, s, _, row in rows if not s
    )
    return Plot(
        "yield",
        "Nothing against it, of what was tried",
        alt,
        partial(plots.dots, blocks),
        ("taxonomy", "subtype", "kept", "nothing against it, of those tried"),
        rows,
    )


def subtype_counts(found: Mapping[str, Any]) -> tuple[int, int, int]:
    """Of a subtype: kept; kept or left out for no fault of their own; tried."""
    kept, rejected = found["accepted"], found["rejected"]
    return kept, kept + sum(rejected.get(reason, 0) for reason in LEFT_OUT), kept + sum(rejected.values())


def _told(lines: Iterator[tuple[Any, Any]]) -> str:
    return "; ".join(f"{name} {what}" for name, what in lines) + "."


def _rejections(rejected: Mapping[str, Mapping[str, int]]) -> Plot | None:
    by_reason = sum((Counter(reasons) for reasons in rejected.values()), Counter[str]())
    if not by_reason:
        return None
    ordered = sorted(by_reason.items(), key=lambda item: (-item[1], item[0]))
    bars = [(reason, number, reason in LEFT_OUT) for reason, number in ordered[:PLOTTED_REASONS]]
    rows = [
        (reason, ", ".join(folder for folder in rejected if rejected[folder].get(reason)), number)
        for reason, number in ordered
    ]
    alt = "Rejected rows by reason: " + _told((reason, f"{number:,}") for reason, number, _ in bars)
    return Plot(
        "rejections",
        "Rejected, by reason; grey: nothing was wrong with the row itself",
        alt,
        partial(plots.counts, bars),
        ("reason", "folders", "rows"),
        rows,
    )


def _lengths(profiles: Mapping[str, Profile], taxonomies: Mapping[str, Profile]) -> Plot | None:
    perturbed = sum((profile.lengths for profile in taxonomies.values()), Counter[int]())
    counted = {"clean": profiles[CLEAN].lengths if CLEAN in profiles else Counter[int](), "perturbed": perturbed}
    bars = histogram({name: lengths for name, lengths in counted.items() if lengths})
    if not bars.labels:
        return None
    starts = [label.partition("-")[0] for label in bars.labels]
    return Plot(
        "lengths",
        "Words of a caption: share of captions",
        "Lengths of captions: " + _told((name, _most(bars, name)) for name in bars.series),
        partial(plots.histogram, starts, bars.shares),
        ("words", *bars.series),
        _bar_rows(bars),
    )


def _most(bars: Bars, name: str) -> str:
    counts = bars.series[name]
    return f"most often {bars.labels[counts.index(max(counts))]} words, n = {sum(counts):,}"


def _bar_rows(bars: Bars) -> list[tuple[Cell, ...]]:
    shares = bars.shares
    return [
        (label, *(f"{counts[at]:,} ({shares[name][at]:.1%})" for name, counts in bars.series.items()))
        for at, label in enumerate(bars.labels)
    ]


def _positions(profiles: Mapping[str, Profile]) -> Plot | None:
    if not profiles:
        return None
    labels = tuple(str(number + 1) for number in range(TENTHS))
    bars = Bars(labels, {name: tuple(p.tenths[at] for at in range(TENTHS)) for name, p in profiles.items()})
    shares = bars.shares
    firsts = ((name, f"{sum(shares[name][:5]):.0%} in the first half") for name in bars.series)
    return Plot(
        "error_position",
        "Where errors stand: of a taxonomy's errors, the percentage in each tenth of the text",
        "Where errors stand: " + _told(firsts),
        partial(plots.cells, shares, labels),
        ("tenth", *bars.series),
        _bar_rows(bars),
    )


def _error_lengths(profiles: Mapping[str, Profile]) -> Plot | None:
    bars = histogram({name: profile.error_lengths for name, profile in profiles.items()})
    if not bars.labels:
        return None
    return Plot(
        "error_lengths",
        "Words of an error: of a taxonomy's errors, the percentage of each length",
        "Words of an error: " + _told((name, _most(bars, name)) for name in bars.series),
        partial(plots.cells, bars.shares, [label.partition("-")[0] for label in bars.labels]),
        ("words", *bars.series),
        _bar_rows(bars),
    )


def _words(profiles: Mapping[str, Profile]) -> Plot | None:
    if not profiles:
        return None
    blocks, rows = [], list[tuple[Cell, ...]]()
    for name, profile in profiles.items():
        flows = profile.flows(PLOTTED_WORDS)
        blocks.append([Flows(name), *(Flows(flow.word, flow.replaced, flow.written) for flow in flows)])
        rows += [(name, flow.word, flow.replaced, flow.written) for flow in flows]
    heads = ((name, f"mostly “{block[1].label}”") for name, block in zip(profiles, blocks, strict=True) if block[1:])
    return Plot(
        "words",
        "The words most often replaced (left) and put in (right)",
        "Words replaced and put in: " + _told(heads),
        partial(plots.flows, blocks),
        ("taxonomy", "word", "replaced", "put in"),
        rows,
    )


def _shortcuts(shortcuts: Mapping[str, Any]) -> Plot | None:
    """What a probe guesses that sees no image."""
    named = {"words": shortcuts["words"]}
    named |= {f"words, {name}": found for name, found in shortcuts["taxonomies"].items()}
    named |= {"sites": shortcuts["sites"], "texts": shortcuts["texts"]}
    found = {name: each for name, each in named.items() if each}
    rows = [(name, auc(each)) for name, each in named.items()]
    if not found:
        return None
    lines = [
        Line(name, each["auc"], each["low"], each["high"], f"{each['auc']:.2f}", not name.startswith("words, "))
        for name, each in found.items()
    ]
    return Plot(
        "shortcuts",
        "AUC of a probe that sees no image; dotted: a coin",
        "AUC of a probe that sees no image: " + _told(iter(rows)),
        partial(plots.dots, [lines], even=0.5, percent=False),
        ("what", "AUC, its 95% interval, and n"),
        rows,
    )


AUDITED = {"good": "good", "natural": "natural English", "rest_true": "rest of the text true"}


def _audit(audit: Mapping[str, Any]) -> Plot | None:
    blocks = [
        [Line(name, is_head=True), *(_line(said, counts[part], counts["n"]) for part, said in AUDITED.items())]
        for name, counts in audit["taxonomies"].items()
    ]
    rows: list[tuple[Cell, ...]] = [
        (name, said, percent(counts[part], counts["n"]))
        for name, counts in audit["taxonomies"].items()
        for part, said in AUDITED.items()
    ]
    for kind in ("clean", "paraphrase"):
        unchanged = audit[kind].items()
        if unchanged:
            blocks.append([Line(kind, is_head=True)])
            blocks[-1] += [_line(f"{name}: nothing false", c["n"] - c["wrong"], c["n"]) for name, c in unchanged]
            rows += [
                (f"{kind}, {name}", "something in it is false", percent(c["wrong"], c["n"])) for name, c in unchanged
            ]
    if not blocks:
        return None
    return Plot(
        "audit",
        "What auditors found, with 95% intervals",
        "What auditors found: " + _told((f"{name}, {said}", share) for name, said, share in rows),
        partial(plots.dots, blocks),
        ("rows", "judged", "share"),
        rows,
    )
