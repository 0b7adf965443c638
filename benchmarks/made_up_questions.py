"""Questions about invented scenes and their answers, in the mix and with the slips of the real ones."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator

from made_up_scene import Person, Scene, Thing, a, counted, described
from made_up_words import DAY_REASONS, NIGHT_REASONS, NUMBERS, SHAPES, SKY, TIMES, WEATHER

# Shares of first words, and how many pairs a picture has. Of the real questions 59% ask what, 20 where, 12 how, 4 why,
# 3 who, 2 when; here fewer ask where, why and who, which rules mostly leave alone: as many rows are to be made
# as in the paper.
SHARES = {"what": 64, "where": 13, "how": 16, "why": 3, "who": 2, "when": 2}
MEAN_PAIRS = 15.7
Pair = tuple[str, str]


class Asker:
    """Asks of one scene; each method gives a question and its answer, or None where it cannot be asked."""

    def __init__(self, scene: Scene, rng: random.Random) -> None:
        self.scene, self.rng = scene, rng
        self.coloured = [thing for thing in [*scene.things, *scene.tops, scene.ground] if thing.colour]
        self.coloured += [scene.wall, scene.background, *([scene.sign] if scene.sign else [])]
        self.lying = [thing for thing in scene.things if thing.place == "on"]
        self.made = [thing for thing in [*scene.things, *scene.tops] if thing.material]

    def pick(self, *choices: str) -> str:
        return self.rng.choice(choices)

    def noun(self, thing: Thing) -> str:
        """A thing as an answer names it: with an article, with the colour, or bare."""
        bare = self.pick(thing.name, thing.name, described(thing))
        if thing.count > 1:
            return bare
        return self.pick(a(bare), a(bare), bare, f"the {bare}")

    def what_colour(self) -> Pair | None:
        thing = self.rng.choice(self.coloured)
        question = f"what color {thing.be} the {thing.name}"
        if thing.place and thing.at and self.rng.random() < 0.2:
            question += f" {thing.where}"
        said = self.pick(*[thing.colour] * 18, f"{thing.pronoun} {thing.be} {thing.colour}")
        return question, said

    def what_clothes(self) -> Pair | None:
        person = self.scene.person
        if person is None or person.thing.count > 1:
            return self.what_colour()
        who, garment, pair = person.thing.noun, person.garment, person.pair
        return self.rng.choice(
            (
                (f"what color is the {who}'s {garment.noun}", garment.colour),
                (f"what color {garment.noun} is the {who} wearing", garment.colour),
                (f"what color are the {who}'s {pair.noun}", pair.colour),
                (f"what color is the {who}'s hair", person.hair),
                (f"what is the {who} wearing", self.pick(a(f"{garment.colour} {garment.noun}"), a(garment.noun))),
                (f"what is the {who} holding", self.pick(a(person.held), person.held))
                if person.held
                else _doing(person),
            )
        )

    def what_doing(self) -> Pair | None:
        return _doing(self.scene.person) if self.scene.person else self.what_lies()

    def what_lies(self) -> Pair | None:
        if not self.lying:
            return None
        thing = self.rng.choice(self.lying)
        assert thing.at is not None
        verb = self.pick(thing.be, thing.be, "is" if thing.count == 1 else "are sitting")
        return f"what {verb} on the {thing.at.noun}", self.noun(thing)

    def what_by(self) -> Pair | None:
        near = [thing for thing in self.scene.things if thing.place not in ("on", "near") and thing.at]
        if not near:
            return None
        thing = self.rng.choice(near)
        return f"what {thing.be} {thing.where}", self.noun(thing)

    def what_behind(self) -> Pair | None:
        return self.pick("what is in the background", "what can be seen in the background"), self.noun(
            self.scene.background
        )

    def what_made(self) -> Pair | None:
        if not self.made:
            return None
        thing = self.rng.choice(self.made)
        material = {"wooden": "wood"}.get(thing.material, thing.material)
        question = self.pick(
            f"what {thing.be} the {thing.name} made of",
            f"what {thing.be} the {thing.name} made out of",
            f"what material {thing.be} the {thing.name}",
        )
        return question, self.pick(material, material, material, f"{thing.pronoun} {thing.be} {material}")

    def what_written(self) -> Pair | None:
        if self.scene.sign is None:
            return None
        text = self.scene.text
        text = self.pick(text, text.capitalize(), text.title(), f'"{text}"', text.lower())
        return self.pick(*[f"what does the {self.scene.sign.noun} say"] * 3, "what is written there"), text

    def what_place(self) -> Pair | None:
        setting, background = self.scene.setting, self.scene
        if self.rng.random() < 0.5:
            return self.pick("what place is this", "what is this place", "what is shown here"), self.pick(
                a(setting.name), setting.name
            )
        if not setting.outside:
            return self.pick("what room is this", "what kind of room is this"), self.pick(a(setting.name), setting.name)
        sky = SKY[background.weather] if background.day else "black"
        return self.pick("what color is the sky", "what is the color of the sky"), sky

    def what_shape(self) -> Pair | None:
        shaped = [thing for thing in self.scene.things if thing.look in SHAPES]
        patterned = [thing for thing in self.scene.things if thing.pattern]
        if shaped and self.rng.random() < 0.7:
            thing = self.rng.choice(shaped)
            return f"what shape {thing.be} the {thing.name}", thing.look
        if patterned:
            thing = self.rng.choice(patterned)
            return f"what pattern {thing.be} on the {thing.name}".replace(" are on", " is on"), thing.pattern
        return self.what_colour()

    def what_coloured(self) -> Pair | None:
        """What is red? only where one thing is."""
        thing = self.rng.choice(self.coloured)
        person = self.scene.person
        colours = [each.colour for each in self.coloured]
        if colours.count(thing.colour) > 1 or (person and thing.colour in (person.garment.colour, person.pair.colour)):
            return None
        return f"what {thing.be} {thing.colour}", self.noun(thing)

    def where_thing(self) -> Pair | None:
        placed = [thing for thing in [*self.scene.things, self.scene.sign] if thing and thing.at]
        thing = self.rng.choice(placed)
        question = self.pick(
            *[f"where {thing.be} the {described(thing, rest=False)}"] * 2,
            *[f"where {thing.be} the {thing.name}"] * 5,
            f"where {thing.be} {counted(thing, thing.name) if thing.count == 1 else thing.name}",
        )
        assert thing.at is not None
        where = self.pick(
            *[thing.where] * 6, f"{thing.place} {thing.at.noun}", f"{thing.pronoun} {thing.be} {thing.where}"
        )
        return question, where

    def where_taken(self) -> Pair | None:
        setting = self.scene.setting
        question = self.pick(
            "where was this photo taken", "where was this picture taken", "where is this", "where is this scene"
        )
        return question, self.pick(setting.within, setting.within, a(setting.name), setting.name)

    def where_person(self) -> Pair | None:
        if self.scene.person is None:
            return None
        one = self.scene.person.thing
        return f"where {one.be} the {one.name}", self.pick(
            one.where, one.where, f"on {self.scene.ground.noun}", self.scene.setting.within
        )

    def how_many(self) -> Pair | None:
        choices = [*self.scene.things, self.scene.background]
        thing = self.rng.choice(choices)
        many = Thing(thing.noun, count=2).name
        question = self.pick(
            *[f"how many {many} are there"] * 5,
            f"how many {many} are visible",
            f"how many {many} are in the picture",
            f"how many {many} are {thing.where}" if thing.at else f"how many {many} do you see",
        )
        return question, self.number(thing.count, thing.name)

    def number(self, count: int, name: str) -> str:
        word, be = NUMBERS[count], "is" if count == 1 else "are"
        return self.pick(*[word] * 9, *[str(count)] * 6, f"{count} {name}", f"{word} {name}", f"there {be} {count}")

    def how_many_people(self) -> Pair | None:
        count = self.scene.person.thing.count if self.scene.person else 0
        question = self.pick(
            "how many people are there", "how many people are pictured", "how many people are in the photo"
        )
        if count == 0:
            return question, self.pick("none", "zero", "0", "no one")
        return question, self.number(count, "person" if count == 1 else "people")

    def how_weather(self) -> Pair | None:
        if not self.scene.setting.outside or not self.scene.day:
            return None
        return self.pick("how is the weather", "how does the weather look"), self.rng.choice(
            WEATHER[self.scene.weather]
        )

    def why(self) -> Pair | None:
        person, scene = self.scene.person, self.scene
        if person and self.rng.random() < 0.65:
            reason = self.pick(person.why, person.why, f"because {person.why}" if " is " in person.why else person.why)
            return f"why {person.thing.be} the {person.thing.name} {person.doing}", reason
        if scene.setting.outside and scene.day and scene.weather != "cloudy" and self.rng.random() < 0.4:
            dry = scene.weather == "sunny"
            asked = "why are there shadows" if dry else f"why is the {scene.ground.noun} wet"
            return asked, self.pick("it is sunny", "the sun is out") if dry else self.pick("it rained", "it is raining")
        reasons = DAY_REASONS if scene.day else NIGHT_REASONS
        question = self.rng.choice(list(reasons))
        return question[:-1].lower(), self.rng.choice(reasons[question])

    def who(self) -> Pair | None:
        person = self.scene.person
        if person is None:
            return self.pick("who is in the picture", "who is there"), self.pick(
                "no one", "nobody", "no one", "no people"
            )
        one, garment = person.thing, person.garment
        name = self.pick(f"the {one.name}", counted(one, one.name), one.name)
        asked = [f"who is {person.doing}", f"who is on the {self.scene.ground.noun}", f"who is {person.doing}"]
        if one.count == 1:
            asked += [f"who is wearing {a(garment.noun)}", f"who has {person.hair} hair"]
            asked += [f"who is holding {a(person.held)}"] if person.held else []
        return self.rng.choice(asked), name

    def when(self) -> Pair | None:
        question = self.pick(
            "when was this photo taken", "when was the picture taken", "when is this", "when in the day is it"
        )
        return question, self.rng.choice(TIMES["day" if self.scene.day else "night"])


def _doing(person: Person) -> Pair:
    one = person.thing
    return f"what {one.be} the {one.name} doing", person.doing


WAYS: dict[str, list[tuple[Callable[[Asker], Pair | None], int]]] = {
    "what": [
        (Asker.what_colour, 48),
        (Asker.what_clothes, 12),
        (Asker.what_lies, 8),
        (Asker.what_by, 2),
        (Asker.what_behind, 2),
        (Asker.what_doing, 8),
        (Asker.what_made, 10),
        (Asker.what_written, 4),
        (Asker.what_place, 5),
        (Asker.what_shape, 3),
        (Asker.what_coloured, 6),
    ],
    "where": [(Asker.where_thing, 14), (Asker.where_taken, 3), (Asker.where_person, 3)],
    "how": [(Asker.how_many, 14), (Asker.how_many_people, 3), (Asker.how_weather, 2)],
    "why": [(Asker.why, 1)],
    "who": [(Asker.who, 1)],
    "when": [(Asker.when, 1)],
}
_TYPES, _TYPE_WEIGHTS = list(SHARES), list(SHARES.values())
_CHOICES = {kind: ([way for way, _ in ways], [weight for _, weight in ways]) for kind, ways in WAYS.items()}


def pairs(scene: Scene, rng: random.Random) -> Iterator[Pair]:
    """Some sixteen questions with their answers; a few are asked twice, as in the real files."""
    asker, asked = Asker(scene, rng), set[str]()
    wanted, left = max(3, round(rng.gauss(MEAN_PAIRS, 4))), 90
    for kind in rng.choices(_TYPES, _TYPE_WEIGHTS, k=wanted):
        ways, weights = _CHOICES[kind]
        while left := left - 1:
            found = rng.choices(ways, weights)[0](asker)
            if found and (found[0] not in asked or rng.random() < 0.1):
                asked.add(found[0])
                yield _written(f"{found[0]}?", rng, 0.99), _written(f"{found[1].removesuffix('.')}.", rng, 0.97)
                break


def _written(text: str, rng: random.Random, capital: float) -> str:
    """As people write in haste: most texts begin with a capital and end as they should, some do not."""
    drawn = rng.random()
    if drawn < capital:
        text = text[0].upper() + text[1:]
    slip = rng.random()
    if slip > 0.03:
        return text
    if slip < 0.008:
        at = rng.randrange(1, len(text))
        letters = text[at : at + 2]
        return text[:at] + letters[::-1] + text[at + 2 :] if letters.isalpha() else text
    if slip < 0.014:
        return f"{text} "
    if slip < 0.019:
        return text[:-1]
    if slip < 0.022:
        return text.replace(" ", "  ", 1)
    return text.replace(" the ", " ", 1) if slip < 0.028 else text.upper()
