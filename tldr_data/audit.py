"""A blind audit: people judge rows of a build without knowing which were changed, and their answers become figures.

An item is a text with marked words. Of a perturbed row those are its false words; of a clean row the words that an edit
made of it replaced; of a paraphrase the words that were written anew. The sheet tells none of this apart. The questions
are those of the paper's own check (240 rows of synthetic data, 2 bad: OpenReview discussion of TLDR, ICLR 2025) and two
of ours: is the rest true, and is it natural English.
"""

from __future__ import annotations

import csv
import hashlib
import io
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from heapq import nsmallest
from pathlib import Path
from typing import Any, NamedTuple

from tldr_data.atomic import write_json, write_text
from tldr_data.card import write_card
from tldr_data.dataset import AUDIT, CLEAN, PARAPHRASE, Row, read_rows
from tldr_data.errors import InputError, UsageError
from tldr_data.example import Edit, written_spans
from tldr_data.manifest import load_manifest, row_folders
from tldr_data.marks import Piece, pieces_of
from tldr_data.report import write_report
from tldr_data.report.pictures import thumbnails
from tldr_data.resources import template
from tldr_data.taxonomy import load_taxonomy, shipped_taxonomies
from tldr_data.yields import percent

QUESTIONS = {
    "false": "Are the marked words false of the image?",
    "fits": "Do the marked words speak of what the taxonomy names?",
    "rest_true": "Is everything else in the text true?",
    "natural": "Is the text natural English?",
}
ANSWERS = {"yes": "yes", "y": "yes", "no": "no", "n": "no", "unsure": "unsure", "?": "unsure"}
IMAGE_SIDE = 512


class Item(NamedTuple):
    """One text to be judged."""

    number: str
    """Hash of the row's id: tells nothing of the row, and finds it again."""
    taxonomy: str
    response: str
    marked: tuple[tuple[int, int], ...]
    image_id: str | None

    @property
    def pieces(self) -> list[Piece]:
        """The text, the marked words as errors."""
        spans = [{"start": start, "end": end, "replaced": ""} for start, end in self.marked]
        return pieces_of({"response": self.response, "errors": spans, "collateral": []})


def write_sheet(directory: Path, per_taxonomy: int) -> Path:
    """Write the page and the CSV into ``DIR/audit``, and return the page's path.

    The same build gives the same items. Rows are those of the smallest hash, so that nobody picked them:
    ``per_taxonomy`` of each taxonomy, as many clean ones of each source, and as many paraphrases.

    Raises:
        InputError: it is no finished build, or has no perturbed rows.
        BuildError: the sheet cannot be written.
    """
    manifest = load_manifest(directory)
    items = _items(directory, list(manifest["taxonomies"]), per_taxonomy)
    if not items:
        raise InputError(f"{directory}: has no perturbed rows to audit")
    page, table = directory / "audit" / "sheet.html", directory / "audit" / "sheet.csv"
    write_text(page, _page(directory, items))
    write_text(table, _table(items))
    return page


def read_answers(directory: Path, files: Sequence[Path]) -> dict[str, Any]:
    """Figures of one or more auditors' filled-in sheets, written to ``DIR/audit.json``, the card and the report.

    With several auditors a row is good only if all who answered say so; Cohen's kappa of the first two tells how far
    they agree on which words are false.

    Raises:
        InputError: a file cannot be read, or holds an item or an answer that is not of this build's sheet.
    """
    manifest = load_manifest(directory)
    sheets = [_read_sheet(path) for path in files]
    asked = {number for sheet in sheets for number in sheet}
    rows = {item_number(row["id"]): row for row in _all_rows(directory) if item_number(row["id"]) in asked}
    if unknown := sorted(asked - set(rows)):
        raise InputError(f"{files[0]}: item {unknown[0]} is of no row of {directory}")
    found = _figures(rows, sheets)
    write_json(directory / AUDIT, found)
    write_card(directory, manifest)
    write_report(directory)
    return found


