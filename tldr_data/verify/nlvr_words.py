"""The words of NLVR's sentences, as people typed them."""

from __future__ import annotations

from tldr_data.verify import vocabulary

NUMBERS = {word: number for number, word in enumerate("zero one two three four five six seven eight nine ten".split())}
NUMBERS |= {str(number): number for number in range(100)}

_SEEN = frozenset({"black", "blue", "yellow", "gray"})
COLOURS = _SEEN | {word for word in vocabulary.COLOURS if not vocabulary.NEAR.get(word, frozenset()) & _SEEN}
"""Those of the pictures, and what cannot be meant for one of them."""

SHAPES = ("square", "circle", "triangle", "hexagon", "pentagon", "octagon", "star", "heart", "cross", "crescent")

_ALIKE = frozenset(
    "pyramid statue cone cube ball sphere cylinder button coin dot ring disc disk sun moon plate sign picture painting"
    " poster frame square circle triangle diamond box chest crate block tower building skyscraper house castle wall toy"
    " dice die domino window screen arrow roof tent kite flag balloon bead marble pillar post pole bin carton tray"
    " shelf cabinet basket bucket field paper cracker cookie pin spot speck stone rock gift present barrel can drum"
    " cabin hut door rug carpet mat tile card planter fence chimney lighthouse pizza slice staircase pawn".split()
)
"""Nouns that somebody may call a shape, a box or a tower by."""
ABSENT = tuple(sorted(noun for noun in vocabulary.NOUNS - _ALIKE - set(SHAPES) if " " not in noun))
"""What no drawing holds."""

_ALL = frozenset({"left", "right", "top", "bottom"})
SIDES: dict[str, frozenset[str] | None] = {
    "corner": None, "wall": _ALL, "edge": _ALL, "side": _ALL | {"?"}, "base": frozenset({"bottom"}),
    "bottom": frozenset({"bottom"}), "top": frozenset({"top"}),
    **{f"{side} {wall}": frozenset({side}) for side in sorted(_ALL) for wall in ("wall", "edge", "side")},
}  # fmt: skip
SIDES = dict(sorted(SIDES.items(), key=lambda pair: -len(pair[0])))

SPELLINGS = {
    "atleast": "at least", "tleast": "at least", "t": "at", "ll": "all", "ha": "have", "squere": "square",
    "tocuhing": "touching", "closely": "", "an": "a", "fewer": "less", "grey": "gray", "big": "large",
    "is": "be", "are": "be", "has": "have", "having": "with", "contain": "have", "contains": "have",
    "containing": "with", "any": "a", "over": "above", "under": "below", "underneath": "below", "beneath": "below",
    "atop": "on", "colour": "color", "colours": "color", "colors": "color", "precisely": "exactly",
    "just": "only", "without": "with no", "centre": "middle", "center": "middle", "touches": "touching",
    "touch": "touching", "“": '"', "”": '"',
}  # fmt: skip
"""What people wrote for a word of the grammar; sentences that lost their first letter are in the official files."""

_PLURALS = "tower box block item square circle triangle wall edge side base top corner hexagon pentagon star heart"
FORMS = {f"{word}s": word for word in _PLURALS.split()}
FORMS |= {"boxes": "box", "object": "item", "objects": "item", "thing": "item", "things": "item", "crosses": "cross"}
FORMS |= {form: noun for form, (noun, _) in vocabulary.NOUN_FORMS.items() if noun in ABSENT}
FORMS |= {"shape": "item", "shapes": "item"}
