"""Whether the number of a thing may be changed: what else in the text counts it, or would read wrong with another."""

from __future__ import annotations

from collections.abc import Iterator

from tldr_data.objects import UNCOUNTED, kinds_of
from tldr_data.perturb.nouns import head_noun, same_thing, singular_word
from tldr_data.perturb.parse import BE, PLURAL_PRONOUNS, SINGULAR_PRONOUNS, Parsed, Phrase
from tldr_data.perturb.sites import Site

ONE = frozenset({"a", "an", "one", "1", "a single", "a lone", "a solitary"})
_LOOSE = frozenset({"several", "multiple", "many", "numerous", "few", "a few", "a couple of"})
_ORDER = tuple("two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen several".split())
CLAUSE = frozenset("while whereas where when because but ; as".split())
"""Words that open another clause: what follows says something of something else."""
# Words that make a noun phrase one of several, or the only one: another count would contradict them.
_COUNTED_OTHERWISE = frozenset(
    "single lone solitary only sole another other whole half first second third last next same each every".split()
)
_SHARES = frozenset(
    "one other others another both either neither some several respectively remaining first second third".split()
)
# Words that only several things can be: "one dog next to each other".
_SEVERAL = frozenset(
    "each together other others another row rows line lined lines apart pair pairs both all various different stacked "
    "matching group grouped separate similar identical same among amongst between gathered opposite side scattered "
    "spaced surrounding surround touching clustered aligned facing various sizes colors colours".split()
)
_HOLDING = frozenset(
    "with wearing wears holding holds carrying carries in using uses eating eats having has riding rides flying flies "
    "swinging swings throwing throws hitting hits driving drives talking holds pulling pushing playing".split()
)
_OWN_KINDS = frozenset({"clothing", "tool", "device", "toy", "tableware", "food"})
_OWN = frozenset(
    "skateboard surfboard snowboard bike bicycle motorcycle scooter horse elephant phone laptop chair stool toilet "
    "board racket racquet bat wave suit uniform wetsuit smile mouth head back face leash collar saddle".split()
)
_PEOPLE = frozenset(
    "person player guy lady kid baby child toddler worker skater rider soldier teenager individual people".split()
)
# After these "a" tells where, how or what one sits on, not how many ("sitting on a chair", "riding a bike").
_NOT_COUNTING = frozenset(
    "in on at of into onto across along from inside over under to than for by off around against down up as "
    "like "
    "riding rides ride rode driving drives drive wearing wears wear using uses use swinging swings swing hitting hits "
    "hit".split()
)
_SHAPE = frozenset(
    "shaped sized themed style styled setting like patterned print printed drawing painting crossing "
    "filling topping".split()
)
_BEFORE_THOSE = frozenset({("front", "of"), ("next", "to"), ("close", "to"), ("adjacent", "to"), ("ahead", "of")})
_OF_FRAME = frozenset("view image picture photo photograph shot up close-up closeup painting drawing".split())
_PLACE = frozenset(
    "in on at to of the left right side front behind under above below beside next around near top bottom over "
    "center middle background foreground".split()
)
_HOLDERS = frozenset(
    "team statue sculpture painting picture photo photograph drawing portrait figurine model poster map dish bouquet "
    "slice piece pool group herd flock row stack pile bunch line cluster patch ring mound body sheet strip "
    "loaf pack".split()
)
# What a text may call a thing of each kind when it comes back to it.
_BROADER = {
    "animal": frozenset("animal creature pet bird insect beast".split()),
    "person": frozenset("person man woman figure individual player people child".split()),
    "vehicle": frozenset("vehicle machine".split()),
    "plant": frozenset("plant".split()),
    "toy": frozenset("toy figure figurine doll".split()),
}
_BROADEST = frozenset("object item thing figure structure device piece".split())


