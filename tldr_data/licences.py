"""What licences allow: which texts and which images of a build may be passed on, and what a model's licence asks for.

A licence is a name as sources give it (``CC-BY-4.0``, ``cc by 4.0``, an address at creativecommons.org), or several
that all hold, joined with AND. What no table here knows is not taken to be allowed. docs/publishing.md says what was
looked at.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Literal

Terms = Literal["allowed", "forbidden", "unknown"]

_FREE = frozenset(
    "cc0-1.0 cc-pdm-1.0 public-domain pddl odc-by odc-by-1.0 odbl odbl-1.0 unlicense "
    "mit apache-2.0 bsd-2-clause bsd-3-clause isc gpl-3.0 agpl-3.0 lgpl-3.0 mpl-2.0 "
    "cdla-permissive-1.0 cdla-permissive-2.0 cdla-sharing-1.0 "
    "llama llama2 llama3 llama3.1 llama3.2 llama3.3 llama4".split()
)
"""They let changed copies be passed on, some under conditions that stay with the row: its licence and attribution."""
_CREATIVE_COMMONS = re.compile(r"cc-by(-nc|-nd|-sa)*(-\d\.\d)?(-igo|-[a-z]{2})?")
_FORBIDDEN = frozenset(
    "all-rights-reserved copyright copyrighted proprietary "
    "none no-license no-licence unlicensed unknown undefined null".split()
)
"""Nobody said that anything may be passed on."""
_ADDRESS = re.compile(
    r"creativecommons\.org/(?:licenses/(?P<kind>[a-z+-]+)/(?P<version>\d\.\d)|publicdomain/(?P<free>\w+))"
)
_PUBLIC_DOMAIN = {"zero": "cc0-1.0", "mark": "cc-pdm-1.0"}


def license_id(name: str) -> str:
    """The name of one licence as the Hub writes it.

    >>> license_id("CC BY 4.0"), license_id("http://creativecommons.org/licenses/by-nc/2.0/")
    ('cc-by-4.0', 'cc-by-nc-2.0')
    """
    plain = re.sub(r"[\s_]+", "-", name.strip().lower())
    if not (found := _ADDRESS.search(plain)):
        return plain
    if found["free"]:
        return _PUBLIC_DOMAIN.get(found["free"], plain)
    return f"cc-{found['kind']}-{found['version']}"


def license_parts(license: str) -> list[str]:
    """The licences that all hold of a row.

    >>> license_parts("CC-BY-4.0 AND llama3.1")
    ['CC-BY-4.0', 'llama3.1']
    """
    return [part.strip() for part in re.split(r"\s+AND\s+|,\s*", license)]


@lru_cache(maxsize=1024)
def text_terms(license: str) -> Terms:
    """Whether texts, changed ones among them, may be passed on.

    >>> text_terms("CC-BY-SA-3.0"), text_terms("CC-BY-ND-4.0"), text_terms("ours")
    ('allowed', 'forbidden', 'unknown')
    """
    found = {_terms(license_id(part)) for part in license_parts(license)}
    order: tuple[Terms, ...] = ("forbidden", "unknown", "allowed")
    return next(terms for terms in order if terms in found)


def _terms(name: str) -> Terms:
    if _CREATIVE_COMMONS.fullmatch(name):
        return "forbidden" if "-nd" in name else "allowed"
    if name in _FREE:
        return "allowed"
    return "forbidden" if name in _FORBIDDEN or not name else "unknown"


def is_withheld(license: str) -> bool:
    """Whether the bytes of an image are not passed on: nothing but a licence that allows changed copies lets them be.

    The page of a build shows images made smaller, and so does most that reads a dataset: a licence without derivatives
    may not allow that.
    """
    return text_terms(license) != "allowed"


def withheld_images(manifest: Mapping[str, Any]) -> dict[str, int]:
    """Licence -> images of a build whose bytes may not be passed on."""
    counts: Counter[str] = Counter()
    for entry in manifest["image_licenses"]:
        if is_withheld(entry["license"]):
            counts[entry["license"]] += entry["images"]
    return dict(sorted(counts.items()))


def text_refusals(manifest: Mapping[str, Any], *, private: bool) -> list[str]:
    """Why the texts of a build may not be published, a line for each source and licence; none if they may.

    A licence that no table knows is let pass where nobody but the owner reads (``private``), one that forbids is not.
    Rows that were thrown away count, as they are published in rejected/.
    """
    rejected = {(entry["source"], entry["license"]): entry["rows"] for entry in manifest["rejected_licenses"]}
    kept = {(entry["source"], entry["license"]): entry["rows"] for entry in manifest["licenses"]}
    lines = []
    for source, license in sorted({*kept, *rejected}):
        terms = text_terms(license)
        if terms == "allowed" or (terms == "unknown" and private):
            continue
        number, thrown = kept.get((source, license), 0), rejected.get((source, license), 0)
        counts = f"{number:,} rows" + (f" and {thrown:,} rejected ones" if thrown else "")
        lines.append(f"source {source}: licence {license!r} of {counts} {_refusal(terms)}")
    return lines


def model_notices(manifest: Mapping[str, Any]) -> list[str]:
    """What the licences of the models that wrote rows of a build want to be said where it is published."""
    parts = {part for entry in manifest["licenses"] for part in license_parts(entry["license"])}
    return [notice for llama, notice in _NOTICES.items() if llama in parts]


def _refusal(terms: Terms) -> str:
    if terms == "unknown":
        return "is not known: allowed are those that let changed texts be passed on; a private repository may hold it"
    return "does not let changed texts be passed on"


# what a model's licence asks for

_LLAMA = re.compile(r"(?<![a-z])(?<!open[-_])(?:code-?)?llama(?=v\d|guard|[^a-z]|$)(?![-_.]?cpp)")
"""Not names that only end so: models of their own that are built alike."""
_LLAMA_VERSION = re.compile(
    # a number of parameters (8b, 70b) is no version
    r"llama[-_ ]?v?(?P<major>[2-9])(?![\db])(?:(?:[._p]|-(?=\d(?:$|[^\db])))(?P<minor>\d)(?![\db]))?"
)
_NAMED = "a model that is trained on this and passed on must have a name that begins with"
_ONLY = "no other large language model may be improved with this than"
_NOTICES = {
    "llama2": f"Made with Llama 2: {_ONLY} Llama 2 and what is derived from it (Llama 2 Community License)",
    "llama3": f'Built with Meta Llama 3: {_NAMED} "Llama 3"; {_ONLY} Llama 3 and what is derived from it '
    "(Meta Llama 3 Community License)",
    **{
        f"llama{number}": f'Built with Llama: {_NAMED} "Llama" (Llama {number} Community License)'
        for number in ("3.1", "3.2", "3.3", "4")
    },
    "llama": f'Built with Llama of an unknown version: {_NAMED} "Llama"; if it was Llama 2 or 3, {_ONLY} these',
}


@lru_cache(maxsize=1024)
def llama_license(model: str) -> str | None:
    """The licence of a Llama model, by its name; ``llama`` where the name does not tell the version.

    >>> llama_license("meta-llama/Llama-3.1-70B-Instruct@1605565"), llama_license("Qwen/Qwen3-8B")
    ('llama3.1', None)
    """
    name = model.lower()
    if not (found := _LLAMA.search(name)):
        return None
    if found[0].startswith("code"):
        return "llama2"
    version = _LLAMA_VERSION.search(name)
    known = f"llama{version['major']}" + (f".{version['minor']}" if version["minor"] else "") if version else ""
    return known if known in _NOTICES else "llama"


def with_model_terms(license: str, attribution: str, model: str | None) -> tuple[str, str]:
    """Licence and attribution of a row, with what the licence of the model that wrote it asks for; once, however often.

    >>> with_model_terms("CC-BY-4.0", "", "Llama-2-7b")[0]
    'CC-BY-4.0 AND llama2'
    """
    llama = llama_license(model) if model else None
    if llama is None or llama in license_parts(license):
        return license, attribution
    return f"{license} AND {llama}", "; ".join(filter(None, (attribution, _NOTICES[llama])))