# the sheet


def _items(directory: Path, taxonomies: Sequence[str], count: int) -> list[Item]:
    made = {name: _smallest(directory, name, 2 * count) for name in taxonomies}
    items = [_item(row, _spans(row["errors"])) for rows in made.values() for row in rows[:count]]
    items += _clean_items([row for rows in made.values() for row in rows[count:]], count)
    for at, row in enumerate(_smallest(directory, PARAPHRASE, count)):
        edits = [Edit(**edit) for edit in row["edits"]]
        written = tuple(span for span in written_spans(edits) if row["response"][span[0] : span[1]].strip())
        items.append(_item({**row, "taxonomy": taxonomies[at % len(taxonomies)]}, written))
    return sorted(items)


def _clean_items(rows: Iterable[Row], count: int) -> list[Item]:
    """References of perturbed rows, marked where the edit would have been; ``count`` of each source."""
    items: dict[str, dict[str, Item]] = defaultdict(dict)
    for row in sorted(rows, key=lambda row: item_number(row["id"])):
        clean = {**row, "id": row["id"].rpartition("#")[0], "response": row["reference"]}
        marked = tuple((edit["start"], edit["end"]) for edit in row["edits"] if edit["end"] > edit["start"])
        of_source = items[row["source"]]
        if marked and len(of_source) < count and clean["id"] not in of_source:
            of_source[clean["id"]] = _item(clean, marked)
    return [item for found in items.values() for item in found.values()]


def _smallest(directory: Path, folder: str, count: int) -> list[Row]:
    captions = (row for _, row in read_rows(directory, folder))
    return nsmallest(count, captions, key=lambda row: (item_number(row["id"]), row["id"]))


def _item(row: Row, marked: Iterable[tuple[int, int]]) -> Item:
    """An answer stands behind its question, which tells what it is an answer to."""
    asked = f"{row['prompt']} " if row["task"] == "vqa" else ""
    places = tuple((start + len(asked), end + len(asked)) for start, end in marked)
    return Item(item_number(row["id"]), row["taxonomy"], asked + row["response"], places, row["image_id"])


def _spans(spans: Iterable[Mapping[str, Any]]) -> tuple[tuple[int, int], ...]:
    return tuple((span["start"], span["end"]) for span in spans)


def item_number(row_id: str) -> str:
    return hashlib.sha256(f"audit/{row_id}".encode()).hexdigest()[:12]


def _table(items: Iterable[Item]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["item", "taxonomy", "text", *QUESTIONS, "note"])
    for item in items:
        text = "".join(f"[[{piece.text}]]" if piece.mark == "error" else piece.text for piece in item.pieces)
        writer.writerow([item.number, item.taxonomy, text, *[""] * (len(QUESTIONS) + 1)])
    return out.getvalue()


def _page(directory: Path, items: Sequence[Item]) -> str:

    names = {item.taxonomy for item in items}
    return template("cards", "audit.html.jinja").render(
        items=items,
        questions=QUESTIONS,
        images=thumbnails(directory, {item.image_id for item in items}, IMAGE_SIDE),
        definitions={name: load_taxonomy(name).definition for name in names & set(shipped_taxonomies())},
        build=hashlib.sha256("".join(item.number for item in items).encode()).hexdigest()[:8],
    )


# the answers

Sheet = dict[str, dict[str, str]]
"""Item -> question -> yes, no or unsure; only what was answered."""


def _read_sheet(path: Path) -> Sheet:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            missing = {"item", *QUESTIONS} - set(reader.fieldnames or ())
            if missing:
                raise InputError(f"{path}: column {sorted(missing)[0]!r} is missing: is it a sheet of this command?")
            return dict(_read_line(path, reader.line_num, line) for line in reader)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"{path}: cannot be read: {error}") from error