def may_recount(parsed: Parsed, site: Site, phrase: Phrase, choice: str) -> bool:
    """Whether no other word of the text counts the same things, and the phrase is countable as it stands."""
    number = " ".join(parsed.lower(i) for i in range(site.first, site.last + 1))
    was_one, is_one = number in ONE, choice in ONE
    modifiers = {parsed.lower(i) for i in range(site.last + 1, phrase.head)}
    if modifiers & _COUNTED_OTHERWISE or parsed.tag(phrase.head + 1) == "POS" or _hyphen_after(parsed, phrase):
        return False
    if modifiers & {"small", "little"} and modifiers & {"large", "big", "larger", "bigger"}:
        return False  # "a large and small elephant" are two
    if any(parsed.tag(i) in ("JJS", "RBS", "CD") for i in range(site.last + 1, phrase.head)):
        return False
    if parsed.lower(phrase.head + 1) in ("and", "or", "&") and parsed.tag(phrase.head + 2).startswith(("NN", "JJ")):
        return False  # "a dog and cat": the article counts both
    if was_one and parsed.tag(phrase.head + 1) in ("VB", "VBP"):
        return False  # "an Apple computer monitor": no verb of that form follows one thing
    if parsed.tag(phrase.head + 1).startswith("VB") and parsed.lower(phrase.head + 2) in BE:
        return False  # "a towel set is": the head is what looks like a verb
    if parsed.lower(site.first - 1) in ("a", "an", "the"):
        return False  # "an a laptop"
    if _shared_out(parsed, site, phrase, was_one) or (was_one and _lends_its_article(parsed, phrase)):
        return False
    if was_one != is_one and not _number_may_change(parsed, site, phrase, was_one):
        return False
    noun = singular_word(parsed.lower(phrase.head))
    mentions = (i for i in _mentions(parsed, noun, phrase) if not (was_one and _is_older(parsed, i, noun, phrase)))
    if was_one or is_one:
        return next(mentions, None) is None
    more = _is_more(choice, number)
    told = [mention for mention in mentions if not _is_one_of_them(parsed, mention, noun)]
    if not more and any(_is_part_of_them(parsed, mention) for mention in told):
        return False
    if number in _LOOSE and any(_is_described(parsed, mention) for mention in told):
        return False
    if sum(singular_word(parsed.lower(mention)) == parsed.lower(mention) for mention in told) > 1:
        return False  # "the fox on the left ... the fox on the right"
    return all(_compatible(parsed, mention, more and mention > phrase.head) for mention in told)


def _is_older(parsed: Parsed, mention: int, noun: str, phrase: Phrase) -> bool:
    """ "The structure is red. A building ...": what was there under another name is no building that comes up now."""
    other = parsed.phrase_of(mention)
    definite = other is not None and other.head < phrase.first and parsed.lower(other.first) == "the"
    return definite and singular_word(parsed.lower(mention)) != noun


def _is_one_of_them(parsed: Parsed, mention: int, noun: str) -> bool:
    """ "Several beams ... a ray": one thing under another name fits any number above one."""
    word = parsed.lower(mention)
    return singular_word(word) == word != noun and word not in _PEOPLE


def _is_part_of_them(parsed: Parsed, mention: int) -> bool:
    """ "The trees on the edges are bare": some of them, so that there are more."""
    phrase = parsed.phrase_of(mention)
    part = phrase is not None and phrase.plural and parsed.lower(phrase.first) in ("the", "some", "most", "other")
    return part and (parsed.tag(mention + 1) == "IN" or parsed.lower(mention + 1) in ("that", "which", "to"))


def _is_described(parsed: Parsed, mention: int) -> bool:
    """ "The plates are white, black and blue": a sentence on things may tell how many there are."""
    phrase = parsed.phrase_of(mention)
    first = mention if phrase is None else phrase.first
    return first == 0 or parsed.tokens[first - 1].sentence != parsed.tokens[first].sentence


def _lends_its_article(parsed: Parsed, phrase: Phrase) -> bool:
    """ "A stove, microwave, and sink": the article is that of the whole list."""
    following = parsed.phrase_of(phrase.head + 2)
    if parsed.lower(phrase.head + 1) != "," or following is None or following.first != phrase.head + 2:
        return False
    return not following.plural and parsed.tag(following.first).startswith(("NN", "JJ"))


def _is_more(number: str, other: str) -> bool:
    """Whether the first number is known to be greater than the second."""
    if number.isdigit() and other.isdigit():
        return int(number) > int(other)
    return number in _ORDER and other in _ORDER and _ORDER.index(number) > _ORDER.index(other)


def _number_may_change(parsed: Parsed, site: Site, phrase: Phrase, was_one: bool) -> bool:
    """Whether the sentence reads well with one of the things instead of several, or several instead of one."""
    if not _counts_here(parsed, site, phrase):
        return False
    noun = head_noun(parsed, phrase)[1]
    if noun in UNCOUNTED or _pronoun_after(parsed, phrase, was_one) or _called_otherwise(parsed, phrase, noun):
        return False
    if was_one:
        return not _has_its_own(parsed, phrase, noun) and not _is_told_on(parsed, phrase)
    among = parsed.lower(site.first - 1) in ("between", "among", "amongst")
    rest = rest_of_clause(parsed, phrase)
    return not among and not any(parsed.lower(i) in _SEVERAL or _shared_plural(parsed, i) for i in rest)


