"""Predictions as arrays and as a file, and what is refused."""

from pathlib import Path

import numpy as np
import pytest

from baselines.predictions import Predictions, Scored, gather, read_predictions, sentences, write_predictions
from tldr_data.errors import InputError

ROWS = [
    Scored("a/1", "g", "clean", None, "A «red» cup", [(0, 1), (1, 7)], [0.9, 0.25], [1, 1], [], []),
    Scored(
        "a/1#x.2", "g", "perturbed", "x", "A cup.", [(0, 1), (1, 5), (5, 6)], [1, 0, 0.5], [1, 0, -100], [(2, 5)], []
    ),
]


def test_a_file_gives_back_what_was_written(tmp_path: Path) -> None:
    path = tmp_path / "scores.jsonl"
    write_predictions(path, ROWS)
    assert read_predictions(path) == ROWS
    assert len(path.read_text(encoding="utf-8").splitlines()) == 2


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("{", "Expecting"),
        ("[]", "expected a JSON object"),
        ('{"id": "a"}', "'offsets'"),
        ('{"offsets": [1]}', "line 1"),
    ],
)
def test_a_line_that_is_no_prediction_is_named(line: str, said: str, tmp_path: Path) -> None:
    path = tmp_path / "scores.jsonl"
    path.write_text(line)
    with pytest.raises(InputError, match=said) as raised:
        read_predictions(path)
    assert "\n" not in str(raised.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        read_predictions(tmp_path / "none.jsonl")


def test_gathering_keeps_order_and_counts_characters() -> None:
    found = gather(ROWS)
    assert found.response.tolist() == [0, 0, 1, 1, 1]
    assert found.taxonomies.tolist() == ["", "x"]
    assert found.characters is not None
    assert found.characters.tolist() == [[0, 5, 0], [3, 4, 3]]


def test_taking_may_repeat_and_labelling_drops() -> None:
    found = gather(ROWS).take(np.array([1, 0, 1]))
    assert found.ids.tolist() == ["a/1#x.2", "a/1", "a/1#x.2"]
    assert found.response.tolist() == [0, 0, 0, 1, 1, 2, 2, 2]
    assert found.scores.tolist() == [1, 0, 0.5, 0.9, 0.25, 1, 0, 0.5]
    assert found.labelled().scores.tolist() == [1, 0, 0.9, 0.25, 1, 0]


def test_sentences_end_at_periods() -> None:
    text = "A. B 3.5. C"
    assert sentences(text, [(0, 1), (1, 2), (2, 4), (4, 8), (8, 9), (9, 11)]) == [0, 0, 1, 1, 1, 2]
    assert sentences("", []) == []


def arrays(**changed: object) -> Predictions:
    names = np.array(["a", "b"])
    given = {
        "scores": np.array([0.5, 0.5]),
        "labels": np.array([1, 0]),
        "response": np.array([0, 1]),
        **dict.fromkeys(("ids", "groups", "taxonomies", "kinds"), names),
    }
    return Predictions(**{**given, **changed})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"scores": np.array([0.5, 1.5])}, r"score 1.5 is not P\(GOOD\); allowed: 0..1"),
        ({"scores": np.array([0.5, np.nan])}, "score nan"),
        ({"labels": np.array([1, 2])}, "label 2 is unknown; allowed: 1, 0, -100"),
        ({"labels": np.array([1])}, "labels has 1 values; expected 2"),
        ({"response": np.array([0, 2])}, "outside 0..1"),
        ({"response": np.array([1, 0])}, "order of their responses"),
        ({"kinds": np.array(["a"])}, "kinds has 1 values; expected 2"),
    ],
)
def test_what_is_not_allowed_is_refused(changed: dict[str, object], said: str) -> None:
    with pytest.raises(InputError, match=said):
        arrays(**changed)


def test_lengths_of_a_response_must_agree() -> None:
    with pytest.raises(InputError, match=r"a/1: 2 offsets, 1 scores, 2 labels"):
        gather([ROWS[0]._replace(scores=[0.5])])
