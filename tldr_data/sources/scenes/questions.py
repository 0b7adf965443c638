"""Questions about a scene, and their true answers."""

from __future__ import annotations

import random
from typing import NamedTuple

from tldr_data.sources.scenes.absences import absent_things
from tldr_data.sources.scenes.geometry import picture_place, plain_relations
from tldr_data.sources.scenes.mentions import Mentions, color_words
from tldr_data.sources.scenes.scene import Item, Scene
from tldr_data.sources.scenes.telling import PHRASES
from tldr_data.sources.scenes.words import NUMBERS, agree, plural, sentence, with_article


class QA(NamedTuple):
    """A question, or what else one may ask of an image, and its true answer."""

    prompt: str
    response: str


def questions(scene: Scene, rng: random.Random) -> list[QA]:
    """Four to six questions of different sorts, in random order."""
    found = [
        qa
        for ask in (_count, _color, _place, _relation, _sign, _object, _is_there, _is_it)
        for qa in [ask(scene, rng)]
        if qa
    ]
    rng.shuffle(found)
    return found[: rng.choice((4, 5, 6))]


def _the(scene: Scene, rng: random.Random, item: Item) -> str:
    words = Mentions(scene, rng).again(item)
    return words.replace(f"the {NUMBERS[item.count]} ", "the ") if item.count > 1 else words


def _some(scene: Scene, rng: random.Random, item: Item) -> str:
    return Mentions(scene, rng).new(item)


def _spoken_of(scene: Scene) -> list[Item]:
    return [i for i in scene.items if i.name not in ("sun", "moon", "shelf", "sign")]


def _count(scene: Scene, rng: random.Random) -> QA | None:
    items = [i for i in _spoken_of(scene) if i.count > 1] or _spoken_of(scene)
    if not items:
        return None
    item = rng.choice(items)
    total = sum(i.count for i in scene.items if i.name == item.name)
    if total > 9:
        return None
    nouns = plural(item.name)
    noun = nouns if total > 1 else item.name
    short = f"{NUMBERS[total].capitalize()}."
    full = f"There {agree('is', total)} {NUMBERS[total]} {noun}."
    return QA(f"How many {nouns} are there?", rng.choice((short, full, full)))


def _color(scene: Scene, rng: random.Random) -> QA | None:
    items = [i for i in _spoken_of(scene) if _has_color(i)]
    items = [i for i in items if sum(o.name == i.name for o in scene.items) == 1 and i.name != "globe"]
    if not items:
        return None
    item = rng.choice(items)
    the = _the(scene, rng, item)
    full = sentence(f"{the} {agree('is', item.count)} {color_words(item)}")
    return QA(f"What color {agree('is', item.count)} {the}?", rng.choice((sentence(color_words(item)), full, full)))


def _place(scene: Scene, rng: random.Random) -> QA | None:
    items = [i for i in _spoken_of(scene) if i.host or picture_place(i)]
    if not items:
        return None
    item = rng.choice([i for i in items if i.host] or items)
    the = _the(scene, rng, item)
    if item.host:
        where = f"{rng.choice(PHRASES[item.hold])} {_the(scene, rng, item.host)}"
    else:
        where = rng.choice(picture_place(item)).format(picture="picture")
    full = sentence(f"{the} {agree('is', item.count)} {where}")
    return QA(f"Where {agree('is', item.count)} {the}?", rng.choice((sentence(where), full, full)))


def _pairs(scene: Scene, predicates: tuple[str, ...]) -> list[tuple[Item, str, Item]]:
    items = _spoken_of(scene)
    return [(a, p, b) for a in items for b in items if a is not b for p in plain_relations(a, b) if p in predicates]


_OPPOSITE = {
    "left of": "right of",
    "right of": "left of",
    "in front of": "behind",
    "behind": "in front of",
    "above": "below",
    "below": "above",
}


