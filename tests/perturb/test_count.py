"""Counts: what is written, what follows it for the grammar, and which sites are given up."""

import pytest

from tldr_data.example import apply_edits
from tldr_data.perturb import alternatives
from tldr_data.taxonomy import load_taxonomy


def found(text: str, name: str = "counting") -> set[str]:
    return {apply_edits(text, p.edits) for p in alternatives(text, load_taxonomy(name))}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("On the left, a duck swims.", "On the left, two ducks swim."),
        ("A cat sleeps while a dog sits on the rug.", "A cat sleeps while two dogs sit on the rug."),
        ("There is a dog that is asleep.", "There are three dogs that are asleep."),
        ("A dog and a cat are asleep.", "Two dogs and a cat are asleep."),
        ("Two dogs and a cat are asleep.", "One dog and a cat are asleep."),
        ("Hanging near the door is a towel.", "Hanging near the door are two towels."),
        ("In the crate sits a gray cat.", "In the crate sit two gray cats."),
        ("In the crate a dog holds a ball.", "In the crate a dog holds two balls."),
        ("A close-up of a snail.", "A close-up of two snails."),
        ("A car stands in front of a barn.", "A car stands in front of two barns."),
        ("A bowl of soup steams.", "Two bowls of soup steam."),
        ("A TV is on.", "Two TVs are on."),
        ("There are a few cups on the tray.", "There is a single cup on the tray."),
        ("A single candle is lit.", "Two candles are lit."),
    ],
)
def test_grammar_follows_the_number(text: str, expected: str) -> None:
    assert expected in found(text)


@pytest.mark.parametrize(
    "text",
    [
        "A man wearing a hat smiles.",  # each of three men would wear his own
        "A woman sits alone.",
        "A dog with the tail up barks.",
        "A cat sits on a chair.",
        "Two girls holding umbrellas wait, the two at the back wet.",
        "The soup is in a star shaped bowl.",
        "A large and small cow graze.",
        "A sheep grazes.",
        "The shelf is covered with many books.",
        "About two hours later the sun sets.",
        "A mug stands on the table. The mug is empty.",
        "A parrot sits there. In its cage, the bird sings.",
        "A Christmas Tree is lit.",
    ],
)
def test_a_count_that_would_read_wrong_is_given_up(text: str) -> None:
    assert not found(text)


def test_one_of_several_is_only_written_where_one_can_be_so() -> None:
    assert not {t for t in found("Two girls are holding umbrellas.") if t.startswith(("One", "A single"))}
    assert not {t for t in found("Two dogs face each other.") if t.startswith(("One", "A single"))}
    assert "One dog is asleep." in found("Two dogs are asleep.")


def test_a_single_mention_later_fits_only_more_than_there_were() -> None:
    texts = found("Three gulls are on the pier. The gull on the left is asleep.")
    assert "Four gulls are on the pier. The gull on the left is asleep." in texts
    assert not {t for t in texts if t.startswith(("Two", "One"))}
    assert not found("Three gulls are on the pier. The left gull is asleep.")


def test_only_the_word_that_differs_between_two_sets_is_an_error() -> None:
    (trio,) = (p for p in alternatives("A pair of hens runs.", load_taxonomy("counting")) if len(p.changes) == 1)
    assert trio.changes[0].replacement == "trio"


def test_loose_numbers_go_both_ways() -> None:
    assert "Two gulls are here." in found("Several gulls are here.")
    assert "Several gulls are here." in found("Two gulls are here.")
    assert "Many gulls are here." in found("A few gulls are here.")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("In the background of the picture is a red barn.", "In the background of the picture is a blue barn."),
        ("Part of a white gate is seen.", "Part of a black gate is seen."),
        ("A red kite can be seen in the distance.", "A blue kite can be seen in the distance."),
        ("A car with red flags and tents in the background.", "A car with blue flags and tents in the background."),
        ("A partially visible red bag lies there.", "A partially visible blue bag lies there."),
    ],
)  # fmt: skip
def test_what_the_text_puts_in_the_background_is_found(text: str, expected: str) -> None:
    assert expected in found(text, "small_object")


@pytest.mark.parametrize(
    "text",
    [
        "A man throws a red ball and a tent in the background.",
        "In the background, a red car passes a yellow bus.",
        "A clerk behind the counter holds a red mug.",
        "A red bike lies in front of a tree.",
    ],
)
def test_what_stands_elsewhere_keeps_its_colour(text: str) -> None:
    errors = {
        text[c.start : c.end]
        for p in alternatives(text, load_taxonomy("small_object"))
        for c in p.changes
        if not c.collateral
    }
    assert not errors & {"red ball", "ball", "yellow", "bus", "mug", "bike"}
    assert "red" not in errors or text.startswith("In the background")


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("Tiny white lights hang from the wall.", "Tiny black lights hang from the wall."),
        ("A person sits in a small, narrow boat.", "A person sits in a large, narrow boat."),
        ("A shallow pit has a partially visible short wall.", "A shallow pit has a partially visible tall wall."),
        ("In the background is a house.", "In the background are two houses."),
        ("Part of a large statue is visible.", "Part of a small statue is visible."),
        ("A button on a keyboard.", "Two buttons on a keyboard."),
        ("A surfer rides a small blue wave.", "A surfer rides a small white wave."),
        ("White bubble letters on a sign.", "Red bubble letters on a sign."),
        ("A blurred photograph of a child.", "Two blurred photographs of a child."),
    ],
)
def test_of_small_things_nothing_is_written_that_may_be_true(text: str, wrong: str) -> None:
    assert wrong not in found(text, "small_object")
