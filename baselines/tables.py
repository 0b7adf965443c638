"""An evaluation as Markdown for people and as JSON for programs. Prevalence stands above every table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from baselines.metrics import Evaluation, Figure, Figures

Json = Mapping[str, object]

LABELS = {
    "token_accuracy": "A_T, tokens right (paper)",
    "sentence_accuracy": "A_S, sentences right (paper)",
    "response_accuracy": "A_R, responses right (paper)",
    "ap_neg": "AP(neg), all tokens (paper)",
    "ap_pos": "AP(pos), all tokens (paper)",
    "ap_neg_per_response": "AP(neg), mean per response",
    "ap_pos_per_response": "AP(pos), mean per response",
    "token_auc": "AUROC of tokens",
    "token_recall_at_1%": "false tokens found at 1% false alarms",
    "token_recall_at_5%": "false tokens found at 5% false alarms",
    "character_precision": "precision of characters",
    "character_recall": "recall of characters",
    "character_f1": "F1 of characters",
    "calibration_error": "ECE (0 is best)",
    "auc": "AUROC",
    "ap": "AP of false responses",
    "recall_at_1%": "found at 1% false alarms",
    "recall_at_5%": "found at 5% false alarms",
    "accuracy": "right, threshold from validation",
}
_TAXONOMY_COLUMNS = ("response_accuracy", "token_accuracy", "ap_neg", "token_recall_at_5%", "character_f1")
_KIND_COLUMNS = ("response_accuracy", "sentence_accuracy", "token_accuracy")


def as_json(evaluation: Evaluation) -> Json:
    """Only strings, numbers, lists and None, which is what is undefined; never NaN."""
    parts = {name: _plain(getattr(evaluation, name)) for name in ("taxonomies", "kinds", "response_scores")}
    by_taxonomy = {name: _plain(own) for name, own in evaluation.taxonomy_scores.items()}
    return {
        "responses": evaluation.responses,
        "groups": evaluation.groups,
        "figures": {name: figure._asdict() for name, figure in evaluation.figures.items()},
        "words": {name: figure._asdict() for name, figure in evaluation.words.items()},
        **parts,
        "best_rule": evaluation.best_rule,
        "taxonomy_scores": by_taxonomy,
        "calibration": [found._asdict() for found in evaluation.calibration],
    }


def _plain(parts: Mapping[str, Figures]) -> Json:
    return {part: {name: figure._asdict() for name, figure in own.items()} for part, own in parts.items()}


def as_markdown(evaluation: Evaluation) -> str:
    """Four tables: the whole set, each taxonomy, each kind, and each way to score a response."""
    parts = [
        _prevalence(evaluation),
        _whole(evaluation.figures),
        "By taxonomy: perturbed responses and as many references of theirs.",
        _parts("taxonomy", evaluation.taxonomies, _TAXONOMY_COLUMNS),
        "By kind:",
        _parts("kind", evaluation.kinds, _KIND_COLUMNS),
        f"False responses ({_share(evaluation.figures['bad_responses'])}) told from true ones:",
        _scores(evaluation.response_scores),
    ]
    return "\n\n".join(parts) + "\n"


def _prevalence(evaluation: Evaluation) -> str:
    return (
        f"{evaluation.responses:,} responses to {evaluation.groups:,} images. BAD, in percent: "
        f"{_share(evaluation.figures['bad_tokens'])}, {_share(evaluation.figures['bad_responses'])}. "
        "All figures in percent, with 95% intervals by the bootstrap over images."
    )


def _share(figure: Figure) -> str:
    return f"{percent(figure.value)} of {figure.n:,} {figure.unit}"


def _whole(figures: Figures) -> str:
    rows = [
        (LABELS[name], with_interval(figure), percent(figure.constant), f"{figure.n:,} {figure.unit}")
        for name, figure in figures.items()
        if name in LABELS
    ]
    return table(("figure", "value", "all GOOD", "n"), rows)


def _parts(head: str, parts: Mapping[str, Figures], columns: Sequence[str]) -> str:
    """One line a part, with its own prevalence."""
    rows = [
        (
            name,
            f"{own['bad_responses'].n:,}",
            percent(own["bad_tokens"].value),
            percent(own["bad_responses"].value),
            *(with_interval(own[column]) if column in own else "undefined" for column in columns),
        )
        for name, own in parts.items()
    ]
    heads = (head, "responses", "BAD tokens", "BAD responses", *(LABELS[column] for column in columns))
    return table(heads, rows)


def _scores(rules: Mapping[str, Figures]) -> str:
    columns = list(dict.fromkeys(name for own in rules.values() for name in own))
    rows = [(rule, *(with_interval(own[name]) for name in columns)) for rule, own in rules.items()]
    constant = [percent(next(iter(rules.values()))[name].constant) for name in columns]
    return table(("score", *(LABELS[name] for name in columns)), [*rows, ("all GOOD", *constant)])


def percent(value: float | None) -> str:
    """A share in percent, as the paper writes its figures.

    >>> percent(0.41349), percent(None)
    ('41.3', 'undefined')
    """
    return "undefined" if value is None else f"{100 * value:.1f}"


def with_interval(figure: Figure) -> str:
    """A figure in percent with its bounds; "undefined" where it has no value.

    >>> with_interval(Figure(0.413, 0.4, 0.425, 0.01, 900, "tokens"))
    '41.3 (40.0 to 42.5)'
    """
    if figure.value is None or figure.low is None:
        return percent(figure.value)
    return f"{percent(figure.value)} ({percent(figure.low)} to {percent(figure.high)})"


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Markdown."""
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