def _counts_here(parsed: Parsed, site: Site, phrase: Phrase) -> bool:
    """Whether the number stands where one counts: not "on a chair", but "in front of a chair"."""
    before = parsed.lower(site.first - 1)
    if parsed.lower(phrase.head + 1) == "of" and not _may_hold(parsed, phrase):
        return False
    if before == "with":
        return _one_holder(parsed, site.first - 2)
    if before == "through" and parsed.lower(phrase.head) not in ("window", "windows"):
        return False
    if before not in _NOT_COUNTING or (parsed.lower(site.first - 2), before) in _BEFORE_THOSE:
        return True
    return before == "of" and parsed.lower(site.first - 2) in _OF_FRAME


def _may_hold(parsed: Parsed, phrase: Phrase) -> bool:
    """ "A plate of food" is a plate, "a statue of a man" a statue; "a sea of people" is no sea."""
    if any(parsed.lower(i) in ("that", "which", "who") for i in rest_of_clause(parsed, phrase)):
        return False  # whether the set or its members agree with what follows cannot be told
    noun = head_noun(parsed, phrase)[1]
    return noun in _HOLDERS or bool(kinds_of().get(noun, frozenset()) & {"container", "tableware"})


def _one_holder(parsed: Parsed, token: int) -> bool:
    """Whether what comes before "with a" is one thing: not "four cups with a handle", nor "drawn with a pencil".

    In "the cups are white with a handle" it is what the sentence is about.
    """
    phrase = parsed.phrase_of(token)
    said = phrase is not None and parsed.lower(phrase.first - 1) in BE
    if said or (phrase is None and parsed.lower(token) in (",", "visible")):
        here = parsed.tokens[token].sentence
        return not any(p.plural for p in parsed.phrases if p.head <= token and parsed.tokens[p.head].sentence == here)
    return phrase is not None and not phrase.plural


def rest_of_clause(parsed: Parsed, phrase: Phrase) -> Iterator[int]:
    """Tokens after a noun phrase, up to the end of its clause."""
    for i in range(phrase.head + 1, len(parsed.tokens)):
        clause = parsed.lower(i) in CLAUSE and parsed.tag(i + 1) != "VBG"  # "while riding" has no subject of its own
        if clause or parsed.tokens[i].sentence != parsed.tokens[phrase.head].sentence:
            return
        yield i


def _has_its_own(parsed: Parsed, phrase: Phrase, noun: str) -> bool:
    """ "Three men wearing a shirt": what each of them has would be plural too."""
    after, then = parsed.lower(phrase.head + 1), parsed.lower(phrase.head + 2)
    if (after in _HOLDING and then in ("a", "an")) or (after, then) == ("with", "the"):
        return True
    if not kinds_of().get(noun, frozenset()) & {"person", "animal"} and noun not in _PEOPLE:
        return False
    for i in rest_of_clause(parsed, phrase):
        other = parsed.phrase_of(i)
        if parsed.lower(i) == "alone":
            return True
        if parsed.lower(i) not in ("a", "an", "the", "their") or other is None or other.plural:
            continue
        if parsed.lower(i) == "their":
            return True  # "a person that is sticking their head out"
        name = head_noun(parsed, other)[1]
        if name in _OWN:
            return True
        if parsed.lower(i) == "the":
            continue
        if parsed.lower(i - 1) in _HOLDING or kinds_of().get(name, frozenset()) & _OWN_KINDS:
            return True
    return False


def _is_told_on(parsed: Parsed, phrase: Phrase) -> bool:
    """ "A dog on the left, which is red": the verb of such a clause would have to follow."""
    told = (i - 2 for i in rest_of_clause(parsed, phrase) if parsed.lower(i) == "which" and parsed.lower(i - 1) == ",")
    return any(i == phrase.head or parsed.lower(i) in _PLACE | _OF_FRAME for i in told)


def _shared_plural(parsed: Parsed, token: int) -> bool:
    """ "Two girls holding umbrellas": one girl would hold one."""
    other = parsed.phrase_of(token)
    return other is not None and other.plural and other.first == token and parsed.tag(token) not in ("DT", "CD")


def _shared_out(parsed: Parsed, site: Site, phrase: Phrase, was_one: bool) -> bool:
    """Whether this sentence or the next speaks of the same things one by one ("one ... the other two", "both")."""
    sentence, noun = parsed.tokens[phrase.head].sentence, singular_word(parsed.lower(phrase.head))
    near: set[str] = set()
    for i, token in enumerate(parsed.tokens):
        if token.sentence == sentence and token.tag == "CD" and _alone(parsed, i) and not site.first <= i <= site.last:
            return True  # "four men, two of them seated"
        if token.sentence in (sentence, sentence + 1) and not site.first <= i <= site.last:
            other = parsed.phrase_of(i)
            if other is None or other.head == i or same_thing(singular_word(parsed.lower(other.head)), noun):
                near.add("each other" if parsed.lower(i - 1) == "each" else token.lower)
    return bool(near & _SHARES) or (not was_one and _on_both_sides(parsed, phrase))


