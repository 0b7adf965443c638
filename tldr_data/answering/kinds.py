"""What kind of question is asked of an image, and what kind of answer it got. Plain lookups: millions pass here."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Literal, get_args

QuestionType = Literal[
    "yes_no", "colour", "count", "material", "activity", "text", "brand", "sort", "time", "weather", "shape",
    "pattern", "room", "where", "who", "when", "why", "how", "which", "what", "other",
]  # fmt: skip
AnswerType = Literal[
    "yes_no", "number", "colour", "material", "text", "time", "action", "place", "person", "object", "other"
]
QUESTION_TYPES: tuple[QuestionType, ...] = get_args(QuestionType)
ANSWER_TYPES: tuple[AnswerType, ...] = get_args(AnswerType)

NUMBERS = {
    word: number
    for number, word in enumerate(
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
        "seventeen eighteen nineteen twenty".split()
    )
}
_YES_NO = frozenset(
    "is are was were do does did can could has have had will would should isn't aren't wasn't weren't doesn't don't "
    "didn't can't hasn't haven't am may might must".split()
)
_PATTERNS: tuple[tuple[QuestionType, str], ...] = (
    ("count", r"how many|(?:what|which)(?: is| are)? (?:the )?(?:total )?number of|how much"),
    ("colour", r"(?:of |in |on )?(?:what|which)(?: is| are|'s)? (?:the )?(?:main |primary |dominant )?colou?re?d?s?\b"),
    ("text", r"what (?:does|do|did|is|are|can)\b.*\b(?:say|says|read|reads|spell|written)\b"),
    ("text", r"what (?:word|words|letter|letters|text|name|names|number|numbers|writing)\b"),
    ("text", r"what (?:is|are) (?:the )?(?:name|names|word|words|letter|letters|writing|license|number)\b"),
    ("brand", r"(?:what|which)(?: is| are)? (?:the )?(?:brand|company|make|logo|airline|team|store|website|app)\b"),
    ("brand", r"who (?:makes|made|manufactures|manufactured)\b"),
    (
        "material",
        r"what\b.*\bmade (?:out of|of|from|up of|with|out)\b|what\b.*\b(?:material|constructed of|built of)\b",
    ),
    ("material", r"what\b.*\bmade\W*$|how (?:is|are)\b.*\bmade\W*$"),
    ("time", r"what (?:is )?(?:the )?time\b|when in (?:a|the) day|what (?:part|period) of (?:the )?day"),
    ("weather", r"(?:how|what)\b.*\bweather\b|what kind of day\b|what (?:is|kind of) (?:the )?(?:season|day)\b"),
    ("shape", r"(?:what|which)(?: is| are)?(?: the)? shapes?\b"),
    ("pattern", r"(?:what|which)(?: is| are)?(?: the)? (?:pattern|design|print)\b"),
    ("room", r"(?:what|which) (?:kind |type |sort )?(?:of )?(?:room|place|area|location|building|setting|scene)\b"),
    ("activity", r"what (?:is|are|was|were|does|do)\b.*\b(?:doing|do|doin)\b"),
    (
        "sort",
        r"(?:what|which) (?:is the )?(?:kind|type|sort|style|breed|species)s?\b|(?:what|which) (?:animal|vehicle)",
    ),
    ("where", r"where"),
    ("who", r"who\b|whose\b|whom\b"),
    ("when", r"when\b"),
    ("why", r"why\b"),
    ("how", r"how\b"),
    ("which", r"which\b"),
    ("what", r"what\b|whats\b"),
)
_KNOWN = re.compile("|".join(f"(?P<p{at}>{pattern})" for at, (_, pattern) in enumerate(_PATTERNS)))

_ENDS = frozenset(
    "in on of at behind with by near next worn that which parked standing sitting wearing doing is are was were "
    "to from the a an and closest under above below beside inside outside over around along across between for "
    "there has have does do did can could visible seen shown pictured made located having hanging being against "
    "through as underneath holding leaning painted going located you we they i he she it looking placed walking "
    "flying riding playing".split()
)
_SKIPPED = frozenset("the a an this that these those his her its their our your all any some most main primary".split())
_LEAD = frozenset(
    "what which where who how many much color colour colors colours colored is are was were do does did kind type sort "
    "style of shape pattern design material number whats time made 's dominant brand breed whose "
    "when why isn't aren't".split()
)
_WORD = re.compile(r"[a-z0-9]+(?:['’-][a-z0-9]+)*")


@lru_cache(maxsize=8192)
def question_type(question: str) -> QuestionType:
    """What kind of thing a question asks for.

    >>> question_type("What color is the sky?"), question_type("Is it open?"), question_type("What is on the desk?")
    ('colour', 'yes_no', 'what')
    """
    asked = question.strip().lower()
    if asked.partition(" ")[0] in _YES_NO:
        return "yes_no"
    found = _KNOWN.match(asked)
    return _PATTERNS[int(str(found.lastgroup)[1:])][0] if found else "other"


@lru_cache(maxsize=8192)
def topic(question: str) -> str:
    """The noun that a question is about, as it stands in it; "" where it names none.

    >>> topic("What color is the man's shirt?"), topic("How many red cups are there?"), topic("Where are the trees?")
    ('shirt', 'cups', 'trees')
    """
    last = ""
    for word in _WORD.findall(question.lower().replace("’", "'")):
        if word in _SKIPPED or (not last and word in _LEAD):
            if last:
                break
            continue
        if word in _ENDS:
            break
        last = "" if word.endswith(("'s", "s'")) else word
    return last


_ACTION = re.compile(
    r"(?!(?:building|ceiling|painting|railing|clothing|string|spring|evening|morning|awning|nothing|something|anything|"
    r"everything|living|dining|earring|frosting|pudding|stuffing|topping|icing|wedding|lightning|flooring)\b)[a-z]{2,}ing\b"
)
_DIGITS = re.compile(r"\d+(?:[.,:]\d+)*\b")
_PREPOSITIONS = frozenset(
    "in on at under above below behind beside near by inside outside over next along around across between against "
    "underneath beneath to left right top bottom".split()
)
_TIMES = frozenset(
    "morning afternoon evening night noon midday mid-day daytime nighttime day dusk dawn sunset midnight".split()
)
_PEOPLE = frozenset(
    "man woman boy girl person people child children men women lady guy kid kids baby he she player players nobody "
    "everyone couple girls boys ladies guys teenager batter pitcher catcher umpire skier surfer snowboarder".split()
)
_COLOURS = frozenset(
    "red blue green yellow orange purple pink brown black white gray grey beige tan silver gold golden maroon teal "
    "turquoise navy cream blonde blond".split()
)
_MATERIALS = frozenset(
    "wood wooden metal plastic glass stone brick bricks concrete leather cement steel iron marble granite ceramic "
    "porcelain cardboard cloth fabric paper tile cotton wool rubber denim wicker cobblestone asphalt".split()
)
_BY_QUESTION: dict[QuestionType, AnswerType] = {
    "colour": "colour", "count": "number", "material": "material", "text": "text", "brand": "text", "time": "time",
    "when": "time", "where": "place", "room": "place", "who": "person", "activity": "action",
}  # fmt: skip


@lru_cache(maxsize=8192)
def answer_type(question: str, answer: str) -> AnswerType:
    """What kind of thing an answer names, by its words, and where they leave it open by the question.

    >>> answer_type("What color is it?", "Red."), answer_type("How many?", "3 cats"), answer_type("Who?", "A man.")
    ('colour', 'number', 'person')
    """
    said = _WORD.findall(answer.lower())
    if not said:
        return "other"
    if said[0] in ("yes", "no") and (len(said) == 1 or question_type(question) == "yes_no"):
        return "yes_no"
    kind = question_type(question)
    if kind in ("text", "brand"):
        return "text"
    if kind == "count" or _DIGITS.fullmatch(said[0]) or (said[0] in NUMBERS and kind != "what"):
        return "time" if ":" in answer or kind == "time" else "number"
    words = set(said)
    if kind == "colour" or (len(said) <= 2 and not words.isdisjoint(_COLOURS)):
        return "colour"
    if kind != "why" and (said[0] in _PREPOSITIONS or kind in ("where", "room")):
        return "place" if not _ACTION.fullmatch(said[0]) or kind == "where" else "action"
    if kind in ("material", "activity"):
        return _BY_QUESTION[kind]
    if not words.isdisjoint(_TIMES) and kind in ("time", "when", "what", "other"):
        return "time"
    if not words.isdisjoint(_PEOPLE):
        return "person"
    if len(said) <= 2 and not words.isdisjoint(_MATERIALS):
        return "material"
    if _ACTION.fullmatch(said[0]):
        return "action"
    return _BY_QUESTION.get(kind) or ("object" if kind in ("what", "which", "sort") else "other")
