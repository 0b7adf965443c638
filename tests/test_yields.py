import math

from hypothesis import given
from hypothesis import strategies as st

from tldr_data.yields import Tally, percent, wilson

ROW = {"verdict": "proved", "source": "made", "license": "CC0-1.0", "subtype": "colour", "attribution": "x"}


@given(st.integers(1, 10**6).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_the_interval_holds_the_share(counts: tuple[int, int]) -> None:
    low, high = wilson(*counts)
    assert 0 <= low <= counts[0] / counts[1] + 1e-12
    assert counts[0] / counts[1] <= high + 1e-12 <= 1 + 1e-12


def test_the_interval_narrows_like_one_over_root_n() -> None:
    widths = [high - low for low, high in (wilson(n // 2, n) for n in (1000, 4000))]
    assert math.isclose(widths[0] / widths[1], 2, rel_tol=0.01)


def test_known_interval() -> None:
    assert percent(0, 10) == "0.0% (0.0 to 27.8, n = 10)"


def test_what_was_kept_and_thrown_away_is_counted_by_subtype() -> None:
    tally = Tally(references=6)
    for _ in range(4):
        tally.add_reference("caption", ["attribute"])
    tally.rows["attribute"] = {"train": 2}
    for _ in range(2):
        tally.add_row("attribute", ROW)
    for reason in ("drift", "drift", "incoherent"):
        tally.add_rejected("attribute", {"subtype": "colour", "reason": reason})
    tally.add_rejected("attribute", {"subtype": "size", "reason": "drift"})
    counts = tally.to_json(["attribute"])["taxonomies"]["attribute"]
    assert (counts["site_rate"], counts["yield"]) == (0.4, 0.5)
    assert counts["rejected"] == {"drift": 3, "incoherent": 1}
    assert counts["subtypes"] == {
        "colour": {"accepted": 2, "rejected": {"drift": 2, "incoherent": 1}},
        "size": {"accepted": 0, "rejected": {"drift": 1}},
    }
