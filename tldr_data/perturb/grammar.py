"""English forms that an edit forces: articles, plurals, verb agreement."""

from __future__ import annotations

import re
from functools import cache, lru_cache

from tldr_data.english import english
from tldr_data.objects import IRREGULAR, plural_forms

# "an hour", but "a one-way street", "a European", "a unicycle": the sound decides, not the letter.
_VOWEL_SOUND = re.compile(
    r"(?!one\b|once\b|uni(?!n)|use|usu|uti|eu|ewe|ufo|ukulele|u-)[aeiou]|hour|honest|heir|honou?r|8|11\b|18\b",
    re.IGNORECASE,
)
_VERBS = {"is": "are", "was": "were", "has": "have", "does": "do", "'s": "are"}
_VERBS_BACK = {"are": "is", "were": "was", "have": "has", "do": "does"}


def article(word: str) -> str:
    """``a`` or ``an``, as the word that follows wants it.

    >>> article("orange"), article("unicycle"), article("hourglass"), article("umbrella")
    ('an', 'a', 'an', 'an')
    """
    return "an" if _VOWEL_SOUND.match(word) else "a"


@cache
def plural(noun: str) -> str:
    """The plural of a singular noun, of its last word if it has several.

    >>> plural("fire hydrant"), plural("sheep"), plural("knife"), plural("silo")
    ('fire hydrants', 'sheep', 'knives', 'silos')
    """
    known = plural_forms().get(noun)
    if known is not None:
        return known
    return IRREGULAR.get(noun) or str(english().inflect.pluralize(noun))


def plural_verb(verb: str) -> str | None:
    """The plural of a singular finite verb, or None where it is not one.

    >>> plural_verb("is"), plural_verb("sits"), plural_verb("watches"), plural_verb("flies"), plural_verb("sitting")
    ('are', 'sit', 'watch', 'fly', None)
    """
    if verb in _VERBS:
        return _VERBS[verb]
    if verb.endswith("ies") and len(verb) > 4:
        return verb[:-3] + "y"
    if re.search(r"(ss|sh|ch|x|zz|o)es$", verb):
        return verb[:-2]
    return verb[:-1] if verb.endswith("s") and not verb.endswith("ss") else None


@lru_cache(maxsize=4096)
def singular_verb(verb: str) -> str:
    """The third person singular of a plural finite verb.

    >>> singular_verb("are"), singular_verb("sit"), singular_verb("watch"), singular_verb("fly")
    ('is', 'sits', 'watches', 'flies')
    """
    if verb in _VERBS_BACK:
        return _VERBS_BACK[verb]
    if re.search(r"(ss|sh|ch|x|zz|o)$", verb):
        return verb + "es"
    return verb[:-1] + "ies" if re.search(r"[^aeiou]y$", verb) else verb + "s"


def like(model: str, word: str) -> str:
    """A word in the case of the one that it replaces.

    >>> like("Two", "three dogs"), like("LEFT", "right"), like("red", "blue"), like("A", "three")
    ('Three dogs', 'RIGHT', 'blue', 'Three')
    """
    if len(model) > 1 and model.isupper():
        return word.upper()
    return word[:1].upper() + word[1:] if model[:1].isupper() else word
