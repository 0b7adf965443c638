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
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
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
        from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

        folds = [fold_of(instance.group) for instance in instances]
        labels, matrix = [instance.label for instance in instances], _matrix(instances)
        seen = [[at for at, own in enumerate(folds) if own != fold] for fold in range(FOLDS)]
        # the solver lets go of Python while it runs; threads of its own in each thread would only wait for one another
        with threadpool_limits(1), ThreadPoolExecutor(FOLDS) as pool:
            self._models = list(pool.map(lambda rows: _fit(matrix[rows], [labels[at] for at in rows]), seen))

    def scores(self, instances: Sequence[Instance]) -> list[float]:
        """Probability of BAD for each instance, where both classes are equally frequent."""
        if not instances:
            return []
        found = [0.0] * len(instances)
        folds, matrix = [fold_of(instance.group) for instance in instances], _matrix(instances)
        for fold in sorted(set(folds)):
            chosen = [at for at, own in enumerate(folds) if own == fold]
            for at, score in zip(chosen, self._models[fold].scores(matrix[chosen]), strict=True):
                found[at] = score
        return found


@lru_cache(maxsize=65536)  # a group has many words, and each is asked of often
def fold_of(group: str) -> int:
    """The fold that a group belongs to, 0 to 4; the same in every build."""
    return int.from_bytes(hashlib.sha256(f"fold/{group}".encode()).digest()[:4], "big") % FOLDS


def word_instances(rows: Iterable[Row]) -> list[Instance]:
    """Words of captions at edited places, as many BAD as GOOD in each subtype.

    BAD is what an edit wrote, GOOD what stands there in the reference. Where nothing stood, inserted words are held
    against the same words in clean rows; if none has them, against any words: they betray themselves.
    """
    rows = [row for row in rows if row["task"] == "caption"]
    bad = [place for row in rows for place in _bad_places(row)]
    good = [place for row in rows for place in _replaced_places(row)]
    clean = [_Text(row) for row in rows if row["kind"] == "clean"]
    for subtype, words in sorted(_inserted(rows).items()):
        same = [(text, at) for text in clean for at, word in enumerate(text.words) if word in words]
        any_word = [(text, at) for text in clean for at in range(len(text.words))]
        good += [_Place(GOOD, subtype, text, at) for text, at in same or any_word]
    return _balanced([*bad, *good])


def site_instances(rows: Iterable[Row], taxonomies: Sequence[Taxonomy]) -> list[Instance]:
    """As ``word_instances``, but GOOD is whatever stands at any site of the subtype in a clean row."""
    rows = [row for row in rows if row["task"] == "caption"]
    bad = [place for row in rows for place in _bad_places(row)]
    good = [
        _Place(GOOD, f"{taxonomy.name}.{subtype}", text, at)
        for row in rows
        if row["kind"] == "clean"
        for text in [_Text(row)]
        for taxonomy in taxonomies
        for subtype, start, end in _replaceable(row, taxonomy)
        for at in text.inside([(start, end)])
    ]
    named = {place.subtype for place in good}
    return _balanced([*(place for place in bad if place.subtype in named), *good])


def bad_words(row: Row) -> list[Instance]:
    """The words of a row that an edit made false."""
    return [place.instance() for place in _bad_places(row)]


def _bad_places(row: Row) -> list[_Place]:
    spans = [(span["start"], span["end"]) for span in row["errors"]]
    subtype = f"{row['taxonomy']}.{row['subtype']}"
    text = _Text(row)
    return [_Place(BAD, subtype, text, at) for at in text.inside(spans)]


def _replaced_places(row: Row) -> list[_Place]:
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
    return [_Place(GOOD, f"{row['taxonomy']}.{row['subtype']}", text, at) for at in text.inside(places)]


def text_instances(rows: Iterable[Row]) -> list[Instance]:
    """Perturbed and clean captions, as many of the one as of the other."""
    return _balanced(
        _Place(GOOD if row["kind"] == "clean" else BAD, "", _Text(row), None)
        for row in rows
        if row["task"] == "caption" and row["kind"] in ("clean", "perturbed")
    )


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

    def features(self, at: int | None) -> Iterator[str]:
        """Of one word, whose n-grams are told from those beside it, or of the whole text."""
        first, last, marked, others = 0, len(self.words), self.words, self.words
        if at is not None:
            first, last = max(at - WINDOW, 0), min(at + WINDOW + 1, last)
            marked = [*self.words[:at], f"<{self.words[at]}>", *self.words[at + 1 :]]
            others = [*self.words[:at], *self.words[at + 1 :]]
        yield from ngrams(marked, first, last)
        yield from (f"text: {word}" for word in others if word not in _FUNCTION_WORDS)


class _Place(NamedTuple):
    """What may become an instance: its features are many times its size."""

    label: int
    subtype: str
    text: _Text
    at: int | None
    """Number of the word; None: the whole text."""

    @property
    def key(self) -> str:
        row_id = self.text.row["id"]
        return _digest(row_id if self.at is None else f"{row_id}/{self.at}/{self.subtype}")

    def instance(self) -> Instance:
        features = tuple(self.text.features(self.at))
        return Instance(self.label, self.subtype, self.text.row["group"], self.key, features)


def ngrams(words: Sequence[str], first: int, last: int) -> Iterator[str]:
    """1- to 3-grams of ``words[first:last]``.

    >>> list(ngrams(["a", "red", "cup"], 0, 3))
    ['a', 'a red', 'a red cup', 'red', 'red cup', 'cup']
    """
    for start in range(first, last):
        for end in range(start + 1, min(start + LONGEST, last) + 1):
            yield " ".join(words[start:end])


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


def _balanced(places: Iterable[_Place]) -> list[Instance]:
    """Of each subtype as many of the one label as of the other, in an order that hangs on nothing but their keys."""
    parts: dict[str, dict[int, list[_Place]]] = defaultdict(lambda: {BAD: [], GOOD: []})
    for place in places:
        parts[place.subtype][place.label].append(place)
    chosen: list[_Place] = []
    for _, part in sorted(parts.items()):
        number = min(map(len, part.values()))
        for label in (BAD, GOOD):
            chosen += sorted(part[label], key=lambda place: place.key)[:number]
    return [place.instance() for place in chosen]


class _Model(NamedTuple):
    columns: Any
    """Buckets that the training rows fill: the rest weighs nothing, and takes most of the time."""
    regression: LogisticRegression

    def scores(self, matrix: Any) -> list[float]:
        column = list(self.regression.classes_).index(BAD)
        found: list[float] = self.regression.predict_proba(matrix[:, self.columns])[:, column].tolist()
        return found


def _fit(matrix: Any, labels: Sequence[int]) -> _Model:
    import numpy as np
    from sklearn.linear_model import LogisticRegression

    columns = np.unique(matrix.indices)
    regression = LogisticRegression(solver="liblinear", random_state=0, max_iter=200)
    return _Model(columns, regression.fit(matrix[:, columns], labels))


def _matrix(instances: Sequence[Instance]) -> Any:
    """A sparse row of hashed features for each instance."""
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
