"""How a dataset is named, described and cited."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tldr_data.manifest import Release

PAPER = """\
@inproceedings{fu2025tldr,
  title = {{TLDR}: Token-Level Detective Reward Model for Large Vision Language Models},
  author = {Fu, Deqing and Xiao, Tong and Wang, Rui and Zhu, Wang and Zhang, Pengchuan and Pang, Guan and
            Jia, Robin and Chen, Lawrence},
  booktitle = {International Conference on Learning Representations (ICLR)},
  year = {2025},
  url = {https://arxiv.org/abs/2410.04734}
}"""


def title(manifest: Mapping[str, Any]) -> str:
    """What the dataset is called where it has no name of its own.

    >>> title({"taxonomies": {"small_object": {}, "text": {}}})
    'Token-labelled image descriptions: small object, text'
    """
    return f"Token-labelled image descriptions: {', '.join(name.replace('_', ' ') for name in manifest['taxonomies'])}"


def citation(manifest: Mapping[str, Any], release: Release | None) -> str:
    """BibTeX of the dataset; its content hash says which one, whatever a repository is renamed to."""
    name = release.repository.replace("/", "-").lower() if release else f"tldr-data-{manifest['content_hash'][:8]}"
    tool = manifest["recipe"]["versions"]["tldr-data"]
    fields = {
        "title": f"{{{title(manifest)}}}",
        **({"author": f"{{{release.repository.partition('/')[0]}}}", "version": release.version} if release else {}),
        "howpublished": f"\\url{{{release.url}}}" if release else None,
        "note": f"Made with tldr-data {tool}; content hash {manifest['content_hash']}",
    }
    lines = [f"  {key} = {{{value}}}" for key, value in fields.items() if value]
    return f"@misc{{{name},\n" + ",\n".join(lines) + "\n}"
