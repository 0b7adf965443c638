"""What answers questions got: counted in bounded memory, and kept as JSON."""

import json
import random

from tldr_data.perturb.vqa import observe_answers
from tldr_data.perturb.vqa.usage import ENOUGH, MOST_ANSWERS, MOST_CONTEXTS, AnswerUsage, drawn_order


def test_what_is_said_of_a_thing_counts_beside_what_is_said_of_all() -> None:
    sky = [("What color is the sky?", "Blue.")] * 30
    cars = [("What color is the car?", "Red.")] * 300
    usage = observe_answers([*sky, *cars])
    assert usage.share("What color is the sky?", "blue") > 0.5 > usage.share("What color is the sky?", "red")
    assert usage.share("What color is the house?", "red") > usage.share("What color is the house?", "blue") > 0
    assert usage.share("What color is the house?", "pink") > 0


def test_usage_comes_back_from_json() -> None:
    usage = observe_answers([("What color is the sky?", "Blue."), ("Who is it?", "A man."), ("Why?", "a b c d e f")])
    back = AnswerUsage.from_json(json.loads(json.dumps(usage.to_json())))
    assert back == usage
    assert "why" not in back.answers


def test_its_size_is_bounded() -> None:
    usage = observe_answers((f"What color is the x{n}?", f"a{n % 7919}") for n in range(5 * MOST_CONTEXTS))
    found = usage.to_json()
    assert len(found) <= MOST_CONTEXTS
    assert max(map(len, found.values())) <= MOST_ANSWERS
    assert "colour" in found


def test_what_hardly_any_question_is_answered_with_is_left_out_where_much_is_known() -> None:
    usage = observe_answers([("What color is the sky?", "Blue.")] * ENOUGH)
    assert drawn_order("What color is it?", ["blue", "pink"], usage, random.Random("0")) == ["blue"]
    known = observe_answers([("What color is the sky?", "Blue.")])
    assert sorted(drawn_order("What color is it?", ["blue", "pink"], known, random.Random("0"))) == ["blue", "pink"]
