from dataclasses import replace

import pytest

from tldr_data.diff import diff
from tldr_data.example import Example
from tldr_data.perturb.modesty import is_of_writing, is_sprawling
from tldr_data.taxonomy import load_taxonomy


def changed(reference: str, response: str) -> Example:
    clean = Example(id="a", response=reference, source="s", license="l", attribution="", group="a")
    found = diff(reference, response)
    return replace(
        clean, kind="perturbed", reference=reference, response=response, edits=tuple(found.edits),
        errors=tuple(found.errors), collateral=tuple(found.collateral), taxonomy="object", verdict="unverified",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("taxonomy", "response", "sprawls"),
    [
        ("object", "A cat sits on a red bench beside a blue car and a tree.", False),
        ("object", "A cat sits on a red chair beside a blue car and a tree.", False),
        ("object", "A cat sits on a red chair beside a blue van and a tree.", True),
        ("binding", "A dog sits on a blue bench beside a red car and a tree.", False),
        ("object", "A dog sits on a red bench with the words of a very long song all over it beside a car.", True),
    ],
)  # fmt: skip
def test_one_small_change_is_not_half_a_caption(taxonomy: str, response: str, sprawls: bool) -> None:
    reference = "A dog sits on a red bench beside a blue car and a tree."
    assert is_sprawling(changed(reference, response), load_taxonomy(taxonomy)) is sprawls


@pytest.mark.parametrize(
    ("reference", "response", "is_writing"),
    [
        ('A sign says "STOP" above a door.', 'A sign says "EXIT" above a door.', True),
        ('A sign says "STOP" above a door.', 'A sign says "STOP" above a window.', False),
        ("A man in a yellow shirt.", 'A man in a yellow shirt with the words "HELLO WORLD".', True),
        ("A giraffe is kept indoors.", "A giraffe is kept outdoors.", False),
    ],
)
def test_of_writing_is_what_stands_in_writing(reference: str, response: str, is_writing: bool) -> None:
    assert is_of_writing(changed(reference, response)) is is_writing
