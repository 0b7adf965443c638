"""Remake ``lexicons/wordnet.txt`` from WordNet 3.0: ``python benchmarks/derive_wordnet.py FOLDER``.

FOLDER holds ``data.noun``, ``index.noun``, ``cntlist.rev`` and so on (Debian: ``apt-get install wordnet-base``, then
``/usr/share/wordnet``). Only senses that a photo can show are taken, and of each word only the senses that it is
mostly used in: of synonyms in a dictionary's sense the captions hold few.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Container, Iterable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from tldr_data.resources import resource_dir

PARTS = {"n": "noun", "v": "verb", "a": "adj", "r": "adv"}
# Lexicographer files, by the numbers of lexnames(5WN): what can be seen, and what is done with the body.
NOUN_FILES = frozenset({5, 6, 8, 11, 13, 14, 15, 17, 18, 19, 20, 25, 27})
VERB_FILES = frozenset({29, 30, 32, 33, 34, 35, 36, 38, 39, 40, 42, 43})
ACTIVITIES = frozenset({4, 7, 10, 28})
"""Acts, looks, writing and times: only their first senses."""
COMPOUND_FILES = frozenset({6, 13, 15, 17, 18})
"""Nouns of several words; of animals and plants they are a naturalist's."""
LEAST_SHARE = 0.05
"""Of a word's tagged uses; a sense used less often does not come to mind."""
MOST_WORDS = 3
COLOURS = frozenset({"chromatic", "achromatic"})
"""Heads whose satellites are the colours, which are unlike one another."""
PLAIN = re.compile(r"[a-z]+(?:[-_][a-z]+)*")
HEADER = """\
# Synonyms and broader terms of the visible world: an extract of WordNet 3.0, Copyright 2006 by Princeton University.
# Its licence and notice stand in wordnet.LICENSE. Made by benchmarks/derive_wordnet.py, do not edit.
# A line: a sense, its words, the senses that are broader (of adjectives: similar). "~": an irregular form, its base.
"""


class Synset(NamedTuple):
    """One sense, with its words as WordNet writes them."""

    key: str
    file: int
    words: tuple[str, ...]
    broader: tuple[str, ...]
    similar: tuple[str, ...]
    is_name: bool


def read_synsets(folder: Path, part: str) -> Iterator[Synset]:
    """Every synset of a part of speech (``n``, ``v``, ``a``, ``r``)."""
    for line in (folder / f"data.{PARTS[part]}").read_text(encoding="latin-1").splitlines():
        if line.startswith(" "):
            continue
        fields = line.split(" | ")[0].split()
        count = int(fields[3], 16)
        words = tuple(re.sub(r"\(.*\)", "", word) for word in fields[4 : 4 + 2 * count : 2])
        at = 5 + 2 * count
        pointers = [tuple(fields[at + 4 * n : at + 4 * n + 3]) for n in range(int(fields[4 + 2 * count]))]
        yield Synset(
            f"{part}{fields[0]}",
            int(fields[1]),
            words,
            tuple(f"{part}{target}" for symbol, target, _ in pointers if symbol == "@"),
            tuple(f"{part}{target}" for symbol, target, _ in pointers if symbol == "&" and fields[2] == "s"),
            any(symbol == "@i" for symbol, _, _ in pointers),
        )


def read_counts(folder: Path) -> dict[tuple[str, str, int], int]:
    """Tagged uses by word, part of speech and number of the sense."""
    counts = {}
    letters = {"1": "n", "2": "v", "3": "a", "4": "r", "5": "a"}
    for line in (folder / "cntlist.rev").read_text(encoding="latin-1").splitlines():
        key, number, count = line.split()
        word, _, rest = key.partition("%")
        counts[word, letters[rest[0]], int(number)] = int(count)
    return counts


