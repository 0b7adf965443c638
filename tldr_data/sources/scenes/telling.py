"""One clause at a time: where a thing is, or that it is not there, in one of several ways."""

from __future__ import annotations

import random

from tldr_data.sources.scenes.absences import false_relation, ghost
from tldr_data.sources.scenes.geometry import picture_place, plain_relations
from tldr_data.sources.scenes.mentions import Mentions, denied, list_of, participle_of, verb_of
from tldr_data.sources.scenes.scene import Item, Scene
from tldr_data.sources.scenes.words import agree

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
_CLOSE = ("in front of", "behind", "next to")
_AROUND = ("left of", "right of", "left of", "right of", "in front of", "behind", "next to")
_PLACES = (
    "on the left",
    "on the right",
    "on the left side of the {picture}",
    "on the right side of the {picture}",
    "in the foreground",
    "in the middle of the {picture}",
    "in the middle of the {picture}",
)
_UP = {"sky": "in the sky", "wall": "on the wall"}


class Telling:
    """The text so far. Each method writes one clause and remembers whom it was about."""

    def __init__(self, scene: Scene, rng: random.Random) -> None:
        self.scene = scene
        self.rng = rng
        self.mentions = Mentions(scene, rng)
        self.subject: Item | None = None
        """What the sentence before was about, where "it" can mean nothing else."""
        self.related: list[tuple[Item, Item]] = []
        """Pairs whose relation has been told."""
        self.picture = rng.choice(("picture", "picture", "image", "scene"))
        self.ghosts: list[Item] = []
        """What was said not to be there."""

    def pick(self, *texts: str) -> str:
        """One of them."""
        return self.rng.choice(texts)

    def where(self, item: Item) -> str:
        """A clause that brings in one more thing and says where it is."""
        if item.host:
            mates = [
                i
                for i in self.scene.items
                if i.host is item.host and i.hold == item.hold and not self.mentions.knows(i)
            ]
            return self._on_host(mates, item.host, item.hold)
        if "in the middle of the {picture}" in picture_place(item) and self.rng.random() < 0.6:
            return self._in_picture(item)
        options = [(p, other) for other in self.mentions.seen if not other.host for p in plain_relations(item, other)]
        close = [o for o in options if o[0] in _CLOSE]
        if close and self.rng.random() < 0.7:
            return self.relation(item, *self.rng.choice(close))
        if options and self.rng.random() < 0.7:
            return self.relation(item, *self.rng.choice(options))
        return self._in_picture(item)

    def _on_host(self, items: list[Item], host: Item, hold: str) -> str:
        self.rng.shuffle(items)
        if len(items) == 1:
            return self.relation(items[0], hold, host)
        self.subject = None
        if self.rng.random() < 0.5:
            return f"{self.pick(*PHRASES[hold])} {self.mentions.name(host)} are {list_of(items, self.mentions)}"
        return f"{list_of(items, self.mentions)} are {self.pick(*PHRASES[hold])} {self.mentions.name(host)}"

    def relation(self, item: Item, predicate: str, other: Item) -> str:
        """Says that ``item`` stands in a relation to ``other``, in one of several ways."""
        self.related.append((item, other))
        phrase, name = self.pick(*PHRASES[predicate]), self.mentions.name
        self.subject = item
        style = self.rng.random()
        if style < 0.42:
            return f"{name(item)} {verb_of(item, self.rng, plain=0.4)} {phrase} {name(other)}"
        if style < 0.7:
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
        if not places or (item.zone in _UP and self.rng.random() < 0.5):
            where = _UP.get(item.zone, f"on the {self.scene.setting.ground}")
            return f"{name} {verb_of(item, self.rng, plain=0.2)} {where}"
        middle = [place for place in places if "middle" in place]
        place = self.rng.choice(middle or places).format(picture=self.picture)
        return self.pick(
            f"{place}, there {agree('is', item.count)} {name}",
            f"{name} {verb_of(item, self.rng)} {place}",
            f"{name} can be seen {place}",
            f"{place} {verb_of(item, self.rng)} {name}",
        )

    # what is not there, and what is not so

    def nowhere(self) -> str:
        """That something is not there, said as one would say where it is."""
        item = self.no("ground")
        if item is None:
            return ""
        self.subject = None
        thing, verb = self.mentions.missing(item), verb_of(item, self.rng, plain=0.4)
        be = agree("is", item.count)
        others = [other for other in self.mentions.seen if other.zone in ("ground", "far") and not other.host]
        if others and self.rng.random() < 0.7:
            other = self.rng.choice(others)
            phrase = f"{self.pick(*PHRASES[self._relation_to(other)])} {self.mentions.name(other)}"
            seen = f"there {be} {thing}{participle_of(item, self.rng)} {phrase}"
            return self.pick(f"{thing} {verb} {phrase}", seen, seen, f"{thing} can be seen {phrase}")
        place = self.pick(*_PLACES).format(picture=self.picture)
        return self.pick(f"{place}, there {be} {thing}", f"{thing} {verb} {place}", f"{thing} can be seen {place}")

    def no(self, zone: str) -> Item | None:
        """Something that is not there and was not said not to be."""
        item = ghost(self.scene, self.rng, zone)
        if item is None or any(other.name == item.name for other in self.ghosts):
            return None
        self.ghosts.append(item)
        return item

    def _relation_to(self, other: Item) -> str:
        kind = other.kind
        holds = [hold for hold, at in (("on", kind.top), ("inside", kind.opening), ("under", kind.gap)) if at]
        return self.rng.choice(holds) if holds and self.rng.random() < 0.7 else self.rng.choice(_AROUND)

    def between_known(self) -> str:
        """One more relation, of two things that have been told of; or that it is not so."""
        seen = self.mentions.seen
        known = [i for i in seen if i.zone in ("ground", "sky", "wall") and not i.background and i.name != "sign"]
        told = [{id(a), id(b)} for a, b in self.related]
        pairs = [(p, a, b) for a in known for b in known if a is not b for p in plain_relations(a, b)]
        new = [each for each in pairs if {id(each[1]), id(each[2])} not in told]
        false = [(false_relation(p), a, b) for p, a, b in pairs if false_relation(p)]
        denies = bool(false) and self.rng.random() < 0.55
        if not (false if denies else new):
            return ""
        found = false if denies else new
        # "Not" comes easier of one thing than of several.
        single = [each for each in found if each[1].count == 1] if denies and self.rng.random() < 0.7 else []
        predicate, a, b = self.rng.choice(single or found)
        self.related.append((a, b))
        verb = verb_of(a, self.rng, plain=0.65)
        it, phrase = self._it(a), self.pick(*PHRASES[predicate])
        return f"{it} {denied(verb) if denies else verb} {phrase} {self.mentions.name(b)}"

    def _it(self, item: Item) -> str:
        if self.subject is item and self.rng.random() < 0.6:
            return "it" if item.count == 1 else "they"
        return self.mentions.name(item)
