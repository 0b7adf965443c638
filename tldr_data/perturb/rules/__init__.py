"""Where an edit is possible, and what may be written there: one function a rule.

A new rule is one function of this form in a file of its own and one line in ``RULES`` (and in
``tldr_data.taxonomy.RuleName``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from tldr_data.perturb.parse import Parsed
from tldr_data.perturb.rules.adjective import adjective_sites
from tldr_data.perturb.rules.count import count_sites
from tldr_data.perturb.rules.noun import noun_sites
from tldr_data.perturb.rules.relation import place_sites, relation_sites
from tldr_data.perturb.sites import Site
from tldr_data.taxonomy import Subtype

Rule = Callable[[Parsed, Subtype], Iterator[Site]]
RULES: dict[str, Rule] = {
    "relation": relation_sites,
    "place": place_sites,
    "adjective": adjective_sites,
    "noun": noun_sites,
    "count": count_sites,
}
