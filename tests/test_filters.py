"""What is kept and what is thrown away, with its reason."""

import importlib.util
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tldr_data.diff import diff
from tldr_data.errors import InputError
from tldr_data.example import Span
from tldr_data.filters import REASONS, filter_file, filter_line, find_duplicate, find_reason
from tldr_data.taxonomy import load_taxonomies, load_taxonomy

ROOT = Path(__file__).parents[1]
DATA = ROOT.parent / "shared" / "data"

KEPT = [
    ("A red cup on the table.", "A blue cup on the table."),
    ("A man rides a horse.", "A woman rides a horse."),
    ("Two dogs play in the snow.", "Three dogs play in the snow."),
    ("Two dogs play in the snow.", "A dog plays in the snow. One cat."),
    ("A cat sits on the chair.", "A cat sits under the chair."),
    ("A dog is sitting on the grass.", "A dog is not sitting on the grass."),
    ("A man holds a baby.", "A baby holds a man."),
    ("The cup is to the left of the plate.", "The plate is to the left of the cup."),
    ("A lamp above a desk.", "A desk above a lamp."),
    ("A black dog and a white cat.", "A white dog and a black cat."),
    ("A man and two women on a bench.", "Two men and a woman on a bench."),
    ("A woman with a hat.", "A woman with a hat and a parrot."),
    ("A plate on a table.", "A frosted plate on a table."),
    ("She holds her phone.", "He holds his phone."),
    ("An animal sleeps on the rug.", "A corgi sleeps on the rug."),
    ("There are clouds", "There are no clouds"),
    ("😀", "😁"),
    ("A sign with 😀 😁 😂", "A sign with 😀 🚗 😂"),
    ("A cup for $5", "A cup for €5"),
]
PARAPHRASES = [
    ("A cat sleeps on the couch.", "A cat sleeps on the sofa."),
    ("Two people walk down a street.", "A pair of people walk down a street."),
    ("Two birds sit on a wire.", "2 birds are sitting on a wire."),
    ("A cat sits to the left of a dog.", "A dog sits to the right of a cat."),
    ("The lamp is above the desk.", "The desk is below the lamp."),
    ("A dog and a cat on a bed.", "A cat and a dog on a bed."),
    ("A chair next to a table.", "A table next to a chair."),
    ("A man standing near a car.", "A man is standing close to an automobile."),
    ("A child sits on a bench.", "A kid is seated on a bench."),
    ("A corgi sleeps on the rug.", "A dog sleeps on the rug."),
    ("A person is holding an umbrella in front of a cafe.", "In front of a cafe, a person is holding an umbrella."),
    ("A small truck parked on the street.", "A little truck is positioned on the street."),
]


@pytest.mark.parametrize(("reference", "response"), KEPT)
def test_a_contradiction_is_kept(reference: str, response: str) -> None:
    assert find_reason(reference, response) is None


@pytest.mark.parametrize(("reference", "response"), PARAPHRASES)
def test_a_rewording_is_rejected(reference: str, response: str) -> None:
    assert find_reason(reference, response) == "paraphrase"


@pytest.mark.parametrize(
    ("reference", "response", "reason"),
    [
        ("A red cup.", "a RED cup", "no_op"),
        ("A red cup", " A  red, cup!", "no_op"),
        ("A bus with 1.5 doors", "A bus with 15 doors", None),
        ("A small red cup on a table.", "A red cup on a table.", "no_error_span"),
        ("There are no clouds", "There are clouds", "no_error_span"),
        ("A cat & a dog", "A cat and a dog", "paraphrase"),
        ("A heart ❤", "a heart ❤\ufe0f!", "no_op"),
        ("A red cup on a table.", "Nothing like that was ever painted by anyone here.", "drift"),
        (
            "A blue plate and a red cup. The red cup is full.",
            "A blue plate and a green cup. The red cup is full.",
            "incoherent",
        ),
        ("Two dogs run. Both dogs bark.", "Three dogs run. Both dogs bark.", "incoherent"),
        ("A dog runs. The dog barks.", "A cat runs. The dog barks.", "incoherent"),
        ("A red cup next to another red cup.", "A blue cup next to another red cup.", None),
    ],
)
def test_each_reason(reference: str, response: str, reason: str | None) -> None:
    assert find_reason(reference, response) == reason
    assert reason is None or reason in REASONS


def test_an_error_outside_the_taxonomy_is_rejected() -> None:
    reference, response = "A red cup on a table.", "A red cup under a table."
    assert find_reason(reference, response, load_taxonomy("spatial")) is None
    assert find_reason(reference, response, load_taxonomy("counting")) == "wrong_taxonomy"


