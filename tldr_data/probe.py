"""How well errors can be told without the image: a text-only probe, whose AUC stands on the card.

Words: what an edit wrote (BAD) against what stood there (GOOD), as many of the one as of the other in each subtype, so
that its name alone tells nothing. Sites: the same against whatever stands where such an edit could have been. Texts:
perturbed against clean ones. Features are fixed (word 1-3-grams of
five words on either side, the text's content words), the model is a logistic regression, folds are made of groups.
An AUC of 0.5 is a coin, 1 means that nobody needs to look at the image.
"""

from __future__ import annotations

import hashlib
import random
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from tldr_data.dataset import Row
from tldr_data.example import Edit, written_spans
from tldr_data.labels import BAD, GOOD, WORD
from tldr_data.perturb import perturbations
from tldr_data.taxonomy import Taxonomy

if TYPE_CHECKING:
    from sklearn.linear_model import LogisticRegression

FOLDS = 5
WINDOW = 5
"""Words on either side."""
LONGEST = 3
"""Words of an n-gram."""
BUCKETS = 2**20
FEWEST = 50
"""Of either class: fewer give no figure."""
_FUNCTION_WORDS = frozenset(
    "a an the of to in on at by from with and or is are was were be it its they their this that there".split()
)


class Guess(NamedTuple):
    """A text-only model's AUC, its 95% interval (Hanley and McNeil 1982), and the words or texts behind it."""

    auc: float
    low: float
    high: float
    bad: int
    good: int


class Instance(NamedTuple):
    """One word at a place where it may be false, or one whole text."""

    label: int
    subtype: str
    """``taxonomy.subtype``."""
    group: str
    key: str
    """By which instances are chosen, so that none was picked."""
    features: tuple[str, ...]


class Probe:
    """Fitted out of fold: what it says of a row comes from a model that saw nothing of the row's group."""

    def __init__(self, instances: Sequence[Instance]) -> None:
        self._models = [_fit([i for i in instances if fold_of(i.group) != fold]) for fold in range(FOLDS)]

    def scores(self, instances: Sequence[Instance]) -> list[float]:
        """Probability of BAD for each instance, where both classes are equally frequent."""
        found = [0.0] * len(instances)
        for fold, model in enumerate(self._models):
            chosen = [at for at, instance in enumerate(instances) if fold_of(instance.group) == fold]
            if chosen:
                for at, score in zip(chosen, model.scores([instances[i] for i in chosen]), strict=True):
                    found[at] = score
        return found


def fold_of(group: str) -> int:
    """The fold that a group belongs to, 0 to 4; the same in every build."""
    return int.from_bytes(hashlib.sha256(f"fold/{group}".encode()).digest()[:4], "big") % FOLDS


def word_instances(rows: Iterable[Row]) -> list[Instance]:
    """Words of captions at edited places, as many BAD as GOOD in each subtype.

    BAD is what an edit wrote, GOOD what stands there in the reference. Where nothing stood, inserted words are held
    against the same words in clean rows; if none has them, against any words: they betray themselves.
    """
    rows = [row for row in rows if row["task"] == "caption"]
    bad = [instance for row in rows for instance in bad_words(row)]
    good = [instance for row in rows for instance in _replaced_words(row)]
    clean = [_Text(row) for row in rows if row["kind"] == "clean"]
    for subtype, words in sorted(_inserted(rows).items()):
        same = [(text, at) for text in clean for at, word in enumerate(text.words) if word in words]
        any_word = [(text, at) for text in clean for at in range(len(text.words))]
        good += [text.instance(GOOD, subtype, at) for text, at in same or any_word]
    return _balanced([*bad, *good])


