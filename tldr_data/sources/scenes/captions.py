"""A scene in words: three to seven English sentences, every one of them true and plain to see."""

from __future__ import annotations

import random

from tldr_data.sources.scenes.absences import absent_things, wrong_color
from tldr_data.sources.scenes.geometry import picture_place, plain_relations
from tldr_data.sources.scenes.inscriptions import inscribed, written_on
from tldr_data.sources.scenes.mentions import color_words, list_of, verb_of
from tldr_data.sources.scenes.scene import Item, Scene
from tldr_data.sources.scenes.telling import PHRASES, Telling
from tldr_data.sources.scenes.words import NUMBERS, agree, plural, sentence, with_article

_AT = {"beach": "on", "street": "on", "farm": "on", "harbor": "at", "lakeside camp": "at"}
MOST_SENTENCES = 7


def caption(scene: Scene, rng: random.Random) -> str:
    """A caption of the scene: an opening, what stands where, then background, sky, sign and what is missing."""
    return Caption(scene, rng).write()


def _inverted(clause: str) -> bool:
    """Whether it begins with where, not with what: after "and" that would be read with the clause before."""
    return any(clause.startswith(f"{phrase} ") for phrases in (*PHRASES.values(), ("in", "on")) for phrase in phrases)


class Caption(Telling):
    """The whole text, topic by topic."""

    def write(self) -> str:
        """The whole text."""
        texts = [text for text in (self._opening(), *self._body()) if text]
        self.subject = None
        topics = [self._far, self._writing]
        if self.rng.random() < 0.45 and len(texts) < 4:
            topics.append(self._high)
        self.rng.shuffle(topics)
        texts += [text for text in (topic() for topic in topics) if text]
        if self.rng.random() < 0.12 and len(texts) < MOST_SENTENCES - 1:
            texts.append(self._not_written())
        if self.mentions.uncolored and len(texts) < 5 and self.rng.random() < 0.6:
            texts.append(self._color())
        if len(texts) < 3 or (len(texts) < MOST_SENTENCES and self.rng.random() < 0.95):
            texts.append(self._absence() if len(texts) < 3 or self.rng.random() < 0.5 else self._presence())
        return " ".join(sentence(text) for text in texts if text)

    # the opening

    def _opening(self) -> str:
        items = [i for i in self.scene.items if i.zone == "ground" and not i.host and i.name != "sign"]
        place = self._place()
        if not items:
            self.picture = self.pick("picture", "drawing")
            return f"this is a {self.picture} of {place}"
        items.sort(key=lambda i: (i.box[3] - i.box[1]) * (0.4 + self.rng.random()), reverse=True)
        item = items[0]
        at = f"{_AT.get(self.scene.setting.name, 'in')} {place}"
        style = self.rng.random()
        if style < 0.16:
            return self._without(place, at)
        if style < 0.35:
            return f"{at}, {self._stands(item, on_ground=True)}"
        if style < 0.5:
            return f"{self._stands(item, on_ground=self.rng.random() < 0.5)} {at}"
        two = self._two(items, item)
        if style < 0.67:
            self.picture = self.pick("picture", "image", "scene")
            return f"the {self.picture} shows {place} with {list_of(two, self.mentions, pair=True)}"
        if style < 0.85:
            self.picture = self.pick("picture", "drawing")
            return f"this is a {self.picture} of {place} with {list_of(two, self.mentions, pair=True)}"
        return f"there {agree('is', two[0].count)} {list_of(two, self.mentions)} {at}"

    def _without(self, place: str, at: str) -> str:
        item = self.no("ground")
        if item is None:
            return f"this is {with_article(self.picture)} of {place}"
        thing = self.mentions.missing(item)
        verb = verb_of(item, self.rng, plain=0.15)
        a = thing.removeprefix("no ")
        return self.pick(
            f"there {agree('is', item.count)} {thing} {at}",
            f"{at}, {thing} {verb} on the {self.scene.setting.ground}",
            f"{thing} {verb} {at}",
            f"the {self.picture} shows {place} with {thing}",
            f"this is {with_article(self.picture)} of {place} without {with_article(a) if item.count == 1 else a}",
        )

    def _two(self, items: list[Item], item: Item) -> list[Item]:
        others = [i for i in items if i is not item and not self.mentions.shares_name(i)]
        return [item, self.rng.choice(others)] if others and self.rng.random() < 0.6 else [item]

    def _place(self) -> str:
        setting, mood = self.scene.setting, self.scene.mood
        if mood == "sunny" and setting.name != "snowy field" and self.rng.random() < 0.4:
            return with_article(f"sunny {setting.name}")
        if setting.behind == "sky" and self.rng.random() < 0.3:
            tones = {"sunny": ("blue",), "cloudy": ("gray", "cloudy"), "starry": ("starry", "dark")}
            return f"{with_article(setting.name)} under a {self.pick(*tones[mood])} sky"
        return with_article(setting.name)

    def _stands(self, item: Item, *, on_ground: bool) -> str:
        self.subject = item
        name = self.mentions.name(item)
        where = f" on the {self.scene.setting.ground}" if on_ground else ""
        return f"{name} {verb_of(item, self.rng, plain=0.15)}{where}"

    # the body

    def _body(self) -> list[str]:
        """Most of what is on the ground and not yet told; some clauses are joined."""
        zones = ("ground", "sky", "wall") if self.rng.random() < 0.3 else ("ground",)
        todo = [i for i in self.scene.items if i.zone in zones and not i.background and not self.mentions.knows(i)]
        todo = [i for i in todo if i.name not in ("sign", "sun", "moon", "star", "cloud")]
        todo.sort(key=lambda i: self.rng.random() - 0.4 * bool(i.host or i.before) - (i.count > 1))
        denies = self.rng.random()
        first = self.nowhere() if denies < 0.25 else ""
        clauses: list[str] = []
        for item in todo[: self.rng.choice((2, 3, 3))]:
            if not self.mentions.knows(item):
                clauses.append(self.where(item))
        texts = [first, *self._joined(clauses)]
        texts.append(self.nowhere() if 0.25 <= denies < 0.55 else "")
        texts.append(self.between_known() if len(list(filter(None, texts))) < 4 and self.rng.random() < 0.75 else "")
        return texts

    def _joined(self, clauses: list[str]) -> list[str]:
        """Joins some neighbours, but not the last: a pronoun may mean its subject."""
        texts: list[str] = []
        number = 0
        while number < len(clauses):
            text = clauses[number]
            number += 1
            joins = number < len(clauses) - 1 or (number < len(clauses) and self.subject is None)
            if (
                joins
                and not _inverted(clauses[number])
                and ", " not in text + clauses[number]
                and self.rng.random() < 0.5
            ):
                text += self.pick(", and ", ", while ", ", and ") + clauses[number]
                number += 1
            texts.append(text)
        return texts

    # the rest

    def _far(self) -> str:
        items = [i for i in self.scene.items if i.background and i.name != "shelf"][: self.rng.choice((1, 1, 2))]
        if items and items[0].host:
            return self._on_shelf(items, items[0].host)
        absent = self.no("far") if self.scene.setting.behind == "sky" and self.rng.random() < 0.3 else None
        if not items and not absent:
            return self._hills()
        if absent:
            return self._in_background([absent], self.mentions.missing(absent))
        return self._in_background(items, list_of(items, self.mentions))

    def _in_background(self, items: list[Item], names: str) -> str:
        number = 2 if len(items) > 1 else items[0].count
        texts = [
            f"in the background, {names} can be seen",
            f"in the background, there {agree('is', items[0].count)} {names}",
            f"{names} {agree('is', number)} visible in the background",
        ]
        if items[0].zone == "far" and not names.startswith("no "):
            texts.append(f"in the background {agree('stands', number)} {names}")
        if len(items) == 1 and items[0].kind.verb == "floats" and self.scene.setting.water:
            texts = [f"in the background, {names} {agree('floats', number)} on the {self.scene.setting.water}", *texts]
        return self.rng.choice(texts)

    def _hills(self) -> str:
        number = self.scene.hills
        if not number:
            return ""
        names = f"{NUMBERS[number]} {'hills' if number > 1 else 'hill'}"
        return self.pick(
            f"{names} can be seen in the background", f"in the background, there {agree('is', number)} {names}"
        )

    def _on_shelf(self, items: list[Item], shelf: Item) -> str:
        number = 2 if len(items) > 1 else items[0].count
        absent = self.no("far") if self.rng.random() < 0.25 else None
        if absent:
            thing, on = self.mentions.missing(absent), f"on {self.mentions.name(shelf)} in the background"
            be = agree("is", absent.count)
            return self.pick(f"there {be} {thing} {on}", f"{thing} {verb_of(absent, self.rng)} {on}")
        if self.rng.random() < 0.5:
            return self._in_background(items, list_of(items, self.mentions))
        if not self.mentions.knows(shelf) and self.rng.random() < 0.5:
            name = self.mentions.name(shelf)
            return f"on {name} in the background {agree('is', number)} {list_of(items, self.mentions)}"
        names = list_of(items, self.mentions)
        return f"in the background, {names} {agree(self.pick('is', 'stands'), number)} on {self.mentions.name(shelf)}"

    def _high(self) -> str:
        where = "in the sky" if self.scene.setting.behind == "sky" else "on the wall"
        absent = self.no("high") if self.rng.random() < 0.35 else None
        if absent:
            return self._up(absent, self.mentions.missing(absent), where)
        items = [
            i
            for i in self.scene.items
            if i.zone in ("sky", "wall") and not i.host and not i.background and i.name != "sign"
        ]
        if not items:
            return ""
        item = self.rng.choice(items)
        options = [
            (p, other) for other in self.mentions.seen if not other.background for p in plain_relations(item, other)
        ]
        if options and self.rng.random() < 0.6:
            return self.relation(item, *self.rng.choice(options))
        return self._up(item, self.mentions.name(item), where)

    def _up(self, item: Item, name: str, where: str) -> str:
        return self.pick(
            f"{name} {verb_of(item, self.rng, plain=0.2)} {where}",
            f"there {agree('is', item.count)} {name} {where}",
            f"{name} can be seen {where}",
        )

    def _writing(self) -> str:
        """What the sign says, or what is written on another thing."""
        item = next((i for i in self.scene.items if i.text), None)
        if not item:
            return ""
        if item.name != "sign":
            return written_on(item, self.mentions, self.rng)
        says = self.pick("reads", "says")
        places = [p.format(picture=self.picture) for p in picture_place(item)]
        near = [(p, o) for o in self.mentions.seen if not o.host for p in plain_relations(item, o) if p != "above"]
        name = self.mentions.name(item)
        style = self.rng.random()
        if near and style < 0.2:
            predicate, other = self.rng.choice(near)
            return f'{name} {self.pick(*PHRASES[predicate])} {self.mentions.name(other)} {says} "{item.text}"'
        if places and style < 0.4:
            return f'{name} {self.rng.choice(places)} {says} "{item.text}"'
        if places and style < 0.6:
            return f'{self.rng.choice(places)}, there is {name} that {says} "{item.text}"'
        return self.pick(f'there is {name} that {says} "{item.text}"', inscribed(item, name))

    def _not_written(self) -> str:
        """What the sign might say here, and does not."""
        item = next((i for i in self.mentions.seen if i.name == "sign"), None)
        others = [words for words in self.scene.setting.words if not item or words != item.text]
        return f'the sign does not {self.pick("say", "read")} "{self.rng.choice(others)}"' if item else ""

    def _color(self) -> str:
        item = self.rng.choice(self.mentions.uncolored)
        be = agree("is", item.count)
        if self.rng.random() < 0.5:
            return f"{self.mentions.again(item)} {be} not {wrong_color(item, self.rng)}"
        return f"{self.mentions.again(item)} {be} {color_words(item)}"

    def _absence(self) -> str:
        absent = [name for name in absent_things(self.scene) if not any(name == g.name for g in self.ghosts)]
        item = self.no("ground") if self.rng.random() < 0.5 else None
        if not item and not absent:
            return ""
        if item:
            return self._there(self.mentions.missing(item), item.count)
        thing = self.rng.choice(absent)
        return self._there(f"no {thing}", 1) if self.rng.random() < 0.6 else self._there(f"no {plural(thing)}", 2)

    def _presence(self) -> str:
        """Something more that is there, said as one says what is not."""
        rest = [i for i in self.scene.items if not i.host and not i.text and not self.mentions.knows(i)]
        rest = [i for i in rest if i.name not in ("sun", "moon", "shelf") and not self.mentions.shares_name(i)]
        if not rest:
            return self._absence()
        item = self.rng.choice(rest)
        if self.rng.random() < 0.5:
            self.mentions.seen.append(item)
            number = NUMBERS[item.count]
            return self._there(
                with_article(item.name) if item.count == 1 else f"{number} {plural(item.name)}", item.count
            )
        return self._there(self.mentions.name(item), item.count)

    def _there(self, thing: str, count: int) -> str:
        be = agree("is", count)
        where = self.pick("in sight", f"in the {self.picture}", f"in the {self.picture}", "to be seen")
        return self.pick(f"there {be} {thing} {where}", f"{thing} {be} visible", f"{thing} can be seen")
