"""Where the shipped taxonomies, lexicons, prompts and cards lie.

In a wheel they are packed inside the package; in a checkout they are folders beside it.
"""

from pathlib import Path


def resource_dir(kind: str) -> Path:
    """Folder of ``taxonomies``, ``lexicons``, ``prompts`` or ``cards``.

    >>> resource_dir("taxonomies").is_dir()
    True
    """
    package = Path(__file__).parent
    inside = package / kind
    return inside if inside.is_dir() else package.parent / kind
