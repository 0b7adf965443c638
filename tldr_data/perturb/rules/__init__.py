"""Where an edit is possible, and what may be written there: one function a rule.

A new rule is one function of this form in a file of its own and one line in ``RULES`` (and in
``tldr_data.taxonomy.RuleName``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from tldr_data.perturb.parse import Parsed
from tldr_data.perturb.rules.absence import absence_sites
from tldr_data.perturb.rules.adjective import adjective_sites
from tldr_data.perturb.rules.count import count_sites
from tldr_data.perturb.rules.inscription import inscription_sites
from tldr_data.perturb.rules.negation import negation_sites
from tldr_data.perturb.rules.noun import noun_sites
from tldr_data.perturb.rules.relation import adverb_sites, place_sites, relation_sites
from tldr_data.perturb.rules.rewording import inverse_sites, name_sites, order_sites, voice_sites
from tldr_data.perturb.rules.swap import swap_sites
from tldr_data.perturb.rules.text import numeral_sites, written_sites
from tldr_data.perturb.sites import Site
from tldr_data.taxonomy import Subtype


def no_sites(parsed: Parsed, subtype: Subtype) -> Iterator[Site]:
    """None: whole answers to questions are no part of a caption (tldr_data/perturb/vqa)."""
    return iter(())


Rule = Callable[[Parsed, Subtype], Iterator[Site]]
RULES: dict[str, Rule] = {
    "relation": relation_sites,
    "place": place_sites,
    "adverb": adverb_sites,
    "adjective": adjective_sites,
    "swap": swap_sites,
    "noun": noun_sites,
    "count": count_sites,
    "negation": negation_sites,
    "absence": absence_sites,
    "written": written_sites,
    "numeral": numeral_sites,
    "inscription": inscription_sites,
    "name": name_sites,
    "inverse": inverse_sites,
    "order": order_sites,
    "voice": voice_sites,
    "answer": no_sites,
}
