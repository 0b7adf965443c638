"""The web page of a build: rows with their images to be looked at, what became of each, and plots of all of it.

One file that needs nothing else: style, script, pictures and plots are in it, and it fetches nothing.
"""

from __future__ import annotations

import base64
import hashlib
from collections import deque
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tldr_data.atomic import whole_file, write_text
from tldr_data.dataset import CLEAN, IMAGES, PARAPHRASE, read_rows
from tldr_data.errors import InputError
from tldr_data.example import SPLITS
from tldr_data.manifest import load_audit, load_manifest, row_folders
from tldr_data.plots import PLOTS, PNGS, png_of
from tldr_data.profile import Profile, profile_of, quantile
from tldr_data.report.figures import Plot, all_plots, subtype_counts
from tldr_data.report.records import as_script, page_data
from tldr_data.resources import resource_dir, template
from tldr_data.yields import auc, percent

PAGE = "report.html"
LISTED = 15
"""Lines of a table of words."""


def write_report(directory: Path) -> Path:
    """Make ``report.html`` and ``plots/`` of a finished build anew, and return the page's path.

    Raises:
        InputError: it is no finished build, or its files cannot be read.
        BuildError: a file cannot be written.
    """
    write_pages(directory, load_manifest(directory))
    return directory / PAGE


def write_page(directory: Path, path: Path) -> Path:
    """Write the page of a finished build elsewhere, and nothing into its folder; returns ``path``.

    Raises:
        InputError: it is no finished build, or its files cannot be read.
        BuildError: the page cannot be written.
    """
    page, _ = render_report(directory, load_manifest(directory))
    write_text(path, page)
    return path


def write_pages(directory: Path, manifest: Mapping[str, Any]) -> None:
    """Write ``report.html`` and the PNG files of ``plots/`` beside the files that they are of.

    Raises:
        InputError: the files cannot be read.
        BuildError: a file cannot be written.
    """
    page, plots = render_report(directory, manifest)
    for name in PNGS:
        path = directory / PLOTS / f"{name}.png"
        if name in plots:
            with whole_file(path) as file:
                file.write(png_of(plots[name].draw))
        else:
            path.unlink(missing_ok=True)
    write_text(directory / PAGE, page)


def render_report(directory: Path, manifest: Mapping[str, Any]) -> tuple[str, dict[str, Plot]]:
    """The page, all in one file, and the plots on it.

    Raises:
        InputError: a file of the build cannot be read.
    """
    from jinja2 import TemplateError

    audit = load_audit(directory)
    profiles, data = _look(directory, manifest)
    try:
        plots = all_plots(manifest, profiles, audit)
        return _page(manifest, audit, profiles, data, plots), plots
    except (TemplateError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise InputError(
            f"{directory / 'manifest.json'}: its counts, or those of audit.json, cannot be shown: {error}"
        ) from error


def _look(directory: Path, manifest: Mapping[str, Any]) -> tuple[dict[str, Profile], dict[str, Any]]:
    """Counts of every folder, and the rows to be shown."""
    folders = row_folders(manifest)
    try:
        return {folder: profile_of(directory, folder) for folder in folders}, page_data(directory, manifest)
    except (TypeError, AttributeError):  # a null where there must be none: reading all rows as rows says which
        for folder in folders:
            deque(read_rows(directory, folder), maxlen=0)
        raise


def _page(
    manifest: Mapping[str, Any],
    audit: Mapping[str, Any] | None,
    profiles: Mapping[str, Profile],
    data: Mapping[str, Any],
    plots: Mapping[str, Plot],
) -> str:
    style, script = (_source(name) for name in ("report.css", "report.js"))
    return template("cards", "report.html.jinja").render(
        manifest=manifest,
        audit=audit,
        splits=SPLITS,
        clean=CLEAN,
        paraphrase=PARAPHRASE,
        images=IMAGES,
        percent=percent,
        auc=auc,
        quantile=quantile,
        subtype_counts=subtype_counts,
        profiles=profiles,
        plots=plots,
        listed=LISTED,
        style=style,
        script=script,
        script_hash=base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
        references=len(data["references"]),
        shown=len(data["rows"]),
        data=as_script(data),
    )


def _source(name: str) -> str:
    return (resource_dir("cards") / name).read_text(encoding="utf-8")