def _read_line(path: Path, number: int, line: Mapping[str, str | None]) -> tuple[str, dict[str, str]]:
    answers = {}
    for question in QUESTIONS:
        given = (line[question] or "").strip().lower()
        if given and given not in ANSWERS:
            allowed = "yes, no, unsure or nothing"
            raise InputError(f"{path}: line {number}: {question} is {given[:20]!r}: allowed are {allowed}")
        if given:
            answers[question] = ANSWERS[given]
    return (line["item"] or "").strip(), answers


def _all_rows(directory: Path) -> Iterator[Row]:
    for folder in row_folders(load_manifest(directory)):
        yield from (row for _, row in read_rows(directory, folder))


def _figures(rows: Mapping[str, Row], sheets: Sequence[Sheet]) -> dict[str, Any]:
    counts: dict[str, dict[str, Counter[str]]] = {
        "taxonomies": defaultdict(Counter),
        CLEAN: defaultdict(Counter),
        PARAPHRASE: defaultdict(Counter),
    }
    for number, row in sorted(rows.items()):
        answers = [sheet[number] for sheet in sheets if sheet.get(number, {}).get("false")]
        if not answers:
            continue
        if row["kind"] == "perturbed":
            counts["taxonomies"][row["taxonomy"]].update(_perturbed(answers))
        else:
            counts[row["kind"]][row["source"]].update(_unchanged(answers))
    return {
        "auditors": len(sheets),
        "answered": sum(found["n"] for part in counts.values() for found in part.values()),
        **{part: {name: dict(found) for name, found in sorted(of_part.items())} for part, of_part in counts.items()},
        "agreement": _agreement(*sheets[:2]) if len(sheets) > 1 else None,
    }


def _perturbed(answers: Sequence[Mapping[str, str]]) -> Counter[str]:
    """Of a row with an error: good if the words are false and inside the taxonomy."""
    found = {question: all(each.get(question) == "yes" for each in answers) for question in QUESTIONS}
    return Counter(n=1, good=int(found["false"] and found["fits"]), **{name: int(yes) for name, yes in found.items()})


def _unchanged(answers: Sequence[Mapping[str, str]]) -> Counter[str]:
    """Of a row that should be true: wrong if any auditor found something false in it."""
    wrong = any(each["false"] == "yes" or each.get("rest_true") == "no" for each in answers)
    natural = all(each.get("natural") == "yes" for each in answers)
    return Counter(n=1, wrong=int(wrong), natural=int(natural))


def _agreement(one: Sheet, two: Sheet) -> dict[str, Any]:
    """Cohen's kappa of two auditors on which marked words are false; None where chance explains everything."""
    from sklearn.metrics import cohen_kappa_score

    both = [n for n in sorted(one) if "false" in one[n] and "false" in two.get(n, {})]
    pairs = [(one[number]["false"], two[number]["false"]) for number in both]
    same = sum(a == b for a, b in pairs)
    if len({answer for pair in pairs for answer in pair}) < 2:
        return {"n": len(pairs), "same": same, "kappa": None}
    return {"n": len(pairs), "same": same, "kappa": round(float(cohen_kappa_score(*zip(*pairs, strict=True))), 4)}


def summary_lines(found: Mapping[str, Any]) -> list[str]:
    """What an audit found, as people read it.

    Raises:
        UsageError: nothing was answered.
    """
    if not found["answered"]:
        raise UsageError("no item is answered: fill in the column 'false' and the others of the sheet")
    lines = [
        f"{name}: good {percent(counts['good'], counts['n'])}; natural {percent(counts['natural'], counts['n'])}"
        for name, counts in found["taxonomies"].items()
    ]
    for kind in (CLEAN, PARAPHRASE):
        lines += [f"{kind}, {name}: wrong {percent(c['wrong'], c['n'])}" for name, c in found[kind].items()]
    if agreement := found["agreement"]:
        same = f"the same answer in {agreement['same']} of {agreement['n']}"
        lines.append(f"agreement: kappa {agreement['kappa']}, {same}")
    return lines
