"""What a changed count does to the rest of the text: the noun, the verb, the article.

Where the grammar cannot be repaired for certain, the site is given up: a text that is wrong English is a shortcut.
"""

from __future__ import annotations

from collections.abc import Iterator

from tldr_data.objects import UNCOUNTED, kinds_of
from tldr_data.perturb.grammar import like, plural, plural_verb, singular_verb
from tldr_data.perturb.nouns import head_noun, same_thing, singular_word
from tldr_data.perturb.parse import PLURAL_PRONOUNS, SINGULAR_PRONOUNS, Parsed, Phrase
from tldr_data.perturb.sites import Change, Site

ONE = frozenset({"a", "an", "one", "1"})
_FINITE_SINGULAR = frozenset({"VBZ"})
_FINITE_PLURAL = frozenset({"VBP"})
# Words that make a noun phrase one of several, or the only one: another count would contradict them.
_COUNTED_OTHERWISE = frozenset(
    "single lone solitary only sole another other whole half first second third last next same each every".split()
)
_SHARES = frozenset(
    "one other others another both each either neither respectively together remaining rest first second third "
    "last".split()
)
_HOLDING = frozenset("with wearing wears holding holds carrying carries in using eating having has".split())
_RELATIVE = frozenset({"that", "which", "who"})
# After these "a" tells where, how or what one sits on, not how many ("sitting on a chair", "riding a bike").
_NOT_COUNTING = frozenset(
    "in on at of into onto through across along from inside over under to than for by off around against down up as "
    "like "
    "riding rides ride rode driving drives drive wearing wears wear using uses use".split()
)


def count_changes(parsed: Parsed, site: Site, choice: str) -> list[Change] | None:
    """The words that a new count changes beside the number itself, or None where that cannot be told."""
    phrase = site.phrase
    if phrase is None:
        return []
    was_one, is_one = _number(parsed, site) in ONE, choice in ONE
    if not _may_recount(parsed, site, phrase, was_one):
        return None
    if site.last < phrase.first and _finite_verbs(parsed, phrase, True):
        return None  # "a pair of ducks swims": whether the pair or the ducks agree is the writer's choice
    if was_one == is_one:
        return []
    first, noun = head_noun(parsed, phrase)
    if noun not in kinds_of() or noun in UNCOUNTED or _pronoun_after(parsed, phrase, was_one):
        return None
    verbs = _verb_changes(parsed, phrase, was_one)
    if verbs is None:
        return None
    start, end = parsed.tokens[first].start, parsed.tokens[phrase.head].end
    form = like(parsed.text[start:end], plural(noun) if was_one else noun)
    return [Change(start, end, form, True), *verbs]


def _number(parsed: Parsed, site: Site) -> str:
    return " ".join(parsed.lower(i) for i in range(site.first, site.last + 1))


def _may_recount(parsed: Parsed, site: Site, phrase: Phrase, was_one: bool) -> bool:
    """Whether no other word of the text counts the same things, and the phrase is countable as it stands."""
    modifiers = {parsed.lower(i) for i in range(site.last + 1, phrase.head)}
    if modifiers & _COUNTED_OTHERWISE or phrase.plural == was_one:
        return False
    before = parsed.lower(site.first - 1)
    if parsed.lower(site.first) in ("a", "an") and (before in _NOT_COUNTING or parsed.lower(phrase.head + 1) == "of"):
        return False
    if before == "with" and not _one_holder(parsed, site.first - 2):
        return False
    if was_one and parsed.lower(phrase.head + 1) in _HOLDING and parsed.lower(phrase.head + 2) in ("a", "an"):
        return False  # "three men wearing a shirt": what each of them has would be plural too
    if _shared_out(parsed, phrase) or _hyphen_after(parsed, phrase):
        return False
    if parsed.tag(phrase.head + 1) == "POS":
        return False
    if parsed.lower(phrase.head + 1) in ("and", "or", "&") and parsed.tag(phrase.head + 2).startswith(("NN", "JJ")):
        return False  # "a dog and cat": the article counts both
    if any(parsed.tag(i) in ("JJS", "RBS", "CD") for i in range(site.last + 1, phrase.head)):
        return False
    noun = singular_word(parsed.lower(phrase.head))
    return all(_compatible(parsed, other, was_one) for other in _mentions(parsed, noun, phrase))


def _one_holder(parsed: Parsed, token: int) -> bool:
    """Whether what comes before "with a" is one thing: not "four cups with a handle", nor "drawn with a pencil"."""
    phrase = parsed.phrase_of(token)
    return phrase is not None and not phrase.plural


def _shared_out(parsed: Parsed, phrase: Phrase) -> bool:
    """Whether this sentence or the next speaks of the same things one by one ("one ... the other two", "both")."""
    sentence = parsed.tokens[phrase.head].sentence
    near = {
        t.lower for i, t in enumerate(parsed.tokens) if t.sentence in (sentence, sentence + 1) and i != phrase.first
    }
    return bool(near & _SHARES) or {"left", "right"} <= near


