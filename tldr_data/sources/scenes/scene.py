"""One scene as plain data: what was decided, before it is drawn or told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from tldr_data.sources.scenes.kinds import Kind
from tldr_data.sources.scenes.settings import Setting

WIDTH, HEIGHT = 384, 288
MARGIN = 6.0
"""Pixels that are kept free between things that do not touch on purpose."""

Rect = tuple[float, float, float, float]


@dataclass(slots=True)
class Item:
    """One drawn thing, or several equal ones. ``cells`` are the boxes of the single ones, ``box`` goes around them."""

    kind: Kind
    cells: list[Rect]
    zone: str
    """``sky``, ``wall``, ``far``, ``ground`` or ``water``; what lies on or in a host has the host's."""
    depth: float
    """Where it meets the ground, in pixels from the top: what is lower is nearer. Of a host's load: the host's."""
    color: str = ""
    second: str | None = None
    finish: str = "plain"
    form: str = ""
    size: str | None = None
    flip: bool = False
    host: Item | None = None
    hold: str = ""
    """How the host carries it: ``on``, ``inside`` or ``under``."""
    text: str = ""
    background: bool = False
    hidden_below: float | None = None
    """Pixels from the top below which the host's front hides it."""
    before: Item | None = None
    """What it was put in front of, on purpose."""
    box: Rect = field(init=False)
    """Around what can be seen of all cells."""

    def __post_init__(self) -> None:
        left, top, right, bottom = around(self.cells)
        self.box = left, top, right, bottom if self.hidden_below is None else min(bottom, self.hidden_below)

    @property
    def name(self) -> str:
        return self.kind.name

    @property
    def count(self) -> int:
        return len(self.cells)


@dataclass(slots=True)
class Scene:
    """All that was decided about one image."""

    setting: Setting
    mood: str
    shore: float
    """Where the ground begins, in pixels from the top (below the water, if there is any)."""
    wall: str
    """Colour of the wall, in rooms."""
    hills: int
    """Behind the ground; 0 where water or a wall is."""
    items: list[Item] = field(default_factory=list)

    @property
    def horizon(self) -> float:
        return self.setting.horizon * HEIGHT

    def hill_boxes(self) -> list[Rect]:
        """Around what can be seen of each hill."""
        top = self.horizon - 30
        return (
            [(18.0, top, 366.0, self.horizon)]
            if self.hills == 1
            else [(8.0 + 194 * i, top + 8 * i, 182.0 + 194 * i, self.horizon) for i in range(self.hills)]
        )

    def free(self, box: Rect, ignore: Sequence[Item] = ()) -> bool:
        """Whether nothing is drawn in the box, but for what is to be ignored."""
        if box[0] < 3 or box[1] < 3 or box[2] > WIDTH - 3 or box[3] > HEIGHT - 3:
            return False
        return not any(_overlap(box, other.box) for other in self.items if not any(other is i for i in ignore))


def _overlap(a: Rect, b: Rect) -> bool:
    return a[0] < b[2] + MARGIN and b[0] < a[2] + MARGIN and a[1] < b[3] + MARGIN and b[1] < a[3] + MARGIN


def around(cells: Sequence[Rect]) -> Rect:
    """The smallest box that holds all of them."""
    return min(c[0] for c in cells), min(c[1] for c in cells), max(c[2] for c in cells), max(c[3] for c in cells)
