"""Plots of a build, drawn by matplotlib: for the page as SVG in the page's own colours, for the card as PNG.

Matplotlib is imported where something is drawn, without pyplot: no window system is looked for, no state is shared.
"""

from __future__ import annotations

import io
import logging
import re
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from html import escape
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

PLOTS = "plots"
"""Folder of a build that holds them as PNG files."""
PNGS = ("yield", "rejections", "lengths", "error_position", "words", "audit")
"""Their names; of an audit only after one."""
LINE_HEIGHT = 15.0
"""Points from one line of a plot to the next."""
CHARACTER = 5.5
"""Points that a character of a label takes in the mean."""
PNG_DPI = 180
NARROW = "\u00a0"
"""A space that a browser does not take away."""


class Look(NamedTuple):
    """How figures are drawn: colours, and points of width."""

    ink: str
    quiet: str
    line: str
    accent: str
    other: str
    neutral: str
    width: float
    columns: int
    """In which long lists stand beside each other."""


CARD = Look("#1c1e22", "#5c6370", "#d5d8de", "#b3401a", "#2563a8", "#8a93a1", 700, 2)
"""On white."""
PAGE = Look("#010101", "#020202", "#030303", "#040404", "#050505", "#060606", 380, 1)
"""Colours that stand for those of the page: ``svg_of`` puts its CSS variables there."""
VARIABLES = {color: f"var(--{name})" for name, color in PAGE._asdict().items() if isinstance(color, str)}

Draw = Callable[[Look], "Figure"]


class Line(NamedTuple):
    """A share, or another number from 0 to 1, with its interval; a heading where there is no value."""

    label: str
    value: float | None = None
    low: float = 0.0
    high: float = 1.0
    note: str = ""
    """Stands behind it."""
    is_head: bool = False


class Flows(NamedTuple):
    """A word, how often it was replaced, and how often it was written; a heading where both are None."""

    label: str
    out: int | None = None
    into: int | None = None


class _Column(NamedTuple):
    """Axes in which each line of a plot has its height, 0, 1, 2..., from the top."""

    figure: Figure
    axes: Axes
    lines: list[Any]
    left: float
    """Points for labels beside the axes."""


def dots(blocks: Sequence[Sequence[Line]], look: Look, *, even: float | None = None, percent: bool = True) -> Figure:
    """Values with their intervals, line by line; ``even`` is where chance would be."""
    lows = [line.low for block in blocks for line in block if line.value is not None]
    left = min(0.9, int(10 * min([*lows, 1.0 if even is None else even - 0.1])) / 10)
    notes = max(len(line.note) for block in blocks for line in block)
    figure, columns = _columns(blocks, look, right=notes * CHARACTER + 10)
    for column in columns:
        axes, lines = column.axes, column.lines
        axes.set_xlim(left, 1.0)
        if percent:
            axes.xaxis.set_major_formatter(lambda value, _: f"{100 * value:.0f}%")
        axes.locator_params(axis="x", nbins=4)
        if even is not None:
            axes.axvline(even, color=look.quiet, linestyle=(0, (2, 2)), linewidth=1)
        drawn = [(y, line.low, line.high, line) for y, line in enumerate(lines) if line.value is not None]
        heights, lows, highs = ([each[at] for each in drawn] for at in range(3))
        axes.hlines(heights, lows, highs, colors=look.accent, linewidth=1.6, clip_on=False)
        for is_head, size in ((True, 4.6), (False, 3.4)):
            places = [(y, line.value) for y, _, _, line in drawn if line.is_head == is_head]
            heights, values = ([place[at] for place in places] for at in range(2))
            axes.plot(values, heights, "o", color=look.accent, markersize=size, clip_on=False)
        _notes(column, [(line.note, 1.0, y) for y, line in enumerate(lines) if line.note], look)
        _label(column, [(line.label, line.is_head) for line in lines])
    return figure


def flows(blocks: Sequence[Sequence[Flows]], look: Look) -> Figure:
    """How often words went out, to the left, and came in, to the right."""
    figure, columns = _columns(blocks, look, right=26)
    most = max((n or 0 for block in blocks for line in block for n in (line.out, line.into)), default=1) or 1
    for column in columns:
        axes, lines = column.axes, column.lines
        axes.set_xlim(-most, most)
        heights = range(len(lines))
        axes.barh(heights, [-(line.out or 0) for line in lines], height=0.7, color=look.other)
        axes.barh(heights, [line.into or 0 for line in lines], height=0.7, color=look.accent)
        axes.axvline(0, color=look.quiet, linewidth=0.8)
        axes.set_xticks([-most, 0, most], [f"{most:,} out", "0", f"{most:,} in"])
        _label(column, [(line.label, line.out is None) for line in lines])
    return figure


