"""Output tokens of the same edits, asked for as edits and as rewrites.

    python benchmarks/output_tokens.py [tokenizer.json] [--edits 1000]

The rules make the edits, of all taxonomies in turn, from the captions of ``../shared/data``: DOCCI, ImageInWords (both
of its texts in ``DOCCI_Test`` and ``IIW-400``) and COCO. Each is written as a model under the schema writes it, and as
the whole new caption, and counted with the tokenizer of a model (the ``tokenizer.json`` of its folder).

COCO and the first sentences of DOCCI, one, two and so on, show up to how many words a rewrite costs less
(``perturb.asked.MOST_REWRITTEN``), and all responses what a rewrite needs of the tokens that ``rewrite_tokens`` allows.
"""

from __future__ import annotations

import argparse
import json
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import accumulate, islice
from pathlib import Path
from statistics import fmean
from typing import TYPE_CHECKING, NamedTuple

from filter_data import DATA

from tldr_data.example import Example
from tldr_data.labels import words
from tldr_data.perturb import perturb
from tldr_data.perturb.anchors import MOST_EDITS, asked_edits, write_edits
from tldr_data.perturb.asked import EDITS_TOKENS, MOST_REWRITTEN, rewrite_tokens
from tldr_data.taxonomy import Taxonomy, load_taxonomies

if TYPE_CHECKING:
    from tokenizers import Tokenizer

MOST_SHARE = {"docci": 1 / 3, "iiw": 1 / 5}
"""Of the output tokens of rewrites that edits may need."""


class Cost(NamedTuple):
    """One edit: words of its reference, and its output tokens either way."""

    taxonomy: str
    words: int
    places: int
    """Edits in the answer."""
    edits: int
    rewrite: int
    allowed: int
    """What ``rewrite_tokens`` allows the rewrite."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("tokenizer", type=Path, nargs="?", help="tokenizer.json of a model")
    parser.add_argument("--edits", type=int, default=1000)
    options = parser.parse_args()
    if options.tokenizer is None:
        print("skipped: give the path of a model's tokenizer.json (and pip install tokenizers)")
        return
    from tokenizers import Tokenizer

    tokenizer, taxonomies = Tokenizer.from_file(str(options.tokenizer)), load_taxonomies(["all"])
    for name, texts in {"docci": docci(), "iiw": iiw(), "coco": coco()}.items():
        print_costs(name, list(islice(costs(texts, taxonomies, tokenizer), options.edits)))
    print_threshold([*costs(coco()[:600], taxonomies, tokenizer), *costs(beginnings(), taxonomies, tokenizer)])


def lines(*parts: str) -> list[dict[str, str]]:
    path = DATA.joinpath(*parts)
    if not path.is_file():
        raise SystemExit(f"skipped: no {path}")
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def docci() -> list[str]:
    return [row["description"] for row in lines("docci", "docci_descriptions.sample.jsonlines")]


def iiw() -> list[str]:
    return [row["IIW"] for file in ("DOCCI_Test", "IIW-400") for row in lines("docci", f"{file}.data.jsonl")]


def coco() -> list[str]:
    path = DATA / "coco_captions" / "captions_val2014_sample.json"
    return [note["caption"].strip() for note in json.loads(path.read_text(encoding="utf-8"))["annotations"]]


def beginnings() -> list[str]:
    """The first sentence of each DOCCI description, the first two, and so on."""
    return [text for whole in docci() for text in accumulate(re.split(r"(?<=\.)\s+", whole), "{} {}".format)]


def costs(texts: Sequence[str], taxonomies: Sequence[Taxonomy], tokenizer: Tokenizer) -> Iterator[Cost]:
    """Of one edit of each text and taxonomy at a time, until there are no more."""
    queues = [
        (taxonomy.name, perturb(clean(text), taxonomy, seed=0))
        for text in dict.fromkeys(texts)
        for taxonomy in taxonomies
    ]
    while queues:
        left = []
        for name, candidates in queues:
            if candidate := next(candidates, None):
                left.append((name, candidates))
                yield cost(name, candidate, tokenizer)
        queues = left


def clean(text: str) -> Example:
    return Example(id=f"t/{text}", response=text, source="t", license="", attribution="", group="t")


def cost(name: str, candidate: Example, tokenizer: Tokenizer) -> Cost:
    reference = str(candidate.reference)
    asked = asked_edits(reference, candidate.edits)
    edits, rewrite = (len(tokenizer.encode(text).ids) for text in (write_edits(asked), candidate.response))
    return Cost(name, len(words(reference)), len(asked), edits, rewrite, rewrite_tokens(reference))


def print_costs(name: str, found: Sequence[Cost]) -> None:
    edits, rewrites = fmean(cost.edits for cost in found), fmean(cost.rewrite for cost in found)
    most = max(cost.edits for cost in found)
    print(f"{name}: {len(found):,} edits of {fmean(cost.words for cost in found):.0f} words", end="; ")
    print(f"edits {edits:.1f} tokens (at most {most}, allowed {EDITS_TOKENS}), rewrites {rewrites:.1f}", end="; ")
    wanted = f" (at most {MOST_SHARE[name]:.3f} wanted)" if name in MOST_SHARE else ""
    print(f"share {edits / rewrites:.3f}{wanted}")
    by_taxonomy = defaultdict(list)
    for each in found:
        by_taxonomy[each.taxonomy].append(each)
    for taxonomy, its in sorted(by_taxonomy.items()):
        shares = fmean(cost.edits for cost in its) / fmean(cost.rewrite for cost in its)
        print(f"  {taxonomy:15} {len(its):4}  edits {fmean(cost.edits for cost in its):5.1f}  share {shares:.3f}")
    too_many = sum(cost.places > MOST_EDITS for cost in found)
    print(f"  {too_many} of more than {MOST_EDITS} places, which a model may not write")
    closest = max(cost.rewrite / cost.allowed for cost in found)
    print(f"  rewrites took at most {closest:.2f} of the tokens that they were allowed")


def print_threshold(found: Sequence[Cost]) -> None:
    """Output tokens by words of the reference."""
    print(f"by words of the reference (rewrites are asked for up to {MOST_REWRITTEN}):")
    for least in range(0, 64, 4):
        its = [cost for cost in found if least < cost.words <= least + 4]
        if its:
            edits, rewrites = fmean(cost.edits for cost in its), fmean(cost.rewrite for cost in its)
            dearer = sum(cost.edits > cost.rewrite for cost in its) / len(its)
            print(f"  {least + 1:2} to {least + 4:2}: {len(its):5} edits {edits:5.1f} rewrites {rewrites:5.1f}", end="")
            print(f"  edits cost more in {dearer:.0%}")


if __name__ == "__main__":
    main()
