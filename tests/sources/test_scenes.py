"""The bundled source: the same scene everywhere, facts that match the pixels, words that match the facts."""

from __future__ import annotations

import hashlib
import io
import pickle
import re
import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageChops

from tldr_data.errors import UsageError
from tldr_data.example import Example
from tldr_data.facts import PREDICATES, Facts, Thing
from tldr_data.sources import open_source
from tldr_data.sources.scenes import EasyScenes, Scenes
from tldr_data.sources.scenes.drawing import ZOOM, draw_item
from tldr_data.sources.scenes.kinds import CRESCENT, KINDS, OPEN_BOOK, SLEEPING_CAT, Kind
from tldr_data.sources.scenes.scene import Item
from tldr_data.sources.scenes.settings import SETTINGS

SEEDS = st.integers(0, 10_000)
NUMBER = {w: n for n, w in enumerate("one two three four five six seven eight nine".split(), start=1)}


def drawn(row: int, *, seed: int = 0, easy: bool = False) -> list[Example]:
    source = (EasyScenes if easy else Scenes)(path=None, seed=seed, limit=None)
    return [example for example in source.examples(row) if isinstance(example, Example)]


def facts_of(example: Example) -> Facts:
    assert example.facts is not None
    return example.facts


@pytest.mark.parametrize("name", ["scenes", "scenes-easy"])
def test_a_scene_depends_on_seed_and_number_alone(name: str) -> None:
    short = open_source(name, path=None, seed=3, limit=8)
    long = open_source(name, path=None, seed=3, limit=900)
    assert list(short.rows()) == list(range(8))
    assert list(short.examples(7)) == list(pickle.loads(pickle.dumps(long)).examples(7))
    other = open_source(name, path=None, seed=4, limit=8)
    assert [e.image for e in short.examples(7)] != [e.image for e in other.examples(7)]  # type: ignore[union-attr]


def test_a_scene_is_the_same_in_another_process() -> None:
    code = (
        "import hashlib; from tldr_data.sources.scenes import Scenes; "
        "print(hashlib.sha256(b''.join(e.image + e.response.encode() "
        "for e in Scenes(path=None, seed=5, limit=None).examples(11))).hexdigest())"
    )
    runs = {subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stdout for _ in range(2)}
    here = hashlib.sha256(b"".join(e.image + e.response.encode() for e in drawn(11, seed=5)))  # type: ignore[operator]
    assert {run.decode().strip() for run in runs} == {here.hexdigest()}


def test_number_path_and_limit(tmp_path: object) -> None:
    assert sum(1 for _ in Scenes(path=None, seed=0, limit=None).rows()) == 500
    with pytest.raises(UsageError, match="takes no path"):
        open_source("scenes", path=tmp_path, seed=0, limit=1)  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="limit -1"):
        Scenes(path=None, seed=0, limit=-1)


def test_ids_tasks_and_licence() -> None:
    caption, *questions = drawn(12, seed=2)
    assert caption.id == caption.group == caption.image_id == "scenes/2-000012"
    assert [q.id for q in questions] == [f"scenes/2-000012/q{n}" for n in range(1, len(questions) + 1)]
    assert 4 <= len(questions) <= 6
    assert {q.task for q in questions} == {"vqa"}
    assert {e.license for e in (caption, *questions)} == {"CC0-1.0"}
    assert drawn(0, easy=True)[0].id == "scenes-easy/0-000000"


@pytest.mark.parametrize(("easy", "size"), [(False, (384, 288)), (True, (64, 64))])
def test_image_has_the_size_of_the_canvas(easy: bool, size: tuple[int, int]) -> None:
    example = drawn(1, easy=easy)[0]
    assert isinstance(example.image, bytes)
    image = Image.open(io.BytesIO(example.image))
    assert (image.format, image.size, facts_of(example).canvas) == ("PNG", size, size)


@given(seed=SEEDS)
@settings(max_examples=40, deadline=None)
def test_facts_are_complete_and_consistent(seed: int) -> None:
    facts = facts_of(drawn(0, seed=seed)[0])
    assert facts.exhaustive == {"objects", "attributes", "counts", "relations", "signs"}
    for thing in facts.things:
        left, top, right, bottom = thing.box or (0, 0, 0, 0)
        assert 0 <= left < right <= 384, thing
        assert 0 <= top < bottom <= 288, thing
        assert all(thing.attributes), thing
    for relation in facts.relations:
        assert relation.predicate in PREDICATES
        assert relation.subject != relation.object
    pairs = {(r.subject, r.object) for r in facts.relations if r.predicate == "in front of"}
    assert not any((b, a) in pairs for a, b in pairs)