def site_instances(rows: Iterable[Row], taxonomies: Sequence[Taxonomy]) -> list[Instance]:
    """As ``word_instances``, but GOOD is whatever stands at any site of the subtype in a clean row."""
    rows = [row for row in rows if row["task"] == "caption"]
    bad = [instance for row in rows for instance in bad_words(row)]
    good = [
        text.instance(GOOD, f"{taxonomy.name}.{subtype}", at)
        for row in rows
        if row["kind"] == "clean"
        for text in [_Text(row)]
        for taxonomy in taxonomies
        for subtype, start, end in _replaceable(row, taxonomy)
        for at in text.inside([(start, end)])
    ]
    named = {instance.subtype for instance in good}
    return _balanced([*(instance for instance in bad if instance.subtype in named), *good])


def bad_words(row: Row) -> list[Instance]:
    """The words of a row that an edit made false."""
    spans = [(span["start"], span["end"]) for span in row["errors"]]
    subtype = f"{row['taxonomy']}.{row['subtype']}"
    text = _Text(row)
    return [text.instance(BAD, subtype, at) for at in text.inside(spans)]


def _replaced_words(row: Row) -> list[Instance]:
    """The words of a perturbed row's reference that an error edit replaced."""
    if row["kind"] != "perturbed":
        return []
    written = list(zip(row["edits"], written_spans([Edit(**edit) for edit in row["edits"]]), strict=True))
    places = [
        (edit["start"], edit["end"])
        for edit, (start, end) in written
        if any(start < span["end"] and span["start"] < end and span["replaced"] for span in row["errors"])
    ]
    text = _Text({**row, "response": row["reference"]})
    return [text.instance(GOOD, f"{row['taxonomy']}.{row['subtype']}", at) for at in text.inside(places)]


def text_instances(rows: Iterable[Row]) -> list[Instance]:
    """Perturbed and clean captions, as many of the one as of the other."""
    found = []
    for row in rows:
        if row["task"] == "caption" and row["kind"] in ("clean", "perturbed"):
            text = _Text(row)
            label = GOOD if row["kind"] == "clean" else BAD
            features = (*ngrams(text.words, 0, len(text.words)), *_content(text.words))
            found.append(Instance(label, "", row["group"], _digest(row["id"]), features))
    return _balanced(found)


def guess(instances: Sequence[Instance]) -> Guess | None:
    """How well the probe tells BAD from GOOD; None where there are too few to say."""
    from sklearn.metrics import roc_auc_score

    bad = sum(instance.label == BAD for instance in instances)
    good = len(instances) - bad
    folds = [{i.label for i in instances if fold_of(i.group) != fold} for fold in range(FOLDS)]
    if min(bad, good) < FEWEST or any(len(labels) < 2 for labels in folds):
        return None
    scores = Probe(instances).scores(instances)
    auc = float(roc_auc_score([instance.label == BAD for instance in instances], scores))
    return Guess(auc, *_interval(auc, bad, good), bad, good)


def by_taxonomy(instances: Sequence[Instance]) -> dict[str, Guess]:
    """The same probe asked of each taxonomy's words by themselves, where there are enough."""
    parts: dict[str, list[Instance]] = defaultdict(list)
    for instance in instances:
        parts[instance.subtype.split(".")[0]].append(instance)
    found = {name: guess(part) for name, part in sorted(parts.items())}
    return {name: answer for name, answer in found.items() if answer}


class _Text:
    """The words of a response, lower case, with their offsets."""

    def __init__(self, row: Row) -> None:
        self.row = row
        self.spans = [match.span() for match in WORD.finditer(row["response"])]
        self.words = [row["response"][start:end].lower() for start, end in self.spans]

    def inside(self, spans: Iterable[tuple[int, int]]) -> list[int]:
        """Numbers of the words that overlap any of the spans."""
        return [
            at
            for at, (start, end) in enumerate(self.spans)
            if any(start < other_end and other_start < end for other_start, other_end in spans)
        ]

    def instance(self, label: int, subtype: str, at: int) -> Instance:
        """One word with its features: the n-grams that hold it are told from those beside it."""
        first, last = max(at - WINDOW, 0), min(at + WINDOW + 1, len(self.words))
        marked = [*self.words[:at], f"<{self.words[at]}>", *self.words[at + 1 :]]
        features = (*ngrams(marked, first, last), *_content([*self.words[:at], *self.words[at + 1 :]]))
        return Instance(label, subtype, self.row["group"], _digest(f"{self.row['id']}/{at}/{subtype}"), features)


