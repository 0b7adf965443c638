"""The rows of the page as plain JSON: texts cut into pieces, references once, what a model answered."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from tldr_data.dataset import REQUESTS, Row
from tldr_data.example import Edit, written_spans
from tldr_data.llms.records import read_lines, record_of
from tldr_data.marks import Piece, pieces_of
from tldr_data.report.chosen import KEPT, Shown, choose, reference_of
from tldr_data.report.pictures import addresses, thumbnails
from tldr_data.resources import read_yaml

THUMBNAIL_SIDE = 288
LONGEST = 4000
"""Characters of an answer, or of a message, that are shown."""
_KEY = re.compile(rb'"key"\s*:\s*"([0-9a-f]{32})"')
_ABOUT = ("task", "prompt", "source", "license", "attribution")
_MADE = ("kind", "taxonomy", "subtype", "verdict", "evidence", "perturber", "model", "request")
_ORDER = {("perturbed", True): 0, ("paraphrase", True): 1, ("perturbed", False): 2, ("paraphrase", False): 3}
"""(kind, kept) -> what is looked at first."""


def page_data(directory: Path, manifest: Mapping[str, Any]) -> dict[str, Any]:
    """Everything that the page's script reads, as JSON.

    ``rows`` are in the order in which they are shown, ``references`` by their number.

    Raises:
        InputError: a file of the build cannot be read.
    """
    shown = choose(directory, manifest)
    references, numbers = _references(shown)
    rows = [_row(each, numbers) for each in shown]
    rows.sort(key=_first)
    wanted = {each["image"] for each in references if each["image"]}
    images = thumbnails(directory, wanted, THUMBNAIL_SIDE)
    reasons = read_yaml("cards", "reasons.yaml")
    return {
        "taxonomies": list(manifest["taxonomies"]),
        "references": references,
        "rows": rows,
        "requests": read_answers(directory, {row["request"] for row in rows if row.get("request")}),
        "reasons": {row["reason"]: reasons.get(row["reason"], "") for row in rows if row["reason"]},
        "images": images,
        "addresses": addresses(directory, wanted - set(images)),
    }


def _references(shown: Iterable[Shown]) -> tuple[list[dict[str, Any]], dict[str, int]]:
    """What the rows of one reference have in common, and the number of each reference."""
    references: list[dict[str, Any]] = []
    numbers: dict[str, int] = {}
    for each in shown:
        if "id" not in each.row:
            continue
        name = reference_of(each.row["id"], (each.folder, each.reason))
        if name not in numbers:
            numbers[name] = len(references)
            text = each.row["reference"] or each.row["response"]
            about = {key: each.row[key] for key in _ABOUT}
            references.append({"id": name, "text": text, "image": each.row["image_id"], "split": each.split, **about})
        elif each.split:
            references[numbers[name]]["split"] = each.split
    return references, numbers


def _row(shown: Shown, numbers: Mapping[str, int]) -> dict[str, Any]:
    row, reason = shown.row, shown.reason
    message = row.get("message") or ""
    if "id" not in row:
        return {"id": "", "reference": None, "reason": reason, "message": message[:LONGEST], "pieces": []}
    return {
        "id": row["id"],
        "reference": numbers[reference_of(row["id"], (shown.folder, reason))],
        "reason": reason,
        "message": message.removeprefix(f"{row['id']}: ")[:LONGEST],
        "pieces": _pieces(row),
        **{name: row[name] for name in _MADE if row[name] is not None},
    }


def _first(row: Mapping[str, Any]) -> tuple[int, str]:
    """What was made, before what is as it was; mixed within, so that each kind of error is soon met."""
    order = _ORDER.get((row.get("kind", ""), row["reason"] == KEPT), 4 if row["reason"] == KEPT else 5)
    return order, hashlib.sha256(row["id"].encode(errors="replace")).hexdigest()


def _pieces(row: Row) -> list[Sequence[str]]:
    """(text, mark, what stood there): marked is what an error wrote, and what else any edit wrote.

    Raises:
        InputError: the spans of a rejected row are none.
    """
    edits, reference = [Edit(**edit) for edit in row["edits"]], row["reference"] or ""
    if row["kind"] == "perturbed" and row["errors"]:
        pieces = pieces_of(row)
    else:
        written = [
            {"start": start, "end": end, "replaced": reference[edit.start : edit.end]}
            for edit, (start, end) in zip(edits, written_spans(edits), strict=True)
        ]
        pieces = pieces_of({**row, "errors": [], "collateral": written})
    return [_plain(piece) for piece in pieces]


def _plain(piece: Piece) -> Sequence[str]:
    return (piece.text,) if piece.mark == "plain" else (piece.text, piece.mark, piece.replaced)


def read_answers(directory: Path, keys: Collection[str]) -> dict[str, dict[str, Any]]:
    """Key -> what a model was asked last, what it answered, and why it failed, if it did.

    Raises:
        InputError: the request log cannot be read.
    """
    path, found = directory / f"{REQUESTS}.zst", dict[str, dict[str, Any]]()
    if not keys or not path.is_file():
        return found
    for line in read_lines(path):
        key = _KEY.search(line)
        if key and key[1].decode() in keys and (record := record_of(line)):
            asked = record.request.get("messages") or [{"content": ""}]
            found[record.key] = {
                "asked": str(asked[-1]["content"])[:LONGEST],
                "answer": record.answer.text[:LONGEST],
                "failure": record.answer.failure,
            }
    return found


def as_script(data: Any) -> str:
    """JSON that may stand in a ``script`` element, whatever texts are in it.

    >>> as_script("</script>")
    '"\\\\u003c/script\\\\u003e"'
    """
    text = json.dumps(data, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