@given(seed=SEEDS)
@settings(max_examples=40, deadline=None)
def test_things_of_one_name_look_different(seed: int) -> None:
    facts = facts_of(drawn(0, seed=seed)[0])
    parts = {"roof", "door", "window", "chimney", "wheel", "sail", "frame", "shell", "pot"}
    things = [t for t in facts.things if t.name not in parts]
    for i, a in enumerate(things):
        for b in things[:i]:
            if a.name == b.name:
                assert set(a.attributes) - set(b.attributes), (a, b)
                assert set(b.attributes) - set(a.attributes), (a, b)


@given(seed=SEEDS)
@settings(max_examples=40, deadline=None)
def test_what_hangs_on_the_wall_ends_above_the_floor(seed: int) -> None:
    facts = facts_of(drawn(0, seed=seed)[0])
    walls = [i for i, t in enumerate(facts.things) if t.name == "wall"]
    for relation in facts.relations:
        if relation.predicate == "on" and relation.object in walls:
            thing, wall = facts.things[relation.subject], facts.things[relation.object]
            assert thing.box is not None
            assert wall.box is not None
            assert thing.box[3] < wall.box[3], thing


def kinds() -> list[Kind]:
    return [k for k in (*KINDS.values(), SLEEPING_CAT, OPEN_BOOK, CRESCENT) if k.name != "sign"]


@pytest.mark.parametrize("kind", kinds(), ids=lambda k: f"{k.name} {k.forms[0]}".strip())
def test_a_drawing_fills_its_box(kind: Kind) -> None:
    back = Image.new("RGB", (800, 640), (1, 255, 2))
    for form in kind.forms:
        image = back.copy()
        cell = (60.0, 60.0, 60 + kind.height * kind.aspect, 60 + kind.height)
        draw_item(image, Item(kind, [cell], "wall", 0.0, kind.colors[0], "white", kind.finishes[0], form))
        box = ImageChops.difference(image, back).getbbox()
        assert box is not None
        allowed = max(3.0, 0.05 * max(cell[2] - cell[0], cell[3] - cell[1]))
        assert [v / ZOOM for v in box] == pytest.approx(list(cell), abs=allowed)


def test_every_kind_can_occur() -> None:
    placed = {n for s in SETTINGS for n in (*s.anchors, *s.hosts, *s.animals, *s.many, *s.far, *s.high)}
    assert set(KINDS) == placed | {"sun", "moon", "star", "cloud", "sign", "shelf"}
    assert {n for s in SETTINGS for n in s.missed} <= set(KINDS)


def sentences(text: str) -> list[str]:
    return re.split(r"(?<=\.) (?=[A-Z])", text)


@given(seed=SEEDS)
@settings(max_examples=60, deadline=None)
def test_captions_are_three_to_seven_sentences(seed: int) -> None:
    text = drawn(0, seed=seed)[0].response
    assert 3 <= len(sentences(text)) <= 7, text
    assert all(s[0].isupper() and s.endswith(".") for s in sentences(text)), text
    assert not re.search(r"  | \.|\ba [aeio]\w|\ban [^aeiou]|[{}]|None", text), text
    assert 1 <= len(sentences(drawn(0, seed=seed, easy=True)[0].response)) <= 2


def plurals(name: str) -> str:
    irregular = {
        "sheep": "sheep",
        "fish": "fish",
        "starfish": "starfish",
        "butterfly": "butterflies",
        "snowman": "snowmen",
    }
    *head, last = name.split()
    return " ".join([*head, irregular.get(last, last + ("es" if re.search("(x|s|ch|sh)$", last) else "s"))])


@given(seed=SEEDS, easy=st.booleans())
@settings(max_examples=120, deadline=None)
def test_counted_things_are_that_many(seed: int, easy: bool) -> None:
    for example in drawn(0, seed=seed, easy=easy):
        counts: dict[str, list[Thing]] = {}
        for thing in facts_of(example).things:
            counts.setdefault(plurals(thing.name), []).append(thing)
        nouns = "|".join(sorted(map(re.escape, counts), key=len, reverse=True))
        for number, words, noun in re.findall(
            rf"\b({'|'.join(NUMBER)}) ((?:[a-z]+ ){{0,6}}?)({nouns})\b", example.response.lower()
        ):
            if NUMBER[number] == 1:
                continue
            told = set(words.split()) - {"small", "large", "tiny", "and"}
            matching = [t.count for t in counts[noun] if told <= {*t.attributes, t.size}]
            assert NUMBER[number] in {*matching, sum(matching)}, example.response


