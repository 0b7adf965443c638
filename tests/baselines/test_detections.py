"""Other detectors' spans and scores as predictions, and what is refused."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from baselines.detections import read_detections, scored
from baselines.metrics import evaluate
from baselines.predictions import gather
from baselines.response_scores import by_rule
from baselines.rows import sample
from tldr_data.dataset import CLASS_LABELS
from tldr_data.errors import InputError
from tldr_data.example import Span
from tldr_data.labels import BAD, GOOD, IGNORE, label_words

TEXT = "A «réd» cup stands left. Two dogs sleep."


def row(id: str, errors: Sequence[str] = (), collateral: Sequence[str] = (), **values: Any) -> dict[str, Any]:
    """A row whose false and collateral words are these."""
    response = values.get("response", TEXT)
    spans = [
        [Span(response.index(word), response.index(word) + len(word), "x") for word in words]
        for words in (errors, collateral)
    ]
    words, labels = label_words(response, *spans)
    made = {"id": id, "group": id, "taxonomy": "attribute" if errors else None, "response": response}
    made |= {"kind": CLASS_LABELS["kind"].index("perturbed" if errors else "clean"), "words": words, "labels": labels}
    names = ("errors", "collateral")
    return made | {name: [span._asdict() for span in found] for name, found in zip(names, spans, strict=True)} | values


def written(path: Path, *lines: Any) -> Path:
    path.write_text("\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines), encoding="utf-8")
    return path


ROWS = [row("a"), row("b", ["réd"], ["dogs"])]


def test_a_word_has_the_score_of_the_worst_span_that_it_shares_a_character_with(tmp_path: Path) -> None:
    spans = [{"start": 3, "end": 4, "score": 0.25}, {"start": 2, "end": 9, "score": 0.75}, {"start": 25, "end": 28}]
    path = written(tmp_path / "d.jsonl", {"id": "b", "spans": spans, "by": "x"}, "", {"id": "a", "spans": []}, "")
    clean, changed = scored(path, ROWS)
    assert clean.scores == [1] * 8
    assert clean.labels == [GOOD] * 8
    assert [TEXT[start:end] for start, end in changed.offsets] == ROWS[1]["words"]
    assert changed.scores == [1, 0.25, 0.25, 1, 1, 0, 1, 1]
    assert changed.labels == ROWS[1]["labels"]
    assert (changed.labels[1], changed.labels[6]) == (BAD, IGNORE)
    assert (changed.kind, changed.taxonomy, changed.errors, changed.collateral) == (
        *("perturbed", "attribute", [(3, 6)], [(29, 33)]),
    )
    sentence = gather([clean, changed]).sentence
    assert sentence is not None
    assert sentence.tolist() == [0, 0, 0, 0, 0, 1, 1, 1] * 2


def test_a_response_that_is_scored_as_a_whole_has_that_score_by_every_rule(tmp_path: Path) -> None:
    rows = [*ROWS, row("c", ["left"])]
    path = written(tmp_path / "d.jsonl", *({"id": id, "score": n / 2} for n, id in enumerate("abc")))
    found = gather(scored(path, rows))
    assert found.labels.tolist() == [GOOD, BAD, BAD]
    for name, scores in by_rule(found).items():
        scores = scores if name == "minimum" else np.exp(scores)
        assert scores.tolist() == pytest.approx([1, 0.5, 0], abs=1e-9)
    assert evaluate(found, number=10).figures["response_accuracy"].value == 1


def test_perfect_and_inverted_detectors_have_the_figures_of_such(tmp_path: Path) -> None:
    rows = [row(f"{n}", [word] if n % 2 else []) for n, word in enumerate(["cup", "réd", "Two", "left"] * 5)]
    right = [{"id": one["id"], "spans": [{k: s[k] for k in ("start", "end")} for s in one["errors"]]} for one in rows]
    figures = evaluate(gather(scored(written(tmp_path / "r.jsonl", *right), rows)), number=10).figures
    assert figures["ap_neg"].value == 1
    whole = [{"start": 0, "end": len(TEXT)}]
    wrong = [{"id": one["id"], "spans": [] if one["errors"] else whole} for one in rows]
    figures = evaluate(gather(scored(written(tmp_path / "w.jsonl", *wrong), rows)), number=10).figures
    assert figures["response_accuracy"].value == 0


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("{", "broken JSON"),
        ("[1]", "allowed: an object"),
        ({"spans": []}, "id is None"),
        ({"id": 3, "spans": []}, "id is 3"),
        ({"id": "b", "span": []}, "has id, span; expected id and either spans or score"),
        ({"id": "b", "spans": [], "score": 1}, "expected id and either"),
        ({"id": "b", "spans": {}}, "allowed: a list"),
        ({"id": "b", "spans": [[0, 1]]}, "0 <= start < end"),
        ({"id": "b", "spans": [{"start": 3, "end": 3}]}, "0 <= start < end"),
        ({"id": "b", "spans": [{"start": -1, "end": 3}]}, "0 <= start < end"),
        ({"id": "b", "spans": [{"start": False, "end": 3}]}, "0 <= start < end"),
        ({"id": "b", "spans": [{"start": 0, "end": 41}]}, r"span \(0, 41\) of 'b': allowed are 0 to 40"),
        ({"id": "b", "spans": [{"start": 0, "end": 4, "score": 1.5}]}, r"score is 1.5; allowed: P\(BAD\), 0..1"),
        ({"id": "b", "score": True}, "score is True"),
        ({"id": "b", "score": 0.5}, "of another form than"),
        ({"id": "a", "spans": []}, "line 1 already"),
    ],
)
def test_a_bad_line_is_named(line: Any, said: str, tmp_path: Path) -> None:
    path = written(tmp_path / "d.jsonl", {"id": "a", "spans": []}, line)
    with pytest.raises(InputError, match=said) as raised:
        scored(path, ROWS)
    assert str(raised.value).startswith(f"{path}, line 2: ")
    assert "\n" not in str(raised.value)


def test_rows_without_a_line_and_lines_without_a_row_are_counted(tmp_path: Path) -> None:
    path = written(tmp_path / "d.jsonl", *({"id": id, "spans": []} for id in "axy"))
    with pytest.raises(InputError, match=r"1 of 2 rows have no line, 'b' first"):
        scored(path, ROWS)
    with pytest.raises(InputError, match=r"line 2: no row has the id 'x', and 1 more"):
        scored(path, ROWS[:1])
    with pytest.raises(InputError, match="cannot be read"):
        read_detections(tmp_path / "none.jsonl")


def test_a_sample_holds_groups_together_and_grows() -> None:
    groups = [f"g{n // 3}" for n in range(60)]
    small, large = sample(groups, 9), sample(groups, 30)
    assert sorted(small) == small
    assert set(small) < set(large)
    assert len({groups[place] for place in small}) == 3
    assert small != list(range(9))
    assert sample(groups, None) == sample(groups, 99) == list(range(60))
