"""Perturbed answers held against facts: all that are made of drawn scenes are proved, and none of them is true."""

import re
from dataclasses import replace
from itertools import islice

import pytest

from tldr_data.answering.kinds import NUMBERS
from tldr_data.building.admission import admit
from tldr_data.errors import RowError
from tldr_data.example import Example
from tldr_data.facts import Facts, Thing
from tldr_data.perturb.vqa import perturbed_answers
from tldr_data.sources import open_source, read
from tldr_data.taxonomy import load_taxonomies
from tldr_data.verify import verify

TAXONOMIES = {taxonomy.name: taxonomy for taxonomy in load_taxonomies(["all"])}


def kept(name: str, limit: int) -> tuple[int, list[Example]]:
    source = read(open_source(name, path=None, seed=5, limit=limit))
    examples = [each for each in source if not isinstance(each, RowError) and each.task == "vqa"]
    found = []
    for example in examples:
        for candidate in islice(perturbed_answers(example, list(TAXONOMIES.values()), 0), 4):
            judged, reason = admit(candidate, TAXONOMIES[str(candidate.taxonomy)], set())
            if reason is None:
                found.append(judged)
                break
    return len(examples), found


@pytest.mark.parametrize(("name", "share"), [("scenes", 0.8), ("scenes-easy", 0.98)])
def test_of_drawn_scenes_every_wrong_answer_is_proved(name: str, share: float) -> None:
    number, rows = kept(name, 25)
    assert {row.verdict for row in rows} == {"proved"}
    assert len(rows) >= share * number


def is_true(row: Example) -> bool | None:
    """What a wrong answer about an easy scene is, read anew from its facts; None where this reader cannot tell."""
    assert row.facts
    said = re.findall(r"[a-z]+", row.response.lower())
    noun = {form: thing for thing in row.facts.things for form in (thing.name, f"{thing.name}s")}
    asked = [word for word in re.findall(r"[a-z]+", row.prompt.lower()) if word in noun]
    if row.prompt.startswith("How many"):
        count = sum(thing.count for thing in row.facts.things if thing.name == noun[asked[0]].name)
        return any(NUMBERS.get(word) == count for word in said)
    if row.prompt.startswith("What color") and len(asked) == 1:
        return any(word in noun[asked[0]].attributes for word in said)
    if row.prompt.startswith("Is there"):
        return ("yes" in said) == bool(asked)
    return None


def test_no_wrong_answer_about_easy_scenes_is_true() -> None:
    _, rows = kept("scenes-easy", 60)
    decided = [is_true(row) for row in rows]
    assert True not in decided
    assert decided.count(False) > 0.6 * len(rows)


def answered(question: str, right: str, index: int = 0, **known: object) -> Example:
    facts = Facts(known.pop("things", ()), texts=known.pop("texts", ()))  # type: ignore[arg-type]
    clean = Example(
        id="t/1", prompt=question, response=right, task="vqa", source="t", license="CC0-1.0", attribution="",
        group="t/1", facts=facts, **known,  # type: ignore[arg-type]
    )  # fmt: skip
    return list(perturbed_answers(clean, list(TAXONOMIES.values()), 0))[index]


def test_what_facts_contradict_is_proved_and_what_they_leave_open_is_kept_other_than_of_captions() -> None:
    told = answered("What color is the couch?", "Purple.", things=(Thing("couch", ("purple",)),))
    assert verify(told)[:3:2] == ("proved", None)
    assert "couch: purple" in str(verify(told).evidence)
    assert verify(answered("What color is the couch?", "Purple.", texts=("a lamp",)))[:3:2] == ("unverified", None)


def test_what_could_be_true_is_rejected() -> None:
    wrong = answered("What color is the couch?", "Purple.")
    assert verify(wrong).reason is None
    new = wrong.response.strip(".").lower()
    for facts in (Facts((Thing("couch", (new,)),)), Facts((), texts=(f"a {new} sofa",))):
        assert verify(replace(wrong, facts=facts)).reason == "could_be_true"
    assert verify(replace(wrong, accepted=(new,))).reason == "could_be_true"
    assert verify(replace(wrong, facts=None)) == ("unverified", None, None)
