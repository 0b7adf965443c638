"""Captions of invented scenes: 15 to 30 words, true of what the questions say, in many orders."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from functools import partial

from made_up_scene import Scene, Thing, a, counted, described
from made_up_words import SKY

SHORTEST, LONGEST = 15, 30


class Teller:
    """Tells of one scene: what was named before is named again by its noun alone."""

    def __init__(self, scene: Scene, rng: random.Random) -> None:
        self.scene, self.rng = scene, rng
        self.named: set[str] = set()

    def phrase(self, thing: Thing) -> str:
        if thing.noun in self.named:
            return f"the {thing.name}"
        self.named.add(thing.noun)
        colour = self.rng.random() < 0.85 or not thing.material
        return counted(thing, described(thing, colour=colour, rest=self.rng.random() < 0.9))

    def support(self, thing: Thing) -> str:
        """What another thing lies on: a wall or a floor is known from the start."""
        if thing.noun in self.named or not thing.colour or self.rng.random() < 0.3:
            self.named.add(thing.noun)
            return f"the {thing.noun}"
        self.named.add(thing.noun)
        return counted(thing, described(thing, rest=self.rng.random() < 0.7))

    def spot(self, thing: Thing) -> str:
        assert thing.at is not None
        return f"{thing.place} {self.support(thing.at)}"

    # Each of these is one clause.

    def lying(self, thing: Thing) -> str:
        subject = self.phrase(thing)
        return f"{subject} {self.rng.choice((verb(thing), thing.be))} {self.spot(thing)}"

    def there(self, thing: Thing) -> str:
        return f"there {thing.be} {self.phrase(thing)} {self.spot(thing)}"

    def fronted(self, thing: Thing) -> str:
        spot = self.spot(thing)
        return f"{spot} {self.rng.choice((verb(thing), thing.be))} {self.phrase(thing)}"

    def thing(self, thing: Thing) -> str:
        return self.rng.choice((self.lying, self.lying, self.there, self.fronted))(thing)

    def beside(self, thing: Thing, other: Thing) -> str:
        """``thing`` stands somewhere to the left of ``other``."""
        if self.rng.random() < 0.5:
            return f"{self.phrase(thing)} {thing.be} to the left of {self.phrase(other)}"
        return f"{self.phrase(other)} {other.be} to the right of {self.phrase(thing)}"

    def person(self) -> str:
        person = self.scene.person
        assert person is not None
        one, garment = person.thing, person.garment
        who = counted(one, one.name)
        clothes = a(f"{garment.colour} {garment.noun}") if one.count == 1 else ""
        shown = self.rng.random()
        if clothes and shown < 0.4:
            who = f"{who} in {clothes}"
        elif clothes and shown < 0.6:
            who = f"{who} wearing {clothes} and {person.pair.colour} {person.pair.noun}"
        elif shown < 0.75:
            who = f"{who} with {person.hair} hair"
        text = f"{who} {one.be} {person.doing}"
        if person.held and one.count == 1 and shown > 0.75:
            return f"{who} holds {a(person.held)} {self.at_ground()}"
        return f"{text} {self.at_ground()}" if self.rng.random() < 0.3 else text

    def at_ground(self) -> str:
        return f"on {self.support(self.scene.ground)}"

    def background(self) -> str:
        behind, where = self.scene.background, self.rng.choice(("in the background", "in the distance"))
        where = where if self.scene.setting.outside else "in the background"
        if self.rng.random() < 0.4:
            return f"{where} {behind.be} {self.phrase(behind)}"
        return f"{self.phrase(behind)} {self.rng.choice((behind.be + ' visible', 'can be seen'))} {where}"

    def sign(self) -> str:
        sign = self.scene.sign
        assert sign is not None
        text = f'"{self.scene.text}"'
        subject, says = self.phrase(sign), self.rng.choice(("says", "reads"))
        if self.rng.random() < 0.5:
            return f"{subject} {self.spot(sign)} {says} {text}"
        return f"{subject} that {says} {text} hangs {self.spot(sign)}"

    def sky(self) -> str:
        return f"the sky above {self.rng.choice(('is', 'looks'))} {SKY[self.scene.weather]}"


def verb(thing: Thing) -> str:
    """
    >>> verb(Thing("cup", count=2, verb="is parked"))
    'are parked'
    """
    if thing.count == 1:
        return thing.verb
    return thing.verb.replace("is ", "are ") if thing.verb.startswith("is ") else thing.verb.removesuffix("s")


def caption(scene: Scene, rng: random.Random) -> str:
    """The caption of a scene: one to four sentences."""
    teller = Teller(scene, rng)
    low = rng.randint(SHORTEST, 23)
    clauses: list[str] = []
    length = 0
    for tell in _clauses(teller):
        named = set(teller.named)
        clause = tell()
        if not clauses:
            clause = _in_setting(clause, scene, rng)
        if length + len(clause.split()) > LONGEST - 1:
            teller.named = named
            continue
        clauses.append(clause)
        length += len(clause.split())
        if length >= low:
            break
    return _joined(clauses, rng)


def _clauses(teller: Teller) -> Iterator[Callable[[], str]]:
    """Ways to go on, in an order of their own; the things come first or late."""
    scene, rng = teller.scene, teller.rng
    things = rng.sample(scene.things, len(scene.things))
    told: list[Callable[[], str]] = [partial(teller.thing, thing) for thing in things[2:]]
    if len(things) > 1:
        left, right = sorted(things[:2], key=scene.things.index)
        if rng.random() < 0.5:
            told.append(partial(teller.beside, left, right))
        else:
            told += [partial(teller.thing, left), partial(teller.thing, right)]
    else:
        told += [partial(teller.thing, thing) for thing in things]
    extra = [teller.person] if scene.person else []
    extra += [teller.sign] if scene.sign and rng.random() < 0.7 else []
    extra += [teller.background] if rng.random() < 0.6 else []
    extra += [teller.sky] if scene.setting.outside and scene.day and rng.random() < 0.25 else []
    rng.shuffle(told)
    for clause in extra:
        told.insert(rng.randrange(min(len(told), 3) + 1), clause)
    yield from told
    yield teller.background
    yield teller.at_ground


def _in_setting(clause: str, scene: Scene, rng: random.Random) -> str:
    drawn = rng.random()
    if drawn < 0.35:
        return f"{scene.setting.within}, {clause}"
    return f"{clause} {scene.setting.within}" if drawn < 0.5 and '"' not in clause else clause


def _joined(clauses: list[str], rng: random.Random) -> str:
    sentences: list[str] = []
    joined = True
    for clause in clauses:
        if not joined and rng.random() < 0.4:
            sentences[-1] += rng.choice((" and ", ", and ", ", while ")) + clause
        else:
            sentences.append(clause[0].upper() + clause[1:])
        joined = not joined
    return ". ".join(sentences) + "."
