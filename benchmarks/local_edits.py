"""Local edits of real captions: synonyms must be rejected, contradictions of the same shape kept.

``python benchmarks/local_edits.py`` changes one phrase (or exchanges the arguments of one relation) in captions of
``../shared/data/coco_captions`` and ``docci``. Synonyms come from the filter's own lexicon, so with all of it this
measures whether the machinery recognises them inside sentences, not how wide the lexicon is. Then more and more of the
hand-written sets are forgotten: how many synonyms of those sets are known all the same, from WordNet and other sets?

Before that come 2,650 edits by somebody who never saw the lexicons (``local_edits.jsonl``): half of the vocabulary was
there to tune on, the other half was not. The file holds no caption, only its hash and what is written into it.
"""

from __future__ import annotations

import hashlib
import json
import random
import re
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from filter_data import DATA
from intervals import share

from tldr_data import meaning, replacements
from tldr_data.filters import find_reason
from tldr_data.resources import read_yaml
from tldr_data.taxonomy import load_taxonomy

SECTIONS = ("objects", "people", "attributes", "quantities", "relations")
PER_SET = 1
FORGOTTEN = (0.0, 0.5, 1.0)
COLOURS = ("red", "blue", "green", "yellow", "purple", "brown", "black", "white")
NUMBERS = ("two", "three", "four", "five", "six", "seven", "eight")
_REPEATED = re.compile(r"\b(\w+) \1\b")
TURNED = {
    "above": "below", "below": "above", "in front of": "behind", "behind": "in front of",
    "to the left of": "to the right of", "to the right of": "to the left of",
}  # fmt: skip
CLAUSE = re.compile(
    r"^((?:A|The|Two|Three) (?:\w+ ){1,3}?)(?:is |are )?(next to|above|below|in front of|behind) (.+?)[. ]*$"
)


class LocalEdit(NamedTuple):
    """One change of a caption."""

    reference: str
    response: str
    section: str
    synonym_set: str
    """``objects.3``; empty for a contradiction."""


def captions() -> list[str]:
    """Every caption of COCO and every sentence of DOCCI."""
    if not DATA.is_dir():
        raise SystemExit(f"skipped: no data in {DATA} (coco_captions and docci are needed)")
    coco = json.loads((DATA / "coco_captions" / "captions_val2014_sample.json").read_text(encoding="utf-8"))
    lines = (DATA / "docci" / "docci_descriptions.sample.jsonlines").read_text(encoding="utf-8").splitlines()
    sentences = [s.strip() for line in lines for s in re.split(r"(?<=\.)\s+", json.loads(line)["description"]) if s]
    return [note["caption"].strip() for note in coco["annotations"]] + sentences


def synonym_sets() -> dict[str, list[str]]:
    """Name of a set -> its phrases."""
    sets = meaning.synonym_sets()
    return {f"{section}.{number}": phrases for section in SECTIONS for number, phrases in enumerate(sets[section])}


def replaced(caption: str, old: str, new: str) -> str | None:
    """The caption with its only ``old`` replaced, and the article repaired."""
    found = list(re.finditer(rf"(?<![\w-])(an? )?{re.escape(old)}(?![\w-])", caption))
    if len(found) != 1:
        return None
    article = found[0][1] or ""
    if article:
        article = "" if new.startswith(("a ", "an ")) else "an " if new[0] in "aeiou" else "a "
    return caption[: found[0].start()] + article + new + caption[found[0].end() :]


def synonyms(texts: list[str], rng: random.Random) -> Iterator[LocalEdit]:
    """At most ``PER_SET`` edits for each set, so that common words do not fill the sample."""
    owners = Counter(phrase for phrases in synonym_sets().values() for phrase in phrases)
    for name, phrases in synonym_sets().items():
        made = 0
        for caption in rng.sample(texts, len(texts)):
            old = next((p for p in phrases if owners[p] == 1 and f" {p} " in caption and _is_read_as(caption, p)), None)
            if made == PER_SET:
                break
            if old is None:
                continue
            new = rng.choice([phrase for phrase in phrases if phrase != old])
            response = replaced(caption, old, new)
            if response and not _REPEATED.search(response):
                made += 1
                yield LocalEdit(caption, response, name.split(".")[0], name)


def _is_read_as(caption: str, phrase: str) -> bool:
    """Whether the phrase is no part of a longer one: "fire" of "fire hydrant"."""
    return any(unit.lemma == phrase for unit in meaning.units(caption))


def exchanges(texts: list[str], turn: bool) -> Iterator[LocalEdit]:
    """ "A is above B": "B is below A" if ``turn``, else the false "B is above A"."""
    for caption in texts:
        clause = CLAUSE.match(caption)
        if not clause or re.search(r",|\b(each|other|another)\b", caption):
            continue
        first, relation, second = clause[1].strip().removesuffix(" is").removesuffix(" are"), clause[2], clause[3]
        if re.search(r"\b(and|with|while|that|which|on|in|of|at)\b", second) or (relation == "next to" and not turn):
            continue
        relation = TURNED.get(relation, relation) if turn else relation
        plain = f"{first} is {clause[2]} {second}."
        response = f"{second[0].upper()}{second[1:]} is {relation} {first[0].lower()}{first[1:]}."
        yield LocalEdit(plain, response, "exchanges", "exchanges" if turn else "")


