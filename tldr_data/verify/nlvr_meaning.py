"""What NLVR's phrases mean: what may be true of a shape or a box, and how many of them fit a noun phrase."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from tldr_data.verify.nlvr_scene import Answer, Box, Item, Quantifier, Scene, agreed, at_least, every, negation

Entity = Item | Box
Test = Callable[[Entity, Scene], Answer]
Counts = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Noun:
    """What a noun phrase may mean: ``kind`` is ``item`` or ``box``; ``words`` as it was said."""

    kind: str
    tests: tuple[Test, ...] = ()
    clauses: tuple[Test, ...] = ()
    """What "which is ..." says; it may be said of the things after they were counted."""
    words: str = ""

    def fits(self, entity: Entity, scene: Scene) -> Answer:
        return every(*(test(entity, scene) for test in (*self.tests, *self.clauses)))

    def of(self, entities: Iterable[Entity], scene: Scene) -> Counts:
        """How many of those fit."""
        return counts([self.fits(entity, scene) for entity in entities])

    def among(self, scene: Scene) -> Sequence[Entity]:
        return scene.boxes if self.kind == "box" else [item for box in scene.boxes for item in box.items]


def counts(answers: Sequence[Answer]) -> Counts:
    """The least and the largest number of those that fit, and the number of all."""
    return answers.count(True), len(answers) - answers.count(False), len(answers)


@dataclass(frozen=True, slots=True)
class Counted:
    """A noun phrase with its quantifier, in the boxes or in one of them."""

    quantifier: Quantifier
    noun: Noun
    first: bool = False
    """Whether they may be counted before a clause is said of them."""

    def holds(self, entities: Sequence[Entity], scene: Scene) -> Answer:
        answer = self.quantifier(*self.noun.of(entities, scene))
        if not self.noun.clauses or not self.first:
            return answer
        # "exactly one block which is blue": one blue block, or one block and it is blue
        counted = [entity for entity in entities if every(*(test(entity, scene) for test in self.noun.tests))]
        each = every(*(test(entity, scene) for test in self.noun.clauses for entity in counted))
        return agreed(answer, every(self.quantifier(*counts([True] * len(counted))), each))


# What is true of shapes and boxes


def several(least: int, most: int, total: int) -> Answer:
    """ "black blocks": several of them, or any."""
    return agreed(at_least(1)(least, most, total), at_least(2)(least, most, total))


def always(entity: Entity, scene: Scene) -> Answer:
    return True


def never(entity: Entity, scene: Scene) -> Answer:
    """Nothing is what no drawing holds."""
    return False


def is_colour(colour: str) -> Test:
    def test(entity: Entity, scene: Scene) -> Answer:
        assert isinstance(entity, Item)
        return entity.colour == colour

    return test


def is_size(size: int) -> Test:
    def test(entity: Entity, scene: Scene) -> Answer:
        return isinstance(entity, Item) and entity.size == size

    return test


def of_shape(word: str, tests: Sequence[Test]) -> Test:
    def test(entity: Entity, scene: Scene) -> Answer:
        assert isinstance(entity, Item)
        right = word in ("block", "item", entity.shape)
        return every(right, *(test(entity, scene) for test in tests))

    return test


def touches(sides: frozenset[str] | None) -> Test:
    """``sides``: one of which is enough; None for a corner; with ``?`` if people may mean the left and right alone."""

    def test(entity: Entity, scene: Scene) -> Answer:
        assert isinstance(entity, Item)
        if sides is None:
            return True if len(entity.walls) > 1 else None if len(entity.walls | entity.almost) > 1 else False
        wanted = sides - {"?"}
        answer = True if entity.walls & wanted else None if entity.almost & wanted else False
        return answer if "?" not in sides else agreed(answer, bool(entity.walls & {"left", "right"}))

    return test


def is_end(end: str) -> Test:
    def test(entity: Entity, scene: Scene) -> Answer:
        assert isinstance(entity, Item)
        return entity.level == (0 if end == "base" else entity.height - 1)

    return test


def is_middle(entity: Entity, scene: Scene) -> Answer:
    """The block with as many above as below it; never one at an end; of the others people differ."""
    assert isinstance(entity, Item)
    below, above = entity.level, entity.height - 1 - entity.level
    return False if not below or not above else True if below == above else None


def end_is(end: str, colour: str) -> Test:
    def test(entity: Entity, scene: Scene) -> Answer:
        assert isinstance(entity, Box)
        return is_colour(colour)(entity.items[0 if end == "base" else -1], scene)

    return test


def beside(step: int, noun: Noun) -> Test:
    """Right above (``step`` -1: the other one is below) or anywhere above another block of its tower."""

    def test(entity: Entity, scene: Scene) -> Answer:
        assert isinstance(entity, Item)
        others = [item for item in scene.boxes[entity.box].items if (item.level - entity.level) * step > 0]
        close = [item for item in others if abs(item.level - entity.level) == 1]
        return agreed(*(at_least(1)(*noun.of(items, scene)) for items in (others, close)))

    return test


def opposite(test: Test) -> Test:
    """Not so."""
    return lambda entity, scene: negation(test(entity, scene))


def in_tower(test: Test, tower: Noun) -> Test:
    """Of a block that stands in such a tower."""

    def both(entity: Entity, scene: Scene) -> Answer:
        assert isinstance(entity, Item)
        return every(test(entity, scene), tower.fits(scene.boxes[entity.box], scene))

    return both


def has(parts: Sequence[Counted]) -> Test:
    """Whether so many of each are in a box."""

    def test(entity: Entity, scene: Scene) -> Answer:
        assert isinstance(entity, Box)
        return every(*(part.holds(entity.items, scene) for part in parts))

    return test


def has_only(colours: frozenset[str]) -> Test:
    """No other colour; and each of them, if that is what people meant."""

    def test(entity: Entity, scene: Scene) -> Answer:
        assert isinstance(entity, Box)
        found = {item.colour for item in entity.items}
        return agreed(found <= colours, found == colours)

    return test


def has_colours(entity: Entity, scene: Scene) -> Answer:
    """Whether a box has shapes of all three colours."""
    assert isinstance(entity, Box)
    return len({item.colour for item in entity.items}) == 3