def _alone(parsed: Parsed, number: int) -> bool:
    """Whether a number counts no noun of its own: "the bottom two", "two standing"."""
    phrase = parsed.phrase_of(number)
    return phrase is None or phrase.head <= number or parsed.lower(number - 1) == "the"


def _on_both_sides(parsed: Parsed, phrase: Phrase) -> bool:
    """ "Two lamps to the left and right": the text has told where each of them is, before another thing comes up."""
    after = set()
    for i in range(phrase.head + 1, len(parsed.tokens)):
        if parsed.tokens[i].sentence != parsed.tokens[phrase.head].sentence or parsed.lower(i) in ("a", "an"):
            break
        after.add(parsed.lower(i))
    both = ({parsed.lower(i), parsed.lower(i + 2)} == {"left", "right"} for i in range(phrase.first))
    return {"left", "right"} <= after or any(both)


def _hyphen_after(parsed: Parsed, phrase: Phrase) -> bool:
    """ "horse-drawn", "star shaped": the noun is only the first half of a word."""
    after = parsed.text[parsed.tokens[phrase.head].end :]
    return after.startswith("-") or parsed.lower(phrase.head + 1) in _SHAPE


def _mentions(parsed: Parsed, noun: str, phrase: Phrase) -> Iterator[int]:
    """Tokens elsewhere in the text that are the same noun or a synonym of it, in any number.

    In "the tree trunk" nothing is said of how many trees there are.
    """
    for i, token in enumerate(parsed.tokens):
        if not phrase.first <= i <= phrase.head and same_thing(singular_word(token.lower), noun):
            other = parsed.phrase_of(i)
            whole = other is None or other.head == i or parsed.lower(i + 1).endswith("wards")
            if f"{singular_word(token.lower)} {singular_word(parsed.lower(i + 1))}" in kinds_of():
                continue  # "train tracks", whatever the tagger takes them for
            if whole or not parsed.tag(i + 1).startswith("NN"):
                yield i


def _compatible(parsed: Parsed, mention: int, more: bool) -> bool:
    """Whether a mention elsewhere fits any count above one.

    "The dogs" and "each dog" do; "the dog on the right" does with more dogs than there were. A number, an ordinal, "the
    other dog" do not.
    """
    phrase = parsed.phrase_of(mention)
    first = phrase.first if phrase is not None else mention
    words = {parsed.lower(i) for i in range(first, mention)}
    if words & {"each", "every"}:
        return True
    if words & _COUNTED_OTHERWISE or words & {"both", "two", "left", "right", "center", "middle"}:
        return False
    if any(parsed.tag(i) == "CD" for i in range(first, mention)):
        return False
    return singular_word(parsed.lower(mention)) != parsed.lower(mention) or (more and parsed.lower(first) == "the")


def _pronoun_after(parsed: Parsed, phrase: Phrase, was_one: bool) -> bool:
    """Whether a pronoun of the old number follows in this sentence or the next: it may stand for the noun."""
    pronouns = SINGULAR_PRONOUNS if was_one else PLURAL_PRONOUNS
    sentence = parsed.tokens[phrase.head].sentence
    return any(
        token.lower in pronouns and token.sentence in (sentence, sentence + 1) and not _is_beside(parsed, phrase, i)
        for i, token in enumerate(parsed.tokens)
        if i > phrase.head
    )


def _is_beside(parsed: Parsed, phrase: Phrase, pronoun: int) -> bool:
    """ "A crane on the right of it": nothing is beside itself."""
    between = [parsed.lower(i) for i in range(phrase.head + 1, pronoun)]
    return bool(between) and _PLACE.issuperset(between)


def _called_otherwise(parsed: Parsed, phrase: Phrase, noun: str) -> bool:
    """Whether the text comes back to the thing by a broader name ("a duck ... the bird")."""
    names = _BROADEST.union(*(_BROADER.get(kind, frozenset()) for kind in kinds_of().get(noun, frozenset())))
    sentence = parsed.tokens[phrase.head].sentence
    return any(
        (parsed.lower(i) in names or (len(parsed.lower(i)) > 3 and noun.endswith(parsed.lower(i))))
        and parsed.tokens[i].sentence > sentence
        and not parsed.tag(i - 1).startswith("NN")  # "the art piece" names something of its own
        and (other := parsed.phrase_of(i)) is not None
        and parsed.lower(other.first) in ("the", "this", "that", "these", "those")
        for i in range(phrase.head + 1, len(parsed.tokens))
    )