def _hyphen_after(parsed: Parsed, phrase: Phrase) -> bool:
    """ "horse-drawn": the noun is only the first half of a word."""
    return parsed.text[parsed.tokens[phrase.head].end :].startswith("-")


def _mentions(parsed: Parsed, noun: str, phrase: Phrase) -> Iterator[int]:
    """Tokens elsewhere in the text that are the same noun or a synonym of it, in any number."""
    for i, token in enumerate(parsed.tokens):
        if not phrase.first <= i <= phrase.head and same_thing(singular_word(token.lower), noun):
            yield i


def _compatible(parsed: Parsed, mention: int, was_one: bool) -> bool:
    """A later "the dogs" goes with any count above one; a number, an ordinal, "each", or a singular does not."""
    if was_one or singular_word(parsed.lower(mention)) == parsed.lower(mention):
        return False
    phrase = parsed.phrase_of(mention)
    first = phrase.first if phrase is not None else mention
    words = {parsed.lower(i) for i in range(first, mention)}
    return not words & (_COUNTED_OTHERWISE | {"both", "two"}) and not any(
        parsed.tag(i) == "CD" for i in range(first, mention)
    )


def _pronoun_after(parsed: Parsed, phrase: Phrase, was_one: bool) -> bool:
    """Whether a pronoun of the old number follows in this sentence or the next: it may stand for the noun."""
    pronouns = SINGULAR_PRONOUNS if was_one else PLURAL_PRONOUNS
    sentence = parsed.tokens[phrase.head].sentence
    return any(t.lower in pronouns and t.sentence in (sentence, sentence + 1) for t in parsed.tokens[phrase.head + 1 :])


def _verb_changes(parsed: Parsed, phrase: Phrase, was_one: bool) -> list[Change] | None:
    """The finite verb that agrees with the phrase, in its new number; None where it cannot be told which one does."""
    verb = phrase.first - 1
    while parsed.tag(verb) == "RB":
        verb -= 1  # "there is also a dog"
    before = parsed.lower(verb)
    if _is_subject(parsed, phrase):
        verbs = _finite_verbs(parsed, phrase, was_one)
        if len(verbs) > 1 or (not verbs and _hidden_verb(parsed, phrase)):
            return None
    elif parsed.lower(phrase.head + 1) in _RELATIVE:
        return None
    elif before in ("is", "are", "was", "were", "'s") and _inverted(parsed, verb):
        verbs = [verb]
    elif before in ("is", "are", "was", "were", "'s", "be", "being"):
        return None  # "the animal is a dog"
    else:
        verbs = []
    changes = [_verb_change(parsed, verb, was_one) for verb in verbs]
    return None if None in changes else [change for change in changes if change is not None]


def _is_subject(parsed: Parsed, phrase: Phrase) -> bool:
    """The first noun phrase of its sentence, at the very beginning of it."""
    return phrase.first == 0 or parsed.tokens[phrase.first - 1].sentence != parsed.tokens[phrase.first].sentence


def _inverted(parsed: Parsed, verb: int) -> bool:
    """ "There is a dog", "On the table is a dog": the verb before the noun agrees with it."""
    if parsed.lower(verb - 1) in ("there", "here"):
        return True
    sentence = parsed.tokens[verb].sentence
    first = next(i for i, token in enumerate(parsed.tokens) if token.sentence == sentence)
    return parsed.tag(first) == "IN"


def _finite_verbs(parsed: Parsed, phrase: Phrase, was_one: bool) -> list[int]:
    """Finite verbs of the old number after the phrase, in its sentence."""
    sentence = parsed.tokens[phrase.head].sentence
    tags = _FINITE_SINGULAR if was_one else _FINITE_PLURAL
    words = {"is", "was", "has", "'s"} if was_one else {"are", "were", "have"}
    return [
        i
        for i in range(phrase.head + 1, len(parsed.tokens))
        if parsed.tokens[i].sentence == sentence
        and (parsed.tag(i) in tags or parsed.lower(i) in words)
        and (parsed.lower(i - 1) in _RELATIVE or not parsed.tag(i - 1).startswith(("IN", "DT", "JJ", "CD", "PRP$")))
    ]


def _hidden_verb(parsed: Parsed, phrase: Phrase) -> bool:
    """Whether a plural noun right after a noun may be the verb ("a tree behind the car blocks the view")."""
    sentence = parsed.tokens[phrase.head].sentence
    later = range(phrase.head + 2, len(parsed.tokens))
    return any(
        parsed.tag(i) == "NNS"
        and parsed.tokens[i].sentence == sentence
        and (parsed.tag(i - 1) == "NN" or parsed.tag(i + 1).startswith(("NN", "DT")))
        for i in later
    )


def _verb_change(parsed: Parsed, verb: int, was_one: bool) -> Change | None:
    token = parsed.tokens[verb]
    form = plural_verb(token.lower) if was_one else singular_verb(token.lower)
    return None if form is None or token.lower == "'s" else Change(token.start, token.end, like(token.text, form), True)