def counts(bars: Sequence[tuple[str, int, bool]], look: Look) -> Figure:
    """Label, number, and whether it is drawn in the quiet colour, line by line."""
    look = look._replace(columns=1)
    most = max(number for _, number, _ in bars)
    figure, (column,) = _columns([bars], look, right=len(f"{most:,}") * CHARACTER + 14)
    axes = column.axes
    colors = [look.neutral if is_quiet else look.accent for _, _, is_quiet in bars]
    axes.barh(range(len(bars)), [number for _, number, _ in bars], height=0.7, color=colors)
    _notes(column, [(f"{number:,}", number, y) for y, (_, number, _) in enumerate(bars)], look)
    axes.set_xlim(0, most)
    axes.set_xticks([])
    _label(column, [(label, False) for label, _, _ in bars])
    return figure


def histogram(labels: Sequence[str], series: Mapping[str, Sequence[float]], look: Look) -> Figure:
    """Shares of each series beside one another; the first of several is drawn in the quiet colour."""
    from matplotlib.figure import Figure

    width, height = min(look.width, 460.0), 190.0
    figure = Figure(figsize=(width / 72, height / 72))
    axes = figure.add_axes((36 / width, 40 / height, 1 - 42 / width, 1 - 66 / height))
    step = 0.84 / len(series)
    for number, (name, shares) in enumerate(series.items()):
        color = look.neutral if number == 0 and len(series) > 1 else look.accent
        places = [at - 0.42 + step * (number + 0.5) for at in range(len(labels))]
        axes.bar(places, shares, width=step * 0.96, color=color, label=name)
    every = -(-len(labels) * 34 // int(width - 50))
    axes.set_xticks(range(0, len(labels), every), labels[::every])
    axes.yaxis.set_major_formatter(lambda value, _: f"{100 * value:.0f}%")
    axes.locator_params(axis="y", nbins=4)
    axes.grid(axis="y")
    axes.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=3, frameon=False, borderaxespad=0.2)
    return figure


def cells(rows: Mapping[str, Sequence[float]], columns: Sequence[str], look: Look) -> Figure:
    """A table of shares: the darker, the more."""
    from matplotlib.colors import to_rgba

    look = look._replace(columns=1, width=min(look.width, 520))
    figure, (column,) = _columns([list(rows.items())], look, right=4)
    axes, most = column.axes, max(max(shares) for shares in rows.values()) or 1.0
    axes.set_xlim(0, len(columns))
    lefts = [x + 0.03 for x in range(len(columns))]
    for y, shares in enumerate(rows.values()):
        colors = [to_rgba(look.accent, 0.06 + 0.44 * share / most) for share in shares]
        axes.barh([y] * len(lefts), 0.94, left=lefts, height=0.92, color=colors)
        for x, share in enumerate(shares):
            axes.text(x + 0.5, y, f"{100 * share:.0f}", ha="center", va="center", size=8.5)
    axes.set_xticks([at + 0.5 for at in range(len(columns))], columns)
    axes.grid(visible=False)
    _label(column, [(name, False) for name in rows])
    return figure