def ngrams(words: Sequence[str], first: int, last: int) -> Iterator[str]:
    """1- to 3-grams of ``words[first:last]``.

    >>> list(ngrams(["a", "red", "cup"], 0, 3))
    ['a', 'a red', 'a red cup', 'red', 'red cup', 'cup']
    """
    for start in range(first, last):
        for end in range(start + 1, min(start + LONGEST, last) + 1):
            yield " ".join(words[start:end])


def _content(words: Sequence[str]) -> list[str]:
    return [f"text: {word}" for word in words if word not in _FUNCTION_WORDS]


def _inserted(rows: Iterable[Row]) -> dict[str, set[str]]:
    """``taxonomy.subtype`` -> words that its edits wrote where nothing stood."""
    found: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        added = [(span["start"], span["end"]) for span in row["errors"] if not span["replaced"]]
        if added:
            text = _Text(row)
            found[f"{row['taxonomy']}.{row['subtype']}"].update(text.words[at] for at in text.inside(added))
    return found


def _replaceable(row: Row, taxonomy: Taxonomy) -> Iterator[tuple[str, int, int]]:
    """(subtype, start, end) of what some edit, one drawn for each site, would replace in a clean row."""
    rng = random.Random(f"{row['id']}/{taxonomy.name}")
    for subtype, changes in perturbations(row["response"], taxonomy, rng):
        for change in changes:
            if change.end > change.start and not change.collateral:
                yield subtype, change.start, change.end


def _balanced(instances: Iterable[Instance]) -> list[Instance]:
    """Of each subtype as many of the one label as of the other, in an order that hangs on nothing but their keys."""
    parts: dict[str, dict[int, list[Instance]]] = defaultdict(lambda: {BAD: [], GOOD: []})
    for instance in instances:
        parts[instance.subtype][instance.label].append(instance)
    chosen: list[Instance] = []
    for _, part in sorted(parts.items()):
        number = min(map(len, part.values()))
        for label in (BAD, GOOD):
            chosen += sorted(part[label], key=lambda instance: instance.key)[:number]
    return chosen


class _Model(NamedTuple):
    columns: Any
    """Buckets that the training rows fill: the rest weighs nothing, and takes most of the time."""
    regression: LogisticRegression

    def scores(self, instances: Sequence[Instance]) -> list[float]:
        column = list(self.regression.classes_).index(BAD)
        found: list[float] = self.regression.predict_proba(_matrix(instances)[:, self.columns])[:, column].tolist()
        return found


def _fit(instances: Sequence[Instance]) -> _Model:
    import numpy as np
    from sklearn.linear_model import LogisticRegression

    matrix = _matrix(instances)
    columns = np.unique(matrix.indices)
    regression = LogisticRegression(solver="liblinear", random_state=0, max_iter=200)
    return _Model(columns, regression.fit(matrix[:, columns], [instance.label for instance in instances]))


def _matrix(instances: Sequence[Instance]) -> Any:
    from sklearn.feature_extraction.text import HashingVectorizer

    vectorizer = HashingVectorizer(analyzer=lambda instance: instance.features, n_features=BUCKETS)
    return vectorizer.transform(instances)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _interval(auc: float, bad: int, good: int) -> tuple[float, float]:
    """95% interval of an AUC.

    >>> low, high = _interval(0.5, 100, 100)
    >>> round(low, 2), round(high, 2)
    (0.42, 0.58)
    """
    one, two = auc / (2 - auc), 2 * auc**2 / (1 + auc)
    variance = auc * (1 - auc) + (bad - 1) * (one - auc**2) + (good - 1) * (two - auc**2)
    half = 1.959964 * (variance / (bad * good)) ** 0.5
    return max(0.0, auc - half), min(1.0, auc + half)
