"""Exchanged arguments, voices and fronted places: what keeps the meaning, and what looks alike and does not."""

import pytest

from tldr_data.paraphrase import is_paraphrase


@pytest.mark.parametrize(
    ("reference", "response"),
    [
        ("A girl eats a pizza.", "A pizza is eaten by a girl."),
        ("A man walking a big dog in a mall.", "A big dog being walked by a man in a mall."),
        ("To the left of the tree, a bench stands.", "The tree is to the right of a bench."),
        ("The lamp is above the desk.", "The desk is below the lamp."),
        ("A man and a woman on a bench.", "A woman and a man on a bench."),
        ("A man with a hat on rides a horse.", "A man wearing a hat rides a horse."),
        ("A group of five sheep.", "A group of 5 sheep."),
        ("A kid walks across a road.", "A child crosses a road."),
        ("A clock tower by the sea.", "A tower with a clock by the sea."),
        ("A dog sleeps.", "An animal sleeps."),
    ],
)
def test_the_meaning_is_kept(reference: str, response: str) -> None:
    assert is_paraphrase(reference, response)


@pytest.mark.parametrize(
    ("reference", "response"),
    [
        ("A girl eats a pizza.", "A girl is eaten by a pizza."),
        ("A girl eats a pizza.", "A pizza eats a girl."),
        ("To the left of the tree is a bench.", "The tree is to the left of a bench."),
        ("To the left of the tree, a bench stands.", "To the right of the tree, a bench stands."),
        ("A dog stands on a motorcycle.", "A motorcycle stands on a dog."),
        ("A table with a lamp on it.", "A lamp with a table on it."),
        ("A group of five sheep.", "A group of 4 sheep."),
        ("A bag on the side of the box.", "A bag on the top of the box."),
        ("A kid walks across a road.", "A kid walks along a road."),
        ("An animal sleeps.", "A corgi sleeps."),
    ],
)
def test_the_meaning_is_changed(reference: str, response: str) -> None:
    assert not is_paraphrase(reference, response)
