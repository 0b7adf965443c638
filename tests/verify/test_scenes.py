"""The checker on the bundled scenes, whose captions and facts come from code that it shares nothing with."""

from __future__ import annotations

import ast
import random
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tldr_data.verify
from tldr_data.example import Example
from tldr_data.facts import Facts, Relation, Sign, Thing
from tldr_data.sources import open_source, read
from tldr_data.verify import weigh

COLOURS = "red orange yellow green blue purple pink brown black white gray".split()
NUMBERS = "two three four five six seven eight nine".split()
OPPOSITES = {
    "to the left of": "to the right of", "to the right of": "to the left of", "in front of": "behind",
    "in the background": "in the foreground", "In the background": "In the foreground",
    "on the left": "on the right", "on the right": "on the left", "inside": "outside", "on top of": "underneath",
    "next to": "far from", "near the": "far from the", "wooden": "metal", "small": "large", "large": "tiny",
}  # fmt: skip


@pytest.fixture(scope="module", params=["scenes", "scenes-easy"])
def captions(request: pytest.FixtureRequest) -> list[Example]:
    source = open_source(request.param, path=None, seed=11, limit=60)
    return [e for e in read(source) if isinstance(e, Example) and e.task == "caption"]


def test_nothing_in_a_clean_caption_is_false_or_unknown(captions: list[Example]) -> None:
    for example in captions:
        assert example.facts is not None
        judged = weigh(example.response, example.facts)
        assert judged
        doubts = [(example.response, item.evidence) for item in judged if item.truth is not True]
        assert doubts == []


def swaps(text: str, facts: Facts, rng: random.Random) -> Iterator[tuple[str, tuple[int, int]]]:
    """Texts with one word exchanged for one that cannot be true, and where it stands."""
    said = {word for thing in facts.things for word in thing.attributes}
    counts = {thing.count for thing in facts.things}
    totals = {sum(t.count for t in facts.things if t.name == thing.name) for thing in facts.things}
    absent = [word for word in COLOURS if word not in said]
    numbers = [word for value, word in enumerate(NUMBERS, 2) if value not in counts | totals]
    denied = [m.span() for m in re.finditer(r"[^.]*\b(?:[Nn]o|not|without)\b[^.]*", text)]
    for match in re.finditer(r"\b\w+\b", text):
        if any(start <= match.start() < end for start, end in denied):
            continue
        if absent and match[0] in COLOURS and not re.match(r"\w+ (?:is|are|can)\b", text[match.start() :]):
            yield _put(text, match.span(), rng.choice(absent))
        elif match[0].lower() in NUMBERS:
            yield _put(text, match.span(), rng.choice(numbers))
    for phrase, other in OPPOSITES.items():
        for match in re.finditer(rf"\b{phrase}\b(?! side)", text):
            if any(start <= match.start() < end for start, end in denied):
                continue
            yield _put(text, match.span(), other)


def _put(text: str, span: tuple[int, int], new: str) -> tuple[str, tuple[int, int]]:
    return text[: span[0]] + new + text[span[1] :], (span[0], span[0] + len(new))


def test_a_wrong_word_never_passes_for_true(captions: list[Example]) -> None:
    rng = random.Random("swaps")
    proved = tried = 0
    for example in captions:
        assert example.facts is not None
        for text, (start, end) in swaps(example.response, example.facts, rng):
            touched = [j for j in weigh(text, example.facts) if any(a < end and start < b for a, b in j.spans)]
            tried += 1
            proved += any(item.truth is False for item in touched)
            assert touched, text[start:end]
            assert not all(item.truth for item in touched), (text[start:end], text)
    assert proved >= 0.95 * tried > 0


def test_a_denial_that_is_taken_back_is_false() -> None:
    source = open_source("scenes", path=None, seed=12, limit=60)
    tried = 0
    for example in (e for e in read(source) if isinstance(e, Example) and e.task == "caption"):
        assert example.facts is not None
        for match in re.finditer(r"\b(?:No|no|are not|is not)\b", example.response):
            new = match[0].split(" ")[0] if " " in match[0] else "Some" if match[0] == "No" else "some"
            text = _put(example.response, match.span(), new)[0]
            false = [item for item in weigh(text, example.facts) if item.truth is False]
            assert false, (match[0], text)
            tried += 1
    assert tried > 60


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_any_text_is_judged_and_spans_are_its_words(data: st.DataObject) -> None:
    ball, table = Thing("ball", ("red",), None, 2, (0, 0, 9, 9)), Thing("table", (), "large", 1, (20, 0, 60, 40))
    facts = Facts((ball, table), (Relation(0, "on", 1),), (Sign("OPEN", 1),), tldr_data.verify.COMPLETE, (64, 64))
    words = ["a", "the", "two", "red", "ball", "is", "on", "it", "and", ",", ".", "no", "with", "which", "left", "of"]
    words += [
        '"OPEN"',
        "says",
        "they",
        "not",
        "there",
        "next to",
        "in the background",
        "zorble",
        "’",
        "\n",
        "each other",
    ]
    text = " ".join(data.draw(st.lists(st.sampled_from(words), max_size=25))) + data.draw(st.text(max_size=5))
    for item in weigh(text, facts):
        for start, end in item.spans:
            assert 0 <= start < end <= len(text)
            assert text[start:end].strip()


def test_the_checker_imports_neither_the_generator_nor_the_rules() -> None:
    for path in Path(tldr_data.verify.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            assert not [n for n in names if n.startswith(("tldr_data.sources", "tldr_data.perturb"))], path