def _columns(blocks: Sequence[Sequence[Any]], look: Look, right: float) -> tuple[Figure, list[_Column]]:
    """A figure with one axes a column, the blocks dealt out to them in order, a line of the plot for each item."""
    from matplotlib.figure import Figure

    dealt: list[list[Any]] = [[] for _ in range(min(look.columns, len(blocks)))]
    whole, done = sum(map(len, blocks)), 0
    for block in blocks:
        dealt[min(len(dealt) * done // whole, len(dealt) - 1)] += block
        done += len(block)
    dealt = [lines for lines in dealt if lines]
    left = min(max(len(line[0]) for lines in dealt for line in lines), 30) * CHARACTER + 18
    width = look.width / look.columns
    height = max(map(len, dealt)) * LINE_HEIGHT + 34
    figure = Figure(figsize=(width * len(dealt) / 72, height / 72))
    made = []
    for number, lines in enumerate(dealt):
        part = len(lines) * LINE_HEIGHT
        box = (number * width + left, height - part - 8, width - left - right, part)
        axes = figure.add_axes(
            (box[0] / width / len(dealt), box[1] / height, box[2] / width / len(dealt), part / height)
        )
        axes.set_ylim(len(lines) - 0.5, -0.5)
        axes.grid(axis="x")
        made.append(_Column(figure, axes, lines, left - 4))
    return figure, made


def _notes(column: _Column, notes: Sequence[tuple[str, float, float]], look: Look) -> None:
    """Texts to the right of places, which are given in the plot's own numbers."""
    from matplotlib.transforms import offset_copy

    place = offset_copy(column.axes.transData, column.figure, x=6, units="points")
    for text, x, y in notes:
        column.axes.text(x, y, text, transform=place, va="center", color=look.quiet)


def _label(column: _Column, labels: Sequence[tuple[str, bool]]) -> None:
    """Name the lines, heads in bold. Ticks with labels would take most of the time of drawing."""
    from matplotlib.transforms import offset_copy

    axes = column.axes
    place = offset_copy(axes.get_yaxis_transform(), column.figure, x=-column.left, units="points")
    indent = NARROW * 3 if any(is_head for _, is_head in labels) else ""
    axes.set_yticks([])
    for y, (label, is_head) in enumerate(labels):
        text = _short(label) if is_head else indent + _short(label)
        axes.text(0, y, text, transform=place, va="center", fontweight="bold" if is_head else "normal")


def _short(label: str) -> str:
    plain = "".join(char if char.isprintable() else "\ufffd" for char in label)
    return plain if len(plain) <= 28 else plain[:27] + "…"


def svg_of(draw: Draw, name: str, alt: str) -> str:
    """A plot as an ``svg`` element of a page: in the page's colours and letters, with nothing that is fetched."""
    out = io.StringIO()
    with _drawing(PAGE):
        draw(PAGE).savefig(out, format="svg", transparent=True, metadata={"Date": None, "Creator": None})
    text = out.getvalue()
    text = re.sub(r"<metadata>.*?</metadata>|<style.*?</style>|<!--.*?-->", "", text[text.index("<svg") :], flags=re.S)
    # some versions write the letters as one property, some as several
    text = re.sub(r"\bfont: ((?:\w+ )*)([\d.]+px)[^;\"]*|\bfont-family: [^;\"]*", _letters, text)
    text = re.sub("|".join(VARIABLES), lambda found: VARIABLES[found.group()], text)
    head, _, rest = text.partition(">")
    size = re.search(r'viewBox="[^"]+"', head)
    used = set(re.findall(r'(?:href="|url\()#([^")]+)', rest))
    rest = re.sub(r' id="([^"]+)"', lambda found: f' id="{name}-{found[1]}"' if found[1] in used else "", rest)
    rest = re.sub(r'(href="|url\()#', rf"\g<1>#{name}-", rest).replace("xlink:href", "href")
    rest = re.sub(r">\s+<", "><", rest).strip()
    return f'<svg {size.group() if size else ""} role="img" aria-label="{escape(alt)}">{rest}'


def _letters(found: re.Match[str]) -> str:
    return f"font: {found[1]}{found[2]} var(--sans)" if found[2] else "font-family: var(--sans)"


def png_of(draw: Draw) -> bytes:
    """A plot as a PNG file, on white. The same numbers and the same matplotlib give the same bytes."""
    out = io.BytesIO()
    with _drawing(CARD):
        draw(CARD).savefig(out, format="png", dpi=PNG_DPI, facecolor="white", metadata={"Software": None})
    return out.getvalue()


@contextmanager
def _drawing(look: Look) -> Iterator[None]:
    """Matplotlib as it comes, whatever the user has set, and silent of its font cache and missing letters."""
    logging.getLogger("matplotlib").setLevel(logging.ERROR)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import matplotlib

        with matplotlib.rc_context():
            matplotlib.rcdefaults()
            matplotlib.rcParams.update(_settings(look))
            yield


def _settings(look: Look) -> Any:
    sides = {f"axes.spines.{side}": False for side in ("left", "right", "top", "bottom")}
    marks = {f"{axis}tick.{part}": value for axis in "xy" for part, value in (("major.size", 0), ("color", look.quiet))}
    return {
        **sides,
        **marks,
        "axes.axisbelow": True,
        "axes.edgecolor": look.line,
        "font.size": 9.5,
        "grid.color": look.line,
        "grid.linewidth": 0.7,
        "svg.fonttype": "none",
        "svg.hashsalt": "tldr-data",
        "text.color": look.ink,
        "text.parse_math": False,
    }