def usual_senses(folder: Path, part: str) -> dict[str, dict[str, int]]:
    """Word -> the synsets that it is mostly used in -> their rank."""
    counts = read_counts(folder)
    found: dict[str, dict[str, int]] = {}
    for line in (folder / f"index.{PARTS[part]}").read_text(encoding="latin-1").splitlines():
        if line.startswith(" "):
            continue
        fields = line.split()
        word, offsets = fields[0], fields[-int(fields[2]) :]
        uses = [counts.get((word, part, rank), 0) for rank in range(1, len(offsets) + 1)]
        total = sum(uses)
        found[word] = {
            f"{part}{offset}": rank
            for rank, (offset, count) in enumerate(zip(offsets, uses, strict=True), 1)
            if rank == 1 or count >= LEAST_SHARE * total > 0 or rank == 2 > total
        }
    return found


def is_visible(synset: Synset, rank: int) -> bool:
    """Whether a photo may show it, in the sense of this rank."""
    part = synset.key[0]
    if part == "n":
        return synset.file in NOUN_FILES or (synset.file in ACTIVITIES and rank == 1)
    return synset.file in VERB_FILES if part == "v" else True


def usual_words(synset: Synset, usual: Mapping[str, Mapping[str, int]], common: Container[str]) -> list[str]:
    """The words of a synset that are mostly used in it; names and rare words are left out."""
    if synset.key[0] == "n" and synset.file not in COMPOUND_FILES:
        words = [word for word in synset.words if "_" not in word]
    else:
        words = [word for word in synset.words if word.count("_") < MOST_WORDS]
    return [
        word.replace("_", " ").replace("-", " ")
        for word in words
        if PLAIN.fullmatch(word)
        and all(part in common for part in re.split("[-_]", word))
        and (rank := usual.get(word, {}).get(synset.key))
        and is_visible(synset, rank)
    ]


def common_words() -> frozenset[str]:
    """The words of textblob's tagger: what newspapers write."""
    from textblob.en import lexicon

    return frozenset(word for word in lexicon if word.islower())


def taken(folder: Path, part: str) -> Iterator[tuple[Synset, list[str], list[str]]]:
    """Synsets with their words and broader (or similar) synsets; those of no words are skipped over."""
    usual, common = usual_senses(folder, part), common_words()
    synsets = {synset.key: synset for synset in read_synsets(folder, part) if not synset.is_name}
    words = {key: usual_words(synset, usual, common) for key, synset in synsets.items()}

    def nearest(keys: Iterable[str]) -> Iterator[str]:
        for key in keys:
            yield from [key] if words.get(key) else nearest(synsets[key].broader if key in synsets else ())

    for key, synset in synsets.items():
        similar = [key for key in synset.similar if words.get(key) and not COLOURS & set(words[key])]
        broader = [*dict.fromkeys(nearest(synset.broader)), *similar]
        if words[key] and (len(words[key]) > 1 or broader):
            yield synset, list(dict.fromkeys(words[key])), broader


def lines(folder: Path) -> Iterator[str]:
    """The lines of the file; senses are numbered as they come, since WordNet's own numbers are long."""
    rows = [row for part in PARTS for row in taken(folder, part)]
    linked = {key for _, _, broader in rows for key in broader}
    rows = [row for row in rows if len(row[1]) > 1 or row[2] or row[0].key in linked]
    short = {synset.key: f"{synset.key[0]}.{number:x}" for number, (synset, _, _) in enumerate(rows)}
    for synset, words, broader in rows:
        yield "\t".join([short[synset.key], ",".join(words), " ".join(short[key] for key in broader if key in short)])
    known = {word for _, words, _ in rows for word in words}
    for part in PARTS:
        for line in (folder / f"{PARTS[part]}.exc").read_text(encoding="latin-1").splitlines():
            form, base = line.split()[:2]
            if base in known and form not in known and PLAIN.fullmatch(form) and "_" not in form and "-" not in form:
                yield f"~{form}\t{base}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args().folder
    path = resource_dir("lexicons") / "wordnet.txt"
    path.write_text(HEADER + "\n".join(lines(folder)) + "\n", encoding="utf-8", newline="\n")
    print(f"{path.name}: {path.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
