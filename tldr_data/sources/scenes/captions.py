"""A scene in words: three to seven English sentences, every one of them true and plain to see."""

from __future__ import annotations

import random

from tldr_data.sources.scenes.geometry import picture_place, plain_relations
from tldr_data.sources.scenes.mentions import Mentions, color_words, list_of, participle_of, verb_of
from tldr_data.sources.scenes.scene import Item, Scene
from tldr_data.sources.scenes.settings import FAMILIES
from tldr_data.sources.scenes.words import NUMBERS, agree, plural, sentence, with_article

PHRASES: dict[str, tuple[str, ...]] = {
    "left of": ("to the left of",) * 5 + ("left of",),
    "right of": ("to the right of",) * 5 + ("right of",),
    "above": ("above",),
    "below": ("below",),
    "in front of": ("in front of",),
    "behind": ("behind",),
    "on": ("on", "on", "on", "on top of"),
    "under": ("under", "under", "beneath"),
    "inside": ("in", "in", "inside"),
    "next to": ("next to", "next to", "beside", "close to", "near"),
}
_INVERSE = {
    "left of": "to the right of",
    "right of": "to the left of",
    "in front of": "behind",
    "behind": "in front of",
    "next to": "next to",
}
_CLOSE = ("in front of", "behind", "next to")
_AT = {"beach": "on", "street": "on", "farm": "on", "harbor": "at", "lakeside camp": "at"}
MOST_SENTENCES = 7


def caption(scene: Scene, rng: random.Random) -> str:
    """A caption of the scene: an opening, what stands where, then background, sky, sign and what is missing."""
    return Caption(scene, rng).write()


def absent_things(scene: Scene) -> list[str]:
    """Names of what would fit into the scene but is not there, nor anything that could pass for it."""
    there = {FAMILIES.get(item.name, item.name) for item in scene.items}
    return [name for name in dict.fromkeys(scene.setting.missed) if FAMILIES.get(name, name) not in there]


def _inverted(clause: str) -> bool:
    """Whether it begins with where, not with what: after "and" that would be read with the clause before."""
    return any(clause.startswith(f"{phrase} ") for phrases in (*PHRASES.values(), ("in", "on")) for phrase in phrases)


