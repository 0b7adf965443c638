"""Groups of what belongs together, from pairs."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Generic, TypeVar

Name = TypeVar("Name", str, int)


class Groups(Generic[Name]):
    """Disjoint sets of names. A group is called as its smallest member, in whatever order it was joined.

    Memory grows with the names that were joined, not with those that were asked for.

    >>> groups = Groups[str]()
    >>> groups.join("vg/5", "coco/12")
    True
    >>> groups.name("vg/5"), groups.name("vg/6")
    ('coco/12', 'vg/6')
    """

    def __init__(self) -> None:
        self._above: dict[Name, Name] = {}

    def join(self, first: Name, second: Name) -> bool:
        """Make one group of the two groups; False if they were one already."""
        low, high = sorted((self.name(first), self.name(second)))
        if low == high:
            return False
        self._above[high] = low
        return True

    def name(self, member: Name) -> Name:
        """The smallest member of the group; of a name that was never joined, itself."""
        above = self._above
        while member in above:
            parent = above[member]
            if parent in above:
                above[member] = above[parent]  # halves the way for whoever comes next
            member = parent
        return member

    def together(self, first: Name, second: Name) -> bool:
        return self.name(first) == self.name(second)

    def members(self) -> dict[Name, Name]:
        """Every name that lost its own group to a smaller one, and that group's name, sorted."""
        return {member: self.name(member) for member in sorted(self._above)}


def linked(pairs: Iterable[tuple[Name, Name]]) -> dict[Name, Name]:
    """Every name that belongs to a group of a smaller name, and that name.

    >>> linked([(7, 3), (9, 7), (5, 5)])
    {7: 3, 9: 3}
    """
    groups = Groups[Name]()
    for first, second in pairs:
        groups.join(first, second)
    return groups.members()