def contradictions(texts: list[str], rng: random.Random) -> Iterator[LocalEdit]:
    """One noun, colour, number or relation for another that cannot be true of the same thing."""
    nouns = [row for rows in read_yaml("lexicons", "objects.yaml")["kinds"].values() for row in rows]
    relations = [list(group) for s in load_taxonomy("spatial").subtypes.values() for group in s.groups]
    near = [
        group for name in ("spatial", "attribute") for s in load_taxonomy(name).subtypes.values() for group in s.near
    ]
    tables = {"objects": nouns, "attributes": [list(COLOURS)], "quantities": [list(NUMBERS)], "relations": relations}
    for section, rows in tables.items():
        for row in rows:
            limit = PER_SET if section == "objects" else 15
            for caption in rng.sample(texts, len(texts)):
                old = next((phrase for phrase in row if f" {phrase} " in caption), None)
                others = [p for p in row if p != old and not any(old in group and p in group for group in near)]
                response = old and others and replaced(caption, old, rng.choice(others))
                if response:
                    limit -= 1
                    yield LocalEdit(caption, response, section, "")
                if not limit:
                    break


def forget(known: dict[str, list[list[str]]], sets: set[str]) -> None:
    """Take sets out of the lexicon; phrases of two words that only they held become separate words again."""
    left = {
        section: [[] if f"{section}.{number}" in sets else phrases for number, phrases in enumerate(lines)]
        for section, lines in known.items()
    }
    meaning.synonym_sets = lambda: left
    for module in (meaning, replacements):
        for cached in vars(module).values():
            if hasattr(cached, "cache_clear"):
                cached.cache_clear()


def table(title: str, edits: list[LocalEdit], wanted: Callable[[str | None], bool]) -> None:
    """Print the share of edits with a wanted reason, by section."""
    rows = {section: [e for e in edits if e.section == section] for section in dict.fromkeys(e.section for e in edits)}
    for section, group in {**rows, "all": edits}.items():
        hits = sum(wanted(find_reason(edit.reference, edit.response)) for edit in group)
        print(f"{title:34} {section:12} {share(hits, len(group))}")


def written_edits(half: str) -> Iterator[LocalEdit]:
    """The edits of ``local_edits.jsonl``, ``tune`` or ``report``: pieces of the caption, by offsets, and new words."""
    by_hash = {hashlib.sha256(text.encode()).hexdigest()[:16]: text for text in long_captions()}
    for line in (Path(__file__).parent / "local_edits.jsonl").read_text(encoding="utf-8").splitlines():
        of_half, label, shape, digest, pieces = json.loads(line)
        if of_half == half:
            text = by_hash[digest]
            response = "".join(piece if isinstance(piece, str) else text[piece[0] : piece[1]] for piece in pieces)
            yield LocalEdit(text, response, shape, label * (label == "synonym"))


def long_captions() -> Iterator[str]:
    """The captions, and every sentence of ImageInWords."""
    yield from captions()
    for path in sorted((DATA / "docci").glob("*.data.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            for text in json.loads(line).values():
                if isinstance(text, str):
                    yield from (part.strip() for part in re.split(r"(?<=[.!?])\s+", text))


def halves(edits: list[LocalEdit]) -> tuple[list[LocalEdit], list[LocalEdit]]:
    """Synonyms and contradictions."""
    return [edit for edit in edits if edit.synonym_set], [edit for edit in edits if not edit.synonym_set]


def share_of(edits: list[LocalEdit], wanted: Callable[[str | None], bool]) -> float:
    return 100 * sum(wanted(find_reason(edit.reference, edit.response)) for edit in edits) / max(len(edits), 1)


def curve(same: list[LocalEdit], false: list[LocalEdit], rng: random.Random) -> None:
    """The trade-off between what the lexicon knows and what it takes for known."""
    names = sorted(synonym_sets())
    rng.shuffle(names)
    print(f"{'sets forgotten':>15}{'their synonyms rejected':>26}{'contradictions kept':>22}")
    known = meaning.synonym_sets()
    for part in FORGOTTEN:
        gone = set(names[: round(part * len(names))])
        forget(known, gone)
        theirs = [edit for edit in same if edit.synonym_set in gone or not gone]
        rejected, kept = share_of(theirs, bool), share_of(false, lambda reason: reason is None)
        print(f"{part:>15.0%}{rejected:>25.1f}%{kept:>21.1f}%")


def main() -> None:
    """Print the tables."""
    rng = random.Random("0/local_edits")
    texts = captions()
    own = [*synonyms(texts, rng), *exchanges(texts, True), *contradictions(texts, rng), *exchanges(texts, False)]
    sets = {
        "written blind, to tune on": list(written_edits("tune")),
        "written blind, held out": list(written_edits("report")),
    }
    for title, edits in {**sets, "from our own lexicon": own}.items():
        print(f"\n{title}")
        same, false = halves(edits)
        table("synonyms rejected", same, bool)
        table("contradictions kept", false, lambda reason: reason is None)
    print()
    curve(*halves(own), rng)


if __name__ == "__main__":
    main()