class Caption:
    """The text so far. Each topic writes one clause and remembers whom it was about."""

    def __init__(self, scene: Scene, rng: random.Random) -> None:
        self.scene = scene
        self.rng = rng
        self.mentions = Mentions(scene, rng)
        self.subject: Item | None = None
        """What the sentence before was about, where "it" can mean nothing else."""
        self.related: list[tuple[Item, Item]] = []
        """Pairs whose relation has been told."""
        self.picture = rng.choice(("picture", "picture", "image", "scene"))

    def write(self) -> str:
        """The whole text."""
        texts = [self._opening(), *self._body()]
        self.subject = None
        topics = [self._far, self._sign]
        if self.rng.random() < 0.45 and len(texts) < 4:
            topics.append(self._high)
        self.rng.shuffle(topics)
        texts += [topic() for topic in topics]
        if self.mentions.uncolored and len(texts) < 5 and self.rng.random() < 0.5:
            texts.append(self._color())
        if sum(map(bool, texts)) < 3 or (len(texts) < MOST_SENTENCES and self.rng.random() < 0.95):
            texts.append(self._absence())
        return " ".join(sentence(text) for text in texts if text)

    def _pick(self, *texts: str) -> str:
        return self.rng.choice(texts)

    # the opening

    def _opening(self) -> str:
        items = [i for i in self.scene.items if i.zone == "ground" and not i.host and not i.text]
        place = self._place()
        if not items:
            self.picture = self._pick("picture", "drawing")
            return f"this is a {self.picture} of {place}"
        items.sort(key=lambda i: (i.box[3] - i.box[1]) * (0.4 + self.rng.random()), reverse=True)
        item = items[0]
        at = f"{_AT.get(self.scene.setting.name, 'in')} {place}"
        style = self.rng.random()
        if style < 0.25:
            return f"{at}, {self._stands(item, on_ground=True)}"
        if style < 0.45:
            return f"{self._stands(item, on_ground=self.rng.random() < 0.5)} {at}"
        two = self._two(items, item)
        if style < 0.65:
            self.picture = self._pick("picture", "image", "scene")
            return f"the {self.picture} shows {place} with {list_of(two, self.mentions, pair=True)}"
        if style < 0.85:
            self.picture = self._pick("picture", "drawing")
            return f"this is a {self.picture} of {place} with {list_of(two, self.mentions, pair=True)}"
        return f"there {agree('is', two[0].count)} {list_of(two, self.mentions)} {at}"

    def _two(self, items: list[Item], item: Item) -> list[Item]:
        others = [i for i in items if i is not item and not self.mentions.shares_name(i)]
        return [item, self.rng.choice(others)] if others and self.rng.random() < 0.6 else [item]

    def _place(self) -> str:
        setting, mood = self.scene.setting, self.scene.mood
        if mood == "sunny" and setting.name != "snowy field" and self.rng.random() < 0.6:
            return with_article(f"sunny {setting.name}")
        if setting.behind == "sky" and self.rng.random() < 0.4:
            tones = {"sunny": ("blue",), "cloudy": ("gray", "cloudy"), "starry": ("starry", "dark")}
            return f"{with_article(setting.name)} under a {self._pick(*tones[mood])} sky"
        return with_article(setting.name)

    def _stands(self, item: Item, *, on_ground: bool) -> str:
        self.subject = item
        name = self.mentions.name(item)
        where = f" on the {self.scene.setting.ground}" if on_ground else ""
        return f"{name} {verb_of(item, self.rng, plain=0.15)}{where}"

    # the body

    def _body(self) -> list[str]:
        """Most of what is on the ground and not yet told; some clauses are joined."""
        todo = [i for i in self.scene.items if i.zone == "ground" and not i.text and not self.mentions.knows(i)]
        todo.sort(key=lambda i: self.rng.random() - 0.4 * bool(i.host or i.before) - (i.count > 1))
        clauses: list[str] = []
        for item in todo[: self.rng.choice((2, 3, 3))]:
            if not self.mentions.knows(item):
                clauses.append(self._where(item))
        more = self._between_known() if self.rng.random() < 0.35 else ""
        return [*self._joined(clauses), *([more] if more else [])]

    def _joined(self, clauses: list[str]) -> list[str]:
        """Joins some neighbours; never before a pronoun, which means the subject of the whole sentence before it."""
        pronoun = [text.startswith(("it ", "they ")) for text in clauses] + [False]
        texts: list[str] = []
        number = 0
        while number < len(clauses):
            text = clauses[number]
            number += 1
            joins = number < len(clauses) and not any(pronoun[number - 1 : number + 2])
            if (
                joins
                and not _inverted(clauses[number])
                and ", " not in text + clauses[number]
                and self.rng.random() < 0.5
            ):
                text += self._pick(", and ", ", while ", ", and ") + clauses[number]
                number += 1
            texts.append(text)
        return texts

    def _where(self, item: Item) -> str:
        """A clause that brings in one more thing and says where it is."""
        if item.host:
            mates = [
                i
                for i in self.scene.items
                if i.host is item.host and i.hold == item.hold and not self.mentions.knows(i)
            ]
            return self._on_host(mates, item.host, item.hold)
        options = [(p, other) for other in self.mentions.seen if not other.host for p in plain_relations(item, other)]
        close = [o for o in options if o[0] in _CLOSE]
        if close and self.rng.random() < 0.7:
            return self._relation(item, *self.rng.choice(close))
        if options and self.rng.random() < 0.8:
            return self._relation(item, *self.rng.choice(options))
        return self._in_picture(item)

    def _on_host(self, items: list[Item], host: Item, hold: str) -> str:
        self.rng.shuffle(items)
        if len(items) == 1:
            return self._relation(items[0], hold, host)
        self.subject = None
        if self.rng.random() < 0.5:
            return f"{self._pick(*PHRASES[hold])} {self.mentions.name(host)} are {list_of(items, self.mentions)}"
        return f"{list_of(items, self.mentions)} are {self._pick(*PHRASES[hold])} {self.mentions.name(host)}"

    def _relation(self, item: Item, predicate: str, other: Item) -> str:
        """Says that ``item`` stands in a relation to ``other``, in one of several ways."""
        self.related.append((item, other))
        phrase, name = self._pick(*PHRASES[predicate]), self.mentions.name
        known, self.subject = self.subject, item
        style = self.rng.random()
        if known is other and style < 0.3 and predicate in _INVERSE:
            self.subject = None
            pronoun = "it" if other.count == 1 else "they"
            return f"{pronoun} {agree('is', other.count)} {_INVERSE[predicate]} {name(item)}"
        if style < 0.5:
            return f"{name(item)} {verb_of(item, self.rng, plain=0.4)} {phrase} {name(other)}"
        if style < 0.72:
            return f"there {agree('is', item.count)} {name(item)}{participle_of(item, self.rng)} {phrase} {name(other)}"
        places = picture_place(item)
        if style < 0.8 and places and not self.mentions.knows(item) and predicate not in ("left of", "right of"):
            place = self.rng.choice(places).format(picture=self.picture)
            return f"{place}, {name(item)} {verb_of(item, self.rng, plain=0.3)} {phrase} {name(other)}"
        if style < 0.93:
            return f"{phrase} {name(other)} {verb_of(item, self.rng)} {name(item)}"
        return f"{name(item)} can be seen {phrase} {name(other)}"

    def _in_picture(self, item: Item) -> str:
        places = picture_place(item)
        self.subject = item
        name = self.mentions.name(item)
        if not places:
            return f"{name} {verb_of(item, self.rng, plain=0.2)} on the {self.scene.setting.ground}"
        place = self.rng.choice(places).format(picture=self.picture)
        return self._pick(
            f"{place}, there {agree('is', item.count)} {name}",
            f"{name} {verb_of(item, self.rng)} {place}",
            f"{name} can be seen {place}",
            f"{place} {verb_of(item, self.rng)} {name}",
        )

    def _between_known(self) -> str:
        """One more relation, of two things that have been told of."""
        known = [i for i in self.mentions.seen if i.zone == "ground"]
        told = [{id(a), id(b)} for a, b in self.related]
        pairs = [
            (p, a, b)
            for a in known
            for b in known
            if {id(a), id(b)} not in told
            for p in plain_relations(a, b)
            if p in ("left of", "right of", "next to")
        ]
        if not pairs:
            return ""
        predicate, a, b = self.rng.choice(pairs)
        self.related.append((a, b))
        name = self.mentions.name
        return f"{name(a)} {agree('is', a.count)} {self._pick(*PHRASES[predicate])} {name(b)}"

    # the rest

    def _far(self) -> str:
        items = [i for i in self.scene.items if i.background and i.name != "shelf"][: self.rng.choice((1, 1, 2))]
        if not items:
            return self._hills()
        if items[0].host:
            return self._on_shelf(items, items[0].host)
        number = 2 if len(items) > 1 else items[0].count
        names = list_of(items, self.mentions)
        if len(items) == 1 and items[0].zone == "water" and self.rng.random() < 0.6:
            return f"in the background, {names} {agree('floats', number)} on the {self.scene.setting.water}"
        texts = [
            f"in the background, {names} can be seen",
            f"in the background, there {agree('is', items[0].count)} {names}",
            f"{names} {agree('is', number)} visible in the background",
        ]
        if items[0].zone == "far":
            texts.append(f"in the background {agree('stands', number)} {names}")
        return self.rng.choice(texts)

    def _hills(self) -> str:
        number = self.scene.hills
        if not number:
            return ""
        color = "white" if self.scene.setting.ground == "snow" else "green"
        names = f"{NUMBERS[number]} {color} {'hills' if number > 1 else 'hill'}"
        return self._pick(
            f"{names} can be seen in the background", f"in the background, there {agree('is', number)} {names}"
        )

    def _on_shelf(self, items: list[Item], shelf: Item) -> str:
        number = 2 if len(items) > 1 else items[0].count
        if not self.mentions.knows(shelf) and self.rng.random() < 0.5:
            name = self.mentions.name(shelf)
            return f"on {name} in the background {agree('is', number)} {list_of(items, self.mentions)}"
        names = list_of(items, self.mentions)
        return f"in the background, {names} {agree(self._pick('is', 'stands'), number)} on {self.mentions.name(shelf)}"

    def _high(self) -> str:
        items = [
            i for i in self.scene.items if i.zone in ("sky", "wall") and not i.host and not i.background and not i.text
        ]
        if not items:
            return ""
        item = self.rng.choice(items)
        options = [
            (p, other) for other in self.mentions.seen if not other.background for p in plain_relations(item, other)
        ]
        if options and self.rng.random() < 0.6:
            return self._relation(item, *self.rng.choice(options))
        name = self.mentions.name(item)
        where = "in the sky" if item.zone == "sky" else "on the wall"
        return self._pick(
            f"{name} {verb_of(item, self.rng, plain=0.2)} {where}",
            f"there {agree('is', item.count)} {name} {where}",
            f"{name} can be seen {where}",
        )

    def _sign(self) -> str:
        item = next((i for i in self.scene.items if i.text), None)
        if not item:
            return ""
        says = self._pick("reads", "says")
        places = [p.format(picture=self.picture) for p in picture_place(item)]
        near = [(p, o) for o in self.mentions.seen if not o.host for p in plain_relations(item, o) if p != "above"]
        name = self.mentions.name(item)
        style = self.rng.random()
        if near and style < 0.35:
            predicate, other = self.rng.choice(near)
            return f'{name} {self._pick(*PHRASES[predicate])} {self.mentions.name(other)} {says} "{item.text}"'
        if places and style < 0.65:
            return f'{name} {self.rng.choice(places)} {says} "{item.text}"'
        return self._pick(
            f'there is {name} that {says} "{item.text}"',
            f'the words "{item.text}" are written on {name}'
            if " " in item.text
            else f'the word "{item.text}" is written on {name}',
            f'{name} {says} "{item.text}"',
        )

    def _color(self) -> str:
        item = self.rng.choice(self.mentions.uncolored)
        return f"{self.mentions.again(item)} {agree('is', item.count)} {color_words(item)}"

    def _absence(self) -> str:
        absent = absent_things(self.scene)
        if not absent:
            return ""
        thing = self.rng.choice(absent)
        where = self._pick("in sight", f"in the {self.picture}", "to be seen", "anywhere")
        return self._pick(
            f"there is no {thing} {where}",
            f"there are no {plural(thing)} {where}",
            f"no {thing} is visible",
            f"no {plural(thing)} can be seen",
        )