def _relation(scene: Scene, rng: random.Random) -> QA | None:
    """Is A to the left of B? Where it is not, the answer says where it is."""
    pairs = _pairs(scene, tuple(_OPPOSITE))
    if not pairs:
        return None
    a, predicate, b = rng.choice(pairs)
    one, other = _the(scene, rng, a), _the(scene, rng, b)
    be = agree("is", a.count)
    fact = f"{one} {be} {PHRASES[predicate][0]} {other}"
    if rng.random() < 0.5:
        return QA(
            f"{be.capitalize()} {one} {PHRASES[predicate][0]} {other}?",
            rng.choice(("Yes.", f"Yes, {fact}.", f"Yes, {fact}.")),
        )
    return QA(
        f"{be.capitalize()} {one} {PHRASES[_OPPOSITE[predicate]][0]} {other}?",
        rng.choice(("No.", f"No, {fact}.", f"No, {fact}.")),
    )


def _sign(scene: Scene, rng: random.Random) -> QA | None:
    signs = [i for i in scene.items if i.text]
    if not signs:
        return None
    text, the = signs[0].text, _the(scene, rng, signs[0])
    prompt = rng.choice((f"What does {the} say?", f"What is written on {the}?", f"What does {the} read?"))
    full = (f'{the} says "{text}"', f'it says "{text}"', f'{the} reads "{text}"')
    return QA(prompt, rng.choice((f'"{text}"', *map(sentence, full))))


def _object(scene: Scene, rng: random.Random) -> QA | None:
    """What is on the table? Everything that is."""
    hosts = [i.host for i in scene.items if i.host and i.host.name != "shelf"]
    if not hosts:
        return None
    host = rng.choice(hosts)
    hold = rng.choice([i.hold for i in scene.items if i.host is host])
    items = [i for i in scene.items if i.host is host and i.hold == hold]
    names = " and ".join(_some(scene, rng, i) for i in items)
    phrase = f"{PHRASES[hold][0]} {_the(scene, rng, host)}"
    be = agree("is", items[0].count if len(items) == 1 else 2)
    return QA(f"What is {phrase}?", rng.choice((sentence(names), sentence(f"{names} {be} {phrase}"))))


def _is_there(scene: Scene, rng: random.Random) -> QA | None:
    """Is there a dog? Asked of what is there and of what is not."""
    absent, items = absent_things(scene), _spoken_of(scene)
    if absent and rng.random() < 0.5:
        name = rng.choice(absent)
        full = f"No, there is no {name} in the picture."
        return QA(f"Is there {with_article(name)} in the picture?", rng.choice(("No.", full, full)))
    if not items:
        return None
    item = rng.choice(items)
    asked = f"Is there {with_article(item.name)}" if item.count == 1 else f"Are there any {plural(item.name)}"
    full = f"Yes, there {agree('is', item.count)} {_some(scene, rng, item)}."
    return QA(f"{asked} in the picture?", rng.choice(("Yes.", full, full)))


def _is_it(scene: Scene, rng: random.Random) -> QA | None:
    """Is the cup red? Where it is not, the answer tells its colour."""
    items = [
        i
        for i in _spoken_of(scene)
        if i.finish == "plain" and _has_color(i) and sum(o.name == i.name for o in scene.items) == 1
    ]
    if not items:
        return None
    item = rng.choice(items)
    the, be = _the(scene, rng, item), agree("is", item.count)
    fact = f"{the} {be} {item.color}"
    if rng.random() < 0.5:
        return QA(f"{be.capitalize()} {the} {item.color}?", rng.choice(("Yes.", f"Yes, {fact}.")))
    other = rng.choice([c for c in ("red", "blue", "green", "yellow", "purple", "black", "white") if c != item.color])
    return QA(f"{be.capitalize()} {the} {other}?", rng.choice(("No.", f"No, {fact}.", f"No, {fact}.")))


def _has_color(item: Item) -> bool:
    """Whether one would say of the whole thing that it is red: not of a painting in a red frame."""
    if item.kind.trim and not item.kind.second:
        return False
    return item.finish in ("plain", "striped", "spotted", "checkered") or (
        item.finish == "wooden" and item.color != "brown"
    )
