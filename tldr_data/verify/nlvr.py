"""NLVR's sentences held against its scenes: "There is a tower with two blue blocks above a yellow block."

A small grammar of the language that people wrote about boxes, shapes and towers. A sentence that it does not cover to
the last word is not decided, and neither is one that people might mean in two ways of which only one is true: whether
three blocks are "two blocks", whether "above" is right above, whether "the side" is the bottom too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from tldr_data.facts import Facts
from tldr_data.verify.nlvr_cursor import Cursor, NotCoveredError
from tldr_data.verify.nlvr_meaning import (
    Counted,
    Noun,
    Test,
    always,
    beside,
    counts,
    end_is,
    has,
    has_colours,
    has_only,
    in_tower,
    is_colour,
    is_end,
    is_middle,
    is_size,
    never,
    of_shape,
    opposite,
    touches,
)
from tldr_data.verify.nlvr_scene import (
    SIZES,
    Answer,
    Quantifier,
    Scene,
    agreed,
    all_of,
    at_least,
    every,
    exactly,
    scene_of,
)
from tldr_data.verify.nlvr_words import ABSENT, COLOURS, NUMBERS, SHAPES, SIDES


class Verdict(NamedTuple):
    """Whether a sentence is true, and the count that decides it."""

    value: Answer
    evidence: str


def judge_sentence(text: str, facts: Facts) -> Verdict:
    """Whether a sentence is true of an NLVR scene; None where that is not decided.

    >>> from tldr_data.facts import Thing
    >>> block = Thing("square", ("yellow",), "medium", box=(40, 80, 60, 100))
    >>> judge_sentence("There is a blue block.", Facts((Thing("box", box=(0, 0, 100, 100)), block)))
    Verdict(value=False, evidence='blue block: 0')
    """
    try:
        return _Reader(text, scene_of(facts)).sentence()
    except NotCoveredError:
        return Verdict(None, "not understood")


class _Reader(Cursor):
    """The grammar, from the sentence down to what may stand before and after a noun."""

    def __init__(self, text: str, scene: Scene) -> None:
        super().__init__(text)
        self.scene = scene

    # Sentences

    def sentence(self) -> Verdict:
        if self.take("there be"):
            verdict = self._there()
        elif self.take("none of the", "no"):
            verdict = self._subject(exactly(0))
        elif self.take("each", "every", "all"):
            number = self.number()
            self.take("of the", "the")
            verdict = self._subject(all_of, number)
        elif self.take("the"):
            verdict = self._definite()
        else:
            quantifier = self.quantifier()
            self.take("of the")
            verdict = self._subject(quantifier)
        if self.at < len(self.words):
            raise NotCoveredError
        return verdict

    def _there(self) -> Verdict:
        parts = self._counted_list()
        answers = [part.holds(part.noun.among(self.scene), self.scene) for part in parts]
        evidence = [self._evidence(part.noun) for part, answer in zip(parts, answers, strict=True) if not answer]
        return Verdict(every(*answers), "; ".join(evidence or map(self._evidence, [part.noun for part in parts])))

    def _evidence(self, noun: Noun) -> str:
        least, most, _ = noun.of(noun.among(self.scene), self.scene)
        return f"{noun.words}: {least if least == most else f'{least} to {most}'}"

    def _subject(self, quantifier: Quantifier, number: int | None = None) -> Verdict:
        """ "One of the boxes contains ...": how many of the first are what is said of them."""
        noun = self._noun()
        begin = self.at
        test = self._predicate(noun)
        entities = [entity for entity in noun.among(self.scene) if self._sure(noun.fits(entity, self.scene))]
        if number is not None and number != len(entities):
            raise NotCoveredError
        said = replace(noun, tests=(test,), words=f"{noun.words} {self.written(begin)}")
        counts = said.of(entities, self.scene)
        return Verdict(quantifier(*counts), f"{said.words}: {counts[0]} of {len(entities)}")

    def _sure(self, answer: Answer) -> bool:
        if answer is None:
            raise NotCoveredError
        return answer

    def _definite(self) -> Verdict:
        """ "The top of the tower with four blocks is blue"; "the tower with four blocks has a blue block"."""
        begin = self.at
        end = self.take("top of", "base of")
        some = end is not None and self.need("the", "a") == "a"
        number = self.number() if end and self.is_number(self.at + 1) else None
        noun = self._noun()
        test = self._end_of(noun, end.split(" ")[0]) if end else self._predicate(noun)
        meant = [entity for entity in noun.among(self.scene) if self._sure(noun.fits(entity, self.scene))]
        if not meant or (number is not None and number != len(meant)):
            raise NotCoveredError
        answers = [test(entity, self.scene) for entity in meant]
        several = every(*answers) if number is not None else agreed(*answers)
        answer = at_least(1)(*counts(answers)) if some else several
        return Verdict(answer, f"{self.written(begin)}: {answers.count(True)} of {len(meant)}")

    def _end_of(self, noun: Noun, end: str) -> Test:
        """The colour of a tower's top or base."""
        if noun.kind != "box":
            raise NotCoveredError
        self._towers(True)
        self.need("be")
        denied = self.take("not")
        test = end_is(end, self.need(*COLOURS))
        return opposite(test) if denied else test

    # Noun phrases

    def _counted(self) -> Counted:
        begin = self.at
        quantifier = self.quantifier()
        said = self.words[begin : self.at]
        noun = self._noun()
        if self.words[begin + 1 : self.at] in (("block",), ("item",)) and self.is_number(begin):
            # "a tower with three blocks" has no fourth one
            quantifier = exactly(NUMBERS[said[0]])
        return Counted(quantifier, noun, said not in (("a",), ()) and said[:2] != ("at", "least"))

    def _counted_list(self) -> list[Counted]:
        """ "a yellow block, a blue block and two black blocks": all of them."""
        parts = [self._counted()]
        while True:
            begin = self.at
            joint = self.take(", and", ",", "and")
            if joint is None:
                return parts
            try:
                parts.append(self._counted())
            except NotCoveredError:
                self.at = begin
                return parts

    def _noun(self) -> Noun:
        begin = self.at
        tests: list[Test] = []
        while word := self.take(*COLOURS, *SIZES, "different"):
            if word == "different":
                raise NotCoveredError
            tests.append(is_colour(word) if word in COLOURS else is_size(SIZES[word]))
        kind, test = self._head(tests)
        noun = Noun(kind, (test,) if test else tuple(tests))
        while True:
            here = self.at
            more = self._modifier(noun)
            if more is None:
                return replace(noun, words=self.written(begin))
            if self.words[here] in ("that", "which") and noun.kind == "item":
                noun = replace(noun, clauses=(*noun.clauses, more))
            else:
                noun = replace(noun, tests=(*noun.tests, more))

    def _head(self, tests: Sequence[Test]) -> tuple[str, Test | None]:
        """The kind of the noun, and all that is said so far where that is not just each of ``tests``."""
        begin = self.at
        if self.is_number(self.at) and self.take(*(f"{number} block tower" for number in NUMBERS)):
            height = NUMBERS[self.words[begin]]
            self._towers(True)
            return "box", has([Counted(exactly(height), Noun("item")), Counted(all_of, Noun("item", tuple(tests)))])
        word = self.need("tower", "box", "block", "item", *SHAPES, *ABSENT)
        if word in ABSENT:
            return "box", never
        if word == "tower":
            self._towers(True)
            return "box", has([Counted(all_of, Noun("item", tuple(tests)))])
        gray = self.words[begin - 1 : begin] == ("gray",)
        if word == "box" or (word == "square" and gray):
            if tests and not gray:
                raise NotCoveredError
            return "box", always
        if word == "block":
            self._towers(True)
        return "item", of_shape(word, tests)

    def _towers(self, wanted: bool) -> None:
        if self.scene.towers is not wanted:
            raise NotCoveredError

    # What follows a noun

    def _modifier(self, noun: Noun) -> Test | None:
        begin = self.at
        if self._written_text():
            return never
        self.at = begin
        if noun.kind == "box":
            if self.take("that do not have", "which do not have"):
                return opposite(self._content())
            if self.take("that have", "which have", ", which have", "with", "in which there be", "where there be"):
                return self._content()
            return None
        if self.take("that be", "which be"):
            test = self._state()
            if test is None:
                raise NotCoveredError
            return test
        test = self._state(named=False)
        if test is None:
            self.at = begin
        return test

    def _written_text(self) -> bool:
        """Whether 'marked "HONEY"', 'with the word "HONEY" painted on it' stands here: no drawing bears any."""
        if self.take("bearing", "marked", "with", "labeled", "labelled", "reading", "that says", "that reads") is None:
            return False
        self.take("the words", "the word", "the name")
        if self.take('"') is None:
            return False
        if '"' not in self.words[self.at :]:
            raise NotCoveredError
        self.at = self.words.index('"', self.at) + 1
        self.take("printed", "painted", "written", "carved", "engraved")
        if self.take("on", "into", "in"):
            self.need("it", "them", "its front", "its side", "its facade", "its lid", "its label")
        return True

    def _predicate(self, noun: Noun) -> Test:
        """What a sentence says of its subject."""
        if noun.kind == "box":
            self.need("have")
            return self._content()
        self.need("be")
        test = self._state()
        if test is None:
            raise NotCoveredError
        return test

    def _state(self, *, named: bool = True) -> Test | None:
        """What an item may be: touching a wall, at the base, above another; ``named``: of a colour too."""
        if self.take("not"):
            test = self._state(named=named)
            return None if test is None else opposite(test)
        if self.take("touching"):
            return self._touching()
        if self.take("as the", "at the", "on the"):
            return self._end()
        if self.take("in the middle"):
            self._towers(True)
            return is_middle
        relation = self.take("above", "on top of", "on", "below")
        if relation:
            self._towers(True)
            self.need("a")
            return beside(1 if relation == "below" else -1, self._noun())
        if named and (colour := self.take(*COLOURS)):
            return is_colour(colour)
        return None

    def _touching(self) -> Test:
        self._towers(False)
        self.take("the", "a", "any")
        self.take("box")
        side = self.need(*SIDES)
        if self.take("of"):
            self.need("a", "the")
            self.need("box")
        return touches(SIDES[side])

    def _end(self) -> Test:
        """The base or the top, of some tower or of one that is described."""
        self._towers(True)
        end = self.need("base", "top")
        test: Test = is_end(end)
        if not self.take("of"):
            return test
        self.need("a", "the")
        tower = self._noun()
        if tower.kind != "box":
            raise NotCoveredError
        return in_tower(test, tower)

    def _content(self) -> Test:
        """What a box or tower has."""
        if self.take("only"):
            if not self.is_number(self.at):
                return self._only()
            self.at -= 1
        if self.take("all 3 color", "item of all 3 color", "block of all 3 color", "3 color"):
            return has_colours
        if colour := self.take(*(f"{colour} base" for colour in COLOURS)):
            self._towers(True)
            return end_is("base", colour.split(" ")[0])
        return has(self._counted_list())

    def _only(self) -> Test:
        """ "only blue and black blocks": no other colour, and both of them."""
        said = [self.need(*COLOURS)]
        while self.take("and"):
            said.append(self.need(*COLOURS))
        self.need("block", "item")
        return has_only(frozenset(said))
