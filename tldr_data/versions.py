"""What a version's number promises, and which number a change asks for (https://semver.org).

Of a dataset: what one version says of an id, every later one of the same major number says too. Rows that vanish, lie
in another split or say something else break that; rows and columns that come do not.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Literal, NamedTuple

from tldr_data.errors import UsageError

Step = Literal["major", "minor", "patch"]


class Version(NamedTuple):
    """A released version.

    >>> str(Version(1, 2, 0)), Version(1, 2, 0).tag, Version(1, 2, 0) > Version(1, 1, 9)
    ('1.2.0', 'v1.2.0', True)
    """

    major: int
    minor: int
    patch: int

    def __str__(self) -> str:
        return f"{self.major}.{self.minor}.{self.patch}"

    @property
    def tag(self) -> str:
        """Its tag on the Hub."""
        return f"v{self}"

    def next(self, step: Step) -> Version:
        """The version that a change asks for. Before 1.0.0 the minor number counts what breaks, and patch the rest.

        >>> str(Version(1, 2, 3).next("minor")), str(Version(0, 2, 3).next("major"))
        ('1.3.0', '0.3.0')
        """
        if self.major == 0:
            return Version(0, self.minor + 1, 0) if step == "major" else Version(0, self.minor, self.patch + 1)
        if step == "major":
            return Version(self.major + 1, 0, 0)
        return Version(self.major, self.minor + 1, 0) if step == "minor" else self._replace(patch=self.patch + 1)


def parse_version(text: str) -> Version:
    """``1.0.0`` or ``v1.0.0``.

    Raises:
        UsageError: it is something else.
    """
    if (found := _numbers(text)) is None:
        raise UsageError(f"version {text!r}: must be three numbers, as in 1.0.0")
    return found


def versions_of(tags: Iterable[str]) -> list[Version]:
    """The versions among the tags of a repository, oldest first.

    >>> [str(version) for version in versions_of(["v1.10.0", "draft", "v1.9.0"])]
    ['1.9.0', '1.10.0']
    """
    return sorted(found for tag in tags if tag.startswith("v") and (found := _numbers(tag)))


def _numbers(text: str) -> Version | None:
    found = re.fullmatch(r"v?(0|[1-9]\d{0,8})\.(0|[1-9]\d{0,8})\.(0|[1-9]\d{0,8})", text, re.ASCII)
    return Version(int(found[1]), int(found[2]), int(found[3])) if found else None