def test_given_errors_are_used() -> None:
    assert find_reason("A red cup", "A blue cup", errors=[]) == "no_error_span"
    assert find_reason("A red cup", "A blue cup", errors=[Span(2, 6, "red")]) is None


def test_the_taxonomies_own_paraphrases_are_rejected() -> None:
    pairs = [pair for taxonomy in load_taxonomies(["all"]) for pair in taxonomy.paraphrases]
    kept = [pair for pair in pairs if find_reason(pair.reference, pair.response) is None]
    assert pairs
    assert not kept


def test_the_taxonomies_own_cases_are_kept() -> None:
    cases = [(t, case) for t in load_taxonomies(["all"]) for case in t.cases if case.response]
    lost = []
    for taxonomy, case in cases:
        # A rule knows its errors; the diff takes an "or" that only agrees with "no" for one more.
        text = str(case.response)
        errors = [span for span in diff(case.reference, text).errors if text[span.start : span.end] in case.errors]
        reason = find_reason(case.reference, text, taxonomy, errors or None)
        lost += [(case, reason)] if reason else []
    assert cases
    assert not lost


def test_a_sibling_that_was_made_already() -> None:
    assert find_duplicate("Two red cups.", ["two red cups"]) == "duplicate_sibling"
    assert find_duplicate("Two red cups.", ["Two blue cups."]) is None
    assert find_duplicate("Two red cups.", []) is None


@given(st.text())
def test_a_text_is_no_error_of_itself(text: str) -> None:
    assert find_reason(text, text) == "no_op"


@given(st.text(max_size=60), st.text(max_size=60))
def test_any_two_texts_get_a_known_answer(one: str, other: str) -> None:
    assert find_reason(one, other) in (None, *REASONS)


def test_rows_come_back_in_order_with_keep_and_reason(tmp_path: Path) -> None:
    rows = [
        {"id": 7, "reference": "A red cup.", "response": "A blue cup."},
        {"reference": "A red cup.", "response": "A red cup."},
        {"reference": "A cup.", "response": "Two cups.", "taxonomy": "counting"},
        {"reference": "A cup.", "response": "A mug.", "taxonomy": "no_such"},
        {"reference": "A cup."},
    ]
    source, target = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    source.write_text("\n".join(map(json.dumps, rows)) + "\n{broken\n", encoding="utf-8")
    assert filter_file(source, target).number == 3
    found = [json.loads(line) for line in target.read_text(encoding="utf-8").splitlines()]
    assert [row["keep"] for row in found] == [True, False, True, False, False, False]
    assert [row["reason"] for row in found] == [None, "no_op", None, None, None, None]
    assert found[0] == {**rows[0], "keep": True, "reason": None}
    assert "no_such" in found[3]["error"]
    assert "response" in found[4]["error"]
    assert found[5]["line"] == "{broken"


def test_values_of_the_row_are_as_they_were_read() -> None:
    kept = '"id": 12345678901234567890123, "f": 1e999, "reference": "A cup", "response": "A cup"'
    for text in (f"{{{kept}}}", f'{{"keep": 1, {kept}, "reason": 2}}'):
        assert filter_line(text.encode()) == (f'{{{kept}, "keep":false,"reason":"no_op"}}\n'.encode(), None)
    assert json.loads(filter_line(b"{}")[0])["keep"] is False


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("a\0.yaml", "a\\x00.yaml"),
        ("\ud800.yaml", "\\ud800.yaml"),
        ("all", "allowed: one name"),
        (5, "allowed: one name"),
    ],
)
def test_an_odd_taxonomy_is_an_error_of_its_row(name: str | int, told: str) -> None:
    written, error = filter_line(json.dumps({"reference": "A cup", "response": "A pen", "taxonomy": name}).encode())
    assert error
    assert told in error
    assert json.loads(written)["error"] == error


def test_a_missing_file_is_one_clear_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"nothing\.jsonl"):
        filter_file(tmp_path / "nothing.jsonl", None)


@pytest.mark.skipif(not DATA.is_dir(), reason="needs ../shared/data")
def test_judged_pairs_keep_the_promised_shares(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(ROOT / "benchmarks"))
    spec = importlib.util.spec_from_file_location("filter_data", ROOT / "benchmarks" / "filter_data.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    pairs = [pair for pair in module.read_pairs() if not pair.tuning]
    kept = {True: [], False: []}  # type: dict[bool, list[bool]]
    for pair in pairs:
        kept[pair.meaning_kept].append(find_reason(pair.reference, pair.response) is None)
    assert sum(kept[False]) / len(kept[False]) >= 0.97
    assert sum(kept[True]) / len(kept[True]) <= 0.25
