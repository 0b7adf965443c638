"""One sentence read phrase by phrase: whom it is about, and what it says of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from tldr_data.verify.assertions import Assertion, Claim, each_meaning, from_others
from tldr_data.verify.clauses import (
    MANY,
    NOUNS,
    Mentions,
    after_joints,
    clause_begins,
    clause_follows,
    kind_at,
    nowhere,
    stand_for,
)
from tldr_data.verify.nouns import Mention, Spans
from tldr_data.verify.phrases import Phrase, narrowed


@dataclass(slots=True)
class Reader:
    """One sentence. ``topics`` are the subjects of the sentence before, the latest first."""

    phrases: list[Phrase]
    topics: tuple[Mentions, ...]
    found: list[Claim] = field(default_factory=list)
    subjects: list[Mentions] = field(default_factory=list)
    """Of the clauses so far; pronouns are there as what they stand for."""
    objects: list[Mentions] = field(default_factory=list)
    """What earlier clauses of the sentence said something of their subject by ("on a table")."""
    subject: Mentions = ()
    focus: Mentions = ()
    """What a relation or adjective is said of now."""
    recent: Mentions = ()
    """The noun phrases just read, if nothing stands between them and this place."""
    host: Mentions = ()
    """What "it" is in "a table with a ball on it"."""
    leading: list[tuple[Phrase, Mentions]] = field(default_factory=list)
    nowhere: list[tuple[Phrase, Mentions]] = field(default_factory=list)
    """Where, before "no dog sits on the rug", none does."""
    quoted: Phrase | None = None
    """A written text of which the carrier comes later."""
    verb: bool = False
    relative: bool = False
    """After "which": the next verb is of the thing just named."""
    negated: Phrase | None = None
    doubtful: bool = False
    at: int = 0

    def read(self) -> list[Claim]:
        while self.at < len(self.phrases):
            phrase = self.phrases[self.at]
            if phrase.kind in ("mention", "pronoun", "no"):
                self._nouns(phrase)
            else:
                self.at += 1
                self._other(phrase)
        for phrase, objects in self.leading:
            self._lead(phrase, objects)
        if self.quoted:
            self.found.append(Claim(self.quoted.spans, (Assertion("reads", word=self.quoted.value),)))
        return self.found

    def _other(self, phrase: Phrase) -> None:
        match phrase.kind:
            case "relation":
                self._relation(phrase)
            case "place" if self.focus:
                self._say(phrase, Assertion("placed", place=phrase.place), phrase.value == "to")
            case "place":
                self.leading.append((phrase, ()))
            case "adjective":
                self._adjective(phrase)
            case "there":
                self.verb = True
            case "verb":
                self.verb, self.focus, self.recent = True, self.focus if self.relative else self.subject, ()
                self.relative = False
            case "not":
                self.negated = phrase
            case "that":
                self.focus, self.recent, self.relative = self.recent[-1:] or self.focus, (), True
            case "with" | "holds":
                self._with(phrase)
            case "each other":
                self._reciprocal("beside", phrase)
            case "quote":
                self._quote(phrase)
            case "mark" | "and" | "or":
                self._boundary()
            case "unknown":
                self._unknown(phrase)
            case _:
                pass

    def _lead(self, phrase: Phrase, objects: Mentions) -> None:
        """What stood before its subject is said of it; "On the left." of what was spoken of before."""
        if not self.focus:
            self.focus, self.recent = self.topics[0] if self.topics else (), ()
        if not self.focus:
            self._unknown(phrase)
        elif phrase.kind == "adjective":
            self._said_of(self.focus, phrase, Assertion("described", word=phrase.value))
        elif objects:
            self._relate(phrase, objects)
        else:
            self._say(phrase, Assertion("placed", place=phrase.place), phrase.value == "to")

    # Noun phrases

    def _nouns(self, phrase: Phrase) -> None:
        """Noun phrases that stand where a subject can: the things of this clause."""
        if phrase.kind == "no":
            self._absent()
            return
        if self.subject and self.verb and self.focus and phrase.kind == "mention" and not self.leading:
            # "The toy is a red ball" would be an identity, which the facts do not hold.
            self._unknown(phrase)
        # "On the table stand a ball and a cup": what has a verb of its own after such a list is a new clause.
        mentions = self._list("object" if self.verb else "subject")
        self.subject = self.focus = self.recent = mentions
        self.subjects.append(mentions)
        leading, self.leading = self.leading, []
        for said, objects in leading:
            self.recent = ()
            self._lead(said, objects)
        self.recent = mentions

    def _list(self, role: str) -> Mentions:
        """ "a ball, a cup and a plate": the noun phrases from here that are said together."""
        items = [*self._mention()]
        while True:
            here = after_joints(self.phrases, self.at)
            if here == self.at or kind_at(self.phrases, here) not in NOUNS:
                return tuple(items)
            if any(phrase.value in (";", "while", "whereas", "but") for phrase in self.phrases[self.at : here]):
                return tuple(items)
            if role == "object" and clause_follows(self.phrases, here):
                return tuple(items)
            self.at = here
            items += self._mention()

    def _mention(self) -> Mentions:
        """The noun phrase here as the things that it stands for; a new one is itself a claim."""
        phrase = self.phrases[self.at]
        self.at += 1
        if phrase.mention is None:
            return self._antecedents(phrase)
        mention = phrase.mention
        self.found.append(Claim((*mention.article, *mention.spans), (Assertion("exists", mention),)))
        if mention.place:
            self.found.append(Claim(mention.spans, (Assertion("placed", mention, place=mention.place),)))
        return (mention,)

    def _antecedents(self, pronoun: Phrase) -> Mentions:
        """What a pronoun stands for, from this sentence or the one before; never the subject of its own clause."""
        earlier = [group for group in reversed(self.subjects) if group is not self.subject]
        groups = [*filter(None, [self.host]), *earlier, *(() if earlier else self.topics), *reversed(self.objects)]
        return stand_for(pronoun, groups)

    def _absent(self) -> None:
        """ "no dog or cat", "without any clouds"."""
        no = self.phrases[self.at]
        here = self.at + 1
        while kind_at(self.phrases, here) == "mention":
            mention = self.phrases[here].mention
            assert mention is not None
            self.at = here + 1
            self._deny(no, mention)
            here = after_joints(self.phrases, self.at)
            if here == self.at or (clause_follows(self.phrases, here) and self.phrases[here - 1].kind != "or"):
                return
        self.at = max(self.at, min(here, self.at + 1))

    def _deny(self, no: Phrase, mention: Mention) -> None:
        mention = replace(mention, number=None, plural=False)
        owned = no.value.startswith("with")
        after = self.at + (not owned and self._kind() in ("verb", "participle"))
        where, self.leading = ([], self.leading) if owned else (self.leading, [])
        if after < len(self.phrases) and self.phrases[after].kind in ("relation", "place"):
            # "A box without a lid on it stands there": the box does
            owner = self.recent[-1:] or self.focus if owned else ()
            self.host, self.focus, self.subject = owner, (mention,), self.subject if owner else (mention,)
            self.negated, self.at, self.recent, self.nowhere = no, after, (), where
        elif where:
            self.subject = self.focus = self.recent = ()
            spans = (*no.spans, *mention.spans, *(span for phrase, _ in where for span in phrase.spans))
            self._claim(spans, nowhere(mention, where))
        else:
            self.recent = ()
            self.subject = self.focus = self.subject if owned else ()
            said = Assertion("absent", mention, word=narrowed(self.phrases, no, after))
            self.found.append(Claim((*no.spans, *mention.spans), (said,)))

    def _kind(self, ahead: int = 0) -> str:
        return kind_at(self.phrases, self.at + ahead)

    # What is said of them

    def _relation(self, phrase: Phrase) -> None:
        if self._kind() == "each other":
            self.at += 1
            self._reciprocal(phrase.value, phrase)
        elif self._kind() in ("mention", "pronoun"):
            objects = self._list("object")
            if self.quoted and not self.focus:
                self._read_on(phrase, objects)
            elif self.focus:
                self._relate(phrase, objects)
                self.recent = objects
                self.objects.append(objects)
            else:
                self.leading.append((phrase, objects))
        elif self.host or self.topics or len(self.subjects) > 1:
            # "with a ball on top", "Behind stands a house": from the thing that "it" would be
            objects = self._antecedents(replace(phrase, kind="pronoun", value="it"))
            if self.focus:
                self._relate(phrase, objects)
            else:
                self.leading.append((phrase, objects))
        else:
            self._unknown(phrase)

    def _relate(self, phrase: Phrase, objects: Mentions) -> None:
        for place, thing in enumerate(objects):
            # "with a plant in a pot and a box": the box may be one more thing that is there
            loose = place > 0 and self.focus is not self.subject
            self._say(phrase, Assertion("related", word=phrase.value, object=thing), False, thing.spans, loose)

    def _reciprocal(self, relation: str, phrase: Phrase) -> None:
        if len(self.focus) < 2:
            self._unknown(phrase)
        for one, two in zip(self.focus, self.focus[1:], strict=False):
            readings = (Assertion("related", one, relation, two, negated=self.negated is not None),)
            self._claim((*one.spans, *phrase.spans, *two.spans), readings)
        self.negated = None

    def _adjective(self, phrase: Phrase) -> None:
        if not self.focus and self.leading and self.leading[-1][1]:  # "In a basket made of straw ..."
            self._said_of(self.leading[-1][1][-1:], phrase, Assertion("described", word=phrase.value))
        elif not self.focus:
            self.leading.append((phrase, ()))
        elif self.recent and not self.verb:
            self._said_of(self.recent[-1:], phrase, Assertion("described", word=phrase.value))
        elif self.recent:
            self._say(phrase, Assertion("described", word=phrase.value), False)
        else:
            self._said_of(self.focus, phrase, Assertion("described", word=phrase.value))

    def _say(self, phrase: Phrase, said: Assertion, from_topic: bool, more: Spans = (), loose: bool = False) -> None:
        """Say it of what is in focus; or of the noun phrase just before ("on a box next to a cup").

        ``from_topic``: "to the left" may also mean left of what was spoken of before.
        """
        who = self.focus
        if self.recent and self.recent is self.focus and not self.verb:
            who = self.focus[-1:]
        negated = self.negated is not None
        for subject in who:
            others = self.recent[-1:] if self.recent and self.recent is not self.focus else ()
            if self.focus is not self.subject and not negated:
                others = (*others, *self.host)
            readings = [replace(said, subject=s, negated=negated) for s in (subject, *others)]
            if from_topic:
                known = [m for group in (*self.subjects, *self.topics) if subject not in group for m in group]
                readings += from_others(readings[0], known if len(known) <= MANY else ())
            readings += nowhere(subject, self.nowhere)
            if loose:
                readings.append(Assertion("exists", said.object))
            self._claim((*subject.spans, *self._not(), *phrase.spans, *more), tuple(readings))
        self.negated, self.nowhere = None, []
        if said.kind == "placed":
            self.recent = ()

    def _said_of(self, who: Mentions, phrase: Phrase, said: Assertion) -> None:
        negated = self.negated is not None
        for subject in who:
            readings = (replace(said, subject=subject, negated=negated),)
            self._claim((*subject.spans, *self._not(), *phrase.spans), readings)
        self.negated = None

    def _not(self) -> Spans:
        return self.negated.spans if self.negated else ()

    def _claim(self, spans: Spans, readings: Sequence[Assertion]) -> None:
        self.found.append(Claim(tuple(sorted(set(spans))), each_meaning(readings), self.doubtful))

    def _with(self, phrase: Phrase) -> None:
        """ "a table with a ball on it"; "the box holds a ball"."""
        if self._kind() not in ("mention", "pronoun"):
            return
        owners = self.recent[-1:] or self.focus
        inside = phrase.kind == "holds"
        if (had := self.phrases[self.at].mention) and not inside:
            # who writes "with" for "without" says that it is there
            had = replace(had, article=(*phrase.spans, *had.article))
            self.phrases[self.at] = replace(self.phrases[self.at], mention=had)
        objects = self._list("object")
        if not owners:
            self.subject = objects
            self.subjects.append(objects)
        elif inside:
            for thing in objects:
                readings = [Assertion("related", thing, word, owners[-1]) for word in ("inside", "on")]
                self._claim((*owners[-1].spans, *phrase.spans, *thing.spans), readings)
        self.host = owners
        self.focus, self.recent = objects, ()

    def _quote(self, phrase: Phrase) -> None:
        negated = self.negated is not None
        who = self.focus if negated else (*self.recent[-1:], *self.focus)
        if not who:
            self.quoted = phrase
            return
        readings = [Assertion("reads", subject, phrase.value, negated=negated) for subject in dict.fromkeys(who)]
        self._claim((*who[0].spans, *self._not(), *phrase.spans), readings)
        self.negated = None
        if self._kind() == "relation" and self._kind(1) == "pronoun":
            self.at += 2  # "with the word ... on it"

    def _read_on(self, phrase: Phrase, objects: Mentions) -> None:
        """ "The words ... are written on a sign"."""
        assert self.quoted is not None
        for thing in objects:
            said = Assertion("reads" if phrase.value in ("on", "inside", "at") else "unknown", thing, self.quoted.value)
            self._claim((*self.quoted.spans, *phrase.spans, *thing.spans), [said])
        self.subject = self.focus = objects
        self.subjects.append(objects)
        self.quoted = None

    def _unknown(self, phrase: Phrase) -> None:
        self.found.append(Claim(phrase.spans, (Assertion("unknown", word=phrase.value),)))
        self.doubtful = True

    # Where a clause ends

    def _boundary(self) -> None:
        """A comma or "and": the same subject goes on, or a new clause begins."""
        self.at = after_joints(self.phrases, self.at)
        if self.leading and not self.subject:
            return
        if clause_begins(self.phrases, self.at):
            self.subject = self.focus = self.recent = self.host = ()
            self.verb, self.negated, self.doubtful = False, None, False
        elif self._kind() != "that":
            self.focus, self.recent = self.subject, ()