@given(seed=SEEDS)
@settings(max_examples=80, deadline=None)
def test_what_signs_say_and_what_is_missing(seed: int) -> None:
    for example in drawn(0, seed=seed):
        facts = facts_of(example)
        for denied, text in re.findall(r'(does not (?:say|read) )?"([^"]+)"', example.response):
            assert (text in {s.text for s in facts.signs}) is not bool(denied), example.response
        names = {t.name for t in facts.things} | {plurals(t.name) for t in facts.things}
        missing = re.findall(r"\b[Nn]o ([a-z ]+?) (?:in|is|can|to|anywhere|are)\b", example.response)
        assert not names & set(missing), example.response


@given(seed=SEEDS, easy=st.booleans())
@settings(max_examples=120, deadline=None)
def test_answers_about_sides_agree_with_the_boxes(seed: int, easy: bool) -> None:
    pattern = re.compile(r"the ([a-z ]+?) (?:is|are) (?:to the (left|right) of|(above|below)) the ([a-z ]+)\.$")
    for example in drawn(0, seed=seed, easy=easy):
        match = pattern.search(example.response.lower())
        if example.task != "vqa" or not match:
            continue
        one, other = (only_thing(facts_of(example), match.group(n)) for n in (1, 4))
        if not one or not other or not one.box or not other.box:
            continue
        first, second = (one, other) if (match.group(2) or match.group(3)) in ("left", "above") else (other, one)
        axis = 0 if match.group(2) else 1
        assert first.box[axis + 2] <= second.box[axis], example.response  # type: ignore[index]


def only_thing(facts: Facts, words: str) -> Thing | None:
    found = [t for t in facts.things if words in (t.name, plurals(t.name))]
    return found[0] if len(found) == 1 else None


def test_things_and_their_absence_are_told_in_the_same_forms() -> None:
    texts = [drawn(row)[0].response for row in range(200)]
    there = r"\b(?:[Aa]n?|[Tt]wo|[Tt]hree)"
    for form in (
        r"{} [a-z ]+ to the (?:left|right) of",
        r"{} [a-z ]+ (?:in|from) the background",
        r"[Tt]here (?:is|are) {} [a-z ]+ in the (?:picture|image|scene)\.",
        r"[a-z]+ (?:is|are) {} [a-z ]+ (?:on|in|under) the [a-z]+",
        r"{} [a-z ]+ can be seen",
        r"with {} [a-z]+ roof",
    ):
        told, denied = (sum(bool(re.search(form.format(word), text)) for text in texts) for word in (there, "[Nn]o"))
        assert told >= 1, form
        assert denied >= 1, form
    whole = " ".join(texts)
    positive, negative = (
        len(re.findall(rf"\b[Tt]he [a-z ]+ (?:is|are) {word}(?:to the|in front of|behind)", whole))
        for word in ("", "not ")
    )
    assert 0.2 < negative / positive < 5


def test_what_is_written_on_things_is_legible_and_told() -> None:
    told = 0
    for row in range(150):
        facts = facts_of(drawn(row)[0])
        for sign in facts.signs:
            thing = facts.things[sign.thing]
            left, top, right, bottom = thing.box or (0, 0, 0, 0)
            if thing.name != "sign":
                told += 1
                assert (right - left) / len(sign.text) >= 4, thing
                assert bottom - top >= 12, thing
    assert told >= 20


def test_all_taxonomies_apply_to_most_captions() -> None:
    texts = [drawn(row)[0].response for row in range(60)]
    needs = {
        "counting": r"\b(two|three|four|five|six|seven|eight|nine) ",
        "spatial": r"(left|right|front|behind|under|beneath|above|below|beside|next to|near| in (a|the) | on (a|the) )",
        "attribute": r"\b(red|orange|yellow|green|blue|purple|pink|brown|black|white|gray)\b",
        "small object": r"\b(small|tiny|background)\b",
        "text": r'"',
        "counterfactual": r"\b([Nn]o|not|without)\b",
    }
    shares = {
        name: sum(bool(re.search(pattern, text)) for text in texts) / len(texts) for name, pattern in needs.items()
    }
    assert min(shares.values()) >= 0.7, shares
