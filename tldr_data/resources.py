"""Where the shipped taxonomies, lexicons, prompts and cards lie.

In a wheel they are packed inside the package; in a checkout they are folders beside it.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import jinja2


def resource_dir(kind: str) -> Path:
    """Folder of ``taxonomies``, ``lexicons``, ``prompts`` or ``cards``.

    >>> resource_dir("taxonomies").is_dir()
    True
    """
    package = Path(__file__).parent
    inside = package / kind
    return inside if inside.is_dir() else package.parent / kind


def read_yaml(kind: str, name: str) -> dict[str, Any]:
    """The content of a shipped file. Not for files of users: libyaml's loader ends the process on deep nesting."""
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # 8 times as fast, where PyYAML was built with it
    content: dict[str, Any] = yaml.load((resource_dir(kind) / name).read_text(encoding="utf-8"), Loader=loader)
    return content


@cache
def template(kind: str, name: str) -> jinja2.Template:
    """A template of ``cards`` or ``prompts``; what goes into one that makes HTML is escaped."""
    import jinja2

    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(resource_dir(kind)),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=name.endswith(".html.jinja"),
    ).get_template(name)
